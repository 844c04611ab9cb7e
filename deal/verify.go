package deal

import (
	"slices"

	"sxp"
)

// A Verdict is what Verify found to be true.
type Verdict struct {
	Value Value // of the rings

	// Bound is proven: no answer is worth more by the first goal (less, where
	// that is Cost). It says nothing unless Bounded.
	Bound   int64
	Bounded bool

	Optimal bool // the first goal of Value is proven best
	Exact   bool // all goals of Value are proven best
}

// Verify checks rings as Check does, and what a certificate says about them. A
// nil certificate claims nothing. It fails with Invalid, naming the proof and
// what is wrong with it, where the certificate does not prove what it claims,
// and with TooLarge where checking it takes more work than opt.Budget allows.
// Of the options it looks at Goals, MaxRing, MaxChain, MaxMeanCost, Skip and
// Budget.
//
// Rings of limited length are walked once, at the first prices; only those that
// the prices cannot rule out are kept for what follows.
func Verify(g *Graph, opt Options, rings []Ring, cert *Certificate) (Verdict, error) {
	const op = "deal.Verify"
	value, err := Check(g, rings, opt)
	if err != nil || cert == nil {
		return Verdict{Value: value}, err
	}
	if err := check(g, opt); err != nil {
		return Verdict{}, err
	}
	v := &verifier{g: g, opt: opt, goals: opt.goals(), value: value, work: newMeter(opt), core: newCore(g, opt.chain() != 0),
		single: len(cert.Proofs) == 1}
	if len(cert.Proofs) > len(v.goals) {
		return Verdict{}, sxp.Errorf(op, sxp.Invalid, nil, "%d proofs of %d goals", len(cert.Proofs), len(v.goals))
	}
	out := Verdict{Value: value, Exact: len(cert.Proofs) == len(v.goals)}
	for k := range cert.Proofs {
		best, err := v.prove(k, &cert.Proofs[k])
		if err != nil {
			return Verdict{}, sxp.Errorf(op, sxp.KindOf(err), nil, "proof %d: %w", k, err)
		}
		if k == 0 {
			out.Bound, out.Bounded, out.Optimal = cert.Proofs[0].Bound, true, best
		}
		if !best && k+1 < len(cert.Proofs) {
			return Verdict{}, sxp.Errorf(op, sxp.Invalid, nil, "proof %d leaves its goal open, so that those after it say nothing", k)
		}
		out.Exact = out.Exact && best
	}
	return out, nil
}

// A verifier checks one certificate.
type verifier struct {
	g     *Graph
	opt   Options
	goals []Goal
	value Value
	work  *meter
	core  *core
	sum   ledger

	single bool // one proof only

	pool    *pool // rings that the first prices leave
	expect  []int64
	left    []int32 // of these, what answers may hold that are as good in all goals so far
	weights []int64 // of the goals of the proof being checked
	claim   int64   // no answer's measure is said to be above
	cuts    cutTable
	charged [][]charge
	taken   []taken // by the branch being checked
	astray  bool    // prices name a branch that takes nothing here
	at      []int32
	depth   int // of the branch being checked
	held    int // rings that lists of open branches name
}

// Bounds of the tree of branches, so that neither the stack nor what is kept
// for the cases to come grows with what a stranger writes.
const (
	maxBranchDepth = 10_000
	maxHeld        = 1 << 26
)

// A taken is a ring of the pool that every answer of a branch holds.
type taken struct {
	branch int // that was split by it
	ring   int32
}

