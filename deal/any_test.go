package deal_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
)

// bruteBy tries every set of rings that keeps the limits, by any goals.
func bruteBy(g *deal.Graph, rings []deal.Ring, goals []deal.Goal) deal.Value {
	best, _ := deal.Check(g, nil, deal.Options{})
	var taken []deal.Ring
	var try func(i int)
	try = func(i int) {
		if v, err := deal.Check(g, taken, deal.Options{}); err == nil && v.Compare(best, goals) > 0 {
			best = v
		}
		for k := i; k < len(rings); k++ {
			taken = append(taken, rings[k])
			try(k + 1)
			taken = taken[:len(taken)-1]
		}
	}
	try(0)
	return best
}

// drawLimits adds budgets and limits on items.
func drawLimits(t *rapid.T, g *deal.Graph) {
	for range rapid.IntRange(1, 2).Draw(t, "limits") {
		l := g.AddLimit(rapid.Int64Range(0, 6).Draw(t, "most"))
		for n := range deal.Node(g.Len()) {
			if !g.IsGroup(n) && rapid.Bool().Draw(t, "charged") {
				if err := g.Charge(l, n, rapid.Int64Range(0, 4).Draw(t, "weight")); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// drawGoals draws goals that rings of any length are searched for by.
func drawGoals(t *rapid.T) []deal.Goal {
	return rapid.SampledFrom([][]deal.Goal{
		{deal.Items, deal.People, deal.Cost}, {deal.Items, deal.Cost, deal.People}, {deal.People, deal.Items, deal.Cost},
		{deal.People, deal.Cost, deal.Items}, {deal.Worth, deal.Items, deal.People}, {deal.Items, deal.Worth}, {deal.Cost, deal.Items},
		{deal.Worth, deal.People, deal.Cost}, {deal.People}, {deal.Items, deal.People, deal.Worth}, {deal.Items, deal.Expected}, {deal.Expected, deal.Items},
	}).Draw(t, "goals")
}

// agree compares an answer with the best one: it is not better, its bound
// holds, and what it says is proven is so.
func agree(t *rapid.T, g *deal.Graph, opt deal.Options, got deal.Result, want deal.Value) {
	goals := opt.Goals
	if c := got.Value.Compare(want, goals); c > 0 || got.Exact && c != 0 {
		t.Errorf("Find by %v: %+v, exact %v; the best is %+v", goals, got.Value, got.Exact, want)
	}
	of, best := got.Value.Of(goals[0]), want.Of(goals[0])
	if goals[0] == deal.Cost && got.Bound > best || goals[0] != deal.Cost && got.Bound < best || got.Optimal && of != best {
		t.Errorf("Find by %v: bound %d, value %d, optimal %v; the best is %d", goals, got.Bound, of, got.Optimal, best)
	}
	if v, err := deal.Check(g, got.Rings, opt); err != nil || v != got.Value {
		t.Errorf("Check of the answer: %+v, %v; want %+v", v, err, got.Value)
	}
}

// verifies checks the certificate of an answer: it must say what the answer says,
// goal by goal as far as it goes.
func verifies(t *rapid.T, g *deal.Graph, opt deal.Options, got deal.Result) {
	if got.Certificate == nil {
		if got.Optimal && got.Complete && len(got.Rings) > 0 && g.NumLimits() == 0 && opt.MaxMeanCost <= 0 {
			t.Errorf("Find by %v: no certificate of %+v", opt.Goals, got.Value)
		}
		return
	}
	v, err := deal.Verify(g, opt, got.Rings, got.Certificate)
	if err != nil || v.Bound != got.Bound || v.Optimal != got.Optimal || v.Exact && !got.Exact {
		t.Errorf("Verify by %v: %+v, %v; want %+v", opt.Goals, v, err, got)
	}
}

func TestFindOfAnyLengthByAnyGoals(t *testing.T) {
	tries, exact, optimal := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawPool(t, 6)
		g.SetTop(rapid.Int64Range(0, 3).Draw(t, "top"))
		for u := range rapid.IntRange(0, 4).Draw(t, "reliable") {
			g.SetReliability(u, rapid.Int64Range(0, deal.Certain).Draw(t, "reliability"))
		}
		opt := deal.Options{Goals: drawGoals(t), Seed: 1}
		rings := bruteRings(g, g.Len())
		opt.MaxChain = rapid.IntRange(-1, 2).Draw(t, "chains") // 0: any length
		if longest := [...]int{0, g.Len(), 1, 2}[opt.MaxChain+1]; longest > 0 {
			rings = append(rings, bruteChains(g, longest)...)
		}
		if len(rings) > 18 {
			t.Skip("too many sets of rings to try")
		}
		opt.MaxMeanCost = rapid.Int64Range(-2, 2).Draw(t, "mean")
		if opt.MaxMeanCost > 0 {
			rings = slices.DeleteFunc(rings, func(r deal.Ring) bool {
				v, err := deal.Check(g, []deal.Ring{r}, deal.Options{})
				return err != nil || v.Cost > opt.MaxMeanCost*int64(v.Items)
			})
		}
		limits := rapid.Bool().Draw(t, "limits")
		if limits {
			drawLimits(t, g)
		}
		want := bruteBy(g, rings, opt.Goals)
		hasty := opt
		hasty.Budget = rapid.Int64Range(1, 300).Draw(t, "budget")
		got, err := deal.Find(g, hasty)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, g, opt, got, want)
		got, err = deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, g, opt, got, want)
		verifies(t, g, opt, got)
		if limits {
			if !got.Optimal && opt.Goals[0] != deal.People && opt.Goals[0] != deal.Expected && opt.MaxChain <= 0 && opt.MaxMeanCost <= 0 {
				t.Errorf("Find by %v with limits: %+v is not proven", opt.Goals, got)
			}
			return
		}
		if opt.MaxChain > 0 || opt.MaxMeanCost > 0 || slices.Contains(opt.Goals, deal.Expected) {
			return // the bound is that of longer chains and dearer rings
		}
		tries++
		if got.Exact {
			exact++
		}
		if got.Optimal {
			optimal++
		}
	})
	if exact < tries*9/10 || optimal < tries*95/100 {
		t.Errorf("of %d answers %d are proven best in the first goal, %d in all", tries, optimal, exact)
	}
	t.Logf("of %d answers %d are proven best in the first goal, %d in all", tries, optimal, exact)
}

