package deal

import "slices"

// A basis is where a relaxation stood, in names that outlive it.
type basis struct {
	cols   map[int32]bool  // of the packing
	people map[rowKey]bool // by their second row
	tight  map[rowKey]bool // rows whose slack is outside
}

// keep names the basis of l, whose first columns are cols.
func (l *lp) keep(cols []int32) *basis {
	b := &basis{cols: map[int32]bool{}, people: map[rowKey]bool{}, tight: map[rowKey]bool{}}
	for _, v := range l.basis {
		switch {
		case v < int32(len(cols)):
			b.cols[cols[v]] = true
		case v < int32(l.n):
			b.people[l.key[l.row[l.start[v]+1]]] = true
		}
	}
	for r, k := range l.key {
		if l.place[l.n+r] < 0 {
			b.tight[k] = true
		}
	}
	return b
}

// resume makes b the basis of l, over fewer columns and other cuts than it was
// of: rows that b does not know keep their slack.
func (l *lp) resume(cols []int32, b *basis, caps []int32) {
	list := make([]int32, 0, l.m)
	for k, j := range cols {
		if b.cols[j] {
			list = append(list, int32(k))
		}
	}
	for v := len(cols); v < l.n; v++ {
		if b.people[l.key[l.row[l.start[v]+1]]] {
			list = append(list, int32(v))
		}
	}
	for _, tight := range []bool{false, true} {
		for r, k := range l.key {
			if b.tight[k] == tight && len(list) < l.m {
				list = append(list, int32(l.n+r))
			}
		}
	}
	l.begun()
	l.take(list[:l.m])
	l.exact(caps, cols)
	l.renew()
}

// extended makes l, which has the rows of old and more behind them, go on
// where old stands.
func (l *lp) extended(old *lp, cols, caps []int32) {
	list := slices.Clone(old.basis)
	for r := old.m; r < l.m; r++ {
		list = append(list, int32(l.n+r))
	}
	l.begun()
	l.take(list)
	l.exact(caps, cols)
	copy(l.dualPart.barred, old.barred[:l.n])
	l.renew()
}

// take makes a list the basis; place follows.
func (l *lp) take(list []int32) {
	for v := range l.place {
		l.place[v] = -1
	}
	copy(l.basis, list)
	for p, v := range l.basis {
		l.place[v] = int32(p)
	}
}
