package deal

import "sxp"

// Check verifies rings from anybody against the graph, in time linear in their
// size, the arcs that leave them and the limits, and returns what they are worth.
// It fails with Invalid, naming the ring by its place, where a ring has no
// second person, is longer than the options allow, passes an arc that does not
// exist, takes an offer twice or a group more often than its capacity, or where
// a limit is exceeded. Of the options it looks at MaxRing and MaxChain.
func Check(g *Graph, rings []Ring, opt Options) (Value, error) {
	const op = "deal.Check"
	var v Value
	used := make(map[Node]int)
	people := make(map[int]bool)
	for i, r := range rings {
		cost, err := checkRing(g, r, opt)
		if err != nil {
			return Value{}, sxp.Errorf(op, sxp.Invalid, nil, "ring %d: %w", i, err)
		}
		for _, n := range r {
			if used[n]++; used[n] > g.Capacity(n) {
				return Value{}, sxp.Errorf(op, sxp.Invalid, n, "ring %d: passed more than %d times", i, g.Capacity(n))
			}
			if !g.IsGroup(n) {
				v.Items++
				people[g.Owner(n)] = true
			}
		}
		if g.IsChain(r) {
			v.Items--
		}
		v.Cost += cost
		if g.keeps != nil {
			v.Expected += g.expected(r)
		}
	}
	for i := range g.limits {
		if sum := g.limits[i].sum(used); sum > g.limits[i].most {
			return Value{}, sxp.Errorf(op, sxp.Invalid, nil, "limit %d: %d is used of %d", i, sum, g.limits[i].most)
		}
	}
	v.People = len(people)
	if g.top > 0 {
		v.Worth = int64(v.Items)*g.top - v.Cost
	}
	return v, nil
}

// checkRing checks what concerns one ring alone and returns its cost.
func checkRing(g *Graph, r Ring, opt Options) (int64, error) {
	const op = "deal.Check"
	chain := len(r) > 0 && g.has(r[len(r)-1]) && g.IsChain(r)
	items, groups, cost, second := 0, 0, int64(0), false
	for k := len(r) - 1; k > 0 && g.has(r[0]) && g.IsGroup(r[0]) && g.has(r[k]) && g.IsGroup(r[k]); k-- {
		groups++ // a ring may begin in the middle of a wish
	}
	for i, n := range r {
		if !g.has(n) {
			return 0, sxp.Errorf(op, sxp.Invalid, n, "not in this graph of %d", g.Len())
		}
		next := r[(i+1)%len(r)]
		if !g.has(next) {
			return 0, sxp.Errorf(op, sxp.Invalid, next, "not in this graph of %d", g.Len())
		}
		c, ok := g.cost(n, next)
		if chain && i == len(r)-1 {
			c, ok = 0, !g.IsGroup(next) // a gift asks for nothing
		}
		if !ok {
			return 0, sxp.Errorf(op, sxp.Invalid, n, "its owner would not take %v for it", next)
		}
		cost += c
		if g.IsGroup(n) {
			if groups++; groups > MaxNesting {
				return 0, sxp.Errorf(op, sxp.Invalid, n, "more than %d groups in a row", MaxNesting)
			}
			continue
		}
		groups = 0
		items++
		second = second || g.Owner(n) != g.Owner(r[0])
	}
	switch {
	case items < 2 || !second:
		return 0, sxp.Errorf(op, sxp.Invalid, nil, "not a trade: it has no second person")
	case chain && opt.chain() >= 0 && items-1 > opt.chain():
		return 0, sxp.Errorf(op, sxp.TooLarge, nil, "a chain of %d items, at most %d are allowed", items-1, opt.chain())
	case !chain && opt.MaxRing > 0 && items > opt.MaxRing:
		return 0, sxp.Errorf(op, sxp.TooLarge, nil, "%d items, at most %d are allowed", items, opt.MaxRing)
	}
	return cost, nil
}
