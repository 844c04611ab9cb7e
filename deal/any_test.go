package deal_test

import (
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

// drawGoals draws goals that rings of any length are searched for by.
func drawGoals(t *rapid.T) []deal.Goal {
	return rapid.SampledFrom([][]deal.Goal{
		{deal.Items, deal.People, deal.Cost}, {deal.Items, deal.Cost, deal.People}, {deal.People, deal.Items, deal.Cost},
		{deal.People, deal.Cost, deal.Items}, {deal.Worth, deal.Items, deal.People}, {deal.Items, deal.Worth}, {deal.Cost, deal.Items},
		{deal.Worth, deal.People, deal.Cost}, {deal.People}, {deal.Items, deal.People, deal.Worth},
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

func TestFindOfAnyLengthByAnyGoals(t *testing.T) {
	tries, exact, optimal := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawPool(t, 6)
		g.SetTop(rapid.Int64Range(0, 3).Draw(t, "top"))
		opt := deal.Options{Goals: drawGoals(t), Seed: 1}
		rings := bruteRings(g, g.Len())
		if rapid.Bool().Draw(t, "chains") {
			rings = append(rings, bruteChains(g, g.Len())...)
		} else {
			opt.MaxChain = -1
		}
		if len(rings) > 18 {
			t.Skip("too many sets of rings to try")
		}
		got, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, g, opt, got, bruteBy(g, rings, opt.Goals))
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
