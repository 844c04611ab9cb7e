package board

import (
	"slices"

	"sxp"
	"sxp/market"
)

// Reserve keeps what a deal is about out of other deals, as while it is
// proposed: each item, what the first of a chain keeps, and one use of each
// group and need that a wish goes through. Edits and withdrawals do not change
// that; Release with the same transfers does. What is reserved twice is
// released twice.
func (l *Live) Reserve(transfers []Transfer) { l.hold(transfers, 1) }

// Release undoes Reserve.
func (l *Live) Release(transfers []Transfer) { l.hold(transfers, -1) }

// Reserved returns how often something is reserved.
func (l *Live) Reserved(id market.ItemID) int { return l.held[id] }

func (l *Live) hold(transfers []Transfer, by int) {
	count := func(id market.ItemID) {
		if l.held[id] += by; l.held[id] <= 0 {
			delete(l.held, id)
		}
		l.reheld(id)
	}
	for _, t := range transfers {
		count(t.ID)
		kept := !t.For.IsZero() && !slices.ContainsFunc(transfers, func(o Transfer) bool { return o.ID == t.For })
		if kept {
			count(t.For)
		}
		for _, v := range t.Via {
			count(v)
		}
	}
}

// reheld lets the index know how much of something is left.
func (l *Live) reheld(id market.ItemID) {
	if slot, ok := l.at[id]; ok {
		l.index.Reserve(slot, l.held[id] > 0)
		if l.slots[slot].Direction == market.Need {
			l.index.SetGroup(l.via(id), 1-l.held[id])
		}
	} else if g, ok := l.groups[id]; ok {
		l.index.SetGroup(l.via(id), g.K-l.held[id])
	}
}

// Instead returns at once what the people of a failed deal may do without those
// who broke it: the best disjoint rings of up to maxItems items, and chains
// where somebody took a gift, through what each of them offered, in the order
// of the deal. The deal must have been released.
func (l *Live) Instead(failed []Transfer, broke []sxp.ID, maxItems int) []Deal {
	var found []Deal
	for _, t := range failed {
		slot, ok := l.at[t.ID]
		if !ok || l.held[t.ID] > 0 || slices.Contains(broke, l.slots[slot].Owner) {
			continue
		}
		a := Ask{Best: 1, MaxItems: maxItems, Quick: true, AvoidPeople: broke}
		ask := l.Rings
		if l.slots[slot].Direction == market.Gift {
			a.MaxItems = max(maxItems-1, 0)
			ask = l.Chains
		}
		if best, _ := ask(t.ID, a); len(best) > 0 {
			found = append(found, best[0])
			l.Reserve(best[0].Transfers)
		}
	}
	for _, d := range found {
		l.Release(d.Transfers)
	}
	return found
}
