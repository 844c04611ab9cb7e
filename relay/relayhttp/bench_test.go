//go:build !js

package relayhttp_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/memstore"
	"sxp/relay/pebblestore"
	"sxp/relay/relayhttp"
)

// A bench is a relay on disk that listens on loopback.
type bench struct {
	node    callertest.Key
	router  *relay.Router
	store   *pebblestore.Store
	address string
}

func newBench(b *testing.B) *bench {
	b.Helper()
	st, err := pebblestore.Open(pebblestore.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	return benchWith(b, st, st)
}

func benchWith(b *testing.B, st relay.Store, accounts relay.Accounts) *bench {
	node := callertest.NewKey(b)
	rt := relay.NewRouter(node, relay.RouterConfig{})
	if _, err := relay.Register(rt, relay.ServerConfig{Store: st, Accounts: accounts, Policy: relay.Policy{Mode: relay.Open}}); err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- relayhttp.NewServer(relayhttp.ServerConfig{Handler: rt, Signer: node}).Serve(ctx, l) }()
	b.Cleanup(func() { stop(); <-done })
	p, _ := st.(*pebblestore.Store)
	return &bench{node, rt, p, "http://" + l.Addr().String()}
}

// signed returns n writes of 1 KiB by 100 senders to 1,000 receivers.
func signed(b *testing.B, n int) [][]byte {
	b.Helper()
	senders := make([]callertest.Key, 100)
	for i := range senders {
		senders[i] = callertest.NewKey(b)
	}
	content := make([]byte, 1024)
	_, _ = rand.Read(content)
	raws := make([][]byte, n)
	each(2, n, func(i int) {
		raw, err := relay.Sign(senders[i%100], relay.TypeWrite, sxp.ID{byte(i % 1000), byte(i % 1000 >> 8), 1}, callertest.Clock(), rand.Reader,
			relay.Write{RecordID: relay.RecordID(fmt.Sprintf("%032x", i)), TTL: sxp.Day, Content: content})
		if err != nil {
			b.Error(err)
		}
		raws[i] = raw
	})
	return raws
}

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

// cpu is what the process, client and server, has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs f for 0 to b.N-1 from so many goroutines.
func measure(b *testing.B, goroutines int, f func(i int) error) {
	b.Helper()
	b.ReportAllocs()
	before := cpu()
	b.ResetTimer()
	each(goroutines, b.N, func(i int) {
		if err := f(i); err != nil {
			b.Error(err)
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric((cpu()-before).Seconds()/float64(b.N)*1e5, "cpu-s/100k")
}

// sessions returns callers that go round n sessions.
func (x *bench) sessions(b *testing.B, n int) []*relayhttp.Session {
	list := make([]*relayhttp.Session, n)
	for i := range list {
		s, err := relayhttp.NewSession(relayhttp.SessionConfig{Address: x.address, Server: x.node.ID(), Signer: callertest.NewKey(b), Now: callertest.Clock, Rand: rand.Reader})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		list[i] = s
	}
	return list
}

func wantTrue(t envelope.Type, payload []byte, err error) error {
	if err == nil && t != relay.ResponseType(relay.TypeWrite) {
		err = fmt.Errorf("%s %s", t, payload)
	}
	return err
}

func signedTrue(answer []byte, err error) error {
	if err != nil {
		return err
	}
	t, _, err := envelope.Peek(answer)
	return wantTrue(t, nil, err)
}

// BenchmarkWrite measures durable writes of signed records with 1 KiB of
// content, by connections x requests under way on each.
func BenchmarkWrite(b *testing.B) {
	ctx := context.Background()
	for _, c := range []struct{ conns, window int }{{1, 1}, {1, 32}, {16, 1}, {16, 32}, {64, 32}} {
		b.Run(fmt.Sprintf("session/%dx%d", c.conns, c.window), func(b *testing.B) {
			x := newBench(b)
			raws, ss := signed(b, b.N), x.sessions(b, c.conns)
			measure(b, c.conns*c.window, func(i int) error { return wantTrue(ss[i%c.conns].Exchange(ctx, "", raws[i])) })
			if err := x.store.Flush(); err != nil {
				b.Fatal(err)
			}
			size, err := x.store.Size()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(size)/float64(b.N), "disk-B/record")
		})
	}
	for _, conns := range []int{1, 64} {
		b.Run(fmt.Sprintf("post/%dx1", conns), func(b *testing.B) {
			x := newBench(b)
			raws := signed(b, b.N)
			c, err := relayhttp.NewClient(x.address, relayhttp.ClientConfig{})
			if err != nil {
				b.Fatal(err)
			}
			measure(b, conns, func(i int) error { return signedTrue(c.Call(ctx, raws[i])) })
		})
	}
	for _, at := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("inprocess/signed/%d", at), func(b *testing.B) {
			x := newBench(b)
			raws := signed(b, b.N)
			measure(b, at, func(i int) error { return signedTrue(x.router.Handle(ctx, callertest.Clock(), raws[i]), nil) })
		})
		b.Run(fmt.Sprintf("inprocess/unsigned/%d", at), func(b *testing.B) {
			x := newBench(b)
			raws := signed(b, b.N)
			measure(b, at, func(i int) error {
				t, p := x.router.HandleSession(ctx, callertest.Clock(), sxp.ID{}, "", raws[i])
				return wantTrue(t, p, nil)
			})
		})
	}
	b.Run("inprocess/memory/512", func(b *testing.B) {
		st := new(memstore.Store)
		x := benchWith(b, st, st)
		raws := signed(b, b.N)
		measure(b, 512, func(i int) error {
			t, p := x.router.HandleSession(ctx, callertest.Clock(), sxp.ID{}, "", raws[i])
			return wantTrue(t, p, nil)
		})
	})
}

