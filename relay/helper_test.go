package relay_test

import (
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/relay/callertest"
)

// key is an Ed25519 key for tests.
type key = callertest.Key

func newKey(tb testing.TB) key {
	tb.Helper()
	return callertest.NewKey(tb)
}

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
