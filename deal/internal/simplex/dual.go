package simplex

import "math"

// The dual simplex method, on a basis whose prices call no column attractive:
// after columns are barred or rows are added, a few exchanges make the values
// fit again. Gains are blurred a little against ties, and lowered where
// rounding made a variable attractive.

const (
	dualSlip  = 1e-7 // by how much a value may be outside before it is put right
	dualMost  = 5000 // exchanges of one call and 1/4 row; more only when numbers have broken down
	dualFresh = 64   // exchanges between two factorisations
	blurGain  = 2e-5 // of a gain
	sleepGain = 2e-5 // what a column that sleeps may gain
	regret    = 1e-4 // of a gain: what a column may gain beyond the prices in the end

	mostRegrets = 6 // rounds of one call in which the primal method mends that

	mostWeight = 1e8 // a new frame of reference begins where a weight has grown so far
)

// A dualPart is what the dual method keeps besides.
type dualPart struct {
	d       []float64 // what a unit more of each variable would gain; 0 in the basis
	base    []float64 // the gains, blurred
	lowered []float64 // the same, changed since the last factorisation so that no d is attractive
	weight  []float64 // of each position (dual Devex)

	rowStart []int32 // the matrix by rows
	rowCol   []int32
	rowVal   []float64

	across  []float64 // a row of the tableau, by variable
	touched []int32   // the variables in it
	in      []bool
	since   int // exchanges since the last factorisation
	value   float64
}

// Dual goes on by the dual method. Columns that are attractive at the start
// are made unattractive by changing their gains a little: what is optimal is
// then so only for these gains, and Price for them too. Use Solve, or Primal
// first, where there are such.
func (p *Problem) Dual() Status {
	p.lay()
	if p.d == nil {
		p.ready()
	}
	if p.n < allAwake*p.m {
		for j := range int32(p.n) {
			p.rouse(j)
		}
	}
	for round := 0; ; round++ {
		if p.stale {
			p.blurred()
			p.renew()
			p.stale = false
			if round == 0 {
				p.lull()
			}
		}
		s := p.refit()
		p.settlePrices()
		if s != Optimal || !p.wake(p.base, sleepGain) && (round >= mostRegrets || !p.regrets()) {
			return s
		}
		if s := p.Primal(); s != Optimal {
			p.stale = true
			return s
		}
	}
}

// regrets reports whether gains were lowered so much that the prices are no
// longer near the true ones.
func (p *Problem) regrets() bool {
	p.work.Add(int64(len(p.rowCol)/8 + len(p.awake)/8))
	for _, v := range p.awake {
		if p.place[v] < 0 && p.worth(v) > regret*max(p.gain[v], 1) {
			return true
		}
	}
	for r, d := range p.dual {
		if d < -regret && p.place[p.n+r] < 0 {
			return true
		}
	}
	return false
}

// ready makes what the dual method keeps.
func (p *Problem) ready() {
	total := p.n + p.m
	q := &p.dualPart
	q.in = make([]bool, total)
	q.d, q.across, q.base = make([]float64, total), make([]float64, total), make([]float64, total)
	q.lowered = make([]float64, total)
	q.weight = make([]float64, p.m)
	for k := range q.weight {
		q.weight[k] = 1
	}
	p.stale = true
}

// blurred sets the gains to begin with.
func (p *Problem) blurred() {
	for j, g := range p.gain {
		p.base[j] = g - float64(blurGain*max(g, 1)*of(p.seed[j]))
	}
}

// byRows turns the part of the matrix that is awake.
func (p *Problem) byRows() {
	q := &p.dualPart
	q.rowStart = make([]int32, p.m+1)
	n := int32(0)
	for _, j := range p.awake {
		for _, r := range p.row[p.start[j]:p.start[j+1]] {
			q.rowStart[r+1]++
			n++
		}
	}
	for r := range p.m {
		q.rowStart[r+1] += q.rowStart[r]
	}
	next := append([]int32(nil), q.rowStart[:p.m]...)
	q.rowCol, q.rowVal = make([]int32, n), make([]float64, n)
	for _, j := range p.awake {
		for k := p.start[j]; k < p.start[j+1]; k++ {
			r := p.row[k]
			q.rowCol[next[r]], q.rowVal[next[r]] = j, p.val[k]
			next[r]++
		}
	}
	p.work.Add(int64(n / 4))
}

// renew factors the basis, and computes values and prices from it.
func (p *Problem) renew() {
	q := &p.dualPart
	p.f.factor(p)
	copy(q.lowered, q.base)
	p.settlePrices()
	for _, v := range p.awake {
		p.appraise(v)
	}
	for r := range p.m {
		p.appraise(int32(p.n + r))
	}
	p.values(p.room)
	q.since = 0
	q.value = p.reached()
	p.work.Add(int64(p.f.size()/4 + p.m/2 + len(p.rowCol)/8))
}

// appraise computes what a unit of variable v gains.
func (p *Problem) appraise(v int32) {
	q := &p.dualPart
	if q.d[v] = 0; p.place[v] >= 0 {
		return
	}
	if q.d[v] = q.lowered[v]; v >= int32(p.n) {
		q.d[v] -= p.dual[v-int32(p.n)]
	} else {
		for k := p.start[v]; k < p.start[v+1]; k++ {
			q.d[v] -= float64(p.val[k] * p.dual[p.row[k]])
		}
	}
	if !p.barred(v) && p.settle(v) && v < int32(p.n) {
		// At 0 it would tie with all others that were settled.
		apart := float64(blurGain * of(p.seed[v]))
		if p.place[v] == atLower {
			apart = -apart
		}
		q.d[v], q.lowered[v] = apart, q.lowered[v]+apart
	}
}

