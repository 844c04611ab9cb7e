package agent

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/relay"
)

// alone returns an agent without any node.
func alone(t testing.TB) *Agent {
	t.Helper()
	root, err := identity.NewRoot(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Create(Config{
		Root: root, Store: new(kv.Memory), Once: new(MemoryOnce), Rand: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Now:  func() sxp.Time { return 1_800_000_000_000 },
		Dial: func(string) relay.Caller { return nobody{} },
	}, "alone", nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type nobody struct{}

func (nobody) Call(context.Context, []byte) ([]byte, error) {
	return nil, sxp.Errorf("test", sxp.Unavailable, nil, "there is nobody")
}

// FuzzDispatch: no bytes in a record make the agent fall over or fail as if
// its own store had failed.
func FuzzDispatch(f *testing.F) {
	a := alone(f)
	p, err := a.profile()
	if err != nil {
		f.Fatal(err)
	}
	raw, err := envelope.Sign(a.id, TypeLetter, &Letter{To: a.ID(), At: 1, Text: "to myself"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	raw, err = envelope.Sign(a.id, TypeLetter, &Letter{To: a.ID(), At: 1, Kind: KindFile, Files: []File{{Name: "a.txt", Type: "text/plain", Data: []byte("a")}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	raw, err = envelope.Sign(a.id, TypeLetter, &Letter{To: a.ID(), At: 1 << 62, Text: "in a deal", Deal: sxp.Hash{1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(p.Card))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := a.dispatch(t.Context(), a.ID(), raw); isLocal(err) {
			t.Fatal(err)
		}
		if e, err := a.openEntry(raw); err == nil {
			t.Fatalf("noise is a copy: %+v", e)
		}
	})
}
