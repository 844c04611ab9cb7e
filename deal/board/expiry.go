package board

import (
	"container/heap"

	"sxp"
	"sxp/market"
)

// Expiries knows what ends first. Something that was edited stands there more
// than once.
type expiries []expiry

type expiry struct {
	at sxp.Time
	id market.ItemID
}

// expires notes when something ends. Where most of what is noted has been
// edited since, only what is there is noted anew.
func (l *Live) expires(id market.ItemID, at sxp.Time) {
	heap.Push(&l.ends, expiry{at, id})
	if len(l.ends) <= 1000+2*l.Len() {
		return
	}
	l.ends = l.ends[:0]
	for id, slot := range l.at {
		l.ends = append(l.ends, expiry{l.slots[slot].Expires, id})
	}
	for id, g := range l.groups {
		l.ends = append(l.ends, expiry{g.Expires, id})
	}
	heap.Init(&l.ends) // in what order equal ones come out makes no difference
}

// pop takes out one that has ended at now, if there is one.
func (e *expiries) pop(now sxp.Time) (id market.ItemID, ok bool) {
	if len(*e) == 0 || (*e)[0].at > now {
		return id, false
	}
	return heap.Pop(e).(expiry).id, true
}

// Len, Less, Swap, Push and Pop are for package heap.
func (e expiries) Len() int           { return len(e) }
func (e expiries) Less(i, j int) bool { return e[i].at < e[j].at }
func (e expiries) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *expiries) Push(x any)        { *e = append(*e, x.(expiry)) }
func (e *expiries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
