//go:build !js

package bls_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"sxp/internal/bls"
)

// onCores returns what f does on each number of cores.
func onCores(t *testing.T, f func() error) map[int]string {
	t.Helper()
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	all := map[int]string{}
	for _, n := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(n)
		all[n] = fmt.Sprint(f())
	}
	return all
}

// same fails unless f says on any number of cores what it says on one.
func same(t *testing.T, what string, f func() error) string {
	t.Helper()
	all := onCores(t, f)
	for n, got := range all {
		if got != all[1] {
			t.Errorf("%s: on %d cores %q, on one %q", what, n, got, all[1])
		}
	}
	return all[1]
}

// TestCoresAgree breaks promises and shares in one place and in several, and
// wants the verdict, the error and the blame of one core on any number.
func TestCoresAgree(t *testing.T) {
	const n, threshold, parties = 40, 20, 3
	s := newSession(t, rand.Reader, n, threshold, parties)
	bad, other := bls.G1{0x80, 1}, s.checks[0].Promise[1]
	var badG2 bls.G2
	whole := func() []bls.PromiseCheck {
		checks := slices.Clone(s.checks)
		for i := range checks {
			checks[i].Promise = slices.Clone(checks[i].Promise)
			checks[i].Commitment.A = slices.Clone(checks[i].Commitment.A)
		}
		return checks
	}
	verdicts := map[string]bool{}
	for _, c := range []struct {
		name  string
		forge func(c []bls.PromiseCheck, zs []bls.G2)
	}{
		{"whole", func([]bls.PromiseCheck, []bls.G2) {}},
		{"a key Z", func(_ []bls.PromiseCheck, zs []bls.G2) { zs[n-1] = badG2 }},
		{"two points", func(c []bls.PromiseCheck, _ []bls.G2) { c[2].Promise[0], c[1].Promise[n-1] = bad, bad }},
		{"points everywhere", func(c []bls.PromiseCheck, _ []bls.G2) {
			for i := range c {
				for j := range c[i].Promise {
					c[i].Promise[(i+j)%n] = bad
				}
			}
		}},
		{"a point, and a missing one before", func(c []bls.PromiseCheck, _ []bls.G2) {
			c[0].Promise, c[2].Promise[0] = c[0].Promise[1:], bad
		}},
		{"a coefficient and U", func(c []bls.PromiseCheck, _ []bls.G2) {
			c[1].Commitment.A[threshold-2], c[1].Commitment.U = badG2, bad
		}},
		{"too many coefficients", func(c []bls.PromiseCheck, _ []bls.G2) { c[1].Commitment.A = make([]bls.G2, bls.MaxSeats) }},
		{"a key X", func(c []bls.PromiseCheck, _ []bls.G2) { c[2].X = badG2 }},
		{"another seat's point", func(c []bls.PromiseCheck, _ []bls.G2) { c[0].Promise[0] = other }},
		{"another seat's point in two", func(c []bls.PromiseCheck, _ []bls.G2) { c[1].Promise[0], c[2].Promise[3] = other, other }},
	} {
		checks, zs := whole(), slices.Clone(s.zs)
		c.forge(checks, zs)
		verdicts[same(t, c.name, func() error { return bls.VerifyPromises(rand.Reader, s.m, zs, checks) })] = true
		v := bls.NewVerifier(rand.Reader)
		same(t, c.name+", with a memory", func() error { return v.VerifyPromises(s.m, zs, checks) })
		same(t, c.name+", the commitment", func() error {
			return bls.CheckCommitment(checks[1].X, checks[1].Commitment, n, threshold)
		})
	}
	if !verdicts["<nil>"] || len(verdicts) < 8 {
		t.Errorf("the cases have only these verdicts: %q", slices.Collect(maps.Keys(verdicts)))
	}
	coresAgreeOnShares(t, s)
}

func coresAgreeOnShares(t *testing.T, s *session) {
	bad := bls.G1{0x80, 1}
	for _, c := range []struct {
		name  string
		forge func(c []bls.SharesCheck)
	}{
		{"whole", func([]bls.SharesCheck) {}},
		{"no point", func(c []bls.SharesCheck) { c[1].Shares[2], c[1].Shares[5], c[2].Shares[1] = bad, bad, bad }},
		{"no seat", func(c []bls.SharesCheck) { c[1].Shares[0], c[2].Shares[1] = bad, bad }},
		{"no shares", func(c []bls.SharesCheck) { c[0].Shares, c[1].Shares[2] = nil, bad }},
		{"swapped", func(c []bls.SharesCheck) { c[2].Shares[1], c[2].Shares[2] = c[2].Shares[2], c[2].Shares[1] }},
	} {
		checks := s.shareChecks(t)
		for i := range checks {
			checks[i].Shares = maps.Clone(checks[i].Shares)
		}
		c.forge(checks)
		got := same(t, "shares: "+c.name, func() error { return bls.VerifyShares(rand.Reader, s.m, checks) })
		if (got == "<nil>") != (c.name == "whole") {
			t.Errorf("shares: %s: %s", c.name, got)
		}
		same(t, "recovery: "+c.name, func() error {
			sig, err := bls.Recover(checks[2].Shares, s.t)
			return errors.Join(err, errors.New(sig.String()))
		})
	}
}

// TestStepsFailAsALoop has some steps fail or panic, many times: the first of
// them decides, and when run returns nothing of it runs any more.
func TestStepsFailAsALoop(t *testing.T) {
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	for round := range 300 {
		first := 3 + round%20
		var running, ran atomic.Int64
		list := make([]func() error, 60)
		for i := range list {
			list[i] = func() error {
				running.Add(1)
				defer running.Add(-1)
				ran.Add(1)
				for range i % 7 {
					runtime.Gosched()
				}
				switch {
				case i == first && round%2 == 1:
					panic(i)
				case i >= first:
					return fmt.Errorf("%d", i)
				}
				return nil
			}
		}
		panicked, err := bls.RunSteps(list)
		if running.Load() != 0 {
			t.Fatalf("%d steps still run", running.Load())
		}
		if ran.Load() == int64(len(list)) && first < 10 {
			t.Errorf("all steps ran, though step %d failed", first)
		}
		if round%2 == 1 {
			if !reflect.DeepEqual(panicked, first) {
				t.Fatalf("panicked with %v, want %d", panicked, first)
			}
		} else if panicked != nil || err == nil || err.Error() != fmt.Sprint(first) {
			t.Fatalf("failed with %v (%v), want %d", err, panicked, first)
		}
	}
	var total atomic.Int64
	list := make([]func() error, 1000)
	for i := range list {
		list[i] = func() error { total.Add(int64(i)); return nil }
	}
	if _, err := bls.RunSteps(list); err != nil || total.Load() != 999*1000/2 {
		t.Errorf("steps that succeed: %v, sum %d", err, total.Load())
	}
}
