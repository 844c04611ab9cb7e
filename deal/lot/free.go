package lot

import (
	"slices"

	"sxp/deal"
)

// free reports whether bids may be used together in any number, without money
// and without looking at one exchange alone: then bids are chosen at once, and
// fall apart into exchanges afterwards.
func (m *model) free() bool {
	o := m.p.Options
	if o.MaxRing != 0 || o.chain() >= 0 || o.MaxMeanCost > 0 || slices.Contains(o.goals(), deal.Expected) {
		return false
	}
	for i := range m.bids {
		if m.bids[i].money {
			return false
		}
	}
	return true
}

// free answers such a problem.
func (k *book) free(a *Answer) {
	k.work.now.Stage = "bound"
	g := k.usesOnly()
	bound := g.solve()
	var moves []counted
	for j, n := range g.best {
		if n > 0 {
			moves = append(moves, counted{k.moves[j], n})
		}
	}
	a.Complete, a.Exact, a.Listed = true, g.whole, len(k.moves)
	lost := false
	for _, part := range apart(moves) {
		e, err := k.m.settle(part)
		if err != nil { // more uses than one exchange has
			lost = true
			continue
		}
		a.Exchanges = append(a.Exchanges, *k.m.write(e, 1))
	}
	v, err := k.m.check(a)
	if lost || err != nil {
		a.Complete, a.Left = false, "exchanges with more uses of bids than one may have"
	}
	a.claim(g.goals[0], bound, of(v, g.goals[0]))
}

// apart splits moves into those that hang together.
func apart(moves []counted) [][]counted {
	parent := make([]int, len(moves))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := make(map[int32]int) // a move that gives the item
	for i, v := range moves {
		for _, p := range v.give {
			if j, ok := first[p.item]; ok {
				parent[root(i)] = root(j)
			}
			first[p.item] = i
		}
	}
	for i, v := range moves {
		for _, p := range v.take {
			if j, ok := first[p.item]; ok {
				parent[root(i)] = root(j)
			}
		}
	}
	var parts [][]counted
	number := make(map[int]int)
	for i, v := range moves {
		r := root(i)
		n, ok := number[r]
		if !ok {
			n = len(parts)
			number[r] = n
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], v)
	}
	return parts
}
