package host_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp-wasm/internal/host"
	"sxp/identity/keyfile"
	"sxp/internal/kv"
	"sxp/node"
	"sxp/relay/relayhttp"
)

// disk is a host.Disk in memory. It survives its hosts.
type disk struct {
	mu      sync.Mutex
	records *kv.Memory
	once    *agent.MemoryOnce
	own     map[string][]byte
	full    bool // Put fails
}

func newDisk() *disk {
	return &disk{records: new(kv.Memory), once: new(agent.MemoryOnce), own: map[string][]byte{}}
}

func (d *disk) Records() (kv.Store, error) { return d.records, nil }
func (d *disk) Once() agent.Once           { return d.once }
func (d *disk) Persist()                   {}

func (d *disk) Get(name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.own[name], nil
}

func (d *disk) Put(name string, value []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return sxp.Errorf("disk", sxp.Full, nil, "full")
	}
	d.own[name] = value
	return nil
}

func (d *disk) Erase() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records, d.once, d.own = new(kv.Memory), new(agent.MemoryOnce), map[string][]byte{}
	return nil
}

func (d *disk) Describe(context.Context) (host.Storage, error) {
	return host.Storage{Device: "test"}, nil
}

// device is a host.Device that says what it has.
type device struct {
	mu       sync.Mutex
	root     []byte
	remember bool
}

func (d *device) Keep(root []byte, remember bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root, d.remember = append([]byte(nil), root...), remember
	return nil
}

func (d *device) Forget() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root, d.remember = nil, false
	return nil
}

// cheap stretches at the price of tests.
type cheap struct{}

func (cheap) Seal(_ context.Context, secret, pass []byte) ([]byte, error) {
	return keyfile.Seal(keyfile.Params{MemoryKiB: 8, Passes: 1, Threads: 1}, secret, pass)
}
func (cheap) Open(_ context.Context, file, pass []byte) ([]byte, error) {
	return keyfile.Open(file, pass)
}

// served starts a node and returns its URL.
func served(t *testing.T) string {
	t.Helper()
	cfg := node.DefaultConfig()
	cfg.Dir, cfg.Listen, cfg.Relay, cfg.Board = t.TempDir(), "127.0.0.1:0", true, true
	s, err := node.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s.Address().URL
}

type world struct {
	t    *testing.T
	disk *disk
	dev  *device
	url  string
}

func newWorld(t *testing.T) *world { return &world{t, newDisk(), new(device), served(t)} }

// host starts one on the disk, with the root that the device kept if it shall.
func (w *world) host(root []byte) *host.Host {
	w.t.Helper()
	h, err := host.New(context.Background(), host.Config{
		Disk: w.disk, Stretch: cheap{}, Device: w.dev, Served: w.url, Name: "test",
		Now: func() sxp.Time { return sxp.TimeOf(time.Now()) }, Rand: rand.Reader,
	}, root)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { h.Close() })
	return h
}

func do[Out any](t *testing.T, h *host.Host, op string, in any) (out Out, err error) {
	t.Helper()
	return agent.Call[Out](t.Context(), h, op, in)
}

func must[Out any](t *testing.T, h *host.Host, op string, in any) Out {
	t.Helper()
	out, err := do[Out](t, h, op, in)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	return out
}

func wantKind(t *testing.T, err error, kind sxp.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v (kind %q), want kind %q", err, sxp.KindOf(err), kind)
	}
}

func TestCreateIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	h := w.host(nil)
	w.disk.full = true
	_, err := do[host.Words](t, h, "host.create", host.Create{Label: "Ann", Passphrase: "p"})
	wantKind(t, err, sxp.Full)
	if s := h.State(); s.State != host.StateNew {
		t.Errorf("after a failure: %+v", s)
	}
	w.disk.full = false
	must[host.Words](t, h, "host.create", host.Create{Label: "Ann", Passphrase: "p"})
	if s := h.State(); s.State != host.StateOpen || s.Label != "Ann" {
		t.Errorf("%+v", s)
	}
}

