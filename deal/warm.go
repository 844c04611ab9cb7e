package deal

import "slices"

// A basis is where a relaxation stood, in names that outlive it.
type basis struct {
	cols   map[int32]bool  // of the packing
	people map[rowKey]bool // by their second row
	tight  map[rowKey]bool // rows whose slack is outside
}

// person names the person's column j of l.
func (l *model) person(j int32) rowKey {
	rows, _ := l.Column(j)
	return l.key[rows[1]]
}

// keep names the basis of l, whose first columns are cols.
func (l *model) keep(cols []int32) *basis {
	b := &basis{cols: map[int32]bool{}, people: map[rowKey]bool{}, tight: map[rowKey]bool{}}
	for j := range int32(l.Columns()) {
		switch {
		case !l.Basic(j):
		case int(j) < len(cols):
			b.cols[cols[j]] = true
		default:
			b.people[l.person(j)] = true
		}
	}
	for r, k := range l.key {
		if l.Tight(int32(r)) {
			b.tight[k] = true
		}
	}
	return b
}

// full returns the cuts that leave no room there.
func (b *basis) full(cuts []cut) []cut {
	return slices.DeleteFunc(slices.Clone(cuts), func(c cut) bool { return !b.tight[rowKey{rowCut, 0, c.id}] })
}

// resume makes b the basis of l, over fewer columns and other cuts than it was
// of: rows that b does not know keep their slack.
func (l *model) resume(cols []int32, b *basis) {
	var list []int32
	for k, j := range cols {
		l.SetSeed(int32(k), j)
		if b.cols[j] {
			list = append(list, int32(k))
		}
	}
	for j := int32(len(cols)); j < int32(l.Columns()); j++ {
		l.SetSeed(j, -1-l.person(j).id)
		if b.people[l.person(j)] {
			list = append(list, j)
		}
	}
	l.Begin(list, func(r int32) bool { return !b.tight[l.key[r]] })
}
