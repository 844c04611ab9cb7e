package agent

import (
	"context"
	"slices"

	"sxp"
	"sxp/market"
)

// removeItem does "market.remove".
func (a *Agent) removeItem(ctx context.Context, in RemoveItem) (v NoticeView, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	key, err := m.key("remove announcements")
	if err != nil {
		return v, err
	}
	defer key.Erase()
	id, err := market.ParseItemID(in.Item)
	if err != nil {
		return v, err
	}
	n := market.Notice{Market: m.ID, Item: id, Reason: in.Why, Lifted: in.Restore, Created: a.now()}
	raw, err := market.SignNotice(key, n)
	if err != nil {
		return v, err
	}
	client, err := a.client(m)
	if err != nil {
		return v, err
	}
	if err := client.Remove(ctx, raw); err != nil {
		return v, err
	}
	return noticeView(n, key.ID()), nil
}

func noticeView(n market.Notice, by sxp.ID) NoticeView {
	return NoticeView{Market: n.Market, Item: n.Item, By: by, Why: n.Reason, Restored: n.Lifted, At: n.Created}
}

// notices answers "market.notices": what the market has removed, and why.
func (a *Agent) notices(ctx context.Context, in MarketRef) ([]NoticeView, error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return nil, err
	}
	if err := a.refresh(ctx, m); err != nil {
		return nil, err
	}
	charter, err := m.charter()
	if err != nil {
		return nil, err
	}
	client, err := a.client(m)
	if err != nil {
		return nil, err
	}
	out := []NoticeView{}
	for after := uint64(0); ; {
		page, err := client.List(ctx, market.ClassNotice, after)
		if err != nil {
			return nil, err
		}
		for _, l := range page.All {
			if l.Notice != nil && charter.Moderates(l.Signer) {
				out = append(out, noticeView(*l.Notice, l.Signer))
			}
		}
		if after = page.Next; after == 0 {
			return out, nil
		}
	}
}

// inviteToMarket does "market.invite".
func (a *Agent) inviteToMarket(ctx context.Context, in InviteToMarket) (v MarketView, err error) {
	const op = "agent.inviteToMarket"
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	key, err := m.key("invite people")
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
	if c.Admission != market.Invited {
		return v, sxp.Errorf(op, sxp.Invalid, m.ID, "%q is open: everybody may announce there", m.Name)
	}
	people, err := a.peopleOf(in.People)
	if err != nil {
		return v, err
	}
	if len(people) == 0 {
		return v, sxp.Errorf(op, sxp.Invalid, m.ID, "say whom to invite: names of contacts, or ids")
	}
	for _, id := range people {
		if !slices.Contains(c.Invited, id) {
			c.Invited = append(c.Invited, id)
		}
	}
	c.Seq, c.Created = c.Seq+1, max(a.now(), c.Created)
	return a.putCharter(ctx, m, key, c)
}
