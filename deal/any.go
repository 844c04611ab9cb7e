package deal

import "slices"

// anyLength finds rings and chains of any length: an assignment of what is
// given to what is taken that is best in the goals one after another. After
// each goal only the arcs stay that an answer best in it can have. Items, Cost
// and Worth are exact; the number of people is bounded by prices (see crowd).
// What is expected is looked for among short rings only: long ones break.
func (f *finder) anyLength() {
	f.work.stage("improve")
	if f.aims()[0] == Expected {
		f.short(DefaultMaxRing + 1)
		return
	}
	s := &endless{finder: f, m: newAssignment(f.core)}
	done := false
	f.work.within(f.work.budget*3/4, func() { done = s.run() })
	switch {
	case !done: // too large for the budget: short rings are better than none
		f.short(DefaultMaxRing)
	case len(f.g.limits) > 0 && !f.within(s.m.rings()):
		f.limited(s)
	default:
		s.finish()
	}
}

// short finds rings of so many items, and claims nothing about longer ones.
func (f *finder) short(maxRing int) {
	f.opt.MaxRing = maxRing
	f.capped()
	f.result.Bound, f.result.Complete = worst(f.aims()[0], f.core), false
	f.result.Optimal, f.result.Exact, f.result.Certificate = false, false, nil
}

// within reports whether rings keep the limits.
func (f *finder) within(rings [][]int32) bool {
	used := make(map[Node]int)
	for _, ring := range rings {
		for _, x := range ring {
			used[f.core.node[x]]++
		}
	}
	for i := range f.g.limits {
		if f.g.limits[i].sum(used) > f.g.limits[i].most {
			return false
		}
	}
	return true
}

// limited finds what keeps the limits, where the best answer without them does
// not: exact in the first goal if the work suffices, then as good in the others
// as what trades allows.
func (f *finder) limited(free *endless) {
	goal := f.aims()[0]
	s := &endless{finder: f, m: newAssignment(f.core), top: f.g.Top()}
	first := goal
	if !s.sums(goal) {
		first = Items
	}
	b := newBudget(s, first)
	proof := newLadder(s.m)
	f.work.stage("prove")
	least := b.run()
	b.lock()
	for j := range s.m.mate {
		s.m.mate[j], s.m.back[j] = -1, -1
	}
	s.fixed, s.closed = true, true
	if !s.run() {
		s.m.restore(b.best)
		s.bounds = nil
	}
	bound := free.bounds[0]
	if first == goal {
		if goal == Cost {
			bound = max(bound, least)
		} else {
			bound = min(bound, s.most(goal)-least)
		}
	}
	s.bounds = append([]int64{bound}, s.bounds[min(1, len(s.bounds)):]...)
	if first == goal {
		s.proof = b.prove(proof, bound, true)
	}
	s.finish()
}

// mean is MaxMeanCost, or 0 where it is so high that it cannot matter.
func (f *finder) mean() int64 {
	if f.opt.MaxMeanCost >= 2*MaxCost {
		return 0
	}
	return max(f.opt.MaxMeanCost, 0)
}

// aims returns the goals.
func (f *finder) aims() []Goal {
	if len(f.opt.Goals) > 0 {
		return f.opt.Goals
	}
	return DefaultGoals()
}

// worst is a bound of a goal that holds whatever is found.
func worst(goal Goal, c *core) int64 {
	switch goal {
	case Cost:
		return 0
	case Worth:
		return int64(c.offers) * c.g.Top()
	case Expected:
		return int64(c.offers) * Certain
	}
	return int64(c.offers)
}

// An endless search looks for rings of any length, goal by goal.
type endless struct {
	*finder
	m      *assignment
	bounds []int64 // of the goals so far
	loose  []int64 // bound of the first goal without MaxMeanCost
	fixed  bool    // arcs were left out that an answer best so far may have
	top    int64   // what an item is worth
	proof  *ladder // what becomes the certificate, if there is one
	closed bool    // no certificate
}