// BenchmarkVerify is what one core can verify, for comparison.
func BenchmarkVerify(b *testing.B) {
	raws := signed(b, 256)
	b.Run("single", func(b *testing.B) {
		measure(b, 1, func(i int) error { _, err := envelope.Parse(raws[i%256]); return err })
	})
	b.Run("batch=64", func(b *testing.B) {
		measure(b, 1, func(i int) error {
			if i%64 != 0 {
				return nil
			}
			var batch envelope.Batch
			for k := range 64 {
				batch.Add(raws[(i+k)%256])
			}
			return batch.Verify()[0]
		})
	})
}

// BenchmarkRead measures reads of a mailbox of 5 records and of one record.
func BenchmarkRead(b *testing.B) {
	for _, conns := range []int{1, 16} {
		x := newBench(b)
		const people, each5 = 200, 5
		bobs := make([]*relay.Client, people)
		paths := make([]relay.Path, people)
		alice := callertest.NewKey(b)
		a := relay.NewClient(x.sessions(b, 1)[0], alice, x.node.ID(), callertest.Clock, rand.Reader)
		for i := range bobs {
			k := callertest.NewKey(b)
			s, err := relayhttp.NewSession(relayhttp.SessionConfig{Address: x.address, Server: x.node.ID(), Signer: k, Now: callertest.Clock, Rand: rand.Reader})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			bobs[i] = relay.NewClient(s, k, x.node.ID(), callertest.Clock, rand.Reader)
			for range each5 {
				if paths[i], err = a.Write(b.Context(), k.ID(), relay.Write{TTL: sxp.Day, Content: make([]byte, 1024)}); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(fmt.Sprintf("inventory/%d", conns), func(b *testing.B) {
			measure(b, conns, func(i int) error {
				p, err := bobs[i%people].Inventory(context.Background(), relay.Inventory{})
				if err == nil && len(p.Paths) != each5 {
					err = fmt.Errorf("%d paths", len(p.Paths))
				}
				return err
			})
		})
		b.Run(fmt.Sprintf("record/%d", conns), func(b *testing.B) {
			measure(b, conns, func(i int) error {
				_, err := bobs[i%people].Read(context.Background(), paths[i%people])
				return err
			})
		})
	}
}

// BenchmarkDeliver measures how long a durable record takes from its sender's
// call to its receiver's listener, with 50 receivers who listen, one record at
// a time.
func BenchmarkDeliver(b *testing.B) {
	x := newBench(b)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	const people = 50
	came := make(chan relay.Path, 1)
	var bobs []sxp.ID
	var wg sync.WaitGroup
	for range people {
		k := callertest.NewKey(b)
		s, err := relayhttp.NewSession(relayhttp.SessionConfig{Address: x.address, Server: x.node.ID(), Signer: k, Now: callertest.Clock, Rand: rand.Reader})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		bobs = append(bobs, k.ID())
		wg.Go(func() {
			_ = relay.NewClient(s, k, x.node.ID(), callertest.Clock, rand.Reader).Listen(ctx, 0, func(p relay.Page) error {
				for _, path := range p.Paths {
					came <- path
				}
				return nil
			})
		})
	}
	a := relay.NewClient(x.sessions(b, 1)[0], callertest.NewKey(b), x.node.ID(), callertest.Clock, rand.Reader)
	took := make([]time.Duration, 0, b.N)
	i := 0
	measure(b, 1, func(int) error {
		began := time.Now()
		p, err := a.Write(ctx, bobs[i%people], relay.Write{TTL: sxp.Day, Content: make([]byte, 1024)})
		if err != nil {
			return err
		}
		if got := <-came; got != p {
			return fmt.Errorf("%s came instead of %s", got, p)
		}
		took = append(took, time.Since(began))
		i++
		return nil
	})
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	stop()
	wg.Wait()
}
