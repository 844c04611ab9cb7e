package world

import (
	"container/heap"

	"sxp"
)

// A wake is one entry of a queue.
type wake struct {
	at  sxp.Time
	seq uint64 // breaks ties in the order of scheduling
	who int
}

// A queue holds when each actor wants to be called next: the earliest moment
// that was asked for. Actors are numbered from 0. The zero queue is empty.
type queue struct {
	heap wakes
	due  map[int]sxp.Time
	seq  uint64
}

// schedule wakes who at a moment, unless it wakes earlier anyway.
func (q *queue) schedule(who int, at sxp.Time) {
	if q.due == nil {
		q.due = make(map[int]sxp.Time)
	}
	if old, ok := q.due[who]; ok && old <= at {
		return
	}
	q.due[who] = at
	q.seq++
	heap.Push(&q.heap, wake{at, q.seq, who})
}

// forget takes who out of the queue.
func (q *queue) forget(who int) { delete(q.due, who) }

// next removes and returns the earliest wake; ok is false where none is left.
func (q *queue) next() (w wake, ok bool) {
	for q.heap.Len() > 0 {
		w := heap.Pop(&q.heap).(wake)
		if at, waits := q.due[w.who]; waits && at == w.at {
			delete(q.due, w.who)
			return w, true
		}
	}
	return wake{}, false
}

// wakes implements heap.Interface.
type wakes []wake

func (h wakes) Len() int { return len(h) }
func (h wakes) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h wakes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *wakes) Push(x any)   { *h = append(*h, x.(wake)) }
func (h *wakes) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
