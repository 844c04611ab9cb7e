package market

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"sxp"
	"sxp/relay"
)

// A Host is the boards that one node keeps. It is safe for concurrent use; the
// zero Host is empty and accepts no new markets.
type Host struct {
	// Found makes the board of a new market, whose charter names this node and
	// was sent by from. nil, or an error, refuses it. It is called for one
	// market at a time, and must be set before Register.
	Found func(ctx context.Context, from sxp.ID, c Charter) (*Board, error)

	founding sync.Mutex // held while Found runs

	mu     sync.RWMutex
	boards map[sxp.ID]*Board
}

// Add adds a board, in place of one of the same market.
func (h *Host) Add(b *Board) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.boards == nil {
		h.boards = make(map[sxp.ID]*Board)
	}
	h.boards[b.market] = b
}

// Board returns the board of a market, or fails with NotFound.
func (h *Host) Board(market sxp.ID) (*Board, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if b := h.boards[market]; b != nil {
		return b, nil
	}
	return nil, sxp.Errorf("market.Host", sxp.NotFound, market, "this node does not host the market %s", market.Short())
}

// Boards returns all boards, in the order of the markets' IDs.
func (h *Host) Boards() []*Board {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*Board, 0, len(h.boards))
	for _, b := range h.boards {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *Board) int { return bytes.Compare(a.market[:], b.market[:]) })
	return all
}

// found returns the board that a charter is for, a new one if need be.
func (h *Host) found(ctx context.Context, node, from, market sxp.ID, raw []byte) (*Board, error) {
	const op = "market.Host"
	b, err := h.Board(market)
	if err == nil {
		return b, nil
	}
	c, err := OpenCharter(raw)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Market != market:
		return nil, sxp.Errorf(op, sxp.Denied, market, "the charter is of another market, %s", c.Market.Short())
	case c.Node.ID != node:
		return nil, sxp.Errorf(op, sxp.Denied, market, "the charter names another node, %s", c.Node.ID.Short())
	case h.Found == nil:
		return nil, sxp.Errorf(op, sxp.Denied, market, "this node takes no new markets")
	}
	h.founding.Lock()
	defer h.founding.Unlock()
	if b, err := h.Board(market); err == nil {
		return b, nil
	}
	if b, err = h.Found(ctx, from, c); err != nil {
		return nil, err
	}
	h.Add(b)
	return b, nil
}

// charters returns the charters of markets above after, as far as one answer
// takes them.
func (h *Host) charters(after sxp.ID) []sxp.Bytes {
	var all []sxp.Bytes
	size := 0
	for _, b := range h.Boards() {
		_, raw, err := b.Charter()
		if err != nil || bytes.Compare(b.market[:], after[:]) <= 0 {
			continue
		}
		if size += len(raw); len(all) == MaxPage || len(all) > 0 && size > MaxPageBytes {
			break
		}
		all = append(all, raw)
	}
	return all
}

// Register lets the router answer the requests of wire.go with the boards of
// the host. Anybody may read and publish; who may do what is the board's rule.
func Register(rt *relay.Router, h *Host) {
	registerMarket(rt, h)
	registerReading(rt, h)
	registerMail(rt, h)
	on(rt, h, RequestPublish, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r PutMany) ([]Outcome, error) {
		if len(r.Messages) > MaxBatch {
			return nil, tooLarge("messages", "messages in one request", MaxBatch, len(r.Messages))
		}
		raws := make([][]byte, len(r.Messages))
		for i, m := range r.Messages {
			raws[i] = m
		}
		out := make([]Outcome, len(raws))
		ids, errs := b.PublishAll(ctx, now, raws)
		for i, err := range errs {
			out[i].ID = ids[i]
			if err != nil {
				out[i].Error = problem(err)
			}
		}
		return out, nil
	})
	on(rt, h, RequestRemove, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r Put) (bool, error) {
		return done(b.Remove(ctx, now, r.Message))
	})
}

