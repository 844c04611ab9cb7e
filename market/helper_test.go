package market_test

import (
	"crypto/ed25519"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/market/memstore"
)

// A key is an Ed25519 key for tests, made from a number.
type key struct{ k ed25519.PrivateKey }

func newKey(n byte) key { return key{ed25519.NewKeyFromSeed(append(make([]byte, 31), n))} }

func (k key) ID() sxp.ID                    { return sxp.ID(k.k.Public().(ed25519.PublicKey)) }
func (k key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(k.k, m), nil }

// The people of the tests.
var (
	theMarket, theNode  = newKey(100), newKey(101)
	alice, bob, charlie = newKey(1), newKey(2), newKey(3)
)

// noon is when most tests begin.
const noon sxp.Time = 1_790_000_000_000

// must returns v or ends the test.
func must[T any](tb testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// wantKind checks an error's kind.
func wantKind(tb testing.TB, what string, err error, kind sxp.Kind) {
	tb.Helper()
	if sxp.KindOf(err) != kind {
		tb.Errorf("%s: error %v (kind %q), want kind %q", what, err, sxp.KindOf(err), kind)
	}
}

// draft is what k announces at noon.
func draft(k key) market.Draft {
	return market.Draft{Market: theMarket.ID(), Owner: k.ID(), Now: noon}
}

// offer returns an offer of k; n makes its nonce.
func offer(tb testing.TB, k key, n byte, item string, wants ...string) market.Announcement {
	tb.Helper()
	return must[market.Announcement](tb)(draft(k).Offer(market.Nonce{n}, item, wants...))
}

// signed signs an announcement with its owner's key.
func signed(tb testing.TB, k key, a market.Announcement) []byte {
	tb.Helper()
	return must[[]byte](tb)(market.SignAnnouncement(k, a))
}

// resign signs v without any check: for wrong messages.
func resign(tb testing.TB, s envelope.Signer, typ envelope.Type, v any) []byte {
	tb.Helper()
	return must[[]byte](tb)(envelope.Sign(s, typ, v))
}

// charter is an open market at theNode.
func charter() market.Charter {
	return market.Charter{
		Market: theMarket.ID(), Name: "Village green", Admission: market.Open, Seq: 1, Created: noon,
		Node: market.Node{ID: theNode.ID(), Address: "https://node.example"},
	}
}

// newBoard is a board in memory with that charter.
func newBoard(tb testing.TB, c market.Charter, l market.Limits) *market.Board {
	tb.Helper()
	b := must[*market.Board](tb)(market.OpenBoard(tb.Context(), market.Config{Market: c.Market, Node: theNode.ID(), Store: memstore.New(), Limits: l}))
	if err := b.PutCharter(tb.Context(), noon, must[[]byte](tb)(market.SignCharter(theMarket, c))); err != nil {
		tb.Fatal(err)
	}
	return b
}

// find returns the titles that a search finds, newest first.
func find(tb testing.TB, b *market.Board, now sxp.Time, words string) []string {
	tb.Helper()
	var q market.Query
	if words != "" {
		q = must[market.Query](tb)(market.ParseQuery(words))
	}
	page, next, err := b.Find(tb.Context(), now, q, "", 0, 0)
	if err != nil || next != 0 {
		tb.Fatalf("Find(%q): next %d, error %v", words, next, err)
	}
	titles := []string{}
	for _, r := range page {
		a, err := market.OpenAnnouncement(r.Raw)
		if err != nil {
			tb.Fatal(err)
		}
		titles = append(titles, a.Item.Title)
	}
	return titles
}
