package contract

import (
	"errors"
	"io"
	"sync"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// An Algebra verifies points and puts them together. The machines reach all
// public-key mathematics except Ed25519 through it, so that a process can share
// what it has verified, and a simulation can put ideal objects in its place.
// Every method is a fixed function of its arguments. It is safe for concurrent
// use.
type Algebra interface {
	Possession(id sxp.ID, x bls.G2, proof bls.G1) error
	JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error
	Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error
	Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error // Draw of all parties; a *bls.BlameError names the guilty
	Commitment(x bls.G2, c bls.Commitment, n, t int) error
	Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error // a *bls.BlameError names the guilty
	Shares(m sxp.Hash, checks []bls.SharesCheck) error                 // a *bls.BlameError names the guilty
	Session(x bls.G2, m sxp.Hash, sig bls.G1) error
	Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error

	// What follows verifies nothing: whoever calls it verifies what comes out,
	// or has verified what goes in.

	Recover(shares map[int]bls.G1, t int) (bls.G1, error) // a signature from t shares, by seat; see bls.Recover
	Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error)  // S from all signatures; see bls.Aggregate
	Seed(draws []bls.G1) (sxp.Hash, error)                // of the draw; see bls.SumHash
}

// NewAlgebra returns the real mathematics. rand is crypto/rand.Reader: it
// draws the coefficients of batch checks. Keys that were found good are
// remembered, at most maxKnownKeys of them, since the same jurors and parties
// return in every session.
func NewAlgebra(rand io.Reader) Algebra {
	return &algebra{verifier: bls.NewVerifier(rand), known: map[sxp.Hash]bool{}}
}

// maxKnownKeys bounds the memory of an Algebra: 32 bytes for each key.
const maxKnownKeys = 65_536

type algebra struct {
	verifier *bls.Verifier
	mu       sync.Mutex // guards known
	known    map[sxp.Hash]bool
}

// once calls check unless the same check has passed before.
func (a *algebra) once(what string, fact any, check func() error) error {
	b, err := envelope.Marshal(fact)
	if err != nil {
		return err
	}
	h := sxp.Sum([]byte(what), b)
	a.mu.Lock()
	known := a.known[h]
	a.mu.Unlock()
	if known {
		return nil
	}
	if err := check(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxKnownKeys {
		clear(a.known)
	}
	a.known[h] = true
	return nil
}

func (a *algebra) Possession(id sxp.ID, x bls.G2, proof bls.G1) error {
	type fact struct {
		I sxp.ID
		X bls.G2
		P bls.G1
	}
	return a.once("possession", fact{id, x, proof}, func() error {
		return bls.VerifyPossession(bls.RoleParty, id, x, proof)
	})
}

func (a *algebra) JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	type fact struct {
		I sxp.ID
		Y bls.G1
		Z bls.G2
		P bls.G1
	}
	return a.once("juror", fact{id, y, z, proof}, func() error {
		return bls.VerifyJurorKey(id, y, z, proof)
	})
}

func (a *algebra) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	return a.verifier.VerifyDraw(x, proposal, draw)
}

func (a *algebra) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	return a.verifier.VerifyDraws(xs, proposal, draws)
}

func (a *algebra) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	return a.verifier.CheckCommitment(x, c, n, t)
}

func (a *algebra) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	return a.verifier.VerifyPromises(m, zs, checks)
}

func (a *algebra) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	return a.verifier.VerifyShares(m, checks)
}

func (a *algebra) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	return bls.VerifySession(x, m, sig)
}

func (a *algebra) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	return bls.VerifyAggregate(m, xs, s)
}

func (a *algebra) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	return bls.Recover(shares, t)
}

func (a *algebra) Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	return bls.Aggregate(m, sigmas)
}

func (a *algebra) Seed(draws []bls.G1) (sxp.Hash, error) { return bls.SumHash(draws) }

// guilty returns the index that a *bls.BlameError in err names.
func guilty(err error) (int, bool) {
	var b *bls.BlameError
	if errors.As(err, &b) {
		return b.Index, true
	}
	return 0, false
}
