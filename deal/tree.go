package deal

import (
	"cmp"
	"math"
	"slices"

	"sxp/deal/internal/simplex"
)

// A tree is the search among some columns for a choice that gains more than
// the best known one: cuts tighten the relaxation, dives find good choices, and
// what is left is split by whether an arc is used. Each relaxation goes on from
// the one before.
type tree struct {
	v     *prover
	cols  []int32
	l     *model
	trail []int32 // positions barred, in the order in which they were
	tried map[arc]trial
	nodes *int // split so far, of a part those of the whole tree
	lean  int  // rows when the relaxation was written …
	whole int  // … and columns that were not barred

	sought int64 // only choices of at least this gain are

	forced []int32 // positions taken for good in this branch
}

const (
	rootCuts = 60    // rounds of cuts before the first split
	idleCuts = 6     // such rounds in a row that gain less than …
	leastCut = 1e-5  // … this part of the bound
	nodeCuts = 4     // rounds at a later node, while each closes a tenth of the gap
	mostCuts = 3000  // in one relaxation
	maxDepth = 400   // a tree deeper than this does not end anyway
	nearOne  = 0.98  // as good as taken
	noUse    = 0.001 // as good as not

	diveShare = 0.9 // a dive takes all that is used nearly as much as what is used most …
	diveLeast = 0.6 // … and so much
	diveEach  = 8   // nodes from one dive to the next; at first fewer
)

// newTree goes on from a relaxation over cols and more.
func newTree(v *prover, cols []int32, b *basis) *tree {
	t := &tree{v: v, cols: cols, tried: make(map[arc]trial), nodes: new(int)}
	t.build(b)
	return t
}

// build writes the relaxation anew, as at b.
func (t *tree) build(b *basis) {
	t.l = t.v.q.model(t.cols, t.v.work)
	for _, k := range t.forced {
		t.demand(k)
	}
	t.l.resume(t.cols, b)
	t.lean, t.whole = t.l.Rows(), len(t.cols)-len(t.trail)
	t.seek(t.v.floor + 1)
}

// heavy reports whether the relaxation has grown so much, or so little of it is
// left, that writing down what is left pays.
func (t *tree) heavy() bool {
	left := len(t.cols) - len(t.trail)
	return t.l.Rows() > t.lean+t.lean/4+50 || left < t.whole/2 && t.whole > 500
}

// part settles what is left of the columns by a tree of its own, with the cuts
// that are full; those found there end with it.
func (t *tree) part(depth int) bool {
	v := t.v
	b, whole := t.l.keep(t.cols), v.q.cuts
	v.q.cuts = b.full(whole)
	defer func() { v.q.cuts = whole }()
	var left []int32
	for k, j := range t.cols {
		if !t.barred(int32(k)) || t.l.Basic(int32(k)) {
			left = append(left, j)
		}
	}
	if len(left) == 0 {
		return true
	}
	some := &tree{v: v, cols: left, tried: t.tried, nodes: t.nodes}
	for _, k := range t.forced {
		at, _ := slices.BinarySearch(left, t.cols[k])
		some.forced = append(some.forced, int32(at))
	}
	some.build(b)
	for at, j := range left { // those in the basis stay, barred
		if k, _ := slices.BinarySearch(t.cols, j); t.barred(int32(k)) {
			some.bar(int32(at))
		}
	}
	some.whole -= len(some.trail)
	return some.refit() && some.node(depth)
}

// refit goes on from where the relaxation stands; false: the work ran out, or
// the numbers broke down.
func (t *tree) refit() bool {
	s := t.l.Dual()
	return s == simplex.Optimal || s == simplex.Beneath
}

// blurSlack is by how much less than a gain the relaxation may reach before it
// is given up: blurred gains are a little too low.
const blurSlack = 0.05

// seek says that only choices of at least this gain are sought, so that the
// relaxation need not go on below.
func (t *tree) seek(gain int64) {
	t.sought = gain
	if t.l.unit == 1 {
		t.l.SetLeast(float64(gain) - blurSlack)
	}
}

