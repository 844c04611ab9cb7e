package board

import (
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/deal/index"
	"sxp/market"
)

// A wisher spells out what the owner of one offer would take for it.
type wisher struct {
	live   *Live
	owner  sxp.ID
	wishes []index.Wish
	path   []market.ItemID // groups being spelt out
}

// list spells out a list of wants; the place in an offer's list is the cost.
func (w *wisher) list(wants []market.Want, via []uint32, ranked bool) {
	for i, want := range wants {
		cost := int64(0)
		if ranked {
			cost = int64(i) + 1
		}
		w.want(want, via, cost)
	}
}

// need spells out whatever meets a need that is there.
func (w *wisher) need(id market.ItemID) {
	q := w.live.slots[w.live.at[id]].Seeks()
	w.want(market.Want{Query: &q}, []uint32{w.live.via(id)}, 1)
}

func (w *wisher) want(want market.Want, via []uint32, cost int64) {
	if len(w.wishes) >= MaxWishes {
		return
	}
	switch {
	case want.Query != nil:
		if k, ok := w.live.queryKey(*want.Query); ok {
			w.wishes = append(w.wishes, index.Wish{Key: k, Cost: cost, Via: via})
		}
	case !want.Item.IsZero():
		w.wishes = append(w.wishes, index.Wish{Key: w.live.itemKey(want.Item), Cost: cost, Via: via})
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
