package bls_test

import (
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"sync"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
	"sxp/internal/bls"
)

// TestMemoryChangesNoVerdict asks a Verifier everything twice, and beside it
// the functions that remember nothing: good points, and each kind of bad one.
func TestMemoryChangesNoVerdict(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 5, 3, 2)
	other := newSession(t, rand.Reader, 5, 3, 2)
	v := bls.NewVerifier(rand.Reader)
	c, x := s.checks[0].Commitment, s.checks[0].X
	outside := g2Outside(t)
	draw := s.parties[0].SignDraw(s.m)
	for name, verdicts := range map[string]func() (with, without error){
		"commitment": func() (error, error) {
			return v.CheckCommitment(x, c, 5, 3), bls.CheckCommitment(x, c, 5, 3)
		},
		"commitment of another t": func() (error, error) {
			return v.CheckCommitment(x, c, 5, 2), bls.CheckCommitment(x, c, 5, 2)
		},
		"commitment off the subgroup": func() (error, error) {
			bad := bls.Commitment{A: []bls.G2{outside, c.A[1]}, U: c.U}
			return v.CheckCommitment(x, bad, 5, 3), bls.CheckCommitment(x, bad, 5, 3)
		},
		"promises": func() (error, error) {
			return v.VerifyPromises(s.m, s.zs, s.checks), bls.VerifyPromises(rand.Reader, s.m, s.zs, s.checks)
		},
		"promises of others": func() (error, error) {
			return v.VerifyPromises(s.m, s.zs, other.checks), bls.VerifyPromises(rand.Reader, s.m, s.zs, other.checks)
		},
		"promises to a key off the subgroup": func() (error, error) {
			zs := append([]bls.G2{outside}, s.zs[1:]...)
			return v.VerifyPromises(s.m, zs, s.checks), bls.VerifyPromises(rand.Reader, s.m, zs, s.checks)
		},
		"shares": func() (error, error) {
			checks := s.shareChecks(t)
			return v.VerifyShares(s.m, checks), bls.VerifyShares(rand.Reader, s.m, checks)
		},
		"shares of others": func() (error, error) {
			checks := other.shareChecks(t)
			return v.VerifyShares(s.m, checks), bls.VerifyShares(rand.Reader, s.m, checks)
		},
		"draw": func() (error, error) {
			return v.VerifyDraw(x, s.m, draw), bls.VerifyDraw(x, s.m, draw)
		},
		"draw of another": func() (error, error) {
			return v.VerifyDraw(other.checks[0].X, s.m, draw), bls.VerifyDraw(other.checks[0].X, s.m, draw)
		},
	} {
		for range 2 {
			with, without := verdicts()
			if (with == nil) != (without == nil) || with != nil && with.Error() != without.Error() {
				t.Errorf("%s: %v with a memory, %v without", name, with, without)
			}
		}
	}
}

// TestVerdictIsThatOfSingleEquations spoils promises so that what is off
// cancels in sums: between seats, between parties, between both, and between a
// promise and its U. Both ways to verify must say the same of whom.
func TestVerdictIsThatOfSingleEquations(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 3)
	_, _, g1, _ := gnark.Generators()
	shift := func(p *bls.G1, by int64) {
		var a, d gnark.G1Affine
		if _, err := a.SetBytes(p[:]); err != nil {
			t.Fatal(err)
		}
		d.ScalarMultiplication(&g1, big.NewInt(by))
		*p = bls.G1(a.Add(&a, &d).Bytes())
	}
	for name, spoil := range map[string]func(c []bls.PromiseCheck){
		"nothing":             func([]bls.PromiseCheck) {},
		"one point":           func(c []bls.PromiseCheck) { shift(&c[1].Promise[2], 1) },
		"two seats cancel":    func(c []bls.PromiseCheck) { shift(&c[1].Promise[0], 5); shift(&c[1].Promise[1], -5) },
		"two parties cancel":  func(c []bls.PromiseCheck) { shift(&c[0].Promise[1], 7); shift(&c[2].Promise[1], -7) },
		"the last party only": func(c []bls.PromiseCheck) { shift(&c[2].Promise[0], -1) },
		"both cancel crosswise": func(c []bls.PromiseCheck) {
			shift(&c[0].Promise[0], 1)
			shift(&c[0].Promise[1], -1)
			shift(&c[1].Promise[0], -1)
			shift(&c[1].Promise[1], 1)
		},
		"parties exchanged": func(c []bls.PromiseCheck) { c[0].Promise, c[1].Promise = c[1].Promise, c[0].Promise },
		"seats exchanged":   func(c []bls.PromiseCheck) { c[1].Promise[0], c[1].Promise[1] = c[1].Promise[1], c[1].Promise[0] },
		"U exchanged": func(c []bls.PromiseCheck) {
			c[0].Commitment.U, c[1].Commitment.U = c[1].Commitment.U, c[0].Commitment.U
		},
		"U shifted": func(c []bls.PromiseCheck) { shift(&c[2].Commitment.U, 1) },
	} {
		checks := slices.Clone(s.checks)
		for i := range checks {
			checks[i].Promise = slices.Clone(checks[i].Promise)
		}
		spoil(checks)
		fast, slow := bls.VerifyPromises(rand.Reader, s.m, s.zs, checks), bls.VerifyPromisesNaively(s.m, s.zs, checks)
		if (fast == nil) != (name == "nothing") || (slow == nil) != (name == "nothing") {
			t.Errorf("%s: together %v, one by one %v", name, fast, slow)
			continue
		}
		var a, b *bls.BlameError
		if fast != nil && (!errors.As(fast, &a) || !errors.As(slow, &b) || a.Index != b.Index || !errors.Is(fast, sxp.Invalid)) {
			t.Errorf("%s: together %v, one by one %v", name, fast, slow)
		}
	}
}

// TestMemoryIsBounded gives a Verifier more keys than it holds, from many
// goroutines, while one key keeps being asked for.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	v := bls.NewVerifier(rand.Reader)
	_, _, _, g := gnark.Generators()
	var step gnark.G2Jac
	step.FromAffine(&g)
	key := bls.G2(g.Bytes())
	points := make([]bls.G2, 5*bls.MaxDecoded)
	for i := range points {
		step.AddMixed(&g)
		var p gnark.G2Affine
		points[i] = bls.G2(p.FromJacobian(&step).Bytes())
	}
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Go(func() {
			for i := part; i < len(points); i += 2 {
				if err := v.Decode(points[i]); err != nil {
					t.Errorf("point %d: %v", i, err)
				}
				if err := v.Decode(key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := v.Remembered(); n > 2*bls.MaxDecoded {
		t.Errorf("%d points are remembered, at most %d may be", n, 2*bls.MaxDecoded)
	}
	if !v.Knows(key) {
		t.Error("a key that is asked for all the time is forgotten")
	}
	if v.Knows(points[0]) {
		t.Error("the first point of many is still remembered")
	}
	bad := g2Outside(t)
	for range 2 {
		if !errors.Is(v.Decode(bad), sxp.Invalid) || v.Knows(bad) {
			t.Error("a point off the subgroup is remembered")
		}
	}
}

// g2Outside returns a point of the curve of G2 that is not in the subgroup.
func g2Outside(t *testing.T) bls.G2 {
	t.Helper()
	var x gnark.E2
	x.A0.SetUint64(3)
	p := gnark.GeneratePointNotInG2(x)
	var a gnark.G2Affine
	a.FromJacobian(&p)
	if a.IsInSubGroup() || !a.IsOnCurve() {
		t.Fatal("the point is of no use")
	}
	return bls.G2(a.Bytes())
}
