package lot

import (
	"sxp"
	"sxp/deal"
)

// Answer writes rings of the graph as an answer to the problem, with what
// deal.Find says of them. Where several bids would do, the one of least cost is
// used. It fails with Invalid where the rings are none of the graph.
func (t *Translation) Answer(r deal.Result) (*Answer, error) {
	const op = "lot.Answer"
	a := &Answer{
		Format: AnswerFormat, Exchanges: []Exchange{}, Optimal: r.Optimal, Exact: r.Exact, Complete: r.Complete,
		Listed: r.Listed, Work: r.Work, Bound: &r.Bound,
	}
	for i, ring := range r.Rings {
		e, err := t.exchange(ring)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "ring %d: %s", i, sxp.Reason(err))
		}
		a.Exchanges = append(a.Exchanges, *e)
	}
	v, err := t.m.check(a)
	a.Value = v
	return a, err
}

// exchange writes one ring.
func (t *Translation) exchange(r deal.Ring) (*Exchange, error) {
	const op = "lot.Answer"
	for i, n := range r {
		if n < 0 || int(n) >= t.Graph.Len() || t.Graph.IsGroup(n) && i == 0 {
			return nil, sxp.Errorf(op, sxp.Invalid, n, "not in the graph, or a group that a ring begins with")
		}
	}
	var moves []counted
	for i := 0; i < len(r); {
		if t.Graph.IsGift(r[i]) {
			i++
			continue
		}
		path := []deal.Node{r[i]}
		for i++; ; i++ {
			n := r[i%len(r)]
			path = append(path, n)
			if !t.Graph.IsGroup(n) || len(path) > deal.MaxNesting+2 {
				break
			}
		}
		v, err := t.move(path)
		if err != nil {
			return nil, err
		}
		moves = append(moves, counted{v, 1})
	}
	e, err := t.m.settle(moves)
	if err != nil {
		return nil, err
	}
	return t.m.write(e, 1), nil
}

// write is an exchange as others read it.
func (m *model) write(e *exchange, times int64) *Exchange {
	out := &Exchange{Transfers: m.transfers(e), Payments: m.settled(e)}
	for _, v := range e.moves {
		out.Uses = append(out.Uses, m.use(v.move, v.times))
	}
	if times > 1 {
		out.Times = times
	}
	return out
}

// move finds the bid and the options behind a path from an offer or need over
// groups to an item.
func (t *Translation) move(path []deal.Node) (*move, error) {
	first, err := t.cheapest(path[0], path[1])
	if err != nil {
		return nil, err
	}
	u := Use{Bid: t.m.p.Bids[first.bid].ID}
	if t.m.bids[first.bid].give.pick > 0 {
		u.Give = []int{first.give}
	}
	path = path[1:]
	if first.take < 0 {
		if len(path) < 2 {
			return nil, sxp.Errorf("lot.Answer", sxp.Invalid, path[0], "a ring ends at a group")
		}
		if first, err = t.cheapest(path[0], path[1]); err != nil {
			return nil, err
		}
		path = path[1:]
	}
	take := []int{first.take}
	for ; len(path) > 1; path = path[1:] {
		w, err := t.cheapest(path[0], path[1])
		if err != nil {
			return nil, err
		}
		take = append(take, w.take)
	}
	u.Take = [][]int{take}
	return t.m.resolve(u)
}

// cheapest returns the arc of least cost from one node to the next.
func (t *Translation) cheapest(from, to deal.Node) (wish, error) {
	best, found := wish{}, false
	for _, w := range t.from[from] {
		if w.to == to && (!found || w.cost < best.cost) {
			best, found = w, true
		}
	}
	if !found {
		return best, sxp.Errorf("lot.Answer", sxp.Invalid, from, "its owner would not take %v for it", to)
	}
	return best, nil
}

// Rings writes an answer to the problem as rings and chains of the graph. It
// fails where Check does.
func (t *Translation) Rings(a *Answer) ([]deal.Ring, error) {
	if _, err := t.m.check(a); err != nil {
		return nil, err
	}
	var rings []deal.Ring
	for i := range a.Exchanges {
		var moves []*move
		for _, u := range a.Exchanges[i].Uses {
			v, err := t.m.resolve(u)
			if err != nil {
				return nil, err
			}
			moves = append(moves, v)
		}
		r, err := t.ring(moves)
		if err != nil {
			return nil, sxp.Errorf("lot.Rings", sxp.Invalid, nil, "%s: %s", at("exchanges", i), sxp.Reason(err))
		}
		rings = append(rings, r)
	}
	return rings, nil
}

// ring puts moves behind one another: a chain begins with the one whose item
// nobody takes, a ring with the lowest item.
func (t *Translation) ring(moves []*move) (deal.Ring, error) {
	giver := make(map[int32]*move)
	taken := make(map[int32]bool)
	for _, v := range moves {
		for _, p := range v.give {
			giver[p.item] = v
		}
		taken[v.take[0].item] = true
	}
	at := moves[0]
	for _, v := range moves {
		head, best := t.head(v, taken), t.head(at, taken)
		if head && !best || head == best && len(v.give) > 0 && len(at.give) > 0 && v.give[0].item < at.give[0].item {
			at = v
		}
	}
	var r deal.Ring
	for range moves {
		r = append(r, t.path(at)...)
		next := at.take[0].item
		if t.m.items[next].gift {
			return append(r, deal.Node(next)), nil
		}
		if at = giver[next]; at == nil {
			return nil, sxp.Errorf("lot.Rings", sxp.Invalid, nil, "item %q is taken from nobody", clip(t.m.p.Items[next].ID))
		}
	}
	return r, nil
}

// head reports whether nobody takes what v gives.
func (t *Translation) head(v *move, taken map[int32]bool) bool {
	return len(v.give) == 0 || !taken[v.give[0].item]
}

// path is a move without the item that it takes.
func (t *Translation) path(v *move) deal.Ring {
	var r deal.Ring
	switch b := &t.m.bids[v.bid]; {
	case b.give.pick == 0:
		r = append(r, t.need[v.bid])
	case len(b.give.of) > 1:
		r = append(r, deal.Node(v.give[0].item), t.choice[v.bid])
	default:
		r = append(r, deal.Node(v.give[0].item))
	}
	for _, g := range v.groups {
		r = append(r, t.groups+deal.Node(g))
	}
	return r
}
