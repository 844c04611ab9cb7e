package lot

import (
	"math"

	"sxp/deal"
	"sxp/deal/internal/simplex"
)

// A column is something that may happen so many times at most.
type column struct {
	rows   []int32
	vals   []int64
	upper  int64
	items  int64
	cost   int64
	expect int64
	people []int32
	moves  []counted32 // to branch on
}

// A program chooses how often each column happens such that no row exceeds its
// size: integer programming, one goal after the other. Linear programs guide
// it; what it claims is computed again from their prices with a margin for
// rounding.
type program struct {
	work   *meter
	size   []int64
	cols   []column
	people int
	goals  []deal.Goal
	top    int64

	lp     *simplex.Problem
	row    []int32         // of the linear program, per row; -1: never full
	scale  []float64       // what each row is divided by
	rooms  []float64       // of all rows of the linear program, as they stand
	y      []int32         // the column of a person who trades, where people are a goal
	y0     int             // where they begin
	soft   map[int32]int32 // rows of at least so much: the column that makes up for what is missing
	gains  []int64         // of the goal at hand, per column
	unit   float64         // what gains are multiplied by in the linear program
	upper  []float64       // of all columns of the linear program
	pairs  map[int32]*pair
	single map[int32]int32 // columns: the row that asks for at least so many
	users  map[int32][]int32

	best      []int64
	bestValue deal.Value
	whole     bool // every goal is proven
}

// A pair of rows bounds how often a move is used, from above and below.
type pair struct {
	most, least int32
	idle        float64 // the room of most where nothing is decided
}

// valueOf works out what a choice is worth; false: it does not fit.
func (g *program) valueOf(x []int64) (deal.Value, bool) {
	var v deal.Value
	used := make([]int64, len(g.size))
	trades := make([]bool, g.people)
	for j, n := range x {
		if n == 0 {
			continue
		}
		c := &g.cols[j]
		if n < 0 || n > c.upper {
			return v, false
		}
		for k, r := range c.rows {
			sum, ok := plus(used[r], c.vals[k], n)
			if !ok {
				return v, false
			}
			used[r] = sum
		}
		v.Items += int(c.items * n)
		v.Cost += c.cost * n
		v.Expected += c.expect * n
		for _, u := range c.people {
			if !trades[u] {
				trades[u] = true
				v.People++
			}
		}
	}
	for r, n := range used {
		if n > g.size[r] {
			return v, false
		}
	}
	if g.top > 0 {
		v.Worth = int64(v.Items)*g.top - v.Cost
	}
	return v, true
}

// gain is what one time of a column adds to a goal; more is better.
func (g *program) gain(c *column, goal deal.Goal) int64 {
	switch goal {
	case deal.Items:
		return c.items
	case deal.Cost:
		return -c.cost
	case deal.Worth:
		return c.items*g.top - c.cost
	case deal.Expected:
		return c.expect
	}
	return 0 // people: see lay
}

// of is the part of a value that a goal looks at; more is better.
func of(v deal.Value, goal deal.Goal) int64 {
	if goal == deal.Cost {
		return -v.Cost
	}
	return v.Of(goal)
}

// lay builds the linear program. Rows that cannot be full are left out; each
// is divided by its largest entry.
func (g *program) lay() {
	g.lp = simplex.New(g.work)
	g.soft, g.pairs, g.single = make(map[int32]int32), make(map[int32]*pair), make(map[int32]int32)
	sum, mixed := make([]float64, len(g.size)), make([]bool, len(g.size))
	g.scale = make([]float64, len(g.size))
	g.row = make([]int32, len(g.size))
	for j := range g.cols {
		c := &g.cols[j]
		for k, r := range c.rows {
			v := float64(c.vals[k])
			g.scale[r] = max(g.scale[r], math.Abs(v))
			mixed[r] = mixed[r] || v < 0
			if v > 0 {
				sum[r] += float64(v * float64(c.upper))
			}
		}
	}
	for r, size := range g.size {
		g.row[r] = -1
		if sum[r] > float64(size) {
			g.row[r] = g.addRow(float64(size) / g.scale[r])
		}
	}
	trades := g.trading()
	var rows []int32
	var vals []float64
	for j := range g.cols {
		c := &g.cols[j]
		rows, vals = rows[:0], vals[:0]
		tight := false
		for k, r := range c.rows {
			if g.row[r] >= 0 {
				rows, vals = append(rows, g.row[r]), append(vals, float64(c.vals[k])/g.scale[r])
				tight = tight || !mixed[r] && c.vals[k] > 0 && c.vals[k]*c.upper >= g.size[r]
			}
		}
		for _, u := range c.people {
			if trades != nil {
				rows, vals = append(rows, trades[u]), append(vals, -1)
			}
		}
		i := g.lp.AddColumn(0, rows, vals)
		if !tight {
			g.lp.SetUpper(i, float64(c.upper))
		}
		g.upper = append(g.upper, float64(c.upper))
	}
	g.y0 = len(g.cols)
	for _, r := range trades {
		j := g.lp.AddColumn(0, []int32{r}, nil)
		g.lp.SetUpper(j, 1)
		g.upper = append(g.upper, 1)
		g.y = append(g.y, j)
	}
	g.work.add(int64(len(g.cols)) * 10)
}

