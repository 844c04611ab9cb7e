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
	Takers   []sxp.ID        `json:"takers,omitempty"`
	Also     []market.ItemID `json:"also,omitempty"`    // needs, groups and what is kept that are reserved with them
	Proposal sxp.Hash        `json:"proposal,omitzero"` // digest of the last one
}

// ring is a proposed ring with what is known since.
type ring struct {
	proposed
	over     sxp.Time // when it was seen to be impossible; 0: it may succeed
	told     bool     // a party has said that it is over
	declined bool     // and that it is not wanted
	ended    sxp.Time // when a party said so first
	broke    []sxp.ID // by whom it ended
}

// reserved returns until when the ring's items are held.
func (r *ring) reserved() sxp.Time {
	if r.told {
		return 0
	}
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

// loadRings reads the rings that were proposed on a board.
func (n *Node) loadRings(b *market.Board, f *found) error {
	rings, damaged := map[string]*ring{}, []string{}
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyRing+b.Market().String()+"/", func(key string, value []byte) error {
			r := new(ring)
			err := envelope.Unmarshal(value, &r.proposed)
			if err == nil {
				err = r.recall(tx)
			}
			if err != nil || len(r.Versions) != len(r.Items) {
				// A ring that is proposed once more does no harm.
				n.p.Log.Warn("a record of a proposed ring is damaged and forgotten", "key", key, "err", err)
				damaged = append(damaged, key)
				return nil
			}
			rings[key] = r
			return nil
		})
	}); err != nil {
		return err
	}
	if err := n.forget(damaged); err != nil {
		return err
	}
	f.rings, f.tidy = rings, 0
	return nil
}

func (n *Node) forget(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return n.p.KV.Update(func(tx kv.Tx) error {
		for _, key := range keys {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetRings forgets old rings with their proposals, once a day.
func (n *Node) forgetRings(f *found) error {
	now := n.p.Now()
	if since := now.Sub(f.tidy); f.tidy != 0 && since >= 0 && since < sxp.Day {
		return nil
	}
	var keys []string
	for key, r := range f.rings {
		if now > r.Until.Add(ringMemory) {
			keys = append(keys, key, keyProposal+r.Proposal.String())
		}
	}
	if err := n.forget(keys); err != nil {
		return err
	}
	for _, key := range keys {
		delete(f.rings, key)
	}
	f.tidy = now
	return nil
}

// postAgain posts what a crash or a full disk kept from being posted.
func (n *Node) postAgain(ctx context.Context, b *market.Board, f *found) {
	for key, r := range f.rings {
		if len(r.Mail) == 0 || r.told {
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
		for _, id := range slices.Concat(r.Items, r.Also) {
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

// tryRing proposes a ring that a solver found, unless it is barred, or failed a
// while ago.
func (n *Node) tryRing(ctx context.Context, b *market.Board, f *found, c market.Charter, moves []draft.Move, now sxp.Time, by string) bool {
	key := ringKey(b.Market(), moves)
	if r := f.rings[key]; r != nil && f.bars(r) || now < f.failed[key] {
		return false
	}
	delete(f.failed, key)
	err := n.proposeRing(ctx, b, f, c, key, moves, by)
	if err == nil {
		f.pace.Proposed(draft.Chance(moves, f.keeps))
		n.addScores(c.Market, map[string]score{by: {Rings: 1, Items: len(moves)}})
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
func (n *Node) proposeRing(ctx context.Context, b *market.Board, f *found, c market.Charter, key string, moves []draft.Move, by string) error {
	var takers []sxp.ID
	for _, mv := range moves {
		takers = append(takers, mv.To)
	}
	times, attempt := 1, f.attempt(takers)
	before := f.rings[key]
	if before != nil {
		times = before.Attempts + 1
		attempt = max(attempt, times)
	}
	in := draft.Input{Moves: moves, Cards: map[sxp.ID][]byte{}, Market: c.Market, Roll: f.roll, Jury: c.Terms.N, Attempt: attempt, Now: n.p.Now(), Charters: map[sxp.ID]market.Charter{c.Market: c}}
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
	r := &ring{proposed: proposed{Attempts: times, Until: p.Deadline, Takers: takers, Proposal: envelope.Digest(raw)}}
	for _, mv := range moves {
		r.Items = append(r.Items, mv.Ref)
		r.Versions = append(r.Versions, f.items[mv.Ref].version)
	}
	r.Also = slices.DeleteFunc(reserves(moves), func(id market.ItemID) bool { return slices.Contains(r.Items, id) })
	if r.Mail, err = n.sealProposal(b, p, raw); err != nil {
		return err
	}
	// First it is remembered, with its mail: after a crash the same letters
	// are posted, not others.
	if err := n.saveProposed(key, r, before, &sent{Market: b.Market(), Ring: key, Parties: sortedIDs(takers), Accept: p.ReleaseBefore()}); err != nil {
		return err
	}
	f.rings[key] = r
	if err := n.postRing(ctx, b, key, r); err != nil {
		n.p.Log.Warn("a proposal could not be left for all of its people", "market", b.Market(), "err", err)
	}
	n.p.Log.Info("a ring is proposed", "market", b.Market(), "title", p.Terms.Title, "found by", by, "attempt", attempt, "deadline", p.Deadline)
	return nil
}

// cardsOf fills in the signed cards of a ring's people, as far as they are here.
func (n *Node) cardsOf(moves []draft.Move, to map[sxp.ID][]byte) error {
	var ids []sxp.ID
	for _, mv := range moves {
		ids = append(ids, mv.From, mv.To)
	}
	known, err := n.cards.get(sortedIDs(ids))
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

// saveProposed remembers a new proposal of a ring in place of the one before.
func (n *Node) saveProposed(key string, r, before *ring, s *sent) error {
	ring, err := envelope.Marshal(&r.proposed)
	if err != nil {
		return err
	}
	value, err := envelope.Marshal(s)
	if err != nil {
		return err
	}
	return n.p.KV.Update(func(tx kv.Tx) error {
		if before != nil {
			if err := tx.Delete(keyProposal + before.Proposal.String()); err != nil {
				return err
			}
		}
		if err := tx.Put(keyProposal+r.Proposal.String(), value); err != nil {
			return err
		}
		return tx.Put(key, ring)
	})
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
