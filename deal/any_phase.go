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
	d := &diver{assignment: m, look: make([]int32, len(m.mate)), seen: make([]bool, len(m.mate))}
	poor := 0 // phases in a row that found few paths
	for phase := 0; phase < maxPhases && poor < 3 && len(free) > 0 && !work.spent(); phase++ {
		if !m.approach(free, work) {
			return
		}
		copy(d.look, m.lo)
		clear(d.seen)
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
	for end < 0 {
		j, dist := m.nearest()
		if j < 0 {
			return false
		}
		if m.back[j] < 0 {
			end = j
			break
		}
		m.finalized = append(m.finalized, j)
		end = m.scan(m.back[j], dist, work)
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
	look    []int32 // per row: the arc to look at next for a free column
	seen    []bool  // per column
	rows    []int32 // to be looked at, in this dive
	entered []int32 // columns
	steps   int64   // arcs looked at
}

// dive matches a free row, if it finds a free column.
func (d *diver) dive(from int32) bool {
	d.rows, d.entered = append(d.rows[:0], from), d.entered[:0]
	for i := 0; i < len(d.rows); i++ {
		row := d.rows[i]
		if j := d.ahead(row); j >= 0 {
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
		u := d.u[row]
		lo, hi := d.lo[row], d.hi[row]
		d.steps += int64(hi - lo)
		cols, costs := d.col[lo:hi], d.cost[lo:hi]
		for k, j := range cols {
			if !d.seen[j] && costs[k] == u+d.v[j] && costs[k] < unreached {
				d.seen[j], d.via[j] = true, row
				d.entered = append(d.entered, j)
				d.rows = append(d.rows, d.back[j])
			}
		}
	}
	return false
}

// ahead returns a free column that a row can have, or -1.
func (d *diver) ahead(row int32) int32 {
	for ; d.look[row] < d.hi[row]; d.look[row]++ {
		k := d.look[row]
		if j := d.col[k]; d.back[j] < 0 && d.cost[k] == d.u[row]+d.v[j] && d.cost[k] < unreached {
			return j
		}
	}
	return -1
}