// prove checks the proof of goal k; best: the value reaches its bound.
func (v *verifier) prove(k int, p *Proof) (best bool, err error) {
	goal := v.goals[k]
	switch {
	case p.Goal != goal.String():
		return false, v.invalid("it is about %q, not about %q", p.Goal, goal)
	case len(p.Weights) != k:
		return false, v.invalid("%d weights for %d goals before it", len(p.Weights), k)
	case slices.ContainsFunc(p.Weights, func(w int64) bool { return w < 0 || w > largestMeasure }):
		return false, v.invalid("a weight is not within 0 and %d", int64(largestMeasure))
	}
	v.weights = append(slices.Clone(p.Weights), 1)
	v.claim = 0
	for i := range v.weights {
		x := v.value.Of(v.goals[i])
		if i == k {
			x = p.Bound
		}
		if v.goals[i] == Cost {
			x = -x
		}
		v.claim = v.sum.add(v.claim, v.sum.mul(v.weights[i], x))
	}
	if v.opt.MaxRing == 0 {
		err = v.potentials(k, p)
	} else {
		err = v.branches(k, p)
	}
	if err == nil && v.sum.broken {
		err = v.invalid("its numbers are too large")
	}
	if err == nil && v.work.spent() {
		err = sxp.Errorf("deal.Verify", sxp.TooLarge, nil, "more work than the budget of %d allows", v.work.budget)
	}
	return p.Bound == v.value.Of(goal), err
}

func (v *verifier) invalid(format string, args ...any) error {
	return sxp.Errorf("deal.Verify", sxp.Invalid, nil, format, args...)
}

// branches checks a proof about rings of limited length.
func (v *verifier) branches(k int, p *Proof) error {
	if err := v.cuts.read(v, p.Cuts); err != nil {
		return err
	}
	if len(p.Branches) == 0 {
		return v.follows(k, p)
	}
	if err := shape(p.Branches); err != nil {
		return err
	}
	root := &p.Branches[0]
	first := &Prices{Scale: 1}
	if len(root.Prices) > 0 {
		first = &root.Prices[0]
	}
	pr, err := v.price(first)
	if err != nil {
		return err
	}
	if v.pool == nil {
		least := v.claim
		if v.single {
			least = v.sum.add(least, 1) // nothing comes after it
		}
		if err := v.gather(pr, least, len(root.Prices) == 0); err != nil {
			return err
		}
	}
	if err := v.branch(p.Branches, 0, v.left); err != nil {
		return err
	}
	return v.narrow(root.Prices)
}

// narrow leaves out the rings that no answer as good as the claim can hold, by
// all first prices that leave none of them a surplus.
func (v *verifier) narrow(list []Prices) error {
	for i := range list {
		pr, err := v.price(&list[i])
		if err != nil {
			return err
		}
		for _, j := range v.left {
			if v.surplus(pr, j) > 0 || v.work.spent() {
				return nil
			}
		}
		v.left = v.worthy(pr, v.left, v.claim)
	}
	return nil
}

// follows checks a proof that gives no prices.
func (v *verifier) follows(k int, p *Proof) error {
	goal := v.goals[k]
	if v.pool == nil {
		return v.invalid("it has no branches")
	}
	packed := packing{pool: v.pool, items: v.pool.size, cost: v.pool.cost, expect: v.expect, top: v.g.top}
	if p.Bound != v.value.Of(goal) || !packed.follows(goal, slices.Contains(v.goals[:k], Items), v.left) {
		return v.invalid("%q does not follow from the goals before", goal)
	}
	return nil
}

// follows reports whether what a choice among some columns has of a goal
// follows from its items, which may be given: each has as much per item, or
// none has any.
func (p *packing) follows(goal Goal, given bool, cols []int32) bool {
	if goal == People {
		return false
	}
	for _, j := range cols {
		a, b := wideProduct(p.of(goal, j), p.items[cols[0]]), wideProduct(p.of(goal, cols[0]), p.items[j])
		if a != b || !given && p.of(goal, j) != 0 {
			return false
		}
	}
	return true
}

// wideProduct is the exact product, as high and low part.
func wideProduct(x int64, y int32) [2]int64 {
	hi, lo := x>>32*int64(y), x&(1<<32-1)*int64(y)
	return [2]int64{hi + lo>>32, lo & (1<<32 - 1)}
}

