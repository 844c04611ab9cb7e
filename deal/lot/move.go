package lot

import (
	"math/bits"

	"sxp"
)

// A move is one use of a bid with everything picked.
type move struct {
	bid        int32
	give, take []portion
	groups     []int32 // passed, one by one
	cost       int64
	value      int64 // paid at most; below 0: got at least
	giveAt     []int
	takeAt     [][]int
}

// resolve reads a use from outside.
func (m *model) resolve(in Use) (*move, error) {
	const op = "lot.Check"
	i, ok := m.bid[in.Bid]
	if !ok {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "bid: no bid is named %q", clip(in.Bid))
	}
	b := &m.bids[i]
	v := &move{bid: i, value: b.value, giveAt: in.Give, takeAt: in.Take}
	if in.Give == nil {
		v.giveAt = every(&b.give)
	}
	if in.Take == nil {
		for _, k := range every(&b.take) {
			v.takeAt = append(v.takeAt, []int{k})
		}
	}
	if len(v.giveAt) != b.give.pick || len(v.takeAt) != b.take.pick {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "bid %q gives %d and takes %d of its options, not %d and %d",
			clip(in.Bid), b.give.pick, b.take.pick, len(v.giveAt), len(v.takeAt))
	}
	seen := make(map[int]bool)
	for _, k := range v.giveAt {
		if k < 0 || k >= len(b.give.of) || seen[k] {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "give: %d is no option of bid %q, or stands twice", k, clip(in.Bid))
		}
		seen[k] = true
		v.add(&b.give.of[k], true)
	}
	clear(seen)
	for _, path := range v.takeAt {
		if len(path) == 0 || seen[path[0]] {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "take: an empty path, or an option of bid %q twice", clip(in.Bid))
		}
		seen[path[0]] = true
		if err := m.follow(v, b.take.of, path); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// every returns the places of all options where a side leaves no choice.
func every(s *side) []int {
	if s.pick != len(s.of) {
		return nil
	}
	var all []int
	for k := range s.of {
		if s.of[k].group >= 0 {
			return nil
		}
		all = append(all, k)
	}
	return all
}

// follow takes what a path leads to.
func (m *model) follow(v *move, of []option, path []int) error {
	const op = "lot.Check"
	for n, k := range path {
		if k < 0 || k >= len(of) {
			return sxp.Errorf(op, sxp.Invalid, nil, "take: %d is no place among %d options", k, len(of))
		}
		o := &of[k]
		v.add(o, false)
		if o.group < 0 {
			if n < len(path)-1 {
				return sxp.Errorf(op, sxp.Invalid, nil, "take: a path goes on behind an item")
			}
			return nil
		}
		v.groups = append(v.groups, o.group)
		of = m.groups[o.group].of
	}
	return sxp.Errorf(op, sxp.Invalid, nil, "take: a path ends at a group")
}

// add adds a picked option.
func (v *move) add(o *option, gives bool) {
	v.cost += o.cost
	v.value += o.value
	if gives {
		v.give = append(v.give, o.portions...)
	} else {
		v.take = append(v.take, o.portions...)
	}
}

// use writes the move as others read it, times within one exchange.
func (m *model) use(v *move, times int64) Use {
	u := Use{Bid: m.p.Bids[v.bid].ID, Take: v.takeAt}
	b := &m.bids[v.bid]
	if every(&b.give) == nil {
		u.Give = v.giveAt
	}
	if every(&b.take) != nil {
		u.Take = nil
	}
	if times > 1 {
		u.Times = times
	}
	return u
}

// huge is what sums from outside stay below.
const huge = 1 << 60

// plus returns sum + a*b, and whether it stays within huge either way.
func plus(sum, a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if hi != 0 || lo >= huge {
		return 0, false
	}
	sum += a * b
	return sum, sum < huge && sum > -huge
}

// product returns a*b, both 0 or more, and what stays just below huge where
// that is less.
func product(a, b int64) int64 {
	if n, ok := plus(0, a, b); ok {
		return n
	}
	return huge - 1
}
