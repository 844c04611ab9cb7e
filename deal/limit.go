package deal

import "sxp"

// A limit bounds the sum of what some nodes weigh.
type limit struct {
	most   int64
	nodes  []Node
	weight []int64
	has    map[Node]bool
}

// AddLimit adds a condition of any person: the rings chosen pass nodes that
// weigh at most so much together (0 to MaxWeight). A limit on how many items
// somebody trades charges each of them 1; a budget charges each cash bid its
// amount. It returns the limit's number, from 0.
func (g *Graph) AddLimit(most int64) int {
	g.limits = append(g.limits, limit{most: min(max(most, 0), MaxWeight), has: make(map[Node]bool)})
	return len(g.limits) - 1
}

// Charge says that whoever passes n uses up so much of the limit (0 to
// MaxWeight). It fails with Invalid for an unknown node or limit, a group, a
// weight out of range or a node that the limit has already.
func (g *Graph) Charge(number int, n Node, weight int64) error {
	const op = "deal.Charge"
	switch {
	case number < 0 || number >= len(g.limits):
		return sxp.Errorf(op, sxp.Invalid, nil, "limit %d: the graph has %d", number, len(g.limits))
	case !g.has(n) || g.IsGroup(n):
		return sxp.Errorf(op, sxp.Invalid, n, "limit %d: no offer, gift or need", number)
	case weight < 0 || weight > MaxWeight:
		return sxp.Errorf(op, sxp.Invalid, n, "limit %d: weight %d is not within 0 and %d", number, weight, int64(MaxWeight))
	case g.limits[number].has[n]:
		return sxp.Errorf(op, sxp.Invalid, n, "limit %d: charged twice", number)
	}
	l := &g.limits[number]
	l.has[n] = true
	l.nodes, l.weight = append(l.nodes, n), append(l.weight, weight)
	return nil
}

// NumLimits returns how many limits there are.
func (g *Graph) NumLimits() int { return len(g.limits) }

// Limit returns what limit i allows and what each node uses up of it. The
// caller must not change the slices.
func (g *Graph) Limit(i int) (most int64, nodes []Node, weight []int64) {
	l := &g.limits[i]
	return l.most, l.nodes, l.weight
}

// sum is what a choice uses up that passes each node so often.
func (l *limit) sum(used map[Node]int) int64 {
	sum := int64(0)
	for i, n := range l.nodes {
		sum += int64(used[n]) * l.weight[i]
	}
	return sum
}
