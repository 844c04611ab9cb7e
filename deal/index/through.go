package index

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"sxp/deal"
)

// Limits of a search.
const (
	// MaxLoops is how many rings are returned when all are asked for.
	MaxLoops = 100_000
	// MaxBest is how many of the best are returned.
	MaxBest = 1000
	// DefaultEffort is the usual work of one search, about a second.
	DefaultEffort = 50_000_000
	// QuickEffort is the work of the first search of Quick, about a millisecond.
	QuickEffort = 80_000
	// QuickFanOut is the fan-out of its second, which works a quarter as much.
	QuickFanOut = 64
)

// An Ask says what is looked for.
type Ask struct {
	ID       uint32 // the offer that the rings pass
	Best     int    // so many, at most MaxBest; 0: all, at most MaxLoops
	MaxItems int    // of a ring, 2 to deal.MaxRingCap; 0: deal.DefaultMaxRing. A chain moves 1 and up; 0: one less
	Effort   int64  // steps, some 20 ns each; 0: DefaultEffort
	FanOut   int    // of who has or wants a key, look at so many only; 0: all
	Group    uint32 // not 0: the offer's owner takes something that counts against this group

	// ByCost lets rings of lower cost come first, each item counted as PerItem
	// more, whatever their length. Otherwise shorter ones come first, since
	// every party more is one more that may fail.
	ByCost  bool
	PerItem int64 // 0 to deal.MaxCost

	AvoidPeople []uint32 // who is on no ring, but for the owner of the offer asked for
	AvoidOffers []uint32 // what is on no ring, but for the offer asked for
}

// A Loop is a ring: the owner of IDs[i] takes IDs[i+1], the last one's takes
// IDs[0], through Wishes[i]. The offer asked for comes first. A chain is not
// closed: its last offer is a gift, the owner of the first takes without giving
// (an offer there is kept), and it has one wish less. The offer asked for may
// stand anywhere in it.
type Loop struct {
	IDs    []uint32
	Wishes []Wish
	Cost   int64 // of the wishes
}

// Items returns how many items change hands.
func (l Loop) Items() int { return len(l.Wishes) }

// aItem is what an item counts where shorter rings come first: more than the
// wishes of any ring.
const anItem = deal.MaxCost * deal.MaxRingCap * 2

// A search is the scratch memory and the state of one question.
type search struct {
	levels []level
	filled int // highest level that is filled; -1: none
	Ask
	root    uint32
	owner   uint32
	item    int64 // price of an item
	base    int64 // price of the items of the length looked for now
	effort  int64
	fan     int
	cut     bool // something was left out because of the fan-out
	hurried bool // or because the effort ran out
	touched uint32

	path   []step                                  // from the offer asked for onward
	heads  []step                                  // of a chain: what comes before it, backward
	passed []uint32                                // groups, as often as they are passed
	found  []Loop                                  // best first, or in the order found where all are wanted
	seen   map[string]int                          // where all are wanted: place by offers
	end    func(ix *Index, key uint32, cost int64) // of a path whose last wish is for key
}

// A step is an offer on the path and the wish that leads on from it.
type step struct {
	id     uint32
	person uint32
	wish   int
}

// start prepares for a question; it reports whether there is such an offer.
func (ix *Index) start(a Ask) bool {
	s := &ix.search
	if !ix.Has(a.ID) {
		return false
	}
	s.Ask, s.root, s.owner = a, a.ID, ix.open(a.ID).person
	s.Best = min(max(a.Best, 0), MaxBest)
	s.item = anItem
	if a.ByCost {
		s.item = min(max(a.PerItem, 0), deal.MaxCost)
	}
	s.effort, s.fan = a.Effort, max(a.FanOut, 0)
	if a.Effort <= 0 {
		s.effort = DefaultEffort
	}
	s.cut, s.hurried = false, false
	s.path, s.heads, s.passed, s.found = s.path[:0], s.heads[:0], s.passed[:0], nil
	if s.seen = nil; s.Best == 0 {
		s.seen = make(map[string]int)
	}
	return true
}

// Through returns the best rings through an offer: by default shorter ones
// first, then those of lower cost; which of several equal ones is arbitrary but
// always the same. No ring is missed unless complete is false, which says that
// the effort ran out or the fan-out was bounded where it mattered. People may
// own several items of a ring but do not trade with themselves.
func (ix *Index) Through(a Ask) (rings []Loop, complete bool) {
	if a.MaxItems == 0 {
		a.MaxItems = deal.DefaultMaxRing
	}
	if !ix.start(a) || ix.flags[a.ID]&isGift != 0 {
		return nil, true
	}
	s := &ix.search
	s.end = (*Index).closeRing
	first := ix.begin()
	for _, k := range ix.open(a.ID).has {
		first.lower(k, 0)
	}
	view := ix.outlook()
	for n := 2; n <= min(a.MaxItems, deal.MaxRingCap) && !s.hurried; n++ {
		s.base = int64(n) * s.item
		if s.base >= s.worst() {
			break
		}
		ix.approach(n, &view)
		ix.onward(ix.enter(s.root), n, 0)
	}
	slices.SortFunc(s.found, s.order)
	return s.found, !s.hurried && !s.cut
}

