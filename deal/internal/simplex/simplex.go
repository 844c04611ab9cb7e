// Package simplex solves sparse linear programs: maximise gain·x where
// a·x ≤ room and 0 ≤ x ≤ upper. It is made for packing problems, where columns
// have few entries, rooms are 0 or more and the answer is nearly whole: the
// basis is then nearly triangular. The primal method goes on after columns were
// added, the dual one after rows were added or bounds changed.
//
// Its floating point is a guide, never a proof: who claims a bound computes it
// again from the duals in integers. Products are converted explicitly before
// they are added, which forbids fused multiply-add, so that every machine
// computes the same. Work is counted in steps, never by a clock.
package simplex

import (
	"math"
	"slices"
)

// A Meter counts work and says when to stop. A unit is about 20 ns.
type Meter interface {
	Add(units int64)
	Spent() bool
}

// A Status says how a solve ended.
type Status int

const (
	// Optimal: nothing gains more, up to rounding.
	Optimal Status = iota + 1
	// Stopped: the meter was spent. The duals are of no use, or weak.
	Stopped
	// Infeasible: no x obeys all rows and bounds.
	Infeasible
	// Unbounded: the gain has no limit.
	Unbounded
	// Broken: the numbers broke down; try from another basis.
	Broken
	// Beneath: the value is below what SetLeast asked for.
	Beneath
)

// A Problem is a linear program and the basis where its solution stands. Rows
// and columns are numbered from 0 in the order in which they were added. It is
// not safe for concurrent use.
type Problem struct {
	m, n  int
	start []int32 // entries of column j: row[start[j]:start[j+1]]
	row   []int32
	val   []float64
	gain  []float64 // per column
	room  []float64 // per row
	upper []float64 // per column
	seed  []int32   // per column, blurs its gain; per row, disturbs its room
	seedR []int32
	seeds int32
	cuts  []pending // rows whose entries are not among the columns yet
	work  Meter
	least float64 // Dual ends where the value is below

	state
	sifter
	primalPart
	dualPart
}

// A pending row waits to be sorted into the columns.
type pending struct {
	row  int32
	cols []int32
	vals []float64
}

// New returns an empty problem. The meter may be nil: solves are not stopped then.
func New(work Meter) *Problem {
	if work == nil {
		work = endless{}
	}
	return &Problem{work: work, start: []int32{0}, least: math.Inf(-1)}
}

// endless is the meter of who gave none.
type endless struct{}

func (endless) Add(int64)   {}
func (endless) Spent() bool { return false }

// Rows is how many rows there are.
func (p *Problem) Rows() int { return p.m }

// Columns is how many columns there are.
func (p *Problem) Columns() int { return p.n }

// AddRow adds the row "… ≤ room" for columns to come and returns its number.
// Rows that x = 0 obeys (room ≥ 0) let Solve start anywhere.
func (p *Problem) AddRow(room float64) int32 {
	p.room = append(p.room, room)
	p.seedR = append(p.seedR, p.seeds)
	p.seeds++
	p.m++
	p.changed = true
	return int32(p.m - 1)
}

// AddCut adds a row over columns that are there; vals may be nil, then all are
// 1. Each column stands once. Both slices stay the caller's.
func (p *Problem) AddCut(room float64, cols []int32, vals []float64) int32 {
	r := p.AddRow(room)
	c := pending{row: r, cols: append([]int32(nil), cols...)}
	for k := range cols {
		v := 1.0
		if vals != nil {
			v = vals[k]
		}
		c.vals = append(c.vals, v)
	}
	p.cuts = append(p.cuts, c)
	return r
}

// fewRows is up to how many rows of a column are compared one by one.
const fewRows = 32

