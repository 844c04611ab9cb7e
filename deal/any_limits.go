package deal

import (
	"math/bits"
	"slices"
)

// A budget is the search for the best assignment by one goal that keeps the
// limits. Each limit has a price for the whole of it; a unit that trades pays
// its part. What the assignments then leave, and the prices, bound the goal
// (Lagrange). Where that leaves a gap, it splits by whether a unit trades.
type budget struct {
	*endless
	goal  Goal
	of    []int // limits that matter: of the graph
	most  []int64
	unit  []int32  // columns that are charged, each once
	idle  []int32  // per unit: the arc by which it is idle
	pays  [][]dues // per unit
	fate  []int8   // per unit: idle, free or trading
	base  []int64  // cost of each arc in grains
	price []int64  // per limit
	used  []int64  // per limit

	best  []int32 // the best assignment that keeps the limits: mate
	worth int64   // of it, in whole units below 0: what it takes away
	nodes int

	u, v, paid []int64 // the prices of the lowest bound, before any split
}

// A dues is how much of a limit a unit uses up.
type dues struct {
	limit  int
	weight int64
}

// What a branch says of a unit.
const (
	staysIdle = -1
	trades    = 1
)

// maxSplits bounds the branches of a budget.
const maxSplits = 4000

// newBudget lists what is charged.
func newBudget(s *endless, goal Goal) *budget {
	b := &budget{endless: s, goal: goal}
	column := make(map[Node]int32)
	for j, i := range s.m.nodeOf {
		if !s.core.isGroup(i) {
			column[s.core.node[i]] = int32(j)
		}
	}
	place := make(map[int32]int)
	for l := range s.g.limits {
		limit := &s.g.limits[l]
		number, any := len(b.of), false
		for k, n := range limit.nodes {
			j, ok := column[n]
			if !ok || limit.weight[k] == 0 {
				continue
			}
			at, ok := place[j]
			if !ok {
				at = len(b.unit)
				place[j] = at
				b.unit, b.pays, b.fate = append(b.unit, j), append(b.pays, nil), append(b.fate, 0)
			}
			if limit.weight[k] > limit.most {
				b.fate[at] = staysIdle
			}
			b.pays[at] = append(b.pays[at], dues{number, limit.weight[k]})
			any = true
		}
		if any {
			b.of, b.most = append(b.of, l), append(b.most, max(limit.most, 1))
		}
	}
	b.price, b.used = make([]int64, len(b.of)), make([]int64, len(b.of))
	b.lists()
	for j := range s.m.mate { // nobody trades: that keeps every limit
		s.m.mate[j], s.m.back[j] = int32(j), int32(j)
	}
	b.best = slices.Clone(s.m.mate)
	for row := range s.m.mate {
		b.worth += b.base[s.m.pair(int32(row))] / b.grain()
	}
	return b
}

// lists sets the costs of arcs and finds by which a unit is idle.
func (b *budget) lists() {
	m := b.m
	at := make([]int32, len(m.mate))
	b.base = make([]int64, len(m.col))
	for row := range m.lo {
		for k := m.lo[row]; k < m.hi[row]; k++ {
			switch j := m.col[k]; {
			case m.arc[k] == noTrade:
				at[row] = k
			case m.arc[k] == kept && m.keeper(j):
				at[j] = k
			}
			b.base[k] = b.endless.price(b.goal, int32(row), m.arc[k]) * b.grain()
		}
	}
	for _, j := range b.unit {
		b.idle = append(b.idle, at[j])
	}
}

// grain is how finely a unit of the goal is priced.
func (b *budget) grain() int64 {
	highest := int64(1)
	if b.goal != Items {
		highest = max(b.top, b.dearest(), 1)
	}
	return max(1, min(whole, (1<<54)/highest/int64(len(b.m.mate)+1)))
}

// part is what one of a unit's dues comes to.
func (b *budget) part(s dues) int64 {
	hi, lo := bits.Mul64(uint64(b.price[s.limit]), uint64(s.weight))
	if hi >= uint64(b.most[s.limit]) {
		return 1 << 56
	}
	q, _ := bits.Div64(hi, lo, uint64(b.most[s.limit]))
	return int64(min(q, 1<<56))
}

