package deal

import "math"

// An lp is a linear program: maximise gain·x where a·x <= room, x >= 0. All
// rooms are 0 or more, so that x = 0 is a start. It is solved by the primal
// simplex method on a sparse basis. Its floating point is only a guide: what
// is claimed from it is computed again in integers by bound.
//
// Products are converted explicitly before they are added: that forbids fused
// multiply-add, so that every machine computes the same.
type lp struct {
	m, n  int
	start []int32 // entries of column j: row[start[j]:start[j+1]]
	row   []int32
	val   []float64
	gain  []float64
	key   []rowKey  // names of the rows
	room  []float64 // disturbed a little against ties

	basis []int32 // variable at each position; n+r is the slack of row r
	place []int32 // position of each variable, -1 outside the basis
	x     []float64
	f     factors
	work  *meter
	cand  []int32
	next  int32 // column that the next look begins with
	dual  []float64
	rho   []float64 // a row of the inverse
	heavy []float64 // reference weight of each variable (Devex, Harris 1973)
	alpha sparse
	dualPart
}

// Tolerances of the simplex method, for data that are small integers.
const (
	tinyPivot = 1e-6
	slip      = 1e-8 // by how much a value may fall below 0
	tinyGain  = 1e-7
	refactor  = 100  // pivots between two factorisations
	disturb   = 1e-4 // of the rooms, against ties: the method stalls without
)

// column appends a column; a row that stands twice counts twice.
func (l *lp) column(rows []int32, gain float64) {
	from := len(l.row)
next:
	for _, r := range rows {
		for k := from; k < len(l.row); k++ {
			if l.row[k] == r {
				l.val[k]++
				continue next
			}
		}
		l.row, l.val = append(l.row, r), append(l.val, 1)
	}
	l.start = append(l.start, int32(len(l.row)))
	l.gain = append(l.gain, gain)
	l.n++
}

// entry appends an entry to the last column.
func (l *lp) entry(r int32, x float64) {
	l.row, l.val = append(l.row, r), append(l.val, x)
	l.start[l.n] = int32(len(l.row))
}

// rooms sets the right-hand side, each row disturbed differently.
func (l *lp) rooms(cap []int32) {
	rng := random(1)
	for _, c := range cap {
		l.room = append(l.room, float64(c)+disturb*float64(rng.below(1<<20)+1<<18)/(1<<20))
	}
}

// begin makes the slacks the basis, then brings in columns that fit together.
func (l *lp) begin(taken []int32) {
	l.begun()
	l.heavy = make([]float64, l.n+l.m)
	for j := range l.heavy {
		l.heavy[j] = 1
	}
	for j := range l.place {
		l.place[j] = -1
	}
	for r := range l.basis {
		l.basis[r], l.place[l.n+r] = int32(l.n+r), int32(r)
	}
	for _, j := range taken {
		best := int32(-1)
		for k := l.start[j]; k < l.start[j+1]; k++ {
			r := l.row[k]
			if l.basis[r] < int32(l.n) || l.val[k] != 1 {
				best = -1
				break
			}
			if best < 0 || l.room[r] < l.room[best] {
				best = r
			}
		}
		if best >= 0 {
			l.place[l.basis[best]] = -1
			l.basis[best], l.place[j] = j, best
		}
	}
	l.invert()
}

// invert factors the basis anew and recomputes the values.
func (l *lp) invert() {
	l.f.factor(l)
	copy(l.x, l.room)
	l.f.forwardDense(l.x)
	// Rounding, or a column that turned out to depend on others, may leave
	// values below 0. The rooms are widened to what makes them 0.
	for p, x := range l.x {
		if x >= 0 {
			continue
		}
		l.x[p] = 0
		v := l.basis[p]
		if v >= int32(l.n) {
			l.room[v-int32(l.n)] -= x
			continue
		}
		for k := l.start[v]; k < l.start[v+1]; k++ {
			l.room[l.row[k]] -= float64(x * l.val[k])
		}
	}
	l.work.add(int64(l.f.size()/8 + l.m/4))
}

// solve runs the simplex method to the end; false: the work ran out.
func (l *lp) solve() bool {
	since := 0
	l.prices()
	for {
		if since >= refactor || l.f.grown() {
			l.invert()
			l.prices()
			since = 0
		}
		j := l.enter()
		if j < 0 {
			if since == 0 {
				return true
			}
			l.invert() // once more with fresh numbers
			l.prices()
			since = 0
			if j = l.enter(); j < 0 {
				return true
			}
		}
		l.load(j)
		l.f.forward(&l.alpha)
		p := l.leave()
		if p < 0 || l.work.spent() {
			return false // unbounded cannot be: only a breakdown looks like it
		}
		l.reprice(j, p)
		l.pivot(j, p)
		since++
	}
}

// reprice changes the duals and the weights of the candidates as the exchange
// of column j with the variable at position p does.
func (l *lp) reprice(j, p int32) {
	clear(l.rho)
	l.rho[p] = 1
	l.f.backward(l.rho)
	l.work.add(int64(l.f.size()/8 + l.m/8))
	pivot := l.alpha.v[p]
	step := l.reduced(j) / pivot
	for r, x := range l.rho {
		if x != 0 {
			l.dual[r] += float64(step * x)
		}
	}
	base := l.heavy[j] / float64(pivot*pivot)
	for _, k := range l.cand {
		if k == j {
			continue
		}
		a := l.along(k)
		if w := float64(a*a) * base; w > l.heavy[k] {
			l.heavy[k] = w
		}
	}
	l.heavy[l.basis[p]] = max(base, 1)
}

