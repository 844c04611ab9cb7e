package deal

import "slices"

// potentials checks a proof about rings and chains of any length: each node
// passed gives something and is taken once each time, so the sum of what arcs
// are worth is at most the sum of the potentials of their ends (weak duality of
// the assignment). Who gives a gift takes nothing; that stands as an arc worth
// nothing from the gift to where the chain begins.
func (v *verifier) potentials(k int, p *Proof) error {
	pot := p.Potentials
	n := v.g.Len()
	switch {
	case pot == nil:
		return v.invalid("rings of any length are proven by potentials, and it has none")
	case slices.Contains(v.goals[:k+1], Expected):
		return v.invalid("what is expected of rings of any length has no such proof")
	case pot.Scale < 1 || pot.Scale > maxScale:
		return v.invalid("scale %d is not within 1 and %d", pot.Scale, int64(maxScale))
	case len(pot.Out) != n || len(pot.In) != n:
		return v.invalid("%d and %d potentials for %d nodes", len(pot.Out), len(pot.In), n)
	}
	total := int64(0)
	for i := range n {
		both := v.sum.add(pot.Out[i], pot.In[i])
		if both < 0 {
			return v.invalid("node %d: its potentials are %d together, which is below 0", i, both)
		}
		total = v.sum.add(total, v.sum.mul(both, int64(v.g.Capacity(Node(i)))))
	}
	passes, fixed, err := v.passes(pot)
	if err != nil {
		return err
	}
	total = v.sum.add(total, fixed)
	if err := v.arcs(pot, passes); err != nil {
		return err
	}
	if total >= v.sum.mul(v.sum.add(v.claim, 1), pot.Scale) {
		return v.invalid("the bound does not follow: the potentials are %d together", total)
	}
	return nil
}

// passes returns what passing each node adds beside the arcs, its person
// trading and what it uses up of limits, and what persons and limits cost once.
func (v *verifier) passes(pot *Potentials) (passes []int64, fixed int64, err error) {
	passes = make([]int64, v.g.Len())
	if k := slices.Index(v.goals[:len(v.weights)], People); k >= 0 {
		worth := v.sum.mul(v.weights[k], pot.Scale)
		price := make(map[int32]int64)
		err = v.each("person", pot.People, 1<<31-1, func(u, x int64) {
			price[int32(u)] = x
			fixed = v.sum.add(fixed, x)
		})
		for i := range passes {
			if !v.g.IsGroup(Node(i)) {
				passes[i] = max(0, worth-price[v.g.owner[i]])
			}
		}
	}
	if err == nil {
		err = v.each("limit", pot.Limits, len(v.g.limits), func(i, x int64) {
			fixed = v.sum.add(fixed, x)
			l := &v.g.limits[i]
			for k, n := range l.nodes {
				if l.weight[k] > 0 {
					passes[n] = v.sum.add(passes[n], -part(x, l.weight[k], l.most))
				}
			}
		})
	}
	return passes, fixed, err
}

// arcs checks that no arc is worth more than the potentials of its ends.
func (v *verifier) arcs(pot *Potentials, passes []int64) error {
	l := &v.sum
	item, unit := int64(0), int64(0)
	for k, goal := range v.goals[:len(v.weights)] {
		w := l.mul(v.weights[k], pot.Scale)
		switch {
		case goal == Items:
			item = l.add(item, w)
		case goal == Cost:
			unit = l.add(unit, w)
		case goal == Worth && v.g.top > 0:
			item, unit = l.add(item, l.mul(w, v.g.top)), l.add(unit, w)
		}
	}
	check := func(i, j Node, worth int64) error {
		if worth = l.add(worth, passes[j]); worth > l.add(pot.Out[i], pot.In[j]) {
			return v.invalid("the arc %d to %d is worth %d, more than the potentials of its ends", i, j, worth)
		}
		return nil
	}
	least := int64(1) << 60 // of what a chain's beginning has left
	for j := range Node(v.g.Len()) {
		if !v.g.IsGroup(j) && !v.g.IsGift(j) {
			least = min(least, l.add(pot.In[j], -passes[j]))
		}
	}
	for i := range Node(v.g.Len()) {
		if v.g.IsGift(i) && v.opt.chain() != 0 && l.add(pot.Out[i], least) < 0 {
			return v.invalid("gift %d: its potential is too low for where chains begin", i)
		}
		v.work.add(int64(len(v.g.arcs[i])/2 + 1))
		for _, a := range v.g.arcs[i] {
			worth := -l.mul(a.Cost, unit)
			if !v.g.IsGroup(a.To) {
				worth = l.add(worth, item)
			}
			if err := check(i, a.To, worth); err != nil {
				return err
			}
		}
	}
	return nil
}