// Quick is Through within a moment. It searches without regard to the fan-out
// first; where that does not end, as in front of something that a hundred
// thousand people want, it looks at a few of them only and returns the better
// of what both found.
func (ix *Index) Quick(a Ask) (rings []Loop, complete bool) {
	a.Effort, a.FanOut = QuickEffort, 0
	rings, complete = ix.Through(a)
	if complete || a.Best == 0 {
		return rings, complete
	}
	a.Effort, a.FanOut = QuickEffort/4, QuickFanOut
	more, _ := ix.Through(a)
	ix.search.found = rings
	for _, l := range more {
		ix.search.add(l)
	}
	rings = ix.search.found
	slices.SortFunc(rings, ix.search.order)
	return rings, false
}

// An outlook is an estimate of how many offers are met so many steps ahead of
// the root.
type outlook [deal.MaxRingCap + 1]int64

// outlook counts one step ahead and estimates those beyond from a sample.
func (ix *Index) outlook() (o outlook) {
	const sample = 64
	s := &ix.search
	looked, next := int64(0), int64(0)
	b := ix.open(s.root)
	for _, k := range b.wants {
		havers := ix.mem.list(ix.keys[k].havers)
		o[1] += int64(s.looked(ix.keys[k].havers))
		for i := 0; i < len(havers) && looked < sample; i++ {
			looked++
			for _, k := range ix.open(untag(havers[i])).wants {
				next += int64(s.looked(ix.keys[k].havers))
			}
		}
	}
	s.effort -= int64(len(b.wants)) + 8*looked
	o[0] = 1
	for i := 2; i < len(o); i++ {
		o[i] = min(o[i-1]*(next/max(looked, 1)+1), math.MaxInt64>>32)
	}
	return o
}

// approach fills levels until what is left to be searched ahead without
// knowing the way is no more work than another level.
func (ix *Index) approach(length int, view *outlook) {
	s := &ix.search
	for !s.hurried {
		blind := length - 1 - s.filled // steps ahead
		switch {
		case blind <= 0:
			return
		case s.filled < 0 && view[blind] > int64(len(ix.gifts)):
			ix.beginAtGifts()
		case s.filled >= 0 && view[blind] > ix.wanting(&s.levels[s.filled]):
			ix.back()
		default:
			return
		}
	}
}

// enter puts an offer on the path.
func (ix *Index) enter(id uint32) block {
	b := ix.open(id)
	ix.search.path = append(ix.search.path, step{id: id, person: b.person})
	return b
}

// worst returns the price that a ring must be below to be wanted.
func (s *search) worst() int64 {
	if s.Best > 0 && len(s.found) >= s.Best {
		return s.price(s.found[len(s.found)-1])
	}
	return math.MaxInt64
}

func (s *search) price(l Loop) int64 { return l.Cost + int64(l.Items())*s.item }

// order is how answers are ordered: by price, fewer items, lower IDs.
func (s *search) order(a, b Loop) int {
	return cmp.Or(cmp.Compare(s.price(a), s.price(b)), cmp.Compare(len(a.IDs), len(b.IDs)), slices.Compare(a.IDs, b.IDs))
}

// onward extends the path, which ends in the offer b with so many steps left
// to the end, and takes that offer from the path again.
func (ix *Index) onward(b block, left int, cost int64) {
	s := &ix.search
	here := len(s.path) - 1
	defer func() { s.path = s.path[:here] }()
	s.effort -= int64(len(b.wants)) + 1
	var at *level
	if left-1 <= s.filled {
		at = &s.levels[left-1]
	}
	worst, rest := s.worst(), s.rest(left-1)
	for i, k := range b.wants {
		least := rest
		if at != nil {
			if !at.has(k) {
				continue
			}
			least = int64(at.least[k])
		}
		price := s.base + cost + b.cost(i)
		if price+rest >= worst {
			return // those that follow cost no less
		}
		if s.effort < 0 {
			s.hurried = true
			return
		}
		via := b.via(i)
		if price+least >= worst || here == 0 && s.Group != 0 && !slices.Contains(via, s.Group) || !ix.pass(via) {
			continue
		}
		s.path[here].wish = i
		if left == 1 {
			s.end(ix, k, cost+b.cost(i))
		} else {
			ix.branch(k, left-1, cost+b.cost(i))
		}
		s.passed = s.passed[:len(s.passed)-len(via)]
		worst = s.worst()
	}
}

