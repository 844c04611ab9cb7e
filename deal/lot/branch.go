package lot

import (
	"math"
	"slices"

	"sxp/deal"
	"sxp/deal/internal/simplex"
)

// near is how near to a whole number an amount counts as one.
const near = 1e-6

// A node is a decision and those above it.
type node struct {
	above *node
	move  int32 // or -1: col
	col   int32
	least bool // at least n, otherwise at most
	n     float64
	bound int64
	depth int
}

// solve reaches the goals one after the other and returns the bound on the
// first. Each goal has a share of the work.
func (g *program) solve() (bound int64) {
	g.lay()
	g.users = make(map[int32][]int32)
	for j := range g.cols {
		for _, u := range g.cols[j].moves {
			g.users[u.move] = append(g.users[u.move], int32(j))
		}
	}
	g.best = make([]int64, len(g.cols))
	g.bestValue, _ = g.valueOf(g.best)
	g.whole = true
	for i, goal := range g.goals {
		g.aim(goal)
		if i == 0 {
			x := make([]int64, len(g.cols))
			g.fill(x, nil) // something is there however soon the search must end
			g.offer(x)
		}
		var b int64
		g.work.within((g.work.budget-g.work.done)/2, func() { b = g.stage(i) })
		if i == 0 {
			bound = b
		}
		if b > of(g.bestValue, goal) {
			g.whole = false
			break // what follows would be proven for the goals before as they stand only
		}
		if i < len(g.goals)-1 {
			g.keep(goal)
		}
	}
	return bound
}

// keep adds the row that holds the goal reached.
func (g *program) keep(goal deal.Goal) {
	g.reset()
	var cols []int32
	var vals []float64
	for j, n := range g.gains {
		if n != 0 {
			cols, vals = append(cols, int32(j)), append(vals, float64(float64(n)*g.unit))
		}
	}
	if goal == deal.People {
		for _, j := range g.y {
			cols, vals = append(cols, j), append(vals, 1)
		}
	}
	if len(cols) == 0 {
		return
	}
	g.setRoom(g.atLeast(cols, vals), -float64(float64(of(g.bestValue, goal))*g.unit))
}

// reset takes all decisions back.
func (g *program) reset() {
	for _, p := range g.pairs {
		g.setRoom(p.most, p.idle)
		g.setRoom(p.least, 0)
	}
	for _, r := range g.single {
		g.setRoom(r, 0)
	}
	for j := range g.cols {
		g.setUpper(int32(j), float64(g.cols[j].upper))
	}
}

// stage reaches goal i: depth first, what is used more first.
func (g *program) stage(i int) (bound int64) {
	goal := g.goals[i]
	open := []*node{nil}
	last := g.trivial(goal)
	left := int64(math.MinInt64) // bound of what could not be decided
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		above := last
		if at != nil {
			above = at.bound
		}
		if above <= of(g.bestValue, goal) {
			continue
		}
		if g.work.spent() {
			left = max(left, above)
			continue
		}
		g.set(at)
		s := g.lp.Solve()
		if s == simplex.Infeasible || s == simplex.Broken {
			s = g.lean()
		}
		b := min(g.bound(), above)
		g.work.now.Stage = "prove"
		g.work.now.Best = g.bestValue
		if at == nil {
			last = b
		}
		if b <= of(g.bestValue, goal) {
			continue
		}
		if s != simplex.Optimal {
			left = max(left, b)
			continue
		}
		x := g.try(i)
		if b <= of(g.bestValue, goal) {
			continue
		}
		lower, upper := g.split(x, at, b)
		if lower == nil {
			left = max(left, b)
			continue
		}
		open = append(open, lower, upper)
	}
	return max(left, of(g.bestValue, goal))
}

// set makes the decisions of a node.
func (g *program) set(at *node) {
	g.reset()
	for n := at; n != nil; n = n.above {
		switch {
		case n.move >= 0 && n.least:
			p := g.pairs[n.move]
			g.setRoom(p.least, min(g.rooms[p.least], -n.n))
		case n.move >= 0:
			p := g.pairs[n.move]
			g.setRoom(p.most, min(g.rooms[p.most], n.n))
		case n.least:
			g.setRoom(g.single[n.col], min(g.rooms[g.single[n.col]], -n.n))
		default:
			g.setUpper(n.col, min(g.upper[n.col], n.n))
		}
	}
}

