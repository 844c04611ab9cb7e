package node

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyEnrolled = "enrolled/" // of a juror, market: its link
	keyReported = "reported/" // of a juror, market/m: nothing; the market has been told
)

// tendConduct does what is to be done every Parts.Conduct: the node of a market asks
// its jurors whether they are up, a juror tells its markets what it has seen.
// It returns when it wants to be called again; 0: never.
func (n *Node) tendConduct(ctx context.Context, now sxp.Time) sxp.Time {
	if n.p.Conduct <= 0 || n.host == nil && n.juror == nil {
		return 0
	}
	if since := now.Sub(n.looked); n.looked != 0 && since >= 0 && since < n.p.Conduct {
		return n.looked.Add(n.p.Conduct)
	}
	n.looked = now
	if n.looking.CompareAndSwap(false, true) {
		n.beside(ctx, func(ctx context.Context) {
			defer n.looking.Store(false)
			n.tendConductNow(ctx)
		})
	}
	return now.Add(n.p.Conduct)
}

func (n *Node) tendConductNow(ctx context.Context) {
	if n.host != nil {
		for _, b := range n.host.Boards() {
			if c, _, err := b.Charter(); err != nil || c.Node.ID != n.ID() {
				continue // it moved
			}
			if err := n.askUp(ctx, b.Market()); err != nil {
				n.p.Log.Warn("the jurors of a market could not be asked", "market", b.Market(), "err", err)
			}
		}
	}
	if n.juror != nil {
		if err := n.report(ctx); err != nil {
			n.p.Log.Warn("a market could not be told of cases", "err", err)
		}
	}
}

// askUp asks every juror on a market's list whether it is up, and counts. If
// none answers, nothing is counted: then it is this node that is cut off.
func (n *Node) askUp(ctx context.Context, id sxp.ID) error {
	all, err := n.enrolledAt(ctx, id)
	if err != nil || len(all) == 0 {
		return err
	}
	up := make([]bool, len(all))
	var heard atomic.Bool
	var group sync.WaitGroup
	places := make(chan struct{}, maxAsked)
	for i, e := range all {
		if n.sequential() {
			up[i] = n.isUp(ctx, e, &heard)
			continue
		}
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			up[i] = n.isUp(ctx, e, &heard)
		})
	}
	group.Wait()
	if !heard.Load() || ctx.Err() != nil {
		return ctx.Err()
	}
	now := n.p.Now()
	return n.p.KV.Update(func(tx kv.Tx) error {
		for i, e := range all {
			rec, err := conductAt(tx, id, e.ID, now)
			if err != nil {
				return err
			}
			if rec.Conduct.Asked >= contract.MaxFigure {
				continue
			}
			if rec.Conduct.Asked++; up[i] {
				rec.Conduct.Up++
			}
			if err := putConduct(tx, id, rec); err != nil {
				return err
			}
		}
		return nil
	})
}

// isUp asks one juror. ⚠ An answer counts only with the juror's signature over
// this question, and if its clock is right: a juror two days off is no use.
func (n *Node) isUp(ctx context.Context, e *contract.RollEntry, heard *atomic.Bool) bool {
	var nonce sxp.Hash
	if _, err := io.ReadFull(n.p.Rand, nonce[:]); err != nil {
		n.p.Log.Error("no randomness to ask a juror with", "err", err)
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout.Std())
	defer cancel()
	raw, err := relay.Ask[contract.UpRequest, sxp.Bytes](ctx, n.caller(e.Address), n.p.Key, e.ID, n.p.Now(), n.p.Rand, contract.RequestUp, contract.UpRequest{Nonce: nonce})
	if err != nil {
		n.p.Log.Debug("a juror does not say that it is up", "juror", e.ID, "err", err)
		return false
	}
	heard.Store(true)
	at, err := contract.OpenUp(raw, e.ID, nonce)
	off := n.p.Now().Sub(at)
	return err == nil && off <= sxp.ClockSkew && off >= -sxp.ClockSkew
}

// enrolled notes at which markets the juror is on the list.
func (n *Node) enrolled(l market.Link) error {
	return n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(keyEnrolled+l.Market.String(), []byte(l.String())) })
}

// report tells the markets what jurors signed in cases that are over: shares
// that were opened, or the own void. It names no party.
func (n *Node) report(ctx context.Context) error {
	var links []market.Link
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyEnrolled, func(_ string, value []byte) error {
			l, err := market.ParseLink(string(value))
			links = append(links, l)
			return err
		})
	}); err != nil || len(links) == 0 {
		return err
	}
	cases := n.Cases()
	failed := make([]error, 0, len(links))
	for _, l := range links { // one that is gone holds up no other
		failed = append(failed, n.reportAll(ctx, l, cases))
	}
	return errors.Join(failed...)
}

// reportAll tells one market of the cases that it has not heard of.
func (n *Node) reportAll(ctx context.Context, l market.Link, cases []jury.Case) error {
	for _, c := range cases {
		words, err := n.unreported(l.Market, c.M)
		if err != nil {
			return err
		}
		if len(words) == 0 {
			continue
		}
		raw, err := contract.SignConduct(n.p.Key, &contract.ConductReport{M: c.M, Words: words})
		if err != nil {
			return err
		}
		if err := n.reportTo(ctx, l, raw); err != nil {
			return err
		}
		if err := n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(reportedKey(l.Market, c.M), []byte{1}) }); err != nil {
			return err
		}
	}
	return nil
}

func reportedKey(id sxp.ID, m sxp.Hash) string { return keyReported + id.String() + "/" + m.String() }

// unreported returns what there is to say of a case to a market; nil if it has
// been said, or goes on.
func (n *Node) unreported(id sxp.ID, m sxp.Hash) (words []sxp.Bytes, err error) {
	said := false
	if err := n.p.KV.View(func(tx kv.Tx) error { said = tx.Get(reportedKey(id, m)) != nil; return nil }); err != nil || said {
		return nil, err
	}
	n.juror.machine.Lock()
	defer n.juror.machine.Unlock()
	if n.juror.m == nil {
		return nil, nil
	}
	return n.juror.m.Words(m), nil
}

// reportTo passes a report to one market. What the market refuses is no
// failure: its jury was another market's, or it takes no such reports.
func (n *Node) reportTo(ctx context.Context, l market.Link, raw []byte) error {
	dial := func(_ context.Context, at market.Node) (relay.Caller, error) { return n.caller(at.Address), nil }
	client, _, err := market.Locate(ctx, l, dial, n.p.Key, n.p.Now, n.p.Rand)
	if err != nil {
		return err
	}
	err = client.Report(ctx, raw)
	switch sxp.KindOf(err) {
	case sxp.NotFound, sxp.Denied, sxp.Unsupported, sxp.Invalid:
		n.p.Log.Debug("a market does not count a report", "market", l.Market, "err", err)
		return nil
	}
	return err
}

// Cases returns what the juror of this node has done, the newest first; none
// where the node is no juror or its disk does not work.
func (n *Node) Cases() []jury.Case {
	if n.juror == nil {
		return nil
	}
	n.juror.machine.Lock()
	defer n.juror.machine.Unlock()
	if n.juror.m == nil {
		return nil
	}
	return n.juror.m.Cases()
}

// tally counts the cases by standing.
func (n *Node) tally(s contract.Standing) float64 {
	n.juror.machine.Lock()
	defer n.juror.machine.Unlock()
	if n.juror.m == nil {
		return 0
	}
	return float64(n.juror.m.Tally()[s])
}
