package bls_test

import (
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
	"sxp/internal/bls"
)

// TestDrawsAreVerifiedTogether spoils draw shares, also so that what is off
// cancels in their sum, and asks for the verdict on all at once: with a memory,
// without, and without randomness. It must be that of the shares one by one,
// and name the first guilty party.
func TestDrawsAreVerifiedTogether(t *testing.T) {
	t.Parallel()
	proposal := sxp.Sum([]byte("a proposal"))
	var xs []bls.G2
	var good []bls.G1
	for range 3 {
		x := newSecret(t, rand.Reader)
		xs, good = append(xs, x.Public()), append(good, x.SignDraw(proposal))
	}
	_, _, g1, _ := gnark.Generators()
	shift := func(p *bls.G1, by int64) {
		var a, d gnark.G1Affine
		if _, err := a.SetBytes(p[:]); err != nil {
			t.Fatal(err)
		}
		*p = bls.G1(a.Add(&a, d.ScalarMultiplication(&g1, big.NewInt(by))).Bytes())
	}
	v := bls.NewVerifier(rand.Reader)
	for name, c := range map[string]struct {
		spoil func(xs []bls.G2, d []bls.G1)
		first int // guilty party, −1: none
	}{
		"nothing":             {func([]bls.G2, []bls.G1) {}, -1},
		"the first":           {func(_ []bls.G2, d []bls.G1) { shift(&d[0], 1) }, 0},
		"the last":            {func(_ []bls.G2, d []bls.G1) { shift(&d[2], 1) }, 2},
		"two that cancel":     {func(_ []bls.G2, d []bls.G1) { shift(&d[1], 5); shift(&d[2], -5) }, 1},
		"three that cancel":   {func(_ []bls.G2, d []bls.G1) { shift(&d[0], 5); shift(&d[1], 2); shift(&d[2], -7) }, 0},
		"two exchanged":       {func(_ []bls.G2, d []bls.G1) { d[1], d[2] = d[2], d[1] }, 1},
		"keys exchanged":      {func(xs []bls.G2, _ []bls.G1) { xs[0], xs[2] = xs[2], xs[0] }, 0},
		"a key off its group": {func(xs []bls.G2, _ []bls.G1) { xs[1] = g2Outside(t) }, 1},
		"no point":            {func(_ []bls.G2, d []bls.G1) { d[2] = bls.G1{0x80, 1} }, 2},
		"wrong, then none":    {func(_ []bls.G2, d []bls.G1) { shift(&d[0], 1); d[2] = bls.G1{} }, 0},
		"none, then wrong":    {func(_ []bls.G2, d []bls.G1) { d[0] = bls.G1{}; shift(&d[2], 1) }, 0},
	} {
		keys, draws := slices.Clone(xs), slices.Clone(good)
		c.spoil(keys, draws)
		single, first := error(nil), -1
		for i := range draws {
			if err := bls.VerifyDraw(keys[i], proposal, draws[i]); err != nil {
				single, first = err, i
				break
			}
		}
		if first != c.first {
			t.Errorf("%s: one by one, party %d is guilty, want %d", name, first, c.first)
		}
		for how, err := range map[string]error{
			"with a memory":      v.VerifyDraws(keys, proposal, draws),
			"without":            bls.VerifyDraws(rand.Reader, keys, proposal, draws),
			"without randomness": bls.VerifyDraws(nil, keys, proposal, draws),
		} {
			var blame *bls.BlameError
			switch {
			case c.first < 0 && err != nil:
				t.Errorf("%s, %s: %v", name, how, err)
			case c.first >= 0 && (!errors.As(err, &blame) || blame.Index != c.first || !errors.Is(err, sxp.Invalid) || sxp.Reason(blame.Err) != sxp.Reason(single)):
				t.Errorf("%s, %s: %v, want what party %d alone gives: %v", name, how, err, c.first, single)
			}
		}
	}
	for _, sizes := range [][2]int{{0, 0}, {3, 2}, {2, 3}, {bls.MaxChecks + 1, bls.MaxChecks + 1}} {
		if err := v.VerifyDraws(make([]bls.G2, sizes[0]), proposal, make([]bls.G1, sizes[1])); !errors.Is(err, sxp.TooLarge) {
			t.Errorf("%d shares of %d parties: %v, want toolarge", sizes[1], sizes[0], err)
		}
	}
}
