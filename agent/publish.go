package agent

import (
	"bytes"
	"context"
	"errors"

	"sxp"
	"sxp/market"
	"sxp/relay"
)

// publish signs a version of an announcement, stores it and brings it to the
// board, in this order, so that the board never has a version that is not
// known here. A board that cannot be reached gets it later; one that refuses
// it leaves everything as it was. shown, if any, is what the person goes on
// seeing of a withdrawn one.
func (a *Agent) publish(ctx context.Context, mk *membership, id market.ItemID, ann market.Announcement, shown sxp.Bytes) (v AnnouncementView, err error) {
	raw, err := market.SignAnnouncement(a.id, ann)
	if err != nil {
		return v, err
	}
	var was, now item
	err = a.mem.update(func(t *tx) error {
		known := t.get(keyItem+id.String(), &was)
		if known {
			if old, err := market.OpenAnnouncement(was.Raw); err != nil || old.Version >= ann.Version {
				return sxp.Errorf("agent.publish", sxp.Conflict, id, "it was changed at the same time: look at it again")
			}
		}
		now = was
		now.ID, now.Market, now.Raw, now.Expires, now.Gone, now.Pending, now.Why = id, mk.ID, raw, ann.Expires, ann.Withdrawn, true, ""
		if now.Number == 0 {
			now.Number = t.next("item")
		}
		t.put(keyItem+id.String(), &now)
		if shown != nil {
			t.put(keyShown+id.String(), shown)
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	a.unsent.Store(true)
	err = a.bring(ctx, mk, raw)
	switch {
	case err == nil:
		now.Pending = false
		err = a.arrived(id, raw, "")
	case unreachable(err):
		a.log.Warn("the market cannot be reached: the announcement is brought there later", "market", mk.Name, "err", err)
		a.noteNode("market "+mk.Name, err)
		err = nil
	default:
		err = errors.Join(err, a.takeBack(id, raw, &was))
	}
	if err != nil {
		return v, err
	}
	return a.itemView(&now)
}

// takeBack undoes a version that the board has refused, as long as it is still
// the newest.
func (a *Agent) takeBack(id market.ItemID, raw []byte, was *item) error {
	return a.mem.update(func(t *tx) error {
		var now item
		switch {
		case !t.get(keyItem+id.String(), &now) || !bytes.Equal(now.Raw, raw):
		case was.Number == 0:
			t.delete(keyItem + id.String())
		default:
			was.Swapped = now.Swapped // may have come meanwhile
			t.put(keyItem+id.String(), was)
		}
		return nil
	})
}

// arrived notes that a board has a version, or why it refuses it.
func (a *Agent) arrived(id market.ItemID, raw []byte, why string) error {
	return a.mem.update(func(t *tx) error {
		var now item
		if t.get(keyItem+id.String(), &now) && bytes.Equal(now.Raw, raw) {
			now.Pending, now.Why = false, why
			t.put(keyItem+id.String(), &now)
		}
		return nil
	})
}

// republish brings to the boards what they do not have yet, and takes down
// what was given.
func (a *Agent) republish(ctx context.Context) error {
	if !a.unsent.Swap(false) {
		return nil
	}
	items, err := a.items()
	if err != nil {
		a.unsent.Store(true)
		return err
	}
	for _, it := range items {
		given := !it.Swapped.IsZero() && !it.Gone
		if !given && !it.Pending {
			continue
		}
		mk, err := a.findMarket(it.Market.String())
		if err != nil {
			continue // left meanwhile
		}
		if at, err := mk.node(); err == nil && a.rests(at.URL) {
			a.unsent.Store(true)
			continue
		}
		if given {
			err = a.takeDown(ctx, it)
		} else if err = a.bring(ctx, mk, it.Raw); err == nil {
			err = a.arrived(it.ID, it.Raw, "")
		} else if errors.Is(err, sxp.Replay) || errors.Is(err, sxp.Conflict) {
			err = a.overtake(ctx, mk, it, err)
		}
		switch {
		case err == nil:
		case isLocal(err):
			a.unsent.Store(true)
			return err
		case ctx.Err() != nil, !refusesItem(err):
			a.unsent.Store(true)
			a.noteNode("market "+mk.Name, err)
		default:
			a.log.Error("the market refuses an announcement", "market", mk.Name, "item", it.ID, "err", err)
			if err := a.arrived(it.ID, it.Raw, sxp.Reason(err)); err != nil {
				return err
			}
		}
	}
	return nil
}

// overtake publishes what is said here as a version after the one that the
// board has: a backup, or another device, may know less than the board.
func (a *Agent) overtake(ctx context.Context, mk *membership, it *item, refusal error) error {
	c, err := a.client(mk)
	if err != nil {
		return err
	}
	there, err := c.Get(ctx, it.ID)
	if err != nil || there.Announcement == nil {
		return refusal
	}
	ann, err := market.OpenAnnouncement(it.Raw)
	if err != nil || there.Announcement.Version < ann.Version || bytes.Equal(there.Raw, it.Raw) {
		return refusal
	}
	ann.Version, ann.Created = there.Announcement.Version+1, max(a.now(), there.Announcement.Created)
	_, err = a.publish(ctx, mk, it.ID, ann, nil)
	return err
}

// refusesItem reports whether a board will never take an announcement: beside
// what is malformed, one that it has a later version of, or whose owner it
// does not admit.
func refusesItem(err error) bool {
	if refuses(err) {
		return true
	}
	remote := (*relay.RemoteError)(nil)
	if !errors.As(err, &remote) {
		return false
	}
	switch sxp.KindOf(err) {
	case sxp.Denied, sxp.Conflict, sxp.Late:
		return true
	}
	return false
}

// bring publishes a signed announcement on its board.
func (a *Agent) bring(ctx context.Context, mk *membership, raw []byte) error {
	c, err := a.client(mk)
	if err != nil {
		return err
	}
	if err := a.putPhotos(ctx, mk, raw); err != nil {
		return err
	}
	_, err = c.Publish(ctx, raw)
	return err
}
