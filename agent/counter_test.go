package agent_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
)

// newest returns the deal that a person saw last.
func (v *village) newest(p *person) agent.DealView {
	v.t.Helper()
	var last agent.DealView
	for _, d := range v.deals(p) {
		if d.Number > last.Number {
			last = d
		}
	}
	return last
}

// TestHaggling: people answer proposals with others until both like one, as
// often as they want as long as nobody has accepted; each sees what the other
// has changed.
func TestHaggling(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	it := v.offer(bob, "20 l beer")
	first := do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Notes: "Bring the barrel back.", Due: 3 * sxp.Day, Transfers: []agent.ComposeMove{
		{To: bob.ID().String(), Item: "3 h maths lessons", Delivery: "at the mill"}, {From: bob.ID().String(), Item: it.ID.String()}}})
	v.until(sxp.Minute, "1", "proposed", bob)
	seen := v.newest(bob)
	if len(seen.Changes) != 0 || !seen.Replaces.IsZero() || seen.Transfers[1].Ref != it.ID || !seen.Transfers[1].MineFrom || !seen.Transfers[0].MineTo || seen.Transfers[0].MineFrom {
		t.Errorf("bob sees %+v", seen)
	}
	v.clock = v.clock.Add(3 * sxp.Hour)
	second := do[agent.DealView](v, bob, "deal.counter", agent.CounterDeal{Deal: "1", Why: "too little: one hour more, nothing else has changed", Transfers: []agent.ComposeMove{
		{From: "alice", Item: "4 h maths lessons"}, {To: "alice", Item: "20 l beer"}, {From: "alice", Item: "5 EUR"}}})
	if second.Replaces != first.ID || second.Attempt != 1 || second.State != "proposed" || second.Transfers[1].Ref != it.ID {
		t.Errorf("bob answers with %+v", second)
	}
	v.run(sxp.Minute)
	got := v.newest(alice)
	if got.ID != second.ID {
		t.Fatalf("alice sees %s", v.lines(alice))
	}
	for _, want := range []string{
		"alice gives 4 h maths lessons to bob, instead of 3 h maths lessons.",
		"New: alice gives 5 EUR to bob, due ",
		`The delivery of 4 h maths lessons from alice to bob: not there any more: "at the mill".`,
	} {
		if !slices.ContainsFunc(got.Changes, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("alice is not told %q: %q", want, got.Changes)
		}
	}
	if n := len(got.Changes); n != 4 { // and the due date of the lessons, which is 14 days again
		t.Errorf("%d changes: %q", n, got.Changes)
	}
	if d := got.Differences[0]; d.What != "item" || d.Before != "3 h maths lessons" || d.After != "4 h maths lessons" || d.Transfer != 1 {
		t.Errorf("the first difference: %+v", d)
	}
	was := do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: first.ID.String()})
	if !strings.Contains(was.Why, "nothing else has changed") { // the break: by the proposer's words she gives 5 EUR unasked
		t.Errorf("bob's words are %q: this test shows nothing", was.Why)
	}
	if was.State != "expired" || !strings.Contains(was.Why, second.ID.Short()) || !strings.Contains(was.Why, "too little") {
		t.Errorf("the first proposal is %s: %s", was.State, was.Why)
	}
	v.fails(bob, "deal.counter", agent.CounterDeal{Deal: "1", Transfers: []agent.ComposeMove{{To: "alice", Item: "x"}}}, sxp.Late, "declined")
	for round := range 3 { // nobody has accepted: no attempt is spent
		p, other := []*person{alice, bob}[round%2], []*person{bob, alice}[round%2]
		d := do[agent.DealView](v, p, "deal.counter", agent.CounterDeal{Deal: v.newest(p).ID.String(), Transfers: []agent.ComposeMove{
			{From: alice.ID().String(), To: "bob", Item: "4 h maths lessons"}, {From: "bob", To: "alice", Item: it.ID.String()}}})
		v.run(sxp.Minute)
		if last := v.newest(other); last.ID != d.ID || last.Attempt != 1 {
			t.Fatalf("round %d: %s", round, v.lines(other))
		}
	}
	last := v.newest(alice)
	if !strings.Contains(last.Text, "Bring the barrel back.") {
		t.Error("the notes are lost")
	}
	v.accept(last.ID.String(), alice, bob)
	v.until(3*sxp.Minute, last.ID.String(), "signed", alice, bob)
	v.restart(alice)
	for _, party := range do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: last.ID.String()}).Parties {
		if !party.Accepted || !party.Promised || !party.Signed || party.Me != (party.ID == alice.ID()) || party.Name == "" {
			t.Errorf("after the contract: %+v", party)
		}
	}
}

// TestStandingOfParties: everybody sees who has accepted.
func TestStandingOfParties(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie, _, deal := ring(t)
	v.accept(deal.ID.String(), bob)
	v.run(30 * sxp.Second)
	v.accept(deal.ID.String(), charlie)
	v.run(30 * sxp.Second)
	for _, p := range []*person{bob, charlie} {
		v.restart(p)
		n := 0
		for _, party := range do[agent.DealView](v, p, "deal", agent.DealRef{Deal: deal.ID.String()}).Parties {
			if party.Accepted != (party.ID != alice.ID()) || party.Promised || party.Signed {
				t.Errorf("%s sees %+v", p.name, party)
			}
			n++
		}
		if n != 3 {
			t.Errorf("%s sees %d parties", p.name, n)
		}
	}
}

