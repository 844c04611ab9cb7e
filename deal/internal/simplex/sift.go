package simplex

import (
	"cmp"
	"slices"
)

// Packings have a hundred columns for each row, of which an optimum uses one.
// So both methods work on few columns, those awake; where none of them helps,
// all others are priced and the best of those that gain wake (sifting; Bixby,
// Gregory, Lustig, Marsten, Shanno 1992).

const (
	wakeRow  = 4    // columns that wake at once and share a row
	wakeSome = 100  // but so many wake whatever they share
	wakeMost = 3000 // and so many at most
	allAwake = 6    // columns for each row that the dual method works on at once
)

// A sifter knows which columns are awake. All columns in the basis and all at
// their upper bounds are.
type sifter struct {
	awake   []int32
	isAwake []bool // per column
	rowUse  []int8 // scratch of wake
}

// rouse wakes one column.
func (p *Problem) rouse(j int32) {
	if !p.isAwake[j] {
		p.isAwake[j] = true
		p.rowStart, p.stale = nil, true
		p.awake = append(p.awake, j)
	}
}

// wake prices the columns that sleep, by these gains and the prices as they
// are, and wakes the best of those that gain more than floor; it reports
// whether there were any.
func (p *Problem) wake(gain []float64, floor float64) bool {
	type priced struct {
		j int32
		d float64
	}
	var list []priced
	for j := range int32(p.n) {
		if p.isAwake[j] || p.upper[j] == 0 {
			continue
		}
		d := gain[j]
		for k := p.start[j]; k < p.start[j+1]; k++ {
			d -= float64(p.val[k] * p.dual[p.row[k]])
		}
		if d > floor {
			list = append(list, priced{j, d})
		}
	}
	p.work.Add(int64(len(p.row)/8 + p.n/8))
	slices.SortFunc(list, func(a, b priced) int { return cmp.Or(cmp.Compare(b.d, a.d), cmp.Compare(a.j, b.j)) })
	clear(p.rowUse)
	n := 0
	for _, c := range list {
		lo, hi := p.start[c.j], p.start[c.j+1]
		crowded := int32(0)
		for _, r := range p.row[lo:hi] {
			if p.rowUse[r] >= wakeRow {
				crowded++
			}
		}
		if n >= wakeSome && 2*crowded > hi-lo {
			continue
		}
		for _, r := range p.row[lo:hi] {
			p.rowUse[r] = min(p.rowUse[r]+1, wakeRow)
		}
		p.rouse(c.j)
		if n++; n == wakeMost {
			break
		}
	}
	if n > 0 {
		p.rowStart = nil // the matrix by rows lacks them
	}
	return n > 0
}

// lull puts columns to sleep that are far from any use, where too many are
// awake; d is what they gain, 0 or less.
func (p *Problem) lull() {
	if len(p.awake) < 8*p.m+2000 {
		return
	}
	some := make([]float64, 0, len(p.awake))
	for _, j := range p.awake {
		if p.place[j] == atLower {
			some = append(some, p.d[j])
		}
	}
	if len(some) < len(p.awake)/2 {
		return
	}
	slices.Sort(some)
	floor := min(some[len(some)/2], -1e-3)
	p.awake = slices.DeleteFunc(p.awake, func(j int32) bool {
		sleeps := p.place[j] == atLower && p.d[j] < floor
		p.isAwake[j] = !sleeps
		return sleeps
	})
	p.rowStart, p.cand = nil, p.cand[:0]
	p.work.Add(int64(len(some)))
}
