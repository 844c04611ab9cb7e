package deal

import (
	"math/bits"
	"slices"

	"sxp/deal/internal/random"
)

// A choice is a set of columns of a packing that fit together.
type choice struct {
	p     *packing
	in    []bool
	slot  []int32 // per resource its capacity's worth of holders, -1 where free
	first []int32 // slots of resource r begin at first[r]
	used  []int32 // per resource
	times []int32 // per person: rings they are in
	value Value

	weight []int64   // per limit that weighs: how much is used up …
	holder [][]int32 // … and by which columns

	open   []int32 // offers that no chosen column uses …
	opened []int32 // … and their places there, -1 where used
	hits   []int32 // scratch: what a column would push out
}

func newChoice(p *packing) *choice {
	s := &choice{p: p, in: make([]bool, p.len()), used: make([]int32, len(p.cap)),
		times: make([]int32, p.people), opened: make([]int32, p.offers),
		weight: make([]int64, len(p.most)), holder: make([][]int32, len(p.most))}
	for r := range int32(len(p.cap)) {
		s.first = append(s.first, int32(len(s.slot)))
		for range min(p.cap[r], int32(len(p.colsOf(r)))*MaxRingCap) {
			s.slot = append(s.slot, -1)
		}
	}
	for r := range int32(p.offers) {
		s.opened[r] = r
		s.open = append(s.open, r)
	}
	return s
}

// conflicts returns the columns that must go for column i to fit. The slice is
// valid until the next call.
func (s *choice) conflicts(i int32) []int32 {
	s.hits = s.hits[:0]
	rows := s.p.rowsOf(i)
	for k, r := range rows {
		if s.p.cap[r] == 1 {
			if s.used[r] == 1 {
				if j := s.slot[s.first[r]]; !slices.Contains(s.hits, j) {
					s.hits = append(s.hits, j)
				}
			}
			continue
		}
		need := s.used[r] + 1 - s.p.cap[r]
		for _, q := range rows[:k] {
			if q == r {
				need++
			}
		}
		for x := s.first[r]; need > 0 && x < s.first[r]+s.used[r]; x++ {
			if j := s.slot[x]; !slices.Contains(s.hits, j) {
				s.hits = append(s.hits, j)
			}
			need--
		}
	}
	for _, l := range s.p.loadsOf(i) {
		s.lighten(l)
	}
	return s.hits
}

// lighten adds to hits what must go for a limit to bear a weight more.
func (s *choice) lighten(l charge) {
	over := s.weight[l.limit] + l.weight - s.p.most[l.limit]
	if over <= 0 {
		return
	}
	for _, j := range s.hits {
		over -= s.p.weightOf(j, l.limit)
	}
	for _, j := range s.holder[l.limit] {
		if over <= 0 {
			return
		}
		if !slices.Contains(s.hits, j) {
			s.hits = append(s.hits, j)
			over -= s.p.weightOf(j, l.limit)
		}
	}
}

// put takes column i, which must fit.
func (s *choice) put(i int32) {
	s.in[i] = true
	for _, r := range s.p.rowsOf(i) {
		s.slot[s.first[r]+s.used[r]] = i
		s.used[r]++
		if int(r) < s.p.offers {
			at, last := s.opened[r], s.open[len(s.open)-1]
			s.open[at], s.opened[last] = last, at
			s.open, s.opened[r] = s.open[:len(s.open)-1], -1
		}
	}
	for _, u := range s.p.whoOf(i) {
		if s.times[u]++; s.times[u] == 1 {
			s.value.People++
		}
	}
	for _, l := range s.p.loadsOf(i) {
		s.weight[l.limit] += l.weight
		s.holder[l.limit] = append(s.holder[l.limit], i)
	}
	s.count(i, 1)
}

// drop gives column i up again.
func (s *choice) drop(i int32) {
	s.in[i] = false
	for _, r := range s.p.rowsOf(i) {
		x := s.first[r]
		for s.slot[x] != i {
			x++
		}
		s.used[r]--
		s.slot[x] = s.slot[s.first[r]+s.used[r]]
		s.slot[s.first[r]+s.used[r]] = -1
		if int(r) < s.p.offers {
			s.opened[r] = int32(len(s.open))
			s.open = append(s.open, r)
		}
	}
	for _, u := range s.p.whoOf(i) {
		if s.times[u]--; s.times[u] == 0 {
			s.value.People--
		}
	}
	for _, l := range s.p.loadsOf(i) {
		s.weight[l.limit] -= l.weight
		list := s.holder[l.limit]
		last := len(list) - 1
		list[slices.Index(list, i)] = list[last]
		s.holder[l.limit] = list[:last]
	}
	s.count(i, -1)
}

// count adds what column i is worth, or takes it away.
func (s *choice) count(i int32, sign int64) {
	s.value.Items += int(sign) * int(s.p.items[i])
	s.value.Cost += sign * s.p.cost[i]
	s.value.Worth += sign * s.p.of(Worth, i)
	s.value.Expected += sign * s.p.of(Expected, i)
}

// chosen returns the columns taken, ascending.
func (s *choice) chosen() []int32 {
	var list []int32
	for i, in := range s.in {
		if in {
			list = append(list, int32(i))
		}
	}
	return list
}

