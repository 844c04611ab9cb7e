package rows_test

import (
	"slices"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/node"
	"sxp/relay"
)

// TestRelaysDoNotTalkToEachOther: two people with different relays write to
// each other, change relays and restore nothing, and no relay asks any node.
func TestRelaysDoNotTalkToEachOther(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	one := w.add("http://one.test", node.Roles{Relay: true}, relay.Policy{})
	two := w.add("http://two.test", node.Roles{Relay: true}, relay.Policy{})
	three := w.add("http://three.test", node.Roles{Relay: true}, relay.Policy{})
	alice, bob := w.move("alice", one), w.move("bob", two)
	w.befriend(alice, bob)
	w.send(alice, "bob", "hello")
	w.run(sxp.Minute)
	w.send(bob, "alice", "hello back")
	do[agent.None](w, bob, "relays.set", agent.SetRelays{Relays: []string{three}})
	w.run(sxp.Minute)
	w.send(bob, "alice", "from the new one")
	w.run(sxp.Minute)
	if a, b := w.inbox(alice), w.inbox(bob); len(a) != 2 || len(b) != 1 {
		t.Fatalf("alice reads %q and bob %q", a, b)
	}
	for url, m := range w.nodes {
		if len(m.asked) > 0 {
			t.Errorf("the relay %s asks %v", url, m.asked)
		}
	}
}

// TestOwnRelayIsEnough: a person's own relay, the only one that is up, keeps
// their sending alive, and serves nobody else's.
func TestOwnRelayIsEnough(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	public := w.add("http://public.test", node.Roles{Relay: true}, relay.Policy{})
	bob := w.move("bob", public)
	alice := w.move("alice", public)
	own := w.add("http://own.test", node.Roles{Relay: true}, relay.Policy{Mode: relay.Own, Own: []sxp.ID{alice.ID()}})
	do[agent.None](w, alice, "relays.set", agent.SetRelays{Relays: []string{own}})
	w.befriend(alice, bob)
	w.run(sxp.Minute)

	w.nodes["http://public.test"].down = true
	w.send(alice, "bob", "the others are gone")
	w.run(sxp.Minute)
	if got := w.inbox(bob); !slices.Equal(got, []string{"alice: the others are gone"}) {
		t.Errorf("bob reads %q", got)
	}
	do[agent.None](w, bob, "relays.set", agent.SetRelays{Relays: []string{own}})
	w.send(bob, "alice", "may I?")
	w.run(sxp.Minute)
	if got := w.inbox(alice); len(got) != 0 {
		t.Errorf("a stranger writes at alice's own relay: %q", got)
	}
}

// TestOneOfTwoRelaysDies: sender and receiver are never online together, one
// of the sender's two relays dies between them, and every letter arrives once.
func TestOneOfTwoRelaysDies(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"", "http://one.test", "http://two.test"} {
		t.Run(dies, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			one := w.add("http://one.test", node.Roles{Relay: true}, relay.Policy{})
			two := w.add("http://two.test", node.Roles{Relay: true}, relay.Policy{})
			alice, bob := w.move("alice", one, two), w.move("bob", two, one)
			w.befriend(alice, bob)
			bob.away = true
			w.send(alice, "bob", "first")
			w.run(sxp.Minute)
			if dies != "" {
				w.nodes[dies].down = true
			}
			w.send(alice, "bob", "second")
			w.run(sxp.Minute)
			alice.away, bob.away = true, false
			w.run(2 * sxp.Minute)
			if got := w.inbox(bob); !slices.Equal(got, []string{"alice: first", "alice: second"}) {
				t.Errorf("bob reads %q", got)
			}
			w.send(bob, "alice", "third")
			w.run(sxp.Minute)
			alice.away, bob.away = false, true
			w.run(2 * sxp.Minute)
			if got := w.inbox(alice); !slices.Equal(got, []string{"bob: third"}) {
				t.Errorf("alice reads %q", got)
			}
		})
	}
}
