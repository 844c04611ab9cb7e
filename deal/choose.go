package deal

import "slices"

// How the work is spent: found on real want lists.
const (
	firstMoves = 400_000 // of the annealing before anything is known
	moreMoves  = 2_000_000
	hot        = 2000 // grains that halve the chance to be accepted, at first …
	cold       = 400  // … and in the end

	// Of the work that is left, a stage takes at most one part in boundShare for
	// the bound; then so many per cent for a proof, for mending where it did not
	// end, and for another proof.
	boundShare  = 2
	firstProve  = 60
	mendShare   = 30
	secondProve = 70

	// The stages of people and of ranks take at most one in so much each of all.
	laterShare = 5
)

// choose picks columns: anneal briefly, bound from above by the relaxation,
// and, where the two do not meet, anneal longer among what can still be part of
// something better, mend it region by region, then branch. What is proven to
// trade the most items is then improved in people and in ranks the same way.
func (f *finder) choose(p *packing) {
	f.work.stage("improve")
	best := f.anneal(p, min(firstMoves, 300*int64(p.len())))
	s := &stages{finder: f, p: p, cols: make([]int32, p.len()), best: best}
	for j := range s.cols {
		s.cols[j] = int32(j)
	}
	items, people, ranks := s.items(), false, false
	f.work.within(f.work.budget/laterShare, func() { people = s.people() })
	if items && people {
		f.work.within(f.work.budget/laterShare, func() { ranks = s.ranks() })
	}
	f.result.Exact = items && people && ranks
}

// anneal improves the answer and returns its columns.
func (f *finder) anneal(p *packing, moves int64) []int32 {
	a := newAnnealer(p, f.opt.Seed, f.work)
	a.run(moves, hot, cold, 0)
	best := slices.Sorted(slices.Values(a.top))
	f.adopt(p, best)
	return best
}

// adopt keeps columns as the answer if they are better than the one so far.
func (f *finder) adopt(p *packing, cols []int32) {
	s := newChoice(p)
	s.set(cols)
	if len(f.result.Rings) > 0 && !s.value.Better(f.result.Value) {
		return
	}
	f.result.Value = s.value
	f.work.now.Best = s.value
	f.answer(p, cols)
}

// stages proves one objective after the other. After each, cols are what is
// left of the columns: every choice that is best so far uses only them.
type stages struct {
	*finder
	p    *packing
	cols []int32
	best []int32 // the best choice so far
}

// items proves the number of items; it reports whether it did.
func (s *stages) items() bool {
	q := program{p: s.p, gain: make([]int64, s.p.len())}
	for j := range q.gain {
		q.gain[j] = int64(s.p.items[j])
	}
	return s.prove(q, true)
}

// people proves how many people trade, items being given.
func (s *stages) people() bool {
	q := program{p: s.p, gain: make([]int64, s.p.len()), person: 1}
	for j := range q.gain {
		q.gain[j] = int64(s.p.items[j]) * int64(s.p.people+1)
	}
	return s.prove(q, false)
}

// ranks proves the sum of costs, items and people being given.
func (s *stages) ranks() bool {
	highest := int64(0)
	same := true
	for _, j := range s.cols {
		highest = max(highest, s.p.cost[j])
		same = same && s.p.cost[j]*int64(s.p.items[s.cols[0]]) == s.p.cost[s.cols[0]]*int64(s.p.items[j])
	}
	if same {
		return true // the items decide it
	}
	// A person must outweigh all ranks, an item all people.
	person := int64(s.p.offers)*highest + 1
	item := person * int64(s.p.people+1)
	if highest > 1<<30 || item > 1<<40/int64(s.p.offers+1) {
		return false // beyond what the relaxation can tell apart
	}
	q := program{p: s.p, gain: make([]int64, s.p.len()), person: person}
	for j := range q.gain {
		q.gain[j] = item*int64(s.p.items[j]) - s.p.cost[j]
	}
	return s.prove(q, false)
}

// prove settles one program as far as the work allows.
func (s *stages) prove(q program, first bool) bool {
	v := &prover{q: q, work: s.work}
	v.know(s.best)
	s.work.stage("bound")
	var rel *relaxed
	s.work.within((s.work.budget-s.work.done)/boundShare, func() {
		rel = q.relax(s.cols, positions(s.cols, s.best), s.work)
	})
	v.look(s.cols, rel)
	if first {
		s.result.Bound = min(s.result.Bound, rel.most())
		if !rel.whole {
			s.result.Bound = min(s.result.Bound, s.loosely())
		}
		s.work.now.Bound = s.result.Bound
	}
	if first && rel.most() > v.best {
		s.work.stage("improve")
		some := v.worthy(s.cols, rel, v.best+1)
		v.know(s.annealAmong(some, min(moreMoves, 1000*int64(len(some)))))
	}
	proven := s.settle(v, rel)
	s.best = v.known
	s.adopt(s.p, s.best)
	if proven && s.result.Complete {
		if first {
			s.result.Bound = v.best
		}
		s.cols = v.worthy(s.cols, rel, v.best)
	}
	return proven && s.result.Complete
}

// settle cuts and branches, and where that does not end, mends region by region
// and tries again; it reports whether the best known is proven.
func (s *stages) settle(v *prover, rel *relaxed) bool {
	for _, share := range []int64{firstProve, secondProve} {
		if rel.most() <= v.best {
			return true
		}
		if !rel.whole {
			share = 0
		}
		proven := false
		s.work.stage("prove")
		s.work.within((s.work.budget-s.work.done)*share/100, func() { proven = share > 0 && v.split(s.cols, rel) })
		if proven {
			return true
		}
		s.work.stage("improve")
		s.work.within((s.work.budget-s.work.done)*mendShare/100, func() {
			worthy := func(gain int64) []int32 { return v.worthy(s.cols, rel, gain) }
			v.know(v.q.mend(worthy, v.known, rel.most(), s.opt.Seed, s.work))
		})
	}
	return rel.most() <= v.best
}

// annealAmong anneals over some of the columns only.
func (s *stages) annealAmong(cols []int32, moves int64) []int32 {
	some := &pool{}
	for _, j := range cols {
		some.add(s.p.pool.ring(j), int(s.p.items[j]), s.p.cost[j])
	}
	// What is sorted and undominated stays so: column k of the part is cols[k].
	part := newPacking(s.core, some)
	a := newAnnealer(part, s.opt.Seed+1, s.work)
	a.run(moves, hot, cold, int(s.result.Bound))
	var best []int32
	for _, k := range a.top {
		best = append(best, cols[k])
	}
	slices.Sort(best)
	return best
}
