package deal

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
	masterShare = 50 // for the bound
	nearShare   = 10 // for listing what the prices leave
)

// mostNear is how many rings and chains are listed because the prices do not
// rule them out.
const mostNear = 100_000

// priced chooses among columns that a master generates; its bound holds for all
// others, too. Then it lists what the prices do not rule out, and chooses once
// more. some are rings for where the work ends too early.
func (f *finder) priced(some *pool) {
	f.work.stage("bound")
	m := newMaster(f)
	solved := false
	f.work.within(f.work.budget*masterShare/100, func() { solved = m.solve() })
	bound := m.bound / m.pr.scale
	f.result.Bound, f.work.now.Bound = bound, bound
	f.outer = m.shown()
	if !solved {
		m.pool.append(some)
	}
	f.among(m.pool)
	best := f.result.Value.Of(m.pr.goal)
	// What an answer no worse than the best may hold decides all goals.
	if near := f.near(m, best); near != nil {
		f.result.Complete = true
		f.among(near)
		return
	}
	if best >= bound {
		return
	}
	// What a better one may hold decides the first.
	if near := f.near(m, best+1); near != nil {
		f.result.Complete = true
		inner := f.among(near)
		f.result.Complete = false
		f.result.Bound = min(bound, max(inner, best))
	}
}

// near lists what a choice of so much may hold: where one of its columns gains
// less than its prices by more than the bound is above, it is worth less. The
// generated columns stand there too. It returns nil where there are too many.
func (f *finder) near(m *master, worth int64) *pool {
	if f.work.spent() {
		return nil
	}
	f.work.stage("rings")
	p, whole := &pool{}, false
	f.work.within(f.work.budget*nearShare/100, func() {
		m.pr.set(m.perNode(m.proof))
		m.pr.quota = 0
		whole = m.pr.above(worth*m.pr.scale-m.bound-1, false, func(path []int32, items int, _ int64) bool {
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
