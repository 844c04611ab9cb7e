package lot

import (
	"cmp"
	"slices"

	"sxp"
	"sxp/deal"
)

// A counted move happens so often in one exchange.
type counted struct {
	*move
	times int64
}

// A transfer is so many pieces of an item that go to a person.
type transfer struct {
	item, to int32
	pieces   int64
}

// A payment is what a person pays, below 0 what they get.
type payment struct {
	person int32
	cents  int64
}

// An exchange is what a set of moves amounts to, once.
type exchange struct {
	moves     []counted
	transfers []transfer // by item, then person
	people    []int32    // by their place
	value     []payment  // what those who take part in payments declare
	pays      []payment  // equally split, the same people
	portions  int64      // the items of the goals
	cost      int64
	expected  int64
	gift      bool // one is taken
}

// settle checks what concerns one exchange alone (the cap only where capped)
// and works out what it amounts to.
func (m *model) settle(moves []counted) (*exchange, error) {
	const op = "lot.Check"
	e := &exchange{moves: moves}
	if len(moves) == 0 || len(moves) > MaxUses {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%d uses, must be 1 to %d", len(moves), MaxUses)
	}
	var surplus int64
	for _, v := range moves {
		ok := true
		if e.cost, ok = plus(e.cost, v.cost, v.times); !ok {
			return nil, sxp.Errorf(op, sxp.TooLarge, nil, "the cost overflows")
		}
		if surplus, ok = plus(surplus, v.value, v.times); !ok {
			return nil, sxp.Errorf(op, sxp.TooLarge, nil, "the money overflows")
		}
		e.portions += int64(len(v.take)) * v.times
		if err := m.move(e, v); err != nil {
			return nil, err
		}
	}
	switch {
	case surplus < 0:
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s is missing: those who pay do not pay enough for those who get", m.money(-surplus))
	case len(e.transfers) == 0:
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "no item changes hands")
	case !m.together(moves):
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the uses do not hang together: they are several exchanges")
	}
	if err := m.covered(e); err != nil {
		return nil, err
	}
	if err := m.undivided(e); err != nil {
		return nil, err
	}
	e.split(surplus)
	slices.Sort(e.people)
	e.people = slices.Compact(e.people)
	e.expected = m.expected(e)
	return e, m.cap(e)
}

// move adds the people, transfers and money of one move.
func (m *model) move(e *exchange, v counted) error {
	const op = "lot.Check"
	b := &m.bids[v.bid]
	e.people = append(e.people, b.by)
	for _, p := range v.take {
		it := &m.items[p.item]
		n, ok := plus(0, p.pieces, v.times)
		if !ok || n > it.pieces {
			return sxp.Errorf(op, sxp.Invalid, nil, "more of item %q is taken than there is", clip(m.p.Items[p.item].ID))
		}
		if it.gift {
			e.gift = true
			e.people = append(e.people, it.owner)
		}
		i, found := slices.BinarySearchFunc(e.transfers, transfer{item: p.item, to: b.by}, func(a, b transfer) int {
			return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.to, b.to))
		})
		if found {
			e.transfers[i].pieces += n
		} else {
			e.transfers = slices.Insert(e.transfers, i, transfer{p.item, b.by, n})
		}
	}
	if b.money {
		i, found := slices.BinarySearchFunc(e.value, b.by, func(a payment, p int32) int { return cmp.Compare(a.person, p) })
		if ok := true; found {
			if e.value[i].cents, ok = plus(e.value[i].cents, v.value, v.times); !ok {
				return sxp.Errorf(op, sxp.TooLarge, nil, "the money of %q overflows", clip(m.p.People[b.by].ID))
			}
		} else {
			e.value = slices.Insert(e.value, i, payment{b.by, v.value * v.times})
		}
	}
	return nil
}

// covered checks that what is taken is given, and that nobody gives in vain who
// takes nothing.
func (m *model) covered(e *exchange) error {
	const op = "lot.Check"
	given, taken := make(map[int32]int64), make(map[int32]int64)
	for _, v := range e.moves {
		for _, p := range v.give {
			n, ok := plus(given[p.item], p.pieces, v.times)
			if !ok {
				return sxp.Errorf(op, sxp.Invalid, nil, "more of item %q is given than there is", clip(m.p.Items[p.item].ID))
			}
			given[p.item] = n
		}
	}
	for _, t := range e.transfers {
		taken[t.item] += t.pieces
		if item := &m.items[t.item]; !item.gift && given[t.item] < taken[t.item] {
			return sxp.Errorf(op, sxp.Invalid, nil, "of item %q %s is taken and %s given", clip(m.p.Items[t.item].ID),
				decimal(taken[t.item]*item.step), decimal(min(given[t.item], MaxPieces)*item.step))
		}
	}
	for _, v := range e.moves {
		needed := len(v.take) > 0
		for _, p := range v.give {
			needed = needed || given[p.item]-p.pieces < taken[p.item]
		}
		if !needed {
			return sxp.Errorf(op, sxp.Invalid, nil, "bid %q takes nothing, and what it gives is not needed", clip(m.p.Bids[v.bid].ID))
		}
	}
	return nil
}

