package solver_test

import (
	"context"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/deal/lot"
	"sxp/deal/solver"
	"sxp/market"
)

// announce makes an announcement of a person; a title alone is a gift or need
// where the direction says so.
func announce(t *testing.T, owner byte, d market.Direction, title string, wants ...string) market.Announcement {
	t.Helper()
	it, err := market.ParseItem(title)
	if err != nil {
		t.Fatal(err)
	}
	a := market.Announcement{Owner: sxp.ID{owner}, Nonce: market.Nonce{owner, title[0], title[len(title)-1]}, Version: 1, Direction: d, Item: &it, Created: 1, Expires: 100}
	for _, s := range wants {
		w, err := market.ParseWant(s)
		if err != nil {
			t.Fatal(err)
		}
		a.Wants = append(a.Wants, w)
	}
	return a
}

// TestMarketAsProblem: a board becomes a problem that others solve without
// knowing anything of markets, and their rings are the board's again; what is
// not there any more spoils nothing else.
func TestMarketAsProblem(t *testing.T) {
	p, err := board.Build([]market.Announcement{
		announce(t, 1, market.Offer, "lessons", "beer"),
		announce(t, 2, market.Offer, "beer", "coins"),
		announce(t, 3, market.Offer, "coins"), announce(t, 3, market.Need, "lessons"),
		announce(t, 4, market.Offer, "soap", "jam"), announce(t, 5, market.Offer, "jam", "soap"),
		announce(t, 6, market.Gift, "chair"), announce(t, 7, market.Need, "chair"),
	}, nil, 50)
	if err != nil {
		t.Fatal(err)
	}
	m := solver.NewMarket(p, deal.Defaults())
	text, err := m.Problem.Encode()
	if err != nil {
		t.Fatal(err)
	}
	far, err := lot.DecodeProblem(text) // as a stranger reads it
	if err != nil {
		t.Fatal(err)
	}
	a, err := solver.Exact{}.Solve(context.Background(), far)
	if err != nil || a.Value.Items != 6 {
		t.Fatalf("%+v, %v; want 6 items", a, err)
	}
	if n := len(solver.Named(a)); n != 7 {
		t.Errorf("the answer names %d announcements, want 7: all but the need of who offers coins", n)
	}
	gone := a.Exchanges[0]
	gone.Uses = append([]lot.Use(nil), gone.Uses...)
	gone.Uses[0].Bid = market.ItemID{9}.String()
	a.Exchanges = append(a.Exchanges, gone)
	rings, left, err := m.Rings(a)
	if err != nil || left != 1 || len(rings) != 3 {
		t.Fatalf("%d rings, %d left out, %v; want 3 and 1", len(rings), left, err)
	}
	for range 1000 {
		a.Exchanges = append(a.Exchanges, gone)
	}
	if rings, left, err := m.Rings(a); err != nil || len(rings) != 3 || left != 1001 {
		t.Errorf("%d rings, %d left out, %v; want 3 and 1001", len(rings), left, err)
	}
	moves := 0
	for _, r := range rings {
		for _, tr := range p.Transfers(r) {
			moves++
			if tr.From == tr.To || tr.Item.Title == "" {
				t.Errorf("a transfer %+v", tr)
			}
		}
	}
	if moves != 6 {
		t.Errorf("%d transfers, want 6", moves)
	}
	twice := append(rings, rings[0])
	if fit, v := solver.Fitting(p.Graph, twice, deal.Defaults()); len(fit) != 3 || v.Items != 6 {
		t.Errorf("%d rings of %d items fit, want 3 of 6", len(fit), v.Items)
	}
}

// TestFittingChoosesInTurn: of rings in any order, as hostile as they may be,
// those stay that go with all that stay before them.
func TestFittingChoosesInTurn(t *testing.T) {
	g := new(deal.Graph)
	const n = 2000
	var rings []deal.Ring
	for u := range n {
		a, b := g.AddOffer(2*u), g.AddOffer(2*u+1)
		for _, x := range [][2]deal.Node{{a, b}, {b, a}} {
			if err := g.AddArc(x[0], x[1], 1); err != nil {
				t.Fatal(err)
			}
		}
		rings = append(rings, deal.Ring{a, b}, deal.Ring{b, a}, deal.Ring{a}, deal.Ring{a, b + 2}, deal.Ring{-1}, nil)
	}
	if fit, v := solver.Fitting(g, rings, deal.Defaults()); len(fit) != n || v.Items != 2*n {
		t.Errorf("%d rings of %+v fit, want %d", len(fit), v, n)
	}
	l := g.AddLimit(5)
	for u := range deal.Node(6) {
		if err := g.Charge(l, u, 1); err != nil {
			t.Fatal(err)
		}
	}
	if fit, v := solver.Fitting(g, rings[:60], deal.Defaults()); len(fit) != 9 || v.Items != 18 {
		t.Errorf("%d rings of %+v keep the limit, want 9 of 10", len(fit), v)
	}
}
