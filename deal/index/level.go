package index

import "math"

// A level is a set of keys with the least cost of getting from whoever has one
// to the end of the search. Costs beyond 32 bits are held as the greatest that
// fits: they are bounds from below.
type level struct {
	set   []uint64 // by key, a bit each: most questions end here
	least []uint32 // by key, where the bit is set
	list  []uint32
	min   uint32 // of least
}

func (l *level) has(k uint32) bool { return l.set[k>>6]>>(k&63)&1 != 0 }

func (l *level) lower(k uint32, cost int64) {
	c := uint32(min(cost, math.MaxUint32))
	l.min = min(l.min, c)
	if !l.has(k) {
		l.set[k>>6] |= 1 << (k & 63)
		l.least[k] = c
		l.list = append(l.list, k)
	} else if c < l.least[k] {
		l.least[k] = c
	}
}

// clear empties the level and makes room for so many keys.
func (l *level) clear(keys int) {
	for _, k := range l.list {
		l.set[k>>6] = 0
	}
	l.list, l.min = l.list[:0], math.MaxUint32
	if len(l.least) < keys {
		room := keys + keys/8
		l.set, l.least = make([]uint64, room/64+1), make([]uint32, room)
	}
}

// begin empties level 0 and makes it the only one.
func (ix *Index) begin() *level {
	s := &ix.search
	s.filled = 0
	if len(s.levels) == 0 {
		s.levels = make([]level, 1)
	}
	s.levels[0].clear(len(ix.keys))
	return &s.levels[0]
}

// back fills one level more: the keys of whoever wants a key of the last one.
// It does not look who is reserved or owns what: it bounds from below. What is
// too dear already is left out.
func (ix *Index) back() {
	s := &ix.search
	s.filled++
	if s.filled == len(s.levels) {
		s.levels = append(s.levels, level{})
	}
	next, last := &s.levels[s.filled], &s.levels[s.filled-1]
	next.clear(len(ix.keys))
	budget := s.worst()
	if budget < math.MaxInt64 {
		budget -= s.base
	}
	for _, k := range last.list {
		wanters := ix.mem.list(ix.keys[k].wanters)
		s.effort -= int64(s.looked(ix.keys[k].wanters)) + 1
		if s.effort < 0 {
			s.hurried = true
			s.filled-- // half a level would hide what is there
			return
		}
		least := int64(last.least[k])
		for from, to := range s.parts(wanters) {
			for _, x := range wanters[from:to] {
				cost := least + floorOf(x)
				if cost >= budget {
					break
				}
				o := ix.slots[untag(x)]
				if o.first != several {
					next.lower(o.first, cost)
					continue
				}
				w := ix.mem.from(o.at)
				for _, k := range w[blockHead : blockHead+w[1]>>16] {
					next.lower(k, cost)
				}
			}
		}
	}
}

// rest returns what it costs at least from any key that is r steps away.
func (s *search) rest(r int) int64 {
	if s.filled < 0 {
		return 0
	}
	return int64(s.levels[min(r, s.filled)].min)
}

// parts yields the ranges of a list that are looked at: all of it, or, where
// the fan-out is bounded, the cheapest half and a run of the others that
// begins at a place of its own for each offer asked for, so that nobody is
// always left out.
func (s *search) parts(words []uint32) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		n := len(words)
		if s.fan == 0 || n <= s.fan {
			yield(0, n)
			return
		}
		s.cut = true
		near := (s.fan + 1) / 2
		if !yield(0, near) {
			return
		}
		rest, far := n-near, s.fan-near
		from := near + int(uint64(s.root)*0x9e3779b97f4a7c15>>33)%rest
		if to := from + far; to <= n {
			yield(from, to)
		} else if yield(from, n) {
			yield(near, near+to-n)
		}
	}
}

// wanting returns how many mentions the next level back would look at.
func (ix *Index) wanting(l *level) (n int64) {
	for _, k := range l.list {
		n += int64(ix.search.looked(ix.keys[k].wanters))
	}
	return n
}

// looked returns how many entries of a list are looked at.
func (s *search) looked(l list) int {
	if s.fan > 0 {
		return min(int(l.n), s.fan)
	}
	return int(l.n)
}
