package agent_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/identity"
	"sxp/node"
	"sxp/relay"
)

// without answers all requests of the market's node but those of one type,
// which meet a node that is down.
func (v *village) without(url string, types ...envelope.Type) {
	n := v.nodes[url]
	v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) {
		typ, _, err := envelope.Peek(raw)
		check(v.t, err)
		for _, no := range types {
			if typ == no {
				return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s is not answered", typ)
			}
		}
		v.ring(raw)
		return relay.Local(n, v.now).Call(ctx, raw)
	}
}

// TestWrongNodes: what answers at a contact's relay harms nothing but what
// rests there, is shown, and is used again when it is well.
func TestWrongNodes(t *testing.T) {
	t.Parallel()
	other, err := identity.NewSigningKey(rand.Reader)
	check(t, err)
	for _, c := range []struct {
		name  string
		wrong func(v *village) func(context.Context, []byte) ([]byte, error)
		kind  sxp.Kind
	}{
		{"down", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return func(context.Context, []byte) ([]byte, error) {
				return nil, sxp.Errorf("test", sxp.Unavailable, nil, "connection refused")
			}
		}, sxp.Unavailable},
		{"nonsense", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return func(context.Context, []byte) ([]byte, error) { return []byte("<html>Welcome to this hotel"), nil }
		}, sxp.Invalid},
		{"nothing", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return func(context.Context, []byte) ([]byte, error) { return nil, nil }
		}, sxp.Invalid},
		{"hangs", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return func(ctx context.Context, _ []byte) ([]byte, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
		}, sxp.Unavailable},
		{"another node", func(v *village) func(context.Context, []byte) ([]byte, error) {
			rt := relay.NewRouter(other, relay.RouterConfig{})
			return func(ctx context.Context, raw []byte) ([]byte, error) { return relay.Local(rt, v.now).Call(ctx, raw) }
		}, sxp.Invalid},
		{"an old answer", func(v *village) func(context.Context, []byte) ([]byte, error) {
			var first []byte
			n := v.nodes["http://bob.test"]
			return func(ctx context.Context, raw []byte) ([]byte, error) {
				answer, err := relay.Local(n, v.now).Call(ctx, raw)
				if first == nil {
					first = bytes.Clone(answer)
				}
				return first, err
			}
		}, sxp.Invalid},
		{"a full disk", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return v.failing("http://bob.test", sxp.Full)
		}, sxp.Full},
		{"a defect", func(v *village) func(context.Context, []byte) ([]byte, error) {
			return v.failing("http://bob.test", sxp.Internal)
		}, sxp.Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t, 0)
			if c.name == "hangs" {
				v.timeout = 50 * time.Millisecond
			}
			v.addPerson("alice")
			v.addPerson("charlie")
			v.addNode("http://bob.test", node.Roles{Relay: true})
			bob := v.addPerson("bob", v.nodes["http://bob.test"].Address().String())
			alice, charlie := v.person("alice"), v.person("charlie")
			v.befriend(alice, bob)
			v.befriend(alice, charlie)
			v.run(sxp.Minute)
			v.wrong["http://bob.test"] = c.wrong(v)
			bob.away = true // else "an old answer" is his
			v.send(bob, "alice", "to be delivered later")
			v.send(charlie, "alice", "hello")
			v.heard["http://bob.test"] = 0
			v.run(20 * sxp.Minute)
			if got := v.texts(alice); len(got) != 1 || got[0] != "charlie: hello" {
				t.Errorf("meanwhile the inbox says %q", got)
			}
			s := do[agent.Status](v, alice, "status", agent.None{})
			if len(s.Trouble) != 1 || !strings.Contains(s.Trouble[0].Node, "bob.test") || s.Trouble[0].Todo == "" || s.Trouble[0].Kind != c.kind && c.name != "an old answer" {
				t.Errorf("trouble: %+v, want %s", s.Trouble, c.kind)
			}
			if n := v.heard["http://bob.test"]; c.name == "hangs" && n > 25 {
				t.Errorf("a silent node was asked %d times in 20 minutes", n)
			}
			bob.away = false
			v.run(10 * sxp.Minute)
			delete(v.wrong, "http://bob.test")
			v.run(20 * sxp.Minute)
			if got := v.texts(alice); len(got) != 2 {
				t.Errorf("afterwards the inbox says %q", got)
			}
			if s := do[agent.Status](v, alice, "status", agent.None{}); len(s.Trouble) != 0 {
				t.Errorf("trouble after all is well: %+v", s.Trouble)
			}
		})
	}
}

