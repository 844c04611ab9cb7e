package deal

import (
	"cmp"
	"math/bits"
	"slices"

	"sxp/deal/internal/random"
	"sxp/deal/internal/simplex"
)

// A master is the linear program over all rings and chains of a core, of which
// it holds a part: columns are generated where they gain (Ford and Fulkerson
// 1958; Dantzig and Wolfe 1960). Row i is node i of the core, the limits follow.
type master struct {
	c    *core
	work *meter
	lp   *simplex.Problem
	pr   *pricer
	pool *pool // its columns
	room int   // how many there are at most
	seen map[string]bool

	most    []int64 // of each limit
	charges [][]charged

	// The best bound so far, in units of the pricer, and the prices of rows
	// that give it.
	bound  int64
	centre []int64
	proof  []int64 // raised so far that nothing gains: their sum is the bound

	rng   random.Source
	roots []int64  // the best surplus at each root, at the prices of the round
	fresh []priced // what the round found
	at    int      // where the finds of the current root begin
}

// A charged says what of a limit a node uses up.
type charged struct {
	limit  int32
	weight int64
}

// A priced is a ring or chain, and its surplus at some prices.
type priced struct {
	path    []int32
	items   int
	surplus int64
}

const (
	sampleRounds = 12  // before anything is solved
	blur         = 32  // prices are blurred by up to an item's gain through so much
	perRoot      = 30  // columns of one round from one root …
	perNode      = 6   // … and through one node
	smoothing    = 0.7 // how much of the centre is in the prices of a round
	lastSmooth   = 40  // rounds with it
	roundShare   = 10  // one round prices with at most this part of the work left
)

func newMaster(f *finder) *master {
	n := len(f.core.node)
	m := &master{c: f.core, work: f.work, lp: simplex.New(f.work), pr: newPricer(f.core, f.opt, f.goals[0], f.g.top, f.work), pool: &pool{}, room: f.room(),
		seen: make(map[string]bool), charges: make([][]charged, n), roots: make([]int64, n)}
	for range n {
		m.lp.AddRow(1)
	}
	back := make(map[Node]int32, n)
	for i, x := range f.core.node {
		back[x] = int32(i)
	}
	for l := range f.g.NumLimits() {
		most, nodes, weight := f.g.Limit(l)
		m.lp.AddRow(1)
		m.most = append(m.most, most)
		for k, x := range nodes {
			if i, ok := back[x]; ok && weight[k] > 0 {
				m.charges[i] = append(m.charges[i], charged{int32(l), weight[k]})
			}
		}
	}
	m.learn(m.flat())
	return m
}

// flat are prices that hold for whatever there is: nothing gains beyond an
// item for each node.
func (m *master) flat() []int64 {
	rows := make([]int64, len(m.c.node)+len(m.most))
	for i := range m.c.node {
		rows[i] = m.pr.unit
	}
	return rows
}

// learn takes prices at which nothing gains.
func (m *master) learn(rows []int64) {
	m.centre, m.proof, m.bound = rows, rows, 0
	for _, x := range rows {
		m.bound += x
	}
}

// begin takes prices that hold for rings and chains of any length: an assignment
// of what is given to what is taken loses an item's gain where something is not
// taken, and what its arcs cost. The potentials of both sides of a node are less
// than that loss by the node's price.
func (m *master) begin() {
	a := newAssignment(m.c)
	for k, arc := range a.arc {
		a.cost[k] = m.pr.unit
		if arc >= 0 {
			a.cost[k] = m.pr.costs * m.c.cost[arc]
		}
	}
	if !a.solve(m.work) {
		return
	}
	rows := m.flat()
	for i := range m.c.node {
		rows[i] -= a.u[i] + a.v[i]
	}
	m.learn(rows)
}

// share is how much of a limit's price a node pays.
func (m *master) share(ch charged, price int64) int64 {
	if ch.weight >= m.most[ch.limit] {
		return price
	}
	hi, lo := bits.Mul64(uint64(price), uint64(ch.weight))
	q, _ := bits.Div64(hi, lo, uint64(m.most[ch.limit]))
	return int64(q)
}

// perNode is what each node pays where the rows have these prices.
func (m *master) perNode(rows []int64) []int64 {
	n := len(m.c.node)
	price := slices.Clone(rows[:n])
	for i := range price {
		for _, ch := range m.charges[i] {
			price[i] += m.share(ch, rows[n+int(ch.limit)])
		}
	}
	return price
}

// add makes a ring or chain a column, if it is none yet.
func (m *master) add(path []int32, items int) bool {
	key := make([]byte, 0, 4*len(path))
	for _, x := range path {
		key = append(key, byte(x), byte(x>>8))
	}
	if m.seen[string(key)] {
		return false
	}
	m.seen[string(key)] = true
	cost := m.c.costAlong(path)
	m.pool.add(path, items, cost)
	rows, vals := slices.Clone(path), make([]float64, len(path))
	for k, x := range path {
		vals[k] = 1
		for _, ch := range m.charges[x] {
			rows = append(rows, int32(len(m.c.node))+ch.limit)
			vals = append(vals, min(float64(ch.weight)/float64(max(m.most[ch.limit], 1)), 2))
		}
	}
	gain := float64(items) - float64(m.pr.costs)/float64(m.pr.unit)*float64(cost)
	m.lp.AddColumn(gain, rows, vals)
	m.work.add(int64(len(rows) / 8))
	return true
}

