package deal

import "slices"

// anyLength finds rings of any length: a perfect matching of least cost
// between what each node gives and what each takes, where a node may also be
// matched with itself ("no trade") at a price above all ranks. This is exact in
// items, then in the sum of costs; people are not looked at.
func (f *finder) anyLength() {
	f.work.stage("improve")
	m := newMatching(f.core, f.opt.MaxMeanCost)
	f.result.Bound = int64(f.core.offers)
	solved := false
	f.work.within(f.work.budget*3/4, func() { solved = m.solve(f.work) })
	if !solved { // too large for the budget: short rings are better than none
		f.opt.MaxRing = DefaultMaxRing
		f.capped()
		f.result.Bound, f.result.Complete = int64(f.core.offers), false
		f.result.Optimal, f.result.Exact = false, false
		return
	}
	whole := f.keep(m.rings()) && !m.limited
	if f.opt.MaxMeanCost == 0 && whole {
		f.result.Complete = true
		f.result.Bound = int64(f.result.Value.Items)
		f.result.Optimal = true
	}
}

// loosely bounds the items of capped rings by those of rings of any length.
func (f *finder) loosely() int64 {
	m := newMatching(f.core, 0)
	if m.limited || !m.solve(f.work) {
		return int64(f.core.offers)
	}
	items := 0
	for _, ring := range m.rings() {
		for _, x := range ring {
			if !f.core.isGroup(x) {
				items++
			}
		}
	}
	return int64(items)
}

// keep makes the answer of rings in core numbers; it reports whether all of
// them could be kept.
func (f *finder) keep(rings [][]int32) bool {
	whole := true
	f.result.Rings = nil
	for _, ring := range rings {
		var r Ring
		for _, x := range ring {
			r = append(r, f.core.node[x])
		}
		if _, err := checkRing(f.g, r, Options{}); err != nil {
			whole = false // wishes through more groups than MaxNesting
			continue
		}
		f.result.Rings = append(f.result.Rings, r)
	}
	sortRings(f.g, f.result.Rings)
	if v, err := Check(f.g, f.result.Rings, Options{}); err == nil {
		f.result.Value = v
	}
	return whole
}

// A matching pairs each row (a node as one who takes) with a column (a node as
// one that is taken). A group has as many copies of itself as its capacity
// matters. Reduced costs arc - u[row] - v[column] never fall below 0 and are 0
// on the pairs (Kuhn 1955; shortest paths as by Jonker and Volgenant 1987).
type matching struct {
	c         *core
	first     []int32 // copies of node i are rows and columns first[i] to first[i+1]-1
	nodeOf    []int32
	none      int64 // price of no trade
	shift     uint  // costs are divided by 2^shift where they would overflow
	u, v      []int64
	col, row  []int32 // partner of a row, of a column; -1 while free
	dist      []int64
	via       []int32 // row through which a column was reached
	stamp     []int32
	done      []int32 // stamp of columns whose distance is final
	epoch     int32
	heap      []reach
	finalized []int32
	limited   bool // groups have fewer copies than they should
}

// maxCopies bounds the arcs to copies of groups.
const maxCopies = 1 << 26

// A reach is a column at a distance.
type reach struct {
	dist int64
	col  int32
}

func newMatching(c *core, mean int64) *matching {
	m := &matching{c: c, first: make([]int32, 1, len(c.node)+1)}
	room := int64(maxCopies)
	for i := range c.node {
		copies := int32(1)
		if k := c.cap[i]; k > 0 { // no more than come in or go out
			in, out := c.in[i+1]-c.in[i], c.out[i+1]-c.out[i]
			copies = max(1, min(k, in, out))
			if need := int64(copies) * int64(in+out); need > room {
				copies, m.limited = 1, true
			} else {
				room -= need
			}
		}
		for range copies {
			m.nodeOf = append(m.nodeOf, int32(i))
		}
		m.first = append(m.first, int32(len(m.nodeOf)))
	}
	n := len(m.nodeOf)
	highest := int64(1)
	for _, x := range c.cost {
		highest = max(highest, x)
	}
	for highest>>m.shift > (1<<61)/(int64(n+1)*int64(n+1)) {
		m.shift++
	}
	m.none = int64(n+1) * (highest>>m.shift + 1)
	if mean > 0 {
		m.none = min(m.none, mean>>m.shift)
	}
	m.u, m.v = make([]int64, n), make([]int64, n)
	m.col, m.row = make([]int32, n), make([]int32, n)
	m.dist, m.via = make([]int64, n), make([]int32, n)
	m.stamp, m.done = make([]int32, n), make([]int32, n)
	return m
}

