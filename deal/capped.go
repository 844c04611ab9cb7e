package deal

// capped finds rings of limited length: it lists them all, then chooses.
func (f *finder) capped() {
	p := newPacking(f.core, f.list())
	f.result.Listed = p.len()
	f.result.Complete = f.result.Complete && !p.cut
	f.result.Bound = f.atMost(int64(p.offers))
	if p.len() == 0 {
		f.result.Exact = true
	} else {
		f.choose(p)
	}
	if !f.result.Complete {
		f.result.Bound = f.atMost(f.loosely())
	}
	f.result.Optimal = f.result.Complete && f.result.Bound == f.result.Value.Of(f.goals[0])
	f.result.Exact = f.result.Exact && f.result.Optimal
}

// list returns all rings and chains. Where they are too many for the budget it
// returns all up to some length, and of the longer ones a sample around each
// offer.
func (f *finder) list() *pool {
	f.work.stage("rings")
	longest := max(f.opt.MaxRing, f.opt.chain())
	all, whole := f.listUpTo(longest, f.work.budget/3)
	f.result.Complete = whole
	if whole || f.work.stopped {
		return all
	}
	p, length := &pool{}, 1
	for length < longest {
		next, whole := f.listUpTo(length+1, f.work.budget/16)
		if !whole {
			break
		}
		p, length = next, length+1
	}
	l := newLister(f.core, f.opt, f.work, nil)
	l.rng = random(f.opt.Seed)
	l.quota = max(1, f.work.budget/6/int64(f.core.offers))
	l.most = max(1, maxPool/4/f.core.offers)
	l.visit = func(r []int32, items int, cost int64) bool {
		if items > length {
			p.add(r, items, cost)
		} else {
			l.found-- // it is there already
		}
		return p.len() < maxPool
	}
	f.work.within(f.work.budget/5, func() { l.run() })
	return p
}

// listUpTo lists the rings and chains of up to so many items within so much
// work; it reports whether these are all.
func (f *finder) listUpTo(items int, work int64) (p *pool, whole bool) {
	p = &pool{}
	f.work.within(work, func() {
		l := newLister(f.core, f.opt, f.work, func(r []int32, items int, cost int64) bool {
			p.add(r, items, cost)
			f.work.now.Listed = p.len()
			return p.len() < maxPool
		})
		l.maxRing, l.maxChain = min(l.maxRing, items), min(l.maxChain, items)
		whole = l.run()
	})
	return p, whole
}