// along is the product of rho and column j.
func (l *lp) along(j int32) float64 {
	if j >= int32(l.n) {
		return l.rho[j-int32(l.n)]
	}
	a := 0.0
	for k := l.start[j]; k < l.start[j+1]; k++ {
		a += float64(l.val[k] * l.rho[l.row[k]])
	}
	return a
}

// prices computes the duals of the current basis.
func (l *lp) prices() {
	for p, v := range l.basis {
		l.dual[p] = 0
		if v < int32(l.n) {
			l.dual[p] = l.gain[v]
		}
	}
	l.f.backward(l.dual)
	l.work.add(int64(l.f.size()/8 + l.m/8))
}

// reduced is what a unit of column j would gain at the current prices.
func (l *lp) reduced(j int32) float64 {
	if j >= int32(l.n) {
		return -l.dual[j-int32(l.n)]
	}
	d := l.gain[j]
	for k := l.start[j]; k < l.start[j+1]; k++ {
		d -= float64(l.val[k] * l.dual[l.row[k]])
	}
	return d
}

// candidates is how many promising columns are remembered between two looks
// at the others; a look stops after a part of the columns that held some.
const (
	candidates = 1000
	lookParts  = 24
)

// enter chooses the column that gains most: among the remembered ones, or, if
// none of them gains, among the next part of all; -1 at the optimum.
func (l *lp) enter() int32 {
	if j := l.bestOf(l.cand); j >= 0 {
		return j
	}
	total := int32(l.n + l.m)
	part := max(2000, total/lookParts)
	l.cand = l.cand[:0]
	floor := tinyGain
	for seen := int32(0); seen < total; seen++ {
		if seen%part == 0 && len(l.cand) > 0 {
			break
		}
		j := l.next
		if l.next++; l.next == total {
			l.next = 0
		}
		if l.place[j] >= 0 || l.reduced(j) <= floor {
			continue
		}
		l.cand = append(l.cand, j)
		if len(l.cand) >= 2*candidates {
			floor = l.thin(floor)
		}
	}
	l.work.add(int64(part))
	return l.bestOf(l.cand)
}

// thin keeps the better half of the candidates by raising the floor.
func (l *lp) thin(floor float64) float64 {
	sum := 0.0
	for _, j := range l.cand {
		sum += l.reduced(j)
	}
	if mean := sum / float64(len(l.cand)); mean > floor*1.01 {
		floor = mean
	}
	kept := l.cand[:0]
	for _, j := range l.cand {
		if l.reduced(j) > floor {
			kept = append(kept, j)
		}
	}
	if len(kept) >= 2*candidates-1 || len(kept) == 0 { // all equal
		kept = l.cand[:candidates]
	}
	l.cand = kept
	return floor
}

func (l *lp) bestOf(list []int32) int32 {
	best, at, kept := 0.0, int32(-1), list[:0]
	for _, j := range list {
		if l.place[j] >= 0 {
			continue
		}
		d := l.reduced(j)
		if d <= tinyGain {
			continue
		}
		kept = append(kept, j)
		if g := float64(d*d) / l.heavy[j]; g > best {
			best, at = g, j
		}
	}
	l.work.add(int64(len(list)) / 2)
	l.cand = kept
	return at
}

// load puts column j into alpha.
func (l *lp) load(j int32) {
	l.alpha.clear()
	if j >= int32(l.n) {
		l.alpha.set(j-int32(l.n), 1)
		return
	}
	for k := l.start[j]; k < l.start[j+1]; k++ {
		l.alpha.set(l.row[k], l.val[k])
	}
}

// leave chooses the position that reaches zero first; among near ties the
// largest pivot.
func (l *lp) leave() int32 {
	least := math.Inf(1)
	for _, i := range l.alpha.list {
		if a := l.alpha.v[i]; a > tinyPivot {
			least = min(least, (max(l.x[i], 0)+slip)/a)
		}
	}
	at, pivot := int32(-1), 0.0
	for _, i := range l.alpha.list {
		if a := l.alpha.v[i]; a > tinyPivot && max(l.x[i], 0) <= float64(least*a) && a > pivot {
			at, pivot = i, a
		}
	}
	return at
}

// pivot exchanges the variable at position p for j.
func (l *lp) pivot(j, p int32) {
	step := max(l.x[p], 0) / l.alpha.v[p]
	for _, i := range l.alpha.list {
		l.x[i] -= float64(step * l.alpha.v[i])
	}
	l.x[p] = step
	l.place[l.basis[p]] = -1
	l.basis[p], l.place[j] = j, p
	l.f.push(p, &l.alpha)
	l.work.add(int64(len(l.alpha.list)/4 + 10))
}

// value returns the amount of column j.
func (l *lp) value(j int) float64 {
	if p := l.place[j]; p >= 0 {
		return l.x[p]
	}
	return 0
}
