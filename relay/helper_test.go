package relay_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/envelope"
)

// A key is an Ed25519 key for tests.
type key ed25519.PrivateKey

func newKey(tb testing.TB) key {
	tb.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key(k)
}

func (k key) ID() sxp.ID { return sxp.ID(ed25519.PrivateKey(k).Public().(ed25519.PublicKey)) }

func (k key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(ed25519.PrivateKey(k), m), nil }

// noon is when most tests begin.
const noon sxp.Time = 1_790_000_000_000

// must returns v or ends the test.
func must[T any](tb testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// wantKind checks an error's kind and that its reason contains text.
func wantKind(tb testing.TB, err error, kind sxp.Kind, text string) {
	tb.Helper()
	if kind == "" {
		if err != nil {
			tb.Errorf("error %v, want none", err)
		}
		return
	}
	if !errors.Is(err, kind) {
		tb.Errorf("error %v (kind %q), want kind %q", err, sxp.KindOf(err), kind)
	} else if !strings.Contains(sxp.Reason(err), text) {
		tb.Errorf("reason %q, want one with %q", sxp.Reason(err), text)
	}
}

// resign signs v as another type would be signed: for wrong messages.
func resign(tb testing.TB, s envelope.Signer, typ envelope.Type, v any) []byte {
	tb.Helper()
	return must[[]byte](tb)(envelope.Sign(s, typ, v))
}
