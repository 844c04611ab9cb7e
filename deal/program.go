package deal

import "math/bits"

// A program is what is to be proven at one stage: choose among some columns of
// a packing for the greatest sum of gains, where a person who trades at all
// may be worth something too. Its relaxation is an lp whose first columns are
// the rings and whose others say how much each person trades.
type program struct {
	p      *packing
	gain   []int64 // per column of the packing
	person int64   // gain of a person who trades, 0 at the first stage
	served []bool  // per person: trades anyway, gains nothing more; nil: nobody
}

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
}

// most returns the greatest whole gain that total allows.
func (r *relaxed) most() int64 { return r.total / r.scale }

// relax solves the relaxation over cols. start are positions in cols that fit
// together. Where the work runs out the answer is not whole: its bound is true
// but weak.
func (q *program) relax(cols []int32, start []int32, work *meter) *relaxed {
	rowOf, whoOf := q.number(cols)
	l := &lp{work: work}
	l.start = append(l.start, 0)
	var caps []int32
	rows := make([]int32, 0, 32)
	count := int32(0)
	for r, k := range rowOf {
		if k >= 0 {
			rowOf[r] = count
			count++
			caps = append(caps, q.p.cap[r])
		}
	}
	for _, j := range cols {
		rows = rows[:0]
		for _, r := range q.p.rowsOf(j) {
			rows = append(rows, rowOf[r])
		}
		l.column(rows, float64(q.gain[j]))
	}
	if q.person > 0 {
		caps = q.addPeople(l, cols, whoOf, caps)
	}
	l.m = len(caps)
	l.rooms(caps)
	l.begin(start)
	whole := l.solve()
	out := l.certify(caps, len(cols))
	out.whole = whole
	return out
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

// addPeople adds for each person a column "trades", at most 1 and at most the
// sum of the person's rings.
func (q *program) addPeople(l *lp, cols, whoOf, caps []int32) []int32 {
	first := int32(len(caps))
	count := int32(0)
	for u, k := range whoOf {
		if k >= 0 {
			whoOf[u] = first + 2*count
			count++
			caps = append(caps, 0, 1)
		}
	}
	// The ring columns get -1 in the first row of each of their people.
	old := *l
	l.start, l.row, l.val = []int32{0}, nil, nil
	for c, j := range cols {
		l.row = append(l.row, old.row[old.start[c]:old.start[c+1]]...)
		l.val = append(l.val, old.val[old.start[c]:old.start[c+1]]...)
		for _, u := range q.p.whoOf(j) {
			if whoOf[u] >= 0 {
				l.row, l.val = append(l.row, whoOf[u]), append(l.val, -1)
			}
		}
		l.start = append(l.start, int32(len(l.row)))
	}
	for u := range count {
		l.row, l.val = append(l.row, first+2*u, first+2*u+1), append(l.val, 1, 1)
		l.start = append(l.start, int32(len(l.row)))
		l.gain = append(l.gain, float64(q.person))
		l.n++
	}
	return caps
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
		if d > 0 {
			out.total += d
		}
		if j < rings {
			out.reduced[j] = d
			out.x[j] = l.value(j)
		}
	}
	return out
}
