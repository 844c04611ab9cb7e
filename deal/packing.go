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

	items []int32 // per column
	cost  []int64

	rowStart []int32 // resources of column i: rows[rowStart[i]:rowStart[i+1]];
	rows     []int32 // one that the ring passes twice stands there twice
	colStart []int32 // columns of resource r: cols[colStart[r]:colStart[r+1]]
	cols     []int32
	cap      []int32 // per resource; offers come first
	offers   int     // how many resources are offers

	whoStart []int32 // people of column i: who[whoStart[i]:whoStart[i+1]]
	who      []int32
	people   int
	cut      bool // some variants of a ring were left out, see maxVariants
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
	p := &packing{c: c}
	p.pool, p.cut = undominated(c, listed)
	n := p.pool.len()
	p.items, p.cost = p.pool.size, p.pool.cost
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
		p.cap = append(p.cap, c.limit(i))
		if !c.isGroup(i) {
			p.offers++
		}
	}
	person := make(map[int32]int32)
	p.rowStart, p.whoStart = append(p.rowStart, 0), append(p.whoStart, 0)
	for i := range int32(n) {
		first := len(p.who)
		for _, x := range p.pool.ring(i) {
			if row[x] >= 0 {
				p.rows = append(p.rows, row[x])
			}
			u, ok := person[c.owner[x]]
			if !ok {
				u = int32(len(person))
				person[c.owner[x]] = u
			}
			if !slices.Contains(p.who[first:], u) {
				p.who = append(p.who, u)
			}
		}
		p.rowStart = append(p.rowStart, int32(len(p.rows)))
		p.whoStart = append(p.whoStart, int32(len(p.who)))
	}
	p.people = len(person)
	p.transpose()
	return p
}

// transpose fills colStart and cols; a column stands once per resource.
func (p *packing) transpose() {
	p.colStart = make([]int32, len(p.cap)+1)
	count := func(each func(r, i int32)) {
		for i := range int32(p.len()) {
			rows := p.rowsOf(i)
			for k, r := range rows {
				if !slices.Contains(rows[:k], r) {
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

// undominated sorts the rings by their offers and drops what another replaces;
// cut says that it dropped more.
func undominated(c *core, in *pool) (out *pool, cut bool) {
	n := in.len()
	sorted := slices.Clone(in.nodes) // per ring: offers ascending, then groups
	at := func(i int32) []int32 { return sorted[in.start[i]:in.start[i+1]] }
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
		slices.Sort(at(int32(i))) // offers have the lower numbers
	}
	parts := func(i int32) (offers, groups []int32) {
		k, _ := slices.BinarySearch(at(i), int32(c.offers))
		return at(i)[:k], at(i)[k:]
	}
	offers := func(i int32) []int32 { o, _ := parts(i); return o }
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
	out = &pool{}
	var kept []int32 // of the same offers as the current ring
	for k, i := range order {
		if k > 0 && !slices.Equal(offers(i), offers(order[k-1])) {
			kept = kept[:0]
		}
		if len(kept) >= maxVariants {
			cut = true // those with the fewest groups came first
			continue
		}
		if slices.ContainsFunc(kept, func(j int32) bool {
			_, fewer := parts(j)
			_, groups := parts(i)
			return in.cost[j] <= in.cost[i] && subset(fewer, groups)
		}) {
			continue
		}
		kept = append(kept, i)
		out.add(in.ring(i), int(in.size[i]), in.cost[i])
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