// together reports whether the moves hang together by items that one gives and
// another takes.
func (m *model) together(moves []counted) bool {
	takes, gives := make(map[int32][]int), make(map[int32][]int)
	for i, v := range moves {
		for _, p := range v.take {
			takes[p.item] = append(takes[p.item], i)
		}
		for _, p := range v.give {
			gives[p.item] = append(gives[p.item], i)
		}
	}
	reached := make([]bool, len(moves))
	reached[0] = true
	todo := []int{0}
	reach := func(to map[int32][]int, item int32) {
		for _, i := range to[item] {
			if !reached[i] {
				reached[i] = true
				todo = append(todo, i)
			}
		}
		delete(to, item)
	}
	for n := 0; n < len(todo); n++ {
		v := moves[todo[n]]
		for _, p := range v.give {
			reach(takes, p.item)
		}
		for _, p := range v.take {
			reach(gives, p.item)
		}
	}
	return len(todo) == len(moves)
}

// common reports whether two lists name the same item.
func common(a, b []portion) bool {
	for _, p := range a {
		for _, q := range b {
			if p.item == q.item {
				return true
			}
		}
	}
	return false
}

// split shares the surplus equally: each pays what they declare less their
// share, and what does not divide goes to the first.
func (e *exchange) split(surplus int64) {
	n := int64(len(e.value))
	for i, v := range e.value {
		share := surplus / n
		if int64(i) < surplus%n {
			share++
		}
		e.pays = append(e.pays, payment{v.person, v.cents - share})
	}
}

// cap checks how many items and people there are.
func (m *model) cap(e *exchange) error {
	items, people, most := len(e.transfers), len(e.people), m.p.Options.MaxRing
	if !e.gift {
		if most > 0 && (items > most || people > most) {
			return sxp.Errorf("lot.Check", sxp.TooLarge, nil, "%d items between %d people, at most %d are allowed", items, people, most)
		}
	} else if most = m.p.Options.chain(); most >= 0 && (items > most || people > most+1) {
		return sxp.Errorf("lot.Check", sxp.TooLarge, nil, "with a gift, %d items between %d people, at most %d and %d are allowed", items, people, most, most+1)
	}
	if most := m.p.Options.MaxMeanCost; most > 0 && e.cost/most >= e.portions && e.cost > most*e.portions {
		return sxp.Errorf("lot.Check", sxp.Invalid, nil, "a cost of %d for %d items, at most %d each is allowed", e.cost, e.portions, most)
	}
	return nil
}

// expected returns how many items are expected to change hands, in millionths.
// It rounds as package deal does: down, person by person, along a ring from its
// first item on, along a chain from its gift on; elsewhere in their order.
func (m *model) expected(e *exchange) int64 {
	walk, chain := m.walk(e)
	if walk == nil {
		p := int64(deal.Certain)
		for _, u := range e.people {
			p = p * m.people[u].keeps / deal.Certain
		}
		n, ok := plus(0, p, e.portions)
		if !ok {
			return huge - 1
		}
		return n
	}
	var seen []int32
	p, sum := int64(deal.Certain), int64(0)
	for i, u := range walk {
		if !slices.Contains(seen, u) {
			seen = append(seen, u)
			p = p * m.people[u].keeps / deal.Certain
		}
		if chain && i > 0 {
			sum += p
		}
	}
	if chain {
		return sum
	}
	return p * e.portions
}

// walk returns the people of a ring, whose moves each take one item and give
// it on, or of a chain, which begins with a gift; nil where e is neither.
func (m *model) walk(e *exchange) (people []int32, chain bool) {
	if int(e.portions) != len(e.moves) || len(e.transfers) != len(e.moves) {
		return nil, false
	}
	takes := make(map[int32]int) // item: the move that takes it
	from, first := -1, int32(-1) // the move that takes the gift; that gives the lowest item
	for i, v := range e.moves {
		if v.times != 1 || len(v.take) != 1 || len(v.give) > 1 {
			return nil, false
		}
		item := v.take[0].item
		if _, twice := takes[item]; twice {
			return nil, false
		}
		takes[item] = i
		if m.items[item].gift {
			from, chain = i, true
			people = append(people, m.items[item].owner)
		}
		if len(v.give) == 1 && (first < 0 || v.give[0].item < first) {
			first = v.give[0].item
		}
	}
	gives := make(map[int32]int)
	for i, v := range e.moves {
		if len(v.give) == 1 {
			gives[v.give[0].item] = i
		}
	}
	if chain {
		people = m.onward(e, people, takes, from)
		return people, people != nil
	}
	at := gives[first]
	for range e.moves {
		v := e.moves[at]
		people = append(people, m.bids[v.bid].by)
		next, ok := gives[v.take[0].item]
		if !ok {
			return nil, false
		}
		at = next
	}
	if at != gives[first] {
		return nil, false
	}
	return people, false
}

// onward appends to the giver of a gift the people of a chain, from the move
// that takes the gift on; nil where not all moves are in it.
func (m *model) onward(e *exchange, people []int32, takes map[int32]int, from int) []int32 {
	for range e.moves {
		v := e.moves[from]
		people = append(people, m.bids[v.bid].by)
		if len(v.give) == 0 {
			break
		}
		next, ok := takes[v.give[0].item]
		if !ok {
			break
		}
		from = next
	}
	if len(people) != len(e.moves)+1 {
		return nil
	}
	return people
}
