package deal

import "math"

// The dual simplex method, on an lp whose basis prices all columns as useless
// already: after columns are barred or rows are added, a few exchanges make the
// values fit again. Gains are blurred a little against ties, and lowered where
// rounding made a variable attractive: what is claimed is computed from the
// true ones, see certify.

const (
	dualSlip  = 1e-7 // by how much a value may be outside before it is put right
	dualMost  = 5000 // exchanges of one call; more only when numbers have broken down
	dualFresh = 64   // exchanges between two factorisations
	blurGain  = 2e-5 // of a gain
)

// A dualPart is what the dual method keeps besides.
type dualPart struct {
	barred  []bool    // of each column: it must be 0
	d       []float64 // what a unit of each variable would gain; 0 or less outside the basis
	base    []float64 // the gains, blurred
	lowered []float64 // the same, lowered since the last factorisation
	weight  []float64 // of each position (dual Devex)

	rowStart []int32 // the matrix by rows
	rowCol   []int32
	rowVal   []float64

	across  []float64 // a row of the tableau, by variable
	touched []int32   // the variables in it
	in      []bool
	since   int // exchanges since the last factorisation
}

// begun makes room for a basis.
func (l *lp) begun() {
	l.basis, l.place = make([]int32, l.m), make([]int32, l.n+l.m)
	l.x, l.dual, l.rho = make([]float64, l.m), make([]float64, l.m), make([]float64, l.m)
	l.alpha.grow(l.m)
}

// exact prepares the dual method. names blur the first columns the same in
// every lp that they are part of.
func (l *lp) exact(caps, names []int32) {
	total := l.n + l.m
	q := &l.dualPart
	q.barred, q.in = make([]bool, total), make([]bool, total)
	q.d, q.across, q.base = make([]float64, total), make([]float64, total), make([]float64, total)
	q.weight = make([]float64, l.m)
	for p := range q.weight {
		q.weight[p] = 1
	}
	for j, g := range l.gain {
		seed := random(j)
		if j < len(names) {
			seed = random(names[j])
		}
		q.base[j] = g - float64(blurGain*max(g, 1)*float64(seed.below(1<<20)))/(1<<20)
	}
	q.lowered = append([]float64(nil), q.base...)
	l.room = l.room[:0]
	for _, c := range caps {
		l.room = append(l.room, float64(c))
	}
	l.byRows()
}

// byRows turns the matrix.
func (l *lp) byRows() {
	q := &l.dualPart
	q.rowStart = make([]int32, l.m+1)
	for _, r := range l.row {
		q.rowStart[r+1]++
	}
	for r := range l.m {
		q.rowStart[r+1] += q.rowStart[r]
	}
	next := append([]int32(nil), q.rowStart[:l.m]...)
	q.rowCol, q.rowVal = make([]int32, len(l.row)), make([]float64, len(l.row))
	for j := range l.n {
		for k := l.start[j]; k < l.start[j+1]; k++ {
			r := l.row[k]
			q.rowCol[next[r]], q.rowVal[next[r]] = int32(j), l.val[k]
			next[r]++
		}
	}
}

// renew factors the basis, and computes values and prices from it.
func (l *lp) renew() {
	q := &l.dualPart
	l.f.factor(l)
	copy(l.x, l.room)
	l.f.forwardDense(l.x)
	copy(q.lowered, q.base)
	l.settlePrices()
	for v := range int32(l.n + l.m) {
		if q.d[v] = 0; l.place[v] >= 0 {
			continue
		}
		if q.d[v] = q.lowered[v]; v >= int32(l.n) {
			q.d[v] -= l.dual[v-int32(l.n)]
		} else {
			for k := l.start[v]; k < l.start[v+1]; k++ {
				q.d[v] -= float64(l.val[k] * l.dual[l.row[k]])
			}
		}
		if v >= int32(l.n) || !q.barred[v] {
			q.lower(v)
		}
	}
	q.since = 0
	l.work.add(int64(l.f.size()/4 + l.m/2 + len(l.row)/8))
}

// lower makes a variable outside the basis no longer attractive.
func (q *dualPart) lower(v int32) {
	if q.d[v] > 0 {
		q.lowered[v] -= q.d[v]
		q.d[v] = 0
	}
}

