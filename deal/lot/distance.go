package lot

// far is further than any cap.
const far = 1 << 20

// A distance tells how many more items change hands at least before one is
// covered that is taken. Where every move takes one piece and gives at most
// one, exchanges are rings and chains: then it is the length of the way to a
// gift or to the root of the search. Elsewhere it looks one step ahead.
type distance struct {
	*book
	simple bool
	loose  bool // simple: look only whether somebody gives the item
	levels [][]int32
	near   map[int32]int // simple: without a root
	rooted map[int32]int // simple: with what the root gives, where that is less
	step   map[int32]int // else: what the smallest move takes that gives the item
}

func newDistance(k *book, most int) distance {
	d := distance{book: k, simple: true, levels: make([][]int32, most+1), step: make(map[int32]int)}
	for _, v := range k.moves {
		if len(v.take) != 1 || v.take[0].pieces != 1 || len(v.give) > 1 || len(v.give) == 1 && v.give[0].pieces != 1 {
			d.simple = false
		}
		different := 0
		for i := range v.take {
			if !common(v.take[:i], v.take[i:i+1]) {
				different++
			}
		}
		for _, p := range v.give {
			if n, ok := d.step[p.item]; !ok || different < n {
				d.step[p.item] = different
			}
		}
	}
	if d.simple {
		var gifts []int32
		for i := range k.m.items {
			if k.m.items[i].gift {
				gifts = append(gifts, int32(i))
			}
		}
		d.near = d.from(gifts)
	}
	return d
}

// root says which move the search begins with.
func (d *distance) root(v *move) {
	if !d.simple {
		return
	}
	var given []int32
	for _, p := range v.give {
		given = append(given, p.item)
	}
	d.rooted = d.from(given)
}

// from returns the distances from some items, up to the most that is of use.
func (d *distance) from(items []int32) map[int32]int {
	dist := make(map[int32]int)
	for i := range d.levels {
		d.levels[i] = d.levels[i][:0]
	}
	for _, i := range items {
		dist[i] = 0
		d.levels[0] = append(d.levels[0], i)
	}
	for n := 0; n+1 < len(d.levels); n++ {
		for _, item := range d.levels[n] {
			d.work.add(int64(len(d.takers[item])))
			for _, i := range d.takers[item] {
				for _, p := range d.moves[i].give {
					if _, ok := dist[p.item]; !ok {
						dist[p.item] = n + 1
						d.levels[n+1] = append(d.levels[n+1], p.item)
					}
				}
			}
		}
	}
	return dist
}

// away is the distance of an item, where some moves are used already.
func (d *distance) away(item int32, uses []counted32) int {
	if !d.simple {
		owner := d.m.items[item].owner
		for _, u := range uses {
			if d.m.bids[d.moves[u.move].bid].by == owner {
				return 0 // what its owner takes for it may be on its way
			}
		}
		if n, ok := d.step[item]; ok {
			return n
		}
		return far
	}
	if d.loose && len(d.givers[item]) > 0 {
		return 0
	}
	best := far
	if n, ok := d.near[item]; ok {
		best = n
	}
	if n, ok := d.rooted[item]; ok {
		best = min(best, n)
	}
	return best
}
