package agent_test

import (
	"testing"

	"sxp"
	"sxp/agent"
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
