package simplex

import "math"

// The primal simplex method with Devex weights (Harris 1973). The rooms are disturbed a little against ties: it stalls without.

const (
	tinyPivot = 1e-6
	slip      = 1e-8 // by how much a value may be out of bounds
	tinyGain  = 1e-7 // of unit
	refactor  = 100  // exchanges between two factorisations
	disturb   = 1e-4 // of the rooms

	candidates = 1000 // promising columns remembered between two looks at the others
)

// A primalPart is what the primal method keeps besides.
type primalPart struct {
	loose []float64 // the rooms, disturbed and widened
	heavy []float64 // reference weight of each variable
	cand  []int32
}

// Primal goes on by the primal method from any basis; rows that the basis
// breaks are widened until it does not, so Dual, or Solve, must follow where
// there may be such.
func (p *Problem) Primal() Status {
	p.lay()
	p.rise()
	for r, room := range p.room {
		p.loose[r] = room + float64(disturb*(of(p.seedR[r])+0.25))
	}
	p.stale = false
	p.invert()
	p.prices()
	s := p.climb()
	p.stale = true // the dual method computes the values for the true rooms
	return s
}

// rise makes what the primal method keeps.
func (p *Problem) rise() {
	if p.loose != nil {
		return
	}
	p.loose = make([]float64, p.m)
	p.heavy = make([]float64, p.n+p.m)
	for v := range p.heavy {
		p.heavy[v] = 1
	}
}

// polish goes on from where the dual method ended, for the true gains and
// rooms.
func (p *Problem) polish() Status {
	if !p.attractive() {
		p.stale = true
		return Optimal
	}
	p.rise()
	copy(p.loose, p.room)
	p.invert()
	s := p.climb()
	p.stale = true
	return s
}

// attractive reports whether some variable outside the basis would gain.
func (p *Problem) attractive() bool {
	p.prices()
	p.work.Add(int64(len(p.row)/8 + p.n/4))
	for v := range int32(p.n + p.m) {
		if p.place[v] < 0 && p.worth(v) > tinyGain {
			return true
		}
	}
	return false
}

// climb exchanges until nothing is attractive.
func (p *Problem) climb() Status {
	since := 0
	for {
		if since >= refactor || p.f.grown() {
			p.invert()
			p.prices()
			since = 0
		}
		j := p.enter()
		if j < 0 {
			if since == 0 {
				return Optimal
			}
			p.invert() // once more with fresh numbers
			p.prices()
			since = 0
			if j = p.enter(); j < 0 {
				return Optimal
			}
		}
		if p.work.Spent() {
			return Stopped
		}
		p.load(j)
		p.f.forward(&p.alpha)
		up := p.place[j] == atLower
		at, step := p.leave(j, up)
		if math.IsInf(step, 1) {
			if since == 0 {
				return Unbounded
			}
			since = refactor // once more with fresh numbers
			continue
		}
		if at >= 0 {
			p.reprice(j, at)
		}
		p.pivot(j, at, step, up)
		since++
	}
}

// invert factors the basis anew and recomputes the values. Rounding, a column
// that turned out to depend on others, or rows that were added may leave values
// out of bounds. The rooms are moved to what brings them back.
func (p *Problem) invert() {
	p.f.factor(p)
	p.values(p.loose)
	for k, x := range p.x {
		v := p.basis[k]
		to := min(max(x, 0), p.bound(v))
		if to == x {
			continue
		}
		p.x[k] = to
		if v >= int32(p.n) {
			p.loose[v-int32(p.n)] += to - x
			continue
		}
		for e := p.start[v]; e < p.start[v+1]; e++ {
			p.loose[p.row[e]] += float64((to - x) * p.val[e])
		}
	}
	p.work.Add(int64(p.f.size()/8 + p.m/4))
}

// prices computes the duals of the current basis.
func (p *Problem) prices() {
	for k, v := range p.basis {
		p.dual[k] = 0
		if v < int32(p.n) {
			p.dual[k] = p.gain[v]
		}
	}
	p.f.backward(p.dual)
	p.work.Add(int64(p.f.size()/8 + p.m/8))
}

// reduced is what a unit of variable v would gain at the current prices.
func (p *Problem) reduced(v int32) float64 {
	if v >= int32(p.n) {
		return -p.dual[v-int32(p.n)]
	}
	return p.Reduced(v)
}

// worth is by how much moving variable v off its bound would gain; 0 or less
// where it cannot move.
func (p *Problem) worth(v int32) float64 {
	d := p.reduced(v)
	if p.place[v] == atUpper {
		return -d
	}
	if v < int32(p.n) && p.upper[v] == 0 {
		return 0
	}
	return d
}

// enter chooses the variable that gains most: among the remembered ones, or, if
// none of them gains, among those awake, or else among all; -1 at the optimum.
func (p *Problem) enter() int32 {
	if v := p.bestOf(p.cand); v >= 0 {
		return v
	}
	if p.look(); len(p.cand) == 0 && p.wake(p.gain, tinyGain) {
		p.look()
	}
	return p.bestOf(p.cand)
}

