package deal

import "slices"

// A core is the part of a graph that can be on a ring, in compact form. Its
// nodes are numbered anew, offers before groups.
type core struct {
	node   []Node  // of the graph
	cap    []int32 // 0 for an offer
	owner  []int32
	offers int

	out  []int32 // arcs leaving node i: to[out[i]:out[i+1]], cheapest copy only
	to   []int32
	cost []int64
	in   []int32 // arcs entering node i: from[in[i]:in[i+1]]
	from []int32
}

// newCore keeps the strongly connected parts of g that hold at least two
// offers: no ring leaves them.
func newCore(g *Graph) *core {
	comp, offersIn := components(g)
	c := &core{}
	renum := make([]int32, g.Len())
	for i := range renum {
		renum[i] = -1
	}
	for _, groups := range []bool{false, true} {
		for n := range Node(g.Len()) {
			if g.IsGroup(n) != groups || offersIn[comp[n]] < 2 {
				continue
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
	var arcs []Arc
	indeg := make([]int32, len(c.node)+1)
	for _, n := range c.node {
		c.out = append(c.out, int32(len(c.to)))
		arcs = arcs[:0]
		for _, a := range g.arcs[n] {
			if comp[a.To] == comp[n] {
				arcs = append(arcs, a)
			}
		}
		slices.SortFunc(arcs, func(a, b Arc) int {
			if a.To != b.To {
				return int(a.To) - int(b.To)
			}
			return cmpInt64(a.Cost, b.Cost)
		})
		for k, a := range arcs {
			if k > 0 && a.To == arcs[k-1].To {
				continue
			}
			c.to = append(c.to, renum[a.To])
			c.cost = append(c.cost, a.Cost)
			indeg[renum[a.To]+1]++
		}
	}
	c.out = append(c.out, int32(len(c.to)))
	for i := range c.node {
		indeg[i+1] += indeg[i]
	}
	c.in = indeg
	c.from = make([]int32, len(c.to))
	next := slices.Clone(indeg)
	for i := range c.node {
		for _, j := range c.to[c.out[i]:c.out[i+1]] {
			c.from[next[j]] = int32(i)
			next[j]++
		}
	}
}

func (c *core) isGroup(i int32) bool { return c.cap[i] > 0 }

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
// 1972, without recursion) and how many offers each component holds.
func components(g *Graph) (comp []int32, offersIn []int32) {
	n := g.Len()
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
			if int(next[v]) < len(g.arcs[v]) {
				w := g.arcs[v][next[v]].To
				next[v]++
				if num[w] == 0 {
					enter(w)
				} else if comp[w] < 0 {
					low[v] = min(low[v], num[w])
				}
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
				if !g.IsGroup(w) {
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
