package deal

import (
	"math"
	"math/bits"

	"sxp/deal/internal/simplex"
)

// A program is what is to be proven at one stage: choose among some columns of
// a packing for the greatest sum of gains, where a person who trades at all
// may be worth something too. Its relaxation is a linear program whose first
// columns are the rings and whose others say how much each person trades.
type program struct {
	p       *packing
	goals   []Goal  // that the gains measure, most important first …
	weight  []int64 // … and what a unit of each counts
	gain    []int64 // per column of the packing
	person  int64   // gain of a person who trades, 0 where that is no goal
	given   []given // earlier goals that are proven
	reach   float64 // what a walk may gain or lose, whoever computes that
	taken   *choice // columns outside the program that use up capacities; nil: none
	cuts    []cut   // what the relaxation obeys besides the capacities
	lastCut int32   // the highest id of a cut so far
}

// A given is a goal of which no choice has more than a value: a row of the
// relaxation, which may stray above.
type given struct {
	goal  Goal
	place int // among the goals
	most  int64
}

// A rowKey names a row of a relaxation: a resource, a cut, one of the two rows
// of a person (part 0 and 1), a limit or a given goal.
type rowKey struct {
	kind, part byte
	id         int32
}

const (
	rowResource = iota
	rowCut
	rowPerson
	rowLimit // divided by what it allows: its room is 1, what columns weigh are parts of it
	rowGiven
	rowTaken // a column that is taken for good; its room is -1, or 0 where it is free again
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
			if !seen[u] && !q.served(u) {
				seen[u] = true
				g += q.person
			}
		}
	}
	return g
}

// served reports whether a person trades outside the program anyway.
func (q *program) served(u int32) bool { return q.taken != nil && q.taken.times[u] > 0 }

// room is what columns of the program may use of a resource.
func (q *program) room(r int32) int32 {
	if q.taken != nil {
		return q.p.cap[r] - q.taken.used[r]
	}
	return q.p.cap[r]
}

// bears is what columns of the program may weigh on a limit.
func (q *program) bears(l int32) int64 {
	if q.taken != nil {
		return q.p.most[l] - q.taken.weight[l]
	}
	return q.p.most[l]
}

// A relaxed is the answer of the relaxation over some columns, in integers.
type relaxed struct {
	scale   int64
	total   int64    // no choice gains more than total/scale
	reduced []int64  // per given column: what taking it would add to total, 0 at most
	price   []int64  // per row
	key     []rowKey // of the rows
	x       []float64
	whole   bool
	basis   *basis // where another relaxation can go on
}

// most returns the greatest whole gain that total allows.
func (r *relaxed) most() int64 {
	q := r.total / r.scale
	if r.total%r.scale < 0 {
		q--
	}
	return q
}

// A model is the relaxation over some columns of a packing, and where it
// stands. Its first columns are the rings, the others say how much each person
// trades.
type model struct {
	*simplex.Problem
	q    *program
	cols []int32
	key  []rowKey // names of the rows
	caps []int64  // and their rooms
	unit float64  // gains are divided by it

	limits int32  // the row of the first limit
	has    []bool // scratch of extend, per resource
}

// add appends a row.
func (l *model) add(cap int64, key rowKey) int32 {
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
	if whole && l.unit > 1 {
		l.Solve()
	}
	out := l.certify()
	out.whole = whole
	out.basis = l.keep(cols)
	return out
}

// largestGain is what the simplex method should see at most.
const largestGain = 1 << 13

// model writes the relaxation over cols; its rows are the resources, the
// people, the limits, the given goals and the cuts, in this order.
func (q *program) model(cols []int32, work *meter) *model {
	rowOf, whoOf := q.number(cols)
	l := &model{Problem: simplex.New(work), q: q, cols: cols, unit: 1}
	for _, j := range cols {
		l.unit = max(l.unit, float64(max(q.gain[j], -q.gain[j], q.person))/largestGain)
	}
	for r, k := range rowOf {
		if k >= 0 {
			rowOf[r] = l.add(int64(q.room(int32(r))), rowKey{rowResource, 0, int32(r)})
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
	l.limits = int32(l.Rows())
	for k := range q.p.most {
		l.add(1, rowKey{rowLimit, 0, int32(k)})
	}
	first := int32(l.Rows())
	for k, g := range q.given {
		l.add(g.most, rowKey{rowGiven, 0, int32(k)})
	}
	q.columns(l, rowOf, whoOf, first)
	// A column for each person, "trades": at most 1 and at most the sum of the person's rings.
	for _, r := range whoOf {
		if r < 0 {
			continue
		}
		rows := []int32{r, r + 1}
		for k, g := range q.given {
			if g.goal == People {
				rows = append(rows, first+int32(k))
			}
		}
		l.AddColumn(float64(q.person)/l.unit, rows, nil)
	}
	return l
}

// columns writes the rings, and the rows of the cuts.
func (q *program) columns(l *model, rowOf, whoOf []int32, given int32) {
	first := int32(l.Rows())
	for _, c := range q.cuts {
		l.add(int64(c.room), rowKey{rowCut, 0, c.id})
	}
	of, times := q.cutsOf(), make([]int8, len(q.cuts))
	rows, vals := make([]int32, 0, 32), make([]float64, 0, 32)
	for _, j := range l.cols {
		rows, vals = rows[:0], vals[:0]
		for _, r := range q.p.rowsOf(j) {
			rows = append(rows, rowOf[r])
		}
		rows = q.inCuts(rows, j, of, times, first)
		for range rows {
			vals = append(vals, 1)
		}
		for _, w := range q.p.loadsOf(j) {
			// A column that is heavier than what is left is never taken with the others.
			part := min(float64(w.weight)/float64(max(q.bears(w.limit), 1)), 2)
			rows, vals = append(rows, l.limits+w.limit), append(vals, part)
		}
		for k, g := range q.given {
			if g.goal == Items {
				rows, vals = append(rows, given+int32(k)), append(vals, float64(q.p.items[j]))
			}
		}
		for _, u := range q.p.whoOf(j) {
			if whoOf[u] >= 0 {
				rows, vals = append(rows, whoOf[u]), append(vals, -1)
			}
		}
		l.AddColumn(float64(q.gain[j])/l.unit, rows, vals)
	}
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
			if !q.served(u) {
				whoOf[u] = 0
			}
		}
	}
	return rowOf, whoOf
}

