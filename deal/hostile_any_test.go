package deal_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"sxp/deal"
)

// TestNoWrongPotentialsVerify: what a stranger changes in a proof about rings of
// any length proves nothing that is false.
func TestNoWrongPotentialsVerify(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		g := drawMarket(t, 6)
		opt := deal.Options{MaxChain: rapid.IntRange(-1, 2).Draw(t, "max chain"), Goals: drawAllGoals(t)}
		goals := opt.Goals
		if len(goals) == 0 {
			goals = deal.DefaultGoals()
		}
		walks := allWalks(g, opt)
		if len(walks) > 14 {
			t.Skip("too many sets to try")
		}
		best := bestOf(g, walks, opt, goals)
		res, err := deal.Find(g, opt)
		if err != nil {
			t.Fatal(err)
		}
		if c := res.Value.Compare(best, goals); c > 0 || res.Exact && c != 0 {
			t.Fatalf("goals %v: %+v, exact %v; the best is %+v", goals, res.Value, res.Exact, best)
		}
		c := res.Certificate
		if c == nil {
			c = new(deal.Certificate)
			pot := &deal.Potentials{Scale: 1}
			for range g.Len() {
				pot.Out = append(pot.Out, rapid.Int64Range(-1, 3).Draw(t, "out"))
				pot.In = append(pot.In, rapid.Int64Range(-1, 3).Draw(t, "in"))
			}
			c.Proofs = []deal.Proof{{Goal: goals[0].String(), Bound: best.Of(goals[0]), Potentials: pot}}
		}
		var all []reflect.Value
		numbers(reflect.ValueOf(c), func(v reflect.Value) { all = append(all, v) })
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			if len(all) == 0 {
				break
			}
			v := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			x := v.Int()
			v.SetInt(rapid.SampledFrom([]int64{0, 1, -1, x + 1, x - 1, x - 2, x / 2, -x, 1 << 40, 1 << 62}).Draw(t, "to"))
		}
		v, err := deal.Verify(g, opt, res.Rings, c)
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
