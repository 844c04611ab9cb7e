package solver

import (
	"sxp/deal"
	"sxp/deal/internal/random"
)

// A walker finds random rings and chains through an offer, by looking back
// from it a little and then forward along what leads back.
type walker struct {
	g       *deal.Graph
	c       *choice
	rng     *random.Source
	ring    int // items of a ring at most
	chain   int // items that a chain moves at most; 0: none
	useful  []bool
	toGift  []int32 // items that a chain moves at least which starts here, 0: none does
	inStart []int32 // per node, its predecessors in in
	in      []deal.Node
	work    int64

	// Of one walk.
	epoch  uint32
	seen   []uint32 // epoch in which need was set
	need   []int32  // items from here to the goal at least, this one included
	queue  []deal.Node
	path   []deal.Node
	on     []bool // nodes of path
	broken []int32
	arcs   int // that may still be looked at
	found  deal.Ring
}

func newWalker(g *deal.Graph, opt deal.Options, c *choice, rng *random.Source) *walker {
	n := g.Len()
	w := &walker{
		g: g, c: c, rng: rng, ring: opt.MaxRing, chain: opt.MaxRing - 1,
		useful: make([]bool, n), toGift: make([]int32, n), inStart: make([]int32, n+1),
		seen: make([]uint32, n), need: make([]int32, n), on: make([]bool, n),
	}
	switch {
	case opt.MaxChain < 0:
		w.chain = 0
	case opt.MaxChain > 0:
		w.chain = opt.MaxChain
	}
	w.reverse()
	w.reachGifts()
	w.prune()
	return w
}

// reverse lists the predecessors of each node.
func (w *walker) reverse() {
	for n := range deal.Node(w.g.Len()) {
		for _, a := range w.g.Arcs(n) {
			w.inStart[a.To+1]++
		}
	}
	for n := range w.g.Len() {
		w.inStart[n+1] += w.inStart[n]
	}
	w.in = make([]deal.Node, w.g.NumArcs())
	next := append([]int32(nil), w.inStart...)
	for n := range deal.Node(w.g.Len()) {
		for _, a := range w.g.Arcs(n) {
			w.in[next[a.To]] = n
			next[a.To]++
		}
	}
	w.work += int64(2 * len(w.in))
}

func (w *walker) before(n deal.Node) []deal.Node { return w.in[w.inStart[n]:w.inStart[n+1]] }

// reachGifts sets toGift, breadth first from the gifts.
func (w *walker) reachGifts() {
	if w.chain == 0 {
		return
	}
	var level, next []deal.Node
	for n := range deal.Node(w.g.Len()) {
		if w.g.IsGift(n) {
			level = append(level, n)
		}
	}
	for items := int32(1); len(level) > 0 && items <= int32(w.chain); items++ {
		next = next[:0]
		for i := 0; i < len(level); i++ {
			for _, p := range w.before(level[i]) {
				if w.toGift[p] != 0 {
					continue
				}
				w.toGift[p] = items
				if w.g.IsGroup(p) {
					level = append(level, p) // it moves no item of its own
				} else {
					next = append(next, p)
				}
			}
		}
		level, next = next, level
	}
}

// prune finds out what no ring and no chain passes: what nobody takes, or whose
// owner would take nothing, and what only leads there.
func (w *walker) prune() {
	out, in := make([]int32, w.g.Len()), make([]int32, w.g.Len())
	for n := range deal.Node(w.g.Len()) {
		out[n], in[n] = int32(len(w.g.Arcs(n))), int32(len(w.before(n)))
		w.useful[n] = true
	}
	var gone []deal.Node
	check := func(n deal.Node) {
		ends := w.g.IsGift(n) && w.chain > 0
		if begins := w.toGift[n] > 0 && !w.g.IsGroup(n); w.useful[n] && (out[n] == 0 && !ends || in[n] == 0 && !begins) {
			w.useful[n] = false
			gone = append(gone, n)
		}
	}
	for n := range deal.Node(w.g.Len()) {
		check(n)
	}
	for len(gone) > 0 {
		n := gone[len(gone)-1]
		gone = gone[:len(gone)-1]
		for _, a := range w.g.Arcs(n) {
			in[a.To]--
			check(a.To)
		}
		for _, p := range w.before(n) {
			out[p]--
			check(p)
		}
	}
}

