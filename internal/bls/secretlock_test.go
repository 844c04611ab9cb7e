package bls_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

func lockKeys(t *testing.T) (w, x *bls.Secret) {
	t.Helper()
	var out [2]*bls.Secret
	for i := range out {
		var err error
		if out[i], err = bls.NewSecret(rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return out[0], out[1]
}

// TestLockOpensBySignatureOnly: the lock verifies, gives the key of the sealed
// text with the signature, and with nothing else.
func TestLockOpensBySignatureOnly(t *testing.T) {
	w, x := lockKeys(t)
	m, context, salt := sxp.Sum([]byte("m")), []byte("the first sale"), sxp.Sum([]byte("salt"))
	c := bls.Lock(w, x, context, m)
	if c != bls.Lock(w, x, context, m) {
		t.Error("a lock of the same is another")
	}
	if err := bls.VerifyLock(w.Public(), x.Public(), context, m, c); err != nil {
		t.Error(err)
	}
	sigma := x.SignSession(m)
	key, err := bls.OpenLock(w.Public(), context, c, sigma, salt)
	if err != nil || key != w.SealKey(context, salt) {
		t.Errorf("the signature does not open the lock: %v", err)
	}
	if w.SealKey(context, sxp.Hash{}) == key || w.SealKey(context[1:], salt) == key {
		t.Error("salt or context does not matter")
	}
	_, other := lockKeys(t)
	for name, err := range map[string]error{
		"another m":         bls.VerifyLock(w.Public(), x.Public(), context, sxp.Hash{1}, c),
		"another context":   bls.VerifyLock(w.Public(), x.Public(), context[1:], m, c),
		"another giver":     bls.VerifyLock(w.Public(), other.Public(), context, m, c),
		"another key":       bls.VerifyLock(other.Public(), x.Public(), context, m, c),
		"the signature":     bls.VerifyLock(w.Public(), x.Public(), context, m, sigma),
		"no point":          bls.VerifyLock(w.Public(), x.Public(), context, m, bls.G1{}),
		"no key":            bls.VerifyLock(bls.G2{}, x.Public(), context, m, c),
		"opened by another": second(bls.OpenLock(w.Public(), context, c, other.SignSession(m), salt)),
		"opened by itself":  second(bls.OpenLock(w.Public(), context, c, c, salt)),
		"opened by nothing": second(bls.OpenLock(w.Public(), context, c, bls.G1{}, salt)),
		"opened for other":  second(bls.OpenLock(w.Public(), context[1:], c, sigma, salt)),
	} {
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v, want invalid", name, err)
		}
	}
}

// TestBreakTwoLocksOnOneKey: two locks of one w on one context give, with one
// signature, the other too: the giver who only meant to sign m has signed m'.
func TestBreakTwoLocksOnOneKey(t *testing.T) {
	w, x := lockKeys(t)
	m, m2, context := sxp.Sum([]byte("m")), sxp.Sum([]byte("m'")), []byte("context")
	first, second := bls.Lock(w, x, context, m), bls.Lock(w, x, context, m2)
	// σ' = c' − c + σ, all of which the buyer holds.
	stolen, err := bls.DifferenceForTest(second, first, x.SignSession(m))
	if err != nil {
		t.Fatal(err)
	}
	if err := bls.VerifySession(x.Public(), m2, stolen); err != nil {
		t.Errorf("the break does not work, so this test shows nothing: %v", err)
	}
	// With another context, as another proposal has, the same is worth nothing.
	apart := bls.Lock(w, x, []byte("another context"), m2)
	if stolen, err = bls.DifferenceForTest(apart, first, x.SignSession(m)); err != nil {
		t.Fatal(err)
	}
	if err := bls.VerifySession(x.Public(), m2, stolen); err == nil {
		t.Error("the context does not keep two sales apart")
	}
}

// TestMissing: of two signatures the one gives the other with S.
func TestMissing(t *testing.T) {
	a, b := lockKeys(t)
	m := sxp.Sum([]byte("m"))
	sigs := []bls.G1{a.SignSession(m), b.SignSession(m)}
	s, err := bls.Aggregate(m, sigs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sigs {
		known := []bls.G1{sigs[0], sigs[1]}
		known[i] = bls.G1{}
		got, err := bls.Missing(m, s, known, i)
		if err != nil || got != sigs[i] {
			t.Errorf("party %d: %v", i, err)
		}
	}
	for name, err := range map[string]error{
		"nobody":        second(bls.Missing(m, s, sigs, 2)),
		"no S":          second(bls.Missing(m, bls.G1{}, sigs, 0)),
		"no signature":  second(bls.Missing(m, s, make([]bls.G1, 2), 0)),
		"below nothing": second(bls.Missing(m, s, sigs, -1)),
	} {
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v, want invalid", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
