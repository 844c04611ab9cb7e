package deal

import "slices"

// A core is the part of a graph that can be on a ring or a chain, in compact
// form. Its nodes are numbered anew, offers, gifts and needs before groups.
type core struct {
	g      *Graph
	part   []int32 // of each node of the graph, and of the hub of chains: its component
	node   []Node  // of the graph
	cap    []int32 // as Graph.capacity
	owner  []int32
	offers int // with gifts and needs
	gifts  int

	out  []int32 // arcs leaving node i: to[out[i]:out[i+1]], cheapest copy only
	to   []int32
	cost []int64
	in   []int32 // arcs entering node i: from[in[i]:in[i+1]]
	from []int32 // by turn only, as
	paid []int64 // cost of the arc from[k]
}

// newCore makes the core of a graph with arcs in both directions.
func newCore(g *Graph, chains bool) *core {
	c := newOutward(g, chains)
	c.turn()
	return c
}

// newOutward keeps the strongly connected parts of g that hold at least two
// offers: no ring leaves them. Where there are to be chains, these count as
// rings that are closed by way of a hub: whoever gives a gift would take
// anything for it.
func newOutward(g *Graph, chains bool) *core {
	comp, offersIn := components(g, chains)
	c := &core{g: g, part: comp}
	renum := make([]int32, g.Len())
	for i := range renum {
		renum[i] = -1
	}
	for _, groups := range []bool{false, true} {
		for n := range Node(g.Len()) {
			if g.IsGroup(n) != groups || offersIn[comp[n]] < 2 {
				continue
			}
			if g.IsGift(n) {
				c.gifts++
			}
			renum[n] = int32(len(c.node))
			c.node = append(c.node, n)
			c.cap = append(c.cap, g.capacity[n])
			c.owner = append(c.owner, g.owner[n])
		}
		if !groups {
			c.offers = len(c.node)
		}
	}
	c.link(g, comp, renum)
	return c
}

// link fills the arc lists with what stays inside one component.
func (c *core) link(g *Graph, comp, renum []int32) {
	n := 0
	for _, v := range c.node {
		for _, a := range g.arcs[v] {
			if comp[a.To] == comp[v] {
				n++
			}
		}
	}
	c.to, c.cost = make([]int32, 0, n), make([]int64, 0, n)
	c.out, c.in = make([]int32, 0, len(c.node)+1), make([]int32, len(c.node)+1)
	var arcs []Arc
	for _, v := range c.node {
		c.out = append(c.out, int32(len(c.to)))
		arcs = arcs[:0]
		sorted := true
		for _, a := range g.arcs[v] {
			if comp[a.To] == comp[v] {
				sorted = sorted && (len(arcs) == 0 || arcs[len(arcs)-1].To < a.To)
				arcs = append(arcs, a)
			}
		}
		if !sorted {
			slices.SortFunc(arcs, func(a, b Arc) int {
				if a.To != b.To {
					return int(a.To) - int(b.To)
				}
				return cmpInt64(a.Cost, b.Cost)
			})
		}
		for k, a := range arcs {
			if k > 0 && a.To == arcs[k-1].To {
				continue
			}
			c.to = append(c.to, renum[a.To])
			c.cost = append(c.cost, a.Cost)
			c.in[renum[a.To]+1]++
		}
	}
	c.out = append(c.out, int32(len(c.to)))
	for i := range c.node {
		c.in[i+1] += c.in[i]
	}
}

// turn lists the arcs by the nodes that they enter, too.
func (c *core) turn() {
	if c.from != nil {
		return
	}
	c.from, c.paid = make([]int32, len(c.to)), make([]int64, len(c.to))
	next := slices.Clone(c.in)
	for i := range c.node {
		for k := c.out[i]; k < c.out[i+1]; k++ {
			j := c.to[k]
			c.from[next[j]], c.paid[next[j]] = int32(i), c.cost[k]
			next[j]++
		}
	}
}

func (c *core) isGroup(i int32) bool { return c.cap[i] > 0 }
func (c *core) isGift(i int32) bool  { return c.cap[i] == isGift }

// limit is how often one may pass node i.
func (c *core) limit(i int32) int32 { return max(c.cap[i], 1) }

func cmpInt64(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// components returns the strongly connected component of each node (Tarjan
// 1972, without recursion) and how many offers each component holds. The hub
// of newCore, if wanted, is a node behind the others.
func components(g *Graph, hub bool) (comp []int32, offersIn []int32) {
	n := g.Len()
	arcs := hubArcs(g, hub)
	if hub {
		n++
	}
	comp = make([]int32, n)
	low := make([]int32, n)
	num := make([]int32, n) // 0: not seen
	next := make([]int32, n)
	var stack, path []Node
	seen := int32(0)
	for i := range comp {
		comp[i] = -1
	}
	enter := func(v Node) {
		seen++
		num[v], low[v] = seen, seen
		stack = append(stack, v)
		path = append(path, v)
	}
	for root := range Node(n) {
		if num[root] != 0 {
			continue
		}
		enter(root)
		for len(path) > 0 {
			v := path[len(path)-1]
			ahead := Node(-1) // not seen yet, to go on with
			for ahead < 0 {
				w, more := Node(0), false
				if int(v) < len(g.arcs) && int(next[v]) < len(g.arcs[v]) {
					w, more = g.arcs[v][next[v]].To, true
				} else {
					w, more = arcs(v, int(next[v]))
				}
				if !more {
					break
				}
				next[v]++
				if num[w] == 0 {
					ahead = w
				} else if comp[w] < 0 {
					low[v] = min(low[v], num[w])
				}
			}
			if ahead >= 0 {
				enter(ahead)
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				p := path[len(path)-1]
				low[p] = min(low[p], low[v])
			}
			if low[v] != num[v] {
				continue
			}
			offers := int32(0)
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				comp[w] = int32(len(offersIn))
				if int(w) < g.Len() && !g.IsGroup(w) {
					offers++
				}
				if w == v {
					break
				}
			}
			offersIn = append(offersIn, offers)
		}
	}
	return comp, offersIn
}

// hubArcs returns a function that names the k-th node which an arc of v leads
// to, if there is one: a gift leads to the hub, the hub to all that take.
func hubArcs(g *Graph, hub bool) func(v Node, k int) (Node, bool) {
	return func(v Node, k int) (Node, bool) {
		switch {
		case int(v) == g.Len():
			switch {
			case k == g.Len():
				return 0, false
			case g.IsGroup(Node(k)) || g.IsGift(Node(k)):
				return v, true // leads nowhere
			}
			return Node(k), true
		case hub && g.IsGift(v):
			return Node(g.Len()), k == 0
		case k < len(g.arcs[v]):
			return g.arcs[v][k].To, true
		}
		return 0, false
	}
}
