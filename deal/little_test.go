package deal_test

import (
	"math/rand/v2"
	"testing"

	"sxp/deal"
)

// TestLittleWorkFindsSome: where rings are easy to find, even little work finds
// some, more work more, with groups and without.
func TestLittleWorkFindsSome(t *testing.T) {
	for _, groups := range []bool{false, true} {
		g, rng := new(deal.Graph), rand.New(rand.NewPCG(1, 2))
		const offers = 600
		for i := range offers {
			g.AddOffer(i)
		}
		for i := range offers {
			from := deal.Node(i)
			if groups {
				from = g.AddGroup(i, 1)
				if err := g.AddArc(deal.Node(i), from, 0); err != nil {
					t.Fatal(err)
				}
			}
			for range 80 {
				_ = g.AddArc(from, deal.Node(rng.IntN(offers)), 1) // one's own offer is refused
			}
		}
		last := 0
		for _, work := range []int64{200_000, 2_000_000, 20_000_000} {
			r, err := deal.Find(g, deal.Options{MaxRing: 4, Budget: work})
			if err != nil {
				t.Fatal(err)
			}
			if r.Value.Items <= last {
				t.Errorf("groups %v: %d items with work %d, %d with a tenth of it", groups, r.Value.Items, work, last)
			}
			last = r.Value.Items
		}
		few, err := deal.Find(g, deal.Options{MaxRing: 4, Budget: 20_000_000, MaxRings: 20_000})
		if err != nil || few.Value.Items == 0 || few.Listed > 20_000 || groups && few.Complete {
			t.Errorf("groups %v: room for 20,000 rings: %d weighed, complete %v, %d items, %v", groups, few.Listed, few.Complete, few.Value.Items, err)
		}
	}
}

// TestStoppedSearchHasAnAnswer: whoever stops a search at its first sign of life
// gets rings, where some are known by then.
func TestStoppedSearchHasAnAnswer(t *testing.T) {
	g, rng := new(deal.Graph), rand.New(rand.NewPCG(3, 4))
	const offers = 3000
	for i := range offers {
		g.AddOffer(i)
	}
	for i := range offers {
		from := g.AddGroup(i, 1)
		if err := g.AddArc(deal.Node(i), from, 0); err != nil {
			t.Fatal(err)
		}
		for range 80 {
			_ = g.AddArc(from, deal.Node(rng.IntN(offers)), 1) // one's own offer is refused
		}
	}
	listed := 0
	r, err := deal.Find(g, deal.Options{MaxRing: 4, Budget: 1_000_000_000, Progress: func(p deal.Progress) bool {
		listed = p.Listed
		return listed == 0
	}})
	if err != nil || listed == 0 || r.Value.Items == 0 || r.Optimal {
		t.Errorf("%d rings known when it was stopped, %d items, optimal %v, %v", listed, r.Value.Items, r.Optimal, err)
	}
}
