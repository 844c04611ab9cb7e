// Package gen makes markets for tests and benchmarks where no real ones can be
// had. The same seed makes the same market, on every machine.
//
// The shape follows published want lists of board-game trades: people own few
// items or dozens (most about 8), a list holds a handful of wants or hundreds,
// a few items are wanted by nearly everybody, several copies of the same thing
// are offered and wanted through a dummy that stands for "one of them".
package gen

import (
	"bytes"
	"fmt"
	"math/bits"

	"sxp/deal"
)

// rng is SplitMix64.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// spread returns a number from 1 to most with a heavy tail: doubling it halves
// the chance, times a uniform factor of 1 to 2.
func (r *rng) spread(base, most int) int {
	n := base << bits.TrailingZeros64(r.next()|1<<20)
	return min(max(1, n/2+r.below(n+1)), most)
}

// popular returns a number below n, low ones far more often (density 1/√x).
func (r *rng) popular(n int) int {
	u := r.below(1 << 20)
	return int(uint64(u) * uint64(u) >> 20 * uint64(n) >> 20)
}

// TradeList returns a want list in TradeMaximizer's format with so many items.
func TradeList(items int, seed uint64) []byte {
	r := rng(seed)
	owner := make([]int, items)
	people := 0
	for i := 0; i < items; people++ {
		for range r.spread(4, 60) {
			if i < items {
				owner[i] = people
				i++
			}
		}
	}
	title := make([]int, items) // items of the same title are copies
	for i := range title {
		title[i] = i
		if i > 0 && r.below(10) == 0 {
			title[i] = title[r.below(i)]
		}
	}
	copies := make(map[int][]int)
	for i, t := range title {
		copies[t] = append(copies[t], i)
	}
	rank := make([]int, items) // by popularity
	for i := range rank {
		j := r.below(i + 1)
		rank[i], rank[j] = rank[j], i
	}
	var out bytes.Buffer
	out.WriteString("#! ALLOW-DUMMIES REQUIRE-COLONS REQUIRE-USERNAMES LINEAR-PRIORITIES\n")
	for p, i := 0, 0; p < people; p++ {
		var own []int
		for ; i < items && owner[i] == p; i++ {
			own = append(own, i)
		}
		writePerson(&out, &r, p, own, rank, owner, title, copies)
	}
	return out.Bytes()
}

// writePerson writes the lists of one person: the same taste for each item,
// but dearer ones want less.
func writePerson(out *bytes.Buffer, r *rng, p int, own, rank, owner, title []int, copies map[int][]int) {
	var taste []string
	dummies := make(map[int]bool)
	seen := make(map[int]bool)
	for range r.spread(8, min(300, len(rank))) {
		w := rank[r.popular(len(rank))]
		if owner[w] == p || seen[w] {
			continue
		}
		seen[w] = true
		if c := copies[title[w]]; len(c) > 1 {
			if !dummies[title[w]] {
				dummies[title[w]] = true
				fmt.Fprintf(out, "(p%d) %%T%d :", p, title[w])
				for _, x := range c {
					fmt.Fprintf(out, " I%d", x)
				}
				out.WriteByte('\n')
				taste = append(taste, fmt.Sprintf("%%T%d", title[w]))
			}
			continue
		}
		taste = append(taste, fmt.Sprintf("I%d", w))
	}
	for _, i := range own {
		fmt.Fprintf(out, "(p%d) I%d :", p, i)
		for _, w := range taste[:len(taste)-r.below(len(taste)+1)/2] {
			out.WriteByte(' ')
			out.WriteString(w)
		}
		out.WriteByte('\n')
	}
}

// Entries returns a market for a deal.Index: offers of so many kinds of thing,
// each wanting some five kinds; a few kinds are in great demand.
func Entries(offers, kinds int, seed uint64) []deal.Entry {
	r := rng(seed)
	list := make([]deal.Entry, offers)
	for i := range list {
		e := deal.Entry{ID: uint64(i), Person: uint64(r.below(max(1, offers/3))), Has: []deal.Key{deal.Key(r.popular(kinds))}}
		for range 1 + r.below(9) {
			e.Wishes = append(e.Wishes, deal.Wish{Key: deal.Key(r.popular(kinds)), Cost: int64(len(e.Wishes))})
		}
		list[i] = e
	}
	return list
}
