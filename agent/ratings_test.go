package agent_test

import (
	"errors"
	"testing"

	"sxp"
	"sxp/agent"
)

// TestRatingsAtAMarket: what parties of a contract say of each other is read at
// the market by somebody who was not in it, who learns too whether they know
// any of those who say it; only who wrote it publishes it.
func TestRatingsAtAMarket(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "dora")
	v.found()
	alice, bob, dora, ctx := v.person("alice"), v.person("bob"), v.person("dora"), t.Context()
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "3 h maths lessons", Wants: []string{"beer"}})
	do[agent.AnnouncementView](v, bob, "offer", agent.Announce{Title: "20 l beer", Wants: []string{"lessons"}})
	for range 60 {
		if v.run(sxp.Second); len(v.deals(alice)) == 1 && len(v.deals(bob)) == 1 {
			break
		}
	}
	v.accept("1", alice, bob)
	v.until(5*sxp.Minute, "1", "signed", alice, bob)

	of := func(p *person, about *person) agent.RatingsView {
		t.Helper()
		return do[agent.RatingsView](v, p, "ratings", agent.RatingsOf{ID: about.ID()})
	}
	if got := of(dora, bob); got.Contracts != 0 || got.List == nil || len(got.List) != 0 {
		t.Errorf("nobody has said anything: %+v", got)
	}
	said := do[agent.Rated](v, alice, "rate", agent.RateDeal{Deal: "1", Broken: []int{bobGives(v, alice)}, Text: "half of it was missing"})
	if got := of(alice, bob); got.Broken != 1 || !got.List[0].Own || !got.List[0].Mine {
		t.Errorf("who wrote it reads %+v", got)
	}
	if got := of(dora, bob); got.Contracts != 0 {
		t.Errorf("it was published by nobody, and is read: %+v", got)
	}
	if _, err := agent.Call[agent.None](ctx, bob, "rating.publish", agent.PublishRating{Message: said.Message}); !errors.Is(err, sxp.Denied) {
		t.Errorf("who is rated publishes it: %v", err)
	}
	do[agent.None](v, alice, "rating.publish", agent.PublishRating{Message: said.Message})
	got := of(dora, bob)
	if got.Contracts != 1 || got.Broken != 1 || got.People != 1 || got.Known != 0 || got.More || len(got.List) != 1 {
		t.Fatalf("a stranger reads %+v", got)
	}
	if x := got.List[0]; x.By != alice.ID() || x.ByName != "alice" || x.Known || x.Mine || x.Own || x.Kept || x.Text != "half of it was missing" {
		t.Errorf("a stranger reads the rating as %+v", x)
	}

	reply, err := bob.TakeRating(ctx, agent.TakeRating{Message: said.Message, Reply: "you drank it"})
	check(t, err)
	do[agent.None](v, bob, "rating.publish", agent.PublishRating{Message: reply.Message})
	do[agent.ContactView](v, dora, "contact.add", agent.AddContact{ID: alice.ID()})
	got = of(dora, bob)
	if got.Broken != 0 || got.Disputed != 1 || got.Known != 1 || !got.List[0].Known || got.List[0].Reply != "you drank it" {
		t.Errorf("with a reply, by somebody known: %+v", got)
	}
	if got := of(bob, bob); got.Disputed != 1 || got.Known != 1 || len(got.List) != 1 || !got.List[0].Own {
		t.Errorf("who is rated reads %+v", got)
	}
	v.run(sxp.Second)
	later := do[agent.Rated](v, alice, "rate", agent.RateDeal{Deal: "1"})
	do[agent.None](v, alice, "rating.publish", agent.PublishRating{Message: later.Message})
	if got := of(dora, bob); got.Kept != 1 || got.Contracts != 1 || len(got.List) != 1 || got.List[0].Reply != "" {
		t.Errorf("after a change of mind: %+v", got)
	}
	if got := of(dora, alice); got.Contracts != 0 {
		t.Errorf("of somebody else: %+v", got)
	}
}

// bobGives is the number of the transfer of deal 1 that bob gives.
func bobGives(v *village, p *person) int {
	d := v.deals(p)[0]
	for i, x := range d.Transfers {
		if x.From == v.person("bob").ID() {
			return i + 1
		}
	}
	v.t.Fatal("bob gives nothing")
	return 0
}
