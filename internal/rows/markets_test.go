package rows_test

import (
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/node"
	"sxp/relay"
)

// TestSeveralMarkets: one person is in two markets on two nodes, lists the same
// thing in both, and finds in each what is there; the loss of one market's node
// leaves the other.
func TestSeveralMarkets(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rest := w.add("http://relay.test", node.Roles{Relay: true}, relay.Policy{})
	north := w.add("http://north.test", node.Roles{Board: true}, relay.Policy{})
	south := w.add("http://south.test", node.Roles{Board: true}, relay.Policy{})
	alice, bob, carol := w.move("alice", rest), w.move("bob", rest), w.move("carol", rest)
	for _, m := range []struct {
		name, at string
		who      *person
	}{{"North", north, bob}, {"South", south, carol}} {
		v := do[agent.MarketView](w, m.who, "market.create", agent.CreateMarket{Name: m.name, At: m.at})
		do[agent.MarketView](w, alice, "market.join", agent.JoinMarket{Link: v.Link})
		do[agent.AnnouncementView](w, alice, "offer", agent.Announce{Market: m.name, Title: "a red bicycle"})
		do[agent.AnnouncementView](w, m.who, "offer", agent.Announce{Title: "bread of " + m.name})
	}
	w.run(10 * sxp.Second)
	finds := func(p *person, q agent.SearchMarket) []agent.AnnouncementView {
		return do[[]agent.AnnouncementView](w, p, "search", q)
	}
	for _, p := range []*person{bob, carol} {
		if got := finds(p, agent.SearchMarket{Words: "bicycle"}); len(got) != 1 || got[0].Owner != alice.ID() {
			t.Errorf("%s finds %+v, want alice's bicycle", p.name, got)
		}
	}
	for _, name := range []string{"North", "South"} {
		if got := finds(alice, agent.SearchMarket{Market: name, Words: "bread"}); len(got) != 1 || got[0].Title != "bread of "+name {
			t.Errorf("alice finds %+v in %s", got, name)
		}
	}
	w.nodes["http://north.test"].down = true
	do[agent.AnnouncementView](w, alice, "offer", agent.Announce{Market: "South", Title: "a lamp"})
	w.run(10 * sxp.Second)
	if got := finds(carol, agent.SearchMarket{Words: "lamp"}); len(got) != 1 {
		t.Errorf("with the other market gone, carol finds %+v", got)
	}
	do[agent.None](w, alice, "market.leave", agent.MarketRef{Market: "North"})
	if n := len(do[[]agent.MarketView](w, alice, "markets", agent.None{})); n != 1 {
		t.Errorf("after leaving one, alice is in %d markets", n)
	}
}
