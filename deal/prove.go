package deal

import "slices"

// A prover looks for a choice that gains more than the best known one, by
// branch and bound over the relaxation, until there is none or the work runs out.
type prover struct {
	q     program
	work  *meter
	best  int64   // gain of the best known choice …
	known []int32 // … and its columns, ascending
	depth int
}

// maxDepth bounds the branching: a tree deeper than this does not end anyway.
const maxDepth = 400

// know takes note of a choice that fits.
func (v *prover) know(cols []int32) {
	if g := v.q.worth(cols); g > v.best || v.known == nil {
		v.best, v.known = g, cols
	}
}

// node settles what can be chosen among cols: true if it holds nothing better
// than the best known (any more). start is a choice near the answer.
func (v *prover) node(cols, start []int32) bool {
	if len(cols) == 0 {
		return true
	}
	rel := v.q.relax(cols, positions(cols, start), v.work)
	start = v.look(cols, rel)
	return rel.most() <= v.best || rel.whole && v.split(cols, rel, start)
}

// split settles the two halves of cols.
func (v *prover) split(cols []int32, rel *relaxed, start []int32) bool {
	cols, x := v.fix(cols, rel)
	if len(cols) == 0 {
		return true
	}
	if v.depth >= maxDepth || v.work.spent() {
		return false
	}
	v.depth++
	defer func() { v.depth-- }()
	with, without := v.q.p.branch(cols, x)
	if with == nil {
		return false
	}
	a := v.node(with, start)
	if !a && v.work.spent() {
		return false
	}
	return v.node(without, start) && a
}

// look takes whatever choice the relaxation suggests, and returns it.
func (v *prover) look(cols []int32, rel *relaxed) []int32 {
	if rel.most() <= v.best || !rel.whole {
		return v.known
	}
	return v.round(cols, rel)
}

// worthy returns the columns that a choice of at least this gain may hold.
func (v *prover) worthy(cols []int32, rel *relaxed, gain int64) []int32 {
	var kept []int32
	for k, j := range cols {
		if rel.total+min(rel.reduced[k], 0) >= gain*rel.scale {
			kept = append(kept, j)
		}
	}
	return kept
}

// positions returns where the known columns stand in cols, both ascending.
func positions(cols, known []int32) []int32 {
	var at []int32
	for _, j := range known {
		if k, ok := slices.BinarySearch(cols, j); ok {
			at = append(at, int32(k))
		}
	}
	return at
}

// round takes columns by falling fraction as far as they fit.
func (v *prover) round(cols []int32, rel *relaxed) []int32 {
	order := make([]int32, len(cols))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch {
		case rel.x[a] > rel.x[b]:
			return -1
		case rel.x[a] < rel.x[b]:
			return 1
		}
		return cmpInt64(rel.reduced[b], rel.reduced[a])
	})
	full := make(map[int32]int32, 4*len(v.known))
	var taken []int32
	for _, k := range order {
		if v.q.p.fits(cols[k], full) {
			taken = append(taken, cols[k])
		}
	}
	v.work.add(int64(len(cols)))
	slices.Sort(taken)
	v.know(taken)
	return taken
}

// fix keeps the columns that a choice better than the best may hold.
func (v *prover) fix(cols []int32, rel *relaxed) (kept []int32, x []float64) {
	need := (v.best + 1) * rel.scale
	for k, j := range cols {
		if rel.total+min(rel.reduced[k], 0) >= need {
			kept, x = append(kept, j), append(x, rel.x[k])
		}
	}
	return kept, x
}

// branch splits the columns by the arc that is nearest to half used: with it
// (columns that use one of its ends otherwise go) and without it (columns that
// use it go). Every choice is within one of the two. It returns nil where no
// arc and no column is fractional.
func (p *packing) branch(cols []int32, x []float64) (with, without []int32) {
	type arc struct{ from, to int32 }
	use := make(map[arc]float64)
	each := func(j int32, f func(a arc) bool) {
		r := p.pool.ring(j)
		for i, n := range r {
			if !f(arc{n, r[(i+1)%len(r)]}) {
				return
			}
		}
	}
	for k, j := range cols {
		if x[k] > 0.001 {
			each(j, func(a arc) bool { use[a] += x[k]; return true })
		}
	}
	var best arc
	least := 0.498
	for a, mass := range use {
		d := max(mass-0.5, 0.5-mass)
		if p.c.isGroup(a.from) && p.c.limit(a.from) > 1 || p.c.isGroup(a.to) && p.c.limit(a.to) > 1 {
			continue // such an end may be used otherwise at the same time
		}
		if d < least || d == least && (a.from < best.from || a.from == best.from && a.to < best.to) {
			best, least = a, d
		}
	}
	if least == 0.498 {
		return p.branchColumn(cols, x)
	}
	for _, j := range cols {
		uses, touches := false, false
		each(j, func(a arc) bool {
			uses = uses || a == best
			touches = touches || a.from == best.from || a.to == best.to
			return true
		})
		if uses || !touches {
			with = append(with, j)
		}
		if !uses {
			without = append(without, j)
		}
	}
	return with, without
}

// branchColumn splits by one fractional column.
func (p *packing) branchColumn(cols []int32, x []float64) (with, without []int32) {
	at, least := -1, 0.499
	for k := range cols {
		if d := max(x[k]-0.5, 0.5-x[k]); d < least {
			at, least = k, d
		}
	}
	if at < 0 {
		return nil, nil
	}
	use := make(map[int32]int32)
	p.fits(cols[at], use)
	for _, j := range cols {
		if j == cols[at] {
			with = append(with, j)
			continue
		}
		without = append(without, j)
		if p.fits(j, use) {
			with = append(with, j)
			for _, r := range p.rowsOf(j) {
				use[r]--
			}
		}
	}
	return with, without
}

// fits takes column j if the use so far leaves room for it.
func (p *packing) fits(j int32, use map[int32]int32) bool {
	rows := p.rowsOf(j)
	for k, r := range rows {
		if use[r]++; use[r] > p.cap[r] {
			for _, q := range rows[:k+1] {
				use[q]--
			}
			return false
		}
	}
	return true
}
