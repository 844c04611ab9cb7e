package agent_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/identity"
	"sxp/market"
)

// TestChainFromAGift: Alice gives a table away, Bob takes it for his chair, and
// Charlie, who has nothing, gets the chair. All three sign one contract.
func TestChainFromAGift(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.still["http://market.test"] = true // the ring is proposed by Alice
	g := do[agent.AnnouncementView](v, alice, "gift", agent.Announce{Title: "kitchen table"})
	if g.Direction != market.Gift || g.State != "active" {
		t.Fatalf("the gift is %+v", g)
	}
	v.offer(bob, "armchair", "table")
	if page := v.browse(bob, agent.Browse{Direction: market.Gift}); len(page.Items) != 1 || page.Items[0].ID != g.ID {
		t.Errorf("the gifts are %+v", page.Items)
	}
	do[agent.AnnouncementView](v, charlie, "need", agent.Announce{Title: "armchair"})
	if p := do[agent.Proposed](v, alice, "propose", agent.ProposeDeals{Mine: true}); p.Rings != 1 {
		t.Fatalf("alice proposes %+v", p)
	}
	v.until(sxp.Minute, "1", "proposed", alice, bob, charlie)
	for p, want := range map[*person][2]int{alice: {1, 0}, bob: {1, 1}, charlie: {0, 1}} {
		d := v.newest(p)
		if len(d.Give) != want[0] || len(d.Get) != want[1] || !strings.Contains(d.Text, "(alice) gives, and asks for nothing in return.") || !strings.Contains(d.Text, "(charlie) gets, and gives nothing in return.") {
			t.Errorf("%s sees %+v", p.name, d)
		}
		if warned := strings.Contains(strings.Join(d.Unusual, " "), "get nothing"); warned != (p == alice) {
			t.Errorf("%s is warned of giving for nothing: %v", p.name, warned)
		}
	}
	v.accept("1", alice, bob, charlie)
	v.until(3*sxp.Minute, "1", "signed", alice, bob, charlie)
	for _, p := range []*person{alice, bob, charlie} {
		v.file(p, "1")
		if it := v.item(p, 1); it.State != "swapped" {
			t.Errorf("what %s announced is %s", p.name, it.State)
		}
	}
	v.fails(alice, "gift", agent.Announce{Title: "lamp", Wants: []string{"bread"}}, sxp.Invalid, "for nothing")
}

// TestNobodyGivesAnOfferForNothing: whoever proposes it, the agent refuses a
// contract in which an offer goes and nothing comes.
func TestNobodyGivesAnOfferForNothing(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	bread := v.offer(bob, "bread", "eggs")
	d := do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{{From: bob.ID().String(), Item: bread.ID.String()}}, Accept: true})
	if len(d.Give) != 0 {
		t.Fatalf("alice proposes %+v", d)
	}
	v.until(sxp.Minute, "1", "refused", bob)
	if d := v.newest(bob); !strings.Contains(d.Why, "get nothing") {
		t.Errorf("bob's agent says %q", d.Why)
	}
}

