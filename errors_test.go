package sxp_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"sxp"
)

func TestErrorText(t *testing.T) {
	on := sxp.Sum([]byte("abc"))
	for name, tt := range map[string]struct {
		err          error
		text, reason string
		kind         sxp.Kind
	}{
		"operation, subject, cause": {
			sxp.Errorf("relay.Write", sxp.Full, on, "no room for %d bytes", 7),
			"relay.Write " + on.String() + ": no room for 7 bytes", "no room for 7 bytes", sxp.Full},
		"no subject": {
			sxp.Errorf("relay.Write", sxp.Denied, nil, "no account"),
			"relay.Write: no account", "no account", sxp.Denied},
		"no cause: the kind speaks": {
			&sxp.Error{Op: "relay.Read", Kind: sxp.NotFound},
			"relay.Read: notfound", "notfound", sxp.NotFound},
		"the outer kind counts, the inner cause is told": {
			sxp.Errorf("agent.Send", sxp.Unavailable, nil, "%w", sxp.Errorf("relay.Write", sxp.Full, nil, "no room")),
			"agent.Send: relay.Write: no room", "no room", sxp.Unavailable},
		"wrapped by others": {
			fmt.Errorf("first try: %w", sxp.Errorf("relay.Write", sxp.Busy, nil, "locked")),
			"first try: relay.Write: locked", "locked", sxp.Busy},
		"a bare kind":           {sxp.Late, "late", "late", sxp.Late},
		"an error of others":    {io.ErrUnexpectedEOF, "unexpected EOF", "unexpected EOF", sxp.Internal},
		"a cause of others":     {sxp.Errorf("kv.Open", sxp.Internal, nil, "%w", fs.ErrPermission), "kv.Open: permission denied", "permission denied", sxp.Internal},
		"the innermost is bare": {sxp.Errorf("a.B", sxp.Late, nil, "%w", &sxp.Error{Op: "c.D", Kind: sxp.Early}), "a.B: c.D: early", "early", sxp.Late},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.text {
				t.Errorf("Error() = %q, want %q", got, tt.text)
			}
			if got := sxp.Reason(tt.err); got != tt.reason {
				t.Errorf("Reason = %q, want %q", got, tt.reason)
			}
			if got := sxp.KindOf(tt.err); got != tt.kind {
				t.Errorf("KindOf = %q, want %q", got, tt.kind)
			}
		})
	}
}

func TestErrorIs(t *testing.T) {
	inner := sxp.Errorf("relay.Write", sxp.Full, nil, "%w", io.ErrShortWrite)
	outer := sxp.Errorf("agent.Send", sxp.Unavailable, nil, "%w", inner)
	for name, tt := range map[string]struct {
		target error
		want   bool
	}{
		"its own kind":         {sxp.Unavailable, true},
		"a kind further in":    {sxp.Full, true},
		"another kind":         {sxp.Denied, false},
		"the cause":            {io.ErrShortWrite, true},
		"another error":        {io.EOF, false},
		"the error inside":     {inner, true},
		"an equal-looking one": {sxp.Errorf("relay.Write", sxp.Full, nil, "%w", io.ErrShortWrite), false},
	} {
		if got := errors.Is(outer, tt.target); got != tt.want {
			t.Errorf("%s: errors.Is(outer, %v) = %v, want %v", name, tt.target, got, tt.want)
		}
	}
	if sxp.KindOf(nil) != "" {
		t.Errorf("KindOf(nil) = %q, want nothing", sxp.KindOf(nil))
	}
}

// TestKinds fixes the wire codes: a kind is appended, never renamed or reused.
func TestKinds(t *testing.T) {
	for kind, code := range map[sxp.Kind]string{
		sxp.Invalid: "invalid", sxp.TooLarge: "toolarge", sxp.NotFound: "notfound", sxp.Denied: "denied",
		sxp.Replay: "replay", sxp.Clock: "clock", sxp.Late: "late", sxp.Early: "early", sxp.Conflict: "conflict",
		sxp.Full: "full", sxp.Busy: "busy", sxp.Unavailable: "unavailable", sxp.Unsupported: "unsupported",
		sxp.Internal: "internal",
	} {
		if string(kind) != code || kind.Error() != code {
			t.Errorf("kind %q, want the wire code %q", kind, code)
		}
	}
}

// TestLimits fixes what version 1 promised: limits may grow, never shrink.
func TestLimits(t *testing.T) {
	for name, tt := range map[string]struct{ now, promised int64 }{
		"MaxMessage":           {sxp.MaxMessage, 1 << 20},
		"MaxDepth":             {sxp.MaxDepth, 16},
		"MaxItems":             {sxp.MaxItems, 65_536},
		"MaxCountersignatures": {sxp.MaxCountersignatures, 32},
		"MaxIDText":            {sxp.MaxIDText, 90},
		"MaxLabel":             {sxp.MaxLabel, 64},
		"MaxParties":           {sxp.MaxParties, 12},
		"MaxJury":              {sxp.MaxJury, 101},
		"ClockSkew":            {int64(sxp.ClockSkew), 120_000},
	} {
		if tt.now < tt.promised {
			t.Errorf("%s = %d, promised %d: what was valid would be refused", name, tt.now, tt.promised)
		}
	}
	if sxp.MaxJury%2 == 0 {
		t.Errorf("MaxJury = %d, want an odd number: n = 2f + 1", sxp.MaxJury)
	}
}
