package node

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// The environment of the process that the tests here start and kill.
const (
	childDir   = "SXP_TEST_NODE_DIR"   // its folder
	childAhead = "SXP_TEST_NODE_AHEAD" // its clock, in ms before the machine's
	childLimit = "SXP_TEST_NODE_LIMIT" // the largest file that it may write, in bytes
)

// childNode runs a node until it is killed, and prints its address.
func childNode() int {
	fail := func(err error) int { fmt.Fprintln(os.Stderr, err); return 1 }
	ahead, _ := strconv.ParseInt(os.Getenv(childAhead), 10, 64)
	if limit, _ := strconv.ParseUint(os.Getenv(childLimit), 10, 64); limit > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fail(err)
		}
	}
	c := new(clock)
	c.ahead.Store(ahead)
	cfg := DefaultConfig()
	cfg.Dir, cfg.Juror, cfg.Now = os.Getenv(childDir), true, c.now
	cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := Open(cfg)
	if err != nil {
		return fail(err)
	}
	fmt.Println(s.Address())
	return fail(s.Run(context.Background()))
}

// A child is a node in a process of its own.
type child struct {
	cmd     *exec.Cmd
	address relay.Address
	at      relay.Caller
	errors  *strings.Builder
}

func startChild(t *testing.T, dir string, c *clock, limit int) *child {
	t.Helper()
	k := &child{cmd: exec.Command(os.Args[0]), errors: new(strings.Builder)}
	k.cmd.Env = append(os.Environ(), childDir+"="+dir, childAhead+"="+strconv.FormatInt(c.ahead.Load(), 10), childLimit+"="+strconv.Itoa(limit))
	k.cmd.Stderr = k.errors
	out := must(k.cmd.StdoutPipe())
	if err := k.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		k.address, err = relay.ParseAddress(strings.TrimSpace(line))
	}
	if err != nil {
		k.kill()
		t.Fatalf("the child says %q, %v: %s", line, err, k.errors)
	}
	tr := newTransport()
	t.Cleanup(tr.CloseIdleConnections)
	k.at = must(relayhttp.NewClient(k.address.URL, relayhttp.ClientConfig{HTTP: newHTTP(tr)}))
	return k
}

// kill ends the process at once, without a chance to write anything.
func (k *child) kill() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
}

// askChild asks as anybody.
func askChild[R, A any](k *child, c *clock, who envelope.Signer, typ string, r R) (A, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return relay.Ask[R, A](ctx, k.at, who, k.address.ID, c.now(), rand.Reader, typ, r)
}

// heard is another juror's node that notes which endorsements it was sent.
type heard struct {
	mu       sync.Mutex
	endorsed map[sxp.Hash]bool
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err == nil {
		var q relay.Request[contract.ForwardRequest]
		if _, err := envelope.Open(raw, relay.RequestType(contract.RequestForward), &q); err == nil {
			h.mu.Lock()
			h.endorsed[q.Request.Claim.Preimage.M()] = true
			h.mu.Unlock()
		}
	}
	http.Error(w, "this is no node", http.StatusTeapot)
}

// promised is what the node answered before it was killed.
type promised struct {
	mu     sync.Mutex
	paths  []relay.Path
	claims map[sxp.Hash]bool
	lodged map[sxp.Hash]string
}

// TestKill kills a node in the middle of writes, claims and lodgings, several
// times: what it answered is there afterwards, what it endorsed to anybody is
// endorsed for ever, and it never votes void on it.
func TestKill(t *testing.T) {
	t.Parallel()
	c, dir := new(clock), t.TempDir()
	other := &heard{endorsed: map[sxp.Hash]bool{}}
	server := httptest.NewServer(other)
	defer server.Close()
	first := serve(t, c, func(cfg *Config) { cfg.Dir, cfg.Juror = dir, true })
	var all []*signing
	for range 24 {
		all = append(all, newSigning(first.Node, c.now().Add(10*sxp.Minute), sxp.Second, server.URL, server.URL))
	}
	first.stop()
	p := &promised{claims: map[sxp.Hash]bool{}, lodged: map[sxp.Hash]string{}}
	alice, bob := newSomeone(t, c, "Alice", nil, first.ID()), newSomeone(t, c, "Bob", nil, first.ID())
	for round := range 3 {
		busy(t, startChild(t, dir, c, 0), c, p, alice, bob, all[8*round:8*round+8], 3+round)
	}
	if len(p.paths) == 0 || len(p.claims) == 0 || len(p.lodged) == 0 {
		t.Fatalf("nothing was under way: %d records, %d claims, %d lodgings", len(p.paths), len(p.claims), len(p.lodged))
	}
	c.move(sxp.Hour) // all windows are over
	k := startChild(t, dir, c, 0)
	client := relay.NewClient(k.at, bob.key, k.address.ID, c.now, rand.Reader)
	for _, path := range p.paths {
		if _, err := client.Read(t.Context(), path); err != nil {
			t.Errorf("a record that was answered true is lost: %v", err)
		}
	}
	var void, open int
	for _, s := range all {
		a, err := askChild[contract.QueryRequest, contract.Answer](k, c, s.parties[0], contract.RequestQuery, contract.QueryRequest{M: s.m, Preimage: &s.claim.Preimage})
		if err != nil {
			t.Errorf("a question for the outcome: %v", err)
			continue
		}
		switch a.Standing {
		case contract.Completed:
			open++
		case contract.Voided:
			void++
		}
		if p.claims[s.m] && a.Standing != contract.Completed {
			t.Errorf("a claim that was answered completed is %q after the kill", a.Standing)
		}
		if other.endorsed[s.m] && a.Standing != contract.Completed && a.Standing != contract.Abstains { // killed before it was passed on
			t.Errorf("a claim that was endorsed to another juror is %q after the kill", a.Standing)
		}
		w, err := askChild[contract.AskRequest, contract.WatchAnswer](k, c, s.parties[0], contract.RequestAsk, contract.AskRequest{M: s.m})
		if receipt, ok := p.lodged[s.m]; ok && (err != nil || string(w.Receipt) != receipt) {
			t.Errorf("a lodging that had a receipt is lost: %v", err)
		}
	}
	t.Logf("answered: %d records, %d claims, %d lodgings; endorsed %d; afterwards %d open, %d void", len(p.paths), len(p.claims), len(p.lodged), len(other.endorsed), open, void)
}

