package simplex

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A dense is a small program as a table, solved by trying every basis.
type dense struct {
	gain, room, upper []float64
	a                 [][]float64 // by row
}

func some(rng *rand.Rand) dense {
	n, m := 1+rng.IntN(4), 1+rng.IntN(3)
	d := dense{}
	for range n {
		d.gain = append(d.gain, float64(rng.IntN(12)-2))
		u := math.Inf(1)
		if rng.IntN(2) == 0 {
			u = float64(rng.IntN(3))
		}
		d.upper = append(d.upper, u)
	}
	for range m {
		d.room = append(d.room, float64(rng.IntN(6)))
		row := make([]float64, n)
		for j := range row {
			if rng.IntN(3) > 0 {
				row[j] = float64(rng.IntN(6) - 1)
			}
		}
		d.a = append(d.a, row)
	}
	return d
}

// problem writes d column by column, its last rows as cuts if asked for.
func (d dense) problem(cuts int) *Problem {
	p := New(nil)
	early := len(d.room) - cuts
	for _, r := range d.room[:early] {
		p.AddRow(r)
	}
	for j, g := range d.gain {
		var rows []int32
		var vals []float64
		for i := range early {
			if d.a[i][j] != 0 {
				rows, vals = append(rows, int32(i)), append(vals, d.a[i][j])
			}
		}
		p.SetUpper(p.AddColumn(g, rows, vals), d.upper[j])
	}
	return p
}

func (d dense) cut(p *Problem, i int) {
	var cols []int32
	var vals []float64
	for j, a := range d.a[i] {
		if a != 0 {
			cols, vals = append(cols, int32(j)), append(vals, a)
		}
	}
	p.AddCut(d.room[i], cols, vals)
}

// best is the optimum over all corners; +Inf where there is none. A box around
// all makes corners of what is unbounded.
func (d dense) best() float64 {
	const far = 1e6
	n := len(d.gain)
	type plane struct {
		a []float64
		b float64
	}
	var planes []plane
	for i, r := range d.room {
		planes = append(planes, plane{d.a[i], r})
	}
	for j := range n {
		e, f := make([]float64, n), make([]float64, n)
		e[j], f[j] = -1, 1
		planes = append(planes, plane{e, 0}, plane{f, min(d.upper[j], far)})
	}
	most := math.Inf(-1)
	var pick []int
	var from func(k int)
	from = func(k int) {
		if len(pick) == n {
			var a [][]float64
			for _, i := range pick {
				a = append(a, append(append([]float64{}, planes[i].a...), planes[i].b))
			}
			x, ok := gauss(a)
			if !ok {
				return
			}
			for _, pl := range planes {
				s := 0.0
				for j := range x {
					s += pl.a[j] * x[j]
				}
				if s > pl.b+1e-6*max(1, math.Abs(pl.b)) {
					return
				}
			}
			v := 0.0
			for j := range x {
				v += d.gain[j] * x[j]
			}
			most = max(most, v)
			return
		}
		for ; k < len(planes); k++ {
			pick = append(pick, k)
			from(k + 1)
			pick = pick[:len(pick)-1]
		}
	}
	from(0)
	if most > far/100 {
		return math.Inf(1)
	}
	return most
}

func gauss(a [][]float64) ([]float64, bool) {
	n := len(a)
	for c := range n {
		best := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		if math.Abs(a[best][c]) < 1e-9 {
			return nil, false
		}
		a[c], a[best] = a[best], a[c]
		for r := range n {
			if r != c {
				f := a[r][c] / a[c][c]
				for k := c; k <= n; k++ {
					a[r][k] -= f * a[c][k]
				}
			}
		}
	}
	x := make([]float64, n)
	for c := range n {
		x[c] = a[c][n] / a[c][c]
	}
	return x, true
}

// agree checks a solved problem against the optimum and against itself: x obeys
// rows and bounds, prices prove the value.
func (d dense) agree(t *testing.T, p *Problem, s Status) {
	t.Helper()
	want := d.best()
	if math.IsInf(want, 1) {
		if s != Unbounded {
			t.Fatalf("%+v: status %d, it is unbounded", d, s)
		}
		return
	}
	if s != Optimal || math.Abs(p.Value()-want) > 1e-5 {
		t.Fatalf("%+v: status %d, value %v, want %v", d, s, p.Value(), want)
	}
	for i, r := range d.room {
		sum := 0.0
		for j := range d.gain {
			sum += d.a[i][j] * p.X(int32(j))
		}
		if sum > r+1e-5 {
			t.Fatalf("%+v: row %d holds %v", d, i, sum)
		}
	}
	bound := 0.0
	for i, r := range d.room {
		if p.Price(int32(i)) < -1e-6 {
			t.Fatalf("%+v: price %v of row %d", d, p.Price(int32(i)), i)
		}
		bound += r * p.Price(int32(i))
	}
	for j, u := range d.upper {
		x, red := p.X(int32(j)), p.Reduced(int32(j))
		if x < -1e-6 || x > u+1e-6 {
			t.Fatalf("%+v: column %d is %v", d, j, x)
		}
		if red > 1e-6 {
			bound += red * u
		}
	}
	if math.Abs(bound-want) > 1e-4 {
		t.Fatalf("%+v: the prices prove %v, want %v", d, bound, want)
	}
}

func TestSolveAgreesWithAllCorners(t *testing.T) {
	for seed := range uint64(2500) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := some(rng)
		p := d.problem(0)
		d.agree(t, p, p.Solve())
	}
}

// Rows, columns and bounds that come later lead to the same optimum as at once.
func TestGoOn(t *testing.T) {
	for seed := range uint64(2500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		d := some(rng)
		cuts := rng.IntN(len(d.room))
		p := d.problem(cuts)
		if s := p.Solve(); s != Optimal && s != Unbounded {
			t.Fatalf("%+v: status %d", d, s)
		}
		for i := len(d.room) - cuts; i < len(d.room); i++ {
			d.cut(p, i)
		}
		if rng.IntN(2) == 0 {
			p.Solve()
		}
		saved := p.Basis()
		j := rng.IntN(len(d.gain))
		p.SetUpper(int32(j), 0)
		p.Solve()
		less := d
		less.upper = append([]float64{}, d.upper...)
		less.upper[j] = 0
		less.agree(t, p, p.Solve())
		p.SetUpper(int32(j), d.upper[j])
		if rng.IntN(2) == 0 {
			p.SetBasis(saved)
		}
		d.agree(t, p, p.Solve())

		var rows []int32
		var vals []float64
		d.gain, d.upper = append(d.gain[:len(d.gain):len(d.gain)], float64(rng.IntN(9))), append(d.upper[:len(d.upper):len(d.upper)], float64(1+rng.IntN(2)))
		for i := range d.a {
			a := float64(rng.IntN(4))
			d.a[i] = append(d.a[i], a)
			if a != 0 {
				rows, vals = append(rows, int32(i)), append(vals, a)
			}
		}
		k := p.AddColumn(d.gain[len(d.gain)-1], rows, vals)
		p.SetUpper(k, d.upper[k])
		d.agree(t, p, p.Solve())
	}
}
