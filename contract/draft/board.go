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
	MaxRing  int                    // items per ring; 0: deal.DefaultMaxRing
	MaxChain int                    // items that a chain moves; 0: as many people as a ring has, below 0: no chains
	Goals    []deal.Goal            // in their order; none: deal.DefaultGoals
	Without  map[market.ItemID]bool // offers, gifts, needs and groups that are reserved
	Not      [][]Give               // rings that are left out
	Avoid    map[sxp.ID]bool        // people whose things are left out
	Keeps    func(sxp.ID) int64     // how likely somebody keeps their word, in millionths; nil: all do
}

// OptionsOf returns what a market's charter declares of its rings.
func OptionsOf(c market.Charter) Options {
	o := Options{MaxRing: c.Deals.MaxRing, MaxChain: c.Deals.MaxChain}
	for _, name := range c.Deals.Goals {
		if g, ok := deal.GoalOf(name); ok {
			o.Goals = append(o.Goals, g)
		}
	}
	return o
}

// A Give is one arrow of a ring by name.
type Give struct {
	Ref market.ItemID
	To  sxp.ID
}

// Found is what Rings found.
type Found struct {
	Rings   [][]Move // the moves of a chain are in the order from its last taker to the gift
	Optimal bool     // no other choice of rings is better by the first goal
	Value   deal.Value
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
func (b *Board) Rings(now sxp.Time, opt Options) (Found, error) { return Rings(now, opt, b) }

// Rings returns the best disjoint rings of what is live at now on several
// markets together: a ring may have people of each. What one owner announces
// on several counts once; it is gone where it was withdrawn from one of them.
func Rings(now sxp.Time, opt Options, boards ...*Board) (Found, error) {
	p, err := Picture(now, opt, boards...)
	if err != nil {
		return Found{}, err
	}
	o := deal.Defaults()
	if opt.MaxRing != 0 {
		o.MaxRing = opt.MaxRing
	}
	o.MaxChain, o.Goals = opt.MaxChain, opt.Goals
	if len(opt.Not) > 0 {
		o.Skip = skip(p, opt.Not)
	}
	if opt.Keeps != nil {
		for i, id := range p.People {
			p.Graph.SetReliability(i, opt.Keeps(id))
		}
	}
	r, err := deal.FindCapped(p.Graph, o)
	if err != nil {
		return Found{}, err
	}
	out := Found{Optimal: r.Optimal, Value: r.Value}
	for _, ring := range r.Rings {
		out.Rings = append(out.Rings, Moves(p, ring))
	}
	return out, nil
}

// Picture returns the graph of what is live and free at now on several markets
// together; of the options Without and Avoid count.
func Picture(now sxp.Time, opt Options, boards ...*Board) (*board.Picture, error) {
	gone := map[market.ItemID]uint64{} // versions that were withdrawn
	for _, b := range boards {
		for id, a := range b.items {
			if a.Withdrawn {
				gone[id] = max(gone[id], a.Version)
			}
		}
	}
	var anns []market.Announcement
	var groups []market.Group
	for _, b := range boards {
		for id, a := range b.items {
			if a.Live(now) && b.shown(id, a.Version) && !opt.Without[id] && !opt.Avoid[a.Owner] && a.Version > gone[id] {
				anns = append(anns, a)
			}
		}
		for id, g := range b.groups {
			if g.Live(now) && b.shown(id, g.Version) && !opt.Without[id] {
				groups = append(groups, g)
			}
		}
	}
	return board.Build(anns, groups, now)
}

// Moves returns what changes hands in a ring of a picture.
func Moves(p *board.Picture, ring deal.Ring) (out []Move) {
	for _, t := range p.Transfers(ring) {
		m := Move{Item: t.Item, Ref: t.ID, From: t.From, To: t.To, For: t.For, Via: t.Via}
		if n, ok := p.Node(t.ID); ok {
			m.Market, m.Source = p.Offers[n].Market, p.Offers[n].Source
		}
		out = append(out, m)
	}
	return out
}

// skip recognizes rings, whatever the order in which they are given.
func skip(p *board.Picture, rings [][]Give) func(deal.Ring) bool {
	at := map[deal.Node][]map[Give]bool{} // by the lowest item that changes hands
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
		low := deal.Node(-1)
		for i, n := range p.Graph.Items(r) {
			if (i > 0 || !p.Graph.IsChain(r)) && (low < 0 || n < low) {
				low = n
			}
		}
		sets := at[low]
		if len(sets) == 0 {
			return false
		}
		moves := p.Transfers(r)
		return slices.ContainsFunc(sets, func(set map[Give]bool) bool {
			return len(set) == len(moves) && !slices.ContainsFunc(moves, func(t board.Transfer) bool { return !set[Give{t.ID, t.To}] })
		})
	}
}
