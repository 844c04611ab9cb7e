package lot

import (
	"sxp"
	"sxp/deal"
)

// A room is one of the things that exchanges use up: a row of the integer
// program and a sum in Check.
type room struct {
	kind roomKind
	of   int32 // the item, bid, group, person or limit
}

type roomKind uint8

const (
	roomItem   roomKind = iota // pieces given; of a gift, taken
	roomBid                    // uses
	roomGroup                  // options taken through it
	roomItems                  // of a person: items taken
	roomBudget                 // of a person: money that bids would pay at most
	roomLimit
)

var roomNames = [...]string{"item", "bid", "group", "the items of person", "the budget of person", "limit"}

// size is how much there is of r; below 0: any amount.
func (m *model) size(r room) int64 {
	switch r.kind {
	case roomItem:
		return m.items[r.of].pieces
	case roomBid:
		return m.bids[r.of].times
	case roomGroup:
		return m.groups[r.of].most
	case roomItems:
		return int64(m.people[r.of].most)
	case roomBudget:
		return m.people[r.of].budget
	}
	return m.limits[r.of].most
}

// name says in words what r is.
func (m *model) name(r room) (string, string) {
	id := ""
	switch r.kind {
	case roomItem:
		id = m.p.Items[r.of].ID
	case roomBid:
		id = m.p.Bids[r.of].ID
	case roomGroup:
		id = m.p.Groups[r.of].ID
	case roomItems, roomBudget:
		id = m.p.People[r.of].ID
	case roomLimit:
		id = m.p.Limits[r.of].ID
	}
	return roomNames[r.kind], id
}

// uses calls f with everything that e uses up once, a room perhaps several
// times; the amounts are 0 or more and below huge. It stops where f fails.
func (m *model) uses(e *exchange, heavy *weights, f func(r room, n int64) error) error {
	for _, v := range e.moves {
		if err := f(room{roomBid, v.bid}, v.times); err != nil {
			return err
		}
		for _, g := range v.groups {
			if err := f(room{roomGroup, g}, v.times); err != nil {
				return err
			}
		}
		for _, p := range v.give {
			if err := f(room{roomItem, p.item}, product(p.pieces, v.times)); err != nil {
				return err
			}
		}
		by := m.bids[v.bid].by
		if m.people[by].most > 0 && len(v.take) > 0 {
			if err := f(room{roomItems, by}, int64(len(v.take))*v.times); err != nil {
				return err
			}
		}
		if v.value > 0 && m.people[by].budget >= 0 {
			if err := f(room{roomBudget, by}, product(v.value, v.times)); err != nil {
				return err
			}
		}
		for _, w := range heavy.bid[v.bid] {
			if err := f(room{roomLimit, w.limit}, product(w.weight, v.times)); err != nil {
				return err
			}
		}
	}
	for _, t := range e.transfers {
		if !m.items[t.item].gift {
			continue
		}
		if err := f(room{roomItem, t.item}, t.pieces); err != nil {
			return err
		}
		for _, w := range heavy.item[t.item] {
			if err := f(room{roomLimit, w.limit}, product(w.weight, t.pieces)); err != nil {
				return err
			}
		}
	}
	return nil
}

// weights are the limits that each bid and each gift weighs in.
type weights struct {
	bid, item map[int32][]heavy
}

type heavy struct {
	limit  int32
	weight int64
}

func (m *model) weights() *weights {
	w := &weights{bid: make(map[int32][]heavy), item: make(map[int32][]heavy)}
	for i, l := range m.limits {
		for _, x := range l.of {
			if x.bid >= 0 {
				w.bid[x.bid] = append(w.bid[x.bid], heavy{int32(i), x.weight})
			} else {
				w.item[x.item] = append(w.item[x.item], heavy{int32(i), x.weight})
			}
		}
	}
	return w
}

// A tally is the sum of exchanges.
type tally struct {
	m      *model
	heavy  *weights
	used   map[room]int64
	people map[int32]bool
	v      deal.Value
}

func newTally(m *model) *tally {
	return &tally{m: m, heavy: m.weights(), used: make(map[room]int64), people: make(map[int32]bool)}
}

// add adds an exchange that happens so often. It fails where there is no room.
func (t *tally) add(e *exchange, times int64) error {
	const op = "lot.Check"
	err := t.m.uses(e, t.heavy, func(r room, n int64) error {
		sum, ok := plus(t.used[r], n, times)
		if most := t.m.size(r); !ok || sum > most {
			name, id := t.m.name(r)
			return sxp.Errorf(op, sxp.Invalid, nil, "%s %q: more is used than there is (%d)", name, clip(id), most)
		}
		t.used[r] = sum
		return nil
	})
	if err != nil {
		return err
	}
	items, ok1 := plus(int64(t.v.Items), e.portions, times)
	cost, ok2 := plus(t.v.Cost, e.cost, times)
	expected, ok3 := plus(t.v.Expected, e.expected, times)
	if !ok1 || !ok2 || !ok3 || items > huge/max(t.m.p.Options.Top, 1) {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the value overflows")
	}
	t.v.Items, t.v.Cost, t.v.Expected = int(items), cost, expected
	for _, u := range e.people {
		t.people[u] = true
	}
	return nil
}

// value is what all of it is worth, in the way of deal.Check: Worth only with
// a top, Expected only where somebody's reliability is given or it is a goal.
func (t *tally) value() deal.Value {
	v := t.v
	v.People = len(t.people)
	if top := t.m.p.Options.Top; top > 0 {
		v.Worth = int64(v.Items)*top - v.Cost
	}
	if !t.m.unsure {
		v.Expected = 0
	}
	return v
}
