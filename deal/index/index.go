// Package index holds a market that changes one announcement at a time and
// answers at once which rings and chains pass through one of its offers.
//
// It does not know arcs between offers but keys: an offer has keys, a wish
// names one. A key stands for one particular item or for whatever meets one
// standing query, so that a market in which thousands want the same thing
// needs a word for each of them and not for each pair.
//
// [Index.Through] searches from both ends over keys and is exact unless it
// says so; [Quick] bounds what it looks at, for an answer within a moment.
// Everything is kept in flat blocks of words, without pointers: a million
// offers with five million wishes take some 80 MB. Package deal/board builds
// an index from announcements; spec/deal.md tells how it is searched.
//
// Everything here is pure: no clock, no network, no goroutine. The same offers
// give the same answer, in whatever order they came.
package index

import (
	"cmp"
	"math"
	"slices"

	"sxp"
	"sxp/deal"
)

// A Key names something that offers have and wishes ask for. The caller gives
// out the numbers from 0 up and without large gaps: memory is needed up to the
// highest.
type Key uint32

// A Wish is one entry of what an offer's owner would take for it.
type Wish struct {
	Key  Key
	Cost int64    // 0 to deal.MaxCost, lower is better
	Via  []uint32 // the groups of the owner that it counts against (1 and up), outermost first
}

// An Entry is one offer of an Index. One without wishes is given to nobody but
// as a gift; one without keys is a need, which can only begin a chain.
type Entry struct {
	ID     uint32 // chosen by the caller, from 0 up and without large gaps
	Person uint32
	Gift   bool   // it is given for nothing, and has no wishes
	Has    []Key  // every key that this offer satisfies
	Wishes []Wish // any one of them is taken for it
}

// Limits of an Index.
const (
	// MaxOffers is how many offers there are at most; IDs are below it.
	MaxOffers = 1 << slotBits
	// MaxKey is the highest key.
	MaxKey = 1<<24 - 1
	// MaxKeys is how many keys an offer has; a standing query is one.
	MaxKeys = 65_535
	// MaxWishes is how many wishes an offer has.
	MaxWishes = 65_535
	// MaxVia is how many words the groups of one offer's wishes take: one for
	// each list that differs from the one before, and one for each group in it.
	MaxVia = 1 << 18
)

// An Index is a market. NewIndex makes one. It is not safe for concurrent use.
type Index struct {
	mem     arena
	slots   []slot  // by ID
	flags   []uint8 // by ID: what the offer is; 0: there is none
	keys    []keyed
	groups  map[uint32]int32 // of groups that are not used just once
	gifts   map[uint32]bool  // IDs
	offers  int
	unwant  []Key // see Unwanted
	search  search
	scratch []uint32 // of Put
}

// A slot is where an offer's block is, and its first key for who need not know
// more.
type slot struct {
	at    uint32
	first uint32 // the key, or several where there is not just one
}

const several = 1 << 31

func newSlot(at uint32, words []uint32) slot {
	if words[1]>>16 == 1 {
		return slot{at, words[blockHead]}
	}
	return slot{at, several}
}

// keyed is who wants a key and who has it, as tagged IDs in ascending order. The
// tag of a wanter is the class of the wish's cost, of a haver that of its
// cheapest wish. An offer stands once per mention.
type keyed struct{ wanters, havers list }

// What an offer is.
const (
	present  = 1 << iota // it is there
	isGift               // given for nothing
	reserved             // not to be traded now
	hasVia               // a wish counts against groups
	wide32               // costs take a word
	wide64               // costs take two words
)

// New returns an empty index.
func New() *Index {
	return &Index{groups: make(map[uint32]int32), gifts: make(map[uint32]bool)}
}

// SetGroup says that a group is used at most k times at once (0: not now); a
// group never set is used at most once.
func (ix *Index) SetGroup(group uint32, k int) {
	if k == 1 {
		delete(ix.groups, group)
		return
	}
	ix.groups[group] = int32(min(max(k, 0), deal.MaxCapacity))
}

// allows returns how often a group is used at once.
func (ix *Index) allows(group uint32) int32 {
	if k, set := ix.groups[group]; set {
		return k
	}
	return 1
}

// Len returns the number of offers.
func (ix *Index) Len() int { return ix.offers }

// Has reports whether there is an offer with this ID.
func (ix *Index) Has(id uint32) bool { return int(id) < len(ix.flags) && ix.flags[id] != 0 }

// Get returns an offer; its keys are in ascending order, its wishes cheapest
// first. The caller owns it.
func (ix *Index) Get(id uint32) (Entry, bool) {
	if !ix.Has(id) {
		return Entry{}, false
	}
	b := ix.open(id)
	e := Entry{ID: id, Person: b.person, Gift: ix.flags[id]&isGift != 0}
	for _, k := range b.has {
		e.Has = append(e.Has, Key(k))
	}
	for i := range b.wants {
		e.Wishes = append(e.Wishes, b.wish(i))
	}
	return e, true
}

