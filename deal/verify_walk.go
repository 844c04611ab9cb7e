package deal

import (
	"math"

	"sxp"
)

// gather walks every ring and chain and keeps those that an answer may hold whose
// measure reaches least; all of them where there are no prices. It fails where
// one has a surplus.
func (v *verifier) gather(pr *pricing, least int64, all bool) error {
	w := &pricedWalk{v: v, pr: pr, all: all, lowest: math.MinInt64 / 2}
	if v.charged = v.core.charges(); !all {
		// A surplus above 0 must be seen even where the total is far below.
		w.lowest = min(1, v.sum.add(v.sum.mul(least, pr.scale), -pr.total))
	}
	v.pool = &pool{}
	w.prepare()
	if v.sum.broken {
		return nil // prove says so
	}
	for root := range int32(v.core.offers) {
		switch {
		case v.core.isGift(root):
			w.chains(root)
		default:
			w.rings(root)
		}
		if w.err != nil {
			return w.err
		}
		if v.work.spent() || v.sum.broken {
			return nil // prove says so
		}
	}
	listed := v.core.fitting(v.pool)
	order, cut := undominated(v.core, listed, v.core.expectations(listed))
	if cut {
		return sxp.Errorf("deal.Verify", sxp.TooLarge, nil, "more than %d rings over the same items", maxVariants)
	}
	v.pool = listed.pick(order)
	v.expect = v.core.expectations(v.pool)
	for j := range int32(v.pool.len()) {
		v.left = append(v.left, j)
	}
	return nil
}

// A pricedWalk lists rings and chains depth first and leaves out what cannot
// reach the lowest surplus. It looks ahead by what walks back to the root are
// worth at most, as if cuts cost nothing and nodes could be passed twice.
type pricedWalk struct {
	v      *verifier
	pr     *pricing
	all    bool
	lowest int64
	err    error

	give []int64 // per node: what it adds, at most, when its item changes hands; of a group, too
	keep []int64 // when it ends a chain
	unit int64   // what a unit of cost takes away

	ahead [][]int64 // per items left and node: what the way back to the root adds at most
	stamp [][]int32 // ahead is valid where this is the root + 1
	lists [][]int32 // where it is
	stack []int32
	back  [][]int64 // per items left and node: what the beginning of a chain adds at most

	used  []int32
	path  []int32
	turn  []int32
	named Ring
	root  int32
}

// never is less than any surplus.
const never = math.MinInt64 / 4

// prepare computes what each node adds.
func (w *pricedWalk) prepare() {
	v, c, l := w.v, w.v.core, &w.v.sum
	n := len(c.node)
	w.give, w.keep, w.used = make([]int64, n), make([]int64, n), make([]int32, n)
	item, expected := int64(0), int64(0)
	for k, goal := range v.goals[:len(v.weights)] {
		x := w.pr.goal[k]
		switch goal {
		case Items:
			item = l.add(item, x)
		case Worth:
			if v.g.top > 0 {
				item = l.add(item, l.mul(x, v.g.top))
				w.unit = l.add(w.unit, x)
			}
		case Cost:
			w.unit = l.add(w.unit, x)
		case Expected:
			if v.g.keeps != nil {
				expected = x
			}
		}
	}
	for i := range c.node {
		x := int32(i)
		pays := -w.pr.node[x]
		if v.charged != nil {
			for _, s := range v.charged[x] {
				if most := v.g.limits[s.limit].most; s.weight <= most {
					pays = l.add(pays, -part(w.pr.limit[s.limit], s.weight, most))
				}
			}
		}
		if c.isGroup(x) {
			w.give[x] = pays
			continue
		}
		// A ring is expected to trade at most the sum of what each of its
		// people would alone.
		w.keep[x] = l.add(pays, v.trades(w.pr, c.owner[x]))
		w.give[x] = l.add(w.keep[x], l.add(item, l.mul(expected, v.g.Reliability(int(c.owner[x])))))
	}
	if w.bounds(); v.sum.broken {
		return
	}
	levels := max(v.opt.MaxRing-2, 1)
	for range levels {
		w.ahead, w.stamp = append(w.ahead, make([]int64, n)), append(w.stamp, make([]int32, n))
	}
	w.lists = make([][]int32, levels)
	if c.gifts > 0 {
		w.chainsAhead(v.opt.chain())
	}
}

// walkSteps is how many nodes a ring or chain passes at most.
const walkSteps = (MaxRingCap + 1) * (MaxNesting + 1)