// barred reports whether variable v must be 0.
func (p *Problem) barred(v int32) bool { return v < int32(p.n) && p.upper[v] == 0 }

// settle makes a variable outside the basis not attractive where it stands, and
// reports whether it was.
func (p *Problem) settle(v int32) bool {
	q := &p.dualPart
	if d := q.d[v]; d > 0 && p.place[v] == atLower || d < 0 && p.place[v] == atUpper {
		q.lowered[v] -= d
		q.d[v] = 0
		return true
	}
	return false
}

// settlePrices computes the duals of the basis.
func (p *Problem) settlePrices() {
	for k, v := range p.basis {
		p.dual[k] = p.lowered[v]
	}
	p.f.backward(p.dual)
}

// refit exchanges until every value is within its bounds.
func (p *Problem) refit() Status {
	q := &p.dualPart
	for range dualMost + 4*p.m {
		if q.since >= dualFresh || p.f.grown() {
			p.renew()
		}
		k, below := p.worst()
		if k < 0 {
			return Optimal
		}
		if q.value < p.least {
			return Beneath
		}
		if p.work.Spent() {
			return Stopped
		}
		p.inverseRow(k)
		p.tableau()
		j := p.ratio(below)
		if j < 0 {
			if q.since == 0 {
				return Infeasible
			}
			p.renew() // once more with fresh numbers
			continue
		}
		p.load(j)
		p.f.forward(&p.alpha)
		p.exchange(j, k, below)
	}
	return Broken
}

// worst chooses the position that is out of bounds by most, and on which side.
func (p *Problem) worst() (at int32, below bool) {
	at = -1
	most := 0.0
	for k, x := range p.x {
		over := -x
		if x >= -dualSlip {
			v := p.basis[k]
			if v >= int32(p.n) {
				continue
			}
			if over = x - p.upper[v]; over <= dualSlip {
				continue
			}
		}
		if w := float64(over*over) / p.weight[k]; w > most {
			most, at, below = w, int32(k), x < 0
		}
	}
	p.work.Add(int64(p.m / 16))
	return at, below
}

// tableau computes the row of the tableau that rho stands for.
func (p *Problem) tableau() {
	q := &p.dualPart
	if q.rowStart == nil {
		p.byRows()
	}
	for _, v := range q.touched {
		q.across[v], q.in[v] = 0, false
	}
	q.touched = q.touched[:0]
	n := int32(0)
	for r, y := range p.rho {
		if y < 1e-12 && y > -1e-12 {
			continue
		}
		if v := int32(p.n + r); p.place[v] < 0 {
			q.across[v], q.in[v] = y, true
			q.touched = append(q.touched, v)
		}
		lo, hi := q.rowStart[r], q.rowStart[r+1]
		n += hi - lo
		for k := lo; k < hi; k++ {
			j := q.rowCol[k]
			if p.upper[j] == 0 || p.place[j] >= 0 {
				continue
			}
			if !q.in[j] {
				q.in[j] = true
				q.touched = append(q.touched, j)
			}
			q.across[j] += float64(y * q.rowVal[k])
		}
	}
	p.work.Add(int64(n / 8))
}

// ratio chooses the variable that becomes worth moving first; among near ties
// the largest pivot (Harris 1973).
func (p *Problem) ratio(below bool) int32 {
	q := &p.dualPart
	least := math.Inf(1)
	for _, v := range q.touched {
		if a := p.toward(v, below); a > tinyPivot {
			least = min(least, (max(q.d[v], -q.d[v])+1e-8)/a)
		}
	}
	at, pivot := int32(-1), 0.0
	for _, v := range q.touched {
		if a := p.toward(v, below); a > pivot && a > tinyPivot && max(q.d[v], -q.d[v])/a <= least {
			at, pivot = v, a
		}
	}
	return at
}

// toward is by how much moving variable v off its bound mends the row.
func (p *Problem) toward(v int32, below bool) float64 {
	a := p.across[v]
	if below == (p.place[v] == atLower) {
		return -a
	}
	return a
}

// exchange brings j into the basis at position k.
func (p *Problem) exchange(j, k int32, below bool) {
	q := &p.dualPart
	p.settle(j)
	step := q.d[j] / q.across[j]
	for _, v := range q.touched {
		q.d[v] -= float64(step * q.across[v])
		p.settle(v)
	}
	out, pivot := p.basis[k], p.alpha.v[k]
	q.d[j], q.d[out] = 0, -step
	over := p.x[k]
	if !below {
		over -= p.upper[out]
	}
	q.value -= math.Abs(float64(step * over))
	t, w := over/pivot, q.weight[k]
	for _, i := range p.alpha.list {
		a := p.alpha.v[i]
		p.x[i] -= float64(t * a)
		if r := a / pivot; i != k {
			q.weight[i] = max(q.weight[i], float64(r*r)*w)
		}
	}
	if q.weight[k] = max(w/float64(pivot*pivot), 1); q.weight[k] > mostWeight {
		for i := range q.weight {
			q.weight[i] = 1
		}
	}
	if p.x[k] = t; p.place[j] == atUpper {
		p.x[k] += p.upper[j]
	}
	if p.place[out] = atLower; !below && p.upper[out] > 0 {
		p.place[out] = atUpper
	}
	p.basis[k], p.place[j] = j, k
	p.f.push(k, &p.alpha)
	q.since++
	p.work.Add(int64(len(p.alpha.list)/4 + len(q.touched)/4 + 10))
}
