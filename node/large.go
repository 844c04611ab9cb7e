package node

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract/draft"
	"sxp/deal"
	"sxp/deal/solver"
	"sxp/market"
)

// searchFresh lets everybody search the region of a large board around what is
// new or has become free, as much as fits into one look, and proposes the best
// choice there.
func (n *Node) searchFresh(ctx context.Context, b *market.Board, f *found, c market.Charter, now sxp.Time) error {
	k := min(len(f.fresh), perLook)
	around := f.fresh[:k]
	f.fresh = slices.Clone(f.fresh[k:])
	longest := c.Deals.MaxRing
	if longest == 0 {
		longest = deal.DefaultMaxRing
	}
	avoid := f.avoided(now)
	for try := range 4 {
		p, err := f.live.Region(around, maxRegion, longest, now)
		if err != nil {
			return err
		}
		x := n.newContest(f, c, p, now)
		if try == 0 {
			x.without(avoid)
		}
		first := len(x.avoid) > 0 // another search looks at all
		x.own(n.p.FinderWork)
		if try == 0 {
			x.ask(ctx, n.p.Solvers, n.p.SolverTime, n)
		}
		best := x.best()
		n.noteContest(x, best)
		if best == nil && first {
			continue
		}
		if best == nil {
			break
		}
		held := map[market.ItemID]bool{}
		blocked, later := n.proposeAll(ctx, b, f, c, x, best, held, now)
		for id := range held {
			f.hold(id)
		}
		if !blocked && !first || ctx.Err() != nil {
			f.fresh = append(f.fresh, later...)
			f.stale = k == perLook && len(f.fresh) > len(later)
			return ctx.Err()
		}
	}
	f.stale = len(f.fresh) > 0
	return nil
}

// hold takes something out of the index until sync finds that it is free.
func (f *found) hold(id market.ItemID) {
	f.live.Remove(id)
	if it, ok := f.items[id]; ok {
		it.in = false
		f.items[id] = it
	}
	if it, ok := f.also[id]; ok {
		it.in = false
		f.also[id] = it
	}
}

// searchHanded looks at answers to a large board, each among what it names: it
// is proposed where it is better than what the node finds of the same things.
func (n *Node) searchHanded(ctx context.Context, b *market.Board, f *found, c market.Charter, now sxp.Time, without map[market.ItemID]bool) error {
	for _, h := range n.finder.answers.take(c.Market) {
		h = h.read()
		p, err := draft.Picture(now, draft.Options{Without: without}, f.part(c, h))
		if err != nil {
			return err
		}
		x := n.newContest(f, c, p, now)
		x.enterAll([]handed{h})
		if len(x.entered[0].rings) > 0 { // what is wrong is not worth a search
			x.own(handedWork(n.p.FinderWork))
			slices.Reverse(x.entered) // the own one first: it wins where both are as good
		}
		best := x.best()
		n.noteContest(x, best)
		if best != nil {
			n.proposeAll(ctx, b, f, c, x, best, without, now)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// handedWork is what each of the answers that may wait at a time may cost, of the
// work of one search.
func handedWork(work int64) int64 {
	if work == 0 {
		work = deal.DefaultBudget
	}
	return max(work/maxHanded, 1)
}

// part is what an answer names of a large board, with all needs and groups of
// the same people.
func (f *found) part(c market.Charter, h handed) *draft.Board {
	part, people := draft.NewBoard(c), map[sxp.ID]bool{}
	named := solver.Named(h.entry.Answer)
	for _, id := range named[:min(len(named), maxNamed)] {
		if it, ok := f.items[id]; ok {
			people[it.owner] = true
			_ = part.Apply(market.Listing{ID: id, Class: market.ClassAnnouncement, Announcement: it.ann}) // it was taken before
		} else if it, ok := f.also[id]; ok {
			people[it.owner] = true
		}
	}
	for _, it := range f.also {
		if people[it.owner] {
			_ = part.Apply(it.listing)
		}
	}
	return part
}
