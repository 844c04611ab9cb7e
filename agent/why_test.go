package agent_test

import (
	"testing"

	"sxp"
	"sxp/agent"
)

// TestWhy: somebody whose offer finds no ring is told what is missing, and
// following the advice closes one.
func TestWhy(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(alice, "bread", "eggs")
	why := func(p *person, number string) agent.WhyView {
		t.Helper()
		return do[agent.WhyView](v, p, "why", agent.ItemRef{Item: number})
	}
	v.run(sxp.Minute)
	if w := why(alice, "1"); w.Reason != "no-wishes" || w.Wishes != 0 {
		t.Errorf("alone: %+v", w)
	}
	v.offer(bob, "eggs", "honey")
	v.run(sxp.Minute)
	if w := why(alice, "1"); w.Reason != "not-wanted" || w.Wishes != 1 || w.Wanted != 0 {
		t.Errorf("nobody wants bread: %+v", w)
	}
	v.offer(charlie, "candles", "bread")
	v.run(sxp.Minute)
	w := why(alice, "1")
	if w.Reason != "no-ring" || w.Wanted != 1 || len(w.Take) != 1 || w.Take[0].Item != "candles" || w.Take[0].OwnerName != "charlie" || w.Take[0].Items != 2 || !w.Take[0].Free {
		t.Fatalf("bread for eggs for honey, candles for bread: %+v", w)
	}
	v.fails(bob, "why", agent.ItemRef{Item: "7"}, sxp.NotFound, "no announcement")
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Wants: []string{"eggs", w.Take[0].Item}})
	v.until(3*sxp.Minute, "1", "proposed", alice, charlie)
	if w := why(alice, "1"); w.Reason != "traded" {
		t.Errorf("after the advice: %+v", w)
	}
}

// TestWhyANeed: a need speaks through what its owner has to give.
func TestWhyANeed(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	do[agent.AnnouncementView](v, alice, "need", agent.Announce{Title: "a ladder"})
	v.run(sxp.Minute)
	if w := do[agent.WhyView](v, alice, "why", agent.ItemRef{Item: "1"}); w.Reason != "no-wishes" {
		t.Errorf("no ladder anywhere: %+v", w)
	}
	v.offer(bob, "a ladder", "a saw")
	v.run(sxp.Minute)
	if w := do[agent.WhyView](v, alice, "why", agent.ItemRef{Item: "1"}); w.Reason != "nothing-to-give" || w.Wishes != 1 {
		t.Errorf("a ladder, and nothing to give: %+v", w)
	}
}
