package pebblestore_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"sxp"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/pebblestore"
	"sxp/relay/relayhttp"
)

// childDir is set for the process that TestKillLosesNothingAcknowledged kills.
const childDir = "SXP_TEST_RELAY_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver runs a node with a relay in dir on loopback, writes to it over
// HTTPS and sessions, and prints the path of each record that was answered true.
func writeForEver(dir string) error {
	ctx := context.Background()
	st, err := pebblestore.Open(pebblestore.Config{Dir: dir})
	if err != nil {
		return err
	}
	node := callertest.NewKey(new(testing.B))
	rt := relay.NewRouter(node, relay.RouterConfig{Start: callertest.Clock()})
	policy := relay.Policy{Mode: relay.Open}
	if _, err := relay.Register(rt, relay.ServerConfig{Store: st, Accounts: st, Policy: policy}); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- relayhttp.NewServer(relayhttp.ServerConfig{Handler: rt, Signer: node}).Serve(ctx, l) }()
	var mu sync.Mutex // one line at a time
	for i := range 16 {
		go func() {
			k := callertest.NewKey(new(testing.B))
			c, err := caller(i, "http://"+l.Addr().String(), node.ID(), k)
			if err != nil {
				failed <- err
				return
			}
			client := relay.NewClient(c, k, node.ID(), callertest.Clock, rand.Reader)
			for {
				p, err := client.Write(ctx, sxp.ID{byte(i), 1}, relay.Write{TTL: sxp.Day, Content: make([]byte, 1024)})
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(p)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

func caller(i int, address string, server sxp.ID, k callertest.Key) (relay.Caller, error) {
	if i%4 == 0 {
		return relayhttp.NewClient(address, relayhttp.ClientConfig{})
	}
	return relayhttp.NewSession(relayhttp.SessionConfig{Address: address, Server: server, Signer: k, Now: callertest.Clock, Rand: rand.Reader})
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var kept []relay.Path
	for round := range 5 {
		n := len(kept)
		kept = append(kept, killAfter(t, dir, 150+300*round)...)
		s := open(t, pebblestore.Config{Dir: dir})
		lost := 0
		for _, p := range kept {
			if _, err := s.Read(t.Context(), callertest.Clock(), p); err != nil {
				if lost++; lost <= 3 {
					t.Errorf("round %d: acknowledged, but lost: %v", round, err)
				}
			}
		}
		checkWhole(t, s, len(kept))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: %d acknowledged before the kill, %d lost of %d", round, len(kept)-n, lost, len(kept))
	}
}

// killAfter starts the child, kills it when it has acknowledged n records, and
// returns all that it acknowledged.
func killAfter(t *testing.T, dir string, n int) (kept []relay.Path) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p, err := relay.ParsePath(lines.Text())
		if err != nil {
			break // cut by the kill
		}
		if kept = append(kept, p); len(kept) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(kept) < n {
		t.Fatalf("the child ended after %d records: %s", len(kept), stderr.String())
	}
	return kept
}

// checkWhole checks that every record listed can be read, and that at least n
// are.
func checkWhole(t *testing.T, s *pebblestore.Store, n int) {
	t.Helper()
	found := 0
	for i := range 16 {
		q := relay.Query{Receiver: sxp.ID{byte(i), 1}, Now: callertest.Clock(), Limit: 1000}
		for {
			l, err := s.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range l.Entries {
				if _, err := s.Read(t.Context(), q.Now, e.Path); err != nil {
					t.Errorf("listed, but not there: %v", err)
				}
				found++
			}
			if q.After = l.Next; !l.More {
				break
			}
		}
	}
	if found < n {
		t.Errorf("%d records are listed, want the %d acknowledged", found, n)
	}
}
