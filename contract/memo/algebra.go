package memo

import (
	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// algebra is an Algebra that computes each thing once.
type algebra struct {
	real  contract.Algebra
	table *Table
}

var _ contract.Algebra = (*algebra)(nil)

// Algebra returns an Algebra that asks real once for each fact, and for each
// point that is put together from others. It is safe for concurrent use.
func Algebra(t *Table, real contract.Algebra) contract.Algebra { return &algebra{real, t} }

// check is Of for a verdict.
func (a *algebra) check(name string, args any, f func() error) error {
	_, err := Try(a.table, name, args, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// Possession implements contract.Algebra, as do the methods that follow.
func (a *algebra) Possession(id sxp.ID, x bls.G2, proof bls.G1) error {
	type args struct {
		I sxp.ID
		X bls.G2
		P bls.G1
	}
	return a.check("possession", args{id, x, proof}, func() error { return a.real.Possession(id, x, proof) })
}

func (a *algebra) JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	type args struct {
		I sxp.ID
		Y bls.G1
		Z bls.G2
		P bls.G1
	}
	return a.check("juror", args{id, y, z, proof}, func() error { return a.real.JurorKey(id, y, z, proof) })
}

func (a *algebra) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	type args struct {
		X bls.G2
		P sxp.Hash
		D bls.G1
	}
	return a.check("verify draw", args{x, proposal, draw}, func() error { return a.real.Draw(x, proposal, draw) })
}

func (a *algebra) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	type args struct {
		X []bls.G2
		P sxp.Hash
		D []bls.G1
	}
	return a.check("verify draws", args{xs, proposal, draws}, func() error { return a.real.Draws(xs, proposal, draws) })
}

func (a *algebra) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	type args struct {
		X    bls.G2
		C    bls.Commitment
		N, T int
	}
	return a.check("commitment", args{x, c, n, t}, func() error { return a.real.Commitment(x, c, n, t) })
}

func (a *algebra) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	type args struct {
		M sxp.Hash
		Z []bls.G2
		C []bls.PromiseCheck
	}
	return a.check("promises", args{m, zs, checks}, func() error { return a.real.Promises(m, zs, checks) })
}

func (a *algebra) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	type args struct {
		M sxp.Hash
		C []bls.SharesCheck
	}
	return a.check("shares", args{m, checks}, func() error { return a.real.Shares(m, checks) })
}

func (a *algebra) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	type args struct {
		X bls.G2
		M sxp.Hash
		S bls.G1
	}
	return a.check("session", args{x, m, sig}, func() error { return a.real.Session(x, m, sig) })
}

func (a *algebra) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	type args struct {
		M sxp.Hash
		X []bls.G2
		S bls.G1
	}
	return a.check("aggregate", args{m, xs, s}, func() error { return a.real.Aggregate(m, xs, s) })
}

func (a *algebra) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	type args struct {
		S map[int]bls.G1
		T int
	}
	return Try(a.table, "recover", args{shares, t}, func() (bls.G1, error) { return a.real.Recover(shares, t) })
}

func (a *algebra) Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	type args struct {
		M sxp.Hash
		S []bls.G1
	}
	return Try(a.table, "combine", args{m, sigmas}, func() (bls.G1, error) { return a.real.Combine(m, sigmas) })
}

func (a *algebra) Seed(draws []bls.G1) (sxp.Hash, error) {
	return Try(a.table, "seed", draws, func() (sxp.Hash, error) { return a.real.Seed(draws) })
}