// solve generates columns until no more are lacking, or until more cannot lower
// the whole part of the bound; it reports whether it came that far.
func (m *master) solve() bool {
	for round := 0; ; round++ {
		if m.lp.Primal() != simplex.Optimal {
			return false
		}
		now, total := m.prices()
		m.work.now.Bound, m.work.now.Listed = m.bound/m.pr.scale, m.pool.len()
		if m.bound/m.pr.scale <= total/m.pr.scale {
			return true
		}
		mixed := now
		if round < lastSmooth {
			mixed = make([]int64, len(now))
			for i, x := range now {
				mixed[i] = x + int64(float64(m.centre[i]-x)*smoothing) + int64(m.rng.Below(int(m.pr.unit/blur)))
			}
		}
		added, whole := m.price(mixed)
		if added == 0 && round < lastSmooth {
			added, whole = m.price(now)
		}
		if m.work.spent() || added == 0 || m.pool.len() > m.room/2 {
			return whole && added == 0
		}
	}
}

// sample makes columns of rings and chains that the best prices so far hardly
// rule out: lowered a little at random, they let some of them gain. Short rings
// are sought for themselves; they fill what longer ones leave.
func (m *master) sample() {
	longest := m.pr.maxRing
	for round := range sampleRounds {
		if m.work.spent() {
			break
		}
		lower := slices.Clone(m.centre)
		for i := range lower {
			lower[i] = max(0, lower[i]-int64(m.rng.Below(int(m.pr.unit/blur))))
		}
		m.pr.maxRing = longest - round%max(longest-1, 1)
		m.gather(lower)
		m.keep()
	}
	m.pr.maxRing = longest
}

// worthy returns a function that lists the columns of a packing which a choice
// of at least some gain may hold.
func (m *master) worthy(p *packing, gain []int64) func(int64) []int32 {
	price := m.perNode(m.proof)
	lack := make([]int64, p.len())
	for j := range lack {
		lack[j] = -gain[j] * m.pr.scale
		for _, x := range p.pool.ring(int32(j)) {
			lack[j] += price[x]
		}
	}
	return func(least int64) (cols []int32) {
		for j, l := range lack {
			if m.bound-l >= least*m.pr.scale {
				cols = append(cols, int32(j))
			}
		}
		return cols
	}
}

// prices returns the prices of the rows in units, rounded up, and their sum.
func (m *master) prices() (rows []int64, total int64) {
	rows = make([]int64, len(m.centre))
	for i := range rows {
		if d := m.lp.Price(int32(i)); d > 0 {
			rows[i] = int64(float64(d*float64(m.pr.unit))) + 2
		}
		total += rows[i]
	}
	return rows, total
}

// price makes columns of what gains at these prices, and learns the bound that
// they give: their sum and what the best at each root gains beyond them.
func (m *master) price(rows []int64) (added int, whole bool) {
	whole = m.gather(rows)
	total := int64(0)
	for _, x := range rows {
		total += x
	}
	for _, s := range m.roots {
		total += s
	}
	if whole && total < m.bound {
		m.bound, m.centre = total, rows
		m.proof = slices.Clone(rows)
		for i, s := range m.roots {
			m.proof[i] += s
		}
	}
	return m.keep(), whole
}

// gather looks for rings and chains that gain at these prices; it reports
// whether the best at each root is among them.
func (m *master) gather(rows []int64) (whole bool) {
	clear(m.roots)
	m.fresh, m.at = m.fresh[:0], 0
	last := int32(-1)
	m.pr.set(m.perNode(rows))
	m.pr.quota = max(1, (m.work.budget-m.work.done)/roundShare/int64(len(m.roots)))
	whole = m.pr.above(0, true, func(path []int32, items int, surplus int64) bool {
		root := path[0]
		if x := path[len(path)-1]; m.c.isGift(x) {
			root = x
		}
		if root != last {
			m.thin()
			last = root
		}
		m.roots[root] = max(m.roots[root], surplus)
		m.fresh = append(m.fresh, priced{slices.Clone(path), items, surplus})
		return true
	})
	m.thin()
	return whole
}

// keep makes columns of the best that were found, spread over the nodes.
func (m *master) keep() (added int) {
	slices.SortStableFunc(m.fresh, func(a, b priced) int { return cmp.Compare(b.surplus, a.surplus) })
	passed := make([]int, len(m.c.node))
	for _, x := range m.fresh {
		crowded := 0
		for _, i := range x.path {
			if passed[i] >= perNode {
				crowded++
			}
		}
		if crowded > 1 || !m.add(x.path, x.items) {
			continue
		}
		for _, i := range x.path {
			passed[i]++
		}
		added++
	}
	return added
}

// thin keeps the best finds of the root that was looked at last.
func (m *master) thin() {
	own := m.fresh[m.at:]
	slices.SortStableFunc(own, func(a, b priced) int { return cmp.Compare(b.surplus, a.surplus) })
	m.fresh = m.fresh[:m.at+min(len(own), perRoot)]
	m.at = len(m.fresh)
}
