package board

import (
	"slices"

	"sxp"
	"sxp/market"
)

// Limits of a region.
const (
	// regionRings is how many rings through each item draw its other items in.
	regionRings = 8
	// MaxRegion is how many items a region has at most.
	MaxRegion = 2000
)

// Region draws the part of the market that competes for some items: those on
// the best rings and chains through them, those on the best through these, and
// so on until there are about so many items (at most MaxRegion). What is
// reserved is left out. deal.Find on the picture's graph gives the best choice
// there, which is better than rings found one after the other.
func (l *Live) Region(around []market.ItemID, items, maxRing int, now sxp.Time) (*Picture, error) {
	items = min(items, MaxRegion)
	in := make(map[market.ItemID]bool)
	queue := slices.Clone(around)
	for len(queue) > 0 && len(in) < items {
		id := queue[0]
		queue = queue[1:]
		if _, ok := l.at[id]; !ok || in[id] || l.held[id] > 0 {
			continue
		}
		in[id] = true
		a := Ask{Best: regionRings, MaxItems: maxRing, Quick: true}
		rings, _ := l.Rings(id, a)
		a.MaxItems = max(maxRing-1, 0)
		chains, _ := l.Chains(id, a)
		for _, d := range append(rings, chains...) {
			for _, t := range d.Transfers {
				queue = append(queue, t.ID)
				if !t.For.IsZero() {
					queue = append(queue, t.For)
				}
			}
		}
	}
	return l.part(in, now)
}

// part builds the picture of some items and of what their owners need, as far
// as it is not reserved.
func (l *Live) part(in map[market.ItemID]bool, now sxp.Time) (*Picture, error) {
	var all []market.Announcement
	var groups []market.Group
	owners := make(map[sxp.ID]bool)
	add := func(id market.ItemID) {
		all = append(all, *l.slots[l.at[id]])
	}
	for id := range in { // Build puts them in order
		if e := l.slots[l.at[id]]; e.Gives() {
			add(id)
		}
		owners[l.slots[l.at[id]].Owner] = true
	}
	for owner := range owners {
		p := l.person(owner)
		for id := range p.needs {
			if l.held[id] == 0 {
				add(id)
			}
		}
		for id := range p.groups {
			if g := l.groups[id]; g.K > l.held[id] {
				g.K -= l.held[id]
				groups = append(groups, g)
			}
		}
	}
	return Build(all, groups, now)
}