// branch takes each offer that has key k.
func (ix *Index) branch(k uint32, left int, cost int64) {
	s := &ix.search
	havers := ix.mem.list(ix.keys[k].havers)
	giver := s.path[len(s.path)-1].person
	rest := s.rest(left - 1)
	for from, to := range s.parts(havers) {
		for i, x := range havers[from:to] {
			if i%ahead == 0 {
				next := havers[from+i : min(to, from+i+ahead)]
				if s.effort -= int64(len(next)); s.effort < 0 {
					s.hurried = true
					return
				}
				ix.warm(next)
			}
			if s.base+cost+floorOf(x)+rest >= s.worst() {
				break
			}
			y := untag(x)
			if !ix.free(y) {
				continue
			}
			b := ix.open(y)
			if b.person == giver || s.avoids(b.person) {
				continue
			}
			s.path = append(s.path, step{id: y, person: b.person})
			ix.onward(b, left, cost)
			if s.hurried {
				return
			}
		}
	}
}

// warm touches the blocks of offers that are opened soon, so that their way
// from memory is gone side by side rather than one after the other.
func (ix *Index) warm(tagged []uint32) {
	sum := uint32(0)
	for _, x := range tagged {
		at := ix.slots[untag(x)].at
		sum += ix.mem.chunks[at>>chunkBits][at&(chunkWords-1)]
	}
	ix.search.touched = sum
}

// ahead is how many blocks are warmed at once.
const ahead = 16

// free reports whether an offer may join the path: it is not reserved, not on
// it already and not to be avoided.
func (ix *Index) free(id uint32) bool {
	s := &ix.search
	if ix.flags[id]&reserved != 0 || slices.Contains(s.AvoidOffers, id) {
		return false
	}
	for i := range s.path {
		if s.path[i].id == id {
			return false
		}
	}
	for i := range s.heads {
		if s.heads[i].id == id {
			return false
		}
	}
	return true
}

func (s *search) avoids(person uint32) bool {
	return len(s.AvoidPeople) > 0 && person != s.owner && slices.Contains(s.AvoidPeople, person)
}

// pass counts the groups of a wish in; it refuses, and counts nothing, where
// one is used up.
func (ix *Index) pass(via []uint32) bool {
	s := &ix.search
	before := len(s.passed)
	for _, g := range via {
		times := int32(0)
		for _, h := range s.passed {
			if h == g {
				times++
			}
		}
		if times >= ix.allows(g) {
			s.passed = s.passed[:before]
			return false
		}
		s.passed = append(s.passed, g)
	}
	return true
}

// closeRing keeps the ring that the path makes.
func (ix *Index) closeRing(_ uint32, cost int64) {
	s := &ix.search
	if s.path[len(s.path)-1].person != s.owner {
		l := Loop{Cost: cost}
		for _, p := range s.path {
			ix.note(&l, p, true)
		}
		s.add(l)
	}
}

// note writes a step down.
func (ix *Index) note(l *Loop, p step, wishes bool) {
	l.IDs = append(l.IDs, p.id)
	if wishes {
		b := ix.open(p.id)
		l.Wishes = append(l.Wishes, b.wish(p.wish))
	}
}

// add keeps a ring if it is among the best. The same offers in the same order
// may be found through other wishes.
func (s *search) add(l Loop) {
	if s.Best == 0 {
		key := make([]byte, 0, 4*len(l.IDs))
		for _, id := range l.IDs {
			key = binary.BigEndian.AppendUint32(key, id)
		}
		old, twice := s.seen[string(key)]
		switch {
		case !twice && len(s.found) >= MaxLoops:
			s.hurried = true
		case !twice:
			s.seen[string(key)] = len(s.found)
			s.found = append(s.found, l)
		case l.Cost < s.found[old].Cost:
			s.found[old] = l
		}
		return
	}
	if at := slices.IndexFunc(s.found, func(f Loop) bool { return slices.Equal(f.IDs, l.IDs) }); at >= 0 {
		if s.found[at].Cost <= l.Cost {
			return
		}
		s.found = slices.Delete(s.found, at, at+1)
	}
	at, _ := slices.BinarySearchFunc(s.found, l, s.order)
	s.found = slices.Insert(s.found, at, l)
	s.found = s.found[:min(len(s.found), s.Best)]
}
