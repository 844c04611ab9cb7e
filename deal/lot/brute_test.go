package lot

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
)

// drawProblem makes a small market with everything that the format can say.
func drawProblem(t *rapid.T, money bool) *Problem {
	p := &Problem{Format: ProblemFormat, Options: Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "ring"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "chain")}}
	people := rapid.IntRange(2, 4).Draw(t, "people")
	for i := range people {
		u := Person{ID: fmt.Sprint("p", i)}
		if rapid.IntRange(0, 3).Draw(t, "cautious") == 0 {
			u.MaxItems = rapid.IntRange(1, 2).Draw(t, "max items")
		}
		if money && rapid.IntRange(0, 2).Draw(t, "poor") == 0 {
			u.Budget = decimal(int64(rapid.IntRange(0, 6).Draw(t, "budget")) * unit)
		}
		if rapid.IntRange(0, 4).Draw(t, "unsure") == 0 {
			u.Reliability = "0.8"
		}
		p.People = append(p.People, u)
	}
	var of [4][]int // items of each person
	for i := range rapid.IntRange(2, 5).Draw(t, "items") {
		owner := rapid.IntRange(0, people-1).Draw(t, "owner")
		it := Item{ID: fmt.Sprint("i", i), Owner: p.People[owner].ID, Quantity: decimal(int64(rapid.IntRange(1, 3).Draw(t, "quantity")) * unit), Step: "1"}
		it.Gift = rapid.IntRange(0, 5).Draw(t, "gift") == 0
		p.Items = append(p.Items, it)
		if !it.Gift {
			of[owner] = append(of[owner], i)
		}
	}
	amount := func(i int) Decimal {
		n, _ := p.Items[i].Quantity.parse()
		return decimal(int64(rapid.IntRange(1, int(min(n/unit, 2))).Draw(t, "amount")) * unit)
	}
	cash := func(pay, get *Decimal) {
		if money && rapid.IntRange(0, 2).Draw(t, "cash") == 0 {
			a := decimal(int64(rapid.IntRange(0, 4).Draw(t, "money")) * unit)
			if rapid.Bool().Draw(t, "pays") {
				*pay = a
			} else {
				*get = a
			}
		}
	}
	option := func(from []int) Option {
		i := from[rapid.IntRange(0, len(from)-1).Draw(t, "item")]
		o := Option{Item: p.Items[i].ID, Amount: amount(i), Cost: int64(rapid.IntRange(0, 2).Draw(t, "cost"))}
		if k := from[rapid.IntRange(0, len(from)-1).Draw(t, "second")]; k != i && rapid.IntRange(0, 2).Draw(t, "bundle") == 0 {
			o = Option{Items: []Portion{{o.Item, o.Amount}, {p.Items[k].ID, amount(k)}}, Cost: o.Cost}
		}
		cash(&o.Pay, &o.Get)
		return o
	}
	side := func(from []int) Side {
		s := Side{Of: []Option{option(from)}}
		if rapid.Bool().Draw(t, "choice") {
			s.Of = append(s.Of, option(from))
			s.Pick = rapid.IntRange(1, 2).Draw(t, "pick")
		}
		return s
	}
	var groups [4]bool
	for range rapid.IntRange(1, 4).Draw(t, "bids") {
		by := rapid.IntRange(0, people-1).Draw(t, "by")
		var others []int
		for i, it := range p.Items {
			if it.Owner != p.People[by].ID {
				others = append(others, i)
			}
		}
		b := Bid{ID: fmt.Sprint("b", len(p.Bids)), By: p.People[by].ID, Times: int64(rapid.IntRange(1, 2).Draw(t, "times"))}
		if len(of[by]) > 0 && rapid.IntRange(0, 4).Draw(t, "gives") > 0 {
			b.Give = side(of[by])
		}
		cash(&b.Pay, &b.Get)
		if len(others) > 0 {
			b.Take = side(others)
			if rapid.IntRange(0, 4).Draw(t, "group") == 0 {
				id := "g" + b.By
				if !groups[by] {
					groups[by] = true
					p.Groups = append(p.Groups, Group{ID: id, By: b.By, Most: 1, Of: []Option{option(others)}})
				}
				b.Take.Of[0] = Option{Group: id}
			}
		} else if b.Get == "" {
			b.Get = "1"
		}
		p.Bids = append(p.Bids, b)
	}
	if rapid.IntRange(0, 3).Draw(t, "limit") == 0 {
		p.Limits = append(p.Limits, Limit{ID: "l", Most: int64(rapid.IntRange(0, 3).Draw(t, "most")), Of: []Weight{{Bid: "b0", Weight: 2}}})
	}
	goals := []string{"items", "people", "cost", "expected"}
	if k := rapid.IntRange(0, 3).Draw(t, "first goal"); k > 0 {
		p.Options.Goals = append([]string{goals[k]}, append(append([]string{}, goals[:k]...), goals[k+1:]...)...)
	}
	return p
}