// try reads the amounts and looks whether what they are near to is better than
// the best by goal i and those behind it, given those before.
func (g *program) try(i int) []float64 {
	x := make([]float64, len(g.cols))
	down := make([]int64, len(g.cols))
	var order []int32
	for j := range g.cols {
		x[j] = g.lp.X(int32(j))
		if x[j] > near {
			down[j] = int64(math.Floor(x[j] + near))
			order = append(order, int32(j))
		}
	}
	g.offer(down)
	slices.SortStableFunc(order, func(a, b int32) int {
		fa, fb := x[a]-math.Floor(x[a]+near), x[b]-math.Floor(x[b]+near)
		switch {
		case fa > fb:
			return -1
		case fa < fb:
			return 1
		}
		return int(a - b)
	})
	g.fill(down, order)
	g.offer(down)
	return x
}

// offer takes a choice that is better than the best.
func (g *program) offer(x []int64) {
	v, ok := g.valueOf(x)
	if ok && v.Compare(g.bestValue, g.goals) > 0 {
		g.best, g.bestValue = slices.Clone(x), v
	}
}

// fill adds whatever still fits: first what the linear program uses in part,
// in this order, then all.
func (g *program) fill(x []int64, order []int32) {
	left := slices.Clone(g.size)
	for j, n := range x {
		for k, r := range g.cols[j].rows {
			left[r] -= g.cols[j].vals[k] * n
		}
	}
	add := func(j int32) {
		c := &g.cols[j]
		n := c.upper - x[j]
		for k, r := range c.rows {
			if c.vals[k] > 0 {
				n = min(n, left[r]/c.vals[k])
			} else if c.vals[k] < 0 {
				return
			}
		}
		if n <= 0 {
			return
		}
		x[j] += n
		for k, r := range c.rows {
			left[r] -= c.vals[k] * n
		}
	}
	for _, j := range order {
		add(j)
	}
	for j := range g.cols {
		if g.gains[j] >= 0 {
			add(int32(j))
		}
	}
	g.work.add(int64(len(g.cols)))
}

// split makes two nodes of one: a move that is used in part is used less or
// more; where there is none, a column. nil: all amounts are whole.
func (g *program) split(x []float64, at *node, b int64) (lower, upper *node) {
	used := make(map[int32]float64)
	for j, v := range x {
		if v > near {
			for _, u := range g.cols[j].moves {
				used[u.move] += float64(v * float64(u.times))
			}
		}
	}
	n := node{above: at, move: -1, col: -1, bound: b}
	if at != nil {
		n.depth = at.depth + 1
	}
	most := near
	for j, v := range x {
		if v <= near {
			continue
		}
		for _, u := range g.cols[j].moves {
			if f := used[u.move] - math.Floor(used[u.move]); min(f, 1-f) > most || min(f, 1-f) == most && u.move < n.move {
				most, n.move, n.n = min(f, 1-f), u.move, math.Floor(used[u.move])
			}
		}
	}
	if n.move < 0 {
		for j, v := range x {
			if f := v - math.Floor(v); min(f, 1-f) > most {
				most, n.col, n.n = min(f, 1-f), int32(j), math.Floor(v)
			}
		}
	}
	if n.move < 0 && n.col < 0 {
		return nil, nil
	}
	g.prepare(n.move, n.col)
	more := n
	more.least, more.n = true, n.n+1
	return &n, &more
}

// prepare makes the rows that decisions about a move or a column need.
func (g *program) prepare(move, col int32) {
	if move < 0 {
		if _, ok := g.single[col]; !ok {
			g.single[col] = g.atLeast([]int32{col}, []float64{1})
		}
		return
	}
	if g.pairs[move] != nil {
		return
	}
	cols := g.users[move]
	var vals []float64
	for _, j := range cols {
		for _, u := range g.cols[j].moves {
			if u.move == move {
				vals = append(vals, float64(u.times))
			}
		}
	}
	idle := 1.0
	for i, j := range cols {
		idle += float64(vals[i] * float64(g.cols[j].upper))
	}
	most := g.lp.AddCut(idle, cols, vals)
	g.rooms = append(g.rooms, idle)
	g.pairs[move] = &pair{most: most, least: g.atLeast(cols, vals), idle: idle}
}

// trivial is a bound without looking at the rows.
func (g *program) trivial(goal deal.Goal) int64 {
	if goal == deal.People {
		return int64(g.people)
	}
	sum := int64(0)
	for j, n := range g.gains {
		if n > 0 {
			sum = min(sum+product(n, g.cols[j].upper), huge)
		}
	}
	return sum
}
