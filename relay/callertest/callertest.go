// Package callertest checks that implementations of relay.Caller keep its
// contract, with a relay at the other end.
package callertest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A Key is an Ed25519 key for tests.
type Key ed25519.PrivateKey

// NewKey draws a key.
func NewKey(tb testing.TB) Key {
	tb.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return Key(k)
}

// ID implements envelope.Signer.
func (k Key) ID() sxp.ID { return sxp.ID(ed25519.PrivateKey(k).Public().(ed25519.PublicKey)) }

// Sign implements envelope.Signer.
func (k Key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(ed25519.PrivateKey(k), m), nil }

// Clock is the machine's clock.
func Clock() sxp.Time { return sxp.TimeOf(time.Now()) }

// A Node is what a Caller under test leads to.
type Node struct {
	Router *relay.Router
	Signer envelope.Signer
}

// An Open returns a Caller through which whoever has the key reaches the node.
type Open func(t *testing.T, n *Node, who envelope.Signer) relay.Caller

// Storage is what a relay keeps things in.
type Storage interface {
	relay.Store
	relay.Accounts
}

// Waits tells when a "wait" request began and ended.
type Waits struct{ Began, Ended chan struct{} }

// NewWaits returns a Waits for a few requests.
func NewWaits() *Waits { return &Waits{make(chan struct{}, 8), make(chan struct{}, 8)} }

// NewNode returns a relay over an empty st that is open to everybody and also
// serves "echo", which gives back its text, and "wait", which waits until its
// context ends.
func NewNode(tb testing.TB, st Storage, waits *Waits) *Node {
	tb.Helper()
	k := NewKey(tb)
	rt := relay.NewRouter(k, relay.RouterConfig{})
	if _, err := relay.Register(rt, relay.ServerConfig{Store: st, Accounts: st, Policy: relay.Policy{Mode: relay.Open}}); err != nil {
		tb.Fatal(err)
	}
	relay.Serve(rt, "echo", func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r string) (string, error) { return r, nil })
	relay.Serve(rt, "wait", func(ctx context.Context, _ sxp.Time, _ sxp.ID, _ []byte, _ bool) (bool, error) {
		waits.Began <- struct{}{}
		<-ctx.Done()
		waits.Ended <- struct{}{}
		return true, nil
	})
	return &Node{rt, k}
}

// A harness has what the tests start from.
type harness struct {
	empty func() Storage
	open  Open
}

// Run checks the Callers that open returns; empty returns the storage of a
// node.
func Run(t *testing.T, empty func() Storage, open Open) {
	h := harness{empty, open}
	for name, test := range map[string]func(*testing.T, harness){
		"AnswersAreSignedAndToTheRequest": testSigned,
		"ManyAtOnceDoNotMix":              testMany,
		"LargestMessagesPass":             testLargest,
		"ErrorsKeepTheirKind":             testErrors,
		"NonsenseIsRefused":               testNonsense,
		"AnEndedContextEndsTheCall":       testContext,
		"TheRelayWorksThroughIt":          testRelay,
		"ListenersMissNothing":            testListen,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, h) })
	}
}

func start(t *testing.T, h harness) (*Node, Key, relay.Caller) {
	t.Helper()
	n, k := NewNode(t, h.empty(), NewWaits()), NewKey(t)
	return n, k, h.open(t, n, k)
}

func wantKind(t *testing.T, what string, err error, kind sxp.Kind) {
	t.Helper()
	if kind == "" && err != nil || kind != "" && !errors.Is(err, kind) {
		t.Errorf("%s: error %v, want kind %q", what, err, kind)
	}
}

func echo(ctx context.Context, n *Node, k Key, c relay.Caller, text string) (string, error) {
	return relay.Ask[string, string](ctx, c, k, n.Signer.ID(), Clock(), rand.Reader, "echo", text)
}

func testSigned(t *testing.T, h harness) {
	n, k, c := start(t, h)
	raw, err := relay.Sign(k, "echo", n.Signer.ID(), Clock(), rand.Reader, "hello")
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(raw)
	answer, err := c.Call(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var r relay.Response[string]
	signer, err := envelope.Open(answer, relay.ResponseType("echo"), &r)
	if err != nil || signer != n.Signer.ID() || r.Re != envelope.Digest(raw) || r.Result != "hello" {
		t.Errorf("the answer is %+v by %s (%v), want hello by %s", r, signer, err, n.Signer.ID())
	}
	if !bytes.Equal(raw, before) {
		t.Error("Call changed the request")
	}
	if got, err := echo(t.Context(), n, k, c, "again"); err != nil || got != "again" {
		t.Errorf("Ask = %q, %v; want again", got, err)
	}
}

func testMany(t *testing.T, h harness) {
	n, k, c := start(t, h)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			want := fmt.Sprint("hello ", i)
			if got, err := echo(context.Background(), n, k, c, want); err != nil || got != want {
				t.Errorf("Ask = %q, %v; want %q", got, err, want)
			}
		})
	}
	wg.Wait()
}

func testLargest(t *testing.T, h harness) {
	n, k, c := start(t, h)
	want := strings.Repeat("x", sxp.MaxMessage-1000)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if got, err := echo(context.Background(), n, k, c, want); err != nil || got != want {
				t.Errorf("Ask of %d bytes gave %d bytes, %v", len(want), len(got), err)
			}
		})
	}
	wg.Wait()
	refused(t, c, "more than the largest", make([]byte, sxp.MaxMessage+1), sxp.TooLarge)
	if _, err := echo(t.Context(), n, k, c, "still there"); err != nil {
		t.Errorf("after a request that was too large: %v", err)
	}
}

