package lot

import "sxp"

// maxParts is how many parts of an exchange with money are looked at.
const maxParts = 1 << 16

// undivided checks that no part of an exchange covers what it takes while the
// rest does, too: those would be two exchanges, and none pays for the other.
// It matters only where an exchange must be good enough by itself.
func (m *model) undivided(e *exchange) error {
	const op = "lot.Check"
	if len(e.value) == 0 && m.p.Options.MaxMeanCost == 0 {
		return nil
	}
	parts, size := int64(1), 0
	for _, v := range e.moves {
		if parts *= v.times + 1; parts > maxParts || v.times >= maxParts {
			return sxp.Errorf(op, sxp.TooLarge, nil, "more than %d parts: an exchange with money, or a mean cost, is smaller", maxParts)
		}
		size += int(v.times)
	}
	place := make(map[int32]int) // of items in the sums
	lacks := make([][]int64, len(e.moves))
	for i, v := range e.moves {
		for _, p := range v.take {
			if !m.items[p.item].gift {
				m.lack(place, lacks, i, p.item, p.pieces)
			}
		}
		for _, p := range v.give {
			m.lack(place, lacks, i, p.item, -p.pieces)
		}
	}
	all, part := make([]int64, len(place)), make([]int64, len(place))
	for i, v := range e.moves {
		for k, n := range lacks[i] {
			all[k] += n * v.times
		}
	}
	if m.splits(e.moves, lacks, all, part, 0, 0, size) {
		return sxp.Errorf(op, sxp.Invalid, nil, "it falls into parts that each give what they take: those are several exchanges, and each must be good by itself")
	}
	return nil
}

// lack adds what move i lacks of an item, below 0 what it has left over.
func (m *model) lack(place map[int32]int, lacks [][]int64, i int, item int32, pieces int64) {
	k, ok := place[item]
	if !ok {
		k = len(place)
		place[item] = k
	}
	for len(lacks[i]) <= k {
		lacks[i] = append(lacks[i], 0)
	}
	lacks[i][k] += pieces
}

// splits tries every number of each move from the i-th on in a part that has
// so many uses already and lacks so much.
func (m *model) splits(moves []counted, lacks [][]int64, all, part []int64, i, uses, size int) bool {
	if i == len(moves) {
		if uses == 0 || uses == size {
			return false
		}
		for k, n := range part {
			if n > 0 || all[k]-n > 0 {
				return false
			}
		}
		return true
	}
	found := false
	for n := int64(0); n <= moves[i].times && !found; n++ {
		if n > 0 {
			for k, x := range lacks[i] {
				part[k] += x
			}
		}
		found = m.splits(moves, lacks, all, part, i+1, uses+int(n), size)
	}
	for k, x := range lacks[i] { // as it was
		part[k] -= x * moves[i].times
	}
	return found
}
