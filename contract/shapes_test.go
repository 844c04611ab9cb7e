package contract_test

import (
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/memo"
	"sxp/internal/bls"
)

// shapes is an Algebra for fuzzing: points are what has the flags of a point
// and does not end in ff, and every equation of points holds. So fuzzing spends
// its time on decoders and machines, which see both verdicts; the mathematics
// has tests of its own.
type shapes struct{}

// fuzzWorld is worldOf without pairings.
func fuzzWorld(tb testing.TB, N, n int) *world { return worldWith(tb, memo.New(1<<20), shapes{}, N, n) }

func shaped(op string, points ...[]byte) error {
	for _, p := range points {
		if p[0]&0xc0 != 0x80 || p[len(p)-1] == 0xff {
			return sxp.Errorf(op, sxp.Invalid, nil, "not a point")
		}
	}
	return nil
}

func (shapes) Possession(_ sxp.ID, x bls.G2, proof bls.G1) error {
	return shaped("Possession", x[:], proof[:])
}
func (shapes) JurorKey(_ sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	return shaped("JurorKey", y[:], z[:], proof[:])
}
func (shapes) Draw(x bls.G2, _ sxp.Hash, draw bls.G1) error { return shaped("Draw", x[:], draw[:]) }
func (s shapes) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	for i := range draws {
		if err := s.Draw(xs[i], proposal, draws[i]); err != nil {
			return &bls.BlameError{Index: i, Err: err}
		}
	}
	return nil
}
func (shapes) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	if t < 1 || t > n || len(c.A) != t-1 {
		return sxp.Errorf("Commitment", sxp.Invalid, nil, "exactly t-1 points")
	}
	for i := range c.A {
		if err := shaped("Commitment", c.A[i][:]); err != nil {
			return err
		}
	}
	return shaped("Commitment", x[:], c.U[:])
}
func (s shapes) Promises(_ sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	for i, c := range checks {
		if len(c.Promise) != len(zs) {
			return &bls.BlameError{Index: i, Err: sxp.Errorf("Promises", sxp.Invalid, nil, "a point for each seat")}
		}
		for _, p := range c.Promise {
			if err := shaped("Promises", p[:]); err != nil {
				return &bls.BlameError{Index: i, Err: err}
			}
		}
	}
	return nil
}
func (shapes) Shares(_ sxp.Hash, checks []bls.SharesCheck) error {
	for i, c := range checks {
		for _, p := range c.Shares {
			if err := shaped("Shares", p[:]); err != nil {
				return &bls.BlameError{Index: i, Err: err}
			}
		}
	}
	return nil
}
func (shapes) Session(x bls.G2, _ sxp.Hash, sig bls.G1) error {
	return shaped("Session", x[:], sig[:])
}
func (shapes) Aggregate(_ sxp.Hash, _ []bls.G2, s bls.G1) error { return shaped("Aggregate", s[:]) }

func (shapes) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	if len(shares) < t {
		return bls.G1{}, sxp.Errorf("Recover", sxp.Early, nil, "fewer than t shares")
	}
	return bls.G1{0x80}, nil
}
func (shapes) Combine(_ sxp.Hash, sigmas []bls.G1) (bls.G1, error) { return sigmas[0], nil }
func (shapes) Seed(draws []bls.G1) (sxp.Hash, error)               { return sxp.Sum(draws[0][:]), nil }

var _ contract.Algebra = shapes{}