// shape checks that the branches make a tree.
func shape(list []Branch) error {
	named := make([]int, len(list))
	for at, b := range list {
		if len(b.Arc) == 0 && len(b.Ring) == 0 {
			if b.With != 0 || b.Without != 0 {
				return sxp.Errorf("deal.Verify", sxp.Invalid, nil, "branch %d: cases without anything it is split by", at)
			}
			continue
		}
		if len(b.Arc) != 0 && len(b.Arc) != 2 || len(b.Arc) != 0 && len(b.Ring) != 0 {
			return sxp.Errorf("deal.Verify", sxp.Invalid, nil, "branch %d: it is split by one arc or by one ring", at)
		}
		for _, to := range []int{b.With, b.Without} {
			if to <= at || to >= len(list) {
				return sxp.Errorf("deal.Verify", sxp.Invalid, nil, "branch %d: case %d must stand later, in a list of %d", at, to, len(list))
			}
			named[to]++
		}
	}
	for at, n := range named {
		if at > 0 && n != 1 {
			return sxp.Errorf("deal.Verify", sxp.Invalid, nil, "branch %d: it is a case of %d others", at, n)
		}
	}
	return nil
}

// branch checks that no answer made of rings left exceeds the claim.
func (v *verifier) branch(list []Branch, at int, left []int32) error {
	b := &list[at]
	v.work.add(8)
	if v.depth++; v.depth > maxBranchDepth {
		return sxp.Errorf("deal.Verify", sxp.TooLarge, nil, "branch %d: more than %d lie in one another", at, maxBranchDepth)
	}
	defer func() { v.depth-- }()
	for i := range b.Prices {
		pr, err := v.price(&b.Prices[i])
		if err != nil {
			return err
		}
		for _, j := range left {
			if v.work.spent() {
				return nil // prove says so
			}
			if d := v.surplus(pr, j); d > 0 {
				return v.invalid("branch %d: prices %d leave ring %v a surplus of %d", at, i, v.named(j), d)
			}
		}
		if pr.total < v.sum.mul(v.sum.add(v.claim, 1), pr.scale) {
			return nil
		}
		left = v.worthy(pr, left, v.sum.add(v.claim, 1))
		v.work.add(int64(len(v.taken)) * int64(len(left)) / 16)
		for _, t := range v.taken {
			if !slices.Contains(left, t.ring) {
				return nil // what is taken is part of nothing better
			}
			if v.work.spent() {
				return nil
			}
		}
	}
	if len(left) == 0 && v.claim >= 0 || v.work.spent() {
		return nil
	}
	if b.With == 0 {
		return v.invalid("branch %d: the bound does not follow from its prices", at)
	}
	if len(b.Ring) > 0 {
		return v.byRing(list, at, left)
	}
	with, without, err := v.byArc(b, left)
	if err != nil {
		return err
	}
	return v.cases(with, without, func() error {
		if err := v.branch(list, b.With, with); err != nil {
			return err
		}
		return v.branch(list, b.Without, without)
	})
}

// cases calls f while two lists of rings are kept.
func (v *verifier) cases(with, without []int32, f func() error) error {
	n := len(with) + len(without)
	if v.held += n; v.held > maxHeld {
		return sxp.Errorf("deal.Verify", sxp.TooLarge, nil, "more than %d rings are left in the branches that are open at once", maxHeld)
	}
	defer func() { v.held -= n }()
	return f()
}

