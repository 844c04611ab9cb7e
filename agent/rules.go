package agent

import (
	"context"

	"sxp"
	"sxp/market"
)

// setRules does "market.rules".
func (a *Agent) setRules(ctx context.Context, in SetRules) (v MarketView, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	key, err := m.key("change its rules")
	if err != nil {
		return v, err
	}
	defer key.Erase()
	if err := a.refresh(ctx, m); err != nil {
		return v, err
	}
	c, err := m.charter()
	if err != nil {
		return v, err
	}
	if in.Deals == nil && in.Policy == nil && in.Neighbours == nil {
		return v, sxp.Errorf("agent.setRules", sxp.Invalid, m.ID, "say what to change: deals, policy or neighbours")
	}
	if in.Deals != nil {
		c.Deals = *in.Deals
	}
	if in.Policy != nil {
		c.Policy = *in.Policy
	}
	if in.Neighbours != nil {
		if c.Neighbours, err = a.neighboursOf(ctx, in.Neighbours); err != nil {
			return v, err
		}
	}
	c.Seq, c.Created = c.Seq+1, max(a.now(), c.Created)
	return a.putCharter(ctx, m, key, c)
}

// neighboursOf looks at the markets that a person names.
func (a *Agent) neighboursOf(ctx context.Context, refs []string) ([]market.Neighbour, error) {
	var out []market.Neighbour
	for _, ref := range refs {
		m, err := a.marketOf(ctx, ref)
		if err != nil {
			return nil, err
		}
		c, err := m.charter()
		if err != nil {
			return nil, err
		}
		out = append(out, market.Neighbour{Market: m.ID, Name: c.Name, Node: c.Node})
	}
	return out, nil
}
