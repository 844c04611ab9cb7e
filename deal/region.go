package deal

import (
	"slices"

	"sxp/deal/internal/random"
)

// A mender improves a choice region by region: it frees the rings around a
// random offer and solves that part exactly (a large neighbourhood search,
// Shaw 1998). Gains are disturbed a little each time, so that among equal
// answers it moves on instead of standing still.
type mender struct {
	q      program
	worthy func(gain int64) []int32
	cols   []int32 // what a better choice may hold, the most promising first
	allow  []bool
	now    *choice
	rng    random.Source
	work   *meter
	rings  int // size of a region
	best   int64
	top    []int32
}

const (
	regionRings = 12        // rings freed at first
	regionWork  = 2_000_000 // work on one region at most
	maxIdle     = 1000      // regions in a row that hold nothing to free
	regionCols  = 1000      // the fewest columns that a region chooses among
)

// mend improves known until the gain reaches the bound or the work is spent.
// worthy returns the columns that a choice of at least some gain may hold, the
// most promising first where it knows.
func (q *program) mend(worthy func(int64) []int32, known []int32, bound int64, seed uint64, work *meter) []int32 {
	m := &mender{q: *q, worthy: worthy, now: newChoice(q.p), rng: random.Source(seed), work: work,
		rings: regionRings, best: q.worth(known), top: known}
	for _, j := range known {
		m.now.put(j)
	}
	m.narrow()
	current := m.best
	for idle := 0; m.best < bound && idle < maxIdle && !work.spent(); idle++ {
		freed := m.region()
		if len(freed) == 0 {
			continue
		}
		idle = 0
		current += m.settle(freed)
		if current > m.best {
			m.best, m.top = current, m.now.chosen()
			if m.now.value.Compare(m.work.now.Best, m.q.goals) > 0 { // it may have begun below
				m.work.now.Best = m.now.value
			}
			m.narrow()
		}
	}
	return m.top
}

// narrow leaves out the columns that nothing better can hold.
func (m *mender) narrow() {
	m.cols = m.worthy(m.best + 1)
	m.allow = make([]bool, m.q.p.len())
	for _, j := range m.cols {
		m.allow[j] = true
	}
	for _, j := range m.now.chosen() {
		m.allow[j] = true
	}
}

// region picks rings that lie near each other, starting from an offer that is
// left over or, now and then, from any.
func (m *mender) region() []int32 {
	p := m.q.p
	start := int32(m.rng.Below(p.offers))
	if len(m.now.open) > 0 && m.rng.Below(4) > 0 {
		start = m.now.open[m.rng.Below(len(m.now.open))]
	}
	rows, freed := []int32{start}, []int32(nil)
	seen := make(map[int32]bool)
	for tries := 0; len(freed) < m.rings && tries < 40*m.rings && len(rows) > 0; tries++ {
		m.work.add(8)
		cols := p.colsOf(rows[m.rng.Below(len(rows))])
		j := cols[m.rng.Below(len(cols))]
		if !m.allow[j] || seen[j] {
			continue
		}
		seen[j] = true
		for _, h := range m.now.conflicts(j) {
			if !slices.Contains(freed, h) {
				freed = append(freed, h)
				rows = append(rows, p.rowsOf(h)...)
			}
		}
	}
	return freed
}

// settle solves the part that the freed rings leave room for and returns by
// how much the gain grew.
func (m *mender) settle(freed []int32) int64 {
	for _, j := range freed {
		m.now.drop(j)
	}
	some := len(m.cols)
	for m.rng.Below(4) > 0 && some > regionCols {
		some /= 2
	}
	part := slices.Clone(freed)
	for _, j := range m.cols[:some] {
		if !m.now.in[j] && len(m.now.conflicts(j)) == 0 {
			part = append(part, j)
		}
	}
	m.work.add(int64(some))
	slices.Sort(part)
	part = slices.Compact(part)
	slices.Sort(freed)
	q := m.disturbed(part, len(freed))
	v := &prover{q: q, work: m.work}
	v.know(freed)
	before := m.work.done
	whole := false
	m.work.within(regionWork, func() { whole = v.node(part, freed) })
	if spent := m.work.done - before; whole && spent < regionWork/4 {
		m.rings = min(m.rings+1, 200)
	} else if !whole {
		m.rings = max(m.rings-1, 4)
	}
	q.gain = m.q.gain
	q.person = m.q.person
	gained := q.worth(v.known) - q.worth(freed)
	if gained < 0 {
		v.known, gained = freed, 0
	}
	for _, j := range v.known {
		m.now.put(j)
	}
	return gained
}

// disturbed is the program of a part: other rings use up capacities, persons whom
// they serve gain nothing, and each gain is stretched and blurred below its unit.
func (m *mender) disturbed(part []int32, freed int) program {
	q := m.q
	stretch := int64(8 * (freed + 4))
	q.person *= stretch
	q.gain = make([]int64, q.p.len())
	for _, j := range part {
		q.gain[j] = m.q.gain[j]*stretch + int64(m.rng.Below(6))
	}
	q.taken, q.given = m.now, nil
	return q
}
