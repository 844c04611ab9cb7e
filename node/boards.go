package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const keyBoard = "board/" // one entry for each market hosted, under its ID

// boardStores remembers the stores of the boards, for figures.
type boardStores struct {
	mu     sync.Mutex
	stores map[sxp.ID]market.Store
}

// addBoards opens the boards that were founded here and serves them.
func (n *Node) addBoards() error {
	if !n.p.Roles.Board {
		return nil
	}
	n.boards.stores = map[sxp.ID]market.Store{}
	n.host = &market.Host{Found: n.found}
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
	n.addConduct()
	n.addRatings()
	n.addBlocks()
	if n.p.Roles.Finder {
		n.finder = newFinder()
		n.addOvers()
	}
	return nil
}

func (n *Node) openBoard(ctx context.Context, id sxp.ID) (*market.Board, error) {
	store, err := n.p.BoardStore(id)
	if err != nil {
		return nil, err
	}
	b, err := market.OpenBoard(ctx, market.Config{Market: id, Node: n.ID(), Store: store})
	if err != nil {
		return nil, err
	}
	n.boards.mu.Lock()
	n.boards.stores[id] = store
	n.boards.mu.Unlock()
	return b, nil
}

// found makes the board of a new market: whoever may write to the relay may
// found one here; where there is no relay, anybody.
func (n *Node) found(ctx context.Context, from sxp.ID, c market.Charter) (*market.Board, error) {
	const op = "node.found"
	now := n.p.Now()
	if err := n.serves(ctx, now, from, "hosts markets"); err != nil {
		return nil, err
	}
	if len(n.host.Boards()) >= n.p.MaxBoards {
		return nil, sxp.Errorf(op, sxp.Full, nil, "this node hosts %d markets, which is as many as its operator allows", n.p.MaxBoards)
	}
	// The board would refuse it too, but after a place was given away.
	if c.Created > now.Add(sxp.ClockSkew) {
		return nil, sxp.Errorf(op, sxp.Clock, nil, "the charter was created at %v, which has not come: this node's clock shows %v; set the clock that is wrong", c.Created, now)
	}
	// First the entry: an entry without a file is an empty board, a file
	// without an entry would be forgotten.
	key := keyBoard + c.Market.String()
	if err := n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(key, []byte(c.Name)) }); err != nil {
		return nil, err
	}
	b, err := n.openBoard(ctx, c.Market)
	if err != nil {
		if undo := n.p.KV.Update(func(tx kv.Tx) error { return tx.Delete(key) }); undo != nil {
			n.p.Log.Error("a market that could not be founded is listed", "market", c.Market, "err", undo)
		}
		return nil, err
	}
	n.p.Log.Info("a market was founded", "market", c.Market, "name", c.Name, "by", from)
	return b, nil
}

// addCards serves the directory of people's cards: of those of the markets
// here, and of those who may leave records, for whoever has their short link.
func (n *Node) addCards() error {
	if !n.p.Roles.Board && !n.p.Roles.Relay {
		return nil
	}
	n.cards = &cards{kv: n.p.KV}
	relay.Serve(n.router, market.RequestPutCard, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r market.PutCard) (bool, error) {
		err, room := n.takes("node.putCard", from, "cards"), uint64(MaxCards)
		if err != nil && n.p.Roles.Relay {
			err, room = n.serves(ctx, now, from, "keeps cards"), MaxCards/2 // a relay may be open to all: the rest is the markets'
		}
		if err != nil {
			return false, err
		}
		return n.cards.put(from, r.Card, room)
	})
	relay.Serve(n.router, market.RequestGetCards, func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r market.GetCards) (market.Cards, error) {
		return n.cards.get(r.IDs)
	})
	return nil
}

// takes fails with Denied unless a market hosted here takes the person.
func (n *Node) takes(op string, from sxp.ID, what string) error {
	if n.host == nil {
		return sxp.Errorf(op, sxp.Denied, from, "this node has no markets")
	}
	for _, b := range n.host.Boards() {
		if c, _, err := b.Charter(); err == nil && c.Node.ID == n.ID() && c.Admits(from) {
			return nil
		}
	}
	return sxp.Errorf(op, sxp.Denied, from, "no market on this node takes you: %s are kept for its people only", what)
}
