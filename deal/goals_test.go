package deal_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// drawMarket makes a small market with all that a graph may hold: offers,
// gifts, needs, groups, limits that count and that weigh, reliabilities, a top.
func drawMarket(t *rapid.T, most int) *deal.Graph {
	g := new(deal.Graph)
	people := rapid.IntRange(2, 5).Draw(t, "people")
	for range rapid.IntRange(3, most).Draw(t, "items") {
		owner := rapid.IntRange(0, people-1).Draw(t, "owner")
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			g.AddGift(owner)
		case 1:
			g.AddNeed(owner)
		default:
			g.AddOffer(owner)
		}
	}
	offers := g.Len()
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		g.AddGroup(rapid.IntRange(0, people-1).Draw(t, "group owner"), rapid.IntRange(1, 2).Draw(t, "k"))
	}
	for range rapid.IntRange(5, 60).Draw(t, "arcs") {
		from := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "from"))
		to := deal.Node(rapid.IntRange(0, g.Len()-1).Draw(t, "to"))
		_ = g.AddArc(from, to, int64(rapid.IntRange(0, 4).Draw(t, "cost"))) // senseless ones are refused
	}
	for range rapid.IntRange(0, 2).Draw(t, "limits") {
		unit := rapid.SampledFrom([]int64{1, 100, 9_999_999_999}).Draw(t, "unit")
		i := g.AddLimit(unit * int64(rapid.IntRange(0, 5).Draw(t, "most")))
		for n := range deal.Node(offers) {
			if rapid.Bool().Draw(t, "charged") {
				if err := g.Charge(i, n, unit/2*int64(rapid.IntRange(0, 4).Draw(t, "weight"))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if rapid.Bool().Draw(t, "reliable") {
		for u := range people {
			g.SetReliability(u, int64(rapid.IntRange(0, 10).Draw(t, "reliability"))*100_000)
		}
	}
	if rapid.Bool().Draw(t, "has top") {
		g.SetTop(int64(rapid.IntRange(0, 6).Draw(t, "top")))
	}
	return g
}

// drawAllGoals chooses goals in any order.
func drawAllGoals(t *rapid.T) []deal.Goal {
	all := rapid.Permutation([]deal.Goal{deal.Items, deal.People, deal.Cost, deal.Worth, deal.Expected}).Draw(t, "goals")
	return all[:rapid.IntRange(0, len(all)).Draw(t, "how many")]
}

// allWalks lists every ring and chain that Check takes alone.
func allWalks(g *deal.Graph, opt deal.Options) []deal.Ring {
	var found []deal.Ring
	try := func(r deal.Ring) {
		if _, err := deal.Check(g, []deal.Ring{r}, opt); err == nil {
			found = append(found, slices.Clone(r))
		}
	}
	var walk func(path deal.Ring, items int)
	walk = func(path deal.Ring, items int) {
		last := path[len(path)-1]
		if g.IsGift(last) {
			try(path)
			return
		}
		seen := make(map[deal.Node]bool)
		for _, a := range g.Arcs(last) {
			if a.To == path[0] && path[0] == slices.Min(g.Items(path)) && !seen[a.To] {
				try(path)
			}
			if seen[a.To] || slices.Contains(path, a.To) && !g.IsGroup(a.To) || len(path) > 12 {
				continue
			}
			seen[a.To] = true
			more := items
			if !g.IsGroup(a.To) {
				if more++; more > 6 {
					continue
				}
			} else if slices.Contains(tail(g, path), a.To) {
				continue // around a group for nothing
			}
			walk(append(path, a.To), more)
		}
	}
	for n := range deal.Node(g.Len()) {
		if !g.IsGroup(n) {
			walk(deal.Ring{n}, 1)
		}
	}
	return found
}

// tail is the groups that a path ends with.
func tail(g *deal.Graph, path deal.Ring) deal.Ring {
	i := len(path)
	for i > 0 && g.IsGroup(path[i-1]) {
		i--
	}
	return path[i:]
}

// bestOf tries every set of walks.
func bestOf(g *deal.Graph, walks []deal.Ring, opt deal.Options, goals []deal.Goal) deal.Value {
	best, _ := deal.Check(g, nil, opt)
	var taken []deal.Ring
	var try func(i int)
	try = func(i int) {
		if v, err := deal.Check(g, taken, opt); err != nil {
			return // more only makes it worse
		} else if v.Compare(best, goals) > 0 {
			best = v
		}
		for k := i; k < len(walks); k++ {
			taken = append(taken, walks[k])
			try(k + 1)
			taken = taken[:len(taken)-1]
		}
	}
	try(0)
	return best
}

// equalBy reports whether two values are equal in all goals.
func equalBy(a, b deal.Value, goals []deal.Goal) bool { return a.Compare(b, goals) == 0 }

func TestFindFollowsGoalsAndLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawMarket(t, 7)
		opt := deal.Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "max ring"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "max chain"), Goals: drawAllGoals(t)}
		goals := opt.Goals
		if len(goals) == 0 {
			goals = deal.DefaultGoals()
		}
		walks := allWalks(g, opt)
		if len(walks) > 14 {
			t.Skip("too many sets to try")
		}
		want := bestOf(g, walks, opt, goals)
		got, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !equalBy(got.Value, want, goals) || !got.Exact || !got.Optimal || got.Bound != want.Of(goals[0]) {
			t.Fatalf("goals %v: found %+v, want %+v, proven; %+v", goals, got.Value, want, got)
		}
		if got.Certificate == nil {
			t.Fatalf("no certificate for %+v", got)
		}
		v, err := deal.Verify(g, opt, got.Rings, got.Certificate)
		if err != nil || v.Value != got.Value || !v.Exact || !v.Optimal || v.Bound != got.Bound {
			t.Fatalf("Verify: %+v, %v; want what Find said: %+v\n%+v", v, err, got, got.Certificate)
		}
	})
}

func TestGoalsThatMakeNoSense(t *testing.T) {
	g := new(deal.Graph)
	for _, goals := range [][]deal.Goal{{deal.Items, deal.Items}, {deal.Goal(9)}} {
		if _, err := deal.Find(g, deal.Options{MaxRing: 3, Goals: goals}); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("goals %v: %v, want kind invalid", goals, err)
		}
	}
}
