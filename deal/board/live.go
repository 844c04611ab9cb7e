package board

import (
	"maps"
	"slices"

	"sxp"
	"sxp/deal/index"
	"sxp/market"
)

// MaxWishes is how many wishes one offer is given in a Live, groups and needs
// spelt out; what is beyond is left out.
const MaxWishes = 16_384

// A Live follows a market announcement by announcement and says at once which
// rings and chains a new one closes. It is not safe for concurrent use.
type Live struct {
	index  *index.Index
	slots  []*entered // as index and catalogue number them, nil where free
	free   []uint32
	at     map[market.ItemID]uint32 // offers, gifts and needs
	groups map[market.ItemID]market.Group
	people map[sxp.ID]*person
	ends   expiries

	words   *catalogue // of offers and gifts
	asked   map[market.Query]*asked
	queries standing
	items   map[market.ItemID]index.Key // of explicit wants
	keys    uint32                      // so many are given out
	vias    map[market.ItemID]uint32    // numbers of groups and needs, from 1
	viaIDs  []market.ItemID             // by that number less 1
	held    map[market.ItemID]int       // how often something is reserved
	numbers uint32                      // of people given out
	stale   int                         // announcements gone since the last rebuild
}

// entered is a live offer, gift or need.
type entered struct {
	market.Announcement
	has []index.Key
}

// person is what one owner has announced.
type person struct {
	number uint32
	gives  map[market.ItemID]bool // offers and gifts
	needs  map[market.ItemID]bool
	groups map[market.ItemID]bool
}

// NewLive returns an empty market.
func NewLive() *Live {
	return &Live{
		index:   index.New(),
		at:      make(map[market.ItemID]uint32),
		groups:  make(map[market.ItemID]market.Group),
		people:  make(map[sxp.ID]*person),
		words:   newCatalogue(nil),
		asked:   make(map[market.Query]*asked),
		queries: standing{byWord: make(map[string][]*asked)},
		items:   make(map[market.ItemID]index.Key),
		vias:    make(map[market.ItemID]uint32),
		held:    make(map[market.ItemID]int),
	}
}

// Len returns how many offers, gifts, needs and groups are live.
func (l *Live) Len() int { return len(l.at) + len(l.groups) }

// Put takes note of an announcement: a new one, an edit, a withdrawal. An
// older version than one that is there changes nothing; what was withdrawn is
// forgotten, so feed it from a board, which lets no old version back in.
func (l *Live) Put(a market.Announcement) error {
	id := a.ID()
	if slot, ok := l.at[id]; ok && l.slots[slot].Version >= a.Version {
		return nil
	}
	l.Remove(id)
	if a.Withdrawn || a.Item == nil {
		return nil
	}
	slot := l.enter(id, a)
	p := l.person(a.Owner)
	if a.Direction == market.Need {
		p.needs[id] = true
		l.index.SetGroup(l.via(id), 1-l.held[id])
		if err := l.wish(slot); err != nil {
			l.Remove(id)
			return err
		}
		return l.refresh(p)
	}
	p.gives[id] = true
	l.describe(slot)
	if err := l.wish(slot); err != nil {
		l.Remove(id)
		return err
	}
	return nil
}

// PutGroup takes note of a group as Put does of announcements.
func (l *Live) PutGroup(g market.Group) error {
	id := g.ID()
	if old, ok := l.groups[id]; ok && old.Version >= g.Version {
		return nil
	}
	if g.Withdrawn {
		l.Remove(id)
		return nil
	}
	l.groups[id] = g
	l.ends.add(id, g.Expires)
	l.index.SetGroup(l.via(id), g.K-l.held[id])
	p := l.person(g.Owner)
	p.groups[id] = true
	return l.refresh(p)
}

// Remove takes an announcement or a group out; it reports whether it was there.
// What was reserved of it stays so, should it come back.
func (l *Live) Remove(id market.ItemID) bool {
	if slot, ok := l.at[id]; ok {
		e := l.slots[slot]
		p := l.person(e.Owner)
		l.index.Remove(slot)
		if e.Gives() {
			l.words.remove(int32(slot))
		}
		l.slots[slot] = nil
		l.free = append(l.free, slot)
		delete(l.at, id)
		delete(p.gives, id)
		delete(p.needs, id)
		if e.Direction == market.Need {
			_ = l.refresh(p) // fewer wishes always fit
		}
		l.forget()
		return true
	}
	if g, ok := l.groups[id]; ok {
		p := l.person(g.Owner)
		delete(l.groups, id)
		delete(p.groups, id)
		_ = l.refresh(p)
		l.forget()
		return true
	}
	return false
}

// Expire takes out what is no longer live at now and returns how many.
func (l *Live) Expire(now sxp.Time) int {
	n := 0
	for {
		id, ok := l.ends.pop(now)
		if !ok {
			return n
		}
		live := true // it may have been edited since
		if slot, ok := l.at[id]; ok {
			live = l.slots[slot].Live(now)
		} else if g, ok := l.groups[id]; ok {
			live = g.Live(now)
		}
		if !live && l.Remove(id) {
			n++
		}
	}
}