// pay is what a unit pays for trading.
func (b *budget) pay(k int) int64 {
	sum := int64(0)
	for _, s := range b.pays[k] {
		sum = min(sum+b.part(s), (1<<58)/int64(len(b.m.mate)+1)) // sums along paths must fit
	}
	return sum
}

// solve finds the best assignment at the present prices; false: there is none.
func (b *budget) solve() bool {
	b.work.add(int64(len(b.m.col))/4 + 1)
	copy(b.m.cost, b.base)
	locked := false
	for k, arc := range b.idle {
		switch b.fate[k] {
		case staysIdle:
			locked = true
		case trades:
			b.m.cost[arc] = unreached
		default:
			b.m.cost[arc] -= b.pay(k)
		}
	}
	if locked {
		drop := b.locked(func(k int) bool { return b.fate[k] == staysIdle })
		for row := range b.m.lo {
			for k := b.m.lo[row]; k < b.m.hi[row]; k++ {
				if drop(row, k) {
					b.m.cost[k] = unreached
				}
			}
		}
	}
	b.m.restart()
	return b.m.finish(b.work)
}

// use sets what the assignment uses up of each limit; it reports whether all
// limits are kept.
func (b *budget) use() bool {
	clear(b.used)
	for k := range b.unit {
		if b.m.trades(b.unit[k]) {
			for _, s := range b.pays[k] {
				b.used[s.limit] += s.weight
			}
		}
	}
	for l, most := range b.most {
		if b.used[l] > most {
			return false
		}
	}
	return true
}

// least returns what every assignment that the branch allows takes away at
// least, in grains, by the present prices; and what this one takes away.
func (b *budget) least() (least, own int64) {
	for row := range b.m.mate {
		own += b.base[b.m.pair(int32(row))]
	}
	least = own
	for k := range b.unit {
		if b.m.trades(b.unit[k]) {
			least += b.pay(k)
		}
	}
	for _, x := range b.price {
		least -= x
	}
	return least, own
}

// run searches; it returns the least that any answer takes away of the goal.
func (b *budget) run() int64 {
	return b.branch(200, 0)
}

// branch searches one branch and returns the least it can take away.
func (b *budget) branch(rounds, depth int) int64 {
	b.nodes++
	price := slices.Clone(b.price)
	defer func() { copy(b.price, price) }()
	lowest, step := int64(-1)<<60, int64(256)
	for round := range rounds {
		if !b.solve() {
			if b.work.spent() {
				return b.whole(lowest)
			}
			return 1 << 60
		}
		keeps := b.use()
		least, own := b.least()
		if keeps && own < b.worth*b.grain() {
			b.best, b.worth = append(b.best[:0], b.m.mate...), own/b.grain()
		}
		if least > lowest {
			lowest = least
			copy(price, b.price)
			if depth == 0 {
				b.u, b.v = append(b.u[:0], b.m.u...), append(b.v[:0], b.m.v...)
				b.paid = append(b.paid[:0], price...)
			}
		}
		if b.closed(lowest) || b.work.spent() {
			break
		}
		if round%16 == 15 {
			step = max(step/2, 16)
		}
		if !b.move(least, step) {
			break
		}
	}
	if b.closed(lowest) || b.work.spent() || b.nodes >= maxSplits {
		return b.whole(lowest)
	}
	return b.split(lowest, price, depth)
}

// closed reports whether a branch holds nothing better than the best.
func (b *budget) closed(least int64) bool {
	return ceilDiv(least, b.grain()) >= b.worth
}

// whole is the least in whole units, not above the best.
func (b *budget) whole(least int64) int64 {
	return min(ceilDiv(least, b.grain()), b.worth)
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }

