package rows_test

import (
	"fmt"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
)

// TestCounterProposal: who does not like a deal says so and proposes another
// in its place; all see what the others said, and nobody was ever bound by the
// first.
func TestCounterProposal(t *testing.T) {
	t.Parallel()
	w := square(t, 1, "alice", "bob")
	alice, bob := w.people[0], w.people[1]
	first := do[agent.DealView](w, alice, "propose.deal", agent.ComposeDeal{Accept: true, Transfers: []agent.ComposeMove{
		{To: "bob", Item: "bread"}, {From: "bob", Item: "20 eggs"}}})
	w.until(sxp.Minute, "proposed", bob)
	do[agent.DealView](w, bob, "decline", agent.DealRef{Deal: "1", Why: "ten would be fair"})
	second := do[agent.DealView](w, bob, "propose.deal", agent.ComposeDeal{Accept: true, Transfers: []agent.ComposeMove{
		{To: "alice", Item: "10 eggs"}, {From: "alice", Item: "bread"}}})
	w.run(sxp.Minute)
	d := do[agent.DealView](w, alice, "deal", agent.DealRef{Deal: first.ID.String()})
	if !strings.Contains(fmt.Sprint(d.Why, d.Events), "ten would be fair") {
		t.Errorf("alice does not see why: %q %v", d.Why, d.Events)
	}
	ref := agent.DealRef{Deal: second.ID.String()}
	if d := do[agent.DealView](w, alice, "deal", ref); d.State != "proposed" || !strings.Contains(fmt.Sprint(d.Events), "bob accepted") {
		t.Errorf("alice sees %q %v, want bob's proposal, which he accepted", d.State, d.Events)
	}
	do[agent.DealView](w, alice, "accept", ref)
	w.run(2 * sxp.Minute)
	for _, p := range w.people {
		if d := do[agent.DealView](w, p, "deal", ref); d.State != "signed" {
			t.Errorf("%s sees the second deal %s", p.name, d.State)
		}
		if d := do[agent.DealView](w, p, "deal", agent.DealRef{Deal: first.ID.String()}); d.State == "signed" || d.State == "promised" {
			t.Errorf("%s sees the first deal %s", p.name, d.State)
		}
	}
}