func testErrors(t *testing.T, h harness) {
	n, k, c := start(t, h)
	_, err := relay.Ask[string, string](t.Context(), c, k, n.Signer.ID(), Clock(), rand.Reader, "sing", "")
	wantKind(t, "an unknown type", err, sxp.Unsupported)
	var remote *relay.RemoteError
	if !errors.As(err, &remote) || !strings.Contains(remote.Text, "sing") {
		t.Errorf("error %v has no words of the node about it", err)
	}
	other := NewKey(t)
	raw, err := relay.Sign(other, "echo", other.ID(), Clock(), rand.Reader, "hello")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Call(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var f relay.Failure
	if _, err := envelope.Open(answer, relay.TypeFailure, &f); err != nil || f.Error.Kind != sxp.Denied || f.To != other.ID() {
		t.Errorf("to a request for another node: %+v, %v; want kind %q", f, err, sxp.Denied)
	}
}

func testNonsense(t *testing.T, h harness) {
	n, k, c := start(t, h)
	for name, raw := range map[string][]byte{
		"nothing":   nil,
		"text":      []byte("hello"),
		"truncated": {0xd2, 0x84, 0x43},
	} {
		refused(t, c, name, raw, sxp.Invalid)
	}
	if _, err := echo(t.Context(), n, k, c, "still there"); err != nil {
		t.Errorf("after nonsense: %v", err)
	}
}

// refused checks that raw is refused by the Caller, or by the node with a
// signed answer.
func refused(t *testing.T, c relay.Caller, name string, raw []byte, want sxp.Kind) {
	t.Helper()
	answer, err := c.Call(t.Context(), raw)
	if err != nil {
		wantKind(t, name, err, want)
		return
	}
	var f relay.Failure
	if _, err := envelope.Open(answer, relay.TypeFailure, &f); err != nil || f.Error.Kind != want {
		t.Errorf("%s: %+v, %v; want kind %q", name, f, err, want)
	}
}

func testContext(t *testing.T, h harness) {
	waits := NewWaits()
	n, k := NewNode(t, h.empty(), waits), NewKey(t)
	c := h.open(t, n, k)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	answered := make(chan error, 1)
	go func() {
		_, err := relay.Ask[bool, bool](ctx, c, k, n.Signer.ID(), Clock(), rand.Reader, "wait", true)
		answered <- err
	}()
	<-waits.Began
	stop()
	<-waits.Ended // the node learns that nobody waits
	// In memory the answer may still come; over a network nobody waits for it.
	if err := <-answered; err != nil {
		wantKind(t, "a call whose context ends", err, sxp.Unavailable)
	}
	if _, err := echo(t.Context(), n, k, c, "still there"); err != nil {
		t.Errorf("after a cancelled request: %v", err)
	}
	_, err := c.Call(ctx, []byte("hello"))
	wantKind(t, "a call with an ended context", err, sxp.Unavailable)
}

func testRelay(t *testing.T, h harness) {
	n, alice, c := start(t, h)
	bob := NewKey(t)
	a := relay.NewClient(c, alice, n.Signer.ID(), Clock, rand.Reader)
	b := relay.NewClient(h.open(t, n, bob), bob, n.Signer.ID(), Clock, rand.Reader)
	p, err := a.Write(t.Context(), bob.ID(), relay.Write{TTL: sxp.Hour, Content: []byte("sealed"), Tag: "mail"})
	if err != nil {
		t.Fatal(err)
	}
	page, err := b.Inventory(t.Context(), relay.Inventory{})
	if err != nil || !slices.Equal(page.Paths, []relay.Path{p}) {
		t.Fatalf("Inventory = %v, %v; want %s", page, err, p)
	}
	got, err := b.Read(t.Context(), p)
	if err != nil || string(got.Write.Content) != "sealed" || got.Write.Tag != "mail" {
		t.Errorf("Read = %+v, %v", got, err)
	}
	_, err = a.Read(t.Context(), p)
	wantKind(t, "Read by the sender", err, sxp.Denied)
	if err := b.Delete(t.Context(), p); err != nil {
		t.Errorf("Delete: %v", err)
	}
	_, err = b.Read(t.Context(), p)
	wantKind(t, "Read of what was deleted", err, sxp.NotFound)
}

func testListen(t *testing.T, h harness) {
	n, alice, c := start(t, h)
	bob := NewKey(t)
	a := relay.NewClient(c, alice, n.Signer.ID(), Clock, rand.Reader)
	const total = 60
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range total {
			if _, err := a.Write(context.Background(), bob.ID(), relay.Write{RecordID: relay.RecordID(fmt.Sprint("r", i)), TTL: sxp.Hour}); err != nil {
				t.Errorf("Write: %v", err)
			}
		}
	})
	seen := make(map[relay.Path]int)
	enough := errors.New("enough for now")
	after := relay.Stamp(0)
	for len(seen) < total && !t.Failed() {
		// A new connection every 20 records.
		b := relay.NewClient(h.open(t, n, bob), bob, n.Signer.ID(), Clock, rand.Reader)
		before := len(seen)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		err := b.Listen(ctx, after, func(p relay.Page) error {
			for _, path := range p.Paths {
				seen[path]++
			}
			if after = p.Next; len(seen) >= min(before+20, total) {
				return enough
			}
			return nil
		})
		stop()
		if err != enough {
			t.Fatalf("Listen after %d of %d: %v", len(seen), total, err)
		}
	}
	wg.Wait()
	for p, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times, want once", p, n)
		}
	}
}