// settlePrices computes the duals of the basis.
func (l *lp) settlePrices() {
	for p, v := range l.basis {
		l.dual[p] = l.lowered[v]
	}
	l.f.backward(l.dual)
}

// refit exchanges until every value is within its bounds; false: the work ran
// out, or the numbers broke down.
func (l *lp) refit() bool {
	q := &l.dualPart
	for range dualMost {
		if q.since >= dualFresh || l.f.grown() {
			l.renew()
		}
		p, side := l.worst()
		if p < 0 {
			return true
		}
		if l.work.spent() {
			return false
		}
		clear(l.rho)
		l.rho[p] = 1
		l.f.backward(l.rho)
		l.tableau()
		j := l.ratio(side)
		if j < 0 {
			if q.since == 0 {
				return false
			}
			l.renew() // once more with fresh numbers
			continue
		}
		l.load(j)
		l.f.forward(&l.alpha)
		l.exchange(j, p)
	}
	return false
}

// worst chooses the position that is outside by most, and on which side: +1
// below 0, -1 above it though it is barred.
func (l *lp) worst() (at int32, side float64) {
	at = -1
	most := 0.0
	for p, x := range l.x {
		s := 1.0
		switch {
		case x < -dualSlip:
		case x > dualSlip && l.basis[p] < int32(l.n) && l.barred[l.basis[p]]:
			s = -1
		default:
			continue
		}
		if w := float64(x*x) / l.weight[p]; w > most {
			most, at, side = w, int32(p), s
		}
	}
	l.work.add(int64(l.m / 16))
	return at, side
}

// tableau computes the row of the tableau that rho stands for.
func (l *lp) tableau() {
	q := &l.dualPart
	for _, j := range q.touched {
		q.across[j], q.in[j] = 0, false
	}
	q.touched = q.touched[:0]
	n := int32(0)
	for r, y := range l.rho {
		if y < 1e-12 && y > -1e-12 {
			continue
		}
		if v := int32(l.n + r); l.place[v] < 0 {
			q.across[v], q.in[v] = y, true
			q.touched = append(q.touched, v)
		}
		lo, hi := q.rowStart[r], q.rowStart[r+1]
		n += hi - lo
		for k := lo; k < hi; k++ {
			j := q.rowCol[k]
			if q.barred[j] || l.place[j] >= 0 {
				continue
			}
			if !q.in[j] {
				q.in[j] = true
				q.touched = append(q.touched, j)
			}
			q.across[j] += float64(y * q.rowVal[k])
		}
	}
	l.work.add(int64(n/8) + int64(l.f.size()/8+l.m/16))
}

// ratio chooses the variable that becomes worth taking first; among near ties
// the largest pivot (Harris 1973).
func (l *lp) ratio(side float64) int32 {
	q := &l.dualPart
	least := math.Inf(1)
	for _, j := range q.touched {
		if a := side * q.across[j]; a < -tinyPivot {
			least = min(least, (min(q.d[j], 0)-1e-8)/a)
		}
	}
	at, pivot := int32(-1), 0.0
	for _, j := range q.touched {
		if a := side * q.across[j]; a < -tinyPivot && min(q.d[j], 0)/a <= least && -a > pivot {
			at, pivot = j, -a
		}
	}
	return at
}

// exchange brings j into the basis at position p.
func (l *lp) exchange(j, p int32) {
	q := &l.dualPart
	q.lower(j)
	step := q.d[j] / q.across[j]
	for _, k := range q.touched {
		q.d[k] -= float64(step * q.across[k])
		q.lower(k)
	}
	out, pivot := l.basis[p], l.alpha.v[p]
	q.d[j], q.d[out] = 0, -step
	t, w := l.x[p]/pivot, q.weight[p]
	for _, i := range l.alpha.list {
		a := l.alpha.v[i]
		l.x[i] -= float64(t * a)
		if r := a / pivot; i != p {
			q.weight[i] = max(q.weight[i], float64(r*r)*w)
		}
	}
	q.weight[p] = max(w/float64(pivot*pivot), 1)
	l.x[p] = t
	l.place[out] = -1
	l.basis[p], l.place[j] = j, p
	l.f.push(p, &l.alpha)
	q.since++
	l.work.add(int64(len(l.alpha.list)/4 + len(q.touched)/4 + 10))
}
