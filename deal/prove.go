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
	whole bool // known is a whole answer, which is shown as progress

	pause func()  // called now and then while a tree is searched; nil: not
	met   []int32 // the best choice but the known one that the tree came across …
	worth int64   // … since this was last nil, and its gain
}

// know takes note of a choice that fits.
func (v *prover) know(cols []int32) {
	if g := v.q.worth(cols); g > v.best || v.known == nil {
		v.best, v.known = g, cols
		if v.whole {
			s := newChoice(v.q.p)
			s.set(cols)
			v.work.now.Best = s.value
		}
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
		if v.pause != nil {
			v.pause()
		}
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
	if v.pause == nil || slices.Equal(taken, v.known) {
		return
	}
	if g := v.q.worth(taken); v.met == nil || g > v.worth {
		v.met, v.worth = taken, g
	}
}

// Proving and mending take turns: a better choice makes a proof shorter, a long
// proof finds better choices by itself. Mending takes one part in so many of the
// work before a tree is opened, then one slice whenever the work since the last
// one is so many slices: more each time that it was in vain. In turn it goes on
// from the best known choice and from another that the tree came across; that
// half as long, among fewer columns.
const (
	mendBefore = 50
	mendSlices = 100
	mendWait   = 2
	mendRarely = 12
	mendCols   = 3000
)

// settle cuts and branches, mending region by region in between; it reports
// whether the best known is proven. first: the bound is one of the first goal.
func (s *stages) settle(v *prover, rel *relaxed, first bool) bool {
	v.bound = rel.most()
	v.log.begin()
	left := s.work.budget - s.work.done
	if !rel.whole {
		s.mend(v, rel, v.known, left/2, 0)
		return v.bound <= v.best
	}
	if v.bound-v.best > closeGap {
		s.mend(v, rel, v.known, left/mendBefore, 0)
	}
	last, wait, turn := s.work.done, int64(mendWait), uint64(0)
	v.pause = func() {
		s.found(v, first)
		slice := left / mendSlices
		if s.work.done-last < wait*slice {
			return
		}
		before := v.best
		if turn++; turn%2 == 1 && v.met != nil {
			s.mend(v, rel, v.met, slice/2, turn)
		} else {
			s.mend(v, rel, v.known, slice, turn)
		}
		v.met = nil
		last = s.work.done
		if wait = min(wait+1, mendRarely); v.best > before {
			wait = mendWait
		}
		s.found(v, first)
		s.work.stage("prove")
	}
	s.work.stage("prove")
	proven := v.descend(s.cols, rel)
	s.found(v, first)
	return proven
}

// found takes note of what is known by now.
func (s *stages) found(v *prover, first bool) {
	if v.best > v.q.worth(s.best) {
		s.best = v.known
		s.adopt(s.p, s.best)
	}
	if first {
		s.bounded(v.bound)
	}
}

// mend improves a choice with so much work. Each turn looks elsewhere, odd ones
// among the most promising columns only.
func (s *stages) mend(v *prover, rel *relaxed, from []int32, work int64, turn uint64) {
	s.work.stage("improve")
	s.work.within(work, func() {
		worthy := func(gain int64) []int32 {
			some := s.promising(v.worthy(s.cols, rel, max(gain, v.best+1)), rel)
			if turn%2 == 1 {
				some = some[:min(len(some), mendCols)]
			}
			return some
		}
		v.know(v.q.mend(worthy, from, v.bound, s.opt.Seed+turn<<32, s.work))
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
