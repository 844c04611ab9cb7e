package deal

import "sxp/deal/internal/random"

// maxReaches bounds the tries to reach more people.
const maxReaches = 400

// reach looks for more people than the best assignment has: of each person who
// trades one of their units that do, and one unit of each other person, drawn
// each time, as many as can be must trade. That loses nobody on balance, and
// draws differ.
func (c *crowd) reach() {
	rng := random.Source(c.opt.Seed)
	drawn := make([]int32, c.people)  // place of the unit in unit
	choice := make([]int32, c.people) // units to draw from
	for range maxReaches {
		if c.met() || c.work.spent() {
			break
		}
		c.m.restore(c.best)
		c.count()
		clear(choice)
		for k := range c.unit {
			p := c.who[k]
			if c.trading[p] > 0 && !c.m.trades(c.unit[k]) {
				continue
			}
			choice[p]++
			if rng.Below(int(choice[p])) == 0 {
				drawn[p] = int32(k)
			}
		}
		clear(c.price)
		c.charge()
		for _, k := range drawn {
			if arc := c.idle[k]; arc >= 0 {
				c.m.cost[arc] = c.grain
			}
		}
		c.m.restart()
		if !c.m.finish(c.work) {
			break
		}
		if people := c.count(); people*c.grain >= c.worth {
			c.worth, c.best = people*c.grain, append(c.best[:0], c.m.mate...)
		}
	}
	c.m.restore(c.best)
}
