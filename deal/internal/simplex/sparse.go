package simplex

// A sparse vector: values by position and the list of positions that were set.
type sparse struct {
	v    []float64
	in   []bool
	list []int32
}

func (s *sparse) grow(n int) {
	s.clear()
	if len(s.v) < n {
		s.v, s.in = make([]float64, n), make([]bool, n)
	}
}

func (s *sparse) clear() {
	for _, i := range s.list {
		s.v[i], s.in[i] = 0, false
	}
	s.list = s.list[:0]
}

func (s *sparse) set(i int32, x float64) {
	if !s.in[i] {
		s.in[i] = true
		s.list = append(s.list, i)
	}
	s.v[i] = x
}

func (s *sparse) add(i int32, x float64) { s.set(i, s.v[i]+x) }

// of returns a number from 0 to 1 that depends on the seed only.
func of(seed int32) float64 {
	z := (uint64(uint32(seed)) + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>12) / (1 << 52)
}
