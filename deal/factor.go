package deal

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

// factors is the inverse of a basis as a product of elementary matrices
// (product form, Dantzig and Orchard-Hays 1954): matrix k differs from the unit
// matrix in column pos[k] only, which holds piv[k] at pos[k] and val elsewhere.
// Bases of ring packings are nearly triangular, so the product stays sparse.
type factors struct {
	pos   []int32
	piv   []float64
	start []int32
	idx   []int32
	val   []float64
	fresh int // size after factor

	count, taken []int32 // scratch of factor, per row
	w            sparse
}

func (f *factors) size() int { return len(f.idx) + len(f.pos) }

// grown reports whether the pivots since factor made the product too long.
func (f *factors) grown() bool { return len(f.idx) > 3*f.fresh+4000 }

// push appends the matrix that turns column a into the unit column p.
func (f *factors) push(p int32, a *sparse) {
	inv := 1 / a.v[p]
	f.pos, f.piv = append(f.pos, p), append(f.piv, inv)
	for _, i := range a.list {
		if x := a.v[i]; i != p && (x > 1e-11 || x < -1e-11) {
			f.idx, f.val = append(f.idx, i), append(f.val, -float64(x*inv))
		}
	}
	f.start = append(f.start, int32(len(f.idx)))
}

// forward multiplies v by the inverse from the left.
func (f *factors) forward(v *sparse) {
	for k, p := range f.pos {
		t := v.v[p]
		if t == 0 {
			continue
		}
		v.v[p] = t * f.piv[k]
		for e := f.start[k]; e < f.start[k+1]; e++ {
			v.add(f.idx[e], float64(t*f.val[e]))
		}
	}
}

// forwardDense is forward for a full vector.
func (f *factors) forwardDense(v []float64) {
	for k, p := range f.pos {
		t := v[p]
		if t == 0 {
			continue
		}
		v[p] = t * f.piv[k]
		for e := f.start[k]; e < f.start[k+1]; e++ {
			v[f.idx[e]] += float64(t * f.val[e])
		}
	}
}

// backward multiplies v by the inverse from the right.
func (f *factors) backward(v []float64) {
	for k := len(f.pos) - 1; k >= 0; k-- {
		p := f.pos[k]
		t := float64(v[p] * f.piv[k])
		for e := f.start[k]; e < f.start[k+1]; e++ {
			t += float64(v[f.idx[e]] * f.val[e])
		}
		v[p] = t
	}
}

// factor computes the product for the basis of l, and puts each variable to
// the position where it pivots. Slacks keep their own rows; of the rest, rows
// with one column left and columns with one row left go first.
func (f *factors) factor(l *lp) {
	f.pos, f.piv, f.idx, f.val = f.pos[:0], f.piv[:0], f.idx[:0], f.val[:0]
	f.start = append(f.start[:0], 0)
	if len(f.count) < l.m {
		f.count, f.taken = make([]int32, l.m), make([]int32, l.m)
	}
	var cols []int32
	for r := range f.taken {
		f.taken[r], f.count[r] = -1, 0
	}
	for _, v := range l.basis {
		if v >= int32(l.n) {
			f.taken[v-int32(l.n)] = v
		} else {
			cols = append(cols, v)
		}
	}
	f.w.grow(l.m)
	order := f.order(l, cols)
	left := order[:0]
	for _, j := range order {
		if !f.eliminate(l, j) {
			left = append(left, j) // dependent on the others: slacks take over
		}
	}
	for _, j := range left {
		l.place[j] = -1
	}
	for r, v := range f.taken {
		if v < 0 {
			v = int32(l.n + r)
		}
		l.basis[r], l.place[v] = v, int32(r)
	}
	f.fresh = len(f.idx)
}

// eliminate pivots column j on the best free row: large, and in few columns.
func (f *factors) eliminate(l *lp, j int32) bool {
	f.w.clear()
	for k := l.start[j]; k < l.start[j+1]; k++ {
		f.w.set(l.row[k], l.val[k])
	}
	f.forward(&f.w)
	largest := 0.0
	for _, i := range f.w.list {
		if f.taken[i] < 0 {
			largest = max(largest, f.w.v[i], -f.w.v[i])
		}
	}
	at := int32(-1)
	for _, i := range f.w.list {
		if x := max(f.w.v[i], -f.w.v[i]); f.taken[i] < 0 && x >= 0.1*largest && x > 1e-7 &&
			(at < 0 || f.count[i] < f.count[at] || f.count[i] == f.count[at] && i < at) {
			at = i
		}
	}
	if at < 0 {
		return false
	}
	f.taken[at] = j
	f.push(at, &f.w)
	return true
}

// order returns the columns in an order that keeps the product sparse, by
// counting singletons; f.count ends as how many of the last columns a row has.
func (f *factors) order(l *lp, cols []int32) []int32 {
	rowCols := make([][]int32, l.m)
	colCount := make([]int32, len(cols))
	done := make([]bool, len(cols))
	for c, j := range cols {
		for k := l.start[j]; k < l.start[j+1]; k++ {
			if r := l.row[k]; f.taken[r] < 0 {
				rowCols[r] = append(rowCols[r], int32(c))
				f.count[r]++
				colCount[c]++
			}
		}
	}
	open := make([]bool, l.m)
	var rows, singles []int32
	for r := range open {
		open[r] = f.taken[r] < 0
		if open[r] && f.count[r] == 1 {
			rows = append(rows, int32(r))
		}
	}
	for c, n := range colCount {
		if n == 1 {
			singles = append(singles, int32(c))
		}
	}
	var order []int32
	settle := func(c, r int32) { // column c will pivot on row r
		done[c], open[r] = true, false
		order = append(order, cols[c])
		for k := l.start[cols[c]]; k < l.start[cols[c]+1]; k++ {
			if q := l.row[k]; open[q] {
				if f.count[q]--; f.count[q] == 1 {
					rows = append(rows, q)
				}
			}
		}
		for _, d := range rowCols[r] {
			if !done[d] {
				if colCount[d]--; colCount[d] == 1 {
					singles = append(singles, d)
				}
			}
		}
	}
	for len(rows)+len(singles) > 0 {
		if n := len(rows); n > 0 {
			r := rows[n-1]
			rows = rows[:n-1]
			for _, c := range rowCols[r] {
				if open[r] && !done[c] {
					settle(c, r)
				}
			}
			continue
		}
		n := len(singles)
		c := singles[n-1]
		singles = singles[:n-1]
		if done[c] {
			continue
		}
		for k := l.start[cols[c]]; k < l.start[cols[c]+1]; k++ {
			if r := l.row[k]; open[r] {
				settle(c, r)
				break
			}
		}
	}
	for c := range cols { // the bump, shortest columns first
		if !done[c] {
			order = append(order, cols[c])
		}
	}
	return order
}
