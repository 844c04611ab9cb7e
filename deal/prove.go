package deal

import "slices"

// A prover looks for a choice that gains more than the best known one, by
// branch and bound over the relaxation, until there is none or the work runs out.
type prover struct {
	q     program
	work  *meter
	best  int64   // gain of the best known choice …
	known []int32 // … and its columns, ascending
	floor int64   // choices up to this gain are not sought: best, or more
	bound int64   // no choice gains more
	log   *proofLog
}

// know takes note of a choice that fits.
func (v *prover) know(cols []int32) {
	if g := v.q.worth(cols); g > v.best || v.known == nil {
		v.best, v.known = g, cols
		v.floor = max(v.floor, g)
	}
}

// closeGap is a gap, in units of gain, that is proven before anything is mended.
const closeGap = 2

// stepShare is which part of the gap one step of descend closes at most, where
// the gap is more than a few units.
const stepShare = 4

// descend asks for a choice that reaches the bound, and if there is none, for
// one that reaches the next lower gain, and so on: what is sought high up can
// hold few columns, so that the bound falls early. It reports whether the bound
// met the best known choice; else the work ran out.
func (v *prover) descend(cols []int32, rel *relaxed) bool {
	v.bound = min(v.bound, rel.most())
	for v.bound > v.best {
		v.floor = max(v.best, v.bound-max(1, (v.bound-v.best)/stepShare))
		v.log.begin()
		if !v.split(cols, rel) {
			v.log.drop()
			v.floor = v.best
			return false
		}
		v.bound = v.floor
		v.log.keep()
	}
	return true
}

// node settles what can be chosen among cols: true if it holds nothing better
// than the best known (any more). start is a choice near the answer.
func (v *prover) node(cols, start []int32) bool {
	if len(cols) == 0 {
		return true
	}
	rel := v.q.relax(cols, positions(cols, start), v.work)
	v.look(cols, rel)
	return rel.most() <= v.floor || rel.whole && v.split(cols, rel)
}

// split settles cols by cutting and branching.
func (v *prover) split(cols []int32, rel *relaxed) bool {
	cols = v.worthy(cols, rel, v.floor+1)
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

// Where a proof does not end at once, proving and mending take turns. Of the
// work that is left, each takes so many per cent: a better choice makes a proof
// shorter, a long proof finds better choices by itself.
// Far from the bound, mending comes first.
var (
	turns      = []turn{{0, 2}, {25, 10}, {50, 40}, {100, 0}}
	laterTurns = []turn{{30, 40}, {100, 0}} // of the goals after the first
)

type turn struct{ prove, mend int64 }

// settle cuts and branches, and where that does not end, mends region by region
// and tries again; it reports whether the best known is proven. first: the
// bound is one of the first goal.
func (s *stages) settle(v *prover, rel *relaxed, first bool) bool {
	v.bound = rel.most()
	v.log.begin()
	if !rel.whole {
		s.mend(v, rel, 50)
		return v.bound <= v.best
	}
	plan := laterTurns
	if first {
		plan = turns
	}
	for _, turn := range plan {
		if turn.prove == 0 && v.bound-v.best <= closeGap {
			continue
		}
		s.work.stage("prove")
		proven := false
		s.work.within((s.work.budget-s.work.done)*turn.prove/100, func() { proven = turn.prove > 0 && v.descend(s.cols, rel) })
		if first {
			s.bounded(v.bound)
		}
		if proven || s.work.spent() {
			return proven
		}
		s.mend(v, rel, turn.mend)
	}
	return v.bound <= v.best
}

// mend improves the best known choice with so many per cent of the work left.
func (s *stages) mend(v *prover, rel *relaxed, share int64) {
	s.work.stage("improve")
	s.work.within((s.work.budget-s.work.done)*share/100, func() {
		worthy := func(gain int64) []int32 { return s.promising(v.worthy(s.cols, rel, gain), rel) }
		v.know(v.q.mend(worthy, v.known, v.bound, s.opt.Seed, s.work))
	})
}

// promising sorts columns: those that the relaxation would lose least by come
// first.
func (s *stages) promising(some []int32, rel *relaxed) []int32 {
	reduced := make(map[int32]int64, len(some))
	for k, j := range s.cols {
		reduced[j] = rel.reduced[k]
	}
	slices.SortStableFunc(some, func(a, b int32) int { return cmpInt64(reduced[b], reduced[a]) })
	return some
}