// trading makes the rows "who trades is in something chosen", where people are
// a goal.
func (g *program) trading() []int32 {
	for _, goal := range g.goals {
		if goal != deal.People {
			continue
		}
		rows := make([]int32, g.people)
		for u := range rows {
			rows[u] = g.addRow(0)
		}
		return rows
	}
	return nil
}

func (g *program) addRow(room float64) int32 {
	g.rooms = append(g.rooms, room)
	return g.lp.AddRow(room)
}

// atLeast adds a row "the sum is at least so much" over columns that are
// there, with a column that may make up for what is missing at a price. It
// demands nothing until setRoom says so (below 0).
func (g *program) atLeast(cols []int32, vals []float64) int32 {
	minus := make([]float64, len(vals))
	for i, v := range vals {
		minus[i] = -v
	}
	r := g.lp.AddCut(0, cols, minus)
	g.rooms = append(g.rooms, 0)
	j := g.lp.AddColumn(fine, []int32{r}, []float64{-1})
	g.soft[r] = j
	for int(j) >= len(g.upper) {
		g.upper = append(g.upper, math.Inf(1))
	}
	return r
}

// fine is the gain of what makes up for something missing.
const fine = -1000

func (g *program) setRoom(r int32, room float64) {
	if g.rooms[r] != room {
		g.rooms[r] = room
		g.lp.SetRoom(r, room)
	}
}

func (g *program) setUpper(j int32, upper float64) {
	if g.upper[j] != upper {
		g.upper[j] = upper
		g.lp.SetUpper(j, upper)
	}
}

// lean solves again from a basis that obeys all rows: what makes up for
// something missing does so, and nothing else happens yet. There always is an
// answer; this is the way to it where the usual one ended elsewhere.
func (g *program) lean() simplex.Status {
	var cols []int32
	for r := range int32(len(g.rooms)) {
		if j, ok := g.soft[r]; ok && g.rooms[r] < 0 {
			cols = append(cols, j)
		}
	}
	g.lp.Begin(cols, func(r int32) bool { _, ok := g.soft[r]; return !ok || g.rooms[r] >= 0 })
	return g.lp.Solve()
}

// aim sets the gains of a goal, the largest about 10 in the linear program.
func (g *program) aim(goal deal.Goal) {
	g.gains = make([]int64, len(g.cols))
	most := int64(1)
	for j := range g.cols {
		g.gains[j] = g.gain(&g.cols[j], goal)
		most = max(most, g.gains[j], -g.gains[j])
	}
	g.unit = min(1, 10/float64(most))
	for j, n := range g.gains {
		g.lp.SetGain(int32(j), float64(float64(n)*g.unit))
	}
	for _, j := range g.y {
		g.lp.SetGain(j, 0)
		if goal == deal.People {
			g.lp.SetGain(j, 1)
		}
	}
}

// bound is what no choice within the rooms and uppers as they stand gains more
// than, by weak duality: it holds for whatever prices of 0 or more, and rounding
// is allowed for.
func (g *program) bound() int64 {
	price := make([]float64, g.lp.Rows())
	sum, err := 0.0, 0.0
	for r := range price {
		price[r] = max(0, g.lp.Price(int32(r)))
		if _, ok := g.soft[int32(r)]; ok {
			price[r] = min(price[r], -fine*(1-0x1p-30)) // less than what making up costs
		}
		t := float64(price[r] * g.rooms[r])
		sum += t
		err += math.Abs(t)
	}
	for j := range int32(g.lp.Columns()) {
		d := g.lp.Gain(j)
		size := math.Abs(d)
		rows, vals := g.lp.Column(j)
		for k, r := range rows {
			t := float64(vals[k] * price[r])
			d -= t
			size += math.Abs(t)
		}
		if d += float64(size * 0x1p-48); d <= 0 {
			continue
		}
		if math.IsInf(g.upper[j], 1) { // what makes up for something missing costs less than it gains
			return math.MaxInt64
		}
		t := float64(d * g.upper[j])
		sum += t
		err += t
	}
	g.work.add(int64(g.lp.Columns()))
	b := (sum + float64(err*0x1p-40)) / g.unit
	b += math.Abs(b) * 0x1p-48
	if b >= huge {
		return math.MaxInt64
	}
	return int64(math.Floor(b))
}
