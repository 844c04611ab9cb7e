package agent

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/identity"
	"sxp/market"
)

const keyFounding = "founding/"

// founding is a market under "founding/<id>" whose charter the other founders
// have not signed yet, so that it is on no node.
type founding struct {
	Name string    `json:"name"`
	Key  sxp.Bytes `json:"key"` // seed of the market's key
}

// key returns the market's key, which only one of its founders has; to is what
// it is for.
func (m *membership) key(to string) (*identity.SigningKey, error) {
	if len(m.Key) == 0 {
		return nil, sxp.Errorf("agent.market", sxp.Denied, m.ID, "only who founded %q can %s", m.Name, to)
	}
	return identity.ParseSigningKey(m.Key)
}

// peopleOf finds whom a person means: ids, or names of contacts.
func (a *Agent) peopleOf(refs []string) ([]sxp.ID, error) {
	var out []sxp.ID
	err := a.mem.view(func(t *tx) error {
		for _, ref := range refs {
			id, err := sxp.ParseID(ref)
			if err != nil {
				card, err := a.findContact(t, ref)
				if err != nil {
					return err
				}
				id = card.ID
			}
			out = append(out, id)
		}
		return nil
	})
	return out, err
}

// putCharter signs a charter for the market and this founder. Where others
// have to sign, the answer has the draft and nothing is published; else it is,
// and entered.
func (a *Agent) putCharter(ctx context.Context, m *membership, key *identity.SigningKey, c market.Charter) (v MarketView, err error) {
	raw, err := market.SignCharter(key, c)
	if err != nil {
		return v, err
	}
	if raw, err = market.CountersignCharter(a.id, raw); err != nil {
		return v, err
	}
	_, missing, err := market.DraftCharter(raw)
	if err != nil {
		return v, err
	}
	if len(missing) == 0 {
		return a.publishCharter(ctx, m, raw)
	}
	if m.Number == 0 {
		if err := a.mem.update(func(t *tx) error {
			t.put(keyFounding+m.ID.String(), &founding{Name: m.Name, Key: m.Key})
			return nil
		}); err != nil {
			return v, err
		}
	}
	return a.draftView(raw)
}

// publishCharter brings a charter that all founders have signed to the node
// that it names, and enters the market.
func (a *Agent) publishCharter(ctx context.Context, m *membership, raw []byte) (v MarketView, err error) {
	m.Charter = raw
	client, err := a.client(m)
	if err != nil {
		return v, err
	}
	if err := client.PutCharter(ctx, raw); err != nil {
		return v, err
	}
	return a.enter(ctx, m)
}

// signMarket does "market.sign".
func (a *Agent) signMarket(ctx context.Context, in MarketDraft) (v MarketView, err error) {
	const op = "agent.signMarket"
	c, missing, err := market.DraftCharter(in.Draft)
	if err != nil {
		return v, err
	}
	if !slices.Contains(c.Founders, a.ID()) {
		return v, sxp.Errorf(op, sxp.Denied, c.Market, "the draft of %q does not name you among its founders", c.Name)
	}
	if !slices.Contains(missing, a.ID()) {
		return a.draftView(in.Draft)
	}
	if err := a.checkDraft(ctx, c); err != nil {
		return v, err
	}
	raw, err := market.CountersignCharter(a.id, in.Draft)
	if err != nil {
		return v, err
	}
	return a.draftView(raw)
}

