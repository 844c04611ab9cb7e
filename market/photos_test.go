package market_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/market"
)

// TestBoardPhotos: what a node must keep is what live announcements of that
// owner name, however many pages they fill, until the last of them expires.
func TestBoardPhotos(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	var raws [][]byte
	const n = market.MaxPage + 50
	for i := range n {
		a := offer(t, alice, 1, "road bike")
		binary.BigEndian.PutUint64(a.Nonce[:], uint64(i+1))
		a.Expires = noon.Add(sxp.Day * sxp.Duration(1+i%2))
		a.Item.Photos = []string{photo(fmt.Sprint(i)), photo("all")}
		raws = append(raws, signed(t, alice, a))
	}
	gone := offer(t, alice, 2, "tent")
	gone.Item.Photos = []string{photo("withdrawn")}
	bobs := offer(t, bob, 3, "boat")
	bobs.Item.Photos = []string{photo("bob's")}
	raws = append(raws, signed(t, alice, gone), signed(t, alice, draft(alice).Withdraw(gone)), signed(t, bob, bobs), signed(t, alice, offer(t, alice, 4, "no photo")))
	for i := 0; i < len(raws); i += market.MaxBatch {
		_, errs := b.PublishAll(t.Context(), noon, raws[i:min(len(raws), i+market.MaxBatch)])
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		now  sxp.Time
		who  key
		want int
	}{{noon, alice, n + 1}, {noon.Add(sxp.Day) - 1, alice, n + 1}, {noon.Add(sxp.Day), alice, n/2 + 1}, {noon.Add(2 * sxp.Day), alice, 0}, {noon, bob, 1}, {noon, charlie, 0}} {
		named, err := b.Photos(t.Context(), tt.now, tt.who.ID())
		if err != nil || len(named) != tt.want {
			t.Errorf("%d ms after noon: %d photos, %v, want %d", tt.now.Sub(noon), len(named), err, tt.want)
		}
		if until := named[blocks.Sum([]byte("all"))]; tt.want > 1 && until != noon.Add(2*sxp.Day) {
			t.Errorf("the photo of all stays until %v", until)
		}
	}
}