// TestCounterAfterAcceptance: whoever answers what another has accepted has
// seen, or could have seen, the jury: that counts as an attempt.
func TestCounterAfterAcceptance(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.swap(alice, bob)
	v.accept("1", alice)
	v.until(sxp.Minute, "1", "proposed", bob)
	v.run(sxp.Minute)
	moves := []agent.ComposeMove{{From: "alice", Item: "3 loaves of bread"}, {To: "alice", Item: "12 eggs"}}
	second := do[agent.DealView](v, bob, "deal.counter", agent.CounterDeal{Deal: "1", Transfers: moves})
	if second.Attempt != 2 {
		t.Errorf("the answer is attempt %d, want 2", second.Attempt)
	}
	v.run(sxp.Minute)
	v.accept(second.ID.String(), alice, bob)
	v.until(3*sxp.Minute, second.ID.String(), "signed", alice, bob)
}

func TestCountersThatCannotBeMade(t *testing.T) {
	t.Parallel()
	v, _, bob, _, dora, deal := ring(t)
	id := deal.ID.String()
	all := []agent.ComposeMove{{From: "alice", Item: "bread"}, {To: "charlie", Item: "eggs"}, {From: "charlie", To: "alice", Item: "10 coins"}}
	for _, c := range []struct {
		name  string
		moves []agent.ComposeMove
		kind  sxp.Kind
		word  string
	}{
		{"nothing", nil, sxp.Invalid, "who gives what"},
		{"without charlie", []agent.ComposeMove{{From: "alice", Item: "bread"}, {To: "alice", Item: "eggs"}}, sxp.Invalid, "charlie"},
		{"with dora", append([]agent.ComposeMove{{To: dora.ID().String(), Item: "x"}}, all...), sxp.Invalid, "no party"},
		{"to oneself", []agent.ComposeMove{{Item: "bread"}}, sxp.Invalid, "same person"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v.fails(bob, "deal.counter", agent.CounterDeal{Deal: id, Transfers: c.moves}, c.kind, c.word)
		})
	}
	v.fails(bob, "deal.counter", agent.CounterDeal{Deal: id, Transfers: all, Why: strings.Repeat("x", 300)}, sxp.TooLarge, "reason")
	v.fails(bob, "deal.counter", agent.CounterDeal{Deal: "9", Transfers: all}, sxp.NotFound, "")
	if d := v.newest(bob); d.ID != deal.ID || d.State != "proposed" {
		t.Errorf("after nothing could be answered: %s", v.lines(bob))
	}
	v.accept(id, bob)
	v.fails(bob, "deal.counter", agent.CounterDeal{Deal: id, Transfers: all}, sxp.Late, "accepted")
}

// TestReplacesNothingKnown: a proposal may say that it replaces whatever it
// likes; what is not known, or was among others, is said.
func TestReplacesNothingKnown(t *testing.T) {
	t.Parallel()
	v, alice, _, _, dora, deal := ring(t)
	base := v.swap(dora, alice) // for its roll and numbers
	v.until(sxp.Minute, base.ID.String(), "proposed", alice)
	for _, c := range []struct {
		replaces sxp.Hash
		want     string
	}{
		{sxp.Sum([]byte("nothing")), "not known here"},
		{deal.ID, "Not in it any more: bob, charlie."},
	} {
		raw := v.forge(dora, alice, base.ID, c.replaces)
		card, err := identity.OpenCard(do[agent.CardView](v, alice, "card", agent.None{}).Card)
		check(t, err)
		key, err := card.SealKey(v.clock)
		check(t, err)
		sealed, err := envelope.Seal([]envelope.KEMPublic{key}, "sxp proposal/1", raw)
		check(t, err)
		_, err = market.NewClient(v.dial("http://market.test"), dora.root.Signing(), v.nodes["http://market.test"].ID(), base.Market, v.now, rand.Reader).
			Post(t.Context(), alice.ID(), sealed, sxp.Hour)
		check(t, err)
		v.run(sxp.Minute)
		if d := v.newest(alice); d.Replaces != c.replaces || !strings.Contains(strings.Join(d.Changes, " "), c.want) || d.State != "proposed" {
			t.Errorf("alice sees %q and is told %q, want %q", d.State, d.Changes, c.want)
		}
	}
}

// forge signs the proposal of a deal once more, with another thing that it
// says it replaces.
func (v *village) forge(by, reader *person, like, replaces sxp.Hash) []byte {
	v.t.Helper()
	o, err := contract.OpenProposal(reader.ProposalOf(v.t, like))
	check(v.t, err)
	p := o.Proposal
	p.Replaces = replaces
	p.Nonce[0] ^= 1
	raw, err := contract.SignProposal(by.root.Signing(), &p)
	check(v.t, err)
	return raw
}
