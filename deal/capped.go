package deal

import "sxp/deal/internal/random"

// Of rings and chains of up to so many items, only so many are listed where
// columns could be generated instead: beyond, that is quicker.
const (
	fewItems = 5
	fewRings = 100_000
)

// capped finds rings of limited length: it lists them all, then chooses. Where
// there are too many it generates those that matter, or takes a sample.
func (f *finder) capped() {
	f.core.turn()
	f.result.Bound = f.atMost(int64(f.core.offers))
	if f.canPrice() {
		f.work.stage("rings")
		most := f.room()
		if f.longest() <= fewItems {
			most = min(most, fewRings)
		}
		all, whole := f.listUpTo(f.longest(), f.work.budget/3, most)
		f.result.Complete = whole
		if whole || f.work.stopped {
			f.among(all)
		} else {
			f.priced(all)
		}
	} else {
		f.among(f.list())
		if !f.result.Complete {
			f.result.Bound = min(f.result.Bound, f.atMost(f.loosely()))
		}
	}
	f.attested()
	f.result.Optimal = f.result.Bound == f.result.Value.Of(f.goals[0])
	f.result.Exact = f.result.Exact && f.result.Optimal
}

// room is how many rings are held at once: fewer where each uses up many limits,
// which is noted with it.
func (f *finder) room() int {
	most := maxPool
	if f.opt.MaxRings > 0 {
		most = min(max(f.opt.MaxRings, minPool), maxPool)
	}
	limits := 0 // of one node
	for _, of := range f.core.charges() {
		limits = max(limits, len(of))
	}
	if limits > 0 {
		most = min(most, max(maxLoads/limits/f.longest(), minPool/10))
	}
	return most
}

// longest is how many items a ring or a chain moves at most.
func (f *finder) longest() int { return max(f.opt.MaxRing, f.opt.chain()) }

// among chooses among rings; where these are not all, the bound stays. It
// returns what nothing among them is better than.
func (f *finder) among(rings *pool) int64 {
	p := newPacking(f.core, rings)
	f.result.Listed = p.len()
	f.result.Complete = f.result.Complete && !p.cut
	outer := f.result.Bound
	f.result.Bound = f.atMost(int64(p.offers))
	if p.len() == 0 {
		f.result.Exact = true
		if f.result.Complete {
			f.result.Certificate = f.nothing()
		}
	} else {
		f.choose(p)
	}
	inner := f.result.Bound
	if !f.result.Complete {
		f.result.Bound, f.result.Exact = outer, false
	}
	return inner
}

// list returns all rings and chains. Where they are too many for the budget it
// returns all up to some length, and of the longer ones a sample around each
// offer.
func (f *finder) list() *pool {
	f.work.stage("rings")
	longest := f.longest()
	room := f.room()
	all, whole := f.listUpTo(longest, f.work.budget/3, room)
	f.result.Complete = whole
	if whole || f.work.stopped {
		return all
	}
	p, length := &pool{}, 1
	for length < longest {
		next, whole := f.listUpTo(length+1, f.work.budget/16, room)
		if !whole {
			break
		}
		p, length = next, length+1
	}
	f.sample(p, length)
	return p
}

// sample adds rings and chains of more than so many items around offers drawn
// at random: around all of them where the work is enough for it, else around as
// many as are worth it, since the way back to each must be measured first.
func (f *finder) sample(p *pool, length int) {
	l := newLister(f.core, f.opt, f.work, nil)
	l.rng = random.Source(f.opt.Seed)
	work, room := f.work.budget/5, f.room()
	l.quota = max(1, work/int64(f.core.offers), int64(len(f.core.to)/2))
	l.most = max(1, room/4/f.core.offers)
	l.visit = func(r []int32, items int, cost int64) bool {
		if items > length {
			p.add(r, items, cost)
		} else {
			l.found-- // it is there already
		}
		return p.len() < room
	}
	roots := make([]int32, f.core.offers)
	for i := range roots {
		k := l.rng.Below(i + 1)
		roots[i], roots[k] = roots[k], int32(i)
	}
	f.work.within(work, func() {
		for _, root := range roots {
			if f.work.spent() || !l.from(root) {
				return
			}
		}
	})
}

// listUpTo lists the rings and chains of up to so many items within so much
// work, at most so many; it reports whether these are all.
func (f *finder) listUpTo(items int, work int64, most int) (p *pool, whole bool) {
	p = &pool{}
	f.work.within(work, func() {
		l := newLister(f.core, f.opt, f.work, func(r []int32, items int, cost int64) bool {
			p.add(r, items, cost)
			f.work.now.Listed = p.len()
			return p.len() < most
		})
		l.maxRing, l.maxChain = min(l.maxRing, items), min(l.maxChain, items)
		whole = l.run()
	})
	return p, whole
}

// loosely bounds the items of capped rings by those of rings of any length: an
// assignment that loses as few items as can be.
func (f *finder) loosely() int64 {
	m := newAssignment(f.core)
	item := func(row int) bool { return !f.core.isGroup(m.nodeOf[row]) }
	for row := range m.lo {
		for k := m.lo[row]; k < m.hi[row]; k++ {
			if m.cost[k] = 0; m.arc[k] == noTrade && item(row) {
				m.cost[k] = 1
			}
		}
	}
	if m.limited || !m.solve(f.work) {
		return int64(f.core.offers)
	}
	items := int64(0)
	for row := range m.mate {
		if item(row) && m.arc[m.pair(int32(row))] >= 0 {
			items++
		}
	}
	return items
}
