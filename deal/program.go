package deal

import (
	"math/bits"

	"sxp/deal/internal/simplex"
)

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

// A model is the relaxation over some columns of a packing, and where it
// stands. Its first columns are the rings, the others say how much each person
// trades.
type model struct {
	*simplex.Problem
	key  []rowKey // names of the rows
	caps []int32  // and their rooms
}

// add appends a row.
func (l *model) add(cap int32, key rowKey) int32 {
	l.caps, l.key = append(l.caps, cap), append(l.key, key)
	return l.AddRow(float64(cap))
}

// relax solves the relaxation over cols. start are positions in cols that fit
// together. Where the work runs out the answer is not whole: its bound is true
// but weak.
func (q *program) relax(cols []int32, start []int32, work *meter) *relaxed {
	l := q.model(cols, work)
	l.Start(start)
	whole := l.Primal() == simplex.Optimal
	out := l.certify(len(cols))
	out.whole = whole
	out.basis = l.keep(cols)
	return out
}

// model writes the relaxation over cols; its rows are the resources, the
// people, the cuts, in this order.
func (q *program) model(cols []int32, work *meter) *model {
	rowOf, whoOf := q.number(cols)
	l := &model{Problem: simplex.New(work)}
	for r, k := range rowOf {
		if k >= 0 {
			rowOf[r] = l.add(q.p.cap[r], rowKey{rowResource, 0, int32(r)})
		}
	}
	for u, k := range whoOf {
		if k >= 0 && q.person > 0 {
			whoOf[u] = l.add(0, rowKey{rowPerson, 0, int32(u)})
			l.add(1, rowKey{rowPerson, 1, int32(u)})
		} else {
			whoOf[u] = -1
		}
	}
	first := int32(l.Rows())
	for _, c := range q.cuts {
		l.add(c.room, rowKey{rowCut, 0, c.id})
	}
	of, times := q.cutsOf(), make([]int8, len(q.cuts))
	rows, vals := make([]int32, 0, 32), make([]float64, 0, 32)
	for _, j := range cols {
		rows, vals = rows[:0], vals[:0]
		for _, r := range q.p.rowsOf(j) {
			rows = append(rows, rowOf[r])
		}
		rows = q.inCuts(rows, j, of, times, first)
		for range rows {
			vals = append(vals, 1)
		}
		for _, u := range q.p.whoOf(j) {
			if whoOf[u] >= 0 {
				rows, vals = append(rows, whoOf[u]), append(vals, -1)
			}
		}
		l.AddColumn(float64(q.gain[j]), rows, vals)
	}
	// A column for each person, "trades": at most 1 and at most the sum of the person's rings.
	for _, r := range whoOf {
		if r >= 0 {
			l.AddColumn(float64(q.person), []int32{r, r + 1}, nil)
		}
	}
	return l
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
func (l *model) certify(rings int) *relaxed {
	most := 1.0
	for j := range l.Columns() {
		most += l.Gain(int32(j))
	}
	scale := int64(1) << min(32, max(0, 58-bits.Len64(uint64(most))))
	dual := make([]int64, l.Rows())
	for r := range dual {
		if d := l.Price(int32(r)); d > 0 {
			dual[r] = int64(float64(d*float64(scale))) + 2
		}
	}
	out := &relaxed{scale: scale, reduced: make([]int64, rings), x: make([]float64, rings)}
	for r, c := range l.caps {
		out.total += int64(c) * dual[r]
	}
	for j := range int32(l.Columns()) {
		d := int64(l.Gain(j)) * scale
		rows, vals := l.Column(j)
		for k, r := range rows {
			d -= int64(vals[k]) * dual[r]
		}
		if d > 0 && l.Upper(j) > 0 {
			out.total += d
		}
		if int(j) < rings {
			out.reduced[j] = d
			out.x[j] = l.X(j)
		}
	}
	return out
}
