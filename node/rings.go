package node

import (
	"context"
	"io"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/market"
)

const keyRing = "ring/" // proposed rings, under market and hash of their items

// proposed is the record of a ring that was proposed.
type proposed struct {
	Items    []market.ItemID `json:"items"`
	Versions []uint64        `json:"versions"` // of the announcements that were looked at
	Attempts int             `json:"attempts"`
	Until    sxp.Time        `json:"until"` // its items are reserved until then
	Mail     []sxp.Bytes     `json:"mail"`  // signed, until all of it is on the board
}

// ring is a proposed ring with what is known since.
type ring struct {
	proposed
	over sxp.Time // when it was seen to be impossible; 0: it may succeed
}

// reserved returns until when the ring's items are held.
func (r *ring) reserved() sxp.Time {
	if r.over != 0 {
		return min(r.over, r.Until)
	}
	return r.Until
}

// ringKey names a ring by its items and takers, whatever the order.
func ringKey(m sxp.ID, moves []draft.Move) string {
	ids := make([]string, len(moves))
	for i, mv := range moves {
		ids[i] = mv.Ref.String() + mv.To.String()
	}
	slices.Sort(ids)
	return keyRing + m.String() + "/" + sxp.Sum([]byte(strings.Join(ids, "\n"))).String()
}

