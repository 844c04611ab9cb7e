package board_test

import (
	"slices"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/market"
)

func gift(owner, n int, title string) market.Announcement {
	a := offer(owner, n, title)
	a.Direction = market.Gift
	return a
}

// nodes names a walk of a picture; a need that begins a chain has no name.
func nodes(t *testing.T, p *board.Picture, ids ...market.ItemID) deal.Ring {
	t.Helper()
	var r deal.Ring
	for _, id := range ids {
		n, ok := p.Node(id)
		if !ok {
			t.Fatalf("no node for %v", id)
		}
		r = append(r, n)
	}
	return r
}

// A gift begins with who gives for nothing; what ends the chain is somebody
// with a need, or somebody who keeps what they offer.
func TestGiftsInAPicture(t *testing.T) {
	beer, bike, coin := gift(1, 1, "beer"), offer(2, 1, "bike", words("beer")), need(3, 1, "bike")
	p, err := board.Build([]market.Announcement{beer, bike, coin}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	begin := deal.Node(p.Graph.Len() - 1)
	if g, _ := p.Node(beer.ID()); !p.Graph.IsGift(g) || !p.Graph.IsNeed(begin) {
		t.Fatalf("the gift and the need's beginning are not in the graph")
	}
	chain := append(deal.Ring{begin}, nodes(t, p, coin.ID(), bike.ID(), beer.ID())...)
	v, err := deal.Check(p.Graph, []deal.Ring{chain}, deal.Options{MaxRing: 4})
	if err != nil || v.Items != 2 {
		t.Fatalf("Check: %+v, %v; want 2 items", v, err)
	}
	got := p.Transfers(chain)
	if story(got) != "bike: 2 to 3, beer: 1 to 2" {
		t.Errorf("transfers: %s", story(got))
	}
	if !got[0].For.IsZero() || !slices.Equal(got[0].Via, []market.ItemID{coin.ID()}) {
		t.Errorf("the need's transfer: for %v via %v", got[0].For, got[0].Via)
	}
	if got[1].For != bike.ID() || got[1].Via != nil {
		t.Errorf("the offer's transfer: for %v via %v", got[1].For, got[1].Via)
	}
	kept := nodes(t, p, bike.ID(), beer.ID())
	if got := p.Transfers(kept); story(got) != "beer: 1 to 2" || got[0].For != bike.ID() {
		t.Errorf("the bike is kept: %+v", got)
	}
}

// A need is met once, by a ring or by a chain.
func TestANeedBeginsOneChain(t *testing.T) {
	want := need(3, 1, "beer")
	lamp := offer(3, 2, "lamp") // given for whatever meets a need
	p, err := board.Build([]market.Announcement{gift(1, 1, "beer"), gift(2, 1, "beer"), want, lamp}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	begin := deal.Node(p.Graph.Len() - 1)
	gifts := nodes(t, p, gift(1, 1, "").ID(), gift(2, 1, "").ID())
	group, kept := nodes(t, p, want.ID())[0], nodes(t, p, lamp.ID())[0]
	first, second := deal.Ring{begin, group, gifts[0]}, deal.Ring{kept, group, gifts[1]}
	for _, r := range []deal.Ring{first, second} {
		if _, err := deal.Check(p.Graph, []deal.Ring{r}, deal.Options{MaxRing: 4}); err != nil {
			t.Errorf("Check of one gift: %v", err)
		}
	}
	both := []deal.Ring{first, second}
	if _, err := deal.Check(p.Graph, both, deal.Options{MaxRing: 4}); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("Check of two gifts for one need: %v, want invalid", err)
	}
}
