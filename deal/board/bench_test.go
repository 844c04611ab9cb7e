package board_test

import (
	"fmt"
	"testing"

	"sxp/deal/board"
	"sxp/market"
)

// people makes n people with an offer and a need each, over n/4 kinds of thing.
func people(n int) []market.Announcement {
	var all []market.Announcement
	for i := range n {
		a := offer(0, 1, fmt.Sprintf("nice thing%d in good order, from a house without smokers", i*7919%(n/4+1)))
		b := need(0, 2, fmt.Sprintf("thing%d", i*6007%(n/4+1)))
		for _, x := range []*market.Announcement{&a, &b} {
			x.Owner[1], x.Owner[2], x.Owner[3] = byte(i), byte(i>>8), byte(i>>16)
		}
		all = append(all, a, b)
	}
	return all
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("announcements=%d", 2*n), func(b *testing.B) {
			all := people(n)
			for b.Loop() {
				if _, err := board.Build(all, nil, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLive measures one new announcement, its rings included.
func BenchmarkLive(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("announcements=%d", 2*n), func(b *testing.B) {
			l := board.NewLive()
			all := people(n)
			for _, a := range all {
				if err := l.Put(a); err != nil {
					b.Fatal(err)
				}
			}
			found, i := 0, 0
			for b.Loop() {
				a := all[i*31%len(all)]
				a.Version = uint64(2 + i)
				if err := l.Put(a); err != nil {
					b.Fatal(err)
				}
				if deals, _ := l.Through(a.ID(), 1, 4, 0); len(deals) > 0 {
					found++
				}
				i++
			}
			b.ReportMetric(float64(found)/float64(i), "found/op")
		})
	}
}
