package rows_test

import (
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/node"
	"sxp/relay"
)

// TestNodesNeverSeeWhatPeopleWrite greps every byte that relays, a watcher, a
// board, a finder and jurors are handed, give out or keep while two people
// write letters and sign a contract that the jury has to complete. What was
// announced is on the board, since it is meant to be; nothing else is anywhere.
func TestNodesNeverSeeWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	board := w.add("http://board.test", node.Roles{Board: true, Finder: true}, relay.Policy{})
	one := w.add("http://one.test", node.Roles{Relay: true, Watcher: true}, relay.Policy{})
	two := w.add("http://two.test", node.Roles{Relay: true, Watcher: true}, relay.Policy{})
	jurors := []string{"http://j1.test", "http://j2.test", "http://j3.test"}
	for _, url := range jurors {
		w.add(url, node.Roles{Juror: true}, relay.Policy{})
	}
	alice, bob := w.move("alice", one), w.move("bob", two)
	w.found(board, agent.PublishRoll{Size: 3})
	w.befriend(alice, bob)
	do[agent.AnnouncementView](w, alice, "offer", agent.Announce{Title: "periwinkle"})
	w.send(alice, "bob", "the narwhal swims at midnight")
	w.run(30 * sxp.Second)
	w.send(bob, "alice", "the walrus sleeps until dawn")
	w.run(30 * sxp.Second)
	if a, b := len(w.inbox(alice)), len(w.inbox(bob)); a != 1 || b != 1 {
		t.Fatalf("alice has %d letters and bob %d, want one each", a, b)
	}

	do[agent.DealView](w, alice, "propose.deal", agent.ComposeDeal{Accept: true, Notes: "Meet beside the heronry.", Transfers: []agent.ComposeMove{
		{To: "bob", Item: "an astrolabe"}, {From: "bob", Item: "a theodolite", Delivery: "by zeppelin"}}})
	w.until(sxp.Minute, "proposed", bob)
	do[agent.DealView](w, bob, "accept", agent.DealRef{Deal: "1"})
	w.run(sxp.Second) // his acceptance and his promise leave
	bob.away = true
	w.until(sxp.Hour, "signed", alice)
	if !w.deal(alice).ByJury {
		t.Error("the jury was not needed, and so not tested")
	}
	bob.away = false
	w.until(10*sxp.Minute, "signed", bob)
	w.run(sxp.Minute)

	if !w.nodes["http://board.test"].holds(t, "periwinkle") {
		t.Error("the board does not show what was announced: this test looks at nothing")
	}
	for _, url := range jurors {
		if len(w.nodes[url].bytes) < 4 {
			t.Errorf("%s was asked nothing: this test looks at nothing", url)
		}
	}
	secrets := []string{"narwhal", "midnight", "walrus", "heronry", "astrolabe", "theodolite", "zeppelin"}
	for _, url := range w.order {
		for _, secret := range secrets {
			if w.nodes[url].holds(t, secret) {
				t.Errorf("%s learns %q", url, secret)
			}
		}
		if url != "http://board.test" && w.nodes[url].holds(t, "periwinkle") {
			t.Errorf("%s learns what only the board is told", url)
		}
	}
}