// bounds makes sure that no sum over a walk leaves an int64.
func (w *pricedWalk) bounds() {
	v := w.v
	most, highest := int64(0), int64(0)
	for _, x := range w.give {
		most = max(most, x)
	}
	for _, x := range w.v.core.cost {
		highest = max(highest, x)
	}
	if most > maxPrice/walkSteps || w.pr.total > maxPrice || v.sum.mul(v.sum.mul(highest, walkSteps), max(w.unit, 0)) > maxPrice || w.unit < 0 {
		v.sum.broken = true
	}
}

// lookAhead fills ahead for a root: for each number of items between a node and
// the root, the best walk over offers above the root.
func (w *pricedWalk) lookAhead(root int32) {
	for t := range w.ahead {
		w.lists[t] = w.lists[t][:0]
		if t == 0 {
			w.reach(0, root, 0)
			continue
		}
		for _, x := range w.lists[t-1] {
			w.set(t, x, w.ahead[t-1][x])
		}
		for _, x := range w.lists[t-1] {
			if x > root && !w.v.core.isGroup(x) {
				w.reach(t, x, w.give[x]+w.ahead[t-1][x])
			}
		}
	}
}

// set raises ahead of a node.
func (w *pricedWalk) set(t int, x int32, value int64) bool {
	mark := w.root + 1
	if w.stamp[t][x] == mark {
		if w.ahead[t][x] >= value {
			return false
		}
		w.ahead[t][x] = value
		return true
	}
	w.stamp[t][x], w.ahead[t][x] = mark, value
	w.lists[t] = append(w.lists[t], x)
	return true
}

// reach raises ahead of all nodes that lead to x, directly or through groups;
// value is what x and the way from it add.
func (w *pricedWalk) reach(t int, x int32, value int64) {
	c := w.v.core
	for k := c.in[x]; k < c.in[x+1]; k++ {
		u, val := c.from[k], value-c.paid[k]*w.unit
		if c.isGroup(u) {
			if w.set(t, u, val) && !w.v.work.spent() {
				w.reach(t, u, w.give[u]+val)
			}
		} else if u >= w.root {
			w.set(t, u, val)
		}
	}
	w.v.work.add(int64(c.in[x+1]-c.in[x])/4 + 1)
}

// rings walks the rings whose lowest offer is root.
func (w *pricedWalk) rings(root int32) {
	w.root = root
	w.lookAhead(root)
	w.path = append(w.path[:0], root)
	w.used[root] = 1
	w.deeper(root, 1, 0, w.give[root], 0)
	w.used[root] = 0
}

// deeper extends the path, whose last node is x; it holds so many items, ends
// with so many groups, adds so much at most, and costs so much.
func (w *pricedWalk) deeper(x int32, items, groups int, sum, cost int64) {
	c, most := w.v.core, w.v.opt.MaxRing
	w.v.work.add(int64(c.out[x+1]-c.out[x])/4 + 1)
	if w.v.work.spent() {
		return
	}
	for k := c.out[x]; k < c.out[x+1] && w.err == nil; k++ {
		y, now := c.to[k], sum-c.cost[k]*w.unit
		if y == w.root {
			if items >= 2 && now >= w.lowest {
				w.close(w.path, items, cost+c.cost[k])
			}
			continue
		}
		if w.used[y] >= c.limit(y) || c.isGift(y) {
			continue
		}
		nextItems, nextGroups := items+1, 0
		if c.isGroup(y) {
			nextItems, nextGroups = items, groups+1
			if nextGroups > MaxNesting || w.repeats(y, groups) {
				continue
			}
		} else if y < w.root || nextItems > most {
			continue
		}
		now += w.give[y]
		if t := most - nextItems; t < len(w.ahead) && (w.stamp[t][y] != w.root+1 || now+w.ahead[t][y] < w.lowest) {
			continue
		}
		w.used[y]++
		w.path = append(w.path, y)
		w.deeper(y, nextItems, nextGroups, now, cost+c.cost[k])
		w.path = w.path[:len(w.path)-1]
		w.used[y]--
	}
}

// repeats reports whether y is among the groups that the path ends with.
func (w *pricedWalk) repeats(y int32, groups int) bool {
	for _, x := range w.path[len(w.path)-groups:] {
		if x == y {
			return true
		}
	}
	return false
}