// each calls f for every column that a row may take, with the cost.
func (m *matching) each(row int32, f func(col int32, cost int64)) {
	i := m.nodeOf[row]
	if m.c.isGroup(i) {
		f(row, 0)
	} else {
		f(row, m.none)
	}
	for k := m.c.out[i]; k < m.c.out[i+1]; k++ {
		cost := m.c.cost[k] >> m.shift
		for j := m.first[m.c.to[k]]; j < m.first[m.c.to[k]+1]; j++ {
			f(j, cost)
		}
	}
}

// solve matches all rows; false: the work ran out.
func (m *matching) solve(work *meter) bool {
	m.start()
	for row := range int32(len(m.col)) {
		if m.col[row] >= 0 {
			continue
		}
		if !m.augment(row, work) || work.spent() {
			return false
		}
	}
	return true
}

// start sets feasible prices and pairs what costs nothing beyond them.
func (m *matching) start() {
	for j := range m.v {
		m.v[j] = 1 << 62
		m.col[j], m.row[j] = -1, -1
	}
	for row := range int32(len(m.col)) {
		m.each(row, func(j int32, cost int64) { m.v[j] = min(m.v[j], cost) })
	}
	for row := range int32(len(m.col)) {
		least := int64(1) << 62
		m.each(row, func(j int32, cost int64) { least = min(least, cost-m.v[j]) })
		m.u[row] = least
		m.each(row, func(j int32, cost int64) {
			if m.col[row] < 0 && m.row[j] < 0 && cost-least == m.v[j] {
				m.col[row], m.row[j] = j, row
			}
		})
	}
}

// augment finds the shortest path from a free row to a free column, changes
// partners along it and the prices of what it passed.
func (m *matching) augment(from int32, work *meter) bool {
	m.epoch++
	m.heap, m.finalized = m.heap[:0], m.finalized[:0]
	m.scan(from, 0, work)
	for len(m.heap) > 0 {
		at := m.pop()
		j := at.col
		if m.done[j] == m.epoch || at.dist != m.dist[j] {
			continue
		}
		m.done[j] = m.epoch
		if m.row[j] >= 0 {
			m.finalized = append(m.finalized, j)
			m.scan(m.row[j], at.dist, work)
			continue
		}
		m.u[from] += at.dist
		for _, k := range m.finalized {
			m.v[k] -= at.dist - m.dist[k]
			m.u[m.row[k]] += at.dist - m.dist[k]
		}
		for {
			row := m.via[j]
			m.row[j] = row
			j, m.col[row] = m.col[row], j
			if row == from {
				return true
			}
		}
	}
	return false // cannot be: each row may stay with itself
}

// scan looks at what a row at a distance may take.
func (m *matching) scan(row int32, dist int64, work *meter) {
	count := int64(0)
	m.each(row, func(j int32, cost int64) {
		count++
		if m.done[j] == m.epoch {
			return
		}
		d := dist + cost - m.u[row] - m.v[j]
		if m.stamp[j] != m.epoch || d < m.dist[j] {
			m.stamp[j], m.dist[j], m.via[j] = m.epoch, d, row
			m.push(reach{d, j})
		}
	})
	work.add(count/4 + 1)
}

func (m *matching) push(r reach) {
	m.heap = append(m.heap, r)
	h := m.heap
	for i := len(h) - 1; i > 0; {
		p := (i - 1) / 2
		if h[p].dist <= h[i].dist {
			return
		}
		h[p], h[i] = h[i], h[p]
		i = p
	}
}

func (m *matching) pop() reach {
	h := m.heap
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		k := 2*i + 1
		if k >= last {
			break
		}
		if k+1 < last && h[k+1].dist < h[k].dist {
			k++
		}
		if h[i].dist <= h[k].dist {
			break
		}
		h[i], h[k] = h[k], h[i]
		i = k
	}
	m.heap = h
	return top
}

// rings follows the pairs around; what stays with itself and what consists of
// groups only is no ring.
func (m *matching) rings() [][]int32 {
	var rings [][]int32
	seen := make([]bool, len(m.col))
	for start := range int32(len(m.col)) {
		if seen[start] {
			continue
		}
		var ring []int32
		for row := start; !seen[row]; row = m.col[row] {
			seen[row] = true
			ring = append(ring, m.nodeOf[row])
		}
		offers := slices.ContainsFunc(ring, func(i int32) bool { return !m.c.isGroup(i) })
		if len(ring) > 1 && offers {
			rings = append(rings, ring)
		}
	}
	return rings
}
