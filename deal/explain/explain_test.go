package explain_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sxp/deal"
	"sxp/deal/explain"
)

// market builds a graph: people own one offer each unless the line says
// otherwise ("a:gift", "b:need"), arcs are "x>y".
func market(t *testing.T, nodes, arcs string) (*deal.Graph, map[string]deal.Node) {
	t.Helper()
	g, at := new(deal.Graph), map[string]deal.Node{}
	for person, word := range strings.Fields(nodes) {
		name, kind, _ := strings.Cut(word, ":")
		switch kind {
		case "gift":
			at[name] = g.AddGift(person)
		case "need":
			at[name] = g.AddNeed(person)
		default:
			at[name] = g.AddOffer(person)
		}
	}
	for _, arc := range strings.Fields(arcs) {
		from, to, _ := strings.Cut(arc, ">")
		if err := g.AddArc(at[from], at[to], 1); err != nil {
			t.Fatal(err)
		}
	}
	return g, at
}

func TestReasons(t *testing.T) {
	tests := map[string]struct {
		nodes, arcs, item string
		maxRing           int
		answer            string // rings of names, blanks between rings
		want              explain.Reason
		shortest          int
	}{
		"in a ring":                 {"a b", "a>b b>a", "a", 4, "ab", explain.Traded, 2},
		"takes nothing":             {"a b", "b>a", "a", 4, "", explain.NoWishes, 0},
		"nobody wants it":           {"a b c", "a>b b>c c>b", "a", 4, "bc", explain.NotWanted, 0},
		"never meets":               {"a b c", "a>b c>a", "a", 4, "", explain.NoRing, 0},
		"too long":                  {"a b c", "a>b b>c c>a", "a", 2, "", explain.TooLong, 3},
		"others had more of it":     {"a b c d", "a>b b>a b>c c>d d>b", "a", 4, "bcd", explain.Outbid, 2},
		"forgotten":                 {"a b", "a>b b>a", "a", 4, "", explain.Possible, 2},
		"a gift for nobody":         {"a:gift b c", "b>c c>b", "a", 4, "bc", explain.NotWanted, 0},
		"a gift taken elsewhere":    {"a:gift b c", "b>a b>c c>b", "a", 4, "bc", explain.Outbid, 1},
		"a need":                    {"a:need b c:gift", "a>b b>c", "a", 4, "", explain.Possible, 2},
		"given away at the end":     {"a:need b c:gift", "a>b b>c", "b", 4, "abc", explain.Traded, 1},
		"kept, for it got for free": {"a b:gift c", "a>b c>a", "a", 4, "ab", explain.Kept, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, at := market(t, tt.nodes, tt.arcs)
			var answer []deal.Ring
			for _, word := range strings.Fields(tt.answer) {
				var r deal.Ring
				for _, c := range word {
					r = append(r, at[string(c)])
				}
				answer = append(answer, r)
			}
			r, err := explain.Why(g, deal.Options{MaxRing: tt.maxRing}, answer, at[tt.item])
			if err != nil {
				t.Fatal(err)
			}
			if r.Reason != tt.want || r.Shortest != tt.shortest {
				t.Errorf("reason %s, shortest %d; want %s, %d", r.Reason, r.Shortest, tt.want, tt.shortest)
			}
		})
	}
}

func TestALimitIsNamed(t *testing.T) {
	g, at := market(t, "a b c d", "a>b b>a c>d d>c")
	l := g.AddLimit(1)
	for _, n := range []string{"a", "c"} {
		if err := g.Charge(l, at[n], 1); err != nil {
			t.Fatal(err)
		}
	}
	r, err := explain.Why(g, deal.Defaults(), []deal.Ring{{at["c"], at["d"]}}, at["a"])
	if err != nil || r.Reason != explain.Limited {
		t.Errorf("%v, %v; the limit is what is in the way", r, err)
	}
}

func TestBadQuestions(t *testing.T) {
	g, at := market(t, "a b", "a>b b>a")
	k := g.AddGroup(0, 1)
	for _, n := range []deal.Node{-1, 9, k} {
		if _, err := explain.Why(g, deal.Defaults(), nil, n); err == nil {
			t.Errorf("%v was explained", n)
		}
	}
	if _, err := explain.Why(g, deal.Defaults(), []deal.Ring{{at["a"]}}, at["b"]); err == nil {
		t.Error("an answer that breaks a rule was taken")
	}
}

