//go:build linux

package hosts

import (
	"crypto/sha256"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// from1to2 is the head of an IPv4 packet from host 1 to host 2, and a mark.
func from1to2(mark byte) []byte {
	p := make([]byte, 21)
	p[0] = 0x45
	copy(p[12:], []byte{10, subnet, 1, 2})
	copy(p[16:], []byte{10, subnet, 2, 2})
	p[20] = mark
	return p
}

// TestWire counts what a link does to many packets, and when they come out.
func TestWire(t *testing.T) {
	const n = 100_000
	start := time.Unix(0, 0)
	l := WAN()
	w := newWire(nil, 7)
	w.set(l)
	for range n {
		w.take(start, from1to2(0))
	}
	if w.take(start, []byte("no packet")) || w.take(start, make([]byte, 40)) {
		t.Error("noise is delivered")
	}
	c := w.traffic()
	share := func(what string, got uint64, want float64) {
		if s := float64(got) / n; s < 0.9*want || s > 1.1*want {
			t.Errorf("%s: %.4f of the packets, want %.4f", what, s, want)
		}
	}
	share("lost", c.Lost, l.Loss)
	share("repeated", c.Repeated, l.Duplicate*(1-l.Loss))
	share("held back", c.Held, l.Hold*(1-l.Loss))
	if c.Passed+c.Lost != n || c.Cut != 0 {
		t.Errorf("of %d packets %+v", n, c)
	}
	if early, wait := w.due(start.Add(l.Delay - l.Jitter - 1)); len(early) > 0 || wait > time.Millisecond {
		t.Errorf("%d packets are early, the next comes after %s", len(early), wait)
	}
	usual, _ := w.due(start.Add(l.Delay + l.Jitter))
	late, wait := w.due(start.Add(2*l.Delay + l.Jitter))
	if wait != 0 || uint64(len(usual)+len(late)) != c.Passed+c.Repeated || uint64(len(late)) != c.Held {
		t.Errorf("%d packets came in time and %d late, of %+v; the next after %s", len(usual), len(late), c, wait)
	}
}

// TestWireKeepsOrder: without jitter packets come out as they came in.
func TestWireKeepsOrder(t *testing.T) {
	w := newWire(nil, 1)
	for i := range 100 {
		w.take(time.Unix(0, 0), from1to2(byte(i)))
	}
	out, _ := w.due(time.Unix(0, 0))
	if len(out) != 100 || !slices.IsSortedFunc(out, func(a, b []byte) int { return int(a[20]) - int(b[20]) }) {
		t.Errorf("%d packets came out, or in another order", len(out))
	}
}

func TestWireCuts(t *testing.T) {
	w := newWire(nil, 1)
	w.part([]byte{2}, []byte{1, 2, 3})
	if w.take(time.Unix(0, 0), from1to2(0)) {
		t.Error("a packet passes a cut")
	}
	w.heal()
	if !w.take(time.Unix(0, 0), from1to2(0)) || w.traffic() != (Traffic{Passed: 1, Cut: 1}) {
		t.Errorf("after the cut: %+v", w.traffic())
	}
}

// pairOf makes a router and two hosts.
func pairOf(t *testing.T) (r *router, a, b *space) {
	t.Helper()
	if err := Able(t.Context()); err != nil {
		t.Skip(err)
	}
	r, err := newRouter(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	for k, s := range []**space{&a, &b} {
		if *s, err = newSpace(string(rune('a' + k))); err != nil {
			t.Fatal(err)
		}
		t.Cleanup((*s).close)
		if err := r.link(*s, byte(k+1)); err != nil {
			t.Fatal(err)
		}
	}
	return r, a, b
}

// TestHostsTalk sends a megabyte from host to host over a bad line: TCP of the
// kernels makes it whole, through the wire only, and a cut stops it.
func TestHostsTalk(t *testing.T) {
	r, a, b := pairOf(t)
	r.wire.set(Link{Delay: 5 * time.Millisecond, Jitter: 2 * time.Millisecond, Loss: 0.01, Duplicate: 0.01, Hold: 0.01})
	var l net.Listener
	var err error
	b.do(func() { l, err = net.Listen("tcp4", address(2)+":9000") })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sent := make([]byte, 1<<20)
	for i := range sent {
		sent[i] = byte(i * i >> 8)
	}
	got := make(chan []byte)
	go func() {
		c, err := l.Accept()
		if err != nil {
			close(got)
			return
		}
		defer c.Close()
		all, _ := io.ReadAll(c)
		got <- all
	}()
	c, err := a.dial(address(2) + ":9000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(sent); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if all := <-got; sha256.Sum256(all) != sha256.Sum256(sent) {
		t.Errorf("%d bytes came, not what was sent", len(all))
	}
	if c := r.wire.traffic(); c.Passed < 700 || c.Lost == 0 {
		t.Errorf("a megabyte passed the wire as %+v", c)
	}
	r.wire.part([]byte{1}, []byte{2})
	if c, err := a.dial(address(2) + ":9000"); err == nil {
		c.Close()
		t.Error("hosts talk through a cut")
	}
}

// lives is the environment of a process that has a host with a process in it.
const lives = "SXP_TEST_HOSTS_LIVE"

// TestNothingIsLeft kills a process that has hosts (SIGKILL): the processes in
// them are gone, and with them all that they were in.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv(lives) != "" {
		_, a, _ := pairOf(t)
		cmd := exec.Command("sleep", "600")
		cmd.Stdout = os.Stdout // which ends only when nobody has it open
		if err := a.start(cmd); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("sleeps\n")
		select {}
	}
	if err := Able(t.Context()); err != nil {
		t.Skip(err)
	}
	before := links(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), lives+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 7)
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "sleeps\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if after := links(t); after != before {
		t.Errorf("network devices before:\n%s\nand after:\n%s", before, after)
	}
}

// links are this namespace's devices, and the namespaces that have names.
func links(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, args := range [][]string{{"-brief", "link"}, {"netns"}} {
		out, err := exec.Command("ip", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("ip %v: %v: %s", args, err, out)
		}
		all.Write(out)
	}
	return all.String()
}
