package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/market"
	"sxp/node"
)

// twoMarkets are a village with Alice, and a town on a node of its own with
// Bob, who know nothing of each other. The town takes the village for a
// neighbour, and has a tax and a guarantee.
func twoMarkets(t *testing.T) (v *village, alice, bob *person, town agent.MarketView) {
	v = newVillage(t, 3, "alice")
	v.found()
	v.addNode("http://town.test", node.Roles{Relay: true, Board: true, Watcher: true, Finder: true})
	alice, bob = v.person("alice"), v.addPerson("bob", v.nodes["http://town.test"].Address().String())
	do[agent.MarketView](v, bob, "market.create", agent.CreateMarket{Name: "Town", At: v.nodes["http://town.test"].Address().String()})
	village := do[[]agent.MarketView](v, alice, "markets", agent.None{})[0]
	town = do[agent.MarketView](v, bob, "market.rules", agent.SetRules{
		Market:     "Town",
		Policy:     &market.Policy{Levies: []market.Levy{{Name: "VAT", Rate: "20", To: "the town"}}, Guarantee: "The town checks what is sold."},
		Neighbours: []string{village.Link},
	})
	return v, alice, bob, town
}

// TestRingOfTwoMarkets: what Alice has and wants is on another market. She
// proposes over both; the contract has the town's tax, and the village's jury.
func TestRingOfTwoMarkets(t *testing.T) {
	t.Parallel()
	v, alice, bob, town := twoMarkets(t)
	if len(town.Neighbours) != 1 || town.Neighbours[0].Name != "Village" || len(town.Policy.Levies) != 1 {
		t.Fatalf("the town says %+v", town)
	}
	v.offer(alice, "bread", "eggs")
	do[agent.AnnouncementView](v, bob, "offer", agent.Announce{Title: "eggs", Wants: []string{"bread"}, Attributes: map[string]string{"value": "4.99 EUR"}})
	v.run(5 * sxp.Second)
	if n := len(v.deals(alice)) + len(v.deals(bob)); n != 0 {
		t.Fatalf("%d deals before anybody looked at both markets", n)
	}
	if p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{}); p.Rings != 0 {
		t.Errorf("the village alone: %+v", p)
	}
	if p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{With: []string{town.Link}}); p.Rings != 1 {
		t.Fatalf("both: %+v", p)
	}
	v.until(sxp.Minute, "1", "proposed", alice, bob)
	d := v.newest(bob)
	if len(d.Markets) != 2 || d.Markets[0].Name != "Village" || d.Markets[1].Name != "Town" {
		t.Errorf("bob sees the markets %+v", d.Markets)
	}
	for _, want := range []string{"VAT: 20 % of 4.99 EUR, which is 1 EUR, to the town", "Markets\n1. Village", "2. Town", "The town checks what is sold."} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("the contract does not say %q:\n%s", want, d.Text)
		}
	}
	for _, x := range d.Transfers {
		if (len(x.Levies) == 1) != x.MineFrom {
			t.Errorf("the levies on %s: %q", x.Item, x.Levies)
		}
	}
	v.accept("1", alice, bob)
	v.until(3*sxp.Minute, "1", "signed", alice, bob)
	if r, err := contract.Verify(v.file(bob, "1")); err != nil || !r.Drawn {
		t.Errorf("bob's file: %+v, %v", r, err)
	}
	if a, b := v.item(alice, 1), v.item(bob, 1); a.State != "swapped" || b.State != "swapped" {
		t.Errorf("the bread is %s, the eggs are %s", a.State, b.State)
	}
	v.run(sxp.Minute)
	if p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{With: []string{town.Link}}); p.Rings != 0 {
		t.Errorf("after the swap: %+v", p)
	}
}

