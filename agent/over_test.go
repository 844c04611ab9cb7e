package agent_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/relay"
)

// triangle is a market whose best ring has all three people; without it Bob and
// Charlie can still swap. Everybody has the ring's proposal.
func triangle(t *testing.T) (v *village, alice, bob, charlie *person) {
	v = newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie = v.person("alice"), v.person("bob"), v.person("charlie")
	v.still["http://market.test"] = true // until all offers are there
	v.offer(alice, "3 h maths lessons", "beer")
	v.offer(bob, "20 l beer", "coins")
	v.offer(charlie, "12 coins", "maths lessons", "beer")
	v.run(5 * sxp.Second)
	v.still["http://market.test"] = false
	v.proposed()
	if d := v.newest(alice); len(d.Parties) != 3 {
		t.Fatalf("a ring of %d, want 3", len(d.Parties))
	}
	return v, alice, bob, charlie
}

// noticed reports how many records and notices wait in a person's outbox.
func (v *village) noticed(p *person) (n int) {
	v.t.Helper()
	v.scan(p, func(key string, _ []byte) {
		if strings.HasPrefix(key, "out/") {
			n++
		}
	})
	return n
}

// awake lets people look for what they wait for, as bells do outside of tests.
func (v *village) awake(people ...*person) {
	v.t.Helper()
	for _, p := range people {
		v.wake(p)
	}
	v.run(sxp.Second)
}

// TestDeclineFreesTheOthers: as soon as Alice says no, Bob and Charlie are
// found for each other, and can sign. She is not asked the same again.
func TestDeclineFreesTheOthers(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie := triangle(t)
	v.accept("1", bob)
	v.run(5 * sxp.Second)
	do[agent.DealView](v, alice, "decline", agent.DealRef{Deal: "1", Why: "no beer for me"})
	v.awake(alice)
	v.awake(bob, charlie)
	for _, p := range []*person{bob, charlie} {
		if d := v.newest(p); d.Number != 2 || d.State != "proposed" || len(d.Parties) != 2 {
			t.Fatalf("%s sees %s two looks after the decline", p.name, v.lines(p))
		}
	}
	v.accept("2", bob, charlie)
	v.until(2*sxp.Minute, "2", "signed", bob, charlie)
	v.run(5 * sxp.Minute)
	if n := len(v.deals(alice)); n != 1 || v.noticed(alice) != 0 {
		t.Errorf("alice has %d deals and %d notices in her outbox, want 1 and none", n, v.noticed(alice))
	}
}

// TestNoticeOfADeclineSurvives: the node is away and Alice's agent starts again;
// the notice comes when both are back.
func TestNoticeOfADeclineSurvives(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie := triangle(t)
	bob.away, charlie.away = true, true // so that nobody else tells
	v.down["http://market.test"] = true
	do[agent.DealView](v, alice, "decline", agent.DealRef{Deal: "1"})
	v.run(sxp.Minute)
	v.restart(alice)
	v.run(sxp.Minute)
	if v.noticed(alice) == 0 {
		t.Fatal("nothing waits in alice's outbox")
	}
	v.down["http://market.test"] = false
	v.run(6 * sxp.Minute)
	if n := v.noticed(alice); n != 0 {
		t.Errorf("%d still wait in alice's outbox", n)
	}
	bob.away, charlie.away = false, false
	v.awake(bob, charlie)
	for _, p := range []*person{bob, charlie} {
		if d := v.newest(p); d.Number != 2 || len(d.Parties) != 2 {
			t.Errorf("%s sees %s", p.name, v.lines(p))
		}
	}
}

// TestOthersTellOfADecline: Alice's agent keeps her decline from the node; the
// others tell. Nobody tells the node why.
func TestOthersTellOfADecline(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"", "beer is bad for me"} {
		t.Run(why, func(t *testing.T) { t.Parallel(); declineTold(t, why) })
	}
}

func declineTold(t *testing.T, why string) {
	t.Helper()
	v, alice, bob, charlie := triangle(t)
	v.blind(alice, relay.RequestType(draft.RequestOver))
	blind := v.wrong["http://market.test"]
	v.wrong["http://market.test"] = func(ctx context.Context, raw []byte) ([]byte, error) {
		if why != "" && bytes.Contains(raw, []byte(why)) {
			t.Error("the node reads why")
		}
		return blind(ctx, raw)
	}
	do[agent.DealView](v, alice, "decline", agent.DealRef{Deal: "1", Why: why})
	v.awake(alice)
	v.awake(bob, charlie)
	v.awake(bob, charlie)
	for _, p := range []*person{bob, charlie} {
		if d := v.newest(p); d.Number != 2 || len(d.Parties) != 2 {
			t.Errorf("%s sees %s", p.name, v.lines(p))
		}
	}
	v.blind(alice, "none")
	blind = v.wrong["http://market.test"]
	v.run(6 * sxp.Minute)
	if n := v.noticed(alice); n != 0 {
		t.Errorf("%d still wait in alice's outbox", n)
	}
}

