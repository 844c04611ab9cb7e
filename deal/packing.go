package deal

import (
	"cmp"
	"slices"
)

// A packing is the choice that is left once the rings are listed: take columns
// (rings) such that no resource (offer or group) is used beyond its capacity.
type packing struct {
	c    *core
	pool *pool

	items  []int32 // per column
	cost   []int64
	expect []int64 // expected items in millionths; nil where everybody is certain
	top    int64

	rowStart []int32 // resources of column i: rows[rowStart[i]:rowStart[i+1]];
	rows     []int32 // one that the ring passes twice stands there twice
	colStart []int32 // columns of resource r: cols[colStart[r]:colStart[r+1]]
	cols     []int32
	cap      []int32 // per resource; offers come first
	offers   int     // how many resources are offers

	whoStart []int32 // people of column i: who[whoStart[i]:whoStart[i+1]]
	who      []int32
	people   int
	owner    []int32 // per person, their number in the graph
	cut      bool    // some variants of a ring were left out, see maxVariants

	source   []source // per resource, what it stands for
	weighing          // the limits that are no resources
}

// A source is a node of the core that a resource stands for, or a limit of the
// graph, counted in units.
type source struct {
	node  int32
	limit int32
	unit  int64 // 0 for a node
}

// maxVariants is how many rings over the same offers are kept that differ in
// groups: somebody with a thousand groups for the same wish shall not stop the
// search for all. Real lists have two or three.
const maxVariants = 64

func (p *packing) len() int               { return len(p.items) }
func (p *packing) rowsOf(i int32) []int32 { return p.rows[p.rowStart[i]:p.rowStart[i+1]] }
func (p *packing) colsOf(r int32) []int32 { return p.cols[p.colStart[r]:p.colStart[r+1]] }
func (p *packing) whoOf(i int32) []int32  { return p.who[p.whoStart[i]:p.whoStart[i+1]] }

// newPacking takes over the pool, without the rings that another one replaces:
// same offers, no group that it lacks, no higher cost.
func newPacking(c *core, listed *pool) *packing {
	p := &packing{c: c, top: c.g.top}
	listed = c.fitting(listed)
	order, cut := undominated(c, listed, c.expectations(listed))
	p.pool, p.cut = listed.pick(order), cut
	n := p.pool.len()
	p.items, p.cost, p.expect = p.pool.size, p.pool.cost, c.expectations(p.pool)
	use := make([]int32, len(c.node))
	for _, x := range p.pool.nodes {
		use[x]++
	}
	row := make([]int32, len(c.node))
	for i := range c.node {
		row[i] = -1
		i := int32(i)
		if use[i] == 0 || c.isGroup(i) && use[i] <= c.limit(i) {
			continue // never scarce
		}
		row[i] = int32(len(p.cap))
		p.cap, p.source = append(p.cap, c.limit(i)), append(p.source, source{node: i})
		if !c.isGroup(i) {
			p.offers++
		}
	}
	counted := p.weigh()
	person := make(map[int32]int32)
	p.rowStart, p.whoStart = append(p.rowStart, 0), append(p.whoStart, 0)
	for i := range int32(n) {
		first := len(p.who)
		for _, x := range p.pool.ring(i) {
			if row[x] >= 0 {
				p.rows = append(p.rows, row[x])
			}
			p.rows = append(p.rows, counted[x]...)
			u, ok := person[c.owner[x]]
			if !ok {
				u = int32(len(person))
				person[c.owner[x]] = u
				p.owner = append(p.owner, c.owner[x])
			}
			if !slices.Contains(p.who[first:], u) {
				p.who = append(p.who, u)
			}
		}
		p.rowStart = append(p.rowStart, int32(len(p.rows)))
		p.whoStart = append(p.whoStart, int32(len(p.who)))
		p.load(p.pool.ring(i))
	}
	p.people = len(person)
	p.transpose()
	return p
}

// transpose fills colStart and cols; a column stands once per resource.
func (p *packing) transpose() {
	p.colStart = make([]int32, len(p.cap)+1)
	last := make([]int32, len(p.cap)) // the column after the one that used it last
	count := func(each func(r, i int32)) {
		clear(last)
		for i := range int32(p.len()) {
			for _, r := range p.rowsOf(i) {
				if last[r] <= i {
					last[r] = i + 1
					each(r, i)
				}
			}
		}
	}
	count(func(r, _ int32) { p.colStart[r+1]++ })
	for r := range p.cap {
		p.colStart[r+1] += p.colStart[r]
	}
	p.cols = make([]int32, p.colStart[len(p.cap)])
	next := slices.Clone(p.colStart)
	count(func(r, i int32) {
		p.cols[next[r]] = i
		next[r]++
	})
}