func TestRootOfTheDeviceOpens(t *testing.T) {
	w := newWorld(t)
	h := w.host(nil)
	must[host.Words](t, h, "host.create", host.Create{Label: "Ann", Passphrase: "p"})
	root := append([]byte(nil), w.dev.root...)
	if len(root) != 32 || w.dev.remember {
		t.Fatalf("the device keeps %d bytes, on disk %t", len(root), w.dev.remember)
	}
	h.Close()
	h = w.host(root)
	if s := h.State(); s.State != host.StateOpen {
		t.Fatalf("with the root: %+v", s)
	}
	must[agent.None](t, h, "host.lock", agent.None{})
	if w.dev.root != nil {
		t.Error("the device keeps a root of a locked person")
	}
	h.Close()
	root[0] ^= 1
	w.dev.root = root
	h = w.host(root)
	if s := h.State(); s.State != host.StateLocked || w.dev.root != nil {
		t.Errorf("with a root of somebody else: %+v, kept %t", s, w.dev.root != nil)
	}
}

func TestDamagedRecordIsSaid(t *testing.T) {
	w := newWorld(t)
	w.disk.own["person"] = []byte("{")
	_, err := host.New(context.Background(), host.Config{Disk: w.disk, Stretch: cheap{}, Device: w.dev, Served: w.url, Now: nil, Rand: rand.Reader}, nil)
	wantKind(t, err, sxp.Invalid)
	if !strings.Contains(err.Error(), "24 words") {
		t.Errorf("the error says not what to do: %v", err)
	}
}

func TestRequestsAreStrict(t *testing.T) {
	h := newWorld(t).host(nil)
	for op, in := range map[string]string{
		"host.unlock": `{"passphrase":"x","more":1}`, "host.lock": `[]`, "host.verify": `{"file":"=="}`, "host.create": `{"label":1}`,
	} {
		if _, err := h.Do(t.Context(), op, []byte(in)); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s %s: %v, want kind %q", op, in, err, sxp.Invalid)
		}
	}
	_, err := h.Do(t.Context(), "status", nil)
	wantKind(t, err, sxp.Denied)
}

func TestPasskey(t *testing.T) {
	w := newWorld(t)
	h := w.host(nil)
	must[host.Words](t, h, "host.create", host.Create{Label: "Ann", Passphrase: "p"})
	prf, id := make([]byte, 32), []byte("credential")
	rand.Read(prf)
	must[agent.None](t, h, "host.passkey", host.Passkey{On: true, PRF: prf, Credential: id})
	if b := w.disk.own["person"]; strings.Contains(string(b), string(w.dev.root)) {
		t.Error("the root lies open on the disk")
	}
	must[agent.None](t, h, "host.lock", agent.None{})
	must[agent.None](t, h, "host.unlockPasskey", host.UnlockPasskey{PRF: prf})
	must[agent.None](t, h, "host.lock", agent.None{})
	_, err := do[agent.None](t, h, "host.passkey", host.Passkey{On: false})
	wantKind(t, err, sxp.Denied)
	prf[0] ^= 1
	_, err = do[agent.None](t, h, "host.unlockPasskey", host.UnlockPasskey{PRF: prf})
	wantKind(t, err, sxp.Denied)
}

// TestListeningLeavesRoom: more requests wait at one node than a browser opens
// connections, so that they must not be requests over HTTP each.
func TestListeningLeavesRoom(t *testing.T) {
	w := newWorld(t)
	target, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var now, most, sessions atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer now.Add(-1)
		case r.URL.Path == relayhttp.SessionPath:
			sessions.Add(1)
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	h := w.host(nil)
	n := must[host.Node](t, h, "host.node", agent.None{})
	_, id, _ := strings.Cut(n.Address, "#")
	at := front.URL + "#" + id // the node, by way of the proxy
	must[host.Words](t, h, "host.create", host.Create{Label: "Ann", Passphrase: "p", Relays: []string{at}})
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		must[agent.MarketView](t, h, "market.create", agent.CreateMarket{Name: name, At: at})
	}
	for end := time.Now().Add(20 * time.Second); sessions.Load() == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nine requests wait, and no session was opened")
		}
	}
	must[agent.AnnouncementView](t, h, "offer", agent.Announce{Market: "a", Title: "a thing"})
	if n := most.Load(); n > 2 {
		t.Errorf("%d requests over HTTP at a time, want 2 at most", n)
	}
	if n := sessions.Load(); n != 1 {
		t.Errorf("%d sessions with one node", n)
	}
	h.Close()
}

func TestDamagedContractIsSaid(t *testing.T) {
	h := newWorld(t).host(nil)
	out := must[host.Identified](t, h, "host.identify", host.Unknown{Text: "SXP CONTRACT 1\n\nnothing"})
	if out.Kind != "contract" || out.Valid || out.Why == "" {
		t.Errorf("a damaged contract: %+v", out)
	}
}
