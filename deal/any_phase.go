package deal

// maxPhases bounds the phases before rows are matched one by one.
const maxPhases = 64

// phases matches many rows at once for as long as that pays: shortest paths
// from all free rows together change the prices, then all paths there are along
// arcs without reduced cost are taken, with a look ahead (Duff 1981).
// Costs of few values need few phases.
func (m *assignment) phases(work *meter) {
	var free []int32
	for row, j := range m.mate {
		if j < 0 {
			free = append(free, int32(row))
		}
	}
	d := newDiver(m)
	poor := 0 // phases in a row that found few paths
	for phase := 0; phase < maxPhases && poor < 3 && len(free) > 0 && !work.spent(); phase++ {
		if !m.approach(free, work) {
			return
		}
		work.add(int64(len(m.col)) / 16)
		d.gather()
		left := free[:0]
		for _, row := range free {
			if work.spent() || !d.dive(row) {
				left = append(left, row)
			}
			work.add(d.steps / 4)
			d.steps = 0
		}
		if poor++; len(free)-len(left) >= fewPaths {
			poor = 0
		}
		free = left
	}
}

// approach changes the prices until a free row reaches a free column by arcs
// without reduced cost; false: none ever does.
func (m *assignment) approach(free []int32, work *meter) bool {
	m.epoch += 2
	m.level, m.heap, m.finalized = m.level[:0], m.heap[:0], m.finalized[:0]
	end := int32(-1)
	for _, row := range free {
		if end = m.scan(row, 0, work); end >= 0 {
			return true
		}
	}
	if end = m.onward(end, work); end < 0 {
		return false
	}
	dist := m.dist[end]
	for _, row := range free {
		m.u[row] += dist
	}
	for _, k := range m.finalized {
		m.v[k] -= dist - m.dist[k]
		m.u[m.back[k]] += dist - m.dist[k]
	}
	return true
}

// nearest takes the nearest column whose distance is not final yet, and makes it
// so; -1: there is none.
func (m *assignment) nearest() (j int32, dist int64) {
	for {
		if last := len(m.level) - 1; last >= 0 {
			j = m.level[last]
			m.level = m.level[:last]
			dist = m.dist[j]
		} else if len(m.heap) > 0 {
			at := m.pop()
			j, dist = at.col, at.dist
		} else {
			return -1, 0
		}
		if m.stamp[j] == m.epoch && dist == m.dist[j] {
			m.stamp[j] = m.epoch + 1
			return j, dist
		}
	}
}

// fewPaths is how many paths a phase must find to be worth its work.
const fewPaths = 4

// A diver looks for paths along arcs without reduced cost. What it entered in
// vain it does not enter again in the same phase: no path leads from there to a
// free column, and paths taken elsewhere do not change that.
type diver struct {
	*assignment
	first   []int32 // per row that is no keeper: its arcs without reduced cost, …
	to      []int32 // … which lead to the columns to[first[row]:first[row+1]]
	kept    []int32 // those of the keeper looked at last
	look    []int32 // per row: which of its columns may be the next free one
	seen    []bool  // per column
	rows    []int32 // to be looked at, in this dive
	entered []int32 // columns
	steps   int64   // arcs looked at
}

func newDiver(m *assignment) *diver {
	n := len(m.mate)
	return &diver{assignment: m, first: make([]int32, n+1), to: make([]int32, 0, len(m.col)), look: make([]int32, n), seen: make([]bool, n)}
}

// gather lists the arcs without reduced cost at the beginning of a phase, which
// changes no prices; not those of keepers, which would be too many.
func (d *diver) gather() {
	d.to = d.to[:0]
	for row := range int32(len(d.u)) {
		d.first[row] = int32(len(d.to))
		if d.c.gifts == 0 || !d.keeper(row) {
			d.to = d.tight(row, d.to)
		}
	}
	d.first[len(d.u)] = int32(len(d.to))
	clear(d.look)
	clear(d.seen)
}

// tight appends the columns that a row can have.
func (d *diver) tight(row int32, to []int32) []int32 {
	u, lo, hi := d.u[row], d.lo[row], d.hi[row]
	cols, costs := d.col[lo:hi], d.cost[lo:hi]
	for k, j := range cols {
		if costs[k] == u+d.v[j] && costs[k] != unreached {
			to = append(to, j)
		}
	}
	return to
}

// columns returns the columns that a row can have.
func (d *diver) columns(row int32) []int32 {
	if d.c.gifts > 0 && d.keeper(row) {
		d.steps += int64(d.hi[row] - d.lo[row])
		d.kept = d.tight(row, d.kept[:0])
		return d.kept
	}
	return d.to[d.first[row]:d.first[row+1]]
}

// dive matches a free row, if it finds a free column.
func (d *diver) dive(from int32) bool {
	d.rows, d.entered = append(d.rows[:0], from), d.entered[:0]
	for i := 0; i < len(d.rows); i++ {
		row := d.rows[i]
		cols := d.columns(row)
		if j := d.ahead(row, cols); j >= 0 {
			for _, k := range d.entered {
				d.seen[k] = false
			}
			for {
				d.back[j] = row
				j, d.mate[row] = d.mate[row], j
				if row == from {
					return true
				}
				row = d.via[j]
			}
		}
		d.steps += int64(len(cols))
		for _, j := range cols {
			if !d.seen[j] {
				d.seen[j], d.via[j] = true, row
				d.entered = append(d.entered, j)
				d.rows = append(d.rows, d.back[j])
			}
		}
	}
	return false
}

// ahead returns a free one of a row's columns, or -1.
func (d *diver) ahead(row int32, cols []int32) int32 {
	for k := int(d.look[row]); k < len(cols); k++ {
		if j := cols[k]; d.back[j] < 0 {
			d.look[row] = int32(k)
			return j
		}
	}
	d.look[row] = int32(len(cols))
	return -1
}
