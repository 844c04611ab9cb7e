package lot

import (
	"cmp"
	"encoding/binary"
	"slices"

	"sxp/deal"
)

// Bounds of the search for exchanges.
const (
	// maxExchanges is how many exchanges are kept, some 500 bytes each.
	maxExchanges = 400_000

	// maxSame is how often one move happens in one exchange at most where the
	// search chooses: who takes 12 pieces from bids of one piece is served.
	maxSame = 16

	// maxAny stands for any number of items: with gifts or money exchanges of
	// any size are hardly fewer than all sets of bids.
	maxAny = 6
)

// A lister finds every exchange up to the cap. It starts with each move and
// covers what is taken and not given yet, the first such item first, by every
// move that gives it. Where all is covered, that is an exchange; if something
// is given that nobody takes, others may take it, too.
type lister struct {
	*book
	ring, chain int // caps in items
	distance
	seen  map[string]bool // exchanges, also those that came to nothing
	found []*exchange
	heavy *weights
	whole bool

	uses  []counted32
	need  []lack
	moved []transfer // items and takers
}

// A counted32 is a move by its number.
type counted32 struct {
	move  int32
	times int64
}

// A lack is how many more pieces of an item are taken than given; below 0: how
// many are left over.
type lack struct {
	item   int32
	pieces int64
}

// list finds the exchanges; whole reports whether these are all.
func (k *book) list() (found []*exchange, whole bool) {
	o := k.m.p.Options
	l := &lister{book: k, ring: o.MaxRing, chain: o.chain(), heavy: k.m.weights(), whole: k.whole}
	if l.ring == 0 {
		l.ring, l.whole = maxAny, false
	}
	if l.chain < 0 {
		l.chain, l.whole = maxAny-1, false
	}
	l.distance = newDistance(k, max(l.ring, l.chain))
	l.pass()
	return l.found, l.whole
}

// pass begins with each move once.
func (l *lister) pass() {
	l.seen = make(map[string]bool)
	for i, v := range l.moves {
		if len(v.take) == 0 {
			continue // nobody takes anything: no exchange begins with it
		}
		if l.work.spent() || len(l.found) >= maxExchanges {
			l.whole = false
			return
		}
		// No root uses up more than a part of what is left.
		l.work.within((l.work.budget-l.work.done)/8, func() {
			l.root(v)
			l.apply(int32(i), 1, l.cover)
		})
	}
}

// cap is how many items an exchange may move that takes a gift or does not.
func (l *lister) cap() int {
	for _, t := range l.moved {
		if l.m.items[t.item].gift {
			return l.chain
		}
	}
	return max(l.ring, l.chain)
}

// apply adds a move, goes on, and takes it back.
func (l *lister) apply(i int32, times int64, then func()) {
	v := l.moves[i]
	l.work.add(int64(10 + 4*len(l.need)))
	at := slices.IndexFunc(l.uses, func(u counted32) bool { return u.move == i })
	if at >= 0 {
		l.uses[at].times += times
	} else {
		l.uses = append(l.uses, counted32{i, times})
	}
	lacked, moved := len(l.need), len(l.moved)
	for _, p := range v.take {
		if !l.m.items[p.item].gift {
			l.lacking(p.item, p.pieces*times)
		}
		t := transfer{item: p.item, to: l.m.bids[v.bid].by}
		if !slices.Contains(l.moved, t) {
			l.moved = append(l.moved, t)
		}
	}
	for _, p := range v.give {
		l.lacking(p.item, -p.pieces*times)
	}
	if len(l.moved) <= l.cap() && len(l.uses) <= MaxUses {
		then()
	}
	for _, p := range v.take {
		if !l.m.items[p.item].gift {
			l.lacking(p.item, -p.pieces*times)
		}
	}
	for _, p := range v.give {
		l.lacking(p.item, p.pieces*times)
	}
	l.need, l.moved = l.need[:lacked], l.moved[:moved]
	if at >= 0 {
		l.uses[at].times -= times
	} else {
		l.uses = l.uses[:len(l.uses)-1]
	}
}

// lacking changes what is lacking of an item.
func (l *lister) lacking(item int32, pieces int64) {
	for i := range l.need {
		if l.need[i].item == item {
			l.need[i].pieces += pieces
			return
		}
	}
	l.need = append(l.need, lack{item, pieces})
}

