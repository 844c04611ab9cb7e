package deal

import (
	"maps"
	"slices"
)

// A ladder is the proof of goals one after another for rings of any length:
// prices of rows and columns which together show that no assignment has more of
// a measure. Each further goal counts less than a whole unit of those before,
// so its prices are added to a multiple of theirs: large enough that an arc
// which none of the best has stays without surplus.
type ladder struct {
	keeper func(row int32) bool
	lo, hi []int32 // all arcs, before any was left out
	col    []int32
	arc    []int32
	slack  []int64 // per arc: how much its ends' prices exceed what it is worth

	out, in []int64 // per row and column
	people  map[int32]int64
	limits  []Price // of the first goal, which is then the only one
	level   []int64 // of the graph's nodes, see levels
	scale   int64
	weights []int64 // of the goals so far, the last one's being 1
	proofs  []Proof
	broken  bool // the numbers became too large, or a goal stayed open
}

// maxPotential bounds the numbers of a certificate.
const maxPotential = 1 << 58

// maxLadder is the largest scale of a certificate.
const maxLadder = 1 << 40

// newLadder remembers the arcs. The assignment must not have lost any yet.
func newLadder(m *assignment) *ladder {
	l := &ladder{keeper: m.keeper, scale: 1, people: make(map[int32]int64)}
	l.lo, l.hi = append(l.lo, m.lo...), append(l.hi, m.hi...)
	l.col, l.arc = append(l.col, m.col...), append(l.arc, m.arc...)
	l.slack = make([]int64, len(l.col))
	l.out, l.in = make([]int64, len(m.mate)), make([]int64, len(m.mate))
	return l
}

// A rung is the dual solution of one goal: u and v as in an assignment, with
// what an arc costs, what a row or column is worth at most, and prices of people
// below scale.
type rung struct {
	goal   Goal
	bound  int64
	proven bool
	scale  int64
	u, v   []int64
	cost   func(row, col, arc int32) int64
	out    func(row int32) int64
	in     func(col int32) int64
	people map[int32]int64
}

// add adds the proof of a goal; after one that stays open there are no more.
func (l *ladder) add(s *endless, r rung) {
	if l.broken {
		return
	}
	scale := max(l.scale, r.scale) // both are powers of two
	times, own := scale/l.scale, scale/r.scale
	slack := func(row, k int32) int64 {
		return own * (r.cost(row, l.col[k], l.arc[k]) - r.u[row] - r.v[l.col[k]])
	}
	weight, ok := l.outweigh(times, slack)
	if !ok || weight > maxPotential/times {
		l.broken = true
		return
	}
	times *= weight
	limit := maxPotential / times / 4
	l.each(func(row, k int32) {
		l.broken = l.broken || l.slack[k] > limit
		l.slack[k] = l.slack[k]*times + slack(row, k)
	})
	for j := range l.out {
		l.broken = l.broken || max(l.out[j], -l.out[j], l.in[j], -l.in[j]) > limit
		l.out[j] = l.out[j]*times + own*(r.out(int32(j))-r.u[j])
		l.in[j] = l.in[j]*times + own*(r.in(int32(j))-r.v[j])
	}
	for u, x := range l.people {
		l.broken = l.broken || x > limit
		l.people[u] = x * times
	}
	for u, x := range r.people {
		l.people[u] = x * own
	}
	for i := range l.weights {
		l.weights[i] *= weight
		l.broken = l.broken || l.weights[i] >= largestMeasure
	}
	l.weights = append(l.weights, 1)
	l.scale = scale
	if !l.broken {
		l.write(s, r)
	}
	l.broken = l.broken || !r.proven
}

// outweigh returns by how much the prices so far, times so much, must be
// multiplied for every arc that has a surplus to keep one; false: an arc without
// has none either by the new prices.
func (l *ladder) outweigh(times int64, slack func(row, k int32) int64) (weight int64, ok bool) {
	weight, ok = 1, true
	if len(l.proofs) == 0 {
		return weight, ok
	}
	l.each(func(row, k int32) {
		have, want := l.slack[k]*times, 1-slack(row, k)
		if l.slack[k] > 0 {
			weight = max(weight, (want+have-1)/have)
		} else if want > 1 {
			ok = false
		}
	})
	return weight, ok
}