// AddColumn adds a column without upper bound and returns its number. vals may
// be nil, then all are 1; a row that stands twice counts twice. Both slices
// stay the caller's.
func (p *Problem) AddColumn(gain float64, rows []int32, vals []float64) int32 {
	from := len(p.row)
	var at map[int32]int // of long columns
	if len(rows) > fewRows {
		at = make(map[int32]int, len(rows))
	}
	for i, r := range rows {
		v := 1.0
		if vals != nil {
			v = vals[i]
		}
		k, stands := at[r]
		if at == nil {
			k = slices.Index(p.row[from:], r)
			k, stands = from+k, k >= 0
		} else if !stands {
			at[r] = len(p.row)
		}
		if stands {
			p.val[k] += v
			continue
		}
		p.row, p.val = append(p.row, r), append(p.val, v)
	}
	p.start = append(p.start, int32(len(p.row)))
	p.gain = append(p.gain, gain)
	p.upper = append(p.upper, math.Inf(1))
	p.seed = append(p.seed, p.seeds)
	p.seeds++
	p.n++
	p.changed = true
	return int32(p.n - 1)
}

// SetSeed says by what the gain of column j is blurred in the dual method: a
// basis goes on better in a problem that blurs its columns the same.
func (p *Problem) SetSeed(j, seed int32) {
	p.seed[j] = seed
	p.stale = true
}

// SetGain changes the gain of column j; go on with Solve or Primal.
func (p *Problem) SetGain(j int32, gain float64) {
	p.gain[j] = gain
	p.stale = true
}

// SetRoom changes the room of row r; go on with Solve or Dual.
func (p *Problem) SetRoom(r int32, room float64) {
	p.room[r] = room
	p.stale = true
}

// SetLeast has Dual end, Beneath, as soon as the value is below least, up to the
// blurring: prices, though not values, are then of use. It falls from step to
// step. Minus infinity: never.
func (p *Problem) SetLeast(least float64) { p.least = least }

// SetUpper changes the upper bound of column j, 0 or more, or infinite; go on
// with Solve or Dual. 0 bars the column.
func (p *Problem) SetUpper(j int32, upper float64) {
	if p.upper[j] == upper {
		return
	}
	if int(j) < len(p.place) && !p.changed {
		if at := p.place[j]; at == atUpper || at == atLower && p.upper[j] == 0 {
			p.stale = true // its value changes, or it may have become attractive
			p.place[j] = atLower
		}
	}
	p.upper[j] = upper
}

// Upper is the upper bound of column j.
func (p *Problem) Upper(j int32) float64 { return p.upper[j] }

// Gain is the gain of column j.
func (p *Problem) Gain(j int32) float64 { return p.gain[j] }

// Column returns the entries of column j; the slices are the problem's and
// hold until it is changed.
func (p *Problem) Column(j int32) (rows []int32, vals []float64) {
	p.merge()
	lo, hi := p.start[j], p.start[j+1]
	return p.row[lo:hi], p.val[lo:hi]
}

// X is the amount of column j, after a solve.
func (p *Problem) X(j int32) float64 {
	switch at := p.place[j]; at {
	case atLower:
		return 0
	case atUpper:
		return p.upper[j]
	default:
		return p.x[at]
	}
}

// Price is the dual of row r after a solve: what a unit more of room would
// gain. It is 0 or more up to rounding.
func (p *Problem) Price(r int32) float64 { return p.dual[r] }

// Reduced is what a unit more of column j would gain at the prices: 0 or less
// up to rounding, but where the column is at its upper bound.
func (p *Problem) Reduced(j int32) float64 {
	d := p.gain[j]
	for k := p.start[j]; k < p.start[j+1]; k++ {
		d -= float64(p.val[k] * p.dual[p.row[k]])
	}
	return d
}

// Value is the sum of gains, after a solve.
func (p *Problem) Value() float64 {
	sum := 0.0
	for j, g := range p.gain {
		sum += float64(g * p.X(int32(j)))
	}
	return sum
}

// Solve goes on from the basis to an optimum: by the primal method where
// columns are attractive, by the dual one where values are out of bounds, and
// once more by the primal one for what the blurring of gains left.
func (p *Problem) Solve() Status {
	p.lay()
	p.f.factor(p) // puts the variables to other positions
	p.stale = true
	if p.attractive() {
		if s := p.Primal(); s != Optimal {
			return s
		}
	}
	if s := p.Dual(); s != Optimal {
		return s
	}
	return p.polish()
}
