package contract_test

import (
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

// TestJuryFees: a levy named for the jury is owed to the seats that the draw
// filled, to the last cent; the file alone proves it.
func TestJuryFees(t *testing.T) {
	here := contract.MarketTerms{Market: sxp.ID{5}, Name: "Here", Policy: market.Policy{Levies: []market.Levy{
		{Name: contract.JuryLevy, Rate: "1", To: "the jury of this contract"},
		{Name: "VAT", Rate: "19", To: "the tax office"},
	}}}
	w := worldOf(t, 2, 3, func(p *contract.Proposal) {
		p.Market, p.Terms.Markets = here.Market, []contract.MarketTerms{here}
		worth := func(x *contract.Transfer, value string) {
			x.Market, x.Item.Attributes = here.Market, map[string]string{market.AttributeValue: value}
		}
		worth(&p.Terms.Transfers[0], "1000 EUR") // 10.00: 3.34 3.33 3.33
		worth(&p.Terms.Transfers[1], "2 USD")    // 0.02: 0.01 0.01 nothing
		more := p.Terms.Transfers[0]
		more.ItemRef = market.ItemID{9}
		worth(&more, "much")
		p.Terms.Transfers = append(p.Terms.Transfers, more)
	})
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	r := must(contract.Verify(must(s.parties[0].m.File())))
	got := must(contract.FeesOf(r))
	type fee struct {
		seat             int
		from             sxp.ID
		amount, currency string
	}
	var fees []fee
	for _, f := range got.Fees {
		if f.Juror != r.Jury[f.Seat-1].ID {
			t.Errorf("seat %d is %v, the fee goes to %v", f.Seat, r.Jury[f.Seat-1].ID, f.Juror)
		}
		fees = append(fees, fee{f.Seat, f.From, string(f.Amount), f.Currency})
	}
	alice, bob := r.Parties[0].ID, r.Parties[1].ID
	want := []fee{{1, alice, "3.34", "EUR"}, {1, bob, "0.01", "USD"}, {2, alice, "3.33", "EUR"}, {2, bob, "0.01", "USD"}, {3, alice, "3.33", "EUR"}}
	if !slices.Equal(fees, want) {
		t.Errorf("fees %v, want %v", fees, want)
	}
	if !slices.Equal(got.Unknown, []int{3}) {
		t.Errorf("transfers of unknown worth: %v, want 3", got.Unknown)
	}
	for _, f := range got.Fees {
		if err := f.Amount.Validate(); err != nil {
			t.Errorf("%s is no decimal: %v", f.Amount, err)
		}
	}
	r.Parties[1].Signed = false
	if _, err := contract.FeesOf(r); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("fees of a contract that one has not signed: %v", err)
	}
}
