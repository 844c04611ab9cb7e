package simplex

// factors is a basis as the product of a lower and an upper triangle, and of
// one elementary matrix for each exchange since (product form, Dantzig and
// Orchard-Hays 1954). Bases of ring packings are nearly triangular, so the
// triangles stay sparse; slacks that keep their rows need no entry at all.
type factors struct {
	low, up, eta columns
	fresh        int // entries after factor

	count, taken []int32 // scratch of factor, per row
	w            sparse
}

// columns are sparse columns, each with the position of its pivot.
type columns struct {
	pos   []int32
	piv   []float64 // reciprocal of the pivot, where it is not 1
	start []int32
	idx   []int32
	val   []float64
}

func (c *columns) clear() {
	c.pos, c.piv, c.idx, c.val = c.pos[:0], c.piv[:0], c.idx[:0], c.val[:0]
	c.start = append(c.start[:0], 0)
}

// cut keeps the first columns.
func (c *columns) cut(n int) {
	at := c.start[n]
	c.pos, c.piv, c.start, c.idx, c.val = c.pos[:n], c.piv[:n], c.start[:n+1], c.idx[:at], c.val[:at]
}

// close ends a column whose entries were appended.
func (c *columns) close(p int32, inv float64) {
	c.pos, c.piv = append(c.pos, p), append(c.piv, inv)
	c.start = append(c.start, int32(len(c.idx)))
}

func (c *columns) entry(i int32, x float64) {
	c.idx, c.val = append(c.idx, i), append(c.val, x)
}

func (f *factors) size() int { return len(f.low.idx) + len(f.up.idx) + len(f.up.pos) + len(f.eta.idx) }

// grown reports whether the exchanges since factor made the product too long.
func (f *factors) grown() bool { return len(f.eta.idx) > 2*f.fresh+8000 }

// push appends the matrix that turns column a into the unit column p.
func (f *factors) push(p int32, a *sparse) {
	inv := 1 / a.v[p]
	for _, i := range a.list {
		if x := a.v[i]; i != p && (x > 1e-11 || x < -1e-11) {
			f.eta.entry(i, -float64(x*inv))
		}
	}
	f.eta.close(p, inv)
}

// forward multiplies v by the inverse from the left.
func (f *factors) forward(v *sparse) {
	f.lower(v)
	u := &f.up
	for k := len(u.pos) - 1; k >= 0; k-- {
		p := u.pos[k]
		if v.v[p] == 0 {
			continue
		}
		t := float64(v.v[p] * u.piv[k])
		v.v[p] = t
		for e := u.start[k]; e < u.start[k+1]; e++ {
			v.add(u.idx[e], -float64(t*u.val[e]))
		}
	}
	for k, p := range f.eta.pos {
		t := v.v[p]
		if t == 0 {
			continue
		}
		v.v[p] = t * f.eta.piv[k]
		for e := f.eta.start[k]; e < f.eta.start[k+1]; e++ {
			v.add(f.eta.idx[e], float64(t*f.eta.val[e]))
		}
	}
}

// lower solves with the lower triangle.
func (f *factors) lower(v *sparse) {
	for k, p := range f.low.pos {
		t := v.v[p]
		if t == 0 {
			continue
		}
		for e := f.low.start[k]; e < f.low.start[k+1]; e++ {
			v.add(f.low.idx[e], float64(t*f.low.val[e]))
		}
	}
}

// forwardDense is forward for a full vector.
func (f *factors) forwardDense(v []float64) {
	for k, p := range f.low.pos {
		if t := v[p]; t != 0 {
			for e := f.low.start[k]; e < f.low.start[k+1]; e++ {
				v[f.low.idx[e]] += float64(t * f.low.val[e])
			}
		}
	}
	u := &f.up
	for k := len(u.pos) - 1; k >= 0; k-- {
		p := u.pos[k]
		t := float64(v[p] * u.piv[k])
		v[p] = t
		if t != 0 {
			for e := u.start[k]; e < u.start[k+1]; e++ {
				v[u.idx[e]] -= float64(t * u.val[e])
			}
		}
	}
	for k, p := range f.eta.pos {
		t := v[p]
		if t == 0 {
			continue
		}
		v[p] = t * f.eta.piv[k]
		for e := f.eta.start[k]; e < f.eta.start[k+1]; e++ {
			v[f.eta.idx[e]] += float64(t * f.eta.val[e])
		}
	}
}

