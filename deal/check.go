package deal

import "sxp"

// Value is what a set of rings is worth, compared in this order: more items
// traded, then more people who trade, then a lower sum of costs.
type Value struct {
	Items  int   `json:"items"`
	People int   `json:"people"`
	Cost   int64 `json:"cost"`
}

// Better reports whether v is worth more than o.
func (v Value) Better(o Value) bool {
	if v.Items != o.Items {
		return v.Items > o.Items
	}
	if v.People != o.People {
		return v.People > o.People
	}
	return v.Cost < o.Cost
}

// Check verifies rings from anybody against the graph, in time linear in their
// size and the arcs that leave them, and returns what they are worth. It fails
// with Invalid, naming the ring by its place, where a ring has no second
// person, is longer than maxRing items (0: any length), passes an arc that does
// not exist, takes an offer twice or a group more often than its capacity.
func Check(g *Graph, rings []Ring, maxRing int) (Value, error) {
	const op = "deal.Check"
	var v Value
	used := make(map[Node]int)
	people := make(map[int]bool)
	for i, r := range rings {
		cost, err := checkRing(g, r, maxRing)
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
		v.Cost += cost
	}
	v.People = len(people)
	return v, nil
}

// checkRing checks what concerns one ring alone and returns its cost.
func checkRing(g *Graph, r Ring, maxRing int) (int64, error) {
	const op = "deal.Check"
	items, groups, cost, second := 0, 0, int64(0), false
	for i, n := range r {
		if !g.has(n) {
			return 0, sxp.Errorf(op, sxp.Invalid, n, "not in this graph of %d", g.Len())
		}
		next := r[(i+1)%len(r)]
		if !g.has(next) {
			return 0, sxp.Errorf(op, sxp.Invalid, next, "not in this graph of %d", g.Len())
		}
		c, ok := g.cost(n, next)
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
	case maxRing > 0 && items > maxRing:
		return 0, sxp.Errorf(op, sxp.TooLarge, nil, "%d items, at most %d are allowed", items, maxRing)
	}
	return cost, nil
}
