package deal

import "slices"

// A charge is what passing a node uses up of a limit.
type charge struct {
	limit  int32
	weight int64
}

// charges returns what each node of the core uses up of the graph's limits; nil
// where there are none.
func (c *core) charges() [][]charge {
	if len(c.g.limits) == 0 {
		return nil
	}
	at := make(map[Node]int32, len(c.node))
	for x, n := range c.node {
		at[n] = int32(x)
	}
	list := make([][]charge, len(c.node))
	for i, l := range c.g.limits {
		for k, n := range l.nodes {
			if x, ok := at[n]; ok && l.weight[k] > 0 {
				list[x] = append(list[x], charge{int32(i), l.weight[k]})
			}
		}
	}
	return list
}

// fitting returns the rings that no limit forbids alone.
func (c *core) fitting(in *pool) *pool {
	of := c.charges()
	if of == nil {
		return in
	}
	out := &pool{}
	for i := range int32(in.len()) {
		if !slices.ContainsFunc(sums(of, in.ring(i)), func(s charge) bool { return s.weight > c.g.limits[s.limit].most }) {
			out.add(in.ring(i), int(in.size[i]), in.cost[i])
		}
	}
	return out
}

// sums adds up the charges of nodes per limit, lowest limit first; those of each
// node are in that order.
func sums(of [][]charge, nodes []int32) []charge {
	var all, next []charge
	for _, x := range nodes {
		if len(of[x]) == 0 {
			continue
		}
		next = addCharges(next[:0], all, of[x])
		all, next = next, all
	}
	return all
}

// addCharges appends to out the sum of two lists of charges.
func addCharges(out, a, b []charge) []charge {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].limit < b[0].limit:
			out, a = append(out, a[0]), a[1:]
		case a[0].limit > b[0].limit:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, charge{a[0].limit, a[0].weight + b[0].weight})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// A weighing is the part of a packing about limits whose nodes weigh
// differently. Those that only count are resources like any other.
type weighing struct {
	limit     []int32 // of the graph
	most      []int64 // per limit kept
	loadStart []int32 // what column i weighs: loads[loadStart[i]:loadStart[i+1]]
	loads     []charge
	per       [][]charge // per node of the core; limits as kept
}

// loadsOf is what column i uses up of each limit that it touches.
func (w *weighing) loadsOf(i int32) []charge {
	if len(w.most) == 0 {
		return nil
	}
	return w.loads[w.loadStart[i]:w.loadStart[i+1]]
}

// weightOf is what column i uses up of one limit.
func (w *weighing) weightOf(i, limit int32) int64 {
	of := w.loadsOf(i)
	k, ok := slices.BinarySearchFunc(of, limit, func(l charge, limit int32) int { return int(l.limit) - int(limit) })
	if !ok {
		return 0
	}
	return of[k].weight
}

// weigh sorts the limits: it adds a resource for each that counts, and returns
// for each node of the core the resources that it uses beside its own. Limits
// that cannot be exceeded are left out.
func (p *packing) weigh() (counted [][]int32) {
	counted = make([][]int32, len(p.c.node))
	of := p.c.charges()
	if of == nil {
		return counted
	}
	p.per = make([][]charge, len(of))
	total, unit, heaviest := make([]int64, len(p.c.g.limits)), make([]int64, len(p.c.g.limits)), make([]int64, len(p.c.g.limits))
	for _, list := range of {
		for _, one := range list {
			total[one.limit] += one.weight
			unit[one.limit] = gcd(unit[one.limit], one.weight)
			heaviest[one.limit] = max(heaviest[one.limit], one.weight)
		}
	}
	resource, kept := make([]int32, len(total)), make([]int32, len(total))
	for i, l := range p.c.g.limits {
		resource[i], kept[i] = -1, -1
		switch most := l.most; {
		case total[i] <= most:
		case unit[i] == heaviest[i]:
			resource[i] = int32(len(p.cap))
			p.cap, p.source = append(p.cap, int32(most/unit[i])), append(p.source, source{limit: int32(i), unit: unit[i]})
		default:
			kept[i] = int32(len(p.most))
			p.limit, p.most = append(p.limit, int32(i)), append(p.most, most)
		}
	}
	for x, list := range of {
		for _, one := range list {
			if r := resource[one.limit]; r >= 0 {
				counted[x] = append(counted[x], r)
			} else if k := kept[one.limit]; k >= 0 {
				p.per[x] = append(p.per[x], charge{k, one.weight})
			}
		}
	}
	if len(p.most) > 0 {
		p.loadStart = append(p.loadStart, 0)
	}
	return counted
}

// load takes note of what the next column weighs.
func (p *packing) load(ring []int32) {
	if len(p.most) > 0 {
		p.loads = append(p.loads, sums(p.per, ring)...)
		p.loadStart = append(p.loadStart, int32(len(p.loads)))
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
