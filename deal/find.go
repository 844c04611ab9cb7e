package deal

import (
	"sort"

	"sxp"
)

// Options steer Find. The zero value means rings of any length; Defaults is
// what people usually want.
type Options struct {
	// MaxRing is how many items a ring has at most, hence also how many people
	// sign its contract: 2 to MaxRingCap, or 0 for any length.
	MaxRing int

	// MaxChain is how many items a chain moves at most, which is one less than
	// its people: 1 to MaxRingCap, 0 for as many people as a ring may have, or
	// below 0 for no chains.
	MaxChain int

	// Goals say what is sought, most important first; none means DefaultGoals.
	// Each stands once.
	Goals []Goal

	// MaxMeanCost drops rings whose mean cost per item is above it
	// (TradeMaximizer's NONTRADE-COST); 0 keeps all.
	MaxMeanCost int64

	// Skip, if set, leaves out the rings for which it is true; it is given each
	// ring from its lowest offer on, and must not keep it. With it MaxRing must
	// not be 0.
	Skip func(Ring) bool

	// Budget is how much work to spend, in units of about 20 ns that depend on
	// the input only, never on a clock. 0 means DefaultBudget.
	Budget int64

	// MaxRings is how many rings are held at once at most, some 700 bytes each
	// while they are chosen from: 20,000 or more, 0 means a million. What is
	// beyond is left out.
	MaxRings int

	// Seed chooses among searches of equal quality. The same seed gives the
	// same answer.
	Seed uint64

	// Progress, if set, is called every few hundred milliseconds with what is
	// known so far, from the caller's goroutine. Returning false stops the
	// search: Find then returns the best so far.
	Progress func(Progress) bool
}

// Defaults returns the usual options: rings of up to four items.
func Defaults() Options { return Options{MaxRing: DefaultMaxRing} }

// chain is how many items a chain moves at most; 0: none, below 0: any number.
func (o Options) chain() int {
	switch {
	case o.MaxChain < 0:
		return 0
	case o.MaxChain > 0:
		return o.MaxChain
	}
	return o.MaxRing - 1
}

// goals is what is sought, most important first.
func (o Options) goals() []Goal {
	if len(o.Goals) == 0 {
		return DefaultGoals()
	}
	return o.Goals
}

// Progress is a search seen from outside.
type Progress struct {
	Stage  string // "rings" (listing them), "improve", "bound" or "prove"
	Listed int    // rings listed so far
	Best   Value  // the best found so far
	Bound  int64  // no answer is worth more by the first goal; 0 while unknown
	Done   int64  // work spent
	Budget int64  // of this much
}

// A Result is what Find found.
type Result struct {
	Rings []Ring // ordered by their first node, a ring's lowest offer
	Value Value  // what they are worth

	// Bound is proven: no set of rings within the limits is worth more by the
	// first goal (less, where that is Cost).
	Bound int64

	// Optimal says that the first goal is proven best, so Value's part of it
	// equal to Bound; Exact that the others are proven best as well, each among
	// what is best by those before it.
	Optimal, Exact bool

	// Listed is how many different rings were weighed; Complete says that
	// these are all there are.
	Listed   int
	Complete bool

	Work int64 // spent, in the units of Options.Budget

	// Certificate lets others check Bound, Optimal and Exact: see Verify. It is
	// nil where nothing is claimed that could be shown briefly: where rings were
	// left out, or the proof is too large.
	Certificate *Certificate
}

// Find returns the rings to trade in g.
func Find(g *Graph, opt Options) (Result, error) {
	if opt.MaxRing != 0 {
		return FindCapped(g, opt)
	}
	return find(g, opt, (*finder).anyLength)
}

// FindCapped is Find where MaxRing is not 0, as on all markets: a program that
// calls only this does not carry what finds rings of any length.
func FindCapped(g *Graph, opt Options) (Result, error) {
	if opt.MaxRing == 0 {
		return Result{}, sxp.Errorf("deal.FindCapped", sxp.Invalid, nil, "rings of any length: the limit must be 2 to %d", MaxRingCap)
	}
	return find(g, opt, (*finder).capped)
}

// find checks what it is given, searches, and checks what was found.
func find(g *Graph, opt Options, search func(*finder)) (Result, error) {
	const op = "deal.Find"
	if err := check(g, opt); err != nil {
		return Result{}, err
	}
	f := &finder{g: g, opt: opt, goals: opt.goals(), work: newMeter(opt), core: newOutward(g, opt.chain() != 0)}
	search(f)
	v, err := Check(g, f.result.Rings, opt) // an answer that breaks a rule never leaves
	if err != nil {
		return Result{}, sxp.Errorf(op, sxp.Internal, nil, "the answer found breaks a rule: %w", err)
	}
	f.result.Value = v
	f.result.Work = f.work.done
	return f.result, nil
}

// check fails where a graph is too large or options make no sense.
func check(g *Graph, opt Options) error {
	const op = "deal.Find"
	switch {
	case g.Len() > MaxNodes || g.NumArcs() > MaxArcs:
		return sxp.Errorf(op, sxp.TooLarge, nil, "%d nodes and %d arcs, at most %d and %d are allowed", g.Len(), g.NumArcs(), MaxNodes, MaxArcs)
	case opt.MaxRings < 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "at most %d rings at once: the number must be 0 or more", opt.MaxRings)
	case opt.MaxRing == 1 || opt.MaxRing < 0 || opt.MaxRing > MaxRingCap:
		return sxp.Errorf(op, sxp.Invalid, nil, "rings of at most %d items: the limit must be 2 to %d, or 0 for any length", opt.MaxRing, MaxRingCap)
	case opt.MaxChain > MaxRingCap:
		return sxp.Errorf(op, sxp.Invalid, nil, "chains of at most %d items: the limit must be at most %d", opt.MaxChain, MaxRingCap)
	case opt.Skip != nil && opt.MaxRing == 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "rings of any length are not listed, so none can be left out")
	}
	return checkGoals(opt.Goals)
}

// A finder is one call of Find.
type finder struct {
	g      *Graph
	opt    Options
	goals  []Goal
	work   *meter
	core   *core
	result Result

	// outer rules out the rings that were not listed; nil where all were.
	outer *Prices
}

// answer translates the chosen columns back to nodes of the graph.
func (f *finder) answer(p *packing, chosen []int32) {
	f.result.Rings = nil
	for _, i := range chosen {
		var r Ring
		for _, x := range p.pool.ring(i) {
			r = append(r, f.core.node[x])
		}
		f.result.Rings = append(f.result.Rings, r)
	}
	sortRings(f.g, f.result.Rings)
}

// sortRings turns each ring so that its lowest offer comes first, and orders
// the rings by it; a chain keeps its beginning.
func sortRings(g *Graph, rings []Ring) {
	for i, r := range rings {
		if g.IsChain(r) {
			continue
		}
		low := -1
		for k, n := range r {
			if !g.IsGroup(n) && (low < 0 || n < r[low]) {
				low = k
			}
		}
		rings[i] = append(append(Ring{}, r[low:]...), r[:low]...)
	}
	sort.Slice(rings, func(i, j int) bool { return rings[i][0] < rings[j][0] })
}