// loadRings reads the rings that were proposed on a board, and forgets old ones.
func (n *Node) loadRings(b *market.Board, f *found) error {
	rings, old := map[string]*ring{}, []string{}
	now := n.p.Now()
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyRing+b.Market().String()+"/", func(key string, value []byte) error {
			r := new(ring)
			if err := envelope.Unmarshal(value, &r.proposed); err != nil || len(r.Versions) != len(r.Items) {
				// A ring that is proposed once more does no harm.
				n.p.Log.Warn("a record of a proposed ring is damaged and forgotten", "key", key, "err", err)
				old = append(old, key)
				return nil
			}
			if now > r.Until.Add(ringMemory) {
				old = append(old, key)
				return nil
			}
			rings[key] = r
			return nil
		})
	}); err != nil {
		return err
	}
	if len(old) > 0 {
		if err := n.p.KV.Update(func(tx kv.Tx) error {
			for _, key := range old {
				if err := tx.Delete(key); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	f.rings = rings
	return nil
}

// postAgain posts what a crash or a full disk kept from being posted.
func (n *Node) postAgain(ctx context.Context, b *market.Board, f *found) {
	for key, r := range f.rings {
		if len(r.Mail) == 0 {
			continue
		}
		if err := n.postRing(ctx, b, key, r); err != nil {
			n.p.Log.Warn("a proposal could not be left for its people", "market", b.Market(), "err", err)
		}
	}
}

// held returns the items that open proposals hold; f.free becomes when the
// next of them is free again.
func (f *found) held(now sxp.Time) map[market.ItemID]bool {
	held := map[market.ItemID]bool{}
	f.free = 0
	for _, r := range f.rings {
		until := r.reserved()
		if now >= until {
			continue
		}
		for _, id := range r.Items {
			held[id] = true
		}
		if f.free == 0 || until < f.free {
			f.free = until
		}
	}
	return held
}

// changed notes that an announcement is another than the one that a ring was
// made of: that ring cannot be signed as it was proposed, and the items of the
// others are free. A withdrawn one may have been swapped, and the others then
// follow; if one of them is edited instead, it was not.
func (f *found) changed(n *Node, id market.ItemID, a *market.Announcement) {
	now := n.p.Now()
	for _, r := range f.rings {
		i := slices.Index(r.Items, id)
		if i < 0 || r.Versions[i] >= a.Version {
			continue
		}
		over := now
		if a.Withdrawn {
			over = now.Add(withdrawnGrace)
		}
		if r.over == 0 || over < r.over {
			r.over, f.stale = over, true
		}
	}
}

// tryRing proposes a ring unless it was proposed often enough, or failed a
// while ago.
func (n *Node) tryRing(ctx context.Context, b *market.Board, f *found, c market.Charter, moves []draft.Move, now sxp.Time) bool {
	key := ringKey(b.Market(), moves)
	attempt := 1
	if r := f.rings[key]; r != nil {
		attempt = r.Attempts + 1
	}
	if attempt > maxAttempts || now < f.failed[key] {
		return false
	}
	delete(f.failed, key)
	err := n.proposeRing(ctx, b, f, c, key, moves, attempt)
	if err == nil {
		return true
	}
	if len(f.failed) > maxWhole {
		clear(f.failed)
	}
	f.failed[key] = now.Add(failedPause)
	n.p.Log.Warn("a ring is not proposed", "market", b.Market(), "again after", f.failed[key], "err", err)
	return false
}

// proposeRing signs a proposal, remembers it, and leaves it for its people.
func (n *Node) proposeRing(ctx context.Context, b *market.Board, f *found, c market.Charter, key string, moves []draft.Move, attempt int) error {
	in := draft.Input{Moves: moves, Cards: map[sxp.ID][]byte{}, Market: c.Market, Roll: f.roll, Jury: c.Terms.N, Attempt: attempt, Now: n.p.Now()}
	if err := n.cardsOf(moves, in.Cards); err != nil {
		return err
	}
	if _, err := io.ReadFull(n.p.Rand, in.Nonce[:]); err != nil {
		return sxp.Errorf("node.proposeRing", sxp.Internal, nil, "no randomness: %w", err)
	}
	p, err := draft.Proposal(in)
	if err != nil {
		return err
	}
	raw, err := contract.SignProposal(n.p.Key, p)
	if err != nil {
		return err
	}
	r := &ring{proposed: proposed{Attempts: attempt, Until: p.Deadline}}
	for _, mv := range moves {
		r.Items = append(r.Items, mv.Ref)
		r.Versions = append(r.Versions, f.items[mv.Ref].version)
	}
	if r.Mail, err = n.sealProposal(b, p, raw); err != nil {
		return err
	}
	// First it is remembered, with its mail: after a crash the same letters
	// are posted, not others.
	if err := n.saveRing(key, r); err != nil {
		return err
	}
	f.rings[key] = r
	if err := n.postRing(ctx, b, key, r); err != nil {
		n.p.Log.Warn("a proposal could not be left for all of its people", "market", b.Market(), "err", err)
	}
	n.p.Log.Info("a ring is proposed", "market", b.Market(), "title", p.Terms.Title, "attempt", attempt, "deadline", p.Deadline)
	return nil
}

// cardsOf fills in the signed cards of a ring's people, as far as they are here.
func (n *Node) cardsOf(moves []draft.Move, to map[sxp.ID][]byte) error {
	var ids []sxp.ID
	for _, mv := range moves {
		ids = append(ids, mv.From)
	}
	known, err := n.cards.get(ids)
	if err != nil {
		return err
	}
	for _, raw := range known.Cards {
		_, id, err := envelope.Peek(raw)
		if err != nil {
			return err
		}
		to[id] = raw
	}
	return nil
}

// sealProposal returns the letters that carry a proposal to its people.
func (n *Node) sealProposal(b *market.Board, p *contract.Proposal, raw []byte) ([]sxp.Bytes, error) {
	cards, err := p.Cards()
	if err != nil {
		return nil, err
	}
	now := n.p.Now()
	var letters []sxp.Bytes
	for _, card := range cards {
		sealed, err := draft.Seal(card, raw, now)
		if err != nil {
			return nil, err
		}
		letter, err := market.SignMail(n.p.Key, market.Mail{
			Market: b.Market(), From: n.ID(), To: card.ID, Sealed: sealed, Created: now,
			Expires: min(p.ReleaseBefore(), now.Add(market.MaxMailLife)),
		})
		if err != nil {
			return nil, err
		}
		letters = append(letters, letter)
	}
	return letters, nil
}

func (n *Node) saveRing(key string, r *ring) error {
	value, err := envelope.Marshal(&r.proposed)
	if err != nil {
		return err
	}
	return n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(key, value) })
}

// postRing leaves the letters of a ring on the board, and forgets them. It
// fails only where they may be posted later.
func (n *Node) postRing(ctx context.Context, b *market.Board, key string, r *ring) error {
	for _, letter := range r.Mail {
		_, err := b.Post(ctx, n.p.Now(), n.ID(), letter)
		switch sxp.KindOf(err) {
		case "", sxp.Late:
		case sxp.Full, sxp.Denied, sxp.Clock: // this person's box; the others may still want to know
			n.p.Log.Warn("a proposal could not be left for one of its people", "market", b.Market(), "err", err)
		default:
			return err
		}
	}
	posted := *r
	posted.Mail = nil
	if err := n.saveRing(key, &posted); err != nil {
		return err
	}
	r.Mail = nil
	return nil
}
