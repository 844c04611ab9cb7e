package node

import (
	"context"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
	"sxp/relay"
)

// panicky has a defect when it is told to.
type panicky struct {
	contract.Algebra
	now bool
}

func (p *panicky) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	if p.now {
		panic("a defect")
	}
	return p.Algebra.Promises(m, zs, checks)
}

// TestWatcherFilesInTime: the claim is filed when it is due, though the node
// slept when it was lodged, also after a restart, again and again until the
// jurors have answered, and then no more.
func TestWatcherFilesInTime(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		c := stopped()
		p := parts(t, c.now, Roles{Watcher: true, Juror: true})
		woken := 0
		p.Wake = func() { woken++ }
		store := p.KV
		other := answers("<html>")
		var self *Node
		p.Dial = func(url string) relay.Caller {
			if url == "http://other" {
				return other
			}
			return relay.Local(handler(func(ctx context.Context, now sxp.Time, raw []byte) []byte { return self.Handle(ctx, now, raw) }), c.now)
		}
		n := must(New(p))
		self = n
		s := newSigning(n, c.now().Add(60*sxp.Second), sxp.Second, "http://other", "http://other")
		n.p.Serves.DeltaMin = sxp.Hour
		planned, err := n.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		woken = 0
		if _, err := lodge(n, s); err != nil { // due ten seconds before the deadline
			t.Fatal(err)
		}
		if due := n.watch.next(); woken == 0 && due < planned {
			t.Errorf("the node sleeps until %v, though a claim is due at %v", planned, due)
		}
		if restart {
			n.Close()
			c.move(5 * sxp.Second)
			p.KV = store
			n = must(New(p))
			self = n
		}
		filed := func() int { return other.count() }
		step := func(d sxp.Duration) {
			c.move(d)
			if _, err := n.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		step(30 * sxp.Second)
		if filed() != 0 {
			t.Fatalf("restart %v: filed before it was due", restart)
		}
		step(21 * sxp.Second)
		if filed() < 2 || n.Standing(s.m) != contract.Completed {
			t.Fatalf("restart %v: %d requests to the others, standing %q at the own juror; want the claim at all", restart, filed(), n.Standing(s.m))
		}
		before := filed()
		step(4 * sxp.Second)
		if filed() == before {
			t.Errorf("restart %v: the claim is not repeated", restart)
		}
		n.Close()
	}
}

type handler func(ctx context.Context, now sxp.Time, raw []byte) []byte

func (h handler) Handle(ctx context.Context, now sxp.Time, raw []byte) []byte {
	return h(ctx, now, raw)
}

func TestLodgingIsForThoseServed(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Watcher: true, Juror: true, Relay: true})
	n := must(New(p))
	defer n.Close()
	s := newSigning(n, c.now().Add(sxp.Minute), sxp.Second)
	n.p.Policy = relay.Policy{Mode: relay.Own, Own: []sxp.ID{{1}}}
	_, err := lodge(n, s)
	wantKind(t, "a stranger at a private watcher", err, sxp.Denied)
	n.p.Policy = relay.Policy{Mode: relay.Invited}
	_, err = lodge(n, s)
	wantKind(t, "a person without an account", err, sxp.Denied)
	if err := n.p.Accounts.OpenAccount(t.Context(), relay.Account{ID: s.parties[0].ID()}, 1); err != nil {
		t.Fatal(err)
	}
	_, err = lodge(n, s)
	wantKind(t, "a person with an account", err, "")
}

// TestClockSetBack: a clock that goes back by a day stops nothing for a day.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Relay: true, Board: true, Watcher: true, Juror: true, Finder: true})))
	defer n.Close()
	for _, d := range []sxp.Duration{0, -sxp.Day, 2 * sxp.Day, -sxp.Hour} {
		c.move(d)
		for range 3 {
			next, err := n.Step(t.Context())
			if now := c.now(); err != nil || next.Sub(now) > expireEvery {
				t.Errorf("after a jump by %s the next step is in %s, %v", d, next.Sub(now), err)
			}
			c.move(sxp.Second)
		}
		n.finder.dirty.Store(true)
		look(t, c, n)
		if !n.rested() {
			t.Errorf("after a jump by %s the finder does not look", d)
		}
	}
}