// Reserve takes an offer out of all rings and chains but those asked for by its
// own ID, or lets it in again. It reports whether the offer is there.
func (ix *Index) Reserve(id uint32, on bool) bool {
	if !ix.Has(id) {
		return false
	}
	ix.flags[id] &^= reserved
	if on {
		ix.flags[id] |= reserved
	}
	return true
}

// Reserved reports whether an offer is there and reserved.
func (ix *Index) Reserved(id uint32) bool { return ix.Has(id) && ix.flags[id]&reserved != 0 }

// Put adds an offer or replaces the one with its ID, which stays reserved if
// it was. It keeps nothing of e. It fails with Invalid, TooLarge or Full, and
// changes nothing, where e is beyond a limit or a gift with wishes.
func (ix *Index) Put(e Entry) error {
	if err := check(e); err != nil {
		return err
	}
	if ix.mem.full() {
		return sxp.Errorf("index.Put", sxp.Full, nil, "offer %d: there is no memory left to address", e.ID)
	}
	was := uint8(0)
	if ix.Has(e.ID) {
		was = ix.flags[e.ID] & reserved
		ix.Remove(e.ID)
	}
	for len(ix.slots) <= int(e.ID) {
		ix.slots, ix.flags = append(ix.slots, slot{}), append(ix.flags, 0)
	}
	words, flags := ix.encode(e)
	at := ix.mem.alloc(len(words))
	copy(ix.mem.view(at, len(words)), words)
	ix.slots[e.ID] = newSlot(at, words)
	ix.flags[e.ID] = flags | was
	ix.offers++
	if e.Gift {
		ix.gifts[e.ID] = true
	}
	ix.link(e.ID, true)
	return nil
}

// check refuses an entry that is beyond a limit.
func check(e Entry) error {
	const op = "index.Put"
	switch {
	case e.ID >= MaxOffers:
		return sxp.Errorf(op, sxp.Full, nil, "offer %d: IDs are below %d", e.ID, MaxOffers)
	case len(e.Has) > MaxKeys || len(e.Wishes) > MaxWishes:
		return sxp.Errorf(op, sxp.TooLarge, nil, "offer %d: %d keys and %d wishes, at most %d and %d are allowed", e.ID, len(e.Has), len(e.Wishes), MaxKeys, MaxWishes)
	case e.Gift && len(e.Wishes) > 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "offer %d: a gift asks for nothing", e.ID)
	}
	for _, k := range e.Has {
		if k > MaxKey {
			return sxp.Errorf(op, sxp.TooLarge, nil, "offer %d: key %d is above %d", e.ID, k, MaxKey)
		}
	}
	via := 0
	for i, w := range e.Wishes {
		switch {
		case w.Key > MaxKey:
			return sxp.Errorf(op, sxp.TooLarge, nil, "offer %d: key %d is above %d", e.ID, w.Key, MaxKey)
		case w.Cost < 0 || w.Cost > deal.MaxCost || len(w.Via) > deal.MaxNesting:
			return sxp.Errorf(op, sxp.Invalid, nil, "offer %d: cost %d through %d groups is not within 0 to %d through %d", e.ID, w.Cost, len(w.Via), int64(deal.MaxCost), deal.MaxNesting)
		case slices.Contains(w.Via, 0):
			return sxp.Errorf(op, sxp.Invalid, nil, "offer %d: groups are numbered from 1", e.ID)
		}
		if i == 0 || !slices.Equal(w.Via, e.Wishes[i-1].Via) {
			via += 1 + len(w.Via)
		}
	}
	if via > MaxVia {
		return sxp.Errorf(op, sxp.TooLarge, nil, "offer %d: groups of wishes take %d words, at most %d are allowed", e.ID, via, MaxVia)
	}
	return nil
}

// Remove takes an offer out; it reports whether it was there.
func (ix *Index) Remove(id uint32) bool {
	if !ix.Has(id) {
		return false
	}
	ix.link(id, false)
	ix.mem.release(ix.slots[id].at, ix.open(id).size)
	ix.slots[id], ix.flags[id] = slot{}, 0
	ix.offers--
	delete(ix.gifts, id)
	ix.tidy()
	return true
}

// link enters an offer into the lists of its keys or takes it out of them.
func (ix *Index) link(id uint32, in bool) {
	b := ix.open(id)
	change := ix.mem.remove
	if in {
		change = ix.mem.insert
	}
	for _, k := range b.has {
		change(&ix.key(k).havers, tag(b.cheapest(), id))
	}
	for i, k := range b.wants {
		l := &ix.key(k).wanters
		if change(l, tag(b.cost(i), id)); l.n == 0 {
			ix.unwant = append(ix.unwant, Key(k))
		}
	}
}

