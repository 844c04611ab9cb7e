package world

import (
	"context"
	"slices"

	"sxp"
	"sxp/agent"
	"sxp/market"
)

// An ending is what all who stayed say of one deal.
type ending struct {
	view    agent.DealView // of one of them
	states  map[string]int
	lacking int // parties who stayed and have no contract
	arrived map[sxp.ID]sxp.Time
	signed  sxp.Time // when the first had the contract
}

// judge asks everybody's agents what became of their deals.
func (c *churn) judge(ctx context.Context) error {
	all := map[sxp.Hash]*ending{}
	var order []sxp.Hash // in the order of villagers and numbers
	for _, v := range c.villagers {
		deals, err := v.deals(ctx)
		if err != nil {
			return err
		}
		for _, d := range deals {
			e := all[d.ID]
			if e == nil {
				e = &ending{view: d, states: map[string]int{}, arrived: map[sxp.ID]sxp.Time{}}
				all[d.ID], order = e, append(order, d.ID)
			}
			e.note(v, d)
		}
	}
	c.count(order, all)
	c.seconds(order, all)
	return nil
}

// deals returns all that somebody's agent knows.
func (v *villager) deals(ctx context.Context) ([]agent.DealView, error) {
	open, err := agent.Call[[]agent.DealView](ctx, v.agent, "deals", agent.None{})
	if err != nil {
		return nil, err
	}
	done, err := agent.Call[[]agent.DealView](ctx, v.agent, "contracts", agent.None{})
	return append(open, done...), err
}

// note adds what one person's agent says.
func (e *ending) note(v *villager, d agent.DealView) {
	if !v.away {
		e.states[d.State]++
		if d.State != "signed" {
			e.lacking++
		}
	} else if d.State == "signed" {
		e.states["signed"]++
	}
	for _, ev := range d.Events {
		switch ev.What {
		case "arrived":
			e.arrived[v.id()] = ev.At
		case "complete", "jury", "notary":
			if e.signed == 0 || ev.At < e.signed {
				e.signed = ev.At
			}
		}
	}
}

// count fills in how deals ended, and how long what closed had waited.
func (c *churn) count(order []sxp.Hash, all map[sxp.Hash]*ending) {
	given := map[market.ItemID]int{}
	traders := map[sxp.ID]bool{}
	var waited []sxp.Duration
	for _, id := range order {
		e := all[id]
		c.rep.Proposed++
		if slices.ContainsFunc(e.view.Parties, func(p agent.DealParty) bool {
			return !slices.ContainsFunc(e.view.Transfers, func(x agent.TransferView) bool { return x.To == p.ID })
		}) {
			c.rep.Chains++
		}
		switch {
		case e.states["signed"] > 0:
			c.rep.Closed++
			c.rep.Unfair += e.lacking
			for _, x := range e.view.Transfers {
				c.rep.Items++
				traders[x.From], traders[x.To] = true, true
				if given[x.Ref]++; given[x.Ref] > 1 {
					c.rep.Conflicts++
				}
				waited = append(waited, e.signed.Sub(c.since[x.Ref]))
			}
		case c.declined[id].at != 0 || e.states["declined"] > 0:
			c.rep.Declined++
		case e.states["refused"] > 0:
			c.rep.Refused++
		case e.states["void"] > 0:
			c.rep.Void++
		case e.states["expired"] > 0:
			c.rep.Expired++
		default:
			c.rep.Open++
		}
	}
	c.rep.Traders = len(traders)
	c.rep.Waited, c.rep.Nine = part(waited, 50), part(waited, 90)
}

// seconds measures how soon those whose deal somebody declined were found for
// another one.
func (c *churn) seconds(order []sxp.Hash, all map[sxp.Hash]*ending) {
	var took []sxp.Duration
	for _, id := range order {
		no, ok := c.declined[id]
		if !ok {
			continue
		}
		for _, p := range all[id].view.Parties {
			if p.ID == no.by {
				continue
			}
			c.rep.Freed++
			first := sxp.Time(0)
			for _, other := range order {
				if at := all[other].arrived[p.ID]; at >= no.at && (first == 0 || at < first) && other != id {
					first = at
				}
			}
			if first != 0 {
				took = append(took, first.Sub(no.at))
				if first.Sub(no.at) <= sxp.Minute {
					c.rep.AtOnce++
				}
			}
		}
	}
	c.rep.Again, c.rep.Second = len(took), part(took, 50)
}

// part returns the duration that so many percent are not longer than.
func part(list []sxp.Duration, percent int) sxp.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[(len(list)*percent+99)/100-1]
}
