package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyRing = "ring/"

	// finderPause is the least time between two looks at a board: what arrives
	// together is matched together.
	finderPause = 500 * sxp.Millisecond

	// maxAttempts is how often the same ring is proposed.
	maxAttempts = 2
)

// finder proposes the rings of the hosted boards. It uses no right: anybody
// who reads the boards can do the same.
type finder struct {
	boards map[sxp.ID]*found
	next   sxp.Time    // not before
	due    sxp.Time    // at the latest
	dirty  atomic.Bool // a request may have changed a board
}

// found is what the finder knows of one board.
type found struct {
	copy  *draft.Board
	after uint64 // how far the board was read
	roll  *contract.OpenedRoll
	seen  uint64 // the charter's Seq
	stale bool   // there is something new, or something became free
	free  sxp.Time
}

// proposed is the record under "ring/<market>/<hash of its items>".
type proposed struct {
	Items    []market.ItemID `json:"items"`
	Attempts int             `json:"attempts"`
	Until    sxp.Time        `json:"until"` // its items are reserved until then
}

func newFinder() *finder { return &finder{boards: map[sxp.ID]*found{}} }

// stepFinder looks for rings on every hosted board where something has changed.
func (n *Node) stepFinder(ctx context.Context) (sxp.Time, error) {
	if n.finder == nil {
		return 0, nil
	}
	now := n.p.Now()
	if now < n.finder.due && !n.finder.dirty.Load() {
		return n.finder.due, nil
	}
	if now < n.finder.next {
		return n.finder.next, nil
	}
	n.finder.dirty.Store(false)
	n.finder.next = now.Add(finderPause)
	next := now.Add(expireEvery)
	for _, b := range n.host.Boards() {
		f := n.finder.boards[b.Market()]
		if f == nil {
			f = &found{}
			n.finder.boards[b.Market()] = f
		}
		if err := n.lookAt(ctx, b, f); err != nil {
			n.p.Log.Warn("a board's rings were not found", "market", b.Market(), "err", err)
		}
		if f.free != 0 {
			next = min(next, f.free)
		}
	}
	n.finder.due = max(next, n.finder.next)
	return n.finder.due, nil
}

// rang wakes the finder after a request that may have changed a board.
func (n *Node) rang(typ envelope.Type) {
	if n.finder == nil {
		return
	}
	switch typ {
	case relay.RequestType(market.RequestPublish), relay.RequestType(market.RequestPutCharter), relay.RequestType(market.RequestPutCard):
		n.finder.dirty.Store(true)
		n.queue.ring()
	}
}

// lookAt brings the copy of one board up to date and proposes new rings.
func (n *Node) lookAt(ctx context.Context, b *market.Board, f *found) error {
	charter, _, err := b.Charter()
	if err != nil || charter.Node.ID != n.ID() {
		return err
	}
	if f.copy == nil || f.seen != charter.Seq {
		f.copy, f.after, f.seen, f.stale = draft.NewBoard(charter), 0, charter.Seq, true
		if f.roll, err = n.boardRoll(ctx, b, charter); err != nil {
			return err
		}
	}
	if err := f.read(ctx, n, b); err != nil {
		return err
	}
	now := n.p.Now()
	if f.roll == nil || !f.stale && (f.free == 0 || now < f.free) {
		return nil
	}
	f.stale = false
	reserved, attempts, err := n.reserved(b.Market(), f, now)
	if err != nil {
		return err
	}
	rings, err := f.copy.Rings(now, draft.Options{Without: reserved})
	if err != nil {
		return err
	}
	for _, ring := range rings.Rings {
		key := ringKey(b.Market(), ring)
		if attempts[key] >= maxAttempts {
			continue
		}
		if err := n.proposeRing(ctx, b, f, charter, ring, attempts[key]+1); err != nil {
			n.p.Log.Warn("a ring is not proposed", "market", b.Market(), "err", err)
		}
	}
	return nil
}

func (n *Node) boardRoll(ctx context.Context, b *market.Board, c market.Charter) (*contract.OpenedRoll, error) {
	if c.Roll.IsZero() {
		return nil, nil // nothing can be signed here yet
	}
	raw, err := b.Roll(ctx, c.Roll)
	if err != nil {
		return nil, err
	}
	return contract.OpenRoll(n.p.Algebra, raw)
}

