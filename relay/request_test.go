package relay_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

type double struct {
	N    int64  `json:"n"`
	Text string `json:"text,omitempty"`
}

// newDoubler returns a node that doubles numbers: below 0 is Invalid, 13 panics.
func newDoubler(tb testing.TB, cfg relay.RouterConfig) (*relay.Router, key) {
	k := newKey(tb)
	rt := relay.NewRouter(k, cfg)
	relay.Serve(rt, "double", func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r double) (int64, error) {
		switch {
		case r.N < 0:
			return 0, sxp.Errorf("test.Double", sxp.Invalid, nil, "%d is negative %s", r.N, r.Text)
		case r.N == 13:
			panic("unlucky")
		}
		return 2 * r.N, nil
	})
	return rt, k
}

func fixed(t sxp.Time) func() sxp.Time { return func() sxp.Time { return t } }

func TestAskGivesTheAnswerOrTheNodesError(t *testing.T) {
	t.Parallel()
	rt, node := newDoubler(t, relay.RouterConfig{})
	alice := newKey(t)
	c := relay.Local(rt, fixed(noon))
	for name, tt := range map[string]struct {
		typ  string
		to   sxp.ID
		at   sxp.Time
		ask  double
		want int64
		kind sxp.Kind
		text string
	}{
		"a good request is answered":         {"double", node.ID(), noon, double{N: 4}, 8, "", ""},
		"an error keeps kind and text":       {"double", node.ID(), noon, double{N: -4}, 0, sxp.Invalid, "-4 is negative"},
		"a long error text is cut":           {"double", node.ID(), noon, double{N: -4, Text: strings.Repeat("ä", 4000)}, 0, sxp.Invalid, "…"},
		"a panic is Internal, without cause": {"double", node.ID(), noon, double{N: 13}, 0, sxp.Internal, "operator"},
		"an unknown type is Unsupported":     {"treble", node.ID(), noon, double{N: 4}, 0, sxp.Unsupported, `"treble"`},
		"a clock two minutes off is fine":    {"double", node.ID(), noon.Add(2 * sxp.Minute), double{N: 4}, 8, "", ""},
		"a clock a day ahead is told":        {"double", node.ID(), noon.Add(sxp.Day), double{N: 4}, 0, sxp.Clock, "your clock says 2026-09-22T14:13:20.000Z, this node's says 2026-09-21T14:13:20.000Z"},
		"a clock a day behind is told":       {"double", node.ID(), noon.Add(-sxp.Day), double{N: 4}, 0, sxp.Clock, "your clock says 2026-09-20T14:13:20.000Z, this node's says 2026-09-21T14:13:20.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := relay.Ask[double, int64](t.Context(), c, alice, tt.to, tt.at, rand.Reader, tt.typ, tt.ask)
			wantKind(t, err, tt.kind, tt.text)
			if got != tt.want {
				t.Errorf("Ask = %d, want %d", got, tt.want)
			}
		})
	}
}

// callWith answers every call with what f makes of the good answer.
type callWith struct {
	relay.Caller
	f func(raw, answer []byte) []byte
}

func (c callWith) Call(ctx context.Context, raw []byte) ([]byte, error) {
	answer, err := c.Caller.Call(ctx, raw)
	if err != nil {
		return nil, err
	}
	return c.f(raw, answer), nil
}

