package lot

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// village makes a market of people who have some copies of a few things, sell
// some, and would take this or that, two for one now and then.
func village(people int, money bool) *Problem {
	rng := rand.New(rand.NewPCG(1, 2))
	p := &Problem{Format: ProblemFormat, Options: DefaultOptions()}
	for i := range people {
		u := Person{ID: fmt.Sprint("p", i)}
		if money && i%3 == 0 {
			u.Budget = "40"
		}
		p.People = append(p.People, u)
		for k := range 1 + rng.IntN(4) {
			p.Items = append(p.Items, Item{ID: fmt.Sprint("i", i, ".", k), Owner: u.ID, Quantity: Decimal(fmt.Sprint(1 + rng.IntN(2))), Step: "1"})
		}
	}
	for i, it := range p.Items {
		take := Side{}
		for range 1 + rng.IntN(6) {
			w := min(rng.IntN(len(p.Items)), rng.IntN(len(p.Items)))
			if p.Items[w].Owner != it.Owner {
				o := Option{Item: p.Items[w].ID, Cost: int64(len(take.Of) + 1)}
				if money && rng.IntN(3) == 0 {
					o.Pay = Decimal(fmt.Sprint(rng.IntN(20)))
				}
				take.Of = append(take.Of, o)
			}
		}
		b := Bid{ID: fmt.Sprint("b", i), By: it.Owner, Give: Side{Of: []Option{{Item: it.ID}}}, Take: take, Times: 2}
		if k := (i + 1) % len(p.Items); rng.IntN(4) == 0 && p.Items[k].Owner == it.Owner {
			b.Give = Side{Of: []Option{{Items: []Portion{{Item: it.ID}, {Item: p.Items[k].ID}}}}}
		}
		if len(take.Of) > 0 {
			p.Bids = append(p.Bids, b)
		}
		if money && rng.IntN(4) == 0 {
			p.Bids = append(p.Bids, Bid{ID: fmt.Sprint("s", i), By: it.Owner, Give: Side{Of: []Option{{Item: it.ID}}}, Get: Decimal(fmt.Sprint(rng.IntN(20)))})
		}
	}
	return p
}

func BenchmarkSolve(b *testing.B) {
	for _, money := range []bool{false, true} {
		for _, people := range []int{30, 100, 300} {
			b.Run(fmt.Sprintf("people=%d/money=%v", people, money), func(b *testing.B) {
				p := village(people, money)
				for b.Loop() {
					a, err := Solve(p, SolveOptions{})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(a.Value.Items), "items")
					if a.Bound != nil {
						b.ReportMetric(float64(*a.Bound), "bound")
					}
					b.ReportMetric(float64(a.Listed), "listed")
					b.ReportMetric(float64(a.Work), "work")
					if a.Exact {
						b.ReportMetric(1, "exact")
					}
				}
			})
		}
	}
}