// bound is the relaxation as it stands, in integers; where it was given up too
// early for what is sought, it goes on.
func (t *tree) bound() *relaxed {
	if t.l.unit > 1 {
		t.l.Solve() // blurred gains would hide the difference of 1
		return t.certified()
	}
	early := t.l.Dual() == simplex.Beneath
	rel := t.certified()
	if early && rel.most() >= t.sought {
		t.l.SetLeast(math.Inf(-1))
		t.l.Dual()
		rel = t.certified()
		t.seek(t.sought)
	}
	return rel
}

func (t *tree) certified() *relaxed {
	rel := t.l.certify()
	rel.whole = true
	return rel
}

// run settles the tree: true if nothing in it gains more than the best known.
func (t *tree) run() bool {
	v := t.v
	if !t.refit() {
		return false
	}
	rel, ok := t.tighten()
	if !ok {
		return false
	}
	v.log.prices(&v.q, rel)
	for rel.most() > v.best {
		before := v.best
		t.dive(rel)
		if v.best == before {
			break
		}
	}
	if rel.most() <= v.floor {
		return true
	}
	return t.shrink(rel) && t.node(0)
}

// tighten adds cuts for as long as they lower the bound.
func (t *tree) tighten() (rel *relaxed, ok bool) {
	v := t.v
	last := 0.0
	for round, idle := 0, 0; ; round++ {
		rel = t.bound()
		v.round(t.cols, rel)
		if rel.most() <= v.floor {
			return rel, true
		}
		total := float64(rel.total) / float64(rel.scale)
		if idle++; round == 0 || last-total > leastCut*total {
			idle, last = 0, total
		}
		if round >= rootCuts || idle >= idleCuts || v.work.spent() {
			return rel, true
		}
		fresh := v.q.separate(t.cols, rel.x, v.work)
		if len(fresh) == 0 {
			return rel, true
		}
		v.log.prices(&v.q, rel)
		b := t.l.keep(t.cols)
		v.q.cuts = append(b.full(v.q.cuts), fresh...)
		t.cols = v.worthy(t.cols, rel, v.floor+1)
		t.build(b)
		if !t.refit() {
			return rel, false
		}
	}
}

// shrink leaves out the columns that nothing better can hold.
func (t *tree) shrink(rel *relaxed) bool {
	some := t.v.worthy(t.cols, rel, t.v.floor+1)
	if len(some) == len(t.cols) {
		return true
	}
	b := t.l.keep(t.cols)
	t.cols = some
	t.build(b)
	return t.refit()
}

// node settles what is left of the columns; the relaxation is solved.
func (t *tree) node(depth int) bool {
	v := t.v
	rel, done, ok := t.visit()
	v.log.prices(&v.q, rel)
	if done || !ok {
		return done
	}
	if depth >= maxDepth || v.work.spent() {
		return false
	}
	mark := len(t.trail)
	defer t.unbar(mark)
	need, stale := (v.floor+1)*rel.scale, false
	for k := range t.cols {
		if rel.total+min(rel.reduced[k], 0) < need {
			if slices.Contains(t.forced, int32(k)) {
				return true // what is taken cannot be part of anything better
			}
			stale = stale || rel.x[k] > noUse
			t.bar(int32(k))
		}
	}
	if t.heavy() {
		return t.part(depth)
	}
	by, with, without, found := t.pick(rel.x, float64(rel.total-need)/float64(rel.scale))
	if !found { // what is left of it may be whole: not so where some of it was barred
		return stale && t.refit() && t.node(depth+1)
	}
	v.log.split(&v.q, by)
	if v.pause != nil {
		v.pause()
	}
	if *t.nodes++; *t.nodes&(*t.nodes-1) == 0 || *t.nodes%diveEach == 0 {
		t.dive(rel)
	}
	saved, inner, all := t.l.Basis(), len(t.trail), true
	for i, list := range [][]int32{with, without} {
		if i > 0 {
			t.back(saved, inner)
		}
		for _, k := range list {
			t.bar(k)
		}
		free := func() {}
		if i == 0 && by.ring >= 0 {
			free = t.force(by)
		}
		back := v.log.enter(i == 0)
		if !t.refit() || !t.node(depth+1) {
			all = false
		}
		back()
		free()
		if v.work.spent() {
			return false
		}
	}
	return all
}

