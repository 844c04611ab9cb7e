package bls_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

func TestSmoke(t *testing.T) {
	for _, size := range []struct{ n, t int }{{1, 1}, {3, 2}, {15, 8}} {
		var ys []bls.G1
		var zs []bls.G2
		var sec []*bls.Secret
		for range size.n {
			y, err := bls.NewSecret(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			sec = append(sec, y)
			ys, zs = append(ys, y.PublicG1()), append(zs, y.Public())
		}
		m := sxp.Hash{1}
		var checks []bls.PromiseCheck
		var xs []*bls.Secret
		for range 3 {
			x, _ := bls.NewSecret(rand.Reader)
			c, o, err := bls.Commit(rand.Reader, x, size.t)
			if err != nil {
				t.Fatal(err)
			}
			if err := bls.CheckCommitment(x.Public(), c, size.n, size.t); err != nil {
				t.Fatal(err)
			}
			p, err := bls.MakePromise(x, o, m, ys)
			if err != nil {
				t.Fatal(err)
			}
			xs = append(xs, x)
			checks = append(checks, bls.PromiseCheck{X: x.Public(), Commitment: c, Promise: p})
		}
		if err := bls.VerifyPromises(rand.Reader, m, zs, checks); err != nil {
			t.Fatal(err)
		}
		shares := map[int]bls.G1{}
		for j := size.n; j > size.n-size.t; j-- {
			s, err := sec[j-1].OpenShare(checks[0].Promise[j-1], checks[0].Commitment.U)
			if err != nil {
				t.Fatal(err)
			}
			if err := bls.VerifyShare(m, checks[0].X, checks[0].Commitment, j, s); err != nil {
				t.Fatal(err)
			}
			shares[j] = s
		}
		if err := bls.VerifyShares(rand.Reader, m, []bls.SharesCheck{{X: checks[0].X, Commitment: checks[0].Commitment, Shares: shares}}); err != nil {
			t.Fatal(err)
		}
		sig, err := bls.Recover(shares, size.t)
		if err != nil {
			t.Fatal(err)
		}
		if sig != xs[0].SignSession(m) {
			t.Error("recovered another signature")
		}
		checks[1].Promise[0] = checks[2].Promise[0]
		err = bls.VerifyPromises(rand.Reader, m, zs, checks)
		blame := (*bls.BlameError)(nil)
		if !errors.As(err, &blame) || blame.Index != 1 {
			t.Errorf("blame %v", err)
		}
	}
}
