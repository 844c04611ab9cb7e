package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/market"
)

// TestMarketsAreModerated: who founded a market takes an announcement off it
// and lets it in again, and everybody reads why; nobody else can.
func TestMarketsAreModerated(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	it := v.offer(bob, "stolen bicycle")
	remove := agent.RemoveItem{Item: it.ID.String(), Why: "it was reported stolen"}
	v.fails(charlie, "market.remove", remove, sxp.Denied, "only who founded")
	v.fails(alice, "market.remove", agent.RemoveItem{Item: it.ID.String()}, sxp.Invalid, "why")
	v.fails(alice, "market.remove", agent.RemoveItem{Item: "1", Why: "x"}, sxp.Invalid, "item id")
	n := do[agent.NoticeView](v, alice, "market.remove", remove)
	if len(v.search(charlie, "bicycle")) != 0 {
		t.Error("what was removed is found")
	}
	v.fails(bob, "edit", agent.EditItem{Item: "1", Text: "really mine"}, sxp.Denied, "reported stolen")
	for _, p := range v.people {
		if got := do[[]agent.NoticeView](v, p, "market.notices", agent.MarketRef{}); len(got) != 1 || got[0] != n || got[0].Why != remove.Why {
			t.Errorf("%s reads the notices %+v", p.name, got)
		}
	}
	v.run(2 * sxp.Hour)
	v.restart(bob)
	if why := v.item(bob, 1).Why; !strings.Contains(why, remove.Why) {
		t.Errorf("bob is told %q of his removed offer", why)
	}
	v.clock = v.clock.Add(sxp.Minute)
	remove.Restore, remove.Why = true, "the owner has shown the bill"
	do[agent.NoticeView](v, alice, "market.remove", remove)
	do[agent.AnnouncementView](v, bob, "edit", agent.EditItem{Item: "1", Text: "really mine"})
	if len(v.search(charlie, "bicycle")) != 1 {
		t.Error("what was let in again is not found")
	}
	v.run(2 * sxp.Hour)
	if why := v.item(bob, 1).Why; why != "" {
		t.Errorf("bob is still told %q", why)
	}
}

// TestMarketsAdmitWhomTheyInvite: on a market by invitation only those whom its
// charter lists can announce; the others can read.
func TestMarketsAdmitWhomTheyInvite(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	m := do[agent.MarketView](v, alice, "market.create", agent.CreateMarket{Name: "Club", At: v.market(), Invited: []string{bob.ID().String()}})
	if m.Admission != market.Invited {
		t.Errorf("the market is %q", m.Admission)
	}
	for _, p := range []*person{bob, charlie} {
		if got := do[agent.MarketView](v, p, "market.join", agent.JoinMarket{Link: m.Link}); got.Admits != (p == bob) {
			t.Errorf("%s is told that the market admits them: %t", p.name, got.Admits)
		}
	}
	v.offer(alice, "chess set")
	v.offer(bob, "chess clock")
	v.fails(charlie, "offer", agent.Announce{Title: "chess book"}, sxp.Denied, "admits")
	if got := v.search(charlie, "chess"); len(got) != 2 {
		t.Errorf("charlie finds %d, want 2", len(got))
	}
	v.fails(bob, "market.invite", agent.InviteToMarket{People: []string{charlie.ID().String()}}, sxp.Denied, "only who founded")
	do[agent.MarketView](v, alice, "market.invite", agent.InviteToMarket{People: []string{charlie.ID().String()}})
	v.offer(charlie, "chess book")
	if list := do[[]agent.MarketView](v, charlie, "markets", agent.None{}); len(list) != 1 || !list[0].Admits {
		t.Errorf("charlie, who is invited now, sees %+v", list)
	}
}

