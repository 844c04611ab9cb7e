package deal_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
)

// drawGraph makes a small market: people with several offers, nested groups,
// groups of more than one, costs.
func drawGraph(t *rapid.T, maxOffers int) *deal.Graph {
	g := new(deal.Graph)
	people := rapid.IntRange(1, 5).Draw(t, "people")
	offers := rapid.IntRange(0, maxOffers).Draw(t, "offers")
	for range offers {
		g.AddOffer(rapid.IntRange(0, people-1).Draw(t, "owner"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		g.AddGroup(rapid.IntRange(0, people-1).Draw(t, "group owner"), rapid.IntRange(1, 2).Draw(t, "k"))
	}
	if g.Len() == 0 {
		return g
	}
	for range rapid.IntRange(0, 30).Draw(t, "arcs") {
		from := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "from"))
		to := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "to"))
		_ = g.AddArc(from, to, int64(rapid.IntRange(0, 3).Draw(t, "cost"))) // senseless ones are refused
	}
	return g
}

// bruteRings lists every ring by walking everywhere, without any pruning.
func bruteRings(g *deal.Graph, maxRing int) []deal.Ring {
	var rings []deal.Ring
	used := make(map[deal.Node]int)
	var walk func(path deal.Ring, items, groups int)
	walk = func(path deal.Ring, items, groups int) {
		seen := make(map[deal.Node]bool)
		for _, a := range g.Arcs(path[len(path)-1]) {
			if seen[a.To] {
				continue // parallel arcs
			}
			seen[a.To] = true
			if a.To == path[0] && items >= 2 {
				rings = append(rings, slices.Clone(path))
				continue
			}
			if used[a.To] >= g.Capacity(a.To) {
				continue
			}
			nextItems, nextGroups := items+1, 0
			if g.IsGroup(a.To) {
				nextItems, nextGroups = items, groups+1
				if slices.Contains(path[len(path)-groups:], a.To) {
					continue
				}
			} else if a.To < path[0] || items == maxRing {
				continue
			}
			used[a.To]++
			walk(append(path, a.To), nextItems, nextGroups)
			used[a.To]--
		}
	}
	for n := range deal.Node(g.Len()) {
		if !g.IsGroup(n) {
			used[n] = 1
			walk(deal.Ring{n}, 1, 0)
			used[n] = 0
		}
	}
	return rings
}

// bruteBest tries every set of rings.
func bruteBest(g *deal.Graph, rings []deal.Ring) deal.Value {
	var best deal.Value
	used := make([]int, g.Len())
	var taken []deal.Ring
	var try func(i int)
	try = func(i int) {
		if i == len(rings) {
			v, err := deal.Check(g, taken, deal.Options{})
			if err != nil {
				panic(err)
			}
			if v.Better(best) {
				best = v
			}
			return
		}
		fits := true
		for _, n := range rings[i] {
			used[n]++
			fits = fits && used[n] <= g.Capacity(n)
		}
		if fits {
			taken = append(taken, rings[i])
			try(i + 1)
			taken = taken[:len(taken)-1]
		}
		for _, n := range rings[i] {
			used[n]--
		}
		try(i + 1)
	}
	try(0)
	return best
}

// Row 82 of docs/requirements.md: exact for small markets, and proven so.
func TestFindIsExactOnSmallMarkets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 7)
		maxRing := rapid.IntRange(2, 5).Draw(t, "max ring")
		rings := bruteRings(g, maxRing)
		if len(rings) > 14 {
			t.Skip("too many sets of rings to try")
		}
		want := bruteBest(g, rings)
		got, err := deal.Find(g, deal.Options{MaxRing: maxRing, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got.Value != want || !got.Optimal || !got.Exact || !got.Complete || int(got.Bound) != want.Items {
			t.Errorf("Find: %+v, want %+v, proven", got, want)
		}
		if v, err := deal.Check(g, got.Rings, deal.Options{MaxRing: maxRing}); err != nil || v != got.Value {
			t.Errorf("Check of the answer: %+v, %v; want %+v", v, err, got.Value)
		}
	})
}

func TestFindOfAnyLengthTradesTheMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 6)
		rings := bruteRings(g, g.Len())
		if len(rings) > 14 {
			t.Skip("too many sets of rings to try")
		}
		want := bruteBest(g, rings)
		got, err := deal.Find(g, deal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Value.Items != want.Items || !got.Optimal || int(got.Bound) != want.Items {
			t.Errorf("Find: %+v, want %d items, proven", got, want.Items)
		}
		if got.Value.Cost > want.Cost {
			t.Errorf("Find: cost %d, want at most %d", got.Value.Cost, want.Cost)
		}
		if v, err := deal.Check(g, got.Rings, deal.Options{}); err != nil || v != got.Value {
			t.Errorf("Check of the answer: %+v, %v; want %+v", v, err, got.Value)
		}
	})
}

// What little work finds is still valid, and its bound true.
func TestFindOnATightBudgetClaimsNothingFalse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 7)
		opt := deal.Options{MaxRing: 4, Budget: int64(rapid.IntRange(1, 3000).Draw(t, "budget"))}
		rings := bruteRings(g, opt.MaxRing)
		if len(rings) > 14 {
			t.Skip("too many sets of rings to try")
		}
		want := bruteBest(g, rings)
		got, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := deal.Check(g, got.Rings, opt); err != nil || v != got.Value {
			t.Errorf("Check of the answer: %+v, %v; want %+v", v, err, got.Value)
		}
		if got.Value.Better(want) {
			t.Errorf("Find: %+v, better than the best %+v", got.Value, want)
		}
		if int(got.Bound) < want.Items || got.Optimal && got.Value.Items != want.Items || got.Exact && got.Value != want {
			t.Errorf("Find claims %+v, the best is %+v", got, want)
		}
	})
}

func TestFindGivesTheSameAnswerTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 12)
		opt := deal.Options{MaxRing: 4, Seed: rapid.Uint64().Draw(t, "seed"), Budget: 3_000_000}
		a, errA := deal.Find(g, opt)
		b, errB := deal.Find(g, opt)
		if errA != nil || errB != nil || a.Value != b.Value || a.Work != b.Work ||
			!slices.EqualFunc(a.Rings, b.Rings, func(x, y deal.Ring) bool { return slices.Equal(x, y) }) {
			t.Errorf("Find: first %+v %v, then %+v %v", a, errA, b, errB)
		}
	})
}

// Row 17: every ring up to the limit is found.
func TestEveryRingIsWeighed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 8)
		offersOf := make(map[string]bool)
		for _, r := range bruteRings(g, 4) {
			items := g.Items(r)
			slices.Sort(items)
			offersOf[string(bytesOf(items))] = true
		}
		for key := range offersOf {
			// Alone in the market, each set of offers must trade completely.
			in := make(map[deal.Node]bool)
			for i := range key {
				in[deal.Node(key[i])] = true
			}
			res, err := deal.Find(without(g, in), deal.Options{MaxRing: 4})
			if err != nil || res.Value.Items != len(in) {
				t.Errorf("the ring over %v was missed: %+v, %v", in, res, err)
			}
		}
	})
}

func bytesOf(nodes []deal.Node) []byte {
	var b []byte
	for _, n := range nodes {
		b = append(b, byte(n))
	}
	return b
}

// without returns g with only these offers connected.
func without(g *deal.Graph, keep map[deal.Node]bool) *deal.Graph {
	h := new(deal.Graph)
	for n := range deal.Node(g.Len()) {
		if g.IsGroup(n) {
			h.AddGroup(g.Owner(n), g.Capacity(n))
		} else {
			h.AddOffer(g.Owner(n))
		}
	}
	for n := range deal.Node(g.Len()) {
		for _, a := range g.Arcs(n) {
			if (keep[n] || g.IsGroup(n)) && (keep[a.To] || g.IsGroup(a.To)) {
				if err := h.AddArc(n, a.To, a.Cost); err != nil {
					panic(err)
				}
			}
		}
	}
	return h
}
