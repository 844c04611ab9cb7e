package blocks_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/blocks/memstore"
	"sxp/relay"
)

type key struct{ k ed25519.PrivateKey }

func newKey(n byte) key { return key{ed25519.NewKeyFromSeed(append(make([]byte, 31), n))} }

func (k key) ID() sxp.ID                    { return sxp.ID(k.k.Public().(ed25519.PublicKey)) }
func (k key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(k.k, m), nil }

const noon sxp.Time = 1_790_000_000_000

// A stage is a node with blocks; the test says who may put and what is named.
type stage struct {
	*blocks.Server
	store   *memstore.Store
	settled *settles
	router  *relay.Router
	now     sxp.Time
	refused map[sxp.ID]bool
	named   map[sxp.ID]map[sxp.Hash]sxp.Time
	broken  error // of naming
	nonces  counter
}

// counter gives nonces that differ.
type counter struct {
	mu sync.Mutex
	n  uint64
}

func (c *counter) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	binary.BigEndian.PutUint64(b, c.n)
	return len(b), nil
}

// settles counts what a store settles.
type settles struct {
	blocks.Store
	n int
}

// Settle implements blocks.Store.
func (s *settles) Settle(ctx context.Context, list []blocks.Holding) error {
	s.n++
	return s.Store.Settle(ctx, list)
}

func newStage(limits blocks.Limits) *stage {
	store := memstore.New()
	s := &stage{store: store, settled: &settles{Store: store}, now: noon, refused: map[sxp.ID]bool{}, named: map[sxp.ID]map[sxp.Hash]sxp.Time{}}
	s.router = relay.NewRouter(newKey(100), relay.RouterConfig{})
	s.Server = blocks.Register(s.router, blocks.ServerConfig{
		Store: s.settled, Limits: limits,
		May: func(_ context.Context, _ sxp.Time, owner sxp.ID) error {
			if s.refused[owner] {
				return sxp.Errorf("test", sxp.Denied, owner, "not you")
			}
			return nil
		},
		Named: func(_ context.Context, _ sxp.Time, owner sxp.ID) (map[sxp.Hash]sxp.Time, error) {
			return s.named[owner], s.broken
		},
	})
	return s
}

// client is k's way to the node.
func (s *stage) client(k key) *blocks.Client {
	return blocks.NewClient(relay.Local(s.router, func() sxp.Time { return s.now }), k, s.address(), func() sxp.Time { return s.now }, &s.nonces)
}

func (s *stage) address() relay.Address {
	return relay.Address{ID: s.router.ID(), URL: "https://node.example"}
}

func wantKind(t *testing.T, what string, err error, kind sxp.Kind) {
	t.Helper()
	if sxp.KindOf(err) != kind {
		t.Errorf("%s: error %v (kind %q), want kind %q", what, err, sxp.KindOf(err), kind)
	}
}

func TestPutGetDrop(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{})
	alice, bob := s.client(newKey(1)), s.client(newKey(2))
	data := bytes.Repeat([]byte{0xff, 0xd8}, blocks.MaxBlock/2)
	u, err := alice.Put(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if want := (blocks.URL{Hash: blocks.Sum(data), At: s.address()}); u != want {
		t.Errorf("it was put at %s, want %s", u, want)
	}
	if got, err := bob.Get(t.Context(), u.Hash); err != nil || !bytes.Equal(got, data) {
		t.Errorf("Bob gets %d bytes, %v", len(got), err)
	}
	if err := bob.Drop(t.Context(), u.Hash); err != nil {
		t.Error(err)
	}
	if _, err := bob.Get(t.Context(), u.Hash); err != nil {
		t.Errorf("Bob dropped Alice's block: %v", err)
	}
	if err := alice.Drop(t.Context(), u.Hash); err != nil {
		t.Error(err)
	}
	if n := s.settled.n; n != 1 {
		t.Errorf("the store has settled %d times: a stranger makes the disk write", n)
	}
	_, err = bob.Get(t.Context(), u.Hash)
	wantKind(t, "after Alice dropped it", err, sxp.NotFound)
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{OwnerBlocks: 2, OwnerBytes: 1 << 20, Bytes: 100})
	s.refused[newKey(3).ID()] = true
	c := s.client(newKey(1))
	put := func(k key, data []byte) error {
		// Not through Client.Put, which would refuse some before they are sent.
		_, err := relay.Ask[blocks.Put, sxp.Hash](t.Context(), relay.Local(s.router, func() sxp.Time { return s.now }), k, s.router.ID(), s.now, &s.nonces, blocks.RequestPut, blocks.Put{Data: data})
		return err
	}
	for name, tt := range map[string]struct {
		k    key
		data []byte
		kind sxp.Kind
	}{
		"no bytes":                {newKey(1), nil, sxp.Invalid},
		"one byte too many":       {newKey(1), make([]byte, blocks.MaxBlock+1), sxp.TooLarge},
		"by somebody refused":     {newKey(3), []byte("x"), sxp.Denied},
		"beyond the node's bytes": {newKey(1), make([]byte, 101), sxp.Full},
	} {
		wantKind(t, name, put(tt.k, tt.data), tt.kind)
	}
	for i := range 3 {
		_, err := c.Put(t.Context(), []byte{byte(i)})
		wantKind(t, "the first two of one person", err, map[bool]sxp.Kind{true: "", false: sxp.Full}[i < 2])
	}
	if _, err := s.client(newKey(2)).Put(t.Context(), []byte{9}); err != nil {
		t.Errorf("another person: %v", err)
	}
	_, err := c.Put(t.Context(), nil)
	wantKind(t, "the client, no bytes", err, sxp.Invalid)
	_, err = c.Put(t.Context(), make([]byte, blocks.MaxBlock+1))
	wantKind(t, "the client, too many", err, sxp.TooLarge)
}

