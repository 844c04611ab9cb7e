package deal_test

import (
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
)

// small is a market of three people: 0 and 3 belong to person 0. Person 0
// takes 1 or 2 for 0, but for 3 only through group 4, which is full after one.
func small(t *testing.T) *deal.Graph {
	t.Helper()
	g := new(deal.Graph)
	for _, owner := range []int{0, 1, 2, 0} {
		g.AddOffer(owner)
	}
	g.AddGroup(0, 1)
	for _, a := range []struct {
		from, to deal.Node
		cost     int64
	}{{0, 1, 1}, {0, 2, 2}, {1, 2, 1}, {2, 0, 1}, {1, 3, 5}, {2, 3, 5}, {3, 4, 0}, {4, 1, 0}, {4, 2, 0}, {0, 4, 7}} {
		if err := g.AddArc(a.from, a.to, a.cost); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestCheck(t *testing.T) {
	g := small(t)
	for name, tt := range map[string]struct {
		rings   []deal.Ring
		maxRing int
		want    deal.Value
		wrong   string // part of the message; empty: must be accepted
	}{
		"nothing":                {nil, 4, deal.Value{}, ""},
		"a pair":                 {[]deal.Ring{{0, 2}}, 2, deal.Value{Items: 2, People: 2, Cost: 3}, ""},
		"a ring of three":        {[]deal.Ring{{0, 1, 2}}, 3, deal.Value{Items: 3, People: 3, Cost: 3}, ""},
		"any length":             {[]deal.Ring{{0, 1, 2}}, 0, deal.Value{Items: 3, People: 3, Cost: 3}, ""},
		"through a group":        {[]deal.Ring{{1, 3, 4}}, 2, deal.Value{Items: 2, People: 2, Cost: 5}, ""},
		"two rings":              {[]deal.Ring{{0, 2}, {1, 3, 4}}, 2, deal.Value{Items: 4, People: 3, Cost: 8}, ""},
		"another start":          {[]deal.Ring{{2, 0, 1}}, 3, deal.Value{Items: 3, People: 3, Cost: 3}, ""},
		"too long":               {[]deal.Ring{{0, 1, 2}}, 2, deal.Value{}, "3 items, at most 2"},
		"an arc that is not":     {[]deal.Ring{{0, 1}}, 4, deal.Value{}, "node 1: its owner would not take"},
		"an offer twice":         {[]deal.Ring{{0, 2}, {0, 1, 2}}, 4, deal.Value{}, "passed more than 1 times"},
		"a full group":           {[]deal.Ring{{1, 3, 4}, {0, 4, 2}}, 4, deal.Value{}, "passed more than 1 times"},
		"empty":                  {[]deal.Ring{{}}, 4, deal.Value{}, "no second person"},
		"one item":               {[]deal.Ring{{0}}, 4, deal.Value{}, "would not take"},
		"a node that is not":     {[]deal.Ring{{0, 9}}, 4, deal.Value{}, "not in this graph"},
		"a node below all":       {[]deal.Ring{{-1, 0}}, 4, deal.Value{}, "not in this graph"},
		"the second ring is bad": {[]deal.Ring{{0, 2}, {1, 9}}, 4, deal.Value{}, "ring 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := deal.Check(g, tt.rings, deal.Options{MaxRing: tt.maxRing})
			if tt.wrong != "" {
				if !errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), tt.wrong) {
					t.Errorf("Check: %v, want invalid with %q", err, tt.wrong)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("Check: %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestAddArcRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		from, to deal.Node
		cost     int64
	}{
		"a thing for itself":     {0, 0, 1},
		"one's own offer":        {0, 3, 1},
		"an unknown node":        {0, 17, 1},
		"a negative node":        {-1, 0, 1},
		"somebody else's group":  {1, 4, 1},
		"a group into one's own": {4, 0, 1},
		"a negative cost":        {0, 1, -1},
		"a cost that overflows":  {0, 1, deal.MaxCost + 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := small(t)
			before := g.NumArcs()
			if err := g.AddArc(tt.from, tt.to, tt.cost); !errors.Is(err, sxp.Invalid) || g.NumArcs() != before {
				t.Errorf("AddArc: %v, %d arcs, want invalid and %d", err, g.NumArcs(), before)
			}
		})
	}
}

func TestStepsSayWhoGivesWhat(t *testing.T) {
	steps := small(t).Steps(deal.Ring{1, 3, 4})
	if len(steps) != 2 || steps[0].Item != 3 || steps[0].From != 0 || steps[0].To != 1 || steps[0].For != 1 ||
		steps[1].Item != 1 || steps[1].From != 1 || steps[1].To != 0 || len(steps[1].Via) != 1 || steps[1].Via[0] != 4 {
		t.Errorf("Steps: %+v", steps)
	}
}

func TestFindRefuses(t *testing.T) {
	for _, max := range []int{-1, 1, deal.MaxRingCap + 1} {
		if _, err := deal.Find(small(t), deal.Options{MaxRing: max}); !errors.Is(err, sxp.Invalid) {
			t.Errorf("Find with rings of %d: %v, want invalid", max, err)
		}
	}
}

func TestMeanCostLeavesOutDearRings(t *testing.T) {
	g := small(t)
	for mean, items := range map[int64]int{0: 4, 1: 3, 2: 4} { // {0, 1, 2} costs 1 each, with 3 it is 7 for four
		res, err := deal.Find(g, deal.Options{MaxRing: 4, MaxMeanCost: mean})
		if err != nil || res.Value.Items != items {
			t.Errorf("mean %d: %+v, %v; want %d items", mean, res.Value, err, items)
		}
		for _, maxRing := range []int{0, 4} {
			res, err := deal.Find(g, deal.Options{MaxRing: maxRing, MaxMeanCost: mean})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range res.Rings {
				if v, _ := deal.Check(g, []deal.Ring{r}, deal.Options{}); mean > 0 && v.Cost > mean*int64(v.Items) {
					t.Errorf("mean %d: ring %v costs %d", mean, r, v.Cost)
				}
			}
		}
	}
}
