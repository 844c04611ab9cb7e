package node

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"

	"sxp"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
)

const (
	keyCard  = "card/"       // the newest card of each person, under their ID
	keyCards = "count/cards" // how many there are, 8 bytes big-endian
)

// maxCardBytes bounds the cards of one answer, which must fit into one message.
const maxCardBytes = sxp.MaxMessage - 64<<10

// cards is the directory of people's cards beside the boards.
type cards struct {
	kv      kv.Store
	changes atomic.Uint64 // rises with every card that is kept
}

// put keeps the asker's own card, unless a newer one is here, or those of room
// people are. The same card again changes nothing.
func (c *cards) put(from sxp.ID, raw []byte, room uint64) (bool, error) {
	const op = "node.putCard"
	key := keyCard + from.String()
	var old []byte
	if err := c.kv.View(func(tx kv.Tx) error { old = tx.Get(key); return nil }); err != nil {
		return false, err
	}
	if old != nil && bytes.Equal(old, raw) {
		return true, nil // it was verified when it came first
	}
	card, err := identity.OpenCard(raw)
	if err != nil {
		return false, err
	}
	if card.ID != from {
		return false, sxp.Errorf(op, sxp.Denied, from, "only the owner puts a card, this is of %s", card.ID.Short())
	}
	if old != nil {
		if err := identity.CheckSuccessor(old, raw); err != nil {
			return false, err
		}
	}
	// Verified outside of the transaction: pairings take milliseconds.
	err = c.kv.Update(func(tx kv.Tx) error {
		if !bytes.Equal(tx.Get(key), old) {
			return sxp.Errorf(op, sxp.Busy, from, "another card of yours came at the same time: ask again")
		}
		if old == nil {
			n := count(tx)
			if n >= room {
				return sxp.Errorf(op, sxp.Full, nil, "this node keeps the cards of %d people such as you, no more", room)
			}
			if err := tx.Put(keyCards, binary.BigEndian.AppendUint64(nil, n+1)); err != nil {
				return err
			}
		}
		return tx.Put(key, raw)
	})
	if err == nil {
		c.changes.Add(1)
	}
	return err == nil, err
}

func count(tx kv.Tx) uint64 {
	if b := tx.Get(keyCards); len(b) == 8 {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// len returns how many cards are here.
func (c *cards) len() (n uint64) {
	_ = c.kv.View(func(tx kv.Tx) error { n = count(tx); return nil })
	return n
}

// get returns the cards that are here.
func (c *cards) get(ids []sxp.ID) (market.Cards, error) {
	var out market.Cards
	if len(ids) > market.MaxCards {
		return out, sxp.Errorf("node.getCards", sxp.TooLarge, nil, "at most %d cards at a time, not %d", market.MaxCards, len(ids))
	}
	size := 0
	err := c.kv.View(func(tx kv.Tx) error {
		for _, id := range ids {
			raw := tx.Get(keyCard + id.String())
			if raw == nil {
				continue
			}
			if size += len(raw); size > maxCardBytes {
				return nil
			}
			out.Cards = append(out.Cards, raw)
		}
		return nil
	})
	return out, err
}

// known returns which of the people have a card here.
func (c *cards) known(ids []sxp.ID) (map[sxp.ID]bool, error) {
	out := make(map[sxp.ID]bool, len(ids))
	err := c.kv.View(func(tx kv.Tx) error {
		for _, id := range ids {
			if tx.Get(keyCard+id.String()) != nil {
				out[id] = true
			}
		}
		return nil
	})
	return out, err
}
