package jury_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// TestCases: a juror's node shows what it did, before and after a restart, and
// no key of a party.
func TestCases(t *testing.T) {
	x := newFixture(t, 2, 3)
	if got := x.seats[0].m.Cases(); len(got) != 0 {
		t.Fatalf("cases before any: %+v", got)
	}
	x.fromParty(x.seats[0], deadline)
	for _, s := range x.seats {
		x.deliver(s, deadline.Add(latency))
	}
	x.deliver(x.seats[1], deadline.Add(2*latency))
	end := x.claim.Preimage.VoidAfter()
	for round := range 2 {
		cases := x.seats[0].m.Cases()
		if len(cases) != 1 {
			t.Fatalf("%d cases", len(cases))
		}
		c := cases[0]
		if c.M != x.m || c.Standing != contract.Completed || c.Seat != 1 || c.Jury != 3 || c.Parties != 2 || c.At != deadline || c.Deadline != deadline || c.Decides != end || !c.Open {
			t.Errorf("round %d: %+v", round, c)
		}
		if !slices.Equal(c.Endorsed, []int{1}) || !slices.Contains(c.Shares, 1) || len(c.Shares) < 2 {
			t.Errorf("round %d: endorsed %v, shares %v", round, c.Endorsed, c.Shares)
		}
		text := string(must(json.Marshal(c)))
		for _, p := range x.claim.Preimage.Parties {
			if strings.Contains(text, p.ID.String()) || strings.Contains(text, p.X.String()) {
				t.Errorf("a case names a party: %s", text)
			}
		}
		x.restart(x.seats[0], deadline.Add(3*latency))
	}
	if w := x.seats[0].m.Words(x.m); w != nil {
		t.Errorf("%d words while the exchange goes on", len(w))
	}
	s := x.seats[0]
	s.step(jury.Tick{Now: s.m.Cases()[0].Until + 1})
	c := s.m.Cases()[0]
	if c.Open || len(c.Endorsed) != 0 || c.Deadline != deadline || c.Parties != 2 {
		t.Errorf("after the exchange: %+v", c)
	}
	if w := s.m.Words(x.m); len(w) != len(c.Shares) {
		t.Errorf("%d words of %d shares", len(w), len(c.Shares))
	}
	if n := s.m.Tally()[contract.Completed]; n != 1 {
		t.Errorf("%d completed", n)
	}
}

// TestCasesOfVoids: a void, and an own word that is lost, are cases too.
func TestCasesOfVoids(t *testing.T) {
	x := newFixture(t, 2, 3)
	after := x.claim.Preimage.VoidAfter() + 1
	x.ask(x.seats[0], after)
	c := x.seats[0].m.Cases()
	if len(c) != 1 || c[0].Standing != contract.Voided || c[0].At != after || c[0].Jury != 3 || c[0].Open || len(c[0].Shares) != 0 {
		t.Errorf("a void: %+v", c)
	}
	words := x.seats[0].m.Words(x.m)
	if _, opened, err := contract.OpenConduct(must(contract.SignConduct(x.seats[0], &contract.ConductReport{M: x.m, Words: words}))); err != nil || len(opened) != 1 || !opened[0].Void {
		t.Errorf("its words: %+v, %v", opened, err)
	}
	x.ask(x.seats[1], after, x.endorse(2)...)
	if c := x.seats[1].m.Cases(); len(c) != 1 || c[0].Standing != contract.Abstains {
		t.Errorf("a lost endorsement: %+v", c)
	}
	x.restart(x.seats[1], after)
	if got := x.seats[1].m.Tally(); got[contract.Abstains] != 1 || got[contract.Voided] != 0 {
		t.Errorf("%v", got)
	}
	if w := x.seats[2].m.Words(sxp.Hash{9}); w != nil {
		t.Errorf("words about nothing: %v", w)
	}
}
