package agent

import (
	"context"
	"errors"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/market"
	"sxp/relay"
)

// linkScheme starts every link of ours.
const linkScheme = "sxp:"

// marketOf finds a market that a person means: a joined one, or any by its
// link, which is then looked at without joining.
func (a *Agent) marketOf(ctx context.Context, ref string) (*membership, error) {
	if !strings.HasPrefix(ref, linkScheme) {
		return a.findMarket(ref)
	}
	m, err := a.locate(ctx, ref)
	if err != nil {
		return nil, err
	}
	if joined, err := a.findMarket(m.ID.String()); err == nil {
		return joined, nil
	}
	return m, nil
}

// locate finds a market from a link, wherever it has moved.
func (a *Agent) locate(ctx context.Context, text string) (*membership, error) {
	link, err := market.ParseLink(text)
	if err != nil {
		return nil, err
	}
	dial := func(_ context.Context, n market.Node) (relay.Caller, error) {
		return a.caller(relay.Address{ID: n.ID, URL: n.Address}), nil
	}
	who, err := a.reader(nil)
	if err != nil {
		return nil, err
	}
	client, charter, err := market.Locate(ctx, link, dial, who, a.now, a.cfg.Rand)
	if err != nil {
		return nil, err
	}
	_, raw, err := client.Charter(ctx)
	if err != nil {
		return nil, err
	}
	a.noteLooked(relay.Address{ID: charter.Node.ID, URL: charter.Node.Address})
	return &membership{ID: charter.Market, Name: charter.Name, Charter: raw}, nil
}

// lookAtMarket answers "market.look".
func (a *Agent) lookAtMarket(ctx context.Context, in LookAtMarket) (v MarketView, err error) {
	m, err := a.marketOf(ctx, in.Link)
	if err != nil {
		return v, err
	}
	if m.Number != 0 {
		return a.marketView(ctx, m)
	}
	charter, err := m.charter()
	if err != nil {
		return v, err
	}
	if v, err = a.charterView(charter, nil); err != nil {
		return v, err
	}
	a.nameFounders(ctx, m, &v)
	if charter.Roll.IsZero() {
		return v, nil
	}
	client, err := a.readClient(m)
	if err != nil {
		return v, err
	}
	// Opened and forgotten: only the rolls of joined markets count.
	raw, err := client.Roll(ctx, charter.Roll)
	if err == nil {
		var roll *contract.OpenedRoll
		if roll, err = contract.OpenRoll(a.algebra, raw); err == nil {
			v.Jurors = len(roll.Entries)
		}
	}
	if err != nil {
		a.log.Warn("the jury roll cannot be had", "market", m.Name, "err", err)
	}
	return v, nil
}

// query is what a Browse asks the board for; nothing set: everything.
func (in *Browse) query() (q market.Query, err error) {
	if strings.TrimSpace(in.Words) != "" {
		if q, err = market.ParseQuery(in.Words); err != nil {
			return q, err
		}
	}
	if in.Kind != "" {
		q.Kind = in.Kind
	}
	if in.Category != "" {
		q.Category = in.Category
	}
	if in.Near != nil {
		q.Near = *in.Near
	}
	return q, nil
}

// browse answers "browse".
func (a *Agent) browse(ctx context.Context, in Browse) (page BrowsePage, err error) {
	page.Items = []AnnouncementView{}
	m, err := a.marketOf(ctx, in.Market)
	if err != nil {
		return page, err
	}
	q, err := in.query()
	if err != nil {
		return page, err
	}
	if in.Mine {
		return a.browseMine(m, in, q)
	}
	limit := in.Limit
	if limit <= 0 {
		limit = usualPage
	}
	client, err := a.readClient(m)
	if err != nil {
		return page, err
	}
	found, err := client.Search(ctx, q, in.Direction, in.Before, limit)
	if err != nil {
		return page, err
	}
	if found.Next != 0 && in.Before != 0 && found.Next >= in.Before {
		return page, sxp.Errorf("agent.browse", sxp.Invalid, m.ID, "the node of %q goes back to what it has sent already", m.Name)
	}
	page.Next = found.Next
	for _, l := range found.All {
		page.Items = append(page.Items, viewOf(*l.Announcement))
	}
	return page, a.dress(ctx, m, in.Near, page.Items)
}

// browseMine answers "browse" for this person's own announcements, which are
// here.
func (a *Agent) browseMine(m *membership, in Browse, q market.Query) (page BrowsePage, err error) {
	page.Items = []AnnouncementView{}
	items, err := a.items()
	if err != nil {
		return page, err
	}
	for i := len(items) - 1; i >= 0; i-- {
		it := items[i]
		if it.Market != m.ID {
			continue
		}
		v, err := a.itemView(it)
		if err != nil {
			return page, err
		}
		if in.Direction != "" && v.Direction != in.Direction || !q.IsZero() && !q.Match(v.Item) {
			continue
		}
		page.Items = append(page.Items, v)
	}
	return page, a.dressNear(in.Near, page.Items)
}