// TestReofferOfWhatIsToCome: Bob signs for a bicycle and offers it on before he
// has it. The contract with Charlie says that it rests on the first one, and
// nothing is due before that.
func TestReofferOfWhatIsToCome(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(alice, "red bicycle", "bread")
	v.offer(bob, "bread", "bicycle")
	v.until(sxp.Minute, "1", "proposed", alice, bob)
	v.fails(bob, "reoffer", agent.Reoffer{Deal: "1"}, sxp.Early, "once all have signed")
	v.accept("1", alice, bob)
	v.until(3*sxp.Minute, "1", "signed", alice, bob)
	first := v.newest(bob)

	again := do[agent.AnnouncementView](v, bob, "reoffer", agent.Reoffer{Deal: "1", Wants: []string{"guitar"}})
	if s := again.Source; s == nil || s.Contract != first.ID || again.Item.Title != "red bicycle" || again.Item.From == 0 {
		t.Fatalf("bob announces %+v", again)
	}
	v.fails(bob, "reoffer", agent.Reoffer{Deal: "1"}, sxp.Conflict, "already")
	v.fails(bob, "reoffer", agent.Reoffer{Deal: "1", Transfer: 9}, sxp.NotFound, "nothing")
	if got := v.search(charlie, "bicycle"); len(got) != 1 || got[0].Source == nil || got[0].Source.Contract != first.ID {
		t.Fatalf("charlie finds %+v", got)
	}
	v.offer(charlie, "guitar", "bicycle")
	v.until(2*sxp.Minute, "1", "proposed", charlie)
	d := v.newest(charlie)
	says := "This contract is valid only if transfer"
	if !strings.Contains(d.Text, says) || !strings.Contains(d.Text, first.ID.String()) || !strings.Contains(strings.Join(d.Unusual, " "), "yet to get") {
		t.Errorf("charlie reads\n%s\nwarned of %q", d.Text, d.Unusual)
	}
	for _, x := range d.Transfers {
		if x.Source != nil && x.Due < again.Item.From {
			t.Errorf("due at %v, before it comes at %v", x.Due, again.Item.From)
		}
	}
	v.accept("1", charlie)
	v.accept("2", bob)
	v.until(3*sxp.Minute, "2", "signed", bob)
	if it := v.item(bob, again.Number); it.State != "swapped" {
		t.Errorf("the bicycle is %s", it.State)
	}
}

// TestSourceMustBeTold: a contract that gives what is yet to come as if it were
// there is refused by the agent of who would give it.
func TestSourceMustBeTold(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(alice, "red bicycle", "bread")
	v.offer(bob, "bread", "bicycle")
	v.until(sxp.Minute, "1", "proposed", alice, bob)
	v.accept("1", alice, bob)
	v.until(3*sxp.Minute, "1", "signed", alice, bob)
	again := do[agent.AnnouncementView](v, bob, "reoffer", agent.Reoffer{Deal: "1", Wants: []string{"guitar"}})
	// By hand: the composer names the announcement, and so its source.
	do[agent.DealView](v, charlie, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{From: bob.ID().String(), Item: again.ID.String()}, {To: bob.ID().String(), Item: "guitar"}}, Due: sxp.Minute})
	v.until(sxp.Minute, "2", "proposed", bob)
	told := v.newest(bob)
	if !strings.Contains(told.Text, "valid only if") {
		t.Errorf("bob reads\n%s", told.Text)
	}
	o, err := contract.OpenProposal(bob.ProposalOf(t, told.ID))
	check(t, err)
	for i, c := range []struct {
		change func(x *contract.Transfer)
		why    string
	}{
		{func(x *contract.Transfer) { x.Source = nil }, "by which other one you get"},
		{func(x *contract.Transfer) { x.Source = &market.Source{Contract: x.Source.Contract, Transfer: 3} }, "by which other one you get"},
		{func(x *contract.Transfer) { x.Due = o.Created }, "before you get it yourself"},
	} {
		p := o.Proposal
		p.Nonce[0] ^= byte(1 + i)
		p.Terms.Transfers = slices.Clone(p.Terms.Transfers)
		for j := range p.Terms.Transfers {
			if p.Terms.Transfers[j].Source != nil {
				c.change(&p.Terms.Transfers[j])
			}
		}
		raw, err := contract.SignProposal(charlie.root.Signing(), &p)
		check(t, err)
		v.mail(charlie, bob, told.Market, raw)
		v.run(10 * sxp.Second)
		if d := v.newest(bob); d.State != "refused" || !strings.Contains(d.Why, c.why) {
			t.Errorf("%d: bob's agent says %s %q, want refused with %q", i, d.State, d.Why, c.why)
		}
	}
}

// mail leaves a proposal for somebody with the market's board.
func (v *village) mail(from, to *person, at sxp.ID, raw []byte) {
	v.t.Helper()
	card, err := identity.OpenCard(do[agent.CardView](v, to, "card", agent.None{}).Card)
	check(v.t, err)
	sealed, err := draft.Seal(card, raw, v.clock)
	check(v.t, err)
	_, err = market.NewClient(v.dial("http://market.test"), from.root.Signing(), v.nodes["http://market.test"].ID(), at, v.now, rand.Reader).
		Post(v.t.Context(), to.ID(), sealed, sxp.Hour)
	check(v.t, err)
}
