package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
)

// accept lets everybody named accept their only open deal.
func (v *village) accept(deal string, people ...*person) {
	v.t.Helper()
	for _, p := range people {
		do[agent.DealView](v, p, "accept", agent.DealRef{Deal: deal})
	}
}

// file verifies a person's contract file and returns it.
func (v *village) file(p *person, deal string) []byte {
	v.t.Helper()
	f := do[agent.ContractFile](v, p, "contract.file", agent.DealRef{Deal: deal})
	_, err := contract.Verify(f.Data)
	check(v.t, err)
	return f.Data
}

// TestAnybodyMayPropose: somebody who has nothing in a ring finds and proposes
// it, and learns nothing more.
func TestAnybodyMayPropose(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob", "dora")
	v.found()
	alice, bob, dora := v.person("alice"), v.person("bob"), v.person("dora")
	v.offer(alice, "bread", "eggs")
	v.offer(bob, "eggs", "bread")
	v.still["http://market.test"] = true // its finder sleeps
	p := do[agent.Proposed](v, dora, "propose", agent.ProposeDeals{})
	if p.Rings != 1 || !p.Optimal || !strings.Contains(p.Proposals[0], "alice") {
		t.Fatalf("dora proposes %+v", p)
	}
	if p := do[agent.Proposed](v, dora, "propose", agent.ProposeDeals{Mine: true}); p.Rings != 0 {
		t.Errorf("dora's own rings: %+v", p)
	}
	v.until(sxp.Minute, "1", "proposed", alice, bob)
	d := v.deals(alice)[0]
	if d.Proposer != dora.ID() || d.Risk <= 0 || d.Worth.RiskAway <= d.Risk || d.Worth.Down != contract.UsualDown || d.Worth.DownKnown || len(d.Warnings) == 0 || d.SignBefore <= v.clock {
		t.Errorf("alice sees %+v", d)
	}
	v.accept("1", alice, bob)
	v.until(2*sxp.Minute, "1", "signed", alice, bob)
	if n := len(v.deals(dora)); n != 0 {
		t.Errorf("dora sees %d deals", n)
	}
}

// TestDealsMadeByHand: any transfers where everybody gives or gets.
func TestDealsMadeByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		people string
		deal   agent.ComposeDeal
	}{
		{"barter", "bob", agent.ComposeDeal{Transfers: []agent.ComposeMove{
			{To: "bob", Item: "2 loaves of bread", Delivery: "at the mill"}, {From: "bob", To: "me", Item: "12 eggs"}}}},
		{"payment", "bob", agent.ComposeDeal{Notary: true, Transfers: []agent.ComposeMove{
			{From: "me", To: "bob", Item: "20 EUR"}, {From: "bob", Item: "3 h gardening", Due: 30 * sxp.Day}}}},
		{"part payment and a thing for a service", "bob", agent.ComposeDeal{Notes: "Both bring a friend.", Due: 7 * sxp.Day, Within: 12 * sxp.Hour, Jury: 3, Transfers: []agent.ComposeMove{
			{To: "bob", Item: "5 EUR"}, {To: "bob", Item: "#1"}, {From: "bob", Item: "3 h gardening"}}}},
		{"a present", "bob", agent.ComposeDeal{Transfers: []agent.ComposeMove{{To: "bob", Item: "bread"}}}},
		{"three people", "bob charlie", agent.ComposeDeal{Transfers: []agent.ComposeMove{
			{To: "bob", Item: "bread"}, {From: "bob", To: "charlie", Item: "eggs"}, {From: "charlie", Item: "10 coins"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVillage(t, 3, "alice", "bob", "charlie")
			v.found()
			alice, bob := v.person("alice"), v.person("bob")
			v.offer(alice, "a red bicycle")
			v.offer(bob, "something else")
			v.befriend(alice, v.person("charlie"))
			c.deal.Accept = true
			d := do[agent.DealView](v, alice, "propose.deal", c.deal)
			if d.State != "accepted" || d.Number != 1 || d.Notary != c.deal.Notary {
				t.Fatalf("alice: %+v", d)
			}
			var others []*person
			for _, name := range strings.Fields(c.people) {
				others = append(others, v.person(name))
			}
			v.until(sxp.Minute, "1", "proposed", others...)
			v.accept("1", others...)
			v.until(3*sxp.Minute, "1", "signed", append(others, alice)...)
			if file := string(v.file(alice, "1")); file != string(v.file(bob, "1")) {
				t.Error("two people have two files")
			}
			if d := v.deals(bob)[0]; d.ByJury != c.deal.Notary || !strings.Contains(d.Text, c.deal.Notes) {
				t.Errorf("bob sees %+v", d)
			}
			if s := v.item(alice, 1).State; (s == "swapped") != (len(c.deal.Transfers) == 3 && c.people == "bob") {
				t.Errorf("the bicycle is %s", s)
			}
		})
	}
}

func TestDealsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.offer(alice, "a red bicycle")
	theirs := v.offer(bob, "eggs")
	v.offer(v.people[2], "milk")
	id := bob.ID().String()
	for _, c := range []struct {
		name  string
		moves []agent.ComposeMove
		kind  sxp.Kind
		word  string
	}{
		{"no transfers", nil, sxp.Invalid, ""},
		{"to oneself", []agent.ComposeMove{{Item: "bread"}}, sxp.Invalid, "same person"},
		{"two of a name", []agent.ComposeMove{{To: "bob", Item: "bread"}}, sxp.Invalid, "use the id"},
		{"nobody of a name", []agent.ComposeMove{{To: "zoe", Item: "bread"}}, sxp.NotFound, "zoe"},
		{"nobody of an id", []agent.ComposeMove{{To: v.stranger("zoe").key.ID().String(), Item: "bread"}}, sxp.NotFound, "card"},
		{"somebody else's thing", []agent.ComposeMove{{To: id, Item: theirs.ID.String()}, {From: id, Item: "eggs"}}, sxp.Denied, "not of who"},
		{"words for somebody's announced thing", []agent.ComposeMove{{To: id, Item: "bread"}, {From: id, Item: "eggs"}}, sxp.Denied, theirs.ID.String() + " instead of words"},
		{"words for an own announced thing", []agent.ComposeMove{{To: id, Item: "a red bicycle"}, {From: id, Item: "ham"}}, sxp.Denied, "#1 instead of words"},
		{"somebody else's number", []agent.ComposeMove{{To: id, Item: "bread"}, {From: id, Item: "#1"}}, sxp.Invalid, "number"},
		{"no such thing", []agent.ComposeMove{{To: id, Item: strings.Repeat("0", 32)}, {From: id, Item: "eggs"}}, sxp.NotFound, ""},
		{"an empty thing", []agent.ComposeMove{{To: id}, {From: id, Item: "eggs"}}, sxp.Invalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: c.moves}, c.kind, c.word)
		})
	}
	if n := len(v.deals(alice)); n != 0 {
		t.Errorf("%d deals after nothing could be proposed", n)
	}
}

