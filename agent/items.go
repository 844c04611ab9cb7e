package agent

import (
	"bytes"
	"context"
	"maps"
	"strings"

	"sxp"
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
	itemPromised  = "promised"
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
	Why     string        `json:"why,omitempty"`     // the board refused Raw
	Removed *removal      `json:"removed,omitempty"` // what the market said last of it
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

// gift does "gift".
func (a *Agent) gift(ctx context.Context, in Announce) (AnnouncementView, error) {
	return a.announce(ctx, in, market.Gift)
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
	thing.Text = in.Text
	if in.Category != "" {
		thing.Category = in.Category
	}
	thing.Place, thing.From, thing.Until, thing.Attributes = in.Place, in.From, in.Until, maps.Clone(in.Attributes)
	thing.Photos, thing.Divisible = in.Photos, in.Divisible
	if in.Point != nil {
		thing.Point = in.Point // else what the title says: "near:52.52,13.405"
	}
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
		Created: now, Expires: now.Add(life(in.For)), Source: in.source,
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
	return a.publish(ctx, mk, ann.ID(), ann, nil)
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
	q.Category, q.Issuer = thing.Category, thing.Issuer
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
	q := w.Query
	var parts []string
	if q.Category != "" {
		parts = append(parts, "category:"+q.Category) // first: after "|" there are words only
	}
	if !q.Near.IsZero() {
		parts = append(parts, "near:"+q.Near.String())
	}
	for _, s := range []string{string(q.Quantity), q.Unit, q.Currency, q.Words} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if !q.Issuer.IsZero() {
		parts = append(parts, "of", q.Issuer.String())
	}
	text := strings.Join(parts, " ")
	if read, err := market.ParseQuery(text); q.Kind != "" && (err != nil || read.Kind != q.Kind) {
		return strings.TrimSpace("kind:" + string(q.Kind) + " " + text)
	}
	return text
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
	if err := a.checkFree(it.ID); err != nil {
		return v, err
	}
	mk, err := a.findMarket(it.Market.String())
	if err != nil {
		return v, err
	}
	ann, err := market.OpenAnnouncement(it.Raw)
	if err != nil {
		return v, err
	}
	if err := in.retitle(&ann); err != nil {
		return v, err
	}
	if err := in.details(ann.Item); err != nil {
		return v, err
	}
	if ann.Query != nil {
		ann.Query.Category = ann.Item.Category
	}
	if in.Wants != nil {
		if ann.Wants, err = parseWants(in.Wants); err != nil {
			return v, err
		}
	}
	ann.Version++
	ann.Since, ann.Created = ann.First(), max(a.now(), ann.Created)
	if in.For != 0 || ann.Expires <= ann.Created {
		ann.Expires = ann.Created.Add(life(in.For))
	}
	return a.publish(ctx, mk, it.ID, ann, nil)
}

// retitle reads the new title and kind. A kind that was chosen and not read
// from the old title stays.
func (in *EditItem) retitle(ann *market.Announcement) error {
	kind := in.Kind
	if was, err := market.ParseItem(ann.Item.String()); kind == "" && (err != nil || was.Kind != ann.Item.Kind) {
		kind = ann.Item.Kind
	}
	if in.Title != "" {
		thing, err := market.ParseItem(in.Title)
		if err != nil {
			return err
		}
		old := ann.Item
		thing.Text, thing.Category, thing.Attributes = old.Text, old.Category, old.Attributes
		thing.Place, thing.From, thing.Until = old.Place, old.From, old.Until
		if thing.Point == nil {
			thing.Point = old.Point
		}
		thing.Photos, thing.Divisible = old.Photos, old.Divisible
		if thing.Kind == market.Money && thing.Issuer.IsZero() {
			thing.Issuer = old.Issuer
		}
		ann.Item = &thing
		if ann.Direction == market.Need {
			if ann.Query, err = needQuery(Announce{Title: in.Title, Kind: kind, Category: thing.Category}, thing); err != nil {
				return err
			}
		}
	}
	if kind != "" {
		ann.Item.Kind = kind
	}
	if in.Kind != "" && ann.Query != nil {
		ann.Query.Kind = in.Kind
	}
	return nil
}

// details changes what an item says beside its title. What is to be cleared is
// so first.
func (in *EditItem) details(thing *market.Item) error {
	for _, name := range in.Clear {
		switch name {
		case "text":
			thing.Text = ""
		case "category":
			thing.Category = ""
		case "place":
			thing.Place = ""
		case "from":
			thing.From = 0
		case "until":
			thing.Until = 0
		default:
			return sxp.Errorf("agent.edit", sxp.Invalid, nil, "%.40q cannot be cleared: text, category, place, from and until can", name)
		}
	}
	if in.Text != "" {
		thing.Text = in.Text
	}
	if in.Category != "" {
		thing.Category = in.Category
	}
	if in.Divisible != nil {
		thing.Divisible = *in.Divisible
	}
	if in.Place != "" {
		thing.Place = in.Place
	}
	if in.From != 0 {
		thing.From = in.From
	}
	if in.Until != 0 {
		thing.Until = in.Until
	}
	if in.Photos != nil {
		thing.Photos = in.Photos
	}
	if in.Point != nil || in.NoPoint {
		thing.Point = in.Point
	}
	if len(in.Attributes) == 0 {
		return nil
	}
	all := map[string]string{}
	maps.Copy(all, thing.Attributes)
	maps.Copy(all, in.Attributes)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	thing.Attributes = all
	return nil
}

// withdraw does "withdraw".
func (a *Agent) withdraw(ctx context.Context, in ItemRef) (v AnnouncementView, err error) {
	it, err := a.findItem(in.Item)
	if err != nil {
		return v, err
	}
	if it.Gone {
		return a.itemView(it)
	}
	if err := a.checkFree(it.ID); err != nil {
		return v, err
	}
	if err := a.takeDown(ctx, it); err != nil {
		return v, err
	}
	if it, err = a.findItem(it.ID.String()); err != nil {
		return v, err
	}
	return a.itemView(it)
}

// checkFree refuses to change what the person has accepted to give: the others
// read it as it is.
func (a *Agent) checkFree(id market.ItemID) error {
	if n, state := a.holding(id); n != 0 {
		return sxp.Errorf("agent.items", sxp.Conflict, id, "it is part of deal %d, which is %s: wait until that has ended", n, state)
	}
	return nil
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
		Created: max(a.now(), ann.First()), Expires: max(ann.Expires, a.now().Add(sxp.Day)), Withdrawn: true,
		Since: ann.First(), Swapped: !it.Swapped.IsZero(),
	}
	_, err = a.publish(ctx, mk, it.ID, gone, it.Raw)
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
	v.Mine = true
	if me, err := a.profile(); err == nil {
		v.OwnerName = me.Label
	}
	v.Number, v.State, v.Expires, v.Pending, v.Why = it.Number, it.state(a.now()), it.Expires, it.Pending, it.Why
	if v.State == itemActive && v.Why == "" {
		v.Why = it.Removed.covers(v.Version)
	}
	if _, deal := a.holding(it.ID); v.State == itemActive && (deal == dealPromised || deal == dealUnsettled) {
		v.State = itemPromised
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
	v.Source = ann.Source
	for _, w := range ann.Wants {
		v.Wants = append(v.Wants, wantText(w))
	}
	return v
}
