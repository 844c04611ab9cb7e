package simplex

import (
	"math"
	"math/rand/v2"
	"testing"
)

// rings is a packing with many more columns than rows, so that most sleep.
func rings(rng *rand.Rand, rows, cols int) *Problem {
	p := New(nil)
	for range rows {
		p.AddRow(1)
	}
	for range cols {
		size := 2 + rng.IntN(4)
		var list []int32
		for _, r := range rng.Perm(rows)[:size] {
			list = append(list, int32(r))
		}
		p.AddColumn(float64(size), list, nil)
	}
	return p
}

// proven reports by how much the value and what the prices prove differ, and
// fails where x breaks a row.
func proven(t *testing.T, p *Problem) float64 {
	t.Helper()
	load, bound := make([]float64, p.Rows()), 0.0
	for j := range int32(p.Columns()) {
		rows, vals := p.Column(j)
		for k, r := range rows {
			load[r] += vals[k] * p.X(j)
		}
		if d := p.Reduced(j); d > 0 && p.Upper(j) > 0 {
			bound += d
		}
	}
	for r, l := range load {
		if l > p.room[r]+1e-5 {
			t.Fatalf("row %d holds %v of %v", r, l, p.room[r])
		}
		bound += p.room[r] * max(p.Price(int32(r)), 0)
	}
	return bound - p.Value()
}

func TestPackingWithManyColumns(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := rings(rng, 30, 2000)
		if s := p.Solve(); s != Optimal {
			t.Fatalf("seed %d: status %d", seed, s)
		}
		if gap := proven(t, p); math.Abs(gap) > 1e-3 {
			t.Fatalf("seed %d: the prices prove %v more than the value", seed, gap)
		}
		if len(p.awake) == p.n {
			t.Fatalf("seed %d: all %d columns are awake", seed, p.n)
		}
		before := p.Value()
		for range 20 {
			p.SetUpper(int32(rng.IntN(p.n)), 0)
		}
		for j := range int32(p.n) {
			if p.X(j) > 0.5 {
				p.SetUpper(j, 0)
			}
		}
		if s := p.Solve(); s != Optimal || p.Value() > before+1e-5 {
			t.Fatalf("seed %d: status %d, value %v with columns barred, %v before", seed, s, p.Value(), before)
		}
		if gap := proven(t, p); math.Abs(gap) > 1e-3 {
			t.Fatalf("seed %d: with columns barred the prices prove %v more than the value", seed, gap)
		}
	}
}

// What Probe says of barred columns is what barring them does, where it makes
// enough exchanges, and it leaves the problem as it was.
func TestProbeGoesBack(t *testing.T) {
	probed := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 4))
		p := rings(rng, 20, 30)
		p.Solve()
		p.Dual()
		before := p.Value()
		var bar []int32
		for j := range int32(p.n) {
			if p.X(j) > 0.3 && len(bar) < 2 {
				bar = append(bar, j)
			}
		}
		var fell, again float64
		p.Probe(func(drop func([]int32, int) float64) {
			fell = drop(bar, 60)
			drop(bar[:1], 3)
			again = drop(bar, 60)
		})
		if math.Abs(fell-again) > 1e-9 || fell < -1e-3 {
			t.Fatalf("seed %d: the value fell by %v, then by %v", seed, fell, again)
		}
		if s := p.Dual(); s != Optimal || math.Abs(p.Value()-before) > 1e-6 {
			t.Fatalf("seed %d: value %v after probing, %v before", seed, p.Value(), before)
		}
		for _, j := range bar {
			p.SetUpper(j, 0)
		}
		if s := p.Dual(); s != Optimal {
			t.Fatalf("seed %d: status %d", seed, s)
		}
		if real := before - p.Value(); fell > real+1e-2 {
			t.Fatalf("seed %d: a probe says the value falls by %v, it falls by %v", seed, fell, real)
		} else if fell > real-1e-2 && real > 0.1 {
			probed++
		}
	}
	if probed < 20 {
		t.Errorf("%d probes told the whole fall: too few to say anything", probed)
	}
}