func TestAskRefusesFalseAnswers(t *testing.T) {
	t.Parallel()
	rt, node := newDoubler(t, relay.RouterConfig{})
	alice, mallory := newKey(t), newKey(t)
	c := relay.Local(rt, fixed(noon))
	ask := func(c relay.Caller) (int64, error) {
		return relay.Ask[double, int64](t.Context(), c, alice, node.ID(), noon, rand.Reader, "double", double{N: 1})
	}
	good := relay.Response[int64]{Type: "double", From: node.ID(), To: alice.ID(), Timestamp: noon, Result: 2}
	for name, f := range map[string]func(raw, answer []byte) []byte{
		"no answer":          func(_, _ []byte) []byte { return nil },
		"a web page":         func(_, _ []byte) []byte { return []byte("<html>hello") },
		"a truncated answer": func(_, a []byte) []byte { return a[:len(a)-1] },
		"a changed answer":   func(_, a []byte) []byte { a[len(a)-1] ^= 1; return a },
		"the request itself": func(r, _ []byte) []byte { return r },
		"signed by another":  func(r, _ []byte) []byte { return resign(t, mallory, "sxp.response.double/1", with(good, r)) },
		"from another": func(r, _ []byte) []byte {
			g := with(good, r)
			g.From = mallory.ID()
			return resign(t, node, "sxp.response.double/1", g)
		},
		"to another": func(r, _ []byte) []byte {
			g := with(good, r)
			g.To = mallory.ID()
			return resign(t, node, "sxp.response.double/1", g)
		},
		"to an earlier request": func(_, _ []byte) []byte { return resign(t, node, "sxp.response.double/1", good) },
		"of another type":       func(r, _ []byte) []byte { return resign(t, node, "sxp.response.treble/1", with(good, r)) },
		"of another shape":      func(_, _ []byte) []byte { return resign(t, node, "sxp.response.double/1", "two") },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ask(callWith{c, f})
			wantKind(t, err, sxp.Invalid, "")
			if err != nil && !strings.Contains(err.Error(), node.ID().String()) {
				t.Errorf("error %v does not name the node %s", err, node.ID())
			}
			if got != 0 {
				t.Errorf("Ask = %d with an error, want 0", got)
			}
		})
	}
}

func with(r relay.Response[int64], raw []byte) relay.Response[int64] {
	r.Re = envelope.Digest(raw)
	return r
}

func TestRouterRefusesBadRequests(t *testing.T) {
	t.Parallel()
	rt, node := newDoubler(t, relay.RouterConfig{Start: noon})
	alice, mallory := newKey(t), newKey(t)
	good := relay.Request[double]{Type: "double", From: alice.ID(), To: node.ID(), Timestamp: noon, Nonce: relay.Nonce{1}, Request: double{N: 1}}
	const typ = "sxp.request.double/1"
	change := func(f func(*relay.Request[double])) []byte {
		q := good
		f(&q)
		return resign(t, alice, typ, q)
	}
	signed := resign(t, alice, typ, good)
	for name, tt := range map[string]struct {
		raw  []byte
		kind sxp.Kind
		text string
	}{
		"nothing":                {nil, sxp.Invalid, ""},
		"text":                   {[]byte("GET / HTTP/1.1"), sxp.Invalid, ""},
		"truncated":              {signed[:len(signed)-1], sxp.Invalid, ""},
		"with a trailing byte":   {append(append([]byte(nil), signed...), 0), sxp.Invalid, ""},
		"too large":              {make([]byte, sxp.MaxMessage+1), sxp.TooLarge, ""},
		"mis-signed":             {resign(t, wrongKey{alice, mallory}, typ, good), sxp.Invalid, "signature"},
		"signed by another":      {resign(t, mallory, typ, good), sxp.Denied, "vouches"},
		"to another node":        {change(func(q *relay.Request[double]) { q.To = mallory.ID() }), sxp.Denied, node.ID().String()},
		"to nobody":              {change(func(q *relay.Request[double]) { q.To = sxp.ID{} }), sxp.Denied, ""},
		"of another type inside": {change(func(q *relay.Request[double]) { q.Type = "treble" }), sxp.Invalid, "treble"},
		"of another shape":       {resign(t, alice, typ, "hello"), sxp.Invalid, ""},
		"with an unknown field": {resign(t, alice, typ, struct {
			More string `json:"more"`
		}{"x"}), sxp.Invalid, ""},
		"not a request":             {resign(t, alice, "sxp.card/1", good), sxp.Invalid, "not a request"},
		"signed before the restart": {change(func(q *relay.Request[double]) { q.Timestamp = noon - 1 }), sxp.Replay, "restart"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := rt.Handle(t.Context(), noon, tt.raw)
			var f relay.Failure
			signer, err := envelope.Open(answer, relay.TypeFailure, &f)
			if err != nil || signer != node.ID() {
				t.Fatalf("the answer is not an error signed by the node: %v", err)
			}
			if f.Error.Kind != tt.kind || !strings.Contains(f.Error.Text, tt.text) {
				t.Errorf("error %q %q, want %q with %q", f.Error.Kind, f.Error.Text, tt.kind, tt.text)
			}
			if f.Re != envelope.Digest(tt.raw) {
				t.Errorf("the error is about %s, want %s", f.Re, envelope.Digest(tt.raw))
			}
		})
	}
}

