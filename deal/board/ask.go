package board

import (
	"cmp"
	"maps"
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/deal/index"
	"sxp/market"
)

// An Ask says which rings or chains are looked for.
type Ask struct {
	Best        int             // so many; 0: all (see index.Ask)
	MaxItems    int             // that a ring has or a chain moves; 0: the usual, one less for a chain
	Effort      int64           // steps, some 20 ns each; 0: usual
	Quick       bool            // within a moment, whatever Effort says; may miss some
	AvoidPeople []sxp.ID        // who takes no part, but for the owner of what is asked for
	AvoidItems  []market.ItemID // what is not traded, but for what is asked for
}

// A Deal is a ring or a chain that a Live found.
type Deal struct {
	Transfers []Transfer
	Cost      int64 // sum of the places in the owners' lists; lower is better
}

// compareDeals orders rings: fewer items, lower cost, the items' names.
func compareDeals(a, b Deal) int {
	return cmp.Or(cmp.Compare(len(a.Transfers), len(b.Transfers)), cmp.Compare(a.Cost, b.Cost),
		slices.CompareFunc(a.Transfers, b.Transfers, func(a, b Transfer) int { return compareIDs(a.ID, b.ID) }))
}

// Through returns the best n rings of up to maxRing items that pass an offer,
// or, for a need, that meet it: shorter ones first, then the better liked.
func (l *Live) Through(id market.ItemID, n, maxRing int, effort int64) (deals []Deal, complete bool) {
	return l.Rings(id, Ask{Best: n, MaxItems: maxRing, Effort: effort})
}

// Rings returns the best rings that pass an offer or, for a need, that meet it:
// shorter ones first, then the better liked. None is missed unless complete is
// false. What is reserved is on none but those that are asked for by its name.
func (l *Live) Rings(id market.ItemID, a Ask) (deals []Deal, complete bool) {
	slot, ok := l.at[id]
	if !ok {
		return nil, true
	}
	ask := l.index.Through
	if a.Quick {
		ask = l.index.Quick
	}
	q := l.question(slot, a)
	if l.slots[slot].Direction != market.Need {
		loops, complete := ask(q)
		return l.deals(loops), complete
	}
	// The rings that meet a need are those through the owner's offers that use it.
	complete = true
	q.Group = l.via(id)
	for _, give := range slices.SortedFunc(maps.Keys(l.person(l.slots[slot].Owner).gives), compareIDs) {
		q.ID = l.at[give]
		loops, whole := ask(q)
		complete = complete && whole
		deals = append(deals, l.deals(loops)...)
	}
	slices.SortFunc(deals, compareDeals)
	if n := a.Best; n > 0 && len(deals) > n {
		deals = deals[:n]
	}
	return deals, complete
}

// Chains returns the best chains through an offer, a gift or a need, as Rings
// does of rings: those that move more items first, then the better liked.
func (l *Live) Chains(id market.ItemID, a Ask) (deals []Deal, complete bool) {
	slot, ok := l.at[id]
	if !ok {
		return nil, true
	}
	q := l.question(slot, a)
	if a.Quick {
		q.Effort = index.QuickEffort
	}
	loops, complete := l.index.Chains(q)
	return l.deals(loops), complete
}

// question says the same to the index.
func (l *Live) question(slot uint32, a Ask) index.Ask {
	q := index.Ask{ID: slot, Best: a.Best, MaxItems: a.MaxItems, Effort: a.Effort}
	if q.MaxItems > 0 {
		q.MaxItems = min(q.MaxItems, deal.MaxRingCap)
	}
	for _, id := range a.AvoidPeople {
		if p, ok := l.people[id]; ok {
			q.AvoidPeople = append(q.AvoidPeople, p.number)
		}
	}
	for _, id := range a.AvoidItems {
		if x, ok := l.at[id]; ok {
			q.AvoidOffers = append(q.AvoidOffers, x)
		}
	}
	return q
}

// deals translates loops of the index.
func (l *Live) deals(loops []index.Loop) []Deal {
	var list []Deal
	for _, loop := range loops {
		d := Deal{Cost: loop.Cost}
		for i, wish := range loop.Wishes {
			taker, e := l.slots[loop.IDs[i]], l.slots[loop.IDs[(i+1)%len(loop.IDs)]]
			t := Transfer{ID: e.ID(), Version: e.Version, Item: *e.Item, From: e.Owner, To: taker.Owner}
			if taker.Direction != market.Need {
				t.For = taker.ID()
			}
			for _, v := range wish.Via {
				t.Via = append(t.Via, l.viaIDs[v-1])
			}
			d.Transfers = append(d.Transfers, t)
		}
		list = append(list, d)
	}
	return list
}