// key returns what is known of a key.
func (ix *Index) key(k uint32) *keyed {
	for len(ix.keys) <= int(k) {
		ix.keys = append(ix.keys, keyed{})
	}
	return &ix.keys[k]
}

// A block is an offer as it lies in memory.
type block struct {
	person     uint32
	has, wants []uint32 // keys
	costs      []uint32
	vias       []uint32 // per wish where its groups begin in groups
	groups     []uint32 // lists, each after its length
	form       uint8
	size       int // in words
}

// Layout of a block: the person, how many keys and wishes, the keys, the
// wishes' keys, the costs, where the groups of each wish are, the groups.
const blockHead = 2

func (ix *Index) open(id uint32) block {
	w := ix.mem.from(ix.slots[id].at)
	flags := ix.flags[id]
	nh, nw := int(w[1]>>16), int(w[1]&0xffff)
	b := block{person: w[0], form: flags}
	at := blockHead
	b.has = w[at : at+nh]
	at += nh
	b.wants = w[at : at+nw]
	at += nw
	nc := costWords(flags, nw)
	b.costs = w[at : at+nc]
	at += nc
	if flags&hasVia != 0 {
		b.vias = w[at : at+nw]
		at += nw
		b.groups = w[at+1 : at+1+int(w[at])]
		at += 1 + int(w[at])
	}
	b.size = at
	return b
}

func costWords(flags uint8, wishes int) int {
	switch {
	case flags&wide64 != 0:
		return 2 * wishes
	case flags&wide32 != 0:
		return wishes
	}
	return (wishes + 3) / 4
}

// cost returns what wish i costs.
func (b *block) cost(i int) int64 {
	switch {
	case b.form&wide64 != 0:
		return int64(b.costs[2*i])<<32 | int64(b.costs[2*i+1])
	case b.form&wide32 != 0:
		return int64(b.costs[i])
	}
	return int64(b.costs[i>>2] >> (8 * (i & 3)) & 0xff)
}

// cheapest returns the least cost of a wish.
func (b *block) cheapest() int64 {
	if len(b.wants) == 0 {
		return 0
	}
	return b.cost(0)
}

// via returns the groups of wish i.
func (b *block) via(i int) []uint32 {
	if b.vias == nil {
		return nil
	}
	at := int(b.vias[i])
	return b.groups[at+1 : at+1+int(b.groups[at])]
}

func (b *block) wish(i int) Wish {
	return Wish{Key: Key(b.wants[i]), Cost: b.cost(i), Via: slices.Clone(b.via(i))}
}

// encode writes an entry as a block, into scratch memory.
func (ix *Index) encode(e Entry) (words []uint32, flags uint8) {
	has := slices.Clone(e.Has)
	slices.Sort(has)
	has = slices.Compact(has)
	wishes := slices.Clone(e.Wishes)
	slices.SortStableFunc(wishes, func(a, b Wish) int {
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Key, b.Key), slices.Compare(a.Via, b.Via))
	})
	flags = present
	if e.Gift {
		flags |= isGift
	}
	if n := len(wishes); n > 0 && wishes[n-1].Cost > math.MaxUint32 {
		flags |= wide64
	} else if n > 0 && wishes[n-1].Cost > 0xff {
		flags |= wide32
	}
	w := append(ix.scratch[:0], e.Person, uint32(len(has))<<16|uint32(len(wishes)))
	for _, k := range has {
		w = append(w, uint32(k))
	}
	for _, x := range wishes {
		w = append(w, uint32(x.Key))
		if len(x.Via) > 0 {
			flags |= hasVia
		}
	}
	first := len(w)
	for range costWords(flags, len(wishes)) {
		w = append(w, 0)
	}
	for i, x := range wishes {
		switch {
		case flags&wide64 != 0:
			w[first+2*i], w[first+2*i+1] = uint32(x.Cost>>32), uint32(x.Cost)
		case flags&wide32 != 0:
			w[first+i] = uint32(x.Cost)
		default:
			w[first+i>>2] |= uint32(x.Cost) << (8 * (i & 3))
		}
	}
	if flags&hasVia != 0 {
		w = appendVias(w, wishes)
	}
	ix.scratch = w
	return w, flags
}

// appendVias writes the groups of wishes; equal lists in a row are written once.
func appendVias(w []uint32, wishes []Wish) []uint32 {
	var groups []uint32
	last := 0
	for i, x := range wishes {
		if i == 0 || !slices.Equal(x.Via, wishes[i-1].Via) {
			last = len(groups)
			groups = append(append(groups, uint32(len(x.Via))), x.Via...)
		}
		w = append(w, uint32(last))
	}
	return append(append(w, uint32(len(groups))), groups...)
}