// cover covers the first item that is taken and not given.
func (l *lister) cover() {
	if l.work.spent() || len(l.found) >= maxExchanges {
		l.whole = false
		return
	}
	first, room := -1, l.cap()-len(l.moved)
	for i, n := range l.need {
		if n.pieces <= 0 {
			continue
		}
		if l.away(n.item, l.uses) > room {
			return
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		l.closed()
		return
	}
	item, pieces := l.need[first].item, l.need[first].pieces
	for _, i := range l.givers[item] {
		v, per := l.moves[i], int64(0)
		for _, p := range v.give {
			if p.item == item {
				per += p.pieces
			}
		}
		times := min((pieces+per-1)/per, l.left(i))
		if times == 0 {
			continue
		}
		l.apply(i, times, l.cover)
		if len(l.givers[item]) == 1 {
			continue
		}
		for n := times - 1; n > 0; n-- { // the rest by others
			if n > maxSame {
				n, l.whole = maxSame, false
			}
			l.apply(i, n, l.cover)
		}
	}
}

// left is how often a move may still be used in the exchange.
func (l *lister) left(i int32) int64 {
	bid := l.moves[i].bid
	left := l.m.bids[bid].times
	for _, u := range l.uses {
		if l.moves[u.move].bid == bid {
			left -= u.times
		}
	}
	for _, p := range l.moves[i].give {
		used := int64(0)
		for _, u := range l.uses {
			for _, q := range l.moves[u.move].give {
				if q.item == p.item {
					used += q.pieces * u.times
				}
			}
		}
		left = min(left, (l.m.items[p.item].pieces-used)/p.pieces)
	}
	return max(left, 0)
}

// key names the exchange that stands.
func (l *lister) key() string {
	uses := slices.Clone(l.uses)
	slices.SortFunc(uses, func(a, b counted32) int { return cmp.Compare(a.move, b.move) })
	var b []byte
	for _, u := range uses {
		b = binary.AppendVarint(binary.AppendVarint(b, int64(u.move)), u.times)
	}
	return string(b)
}

// closed enters the exchange that stands, if it is new, and looks who else
// takes what is left over (and perhaps pays what is missing).
func (l *lister) closed() {
	key := l.key()
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	var moves []counted
	for _, u := range l.uses {
		moves = append(moves, counted{l.moves[u.move], u.times})
	}
	slices.SortFunc(moves, func(a, b counted) int { return cmp.Compare(a.bid, b.bid) })
	l.work.add(int64(100 * len(moves)))
	e, err := l.m.settle(moves)
	good := err == nil
	if good && newFits(l.m, l.heavy, e) > 0 {
		l.found = append(l.found, e)
		l.work.now.Listed = len(l.found)
	}
	strict := l.loose
	l.loose = true // others need not come back to the root
	for _, n := range slices.Clone(l.need) {
		if n.pieces < 0 && !(l.simple && l.kept(n.item)) {
			for _, i := range l.takers[n.item] {
				l.also(i)
			}
		}
	}
	l.loose = strict
}

// also begins with one more move.
func (l *lister) also(i int32) {
	if l.left(i) > 0 {
		l.apply(i, 1, l.cover)
	}
}

// kept reports whether the move that the search began with gives an item
// and nobody takes it: who would take it is begun with instead.
func (l *lister) kept(item int32) bool {
	last := l.uses[0]
	for _, p := range l.moves[last.move].give {
		if p.item == item {
			for _, t := range l.moved {
				if t.item == item {
					return false
				}
			}
			return true
		}
	}
	return false
}

// newFits returns how often e can happen at most, as far as it alone is concerned.
func newFits(m *model, heavy *weights, e *exchange) int64 {
	sums := make(map[room]int64)
	over := false
	_ = m.uses(e, heavy, func(r room, n int64) error {
		sum, ok := plus(sums[r], n, 1)
		over = over || !ok
		sums[r] = sum
		return nil
	})
	fits := int64(deal.MaxWeight)
	for r, n := range sums {
		if n > 0 {
			fits = min(fits, m.size(r)/n)
		}
	}
	if over {
		return 0
	}
	return fits
}
