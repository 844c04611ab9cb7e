package deal

import (
	"slices"

	"sxp"
)

// A Key names something that offers are and wishes ask for: one particular
// item, or whatever meets one standing query. The caller chooses the numbers.
type Key uint64

// A Wish is one entry of what an offer's owner would take for it.
type Wish struct {
	Key  Key
	Cost int64    // 0 to MaxCost, lower is better
	Via  []uint64 // the groups of the owner that it counts against, outermost first
}

// An Entry is one offer of an Index.
type Entry struct {
	ID     uint64 // chosen by the caller
	Person uint64
	Has    []Key  // every key that this offer satisfies
	Wishes []Wish // any one of them is taken for it
}

// A Loop is a ring found by an Index: the owner of IDs[i] takes IDs[i+1], the
// last one's takes IDs[0], through Wishes[i]. The offer asked for comes first.
type Loop struct {
	IDs    []uint64
	Wishes []Wish
	Cost   int64
}

// An Index holds a market that changes one offer at a time and answers at
// once which rings an offer is on. It needs memory in proportion to the wishes
// and keys, not to the arcs between offers. It is not safe for concurrent use.
type Index struct {
	slots  map[uint64]int32
	free   []int32
	offers []held
	keyOf  map[Key]int32
	keys   []keyed
	groups map[uint64]int
	search search
}

// held is an offer in its slot; wishes have their keys numbered.
type held struct {
	Entry
	has   []int32
	wants []int32 // key of each wish
}

// keyed is who has a key and who wants it, by slot; a slot stands once per
// mention.
type keyed struct {
	key     Key
	havers  []int32
	wanters []int32
}

// Limits of an Index.
const (
	// MaxKeys is how many keys an offer has; a standing query is one.
	MaxKeys = 65_536
	// MaxWishes is how many wishes an offer has.
	MaxWishes = 65_536
)

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{slots: make(map[uint64]int32), keyOf: make(map[Key]int32), groups: make(map[uint64]int)}
}

// SetGroup says that a group is used at most k times at once; a group never
// set is used at most once.
func (ix *Index) SetGroup(group uint64, k int) { ix.groups[group] = max(k, 1) }

// Len returns the number of offers.
func (ix *Index) Len() int { return len(ix.slots) }

// Get returns an offer. The caller must not change its slices.
func (ix *Index) Get(id uint64) (Entry, bool) {
	s, ok := ix.slots[id]
	if !ok {
		return Entry{}, false
	}
	return ix.offers[s].Entry, true
}

// Put adds an offer or replaces the one with its ID. It keeps the slices of e.
func (ix *Index) Put(e Entry) error {
	const op = "deal.Put"
	if len(e.Has) > MaxKeys || len(e.Wishes) > MaxWishes {
		return sxp.Errorf(op, sxp.TooLarge, nil, "offer %d: %d keys and %d wishes, at most %d and %d are allowed", e.ID, len(e.Has), len(e.Wishes), MaxKeys, MaxWishes)
	}
	for _, w := range e.Wishes {
		if w.Cost < 0 || w.Cost > MaxCost || len(w.Via) > MaxNesting {
			return sxp.Errorf(op, sxp.Invalid, nil, "offer %d: cost %d through %d groups is not within 0 to %d through %d", e.ID, w.Cost, len(w.Via), int64(MaxCost), MaxNesting)
		}
	}
	ix.Remove(e.ID)
	if len(ix.slots) >= MaxNodes {
		return sxp.Errorf(op, sxp.Full, nil, "more than %d offers", MaxNodes)
	}
	h := held{Entry: e}
	slot := int32(len(ix.offers))
	if n := len(ix.free); n > 0 {
		slot, ix.free = ix.free[n-1], ix.free[:n-1]
	} else {
		ix.offers = append(ix.offers, held{})
	}
	for i, k := range e.Has {
		if slices.Contains(e.Has[:i], k) {
			continue
		}
		n := ix.intern(k)
		h.has = append(h.has, n)
		ix.keys[n].havers = append(ix.keys[n].havers, slot)
	}
	for _, w := range e.Wishes {
		n := ix.intern(w.Key)
		h.wants = append(h.wants, n)
		ix.keys[n].wanters = append(ix.keys[n].wanters, slot)
	}
	ix.offers[slot] = h
	ix.slots[e.ID] = slot
	return nil
}

// intern numbers a key.
func (ix *Index) intern(k Key) int32 {
	n, ok := ix.keyOf[k]
	if !ok {
		n = int32(len(ix.keys))
		ix.keyOf[k] = n
		ix.keys = append(ix.keys, keyed{key: k})
	}
	return n
}

// Remove takes an offer out; it reports whether it was there.
func (ix *Index) Remove(id uint64) bool {
	slot, ok := ix.slots[id]
	if !ok {
		return false
	}
	h := &ix.offers[slot]
	for _, n := range h.has {
		ix.keys[n].havers = without(ix.keys[n].havers, slot)
	}
	for _, n := range h.wants {
		ix.keys[n].wanters = without(ix.keys[n].wanters, slot)
	}
	*h = held{}
	delete(ix.slots, id)
	ix.free = append(ix.free, slot)
	return true
}

// AddKey says that an offer satisfies one more key: a standing query that is
// new to the market. It reports whether the offer is there.
func (ix *Index) AddKey(id uint64, k Key) bool {
	slot, ok := ix.slots[id]
	if !ok {
		return false
	}
	h, n := &ix.offers[slot], ix.intern(k)
	if !slices.Contains(h.has, n) {
		h.has = append(h.has, n)
		h.Has = append(slices.Clip(h.Has), k)
		ix.keys[n].havers = append(ix.keys[n].havers, slot)
	}
	return true
}

// without removes one mention of x.
func without(list []int32, x int32) []int32 {
	if i := slices.Index(list, x); i >= 0 {
		list[i] = list[len(list)-1]
		list = list[:len(list)-1]
	}
	return list
}
