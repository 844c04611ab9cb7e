package lot

import (
	"fmt"

	"sxp"
	"sxp/deal"
)

// A Translation is a simple problem as a graph: items come first, in their
// order, then needs in the order of their bids, then groups, then one group for
// each bid that gives one of several items. People have their places as numbers.
type Translation struct {
	Graph   *deal.Graph
	Options deal.Options // from the problem's

	m      *model
	bidOf  map[deal.Node]int32  // of needs, and of the groups of bids
	need   map[int32]deal.Node  // of bids that give nothing
	choice map[int32]deal.Node  // the group of a bid that gives one of several items
	groups deal.Node            // the first of the problem's groups
	from   map[deal.Node][]wish // what leaves an offer, a need or the group of a bid
}

// A wish is an arc and where it comes from: an option taken, or (where take is
// below 0) the group of the bid.
type wish struct {
	to         deal.Node
	bid        int32
	give, take int
	cost       int64
}

// Graph translates a simple problem. It fails with Unsupported, naming the
// first thing that a graph cannot say, where p is not simple.
func Graph(p *Problem) (*Translation, error) {
	m, err := newModel(p)
	if err != nil {
		return nil, err
	}
	return m.graph()
}

func (m *model) graph() (*Translation, error) {
	if err := m.simple(); err != nil {
		return nil, err
	}
	o := m.p.Options
	t := &Translation{
		Graph: new(deal.Graph), m: m,
		Options: deal.Options{MaxRing: o.MaxRing, MaxChain: o.MaxChain, Goals: o.goals(), MaxMeanCost: o.MaxMeanCost, Seed: o.Seed},
		bidOf:   make(map[deal.Node]int32), need: make(map[int32]deal.Node), choice: make(map[int32]deal.Node),
		from: make(map[deal.Node][]wish),
	}
	t.nodes()
	if err := t.arcs(); err != nil {
		return nil, err
	}
	return t, t.limits()
}

// rich is why a problem is not simple.
func rich(place, format string, args ...any) error {
	const op = "lot.Graph"
	return sxp.Errorf(op, sxp.Unsupported, nil, "%s: %s", place, fmt.Sprintf(format, args...))
}

// simple fails where a graph cannot say all.
func (m *model) simple() error {
	for i, it := range m.items {
		if it.pieces != 1 {
			return rich(at("items", i), "has several pieces")
		}
	}
	for i := range m.groups {
		g := &m.groups[i]
		if g.most > deal.MaxCapacity {
			return rich(at("groups", i)+".most", "above %d", deal.MaxCapacity)
		}
		if err := alone(at("groups", i)+".of", g.of); err != nil {
			return err
		}
	}
	for i := range m.bids {
		b, place := &m.bids[i], at("bids", i)
		several := len(b.give.of) > 1
		switch {
		case b.money:
			return rich(place, "names money")
		case b.give.pick > 1 || b.take.pick > 1:
			return rich(place, "picks several options")
		case b.give.pick == 0 && b.times != 1:
			return rich(place+".times", "a need of more than one")
		case several && b.times > deal.MaxCapacity:
			return rich(place+".times", "above %d", deal.MaxCapacity)
		}
		if err := alone(place+".give.of", b.give.of); err != nil {
			return err
		}
		if err := alone(place+".take.of", b.take.of); err != nil {
			return err
		}
		for k, o := range b.take.of {
			if several && o.group >= 0 && m.groups[o.group].depth == deal.MaxNesting {
				return rich(at(place+".take.of", k), "groups nest too deep behind a choice of what is given")
			}
			if len(b.give.of) == 1 && b.give.of[0].cost+o.cost > deal.MaxCost {
				return rich(at(place+".take.of", k)+".cost", "with what is given above %d", int64(deal.MaxCost))
			}
		}
	}
	return m.even()
}

// alone fails where an option bundles items.
func alone(place string, of []option) error {
	for k := range of {
		if len(of[k].portions) > 1 {
			return rich(at(place, k), "bundles several items")
		}
	}
	return nil
}

// even fails where a limit weighs two bids that give the same item differently:
// a graph weighs the item.
func (m *model) even() error {
	if len(m.limits) == 0 {
		return nil
	}
	giving := make(map[int32]int) // item: bids that give it
	for i := range m.bids {
		for _, o := range m.bids[i].give.of {
			giving[o.portions[0].item]++
		}
	}
	for i, l := range m.limits {
		weighs, charged := make(map[int32]int64), make(map[int32]int)
		for k, w := range l.of {
			if w.bid < 0 {
				continue
			}
			for _, o := range m.bids[w.bid].give.of {
				item := o.portions[0].item
				if charged[item] > 0 && weighs[item] != w.weight {
					return rich(at(at("limits", i)+".of", k), "another bid that gives item %q weighs something else", clip(m.p.Items[item].ID))
				}
				weighs[item] = w.weight
				charged[item]++
			}
		}
		for k, w := range l.of {
			if w.bid < 0 {
				continue
			}
			for _, o := range m.bids[w.bid].give.of {
				if item := o.portions[0].item; charged[item] != giving[item] {
					return rich(at(at("limits", i)+".of", k), "another bid that gives item %q does not weigh", clip(m.p.Items[item].ID))
				}
			}
		}
	}
	return nil
}