// expectations returns how many items each ring is expected to trade, in
// millionths; nil where everybody is certain.
func (c *core) expectations(p *pool) []int64 {
	if c.g.keeps == nil {
		return nil
	}
	list := make([]int64, p.len())
	var r Ring
	for i := range list {
		r = r[:0]
		for _, x := range p.ring(int32(i)) {
			r = append(r, c.node[x])
		}
		list[i] = c.g.expected(r)
	}
	return list
}

// pick returns a pool of some rings.
func (p *pool) pick(order []int32) *pool {
	out := &pool{}
	for _, i := range order {
		out.add(p.ring(i), int(p.size[i]), p.cost[i])
	}
	return out
}

// undominated sorts the rings by their offers and drops what another replaces;
// cut says that it dropped more.
func undominated(c *core, in *pool, expect []int64) (out []int32, cut bool) {
	n := in.len()
	sorted := slices.Clone(in.nodes) // per ring: offers ascending, then groups
	at := func(i int32) []int32 { return sorted[in.start[i]:in.start[i+1]] }
	order, size := make([]int32, n), make([]int32, n)
	for i := range order {
		order[i] = int32(i)
		list := at(int32(i))
		slices.Sort(list) // offers have the lower numbers
		k, _ := slices.BinarySearch(list, int32(c.offers))
		size[i] = int32(k)
	}
	offers := func(i int32) []int32 { return at(i)[:size[i]] }
	slices.SortFunc(order, func(a, b int32) int {
		if x := slices.Compare(offers(a), offers(b)); x != 0 {
			return x
		}
		if x := cmp.Compare(len(at(a)), len(at(b))); x != 0 {
			return x
		}
		if x := cmp.Compare(in.cost[a], in.cost[b]); x != 0 {
			return x
		}
		return slices.Compare(in.ring(a), in.ring(b))
	})
	var kept []int32 // of the same offers as the current ring
	for k, i := range order {
		if k > 0 && !slices.Equal(offers(i), offers(order[k-1])) {
			kept = kept[:0]
		}
		if slices.ContainsFunc(kept, func(j int32) bool {
			return in.cost[j] <= in.cost[i] && (expect == nil || expect[j] >= expect[i]) &&
				subset(at(j)[size[j]:], at(i)[size[i]:])
		}) {
			continue
		}
		if len(kept) >= maxVariants {
			cut = true // those with the fewest groups came first
			continue
		}
		kept = append(kept, i)
		out = append(out, i)
	}
	return out, cut
}

// subset reports whether the sorted a is contained in the sorted b, repeats
// counted.
func subset(a, b []int32) bool {
	k := 0
	for _, x := range a {
		for k < len(b) && b[k] < x {
			k++
		}
		if k == len(b) || b[k] != x {
			return false
		}
		k++
	}
	return true
}

// of returns what column i adds to a goal, more being better. People are not
// counted by columns: one who is in two rings trades once.
func (p *packing) of(goal Goal, i int32) int64 {
	switch goal {
	case Items:
		return int64(p.items[i])
	case Cost:
		return -p.cost[i]
	case Worth:
		if p.top > 0 {
			return int64(p.items[i])*p.top - p.cost[i]
		}
	case Expected:
		if p.expect != nil {
			return p.expect[i]
		}
	}
	return 0
}

// fits takes column i if the use so far, and that of columns taken already (nil
// for none), leave room for it: how often each resource is used and, behind the
// resources, what each limit weighs.
func (p *packing) fits(i int32, use map[int32]int64, taken *choice) bool {
	rows, loads, first := p.rowsOf(i), p.loadsOf(i), int32(len(p.cap))
	for k, r := range rows {
		room := int64(p.cap[r])
		if taken != nil {
			room -= int64(taken.used[r])
		}
		if use[r]++; use[r] > room {
			for _, q := range rows[:k+1] {
				use[q]--
			}
			return false
		}
	}
	for _, l := range loads {
		room := p.most[l.limit]
		if taken != nil {
			room -= taken.weight[l.limit]
		}
		if use[first+l.limit]+l.weight > room {
			for _, q := range rows {
				use[q]--
			}
			return false
		}
	}
	for _, l := range loads {
		use[first+l.limit] += l.weight
	}
	return true
}

// leave takes back what fits took.
func (p *packing) leave(i int32, use map[int32]int64) {
	for _, r := range p.rowsOf(i) {
		use[r]--
	}
	for _, l := range p.loadsOf(i) {
		use[int32(len(p.cap))+l.limit] -= l.weight
	}
}
