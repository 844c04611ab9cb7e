package jury_test

import (
	"encoding/json"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// remembering computes each verdict on points once: what fuzzing changes is
// mostly refused before, and what it leaves as it was costs no pairing again.
// A fuzz target runs one input at a time.
type remembering struct {
	contract.Algebra
	known map[string]error
}

func (r *remembering) once(what string, check func() error, args ...any) error {
	b, err := json.Marshal(args)
	if err != nil {
		return err
	}
	key := what + string(b)
	if err, ok := r.known[key]; ok {
		return err
	}
	if len(r.known) >= 4096 {
		clear(r.known)
	}
	err = check()
	r.known[key] = err
	return err
}

func (r *remembering) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	return r.once("draws", func() error { return r.Algebra.Draws(xs, proposal, draws) }, xs, proposal, draws)
}

func (r *remembering) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	return r.once("commitment", func() error { return r.Algebra.Commitment(x, c, n, t) }, x, c, n, t)
}

func (r *remembering) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	return r.once("promises", func() error { return r.Algebra.Promises(m, zs, checks) }, m, zs, checks)
}

func (r *remembering) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	return r.once("shares", func() error { return r.Algebra.Shares(m, checks) }, m, checks)
}