// checkDraft checks what a founder cannot see in a charter: that it follows
// the one that is known, and that its roll is there and the market's own.
func (a *Agent) checkDraft(ctx context.Context, c market.Charter) error {
	const op = "agent.signMarket"
	var m membership
	var joined bool
	if err := a.mem.view(func(t *tx) error { joined = t.get(keyMarket+c.Market.String(), &m); return nil }); err != nil {
		return err
	}
	if !joined {
		if !c.Roll.IsZero() || c.Seq > 1 {
			return sxp.Errorf(op, sxp.NotFound, c.Market, "this changes %q, where you are not: join it first", c.Name)
		}
		return nil
	}
	if err := a.refresh(ctx, &m); err != nil {
		return err
	}
	known, err := m.charter()
	if err != nil {
		return err
	}
	if c.Seq <= known.Seq {
		return sxp.Errorf(op, sxp.Replay, c.Market, "the draft is charter %d of %q, which has charter %d: make a new one", c.Seq, c.Name, known.Seq)
	}
	if c.Roll.IsZero() {
		return nil
	}
	client, err := a.client(&m)
	if err != nil {
		return err
	}
	raw, err := client.Roll(ctx, c.Roll)
	if err != nil {
		return err
	}
	// It is not kept: until all have signed, the roll of before counts.
	roll, err := contract.OpenRoll(a.algebra, raw)
	if err == nil && roll.Issuer != c.Market {
		err = sxp.Errorf(op, sxp.Invalid, c.Market, "the jury roll is signed by %s, not by the market", roll.Issuer.Short())
	}
	return err
}

// foundMarket does "market.found".
func (a *Agent) foundMarket(ctx context.Context, in MarketDraft) (v MarketView, err error) {
	const op = "agent.foundMarket"
	c, missing, err := market.DraftCharter(in.Draft)
	if err != nil {
		return v, err
	}
	var m membership
	err = a.mem.view(func(t *tx) error {
		var f founding
		if !t.get(keyMarket+c.Market.String(), &m) && t.get(keyFounding+c.Market.String(), &f) {
			m = membership{ID: c.Market, Key: f.Key}
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	if len(m.Key) == 0 {
		return v, sxp.Errorf(op, sxp.Denied, c.Market, "only who made the draft of %q can publish it", c.Name)
	}
	if len(missing) > 0 {
		return v, sxp.Errorf(op, sxp.Denied, c.Market, "%d founders of %q have not signed yet, the first is %s: sxp market sign", len(missing), c.Name, missing[0].Short())
	}
	m.Name = c.Name
	if v, err = a.publishCharter(ctx, &m, in.Draft); err != nil {
		return v, err
	}
	return v, a.mem.update(func(t *tx) error { t.delete(keyFounding + c.Market.String()); return nil })
}

// draftView shows a charter that is not published yet.
func (a *Agent) draftView(raw []byte) (v MarketView, err error) {
	c, missing, err := market.DraftCharter(raw)
	if err != nil {
		return v, err
	}
	if v, err = a.charterView(c, missing); err != nil {
		return v, err
	}
	v.Draft = raw
	return v, a.mem.view(func(t *tx) error {
		v.Mine = t.kv.Get(keyFounding+c.Market.String()) != nil
		var m membership
		if t.get(keyMarket+c.Market.String(), &m) {
			v.Number, v.Mine, v.Joined = m.Number, len(m.Key) > 0, true
		}
		return nil
	})
}

// charterView shows what a charter says.
func (a *Agent) charterView(c market.Charter, missing []sxp.ID) (v MarketView, err error) {
	v = MarketView{
		ID: c.Market, Name: c.Name, Text: c.Text, Link: c.Link().String(), At: []string{c.Node.Relay().String()},
		Roll: c.Roll, Admission: c.Admission, Admits: c.Admits(a.ID()), Categories: append([]string{}, c.Categories...),
		Deals: c.Deals, Policy: c.Policy, Neighbours: append([]market.Neighbour{}, c.Neighbours...),
	}
	return v, a.mem.view(func(t *tx) error {
		v.Founders, v.Missing = a.peopleViews(t, c.Founders), a.peopleViews(t, missing)
		return nil
	})
}

func (a *Agent) peopleViews(t *tx, ids []sxp.ID) (out []PersonView) {
	for _, id := range ids {
		out = append(out, PersonView{ID: id, Name: a.nameOf(t, id)})
	}
	return out
}
