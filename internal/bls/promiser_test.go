package bls_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

// TestKnownJurorsChangeNoPromise makes each promise with a memory, the second
// time with all keys in it, and without one. A key that is no point is refused
// each time, and leaves the opening as it was.
func TestKnownJurorsChangeNoPromise(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 15, 8, 1)
	_, o, err := bls.Commit(rand.Reader, s.parties[0], s.t)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := o.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	opening := func() *bls.Opening { return must(bls.ParseOpening(kept)) }
	want := must(bls.MakePromise(s.parties[0], opening(), s.m, s.ys))
	k := bls.NewPromiser()
	for round := range 3 {
		if got := must(k.MakePromise(s.parties[0], opening(), s.m, s.ys)); !slices.Equal(got, want) {
			t.Errorf("round %d: another promise than without a memory", round)
		}
		bad, o := slices.Clone(s.ys), opening()
		bad[14] = bls.G1{0x80, 1}
		if _, err := k.MakePromise(s.parties[0], o, s.m, bad); !errors.Is(err, sxp.Invalid) {
			t.Errorf("round %d: a key that is no point: %v, want invalid", round, err)
		}
		if got := must(k.MakePromise(s.parties[0], o, s.m, s.ys)); !slices.Equal(got, want) {
			t.Errorf("round %d: the refused key used up the opening", round)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
