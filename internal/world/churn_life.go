package world

import (
	"context"
	"errors"
	"fmt"

	"sxp"
	"sxp/agent"
)

func nameOf(i int) string { return fmt.Sprintf("villager %d", i+1) }

// step lets a villager's device do one round, and its owner live.
func (c *churn) step(ctx context.Context, v *villager) (sxp.Time, error) {
	switch {
	case v.gate.closed():
		return 0, nil
	case c.clock < v.comes:
		return v.comes, nil
	case c.clock < v.back:
		return v.back, nil // what rings meanwhile is not heard
	}
	if !v.here {
		if err := c.arrive(ctx, v); err != nil {
			return 0, err
		}
	}
	next, err := v.agent.Step(ctx)
	if err != nil {
		return 0, err
	}
	if v.looks != 0 && c.clock >= v.looks {
		v.looks = 0
		if err := c.answer(ctx, v); err != nil {
			return 0, err
		}
		next = c.clock + 1
	}
	if c.clock >= v.life && c.clock < c.ends {
		if err := c.act(ctx, v); err != nil {
			return 0, err
		}
		v.life = c.clock.Add(lifeStep + sxp.Duration(v.rand.below(int(2*lifeEvery))))
		next = c.clock + 1
	}
	if v.looks != 0 {
		next = min(next, v.looks)
	}
	if c.clock < c.ends {
		next = min(next, v.life)
	}
	return next, nil
}

// arrive lets a villager join and announce the first things.
func (c *churn) arrive(ctx context.Context, v *villager) error {
	v.here, v.life = true, c.clock.Add(lifeStep)
	if _, err := agent.Call[agent.MarketView](ctx, v.agent, "market.join", agent.JoinMarket{Link: c.link.String()}); err != nil {
		return fmt.Errorf("%s joins: %w", v.name, err)
	}
	for range 1 + v.rand.below(2) {
		if err := c.announceOne(ctx, v, "offer"); err != nil {
			return err
		}
	}
	return nil
}

// sort draws a sort of things: the k-th in proportion to 1/k.
func (c *churn) sort(v *villager) string {
	sum := 0
	for k := 1; k <= c.cfg.Types; k++ {
		sum += 1000 / k
	}
	x := v.rand.below(sum)
	for k := 1; ; k++ {
		if x -= 1000 / k; x < 0 {
			return fmt.Sprintf("sort%03d", k)
		}
	}
}

// announceOne announces one thing: an "offer", a "gift" or a "need".
func (c *churn) announceOne(ctx context.Context, v *villager, op string) error {
	in := agent.Announce{Title: c.sort(v), For: churnLife}
	if op == "offer" {
		in.Wants = c.wantsOf(v, in.Title)
	}
	a, err := agent.Call[agent.AnnouncementView](ctx, v.agent, op, in)
	if err != nil {
		return fmt.Errorf("%s announces: %w", v.name, err)
	}
	c.rep.Announced++
	c.since[a.ID] = c.clock
	return nil
}

// wantsOf draws one to three sorts of things other than what is given.
func (c *churn) wantsOf(v *villager, not string) (out []string) {
	for range 1 + v.rand.below(3) {
		if w := c.sort(v); w != not {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		out = []string{fmt.Sprintf("sort%03d", 1+v.rand.below(c.cfg.Types))}
	}
	return out
}

// act is one thing that somebody does of their own will.
func (c *churn) act(ctx context.Context, v *villager) error {
	switch n := v.rand.below(100); {
	case n < 30:
		return c.announceOne(ctx, v, "offer")
	case n < 40:
		return c.announceOne(ctx, v, "need")
	case n < 45:
		return c.announceOne(ctx, v, "gift")
	case n < 65:
		return c.change(ctx, v, "edit")
	case n < 78:
		return c.change(ctx, v, "withdraw")
	case n < 97:
		v.back = c.clock.Add(sxp.Hour + sxp.Duration(v.rand.below(int(longAbsence))))
		c.rep.Absences++
	default:
		v.gate.leave(v.rand.below(8))
		v.away = true
		c.rep.Left++
	}
	return nil
}

// change edits or withdraws one of the own things, also while somebody asks
// for it. Agents refuse where the person has accepted to give it.
func (c *churn) change(ctx context.Context, v *villager, op string) error {
	all, err := agent.Call[[]agent.AnnouncementView](ctx, v.agent, "list", agent.None{})
	if err != nil {
		return err
	}
	var mine []agent.AnnouncementView
	for _, a := range all {
		if (a.State == "active" || a.State == "promised") && (op == "withdraw" || a.Direction == "offer") {
			mine = append(mine, a)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	a := mine[v.rand.below(len(mine))]
	if op == "edit" {
		_, err = agent.Call[agent.AnnouncementView](ctx, v.agent, op, agent.EditItem{Item: a.ID.String(), Wants: c.wantsOf(v, a.Item.Title)})
	} else {
		_, err = agent.Call[agent.AnnouncementView](ctx, v.agent, op, agent.ItemRef{Item: a.ID.String()})
	}
	switch {
	case errors.Is(err, sxp.Conflict):
		c.rep.Held++
		return nil
	case err != nil:
		return fmt.Errorf("%s wants to %s: %w", v.name, op, err)
	case op == "edit":
		c.rep.Edited++
	default:
		c.rep.Withdrawn++
	}
	return nil
}

// answer lets somebody look at what was proposed: most of it is accepted, some
// declined, some left unanswered. Once lives have ended nothing new begins.
func (c *churn) answer(ctx context.Context, v *villager) error {
	deals, err := agent.Call[[]agent.DealView](ctx, v.agent, "deals", agent.None{})
	if err != nil {
		return err
	}
	for _, d := range deals {
		if d.State != "proposed" || c.clock >= c.ends {
			continue
		}
		op := "accept"
		switch n := v.rand.below(100); {
		case n < 12:
			op = "decline"
		case n < 18:
			continue
		}
		_, err := agent.Call[agent.DealView](ctx, v.agent, op, agent.DealRef{Deal: d.ID.String()})
		switch {
		case err == nil && op == "decline":
			c.declined[d.ID] = decline{v.id(), c.clock}
		case err != nil && sxp.KindOf(err) != sxp.Late && sxp.KindOf(err) != sxp.Conflict && sxp.KindOf(err) != sxp.Denied:
			return fmt.Errorf("%s wants to %s %s: %w", v.name, op, d.Title, err)
		}
	}
	return nil
}
