package solver

import (
	"slices"

	"sxp/deal"
	"sxp/deal/internal/random"
)

// A choice is a set of rings that fit together.
type choice struct {
	g       *deal.Graph
	held    []*held   // by number; nil where free
	free    []int32   // numbers to use again
	holders [][]int32 // per node: the rings that pass it, once for each time
	person  []int32   // per node, its owner, numbered from 0
	times   []int32   // per person: rings they are in
	expects bool      // whether the goals ask for what is expected
	sums    []int64   // per limit
	charges map[deal.Node][]charge
	most    []int64
	total   deal.Value
	highest int64 // cost of an arc
}

// A held is a ring of a choice, with what it is worth.
type held struct {
	ring     deal.Ring
	items    int
	cost     int64
	expected int64
	people   []int32 // each once
}

// A charge is what passing a node uses up of a limit.
type charge struct {
	limit  int
	weight int64
}

func newChoice(g *deal.Graph, goals []deal.Goal) *choice {
	c := &choice{
		g: g, holders: make([][]int32, g.Len()), expects: slices.Contains(goals, deal.Expected),
		sums: make([]int64, g.NumLimits()), charges: make(map[deal.Node][]charge), highest: 1,
	}
	for i := range g.NumLimits() {
		most, nodes, weights := g.Limit(i)
		c.most = append(c.most, most)
		for k, n := range nodes {
			c.charges[n] = append(c.charges[n], charge{i, weights[k]})
		}
	}
	numbers := map[int]int32{}
	for n := range deal.Node(g.Len()) {
		u, ok := numbers[g.Owner(n)]
		if !ok {
			u = int32(len(numbers))
			numbers[g.Owner(n)] = u
		}
		c.person = append(c.person, u)
		for _, a := range g.Arcs(n) {
			c.highest = max(c.highest, a.Cost)
		}
	}
	c.times = make([]int32, len(numbers))
	return c
}

// full reports whether n is passed as often as it may be.
func (c *choice) full(n deal.Node) bool { return len(c.holders[n]) >= c.g.Capacity(n) }

// holder returns a ring that must go for n to be passed once more; ok is false
// where none must.
func (c *choice) holder(n deal.Node, rng *random.Source) (id int32, ok bool) {
	if !c.full(n) {
		return 0, false
	}
	return c.holders[n][rng.Below(len(c.holders[n]))], true
}

// inTheWay returns the rings that must go for r to fit; ok is false where even
// that is not enough.
func (c *choice) inTheWay(r deal.Ring, rng *random.Source) (out []int32, ok bool) {
	for i, n := range r {
		same := 0
		for _, m := range r[:i] {
			if m == n {
				same++
			}
		}
		room := c.g.Capacity(n) - same - len(c.holders[n])
		for _, id := range c.holders[n] {
			if slices.Contains(out, id) {
				room++
			}
		}
		for k := rng.Below(len(c.holders[n]) + 1); room <= 0; k++ {
			if len(c.holders[n]) == 0 {
				return nil, false
			}
			id := c.holders[n][k%len(c.holders[n])]
			if slices.Contains(out, id) {
				if !slices.ContainsFunc(c.holders[n], func(id int32) bool { return !slices.Contains(out, id) }) {
					return nil, false
				}
				continue
			}
			out = append(out, id)
			for _, h := range c.holders[n] {
				if h == id {
					room++
				}
			}
		}
	}
	return c.withinLimits(r, out)
}

// withinLimits adds rings to those that must go until r breaks no limit.
func (c *choice) withinLimits(r deal.Ring, out []int32) ([]int32, bool) {
	if len(c.most) == 0 {
		return out, true
	}
	more := map[int]int64{}
	for _, n := range r {
		for _, ch := range c.charges[n] {
			more[ch.limit] += ch.weight
		}
	}
	spared := map[int]int64{}
	spare := func(id int32) {
		for _, n := range c.held[id].ring {
			for _, ch := range c.charges[n] {
				spared[ch.limit] += ch.weight
			}
		}
	}
	for _, id := range out {
		spare(id)
	}
	for l := range c.most {
		if more[l] > c.most[l] {
			return nil, false
		}
		_, nodes, _ := c.g.Limit(l)
		for i := 0; i < len(nodes) && c.sums[l]+more[l]-spared[l] > c.most[l]; i++ {
			for _, id := range c.holders[nodes[i]] {
				if !slices.Contains(out, id) {
					out = append(out, id)
					spare(id)
				}
			}
		}
	}
	return out, true
}

