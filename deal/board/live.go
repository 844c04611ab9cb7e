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
	slots  []*market.Announcement // as index and catalogue number them, nil where free
	free   []uint32
	at     map[market.ItemID]uint32 // offers, gifts and needs
	groups map[market.ItemID]market.Group
	people map[sxp.ID]*person
	ends   expiries

	words   *catalogue // of offers and gifts
	queries standing
	keys    keyring
	vias    map[market.ItemID]uint32 // numbers of groups and needs, from 1
	viaIDs  []market.ItemID          // by that number less 1
	oldVias []uint32                 // numbers to be given out again
	held    map[market.ItemID]int    // how often something is reserved
	numbers uint32                   // of people given out
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
		queries: standing{byWord: make(map[string][]*asked)},
		keys:    newKeyring(),
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
	} else {
		p.gives[id] = true
	}
	err := l.describe(slot, p)
	if err == nil {
		err = l.wish(slot)
	}
	if err == nil && a.Direction == market.Need {
		err = l.refresh(p)
	}
	if err != nil {
		l.Remove(id)
	}
	l.tidy()
	return err
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
	l.expires(id, g.Expires)
	l.index.SetGroup(l.via(id), g.K-l.held[id])
	p := l.person(g.Owner)
	p.groups[id] = true
	err := l.refresh(p)
	l.tidy()
	return err
}

// Remove takes an announcement or a group out; it reports whether it was there.
// What was reserved of it stays so, should it come back.
func (l *Live) Remove(id market.ItemID) bool {
	var owner sxp.ID
	refresh := true
	if slot, ok := l.at[id]; ok {
		a := l.slots[slot]
		owner, refresh = a.Owner, a.Direction == market.Need
		l.index.Remove(slot)
		if a.Gives() {
			l.words.remove(int32(slot))
		}
		l.slots[slot] = nil
		l.free = append(l.free, slot)
		delete(l.at, id)
	} else if g, ok := l.groups[id]; ok {
		owner = g.Owner
		delete(l.groups, id)
	} else {
		return false
	}
	p := l.person(owner)
	delete(p.gives, id)
	delete(p.needs, id)
	delete(p.groups, id)
	if refresh {
		_ = l.refresh(p) // fewer wishes always fit
		l.forgetVia(id)
	}
	if len(p.gives)+len(p.needs)+len(p.groups) == 0 {
		delete(l.people, owner)
	}
	l.tidy()
	return true
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
		if last := len(l.oldVias) - 1; last >= 0 {
			n, l.oldVias = l.oldVias[last], l.oldVias[:last]
			l.viaIDs[n-1] = id
		} else {
			l.viaIDs = append(l.viaIDs, id)
			n = uint32(len(l.viaIDs))
		}
		l.vias[id] = n
	}
	return n
}

// forgetVia takes the number of a group or a need back.
func (l *Live) forgetVia(id market.ItemID) {
	if n, ok := l.vias[id]; ok {
		l.index.SetGroup(n, 1)
		delete(l.vias, id)
		l.oldVias = append(l.oldVias, n)
	}
}

// enter finds room for an offer, a gift or a need.
func (l *Live) enter(id market.ItemID, a market.Announcement) uint32 {
	slot := uint32(len(l.slots))
	if n := len(l.free); n > 0 {
		slot, l.free = l.free[n-1], l.free[:n-1]
	} else {
		l.slots = append(l.slots, nil)
	}
	l.slots[slot] = &a
	l.at[id] = slot
	l.expires(id, a.Expires)
	return slot
}

// describe lets an offer or a gift have the keys of whatever it meets.
func (l *Live) describe(slot uint32, p *person) error {
	a := l.slots[slot]
	e := index.Entry{ID: slot, Person: p.number, Gift: a.Direction == market.Gift}
	if a.Gives() {
		doc := market.NewDocument(*a.Item)
		l.words.add(int32(slot), doc)
		if k, ok := l.keys.items[a.ID()]; ok {
			e.Has = append(e.Has, k)
		}
		e.Has = append(e.Has, l.queries.met(doc)...)
		e.Has = e.Has[:min(len(e.Has), index.MaxKeys)]
	}
	err := l.index.Put(e)
	l.index.Reserve(slot, l.held[a.ID()] > 0)
	return err
}

// wish tells the index what is wished for an announcement.
func (l *Live) wish(slot uint32) error {
	a := l.slots[slot]
	w := &wisher{live: l, owner: a.Owner}
	switch {
	case a.Direction == market.Gift:
		return nil
	case a.Direction == market.Need:
		w.need(a.ID())
	case len(a.Wants) > 0:
		w.list(a.Wants, nil, true)
	default:
		for _, need := range slices.SortedFunc(maps.Keys(l.person(a.Owner).needs), compareIDs) {
			w.need(need)
		}
	}
	e, _ := l.index.Get(slot) // now that it has the keys of new queries
	e.Wishes = w.wishes
	return l.index.Put(e)
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
