package board

import (
	"sxp/deal/index"
	"sxp/market"
)

// A keyring gives out the keys of an index: one for each query that somebody
// waits with and for each announcement that somebody wants by name.
type keyring struct {
	asked map[market.Query]*asked
	items map[market.ItemID]index.Key
	of    []keyOf // by key
	free  []index.Key
	idle  []index.Key // perhaps wanted no more, oldest first
	spare int         // so many are let lie, once more for every 2,000 keys
}

// keyOf is what a key stands for.
type keyOf struct {
	asked *asked
	item  market.ItemID // where asked is nil
}

func newKeyring() keyring {
	return keyring{asked: make(map[market.Query]*asked), items: make(map[market.ItemID]index.Key), spare: 1000}
}

// give returns a key for something.
func (r *keyring) give(to keyOf) index.Key {
	if last := len(r.free) - 1; last >= 0 {
		k := r.free[last]
		r.free = r.free[:last]
		r.of[k] = to
		return k
	}
	r.of = append(r.of, to)
	return index.Key(len(r.of) - 1)
}

// itemKey is the key that only this announcement has; it gets one when it is
// wanted by name first.
func (l *Live) itemKey(id market.ItemID) index.Key {
	k, ok := l.keys.items[id]
	if !ok {
		k = l.keys.give(keyOf{item: id})
		l.keys.items[id] = k
		if slot, here := l.at[id]; here && l.slots[slot].Gives() {
			l.index.AddKey(k, slot)
		}
	}
	return k
}

// queryKey is the key of whatever meets the query; the offers that do are
// found when it is asked for first. ok is false for an invalid query.
func (l *Live) queryKey(q market.Query) (k index.Key, ok bool) {
	a := l.keys.asked[q]
	if a == nil {
		m, err := q.Compile()
		if err != nil {
			return 0, false
		}
		a = &asked{query: q, matcher: m}
		a.key = l.keys.give(keyOf{asked: a})
		l.keys.asked[q] = a
		l.queries.add(a)
		var meet []uint32
		for _, slot := range l.words.find(m) {
			meet = append(meet, uint32(slot))
		}
		l.index.AddKey(a.key, meet...)
	}
	return a.key, true
}

// perTidy is how many keys are looked at after each change.
const perTidy = 4

// tidy takes back keys that nobody wants any more, so that a market which runs
// for years does not fill up with old queries. It lets some lie, since who edits
// an announcement mostly wants the same again, and does a little each time, so
// that no change takes long.
func (l *Live) tidy() {
	r := &l.keys
	r.idle = append(r.idle, l.index.Unwanted()...)
	for range perTidy {
		if len(r.idle) <= r.spare*(1+len(r.of)/2000) {
			return
		}
		k := r.idle[0]
		r.idle = r.idle[1:]
		if l.index.Wanted(k) > 0 || r.of[k] == (keyOf{}) {
			continue
		}
		if a := r.of[k].asked; a != nil {
			delete(r.asked, a.query)
			l.queries.remove(a)
		} else {
			delete(r.items, r.of[k].item)
		}
		l.index.DropKey(k)
		r.of[k] = keyOf{}
		r.free = append(r.free, k)
	}
}
