package deal

import "slices"

// A prover looks for a choice that gains more than the best known one, by
// branch and bound over the relaxation, until there is none or the work runs out.
type prover struct {
	q     program
	work  *meter
	best  int64   // gain of the best known choice …
	known []int32 // … and its columns, ascending
	log   *proofLog
}

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
	v.look(cols, rel)
	return rel.most() <= v.best || rel.whole && v.split(cols, rel)
}

// split settles cols by cutting and branching.
func (v *prover) split(cols []int32, rel *relaxed) bool {
	cols = v.worthy(cols, rel, v.best+1)
	return len(cols) == 0 || newTree(v, cols, rel.basis).run()
}

// look takes whatever choice the relaxation suggests.
func (v *prover) look(cols []int32, rel *relaxed) {
	if rel.most() > v.best && rel.whole {
		v.round(cols, rel)
	}
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
func (v *prover) round(cols []int32, rel *relaxed) {
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
	v.work.add(int64(len(cols)))
	v.take(cols, order)
}

// take takes note of the choice that the columns at these positions make, each
// taken if it fits with those before.
func (v *prover) take(cols, order []int32) {
	full := make(map[int32]int64, 4*len(v.known))
	var taken []int32
	for _, k := range order {
		if v.q.p.fits(cols[k], full, v.q.taken) {
			taken = append(taken, cols[k])
		}
	}
	slices.Sort(taken)
	v.know(taken)
}
