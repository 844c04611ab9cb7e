package deal_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
)

// drawPool makes a small market with gifts and needs as well.
func drawPool(t *rapid.T, maxOffers int) *deal.Graph {
	g := new(deal.Graph)
	people := rapid.IntRange(3, 6).Draw(t, "people")
	for range rapid.IntRange(2, maxOffers).Draw(t, "offers") {
		g.AddOffer(rapid.IntRange(0, people-1).Draw(t, "owner"))
	}
	for range rapid.IntRange(1, 2).Draw(t, "gifts") {
		g.AddGift(rapid.IntRange(0, people-1).Draw(t, "giver"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "needs") {
		g.AddNeed(rapid.IntRange(0, people-1).Draw(t, "taker"))
	}
	for range rapid.IntRange(0, 2).Draw(t, "groups") {
		g.AddGroup(rapid.IntRange(0, people-1).Draw(t, "group owner"), rapid.IntRange(1, 2).Draw(t, "k"))
	}
	for range rapid.IntRange(6, 24).Draw(t, "arcs") {
		from := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "from"))
		to := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "to"))
		_ = g.AddArc(from, to, int64(rapid.IntRange(0, 3).Draw(t, "cost"))) // senseless ones are refused
	}
	return g
}

// bruteChains lists every chain by walking everywhere from its beginning.
func bruteChains(g *deal.Graph, maxChain int) []deal.Ring {
	var chains []deal.Ring
	used := make(map[deal.Node]int)
	var walk func(path deal.Ring, items, groups int)
	walk = func(path deal.Ring, items, groups int) {
		seen := make(map[deal.Node]bool)
		for _, a := range g.Arcs(path[len(path)-1]) {
			if seen[a.To] || used[a.To] >= g.Capacity(a.To) {
				continue
			}
			seen[a.To] = true
			next := append(slices.Clone(path), a.To)
			nextItems, nextGroups := items+1, 0
			if g.IsGroup(a.To) {
				nextItems, nextGroups = items, groups+1
				if slices.Contains(path[len(path)-groups:], a.To) {
					continue
				}
			}
			if nextItems > maxChain {
				continue
			}
			if g.IsGift(a.To) {
				chains = append(chains, next)
				continue
			}
			used[a.To]++
			walk(next, nextItems, nextGroups)
			used[a.To]--
		}
	}
	for n := range deal.Node(g.Len()) {
		if !g.IsGroup(n) && !g.IsGift(n) {
			used[n] = 1
			walk(deal.Ring{n}, 0, 0)
			used[n] = 0
		}
	}
	return chains
}

func TestFindIsExactWithChains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawPool(t, 6)
		opt := deal.Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "max ring"), MaxChain: rapid.IntRange(-1, 5).Draw(t, "max chain"), Seed: 1}
		chain := opt.MaxChain
		if chain == 0 {
			chain = opt.MaxRing - 1
		}
		rings := append(bruteRings(g, opt.MaxRing), bruteChains(g, chain)...)
		if len(rings) > 14 {
			t.Skip("too many sets of rings to try")
		}
		want := bruteBest(g, rings)
		got, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if got.Value != want || !got.Optimal || !got.Exact || !got.Complete || int(got.Bound) != want.Items {
			t.Errorf("Find: %+v, want %+v, proven", got, want)
		}
		if v, err := deal.Check(g, got.Rings, opt); err != nil || v != got.Value {
			t.Errorf("Check of the answer: %+v, %v; want %+v", v, err, got.Value)
		}
	})
}

// A chain is one gift passed on: each gives what they have for what they get,
// and whoever is last keeps theirs.
func TestAGiftStartsAChain(t *testing.T) {
	g := new(deal.Graph)
	gift, chair, desk, lamp := g.AddGift(0), g.AddOffer(1), g.AddOffer(2), g.AddNeed(3)
	for _, a := range [][2]deal.Node{{chair, gift}, {desk, chair}, {lamp, desk}} {
		if err := g.AddArc(a[0], a[1], 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		opt   deal.Options
		items int
		chain deal.Ring
	}{
		{deal.Options{MaxRing: 4}, 3, deal.Ring{lamp, desk, chair, gift}},
		{deal.Options{MaxRing: 4, MaxChain: 2}, 2, deal.Ring{desk, chair, gift}},
		{deal.Options{MaxRing: 2}, 1, deal.Ring{chair, gift}},
		{deal.Options{MaxRing: 4, MaxChain: -1}, 0, nil},
	} {
		got, err := deal.Find(g, c.opt)
		if err != nil || got.Value.Items != c.items || !got.Optimal {
			t.Errorf("%+v: %+v, %v; want %d items", c.opt, got, err, c.items)
		}
		if c.chain != nil && (len(got.Rings) != 1 || !slices.Equal(got.Rings[0], c.chain)) {
			t.Errorf("%+v: rings %v, want %v", c.opt, got.Rings, c.chain)
		}
	}
}