// certify turns the duals into integers and computes from them a bound that
// holds whatever rounding did (weak duality): for any duals of 0 or more that
// leave no column a surplus, the rooms times the duals are enough for every
// choice. Where a column has a surplus, the dual of one of its rows is raised.
func (l *model) certify() *relaxed {
	out := &relaxed{scale: l.scale(), reduced: make([]int64, len(l.cols)), x: make([]float64, len(l.cols)),
		price: make([]int64, l.Rows()), key: l.key}
	for r := range out.price {
		if d := l.Price(int32(r)); d > 0 && (l.key[r].kind != rowTaken || l.caps[r] < 0) {
			out.price[r] = int64(float64(d*l.unit) * float64(out.scale))
			if k := l.key[r].kind; k != rowGiven && k != rowTaken {
				out.price[r] += 2
			}
		}
		if k := l.key[r]; k.kind == rowPerson && k.part == 0 {
			out.price[r] = min(out.price[r], l.q.person*out.scale)
		}
	}
	for j := range int32(l.Columns()) {
		d := l.surplus(j, out)
		if d > 0 && l.Upper(j) > 0 {
			l.raise(j, d, out) // never gives another column a surplus
			d = 0
		}
		if int(j) < len(l.cols) {
			out.reduced[j], out.x[j] = d, l.X(j)
		}
	}
	for r, c := range l.caps {
		out.total += c * out.price[r]
	}
	return out
}

// scale is how many units a gain of 1 is worth in integers: as many as leave
// the sums room in an int64.
func (l *model) scale() int64 {
	sum := max(float64(l.q.person*int64(l.q.p.people))+1, l.q.reach)
	for r, c := range l.caps {
		if d := l.Price(int32(r)); d > 0 && c > 0 {
			sum += float64(d*l.unit) * float64(c)
		}
	}
	for j := range int32(l.Columns()) {
		sum = max(sum, math.Abs(l.Gain(j)*l.unit))
		if d := l.Reduced(j); d > 0 && l.Upper(j) > 0 {
			sum += float64(d * l.unit)
		}
	}
	return int64(1) << min(32, max(0, 59-bits.Len64(uint64(min(sum, 1<<60)))))
}

// surplus is what a column gains beyond the prices of its rows.
func (l *model) surplus(j int32, out *relaxed) int64 {
	rows, vals := l.Column(j)
	var d int64
	if int(j) >= len(l.cols) {
		d = l.q.person * out.scale
	} else {
		d = l.q.gain[l.cols[j]] * out.scale
		for _, w := range l.q.p.loadsOf(l.cols[j]) {
			d -= part(out.price[l.limits+w.limit], w.weight, l.q.bears(w.limit))
		}
	}
	for k, r := range rows {
		if l.key[r].kind != rowLimit {
			d -= int64(vals[k]) * out.price[r]
		}
	}
	return d
}

// raise adds a surplus to the price of the scarcest row of a column.
func (l *model) raise(j int32, surplus int64, out *relaxed) {
	rows, vals := l.Column(j)
	best := int32(-1)
	for k, r := range rows {
		kind := l.key[r].kind
		own := kind == rowResource || kind == rowPerson && l.key[r].part == 1
		if own && vals[k] >= 1 && (best < 0 || l.caps[r] < l.caps[best]) {
			best = r
		}
	}
	out.price[best] += surplus
}

// part is price·weight/most, rounded down; where weight is more than most, it
// is as if it were most.
func part(price, weight, most int64) int64 {
	if weight >= most {
		return price
	}
	hi, lo := bits.Mul64(uint64(price), uint64(weight))
	q, _ := bits.Div64(hi, lo, uint64(most))
	return int64(q)
}