// chainsAhead fills back: what the nodes before one add at most, where so many
// more items may change hands.
func (w *pricedWalk) chainsAhead(most int) {
	c := w.v.core
	for t := range max(most, 1) {
		now := make([]int64, len(c.node))
		for x := range now {
			now[x] = never
			for k := c.in[x]; k < c.in[x+1]; k++ {
				if u := c.from[k]; !c.isGroup(u) {
					best := w.keep[u]
					if t > 0 && w.back[t-1][u] > never {
						best = max(best, w.give[u]+w.back[t-1][u])
					}
					now[x] = max(now[x], best-c.paid[k]*w.unit)
				}
			}
		}
		w.v.work.add(int64(len(c.to)) / 4)
		for u := int32(c.offers); u < int32(len(c.node)); u++ {
			w.stack = append(w.stack, u)
		}
		for len(w.stack) > 0 { // groups pass on what stands before them
			u := w.stack[len(w.stack)-1]
			w.stack = w.stack[:len(w.stack)-1]
			if now[u] == never {
				continue
			}
			for k := c.out[u]; k < c.out[u+1]; k++ {
				x, val := c.to[k], w.give[u]+now[u]-c.cost[k]*w.unit
				if val > now[x] {
					if now[x] = val; c.isGroup(x) {
						w.stack = append(w.stack, x)
					}
				}
			}
			w.v.work.add(int64(c.out[u+1]-c.out[u])/4 + 1)
			if w.v.work.spent() {
				return
			}
		}
		w.back = append(w.back, now)
	}
}

// chains walks the chains that end with a gift.
func (w *pricedWalk) chains(gift int32) {
	w.root = gift
	w.path = append(w.path[:0], gift)
	w.used[gift] = 1
	w.before(gift, 1, 0, w.give[gift], 0)
	w.used[gift] = 0
}

// before extends a chain at its beginning; so many items change hands.
func (w *pricedWalk) before(x int32, items, groups int, sum, cost int64) {
	c, most := w.v.core, w.v.opt.chain()
	w.v.work.add(int64(c.in[x+1]-c.in[x])/4 + 1)
	if w.v.work.spent() || sum+w.back[most-items][x] < w.lowest {
		return
	}
	for k := c.in[x]; k < c.in[x+1] && w.err == nil; k++ {
		u, now, paid := c.from[k], sum-c.paid[k]*w.unit, cost+c.paid[k]
		if w.used[u] >= c.limit(u) {
			continue
		}
		w.used[u]++
		w.path = append(w.path, u)
		switch {
		case c.isGroup(u):
			if groups < MaxNesting && !w.repeatsBefore(u, groups) {
				w.before(u, items, groups+1, now+w.give[u], paid)
			}
		default:
			if now+w.keep[u] >= w.lowest {
				w.turn = w.turn[:0]
				for i := range w.path {
					w.turn = append(w.turn, w.path[len(w.path)-1-i])
				}
				w.close(w.turn, items, paid)
			}
			if items < most {
				w.before(u, items+1, 0, now+w.give[u], paid)
			}
		}
		w.path = w.path[:len(w.path)-1]
		w.used[u]--
	}
}

// repeatsBefore is repeats for a path that has u as its last node already.
func (w *pricedWalk) repeatsBefore(u int32, groups int) bool {
	for _, x := range w.path[len(w.path)-1-groups : len(w.path)-1] {
		if x == u {
			return true
		}
	}
	return false
}

// close keeps a ring or chain if it may matter.
func (w *pricedWalk) close(ring []int32, items int, cost int64) {
	v := w.v
	v.work.add(4)
	if m := v.opt.MaxMeanCost; m > 0 && tooDear(cost, int64(items), m) {
		return
	}
	w.named = w.named[:0]
	for _, x := range ring {
		w.named = append(w.named, v.core.node[x])
	}
	if v.opt.Skip != nil && v.opt.Skip(w.named) {
		return
	}
	if v.charged != nil {
		for _, s := range sums(v.charged, ring) {
			if s.weight > v.g.limits[s.limit].most {
				return
			}
		}
	}
	expect := int64(0)
	if v.g.keeps != nil {
		expect = v.g.expected(w.named)
	}
	switch d := v.surplusOf(w.pr, ring, int64(items), cost, expect); {
	case w.all, d <= 0 && d >= w.lowest:
		v.pool.add(ring, items, cost)
	case d > 0:
		w.err = v.invalid("the first prices leave ring %v a surplus of %d", w.named, d)
	}
	if v.pool.len() > maxPool {
		w.err = sxp.Errorf("deal.Verify", sxp.TooLarge, nil, "the first prices leave more than %d rings", maxPool)
	}
}
