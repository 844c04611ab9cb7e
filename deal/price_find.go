package deal

import (
	"slices"
)

// canPrice reports whether columns can be generated: there are no groups, and
// what a ring is worth by the first goal is the sum of what its arcs are.
func (f *finder) canPrice() bool {
	c := f.core
	first := f.goals[0]
	return len(c.node) > 0 && len(c.node) == c.offers && c.offers <= maxPriced && f.opt.Skip == nil && f.opt.MaxMeanCost == 0 &&
		(first == Items || first == Worth && f.g.top > 0)
}

// How a search with generated columns spends the budget, in per cent.
const (
	beginShare  = 20 // for the first prices
	sampleShare = 8  // for columns before anything is solved
	firstMaster = 5  // for the bound, before the first answer …
	laterMaster = 40 // … and after it
	mendFirst   = 10 // for mending what the master has, each time
	nearShare   = 10 // for listing what the prices leave
)

// The first answer, made of so many rings, is annealed only so long.
const (
	fewFirst = 5000
	fewMoves = 20_000
)

// closeRounds is how often an answer is improved by what the prices rule out
// least, to have them rule out more.
const closeRounds = 4

// mostNear is how many rings and chains are listed because the prices do not
// rule them out.
const mostNear = 100_000

// priced chooses among columns that a master generates; its bound holds for all
// others, too. Where the two do not meet, it lists what the prices do not rule
// out and chooses once more. some are rings for where the work ends too early.
func (f *finder) priced(some *pool) {
	m := newMaster(f)
	f.mended(m, some.few(fewFirst), fewMoves) // something to show early
	f.work.within(f.work.budget*beginShare/100, m.begin)
	f.work.within(f.work.budget*sampleShare/100, m.sample)
	solved := false
	for _, share := range []int64{firstMaster, laterMaster} {
		f.work.stage("bound")
		f.work.within(f.work.budget*share/100, func() { solved = m.solve() })
		f.result.Bound = m.bound / m.pr.scale
		f.work.now.Bound, f.outer = f.result.Bound, m.shown()
		f.work.stage("improve")
		f.work.within(f.work.budget*mendFirst/100, func() { f.mended(m, m.pool, firstMoves) })
		if f.result.Value.Of(m.pr.goal) >= f.result.Bound {
			f.result.Exact = f.evident()
			return
		}
		if solved {
			break
		}
	}
	if solved {
		f.closed(m)
		return
	}
	m.pool.append(some.few(fewRings))
	f.among(m.pool)
}

// closed settles what the prices do not: it lists the rings that they do not
// rule out and chooses among them. Where these are too many, it first looks for
// something better among those that the prices rule out least.
func (f *finder) closed(m *master) {
	bound := f.result.Bound
	for range closeRounds {
		best := f.result.Value.Of(m.pr.goal)
		// What an answer no worse than the best may hold decides all goals.
		gap := m.bound - best*m.pr.scale
		if near := f.near(m, gap); near != nil {
			f.result.Complete = true
			f.among(near)
			return
		}
		// What a better one may hold decides the first.
		if near := f.near(m, gap-m.pr.scale); near != nil {
			f.result.Complete = true
			inner := f.among(near)
			f.result.Complete = false
			f.result.Bound = min(bound, max(inner, best))
			f.result.Exact = f.evident()
			return
		}
		part := m.pool
		for ; gap > 0 && part == m.pool; gap /= 3 {
			if near := f.near(m, gap/3); near != nil {
				part = near
			}
		}
		f.work.stage("improve")
		f.work.within(f.work.budget*mendFirst/100, func() { f.mended(m, part, firstMoves) })
		if f.result.Value.Of(m.pr.goal) == best || f.work.spent() {
			f.among(part)
			break
		}
	}
	f.result.Exact = f.evident()
}

// evident reports whether the goals after the first are proven best without a
// search, where the first one is.
func (f *finder) evident() bool {
	v, c := f.result.Value, f.core
	if v.Of(f.goals[0]) != f.result.Bound || f.goals[0] != Items && len(f.goals) > 1 {
		return false
	}
	for _, goal := range f.goals[1:] {
		evident := false
		switch goal {
		case People: // a ring has no more people than items, a chain one more
			evident = v.People == v.Items+c.gifts
		case Cost, Worth:
			evident = !slices.ContainsFunc(c.cost, func(x int64) bool { return x != c.cost[0] })
		case Expected:
			evident = f.g.keeps == nil
		}
		if !evident {
			return false
		}
	}
	return true
}

// near lists what gains less than its prices by so much at most; an answer that
// holds anything else is below the bound by more. The generated columns stand
// there too. It returns nil where there are too many.
func (f *finder) near(m *master, lack int64) *pool {
	if f.work.spent() {
		return nil
	}
	f.work.stage("rings")
	p, whole := &pool{}, false
	f.work.within(f.work.budget*nearShare/100, func() {
		m.pr.set(m.perNode(m.proof))
		m.pr.quota = 0
		whole = m.pr.above(-max(lack, 0)-1, false, func(path []int32, items int, _ int64) bool {
			p.add(path, items, m.c.costAlong(path))
			return p.len() < mostNear
		})
	})
	if !whole {
		return nil
	}
	p.append(m.pool)
	return p
}

// mended improves the answer by some columns: it anneals so many moves and, if
// these are not few, mends with what the prices do not rule out.
func (f *finder) mended(m *master, some *pool, moves int64) {
	p := newPacking(f.core, some)
	if p.len() == 0 {
		return
	}
	f.result.Listed = p.len()
	bound := m.bound / m.pr.scale
	a := newAnnealer(p, f.goals, f.opt.Seed, f.work)
	a.run(min(moves, 300*int64(p.len())), hot, cold, bound)
	best := slices.Sorted(slices.Values(a.top))
	f.adopt(p, best)
	if held := f.held(p); held != nil {
		best = held
	}
	if moves < firstMoves {
		return
	}
	s := &stages{finder: f, p: p, best: best}
	q, ok := s.program(0)
	if !ok {
		return
	}
	f.adopt(p, q.mend(m.worthy(p, q.gain), best, bound, f.opt.Seed, f.work))
}

// held returns the columns of p that are the answer so far; nil where there is
// none, or not all of it in p.
func (f *finder) held(p *packing) []int32 {
	back := make(map[Node]int32, len(f.core.node))
	for i, x := range f.core.node {
		back[x] = int32(i)
	}
	key := func(nodes []int32) string {
		slices.Sort(nodes)
		return string(keyOf(nodes))
	}
	rings := make(map[string]bool, len(f.result.Rings))
	for _, r := range f.result.Rings {
		var nodes []int32
		for _, x := range r {
			nodes = append(nodes, back[x])
		}
		rings[key(nodes)] = true
	}
	var cols []int32
	for j := range int32(p.len()) {
		if rings[key(slices.Clone(p.pool.ring(j)))] {
			cols = append(cols, j)
		}
	}
	if len(cols) != len(f.result.Rings) {
		return nil
	}
	return cols
}
