package deal

import (
	"math/bits"
	"slices"
)

// A pricer finds the rings and chains that gain more than the prices of the
// nodes that they pass: the columns that a linear program over a part of them
// still lacks. All numbers are integers, in units of which an item is worth
// many, so that what it does not find does not exist. It knows no groups.
//
// Nodes are ranked by what passing them adds, greatest first, and arcs stand in
// rows of bits by rank: the best way to close a ring is then the first bit that
// the successors of its end and the predecessors of its root share.
type pricer struct {
	c        *core
	work     *meter
	maxRing  int
	maxChain int
	goal     Goal
	scale    int64 // a unit of the goal is worth this
	unit     int64 // an item's gain
	costs    int64 // the loss by a unit of cost

	price []int64 // per node
	val   []int64 // per rank: the gain of an item less the price
	node  []int32 // per rank
	rank  []int32 // per node
	words int
	out   []uint64 // per rank, a row of bits
	in    []uint64

	// behind[k][v] is how much a chain gains at most by going on from rank v
	// with at most k items more, walks through the same node twice included.
	behind [][]int64

	floor  int64 // only a greater surplus counts
	best   bool  // keep to the best with the same two nodes at the root
	visit  func(path []int32, items int, surplus int64) bool
	path   []int32 // ranks
	used   []bool
	raised int64 // the floor where only the best counts

	quota   int64 // work allowed for one root; 0: no limit
	until   int64
	partial bool // a quota cut something off
}

const (
	// maxPriced is how many nodes a pricer takes: its rows of bits have 2 n²/8
	// bytes.
	maxPriced = 1 << 14
	// mostScale and mostUnit bound what a unit of the goal and an item are worth:
	// prices of all nodes then fit an int64.
	mostScale = 1 << 32
	mostUnit  = 1 << 42
)

// newPricer returns a pricer for the goal Items or, with a top, Worth.
func newPricer(c *core, opt Options, goal Goal, top int64, work *meter) *pricer {
	n := len(c.node)
	p := &pricer{c: c, work: work, maxRing: opt.MaxRing, maxChain: opt.chain(), goal: goal, scale: mostScale, unit: mostScale,
		words: (n + 63) / 64, val: make([]int64, n), node: make([]int32, n), rank: make([]int32, n), used: make([]bool, n)}
	p.out, p.in = make([]uint64, n*p.words), make([]uint64, n*p.words)
	if c.gifts == 0 {
		p.maxChain = 0
	}
	if goal == Worth {
		p.scale = min(mostScale, mostUnit/top)
		p.unit, p.costs = top*p.scale, p.scale
	}
	return p
}

// set takes prices; the slice stays the caller's and must not change.
func (p *pricer) set(price []int64) {
	c := p.c
	p.price = price
	for i := range p.node {
		p.node[i] = int32(i)
	}
	slices.SortFunc(p.node, func(a, b int32) int {
		if price[a] != price[b] {
			return cmpInt64(price[a], price[b])
		}
		return int(a - b)
	})
	for r, i := range p.node {
		p.rank[i] = int32(r)
		p.val[r] = p.unit - price[i]
	}
	clear(p.out)
	clear(p.in)
	for i := range c.node {
		a := int(p.rank[i])
		for _, j := range c.to[c.out[i]:c.out[i+1]] {
			b := int(p.rank[j])
			p.out[a*p.words+b>>6] |= 1 << (b & 63)
			p.in[b*p.words+a>>6] |= 1 << (a & 63)
		}
	}
	p.work.add(int64(len(c.to) / 4))
	p.look()
}

// look fills behind.
func (p *pricer) look() {
	n := len(p.node)
	p.behind = p.behind[:0]
	for k := range p.maxChain {
		row := make([]int64, n)
		for v := range row {
			row[v] = -p.unit // whoever is last takes, but gives nothing
			if k == 0 {
				continue
			}
			i := p.node[v]
			for _, u := range p.c.from[p.c.in[i]:p.c.in[i+1]] {
				w := p.rank[u]
				row[v] = max(row[v], p.val[w]+p.behind[k-1][w])
			}
		}
		p.behind = append(p.behind, row)
	}
	p.work.add(int64(p.maxChain * len(p.c.to) / 8))
}

// cost is what the arc from rank v to rank w loses.
func (p *pricer) cost(v, w int32) int64 {
	if p.costs == 0 {
		return 0
	}
	return p.costs * p.c.costOf(p.node[v], p.node[w])
}

// costOf returns the cost of an arc that exists, between nodes that are no groups.
func (c *core) costOf(from, to int32) int64 {
	lo, hi := c.out[from], c.out[from+1]
	k, _ := slices.BinarySearch(c.to[lo:hi], to)
	return c.cost[lo+int32(k)]
}

// costAlong returns the cost of a ring or chain without groups.
func (c *core) costAlong(path []int32) int64 {
	cost := int64(0)
	for k, x := range path {
		if k+1 < len(path) {
			cost += c.costOf(x, path[k+1])
		} else if !c.isGift(x) {
			cost += c.costOf(x, path[0])
		}
	}
	return cost
}

