package node

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/deal/board"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
)

// finder proposes the rings of the hosted boards. It uses no right: anybody
// who reads the boards can do the same. Small boards are searched as a whole
// after each change; on large ones only rings through what is new or has become
// free are looked for.
type finder struct {
	dirty   atomic.Bool // a request may have changed a board
	overs   overs       // proposals that parties say are over
	answers submissions // of other solvers

	mu      sync.Mutex
	running bool
	next    sxp.Time // not before
	due     sxp.Time // at the latest

	boards map[sxp.ID]*found // of whoever is running
}

// found is what the finder knows of one board.
type found struct {
	charter market.Charter // that the copy was begun with
	copy    *draft.Board
	live    *board.Live                // what of all is free
	items   map[market.ItemID]listed   // all offers and gifts
	also    map[market.ItemID]standing // all needs and groups
	applied int                        // records since the copy was begun
	after   uint64                     // how far the board was read
	roll    *contract.OpenedRoll
	seen    uint64 // the charter's Seq

	pace    draft.Pace
	arrived map[market.ItemID]bool // what the pace has not been told of
	round   sxp.Time               // of a market in rounds: the next one
	again   sxp.Time               // look again then, although nothing is new; 0: no
	moved   bool                   // something has changed since the last problem was made

	rings  map[string]*ring
	tidy   sxp.Time            // when old rings were last forgotten
	failed map[string]sxp.Time // rings that could not be proposed, until then
	carded map[sxp.ID]bool     // who gives something: whether their card is here
	cards  uint64              // cards.changes when carded was looked at

	stale bool            // there is something new, or something became free
	fresh []market.ItemID // what that is, for large boards
	free  sxp.Time        // when the next item becomes free; 0: none is held
}

// standing is a need or a group.
type standing struct {
	owner   sxp.ID
	version uint64
	listing market.Listing
	in      bool // the index of live has it
}

// listed is an offer or a gift.
type listed struct {
	owner   sxp.ID
	version uint64
	ann     *market.Announcement
	in      bool // the index of live has it
}

func newFinder() *finder { return &finder{boards: map[sxp.ID]*found{}} }

