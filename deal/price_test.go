package deal

import (
	"fmt"
	"slices"
	"testing"

	"sxp/deal/internal/random"
)

// somePool makes a market of offers, gifts and needs without groups.
func somePool(seed uint64, offers, gifts, needs, dense int) *Graph {
	rng := random.Source(seed)
	g := new(Graph)
	for i := range offers {
		g.AddOffer(i * 3 / 4) // some people have two
	}
	for i := range gifts {
		g.AddGift(offers + i)
	}
	for i := range needs {
		g.AddNeed(offers + gifts + i)
	}
	for from := range g.Len() {
		for to := range g.Len() {
			if rng.Below(100) < dense {
				_ = g.AddArc(Node(from), Node(to), int64(rng.Below(4))) // senseless ones are refused
			}
		}
	}
	g.SetTop(5)
	return g
}

func poolFinder(g *Graph, opt Options) *finder {
	return &finder{g: g, opt: opt, goals: opt.goals(), work: newMeter(opt), core: newCore(g, opt.chain() != 0)}
}

// listing writes rings as text: each from its lowest node on.
func listing(c *core, path []int32, surplus int64) string {
	r := slices.Clone(path)
	if !c.isGift(r[len(r)-1]) {
		low := slices.Index(r, slices.Min(r))
		r = append(r[low:], r[:low]...)
	}
	return fmt.Sprint(r, surplus)
}

// The pricer finds exactly the rings and chains whose surplus is above the
// floor, or the greatest surplus at each root.
func TestPricesFindEveryRing(t *testing.T) {
	found := 0
	for seed := range uint64(300) {
		rng := random.Source(seed + 1000)
		g := somePool(seed, 9, 2, 1, 10+rng.Below(40))
		opt := Options{MaxRing: 2 + rng.Below(4), MaxChain: rng.Below(6) - 1}
		f := poolFinder(g, opt)
		if len(f.core.node) == 0 {
			continue
		}
		goal := Items
		if seed%2 == 1 {
			goal = Worth
		}
		p := newPricer(f.core, opt, goal, g.top, f.work)
		price := make([]int64, len(f.core.node))
		for i := range price {
			price[i] = p.unit * int64(rng.Below(64)) / 32
		}
		floor := p.unit * int64(rng.Below(5)-2) / 3
		p.set(price)
		var want, got []string
		greatest, best := int64(0), int64(0)
		newLister(f.core, opt, f.work, func(r []int32, items int, cost int64) bool {
			s := int64(items)*p.unit - cost*p.costs
			for _, x := range r {
				s -= price[x]
			}
			if greatest = max(greatest, s); s > floor {
				want = append(want, listing(f.core, r, s))
			}
			return true
		}).run()
		if !p.above(floor, false, func(r []int32, items int, s int64) bool {
			got = append(got, listing(f.core, r, s))
			return true
		}) {
			t.Fatalf("seed %d: stopped", seed)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d found, want %d: %v, want %v", seed, len(got), len(want), got, want)
		}
		found += len(got)
		p.above(0, true, func(_ []int32, _ int, s int64) bool {
			best = max(best, s)
			return true
		})
		if best != greatest {
			t.Errorf("seed %d: best %d, want %d", seed, best, greatest)
		}
	}
	if found < 1000 {
		t.Errorf("only %d rings were found: the test shows nothing", found)
	}
}

// Generated columns lead to the same answer as listing everything, and their
// prices leave no ring with a surplus.
func TestGeneratedColumnsAreEnough(t *testing.T) {
	gaps, proven := 0, 0
	for seed := range uint64(200) {
		rng := random.Source(seed + 5000)
		g := somePool(seed, 8+rng.Below(9), rng.Below(4), rng.Below(3), 5+rng.Below(25))
		opt := Options{MaxRing: 2 + rng.Below(3), MaxChain: rng.Below(5) - 1}
		if seed%2 == 1 {
			opt.Goals = []Goal{Worth, People}[:1+seed/2%2]
		}
		if seed%3 == 1 {
			opt.Budget = 2_000_000
			l := g.AddLimit(int64(rng.Below(40)))
			for n := range Node(g.Len()) {
				if err := g.Charge(l, n, int64(rng.Below(12))); err != nil {
					t.Fatal(err)
				}
			}
		}
		f, all := poolFinder(g, opt), poolFinder(g, opt)
		rings, whole := all.listUpTo(MaxRingCap, all.work.budget, fewRings)
		if !whole || !f.canPrice() {
			continue
		}
		all.result.Complete = true
		all.among(rings)
		f.priced(rings)
		want, got := all.result, f.result
		best, err := Check(g, want.Rings, opt)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Check(g, got.Rings, opt)
		most := best.Of(f.goals[0])
		if err != nil || got.Bound < most {
			t.Fatalf("seed %d, %+v: bound %d, %v; %d is possible", seed, opt, got.Bound, err, most)
		}
		if want.Bound != most {
			continue // limits are hard even where all rings are listed
		}
		proven++
		if v.Of(f.goals[0]) != most || got.Bound != most {
			t.Fatalf("seed %d, %+v: %+v, bound %d, %v; want %d", seed, opt, v, got.Bound, err, most)
		}
		if len(f.goals) == 1 && !got.Exact {
			t.Errorf("seed %d: the only goal is proven, and the answer is not exact", seed)
		}
		if got.Exact && v.Compare(best, f.goals) != 0 {
			t.Errorf("seed %d, %+v: %+v, want %+v", seed, opt, v, best)
		}
		m := newMaster(f)
		if !m.solve() {
			t.Fatalf("seed %d: the master did not end", seed)
		}
		sum := int64(0)
		for _, x := range m.proof {
			sum += x
		}
		if sum != m.bound || m.bound/m.pr.scale < most {
			t.Errorf("seed %d: bound %d, prices sum to %d, the best is %d", seed, m.bound, sum, most)
		}
		if m.bound/m.pr.scale > most {
			gaps++
		}
		m.pr.set(m.perNode(m.proof))
		m.pr.above(0, true, func(path []int32, _ int, s int64) bool {
			t.Errorf("seed %d: ring %v has a surplus of %d", seed, path, s)
			return true
		})
	}
	if proven < 150 {
		t.Errorf("only %d answers were proven by listing: the test shows too little", proven)
	}
	if gaps == 0 {
		t.Error("the bound was always reached: the test shows only half")
	}
}
