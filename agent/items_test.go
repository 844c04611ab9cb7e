package agent_test

import (
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/market"
)

func (v *village) offer(p *person, title string, wants ...string) agent.AnnouncementView {
	v.t.Helper()
	return do[agent.AnnouncementView](v, p, "offer", agent.Announce{Title: title, Wants: wants})
}

func (v *village) search(p *person, words string) []agent.AnnouncementView {
	v.t.Helper()
	return do[[]agent.AnnouncementView](v, p, "search", agent.SearchMarket{Words: words})
}

func (v *village) item(p *person, number int) agent.AnnouncementView {
	v.t.Helper()
	for _, it := range do[[]agent.AnnouncementView](v, p, "list", agent.None{}) {
		if it.Number == number {
			return it
		}
	}
	v.t.Fatalf("%s has no announcement %d", p.name, number)
	return agent.AnnouncementView{}
}

func TestAnnouncementsLive(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	it := v.offer(alice, "a red bicycle", "guitar")
	if got := v.search(bob, "bicycle"); len(got) != 1 || got[0].OwnerName != "alice" || got[0].ID != it.ID {
		t.Fatalf("bob finds %+v", got)
	}
	for _, c := range []struct {
		in   agent.SearchMarket
		want int
	}{
		{agent.SearchMarket{Words: "car"}, 0},
		{agent.SearchMarket{Kind: market.Good}, 1},
		{agent.SearchMarket{Kind: market.Service}, 0},
		{agent.SearchMarket{Direction: market.Need}, 0},
		{agent.SearchMarket{Category: "vehicles"}, 0},
	} {
		if got := do[[]agent.AnnouncementView](v, bob, "search", c.in); len(got) != c.want {
			t.Errorf("search %+v finds %d, want %d", c.in, len(got), c.want)
		}
	}
	e := do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "a blue bicycle", Text: "like new", Wants: []string{"guitar", "banjo"}})
	if e.Version != 2 || e.ID != it.ID || len(e.Wants) != 2 || e.Item.Text != "like new" {
		t.Errorf("edited: %+v", e)
	}
	if len(v.search(bob, "red bicycle")) != 0 || len(v.search(bob, "blue bicycle")) != 1 {
		t.Error("the board does not have the new version alone")
	}
	v.fails(alice, "edit", agent.EditItem{Item: "7", Title: "x"}, sxp.NotFound, "7")
	v.fails(alice, "offer", agent.Announce{Title: ""}, sxp.Invalid, "")
	v.fails(alice, "offer", agent.Announce{Title: strings.Repeat("x", 400)}, sxp.TooLarge, "")
	v.fails(alice, "search", agent.SearchMarket{Market: "nowhere", Words: "x"}, sxp.NotFound, "nowhere")
	if w := do[agent.AnnouncementView](v, alice, "withdraw", agent.ItemRef{Item: "1"}); w.State != "withdrawn" || w.Title == "" {
		t.Errorf("withdrawn: %+v", w)
	}
	do[agent.AnnouncementView](v, alice, "withdraw", agent.ItemRef{Item: "1"})
	if len(v.search(bob, "bicycle")) != 0 {
		t.Error("a withdrawn offer is found")
	}
	v.fails(alice, "edit", agent.EditItem{Item: "1", Title: "x"}, sxp.Conflict, "withdrawn")
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "fresh bread", For: sxp.Hour})
	v.clock = v.clock.Add(2 * sxp.Hour)
	if s := v.item(alice, 2).State; s != "expired" || len(v.search(bob, "bread")) != 0 {
		t.Errorf("an hour later it is %s", s)
	}
	if e := do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "2"}); e.State != "active" || len(v.search(bob, "bread")) != 1 {
		t.Errorf("announced again: %+v", e)
	}
}

