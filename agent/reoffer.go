package agent

import (
	"context"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

// reoffer does "reoffer": it announces what this person is to get by a signed
// contract, so that it can go on before it has come. Whatever is signed about
// it is valid only if it comes (spec/contract.md, "Conditions").
func (a *Agent) reoffer(ctx context.Context, in Reoffer) (v AnnouncementView, err error) {
	const op = "agent.reoffer"
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return v, err
	}
	if d.State != dealSigned {
		return v, sxp.Errorf(op, sxp.Early, d.ID, "deal %d is %s: what you are to get is yours to offer once all have signed", d.Number, d.State)
	}
	p, err := a.proposalOf(d)
	if err != nil {
		return v, err
	}
	i, err := a.isToGet(p, in.Transfer)
	if err != nil {
		return v, err
	}
	x, source := &p.Terms.Transfers[i], market.Source{Contract: d.ID, Transfer: i + 1}
	if err := a.checkOnce(source); err != nil {
		return v, err
	}
	ref := in.Market
	if ref == "" {
		ref = p.Market.String()
	}
	mk, err := a.findMarket(ref)
	if err != nil {
		return v, err
	}
	wants, err := parseWants(in.Wants)
	if err != nil {
		return v, err
	}
	thing, now := x.Item.Clone(), a.now()
	thing.Photos = nil // they rest with who announced it
	if thing.Until != 0 && thing.Until <= x.Due {
		return v, sxp.Errorf(op, sxp.Late, d.ID, "%q is there until %v only, and due at %v", thing.Title, thing.Until, x.Due)
	}
	thing.From = max(thing.From, x.Due)
	ann := market.Announcement{
		Market: mk.ID, Owner: a.ID(), Version: 1, Direction: market.Offer, Item: &thing, Wants: wants,
		Created: now, Expires: now.Add(life(in.For)), Source: &source,
	}
	if in.Gift {
		ann.Direction = market.Gift
	}
	if ann.Nonce, err = market.NewNonce(a.cfg.Rand); err != nil {
		return v, err
	}
	return a.publish(ctx, mk, ann.ID(), ann, nil)
}

// isToGet finds the transfer that a person means, by its number from 1, or
// the only one that they get.
func (a *Agent) isToGet(p *contract.OpenedProposal, number int) (int, error) {
	const op = "agent.reoffer"
	me, _ := p.Party(a.ID())
	found := -1
	for i := range p.Terms.Transfers {
		switch {
		case p.Terms.Transfers[i].To != me || number != 0 && i+1 != number:
		case found >= 0:
			return 0, sxp.Errorf(op, sxp.Invalid, p.Digest, "you get several things by it: say which, by the number of its transfer")
		default:
			found = i
		}
	}
	if found < 0 {
		return 0, sxp.Errorf(op, sxp.NotFound, p.Digest, "you get nothing by it under that number: only what you are to get can be offered anew")
	}
	return found, nil
}

// checkOnce refuses to offer a second time what is to come once.
func (a *Agent) checkOnce(s market.Source) error {
	items, err := a.items()
	if err != nil {
		return err
	}
	for _, it := range items {
		ann, err := market.OpenAnnouncement(it.Raw)
		if err != nil {
			return err
		}
		if st := it.state(a.now()); ann.Source != nil && *ann.Source == s && st != itemExpired && st != itemWithdrawn {
			return sxp.Errorf("agent.reoffer", sxp.Conflict, it.ID, "it is announced already, as number %d, which is %s", it.Number, st)
		}
	}
	return nil
}

// checkSource refuses to promise earlier than it comes what is yet to come.
func (a *Agent) checkSource(t *tx, x *contract.Transfer) error {
	const op = "agent.checkMine"
	if x.Source == nil {
		return nil
	}
	var d dealRecord
	if !t.get(keyDeal+x.Source.Contract.String(), &d) || d.State != dealSigned {
		return sxp.Errorf(op, sxp.NotFound, x.Source.Contract, "the contract by which you are to get %q is not here, or not signed", x.Item.Title)
	}
	p, err := a.proposalOf(&d)
	if err != nil {
		return err
	}
	me, _ := p.Party(a.ID())
	i := x.Source.Transfer - 1
	if i < 0 || i >= len(p.Terms.Transfers) || p.Terms.Transfers[i].To != me {
		return sxp.Errorf(op, sxp.Invalid, d.ID, "you do not get %q by transfer %d of deal %d", x.Item.Title, x.Source.Transfer, d.Number)
	}
	if due := p.Terms.Transfers[i].Due; x.Due < due {
		return sxp.Errorf(op, sxp.Denied, d.ID, "%q is due at %v, before you get it yourself at %v", x.Item.Title, x.Due, due)
	}
	return nil
}
