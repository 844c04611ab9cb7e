package deal

import (
	"cmp"
	"slices"
)

// whole is one person, as a multiple of the units in which prices of people are
// counted.
const whole = 1 << 20

// maxRounds bounds how often the prices of people are changed.
const maxRounds = 600

// A crowd is a search among the assignments that are left in which people
// matter. Each person has a price, paid for every unit (an offer, a gift or a
// need) of theirs that is idle. The least that any assignment pays, besides what
// its arcs cost, bounds what is sought (Lagrange; Held and Karp 1971 for the
// steps). It is used twice: first for the most people, whose price is at most
// grain, what one person is worth; then for the least cost with so many.
type crowd struct {
	*endless
	place   map[int32]int32 // owner in the core to place
	people  int
	unit    []int32 // columns that are units
	who     []int32 // per unit: place
	idle    []int32 // per unit: the arc by which it is idle, or -1
	price   []int64 // per person
	trading []int64 // per person: units that trade now
	counts  []bool  // per person: is counted at the present prices

	need  int64   // people that there must be; 0: as many as can be
	base  []int64 // cost of each arc in grains, where people are given
	grain int64
	dear  int64 // the highest price

	best  []int32 // the best assignment: mate
	worth int64   // of it: grains of people, or of what arcs cost, below 0
	bound int64   // no assignment is worth more

	bestU, bestV, bestPrice []int64 // the prices that say so
}

// people looks for the assignment with the most people, bounds their number,
// and then follows the other goals with that many. It returns how many goals
// that were.
func (s *endless) people(i int) int {
	c := &crowd{endless: s, place: make(map[int32]int32), grain: whole, dear: whole}
	c.gather()
	c.bound = int64(c.people)*whole + 1 // the first prices are kept in any case
	c.rounds()
	c.reach()
	most := c.count()
	if s.fixed {
		c.bound = int64(c.people) * whole
	}
	s.bounds = append(s.bounds, c.bound/whole)
	c.provePeople()
	rest := s.aims()[i+1:]
	settled := true
	for k, goal := range rest {
		if goal == People || goal == Expected {
			rest = rest[:k]
			break
		}
		settled = settled && s.settled(goal)
	}
	switch {
	case len(rest) == 0:
	case settled:
		for _, goal := range rest {
			s.bounds = append(s.bounds, s.value(goal))
			s.proveSettled(goal)
		}
	default:
		c.cheapen(most, rest)
	}
	return len(rest)
}

// restore makes a mate list the assignment.
func (m *assignment) restore(mate []int32) {
	for row, j := range mate {
		m.mate[row], m.back[j] = j, int32(row)
	}
}

// gather lists units, people and idle arcs.
func (c *crowd) gather() {
	m := c.m
	idle := make([]int32, len(m.mate))
	for j := range idle {
		idle[j] = -1
	}
	for row := range m.lo {
		for k := m.lo[row]; k < m.hi[row]; k++ {
			switch j := m.col[k]; {
			case m.arc[k] == noTrade:
				idle[row] = k
			case m.arc[k] == kept && m.keeper(j):
				idle[j] = k
			}
			m.cost[k] = 0
		}
		m.u[row], m.v[row] = 0, 0
	}
	for j, i := range m.nodeOf {
		if c.core.isGroup(i) {
			continue
		}
		u := c.core.owner[i]
		p, ok := c.place[u]
		if !ok {
			p = int32(c.people)
			c.place[u] = p
			c.people++
		}
		c.unit, c.who, c.idle = append(c.unit, int32(j)), append(c.who, p), append(c.idle, idle[j])
	}
	c.price, c.trading = make([]int64, c.people), make([]int64, c.people)
	c.counts = make([]bool, c.people)
}

// count sets how many units of each person trade; it returns how many people
// do.
func (c *crowd) count() int64 {
	clear(c.trading)
	for k := range c.unit {
		if c.m.trades(c.unit[k]) {
			c.trading[c.who[k]]++
		}
	}
	people := int64(0)
	for _, n := range c.trading {
		if n > 0 {
			people++
		}
	}
	return people
}

// rounds changes the prices until the bound meets the best assignment, or they
// help no more.
func (c *crowd) rounds() {
	step, stale := int64(256), 0 // of 256
	for round := range maxRounds {
		if round > 0 || c.need > 0 {
			c.charge()
			if !c.m.finish(c.work) {
				return
			}
		}
		people := c.count()
		c.choose()
		value := c.limit()
		c.offer(people)
		if stale++; value < c.bound {
			c.bound, stale = value, 0
			c.bestU, c.bestV = append(c.bestU[:0], c.m.u...), append(c.bestV[:0], c.m.v...)
			c.bestPrice = append(c.bestPrice[:0], c.price...)
		}
		if c.met() || c.work.spent() {
			return
		}
		if stale == 20 {
			if step == 8 {
				return
			}
			step, stale = step/2, 0
		}
		c.move(value-c.worth, step)
	}
}

// met reports whether nothing better can be had than the best so far.
func (c *crowd) met() bool { return floorDiv(c.bound, c.grain) <= floorDiv(c.worth, c.grain) }

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// charge sets the costs of the arcs by the prices.
func (c *crowd) charge() {
	c.work.add(int64(len(c.m.col))/4 + 1)
	for k := range c.m.cost {
		c.m.cost[k] = 0
	}
	copy(c.m.cost, c.base)
	for k, arc := range c.idle {
		if arc >= 0 {
			c.m.cost[arc] += c.price[c.who[k]]
		}
	}
	c.m.restart()
}

// offer keeps the assignment if it is the best so far.
func (c *crowd) offer(people int64) {
	worth := people * c.grain
	if c.need > 0 {
		if people < c.need {
			return
		}
		worth = -c.paid()
	}
	if c.best == nil || worth > c.worth {
		c.worth, c.best = worth, append(c.best[:0], c.m.mate...)
	}
}

// paid is what the arcs of the assignment cost.
func (c *crowd) paid() int64 {
	sum := int64(0)
	if c.base != nil {
		for row := range c.m.mate {
			sum += c.base[c.m.pair(int32(row))]
		}
	}
	return sum
}

// choose decides who counts at the present prices: everybody, or the cheapest of
// as many as are needed.
func (c *crowd) choose() {
	if c.need == 0 {
		for p := range c.counts {
			c.counts[p] = true
		}
		return
	}
	order := make([]int, c.people)
	for p := range order {
		order[p] = p
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.price[a], c.price[b]) })
	for i, p := range order {
		c.counts[p] = int64(i) < c.need
	}
}

// limit is what no assignment is worth more than, by the present prices.
func (c *crowd) limit() int64 {
	sum := -c.paid()
	for p, price := range c.price {
		sum += price * c.trading[p]
		if c.counts[p] {
			sum -= price
		}
		if c.need == 0 {
			sum += c.grain
		}
	}
	return sum
}

// slope is how fast the bound grows with a person's price, 0 where the price
// cannot follow.
func (c *crowd) slope(p int) int64 {
	g := c.trading[p]
	if c.counts[p] {
		g--
	}
	if g > 0 && c.price[p] == 0 || g < 0 && c.price[p] == c.dear {
		return 0
	}
	return g
}

// move changes the prices against the excess of the bound: who trades more than
// their price counts becomes cheaper, who does not trade dearer.
func (c *crowd) move(excess, step int64) {
	norm := int64(0)
	for p := range c.price {
		norm += c.slope(p) * c.slope(p)
	}
	if norm == 0 {
		return
	}
	for p := range c.price {
		c.price[p] = min(max(c.price[p]-c.slope(p)*(excess/256*step/norm), 0), c.dear)
	}
}