// read applies what is new on the board.
func (f *found) read(ctx context.Context, n *Node, b *market.Board) error {
	for {
		page, next, err := b.Since(ctx, n.p.Now(), f.after, sxp.ID{}, 0)
		if err != nil {
			return err
		}
		for _, r := range page {
			l, err := market.OpenRecord(b, r)
			if err == nil {
				err = f.copy.Apply(l)
			}
			if err != nil {
				n.p.Log.Debug("a record of the board is left out", "market", b.Market(), "err", err)
			}
			f.after = max(f.after, r.Seq)
			f.stale = true
		}
		if next == 0 {
			return nil
		}
	}
}

// reserved returns the items that open proposals hold, and how often rings
// were proposed. f.free becomes when the next of them is free again.
func (n *Node) reserved(m sxp.ID, f *found, now sxp.Time) (map[market.ItemID]bool, map[string]int, error) {
	held, attempts := map[market.ItemID]bool{}, map[string]int{}
	f.free = 0
	err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyRing+m.String()+"/", func(key string, value []byte) error {
			var p proposed
			if err := envelope.Unmarshal(value, &p); err != nil {
				return err
			}
			attempts[key] = p.Attempts
			if now >= p.Until {
				return nil
			}
			for _, id := range p.Items {
				held[id] = true
			}
			if f.free == 0 || p.Until < f.free {
				f.free = p.Until
			}
			return nil
		})
	})
	return held, attempts, err
}

// ringKey names a ring by its items, whatever the order.
func ringKey(m sxp.ID, ring []draft.Move) string {
	ids := make([]string, len(ring))
	for i, mv := range ring {
		ids[i] = mv.Ref.String() + mv.To.String()
	}
	slices.Sort(ids)
	return keyRing + m.String() + "/" + sxp.Sum([]byte(strings.Join(ids, "\n"))).String()
}

// proposeRing signs a proposal, remembers it, and leaves it for its people.
func (n *Node) proposeRing(ctx context.Context, b *market.Board, f *found, c market.Charter, ring []draft.Move, attempt int) error {
	in := draft.Input{Moves: ring, Cards: map[sxp.ID][]byte{}, Market: c.Market, Roll: f.roll, Jury: c.Terms.N, Attempt: attempt, Now: n.p.Now()}
	var ids []sxp.ID
	for _, mv := range ring {
		ids = append(ids, mv.From, mv.To)
	}
	known, err := n.cards.get(ctx, in.Now, n.ID(), nil, market.GetCards{IDs: ids})
	if err != nil {
		return err
	}
	for _, raw := range known.Cards {
		_, id, err := envelope.Peek(raw)
		if err != nil {
			return err
		}
		in.Cards[id] = raw
	}
	if _, err := n.p.Rand.Read(in.Nonce[:]); err != nil {
		return err
	}
	p, err := draft.Proposal(in)
	if err != nil {
		return err
	}
	raw, err := contract.SignProposal(n.p.Key, p)
	if err != nil {
		return err
	}
	record := proposed{Attempts: attempt, Until: p.Deadline}
	for _, mv := range ring {
		record.Items = append(record.Items, mv.Ref)
	}
	value, err := envelope.Marshal(&record)
	if err != nil {
		return err
	}
	if err := n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(ringKey(c.Market, ring), value) }); err != nil {
		return err
	}
	f.free = 0
	f.stale = true // so that f.free is computed again
	return n.postProposal(ctx, b, p, raw)
}

// postProposal leaves a proposal for each of its people.
func (n *Node) postProposal(ctx context.Context, b *market.Board, p *contract.Proposal, raw []byte) error {
	cards, err := p.Cards()
	if err != nil {
		return err
	}
	now := n.p.Now()
	for _, card := range cards {
		sealed, err := draft.Seal(card, raw, now)
		if err != nil {
			return err
		}
		mail, err := market.SignMail(n.p.Key, market.Mail{
			Market: b.Market(), From: n.ID(), To: card.ID, Sealed: sealed, Created: now, Expires: p.ReleaseBefore(),
		})
		if err != nil {
			return err
		}
		if _, err := b.Post(ctx, now, n.ID(), mail); err != nil {
			return err
		}
	}
	n.p.Log.Info("a ring is proposed", "market", b.Market(), "people", names(cards), "deadline", p.Deadline)
	return nil
}

func names(cards []identity.Card) string {
	var out []string
	for _, c := range cards {
		out = append(out, c.Label)
	}
	return fmt.Sprint(out)
}