// put takes a ring that fits, and returns its number.
func (c *choice) put(r deal.Ring) int32 {
	h := &held{ring: r, items: c.itemsOf(r), cost: c.costOf(r)}
	if c.expects {
		v, err := deal.Check(c.g, []deal.Ring{r}, deal.Options{MaxRing: 0, MaxChain: deal.MaxRingCap})
		if err == nil { // it was made of arcs
			h.expected = v.Expected
		}
	}
	for _, n := range r {
		if u := c.person[n]; !c.g.IsGroup(n) && !slices.Contains(h.people, u) {
			h.people = append(h.people, u)
		}
	}
	return c.putBack(h)
}

// putBack takes a ring that was here.
func (c *choice) putBack(h *held) int32 {
	id := int32(len(c.held))
	if k := len(c.free); k > 0 {
		id, c.free = c.free[k-1], c.free[:k-1]
		c.held[id] = h
	} else {
		c.held = append(c.held, h)
	}
	for _, n := range h.ring {
		c.holders[n] = append(c.holders[n], id)
		for _, ch := range c.charges[n] {
			c.sums[ch.limit] += ch.weight
		}
	}
	for _, u := range h.people {
		if c.times[u]++; c.times[u] == 1 {
			c.total.People++
		}
	}
	c.total.Items += h.items
	c.total.Cost += h.cost
	c.total.Expected += h.expected
	return id
}

// drop gives a ring up.
func (c *choice) drop(id int32) *held {
	h := c.held[id]
	c.held[id] = nil
	c.free = append(c.free, id)
	for _, n := range h.ring {
		k := slices.Index(c.holders[n], id)
		last := len(c.holders[n]) - 1
		c.holders[n][k] = c.holders[n][last]
		c.holders[n] = c.holders[n][:last]
		for _, ch := range c.charges[n] {
			c.sums[ch.limit] -= ch.weight
		}
	}
	for _, u := range h.people {
		if c.times[u]--; c.times[u] == 0 {
			c.total.People--
		}
	}
	c.total.Items -= h.items
	c.total.Cost -= h.cost
	c.total.Expected -= h.expected
	return h
}

// value is what the choice is worth.
func (c *choice) value() deal.Value {
	v := c.total
	if top := c.g.Top(); top > 0 {
		v.Worth = top*int64(v.Items) - v.Cost
	}
	return v
}

// score sums what the goals say, each an eighth of the one before it.
func (c *choice) score(goals []deal.Goal) int64 {
	sum, unit, v := int64(0), int64(grain), c.value()
	for _, goal := range goals {
		switch goal {
		case deal.Cost:
			sum -= v.Cost / c.highest * unit // a whole part first: costs are up to 2^40
			sum -= v.Cost % c.highest * unit / c.highest
		case deal.Worth:
			top := max(c.g.Top(), 1)
			sum += v.Worth/top*unit + v.Worth%top*unit/top
		case deal.Expected:
			sum += v.Expected * unit / deal.Certain
		default:
			sum += v.Of(goal) * unit
		}
		unit /= 8
	}
	return sum
}

// rings returns the rings chosen.
func (c *choice) rings() []deal.Ring {
	var list []deal.Ring
	for _, h := range c.held {
		if h != nil {
			list = append(list, h.ring)
		}
	}
	return list
}

// itemsOf is how many items a ring or chain moves.
func (c *choice) itemsOf(r deal.Ring) int {
	n := 0
	for _, x := range r {
		if !c.g.IsGroup(x) {
			n++
		}
	}
	if c.g.IsChain(r) {
		n--
	}
	return n
}

// costOf sums the cheapest arcs of a ring or chain.
func (c *choice) costOf(r deal.Ring) int64 {
	sum, last := int64(0), len(r)
	if c.g.IsChain(r) {
		last--
	}
	for i := range last {
		best := int64(-1)
		for _, a := range c.g.Arcs(r[i]) {
			if a.To == r[(i+1)%len(r)] && (best < 0 || a.Cost < best) {
				best = a.Cost
			}
		}
		sum += best
	}
	return sum
}

// fromLowest turns a ring so that its lowest offer comes first; a chain stays.
func (c *choice) fromLowest(r deal.Ring) deal.Ring {
	if c.g.IsChain(r) {
		return slices.Clone(r)
	}
	low := -1
	for k, n := range r {
		if !c.g.IsGroup(n) && (low < 0 || n < r[low]) {
			low = k
		}
	}
	return slices.Concat(r[low:], r[:low])
}

// sortRings orders rings by their first node.
func sortRings(rings []deal.Ring) {
	slices.SortFunc(rings, func(a, b deal.Ring) int { return int(a[0]) - int(b[0]) })
}
