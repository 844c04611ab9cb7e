package index_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/market/index"
)

type key struct{ k ed25519.PrivateKey }

func newKey(n uint64) key {
	seed := make([]byte, 32)
	binary.BigEndian.PutUint64(seed, n)
	return key{ed25519.NewKeyFromSeed(seed)}
}

func (k key) ID() sxp.ID                    { return sxp.ID(k.k.Public().(ed25519.PublicKey)) }
func (k key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(k.k, m), nil }

const noon sxp.Time = 1_790_000_000_000

var vocabulary = func() []string {
	r := rand.New(rand.NewPCG(1, 1))
	words := make([]string, 20_000)
	for i := range words {
		w := make([]byte, 3+r.IntN(7))
		for j := range w {
			w[j] = "abcdefghijklmnopqrstuvwxyz"[r.IntN(26)]
		}
		words[i] = string(w)
	}
	return words
}()

// announcements makes n signed offers of 1000 owners with titles of 8 words
// (zipf), a category, a quantity and a point in a country of some 600 by 800
// km.
func announcements(tb testing.TB, n int) [][]byte {
	tb.Helper()
	r := rand.New(rand.NewPCG(2, 2))
	zipf := rand.NewZipf(r, 1.1, 3, uint64(len(vocabulary)-1))
	owners := make([]key, 1000)
	for i := range owners {
		owners[i] = newKey(uint64(i + 10))
	}
	out := make([][]byte, n)
	for i := range out {
		title := ""
		for range 8 {
			title += vocabulary[zipf.Uint64()] + " "
		}
		k := owners[i%len(owners)]
		var nonce market.Nonce
		binary.BigEndian.PutUint64(nonce[:], uint64(i+1))
		raw, err := market.SignAnnouncement(k, market.Announcement{
			Market: newKey(1).ID(), Owner: k.ID(), Nonce: nonce, Version: 1, Direction: market.Offer, Created: noon, Expires: noon.Add(90 * sxp.Day),
			Item: &market.Item{
				Kind: market.Good, Title: title[:len(title)-1], Category: fmt.Sprintf("c%d/d%d", i%20, i%7),
				Quantity: market.Decimal(fmt.Sprint(1 + i%50)), Unit: "kg",
				Point: &market.Point{Lat: 47_500 + r.Int64N(7000), Lon: 6000 + r.Int64N(9000)},
			},
			Wants: []market.Want{{Query: &market.Query{Words: vocabulary[zipf.Uint64()]}}},
		})
		if err != nil {
			tb.Fatal(err)
		}
		out[i] = raw
	}
	return out
}

func board(tb testing.TB, path string) *market.Board {
	tb.Helper()
	b, err := market.OpenBoard(tb.Context(), market.Config{Market: newKey(1).ID(), Node: newKey(2).ID(), Store: open(tb, path)})
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := market.SignCharter(newKey(1), market.Charter{
		Market: newKey(1).ID(), Name: "bench", Admission: market.Open, Seq: 1, Created: noon, Node: market.Node{ID: newKey(2).ID(), Address: "https://x"},
	})
	if err == nil {
		err = b.PutCharter(tb.Context(), noon, raw)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// near asks for what is within km of the middle of the country.
func near(km int64) market.Query {
	return market.Query{Near: market.Near{Lat: 51_000, Lon: 10_500, Km: km}}
}

// BenchmarkPublish publishes 10,000 announcements on an empty board, every
// signature checked and everything flushed before the answer.
func BenchmarkPublish(b *testing.B) {
	const n = 10_000
	raws := announcements(b, n)
	for name, publish := range map[string]func(*market.Board) error{
		"one by one": func(bd *market.Board) error {
			for _, raw := range raws {
				if _, err := bd.Publish(b.Context(), noon, raw); err != nil {
					return err
				}
			}
			return nil
		},
		"64 writers": func(bd *market.Board) error {
			var wg sync.WaitGroup
			for w := range 64 {
				wg.Go(func() {
					for i := w; i < n; i += 64 {
						if _, err := bd.Publish(b.Context(), noon, raws[i]); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			return nil
		},
		"batches of 256": func(bd *market.Board) error {
			for i := 0; i < n; i += market.MaxBatch {
				_, errs := bd.PublishAll(b.Context(), noon, raws[i:min(n, i+market.MaxBatch)])
				for _, err := range errs {
					if err != nil {
						return err
					}
				}
			}
			return nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				bd := board(b, filepath.Join(b.TempDir(), "board.sxp"))
				b.StartTimer()
				if err := publish(bd); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "announcements/s")
		})
	}
}

// BenchmarkSearch searches boards of 10,000 and 100,000 announcements, pages
// of 20, newest first.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		path := filepath.Join(b.TempDir(), "board.sxp")
		bd := board(b, path)
		raws := announcements(b, n)
		start := time.Now()
		for i := 0; i < n; i += 1024 {
			bd.PublishAll(b.Context(), noon, raws[i:min(n, i+1024)])
		}
		if info, err := os.Stat(path); err == nil {
			b.Logf("%d announcements of %d bytes: published in %v, file %d MB", n, len(raws[0]), time.Since(start), info.Size()>>20)
		}
		rare, common := vocabulary[15_000], vocabulary[0]
		for name, q := range map[string]market.Query{
			"rare word":         {Words: rare},
			"common word":       {Words: common},
			"prefix of 2":       {Words: common[:2]},
			"two common words":  {Words: common + " " + vocabulary[1]},
			"two alternatives":  {Words: common + " | " + rare},
			"word and category": {Words: common, Category: "c3"},
			"category":          {Category: "c3/d3"},
			"quantity":          {Quantity: "50", Unit: "kg"},
			"nothing there":     {Words: "zzzzzzzz"},
			"newest":            {},
			"within 5 km":       near(5),
			"within 50 km":      near(50),
			"within 500 km":     near(500),
			"anywhere":          near(market.MaxNear),
			"far away":          {Near: market.Near{Lat: -50_000, Lon: 100_000, Km: 50}},
			"word within 50 km": {Words: common, Near: near(50).Near},
			"rare word, 50 km":  {Words: rare, Near: near(50).Near},
			"every letter":      {Words: "a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p"},
			"all letters":       {Words: "a b c d e f"},
			"too much":          {Quantity: "51", Unit: "kg"},
		} {
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := bd.Find(b.Context(), noon, q, "", 0, 20); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkSince reads a whole board of 10,000 through pages of 1,000, and
// verifies every signature in batches as a reader does.
func BenchmarkSince(b *testing.B) {
	const n = 10_000
	bd := board(b, filepath.Join(b.TempDir(), "board.sxp"))
	bd.PublishAll(b.Context(), noon, announcements(b, n))
	for b.Loop() {
		count := 0
		for after, more := uint64(0), true; more; {
			page, next, err := bd.Since(b.Context(), noon, after, sxp.ID{}, 0)
			if err != nil {
				b.Fatal(err)
			}
			var batch envelope.Batch
			for _, r := range page {
				batch.Add(r.Raw)
			}
			for _, err := range batch.Verify() {
				if err != nil {
					b.Fatal(err)
				}
			}
			count += len(page)
			after, more = next, next != 0
		}
		if count != n+1 {
			b.Fatalf("read %d records", count)
		}
	}
}

var _ market.Store = (*index.Store)(nil)
