// Package agenda remembers when something is next to be done for each of many
// sessions, so that a machine looks only at those that are due.
package agenda

import (
	"bytes"
	"container/heap"

	"sxp"
)

// An Agenda is a set of sessions by time; the zero value is empty. A session
// may stand in it several times: who takes it out checks whether it is really
// due. It is not safe for concurrent use.
type Agenda struct{ list entries }

type entry struct {
	at sxp.Time
	m  sxp.Hash
}

type entries []entry

func (e entries) Len() int { return len(e) }

// Less orders by time, then by name, so that machines are deterministic.
func (e entries) Less(i, k int) bool {
	if e[i].at != e[k].at {
		return e[i].at < e[k].at
	}
	return bytes.Compare(e[i].m[:], e[k].m[:]) < 0
}
func (e entries) Swap(i, k int) { e[i], e[k] = e[k], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) }
func (e *entries) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

// Add puts a session down for a time.
func (a *Agenda) Add(at sxp.Time, m sxp.Hash) { heap.Push(&a.list, entry{at, m}) }

// Due takes out and returns a session whose time has come.
func (a *Agenda) Due(now sxp.Time) (m sxp.Hash, ok bool) {
	if len(a.list) == 0 || a.list[0].at > now {
		return sxp.Hash{}, false
	}
	return heap.Pop(&a.list).(entry).m, true
}

// Next returns the earliest time; 0: none.
func (a *Agenda) Next() sxp.Time {
	if len(a.list) == 0 {
		return 0
	}
	return a.list[0].at
}