// TestGroupsLimitWhatIsTaken: of what a group lists, its owner gets at most k.
func TestGroupsLimitWhatIsTaken(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	g := do[agent.GroupView](v, alice, "group", agent.MakeGroup{Wants: []string{"guitar", "banjo"}})
	v.offer(alice, "chair", "group:"+g.ID.String())
	v.offer(alice, "table", "group:"+g.ID.String())
	v.offer(bob, "guitar", "chair", "table")
	v.offer(bob, "banjo", "chair", "table")
	traded := func() int {
		p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{})
		return strings.Count(strings.Join(p.Proposals, " "), "->")
	}
	if n := traded(); n != 2 {
		t.Errorf("%d things change hands with k=1, want 2", n)
	}
	g2 := do[agent.GroupView](v, alice, "group", agent.MakeGroup{Group: g.ID.String(), K: 2, Wants: []string{"guitar", "banjo"}})
	if g2.ID != g.ID || g2.Version != 2 || g2.K != 2 {
		t.Errorf("changed: %+v", g2)
	}
	if n := traded(); n != 4 {
		t.Errorf("%d things change hands with k=2, want 4", n)
	}
	all := do[[]agent.GroupView](v, alice, "groups", agent.None{})
	if len(all) != 1 || all[0].ID != g.ID || all[0].K != 2 || !slices.Equal(all[0].List, []string{"guitar", "banjo"}) || all[0].Market.IsZero() {
		t.Errorf("alice has the groups %+v", all)
	}
	v.fails(alice, "group", agent.MakeGroup{Group: "00", Wants: []string{"x"}}, sxp.NotFound, "no group")
}

// TestWhatWasAcceptedStays: what a person has agreed to give can be neither
// changed nor withdrawn until the deal has ended; what was only proposed can,
// and then the deal cannot be accepted any more.
func TestWhatWasAcceptedStays(t *testing.T) {
	t.Parallel()
	v := strangers(t, 1)
	v.proposed()
	alice, bob := v.person("alice"), v.person("bob")
	do[agent.AnnouncementView](v, bob, "edit", agent.EditItem{Item: "1", Title: "19 l beer"})
	v.fails(bob, "accept", agent.DealRef{Deal: "1"}, sxp.Conflict, "changed")
	do[agent.DealView](v, alice, "accept", agent.DealRef{Deal: "1"})
	v.fails(alice, "edit", agent.EditItem{Item: "1", Title: "2 h maths lessons"}, sxp.Conflict, "deal 1")
	v.fails(alice, "withdraw", agent.ItemRef{Item: "1"}, sxp.Conflict, "deal 1")
	v.fails(alice, "decline", agent.DealRef{Deal: "1"}, sxp.Late, "accepted")
	do[agent.DealView](v, bob, "decline", agent.DealRef{Deal: "1", Why: "changed my mind"})
	v.run(sxp.Minute)
	if d := v.deals(alice)[0]; d.State != "expired" || !strings.Contains(d.Why, "declined") {
		t.Errorf("alice sees %s", v.lines(alice))
	}
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "2 h maths lessons"})
}

// TestMarketDownAndBack: what is announced meanwhile waits and comes.
func TestMarketDownAndBack(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.run(sxp.Second)
	v.down["http://market.test"] = true
	it := v.offer(alice, "a boat")
	if !it.Pending {
		t.Error("an offer that the board cannot have is not pending")
	}
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "a small boat"})
	v.run(sxp.Minute)
	s := do[agent.Status](v, alice, "status", agent.None{})
	if len(s.Trouble) == 0 || s.Trouble[0].Kind != sxp.Unavailable || s.Trouble[0].Todo == "" {
		t.Errorf("trouble: %+v", s.Trouble)
	}
	v.restart(alice)
	v.down["http://market.test"] = false
	v.run(2 * sxp.Minute)
	if got := v.search(bob, "boat"); len(got) != 1 || got[0].Version != 2 {
		t.Errorf("bob finds %+v", got)
	}
	if v.item(alice, 1).Pending {
		t.Error("it is still pending")
	}
	if s := do[agent.Status](v, alice, "status", agent.None{}); len(s.Trouble) != 0 {
		t.Errorf("trouble after all is well: %+v", s.Trouble)
	}
}