// nodes adds the nodes.
func (t *Translation) nodes() {
	m, g := t.m, t.Graph
	for _, it := range m.items {
		if it.gift {
			g.AddGift(int(it.owner))
		} else {
			g.AddOffer(int(it.owner))
		}
	}
	for i := range m.bids {
		if m.bids[i].give.pick == 0 {
			n := g.AddNeed(int(m.bids[i].by))
			t.need[int32(i)], t.bidOf[n] = n, int32(i)
		}
	}
	t.groups = deal.Node(g.Len())
	for _, x := range m.groups {
		g.AddGroup(int(x.by), int(x.most))
	}
	for i := range m.bids {
		if len(m.bids[i].give.of) > 1 {
			n := g.AddGroup(int(m.bids[i].by), int(m.bids[i].times))
			t.choice[int32(i)], t.bidOf[n] = n, int32(i)
		}
	}
	for i, u := range m.people {
		if m.unsure {
			g.SetReliability(i, u.keeps)
		}
	}
	g.SetTop(m.p.Options.Top)
}

// target is the node that an option leads to.
func (t *Translation) target(o *option) deal.Node {
	if o.group >= 0 {
		return t.groups + deal.Node(o.group)
	}
	return deal.Node(o.portions[0].item)
}

// arcs adds the arcs, in the order of the problem.
func (t *Translation) arcs() error {
	m := t.m
	for i := range m.bids {
		b := &m.bids[i]
		source, giveCost := t.need[int32(i)], int64(0)
		switch {
		case len(b.give.of) == 1:
			source, giveCost = deal.Node(b.give.of[0].portions[0].item), b.give.of[0].cost
		case len(b.give.of) > 1:
			source = t.choice[int32(i)]
			for k, o := range b.give.of {
				if err := t.arc(deal.Node(o.portions[0].item), wish{source, int32(i), k, -1, o.cost}); err != nil {
					return err
				}
			}
		}
		for k := range b.take.of {
			o := &b.take.of[k]
			if err := t.arc(source, wish{t.target(o), int32(i), 0, k, giveCost + o.cost}); err != nil {
				return err
			}
		}
	}
	for i := range m.groups {
		n := t.groups + deal.Node(i)
		for k := range m.groups[i].of {
			o := &m.groups[i].of[k]
			if err := t.arc(n, wish{t.target(o), -1, 0, k, o.cost}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Translation) arc(from deal.Node, w wish) error {
	if err := t.Graph.AddArc(from, w.to, w.cost); err != nil {
		return sxp.Errorf("lot.Graph", sxp.Internal, nil, "%w", err)
	}
	t.from[from] = append(t.from[from], w)
	return nil
}

// limits adds the limits of the problem, then those of the people.
func (t *Translation) limits() error {
	m, g := t.m, t.Graph
	for _, l := range m.limits {
		n := g.AddLimit(l.most)
		charged := make(map[deal.Node]bool)
		for _, w := range l.of {
			var nodes []deal.Node
			switch {
			case w.bid < 0:
				nodes = append(nodes, deal.Node(w.item))
			case m.bids[w.bid].give.pick == 0:
				nodes = append(nodes, t.need[w.bid])
			default:
				for _, o := range m.bids[w.bid].give.of {
					nodes = append(nodes, deal.Node(o.portions[0].item))
				}
			}
			for _, x := range nodes {
				if charged[x] {
					continue
				}
				charged[x] = true
				if err := g.Charge(n, x, w.weight); err != nil {
					return sxp.Errorf("lot.Graph", sxp.Internal, nil, "%w", err)
				}
			}
		}
	}
	number := make(map[int]int) // of the limit of a person
	for i, u := range m.people {
		if u.most > 0 {
			number[i] = g.AddLimit(int64(u.most))
		}
	}
	for n := range t.groups {
		if k, ok := number[g.Owner(n)]; ok && !g.IsGift(n) {
			if err := g.Charge(k, n, 1); err != nil {
				return sxp.Errorf("lot.Graph", sxp.Internal, nil, "%w", err)
			}
		}
	}
	return nil
}
