package deal

import "sxp/deal/internal/random"

// A pool holds rings and chains of a core, one after the other: number i is
// nodes[start[i]:start[i+1]], in the numbers of the core.
type pool struct {
	start []int32
	nodes []int32
	cost  []int64
	size  []int32 // items that change hands
}

func (p *pool) len() int             { return len(p.size) }
func (p *pool) ring(i int32) []int32 { return p.nodes[p.start[i]:p.start[i+1]] }

func (p *pool) add(ring []int32, items int, cost int64) {
	if len(p.start) == 0 {
		p.start = append(p.start, 0)
	}
	p.nodes = append(p.nodes, ring...)
	p.start = append(p.start, int32(len(p.nodes)))
	p.cost = append(p.cost, cost)
	p.size = append(p.size, int32(items))
}

// append adds the rings of another pool.
func (p *pool) append(o *pool) {
	for i := range int32(o.len()) {
		p.add(o.ring(i), int(o.size[i]), o.cost[i])
	}
}

// few returns some of the rings, at most so many, evenly spread.
func (p *pool) few(most int) *pool {
	var list []int32
	for i := 0; i < p.len(); i += 1 + p.len()/most {
		list = append(list, int32(i))
	}
	return p.pick(list)
}

// A lister finds every ring of a core up to a number of items by depth-first
// search. Each ring is found once, from its lowest offer, the root: deeper
// offers are higher than the root. A backward search from the root tells how
// many items any node is away from it, so that no step is taken in vain.
// Chains are found from their gift (chain.go).
type lister struct {
	c        *core
	opt      Options
	maxRing  int // items of a ring; below 2: no rings
	maxChain int // items of a chain; 0: no chains

	visit   func(ring []int32, items int, cost int64) bool // false: stop
	work    *meter
	quota   int64 // work allowed for one root; 0: no limit, list everything
	most    int   // rings allowed from one root where there is a quota
	partial bool  // a quota cut something off

	dist  []int32 // items from a node back to the root, both counted (but no groups)
	stamp []int32 // dist is valid where stamp is the root + 1
	queue []int32
	stack []int32
	used  []int32
	path  []int32
	turn  []int32 // a chain from its taker to its gift
	named Ring    // path, for Options.Skip
	root  int32
	until int64
	found int // from this root
	rng   random.Source
}

func newLister(c *core, opt Options, work *meter, visit func([]int32, int, int64) bool) *lister {
	n := len(c.node)
	return &lister{c: c, opt: opt, visit: visit, work: work, maxRing: opt.MaxRing, maxChain: opt.chain(),
		dist: make([]int32, n), stamp: make([]int32, n), used: make([]int32, n)}
}

// run visits every ring and chain; it reports whether all were visited.
func (l *lister) run() bool {
	for root := range int32(l.c.offers) {
		if !l.from(root) {
			return false
		}
	}
	return !l.partial
}

// from visits the rings whose lowest offer is root, or the chains that end with
// it; false: told to stop.
func (l *lister) from(root int32) bool {
	l.root = root
	l.until, l.found = 0, 0
	if l.quota > 0 {
		l.until = l.work.done + l.quota
	}
	l.path = append(l.path[:0], root)
	l.used[root] = 1
	ok := true
	if l.c.isGift(root) {
		ok = l.maxChain < 1 || l.onward(root, 0, 0, 0)
	} else if l.maxRing >= 2 {
		l.backward()
		ok = l.deeper(root, 1, 0, 0)
	}
	l.used[root] = 0
	return ok
}

// backward measures the way back to the root, breadth first by items; groups
// on the way are free.
func (l *lister) backward() {
	c, maxItems := l.c, int32(l.maxRing)
	mark := l.root + 1
	l.queue = append(l.queue[:0], l.root)
	l.stamp[l.root], l.dist[l.root] = mark, 1
	scanned := int64(0)
	for head := 0; head < len(l.queue); head++ {
		d := l.dist[l.queue[head]]
		l.stack = append(l.stack[:0], l.queue[head])
		for len(l.stack) > 0 {
			v := l.stack[len(l.stack)-1]
			l.stack = l.stack[:len(l.stack)-1]
			in := c.from[c.in[v]:c.in[v+1]]
			scanned += int64(len(in))
			for _, u := range in {
				if l.stamp[u] == mark {
					continue
				}
				if c.isGroup(u) {
					l.stamp[u], l.dist[u] = mark, d
					l.stack = append(l.stack, u)
				} else if u > l.root && d < maxItems {
					l.stamp[u], l.dist[u] = mark, d+1
					l.queue = append(l.queue, u)
				}
			}
		}
	}
	l.work.add(scanned/8 + 1)
}

// deeper extends the path, whose last node is v and which holds so many items;
// groups is how many groups it ends with. False: told to stop.
func (l *lister) deeper(v int32, items, groups int, cost int64) bool {
	c := l.c
	lo, hi := c.out[v], c.out[v+1]
	l.work.add(int64(hi-lo)/4 + 1)
	if l.work.spent() {
		return false
	}
	until, first := l.until, lo
	if until > 0 && hi > lo {
		first = lo + int32(l.rng.Below(int(hi-lo))) // a sample should not always begin alike
	}
	mark, maxItems := l.root+1, int32(l.maxRing)
	for i := range hi - lo {
		if until > 0 && (l.work.done > until || l.found >= l.most) {
			l.partial = true
			break
		}
		k := first + i
		if k >= hi {
			k -= hi - lo
		}
		w := c.to[k]
		if w == l.root {
			if items >= 2 && !l.close(l.path, items, cost+c.cost[k]) {
				return false
			}
			continue
		}
		if l.stamp[w] != mark || int32(items)+l.dist[w] > maxItems+1 || l.used[w] >= c.limit(w) {
			continue
		}
		nextItems, nextGroups := items+1, 0
		if c.isGroup(w) {
			nextItems, nextGroups = items, groups+1
			if nextGroups > MaxNesting || l.tail(w, groups) {
				continue
			}
		}
		if until > 0 { // no branch takes more than a part of what is left
			l.until = l.work.done + (until-l.work.done)/4 + 1
		}
		l.used[w]++
		l.path = append(l.path, w)
		ok := l.deeper(w, nextItems, nextGroups, cost+c.cost[k])
		l.path = l.path[:len(l.path)-1]
		l.used[w]--
		if !ok {
			return false
		}
	}
	l.until = until
	return true
}

// tail reports whether w is among the last so many groups of the path already.
func (l *lister) tail(w int32, groups int) bool {
	for _, x := range l.path[len(l.path)-groups:] {
		if x == w {
			return true
		}
	}
	return false
}

// close visits a ring or chain.
func (l *lister) close(path []int32, items int, cost int64) bool {
	if m := l.opt.MaxMeanCost; m > 0 && tooDear(cost, int64(items), m) {
		return true
	}
	if l.opt.Skip != nil && l.opt.Skip(l.ring(path)) {
		return true
	}
	l.work.add(2)
	l.found++
	return l.visit(path, items, cost)
}

// tooDear reports whether the mean cost of items is above another, however
// large that is.
func tooDear(cost, items, mean int64) bool {
	return cost/items > mean || cost/items == mean && cost%items > 0
}

// ring returns a path in nodes of the graph.
func (l *lister) ring(path []int32) Ring {
	l.named = l.named[:0]
	for _, x := range path {
		l.named = append(l.named, l.c.node[x])
	}
	return l.named
}