// forget rebuilds everything once more has gone than is there, so that old
// queries do not fill the memory of a market that runs for years.
func (l *Live) forget() {
	if l.stale++; l.stale < 1000 || l.stale < l.Len() {
		return
	}
	fresh := NewLive()
	fresh.held = l.held
	for _, id := range slices.SortedFunc(maps.Keys(l.groups), compareIDs) {
		_ = fresh.PutGroup(l.groups[id]) // it was accepted before
	}
	for _, id := range slices.SortedFunc(maps.Keys(l.at), compareIDs) {
		_ = fresh.Put(l.slots[l.at[id]].Announcement)
	}
	*l = *fresh
}

func compareIDs(a, b market.ItemID) int { return slices.Compare(a[:], b[:]) }

func (l *Live) person(id sxp.ID) *person {
	p, ok := l.people[id]
	if !ok {
		p = &person{l.numbers, make(map[market.ItemID]bool), make(map[market.ItemID]bool), make(map[market.ItemID]bool)}
		l.numbers++
		l.people[id] = p
	}
	return p
}

// via numbers a group or a need.
func (l *Live) via(id market.ItemID) uint32 {
	n, ok := l.vias[id]
	if !ok {
		l.viaIDs = append(l.viaIDs, id)
		n = uint32(len(l.viaIDs))
		l.vias[id] = n
	}
	return n
}

func (l *Live) newKey() index.Key {
	l.keys++
	return index.Key(l.keys - 1)
}

// itemKey is the key that only this announcement has; it gets one when it is
// wanted by name first.
func (l *Live) itemKey(id market.ItemID) index.Key {
	k, ok := l.items[id]
	if !ok {
		k = l.newKey()
		l.items[id] = k
		if slot, here := l.at[id]; here && l.slots[slot].Gives() {
			l.give(slot, k)
		}
	}
	return k
}

// queryKey is the key of whatever meets the query; the offers that do are
// found when it is asked for first. ok is false for an invalid query.
func (l *Live) queryKey(q market.Query) (k index.Key, ok bool) {
	a := l.asked[q]
	if a == nil {
		m, err := q.Compile()
		if err != nil {
			return 0, false
		}
		a = &asked{matcher: m, key: l.newKey()}
		l.asked[q] = a
		l.queries.add(a)
		for _, slot := range l.words.find(m) {
			l.give(uint32(slot), a.key)
		}
	}
	return a.key, true
}

// give gives an offer one key more; one that is just being entered is not in
// the index yet.
func (l *Live) give(slot uint32, k index.Key) {
	e := l.slots[slot]
	e.has = append(e.has, k)
	_, _ = l.index.AddKey(slot, k) // one with too many keys is met by no more
}

// enter finds room for an offer, a gift or a need.
func (l *Live) enter(id market.ItemID, a market.Announcement) uint32 {
	slot := uint32(len(l.slots))
	if n := len(l.free); n > 0 {
		slot, l.free = l.free[n-1], l.free[:n-1]
	} else {
		l.slots = append(l.slots, nil)
	}
	l.slots[slot] = &entered{Announcement: a}
	l.at[id] = slot
	l.ends.add(id, a.Expires)
	return slot
}

// describe lets an offer or a gift have the keys of whatever it meets.
func (l *Live) describe(slot uint32) {
	e := l.slots[slot]
	doc := market.NewDocument(*e.Item)
	if k, ok := l.items[e.ID()]; ok {
		e.has = append(e.has, k)
	}
	e.has = append(e.has, l.queries.met(doc)...)
	e.has = e.has[:min(len(e.has), index.MaxKeys)]
	l.words.add(int32(slot), doc)
}

// wish tells the index what an announcement is and what is wished for it.
func (l *Live) wish(slot uint32) error {
	e := l.slots[slot]
	p, id := l.person(e.Owner), e.ID()
	w := &wisher{live: l, owner: e.Owner}
	switch {
	case e.Direction == market.Gift:
	case e.Direction == market.Need:
		w.need(id)
	case len(e.Wants) > 0:
		w.list(e.Wants, nil, true)
	default:
		for _, need := range slices.SortedFunc(maps.Keys(p.needs), compareIDs) {
			w.need(need)
		}
	}
	err := l.index.Put(index.Entry{ID: slot, Person: p.number, Gift: e.Direction == market.Gift, Has: e.has, Wishes: w.wishes})
	l.index.Reserve(slot, l.held[id] > 0)
	return err
}

// refresh enters a person's offers again, after a need or group changed.
func (l *Live) refresh(p *person) error {
	for _, id := range slices.SortedFunc(maps.Keys(p.gives), compareIDs) {
		if err := l.wish(l.at[id]); err != nil {
			return err
		}
	}
	return nil
}