// registerMarket adds the requests about charters, rolls and jurors.
func registerMarket(rt *relay.Router, h *Host) {
	relay.Serve(rt, RequestMarkets, func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r AskMarkets) ([]sxp.Bytes, error) {
		return h.charters(r.After), nil
	})
	relay.Serve(rt, RequestPutCharter, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Put) (bool, error) {
		b, err := h.found(ctx, rt.ID(), from, r.Market, r.Message)
		if err != nil {
			return false, err
		}
		return done(b.PutCharter(ctx, now, r.Message))
	})
	on(rt, h, RequestCharter, func(_ context.Context, b *Board, _ sxp.Time, _ sxp.ID, _ AskMarket) (sxp.Bytes, error) {
		_, raw, err := b.Charter()
		return raw, err
	})
	on(rt, h, RequestRoll, func(ctx context.Context, b *Board, _ sxp.Time, _ sxp.ID, r AskRoll) (sxp.Bytes, error) {
		return b.Roll(ctx, r.Digest)
	})
	on(rt, h, RequestPutRoll, func(ctx context.Context, b *Board, _ sxp.Time, _ sxp.ID, r Put) (bool, error) {
		return done(b.PutRoll(ctx, r.Message))
	})
	on(rt, h, RequestEnrol, func(ctx context.Context, b *Board, _ sxp.Time, from sxp.ID, r Put) (bool, error) {
		return done(b.Enrol(ctx, from, r.Message))
	})
	on(rt, h, RequestLeave, func(ctx context.Context, b *Board, _ sxp.Time, from sxp.ID, _ AskMarket) (bool, error) {
		return done(b.Leave(ctx, from))
	})
}

// registerReading adds the requests that read what is public.
func registerReading(rt *relay.Router, h *Host) {
	on(rt, h, RequestGet, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r AskItem) (Record, error) {
		return b.Get(ctx, now, r.ID)
	})
	on(rt, h, RequestSearch, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r AskSearch) (Page, error) {
		var q Query
		if r.Query != nil {
			q = *r.Query
		}
		return page(b.Find(ctx, now, q, r.Direction, r.Before, r.Limit))
	})
	on(rt, h, RequestSince, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r AskPage) (Page, error) {
		if r.Wait == 0 || !r.Owner.IsZero() {
			return page(b.Since(ctx, now, r.After, r.Owner, r.Limit))
		}
		ctx, stop, err := r.waiting(ctx)
		if err != nil {
			return Page{}, err
		}
		defer stop()
		return page(b.AwaitSince(ctx, now, r.After, r.Limit))
	})
	on(rt, h, RequestList, func(ctx context.Context, b *Board, now sxp.Time, _ sxp.ID, r AskPage) (Page, error) {
		return page(b.List(ctx, now, r.Class, r.After, r.Limit))
	})
}

// registerMail adds the requests about mail. Only the sender may post: else
// mail that its receiver has deleted could be brought back by anybody.
func registerMail(rt *relay.Router, h *Host) {
	on(rt, h, RequestPost, func(ctx context.Context, b *Board, now sxp.Time, from sxp.ID, r Put) (sxp.Hash, error) {
		return b.Post(ctx, now, from, r.Message)
	})
	on(rt, h, RequestMail, func(ctx context.Context, b *Board, now sxp.Time, from sxp.ID, r AskPage) (Page, error) {
		if r.Wait == 0 {
			return page(b.MailFor(ctx, now, from, r.After, r.Limit))
		}
		ctx, stop, err := r.waiting(ctx)
		if err != nil {
			return Page{}, err
		}
		defer stop()
		return page(b.AwaitMail(ctx, now, from, r.After, r.Limit))
	})
	on(rt, h, RequestDeleteMail, func(ctx context.Context, b *Board, _ sxp.Time, from sxp.ID, r DropMail) (bool, error) {
		if len(r.IDs) > MaxPage {
			return false, tooLarge("ids", "ids in one request", MaxPage, len(r.IDs))
		}
		return done(b.DeleteMail(ctx, from, r.IDs))
	})
}

// named is a request that names its market.
type named interface{ market() sxp.ID }

func (r AskMarket) market() sxp.ID { return r.Market }
func (r Put) market() sxp.ID       { return r.Market }
func (r PutMany) market() sxp.ID   { return r.Market }
func (r AskItem) market() sxp.ID   { return r.Market }
func (r AskSearch) market() sxp.ID { return r.Market }
func (r AskPage) market() sxp.ID   { return r.Market }
func (r AskRoll) market() sxp.ID   { return r.Market }
func (r DropMail) market() sxp.ID  { return r.Market }

// on serves a request with the board that it names.
func on[R named, A any](rt *relay.Router, h *Host, typ string, f func(ctx context.Context, b *Board, now sxp.Time, from sxp.ID, r R) (A, error)) {
	relay.Serve(rt, typ, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r R) (A, error) {
		b, err := h.Board(r.market())
		if err != nil {
			var none A
			return none, err
		}
		return f(ctx, b, now, from, r)
	})
}

func done(err error) (bool, error) { return err == nil, err }

func page(records []Record, next uint64, err error) (Page, error) {
	return Page{Records: records, Next: next}, err
}

// problem is how an error of one message travels. The cause of an Internal one
// stays at home.
func problem(err error) *relay.Problem {
	p := &relay.Problem{Kind: sxp.KindOf(err), Text: clip(sxp.Reason(err), relay.MaxProblemText)}
	if p.Kind == sxp.Internal {
		p.Text = "something is broken at this node; its operator's log says what"
	}
	return p
}
