package deal

import (
	"cmp"
	"math"
	"slices"

	"sxp/deal/internal/random"
)

// What a node is split by is tried first (strong branching, Applegate, Bixby,
// Chvátal, Cook 1995): of some arcs that are nearly half used, which one lowers
// the bound of both halves most? What was learned of an arc often enough is
// trusted (reliability branching, Achterberg, Koch, Martin 2005).
const (
	tries     = 8  // arcs tried at a node, if none is known
	idleTries = 3  // such in a row that are no better than the best before
	tryMoves  = 25 // exchanges of one try
	reliable  = 3  // tries of an arc that are enough
	leastDrop = 1e-3
)

// A trial is what is known of an arc: how much the bound fell with and without
// it, in sum.
type trial struct {
	with, without float64
	times         int
}

// score is high where both halves fall.
func (e trial) score() float64 {
	n := float64(e.times)
	return max(e.with/n, leastDrop) * max(e.without/n, leastDrop)
}

// A half is an arc that is partly used.
type half struct {
	arc  arc
	mass float64
	sig  uint64 // of the columns that use it
}

// halves lists the arcs that are partly used, nearest to half first, one of
// those that the same columns use.
func (t *tree) halves(x []float64) []half {
	p := t.v.q.p
	at := make(map[arc]int)
	var list []half
	for k, j := range t.cols {
		if x[k] <= noUse {
			continue
		}
		name := random.Source(k)
		sig := name.Next()
		p.eachArc(j, func(a arc) {
			i, ok := at[a]
			if !ok {
				i = len(list)
				at[a] = i
				list = append(list, half{arc: a})
			}
			list[i].mass += x[k]
			list[i].sig ^= sig
		})
	}
	t.v.work.add(int64(len(t.cols)/4 + 20*len(list)))
	shared := func(n int32) bool { return p.c.isGroup(n) && p.c.limit(n) > 1 } // may be used otherwise at the same time
	list = slices.DeleteFunc(list, func(h half) bool {
		return math.Abs(h.mass-0.5) > 0.498 || shared(h.arc.from) || shared(h.arc.to)
	})
	slices.SortFunc(list, func(a, b half) int {
		return cmp.Or(cmp.Compare(math.Abs(a.mass-0.5), math.Abs(b.mass-0.5)),
			cmp.Compare(a.arc.from, b.arc.from), cmp.Compare(a.arc.to, b.arc.to))
	})
	seen := make(map[uint64]bool)
	return slices.DeleteFunc(list, func(h half) bool {
		known := seen[h.sig]
		seen[h.sig] = true
		return known
	})
}

// pick chooses what to split by. With the arc, columns that use one of its ends
// otherwise are barred; without it, those that use it. Every choice is within
// one of the two. gap is how far the bound is above what is sought.
func (t *tree) pick(x []float64, gap float64) (by cleft, with, without []int32, found bool) {
	list := t.halves(x)
	if len(list) == 0 {
		return t.pickColumn(x)
	}
	best := t.strongest(list, gap)
	with, without = t.sides(best)
	if len(with) == 0 || len(without) == 0 {
		return t.pickColumn(x) // what stands against each other are limits
	}
	return cleft{arc: best, ring: -1}, with, without, true
}

// strongest tries arcs and returns the best.
func (t *tree) strongest(list []half, gap float64) arc {
	best, top := list[0].arc, 0.0
	note := func(a arc, e trial) bool {
		if s := e.score(); s > top {
			best, top = a, s
			return true
		}
		return false
	}
	var fresh []arc
	for _, h := range list {
		if e := t.tried[h.arc]; e.times >= reliable {
			note(h.arc, e)
		} else if len(fresh) < tries {
			fresh = append(fresh, h.arc)
		}
	}
	gap /= t.l.unit
	t.l.Probe(func(drop func([]int32, int) float64) {
		idle := 0
		for _, a := range fresh {
			with, without := t.sides(a)
			e := t.tried[a]
			now := trial{min(drop(with, tryMoves), gap), min(drop(without, tryMoves), gap), 1}
			t.tried[a] = trial{e.with + now.with, e.without + now.without, e.times + 1}
			if idle++; note(a, now) {
				idle = 0
			}
			if idle == idleTries || t.v.work.spent() {
				break
			}
		}
	})
	return best
}

// sides lists the columns to bar with an arc and without it.
func (t *tree) sides(a arc) (with, without []int32) {
	p := t.v.q.p
	for k, j := range t.cols {
		if t.barred(int32(k)) {
			continue
		}
		uses, touches := false, false
		p.eachArc(j, func(b arc) {
			uses = uses || b == a
			touches = touches || b.from == a.from || b.to == a.to
		})
		if uses {
			without = append(without, int32(k))
		} else if touches {
			with = append(with, int32(k))
		}
	}
	t.v.work.add(int64(len(t.cols) / 2))
	return with, without
}

// An arc of a ring, in numbers of the core.
type arc struct{ from, to int32 }

// A cleft is what a branch is split by: a column, or an arc where ring is -1.
type cleft struct {
	arc  arc
	ring int32 // of the packing
}

// eachArc calls f for the arcs of column j.
func (p *packing) eachArc(j int32, f func(a arc)) {
	r := p.pool.ring(j)
	for i, n := range r {
		f(arc{n, r[(i+1)%len(r)]})
	}
}

// force goes on with what is split by a column taken for good; back ends that.
func (t *tree) force(by cleft) (back func()) {
	k := int32(slices.Index(t.cols, by.ring))
	l, row := t.l, t.demand(k)
	t.forced = append(t.forced, k)
	return func() {
		l.SetRoom(row, 0)
		l.caps[row] = 0
		t.forced = t.forced[:len(t.forced)-1]
	}
}

// demand adds the row that a column is taken.
func (t *tree) demand(k int32) (row int32) {
	l := t.l
	row = l.AddCut(-1, []int32{k}, []float64{-1})
	l.caps, l.key = append(l.caps, -1), append(l.key, rowKey{rowTaken, 0, t.cols[k]})
	return row
}

// pickColumn splits by one fractional column: with it, those that do not fit
// beside it and what is taken already are barred.
func (t *tree) pickColumn(x []float64) (by cleft, with, without []int32, found bool) {
	at, least := -1, 0.499
	for k := range t.cols {
		if d := max(x[k]-0.5, 0.5-x[k]); d < least && !t.barred(int32(k)) {
			at, least = k, d
		}
	}
	if at < 0 {
		return cleft{}, nil, nil, false
	}
	p := t.v.q.p
	full, taken := make(map[int32]int64), t.v.q.taken
	for _, k := range append(t.forced, int32(at)) {
		p.fits(t.cols[k], full, taken)
	}
	for k, j := range t.cols {
		if k == at || t.barred(int32(k)) || slices.Contains(t.forced, int32(k)) {
			continue
		}
		if !p.fits(j, full, taken) {
			with = append(with, int32(k))
			continue
		}
		p.leave(j, full)
	}
	return cleft{ring: t.cols[at]}, with, []int32{int32(at)}, true
}