// dress adds what a board does not say: the owners' names, which are this
// person's, how far away things are.
func (a *Agent) dress(ctx context.Context, m *membership, near *market.Near, all []AnnouncementView) error {
	var owners []sxp.ID
	for i := range all {
		v := &all[i]
		if v.Owner != a.ID() {
			owners = append(owners, v.Owner)
			continue
		}
		if it, err := a.findItem(v.ID.String()); err == nil {
			if own, err := a.itemView(it); err == nil && !it.Gone {
				*v = own
			}
		}
	}
	names, err := a.names(ctx, m, owners)
	if err != nil && !unreachable(err) {
		return err
	}
	me, err := a.profile()
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Owner == a.ID() {
			all[i].Mine, all[i].OwnerName = true, me.Label
		} else {
			all[i].OwnerName = names[all[i].Owner]
		}
	}
	return a.dressNear(near, all)
}

func (a *Agent) dressNear(near *market.Near, all []AnnouncementView) error {
	for i := range all {
		if p := all[i].Item.Point; near != nil && p != nil {
			km := near.Point().Km(*p)
			all[i].Km = &km
		}
	}
	return nil
}

// announcement answers "announcement".
func (a *Agent) announcement(ctx context.Context, in AnnouncementRef) (v AnnouncementView, err error) {
	if in.Market == "" {
		return a.announcementAnywhere(ctx, in.ID)
	}
	m, err := a.marketOf(ctx, in.Market)
	if err != nil {
		return v, err
	}
	return a.announcementAt(ctx, m, in.ID)
}

// announcementAnywhere looks at all joined markets.
func (a *Agent) announcementAnywhere(ctx context.Context, id market.ItemID) (v AnnouncementView, err error) {
	if it, err := a.findItem(id.String()); err == nil {
		return a.itemView(it)
	}
	list, err := a.memberships()
	if err != nil {
		return v, err
	}
	var last error
	for _, m := range list {
		v, err := a.announcementAt(ctx, m, id)
		if err == nil {
			return v, nil
		}
		if last == nil || !errors.Is(err, sxp.NotFound) {
			last = err
		}
	}
	if last == nil {
		last = sxp.Errorf("agent.announcement", sxp.NotFound, id, "you are in no market yet")
	}
	return v, last
}

func (a *Agent) announcementAt(ctx context.Context, m *membership, id market.ItemID) (v AnnouncementView, err error) {
	if it, err := a.findItem(id.String()); err == nil && it.Market == m.ID {
		return a.itemView(it) // here is also what the board does not have yet
	}
	client, err := a.readClient(m)
	if err != nil {
		return v, err
	}
	l, err := client.Get(ctx, id)
	if err != nil {
		return v, err
	}
	if l.Announcement == nil {
		return v, sxp.Errorf("agent.announcement", sxp.NotFound, id, "this is no announcement")
	}
	all := []AnnouncementView{viewOf(*l.Announcement)}
	switch {
	case l.Announcement.Withdrawn:
		all[0].State = itemWithdrawn
	case !l.Announcement.Live(a.now()):
		all[0].State = itemExpired
	}
	return all[0], a.dress(ctx, m, nil, all)
}

// nameFounders puts the names that a market's node knows in place of the start
// of an id.
func (a *Agent) nameFounders(ctx context.Context, m *membership, v *MarketView) {
	var unknown []sxp.ID
	for _, p := range v.Founders {
		if p.Name == p.ID.Short() {
			unknown = append(unknown, p.ID)
		}
	}
	if len(unknown) == 0 {
		return
	}
	names, err := a.names(ctx, m, unknown)
	if err != nil {
		a.log.Debug("the founders' names cannot be had", "market", m.Name, "err", err)
		return
	}
	for i, p := range v.Founders {
		if name := names[p.ID]; name != "" {
			v.Founders[i].Name = name
		}
	}
}

// enrolled counts the jurors who have enrolled at an own market.
func (a *Agent) enrolled(ctx context.Context, m *membership) (n int, err error) {
	client, err := a.client(m)
	if err != nil {
		return 0, err
	}
	for after := uint64(0); ; {
		page, err := client.List(ctx, market.ClassJuror, after)
		if err != nil {
			return n, err
		}
		n += len(page.All)
		if after = page.Next; after == 0 {
			return n, nil
		}
	}
}
