package gen

import (
	"iter"
	"math"

	"sxp/deal/index"
)

// A Crowd describes a market of a great many announcements.
type Crowd struct {
	Offers int // announcements; a person has three on average
	Types  int // of things, numbered in no order; a few are in great demand
	Seed   uint64
}

// Announcements yields the offers of a crowd, as an index takes them. Each is
// of one type and wants 1 to 9 types, 5 on average. Types are had and wanted
// with a density of (x + v) to the power of -0.6, which of 200,000 types and a
// million offers lets the first be wanted by some 4,300. The cost of a wish is
// three times its place and what the owner's reliability (70 to 99 %) costs,
// in hundredths of the logarithm.
func (c Crowd) Announcements() iter.Seq[index.Entry] {
	return func(yield func(index.Entry) bool) {
		r := rng(c.Seed)
		types := make([]index.Key, c.Types)
		for i := range types {
			j := r.below(i + 1)
			types[i] = types[j]
			types[j] = index.Key(i)
		}
		for i := range c.Offers {
			e := index.Entry{ID: uint32(i), Person: uint32(r.below(max(1, c.Offers/3))), Has: []index.Key{types[r.demand(c.Types)]}}
			own := rng(e.Person)
			toll := 1 + int64(own.below(36))
			for n := range 1 + r.below(9) {
				e.Wishes = append(e.Wishes, index.Wish{Key: types[r.demand(c.Types)], Cost: toll + 3*int64(n)})
			}
			if !yield(e) {
				return
			}
		}
	}
}

// demand returns a number below n with a density of (x + v) to the power of
// -0.6, v being n/25000.
func (r *rng) demand(n int) int {
	const low = 0.017410732697542106 // (1/25001) to the power of 0.4
	v := float64(n) / 25000
	t := low + float64((1-low)*float64(float64(r.next()>>11)*(1.0/(1<<53))))
	x := float64((float64(n)+v)*float64(float64(t*t)*math.Sqrt(t))) - v
	return min(max(int(x), 0), n-1)
}
