package simplex

// A prober tries what barring columns would cost, and goes back each time.
type prober struct {
	p      *Problem
	basis  []int32
	x      []float64
	weight []float64
	vars   []int32 // awake columns and slacks …
	place  []int32 // … and where they were
	d      []float64
	gain   []float64
	eta    int // exchanges in the factors
	since  int
	value  float64
}

// Probe calls try, which may call its argument any number of times: that bars
// columns, makes at most so many exchanges of the dual method, frees them
// again, and returns by how much the value fell, or fell at least. The problem
// must be solved by the dual method, and stands where it stood afterwards.
func (p *Problem) Probe(try func(drop func(bar []int32, exchanges int) float64)) {
	if p.Dual() != Optimal {
		return
	}
	if p.since > 0 {
		p.renew()
	}
	s := &prober{p: p, basis: append([]int32(nil), p.basis...), x: append([]float64(nil), p.x...),
		weight: append([]float64(nil), p.weight...), eta: len(p.f.eta.pos), value: p.reached()}
	s.vars = append(s.vars, p.awake...)
	for r := range p.m {
		s.vars = append(s.vars, int32(p.n+r))
	}
	for _, v := range s.vars {
		s.place, s.d, s.gain = append(s.place, p.place[v]), append(s.d, p.d[v]), append(s.gain, p.lowered[v])
	}
	try(s.drop)
}

// reached is the value of the basis, at the gains as they are.
func (p *Problem) reached() float64 {
	sum := 0.0
	for k, v := range p.basis {
		sum += float64(p.lowered[v] * p.x[k])
	}
	for _, j := range p.awake {
		if p.place[j] == atUpper {
			sum += float64(p.lowered[j] * p.upper[j])
		}
	}
	return sum
}

// drop is what Probe hands out.
func (s *prober) drop(bar []int32, exchanges int) float64 {
	p := s.p
	var barred []int32
	var uppers []float64
	for _, j := range bar {
		if u := p.upper[j]; u > 0 && p.place[j] != atUpper {
			barred, uppers = append(barred, j), append(uppers, u)
			p.upper[j] = 0
		}
	}
	fell := 0.0
	for range min(exchanges, dualFresh-1) {
		k, below := p.worst()
		if k < 0 || p.work.Spent() {
			break
		}
		p.inverseRow(k)
		p.tableau()
		j := p.ratio(below)
		if j < 0 {
			break
		}
		p.load(j)
		p.f.forward(&p.alpha)
		p.exchange(j, k, below)
	}
	fell = s.value - p.reached()
	for i, j := range barred {
		p.upper[j] = uppers[i]
	}
	s.back()
	return fell
}

// back restores the basis and what follows from it.
func (s *prober) back() {
	p := s.p
	copy(p.basis, s.basis)
	copy(p.x, s.x)
	copy(p.weight, s.weight)
	for i, v := range s.vars {
		p.place[v], p.d[v], p.lowered[v] = s.place[i], s.d[i], s.gain[i]
	}
	p.f.eta.cut(s.eta)
	p.since = s.since
	p.work.Add(int64(len(s.vars) / 8))
}