// failing answers every request of a node with a signed error.
func (v *village) failing(url string, kind sxp.Kind) func(context.Context, []byte) ([]byte, error) {
	key := v.secrets[url]
	rt := relay.NewRouter(key, relay.RouterConfig{})
	refuse := func() error { return sxp.Errorf("test", kind, nil, "refused") }
	relay.Serve(rt, relay.TypeInventory, func(context.Context, sxp.Time, sxp.ID, []byte, relay.Inventory) (relay.Listing, error) {
		return relay.Listing{}, refuse()
	})
	relay.ServeRule(rt, relay.TypeWrite, relay.Rule{Anyone: true}, func(context.Context, sxp.Time, []byte, *relay.Request[relay.Write]) (bool, error) {
		return false, refuse()
	})
	return func(ctx context.Context, raw []byte) ([]byte, error) { return relay.Local(rt, v.now).Call(ctx, raw) }
}

// TestWrongClock: a device whose clock is off by a day hears so, with both
// times, and nothing is lost once it is set.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for _, skew := range []sxp.Duration{sxp.Day, -sxp.Day} {
		v := newVillage(t, 1, "alice", "bob")
		v.found()
		alice, bob := v.person("alice"), v.person("bob")
		v.befriend(alice, bob)
		v.run(sxp.Minute)
		bob.skew = skew
		v.due[bob] = 0
		v.send(alice, "bob", "what time is it?")
		v.run(10 * sxp.Second)
		s := do[agent.Status](v, bob, "status", agent.None{})
		found := false
		for _, tr := range s.Trouble {
			there, here := v.clock.String()[:10], v.clock.Add(skew).String()[:10]
			found = found || tr.Kind == sxp.Clock && strings.Contains(tr.Text, there) && strings.Contains(tr.Text, here) && strings.Contains(tr.Todo, "clock")
		}
		if !found {
			t.Errorf("%v off: %+v", skew, s.Trouble)
		}
		v.fails(bob, "offer", agent.Announce{Title: "bread"}, sxp.Clock, "clock")
		if n := len(do[[]agent.AnnouncementView](v, bob, "list", agent.None{})); n != 0 {
			t.Errorf("%d announcements after a refused one", n)
		}
		bob.skew = 0
		v.due[bob] = 0
		v.run(3 * sxp.Minute)
		if got := v.texts(bob); len(got) != 1 {
			t.Errorf("after the clock was set: %q", got)
		}
	}
}

// TestProposalsWaitForTheirRoll: mail is not lost because the roll it names
// cannot be had yet.
func TestProposalsWaitForTheirRoll(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.forgetRolls(bob)
	v.without("http://market.test", relay.RequestType("market.roll"))
	v.swap(alice, bob)
	v.run(sxp.Minute)
	if n := len(v.deals(bob)); n != 0 {
		t.Fatalf("bob sees %s", v.lines(bob))
	}
	delete(v.wrong, "http://market.test")
	v.until(sxp.Minute, "1", "proposed", bob)
}

// TestAMessageMayOvertakeItsProposal: what a contact says of a deal before its
// proposal is here is not lost, not even by a restart.
func TestAMessageMayOvertakeItsProposal(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.befriend(alice, bob)
	v.befriend(bob, charlie)
	v.run(sxp.Second)
	v.offer(alice, "bread", "eggs")
	v.offer(bob, "eggs", "bread")
	v.still["http://market.test"] = true // its finder sleeps
	v.blind(bob, relay.RequestType("market.mail"))
	do[agent.Proposed](v, charlie, "propose", agent.ProposeDeals{})
	v.until(sxp.Minute, "1", "proposed", alice)
	v.accept("1", alice)
	v.run(2 * sxp.Minute)
	if n := len(v.deals(bob)); n != 0 {
		t.Fatalf("bob sees %s", v.lines(bob))
	}
	v.restart(bob)
	v.run(sxp.Minute)
	delete(v.wrong, "http://market.test")
	v.until(sxp.Minute, "1", "proposed", bob)
	v.accept("1", bob)
	v.until(2*sxp.Minute, "1", "signed", alice, bob)
}

// blind keeps requests of one type by one person from the market's node.
func (v *village) blind(p *person, no envelope.Type) {
	n := v.nodes["http://market.test"]
	v.wrong["http://market.test"] = func(ctx context.Context, raw []byte) ([]byte, error) {
		typ, who, err := envelope.Peek(raw)
		check(v.t, err)
		if typ == no && who == p.ID() {
			return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s is not answered", typ)
		}
		v.ring(raw)
		return relay.Local(n, v.now).Call(ctx, raw)
	}
}
