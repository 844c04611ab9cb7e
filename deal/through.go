package deal

import (
	"cmp"
	"slices"
)

// MaxLoops is how many rings Through returns at most.
const MaxLoops = 100_000

// DefaultEffort is the usual work of one call of Through, about a second.
const DefaultEffort = 50_000_000

// A search is the scratch memory of Through. It measures the way back to the
// offer asked for, in keys rather than in arcs: level r holds every key such
// that whoever has it is r steps away, with the least cost of such a walk.
type search struct {
	epoch int32
	key   []level
	offer []level

	root    int32
	length  int // of the rings looked for now
	want    int // so many rings
	effort  int64
	path    []int32
	wishes  []Wish
	onPath  map[int32]bool
	passed  map[uint64]int // groups on the path
	found   []Loop
	hurried bool // ran out of effort
}

// A level is a sparse set with costs; an entry is valid where stamp is the epoch.
type level struct {
	stamp []int32
	cost  []int64
	list  []int32
}

func (l *level) lower(epoch, i int32, cost int64) {
	if l.stamp[i] != epoch {
		l.stamp[i], l.cost[i] = epoch, cost
		l.list = append(l.list, i)
	} else if cost < l.cost[i] {
		l.cost[i] = cost
	}
}

func (l *level) reset(n int) {
	for len(l.stamp) < n {
		l.stamp = append(l.stamp, make([]int32, n-len(l.stamp))...)
		l.cost = append(l.cost, make([]int64, n-len(l.cost))...)
	}
	l.list = l.list[:0]
}

// Through returns the best n rings (0: all, at most MaxLoops) of up to maxRing
// items (2 to MaxRingCap) that pass the offer: shorter ones first, since every
// party more is one more that may fail; among equals the lower cost, then the
// lower IDs. No ring is missed unless complete is false, which means that the
// effort (0: DefaultEffort) ran out. People may own several items of a ring
// but do not trade with themselves.
func (ix *Index) Through(id uint64, n, maxRing int, effort int64) (rings []Loop, complete bool) {
	root, ok := ix.slots[id]
	if !ok || maxRing < 2 {
		return nil, true
	}
	s := &ix.search
	s.root, s.want, s.effort = root, n, effort
	if n <= 0 || n > MaxLoops {
		s.want = MaxLoops
	}
	if effort <= 0 {
		s.effort = DefaultEffort
	}
	s.onPath, s.passed, s.found, s.hurried = map[int32]bool{root: true}, map[uint64]int{}, nil, false
	maxRing = min(maxRing, MaxRingCap)
	ix.wayBack(maxRing / 2)
	for s.length = 2; s.length <= maxRing && !s.hurried && len(s.found) < s.want; s.length++ {
		s.path = append(s.path[:0], root)
		s.wishes = s.wishes[:0]
		ix.onward(root, s.length, 0)
	}
	return s.found, !s.hurried && len(s.found) < MaxLoops
}

// wayBack fills so many levels by walking backward from the root.
func (ix *Index) wayBack(levels int) {
	s := &ix.search
	s.epoch++
	for len(s.key) <= levels {
		s.key, s.offer = append(s.key, level{}), append(s.offer, level{})
	}
	for r := range levels + 1 {
		s.key[r].reset(len(ix.keys))
		s.offer[r].reset(len(ix.offers))
	}
	for _, k := range ix.offers[s.root].has {
		s.key[0].lower(s.epoch, k, 0)
	}
	for r := 1; r <= levels; r++ {
		// A wanter's cost must be its own wish's, so look its wishes over once.
		for _, k := range s.key[r-1].list {
			for _, o := range ix.keys[k].wanters {
				if o != s.root && s.offer[r].stamp[o] != s.epoch {
					ix.lowest(r, o)
				}
			}
			s.effort -= int64(len(ix.keys[k].wanters))
		}
		for _, o := range s.offer[r].list {
			for _, k := range ix.offers[o].has {
				s.key[r].lower(s.epoch, k, s.offer[r].cost[o])
			}
			s.effort -= int64(len(ix.offers[o].has))
		}
		if s.effort < 0 {
			s.hurried = true
			return
		}
	}
}

