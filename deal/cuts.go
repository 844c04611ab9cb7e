package deal

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A cut is a row that every choice obeys though the relaxation may not: add
// rows whose capacities sum to an odd number, halve, and round down, because a
// choice is whole (zero-half cut, Caprara and Fischetti 1996). Three offers
// say: of the rings that use two of them, at most one is taken.
type cut struct {
	id   int32
	rows []int32 // resources, ascending
	room int32   // half of their capacities, rounded down
}

const (
	cutMost   = 100  // cuts of one round
	cutBroken = 0.01 // by how much a cut must be broken
	cutRows   = 60   // resources of one cut
	cutShare  = 4    // cuts of one round that share a resource
	looseRow  = 0.5  // rows with more room left are no help
)

// cutsOf lists the cuts that each resource is part of; nil where there are none.
func (q *program) cutsOf() [][]int32 {
	if len(q.cuts) == 0 {
		return nil
	}
	of := make([][]int32, len(q.p.cap))
	for i, c := range q.cuts {
		for _, r := range c.rows {
			of[r] = append(of[r], int32(i))
		}
	}
	return of
}

// inCuts appends to rows the row of every cut that column j counts in, once
// for each two resources of it that j uses. times is scratch, all 0.
func (q *program) inCuts(rows []int32, j int32, of [][]int32, times []int8, first int32) []int32 {
	if of == nil {
		return rows
	}
	own := q.p.rowsOf(j)
	for _, r := range own {
		for _, c := range of[r] {
			if times[c]++; times[c]&1 == 0 {
				rows = append(rows, first+c)
			}
		}
	}
	for _, r := range own {
		for _, c := range of[r] {
			times[c] = 0
		}
	}
	return rows
}

// extend adds a cut to a model over cols.
func (l *model) extend(q *program, cols []int32, c cut) {
	if len(l.has) < len(q.p.cap) {
		l.has = make([]bool, len(q.p.cap))
	}
	for _, r := range c.rows {
		l.has[r] = true
	}
	var in []int32
	var vals []float64
	for k, j := range cols {
		n := 0
		for _, r := range q.p.rowsOf(j) {
			if l.has[r] {
				n++
			}
		}
		if n > 1 {
			in, vals = append(in, int32(k)), append(vals, float64(n/2))
		}
	}
	for _, r := range c.rows {
		l.has[r] = false
	}
	l.caps, l.key = append(l.caps, int64(c.room)), append(l.key, rowKey{rowCut, 0, c.id})
	l.AddCut(float64(c.room), in, vals)
}

// A bitset is a set of small numbers.
type bitset []uint64

func newBits(n int) bitset      { return make(bitset, n/64+1) }
func (b bitset) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }
func (b bitset) flip(i int)     { b[i>>6] ^= 1 << (i & 63) }
func (b bitset) differ(o bitset) {
	for k, w := range o {
		b[k] ^= w
	}
}

// A halver looks for cuts that a fractional choice breaks: it adds rows modulo
// 2 until few columns are left that are odd (Koster, Zymolka, Kutschka 2009).
type halver struct {
	q    *program
	cols []int32   // the fractional columns, most used first …
	x    []float64 // … and how much they are

	rows []int32   // the resources added up, at first one each:
	odd  []bitset  // columns that are odd in the sum,
	of   []bitset  // rows that were added,
	rhs  []bool    // whether the sum of capacities is odd,
	gap  []float64 // room that is left

	found []broken
	seen  map[string]bool
}

// A broken is a cut, and how much of it is broken.
type broken struct {
	rows []int32
	over float64
}

