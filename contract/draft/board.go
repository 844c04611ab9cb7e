package draft

import (
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/market"
)

// Options steer Rings.
type Options struct {
	MaxRing int                    // items per ring; 0: deal.DefaultMaxRing
	Without map[market.ItemID]bool // items that are reserved
	Not     [][]Give               // rings that are left out
}

// A Give is one arrow of a ring by name.
type Give struct {
	Ref market.ItemID
	To  sxp.ID
}

// Found is what Rings found.
type Found struct {
	Rings   [][]Move
	Optimal bool // no other choice of rings trades more items
}

// A Board is a copy of the public part of a market's board, for whoever
// computes deals: its node, a party, anybody. It is not safe for concurrent
// use.
type Board struct {
	charter market.Charter
	items   map[market.ItemID]market.Announcement
	groups  map[market.ItemID]market.Group
	notices map[market.ItemID]market.Notice
}

// NewBoard returns an empty copy for the market of a charter.
func NewBoard(c market.Charter) *Board {
	return &Board{
		charter: c, items: map[market.ItemID]market.Announcement{},
		groups: map[market.ItemID]market.Group{}, notices: map[market.ItemID]market.Notice{},
	}
}

// Apply takes one verified record in the order of the board. Older versions
// than known ones and notices of who may not moderate are passed over.
func (b *Board) Apply(l market.Listing) error {
	switch {
	case l.Announcement != nil:
		if l.Announcement.Version >= b.items[l.ID].Version {
			b.items[l.ID] = *l.Announcement
		}
	case l.Group != nil:
		if l.Group.Version >= b.groups[l.ID].Version {
			b.groups[l.ID] = *l.Group
		}
	case l.Notice != nil:
		if b.charter.Moderates(l.Signer) {
			b.notices[l.ID] = *l.Notice
		}
	}
	return nil
}

// shown reports whether no moderator has removed a version.
func (b *Board) shown(id market.ItemID, version uint64) bool {
	n, ok := b.notices[id]
	return !ok || !n.Covers(version)
}

// Rings returns the best disjoint rings of what is live at now.
func (b *Board) Rings(now sxp.Time, opt Options) (Found, error) {
	var anns []market.Announcement
	for id, a := range b.items {
		if a.Live(now) && b.shown(id, a.Version) && !opt.Without[id] {
			anns = append(anns, a)
		}
	}
	var groups []market.Group
	for id, g := range b.groups {
		if g.Live(now) && b.shown(id, g.Version) {
			groups = append(groups, g)
		}
	}
	p, err := board.Build(anns, groups, now)
	if err != nil {
		return Found{}, err
	}
	o := deal.Defaults()
	if opt.MaxRing != 0 {
		o.MaxRing = opt.MaxRing
	}
	if len(opt.Not) > 0 {
		o.Skip = skip(p, opt.Not)
	}
	r, err := deal.Find(p.Graph, o)
	if err != nil {
		return Found{}, err
	}
	out := Found{Optimal: r.Optimal}
	for _, ring := range r.Rings {
		var moves []Move
		for _, t := range p.Transfers(ring) {
			moves = append(moves, Move{Item: t.Item, Ref: t.ID, From: t.From, To: t.To})
		}
		out.Rings = append(out.Rings, moves)
	}
	return out, nil
}

// skip recognizes rings, whatever the order in which they are given.
func skip(p *board.Picture, rings [][]Give) func(deal.Ring) bool {
	at := map[deal.Node][]map[Give]bool{} // by the lowest offer
	for _, ring := range rings {
		set := make(map[Give]bool, len(ring))
		low, all := deal.Node(-1), true
		for _, g := range ring {
			set[g] = true
			n, ok := p.Node(g.Ref)
			if all = all && ok; low < 0 || n < low {
				low = n
			}
		}
		if all {
			at[low] = append(at[low], set)
		}
	}
	return func(r deal.Ring) bool {
		sets := at[r[0]]
		if len(sets) == 0 {
			return false
		}
		moves := p.Transfers(r)
		return slices.ContainsFunc(sets, func(set map[Give]bool) bool {
			return len(set) == len(moves) && !slices.ContainsFunc(moves, func(t board.Transfer) bool { return !set[Give{t.ID, t.To}] })
		})
	}
}