// each visits every arc once; keepers share theirs.
func (l *ladder) each(visit func(row, k int32)) {
	kept := false
	for row := range l.lo {
		if l.keeper(int32(row)) {
			if kept {
				continue
			}
			kept = true
		}
		for k := l.lo[row]; k < l.hi[row]; k++ {
			visit(int32(row), k)
		}
	}
}

// shift changes the prices so that also the arcs between parts of the arcs
// without surplus get one: no best assignment has them (see tighten).
func (l *ladder) shift(m *assignment, part []int32) {
	if l.broken {
		return
	}
	level := levels(part, func(row int32, visit func(int32)) {
		for k := m.lo[row]; k < m.hi[row]; k++ {
			if m.cost[k] == m.u[row]+m.v[m.col[k]] {
				visit(m.back[m.col[k]])
			}
		}
	})
	times, highest := int64(1), int64(0)
	for _, x := range level {
		highest = max(highest, x)
	}
	for times <= highest {
		times *= 2
	}
	largest := int64(0)
	for row := range l.lo {
		largest = max(largest, l.out[row], -l.out[row], l.in[row], -l.in[row])
	}
	for _, x := range l.slack {
		largest = max(largest, x)
	}
	for _, x := range l.people {
		largest = max(largest, x)
	}
	if l.broken = largest > maxPotential/times/2 || l.scale > maxLadder/times; l.broken {
		return
	}
	l.each(func(row, k int32) {
		l.slack[k] = l.slack[k]*times + level[row] - level[m.back[l.col[k]]]
	})
	for row := range l.out {
		l.out[row] = l.out[row]*times + level[row]
		l.in[row] = l.in[row]*times - level[m.back[row]]
	}
	for u := range l.people {
		l.people[u] *= times
	}
	l.scale *= times
}

// write writes the proof in numbers of the graph's nodes. Nodes that are on no
// ring, and arcs between the parts of the graph, are made worthless by raising
// what leaves a part against what enters it.
func (l *ladder) write(s *endless, r rung) {
	n := s.g.Len()
	pot := &Potentials{Scale: l.scale, Out: make([]int64, n), In: make([]int64, n)}
	for i, node := range s.core.node {
		best := s.m.first[i]
		for j := best + 1; j < s.m.first[i+1]; j++ {
			if l.out[j]+l.in[j] < l.out[best]+l.in[best] {
				best = j
			}
		}
		pot.Out[node], pot.In[node] = l.out[best], l.in[best]
	}
	pot.Limits = l.limits
	for _, u := range sortedKeys(l.people) {
		if l.people[u] > 0 {
			pot.People = append(pot.People, Price{int64(u), l.people[u]})
		}
	}
	p := Proof{Goal: r.goal.String(), Bound: r.bound, Weights: append([]int64(nil), l.weights[:len(l.weights)-1]...), Potentials: pot}
	if l.part(s, pot, p.Weights) {
		l.proofs = append(l.proofs, p)
	} else {
		l.broken = true
	}
}

// part raises the potentials between the parts of the graph.
func (l *ladder) part(s *endless, pot *Potentials, weights []int64) bool {
	level := l.levels(s)
	highest := int64(1)
	for _, x := range level {
		highest = max(highest, x)
	}
	most := int64(0)
	for i := range pot.Out {
		most = max(most, pot.Out[i], -pot.Out[i], pot.In[i], -pot.In[i])
	}
	top := int64(1) // of what an arc can be worth
	for i, goal := range s.aims()[:len(weights)+1] {
		w := l.scale
		if i < len(weights) {
			w *= weights[i]
		}
		switch goal {
		case Worth:
			w *= max(s.g.Top(), 1)
		case Cost:
			w = 0
		}
		if w > maxPotential {
			return false
		}
		top += w
	}
	lift := 2*most + top
	if lift > maxPotential/highest {
		return false
	}
	for i := range pot.Out {
		pot.Out[i] += lift * level[i]
		pot.In[i] -= lift * level[i]
	}
	return true
}

// levels returns those of the graph's nodes, its parts being those in which
// rings and chains stay.
func (l *ladder) levels(s *endless) []int64 {
	if l.level == nil {
		hub := s.opt.chain() != 0
		arcs := hubArcs(s.g, hub)
		l.level = levels(s.core.part, func(i int32, visit func(int32)) {
			if int(i) < s.g.Len() && !(hub && s.g.IsGift(Node(i))) {
				for _, a := range s.g.arcs[i] {
					visit(int32(a.To))
				}
				return
			}
			for k := 0; ; k++ {
				j, more := arcs(Node(i), k)
				if !more {
					return
				}
				visit(int32(j))
			}
		})
	}
	return l.level
}

