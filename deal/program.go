package deal

import "math/bits"

// A program is what is to be proven at one stage: choose among some columns of
// a packing for the greatest sum of gains, where a person who trades at all
// may be worth something too. Its relaxation is an lp whose first columns are
// the rings and whose others say how much each person trades.
type program struct {
	p       *packing
	gain    []int64 // per column of the packing
	person  int64   // gain of a person who trades, 0 at the first stage
	served  []bool  // per person: trades anyway, gains nothing more; nil: nobody
	cuts    []cut   // what the relaxation obeys besides the capacities
	lastCut int32   // the highest id of a cut so far
}

// A rowKey names a row of a relaxation: a resource, a cut, or one of the two
// rows of a person (part 0 and 1).
type rowKey struct {
	kind, part byte
	id         int32
}

const (
	rowResource = iota
	rowCut
	rowPerson
)

// worth is what a choice gains.
func (q *program) worth(cols []int32) int64 {
	g := int64(0)
	seen := make(map[int32]bool)
	for _, j := range cols {
		g += q.gain[j]
		if q.person == 0 {
			continue
		}
		for _, u := range q.p.whoOf(j) {
			if !seen[u] && (q.served == nil || !q.served[u]) {
				seen[u] = true
				g += q.person
			}
		}
	}
	return g
}

// A relaxed is the answer of the relaxation over some columns, in integers.
type relaxed struct {
	scale   int64
	total   int64   // no choice gains more than total/scale
	reduced []int64 // per given column: what taking it would add to total, ≤ 0 where useless
	x       []float64
	whole   bool
	basis   *basis // where another relaxation can go on
}

// most returns the greatest whole gain that total allows.
func (r *relaxed) most() int64 { return r.total / r.scale }

// relax solves the relaxation over cols. start are positions in cols that fit
// together. Where the work runs out the answer is not whole: its bound is true
// but weak.
func (q *program) relax(cols []int32, start []int32, work *meter) *relaxed {
	l, caps := q.model(cols, work)
	l.rooms(caps)
	l.begin(start)
	whole := l.solve()
	out := l.certify(caps, len(cols))
	out.whole = whole
	out.basis = l.keep(cols)
	return out
}

// model writes the relaxation over cols, and the capacities of its rows: the
// resources, the people, the cuts, in this order.
func (q *program) model(cols []int32, work *meter) (l *lp, caps []int32) {
	rowOf, whoOf := q.number(cols)
	l = &lp{work: work, start: []int32{0}}
	add := func(cap int32, key rowKey) int32 {
		caps, l.key = append(caps, cap), append(l.key, key)
		return int32(len(caps)) - 1
	}
	for r, k := range rowOf {
		if k >= 0 {
			rowOf[r] = add(q.p.cap[r], rowKey{rowResource, 0, int32(r)})
		}
	}
	for u, k := range whoOf {
		if k >= 0 && q.person > 0 {
			whoOf[u] = add(0, rowKey{rowPerson, 0, int32(u)})
			add(1, rowKey{rowPerson, 1, int32(u)})
		} else {
			whoOf[u] = -1
		}
	}
	first := int32(len(caps))
	for _, c := range q.cuts {
		add(c.room, rowKey{rowCut, 0, c.id})
	}
	l.m = len(caps)
	of, times := q.cutsOf(), make([]int8, len(q.cuts))
	rows := make([]int32, 0, 32)
	for _, j := range cols {
		rows = rows[:0]
		for _, r := range q.p.rowsOf(j) {
			rows = append(rows, rowOf[r])
		}
		l.column(q.inCuts(rows, j, of, times, first), float64(q.gain[j]))
		for _, u := range q.p.whoOf(j) {
			if whoOf[u] >= 0 {
				l.entry(whoOf[u], -1)
			}
		}
	}
	// A column for each person, "trades": at most 1 and at most the sum of the person's rings.
	for _, r := range whoOf {
		if r >= 0 {
			l.column([]int32{r, r + 1}, float64(q.person))
		}
	}
	return l, caps
}

// number finds which rows and people the columns touch: 0 where they do, else -1.
func (q *program) number(cols []int32) (rowOf, whoOf []int32) {
	rowOf, whoOf = make([]int32, len(q.p.cap)), make([]int32, q.p.people)
	for r := range rowOf {
		rowOf[r] = -1
	}
	for u := range whoOf {
		whoOf[u] = -1
	}
	for _, j := range cols {
		for _, r := range q.p.rowsOf(j) {
			rowOf[r] = 0
		}
		for _, u := range q.p.whoOf(j) {
			if q.served == nil || !q.served[u] {
				whoOf[u] = 0
			}
		}
	}
	return rowOf, whoOf
}

// certify turns the duals into integers and computes from them a bound that
// holds whatever rounding did: for any duals of 0 or more, the rooms times the
// duals plus what columns gain beyond the duals of their rows is enough for
// every choice (weak duality; every column is taken at most once).
func (l *lp) certify(caps []int32, rings int) *relaxed {
	most := 1.0
	for j := range l.gain {
		most += l.gain[j]
	}
	scale := int64(1) << min(32, max(0, 58-bits.Len64(uint64(most))))
	dual := make([]int64, l.m)
	for r, d := range l.dual {
		if d > 0 {
			dual[r] = int64(float64(d*float64(scale))) + 2
		}
	}
	out := &relaxed{scale: scale, reduced: make([]int64, rings), x: make([]float64, rings)}
	for r, c := range caps {
		out.total += int64(c) * dual[r]
	}
	for j := range l.n {
		d := int64(l.gain[j]) * scale
		for k := l.start[j]; k < l.start[j+1]; k++ {
			d -= int64(l.val[k]) * dual[l.row[k]]
		}
		if d > 0 && (l.barred == nil || !l.barred[j]) {
			out.total += d
		}
		if j < rings {
			out.reduced[j] = d
			out.x[j] = l.value(j)
		}
	}
	return out
}