// stepFinder looks for rings on every hosted board where something has changed,
// and returns when it is to be called next at the latest.
func (n *Node) stepFinder(ctx context.Context) sxp.Time {
	f, now := n.finder, n.p.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running {
		return now.Add(expireEvery) // it rings when it has done
	}
	if f.next.Sub(now) > expireEvery || f.due.Sub(now) > 2*expireEvery {
		f.next, f.due = now, now // the clock was set back
	}
	if now < f.due && !f.dirty.Load() {
		return f.due
	}
	if now < f.next {
		return f.next
	}
	f.dirty.Store(false)
	f.running = true
	if n.sequential() {
		f.rest(now, n.look(ctx), 0)
		return f.due
	}
	n.running.Go(func() {
		due := n.look(n.ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.rest(n.p.Now(), due, n.p.Now().Sub(now))
		n.ring()
	})
	return now.Add(expireEvery)
}

// rest ends a look that took so long: a large board leaves four fifths of one
// core to others.
func (f *finder) rest(now, due sxp.Time, took sxp.Duration) {
	f.running = false
	f.next = now.Add(min(max(finderPause, 4*took), expireEvery))
	f.due = max(due, f.next)
}

// look looks at all boards, and returns when something may have changed by
// itself.
func (n *Node) look(ctx context.Context) sxp.Time {
	next := n.p.Now().Add(expireEvery)
	for _, b := range n.host.Boards() {
		f := n.finder.boards[b.Market()]
		if f == nil {
			f = &found{failed: map[string]sxp.Time{}}
			n.finder.boards[b.Market()] = f
		}
		err := n.lookAt(ctx, b, f)
		if err != nil && ctx.Err() == nil {
			n.p.Log.Warn("a board's rings were not found", "market", b.Market(), "err", err)
		}
		for _, at := range []sxp.Time{f.free, f.again, f.round} {
			if at != 0 {
				next = min(next, at)
			}
		}
		if err == nil && f.roll != nil && f.stale { // there is more than fits into one look
			next = 0
		}
	}
	return next
}

// rang wakes the finder after a request that may have changed a board.
func (n *Node) rang(typ envelope.Type) {
	if n.finder == nil {
		return
	}
	switch typ {
	case relay.RequestType(market.RequestPublish), relay.RequestType(market.RequestPutCharter), relay.RequestType(market.RequestPutRoll),
		relay.RequestType(market.RequestPutCard), relay.RequestType(market.RequestRemove):
		n.finder.dirty.Store(true)
		n.ring()
	}
}

// lookAt brings the copy of one board up to date and proposes new rings.
func (n *Node) lookAt(ctx context.Context, b *market.Board, f *found) error {
	charter, _, err := b.Charter()
	if sxp.KindOf(err) == sxp.NotFound || err == nil && charter.Node.ID != n.ID() {
		return nil // nobody is here yet, or everybody has moved
	}
	if err != nil {
		return err
	}
	if f.copy == nil || f.seen != charter.Seq || f.applied > 10_000+4*len(f.items) {
		f.begin(charter, n.p.Now())
	}
	if f.roll == nil || f.roll.Digest != charter.Roll {
		if f.roll, err = n.boardRoll(ctx, b, charter); err != nil {
			return err
		}
		f.stale = true
	}
	if f.rings == nil {
		if err := n.loadRings(b, f); err != nil {
			return err
		}
	}
	n.heed(f, b.Market())
	if err := n.forgetRings(f); err != nil {
		return err
	}
	if err := f.read(ctx, n, b); err != nil {
		return err
	}
	n.postAgain(ctx, b, f)
	now := n.p.Now()
	f.live.Expire(now)
	if err := n.newCards(f); err != nil {
		return err
	}
	f.moved = f.moved || f.stale
	if f.roll == nil || !f.toSearch(now, n.finder.answers.wait(charter.Market)) {
		n.snapshot(f, charter, now)
		return nil
	}
	f.stale, f.again, f.moved = false, 0, true
	f.round = charter.Deals.NextRound(now)
	err = n.propose(ctx, b, f, charter, now)
	n.snapshot(f, charter, now)
	return err
}

// toSearch reports whether it is time to search: at each round, or, where there
// are none, when something is new.
func (f *found) toSearch(now sxp.Time, answers bool) bool {
	if every := f.charter.Deals.Every; f.round != 0 {
		if f.round.Sub(now) > every { // the clock was set back
			f.round = f.charter.Deals.NextRound(now)
		}
		return now >= f.round
	}
	return f.stale || answers || f.free != 0 && now >= f.free || f.again != 0 && now >= f.again
}

// begin starts a copy of the board.
func (f *found) begin(c market.Charter, now sxp.Time) {
	if f.seen != c.Seq {
		f.round = c.Deals.NextRound(now)
	}
	f.charter, f.copy, f.live, f.items, f.also = c, draft.NewBoard(c), board.NewLive(), map[market.ItemID]listed{}, map[market.ItemID]standing{}
	f.after, f.applied, f.seen, f.fresh, f.stale = 0, 0, c.Seq, nil, true
	f.carded = map[sxp.ID]bool{}
	if f.arrived == nil {
		f.arrived = map[market.ItemID]bool{}
	}
}

// boardRoll opens the charter's roll; nil where there is none yet: nothing can
// be signed here.
func (n *Node) boardRoll(ctx context.Context, b *market.Board, c market.Charter) (*contract.OpenedRoll, error) {
	if c.Roll.IsZero() {
		return nil, nil
	}
	raw, err := b.Roll(ctx, c.Roll)
	if sxp.KindOf(err) == sxp.NotFound {
		return nil, nil
	}
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
				err = f.apply(n, b, l)
			}
			if err != nil {
				n.p.Log.Debug("a record of the board is left out", "market", b.Market(), "err", err)
			}
			f.after = max(f.after, r.Seq)
			f.stale = true
		}
		if next == 0 || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// apply takes note of one record.
func (f *found) apply(n *Node, b *market.Board, l market.Listing) error {
	f.applied++
	if err := f.copy.Apply(l); err != nil {
		return err
	}
	switch {
	case l.Announcement != nil:
		f.announced(n, l)
	case l.Group != nil:
		f.afresh(func(owner sxp.ID) bool { return owner == l.Group.Owner }) // its wants have changed
		f.stands(l, l.Group.Owner, l.Group.Version, l.Group.Withdrawn)
	case l.Notice != nil:
		c, _, err := b.Charter()
		if err == nil && c.Moderates(l.Signer) && l.Notice.Covers(max(f.items[l.Notice.Item].version, f.also[l.Notice.Item].version)) {
			f.live.Remove(l.Notice.Item)
			delete(f.items, l.Notice.Item)
			delete(f.also, l.Notice.Item)
		}
		return err
	}
	return nil
}