// TestForeignJuriesAreRefused: without a charter that names its market nobody
// trusts a jury.
func TestForeignJuriesAreRefused(t *testing.T) {
	t.Parallel()
	v, alice, bob, town := twoMarkets(t)
	v.offer(alice, "bread", "eggs")
	do[agent.AnnouncementView](v, bob, "offer", agent.Announce{Title: "eggs", Wants: []string{"bread"}})
	do[agent.MarketView](v, bob, "market.rules", agent.SetRules{Market: "Town", Neighbours: []string{}})
	v.restart(bob)
	if p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{With: []string{town.Link}}); p.Rings != 1 {
		t.Fatalf("%+v", p)
	}
	v.until(sxp.Minute, "1", "refused", bob)
	if d := v.newest(bob); !strings.Contains(d.Why, "roll") {
		t.Errorf("bob's agent says %q", d.Why)
	}
}

// TestPolicyMustBeThere: a contract over what is announced at a market leaves
// out what the market asks.
func TestPolicyMustBeThere(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.still["http://market.test"] = true
	v.offer(alice, "bread", "eggs")
	eggs := v.offer(bob, "eggs", "bread")
	// Bob proposes by the charter of before; Alice's agent knows the new one.
	stale := do[agent.DealView](v, bob, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{To: alice.ID().String(), Item: eggs.ID.String()}, {From: alice.ID().String(), Item: v.item(alice, 1).ID.String()}}})
	do[agent.MarketView](v, alice, "market.rules", agent.SetRules{Policy: &market.Policy{Levies: []market.Levy{{Name: "fee", Rate: "1", To: "the hall"}}}})
	v.until(sxp.Minute, "1", "refused", alice)
	if d := v.newest(alice); !strings.Contains(d.Why, "leaves out") || d.ID != stale.ID {
		t.Errorf("alice's agent says %q", d.Why)
	}
	if p := do[agent.Proposed](v, bob, "propose", agent.ProposeDeals{}); p.Rings != 1 {
		t.Fatalf("bob proposes %+v", p)
	}
	v.until(sxp.Minute, "2", "proposed", alice, bob)
	if d := v.newest(alice); !strings.Contains(d.Text, "fee: 1 % of what it is worth, to the hall") {
		t.Errorf("alice reads\n%s", d.Text)
	}
}

func TestRulesOfAMarket(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.fails(bob, "market.rules", agent.SetRules{Deals: &market.Deals{}}, sxp.Denied, "only who founded")
	v.fails(alice, "market.rules", agent.SetRules{}, sxp.Invalid, "what to change")
	v.fails(alice, "market.rules", agent.SetRules{Deals: &market.Deals{Rhythm: "weekly"}}, sxp.Invalid, "rhythm")
	do[agent.MarketView](v, alice, "market.rules", agent.SetRules{Deals: &market.Deals{Goals: []string{"people"}, MaxRing: 2}})
	m := do[[]agent.MarketView](v, bob, "markets", agent.None{})[0]
	if m.Deals.MaxRing != 2 || len(m.Deals.Goals) != 1 {
		t.Errorf("bob sees %+v", m.Deals)
	}
}

// TestReport: who waits and who trades, from the public board.
func TestReport(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(charlie, "a piano", "a boat")
	v.run(sxp.Hour)
	v.offer(alice, "bread", "eggs")
	v.run(sxp.Hour)
	v.offer(bob, "eggs", "bread")
	v.until(sxp.Minute, "1", "proposed", alice, bob)
	v.accept("1", alice, bob)
	v.until(3*sxp.Minute, "1", "signed", alice, bob)
	v.run(sxp.Minute)
	r := do[agent.MarketReport](v, bob, "market.report", agent.AskReport{})
	if r.People != 3 || r.Traders != 2 || r.Never != 1 || r.Waits.Count != 1 || r.Waited.Count != 2 || r.Waited.Longest < sxp.Hour || r.Waited.Median > sxp.Hour {
		t.Errorf("%+v", r)
	}
	if w := r.Waiting[0]; w.Name != "charlie" || w.Waits < 2*sxp.Hour || w.Swaps != 0 {
		t.Errorf("who waits longest: %+v", w)
	}
}
