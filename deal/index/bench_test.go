package index_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"sxp/deal/gen"
	"sxp/deal/index"
)

// crowds are the markets that are measured.
var crowds = []gen.Crowd{
	{Offers: 1000, Types: 200, Seed: 1},
	{Offers: 10_000, Types: 2000, Seed: 1},
	{Offers: 100_000, Types: 20_000, Seed: 1},
	{Offers: 1_000_000, Types: 200_000, Seed: 1},
}

func fill(tb testing.TB, c gen.Crowd) *index.Index {
	ix := index.New()
	for e := range c.Announcements() {
		if err := ix.Put(e); err != nil {
			tb.Fatal(err)
		}
	}
	return ix
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkThrough measures the best ring of up to five items through a new
// announcement, entering it included: how long it takes, how often there is
// one, and how often it is as good as the best. Memory is that of the index and
// its search. Each question is asked once per pass; where a machine does other
// things too, more passes give the least time of each.
//
//	go test ./deal/index -run none -bench Through -benchtime 3x
func BenchmarkThrough(b *testing.B) {
	const asks = 2000
	for _, c := range crowds {
		b.Run(fmt.Sprintf("offers=%d", c.Offers), func(b *testing.B) {
			before := heap()
			ix := fill(b, c)
			ix.Through(index.Ask{ID: 0, Best: 1, MaxItems: 5}) // makes room for the search
			mib := float64(heap()-before) / (1 << 20)
			for _, way := range []struct {
				name   string
				ask    func(index.Ask) ([]index.Loop, bool)
				byCost bool
			}{
				{"quick", ix.Quick, false},
				{"exact", ix.Through, false},
				{"quick-by-cost", ix.Quick, true},
				{"exact-by-cost", ix.Through, true},
			} {
				b.Run(way.name, func(b *testing.B) {
					took := slices.Repeat([]time.Duration{math.MaxInt64}, asks)
					found, same, passes := 0, 0, 0
					for b.Loop() {
						passes++
						for i := range asks {
							id := uint32(uint64(i) * 2654435761 % uint64(c.Offers))
							e, _ := ix.Get(id)
							ix.Remove(id)
							ask := index.Ask{ID: id, Best: 1, MaxItems: 5, ByCost: way.byCost, Effort: 1 << 40}
							start := time.Now()
							if err := ix.Put(e); err != nil {
								b.Fatal(err)
							}
							rings, complete := way.ask(ask)
							took[i] = min(took[i], time.Since(start))
							if len(rings) > 0 {
								found++
							}
							if best, _ := ix.Through(ask); complete || samePrices(ask, rings, best) {
								same++
							}
						}
					}
					slices.Sort(took)
					at := func(p int) float64 { return float64(took[len(took)*p/100].Microseconds()) / 1000 }
					b.ReportMetric(at(50), "p50-ms")
					b.ReportMetric(at(90), "p90-ms")
					b.ReportMetric(at(99), "p99-ms")
					b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
					b.ReportMetric(float64(found)/float64(asks*passes), "found")
					b.ReportMetric(float64(same)/float64(asks*passes), "best")
					b.ReportMetric(mib, "MiB")
					b.ReportMetric(0, "ns/op")
				})
			}
			runtime.KeepAlive(ix)
		})
	}
}