// TestNobodyAcceptsUnheard: who uses no relay cannot be bound alone; once there
// is one, the same deal goes on.
func TestNobodyAcceptsUnheard(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice")
	alice, zoe := v.person("alice"), v.addPerson("zoe", []string{}...)
	v.found()
	v.offer(alice, "bread", "eggs")
	v.offer(zoe, "eggs", "bread")
	v.until(sxp.Minute, "1", "proposed", alice, zoe)
	v.fails(zoe, "accept", agent.DealRef{Deal: "1"}, sxp.Denied, "no relay")
	if d := v.deals(zoe)[0]; d.State != "proposed" {
		t.Fatalf("zoe's deal is %s", d.State)
	}
	do[agent.None](v, zoe, "relays.set", agent.SetRelays{Relays: []string{v.market()}})
	v.accept("1", alice, zoe)
	v.until(2*sxp.Minute, "1", "signed", alice, zoe)
}

// TestSecondAttempt: after a decline the same people may try once more; the
// proposal says that it is the second attempt. A third is refused.
func TestSecondAttempt(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	for i := range 2 {
		d := v.swap(alice, bob)
		if d.Attempt != i+1 {
			t.Fatalf("proposal %d says attempt %d", i+1, d.Attempt)
		}
		ref := agent.DealRef{Deal: d.ID.String()}
		do[agent.DealView](v, alice, "accept", ref)
		v.run(10 * sxp.Second)
		do[agent.DealView](v, bob, "accept", ref)
		bob.away = true // and never promises
		v.skip(2 * sxp.Day)
		bob.away = false
		v.run(sxp.Minute)
	}
	d := v.swap(alice, bob)
	if d.State != "refused" || !strings.Contains(d.Why, "attempt 3") {
		t.Errorf("the third: %s %q", d.State, d.Why)
	}
}

// TestOneThingTwice: of two deals over one thing only one binds, and the
// person sees why the other waits.
func TestOneThingTwice(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(alice, "the painting")
	for _, p := range []*person{bob, charlie} {
		do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Accept: true, Within: sxp.Hour, Transfers: []agent.ComposeMove{
			{To: p.ID().String(), Item: "#1"}, {From: p.ID().String(), Item: "20 EUR"}}})
	}
	v.run(10 * sxp.Second)
	v.accept("1", bob)
	v.until(2*sxp.Minute, "1", "signed", alice, bob)
	v.accept("1", charlie)
	v.run(sxp.Minute)
	d := do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: "2"})
	if d.State != "accepted" || !strings.Contains(d.Why, "deal 1") {
		t.Errorf("the second deal: %s %q", d.State, d.Why)
	}
	if s := v.item(alice, 1); s.State != "swapped" {
		t.Errorf("the painting is %s", s.State)
	}
	v.run(2 * sxp.Hour)
	for _, p := range []*person{alice, charlie} {
		ref := "2"
		if p == charlie {
			ref = "1"
		}
		if d := do[agent.DealView](v, p, "deal", agent.DealRef{Deal: ref}); d.State != "expired" && d.State != "void" {
			t.Errorf("%s: the second deal ended as %s", p.name, d.State)
		}
	}
	v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{To: charlie.ID().String(), Item: "#1"}, {From: charlie.ID().String(), Item: "20 EUR"}}}, sxp.Late, "stands")
}
