package lot

// maxMoves is how many ways to use bids are listed, some 200 bytes each.
const maxMoves = 1 << 20

// A book holds all ways to use the bids of a problem.
type book struct {
	m      *model
	moves  []*move
	givers map[int32][]int32 // item: moves that give it
	takers map[int32][]int32 // item: moves that take it
	whole  bool              // these are all
	most   int               // moves that there may be for now
	work   *meter
}

// newBook lists all moves: every choice of what a bid gives with every choice
// of what it takes.
func newBook(m *model, work *meter) *book {
	k := &book{m: m, givers: make(map[int32][]int32), takers: make(map[int32][]int32), whole: true, work: work}
	for i := range m.bids {
		// No bid uses up more than a part of what is left: those after it come in, too.
		k.most = len(k.moves) + (maxMoves-len(k.moves))/8
		work.within((work.budget-work.done)/8, func() {
			k.whole = k.enter(int32(i)) && k.whole
		})
	}
	return k
}

// enter lists the moves of one bid; false: there are too many.
func (k *book) enter(i int32) bool {
	b := &k.m.bids[i]
	start := &move{bid: i, value: b.value}
	return k.pick(start, &b.give, 0, 0, true, func(v *move) bool {
		return k.pick(v, &b.take, 0, 0, false, func(v *move) bool {
			if len(k.moves) >= k.most || k.work.spent() {
				return false
			}
			k.work.add(int64(20 + 4*len(v.take)))
			n := int32(len(k.moves))
			k.moves = append(k.moves, v)
			k.note(n, v)
			return true
		})
	})
}

// note enters a move under what it gives and takes, each item once.
func (k *book) note(n int32, v *move) {
	for i, p := range v.give {
		if !common(v.give[:i], v.give[i:i+1]) {
			k.givers[p.item] = append(k.givers[p.item], n)
		}
	}
	for i, p := range v.take {
		if !common(v.take[:i], v.take[i:i+1]) {
			k.takers[p.item] = append(k.takers[p.item], n)
		}
	}
}

// pick continues v with every choice of the rest of a side; done options were
// picked, from is the first that still may be.
func (k *book) pick(v *move, s *side, done, from int, gives bool, then func(*move) bool) bool {
	if done == s.pick {
		return then(v)
	}
	for i := from; i <= len(s.of)-(s.pick-done); i++ {
		next := func(w *move) bool { return k.pick(w, s, done+1, i+1, gives, then) }
		if gives {
			w := v.clone()
			w.add(&s.of[i], true)
			w.giveAt = append(w.giveAt, i)
			if !next(w) {
				return false
			}
			continue
		}
		if !k.down(v, s.of, []int{i}, next) {
			return false
		}
	}
	return true
}

// down continues v with everything that an option leads to.
func (k *book) down(v *move, of []option, path []int, then func(*move) bool) bool {
	if k.work.add(10); k.work.spent() {
		return false // groups may lead nowhere in very many ways
	}
	o := &of[path[len(path)-1]]
	w := v.clone()
	w.add(o, false)
	if o.group < 0 {
		w.takeAt = append(w.takeAt, path)
		return then(w)
	}
	w.groups = append(w.groups, o.group)
	below := k.m.groups[o.group].of
	for i := range below {
		if !k.down(w, below, append(path[:len(path):len(path)], i), then) {
			return false
		}
	}
	return true
}

// clone copies v so that appending to the copy leaves v alone.
func (v *move) clone() *move {
	w := *v
	w.give, w.take = v.give[:len(v.give):len(v.give)], v.take[:len(v.take):len(v.take)]
	w.groups = v.groups[:len(v.groups):len(v.groups)]
	w.giveAt, w.takeAt = v.giveAt[:len(v.giveAt):len(v.giveAt)], v.takeAt[:len(v.takeAt):len(v.takeAt)]
	return &w
}