// byRing checks the two cases of a branch that is split by a ring: all that
// fits beside it and what is taken already, and all others.
func (v *verifier) byRing(list []Branch, at int, left []int32) error {
	b := &list[at]
	v.work.add(int64(len(left)))
	ring := slices.IndexFunc(left, func(j int32) bool { return v.is(j, b.Ring) })
	if ring < 0 { // no better answer holds it
		return v.branch(list, b.Without, left)
	}
	it := left[ring]
	if slices.ContainsFunc(v.taken, func(t taken) bool { return t.ring == it }) {
		return v.invalid("branch %d: it is split by ring %v, which is taken already", at, b.Ring)
	}
	v.taken = append(v.taken, taken{at, it})
	with := v.beside(left)
	without := slices.DeleteFunc(slices.Clone(left), func(j int32) bool { return j == it })
	return v.cases(with, without, func() error {
		err := v.branch(list, b.With, with)
		v.taken = v.taken[:len(v.taken)-1]
		if err != nil {
			return err
		}
		return v.branch(list, b.Without, without)
	})
}

// beside returns what fits beside the rings that are taken.
func (v *verifier) beside(left []int32) []int32 {
	used, load, held := make(map[int32]int32), make(map[int32]int64), make(map[int32]bool)
	for _, t := range v.taken {
		held[t.ring] = true
		for _, x := range v.pool.ring(t.ring) {
			used[x]++
		}
		if v.charged != nil {
			for _, s := range sums(v.charged, v.pool.ring(t.ring)) {
				load[s.limit] += s.weight
			}
		}
	}
	v.work.add(int64(len(v.taken)) * 8)
	var kept []int32
	for _, j := range left {
		if held[j] || v.fits(v.pool.ring(j), used, load) {
			kept = append(kept, j)
		}
		if v.work.spent() {
			break
		}
	}
	return kept
}

// fits reports whether a ring has room beside what is used up.
func (v *verifier) fits(ring []int32, used map[int32]int32, load map[int32]int64) bool {
	fits := true
	for _, x := range ring {
		used[x]++
		fits = fits && used[x] <= v.core.limit(x)
	}
	for _, x := range ring {
		used[x]--
	}
	v.work.add(int64(len(ring)))
	if !fits || v.charged == nil {
		return fits
	}
	of := sums(v.charged, ring)
	v.work.add(int64(len(of)))
	return !slices.ContainsFunc(of, func(s charge) bool { return load[s.limit]+s.weight > v.g.limits[s.limit].most })
}

// worthy returns the rings that an answer may hold whose measure reaches least.
func (v *verifier) worthy(pr *pricing, left []int32, least int64) []int32 {
	need := v.sum.mul(least, pr.scale)
	var kept []int32
	for _, j := range left {
		if v.sum.add(pr.total, v.surplus(pr, j)) >= need {
			kept = append(kept, j)
		}
	}
	return kept
}

// byArc divides what is left into the rings that answers with the arc may hold,
// and those that answers without may.
func (v *verifier) byArc(b *Branch, left []int32) (with, without []int32, err error) {
	from, to := b.Arc[0], b.Arc[1]
	for _, n := range b.Arc {
		if !v.g.has(n) || v.g.Capacity(n) != 1 {
			return nil, nil, v.invalid("a branch is split by the arc %d to %d, whose ends must be passed once at most", from, to)
		}
	}
	for _, j := range left {
		uses, touches := false, false
		r := v.pool.ring(j)
		for i, x := range r {
			a, c := v.core.node[x], v.core.node[r[(i+1)%len(r)]]
			uses = uses || a == from && c == to
			touches = touches || a == from || c == to
		}
		if uses || !touches {
			with = append(with, j)
		}
		if !uses {
			without = append(without, j)
		}
	}
	v.work.add(int64(len(left)))
	return with, without, nil
}

// is reports whether ring j of the pool is r, in nodes of the graph.
func (v *verifier) is(j int32, r Ring) bool {
	ring := v.pool.ring(j)
	if len(ring) != len(r) {
		return false
	}
	for i, x := range ring {
		if v.core.node[x] != r[i] {
			return false
		}
	}
	return true
}

// named returns ring j in nodes of the graph.
func (v *verifier) named(j int32) Ring {
	var r Ring
	for _, x := range v.pool.ring(j) {
		r = append(r, v.core.node[x])
	}
	return r
}