// visit bounds a node and cuts it; done: it holds nothing better.
func (t *tree) visit() (rel *relaxed, done, ok bool) {
	v := t.v
	t.seek(v.floor + 1)
	rel = t.bound()
	before := 0.0
	for round := 0; ; round++ {
		if rel.most() > v.best {
			t.guess(rel)
		}
		if rel.most() <= v.floor {
			return rel, true, true
		}
		gap := float64(rel.total)/float64(rel.scale) - float64(v.floor)
		if v.work.spent() || len(v.q.cuts) > mostCuts || round >= nodeCuts || round > 0 && before-gap < before/10 {
			return rel, false, true
		}
		before = gap
		fresh := v.q.separate(t.cols, rel.x, v.work)
		if len(fresh) == 0 {
			return rel, false, true
		}
		v.q.cuts = append(v.q.cuts, fresh...)
		for _, c := range fresh {
			t.l.extend(&v.q, t.cols, c)
		}
		if !t.refit() {
			return rel, false, false
		}
		rel = t.bound()
	}
}

// bar forbids a column until unbar goes back to a mark before it.
func (t *tree) bar(k int32) {
	if !t.barred(k) {
		t.l.SetUpper(k, 0)
		t.trail = append(t.trail, k)
	}
}

func (t *tree) barred(k int32) bool { return t.l.Upper(k) == 0 }

func (t *tree) unbar(mark int) {
	for _, k := range t.trail[mark:] {
		t.l.SetUpper(k, math.Inf(1))
	}
	t.trail = t.trail[:mark]
}

// back restores an earlier basis and what was barred then; cuts stay.
func (t *tree) back(saved simplex.Basis, mark int) {
	t.unbar(mark)
	t.l.SetBasis(saved)
}

// dive follows the relaxation down: what it uses most is taken for good, and it
// is solved again, until nothing better is left.
func (t *tree) dive(rel *relaxed) {
	v := t.v
	saved, mark := t.l.Basis(), len(t.trail)
	defer func() {
		t.back(saved, mark)
		t.seek(v.floor + 1)
	}()
	pos := make(map[int32]int32, len(t.cols))
	for k, j := range t.cols {
		pos[j] = int32(k)
	}
	taken := make(map[int32]bool)
	take := func(k int32) {
		if taken[k] || t.barred(k) {
			return
		}
		taken[k] = true
		for _, r := range v.q.p.rowsOf(t.cols[k]) {
			if v.q.p.cap[r] != 1 {
				continue
			}
			for _, j := range v.q.p.colsOf(r) {
				if o, ok := pos[j]; ok && o != k {
					t.bar(o)
				}
			}
		}
	}
	for ; !v.work.spent(); rel = t.bound() {
		t.guess(rel)
		t.seek(v.best + 1)
		if rel.most() <= v.best {
			return
		}
		best, most := int32(-1), noUse
		for k, x := range rel.x {
			switch k := int32(k); {
			case taken[k] || t.barred(k):
			case x > nearOne:
				take(k)
			case x > most:
				best, most = k, x
			}
		}
		if best < 0 {
			return
		}
		for k, x := range rel.x {
			if x >= most*diveShare && x > diveLeast {
				take(int32(k))
			}
		}
		if take(best); !t.refit() {
			return
		}
	}
}

// guess takes the columns that are used most as far as they fit.
func (t *tree) guess(rel *relaxed) {
	var order []int32
	for k, x := range rel.x {
		if x > noUse {
			order = append(order, int32(k))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(rel.x[b], rel.x[a]) })
	t.v.take(t.cols, order)
	t.v.work.add(int64(len(t.cols)/4 + 16*len(order)))
}
