package draft

import (
	"crypto/rand"
	"testing"

	"sxp/identity"
	"sxp/market"
)

// TestStrangersRing is seed 000: the obvious deal among three is found from
// standing wants, for an offer with its own wants and for one that is given
// for whatever its owner needs.
func TestStrangersRing(t *testing.T) {
	b := NewBoard(market.Charter{})
	add := func(owner *identity.SigningKey, d market.Direction, title string, wants ...string) {
		t.Helper()
		it, err := market.ParseItem(title)
		if err != nil {
			t.Fatal(err)
		}
		a := market.Announcement{Market: market.Charter{}.Market, Owner: owner.ID(), Version: 1, Direction: d, Item: &it, Created: 1, Expires: 100}
		rand.Read(a.Nonce[:])
		if d == market.Need {
			q, err := market.ParseQuery(title)
			if err != nil {
				t.Fatal(err)
			}
			a.Query = &q
		}
		for _, s := range wants {
			w, err := market.ParseWant(s)
			if err != nil {
				t.Fatal(err)
			}
			a.Wants = append(a.Wants, w)
		}
		b.Apply(market.Listing{Class: market.ClassAnnouncement, ID: a.ID(), Announcement: &a})
	}
	var keys []*identity.SigningKey
	for range 3 {
		k, err := identity.NewSigningKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	add(keys[0], market.Offer, "3 h maths lessons", "beer")
	add(keys[1], market.Offer, "20 l beer", "coins")
	add(keys[2], market.Offer, "12 coins")
	add(keys[2], market.Need, "maths lessons")
	f, err := b.Rings(50, Options{})
	if err != nil || len(f.Rings) != 1 || len(f.Rings[0]) != 3 || !f.Optimal {
		t.Fatalf("Rings = %+v, %v; want one ring of three", f, err)
	}
	if f, err := b.Rings(50, Options{Without: map[market.ItemID]bool{f.Rings[0][0].Ref: true}}); err != nil || len(f.Rings) != 0 {
		t.Errorf("a reserved item is proposed: %+v, %v", f, err)
	}
	if f, err := b.Rings(200, Options{}); err != nil || len(f.Rings) != 0 {
		t.Errorf("expired items are proposed: %+v, %v", f, err)
	}
}
