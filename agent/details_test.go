package agent_test

import (
	"slices"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/market"
)

// TestItemsSayWhereWhenAndHowTheyLook: place, time and attributes reach those
// who search; an edit changes what it names and keeps the rest.
func TestItemsSayWhereWhenAndHowTheyLook(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	from, until := v.clock.Add(sxp.Day), v.clock.Add(30*sxp.Day)
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{
		Title: "garden hut", Place: "by the canal in Kiel", From: from, Until: until,
		Attributes: map[string]string{"picture": "https://pictures.example/hut.jpg", "beds": "2"},
	})
	got := v.search(bob, "kiel")
	if len(got) != 1 || got[0].Item.Place != "by the canal in Kiel" || got[0].Item.From != from || got[0].Item.Until != until ||
		got[0].Item.Attributes["picture"] != "https://pictures.example/hut.jpg" {
		t.Fatalf("bob finds %+v", got)
	}
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "large garden hut", Until: until + 1, Attributes: map[string]string{"beds": "", "heating": "wood"}})
	it := v.search(bob, "large hut")[0].Item
	if it.Place == "" || it.From != from || it.Until != until+1 || len(it.Attributes) != 2 || it.Attributes["heating"] != "wood" || it.Attributes["picture"] == "" {
		t.Errorf("after the edit: %+v", it)
	}
	v.fails(alice, "offer", agent.Announce{Title: "x", From: until, Until: from}, sxp.Invalid, "until")
	v.fails(alice, "edit", agent.EditItem{Item: "1", Attributes: map[string]string{"a b": "x"}}, sxp.Invalid, "attributes")
	n := do[agent.AnnouncementView](v, bob, "need", agent.Announce{Title: "tent", Place: "Kiel"})
	if n.Item.Place != "Kiel" {
		t.Errorf("a need at a place: %+v", n.Item)
	}
}

// TestEditsClearAndKeep: what is cleared is gone, a kind that was chosen by
// hand survives a new title, and what meets a need follows its category.
func TestEditsClearAndKeep(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	yes, no := true, false
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{
		Title: "20 kg apples", Kind: market.Right, Text: "to be picked", Category: "garden", Place: "Kiel", Until: v.clock.Add(9 * sxp.Day),
		Point: &market.Point{Lat: 54_323, Lon: 10_139}, Divisible: true,
	})
	a := do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "30 kg apples", Clear: []string{"text", "until"}})
	it := v.search(bob, "apples")[0].Item
	if it.Text != "" || it.Until != 0 || it.Place != "Kiel" || it.Category != "garden" || it.Kind != market.Right || !it.Divisible || it.Point == nil || it.Quantity != "30" {
		t.Errorf("after clearing: %+v", it)
	}
	if a.Version != 2 {
		t.Errorf("the answer is version %d", a.Version)
	}
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Kind: market.Good, NoPoint: true, Divisible: &no, Clear: []string{"place"}, Place: "Eutin"})
	if it = v.search(bob, "apples")[0].Item; it.Kind != market.Good || it.Point != nil || it.Divisible || it.Place != "Eutin" {
		t.Errorf("after the second edit: %+v", it)
	}
	v.fails(alice, "edit", agent.EditItem{Item: "1", Clear: []string{"title"}}, sxp.Invalid, "title")
	v.fails(alice, "edit", agent.EditItem{Item: "1", Title: "apples", Divisible: &yes}, sxp.Invalid, "divisible")

	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "jam", Category: "kitchen"})
	do[agent.AnnouncementView](v, bob, "offer", agent.Announce{Title: "bread"})
	do[agent.AnnouncementView](v, bob, "need", agent.Announce{Title: "jam", Category: "garden"})
	do[agent.AnnouncementView](v, alice, "need", agent.Announce{Title: "bread"})
	if p := do[agent.Proposed](v, bob, "propose", agent.ProposeDeals{Mine: true}); p.Rings != 0 {
		t.Fatalf("jam of another category met the need: %+v", p)
	}
	do[agent.AnnouncementView](v, bob, "edit", agent.EditItem{Item: "2", Category: "kitchen"})
	if p := do[agent.Proposed](v, bob, "propose", agent.ProposeDeals{Mine: true}); p.Rings != 1 {
		t.Errorf("jam of the category that is now asked for: %+v", p)
	}
}

// TestWantsReadBack: an edit may send the wants that it was shown, and they
// mean what they meant.
func TestWantsReadBack(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice")
	v.found()
	alice := v.person("alice")
	coins := "12 coins of " + v.person("alice").ID().String()
	wants := []string{"kind:service haircut", "20 l beer", "3 h lessons", "10 EUR", coins, "kind:right", "category:tools/garden tent | hut", "category:tools near:54.323,-10.139,25km ladder | stairs"}
	a := do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "bread", Wants: wants})
	b := do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Wants: a.Wants})
	if !slices.Equal(a.Wants, wants) || !slices.Equal(b.Wants, wants) {
		t.Errorf("wants\n%q\nwere read as\n%q\nthen as\n%q", wants, a.Wants, b.Wants)
	}
}

// TestPlacesInWords: a place that a title says is kept, also by an edit of
// something else.
func TestPlacesInWords(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "ladder near:54.323,10.139"})
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "long ladder"})
	if got := v.search(bob, "near:54.3,10.1,5km ladder"); len(got) != 1 || got[0].Item.Title != "long ladder" || *got[0].Item.Point != (market.Point{Lat: 54_323, Lon: 10_139}) {
		t.Errorf("bob finds %+v", got)
	}
	if got := v.search(bob, "near:54.3,10.1,2km ladder"); len(got) != 0 {
		t.Errorf("bob finds what is further away: %+v", got)
	}
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "long ladder near:10,-10"})
	if got := v.search(bob, "near:10,-10,1km"); len(got) != 1 {
		t.Errorf("after it was moved bob finds %+v", got)
	}
}
