package market

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// Post keeps signed mail until its receiver has deleted it or it expires, and
// returns its digest. Only the sender may post it: from is who asks, proved by
// the caller. It fails with Invalid, TooLarge, Denied (not signed by the
// sender, or for another market), Clock, Late, and Full where the sender or
// the receiver has as much waiting as may be.
func (b *Board) Post(ctx context.Context, now sxp.Time, from sxp.ID, raw []byte) (sxp.Hash, error) {
	const op = "market.Post"
	m, err := OpenMail(raw)
	if err != nil {
		return sxp.Hash{}, err
	}
	if m.From != from {
		return sxp.Hash{}, wrongSigner(op, "who posts", from, m.From)
	}
	if m.Market != b.market {
		return sxp.Hash{}, sxp.Errorf(op, sxp.Denied, nil, "it is for the market %s, this board is of %s", m.Market.Short(), b.market.Short())
	}
	if err := b.checkTimes(op, now, m.Created, m.Expires); err != nil {
		return sxp.Hash{}, err
	}
	id := envelope.Digest(raw)
	return id, b.commitOne(ctx, func(ctx context.Context, v *view) error {
		if _, err := v.hosting(op); err != nil {
			return err
		}
		key := Key{Class: ClassMail, ID: id}
		old, err := v.get(ctx, key)
		if err != nil || old != nil {
			return err
		}
		if err := v.mailRoom(ctx, m); err != nil {
			return err
		}
		v.replace(Entry{Key: key, Raw: raw, Owner: m.To, Peer: m.From, Expires: m.Expires, Keep: m.Expires}, true)
		return nil
	})
}

// mailRoom checks the limits of sender and receiver.
func (v *view) mailRoom(ctx context.Context, m Mail) error {
	for _, check := range []struct {
		who   string
		limit int
		f     Filter
	}{
		{"for " + m.To.Short(), v.b.limits.MailTo, Filter{Classes: []Class{ClassMail}, Owner: m.To}},
		{"from you", v.b.limits.MailFrom, Filter{Classes: []Class{ClassMail}, Peer: m.From}},
	} {
		n, err := v.b.store.Count(ctx, check.f)
		if err != nil {
			return err
		}
		for _, i := range v.put {
			e := &v.entries[i]
			if e.Key.Class == ClassMail && (e.Owner == check.f.Owner || e.Peer == check.f.Peer) {
				n++
			}
		}
		if n >= check.limit {
			return sxp.Errorf("market.Post", sxp.Full, nil, "%d letters %s wait already, which is the limit", n, check.who)
		}
	}
	return nil
}

// MailFor returns the mail that waits for a person, oldest first, after the
// cursor: who asks must be that person, proved by the caller. next is the
// cursor for more, 0 where there is none.
func (b *Board) MailFor(ctx context.Context, now sxp.Time, to sxp.ID, after uint64, limit int) (page []Record, next uint64, err error) {
	return b.scan(ctx, Filter{Classes: []Class{ClassMail}, Owner: to, After: after, LiveAt: now, Limit: limit})
}

// DeleteMail deletes mail that the receiver has fetched, by digest. What is
// not there, or is somebody else's, is left alone.
func (b *Board) DeleteMail(ctx context.Context, to sxp.ID, ids []sxp.Hash) error {
	return b.commitOne(ctx, func(ctx context.Context, v *view) error {
		for _, id := range ids {
			e, err := v.get(ctx, Key{Class: ClassMail, ID: id})
			if err != nil {
				return err
			}
			if e != nil && e.Owner == to {
				v.remove(e)
			}
		}
		return nil
	})
}
