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
	"sxp/deal/internal/random"
)

// rng is SplitMix64.
type rng uint64

func (r *rng) next() uint64 { return (*random.Source)(r).Next() }

func (r *rng) below(n int) int { return (*random.Source)(r).Below(n) }

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

// A tradeList is a want list in the making.
type tradeList struct {
	rng
	owner  []int
	title  []int // items of the same title are copies
	copies map[int][]int
	rank   []int // items by popularity
	place  []int // of each item in rank
	people int
}

// TradeList returns a want list in TradeMaximizer's format with so many items.
func TradeList(items int, seed uint64) []byte {
	m := newTradeList(items, seed)
	var out bytes.Buffer
	out.WriteString("#! ALLOW-DUMMIES REQUIRE-COLONS REQUIRE-USERNAMES LINEAR-PRIORITIES\n")
	m.each(func(p int, own []int, taste []wish) {
		name := func(w wish) string {
			if w.copies != nil {
				return fmt.Sprintf("%%T%d", w.title)
			}
			return fmt.Sprintf("I%d", w.item)
		}
		for _, w := range taste {
			if w.copies == nil {
				continue
			}
			fmt.Fprintf(&out, "(p%d) %s :", p, name(w))
			for _, x := range w.copies {
				fmt.Fprintf(&out, " I%d", x)
			}
			out.WriteByte('\n')
		}
		for _, i := range own {
			fmt.Fprintf(&out, "(p%d) I%d :", p, i)
			for _, w := range taste {
				if m.accepts(i, w) {
					out.WriteByte(' ')
					out.WriteString(name(w))
				}
			}
			out.WriteByte('\n')
		}
	})
	return out.Bytes()
}

// Market returns the graph of the same want list, which for a million items is
// the only way: node i is item i, copies are wanted through a group of one.
func Market(items int, seed uint64) *deal.Graph {
	m := newTradeList(items, seed)
	g := new(deal.Graph)
	for _, p := range m.owner {
		g.AddOffer(p)
	}
	arc := func(from, to deal.Node, cost int) {
		if err := g.AddArc(from, to, int64(cost)); err != nil {
			panic("gen: " + err.Error()) // the generator knows the rules
		}
	}
	m.each(func(p int, own []int, taste []wish) {
		node := make([]deal.Node, len(taste))
		for k, w := range taste {
			node[k] = deal.Node(w.item)
			if w.copies == nil {
				continue
			}
			node[k] = g.AddGroup(p, 1)
			for _, x := range w.copies {
				if m.owner[x] != p {
					arc(node[k], deal.Node(x), 0)
				}
			}
		}
		for _, i := range own {
			rank := 0
			for k, w := range taste {
				if m.accepts(i, w) {
					rank++
					arc(deal.Node(i), node[k], rank)
				}
			}
		}
	})
	return g
}

// newTradeList gives people their items.
func newTradeList(items int, seed uint64) *tradeList {
	m := &tradeList{rng: rng(seed), copies: make(map[int][]int)}
	for ; len(m.owner) < items; m.people++ {
		for range min(m.spread(4, 60), items-len(m.owner)) {
			m.owner = append(m.owner, m.people)
		}
	}
	m.rank, m.place = make([]int, items), make([]int, items)
	for i := range items {
		t := i
		if i > 0 && m.below(10) == 0 {
			t = m.title[m.below(i)]
		}
		m.title = append(m.title, t)
		m.copies[t] = append(m.copies[t], i)
		j := m.below(i + 1)
		m.rank[i], m.rank[j] = m.rank[j], i
	}
	for k, i := range m.rank {
		m.place[i] = k
	}
	return m
}

// A wish is an item or one of several copies of it.
type wish struct {
	item   int
	title  int
	copies []int // nil for a single item
	place  int
}

// each calls f for each person with what they own and would take, in order.
func (m *tradeList) each(f func(p int, own []int, taste []wish)) {
	for p, i := 0, 0; p < m.people; p++ {
		var own []int
		for ; i < len(m.owner) && m.owner[i] == p; i++ {
			own = append(own, i)
		}
		f(p, own, m.taste(p))
	}
}

// taste draws what a person would take.
func (m *tradeList) taste(p int) []wish {
	var taste []wish
	seen := make(map[int]bool)
	for range m.spread(12, min(300, len(m.rank))) {
		w := m.rank[m.popular(len(m.rank))]
		if m.owner[w] == p || seen[m.title[w]] {
			continue
		}
		seen[m.title[w]] = true
		one := wish{item: w, title: m.title[w], place: m.place[w]}
		if c := m.copies[m.title[w]]; len(c) > 1 {
			one.copies = c
		}
		taste = append(taste, one)
	}
	return taste
}

// accepts reports whether item i is given for a wish: for what everybody wants
// only what is nearly as popular is taken.
func (m *tradeList) accepts(i int, w wish) bool { return w.place < m.place[i]*9/8 }
