package deal_test

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// subsetBest finds the best value without groups by trying every set of
// offers: who trades follows from the set.
func subsetBest(g *deal.Graph, rings []deal.Ring) deal.Value {
	n := g.Len()
	const never = int64(1) << 60
	least := make([]int64, 1<<n) // cost of trading exactly this set
	for m := range least {
		least[m] = never
	}
	least[0] = 0
	type column struct {
		set  int
		cost int64
	}
	var cols []column
	for _, r := range rings {
		c := column{}
		for _, x := range r {
			c.set |= 1 << x
		}
		v, err := deal.Check(g, []deal.Ring{r}, deal.Options{})
		if err != nil {
			panic(err)
		}
		c.cost = v.Cost
		cols = append(cols, c)
	}
	var best deal.Value
	for m := range least {
		for _, c := range cols {
			// The ring with the lowest offer of the set, to try each set once.
			if c.set&m == c.set && c.set&(m&-m) != 0 && least[m&^c.set]+c.cost < least[m] {
				least[m] = least[m&^c.set] + c.cost
			}
		}
		if least[m] == never {
			continue
		}
		people := make(map[int]bool)
		for i := range n {
			if m>>i&1 == 1 {
				people[g.Owner(deal.Node(i))] = true
			}
		}
		if v := (deal.Value{Items: bits.OnesCount(uint(m)), People: len(people), Cost: least[m]}); v.Better(best) {
			best = v
		}
	}
	return best
}

// Denser markets, where the relaxation is fractional and branching decides.
func TestFindIsExactWhereRingsCompete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := new(deal.Graph)
		n := rapid.IntRange(5, 11).Draw(t, "offers")
		people := rapid.IntRange(3, n).Draw(t, "people")
		for range n {
			g.AddOffer(rapid.IntRange(0, people-1).Draw(t, "owner"))
		}
		rng := rapid.Uint64().Draw(t, "arcs")
		density := rapid.IntRange(10, 60).Draw(t, "density")
		maxCost := int64(rapid.IntRange(0, 9).Draw(t, "max cost"))
		for i := range deal.Node(n) {
			for j := range deal.Node(n) {
				rng = rng*6364136223846793005 + 1442695040888963407
				if int(rng>>33%100) < density {
					_ = g.AddArc(i, j, int64(rng>>50)%(maxCost+1)) // own ones are refused
				}
			}
		}
		maxRing := rapid.IntRange(2, 4).Draw(t, "max ring")
		want := subsetBest(g, bruteRings(g, maxRing))
		got, err := deal.Find(g, deal.Options{MaxRing: maxRing})
		if err != nil {
			t.Fatal(err)
		}
		if got.Value != want || !got.Exact {
			t.Errorf("Find: %+v, want %+v, exact", got, want)
		}
	})
}

// What Skip leaves out is not found, and the best of the rest is.
func TestSkipLeavesOnlyThoseOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := new(deal.Graph)
		n := rapid.IntRange(3, 8).Draw(t, "offers")
		for i := range n {
			g.AddOffer(i)
		}
		for range rapid.IntRange(3, 30).Draw(t, "arcs") {
			from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			_ = g.AddArc(deal.Node(from), deal.Node(to), int64(rapid.IntRange(0, 3).Draw(t, "cost"))) // senseless ones are refused
		}
		opt := deal.Defaults()
		before, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		skipped := before.Rings
		opt.Skip = func(r deal.Ring) bool {
			return slices.ContainsFunc(skipped, func(s deal.Ring) bool { return slices.Equal(r, s) })
		}
		want := subsetBest(g, slices.DeleteFunc(bruteRings(g, opt.MaxRing), func(r deal.Ring) bool { return opt.Skip(r) }))
		got, err := deal.Find(g, opt)
		if err != nil || got.Value != want || !got.Exact || slices.ContainsFunc(got.Rings, opt.Skip) {
			t.Errorf("Find: %+v, %v; want %+v without %v", got, err, want, skipped)
		}
		opt.MaxRing = 0
		if _, err := deal.Find(g, opt); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("rings of any length: %v, want kind invalid", err)
		}
	})
}
