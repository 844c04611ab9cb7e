package deal

import (
	"math"
	"slices"
	"sort"
)

// How the work is spent: found on real want lists.
const (
	firstMoves = 400_000 // of the annealing before anything is known
	moreMoves  = 2_000_000
	hot        = 2000 // grains that halve the chance to be accepted, at first …
	cold       = 400  // … and in the end

	// Of the work that is left, a stage takes at most one part in boundShare for
	// the bound.
	boundShare = 2

	// What a stage does not use is left to the next ones; each but the last leaves
	// at least one part in laterShare of it to them.
	laterShare = 5
)

// promisingCols are of how many columns, those that the relaxation would lose
// least by, the annealing makes its choice then: far fewer than there are.
var promisingCols = []int{1000, 2000}

// choose picks columns: anneal briefly, bound from above by the relaxation,
// and, where the two do not meet, anneal longer among what can still be part of
// something better, mend it region by region, then branch. What is proven best
// by the first goal is then improved by the later ones the same way.
func (f *finder) choose(p *packing) {
	f.work.stage("improve")
	best := f.anneal(p, min(firstMoves, 300*int64(p.len())))
	s := &stages{finder: f, p: p, cols: make([]int32, p.len()), best: best, cert: new(Certificate)}
	for j := range s.cols {
		s.cols[j] = int32(j)
	}
	s.proven = s.stage(0)
	for k := 1; k < len(f.goals); k++ {
		before := s.proven
		left := f.work.budget - f.work.done
		if k+1 < len(f.goals) {
			left -= left / laterShare
		}
		f.work.within(left, func() { s.proven = s.stage(k) && before })
		if !before {
			break // what comes later decides nothing
		}
	}
	f.result.Exact = s.proven
	if f.result.Complete && len(s.cert.Proofs) > 0 {
		f.result.Certificate = s.cert
	}
}

// anneal improves the answer and returns its columns.
func (f *finder) anneal(p *packing, moves int64) []int32 {
	a := newAnnealer(p, f.goals, f.opt.Seed, f.work)
	a.run(moves, hot, cold, 0)
	best := slices.Sorted(slices.Values(a.top))
	if len(best) == 0 { // the search was stopped before it began
		best = f.greedy(p)
	}
	f.adopt(p, best)
	return best
}

// greedy takes rings in turn as far as they fit, those first whose nodes few
// others want: one look at each ring, whatever work is left.
func (f *finder) greedy(p *packing) []int32 {
	order, crowd := make([]int32, p.len()), make([]int, p.len())
	for j := range order {
		order[j] = int32(j)
		for _, r := range p.rowsOf(int32(j)) {
			crowd[j] += len(p.colsOf(r))
		}
	}
	sort.SliceStable(order, func(a, b int) bool {
		i, j := order[a], order[b]
		return crowd[i]*int(p.items[j]) < crowd[j]*int(p.items[i]) // the crowd per item
	})
	use := make(map[int32]int64)
	var taken []int32
	for _, j := range order {
		if p.fits(j, use, nil) {
			taken = append(taken, j)
		}
	}
	slices.Sort(taken)
	s := newChoice(p)
	s.set(taken)
	if s.value.Compare(Value{}, f.goals) <= 0 {
		return nil
	}
	return taken
}

// adopt keeps columns as the answer if they are better than the one so far.
func (f *finder) adopt(p *packing, cols []int32) {
	s := newChoice(p)
	s.set(cols)
	if len(f.result.Rings) > 0 && s.value.Compare(f.result.Value, f.goals) <= 0 {
		return
	}
	f.result.Value = s.value
	f.work.now.Best = s.value
	f.answer(p, cols)
}

// atMost turns a bound on items into one on the first goal.
func (f *finder) atMost(items int64) int64 {
	switch f.goals[0] {
	case Items:
		return items
	case People: // a chain has one more than items
		return 2 * items
	case Worth:
		return items * f.g.top
	case Expected:
		return items * Certain
	}
	return 0
}

// bounded takes note that the first goal's part of no measure is above most.
func (f *finder) bounded(most int64) {
	if f.goals[0] == Cost {
		f.result.Bound = max(f.result.Bound, -most)
	} else {
		f.result.Bound = min(f.result.Bound, most)
	}
	f.work.now.Bound = f.result.Bound
}

// stages proves one goal after the other. After each, cols are what is left of
// the columns: every choice that is best so far uses only them.
type stages struct {
	*finder
	p    *packing
	cols []int32
	best []int32 // the best choice so far

	proven  bool   // all goals so far
	settled []bool // per goal: all that is left has as much of it per item
	cert    *Certificate
	ended   bool // the certificate has a bound that is not reached, or lacks a proof
}

// stage proves goal k, those before being given; it reports whether it did.
func (s *stages) stage(k int) bool {
	if s.follows(k) {
		return true
	}
	q, ok := s.program(k)
	if !ok {
		return false // beyond what the relaxation can tell apart
	}
	return s.prove(q, k == 0)
}

// largestMeasure is how large the measure of a choice may be: the relaxation
// must tell one from the next in floating point.
const largestMeasure = 1 << 48

