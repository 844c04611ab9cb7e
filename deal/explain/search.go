package explain

import (
	"cmp"
	"slices"
	"sort"

	"sxp/deal"
)

// A search looks at the surroundings of one item, the root.
type search struct {
	g      *deal.Graph
	opt    deal.Options
	answer []deal.Ring
	root   deal.Node
	holder map[deal.Node]int // the chosen ring that passes a node that is no group

	start []int32 // arcs into node i come from from[start[i]:start[i+1]]
	from  []deal.Node

	// Items from a node to the root, both counted, or to a gift, the node not
	// counted; 0 where there is no way.
	back, gift []int32

	steps   int // of work left
	path    deal.Ring
	onPath  map[deal.Node]bool
	found   []Candidate
	more    bool
	longest int // of the rings looked for now, in items
}

func newSearch(g *deal.Graph, opt deal.Options, answer []deal.Ring, root deal.Node) *search {
	s := &search{g: g, opt: opt, answer: answer, root: root, steps: maxSteps,
		holder: make(map[deal.Node]int), onPath: make(map[deal.Node]bool)}
	for i, r := range answer {
		for _, n := range g.Items(r) {
			s.holder[n] = i
		}
	}
	s.turn()
	return s
}

// turn lists the arcs by where they lead.
func (s *search) turn() {
	g := s.g
	s.start = make([]int32, g.Len()+1)
	for n := range deal.Node(g.Len()) {
		for _, a := range g.Arcs(n) {
			s.start[a.To+1]++
		}
	}
	for i := range g.Len() {
		s.start[i+1] += s.start[i]
	}
	s.from = make([]deal.Node, g.NumArcs())
	next := slices.Clone(s.start)
	for n := range deal.Node(g.Len()) {
		for _, a := range g.Arcs(n) {
			s.from[next[a.To]] = n
			next[a.To]++
		}
	}
}

// most is how many items a ring, or a chain, moves at most.
func (s *search) most(chain bool) int {
	switch {
	case !chain && s.opt.MaxRing > 0:
		return s.opt.MaxRing
	case chain && s.opt.MaxChain != 0:
		return max(s.opt.MaxChain, 0)
	case chain && s.opt.MaxRing > 0:
		return s.opt.MaxRing - 1
	}
	return s.g.Offers()
}

// behind returns the items whose owners would take n, groups passed.
func (s *search) behind(n deal.Node) []deal.Node {
	seen := map[deal.Node]bool{}
	stack, items := []deal.Node{n}, []deal.Node(nil)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, u := range s.from[s.start[v]:s.start[v+1]] {
			if seen[u] {
				continue
			}
			seen[u] = true
			if s.g.IsGroup(u) {
				stack = append(stack, u)
			} else {
				items = append(items, u)
			}
		}
	}
	slices.Sort(items)
	return items
}

// measure fills back and gift by going backward, breadth first.
func (s *search) measure() {
	s.back, s.gift = make([]int32, s.g.Len()), make([]int32, s.g.Len())
	s.backward(s.back, []deal.Node{s.root}, 2)
	s.back[s.root] = 0
	var gifts []deal.Node
	for n := range deal.Node(s.g.Len()) {
		if s.g.IsGift(n) {
			gifts = append(gifts, n)
		}
	}
	s.backward(s.gift, gifts, 1)
}

// backward gives every node that leads to one of the targets its distance, the
// direct ones first.
func (s *search) backward(dist []int32, targets []deal.Node, first int32) {
	here, seen := targets, make([]bool, s.g.Len())
	for _, n := range targets {
		seen[n] = true
	}
	for d := first; len(here) > 0; d++ {
		var next []deal.Node
		stack := slices.Clone(here)
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, u := range s.from[s.start[v]:s.start[v+1]] {
				if seen[u] {
					continue
				}
				seen[u], dist[u] = true, d
				if s.g.IsGroup(u) {
					stack = append(stack, u)
				} else {
					next = append(next, u)
				}
			}
		}
		here = next
	}
}

// shortest is how many items the shortest ring or chain through the root
// moves; 0: there is none.
func (s *search) shortest() int {
	best := 0
	note := func(items int32) {
		if items > 0 && (best == 0 || int(items) < best) {
			best = int(items)
		}
	}
	for _, v := range s.g.Takes(s.root) {
		note(s.back[v])
	}
	if s.most(true) > 0 {
		note(s.gift[s.root])
		if s.g.IsGift(s.root) && len(s.behind(s.root)) > 0 {
			note(1)
		}
	}
	return best
}