// Rings are cut where that costs nothing: where everybody wants everything, no
// ring needs more than three.
func TestRingsOfAnyLengthAreCut(t *testing.T) {
	for n := 2; n < 30; n++ {
		g := new(deal.Graph)
		for i := range n {
			g.AddOffer(i)
		}
		for i := range n {
			for j := range n {
				if i != j {
					if err := g.AddArc(deal.Node(i), deal.Node(j), 1); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		r, err := deal.Find(g, deal.Options{})
		if err != nil || r.Value.Items != n || !r.Exact {
			t.Fatalf("%d people: %+v, %v", n, r.Value, err)
		}
		for _, ring := range r.Rings {
			if len(ring) > 3 {
				t.Errorf("%d people: a ring of %d", n, len(ring))
			}
		}
	}
}

// A certificate that was changed proves nothing more.
func TestChangedCertificatesOfAnyLength(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawPool(t, 6)
		g.SetTop(3)
		opt := deal.Options{Goals: drawGoals(t), Seed: 1}
		got, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if got.Certificate == nil {
			t.Skip("no certificate")
		}
		p := &got.Certificate.Proofs[rapid.IntRange(0, len(got.Certificate.Proofs)-1).Draw(t, "proof")]
		better := int64(-1) // a bound that claims more
		if p.Goal == deal.Cost.String() {
			better = 1
		}
		p.Bound += better * rapid.Int64Range(1, 3).Draw(t, "more")
		if v, err := deal.Verify(g, opt, got.Rings, got.Certificate); err == nil && (v.Optimal || v.Exact) {
			t.Errorf("a bound that is too good by %v is taken: %+v", opt.Goals, v)
		}
		refused++
	})
	if refused == 0 {
		t.Error("nothing was tried")
	}
}