// TestLapsedDealIsProposedAgain: nobody answers. When nobody can any more the
// agents say so, and the node asks once more before the deadline.
func TestLapsedDealIsProposedAgain(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie := triangle(t)
	d := v.newest(alice)
	v.clock = d.Deadline.Add(-sxp.Minute)
	v.awake(v.people...)
	v.awake(v.people...)
	for _, p := range []*person{alice, bob, charlie} {
		if first := do[agent.DealView](v, p, "deal", agent.DealRef{Deal: "1"}); first.State != "expired" {
			t.Errorf("the first of %s is %s", p.name, first.State)
		}
		if next := v.newest(p); next.Number != 2 || next.Attempt != 2 || len(next.Parties) != 3 {
			t.Errorf("%s sees %s", p.name, v.lines(p))
		}
	}
	if v.clock >= d.Deadline {
		t.Error("the deadline has passed too")
	}
}

// TestNobodyIsToldOfOwnProposals: a deal between people is nobody else's
// business.
func TestNobodyIsToldOfOwnProposals(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	told := false
	v.without("http://market.test")
	answer := v.wrong["http://market.test"]
	v.wrong["http://market.test"] = func(ctx context.Context, raw []byte) ([]byte, error) {
		typ, _, err := envelope.Peek(raw)
		told = told || err == nil && typ == relay.RequestType(draft.RequestOver)
		return answer(ctx, raw)
	}
	d := v.swap(alice, bob)
	v.awake(bob)
	do[agent.DealView](v, bob, "decline", agent.DealRef{Deal: d.ID.String()})
	v.run(sxp.Minute)
	if got := do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: d.ID.String()}); got.State != "expired" {
		t.Fatalf("alice sees %s", v.lines(alice))
	}
	if told {
		t.Error("the node was told")
	}
}

// TestRefusedAtSight: an agent that must not even show a proposal to its person
// says so, and the others are found for each other.
func TestRefusedAtSight(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	cfg := v.config(alice)
	cfg.Limits.MaxHorizon = sxp.Hour
	strict, err := agent.Open(cfg)
	check(t, err)
	alice.Agent = strict
	v.still["http://market.test"] = true
	v.offer(alice, "3 h maths lessons", "beer")
	v.offer(bob, "20 l beer", "coins")
	v.offer(charlie, "12 coins", "maths lessons", "beer")
	v.run(5 * sxp.Second)
	v.still["http://market.test"] = false
	v.run(sxp.Second)
	v.awake(alice)
	if d := v.newest(alice); d.State != "refused" {
		t.Fatalf("alice sees %s", v.lines(alice))
	}
	v.awake(bob, charlie)
	for _, p := range []*person{bob, charlie} {
		if d := v.newest(p); d.Number != 2 || len(d.Parties) != 2 {
			t.Errorf("%s sees %s", p.name, v.lines(p))
		}
	}
}

// TestVoidIsTold: Bob accepts and vanishes, the jury certifies that there will
// be no contract, and Alice's agent shows the node the certificate.
func TestVoidIsTold(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.offer(alice, "bread", "eggs")
	v.offer(bob, "eggs", "bread")
	v.proposed()
	v.accept("1", bob)
	v.awake(bob)
	bob.away = true
	v.accept("1", alice)
	v.awake(alice)
	v.awake(alice)
	d := v.newest(alice)
	if d.State != "promised" {
		t.Fatalf("alice sees %s, want promised", v.lines(alice))
	}
	v.still["http://market.test"] = true // or its finder would propose it again at the deadline
	var answers []envelope.Type
	n := v.nodes["http://market.test"]
	v.wrong["http://market.test"] = func(ctx context.Context, raw []byte) ([]byte, error) {
		answer, err := relay.Local(n, v.now).Call(ctx, raw)
		if typ, _, _ := envelope.Peek(raw); typ == relay.RequestType(draft.RequestOver) && err == nil {
			typ, _, _ = envelope.Peek(answer)
			answers = append(answers, typ)
		}
		return answer, err
	}
	v.clock = d.Deadline
	v.until(2*sxp.Hour, "1", "void", alice)
	v.run(sxp.Minute)
	if len(answers) != 1 || answers[0] != "sxp.response.deal.over/1" {
		t.Errorf("the node answered %v, want once that it has taken it", answers)
	}
}
