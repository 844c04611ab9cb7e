package board

import (
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/market"
)

// A wisher spells out what the owner of one offer would take for it.
type wisher struct {
	live   *Live
	owner  sxp.ID
	self   market.ItemID
	wishes []deal.Wish
	path   []market.ItemID // groups being spelt out
}

// list spells out a list of wants; the place in an offer's list is the cost.
func (w *wisher) list(wants []market.Want, via []uint64, ranked bool) {
	for i, want := range wants {
		cost := int64(0)
		if ranked {
			cost = int64(i) + 1
		}
		w.want(want, via, cost)
	}
}

func (w *wisher) want(want market.Want, via []uint64, cost int64) {
	if len(w.wishes) >= MaxWishes {
		return
	}
	switch {
	case want.Query != nil:
		if k, ok := w.live.queryKey(*want.Query); ok {
			w.wishes = append(w.wishes, deal.Wish{Key: k, Cost: cost, Via: via})
		}
	case !want.Item.IsZero():
		w.wishes = append(w.wishes, deal.Wish{Key: w.live.itemKey(want.Item), Cost: cost, Via: via})
	case !want.Group.IsZero():
		g, ok := w.live.groups[want.Group]
		if !ok || g.Owner != w.owner || len(via) >= deal.MaxNesting || slices.Contains(w.path, want.Group) {
			return
		}
		w.path = append(w.path, want.Group)
		first := len(w.wishes)
		w.list(g.Wants, append(slices.Clip(via), w.live.via(want.Group)), false)
		for i := first; i < len(w.wishes); i++ { // the group's place counts
			w.wishes[i].Cost += cost
		}
		w.path = w.path[:len(w.path)-1]
	}
}

// A Deal is a ring that a Live found.
type Deal struct {
	Transfers []Transfer
	Cost      int64 // sum of the places in the owners' lists; lower is better
}

// Through returns the best n rings of up to maxRing items that pass an offer,
// or, for a need, that meet it: shorter ones first, then the better liked (see
// deal.Index.Through for n, effort and complete).
func (l *Live) Through(id market.ItemID, n, maxRing int, effort int64) (deals []Deal, complete bool) {
	if o, ok := l.offers[id]; ok {
		loops, complete := l.index.Through(o.number, n, maxRing, effort)
		return l.deals(loops), complete
	}
	need, ok := l.needs[id]
	if !ok {
		return nil, true
	}
	// The rings that meet a need are those through the owner's offers that use it.
	var found []deal.Loop
	complete = true
	for offer := range l.person(need.Owner).offers {
		loops, whole := l.index.ThroughGroup(l.offers[offer].number, l.via(id), n, maxRing, effort)
		complete = complete && whole
		found = append(found, loops...)
	}
	slices.SortFunc(found, deal.CompareLoops)
	if n > 0 && len(found) > n {
		found = found[:n]
	}
	return l.deals(found), complete
}

// deals translates loops of the index.
func (l *Live) deals(loops []deal.Loop) []Deal {
	var list []Deal
	for _, loop := range loops {
		d := Deal{Cost: loop.Cost}
		for i, n := range loop.IDs {
			taker, a := l.byID[n], l.byID[loop.IDs[(i+1)%len(loop.IDs)]]
			d.Transfers = append(d.Transfers, Transfer{ID: a.ID(), Version: a.Version, Item: *a.Item, From: a.Owner, To: taker.Owner})
		}
		list = append(list, d)
	}
	return list
}