// separate returns cuts that the fractional choice x over cols breaks.
func (q *program) separate(cols []int32, x []float64, work *meter) []cut {
	h := &halver{q: q, seen: make(map[string]bool)}
	h.gather(cols, x)
	used := make([]bool, len(h.rows))
	for f := range h.cols {
		pivot := -1
		for i := range h.rows {
			if !used[i] && h.odd[i].has(f) && (pivot < 0 || h.gap[i] < h.gap[pivot]-1e-9) {
				pivot = i
			}
		}
		if pivot < 0 {
			continue
		}
		used[pivot] = true
		for i := range h.rows {
			if used[i] || !h.odd[i].has(f) {
				continue
			}
			h.odd[i].differ(h.odd[pivot])
			h.of[i].differ(h.of[pivot])
			h.rhs[i] = h.rhs[i] != h.rhs[pivot]
			h.gap[i] += h.gap[pivot]
			h.check(i)
		}
		work.add(int64(len(h.rows)/4 + len(h.rows)*(len(h.cols)+len(h.rows))/512))
	}
	return h.best()
}

// gather takes the fractional columns and the rows that they fill.
func (h *halver) gather(cols []int32, x []float64) {
	p := h.q.p
	load, blocked := make(map[int32]float64), make(map[int32]bool)
	var order []int32
	for k, j := range cols {
		if x[k] < 1e-6 {
			continue
		}
		for _, r := range p.rowsOf(j) {
			load[r] += x[k]
			blocked[r] = blocked[r] || x[k] > 1-noUse // a column that is taken makes the row useless
		}
		if x[k] <= 1-noUse {
			order = append(order, int32(k))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(x[b], x[a]) })
	at := make(map[int32]int)
	for _, k := range order {
		h.cols, h.x = append(h.cols, cols[k]), append(h.x, x[k])
		for _, r := range p.rowsOf(cols[k]) {
			gap := float64(p.cap[r]) - load[r]
			if _, known := at[r]; known || blocked[r] || gap > looseRow {
				continue
			}
			at[r] = len(h.rows)
			h.rows, h.gap, h.rhs = append(h.rows, r), append(h.gap, max(gap, 0)), append(h.rhs, p.cap[r]&1 == 1)
		}
	}
	for i := range h.rows {
		h.odd, h.of = append(h.odd, newBits(len(h.cols))), append(h.of, newBits(len(h.rows)))
		h.of[i].flip(i)
	}
	for f, j := range h.cols {
		for _, r := range p.rowsOf(j) {
			if i, ok := at[r]; ok {
				h.odd[i].flip(f)
			}
		}
	}
}

// check takes note of sum i if it is a cut that is broken.
func (h *halver) check(i int) {
	most := 1 - 2*cutBroken
	sum := h.gap[i]
	if !h.rhs[i] || sum >= most {
		return
	}
	for f, x := range h.x {
		if h.odd[i].has(f) {
			if sum += x; sum >= most {
				return
			}
		}
	}
	var rows []int32
	for k, r := range h.rows {
		if h.of[i].has(k) {
			rows = append(rows, r)
		}
	}
	if len(rows) < 3 || len(rows) > cutRows {
		return
	}
	slices.Sort(rows)
	key := keyOf(rows)
	if !h.seen[string(key)] {
		h.seen[string(key)] = true
		h.found = append(h.found, broken{rows, (1 - sum) / 2})
	}
}

// keyOf returns numbers as bytes for the key of a map. It is not binary.Append,
// which reflects, and nothing else in a browser needs.
func keyOf(numbers []int32) []byte {
	b := make([]byte, 0, 4*len(numbers))
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// best chooses among the broken cuts those that are broken most by few rows,
// spread over the rows.
func (h *halver) best() (some []cut) {
	slices.SortStableFunc(h.found, func(a, b broken) int {
		return cmp.Compare(b.over/float64(len(b.rows)+3), a.over/float64(len(a.rows)+3))
	})
	share := make(map[int32]int)
	for _, f := range h.found {
		room, crowded := int32(0), 0
		for _, r := range f.rows {
			room += h.q.p.cap[r]
			if share[r] >= cutShare {
				crowded++
			}
		}
		if crowded > len(f.rows)/2 {
			continue
		}
		for _, r := range f.rows {
			share[r]++
		}
		h.q.lastCut++
		if some = append(some, cut{h.q.lastCut, f.rows, room / 2}); len(some) == cutMost {
			break
		}
	}
	return some
}