// look remembers the variables that gain, among those awake.
func (p *Problem) look() {
	p.cand = p.cand[:0]
	floor := tinyGain
	some := func(v int32) {
		if p.place[v] >= 0 || p.worth(v) <= floor {
			return
		}
		p.cand = append(p.cand, v)
		if len(p.cand) >= 2*candidates {
			floor = p.thin(floor)
		}
	}
	for _, v := range p.awake {
		some(v)
	}
	for r := range p.m {
		some(int32(p.n + r))
	}
	p.work.Add(int64(len(p.awake)/2 + p.m/8))
}

// thin keeps the better half of the candidates by raising the floor.
func (p *Problem) thin(floor float64) float64 {
	sum := 0.0
	for _, v := range p.cand {
		sum += p.worth(v)
	}
	if mean := sum / float64(len(p.cand)); mean > floor*1.01 {
		floor = mean
	}
	kept := p.cand[:0]
	for _, v := range p.cand {
		if p.worth(v) > floor {
			kept = append(kept, v)
		}
	}
	if len(kept) >= 2*candidates-1 || len(kept) == 0 { // all equal
		kept = p.cand[:candidates]
	}
	p.cand = kept
	return floor
}

// bestOf keeps those of a list that gain and returns the best.
func (p *Problem) bestOf(list []int32) int32 {
	best, at, kept := 0.0, int32(-1), list[:0]
	for _, v := range list {
		if p.place[v] >= 0 {
			continue
		}
		d := p.worth(v)
		if d <= tinyGain {
			continue
		}
		kept = append(kept, v)
		if g := float64(d*d) / p.heavy[v]; g > best {
			best, at = g, v
		}
	}
	p.work.Add(int64(len(list)) / 2)
	p.cand = kept
	return at
}

// leave chooses the position whose value reaches a bound first as j goes up or
// down, among near ties the largest pivot; -1 where j reaches its own other
// bound before.
func (p *Problem) leave(j int32, up bool) (at int32, step float64) {
	sign := 1.0
	if !up {
		sign = -1
	}
	least := math.Inf(1)
	for _, i := range p.alpha.list {
		switch a := sign * p.alpha.v[i]; {
		case a > tinyPivot:
			least = min(least, (max(p.x[i], 0)+slip)/a)
		case a < -tinyPivot:
			if u := p.bound(p.basis[i]); !math.IsInf(u, 1) {
				least = min(least, (max(u-p.x[i], 0)+slip)/-a)
			}
		}
	}
	if own := p.bound(j); own <= least {
		return -1, own
	}
	at, step = -1, math.Inf(1)
	pivot := 0.0
	for _, i := range p.alpha.list {
		a := sign * p.alpha.v[i]
		room := p.x[i]
		switch {
		case a > tinyPivot:
		case a < -tinyPivot:
			a, room = -a, p.bound(p.basis[i])-p.x[i]
		default:
			continue
		}
		if room = max(room, 0); a > pivot && room <= float64(least*a) {
			at, pivot, step = i, a, room/a
		}
	}
	return at, step
}

// reprice changes the duals and the weights of the candidates as the exchange
// of j with the variable at position k does.
func (p *Problem) reprice(j, k int32) {
	p.inverseRow(k)
	pivot := p.alpha.v[k]
	step := p.reduced(j) / pivot
	for r, x := range p.rho {
		if x != 0 {
			p.dual[r] += float64(step * x)
		}
	}
	base := p.heavy[j] / float64(pivot*pivot)
	for _, v := range p.cand {
		if v == j {
			continue
		}
		a := p.along(v)
		if w := float64(a*a) * base; w > p.heavy[v] {
			p.heavy[v] = w
		}
	}
	p.heavy[p.basis[k]] = max(base, 1)
}

// along is the product of rho and the column of variable v.
func (p *Problem) along(v int32) float64 {
	if v >= int32(p.n) {
		return p.rho[v-int32(p.n)]
	}
	a := 0.0
	for k := p.start[v]; k < p.start[v+1]; k++ {
		a += float64(p.val[k] * p.rho[p.row[k]])
	}
	return a
}

// pivot moves variable j by step, and exchanges it with the variable at
// position k; k < 0: it only goes to its other bound.
func (p *Problem) pivot(j, k int32, step float64, up bool) {
	move := step
	if !up {
		move = -step
	}
	for _, i := range p.alpha.list {
		p.x[i] -= float64(move * p.alpha.v[i])
	}
	p.work.Add(int64(len(p.alpha.list)/4 + 10))
	if k < 0 {
		if p.place[j] = atLower; up {
			p.place[j] = atUpper
		}
		return
	}
	out := p.basis[k]
	if p.place[out] = atLower; move*p.alpha.v[k] < 0 && !math.IsInf(p.bound(out), 1) {
		p.place[out] = atUpper
	}
	if p.x[k] = move; !up {
		p.x[k] = p.upper[j] + move
	}
	p.basis[k], p.place[j] = j, k
	p.f.push(k, &p.alpha)
}