// TestFoundersSignTogether: a market of two founders is on no node before both
// have signed its charter, nor is its jury roll named; then people swap there.
func TestFoundersSignTogether(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "charlie")
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.befriend(alice, bob)
	draft := do[agent.MarketView](v, alice, "market.create", agent.CreateMarket{Name: "Harbour", At: v.market(), Founders: []string{"bob"}})
	if len(draft.Draft) == 0 || len(draft.Missing) != 1 || draft.Missing[0] != (agent.PersonView{ID: bob.ID(), Name: "bob"}) || !draft.Mine {
		t.Fatalf("the draft is %+v", draft)
	}
	file := agent.MarketDraft{Draft: draft.Draft}
	v.fails(bob, "market.join", agent.JoinMarket{Link: draft.Link}, sxp.NotFound, "")
	v.fails(charlie, "market.sign", file, sxp.Denied, "does not name you")
	v.fails(alice, "market.found", file, sxp.Denied, "not signed yet")
	v.restart(alice)
	file.Draft = do[agent.MarketView](v, bob, "market.sign", file).Draft
	again := do[agent.MarketView](v, bob, "market.sign", file)
	if string(again.Draft) != string(file.Draft) || len(again.Missing) != 0 {
		t.Error("signing twice changes the draft")
	}
	v.fails(bob, "market.found", file, sxp.Denied, "only who made")
	m := do[agent.MarketView](v, alice, "market.found", file)
	if len(m.Draft) != 0 || len(m.Founders) != 2 || m.Number != 1 || !m.Mine {
		t.Fatalf("founded: %+v", m)
	}
	for _, p := range []*person{bob, charlie} {
		do[agent.MarketView](v, p, "market.join", agent.JoinMarket{Link: m.Link})
	}
	link, err := market.ParseLink(m.Link)
	check(t, err)
	for _, url := range v.order[1:] {
		check(t, v.nodes[url].Enrol(t.Context(), link))
	}
	roll := do[agent.MarketView](v, alice, "market.roll", agent.PublishRoll{})
	if len(roll.Draft) == 0 || len(roll.Missing) != 1 {
		t.Fatalf("the roll's draft is %+v", roll)
	}
	if now := do[[]agent.MarketView](v, charlie, "markets", agent.None{}); now[0].Jurors != 0 {
		t.Errorf("a roll of %d jurors counts before bob has signed", now[0].Jurors)
	}
	signed := do[agent.MarketView](v, bob, "market.sign", agent.MarketDraft{Draft: roll.Draft})
	if m = do[agent.MarketView](v, alice, "market.found", agent.MarketDraft{Draft: signed.Draft}); m.Jurors != 3 {
		t.Errorf("the market has %d jurors", m.Jurors)
	}
	v.fails(bob, "market.sign", agent.MarketDraft{Draft: roll.Draft}, sxp.Replay, "charter")
	for _, p := range v.people {
		do[[]agent.MarketView](v, p, "markets", agent.None{})
	}
	v.offer(alice, "3 h maths lessons", "beer")
	v.offer(bob, "20 l beer", "coins")
	v.offer(charlie, "12 coins", "maths lessons")
	v.proposed()
	for _, p := range v.people {
		do[agent.DealView](v, p, "accept", agent.DealRef{Deal: "1"})
	}
	v.until(2*sxp.Minute, "1", "signed", v.people...)
	second := do[agent.MarketView](v, alice, "market.roll", agent.PublishRoll{Size: 1})
	if err := charlie.FetchRoll(t.Context(), m.ID, second.Roll); sxp.KindOf(err) != sxp.NotFound || !strings.Contains(err.Error(), "have not all signed") {
		t.Errorf("a roll that bob has not signed: %v", err)
	}
	second = do[agent.MarketView](v, bob, "market.sign", agent.MarketDraft{Draft: second.Draft})
	check(t, bob.FetchRoll(t.Context(), m.ID, m.Roll)) // signing is not yet publishing
	do[agent.MarketView](v, alice, "market.found", agent.MarketDraft{Draft: second.Draft})
	check(t, charlie.FetchRoll(t.Context(), m.ID, second.Roll))
	_, err = contract.Verify(do[agent.ContractFile](v, bob, "contract.file", agent.DealRef{Deal: "1"}).Data)
	check(t, err)
}
