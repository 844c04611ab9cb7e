package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
)

// TestNobodyGivesAThingTwice: a contract that takes one announced thing from its
// owner for two people is refused by the owner's agent, whoever proposes it.
func TestNobodyGivesAThingTwice(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	bread := v.offer(bob, "bread", "eggs")
	do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{From: bob.ID().String(), Item: bread.ID.String()},
		{From: bob.ID().String(), To: charlie.ID().String(), Item: bread.ID.String()},
		{To: bob.ID().String(), Item: "eggs"},
	}, Accept: true})
	v.until(sxp.Minute, "1", "refused", bob)
	if d := v.newest(bob); !strings.Contains(d.Why, "twice") {
		t.Errorf("bob's agent says %q", d.Why)
	}
}