// A node that lies shows nothing.
func TestLyingNode(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{})
	lies := relay.NewRouter(newKey(100), relay.RouterConfig{})
	answer := []byte("another photo")
	relay.Serve(lies, blocks.RequestGet, func(context.Context, sxp.Time, sxp.ID, []byte, blocks.Get) (sxp.Bytes, error) { return answer, nil })
	relay.Serve(lies, blocks.RequestPut, func(context.Context, sxp.Time, sxp.ID, []byte, blocks.Put) (sxp.Hash, error) { return sxp.Hash{1}, nil })
	s.router = lies
	c := s.client(newKey(1))
	got, err := c.Get(t.Context(), blocks.Sum([]byte("the photo")))
	wantKind(t, "other bytes", err, sxp.Invalid)
	if got != nil {
		t.Errorf("it returned %q", got)
	}
	answer = make([]byte, blocks.MaxBlock+1)
	_, err = c.Get(t.Context(), blocks.Sum(answer))
	wantKind(t, "too many bytes of the right hash", err, sxp.TooLarge)
	_, err = c.Put(t.Context(), []byte("the photo"))
	wantKind(t, "another hash for what was put", err, sxp.Invalid)
}

// What is named stays, and what is not goes: after the grace, after the
// announcement has ended, and never while nobody can say.
func TestSweep(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{})
	alice, bob := newKey(1), newKey(2)
	named, err := s.client(alice).Put(t.Context(), []byte("named"))
	if err != nil {
		t.Fatal(err)
	}
	var others []sxp.Hash // more than one sweep looks at
	for i := range 300 {
		u, err := s.client(bob).Put(t.Context(), []byte{byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, u.Hash)
	}
	expires := noon.Add(3*blocks.Grace + 1)
	s.named[alice.ID()] = map[sxp.Hash]sxp.Time{named.Hash: expires}
	s.named[bob.ID()] = map[sxp.Hash]sxp.Time{named.Hash: expires} // names Alice's, and none of his
	sweep := func(at sxp.Time, want int) {
		t.Helper()
		if n, err := s.Sweep(t.Context(), at); err != nil || n != want {
			t.Errorf("at noon + %d ms: %d ended, %v, want %d", at.Sub(noon), n, err, want)
		}
	}
	there := func(h sxp.Hash) bool { _, err := s.store.Get(t.Context(), h); return err == nil }
	sweep(noon.Add(blocks.Grace-1), 0)
	if !there(others[0]) {
		t.Error("a block went within its grace")
	}
	s.broken = errors.New("no board can be read")
	if _, err := s.Sweep(t.Context(), noon.Add(blocks.Grace)); err == nil || !there(others[0]) || !there(named.Hash) {
		t.Errorf("without boards: %v, and blocks are there: %v, %v", err, there(others[0]), there(named.Hash))
	}
	s.broken = nil
	sweep(noon.Add(blocks.Grace), 300)
	if there(others[0]) || there(others[299]) || !there(named.Hash) {
		t.Error("it let go what is named, or kept what is not")
	}
	sweep(noon.Add(2*blocks.Grace), 0)
	sweep(noon.Add(3*blocks.Grace), 0)
	sweep(expires-1, 0)
	sweep(expires, 1)
	if there(named.Hash) {
		t.Error("it is still there after its announcement expired")
	}
}

// A withdrawn announcement's photo goes within the grace, not only when the
// announcement would have expired.
func TestSweepAfterWithdrawal(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{})
	alice := newKey(1)
	u, err := s.client(alice).Put(t.Context(), []byte("a photo"))
	if err != nil {
		t.Fatal(err)
	}
	s.named[alice.ID()] = map[sxp.Hash]sxp.Time{u.Hash: noon.Add(90 * sxp.Day)}
	if n, err := s.Sweep(t.Context(), noon.Add(blocks.Grace)); n != 0 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	delete(s.named, alice.ID())
	if n, err := s.Sweep(t.Context(), noon.Add(2*blocks.Grace)); n != 1 || err != nil {
		t.Errorf("an hour after it was withdrawn %d ended, %v", n, err)
	}
}

// A damaged disk is noticed at the node.
func TestDamagedBlock(t *testing.T) {
	t.Parallel()
	s := newStage(blocks.Limits{})
	h := blocks.Holding{Owner: newKey(1).ID(), Hash: blocks.Sum([]byte("a photo")), Until: noon}
	if err := s.store.Put(t.Context(), h, []byte("a phot0"), blocks.Limits{}.Fill()); err != nil {
		t.Fatal(err)
	}
	_, err := s.client(newKey(2)).Get(t.Context(), h.Hash)
	wantKind(t, "a block that is not what its hash says", err, sxp.Internal)
}
