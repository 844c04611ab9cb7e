package report

import (
	"testing"

	"sxp"
	"sxp/market"
)

const noon sxp.Time = 1_790_000_000_000

func TestReport(t *testing.T) {
	t.Parallel()
	moderator := sxp.ID{99}
	b := New(market.Charter{Market: moderator})
	n := byte(0)
	put := func(owner byte, d market.Direction, first, created sxp.Duration, change ...func(*market.Announcement)) market.ItemID {
		n++
		a := market.Announcement{Owner: sxp.ID{owner}, Nonce: market.Nonce{n}, Version: 2, Direction: d, Item: &market.Item{Kind: market.Good, Title: "x"},
			Since: noon.Add(-first), Created: noon.Add(-created), Expires: noon.Add(sxp.Day)}
		for _, f := range change {
			f(&a)
		}
		b.Apply(market.Listing{ID: a.ID(), Announcement: &a})
		return a.ID()
	}
	swapped := func(a *market.Announcement) { a.Item, a.Withdrawn, a.Swapped = nil, true, true }
	withdrawn := func(a *market.Announcement) { a.Item, a.Withdrawn = nil, true }
	const h = sxp.Hour
	put(1, market.Offer, 10*h, 2*h)             // waits 10 h, edited since
	put(1, market.Offer, 9*h, 5*h, swapped)     // waited 4 h
	put(1, market.Need, 9*h, 3*h, swapped)      // waited 6 h
	put(2, market.Need, 20*h, 20*h)             // never
	put(3, market.Offer, 30*h, 25*h, withdrawn) // says nothing
	put(4, market.Gift, 8*h, 1*h, swapped)      // waited 7 h
	bad := put(5, market.Offer, 100*h, 100*h)   // removed below
	put(6, market.Offer, 5*h, 5*h, func(a *market.Announcement) { a.Expires = noon })
	b.Apply(market.Listing{ID: bad, Signer: sxp.ID{5}, Notice: &market.Notice{Item: bad}})
	if r := b.Report(noon); len(r.People) != 4 {
		t.Errorf("with a notice of a stranger: %+v", r.People)
	}
	b.Apply(market.Listing{ID: bad, Signer: moderator, Notice: &market.Notice{Item: bad}})
	r := b.Report(noon)
	if r.Market != moderator || r.At != noon || r.Traders != 2 || r.Never != 1 || len(r.People) != 3 {
		t.Fatalf("%+v", r)
	}
	for i, want := range []Person{
		{ID: sxp.ID{2}, Stands: 1, Waits: 20 * h},
		{ID: sxp.ID{1}, Stands: 1, Swaps: 1, Met: 1, Waits: 10 * h, Waited: 5 * h},
		{ID: sxp.ID{4}, Swaps: 1, Waited: 7 * h},
	} {
		if r.People[i] != want {
			t.Errorf("person %d: %+v, want %+v", i, r.People[i], want)
		}
	}
	if want := (Times{2, 10 * h, 20 * h, 20 * h}); r.Waits != want {
		t.Errorf("waits %+v, want %+v", r.Waits, want)
	}
	if want := (Times{3, 6 * h, 7 * h, 7 * h}); r.Waited != want {
		t.Errorf("waited %+v, want %+v", r.Waited, want)
	}
	if r.Uneven != 444 { // 0, 1, 2: (−2·0 + 0·1 + 2·2) / (3·3)
		t.Errorf("uneven %d, want 444", r.Uneven)
	}
}

func TestGini(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list []int
		want int
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{3, 3, 3}, 0}, {[]int{0, 0, 0, 8}, 750}, {[]int{2, 0}, 500}} {
		if got := gini(c.list); got != c.want {
			t.Errorf("gini(%v) = %d, want %d", c.list, got, c.want)
		}
	}
}