// taken reports whether somebody who matters would take n.
func (w *walker) taken(n deal.Node) bool {
	for _, p := range w.before(n) {
		if w.useful[p] {
			return true
		}
	}
	return false
}

// through returns a random ring or chain that passes n and pushes out few
// others, or nil. Where n is full, a ring that passes it goes in any case.
func (w *walker) through(n deal.Node, passes int32, full bool) deal.Ring {
	w.broken = w.broken[:0]
	if full {
		w.broken = append(w.broken, passes)
	}
	if w.g.IsGift(n) {
		return w.chainTo(n)
	}
	rings := !w.g.IsNeed(n) && w.taken(n)
	if w.toGift[n] > 0 && (!rings || w.rng.Below(4) == 0) {
		return w.forward(n, -1)
	}
	if !rings {
		return nil
	}
	w.lookBack(n)
	return w.forward(n, n)
}

// forward walks from n to the goal: n itself, or -1 for any gift. First it
// spares all rings that are chosen, then it pushes out one, then several.
func (w *walker) forward(n, goal deal.Node) deal.Ring {
	for most, given := len(w.broken), len(w.broken); most <= given+maxBroken; most++ {
		w.arcs, w.found = walkArcs, nil
		w.enter(n)
		w.extend(n, goal, 1, most)
		w.leave()
		w.broken = w.broken[:given]
		if w.found != nil {
			return w.found
		}
		if most > given && w.rng.Below(2) == 0 {
			return nil
		}
	}
	return nil
}

func (w *walker) enter(n deal.Node) {
	w.path = append(w.path, n)
	w.on[n] = true
}

func (w *walker) leave() {
	w.on[w.path[len(w.path)-1]] = false
	w.path = w.path[:len(w.path)-1]
}

// extend tries arcs from the end of the path, which has so many items, in a
// random order; it reports whether the search is over.
func (w *walker) extend(at, goal deal.Node, items int32, most int) bool {
	arcs := w.g.Arcs(at)
	if len(arcs) == 0 {
		return false
	}
	for k, i := 0, w.rng.Below(len(arcs)); k < len(arcs); k, i = k+1, i+1 {
		if w.arcs--; w.arcs < 0 {
			return true
		}
		w.work++
		to := arcs[i%len(arcs)].To
		if to == goal || goal < 0 && w.g.IsGift(to) {
			if w.finish(to, goal, most) {
				return true
			}
			continue
		}
		if w.on[to] || !w.useful[to] || !w.mayLead(to, goal, items) || w.g.IsGroup(to) && w.groups() == deal.MaxNesting {
			continue
		}
		pushed := false
		if id, full := w.c.holder(to, w.rng); full {
			if pushed = !w.pushes(id); pushed {
				if len(w.broken) >= most {
					continue
				}
				w.broken = append(w.broken, id)
			}
		}
		w.enter(to)
		more := items
		if !w.g.IsGroup(to) {
			more++
		}
		over := w.extend(to, goal, more, most)
		w.leave()
		if pushed {
			w.broken = w.broken[:len(w.broken)-1]
		}
		if over {
			return true
		}
	}
	return false
}

// groups is how many groups the path ends with.
func (w *walker) groups() int {
	k := 0
	for k < len(w.path) && w.g.IsGroup(w.path[len(w.path)-1-k]) {
		k++
	}
	return k
}

// mayLead reports whether the goal can be reached over to within the cap.
func (w *walker) mayLead(to, goal deal.Node, items int32) bool {
	if goal < 0 {
		// The path moves items-1 things so far: what its first node takes on.
		moved := items - 1
		if !w.g.IsGroup(to) {
			moved++
		}
		return w.toGift[to] > 0 && moved+w.toGift[to] <= int32(w.chain)
	}
	return w.seen[to] == w.epoch && items+w.need[to] <= int32(w.ring)
}