// rings returns the best rings and chains within the cap, shortest first, and
// whether there are more.
func (s *search) rings() (list []Candidate, more bool) {
	chains := s.most(true)
	if s.g.IsGift(s.root) {
		for _, v := range s.behind(s.root) {
			if chains > 0 {
				s.keep(s.via(v, s.root))
			}
		}
		return s.best()
	}
	for s.longest = 1; s.longest <= s.most(false) && len(s.found) < MaxRings && s.steps > 0; s.longest++ {
		s.path = append(s.path[:0], s.root)
		s.deeper(s.root, s.longest)
		if s.longest <= chains {
			s.path = append(s.path[:0], s.root)
			s.given(s.root, s.longest)
		}
	}
	return s.best()
}

// via is the chain in which v takes the gift n directly, or through groups.
func (s *search) via(v, n deal.Node) deal.Ring {
	best := deal.Ring{v}
	at := v
	for range deal.MaxNesting + 1 {
		next := deal.Node(-1)
		for _, a := range s.g.Arcs(at) {
			if a.To == n {
				return append(best, n)
			}
			if next < 0 && s.g.IsGroup(a.To) && slices.Contains(s.g.Takes(a.To), n) {
				next = a.To
			}
		}
		if next < 0 {
			break
		}
		best, at = append(best, next), next
	}
	return nil
}

// deeper extends the path to rings of exactly so many items more, the last one
// counted.
func (s *search) deeper(v deal.Node, left int) {
	for _, a := range s.g.Arcs(v) {
		w := a.To
		if s.steps--; s.steps < 0 {
			return
		}
		if len(s.found) >= 4*MaxRings {
			s.more = true
			return
		}
		switch {
		case w == s.root && left == 1:
			s.keep(slices.Clone(s.path))
		case w == s.root || s.onPath[w] || s.back[w] == 0:
		case s.g.IsGroup(w):
			if int(s.back[w]) <= left+1 {
				s.step(w, func() { s.deeper(w, left) })
			}
		case left > 1 && int(s.back[w]) <= left:
			s.step(w, func() { s.deeper(w, left-1) })
		}
	}
}

// given extends the path to chains that move exactly so many items more: the
// root takes and gives nothing.
func (s *search) given(v deal.Node, left int) {
	for _, a := range s.g.Arcs(v) {
		w := a.To
		if s.steps--; s.steps < 0 {
			return
		}
		if len(s.found) >= 4*MaxRings {
			s.more = true
			return
		}
		switch {
		case s.g.IsGift(w):
			if left == 1 {
				s.keep(append(slices.Clone(s.path), w))
			}
		case w == s.root || s.onPath[w] || s.gift[w] == 0:
		case s.g.IsGroup(w):
			if int(s.gift[w]) <= left {
				s.step(w, func() { s.given(w, left) })
			}
		case left > 1 && int(s.gift[w]) <= left-1:
			s.step(w, func() { s.given(w, left-1) })
		}
	}
}

func (s *search) step(w deal.Node, further func()) {
	s.onPath[w] = true
	s.path = append(s.path, w)
	further()
	s.path = s.path[:len(s.path)-1]
	delete(s.onPath, w)
}

// keep takes note of a ring, if it breaks no rule by itself.
func (s *search) keep(r deal.Ring) {
	if len(r) == 0 {
		return
	}
	v, err := deal.Check(s.g, []deal.Ring{r}, s.opt)
	if err != nil {
		return
	}
	if slices.ContainsFunc(s.found, func(c Candidate) bool { return slices.Equal(c.Ring, r) }) {
		return // parallel arcs
	}
	c := Candidate{Ring: r, Items: v.Items, Cost: v.Cost}
	use := make(map[deal.Node]int)
	for _, n := range r {
		use[n]++
		if at, ok := s.holder[n]; ok && !slices.Contains(c.Instead, at) {
			c.Instead = append(c.Instead, at)
		}
	}
	for at, other := range s.answer { // groups that have no room for both
		if slices.Contains(c.Instead, at) {
			continue
		}
		if slices.ContainsFunc(other, func(n deal.Node) bool { return s.g.IsGroup(n) && use[n] > 0 && s.full(n, use[n]) }) {
			c.Instead = append(c.Instead, at)
		}
	}
	slices.Sort(c.Instead)
	s.found = append(s.found, c)
}

// full reports whether a group has no room for so many passes more.
func (s *search) full(n deal.Node, more int) bool {
	for _, r := range s.answer {
		for _, x := range r {
			if x == n {
				more++
			}
		}
	}
	return more > s.g.Capacity(n)
}

// best orders what was found: what breaks the fewest rings, then the shortest.
func (s *search) best() ([]Candidate, bool) {
	sort.SliceStable(s.found, func(i, j int) bool {
		a, b := &s.found[i], &s.found[j]
		return cmp.Or(cmp.Compare(len(a.Instead), len(b.Instead)), cmp.Compare(a.Items, b.Items), cmp.Compare(a.Cost, b.Cost), slices.Compare(a.Ring, b.Ring)) < 0
	})
	more := s.more || s.steps <= 0 || len(s.found) > MaxRings
	return s.found[:min(len(s.found), MaxRings)], more
}
