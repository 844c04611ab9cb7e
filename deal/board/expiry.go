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

func (e *expiries) add(id market.ItemID, at sxp.Time) { heap.Push(e, expiry{at, id}) }

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