// announced takes note of an announcement.
func (f *found) announced(n *Node, l market.Listing) {
	a := l.Announcement
	f.changed(n, l.ID, a)
	if a.Direction == market.Need {
		f.fresh = append(f.fresh, l.ID)
		f.stands(l, a.Owner, a.Version, a.Withdrawn)
		return
	}
	f.live.Remove(l.ID)
	delete(f.items, l.ID)
	delete(f.arrived, l.ID)
	if !a.Withdrawn {
		f.items[l.ID] = listed{owner: a.Owner, version: a.Version, ann: a}
		if now := n.p.Now(); now.Sub(a.Created) < arrivedLately {
			f.arrived[l.ID] = true
		}
	}
}

// stands takes note of a need or a group; sync lets the index have it.
func (f *found) stands(l market.Listing, owner sxp.ID, version uint64, withdrawn bool) {
	f.live.Remove(l.ID)
	delete(f.also, l.ID)
	if !withdrawn {
		f.also[l.ID] = standing{owner: owner, version: version, listing: l}
	}
}

// afresh lets the items of some owners be looked through once more.
func (f *found) afresh(of func(owner sxp.ID) bool) {
	first := len(f.fresh)
	for id, it := range f.items {
		if of(it.owner) {
			f.fresh = append(f.fresh, id)
			f.stale = true
		}
	}
	slices.SortFunc(f.fresh[first:], func(a, b market.ItemID) int { return bytes.Compare(a[:], b[:]) })
}

// newCards looks for the cards of those of whom there was none.
func (n *Node) newCards(f *found) error {
	changes := n.cards.changes.Load()
	var ask []sxp.ID
	owner := func(id sxp.ID) {
		if has, asked := f.carded[id]; !asked || !has && changes != f.cards {
			f.carded[id] = false
			ask = append(ask, id)
		}
	}
	for _, it := range f.items {
		owner(it.owner)
	}
	for _, it := range f.also {
		owner(it.owner)
	}
	known, err := n.cards.known(ask)
	if err != nil {
		return err
	}
	f.cards = changes
	for id := range known {
		f.carded[id] = true
		f.stale = true
	}
	return nil
}

// without returns what is not free: what open proposals hold, and what people
// without cards have announced. What has expired is forgotten.
func (f *found) without(now sxp.Time) map[market.ItemID]bool {
	held := f.held(now)
	for id, it := range f.items {
		if !it.ann.Live(now) {
			delete(f.items, id)
			delete(f.arrived, id)
			f.live.Remove(id)
		} else if !f.carded[it.owner] {
			held[id] = true
		}
	}
	for id, it := range f.also {
		if a, g := it.listing.Announcement, it.listing.Group; a != nil && !a.Live(now) || g != nil && !g.Live(now) {
			delete(f.also, id)
			f.live.Remove(id)
		} else if !f.carded[it.owner] {
			held[id] = true
		}
	}
	return held
}

// sync lets the index have what is free; what is new in it is looked through.
func (f *found) sync(without map[market.ItemID]bool) {
	var added []market.ItemID
	for id, it := range f.also {
		if free := !without[id]; free == it.in {
			continue
		} else if it.in = free && f.standIn(it.listing) == nil; !it.in {
			f.live.Remove(id)
		}
		f.also[id] = it
	}
	for id, it := range f.items {
		if free := !without[id]; free == it.in {
			continue
		} else if it.in = free && f.live.Put(*it.ann) == nil; it.in {
			added = append(added, id)
		} else {
			f.live.Remove(id)
		}
		f.items[id] = it
	}
	slices.SortFunc(added, func(a, b market.ItemID) int { return bytes.Compare(a[:], b[:]) })
	f.fresh = append(f.fresh, added...)
}

func (f *found) standIn(l market.Listing) error {
	if l.Group != nil {
		return f.live.PutGroup(*l.Group)
	}
	return f.live.Put(*l.Announcement)
}

// propose proposes what rings there are among free items of people with cards.
func (n *Node) propose(ctx context.Context, b *market.Board, f *found, c market.Charter, now sxp.Time) error {
	var err error
	if without := f.without(now); len(f.items) <= maxWhole || f.round != 0 {
		f.fresh = nil
		err = n.searchWhole(ctx, b, f, c, now, without)
	} else if err = n.searchHanded(ctx, b, f, c, now, without); err == nil {
		f.sync(f.without(now))
		err = n.searchFresh(ctx, b, f, c, now)
	}
	f.held(now) // for f.free
	return err
}
