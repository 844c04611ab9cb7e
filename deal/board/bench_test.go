package board_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"sxp/deal"
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

// BenchmarkLive measures one edit in a market of offers with needs, its best
// ring included, and what memory an announcement takes.
func BenchmarkLive(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("announcements=%d", 2*n), func(b *testing.B) {
			all := people(n)
			var m0, m1 runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m0)
			l := board.NewLive()
			start := time.Now()
			for _, a := range all {
				if err := l.Put(a); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(start).Microseconds())/float64(len(all)), "fill-us")
			runtime.GC()
			runtime.ReadMemStats(&m1)
			var took []time.Duration
			i := 0
			for b.Loop() {
				for range 2000 {
					a := all[i*31%len(all)]
					a.Version = uint64(2 + i)
					start := time.Now()
					if err := l.Put(a); err != nil {
						b.Fatal(err)
					}
					l.Rings(a.ID(), board.Ask{Best: 1, MaxItems: 4, Quick: true})
					took = append(took, time.Since(start))
					i++
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
			b.ReportMetric(float64(m1.HeapAlloc-m0.HeapAlloc)/float64(len(all)), "bytes/announcement")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkRegion measures what a neighbourhood of at most two hundred items
// takes: to draw it, and to find the best choice in it.
func BenchmarkRegion(b *testing.B) {
	l := board.NewLive()
	const n, kinds = 20_000, 2003
	var all []market.Announcement
	for i := range n {
		a := offer(0, 1, fmt.Sprintf("nice thing%d", i*7919%kinds), words(fmt.Sprintf("thing%d", i*6007%kinds)), words(fmt.Sprintf("thing%d", i*i%kinds)))
		a.Owner[1], a.Owner[2] = byte(i), byte(i>>8)
		all = append(all, a)
	}
	for _, a := range all {
		if err := l.Put(a); err != nil {
			b.Fatal(err)
		}
	}
	items, traded, i := 0, 0, 0
	for b.Loop() {
		around := []market.ItemID{all[i*4801%n].ID(), all[i*7699%n].ID()}
		p, err := l.Region(around, 200, 4, now)
		if err != nil {
			b.Fatal(err)
		}
		res, err := deal.Find(p.Graph, deal.Defaults())
		if err != nil {
			b.Fatal(err)
		}
		items, traded, i = items+len(p.Offers), traded+res.Value.Items, i+1
	}
	b.ReportMetric(float64(items)/float64(i), "items/op")
	b.ReportMetric(float64(traded)/float64(i), "traded/op")
}
