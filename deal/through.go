package deal

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Limits of Through.
const (
	// MaxLoops is how many rings it returns when asked for all.
	MaxLoops = 100_000
	// MaxBest is how many of the best it returns.
	MaxBest = 1000
)

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
	levels  int     // of the way back that are filled
	length  int     // of the rings looked for now
	want    int     // so many rings; 0: all
	earlier int     // rings found of lesser length
	only    *uint64 // a group that the root's wish must count against, if set
	effort  int64
	path    []int32
	wishes  []Wish
	onPath  map[int32]bool
	passed  map[uint64]int // groups on the path
	found   []Loop
	seen    map[string]int // of the current length, by their offers: place when all are wanted
	hurried bool           // ran out of effort
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

// Through returns the best n rings (at most MaxBest; 0: all, at most MaxLoops)
// of up to maxRing items (2 to MaxRingCap) that pass the offer: shorter ones
// first, since every party more is one more that may fail; among equals the
// lower cost, then the lower IDs. No ring is missed unless complete is false,
// which means that the effort (in steps; 0: DefaultEffort) ran out. People may
// own several items of a ring but do not trade with themselves.
func (ix *Index) Through(id uint64, n, maxRing int, effort int64) (rings []Loop, complete bool) {
	ix.search.only = nil
	return ix.through(id, n, maxRing, effort)
}

// ThroughGroup is Through for those rings only in which the offer's owner
// takes something that counts against this group.
func (ix *Index) ThroughGroup(id, group uint64, n, maxRing int, effort int64) (rings []Loop, complete bool) {
	ix.search.only = &group
	return ix.through(id, n, maxRing, effort)
}

func (ix *Index) through(id uint64, n, maxRing int, effort int64) (rings []Loop, complete bool) {
	root, ok := ix.slots[id]
	if !ok || maxRing < 2 {
		return nil, true
	}
	s := &ix.search
	s.root, s.want, s.effort = root, min(max(n, 0), MaxBest), effort
	if effort <= 0 {
		s.effort = DefaultEffort
	}
	s.onPath, s.passed, s.found, s.hurried = map[int32]bool{root: true}, map[uint64]int{}, nil, false
	maxRing = min(maxRing, MaxRingCap)
	ix.wayBack(maxRing / 2)
	for s.length = 2; s.length <= maxRing && !s.hurried && !s.full(); s.length++ {
		s.path, s.wishes = append(s.path[:0], root), s.wishes[:0]
		s.seen, s.earlier = make(map[string]int), len(s.found)
		ix.onward(root, s.length, 0)
		slices.SortFunc(s.found[s.earlier:], CompareLoops)
	}
	return s.found, !s.hurried
}

// wayBack fills so many levels by walking backward from the root.
func (ix *Index) wayBack(levels int) {
	s := &ix.search
	s.epoch++
	s.levels = levels + 1
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
		if x == s.root && s.only != nil && !slices.Contains(w.Via, *s.only) {
			continue
		}
		least := int64(0)
		if left-1 < s.levels {
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
		if left < s.levels {
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

// full reports whether the best of the current length are known already, so
// that a ring must be as good as the worst of them.
func (s *search) full() bool { return s.want > 0 && len(s.found) >= s.want }

func (s *search) worst() int64 { return s.found[len(s.found)-1].Cost }

// close keeps the ring that the path makes, if it is among the best.
func (s *search) close(ix *Index, cost int64) {
	l := Loop{Cost: cost, Wishes: slices.Clone(s.wishes)}
	key := make([]byte, 0, 8*len(s.path))
	for _, x := range s.path {
		l.IDs = append(l.IDs, ix.offers[x].ID)
		key = binary.BigEndian.AppendUint32(key, uint32(x))
	}
	// The same offers in the same order may be found through other wishes.
	old, twice := s.seen[string(key)]
	if s.want == 0 {
		switch {
		case !twice && len(s.found) >= MaxLoops:
			s.hurried = true
		case !twice:
			s.seen[string(key)] = len(s.found)
			s.found = append(s.found, l)
		case cost < s.found[old].Cost:
			s.found[old] = l
		}
		return
	}
	if twice {
		at := slices.IndexFunc(s.found, func(f Loop) bool { return slices.Equal(f.IDs, l.IDs) })
		if at >= 0 && s.found[at].Cost <= cost {
			return
		}
		if at >= 0 {
			s.found = slices.Delete(s.found, at, at+1)
		}
	}
	s.seen[string(key)] = 0
	at, _ := slices.BinarySearchFunc(s.found, l, CompareLoops)
	s.found = slices.Insert(s.found, at, l)
	s.found = s.found[:min(len(s.found), s.want)]
}

// CompareLoops orders rings as Through does: fewer items, lower cost, lower IDs.
func CompareLoops(a, b Loop) int {
	return cmp.Or(cmp.Compare(len(a.IDs), len(b.IDs)), cmp.Compare(a.Cost, b.Cost), slices.Compare(a.IDs, b.IDs))
}
