package deal_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// shared is a market of two rings through one group that both may pass:
// 0 → group → 2 → 0 and 1 → group → 3 → 1.
func shared(t *testing.T) (*deal.Graph, []deal.Ring) {
	g := new(deal.Graph)
	a, b, c, d, group := g.AddOffer(0), g.AddOffer(0), g.AddOffer(1), g.AddOffer(2), g.AddGroup(0, 2)
	for _, x := range [][2]deal.Node{{a, group}, {b, group}, {group, c}, {group, d}, {c, a}, {d, b}} {
		if err := g.AddArc(x[0], x[1], 1); err != nil {
			t.Fatal(err)
		}
	}
	return g, []deal.Ring{{a, group, c}, {b, group, d}}
}

// TestNoRingIsTakenTwice: what a branch takes for good uses things up once, and
// receives what it receives once.
func TestNoRingIsTakenTwice(t *testing.T) {
	g, rings := shared(t)
	opt := deal.Options{MaxRing: 2}
	dear := func(n ...int64) []deal.Prices {
		p := deal.Prices{Scale: 1}
		for _, n := range n {
			p.Nodes = append(p.Nodes, deal.Price{n, 2})
		}
		return []deal.Prices{p}
	}
	again := []deal.Branch{
		{Ring: rings[0], With: 1, Without: 2},
		{Ring: rings[0], With: 3, Without: 4}, {Prices: dear(1)},
		{Prices: dear(0)}, {Prices: dear(0, 1)},
	}
	paid := []deal.Branch{
		{Ring: rings[0], With: 1, Without: 2},
		{Ring: rings[0], With: 3, Without: 4}, {Prices: dear(1)},
		{Prices: []deal.Prices{{Scale: 1, Nodes: []deal.Price{{0, 10}}, Taken: []deal.Price{{0, 8}, {1, 8}}}}}, {Prices: dear(0, 1)},
	}
	for name, branches := range map[string][]deal.Branch{"taken": again, "paid": paid} {
		c := &deal.Certificate{Proofs: []deal.Proof{{Goal: "items", Bound: 2, Branches: branches}}}
		if v, err := deal.Verify(g, opt, rings[:1], c); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s twice: %+v, %v; want kind invalid: 4 items trade", name, v, err)
		}
	}
}

// TestShortRingsThroughGroupsAreSeen: a ring that closes through a group counts
// even where a longer one would be allowed.
func TestShortRingsThroughGroupsAreSeen(t *testing.T) {
	g := new(deal.Graph)
	a, b, c, group := g.AddOffer(0), g.AddOffer(1), g.AddOffer(2), g.AddGroup(2, 1)
	for _, x := range [][2]deal.Node{{a, b}, {b, c}, {c, group}, {group, a}} {
		if err := g.AddArc(x[0], x[1], 1); err != nil {
			t.Fatal(err)
		}
	}
	none := &deal.Certificate{Proofs: []deal.Proof{{Goal: "items", Branches: []deal.Branch{{}}}}}
	for most := 3; most < 8; most++ {
		if v, err := deal.Verify(g, deal.Options{MaxRing: most}, nil, none); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("rings of up to %d: %+v, %v; want kind invalid: 3 items trade", most, v, err)
		}
	}
}

