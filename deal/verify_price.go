package deal

import (
	"math"
	"math/bits"
	"slices"
)

// A ledger computes with numbers from strangers; broken says that a result did
// not fit, and is not to be believed.
type ledger struct{ broken bool }

func (l *ledger) add(a, b int64) int64 {
	sum := a + b
	if a > 0 && b > 0 && sum < 0 || a < 0 && b < 0 && sum >= 0 {
		l.broken = true
		return 0
	}
	return sum
}

func (l *ledger) mul(a, b int64) int64 {
	hi, lo := bits.Mul64(absolute(a), absolute(b))
	if hi != 0 || lo > math.MaxInt64 {
		l.broken = true
		return 0
	}
	if (a < 0) != (b < 0) {
		return -int64(lo)
	}
	return int64(lo)
}

func absolute(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// Bounds of what a certificate may say, so that sums of a ring fit an int64.
const (
	maxPrice = 1 << 60
	maxScale = 1 << 40
)

// A pricing is Prices laid out for the rings of a core.
type pricing struct {
	scale  int64
	total  int64
	goal   []int64 // what a unit of each goal is worth, scaled, less its price
	node   []int64 // per node of the core
	limit  []int64 // per limit of the graph
	cut    []int64 // per cut of the proof
	person map[int32]int64
	taken  map[int32]int64 // what rings of the pool receive
}

// price reads prices; their numbers must be known, in order and each once.
func (v *verifier) price(p *Prices) (*pricing, error) {
	if p.Scale < 1 || p.Scale > maxScale {
		return nil, v.invalid("scale %d is not within 1 and %d", p.Scale, int64(maxScale))
	}
	out := &pricing{scale: p.Scale, node: make([]int64, len(v.core.node)), limit: make([]int64, len(v.g.limits)),
		cut: make([]int64, len(v.cuts.rows)), person: make(map[int32]int64), taken: make(map[int32]int64)}
	for _, w := range v.weights {
		out.goal = append(out.goal, v.sum.mul(w, p.Scale))
	}
	at := v.places()
	err := v.each("node", p.Nodes, len(v.g.owner), func(n, x int64) {
		if c := at[n]; c >= 0 { // others are on no ring
			out.node[c] = x
			out.pay(v, int64(v.core.limit(c)), x)
		}
	})
	if err == nil {
		err = v.each("limit", p.Limits, len(v.g.limits), func(n, x int64) {
			out.limit[n] = x
			out.pay(v, 1, x)
		})
	}
	if err == nil {
		err = v.each("cut", p.Cuts, len(v.cuts.rows), func(n, x int64) {
			out.cut[n] = x
			out.pay(v, v.cuts.rows[n].room, x)
		})
	}
	if err == nil {
		err = v.each("person", p.People, math.MaxInt32, func(n, x int64) {
			out.person[int32(n)] = x
			out.pay(v, 1, x)
		})
	}
	if err == nil {
		err = v.each("goal", p.Goals, len(v.weights)-1, func(n, x int64) {
			most := v.value.Of(v.goals[n])
			if v.goals[n] == Cost {
				most = -most
			}
			out.goal[n] = v.sum.add(out.goal[n], -x)
			out.pay(v, most, x)
		})
	}
	if err == nil {
		err = v.each("branch", p.Taken, 1<<31-1, func(n, x int64) {
			out.pay(v, -1, x)
			i := slices.IndexFunc(v.taken, func(t taken) bool { return t.branch == int(n) })
			if i < 0 {
				v.astray = true
				return
			}
			out.taken[v.taken[i].ring] = x
		})
	}
	if err == nil && v.astray {
		err = v.invalid("a ring receives something though the branch does not take it")
	}
	v.work.add(int64((len(v.core.node)+len(v.g.limits)+len(v.cuts.rows))/16 + 4))
	return out, err
}

// pay adds to the total what all rings together may pay for something.
func (out *pricing) pay(v *verifier, room, price int64) {
	out.total = v.sum.add(out.total, v.sum.mul(room, price))
}

// each calls f for a list of prices.
func (v *verifier) each(what string, list []Price, n int, f func(n, x int64)) error {
	last := int64(math.MinInt64)
	v.work.add(int64(len(list)))
	for _, p := range list {
		switch {
		case p[0] <= last:
			return v.invalid("prices: %s %d stands after %d", what, p[0], last)
		case what != "person" && p[0] < 0 || p[0] >= int64(n) || p[0] < math.MinInt32:
			return v.invalid("prices: %s %d is unknown, there are %d", what, p[0], n)
		case p[1] < 0 || p[1] > maxPrice:
			return v.invalid("prices: %d for %s %d is not within 0 and %d", p[1], what, p[0], int64(maxPrice))
		}
		last = p[0]
		f(p[0], p[1])
	}
	return nil
}

// places returns the number in the core of each node of the graph, or -1.
func (v *verifier) places() []int32 {
	if v.at == nil {
		v.at = make([]int32, v.g.Len())
		for n := range v.at {
			v.at[n] = -1
		}
		for c, n := range v.core.node {
			v.at[n] = int32(c)
		}
	}
	return v.at
}

// trades is what trading counts for somebody's ring, less what it pays for them.
func (v *verifier) trades(pr *pricing, owner int32) int64 {
	k := slices.Index(v.goals[:len(v.weights)], People)
	if k < 0 {
		return 0
	}
	return max(0, v.sum.add(pr.goal[k], -pr.person[owner]))
}

// surplus is what ring j of the pool gains beyond what it pays.
func (v *verifier) surplus(pr *pricing, j int32) int64 {
	expect := int64(0)
	if v.expect != nil {
		expect = v.expect[j]
	}
	d := v.surplusOf(pr, v.pool.ring(j), int64(v.pool.size[j]), v.pool.cost[j], expect)
	return v.sum.add(d, pr.taken[j])
}

func (v *verifier) surplusOf(pr *pricing, ring []int32, items, cost, expect int64) int64 {
	l, d := &v.sum, int64(0)
	for k, goal := range v.goals[:len(v.weights)] {
		of := int64(0)
		switch goal {
		case Items:
			of = items
		case Cost:
			of = -cost
		case Worth:
			if v.g.top > 0 {
				of = l.add(l.mul(items, v.g.top), -cost)
			}
		case Expected:
			of = expect
		case People:
			continue
		}
		d = l.add(d, l.mul(of, pr.goal[k]))
	}
	for i, x := range ring {
		d = l.add(d, -pr.node[x])
		u := v.core.owner[x]
		if !slices.ContainsFunc(ring[:i], func(y int32) bool { return v.core.owner[y] == u }) {
			d = l.add(d, v.trades(pr, u))
		}
	}
	if v.charged != nil {
		for _, s := range sums(v.charged, ring) {
			d = l.add(d, -part(pr.limit[s.limit], s.weight, v.g.limits[s.limit].most))
		}
	}
	v.cuts.each(v, ring, func(k int, times int64) {
		d = l.add(d, -l.mul(times, pr.cut[k]))
	})
	v.work.add(int64(len(ring)/2 + 1))
	return d
}

// cutTable are the cuts of a proof, laid out for rings.
type cutTable struct {
	rows   []cutRow
	nodes  map[int32][]Price // cuts that a node of the core is in, and how often
	limits map[int32][]Price // cuts that a limit is in, and how often
	sums   []int64           // scratch
	open   []int64           // scratch: cuts touched, a heap
}

type cutRow struct {
	by, room int64
	into     []Price // later cuts that this one is in, and how often
}

// read checks cuts and lays them out.
func (c *cutTable) read(v *verifier, list []Cut) error {
	*c = cutTable{nodes: make(map[int32][]Price), limits: make(map[int32][]Price), sums: make([]int64, len(list))}
	at := v.places()
	for k, cut := range list {
		if cut.By < 1 || cut.By > MaxWeight {
			return v.invalid("cut %d: divided by %d, which is not within 1 and %d", k, cut.By, int64(MaxWeight))
		}
		row, sum := cutRow{by: cut.By}, int64(0)
		err := v.each("node", cut.Nodes, len(v.g.owner), func(n, times int64) {
			if x := at[n]; x >= 0 {
				c.nodes[x] = append(c.nodes[x], Price{int64(k), times})
				sum = v.sum.add(sum, v.sum.mul(times, int64(v.core.limit(x))))
			}
		})
		if err == nil {
			err = v.each("limit", cut.Limits, len(v.g.limits), func(n, times int64) {
				if times > 0 {
					c.limits[int32(n)] = append(c.limits[int32(n)], Price{int64(k), times})
				}
				sum = v.sum.add(sum, v.sum.mul(times, v.g.limits[n].most))
			})
		}
		if err == nil {
			err = v.each("cut", cut.Cuts, k, func(n, times int64) {
				c.rows[n].into = append(c.rows[n].into, Price{int64(k), times})
				sum = v.sum.add(sum, v.sum.mul(times, c.rows[n].room))
			})
		}
		if err != nil {
			return err
		}
		row.room = sum / cut.By
		c.rows = append(c.rows, row)
	}
	return nil
}

// each calls f for the cuts that a ring counts in, and how often it does.
func (c *cutTable) each(v *verifier, ring []int32, f func(k int, times int64)) {
	if len(c.rows) == 0 {
		return
	}
	c.open = c.open[:0]
	touch := func(k, times int64) {
		if c.sums[k] == 0 {
			c.push(k)
		}
		c.sums[k] = v.sum.add(c.sums[k], times)
	}
	for _, x := range ring {
		v.work.add(int64(len(c.nodes[x])))
		for _, p := range c.nodes[x] {
			if p[1] > 0 {
				touch(p[0], p[1])
			}
		}
	}
	if len(c.limits) > 0 && v.charged != nil {
		c.weigh(v, ring, touch)
	}
	for len(c.open) > 0 { // lowest first: cuts count in later ones only
		k := c.pop()
		times := c.sums[k] / c.rows[k].by
		c.sums[k] = 0
		if times > 0 {
			f(int(k), times)
			v.work.add(int64(len(c.rows[k].into)))
			for _, p := range c.rows[k].into {
				if p[1] > 0 {
					touch(p[0], v.sum.mul(times, p[1]))
				}
			}
		}
		v.work.add(2)
	}
}

// push and pop keep c.open a heap.
func (c *cutTable) push(k int64) {
	c.open = append(c.open, k)
	for i := len(c.open) - 1; i > 0; {
		up := (i - 1) / 2
		if c.open[up] <= c.open[i] {
			return
		}
		c.open[up], c.open[i] = c.open[i], c.open[up]
		i = up
	}
}

func (c *cutTable) pop() int64 {
	k, last := c.open[0], len(c.open)-1
	c.open[0] = c.open[last]
	c.open = c.open[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < last && c.open[down+1] < c.open[down] {
			down++
		}
		if down >= last || c.open[i] <= c.open[down] {
			return k
		}
		c.open[down], c.open[i] = c.open[i], c.open[down]
		i = down
	}
}

// weigh touches the cuts by what a ring weighs.
func (c *cutTable) weigh(v *verifier, ring []int32, touch func(k, times int64)) {
	for _, s := range sums(v.charged, ring) {
		v.work.add(int64(len(c.limits[s.limit])) + 1)
		for _, p := range c.limits[s.limit] {
			touch(p[0], v.sum.mul(p[1], s.weight))
		}
	}
}
