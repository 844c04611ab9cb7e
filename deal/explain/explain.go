// Package explain tells somebody why an item found no ring, and what they could
// do about it: who wants it, how long the shortest ring through it is, which
// rings lost against better ones, and what else they would have to take for a
// ring to close.
//
// It is pure, as package deal is, and looks at one item at a time in time
// linear in the graph, plus a bounded search for rings.
package explain

import (
	"cmp"
	"slices"
	"sort"

	"sxp"
	"sxp/deal"
)

// A Reason says in one word why an item is not traded.
type Reason string

// The reasons, the most basic first. The first that holds is given.
const (
	Traded    Reason = "traded"     // it is: there is nothing to explain
	Kept      Reason = "kept"       // it is kept: its owner gets a gift at the end of a chain
	NoWishes  Reason = "no-wishes"  // its owner would take nothing that is there
	NotWanted Reason = "not-wanted" // nobody would take it
	NoRing    Reason = "no-ring"    // what leads to it never meets what leads from it
	TooLong   Reason = "too-long"   // rings through it exist, but all are longer than allowed
	Outbid    Reason = "outbid"     // its rings need items that trade better elsewhere
	Possible  Reason = "possible"   // a ring through it is free: the answer is not the best
	Limited   Reason = "limited"    // a ring through it is free but for a limit, on what is spent or how many items are traded
	Unknown   Reason = "unknown"    // the search through its rings ended before one was found
)

// Limits of a Report.
const (
	// MaxRings is how many rings a report names.
	MaxRings = 10
	// MaxAdvice is how many items it advises to take.
	MaxAdvice = 10
	// maxSteps bounds the search for rings.
	maxSteps = 4_000_000
)

// A Candidate is a ring through the item that was not chosen.
type Candidate struct {
	Ring    deal.Ring
	Items   int   // that it would move
	Cost    int64 // of its arcs
	Instead []int // the places of the chosen rings that it would break, ascending
}

// Advice is an offer or gift that closes a ring if the item's owner takes it.
type Advice struct {
	Offer deal.Node
	Items int  // in the ring that it closes
	Free  bool // it is not traded in the answer
}

// A Report explains one item against one answer.
type Report struct {
	Reason   Reason
	In       int // the place of the ring that it stands in, -1 if in none
	Wishes   int // offers and gifts of others that its owner would take
	Wanted   int // offers and needs whose owners would take it …
	By       int // … and how many people these are
	Shortest int // items of the shortest ring or chain through it; 0: there is none
	Rings    []Candidate
	More     bool // there are more rings than those
	Advice   []Advice
}

// Why explains node n, which is no group, against the rings of an answer. Of
// the options it looks at MaxRing and MaxChain. It fails with Invalid where the
// answer itself breaks a rule, and with NotFound where n is no item.
func Why(g *deal.Graph, opt deal.Options, answer []deal.Ring, n deal.Node) (*Report, error) {
	const op = "explain.Why"
	if n < 0 || int(n) >= g.Len() || g.IsGroup(n) {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "%v is no item of this market", n)
	}
	if _, err := deal.Check(g, answer, opt); err != nil {
		return nil, err
	}
	s := newSearch(g, opt, answer, n)
	r := &Report{In: -1}
	if at, ok := s.holder[n]; ok {
		r.In = at
	}
	takers := make(map[int]bool)
	for _, v := range s.behind(n) {
		takers[g.Owner(v)] = true
		r.Wanted++
	}
	r.Wishes, r.By = len(g.Takes(n)), len(takers)
	s.measure()
	r.Shortest = s.shortest()
	if r.In < 0 {
		r.Rings, r.More = s.rings()
		r.Advice = s.advice()
	}
	r.Reason = s.reason(r)
	return r, nil
}

// reason chooses the first reason that holds.
func (s *search) reason(r *Report) Reason {
	g := s.g
	switch {
	case r.In >= 0 && s.kept(r.In):
		return Kept
	case r.In >= 0:
		return Traded
	case r.Wishes == 0 && !g.IsGift(s.root):
		return NoWishes
	case r.Wanted == 0 && r.Shortest == 0 && !g.IsNeed(s.root):
		return NotWanted
	case r.Shortest == 0:
		return NoRing
	case len(r.Rings) == 0 && s.steps <= 0:
		return Unknown
	case len(r.Rings) == 0:
		return TooLong
	}
	for _, c := range r.Rings {
		if len(c.Instead) > 0 {
			continue
		}
		if _, err := deal.Check(g, append(slices.Clone(s.answer), c.Ring), s.opt); err != nil {
			return Limited
		}
		return Possible
	}
	return Outbid
}

// kept reports whether the root only begins the chain at that place, so that
// it is not given away.
func (s *search) kept(at int) bool {
	r := s.answer[at]
	return s.g.IsChain(r) && r[0] == s.root && !s.g.IsNeed(s.root)
}

// advice finds what the root's owner does not take yet but from where a ring
// leads back to the root within the cap: nothing but one more want is missing.
func (s *search) advice() []Advice {
	if s.g.IsGift(s.root) {
		return nil
	}
	taken := make(map[deal.Node]bool)
	for _, n := range s.g.Takes(s.root) {
		taken[n] = true
	}
	var list []Advice
	for v := range deal.Node(s.g.Len()) {
		items := 0
		switch {
		case s.g.IsGroup(v) || s.g.IsNeed(v) || taken[v] || s.g.Owner(v) == s.g.Owner(s.root):
		case s.g.IsGift(v):
			if s.most(true) >= 1 {
				items = 1
			}
		case s.back[v] > 0 && (s.opt.MaxRing == 0 || int(s.back[v]) <= s.opt.MaxRing):
			items = int(s.back[v])
		}
		if items > 0 {
			_, used := s.holder[v]
			list = append(list, Advice{Offer: v, Items: items, Free: !used})
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		if a.Free != b.Free {
			return a.Free
		}
		return cmp.Or(cmp.Compare(a.Items, b.Items), cmp.Compare(a.Offer, b.Offer)) < 0
	})
	return list[:min(len(list), MaxAdvice)]
}