// program weighs the goals up to k against each other: a unit of one outweighs
// all that the later ones can still gain.
func (s *stages) program(k int) (program, bool) {
	now := s.value()
	weight, room := make([]int64, k+1), int64(0) // room: what later goals may gain
	total := int64(0)
	for i := k; i >= 0; i-- {
		goal := s.goals[i]
		most, value := s.ceiling(goal), now.Of(goal)
		if goal == Cost {
			value = -value
		}
		if i < len(s.settled) && s.settled[i] {
			continue // it decides nothing any more
		}
		weight[i] = room + 1
		if i == k {
			weight[i] = 1
		}
		reach := max(most-value, most, -value, 1)
		if reach > largestMeasure/weight[i] {
			return program{}, false
		}
		room += weight[i] * max(most-value, 0)
		total += weight[i] * reach
	}
	if total > largestMeasure {
		return program{}, false
	}
	q := program{p: s.p, goals: s.goals[:k+1], weight: weight, gain: make([]int64, s.p.len())}
	for i, goal := range q.goals {
		if goal == People {
			q.person = weight[i]
			continue
		}
		for j := range q.gain {
			q.gain[j] += weight[i] * s.p.of(goal, int32(j))
		}
	}
	for i, goal := range q.goals[:k] {
		if s.proven && (goal == Items || goal == People) {
			q.given = append(q.given, given{goal, i, now.Of(goal)})
		}
	}
	q.reach = s.reach(q)
	return q, true
}

// reach bounds what a walk may gain or lose step by step, as the pass over all
// rings that checks a certificate adds it up.
func (s *stages) reach(q program) float64 {
	item, loss := 0.0, 0.0
	for i, goal := range q.goals {
		w := float64(q.weight[i])
		switch goal {
		case Items, People:
			item += w
		case Cost:
			loss += w
		case Worth:
			item, loss = item+float64(w*float64(s.p.top)), loss+w
		case Expected:
			item += w * Certain
		}
	}
	highest := int64(1)
	for _, c := range s.core.cost {
		highest = max(highest, c)
	}
	return max(item, loss*float64(highest)) * walkSteps
}

// follows reports whether goal k is decided by those before it.
func (s *stages) follows(k int) bool {
	s.settled = append(s.settled, false)
	if k == 0 || !s.proven || !s.p.follows(s.goals[k], slices.Contains(s.goals[:k], Items), s.cols) {
		return false
	}
	s.settled[k] = true
	if !s.ended && len(s.cert.Proofs) == k {
		goal := s.goals[k]
		s.cert.Proofs = append(s.cert.Proofs, Proof{Goal: goal.String(), Bound: s.value().Of(goal), Weights: make([]int64, k)})
	}
	return true
}

// value is what the best choice so far is worth.
func (s *stages) value() Value {
	now := newChoice(s.p)
	now.set(s.best)
	return now.value
}

// ceiling is more than any choice among the columns left has of a goal, or as
// much.
func (s *stages) ceiling(goal Goal) int64 {
	touched, people := make([]bool, len(s.p.cap)), make([]bool, s.p.people)
	best := int64(0) // of an item
	items, persons := int64(0), int64(0)
	for _, j := range s.cols {
		for _, r := range s.p.rowsOf(j) {
			if int(r) < s.p.offers && !touched[r] {
				touched[r] = true
				items++
			}
		}
		for _, u := range s.p.whoOf(j) {
			if !people[u] {
				people[u] = true
				persons++
			}
		}
		if of, n := s.p.of(goal, j), int64(s.p.items[j]); goal != People && of > 0 {
			best = max(best, (of+n-1)/n)
		}
	}
	if goal == People {
		return persons
	}
	return best * items
}

// prove settles one program as far as the work allows.
func (s *stages) prove(q program, first bool) bool {
	v := &prover{q: q, work: s.work, log: newProofLog(), bound: math.MaxInt64, whole: true}
	v.know(s.best)
	s.work.stage("bound")
	var rel *relaxed
	s.work.within((s.work.budget-s.work.done)/boundShare, func() {
		rel = q.relax(s.cols, positions(s.cols, s.best), s.work)
	})
	v.log.prices(&v.q, rel)
	v.look(s.cols, rel)
	if first {
		s.bounded(rel.most())
		if !rel.whole {
			s.bounded(s.atMost(s.loosely()))
		}
	}
	if first && rel.most() > v.best {
		s.work.stage("improve")
		for _, n := range promisingCols {
			some := s.promising(v.worthy(s.cols, rel, v.best+1), rel)
			some = slices.Sorted(slices.Values(some[:min(n, len(some))]))
			v.know(s.annealAmong(some, min(moreMoves, 1000*int64(len(some)))))
			if len(some) < n {
				break
			}
		}
	}
	proven := s.settle(v, rel, first)
	s.best = v.known
	s.adopt(s.p, s.best)
	proven = proven && s.result.Complete
	s.attest(v, rel, proven)
	if proven {
		if first {
			s.bounded(v.best)
		}
		s.cols = v.worthy(s.cols, rel, v.best)
	}
	return proven
}

// annealAmong anneals over some of the columns only.
func (s *stages) annealAmong(cols []int32, moves int64) []int32 {
	some := &pool{}
	for _, j := range cols {
		some.add(s.p.pool.ring(j), int(s.p.items[j]), s.p.cost[j])
	}
	// What is sorted and undominated stays so: column k of the part is cols[k].
	part := newPacking(s.core, some)
	a := newAnnealer(part, s.goals, s.opt.Seed+1, s.work)
	bound := s.result.Bound
	if s.goals[0] == Cost {
		bound = 0
	}
	a.run(moves, hot, cold, bound)
	var best []int32
	for _, k := range a.top {
		best = append(best, cols[k])
	}
	slices.Sort(best)
	return best
}