// bruteExchanges tries every set of up to so many uses.
func bruteExchanges(k *book, most int) []*exchange {
	var all []*exchange
	var uses []counted
	heavy := k.m.weights()
	var more func(from, left int)
	more = func(from, left int) {
		if e, err := k.m.settle(append([]counted{}, uses...)); err == nil && newFits(k.m, heavy, e) > 0 {
			all = append(all, e)
		}
		for i := from; i < len(k.moves); i++ {
			for n := int64(1); n <= int64(left); n++ {
				uses = append(uses, counted{k.moves[i], n})
				more(i+1, left-int(n))
				uses = uses[:len(uses)-1]
			}
		}
	}
	more(0, most)
	return all
}

// bruteBest tries every set of exchanges.
func bruteBest(m *model, all []*exchange, goals []deal.Goal) deal.Value {
	best := newTally(m).value()
	var try func(t *tally, from int)
	try = func(t *tally, from int) {
		if v := t.value(); v.Compare(best, goals) > 0 {
			best = v
		}
		for i := from; i < len(all); i++ {
			next := newTally(m)
			for r, n := range t.used {
				next.used[r] = n
			}
			for u := range t.people {
				next.people[u] = true
			}
			next.v = t.v
			if next.add(all[i], 1) == nil {
				try(next, i)
			}
		}
	}
	try(newTally(m), 0)
	return best
}

func testAgainstBrute(t *testing.T, money bool) {
	tried, richer := 0, 0
	property := func(t *rapid.T) {
		p := drawProblem(t, money)
		m, err := newModel(p)
		if err != nil {
			t.Skip("not a problem")
		}
		k := newBook(m, newMeter(0, nil))
		if len(k.moves) > 9 {
			t.Skip("too many uses to try")
		}
		all := bruteExchanges(k, 5)
		if len(all) > 40 {
			t.Skip("too many exchanges to try")
		}
		tried++
		if len(all) > 0 {
			richer++
		}
		goals := p.Options.goals()
		want := bruteBest(m, all, goals)
		got, err := m.solve(SolveOptions{})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := p.Encode()
		v, err := m.check(got)
		if err != nil {
			t.Fatalf("the answer breaks a rule: %v\n%s", err, text)
		}
		if v.Compare(want, goals) < 0 {
			t.Errorf("Solve: %+v, want %+v\n%s", v, want, text)
		}
		if got.Complete && got.Bound != nil && *got.Bound != v.Of(goals[0]) || got.Optimal != (got.Bound != nil && *got.Bound == v.Of(goals[0])) {
			t.Errorf("Solve: %+v, bound %d, optimal %v, complete %v\n%s", v, *got.Bound, got.Optimal, got.Complete, text)
		}
		if got.Complete && !got.Exact {
			t.Errorf("Solve: not exact\n%s", text)
		}
	}
	for round := 0; round < 20 && richer < 5; round++ { // what is drawn may be poor for once
		rapid.Check(t, property)
	}
	if richer < 5 {
		t.Errorf("only %d of %d markets had an exchange", richer, tried)
	}
}

func TestSolveIsExactOnSmallMarkets(t *testing.T) { testAgainstBrute(t, false) }

func TestSolveIsExactWithMoney(t *testing.T) { testAgainstBrute(t, true) }

// What little work finds is still right, and its bound true.
func TestSolveOnATightBudgetClaimsNothingFalse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t, rapid.Bool().Draw(t, "with money"))
		m, err := newModel(p)
		if err != nil {
			t.Skip("not a problem")
		}
		k := newBook(m, newMeter(0, nil))
		if len(k.moves) > 9 {
			t.Skip("too many uses to try")
		}
		all := bruteExchanges(k, 5)
		if len(all) > 30 {
			t.Skip("too many exchanges to try")
		}
		goals := p.Options.goals()
		want := bruteBest(m, all, goals)
		got, err := m.solve(SolveOptions{Budget: int64(rapid.IntRange(1, 20_000).Draw(t, "budget"))})
		if err != nil {
			t.Fatal(err)
		}
		v, err := m.check(got)
		if err != nil {
			t.Fatalf("the answer breaks a rule: %v", err)
		}
		text, _ := p.Encode()
		better := want.Compare(v, goals) > 0
		first := want.Compare(v, goals[:1]) > 0
		if got.Bound != nil && (goals[0] == deal.Cost && *got.Bound > want.Cost || goals[0] != deal.Cost && *got.Bound < want.Of(goals[0])) {
			t.Errorf("bound %d, but %+v is possible\n%s", *got.Bound, want, text)
		}
		if first && got.Optimal || better && got.Exact {
			t.Errorf("%+v is said to be best (optimal %v, exact %v), but %+v is possible\n%s", v, got.Optimal, got.Exact, want, text)
		}
		if !got.Complete && got.Left == "" {
			t.Error("it is not said what was left out")
		}
	})
}