// above visits every ring and chain whose surplus is above the floor, or with
// best only the best of those that begin alike. False: told to stop, or the
// work ran out, or a quota left something out.
func (p *pricer) above(floor int64, best bool, visit func(path []int32, items int, surplus int64) bool) bool {
	p.floor, p.best, p.visit, p.partial = floor, best, visit, false
	for r := range int32(len(p.node)) {
		p.until = p.work.done + p.quota
		if !p.rings(r) || p.c.isGift(p.node[r]) && !p.chains(r) {
			return false
		}
	}
	return !p.partial
}

// hurried reports whether the quota of the root is used up.
func (p *pricer) hurried() bool {
	if p.quota > 0 && p.work.done > p.until {
		p.partial = true
		return true
	}
	return false
}

// rings visits the rings whose lowest rank is root.
func (p *pricer) rings(root int32) bool {
	if p.maxRing < 2 || max(2*p.val[root], int64(p.maxRing)*p.val[root]) <= p.floor {
		return true // no other node of the ring adds more
	}
	p.raised = p.floor
	p.path = append(p.path[:0], root)
	p.used[root] = true
	ok := p.deeper(root, p.val[root])
	p.used[root] = false
	return ok
}

// deeper extends a path from the root to v.
func (p *pricer) deeper(v int32, surplus int64) bool {
	root := p.path[0]
	left := p.maxRing - len(p.path) // items that may come yet
	row := p.out[int(v)*p.words : (int(v)+1)*p.words]
	back := p.in[int(root)*p.words : (int(root)+1)*p.words]
	ahead := int64(left-1) * max(p.val[root], 0)
	first := int(root) >> 6
	if p.work.add(1); p.work.spent() {
		return false
	}
	for w := first; w < p.words; w++ {
		set := row[w]
		if left == 1 {
			set &= back[w]
		}
		if w == first {
			set &= ^uint64(0) << (root & 63) // the root itself is no successor of v but at the end
		}
		for ; set != 0; set &= set - 1 {
			x := int32(w<<6 + bits.TrailingZeros64(set))
			if surplus+p.val[x]+ahead <= p.bar() {
				p.work.add(int64(w-first) / 16)
				return true // the others add less
			}
			if p.used[x] {
				continue
			}
			if p.hurried() {
				return true
			}
			if !p.step(v, x, surplus, back) {
				return false
			}
		}
	}
	p.work.add(int64(p.words-first) / 16)
	return true
}

// bar is what a surplus must be above.
func (p *pricer) bar() int64 {
	if p.best && len(p.path) > 1 {
		return p.raised
	}
	return p.floor
}

// step goes from v to x, closes the ring there if it can, and goes on.
func (p *pricer) step(v, x int32, surplus int64, back []uint64) bool {
	if len(p.path) == 1 {
		p.raised = p.floor
	}
	s := surplus + p.val[x] - p.cost(v, x)
	if p.costs != 0 {
		p.work.add(2) // they are looked up
	}
	p.path = append(p.path, x)
	p.used[x] = true
	ok := true
	if back[x>>6]>>(x&63)&1 != 0 {
		if t := s - p.cost(x, p.path[0]); t > p.bar() {
			p.raised = t
			ok = p.found(t, len(p.path))
		}
	}
	if ok && len(p.path) < p.maxRing {
		ok = p.deeper(x, s)
	}
	p.used[x] = false
	p.path = p.path[:len(p.path)-1]
	return ok
}

// chains visits the chains that end with the gift.
func (p *pricer) chains(gift int32) bool {
	if p.maxChain < 1 {
		return true
	}
	p.raised = p.floor
	p.path = append(p.path[:0], gift)
	p.used[gift] = true
	ok := p.onward(gift, p.val[gift])
	p.used[gift] = false
	return ok
}

// onward extends a chain, which stands from its gift on, behind v.
func (p *pricer) onward(v int32, surplus int64) bool {
	left := p.maxChain - len(p.path) // items that may move after the next
	behind := p.behind[left]
	row := p.in[int(v)*p.words : (int(v)+1)*p.words]
	if p.work.add(int64(p.words/16) + 1); p.work.spent() {
		return false
	}
	for w, set := range row {
		for ; set != 0; set &= set - 1 {
			x := int32(w<<6 + bits.TrailingZeros64(set))
			if p.used[x] || surplus+p.val[x]+behind[x] <= p.bar() {
				continue
			}
			if p.hurried() {
				return true
			}
			if len(p.path) == 1 {
				p.raised = p.floor
			}
			s := surplus + p.val[x] - p.cost(x, v)
			p.path = append(p.path, x)
			p.used[x] = true
			ok := true
			if t := s - p.unit; t > p.bar() {
				p.raised = t
				ok = p.found(t, len(p.path)-1)
			}
			if ok && left > 0 {
				ok = p.onward(x, s)
			}
			p.used[x] = false
			p.path = p.path[:len(p.path)-1]
			if !ok {
				return false
			}
		}
	}
	return true
}

// found hands out the path, in nodes of the core.
func (p *pricer) found(surplus int64, items int) bool {
	p.work.add(2)
	var room [MaxRingCap + 1]int32
	path := room[:0]
	for _, r := range p.path {
		path = append(path, p.node[r])
	}
	if p.c.isGift(path[0]) {
		slices.Reverse(path)
	}
	return p.visit(path, items, surplus)
}
