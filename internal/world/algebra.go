package world

import (
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A sharedAlgebra verifies every fact once for all actors of a simulation:
// what one juror has found good, another need not compute again, since each
// check is a fixed function of its arguments. Wrong facts are remembered too.
type sharedAlgebra struct {
	real contract.Algebra
	mu   sync.Mutex // guards known
	// known holds the verdict on each fact, by the hash of all its arguments.
	known map[sxp.Hash]error
}

var _ contract.Algebra = (*sharedAlgebra)(nil)

func newSharedAlgebra(real contract.Algebra) *sharedAlgebra {
	return &sharedAlgebra{real: real, known: make(map[sxp.Hash]error)}
}

// once returns the verdict on a fact, which check computes the first time.
func (a *sharedAlgebra) once(what string, fact any, check func() error) error {
	b, err := envelope.Marshal(fact)
	if err != nil {
		return check()
	}
	h := sxp.Sum([]byte(what), b)
	a.mu.Lock()
	verdict, known := a.known[h]
	a.mu.Unlock()
	if known {
		return verdict
	}
	verdict = check()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[h] = verdict
	return verdict
}

// Possession implements contract.Algebra, as do the methods that follow.
func (a *sharedAlgebra) Possession(id sxp.ID, x bls.G2, proof bls.G1) error {
	type fact struct {
		I sxp.ID
		X bls.G2
		P bls.G1
	}
	return a.once("possession", fact{id, x, proof}, func() error { return a.real.Possession(id, x, proof) })
}

func (a *sharedAlgebra) JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	type fact struct {
		I sxp.ID
		Y bls.G1
		Z bls.G2
		P bls.G1
	}
	return a.once("juror", fact{id, y, z, proof}, func() error { return a.real.JurorKey(id, y, z, proof) })
}

func (a *sharedAlgebra) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	type fact struct {
		X bls.G2
		P sxp.Hash
		D bls.G1
	}
	return a.once("draw", fact{x, proposal, draw}, func() error { return a.real.Draw(x, proposal, draw) })
}

func (a *sharedAlgebra) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	type fact struct {
		X []bls.G2
		P sxp.Hash
		D []bls.G1
	}
	return a.once("draws", fact{xs, proposal, draws}, func() error { return a.real.Draws(xs, proposal, draws) })
}

func (a *sharedAlgebra) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	type fact struct {
		X    bls.G2
		C    bls.Commitment
		N, T int
	}
	return a.once("commitment", fact{x, c, n, t}, func() error { return a.real.Commitment(x, c, n, t) })
}

func (a *sharedAlgebra) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	type fact struct {
		M sxp.Hash
		Z []bls.G2
		C []bls.PromiseCheck
	}
	return a.once("promises", fact{m, zs, checks}, func() error { return a.real.Promises(m, zs, checks) })
}

func (a *sharedAlgebra) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	type fact struct {
		M sxp.Hash
		C []bls.SharesCheck
	}
	return a.once("shares", fact{m, checks}, func() error { return a.real.Shares(m, checks) })
}

func (a *sharedAlgebra) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	type fact struct {
		X bls.G2
		M sxp.Hash
		S bls.G1
	}
	return a.once("session", fact{x, m, sig}, func() error { return a.real.Session(x, m, sig) })
}

func (a *sharedAlgebra) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	type fact struct {
		M sxp.Hash
		X []bls.G2
		S bls.G1
	}
	return a.once("aggregate", fact{m, xs, s}, func() error { return a.real.Aggregate(m, xs, s) })
}

// Recover implements contract.Algebra; what it computes is verified afterwards.
func (a *sharedAlgebra) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	return a.real.Recover(shares, t)
}

// Combine implements contract.Algebra.
func (a *sharedAlgebra) Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	return a.real.Combine(m, sigmas)
}

// Seed implements contract.Algebra.
func (a *sharedAlgebra) Seed(draws []bls.G1) (sxp.Hash, error) { return a.real.Seed(draws) }
