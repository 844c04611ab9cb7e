package agent

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/market"
)

const (
	keyItem = "item/"

	// defaultLife is how long an announcement stands unless its owner says
	// otherwise.
	defaultLife = 90 * sxp.Day
)

// The states of an announcement, as AnnouncementView documents them.
const (
	itemActive    = "active"
	itemExpired   = "expired"
	itemWithdrawn = "withdrawn"
	itemSwapped   = "swapped"
)

// item is one announcement of the person under "item/<id>".
type item struct {
	Number  int           `json:"number"`
	ID      market.ItemID `json:"id"`
	Market  sxp.ID        `json:"market"`
	Raw     sxp.Bytes     `json:"raw"` // the newest version, signed
	Expires sxp.Time      `json:"expires"`
	Gone    bool          `json:"gone,omitempty"`    // withdrawn
	Swapped sxp.Hash      `json:"swapped,omitzero"`  // the deal that it went into
	Pending bool          `json:"pending,omitempty"` // Raw is not on the board yet
}

func (it *item) state(now sxp.Time) string {
	switch {
	case !it.Swapped.IsZero():
		return itemSwapped
	case it.Gone:
		return itemWithdrawn
	case now >= it.Expires:
		return itemExpired
	}
	return itemActive
}

func sameItem(a, b market.Item) bool {
	x, errX := envelope.Marshal(a)
	y, errY := envelope.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// offer does "offer".
func (a *Agent) offer(ctx context.Context, in Announce) (AnnouncementView, error) {
	return a.announce(ctx, in, market.Offer)
}

// need does "need".
func (a *Agent) need(ctx context.Context, in Announce) (AnnouncementView, error) {
	return a.announce(ctx, in, market.Need)
}

func (a *Agent) announce(ctx context.Context, in Announce, d market.Direction) (v AnnouncementView, err error) {
	mk, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	thing, err := market.ParseItem(in.Title)
	if err != nil {
		return v, err
	}
	thing.Text, thing.Category = in.Text, in.Category
	if in.Kind != "" {
		thing.Kind = in.Kind
	}
	if !in.Issuer.IsZero() {
		thing.Issuer = in.Issuer
	}
	wants, err := parseWants(in.Wants)
	if err != nil {
		return v, err
	}
	now := a.now()
	ann := market.Announcement{
		Market: mk.ID, Owner: a.ID(), Version: 1, Direction: d, Item: &thing, Wants: wants,
		Created: now, Expires: now.Add(life(in.For)),
	}
	if d == market.Need {
		// The words, not the guessed kind: a need of "lessons" is met by a
		// service of so many hours.
		if ann.Query, err = needQuery(in, thing); err != nil {
			return v, err
		}
	}
	if _, err := a.cfg.Rand.Read(ann.Nonce[:]); err != nil {
		return v, sxp.Errorf("agent.announce", sxp.Internal, nil, "no randomness: %w", err)
	}
	return a.publish(ctx, mk, &item{}, ann)
}

// needQuery is what meets a need: its words, and whatever else was said.
func needQuery(in Announce, thing market.Item) (*market.Query, error) {
	q, err := market.ParseQuery(in.Title)
	if err != nil {
		return nil, err
	}
	if in.Kind != "" {
		q.Kind = in.Kind
	}
	q.Category, q.Issuer = in.Category, thing.Issuer
	return &q, nil
}

func life(d sxp.Duration) sxp.Duration {
	if d == 0 {
		return defaultLife
	}
	return d
}

func parseWants(texts []string) ([]market.Want, error) {
	var out []market.Want
	for _, s := range texts {
		w, err := market.ParseWant(s)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// wantText says a want as market.ParseWant reads it.
func wantText(w market.Want) string {
	switch {
	case !w.Item.IsZero():
		return w.Item.String()
	case !w.Group.IsZero():
		return "group:" + w.Group.String()
	}
	var parts []string
	for _, s := range []string{string(w.Query.Quantity), w.Query.Unit, w.Query.Currency, w.Query.Words} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if w.Query.Kind != "" && w.Query.Words == "" && w.Query.Currency == "" {
		parts = append(parts, "kind:"+string(w.Query.Kind))
	}
	if w.Query.Category != "" {
		parts = append(parts, "category:"+w.Query.Category)
	}
	return strings.Join(parts, " ")
}

// publish signs a version of an announcement, stores it and brings it to the
// board. A board that cannot be reached gets it later; one that refuses it
// leaves everything as it was.
func (a *Agent) publish(ctx context.Context, mk *membership, it *item, ann market.Announcement) (v AnnouncementView, err error) {
	raw, err := market.SignAnnouncement(a.id, ann)
	if err != nil {
		return v, err
	}
	next := *it
	next.ID, next.Market, next.Raw, next.Expires, next.Gone, next.Pending = ann.ID(), mk.ID, raw, ann.Expires, ann.Withdrawn, true
	if err := a.bring(ctx, mk, raw); err == nil {
		next.Pending = false
	} else if !isTemporary(err) {
		return v, err
	} else {
		a.log.Warn("the market cannot be reached: the announcement is brought there later", "market", mk.Name, "err", err)
	}
	err = a.mem.update(func(t *tx) error {
		if next.Number == 0 {
			next.Number = t.next("item")
		}
		t.put(keyItem+next.ID.String(), &next)
		return nil
	})
	if err != nil {
		return v, err
	}
	*it = next
	if it.Pending {
		a.unsent.Store(true)
	}
	return a.itemView(it)
}

// isTemporary reports whether the same request may work later.
func isTemporary(err error) bool {
	return errors.Is(err, sxp.Unavailable) || errors.Is(err, sxp.Busy) || errors.Is(err, sxp.Full) || errors.Is(err, sxp.Internal)
}

// republish brings to the boards what they do not have yet.
func (a *Agent) republish(ctx context.Context) error {
	if !a.unsent.Swap(false) {
		return nil
	}
	left := false
	defer func() {
		if left {
			a.unsent.Store(true)
		}
	}()
	items, err := a.items()
	if err != nil {
		return err
	}
	for _, it := range items {
		if !it.Swapped.IsZero() && !it.Gone && !it.Pending {
			if err := a.takeDown(ctx, it); err != nil {
				a.log.Warn("what was given is still announced", "item", it.ID, "err", err)
				left = left || isTemporary(err)
				continue
			}
			left = left || it.Pending
			continue
		}
		if !it.Pending {
			continue
		}
		mk, err := a.findMarket(it.Market.String())
		if err != nil {
			continue // left meanwhile
		}
		switch err := a.bring(ctx, mk, it.Raw); {
		case err != nil && isTemporary(err):
			left = true
			continue
		case err != nil:
			a.log.Error("the market refuses an announcement", "market", mk.Name, "item", it.ID, "err", err)
		}
		it.Pending = false
		if err := a.mem.update(func(t *tx) error { t.put(keyItem+it.ID.String(), it); return nil }); err != nil {
			return err
		}
	}
	return nil
}

// items returns the person's announcements by number.
func (a *Agent) items() ([]*item, error) {
	return all(&a.mem, keyItem, func(x, y *item) bool { return x.Number < y.Number })
}

func (a *Agent) findItem(ref string) (*item, error) {
	items, err := a.items()
	if err != nil {
		return nil, err
	}
	return pick("announcement", ref, items, func(it *item) int { return it.Number }, func(it *item) string { return it.ID.String() }, nil)
}

// edit does "edit".
func (a *Agent) edit(ctx context.Context, in EditItem) (v AnnouncementView, err error) {
	it, err := a.findItem(in.Item)
	if err != nil {
		return v, err
	}
	if st := it.state(a.now()); st != itemActive && st != itemExpired {
		return v, sxp.Errorf("agent.edit", sxp.Conflict, it.ID, "it is %s: announce a new one", st)
	}
	mk, err := a.findMarket(it.Market.String())
	if err != nil {
		return v, err
	}
	ann, err := market.OpenAnnouncement(it.Raw)
	if err != nil {
		return v, err
	}
	if in.Title != "" {
		thing, err := market.ParseItem(in.Title)
		if err != nil {
			return v, err
		}
		thing.Text, thing.Category, thing.Issuer = ann.Item.Text, ann.Item.Category, ann.Item.Issuer
		ann.Item = &thing
		if ann.Direction == market.Need {
			if ann.Query, err = needQuery(Announce{Title: in.Title, Category: ann.Item.Category}, thing); err != nil {
				return v, err
			}
		}
	}
	if in.Text != "" {
		ann.Item.Text = in.Text
	}
	if in.Category != "" {
		ann.Item.Category = in.Category
	}
	if in.Wants != nil {
		if ann.Wants, err = parseWants(in.Wants); err != nil {
			return v, err
		}
	}
	ann.Version++
	ann.Created = a.now()
	if in.For != 0 || ann.Expires <= ann.Created {
		ann.Expires = ann.Created.Add(life(in.For))
	}
	return a.publish(ctx, mk, it, ann)
}

// withdraw does "withdraw".
func (a *Agent) withdraw(ctx context.Context, in ItemRef) (v AnnouncementView, err error) {
	it, err := a.findItem(in.Item)
	if err != nil {
		return v, err
	}
	if !it.Gone {
		if err := a.takeDown(ctx, it); err != nil {
			return v, err
		}
	}
	return a.itemView(it)
}

// takeDown withdraws an announcement from its board. View keeps showing what
// it was, since the withdrawal itself has no item.
func (a *Agent) takeDown(ctx context.Context, it *item) error {
	mk, err := a.findMarket(it.Market.String())
	if err != nil {
		return err
	}
	ann, err := market.OpenAnnouncement(it.Raw)
	if err != nil {
		return err
	}
	gone := market.Announcement{
		Market: ann.Market, Owner: ann.Owner, Nonce: ann.Nonce, Version: ann.Version + 1, Direction: ann.Direction,
		Created: a.now(), Expires: max(ann.Expires, a.now().Add(sxp.Day)), Withdrawn: true,
	}
	shown := it.Raw
	if err := a.mem.update(func(t *tx) error { t.put(keyShown+it.ID.String(), shown); return nil }); err != nil {
		return err
	}
	_, err = a.publish(ctx, mk, it, gone)
	return err
}

// keyShown keeps the last version with an item of what was withdrawn.
const keyShown = "shown/"

// fulfil withdraws the needs that a contract meets, so that the same thing is
// not sought twice.
func (a *Agent) fulfil(t *tx, l *live) {
	v := l.s.View()
	var met []*item
	err := scan(t, keyItem, func(_ string, it *item) error {
		ann, err := market.OpenAnnouncement(it.Raw)
		if err != nil || it.state(a.now()) != itemActive || ann.Direction != market.Need {
			return err
		}
		for i := range l.s.Proposal().Terms.Transfers {
			x := &l.s.Proposal().Terms.Transfers[i]
			if x.To == v.Me && ann.Seeks().Match(x.Item) {
				met = append(met, it)
				return nil
			}
		}
		return nil
	})
	if err != nil {
		t.fail(err)
	}
	for _, it := range met {
		it.Swapped = l.rec.ID
		t.put(keyItem+it.ID.String(), it)
	}
}

// list answers "list".
func (a *Agent) list(context.Context, None) ([]AnnouncementView, error) {
	items, err := a.items()
	if err != nil {
		return nil, err
	}
	out := []AnnouncementView{}
	for _, it := range items {
		v, err := a.itemView(it)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (a *Agent) itemView(it *item) (v AnnouncementView, err error) {
	raw := it.Raw
	if it.Gone {
		if err := a.mem.view(func(t *tx) error { t.get(keyShown+it.ID.String(), &raw); return nil }); err != nil {
			return v, err
		}
	}
	ann, err := market.OpenAnnouncement(raw)
	if err != nil {
		return v, err
	}
	v = viewOf(ann)
	v.Number, v.State, v.Expires = it.Number, it.state(a.now()), it.Expires
	if v.State != itemActive {
		return v, nil
	}
	for _, l := range a.liveDeals() {
		view := l.s.View()
		for i := range l.s.Proposal().Terms.Transfers {
			x := &l.s.Proposal().Terms.Transfers[i]
			if x.ItemRef == it.ID && (view.Phase == contract.PhasePromised || view.Phase == contract.PhaseReleased) {
				v.State = "promised"
			}
		}
	}
	return v, nil
}

// viewOf shows an announcement that has an item.
func viewOf(ann market.Announcement) AnnouncementView {
	v := AnnouncementView{
		ID: ann.ID(), Market: ann.Market, Owner: ann.Owner, Direction: ann.Direction,
		Version: ann.Version, Expires: ann.Expires, State: itemActive,
	}
	if ann.Item != nil {
		v.Item, v.Title = *ann.Item, ann.Item.String()
	}
	for _, w := range ann.Wants {
		v.Wants = append(v.Wants, wantText(w))
	}
	return v
}

// bring publishes a signed announcement on its board.
func (a *Agent) bring(ctx context.Context, mk *membership, raw []byte) error {
	c, err := a.client(mk)
	if err != nil {
		return err
	}
	_, err = c.Publish(ctx, raw)
	return err
}