// finish ends a walk at the goal, if that makes a ring or chain.
func (w *walker) finish(to, goal deal.Node, most int) bool {
	if goal < 0 {
		if w.on[to] {
			return false
		}
		if id, full := w.c.holder(to, w.rng); full && !w.pushes(id) && len(w.broken) >= most {
			return false
		}
		w.found = append(append(deal.Ring(nil), w.path...), to)
		return w.twoPeople()
	}
	w.found = append(deal.Ring(nil), w.path...)
	return w.twoPeople()
}

// twoPeople drops what was found where one person would swap with nobody else.
func (w *walker) twoPeople() bool {
	for _, n := range w.found {
		if w.g.Owner(n) != w.g.Owner(w.found[0]) {
			return true
		}
	}
	w.found = nil
	return false
}

func (w *walker) pushes(id int32) bool {
	for _, b := range w.broken {
		if b == id {
			return true
		}
	}
	return false
}

// lookBack learns which nodes lead to n, nearest first, as far as its share of
// arcs goes.
func (w *walker) lookBack(n deal.Node) {
	if w.epoch++; w.epoch == 0 { // it has gone round
		clear(w.seen)
		w.epoch = 1
	}
	arcs := backArcs
	level, next := append(w.queue[:0], n), []deal.Node(nil)
	for items := int32(0); len(level) > 0 && items < int32(w.ring)-1; items++ {
		next = next[:0]
		for i := 0; i < len(level); i++ {
			list := w.before(level[i])
			if len(list) == 0 {
				continue
			}
			for k, j := 0, w.rng.Below(len(list)); k < len(list); k, j = k+1, j+1 {
				if arcs--; arcs < 0 {
					return
				}
				w.work++
				p := list[j%len(list)]
				if p == n || w.seen[p] == w.epoch || !w.useful[p] {
					continue
				}
				w.seen[p] = w.epoch
				if w.g.IsGroup(p) {
					w.need[p] = items
					level = append(level, p)
				} else {
					w.need[p] = items + 1
					next = append(next, p)
				}
			}
		}
		level, next = next, level
	}
}

// chainTo walks back from a gift for a random length, over what is free where
// it can be.
func (w *walker) chainTo(gift deal.Node) deal.Ring {
	if w.chain == 0 {
		return nil
	}
	var back deal.Ring // the chain from its end
	enter := func(n deal.Node) { back = append(back, n); w.on[n] = true }
	enter(gift)
	defer func() {
		for _, n := range back {
			w.on[n] = false
		}
	}()
	whole, length, groups := 0, 1+w.rng.Below(w.chain), 0
	for moved := 0; moved < length; {
		at := back[len(back)-1]
		n, ok := w.pick(w.before(at))
		if !ok {
			break
		}
		enter(n)
		if groups++; !w.g.IsGroup(n) {
			moved++
			whole, groups = len(back), 0
		}
		if groups > deal.MaxNesting {
			break
		}
		if w.g.IsNeed(n) {
			break
		}
	}
	if whole < 2 {
		return nil
	}
	ring := make(deal.Ring, whole)
	for i, n := range back[:whole] {
		ring[whole-1-i] = n
	}
	w.found = ring
	if !w.twoPeople() {
		return nil
	}
	return ring
}

// pick returns a random node of a list that is not on the path: one that is
// free, where a few tries find one.
func (w *walker) pick(list []deal.Node) (n deal.Node, ok bool) {
	for try := 0; len(list) > 0 && try < 12; try++ {
		w.work++
		m := list[w.rng.Below(len(list))]
		if w.on[m] || !w.useful[m] {
			continue
		}
		n, ok = m, true
		if !w.c.full(m) {
			return n, ok
		}
	}
	return n, ok
}