// run follows the goals; false: the work ran out before there was an answer.
func (s *endless) run() bool {
	goals := s.aims()
	s.work.stage("bound")
	if !s.dear() {
		return false
	}
	for i := 0; i < len(goals); i++ {
		if i == 0 && !s.sums(goals[0]) && !s.m.solve(s.work) {
			return false
		}
		switch {
		case s.sums(goals[i]):
			if !s.linear(goals[i]) {
				return i > 0
			}
			s.work.now.Bound = s.bounds[0]
		case goals[i] == People:
			i += s.people(i)
			s.work.now.Bound = s.bounds[0]
		case goals[i] == Worth:
			s.bounds = append(s.bounds, 0)
			s.proveSettled(Worth)
		default:
			if s.proof != nil {
				s.proof.broken = true
			}
			s.bounds = append(s.bounds, worst(goals[i], s.core))
		}
	}
	return true
}

// sums reports whether a goal is a sum over arcs; nothing is worth anything
// without SetTop.
func (s *endless) sums(goal Goal) bool {
	return goal == Items || goal == Cost || goal == Worth && s.top > 0
}

// dear leaves out what MaxMeanCost forbids: the assignments that are left are
// those of the greatest worth, were an item worth so much; none of their rings
// costs more. They need not be the best ones without such rings, so that from
// then on there are no bounds but the loose ones of the first goal.
func (s *endless) dear() bool {
	if s.top = s.g.Top(); !s.m.limited && !s.closed {
		s.proof = newLadder(s.m)
	}
	mean, first := s.mean(), s.aims()[0]
	if mean <= 0 || first == Worth && s.top <= mean {
		return true
	}
	if s.sums(first) {
		free := &endless{finder: s.finder, m: newAssignment(s.core), top: s.top}
		if !free.linear(first) {
			return false
		}
		s.loose = free.bounds
	}
	s.top = mean
	s.fixed, s.proof = true, nil
	ok := s.linear(Worth)
	s.top, s.bounds = s.g.Top(), nil
	return ok
}

// linear makes the assignment best in a goal that is a sum over arcs, and
// leaves only the arcs that such an assignment can have.
func (s *endless) linear(goal Goal) bool {
	m := s.m
	if s.settled(goal) {
		s.bounds = append(s.bounds, s.value(goal))
		s.proveSettled(goal)
		return true
	}
	for row := range m.lo {
		for k := m.lo[row]; k < m.hi[row]; k++ {
			m.cost[k] = s.price(goal, int32(row), m.arc[k])
		}
	}
	held := slices.Clone(m.mate)
	if !m.solve(s.work) {
		if len(s.bounds) > 0 { // the answer so far stands
			m.restore(held)
			s.bounds = append(s.bounds, worst(goal, s.core))
		}
		return false
	}
	switch {
	case !s.fixed:
		s.bounds = append(s.bounds, s.value(goal))
	case len(s.bounds) == 0 && s.loose != nil:
		s.bounds = append(s.bounds, s.loose[0])
	default:
		s.bounds = append(s.bounds, worst(goal, s.core))
	}
	part := m.parts()
	if s.proof != nil {
		s.prove(goal)
		s.proof.shift(m, part)
	}
	m.tighten(part)
	return true
}

// price is what an arc costs by a goal: what it takes away from the most that
// there can be of it.
func (s *endless) price(goal Goal, row, arc int32) int64 {
	none := arc == noTrade && !s.core.isGroup(s.m.nodeOf[row])
	switch {
	case goal == Worth && s.top == 0:
		return 0
	case goal == Items && none:
		return 1
	case goal == Items:
		return 0
	case goal == Worth && none:
		return s.top
	case arc >= 0:
		return s.core.cost[arc]
	}
	return 0
}