// levels returns how far each node is from the end: 0 in a part of the graph from
// where nothing leads to another, else one more than in the parts that it leads
// to. Parts are numbered such that arcs lead to lower numbers.
func levels(part []int32, arcs func(i int32, visit func(j int32))) []int64 {
	parts := int32(0)
	for _, p := range part {
		parts = max(parts, p+1)
	}
	next := make([]int32, parts+1) // where the nodes of a part go in order
	for _, p := range part {
		next[p+1]++
	}
	for p := range parts {
		next[p+1] += next[p]
	}
	order := make([]int32, len(part))
	for i, p := range part {
		order[next[p]] = int32(i)
		next[p]++
	}
	of := make([]int64, parts)
	for _, i := range order {
		arcs(i, func(j int32) {
			if part[j] != part[i] {
				of[part[i]] = max(of[part[i]], of[part[j]]+1)
			}
		})
	}
	level := make([]int64, len(part))
	for i, p := range part {
		level[i] = of[p]
	}
	return level
}

// sortedKeys returns the keys of a map in their order.
func sortedKeys(m map[int32]int64) []int32 {
	return slices.Sorted(maps.Keys(m))
}

// prove adds the proof of a goal that is a sum over arcs, of which the
// assignment is the best one that is left.
func (s *endless) prove(goal Goal) {
	if s.proof == nil || s.proof.broken {
		return
	}
	item := map[Goal]int64{Items: 1, Worth: s.top}[goal]
	group := func(row int32) bool { return s.core.isGroup(s.m.nodeOf[row]) }
	bound := s.bounds[len(s.bounds)-1]
	s.proof.add(s, rung{
		goal: goal, bound: bound, proven: bound == s.value(goal), scale: 1, u: s.m.u, v: s.m.v,
		cost: func(row, _, arc int32) int64 { return s.price(goal, row, arc) },
		out: func(row int32) int64 {
			if s.m.keeper(row) {
				return 0
			}
			return item
		},
		in: func(col int32) int64 {
			if group(col) {
				return -item
			}
			return 0
		},
	})
}

// proveSettled proves a goal in which all assignments that are left are equal.
func (s *endless) proveSettled(goal Goal) {
	if s.proof == nil || s.proof.broken {
		return
	}
	held := slices.Clone(s.m.mate)
	for row := range s.m.lo {
		for k := s.m.lo[row]; k < s.m.hi[row]; k++ {
			s.m.cost[k] = s.price(goal, int32(row), s.m.arc[k])
		}
	}
	if s.m.solve(s.work) {
		s.prove(goal)
	}
	s.m.restore(held)
}

// provePeople adds the proof of how many people can trade.
func (c *crowd) provePeople() {
	if c.proof == nil || c.proof.broken || c.bestPrice == nil && c.people > 0 {
		return
	}
	idle := func(col, arc int32) bool { return arc == noTrade || arc == kept && c.m.keeper(col) }
	price := make(map[int32]int64)
	of := func(col int32) int64 {
		if i := c.m.nodeOf[col]; !c.core.isGroup(i) {
			return c.bestPrice[c.place[c.core.owner[i]]]
		}
		return 0
	}
	for u, p := range c.place {
		price[u] = whole - c.bestPrice[p]
	}
	bound := c.bounds[len(c.bounds)-1]
	// Their bound is less than one person too high, which would be too much for
	// goals to come: those are proven without it.
	before := *c.proof
	before.slack = slices.Clone(before.slack)
	before.out, before.in = slices.Clone(before.out), slices.Clone(before.in)
	before.weights = append(slices.Clone(before.weights), 0)
	before.people = make(map[int32]int64)
	c.proof.add(c.endless, rung{
		goal: People, bound: bound, proven: bound == c.count(), scale: whole, u: c.bestU, v: c.bestV,
		cost: func(_, col, arc int32) int64 {
			if idle(col, arc) {
				return of(col)
			}
			return 0
		},
		out:    func(int32) int64 { return 0 },
		in:     of,
		people: price,
	})
	before.broken, before.proofs = c.proof.broken, c.proof.proofs
	*c.proof = before
}
