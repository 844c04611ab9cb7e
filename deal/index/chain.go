package index

import (
	"slices"

	"sxp/deal"
)

// Chains returns the best chains through an offer, a gift or a need: those that
// move more items first, since each who takes has what they want even if those
// before them fail, then those of lower cost (ByCost and PerItem count for
// nothing). No chain is missed unless complete is false, as in Through.
func (ix *Index) Chains(a Ask) (chains []Loop, complete bool) {
	if a.MaxItems == 0 {
		a.MaxItems = deal.DefaultMaxRing - 1
	}
	if len(ix.gifts) == 0 || !ix.start(a) {
		return nil, true
	}
	s := &ix.search
	s.item = -anItem
	s.filled = -1
	view := ix.outlook()
	complete = true
	total := s.effort
	for n := min(a.MaxItems, deal.MaxRingCap-1); n >= 1; n-- {
		s.base = int64(n) * s.item
		if s.base >= s.worst() {
			break
		}
		// What is left is shared, so that a search for long chains in vain
		// leaves some for short ones.
		share := total / int64(n)
		s.effort, s.hurried = share, false
		ix.chains(n, &view)
		total -= share - max(s.effort, 0)
		complete = complete && !s.hurried
	}
	slices.SortFunc(s.found, s.order)
	return s.found, complete && !s.cut
}

// chains looks for those that move n items.
func (ix *Index) chains(n int, view *outlook) {
	s := &ix.search
	if ix.flags[s.root]&isGift != 0 {
		s.path = append(s.path[:0], step{id: s.root, person: s.owner})
		ix.before(ix.open(s.root), s.owner, n, 0)
		return
	}
	for ahead := 1; ahead <= n && !s.hurried; ahead++ {
		before := n - ahead
		s.end = func(ix *Index, key uint32, cost int64) { ix.reach(key, before, cost) }
		ix.approach(ahead, view)
		ix.onward(ix.enter(s.root), ahead, 0)
	}
}

// beginAtGifts lets level 0 hold the keys of all gifts.
func (ix *Index) beginAtGifts() {
	s, first := &ix.search, ix.begin()
	s.effort -= int64(len(ix.gifts))
	for id := range ix.gifts { // in any order: it makes no difference
		if ix.flags[id]&reserved == 0 {
			for _, k := range ix.open(id).has {
				first.lower(k, 0)
			}
		}
	}
	slices.Sort(first.list)
}

// reach ends the path at each gift that has the key, and begins to look for
// so many who come before the offer asked for.
func (ix *Index) reach(key uint32, before int, cost int64) {
	s := &ix.search
	havers := ix.mem.list(ix.keys[key].havers)
	taker := s.path[len(s.path)-1].person
	s.effort -= int64(len(havers))
	for _, x := range havers {
		id := untag(x)
		if ix.flags[id]&isGift == 0 || !ix.free(id) {
			continue
		}
		b := ix.open(id)
		if b.person == taker || s.avoids(b.person) {
			continue
		}
		s.path = append(s.path, step{id: id, person: b.person})
		ix.before(ix.open(s.root), s.owner, before, cost)
		s.path = s.path[:len(s.path)-1]
		if s.hurried {
			return
		}
	}
}

// before puts so many in front of a chain that begins with the offer b; each
// takes what the next one gives.
func (ix *Index) before(b block, giver uint32, left int, cost int64) {
	s := &ix.search
	if left == 0 {
		ix.closeChain(cost)
		return
	}
	for _, k := range b.has {
		wanters := ix.mem.list(ix.keys[k].wanters)
		for from, to := range s.parts(wanters) {
			for i, x := range wanters[from:to] {
				if s.effort--; s.effort < 0 {
					s.hurried = true
					return
				}
				if s.base+cost+floorOf(x) >= s.worst() {
					break
				}
				id := untag(x)
				if i > 0 && x == wanters[from+i-1] || !ix.free(id) {
					continue
				}
				if c := ix.open(id); c.person != giver && !s.avoids(c.person) {
					ix.head(c, step{id: id, person: c.person}, k, x, left-1, cost)
				}
			}
		}
	}
}

// head lets an offer come first in the chain through each of its wishes for
// the key that have the class of x.
func (ix *Index) head(c block, at step, key, x uint32, left int, cost int64) {
	s := &ix.search
	s.effort -= int64(len(c.wants))
	for i, k := range c.wants {
		if k != key || tag(c.cost(i), at.id) != x || s.base+cost+c.cost(i) >= s.worst() || !ix.pass(c.via(i)) {
			continue
		}
		at.wish = i
		s.heads = append(s.heads, at)
		ix.before(c, at.person, left, cost+c.cost(i))
		s.heads = s.heads[:len(s.heads)-1]
		s.passed = s.passed[:len(s.passed)-len(c.via(i))]
	}
}

// closeChain keeps the chain of what comes before and the path.
func (ix *Index) closeChain(cost int64) {
	s := &ix.search
	l := Loop{Cost: cost}
	for _, h := range slices.Backward(s.heads) {
		ix.note(&l, h, true)
	}
	for i, p := range s.path {
		ix.note(&l, p, i < len(s.path)-1)
	}
	s.add(l)
}
