package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/market"
)

// TestOnlineNotary: two people deal by hand with a notary who is on the
// market's roll and whose fee is a rule of the market. Both send it their
// promises, nobody signs on their own, and it gives all signatures out
// together, also when one of them has gone away meanwhile.
func TestOnlineNotary(t *testing.T) {
	t.Parallel()
	for _, vanishes := range []bool{false, true} {
		v := newVillage(t, 3, "alice", "bob")
		v.log = quiet
		v.found()
		alice, bob := v.person("alice"), v.person("bob")
		do[agent.MarketView](v, alice, "market.rules", agent.SetRules{Policy: &market.Policy{Levies: []market.Levy{{Name: "notary's fee", Rate: "1", To: "the notary"}}}})
		v.run(sxp.Minute)
		d := do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Notary: true, Accept: true, Transfers: []agent.ComposeMove{
			{To: bob.ID().String(), Item: "a painting"}, {From: bob.ID().String(), Item: "500 EUR"}}})
		if d.Jury != 1 || !d.Notary || !strings.Contains(d.Text, "notary's fee: 1 % of everything but money, owed by who gives it to the notary") {
			t.Errorf("the proposal has %d jurors and says\n%s", d.Jury, d.Text)
		}
		v.until(sxp.Minute, "1", "proposed", bob)
		v.accept("1", bob)
		if vanishes {
			_, err := bob.Step(t.Context()) // sends his promise
			check(t, err)
			if state := do[agent.DealView](v, bob, "deal", agent.DealRef{Deal: "1"}).State; state != "promised" {
				t.Fatalf("bob is %s when he vanishes, want promised", state)
			}
			bob.away = true
		}
		v.until(5*sxp.Minute, d.ID.String(), "signed", alice)
		bob.away = false
		v.until(25*sxp.Hour, d.ID.String(), "signed", bob)
		for _, p := range v.people {
			got := do[agent.DealView](v, p, "deal", agent.DealRef{Deal: d.ID.String()})
			last := got.Events[len(got.Events)-1]
			if last.What != "notary" || !got.ByJury {
				t.Errorf("%s: by the notary %v: %+v", p.name, got.ByJury, got.Events)
			}
			for _, e := range got.Events {
				if e.What == "lodged" || e.What == "signed" && e.At != last.At {
					t.Errorf("%s: %s before the notary gave all out", p.name, e.Text)
				}
			}
		}
		if string(v.file(alice, "1")) != string(v.file(bob, "1")) {
			t.Error("two people have two files")
		}
	}
}
