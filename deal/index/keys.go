package index

import "slices"

// AddKey says that offers satisfy one more key: a standing query that is new to
// the market. It passes over who is not there, has the key or has too many, and
// returns how many have got it.
func (ix *Index) AddKey(k Key, ids ...uint32) int {
	if k > MaxKey {
		return 0
	}
	var tags []uint32
	for _, id := range ids {
		if !ix.Has(id) {
			continue
		}
		b := ix.open(id)
		i, has := slices.BinarySearch(b.has, uint32(k))
		if has || len(b.has) == MaxKeys || ix.mem.full() {
			continue
		}
		tags = append(tags, tag(b.cheapest(), id))
		ix.setKeys(id, slices.Insert(slices.Clone(b.has), i, uint32(k)))
	}
	l := &ix.key(uint32(k)).havers
	if len(tags) == 1 {
		ix.mem.insert(l, tags[0])
		return 1
	}
	tags = append(tags, ix.mem.list(*l)...)
	got := len(tags) - int(l.n)
	slices.Sort(tags)
	ix.mem.resize(l, int(l.n), len(tags))
	copy(ix.mem.list(*l), tags)
	return got
}

// DropKey takes a key away from every offer that has it, so that its number may
// be given out again.
func (ix *Index) DropKey(k Key) {
	if int(k) >= len(ix.keys) {
		return
	}
	l := &ix.keys[k].havers
	for _, x := range slices.Clone(ix.mem.list(*l)) {
		keys := slices.Clone(ix.open(untag(x)).has)
		ix.setKeys(untag(x), slices.DeleteFunc(keys, func(h uint32) bool { return h == uint32(k) }))
	}
	ix.mem.resize(l, int(l.n), 0)
	ix.tidy()
}

// setKeys writes an offer's block anew with other keys, in ascending order. The
// lists of the keys are the caller's.
func (ix *Index) setKeys(id uint32, keys []uint32) {
	b := ix.open(id)
	old := ix.mem.view(ix.slots[id].at, b.size)
	w := append(ix.scratch[:0], b.person, uint32(len(keys))<<16|uint32(len(b.wants)))
	w = append(append(w, keys...), old[blockHead+len(b.has):]...)
	ix.scratch = w
	at := ix.mem.alloc(len(w))
	copy(ix.mem.view(at, len(w)), w)
	ix.mem.release(ix.slots[id].at, b.size)
	ix.slots[id] = newSlot(at, w)
}

// Unwanted returns the keys that have lost their last wish since it was called
// last; some may be wanted again, see Wanted.
func (ix *Index) Unwanted() []Key {
	list := ix.unwant
	ix.unwant = nil
	return list
}

// Wanted returns how many wishes there are for a key.
func (ix *Index) Wanted(k Key) int {
	if int(k) >= len(ix.keys) {
		return 0
	}
	return int(ix.keys[k].wanters.n)
}
