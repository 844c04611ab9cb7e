package node

import (
	"context"

	"sxp"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyBoard = "board/"
	keyCard  = "card/"
)

// maxBoards is how many markets one node hosts.
const maxBoards = 1000

// cards is the directory of people's cards beside the boards.
type cards struct{ kv kv.Store }

// addBoards opens the boards that were founded here and serves them.
func (n *Node) addBoards() error {
	if !n.p.Roles.Board {
		return nil
	}
	n.host = &market.Host{Found: n.found}
	n.cards = &cards{n.p.KV}
	var ids []sxp.ID
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyBoard, func(key string, _ []byte) error {
			id, err := sxp.ParseID(key[len(keyBoard):])
			ids = append(ids, id)
			return err
		})
	}); err != nil {
		return err
	}
	for _, id := range ids {
		b, err := n.openBoard(context.Background(), id)
		if err != nil {
			return err
		}
		n.host.Add(b)
	}
	market.Register(n.router, n.host)
	relay.Serve(n.router, market.RequestPutCard, n.cards.put)
	relay.Serve(n.router, market.RequestGetCards, n.cards.get)
	if n.p.Roles.Finder {
		n.finder = newFinder()
	}
	return nil
}

func (n *Node) openBoard(ctx context.Context, id sxp.ID) (*market.Board, error) {
	store, err := n.p.BoardStore(id)
	if err != nil {
		return nil, err
	}
	return market.OpenBoard(ctx, market.Config{Market: id, Node: n.ID(), Store: store})
}

// found makes the board of a new market: anybody may found one here.
func (n *Node) found(ctx context.Context, from sxp.ID, c market.Charter) (*market.Board, error) {
	const op = "node.found"
	if len(n.host.Boards()) >= maxBoards {
		return nil, sxp.Errorf(op, sxp.Full, nil, "this node hosts %d markets already", maxBoards)
	}
	b, err := n.openBoard(ctx, c.Market)
	if err != nil {
		return nil, err
	}
	err = n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(keyBoard+c.Market.String(), []byte(c.Name)) })
	if err != nil {
		return nil, err
	}
	n.p.Log.Info("a market was founded", "market", c.Market, "name", c.Name, "by", from)
	return b, nil
}

// put keeps the asker's own card, unless a newer one is here.
func (c *cards) put(_ context.Context, _ sxp.Time, from sxp.ID, _ []byte, r market.PutCard) (bool, error) {
	card, err := identity.OpenCard(r.Card)
	if err != nil {
		return false, err
	}
	if card.ID != from {
		return false, sxp.Errorf("node.putCard", sxp.Denied, from, "only the owner puts a card, this is of %s", card.ID.Short())
	}
	key := keyCard + from.String()
	err = c.kv.Update(func(tx kv.Tx) error {
		if old := tx.Get(key); old != nil {
			if err := identity.CheckSuccessor(old, r.Card); err != nil {
				return err
			}
		}
		return tx.Put(key, r.Card)
	})
	return err == nil, err
}

// get returns the cards that are here.
func (c *cards) get(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r market.GetCards) (market.Cards, error) {
	var out market.Cards
	if len(r.IDs) > market.MaxCards {
		return out, sxp.Errorf("node.getCards", sxp.TooLarge, nil, "at most %d cards at a time, not %d", market.MaxCards, len(r.IDs))
	}
	size := 0
	err := c.kv.View(func(tx kv.Tx) error {
		for _, id := range r.IDs {
			raw := tx.Get(keyCard + id.String())
			if size += len(raw); raw == nil || size > sxp.MaxMessage-64<<10 {
				continue
			}
			out.Cards = append(out.Cards, raw)
		}
		return nil
	})
	return out, err
}