// TestNestingCountsAcrossTheStart: it does not matter where a ring is written
// down from.
func TestNestingCountsAcrossTheStart(t *testing.T) {
	g := new(deal.Graph)
	ring := deal.Ring{g.AddOffer(0), g.AddOffer(1)}
	for range deal.MaxNesting + 1 {
		ring = append(ring, g.AddGroup(1, 1))
	}
	for i, n := range ring {
		if err := g.AddArc(n, ring[(i+1)%len(ring)], 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range ring {
		turned := slices.Concat(ring[i:], ring[:i])
		if v, err := deal.Check(g, []deal.Ring{turned}, deal.Options{MaxRing: 4}); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("from place %d: %+v, %v; want kind invalid", i, v, err)
		}
	}
}

// TestAHugeMeanCostLeavesNothingOut: no product of it overflows.
func TestAHugeMeanCostLeavesNothingOut(t *testing.T) {
	g, rings := triangle()
	for _, ring := range []int{0, 3} {
		opt := deal.Options{MaxRing: ring, MaxMeanCost: 1<<62 + 1}
		r, err := deal.Find(g, opt)
		if err != nil || r.Value.Items != 3 || !r.Optimal {
			t.Errorf("rings of up to %d: %+v, %v; want the 3 items of %v", ring, r, err, rings)
		}
	}
}

// clique is a market in which everybody wants what all others have.
func clique(n int) *deal.Graph {
	g := new(deal.Graph)
	for u := range n {
		g.AddOffer(u)
	}
	for i := range deal.Node(n) {
		for j := range deal.Node(n) {
			if i != j {
				_ = g.AddArc(i, j, 1)
			}
		}
	}
	return g
}

// TestHostileProofsStayInTheirBudget: what is written costs as much as it takes
// to check. Each of these would take hours, or all the memory there is.
func TestHostileProofsStayInTheirBudget(t *testing.T) {
	small, large := clique(3), clique(40)
	var apart []deal.Cut // a ring touches all of them, in the worst order
	for i := range int64(400_000) {
		apart = append(apart, deal.Cut{Nodes: []deal.Price{{i & 1, 1}}, By: 2})
	}
	flat := func(n int64, times int) (list []deal.Prices) { // these rule out nothing
		p := deal.Prices{Scale: 1}
		for i := range n {
			p.Nodes = append(p.Nodes, deal.Price{i, 1})
		}
		for range times {
			list = append(list, p)
		}
		return list
	}
	idle := make([]deal.Branch, 1, 400_001) // split by a ring that does not exist
	deep := make([]deal.Branch, 1, 1_000_001)
	for at := 0; len(deep) < cap(deep); at = len(deep) - 1 {
		if len(idle) < cap(idle) {
			idle[at] = deal.Branch{Ring: deal.Ring{1, 0}, With: len(idle), Without: len(idle) + 1}
			idle = append(idle, deal.Branch{}, deal.Branch{})
		}
		deep[at] = deal.Branch{Arc: []deal.Node{0, 1}, With: len(deep) + 1, Without: len(deep)}
		deep = append(deep, deal.Branch{}, deal.Branch{})
	}
	for name, c := range map[string]struct {
		g     *deal.Graph
		ring  int
		proof deal.Proof
	}{
		"cuts apart":    {small, 3, deal.Proof{Bound: 2, Cuts: apart, Branches: []deal.Branch{{Prices: flat(3, 1)}}}},
		"many prices":   {small, 3, deal.Proof{Bound: 2, Cuts: apart, Branches: []deal.Branch{{Prices: flat(3, 200_000)}}}},
		"rings of none": {large, 3, deal.Proof{Bound: 39, Branches: idle}},
		"deep":          {small, 3, deal.Proof{Bound: 2, Branches: deep}},
		"wide and deep": {large, 4, deal.Proof{Bound: 39, Branches: deep}},
	} {
		c.proof.Goal = "items"
		opt := deal.Options{MaxRing: c.ring, Budget: 20_000_000}
		if v, err := deal.Verify(c.g, opt, []deal.Ring{{0, 1}}, &deal.Certificate{Proofs: []deal.Proof{c.proof}}); err == nil {
			t.Errorf("%s: %+v, want an error", name, v)
		}
	}
}

// TestManyLimitsLeaveRoom: where every ring uses up thousands of limits, fewer
// are held, and what is claimed stays true.
func TestManyLimitsLeaveRoom(t *testing.T) {
	g := clique(60)
	for i := range 700 {
		l := g.AddLimit(int64(7 + i%7))
		for n := range deal.Node(60) {
			if err := g.Charge(l, n, 1+int64(n)%2); err != nil {
				t.Fatal(err)
			}
		}
	}
	opt := deal.Options{MaxRing: 4, Budget: 3_000_000}
	r, err := deal.Find(g, opt)
	if err != nil || r.Value.Items > 7 || r.Bound < 7 || r.Listed > 20_000 {
		t.Errorf("%d rings, %+v, bound %d, %v; at most 7 items trade", r.Listed, r.Value, r.Bound, err)
	}
}

// TestCertificatesOfEmptyThingsAreSmall: what takes few bytes takes little memory.
func TestCertificatesOfEmptyThingsAreSmall(t *testing.T) {
	many := strings.Repeat("{},", 600_000) + "{}"
	for name, text := range map[string]string{
		"proofs":   `{"proofs":[` + many + `]}`,
		"cuts":     `{"proofs":[{"cuts":[` + many + `]}]}`,
		"branches": `{"proofs":[{"branches":[` + many + `]}]}`,
		"prices":   `{"proofs":[{"branches":[{"prices":[` + many + `]}]}]}`,
	} {
		if _, err := deal.DecodeCertificate([]byte(text)); sxp.KindOf(err) != sxp.TooLarge {
			t.Errorf("%s: %v, want kind toolarge", name, err)
		}
	}
}

// drawPrices invents prices.
func drawPrices(t *rapid.T, n, limits, cuts, goals int, taken []int64) deal.Prices {
	list := func(what string, n int) (out []deal.Price) {
		for i := range int64(n) {
			if x := rapid.Int64Range(-2, 4).Draw(t, what); x > 0 {
				out = append(out, deal.Price{i, x})
			}
		}
		return out
	}
	p := deal.Prices{Scale: rapid.Int64Range(1, 2).Draw(t, "scale"), Nodes: list("node", n)}
	p.Limits, p.Cuts, p.Goals = list("limit", limits), list("cut", cuts), list("goal", goals)
	if rapid.Bool().Draw(t, "people") {
		p.People = list("person", 5)
	}
	for _, at := range taken {
		if x := rapid.Int64Range(-1, 3).Draw(t, "received"); x > 0 {
			p.Taken = append(p.Taken, deal.Price{at, x})
		}
	}
	return p
}

// drawBranches invents a tree of branches.
func drawBranches(t *rapid.T, g *deal.Graph, walks []deal.Ring, cuts, goals int) []deal.Branch {
	list := []deal.Branch{{}}
	taken := [][]int64{nil}
	for at := 0; at < len(list); at++ {
		for range rapid.IntRange(0, 2).Draw(t, "prices") {
			list[at].Prices = append(list[at].Prices, drawPrices(t, g.Len(), g.NumLimits(), cuts, goals, taken[at]))
		}
		if len(list) > 12 || !rapid.Bool().Draw(t, "split") {
			continue
		}
		with := slices.Clone(taken[at])
		if len(walks) > 0 && rapid.Bool().Draw(t, "by ring") {
			list[at].Ring = rapid.SampledFrom(walks).Draw(t, "ring")
			with = append(with, int64(at))
		} else {
			n := rapid.IntRange(0, g.Len()-1)
			list[at].Arc = []deal.Node{deal.Node(n.Draw(t, "from")), deal.Node(n.Draw(t, "to"))}
		}
		list[at].With, list[at].Without = len(list), len(list)+1
		list, taken = append(list, deal.Branch{}, deal.Branch{}), append(taken, with, taken[at])
	}
	return list
}

// TestNoInventedCertificateVerifies: whatever a stranger thinks up, what it
// proves is true.
func TestNoInventedCertificateVerifies(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawMarket(t, 6)
		opt := deal.Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "max ring"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "max chain"), Goals: drawAllGoals(t)}
		goals := opt.Goals
		if len(goals) == 0 {
			goals = deal.DefaultGoals()
		}
		walks := allWalks(g, opt)
		if len(walks) > 14 || len(walks) == 0 {
			t.Skip("too many sets to try")
		}
		best := bestOf(g, walks, opt, goals)
		c := new(deal.Certificate)
		for k := range rapid.IntRange(1, min(2, len(goals))).Draw(t, "proofs") {
			p := deal.Proof{Goal: goals[k].String(), Bound: best.Of(goals[k]) - rapid.Int64Range(-1, 2).Draw(t, "less")}
			if goals[k] == deal.Cost {
				p.Bound = best.Cost + rapid.Int64Range(0, 2).Draw(t, "more")
			}
			for range k {
				p.Weights = append(p.Weights, rapid.Int64Range(0, 5).Draw(t, "weight"))
			}
			for i := range rapid.IntRange(0, 2).Draw(t, "cuts") {
				q := drawPrices(t, g.Len(), g.NumLimits(), i, 0, nil)
				p.Cuts = append(p.Cuts, deal.Cut{Nodes: q.Nodes, Limits: q.Limits, Cuts: q.Cuts, By: rapid.Int64Range(1, 4).Draw(t, "by")})
			}
			if k == 0 || rapid.Bool().Draw(t, "prices at all") {
				p.Branches = drawBranches(t, g, walks, len(p.Cuts), k)
			}
			c.Proofs = append(c.Proofs, p)
		}
		given, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		rings := given.Rings
		if len(rings) > 0 && rapid.Bool().Draw(t, "worse") {
			rings = rings[1:]
			c.Proofs[0].Bound = mustCheck(g, rings, opt).Of(goals[0])
		}
		v, err := deal.Verify(g, opt, rings, c)
		if err != nil {
			return
		}
		taken++
		of := best.Of(goals[0])
		if v.Bounded && goals[0] != deal.Cost && v.Bound < of || v.Bounded && goals[0] == deal.Cost && v.Bound > of {
			t.Fatalf("goals %v: the bound %d is proven, the best is %d: %+v", goals, v.Bound, of, c)
		}
		if v.Exact && v.Value.Compare(best, goals) < 0 {
			t.Fatalf("goals %v: %+v is proven best, %+v is better: %+v", goals, v.Value, best, c)
		}
	})
	if taken == 0 {
		t.Error("nothing was ever proven")
	}
}

func mustCheck(g *deal.Graph, rings []deal.Ring, opt deal.Options) deal.Value {
	v, err := deal.Check(g, rings, opt)
	if err != nil {
		panic(err)
	}
	return v
}