// busy lets clients write, claim and lodge until so many claims are answered,
// and then kills the node.
func busy(t *testing.T, k *child, c *clock, p *promised, alice, bob *someone, sessions []*signing, enough int) {
	t.Helper()
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		client := relay.NewClient(k.at, alice.key, k.address.ID, c.now, rand.Reader)
		for {
			select {
			case <-stop:
				return
			default:
			}
			path, err := client.Write(context.Background(), bob.key.ID(), relay.Write{TTL: sxp.Day, Content: make([]byte, 1000)})
			if err == nil {
				p.mu.Lock()
				p.paths = append(p.paths, path)
				p.mu.Unlock()
			}
		}
	})
	wg.Go(func() {
		for _, s := range sessions {
			w, err := askChild[contract.LodgeRequest, contract.WatchAnswer](k, c, s.parties[0], contract.RequestLodge,
				contract.LodgeRequest{Claim: s.signed(0), ClaimAt: s.claim.Preimage.Deadline, Patience: sxp.Second})
			if err == nil {
				p.mu.Lock()
				p.lodged[s.m] = string(w.Receipt)
				p.mu.Unlock()
			}
		}
	})
	answered := make(chan struct{}, len(sessions))
	wg.Go(func() {
		for _, s := range sessions {
			a, err := askChild[contract.ClaimRequest, contract.Answer](k, c, s.parties[1], contract.RequestClaim, contract.ClaimRequest{Claim: s.signed(1)})
			if err == nil && a.Standing == contract.Completed {
				p.mu.Lock()
				p.claims[s.m] = true
				p.mu.Unlock()
				answered <- struct{}{}
			}
		}
	})
	for range enough {
		select {
		case <-answered:
		case <-time.After(20 * time.Second):
			t.Errorf("the node answers no claims: %s", k.errors)
		}
	}
	k.kill()
	close(stop)
	wg.Wait()
}

// TestFullDisk gives a node files of a few megabytes: writes end with the kind
// full, everything else goes on, and after a restart with more room all that
// was answered is there and writing works again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c, dir := new(clock), t.TempDir()
	k := startChild(t, dir, c, 2<<20)
	alice, bob := newSomeone(t, c, "Alice", k.at, k.address.ID), newSomeone(t, c, "Bob", k.at, k.address.ID)
	f := newFair(t, alice, k.address.URL)
	m := f.key.ID()
	client := relay.NewClient(k.at, alice.key, k.address.ID, c.now, rand.Reader)
	var paths []relay.Path
	var err error
	for range 100 {
		var path relay.Path
		content := make([]byte, 100_000)
		_, _ = rand.Read(content)
		if path, err = client.Write(t.Context(), bob.key.ID(), relay.Write{TTL: sxp.Day, Content: content}); err != nil {
			break
		}
		paths = append(paths, path)
	}
	wantKind(t, "a record on a full disk", err, sxp.Full)
	if len(paths) == 0 {
		t.Fatal("not one record was kept")
	}
	// The rest of the node goes on, as far as its own files allow.
	alice.offer(t, m, "1 chair")
	reader := relay.NewClient(k.at, bob.key, k.address.ID, c.now, rand.Reader)
	if _, err := reader.Read(t.Context(), paths[0]); err != nil {
		t.Errorf("reading on a full disk: %v", err)
	}
	k.kill()
	k = startChild(t, dir, c, 0)
	reader = relay.NewClient(k.at, bob.key, k.address.ID, c.now, rand.Reader)
	for _, path := range paths {
		if _, err := reader.Read(t.Context(), path); err != nil {
			t.Errorf("a record that was answered true is lost: %v", err)
		}
	}
	client = relay.NewClient(k.at, alice.key, k.address.ID, c.now, rand.Reader)
	if _, err := client.Write(t.Context(), bob.key.ID(), relay.Write{TTL: sxp.Day, Content: make([]byte, 100_000)}); err != nil {
		t.Errorf("writing when there is room again: %v", err)
	}
	alice.at = k.at
	if found, err := alice.market(m).Mine(t.Context(), alice.key.ID(), 0); err != nil || len(found.All) != 1 {
		t.Errorf("%d announcements after the restart, %v", len(found.All), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node.db")); err != nil {
		t.Error(err)
	}
}
