package deal

import "slices"

// An assignment pairs each row (a node as one who takes) with a column (a node
// as one that is taken). A group has as many copies of itself as its capacity
// matters; a row with its own column is no trade. The row of a gift is a keeper:
// it may have any column that need not be taken, and so closes a chain. Every
// answer is a perfect matching, and every perfect matching an answer.
//
// Reduced costs cost - u[row] - v[column] never fall below 0 and are 0 on the
// pairs (Kuhn 1955; shortest paths as by Jonker and Volgenant 1987).
type assignment struct {
	c      *core
	first  []int32 // copies of node i are rows and columns first[i] to first[i+1]-1
	nodeOf []int32 // of a row and its own column

	lo, hi []int32 // arcs of row r: col[lo[r]:hi[r]]; keepers share theirs
	col    []int32
	arc    []int32 // in the core, or one of noTrade and kept
	cost   []int64

	u, v []int64
	mate []int32 // column of a row, -1 while free
	back []int32 // row of a column

	dist      []int64
	via       []int32 // row through which a column was reached
	stamp     []int32 // a column was reached, or, below it, is final
	epoch     int32
	level     []int32 // columns at the distance that is being looked at
	heap      []reach
	finalized []int32
	limited   bool // groups have fewer copies than they should
}

// What an arc of an assignment is that is none of the core.
const (
	noTrade = -1 // a row with its own column
	kept    = -2 // a keeper with a column that nobody takes
)

// maxCopies bounds the arcs to copies of groups.
const maxCopies = 1 << 26

// A reach is a column at a distance.
type reach struct {
	dist int64
	col  int32
}

// newAssignment lists the rows, columns and arcs; costs are set by the goals.
func newAssignment(c *core) *assignment {
	m := &assignment{c: c, first: make([]int32, 1, len(c.node)+1)}
	m.copies()
	n := len(m.nodeOf)
	arcs := n
	for i := range c.node {
		for _, to := range c.to[c.out[i]:c.out[i+1]] {
			arcs += int(m.first[i+1]-m.first[i]) * int(m.first[to+1]-m.first[to])
		}
	}
	m.lo, m.hi = make([]int32, n), make([]int32, n)
	m.col, m.arc = make([]int32, 0, arcs), make([]int32, 0, arcs)
	for j := range m.nodeOf {
		if !m.keeper(int32(j)) {
			m.row(int32(j))
		}
	}
	if c.gifts > 0 {
		m.keepers()
	}
	m.cost = make([]int64, len(m.col))
	m.u, m.v = make([]int64, n), make([]int64, n)
	m.mate, m.back = make([]int32, n), make([]int32, n)
	m.dist, m.via, m.stamp = make([]int64, n), make([]int32, n), make([]int32, n)
	for j := range m.mate {
		m.mate[j], m.back[j] = -1, -1
	}
	return m
}

// keeper reports whether a row is that of a gift.
func (m *assignment) keeper(row int32) bool { return m.c.isGift(m.nodeOf[row]) }

// trades reports whether column j of an offer, a gift or a need is given or
// gets something.
func (m *assignment) trades(j int32) bool {
	if m.keeper(j) {
		return !m.keeper(m.back[j])
	}
	return m.mate[j] != j
}

