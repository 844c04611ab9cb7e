package solver_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
	"sxp/deal/solver"
)

// drawGraph makes a small market with all that a graph can have.
func drawGraph(t *rapid.T) *deal.Graph {
	g := new(deal.Graph)
	people := rapid.IntRange(2, 5).Draw(t, "people")
	owner := func() int { return rapid.IntRange(0, people-1).Draw(t, "owner") }
	for range rapid.IntRange(0, 7).Draw(t, "offers") {
		g.AddOffer(owner())
	}
	for range rapid.IntRange(0, 2).Draw(t, "gifts") {
		g.AddGift(owner())
	}
	for range rapid.IntRange(0, 1).Draw(t, "needs") {
		g.AddNeed(owner())
	}
	for range rapid.IntRange(0, 2).Draw(t, "groups") {
		g.AddGroup(owner(), rapid.IntRange(1, 2).Draw(t, "k"))
	}
	if g.Len() == 0 {
		return g
	}
	node := func(what string) deal.Node { return deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, what)) }
	for range rapid.IntRange(0, 24).Draw(t, "arcs") {
		from, to, cost := node("from"), node("to"), int64(rapid.IntRange(0, 3).Draw(t, "cost"))
		if g.IsGroup(from) && g.IsGroup(to) && to < from {
			continue // groups that form a cycle are no problem
		}
		_ = g.AddArc(from, to, cost) // senseless ones are refused
	}
	if rapid.Bool().Draw(t, "limited") {
		l := g.AddLimit(int64(rapid.IntRange(0, 4).Draw(t, "most")))
		for range 3 {
			_ = g.Charge(l, node("charged"), int64(rapid.IntRange(0, 3).Draw(t, "weight")))
		}
	}
	if rapid.Bool().Draw(t, "unreliable") {
		for u := range people {
			g.SetReliability(u, int64(rapid.IntRange(0, 4).Draw(t, "reliability"))*250_000)
		}
	}
	g.SetTop(int64(rapid.IntRange(0, 5).Draw(t, "top")))
	return g
}

func drawOptions(t *rapid.T) deal.Options {
	all := []deal.Goal{deal.Items, deal.People, deal.Cost, deal.Worth, deal.Expected}
	return deal.Options{
		MaxRing: rapid.IntRange(2, 4).Draw(t, "cap"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "chain cap"),
		Goals:  rapid.Permutation(all).Draw(t, "goals")[:rapid.IntRange(1, 5).Draw(t, "number of goals")],
		Budget: 500_000, Seed: rapid.Uint64().Draw(t, "seed"),
	}
}

// every lists all rings and chains by walking everywhere; what Check refuses
// is none.
func every(g *deal.Graph, opt deal.Options) (all []deal.Ring) {
	var walk func(path deal.Ring)
	walk = func(path deal.Ring) {
		if _, err := deal.Check(g, []deal.Ring{path}, opt); err == nil && (g.IsChain(path) || path[0] == lowest(g, path)) {
			all = append(all, slices.Clone(path))
		}
		if len(path) > 12 {
			return
		}
		for _, a := range g.Arcs(path[len(path)-1]) {
			if !slices.Contains(path, a.To) {
				walk(append(path, a.To))
			}
		}
	}
	for n := range deal.Node(g.Len()) {
		if !g.IsGroup(n) {
			walk(deal.Ring{n})
		}
	}
	return all
}

func lowest(g *deal.Graph, r deal.Ring) deal.Node {
	low := deal.Node(-1)
	for _, n := range r {
		if !g.IsGroup(n) && (low < 0 || n < low) {
			low = n
		}
	}
	return low
}

// best tries every set of rings.
func best(g *deal.Graph, opt deal.Options) (top deal.Value) {
	all := every(g, opt)
	tried := 0
	var try func(from int, chosen []deal.Ring)
	try = func(from int, chosen []deal.Ring) {
		if tried++; tried > 200_000 {
			return
		}
		v, err := deal.Check(g, chosen, opt)
		if err != nil {
			return // more of them fits even less
		}
		if v.Compare(top, opt.Goals) > 0 {
			top = v
		}
		for i := from; i < len(all); i++ {
			try(i+1, append(chosen, all[i]))
		}
	}
	try(0, nil)
	return top
}

// TestSearchFindsTheBest: on small markets the local search ends at what trying
// every set of rings gives, whatever is asked for, and what it returns holds.
func TestSearchFindsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, opt := drawGraph(t), drawOptions(t)
		want := best(g, opt)
		r, err := solver.Search(g, opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := deal.Check(g, r.Rings, opt)
		if err != nil || v != r.Value {
			t.Fatalf("what was found does not hold: %v; %+v, said %+v", err, v, r.Value)
		}
		if v.Compare(want, opt.Goals[:1]) != 0 {
			t.Errorf("found %+v, best is %+v by %v", v, want, opt.Goals)
		}
		if opt.Goals[0] == deal.Items && int64(want.Items) > r.Bound {
			t.Errorf("the bound %d is below the best, %d", r.Bound, want.Items)
		}
		again, err := solver.Search(g, opt, nil)
		if err != nil || again.Value != r.Value || !slices.EqualFunc(again.Rings, r.Rings, slices.Equal) {
			t.Errorf("the same search found something else: %v", err)
		}
	})
}
