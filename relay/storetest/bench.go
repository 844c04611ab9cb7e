package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sxp"
	"sxp/relay"
)

// Bench measures the stores that open returns.
func Bench(b *testing.B, open func(*testing.B) relay.Store) {
	for _, writers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("Put/bytes=1024/writers=%d", writers), func(b *testing.B) { benchPut(b, open(b), writers) })
	}
	for _, readers := range []int{1, 16} {
		b.Run(fmt.Sprintf("Read/bytes=1024/readers=%d", readers), func(b *testing.B) { benchRead(b, open(b), readers) })
		b.Run(fmt.Sprintf("List/records=5/readers=%d", readers), func(b *testing.B) { benchList(b, open(b), readers) })
	}
	b.Run("Expire/records=10000", func(b *testing.B) { benchExpire(b, open) })
}

// each calls f for 0 to n-1 from so many goroutines.
func each(goroutines, n int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	wg.Wait()
}

// spread numbers records over 100 senders and 1000 receivers.
func spread(n int) *relay.Entry {
	e := Entry(byte(n%100), 0, n)
	e.Path.Receiver = sxp.ID{byte(n % 1000), byte(n % 1000 >> 8), 1}
	return e
}

func fill(b *testing.B, s relay.Store, n int) {
	b.Helper()
	each(256, n, func(i int) {
		if _, err := s.Put(context.Background(), Noon, spread(i), noQuota); err != nil {
			b.Error(err)
		}
	})
}

func perSecond(b *testing.B, what string) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), what+"/s")
}

func benchPut(b *testing.B, s relay.Store, writers int) {
	b.SetBytes(1024)
	b.ReportAllocs()
	b.ResetTimer()
	each(writers, b.N, func(i int) {
		if _, err := s.Put(context.Background(), Noon, spread(i), noQuota); err != nil {
			b.Error(err)
		}
	})
	perSecond(b, "records")
}

func benchRead(b *testing.B, s relay.Store, readers int) {
	const n = 5000
	fill(b, s, n)
	b.ReportAllocs()
	b.ResetTimer()
	each(readers, b.N, func(i int) {
		if _, err := s.Read(context.Background(), Noon, spread(i*7919%n).Path); err != nil {
			b.Error(err)
		}
	})
	perSecond(b, "reads")
}

func benchList(b *testing.B, s relay.Store, readers int) {
	fill(b, s, 5000)
	b.ReportAllocs()
	b.ResetTimer()
	each(readers, b.N, func(i int) {
		l, err := s.List(context.Background(), relay.Query{Receiver: spread(i).Path.Receiver, Now: Noon, Limit: 100})
		if err != nil || len(l.Entries) != 5 {
			b.Errorf("List = %d entries, %v", len(l.Entries), err)
		}
	})
	perSecond(b, "lists")
}

func benchExpire(b *testing.B, open func(*testing.B) relay.Store) {
	for b.Loop() {
		b.StopTimer()
		s := open(b)
		fill(b, s, 10_000)
		b.StartTimer()
		if n, err := s.Expire(context.Background(), Noon.Add(2*sxp.Day)); err != nil || n != 10_000 {
			b.Fatalf("Expire = %d, %v", n, err)
		}
	}
}