// TestAgainstEveryRing compares with all rings of small random markets.
func TestAgainstEveryRing(t *testing.T) {
	seen := map[explain.Reason]int{}
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g := randomMarket(rng)
		opt := deal.Options{MaxRing: 2 + rng.IntN(3), MaxChain: -1, Seed: seed}
		res, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		answer := res.Rings[:rng.IntN(len(res.Rings)+1)]
		all := everyRing(g)
		for n := range deal.Node(g.Len()) {
			if g.IsGroup(n) {
				continue
			}
			r, err := explain.Why(g, opt, answer, n)
			if err != nil {
				t.Fatal(err)
			}
			seen[r.Reason]++
			check(t, g, opt, answer, all, n, r)
		}
	}
	for _, reason := range []explain.Reason{explain.Traded, explain.NoWishes, explain.NotWanted, explain.NoRing, explain.TooLong, explain.Outbid, explain.Possible} {
		if seen[reason] == 0 {
			t.Errorf("no market was %s", reason)
		}
	}
}

func check(t *testing.T, g *deal.Graph, opt deal.Options, answer, all []deal.Ring, n deal.Node, r *explain.Report) {
	t.Helper()
	shortest, within := 0, 0
	for _, ring := range all {
		if !slices.Contains(ring, n) {
			continue
		}
		items := len(g.Items(ring))
		if shortest == 0 || items < shortest {
			shortest = items
		}
		if items <= opt.MaxRing {
			within++
		}
	}
	if r.Shortest != shortest {
		t.Fatalf("%v: shortest %d, want %d", n, r.Shortest, shortest)
	}
	if r.In >= 0 {
		return
	}
	if !r.More && len(r.Rings) != within {
		t.Fatalf("%v: %d rings, want %d", n, len(r.Rings), within)
	}
	for _, c := range r.Rings {
		rest := []deal.Ring{c.Ring}
		for i, other := range answer {
			if !slices.Contains(c.Instead, i) {
				rest = append(rest, other)
			}
		}
		if _, err := deal.Check(g, rest, opt); err != nil {
			t.Fatalf("%v: %v instead of %v: %v", n, c.Ring, c.Instead, err)
		}
	}
	for _, a := range r.Advice {
		with := copyWith(g, n, a.Offer)
		again, err := explain.Why(with, opt, nil, n)
		if err != nil || again.Shortest == 0 || again.Shortest > a.Items {
			t.Fatalf("%v: the advice to take %v closes no ring of %d (%v)", n, a.Offer, a.Items, err)
		}
	}
}

func randomMarket(rng *rand.Rand) *deal.Graph {
	g := new(deal.Graph)
	offers := 3 + rng.IntN(5)
	for i := range offers {
		g.AddOffer(i * 2 / 3)
	}
	groups := rng.IntN(3)
	for range groups {
		g.AddGroup(rng.IntN(offers)*2/3, 1+rng.IntN(2))
	}
	for range 2 + rng.IntN(3*offers) {
		_ = g.AddArc(deal.Node(rng.IntN(g.Len())), deal.Node(rng.IntN(g.Len())), int64(rng.IntN(3))) // some make no sense
	}
	return g
}

// everyRing returns each ring once, from its lowest item, parallel arcs once.
func everyRing(g *deal.Graph) []deal.Ring {
	var all []deal.Ring
	seen := map[string]bool{}
	var walk func(path deal.Ring)
	walk = func(path deal.Ring) {
		for _, a := range g.Arcs(path[len(path)-1]) {
			if a.To == path[0] {
				if _, err := deal.Check(g, []deal.Ring{path}, deal.Options{}); err == nil {
					key := ""
					for _, n := range path {
						key += n.String() + " "
					}
					if !seen[key] {
						seen[key] = true
						all = append(all, slices.Clone(path))
					}
				}
				continue
			}
			if slices.Contains(path, a.To) || !g.IsGroup(a.To) && a.To < path[0] {
				continue
			}
			walk(append(slices.Clone(path), a.To))
		}
	}
	for n := range deal.Node(g.Len()) {
		if !g.IsGroup(n) {
			walk(deal.Ring{n})
		}
	}
	return all
}

// copyWith is g with one arc more.
func copyWith(g *deal.Graph, from, to deal.Node) *deal.Graph {
	out := new(deal.Graph)
	for n := range deal.Node(g.Len()) {
		if g.IsGroup(n) {
			out.AddGroup(g.Owner(n), g.Capacity(n))
		} else {
			out.AddOffer(g.Owner(n))
		}
	}
	for n := range deal.Node(g.Len()) {
		for _, a := range g.Arcs(n) {
			_ = out.AddArc(n, a.To, a.Cost)
		}
	}
	_ = out.AddArc(from, to, 0)
	return out
}

// Who would take it is counted by people, not by what they offer for it.
func TestPeopleAreCounted(t *testing.T) {
	g := new(deal.Graph)
	item := g.AddOffer(0)
	for range 3 {
		n := g.AddOffer(1)
		if err := g.AddArc(n, item, 1); err != nil {
			t.Fatal(err)
		}
	}
	r, err := explain.Why(g, deal.Options{MaxRing: 4}, nil, item)
	if err != nil || r.Wanted != 3 || r.By != 1 {
		t.Errorf("wanted for %d of %d people, %v; want 3 of 1", r.Wanted, r.By, err)
	}
}