// set makes the choice exactly these columns.
func (s *choice) set(columns []int32) {
	for _, i := range s.chosen() {
		s.drop(i)
	}
	for _, i := range columns {
		s.put(i)
	}
}

// An annealer improves a choice by simulated annealing: it takes a column
// through an offer that is left over, pushes out what is in the way, and
// accepts a loss with a probability that falls as the temperature does. All
// quantities are integers.
type annealer struct {
	*choice
	goals  []Goal
	rng    random.Source
	work   *meter
	worth  []int64 // per column, in grains
	person int64   // a person more, in grains
	best   Value
	top    []int32 // columns of the best
}

// grain is the unit of worth: an item, or what is alike by the first goal, is
// worth this many. By each goal after that it is worth an eighth of it.
const grain = 4096

func newAnnealer(p *packing, goals []Goal, seed uint64, work *meter) *annealer {
	a := &annealer{choice: newChoice(p), goals: goals, rng: random.Source(seed), work: work, worth: make([]int64, p.len())}
	for k, goal := range goals {
		unit := int64(grain) >> (3 * k)
		if goal == People {
			a.person = unit
			continue
		}
		highest := int64(1) // of an item; the cost is of a ring
		for i := range int32(p.len()) {
			each := p.of(goal, i)
			if goal != Cost {
				each /= int64(p.items[i])
			}
			highest = max(highest, each, -each)
		}
		for i := range a.worth {
			a.worth[i] += ratio(p.of(goal, int32(i)), unit, highest)
		}
	}
	return a
}

// ratio returns x·unit/most, where x may be some times as great as most.
func ratio(x, unit, most int64) int64 {
	shift := max(0, bits.Len64(uint64(most))-40)
	return (x >> shift) * unit / max(most>>shift, 1)
}

// run makes so many moves while the temperature falls from hot to cold, both
// in grains per halving of the chance to be accepted. It stops early where the
// first goal reaches the bound (if there is one).
func (a *annealer) run(moves int64, hot, cold int64, bound int64) {
	cool := newCooling(hot, cold, moves)
	for m := int64(0); m < moves; m++ {
		if m&1023 == 0 {
			a.work.add(1024 * 6)
			if a.work.spent() {
				return
			}
			cool.at(m)
		}
		if len(a.open) == 0 {
			return
		}
		cols := a.p.colsOf(a.open[a.rng.Below(len(a.open))])
		i := cols[a.rng.Below(len(cols))]
		a.try(i, cool.now)
		if work := a.bulk(i); work > usualBulk { // a move is not what it is counted as
			if a.work.add(work); a.work.spent() {
				return
			}
		}
		if a.value.Compare(a.best, a.goals) > 0 {
			a.best, a.top = a.value, a.chosenInto(a.top[:0])
			if bound > 0 && a.best.Of(a.goals[0]) >= bound {
				bound = 0
				moves = min(moves, m+moves/4) // later goals may still gain
			}
		}
	}
}

// usualBulk is how much of a column is part of what each move is counted as.
const usualBulk = 64

// bulk is the work of taking a column that uses up many limits.
func (a *annealer) bulk(i int32) int64 {
	rows := int64(len(a.p.rowsOf(i)))
	return int64(4*len(a.p.loadsOf(i))) + rows*rows/8
}

// chosenInto is chosen without allocating; columns are found by their slots.
func (a *annealer) chosenInto(list []int32) []int32 {
	for r := range a.p.offers {
		if a.used[r] == 0 {
			continue
		}
		i := a.slot[a.first[r]]
		if a.p.rows[a.p.rowStart[i]] == int32(r) { // once per column
			list = append(list, i)
		}
	}
	return list
}

// try takes column i if the temperature allows it.
func (a *annealer) try(i int32, temperature int64) {
	allowed := a.rng.Patience() * temperature >> 8
	hits := a.conflicts(i)
	loss := -a.worth[i]
	for _, j := range hits {
		loss += a.worth[j]
	}
	if loss-a.person*int64(len(a.p.whoOf(i))) > allowed {
		return
	}
	before := a.value.People
	var kept [4 * MaxRingCap]int32
	out := append(kept[:0], hits...)
	for _, j := range out {
		a.drop(j)
	}
	a.put(i)
	loss -= a.person * int64(a.value.People-before)
	if loss <= allowed {
		return
	}
	a.drop(i)
	for _, j := range out {
		a.put(j)
	}
}

// A cooling is a geometric fall in 64 steps, in integers.
type cooling struct {
	hot, cold, moves int64
	now              int64
}

func newCooling(hot, cold, moves int64) *cooling {
	return &cooling{hot: hot, cold: cold, moves: max(moves, 1), now: hot}
}

// at sets the temperature for move m: hot·(cold/hot)^(m/moves), the power by
// halving the interval of both ends.
func (c *cooling) at(m int64) {
	lo, hi, a, b := int64(0), c.moves, c.hot, c.cold
	for range 6 {
		mid, g := (lo+hi)/2, isqrt(a*b)
		if m < mid {
			hi, b = mid, g
		} else {
			lo, a = mid, g
		}
	}
	c.now = a
}

// isqrt returns the whole part of the square root.
func isqrt(n int64) int64 {
	if n <= 0 {
		return 0
	}
	x := int64(1) << ((bits.Len64(uint64(n)) + 1) / 2)
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}
