package draft

import (
	"slices"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/identity"
	"sxp/market"
)

// stall is one person at the markets of a test.
type stall struct {
	t   *testing.T
	key *identity.SigningKey
	n   byte
}

// puts announces something on a board.
func (s *stall) puts(b *Board, d market.Direction, title string, wants ...string) market.ItemID {
	s.t.Helper()
	it, err := market.ParseItem(title)
	if err != nil {
		s.t.Fatal(err)
	}
	s.n++
	a := market.Announcement{Market: b.charter.Market, Owner: s.key.ID(), Nonce: market.Nonce{s.n}, Version: 1, Direction: d, Item: &it, Created: 1, Expires: 100}
	if d == market.Need {
		q, err := market.ParseQuery(title)
		if err != nil {
			s.t.Fatal(err)
		}
		a.Query = &q
	}
	for _, text := range wants {
		w, err := market.ParseWant(text)
		if err != nil {
			s.t.Fatal(err)
		}
		a.Wants = append(a.Wants, w)
	}
	b.Apply(market.Listing{Class: market.ClassAnnouncement, ID: a.ID(), Announcement: &a})
	return a.ID()
}

func stalls(t *testing.T, n int) (out []*stall) {
	for range n {
		out = append(out, &stall{t: t, key: newKey(t)})
	}
	return out
}

// TestChainsFromGifts: a gift goes to somebody who gives for it, and the last
// one gives nothing: because they only need, or because they keep what nobody
// took.
func TestChainsFromGifts(t *testing.T) {
	b := NewBoard(market.Charter{Market: sxp.ID{1}})
	p := stalls(t, 3)
	gift := p[0].puts(b, market.Gift, "kitchen table")
	chair := p[1].puts(b, market.Offer, "armchair", "table")
	p[2].puts(b, market.Need, "armchair")
	f, err := b.Rings(50, Options{})
	if err != nil || len(f.Rings) != 1 || f.Value.Items != 2 {
		t.Fatalf("%+v, %v; want one chain of two", f, err)
	}
	want := []Give{{chair, p[2].key.ID()}, {gift, p[1].key.ID()}}
	var got []Give
	for _, m := range f.Rings[0] {
		got = append(got, Give{m.Ref, m.To})
		if m.Market != b.charter.Market {
			t.Errorf("%s is announced at %s", m.Item.Title, m.Market)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	if f, err := b.Rings(50, Options{Not: [][]Give{want}}); err != nil || len(f.Rings) != 1 || len(f.Rings[0]) != 1 {
		t.Errorf("without that chain: %+v, %v; want the gift alone", f, err)
	}
	if f, err := b.Rings(50, Options{MaxChain: 1}); err != nil || f.Value.Items != 1 {
		t.Errorf("with chains of one: %+v, %v", f, err)
	}
	if f, err := b.Rings(50, Options{MaxChain: -1}); err != nil || len(f.Rings) != 0 {
		t.Errorf("without chains: %+v, %v", f, err)
	}
	if f, err := b.Rings(50, Options{Avoid: map[sxp.ID]bool{p[0].key.ID(): true}}); err != nil || len(f.Rings) != 0 {
		t.Errorf("without the giver: %+v, %v", f, err)
	}
}

// TestRingsOfTwoMarkets: what is missing on one market is on the other.
func TestRingsOfTwoMarkets(t *testing.T) {
	here, there := NewBoard(market.Charter{Market: sxp.ID{1}}), NewBoard(market.Charter{Market: sxp.ID{2}})
	p := stalls(t, 2)
	bread := p[0].puts(here, market.Offer, "bread", "eggs")
	p[1].puts(there, market.Offer, "eggs", "bread")
	for _, b := range []*Board{here, there} {
		if f, err := b.Rings(50, Options{}); err != nil || len(f.Rings) != 0 {
			t.Errorf("one market alone: %+v, %v", f, err)
		}
	}
	f, err := Rings(50, Options{}, here, there)
	if err != nil || len(f.Rings) != 1 {
		t.Fatalf("both: %+v, %v", f, err)
	}
	for _, m := range f.Rings[0] {
		if want := map[bool]sxp.ID{true: {1}, false: {2}}[m.Ref == bread]; m.Market != want {
			t.Errorf("%s is announced at %s, want %s", m.Item.Title, m.Market, want)
		}
	}
	gone := here.items[bread]
	gone.Version, gone.Withdrawn, gone.Item, gone.Wants = 2, true, nil, nil
	both := here.items[bread]
	both.Market = there.charter.Market
	there.items[bread] = both
	if f, err := Rings(50, Options{}, here, there); err != nil || len(f.Rings) != 1 {
		t.Errorf("one thing at both: %+v, %v", f, err)
	}
	here.items[bread] = gone
	if f, err := Rings(50, Options{}, here, there); err != nil || len(f.Rings) != 0 {
		t.Errorf("withdrawn from one: %+v, %v", f, err)
	}
}

func TestOptionsOfACharter(t *testing.T) {
	o := OptionsOf(market.Charter{Deals: market.Deals{MaxRing: 5, MaxChain: 3, Goals: []string{"people", "cost"}}})
	if o.MaxRing != 5 || o.MaxChain != 3 || !slices.Equal(o.Goals, []deal.Goal{deal.People, deal.Cost}) {
		t.Errorf("%+v", o)
	}
}

// TestPace: a ring is proposed at once unless the market is busy and the ring
// less sure than others.
func TestPace(t *testing.T) {
	const now = sxp.Time(1_000 * sxp.Day)
	busy := new(Pace)
	for i := range 200 {
		busy.Arrived(now.Add(-sxp.Duration(i)*sxp.Hour), 3)
		busy.Proposed(900_000)
	}
	deals := market.Deals{Patience: 30 * sxp.Day}
	for name, c := range map[string]struct {
		pace *Pace
		w    Waiting
		want bool
	}{
		"nothing is known":              {new(Pace), Waiting{Items: 3, Chance: 1000, Offers: 10}, true},
		"a sure ring":                   {busy, Waiting{Items: 3, Chance: 950_000, Offers: 10}, true},
		"a doubtful ring":               {busy, Waiting{Items: 3, Chance: 100_000, Offers: 10, Horizon: sxp.Day}, false},
		"a doubtful ring, little hope":  {busy, Waiting{Items: 3, Chance: 100_000, Offers: 100_000, Horizon: sxp.Day}, true},
		"doubtful, but soon free again": {busy, Waiting{Items: 3, Chance: 870_000, Offers: 10, Horizon: sxp.Hour}, true},
		"a hopeless ring":               {busy, Waiting{Items: 3, Chance: 0, Offers: 10, Horizon: sxp.Day}, false},
	} {
		c.w.Deals, c.w.Now = deals, now
		if got := c.pace.Due(c.w); got != c.want {
			t.Errorf("%s: Due = %v", name, got)
		}
	}
	if !busy.Due(Waiting{Deals: deals, Items: 3, Chance: 100_000, Offers: 10, Now: now.Add(40 * sxp.Day)}) {
		t.Error("what came before counts for ever")
	}
}

func TestChanceCountsPeopleOnce(t *testing.T) {
	a, b := sxp.ID{1}, sxp.ID{2}
	ring := []Move{{From: a, To: b}, {From: b, To: a}}
	if got := Chance(ring, func(id sxp.ID) int64 { return map[sxp.ID]int64{a: 500_000, b: 900_000}[id] }); got != 450_000 {
		t.Errorf("Chance = %d, want 450000", got)
	}
}
