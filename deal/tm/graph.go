package tm

import (
	"math"
	"strings"

	"sxp"
	"sxp/deal"
)

// Graph returns the list as a graph: node i is Items[i], node len(Items)+i is
// Dummies[i], people are numbered as in People. Budgets are limits of it, in
// hundredths; a bid uses up what it offers, which is the most that it can cost.
// Where the list asks for METRIC=FAVOR-USER, costs are multiplied so that who is
// favored decides only between answers of equal cost.
func (l *List) Graph() (*deal.Graph, error) {
	g := new(deal.Graph)
	for _, it := range l.Items {
		g.AddOffer(it.Person)
	}
	for _, d := range l.Dummies {
		g.AddGroup(d.Person, 1)
	}
	if l.mean() > 0 {
		g.SetTop(l.mean())
	}
	scale := l.favorScale()
	favored := l.favored()
	for i, it := range l.Items {
		other := int64(0)
		if scale > 1 && it.Person != favored {
			other = 1
		}
		if err := l.arcs(g, i, it.Wants, scale, other); err != nil {
			return nil, sxp.Errorf("tm.Graph", sxp.Invalid, nil, "item %s: %w", it.Name, err)
		}
	}
	for i, d := range l.Dummies {
		if err := l.arcs(g, len(l.Items)+i, d.Wants, 1, 0); err != nil {
			return nil, sxp.Errorf("tm.Graph", sxp.Invalid, nil, "dummy %s: %w", d.Name, err)
		}
	}
	return g, l.limits(g)
}

// arcs adds the wants of one node.
func (l *List) arcs(g *deal.Graph, from int, wants []Want, scale, other int64) error {
	g.Reserve(deal.Node(from), len(wants))
	for _, w := range wants {
		to := int(w.Item)
		if w.Dummy >= 0 {
			to = len(l.Items) + int(w.Dummy)
		}
		if err := g.AddArc(deal.Node(from), deal.Node(to), w.Cost*scale+other); err != nil {
			return err
		}
	}
	return nil
}

// limits adds the budgets of those who bid cash.
func (l *List) limits(g *deal.Graph) error {
	number := make(map[int]int)
	for i, it := range l.Items {
		most, ok := l.Budgets[it.Person]
		if it.Bid == 0 || !ok {
			continue
		}
		k, ok := number[it.Person]
		if !ok {
			k = g.AddLimit(most)
			number[it.Person] = k
		}
		if err := g.Charge(k, deal.Node(i), it.Bid); err != nil {
			return sxp.Errorf("tm.Graph", sxp.Invalid, nil, "bid %s: %w", it.Name, err)
		}
	}
	return nil
}

// cost is what rings of l.Graph cost by the priorities, whoever is favored.
func (l *List) cost(rings []deal.Ring) int64 {
	sum := int64(0)
	for _, r := range rings {
		for i, n := range r {
			if int(n) >= len(l.Items) {
				continue // wants within a dummy cost nothing
			}
			to := int(r[(i+1)%len(r)])
			for _, w := range l.Items[n].Wants {
				if int(w.Item) == to || w.Dummy >= 0 && int(w.Dummy)+len(l.Items) == to {
					sum += w.Cost
					break
				}
			}
		}
	}
	return sum
}

// favored returns whom METRIC=FAVOR-USER names, or -1.
func (l *List) favored() int {
	if l.Options.Metric == FavorUser {
		for i, name := range l.People {
			if l.Named[i] && strings.EqualFold(name, l.Options.Favored) {
				return i
			}
		}
	}
	return -1
}

// favorScale is by how much costs are multiplied to make room below them for
// METRIC=FAVOR-USER; 1 where there is none or where costs are too high for it.
func (l *List) favorScale() int64 {
	scale := int64(len(l.Items)) + 1
	if l.favored() < 0 || l.highest() > (deal.MaxCost-1)/scale {
		return 1
	}
	return scale
}

// highest is the highest cost of a want.
func (l *List) highest() int64 {
	most := int64(0)
	if l.Options.Priorities == NoPriorities {
		return 1
	}
	for _, it := range l.Items {
		for _, w := range it.Wants {
			most = max(most, w.Cost)
		}
	}
	return most
}

// mean is the NONTRADE-COST as a goal: an item is worth so much less what it
// costs. It is 0 where it is so high that trades come before costs in any case.
func (l *List) mean() int64 {
	n, most := int64(len(l.Items)), l.highest()
	if most == 0 || most > math.MaxInt64/(n+1) || l.Options.NonTradeCost > most*n {
		return 0
	}
	scale := l.favorScale()
	if l.Options.NonTradeCost > deal.MaxCost/scale {
		return 0
	}
	return l.Options.NonTradeCost * scale
}

// FindOptions returns deal.Defaults with what the list's own options ask for:
// the seed, and goals where priorities, a metric or a NONTRADE-COST change them.
func (l *List) FindOptions() deal.Options {
	opt := deal.Defaults()
	opt.Seed = uint64(l.Options.Seed)
	ranked := l.Options.Priorities != NoPriorities || l.favorScale() > 1
	switch {
	case l.mean() > 0:
		opt.MaxMeanCost = l.mean()
		opt.Goals = []deal.Goal{deal.Worth, deal.Items, deal.People}
	case ranked:
		opt.Goals = []deal.Goal{deal.Items, deal.Cost, deal.People}
	default:
		opt.Goals = deal.DefaultGoals()
	}
	return opt
}