// backward multiplies v by the inverse from the right.
func (f *factors) backward(v []float64) {
	for k := len(f.eta.pos) - 1; k >= 0; k-- {
		p := f.eta.pos[k]
		t := float64(v[p] * f.eta.piv[k])
		for e := f.eta.start[k]; e < f.eta.start[k+1]; e++ {
			t += float64(v[f.eta.idx[e]] * f.eta.val[e])
		}
		v[p] = t
	}
	u := &f.up
	for k, p := range u.pos {
		t := v[p]
		for e := u.start[k]; e < u.start[k+1]; e++ {
			t -= float64(v[u.idx[e]] * u.val[e])
		}
		v[p] = float64(t * u.piv[k])
	}
	for k := len(f.low.pos) - 1; k >= 0; k-- {
		p := f.low.pos[k]
		t := v[p]
		for e := f.low.start[k]; e < f.low.start[k+1]; e++ {
			t += float64(v[f.low.idx[e]] * f.low.val[e])
		}
		v[p] = t
	}
}

// factor computes the triangles for the basis of p, and puts each variable to
// the position where it pivots. Slacks keep their own rows; of the rest, rows
// with one column left and columns with one row left go first.
func (f *factors) factor(p *Problem) {
	f.low.clear()
	f.up.clear()
	f.eta.clear()
	if len(f.count) < p.m {
		f.count, f.taken = make([]int32, p.m), make([]int32, p.m)
	}
	var cols []int32
	for r := range f.taken {
		f.taken[r], f.count[r] = -1, 0
	}
	for _, v := range p.basis {
		if v >= int32(p.n) {
			f.taken[v-int32(p.n)] = v
		} else {
			cols = append(cols, v)
		}
	}
	f.w.grow(p.m)
	order := f.order(p, cols)
	left := order[:0]
	for _, j := range order {
		if !f.eliminate(p, j) {
			left = append(left, j) // dependent on the others: slacks take over
		}
	}
	for _, j := range left {
		p.place[j] = -1
	}
	for r, v := range f.taken {
		if v < 0 {
			v = int32(p.n + r)
		}
		p.basis[r], p.place[v] = v, int32(r)
	}
	f.fresh = f.size()
}

// eliminate pivots column j on the best free row: large, and in few columns.
func (f *factors) eliminate(p *Problem, j int32) bool {
	f.w.clear()
	for k := p.start[j]; k < p.start[j+1]; k++ {
		f.w.set(p.row[k], p.val[k])
	}
	f.lower(&f.w)
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
	inv := 1 / f.w.v[at]
	for _, i := range f.w.list {
		x := f.w.v[i]
		switch {
		case i == at || x < 1e-11 && x > -1e-11:
		case f.taken[i] < 0:
			f.low.entry(i, -float64(x*inv))
		default:
			f.up.entry(i, x)
		}
	}
	f.up.close(at, inv)
	if len(f.low.idx) > int(f.low.start[len(f.low.pos)]) {
		f.low.close(at, 1)
	}
	f.taken[at] = j
	return true
}

// order returns the columns in an order that keeps the product sparse, by
// counting singletons; f.count ends as how many of the last columns a row has.
func (f *factors) order(p *Problem, cols []int32) []int32 {
	rowCols := make([][]int32, p.m)
	colCount := make([]int32, len(cols))
	done := make([]bool, len(cols))
	for c, j := range cols {
		for k := p.start[j]; k < p.start[j+1]; k++ {
			if r := p.row[k]; f.taken[r] < 0 {
				rowCols[r] = append(rowCols[r], int32(c))
				f.count[r]++
				colCount[c]++
			}
		}
	}
	open := make([]bool, p.m)
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
		for k := p.start[cols[c]]; k < p.start[cols[c]+1]; k++ {
			if q := p.row[k]; open[q] {
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
		for k := p.start[cols[c]]; k < p.start[cols[c]+1]; k++ {
			if r := p.row[k]; open[r] {
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
