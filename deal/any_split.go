package deal

// split makes rings shorter where that costs nothing: two rows of one ring take
// each other's columns, which cuts the ring in two; the same items are traded by
// the same people, and the arcs cost no more. It takes the most even cut of each
// ring and goes on with the parts. The fewest or most even rings there could be
// are not sought: to tell whether all can be of three is hard (Garey and Johnson
// 1979, partition into triangles).
func (m *assignment) split(work *meter) {
	c := &cutter{assignment: m, at: make([]int32, len(m.mate)), items: make([]int32, len(m.mate)+1)}
	done := make([]bool, len(m.mate))
	for row := range int32(len(m.mate)) {
		if done[row] {
			continue
		}
		for r := row; !done[r]; r = m.mate[r] {
			done[r] = true
		}
		for queue := []int32{row}; len(queue) > 0 && !work.spent(); {
			from := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			if other, ok := c.cut(from, work); ok {
				queue = append(queue, from, other)
			}
		}
	}
}

// A cutter looks for the best cut of one ring.
type cutter struct {
	*assignment
	ring  []int32 // rows in their order
	at    []int32 // per row: its place in ring
	items []int32 // offers and needs before each place
}

// cut cuts the ring of a row, if it can be, and returns a row of the part that
// the row is not in.
func (c *cutter) cut(from int32, work *meter) (other int32, ok bool) {
	c.ring = c.ring[:0]
	for r := from; len(c.ring) == 0 || r != from; r = c.mate[r] {
		c.at[r] = int32(len(c.ring))
		c.items[len(c.ring)] = 0
		c.ring = append(c.ring, r)
	}
	n := int32(0)
	for i, r := range c.ring {
		c.items[i] = n
		if !c.c.isGroup(c.nodeOf[r]) && !c.keeper(r) {
			n++
		}
	}
	c.items[len(c.ring)] = n
	if n < 4 {
		return 0, false
	}
	best, first, second := int32(0), int32(-1), int32(-1)
	for p, r1 := range c.ring {
		work.add(int64(c.hi[r1] - c.lo[r1]))
		held := c.real(r1, c.mate[r1])
		for k := c.lo[r1]; k < c.hi[r1] && held >= 0; k++ {
			q := c.at[c.col[k]] - 1 // the place of who has that column now
			if c.arc[k] < 0 || q <= int32(p) || q >= int32(len(c.ring)) || c.ring[q] != c.back[c.col[k]] {
				continue
			}
			inner := c.items[q+1] - c.items[p+1]
			if even := min(inner, n-inner); even > best && even >= 2 && c.swaps(r1, c.ring[q], held, c.c.cost[c.arc[k]]) {
				best, first, second = even, r1, c.ring[q]
			}
		}
	}
	if first < 0 {
		return 0, false
	}
	j1, j2 := c.mate[first], c.mate[second]
	c.mate[first], c.mate[second] = j2, j1
	c.back[j1], c.back[j2] = second, first
	return j1, true
}

// real returns what the arc of the graph costs by which a row has a column, or
// -1 where there is none.
func (c *cutter) real(row, col int32) int64 {
	for k := c.lo[row]; k < c.hi[row]; k++ {
		if c.col[k] == col && c.arc[k] >= 0 {
			return c.c.cost[c.arc[k]]
		}
	}
	return -1
}

// swaps reports whether the second row can have the first one's column, which
// costs held, without both costing more than before.
func (c *cutter) swaps(first, second int32, held, cost int64) bool {
	now := c.real(second, c.mate[second])
	then := c.real(second, c.mate[first])
	return now >= 0 && then >= 0 && cost+then <= held+now
}