// lowest finds the least cost of r steps from offer o to the root.
func (ix *Index) lowest(r int, o int32) {
	s, before := &ix.search, &ix.search.key[r-1]
	for i, k := range ix.offers[o].wants {
		if before.stamp[k] == s.epoch {
			s.offer[r].lower(s.epoch, o, ix.offers[o].Wishes[i].Cost+before.cost[k])
		}
	}
	s.effort -= int64(len(ix.offers[o].wants))
}

// onward extends the path, which ends in offer x with so many steps left to
// the root.
func (ix *Index) onward(x int32, left int, cost int64) {
	s := &ix.search
	h := &ix.offers[x]
	s.effort -= int64(len(h.wants)) + 1
	for i, k := range h.wants {
		if s.effort < 0 {
			s.hurried = true
			return
		}
		w := h.Wishes[i]
		least := int64(0)
		if left-1 < len(s.key) {
			at := &s.key[left-1]
			if at.stamp[k] != s.epoch {
				continue
			}
			least = at.cost[k]
		}
		if s.full() && cost+w.Cost+least > s.worst() || !ix.pass(w.Via, 1) {
			continue
		}
		s.wishes = append(s.wishes, w)
		if left == 1 {
			if ix.offers[s.root].Person != h.Person {
				s.close(ix, cost+w.Cost)
			}
		} else {
			ix.branch(k, h.Person, left-1, cost+w.Cost)
		}
		s.wishes = s.wishes[:len(s.wishes)-1]
		ix.pass(w.Via, -1)
	}
}

// branch takes each offer that has key k.
func (ix *Index) branch(k int32, person uint64, left int, cost int64) {
	s := &ix.search
	s.effort -= int64(len(ix.keys[k].havers))
	for _, y := range ix.keys[k].havers {
		if y == s.root || ix.offers[y].Person == person || s.onPath[y] {
			continue
		}
		if left < len(s.key) {
			at := &s.offer[left]
			if at.stamp[y] != s.epoch || s.full() && cost+at.cost[y] > s.worst() {
				continue
			}
		}
		s.onPath[y] = true
		s.path = append(s.path, y)
		ix.onward(y, left, cost)
		s.path = s.path[:len(s.path)-1]
		delete(s.onPath, y)
		if s.hurried {
			return
		}
	}
}

// pass counts the groups of a wish in or out; it refuses, and counts nothing,
// where one is used up.
func (ix *Index) pass(via []uint64, by int) bool {
	s := &ix.search
	for i, g := range via {
		s.passed[g] += by
		if by > 0 && s.passed[g] > max(ix.groups[g], 1) {
			for _, h := range via[:i+1] {
				s.passed[h]--
			}
			return false
		}
	}
	return true
}

// full and worst are about the rings of the current length: shorter ones that
// were found are better anyway.
func (s *search) full() bool { return len(s.found) >= s.want }
func (s *search) worst() int64 {
	last := s.found[len(s.found)-1]
	if len(last.IDs) < s.length {
		return -1
	}
	return last.Cost
}

// close keeps the ring that the path makes, if it is among the best.
func (s *search) close(ix *Index, cost int64) {
	l := Loop{Cost: cost, Wishes: slices.Clone(s.wishes)}
	for _, x := range s.path {
		l.IDs = append(l.IDs, ix.offers[x].ID)
	}
	// The same offers in the same order may be found through other wishes.
	for i := len(s.found) - 1; i >= 0 && len(s.found[i].IDs) == s.length; i-- {
		if slices.Equal(s.found[i].IDs, l.IDs) {
			if s.found[i].Cost <= cost {
				return
			}
			s.found = slices.Delete(s.found, i, i+1)
			break
		}
	}
	at, _ := slices.BinarySearchFunc(s.found, l, compareLoops)
	if at >= s.want {
		return
	}
	s.found = slices.Insert(s.found, at, l)
	if len(s.found) > s.want {
		s.found = s.found[:s.want]
	}
}

func compareLoops(a, b Loop) int {
	return cmp.Or(cmp.Compare(len(a.IDs), len(b.IDs)), cmp.Compare(a.Cost, b.Cost), slices.Compare(a.IDs, b.IDs))
}
