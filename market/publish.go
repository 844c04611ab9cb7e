package market

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// Publish puts a signed announcement or group on the board, or replaces an
// earlier version of it, and returns its ID. Publishing the same bytes again
// changes nothing. It fails with
//   - Invalid, TooLarge: the message breaks a rule; the text names field and rule
//   - Denied: not signed by the owner, another market's, the owner is not
//     admitted, or a notice forbids it
//   - Clock, Late: it is dated in the future, or has expired
//   - Replay: the board has a later version
//   - Conflict: the board has another announcement of the same version
//   - Full: the owner, or the board, has as many as it may
//   - NotFound, Unavailable: the board has no charter, or the market has moved.
func (b *Board) Publish(ctx context.Context, now sxp.Time, raw []byte) (ItemID, error) {
	if err := b.checkPublicationSize(raw); err != nil {
		return ItemID{}, err
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		return ItemID{}, err
	}
	p, err := b.openPublication(now, m)
	if err != nil {
		return ItemID{}, err
	}
	return p.id, b.commitOne(ctx, p.plan(b))
}

// PublishAll is Publish for many messages, whose signatures are verified
// together. It returns an ID or an error for each. All that pass are durable
// when it returns.
func (b *Board) PublishAll(ctx context.Context, now sxp.Time, raws [][]byte) ([]ItemID, []error) {
	ids, errs := make([]ItemID, len(raws)), make([]error, len(raws))
	var batch envelope.Batch
	var added []int // index in raws of each message of the batch
	for i, raw := range raws {
		if errs[i] = b.checkPublicationSize(raw); errs[i] == nil {
			batch.Add(raw)
			added = append(added, i)
		}
	}
	var plans []func(context.Context, *view) error
	var planned []int
	for j, err := range batch.Verify() {
		i := added[j]
		if err != nil {
			errs[i] = err
			continue
		}
		p, err := b.openPublication(now, batch.Message(j))
		if err != nil {
			errs[i] = err
			continue
		}
		ids[i] = p.id
		planned = append(planned, i)
		plans = append(plans, p.plan(b))
	}
	if len(plans) > 0 {
		for j, err := range b.commit(ctx, plans...) {
			errs[planned[j]] = err
		}
	}
	return ids, errs
}

// A publication is an announcement or a group, opened.
type publication struct {
	class     Class
	id        ItemID
	market    sxp.ID
	owner     sxp.ID
	version   uint64
	created   sxp.Time
	expires   sxp.Time
	direction Direction
	item      *Item
	raw       []byte

	announcement *Announcement // one of these
	group        *Group
}

func (b *Board) checkPublicationSize(raw []byte) error {
	return checkSize("market.Publish", raw, min(b.limits.MessageBytes, MaxAnnouncement))
}

// openPublication checks what needs no state: form, signer, times.
func (b *Board) openPublication(now sxp.Time, m *envelope.Message) (publication, error) {
	const op = "market.Publish"
	p, err := readPublication(op, m)
	if err != nil {
		return p, err
	}
	if p.market != b.market {
		return p, sxp.Errorf(op, sxp.Denied, p.id, "it is for the market %s, this board is of %s", p.market.Short(), b.market.Short())
	}
	if err := b.checkTimes(op, now, p.created, p.expires); err != nil {
		return p, err
	}
	if p.expires.Sub(now) > b.limits.Life+b.limits.ClockAhead {
		return p, sxp.Errorf(op, sxp.Invalid, p.id, "expires: this board keeps announcements for at most %d days", b.limits.Life/sxp.Day)
	}
	return p, nil
}

func readPublication(op string, m *envelope.Message) (publication, error) {
	switch m.Type {
	case TypeAnnouncement:
		var a Announcement
		if err := envelope.Unmarshal(m.Payload, &a); err != nil {
			return publication{}, err
		}
		return publication{
			class: ClassAnnouncement, id: a.ID(), market: a.Market, owner: a.Owner, version: a.Version,
			created: a.Created, expires: a.Expires, direction: a.Direction, item: a.Item, raw: m.Raw, announcement: &a,
		}, checkOpened(op, m.Signer, a.Owner, a)
	case TypeGroup:
		var g Group
		if err := envelope.Unmarshal(m.Payload, &g); err != nil {
			return publication{}, err
		}
		return publication{
			class: ClassGroup, id: g.ID(), market: g.Market, owner: g.Owner, version: g.Version,
			created: g.Created, expires: g.Expires, raw: m.Raw, group: &g,
		}, checkOpened(op, m.Signer, g.Owner, g)
	}
	return publication{}, sxp.Errorf(op, sxp.Invalid, nil, "a %s cannot be published, only announcements and groups", m.Type)
}

