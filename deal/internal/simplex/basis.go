package simplex

import "math"

// Where a variable outside the basis stands.
const (
	atLower = -1
	atUpper = -2
)

// A state is a basis and what follows from it. Variables are the columns and,
// behind them, the slacks of the rows: slack r is variable n+r.
type state struct {
	basis []int32 // variable at each position
	place []int32 // position of each variable, or atLower or atUpper
	x     []float64
	dual  []float64
	f     factors

	laidN, laidM int  // columns and rows that the vectors above have room for
	changed      bool // rows or columns were added since
	stale        bool // bounds, rooms or gains changed: factor and recompute

	rho   []float64 // scratch: a row of the inverse
	alpha sparse    // scratch: a column of the tableau
}

// merge sorts pending cuts into the columns.
func (p *Problem) merge() {
	if len(p.cuts) == 0 {
		return
	}
	more := make([]int32, p.n+1)
	total := 0
	for _, c := range p.cuts {
		for _, j := range c.cols {
			more[j]++
		}
		total += len(c.cols)
	}
	row, val := make([]int32, 0, len(p.row)+total), make([]float64, 0, len(p.row)+total)
	at := make([]int32, p.n)
	lo := p.start[0]
	for j := range p.n {
		hi := p.start[j+1]
		row, val = append(row, p.row[lo:hi]...), append(val, p.val[lo:hi]...)
		at[j] = int32(len(row))
		row, val = row[:len(row)+int(more[j])], val[:len(val)+int(more[j])]
		lo, p.start[j+1] = hi, int32(len(row))
	}
	for _, c := range p.cuts {
		for k, j := range c.cols {
			row[at[j]], val[at[j]] = c.row, c.vals[k]
			at[j]++
		}
	}
	p.row, p.val, p.cuts = row, val, nil
}

// lay makes room for what was added: new columns stand at 0, new rows have
// their slack in the basis.
func (p *Problem) lay() {
	if !p.changed && p.laidM == p.m {
		return
	}
	p.merge()
	place := make([]int32, p.n+p.m)
	for v := range place {
		place[v] = atLower
	}
	copy(place, p.place[:p.laidN])
	copy(place[p.n:], p.place[p.laidN:])
	basis := make([]int32, p.m)
	for k, v := range p.basis {
		if v >= int32(p.laidN) {
			v += int32(p.n - p.laidN)
		}
		basis[k] = v
	}
	for r := p.laidM; r < p.m; r++ {
		basis[r], place[p.n+r] = int32(p.n+r), int32(r)
	}
	p.basis, p.place = basis, place
	p.x, p.dual, p.rho = make([]float64, p.m), make([]float64, p.m), make([]float64, p.m)
	p.alpha.grow(p.m)
	p.isAwake = append(p.isAwake, make([]bool, p.n-p.laidN)...)
	p.rowUse = make([]int8, p.m)
	p.laidN, p.laidM = p.n, p.m
	p.changed, p.stale = false, true
	p.forget()
}

// forget drops what primal and dual method remember of the problem's shape.
func (p *Problem) forget() {
	p.primalPart = primalPart{}
	p.dualPart = dualPart{}
}

// Basic reports whether column j is in the basis.
func (p *Problem) Basic(j int32) bool { return int(j) < len(p.place) && p.place[j] >= 0 }

// Tight reports whether row r has no room left: its slack is outside the basis.
func (p *Problem) Tight(r int32) bool { return p.laidM == p.m && p.place[int32(p.laidN)+r] < 0 }

// A Basis is where a problem stood. It holds for the same problem with rows and
// columns added since: those come in as SetBasis finds them, slack in the basis
// and column at 0.
type Basis struct {
	basis []int32 // slack r as -1-r
	upper []int32 // columns at their upper bound
}

// Basis returns where the problem stands.
func (p *Problem) Basis() Basis {
	p.lay()
	b := Basis{basis: make([]int32, p.m)}
	for k, v := range p.basis {
		if v >= int32(p.n) {
			v = -1 - (v - int32(p.n))
		}
		b.basis[k] = v
	}
	for j := range int32(p.n) {
		if p.place[j] == atUpper {
			b.upper = append(b.upper, j)
		}
	}
	return b
}

// SetBasis goes back to where the problem stood.
func (p *Problem) SetBasis(b Basis) {
	p.lay()
	list := make([]int32, 0, p.m)
	for _, v := range b.basis {
		if v < 0 {
			v = int32(p.n) - 1 - v
		}
		list = append(list, v)
	}
	for r := len(list); r < p.m; r++ {
		list = append(list, int32(p.n+r))
	}
	p.take(list)
	for _, j := range b.upper {
		if p.place[j] < 0 && p.upper[j] > 0 {
			p.place[j] = atUpper
			p.rouse(j)
		}
	}
}

// Begin makes a basis of these columns and of the slacks of the rows that
// loose says, or of as many of the other slacks as are needed. What depends on
// others is replaced by slacks.
func (p *Problem) Begin(cols []int32, loose func(r int32) bool) {
	p.lay()
	list := make([]int32, 0, p.m)
	list = append(list, cols[:min(len(cols), p.m)]...)
	for _, want := range []bool{true, false} {
		for r := range int32(p.m) {
			if loose(r) == want && len(list) < p.m {
				list = append(list, int32(p.n)+r)
			}
		}
	}
	p.take(list)
}

// take makes a list the basis; all else stands at 0.
func (p *Problem) take(list []int32) {
	for v := range p.place {
		p.place[v] = atLower
	}
	copy(p.basis, list)
	for k, v := range p.basis {
		if p.place[v] = int32(k); v < int32(p.n) {
			p.rouse(v)
		}
	}
	p.rowStart = nil
	p.stale = true
}

// Start makes the slacks the basis, then brings in columns that fit together:
// a packing found elsewhere.
func (p *Problem) Start(cols []int32) {
	p.lay()
	list := make([]int32, p.m)
	for r := range list {
		list[r] = int32(p.n + r)
	}
	for _, j := range cols {
		best := int32(-1)
		for k := p.start[j]; k < p.start[j+1]; k++ {
			r := p.row[k]
			if list[r] < int32(p.n) || p.val[k] != 1 {
				best = -1
				break
			}
			if best < 0 || p.room[r] < p.room[best] {
				best = r
			}
		}
		if best >= 0 {
			list[best] = j
		}
	}
	p.take(list)
}

// bound is the upper bound of a variable.
func (p *Problem) bound(v int32) float64 {
	if v >= int32(p.n) {
		return math.Inf(1)
	}
	return p.upper[v]
}

// values computes the values of the basis for these rooms.
func (p *Problem) values(room []float64) {
	copy(p.x, room)
	for _, j := range p.awake {
		if p.place[j] == atUpper {
			u := p.upper[j]
			for k := p.start[j]; k < p.start[j+1]; k++ {
				p.x[p.row[k]] -= float64(p.val[k] * u)
			}
		}
	}
	p.f.forwardDense(p.x)
}

// load puts the column of variable v into alpha.
func (p *Problem) load(v int32) {
	p.alpha.clear()
	if v >= int32(p.n) {
		p.alpha.set(v-int32(p.n), 1)
		return
	}
	for k := p.start[v]; k < p.start[v+1]; k++ {
		p.alpha.set(p.row[k], p.val[k])
	}
}

// inverseRow computes row k of the inverse into rho.
func (p *Problem) inverseRow(k int32) {
	clear(p.rho)
	p.rho[k] = 1
	p.f.backward(p.rho)
	p.work.Add(int64(p.f.size()/8 + p.m/8))
}