// wrongKey claims to be one and signs as another.
type wrongKey struct{ claims, signs key }

func (w wrongKey) ID() sxp.ID                    { return w.claims.ID() }
func (w wrongKey) Sign(m []byte) ([]byte, error) { return w.signs.Sign(m) }

// kindOf returns the kind of a signed answer, "" for success.
func kindOf(tb testing.TB, answer []byte) sxp.Kind {
	tb.Helper()
	m := must[*envelope.Message](tb)(envelope.Parse(answer))
	if m.Type != relay.TypeFailure {
		return ""
	}
	var f relay.Failure
	if err := envelope.Unmarshal(m.Payload, &f); err != nil {
		tb.Fatal(err)
	}
	return f.Error.Kind
}

func TestARequestIsServedOnce(t *testing.T) {
	t.Parallel()
	const window = 2 * sxp.ClockSkew
	rt, node := newDoubler(t, relay.RouterConfig{Start: noon})
	alice := newKey(t)
	sign := func(at sxp.Time) []byte {
		return must[[]byte](t)(relay.Sign(alice, "double", node.ID(), at, rand.Reader, double{N: 1}))
	}
	steps := []struct {
		name string
		at   sxp.Time
		raw  []byte
		want sxp.Kind
	}{}
	add := func(name string, at sxp.Time, raw []byte, want sxp.Kind) {
		steps = append(steps, struct {
			name string
			at   sxp.Time
			raw  []byte
			want sxp.Kind
		}{name, at, raw, want})
	}
	ahead := sign(noon.Add(sxp.ClockSkew))
	add("the first time", noon, ahead, "")
	add("at once again", noon, ahead, sxp.Replay)
	add("at the end of its window", noon.Add(window), ahead, sxp.Replay)
	add("another one meanwhile", noon.Add(window), sign(noon.Add(window)), "")
	add("after its window", noon.Add(window+1), ahead, sxp.Clock)
	add("when memory has turned twice and the clock is set back", noon.Add(3*window), sign(noon.Add(3*window)), "")
	add("then the first one", noon, ahead, sxp.Replay)
	for _, s := range steps {
		if got := kindOf(t, rt.Handle(t.Context(), s.at, s.raw)); got != s.want {
			t.Errorf("%s: kind %q, want %q", s.name, got, s.want)
		}
	}
}

func TestMemoryAgainstReplaysIsBounded(t *testing.T) {
	t.Parallel()
	rt, node := newDoubler(t, relay.RouterConfig{MaxNonces: 3})
	alice := newKey(t)
	for i, want := range []sxp.Kind{"", "", "", sxp.Busy, sxp.Busy} {
		raw := must[[]byte](t)(relay.Sign(alice, "double", node.ID(), noon, rand.Reader, double{N: 1}))
		if got := kindOf(t, rt.Handle(t.Context(), noon, raw)); got != want {
			t.Errorf("request %d: kind %q, want %q", i, got, want)
		}
	}
	later := noon.Add(2 * sxp.Hour)
	raw := must[[]byte](t)(relay.Sign(alice, "double", node.ID(), later, rand.Reader, double{N: 1}))
	if got := kindOf(t, rt.Handle(t.Context(), later, raw)); got != "" {
		t.Errorf("after the window: kind %q, want none", got)
	}
}

func TestConcurrentRequestsAreVerifiedTogetherAndApart(t *testing.T) {
	t.Parallel()
	rt, node := newDoubler(t, relay.RouterConfig{})
	alice, mallory := newKey(t), newKey(t)
	var wg sync.WaitGroup
	for i := range 200 {
		var s envelope.Signer = alice
		want := sxp.Kind("")
		if i%7 == 0 {
			s, want = wrongKey{alice, mallory}, sxp.Invalid
		}
		raw := must[[]byte](t)(relay.Sign(s, "double", node.ID(), noon, rand.Reader, double{N: int64(i)*2 + 100}))
		wg.Go(func() {
			if got := kindOf(t, rt.Handle(t.Context(), noon, raw)); got != want {
				t.Errorf("request %d: kind %q, want %q", i, got, want)
			}
		})
	}
	wg.Wait()
}