// plan checks the publication against the board and puts it there.
func (p publication) plan(b *Board) func(context.Context, *view) error {
	const op = "market.Publish"
	return func(ctx context.Context, v *view) error {
		c, err := v.hosting(op)
		if err != nil {
			return err
		}
		if !c.Admits(p.owner) {
			return sxp.Errorf(op, sxp.Denied, p.owner, "%q admits only whom its charter names", c.Name)
		}
		if p.item != nil {
			if err := c.CheckCategory(p.item.Category); err != nil {
				return err
			}
		}
		if err := p.allowed(ctx, v); err != nil {
			return err
		}
		key := itemKey(p.class, p.id)
		old, err := v.get(ctx, key)
		if err != nil {
			return err
		}
		keep := p.expires
		if old != nil {
			if same(old.Raw, p.raw) {
				return nil
			}
			if err := p.follows(old); err != nil {
				return err
			}
			// An earlier version must not come back while it is still in date.
			keep = max(keep, old.Keep)
		} else if err := p.room(ctx, b, v); err != nil {
			return err
		}
		v.replace(Entry{
			Key: key, Raw: p.raw, Owner: p.owner, Version: p.version, Expires: p.expires, Keep: keep,
			Direction: p.direction, Item: p.item,
		}, old == nil)
		return nil
	}
}

// allowed asks the notices.
func (p publication) allowed(ctx context.Context, v *view) error {
	e, err := v.get(ctx, itemKey(ClassNotice, p.id))
	if err != nil || e == nil {
		return err
	}
	n, _, err := OpenNotice(e.Raw)
	if err != nil {
		return err
	}
	if n.Covers(p.version) {
		return sxp.Errorf("market.Publish", sxp.Denied, p.id, "it was removed from this market: %s", n.Reason)
	}
	return nil
}

// follows checks that the publication may replace an earlier one.
func (p publication) follows(old *Entry) error {
	const op = "market.Publish"
	switch {
	case p.version < old.Version:
		return sxp.Errorf(op, sxp.Replay, p.id, "the board has version %d, this is version %d", old.Version, p.version)
	case p.version == old.Version:
		return sxp.Errorf(op, sxp.Conflict, p.id, "the board has another version %d; an edit needs a higher one", old.Version)
	case p.direction != old.Direction:
		return sxp.Errorf(op, sxp.Conflict, p.id, "an edit cannot make the %s of before a %s", old.Direction, p.direction)
	}
	return nil
}

// room checks the limits for one more.
func (p publication) room(ctx context.Context, b *Board, v *view) error {
	const op = "market.Publish"
	if b.entries+v.total >= b.limits.Entries {
		return sxp.Errorf(op, sxp.Full, b.market, "the board is full, it holds %d", b.limits.Entries)
	}
	n, err := v.owned(ctx, p.owner)
	if err != nil {
		return err
	}
	if n >= b.limits.PerOwner {
		return sxp.Errorf(op, sxp.Full, p.owner, "one person may have %d announcements and groups on this board", b.limits.PerOwner)
	}
	return nil
}

// Remove puts a signed notice on the board: it removes the announcement or
// group that it names, or lifts an earlier notice. It fails with Denied unless
// the market or its node signed it, with Replay where a later notice is there.
func (b *Board) Remove(ctx context.Context, now sxp.Time, raw []byte) error {
	const op = "market.Remove"
	n, signer, err := OpenNotice(raw)
	if err != nil {
		return err
	}
	if n.Market != b.market {
		return sxp.Errorf(op, sxp.Denied, n.Item, "it is for the market %s, this board is of %s", n.Market.Short(), b.market.Short())
	}
	if err := b.checkTimes(op, now, n.Created, 0); err != nil {
		return err
	}
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		c, err := v.hosting(op)
		if err != nil {
			return err
		}
		if !c.Moderates(signer) {
			return sxp.Errorf(op, sxp.Denied, n.Item, "only the market and its node may remove, %s is neither", signer.Short())
		}
		key := itemKey(ClassNotice, n.Item)
		old, err := v.get(ctx, key)
		if err != nil {
			return err
		}
		if old != nil {
			if same(old.Raw, raw) {
				return nil
			}
			// Version holds the time of a notice: the later one counts.
			if uint64(n.Created) <= old.Version {
				return sxp.Errorf(op, sxp.Replay, n.Item, "the board has a notice as late as this one")
			}
		}
		covered, err := v.covered(ctx, n)
		if err != nil {
			return err
		}
		v.replace(Entry{Key: key, Raw: raw, Owner: signer, Version: uint64(n.Created)}, old == nil)
		for _, e := range covered {
			v.remove(e)
		}
		return nil
	})
}

// covered returns what a notice forbids.
func (v *view) covered(ctx context.Context, n Notice) ([]*Entry, error) {
	var found []*Entry
	for _, class := range counted() {
		e, err := v.get(ctx, itemKey(class, n.Item))
		if err != nil {
			return nil, err
		}
		if e != nil && n.Covers(e.Version) {
			found = append(found, e)
		}
	}
	return found, nil
}
