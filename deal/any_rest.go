package deal

// A blend is several goals in one number: what an arc takes away from each, the
// first goal weighing more than all that follow it can sum up to.
type blend struct {
	goals  []Goal
	weight []int64
}

// maxBlend bounds what a blend adds up to.
const maxBlend = 1 << 46

// newBlend joins as many of the goals as fit.
func (s *endless) newBlend(goals []Goal) blend {
	most := func(goal Goal) int64 { // of one arc
		switch goal {
		case Items:
			return 1
		case Worth:
			return max(s.top, s.dearest())
		}
		return s.dearest()
	}
	n := int64(len(s.m.mate)) + 1
	for k := len(goals); k > 0; k-- {
		b := blend{goals: goals[:k], weight: make([]int64, k)}
		weight, fits := int64(1), true
		for i := k - 1; i >= 0 && fits; i-- {
			b.weight[i] = weight
			fits = most(goals[i]) < maxBlend/n/weight
			weight *= most(goals[i])*n + 1
		}
		if fits {
			return b
		}
	}
	return blend{}
}

// dearest is the highest cost of an arc.
func (s *endless) dearest() int64 {
	most := int64(0)
	for _, x := range s.core.cost {
		most = max(most, x)
	}
	return most
}

// price is what an arc takes away.
func (s *endless) blended(b blend, row, arc int32) int64 {
	sum := int64(0)
	for i, goal := range b.goals {
		sum += b.weight[i] * s.price(goal, row, arc)
	}
	return sum
}

// bound adds the bounds of the goals, where no assignment takes away less than
// least.
func (s *endless) bound(b blend, least int64) {
	for i, goal := range b.goals {
		loss := least / b.weight[i]
		s.bounds = append(s.bounds, s.most(goal)-loss)
		if goal == Cost {
			s.bounds[len(s.bounds)-1] = loss
		}
		if value := s.value(goal); s.bounds[len(s.bounds)-1] != value {
			for _, goal := range b.goals[i+1:] {
				s.bounds = append(s.bounds, worst(goal, s.core))
			}
			return
		}
		least -= loss * b.weight[i]
	}
}

// most is what there is of a goal before anything is taken away.
func (s *endless) most(goal Goal) int64 {
	rows := int64(0)
	for j, i := range s.m.nodeOf {
		if !s.core.isGroup(i) && !s.m.keeper(int32(j)) {
			rows++
		}
	}
	switch goal {
	case Items:
		return rows
	case Worth:
		return rows * s.top
	}
	return 0
}

// cheapen looks for the best assignment by further goals with so many people.
func (c *crowd) cheapen(people int64, goals []Goal) {
	b := c.newBlend(goals)
	highest := int64(1)
	c.base = make([]int64, len(c.m.col))
	for row := range c.m.lo {
		for k := c.m.lo[row]; k < c.m.hi[row]; k++ {
			c.base[k] = c.blended(b, int32(row), c.m.arc[k])
			highest = max(highest, c.base[k])
		}
	}
	c.grain = max(1, min(whole, (1<<56)/highest/int64(len(c.m.mate)+1)))
	for k := range c.base {
		c.base[k] *= c.grain
	}
	clear(c.price)
	c.need = people
	c.worth = -c.paid()
	c.hold()
	c.dear = 0
	c.charge()
	if !c.m.finish(c.work) {
		c.m.restore(c.best)
		c.bounds = append(c.bounds, worst(goals[0], c.core))
		return
	}
	c.bound = -c.paid()                                                     // without regard to people
	c.dear = min(c.bound-c.worth+2*c.grain, (1<<58)/int64(len(c.m.mate)+1)) // sums along paths must fit
	c.rounds()
	c.m.restore(c.best)
	c.hold()
	if c.fixed {
		for _, goal := range goals {
			c.bounds = append(c.bounds, worst(goal, c.core))
		}
		return
	}
	c.endless.bound(b, -floorDiv(c.bound, c.grain))
}

// hold makes the assignment as cheap as can be while one unit of each person who
// trades in the best one still does.
func (c *crowd) hold() {
	held := make([]bool, c.people)
	var never []int32
	for k := range c.unit {
		if p := c.who[k]; c.m.trades(c.unit[k]) && !held[p] {
			held[p] = true
			if c.idle[k] >= 0 {
				never = append(never, c.idle[k])
			}
		}
	}
	clear(c.price)
	c.charge()
	for _, arc := range never {
		c.m.cost[arc] = unreached
	}
	c.m.restart()
	if c.m.finish(c.work) {
		c.offer(c.count())
	}
	c.m.restore(c.best)
}