// settled reports whether every assignment that is left is equal in a goal:
// the items are known, and each costs the same.
func (s *endless) settled(goal Goal) bool {
	if goal == Worth && s.top == 0 {
		return true
	}
	if s.fixed || goal == Items || !slices.Contains(s.aims()[:len(s.bounds)], Items) {
		return false
	}
	same := int64(-1)
	for row := range s.m.lo {
		if s.m.keeper(int32(row)) {
			continue
		}
		group := s.core.isGroup(s.m.nodeOf[row])
		for _, arc := range s.m.arc[s.m.lo[row]:s.m.hi[row]] {
			if arc < 0 {
				continue
			}
			cost := s.core.cost[arc]
			switch {
			case group && cost != 0:
				return false
			case group:
			case same < 0:
				same = cost
			case same != cost:
				return false
			}
		}
	}
	return true
}

// value is what the assignment is worth by a goal that is a sum over arcs.
func (s *endless) value(goal Goal) int64 {
	items, cost := int64(0), int64(0)
	for row := range s.m.mate {
		arc := s.m.arc[s.m.pair(int32(row))]
		if arc < 0 {
			continue
		}
		cost += s.core.cost[arc]
		if !s.core.isGroup(s.m.nodeOf[row]) {
			items++
		}
	}
	switch goal {
	case Items:
		return items
	case Cost:
		return cost
	case Worth:
		if s.top > 0 {
			return items*s.top - cost
		}
	}
	return 0
}

// finish makes the answer of the assignment and says what is proven of it.
func (s *endless) finish() {
	f := s.finder
	held := slices.Clone(s.m.mate)
	s.m.split(s.work)
	whole := f.keep(s.m.rings()) && !s.m.limited
	if !whole {
		s.m.restore(held)
		whole = f.keep(s.m.rings()) && !s.m.limited
	}
	goals := f.aims()
	f.result.Bound = s.bounds[0]
	f.result.Complete = whole
	f.result.Optimal = whole && f.result.Value.Of(goals[0]) == s.bounds[0]
	f.result.Exact = f.result.Optimal && len(s.bounds) == len(goals)
	for i, goal := range goals[:len(s.bounds)] {
		f.result.Exact = f.result.Exact && f.result.Value.Of(goal) == s.bounds[i]
	}
	s.certify()
}

// certify keeps what was proven of the answer: up to the first goal that it
// leaves open.
func (s *endless) certify() {
	if s.proof == nil || !s.result.Complete {
		return
	}
	proofs := s.proof.proofs
	for i, goal := range s.aims()[:len(proofs)] {
		if proofs[i].Bound != s.result.Value.Of(goal) {
			proofs = proofs[:i+1]
			break
		}
	}
	if len(proofs) > 0 {
		s.result.Certificate = &Certificate{Proofs: proofs}
	}
}

// shorten keeps the end of a chain, which moves at most so many items: who would
// have given the next one keeps it.
func shorten(g *Graph, chain Ring, most int) Ring {
	left := most + 1 // items and who takes the last one
	for i := len(chain) - 1; i >= 0; i-- {
		if g.IsGroup(chain[i]) {
			continue
		}
		if left--; left == 0 {
			return chain[i:]
		}
	}
	return chain
}

// moved is how many items change hands in a ring or chain.
func moved(g *Graph, r Ring) int64 {
	n := int64(len(g.Items(r)))
	if g.IsChain(r) {
		n--
	}
	return n
}

// keep makes the answer of rings in core numbers; it reports whether all of
// them could be kept.
func (f *finder) keep(rings [][]int32) bool {
	whole := true
	f.result.Rings = nil
	for _, ring := range rings {
		var r Ring
		for _, x := range ring {
			r = append(r, f.core.node[x])
		}
		if f.opt.MaxChain > 0 && f.g.IsChain(r) {
			r = shorten(f.g, r, f.opt.MaxChain)
		}
		cost, err := checkRing(f.g, r, Options{})
		if err != nil || f.mean() > 0 && cost > f.mean()*moved(f.g, r) {
			whole = false // wishes through more groups than MaxNesting, or the dear end of a chain
			continue
		}
		f.result.Rings = append(f.result.Rings, r)
	}
	sortRings(f.g, f.result.Rings)
	if v, err := Check(f.g, f.result.Rings, Options{}); err == nil {
		f.result.Value = v
	}
	return whole
}
