package board

import (
	"maps"
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/market"
)

// MaxWishes is how many wishes one offer is given in a Live, groups and needs
// spelt out; what is beyond is left out.
const MaxWishes = 16_384

// A Live follows a market announcement by announcement and says at once which
// rings a new one closes. It is not safe for concurrent use.
type Live struct {
	index  *deal.Index
	offers map[market.ItemID]*offered
	needs  map[market.ItemID]market.Announcement
	groups map[market.ItemID]market.Group
	people map[sxp.ID]*person
	byID   map[uint64]*offered // as the index numbers offers

	words   *catalogue
	slots   []*offered // as the catalogue numbers offers, nil where free
	free    []int32
	asked   map[market.Query]*asked
	queries standing
	items   map[market.ItemID]deal.Key // of explicit wants
	vias    map[market.ItemID]uint64   // numbers of groups and needs
	last    uint64                     // number given out last; all numbers are distinct
	stale   int                        // announcements gone since the last rebuild
}

// offered is a live offer.
type offered struct {
	market.Announcement
	number uint64 // in the index
	slot   int32  // in the catalogue
	has    []deal.Key
}

// person is what one owner has announced, in the order of IDs.
type person struct {
	number uint64
	offers map[market.ItemID]bool
	needs  map[market.ItemID]bool
}

// NewLive returns an empty market.
func NewLive() *Live {
	return &Live{
		index:   deal.NewIndex(),
		offers:  make(map[market.ItemID]*offered),
		needs:   make(map[market.ItemID]market.Announcement),
		groups:  make(map[market.ItemID]market.Group),
		people:  make(map[sxp.ID]*person),
		byID:    make(map[uint64]*offered),
		words:   newCatalogue(nil),
		asked:   make(map[market.Query]*asked),
		queries: standing{byWord: make(map[string][]*asked)},
		items:   make(map[market.ItemID]deal.Key),
		vias:    make(map[market.ItemID]uint64),
	}
}

// Len returns how many offers, needs and groups are live.
func (l *Live) Len() int { return len(l.offers) + len(l.needs) + len(l.groups) }

func (l *Live) next() uint64 {
	l.last++
	return l.last
}

// Put takes note of an announcement: a new one, an edit, a withdrawal. An
// older version than one that is there changes nothing; what was withdrawn is
// forgotten, so feed it from a board, which lets no old version back in.
func (l *Live) Put(a market.Announcement) error {
	id := a.ID()
	if old, ok := l.offers[id]; ok && old.Version >= a.Version {
		return nil
	}
	if old, ok := l.needs[id]; ok && old.Version >= a.Version {
		return nil
	}
	l.Remove(id)
	switch {
	case a.Withdrawn || a.Item == nil || a.Direction == market.Gift:
		return nil
	case a.Direction == market.Need:
		l.needs[id] = a
		p := l.person(a.Owner)
		p.needs[id] = true
		l.index.SetGroup(l.via(id), 1)
		return l.refresh(p)
	}
	return l.putOffer(id, a)
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
	l.index.SetGroup(l.via(id), g.K)
	return l.refresh(l.person(g.Owner))
}

// Remove takes an announcement or a group out; it reports whether it was there.
func (l *Live) Remove(id market.ItemID) bool {
	if o, ok := l.offers[id]; ok {
		l.index.Remove(o.number)
		l.words.remove(o.slot)
		l.slots[o.slot] = nil
		l.free = append(l.free, o.slot)
		delete(l.offers, id)
		delete(l.byID, o.number)
		delete(l.person(o.Owner).offers, id)
		l.forget()
		return true
	}
	if n, ok := l.needs[id]; ok {
		delete(l.needs, id)
		delete(l.person(n.Owner).needs, id)
		_ = l.refresh(l.person(n.Owner)) // fewer wishes always fit
		l.forget()
		return true
	}
	if g, ok := l.groups[id]; ok {
		delete(l.groups, id)
		_ = l.refresh(l.person(g.Owner))
		l.forget()
		return true
	}
	return false
}

// Expire takes out what is no longer live at now and returns how many.
func (l *Live) Expire(now sxp.Time) int {
	var gone []market.ItemID
	for id, o := range l.offers {
		if !o.Live(now) {
			gone = append(gone, id)
		}
	}
	for id, n := range l.needs {
		if !n.Live(now) {
			gone = append(gone, id)
		}
	}
	for id, g := range l.groups {
		if !g.Live(now) {
			gone = append(gone, id)
		}
	}
	for _, id := range gone {
		l.Remove(id)
	}
	return len(gone)
}