// split branches on the heaviest unit of a limit that is exceeded.
func (b *budget) split(lowest int64, price []int64, depth int) int64 {
	copy(b.price, price)
	if !b.solve() {
		return b.whole(lowest)
	}
	b.use()
	at, heaviest := -1, int64(0)
	for k := range b.unit {
		if b.fate[k] != 0 {
			continue
		}
		for _, s := range b.pays[k] {
			x := s.weight*1024/b.most[s.limit] + 1
			if b.used[s.limit] > b.most[s.limit] {
				x += 1 << 30
			}
			if b.m.trades(b.unit[k]) {
				x += 1 << 20
			}
			if x > heaviest {
				at, heaviest = k, x
			}
		}
	}
	if at < 0 {
		return b.whole(lowest)
	}
	least := int64(1) << 60
	for _, fate := range []int8{staysIdle, trades} {
		b.fate[at] = fate
		least = min(least, b.branch(24, depth+1))
		b.fate[at] = 0
	}
	return max(least, b.whole(lowest))
}

// move changes the prices: what is exceeded becomes dearer.
func (b *budget) move(least, step int64) bool {
	norm := int64(0)
	slope := func(l int) int64 {
		g := b.used[l]*1024/b.most[l] - 1024
		if g < 0 && b.price[l] == 0 {
			return 0
		}
		return min(g, 1<<20)
	}
	for l := range b.price {
		norm += slope(l) * slope(l)
	}
	if norm == 0 {
		return false
	}
	excess := max(b.worth*b.grain()-least, 1) / 256 * step
	for l := range b.price {
		hi, lo := bits.Mul64(uint64(excess), uint64(max(slope(l), -slope(l)))*1024)
		x := int64(1) << 54
		if hi < uint64(norm) {
			q, _ := bits.Div64(hi, lo, uint64(norm))
			x = int64(min(q, 1<<54))
		}
		if slope(l) < 0 {
			x = -x
		}
		b.price[l] = min(max(b.price[l]+x, 0), 1<<54)
	}
	return true
}

// prove returns the proof of the first goal, or nil: there is none where it took
// splits, or where a unit alone is above a limit.
func (b *budget) prove(l *ladder, bound int64, proven bool) *ladder {
	if b.nodes > 1 || b.m.limited || b.u == nil || b.grain() != whole || slices.ContainsFunc(b.fate, func(f int8) bool { return f != 0 }) {
		return nil
	}
	copy(b.price, b.paid)
	pay := make([]int64, len(b.m.mate))
	for k, j := range b.unit {
		pay[j] = b.pay(k)
	}
	for i, x := range b.price {
		if x > 0 {
			l.limits = append(l.limits, Price{int64(b.of[i]), x})
		}
	}
	item := whole * map[Goal]int64{Items: 1, Worth: b.top}[b.goal]
	l.add(b.endless, rung{
		goal: b.goal, bound: bound, proven: proven, scale: whole, u: b.u, v: b.v,
		cost: func(row, col, arc int32) int64 {
			cost := b.endless.price(b.goal, row, arc) * whole
			if arc == noTrade || arc == kept && b.m.keeper(col) {
				cost -= pay[col]
			}
			return cost
		},
		out: func(row int32) int64 {
			if b.m.keeper(row) {
				return 0
			}
			return item
		},
		in: func(col int32) int64 {
			if b.core.isGroup(b.m.nodeOf[col]) {
				return -item
			}
			return -pay[col]
		},
	})
	l.broken = true // nothing comes after it
	return l
}

// lock leaves out all arcs by which units trade that the best assignment leaves
// idle: whatever is found then keeps the limits too.
func (b *budget) lock() {
	b.m.restore(b.best)
	b.m.remove(b.locked(func(k int) bool { return !b.m.trades(b.unit[k]) }))
}

// locked tells which arcs must be left out for some units to be idle.
func (b *budget) locked(idle func(k int) bool) func(row int, arc int32) bool {
	locked := make([]bool, len(b.m.mate))
	for k, j := range b.unit {
		locked[j] = idle(k)
	}
	return func(row int, k int32) bool {
		j := b.m.col[k]
		switch b.m.arc[k] {
		case noTrade:
			return false
		case kept:
			return locked[j] && !b.m.keeper(j)
		}
		return locked[j] || locked[row] && !b.m.keeper(int32(row))
	}
}