// copies decides how many columns each node has.
func (m *assignment) copies() {
	c, room := m.c, int64(maxCopies)
	for i := range c.node {
		copies := int32(1)
		if k := c.cap[i]; k > 0 { // no more than come in or go out
			in, out := c.in[i+1]-c.in[i], c.out[i+1]-c.out[i]
			if copies = max(1, min(in, out)+1); copies > k { // one more than can be used, or all
				copies = k
			}
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
}

// row adds the arcs of a row that is no keeper.
func (m *assignment) row(j int32) {
	i := m.nodeOf[j]
	m.lo[j] = int32(len(m.col))
	m.col, m.arc = append(m.col, j), append(m.arc, noTrade)
	for k := m.c.out[i]; k < m.c.out[i+1]; k++ {
		for to := m.first[m.c.to[k]]; to < m.first[m.c.to[k]+1]; to++ {
			m.col, m.arc = append(m.col, to), append(m.arc, k)
		}
	}
	m.hi[j] = int32(len(m.col))
}

// keepers adds the arcs of the keepers.
func (m *assignment) keepers() {
	from := int32(len(m.col))
	for j, i := range m.nodeOf {
		if !m.c.isGroup(i) {
			m.col, m.arc = append(m.col, int32(j)), append(m.arc, kept)
		}
	}
	for j := range m.nodeOf {
		if m.keeper(int32(j)) {
			m.lo[j], m.hi[j] = from, int32(len(m.col))
		}
	}
}

// solve finds a perfect matching of least cost, with new prices; false: the work
// ran out.
func (m *assignment) solve(work *meter) bool {
	for j := range m.v {
		m.v[j] = unreached
	}
	for k, j := range m.col {
		m.v[j] = min(m.v[j], m.cost[k])
	}
	m.restart()
	m.phases(work)
	return m.finish(work)
}

// finish matches the rows that are free.
func (m *assignment) finish(work *meter) bool {
	for row := range int32(len(m.mate)) {
		if m.mate[row] < 0 && (!m.augment(row, work) || work.spent()) {
			return false
		}
	}
	return true
}

// restart keeps the prices of columns, sets those of rows, and keeps or makes
// the pairs that cost nothing beyond them. It serves after costs have changed.
func (m *assignment) restart() {
	for row := range m.mate {
		least, held := unreached, unreached
		for k := m.lo[row]; k < m.hi[row]; k++ {
			d := m.cost[k] - m.v[m.col[k]]
			least = min(least, d)
			if m.col[k] == m.mate[row] {
				held = min(held, d)
			}
		}
		m.u[row] = least
		if j := m.mate[row]; j >= 0 && held > least {
			m.mate[row], m.back[j] = -1, -1
		}
	}
	for row := range int32(len(m.mate)) {
		if m.mate[row] >= 0 {
			continue
		}
		for k := m.lo[row]; k < m.hi[row]; k++ {
			if j := m.col[k]; m.back[j] < 0 && m.cost[k]-m.v[j] == m.u[row] && m.cost[k] < unreached {
				m.mate[row], m.back[j] = j, row
				break
			}
		}
	}
}

// unreached is above every price and distance; an arc that costs it is not used.
const unreached = int64(1) << 62

// augment finds the shortest path from a free row to a free column, changes
// partners along it and the prices of what it passed.
func (m *assignment) augment(from int32, work *meter) bool {
	m.epoch += 2
	m.level, m.heap, m.finalized = m.level[:0], m.heap[:0], m.finalized[:0]
	end := m.scan(from, 0, work)
	if end = m.onward(end, work); end < 0 {
		return false
	}
	dist := m.dist[end]
	m.u[from] += dist
	for _, k := range m.finalized {
		m.v[k] -= dist - m.dist[k]
		m.u[m.back[k]] += dist - m.dist[k]
	}
	for j := end; ; {
		row := m.via[j]
		m.back[j] = row
		j, m.mate[row] = m.mate[row], j
		if row == from {
			return true
		}
	}
}

// onward goes on by what is nearest until it meets a free column, which it
// returns; -1: there is none. An end that is met already stays.
func (m *assignment) onward(end int32, work *meter) int32 {
	for end < 0 {
		j, dist := m.nearest()
		if j < 0 || m.back[j] < 0 {
			return j
		}
		m.finalized = append(m.finalized, j)
		end = m.scan(m.back[j], dist, work)
	}
	return end
}

// scan looks at what a row at a distance may take. It returns a free column at
// the same distance, the end of a shortest path, or -1.
func (m *assignment) scan(row int32, dist int64, work *meter) int32 {
	lo, hi := m.lo[row], m.hi[row]
	work.add(int64(hi-lo)/4 + 1)
	base := dist - m.u[row]
	cols, costs := m.col[lo:hi], m.cost[lo:hi]
	for k, j := range cols {
		if m.stamp[j] == m.epoch+1 {
			continue
		}
		d := base + costs[k] - m.v[j]
		if m.stamp[j] == m.epoch && d >= m.dist[j] || costs[k] == unreached {
			continue
		}
		m.stamp[j], m.dist[j], m.via[j] = m.epoch, d, row
		switch {
		case d > dist:
			m.push(reach{d, j})
		case m.back[j] < 0:
			return j
		default:
			m.level = append(m.level, j)
		}
	}
	return -1
}

func (m *assignment) push(r reach) {
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

func (m *assignment) pop() reach {
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

// remove drops arcs: those of each row, or keeper, for which drop is true.
func (m *assignment) remove(drop func(row int, arc int32) bool) {
	next, gift := int32(0), -1
	narrow := func(row int) {
		from := next
		for k := m.lo[row]; k < m.hi[row]; k++ {
			if !drop(row, k) {
				m.col[next], m.arc[next], m.cost[next] = m.col[k], m.arc[k], m.cost[k]
				next++
			}
		}
		m.lo[row], m.hi[row] = from, next
	}
	for row := range m.lo {
		if m.keeper(int32(row)) {
			gift = row
		} else {
			narrow(row)
		}
	}
	if gift >= 0 { // they share their arcs, which stand behind all others
		narrow(gift)
		for row := range m.lo {
			if m.keeper(int32(row)) {
				m.lo[row], m.hi[row] = m.lo[gift], m.hi[gift]
			}
		}
	}
	m.col, m.arc, m.cost = m.col[:next], m.arc[:next], m.cost[:next]
}

// pair returns the arc by which a row has its column.
func (m *assignment) pair(row int32) int32 {
	for k := m.lo[row]; k < m.hi[row]; k++ {
		if m.col[k] == m.mate[row] {
			return k
		}
	}
	return -1
}

// rings follows the pairs around, and from each column that is kept to a gift;
// what stays with itself and what consists of groups only is no ring.
func (m *assignment) rings() [][]int32 {
	var rings [][]int32
	seen := make([]bool, len(m.nodeOf))
	walk := func(j int32) {
		var ring []int32
		for !seen[j] {
			seen[j] = true
			ring = append(ring, m.nodeOf[j])
			if m.keeper(j) {
				break
			}
			j = m.mate[j]
		}
		if len(ring) > 1 && slices.ContainsFunc(ring, func(i int32) bool { return !m.c.isGroup(i) }) {
			rings = append(rings, ring)
		}
	}
	for j := range m.mate {
		if m.keeper(int32(j)) {
			walk(m.mate[j])
		}
	}
	for j := range m.mate {
		if !m.keeper(int32(j)) {
			walk(int32(j))
		}
	}
	return rings
}