// forget rebuilds everything once more has gone than is there, so that old
// queries do not fill the memory of a market that runs for years.
func (l *Live) forget() {
	if l.stale++; l.stale < 1000 || l.stale < l.Len() {
		return
	}
	fresh := NewLive()
	for _, id := range slices.SortedFunc(maps.Keys(l.groups), compareIDs) {
		_ = fresh.PutGroup(l.groups[id]) // it was accepted before
	}
	for _, id := range slices.SortedFunc(maps.Keys(l.needs), compareIDs) {
		_ = fresh.Put(l.needs[id])
	}
	for _, id := range slices.SortedFunc(maps.Keys(l.offers), compareIDs) {
		_ = fresh.Put(l.offers[id].Announcement)
	}
	*l = *fresh
}

func compareIDs(a, b market.ItemID) int { return slices.Compare(a[:], b[:]) }

func (l *Live) person(id sxp.ID) *person {
	p, ok := l.people[id]
	if !ok {
		p = &person{number: l.next(), offers: make(map[market.ItemID]bool), needs: make(map[market.ItemID]bool)}
		l.people[id] = p
	}
	return p
}

// via numbers a group or a need.
func (l *Live) via(id market.ItemID) uint64 {
	n, ok := l.vias[id]
	if !ok {
		n = l.next()
		l.vias[id] = n
	}
	return n
}

// itemKey is the key that only this announcement has.
func (l *Live) itemKey(id market.ItemID) deal.Key {
	k, ok := l.items[id]
	if !ok {
		k = deal.Key(l.next())
		l.items[id] = k
	}
	return k
}

// queryKey is the key of whatever meets the query; the offers that do are
// found when it is asked for first. ok is false for an invalid query.
func (l *Live) queryKey(q market.Query) (k deal.Key, ok bool) {
	a := l.asked[q]
	if a == nil {
		m, err := q.Compile()
		if err != nil {
			return 0, false
		}
		a = &asked{matcher: m, key: l.next()}
		l.asked[q] = a
		l.queries.add(a)
		for _, slot := range l.words.find(m) {
			o := l.slots[slot]
			l.index.AddKey(o.number, deal.Key(a.key)) // an offer that is just being entered is not there yet
			o.has = append(o.has, deal.Key(a.key))
		}
	}
	return deal.Key(a.key), true
}

// putOffer enters an offer that is not there.
func (l *Live) putOffer(id market.ItemID, a market.Announcement) error {
	o := &offered{Announcement: a, number: l.next()}
	doc := market.NewDocument(*a.Item)
	o.has = append(o.has, l.itemKey(id))
	for _, k := range l.queries.met(doc) {
		o.has = append(o.has, deal.Key(k))
	}
	if n := len(l.free); n > 0 {
		o.slot, l.free = l.free[n-1], l.free[:n-1]
		l.slots[o.slot] = o
	} else {
		o.slot = int32(len(l.slots))
		l.slots = append(l.slots, o)
	}
	l.words.add(o.slot, doc)
	l.offers[id], l.byID[o.number] = o, o
	p := l.person(a.Owner)
	p.offers[id] = true
	if err := l.enter(p, o); err != nil {
		l.Remove(id)
		return err
	}
	return nil
}

// enter tells the index what an offer is and what is wished for it.
func (l *Live) enter(p *person, o *offered) error {
	w := &wisher{live: l, owner: o.Owner, self: o.ID()}
	if len(o.Wants) > 0 {
		w.list(o.Wants, nil, true)
	} else {
		for _, id := range slices.SortedFunc(maps.Keys(p.needs), compareIDs) {
			q := l.needs[id].Seeks()
			w.want(market.Want{Query: &q}, []uint64{l.via(id)}, 1)
		}
	}
	return l.index.Put(deal.Entry{ID: o.number, Person: p.number, Has: slices.Clone(o.has), Wishes: w.wishes})
}

// refresh enters a person's offers again, after a need or group changed.
func (l *Live) refresh(p *person) error {
	for _, id := range slices.SortedFunc(maps.Keys(p.offers), compareIDs) {
		if err := l.enter(p, l.offers[id]); err != nil {
			return err
		}
	}
	return nil
}
