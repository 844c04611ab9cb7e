package contract

import (
	"math/big"
	"slices"

	"sxp"
	"sxp/market"
)

// JuryLevy is the name of the levy by which a market lets the givers of a
// contract pay its jury. Who the jurors are is not known when a proposal is
// signed, so the text names them by their role, and the draw fills it
// (spec/roll.md, "What jurors are paid").
const JuryLevy = "jury"

// A JuryFee is what one giver owes to one seat.
type JuryFee struct {
	Seat     int            `json:"seat"` // 1..n
	Juror    sxp.ID         `json:"juror"`
	From     sxp.ID         `json:"from"`
	Amount   market.Decimal `json:"amount"` // two digits after the point
	Currency string         `json:"currency"`
}

// JuryFees says who owes what to the jury of a contract.
type JuryFees struct {
	Proposal sxp.Hash  `json:"proposal"`
	M        sxp.Hash  `json:"m"`
	Fees     []JuryFee `json:"fees"`    // by seat, then giver, then currency; nothing of zero
	Unknown  []int     `json:"unknown"` // transfers, counted from 1, that the levy falls on and whose worth is not said
}

// FeesOf computes what the givers of a contract owe to its jury, from a report
// of Verify without error. Each giver's levies in one currency are added up and
// shared equally among all seats; cents that are left over go to the first. It
// fails with sxp.Invalid for what is not a contract that all have signed.
func FeesOf(r *Report) (*JuryFees, error) {
	if r.Kind != ContractFile || slices.ContainsFunc(r.Parties, func(p ReportParty) bool { return !p.Signed }) {
		return nil, sxp.Errorf("contract.FeesOf", sxp.Invalid, r.Proposal, "nobody owes anything by what not all have signed")
	}
	out := &JuryFees{Proposal: r.Proposal, M: r.M, Fees: []JuryFee{}, Unknown: []int{}}
	type debt struct {
		from     int
		currency string
	}
	sums := map[debt]*big.Int{}
	var order []debt
	for i := range r.Terms.Transfers {
		x := &r.Terms.Transfers[i]
		m := r.Terms.marketOf(x)
		if m == nil {
			continue
		}
		for _, l := range m.Policy.Levies {
			if l.Name != JuryLevy || !l.Falls(x.Item) {
				continue
			}
			amount, currency, ok := x.Item.Worth()
			part, err := l.Of(amount)
			if !ok || err != nil {
				out.Unknown = append(out.Unknown, i+1)
				continue
			}
			d := debt{x.From, currency}
			if sums[d] == nil {
				sums[d], order = new(big.Int), append(order, d)
			}
			sums[d].Add(sums[d], cents(part))
		}
	}
	slices.SortFunc(order, func(a, b debt) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return slices.Compare([]byte(a.currency), []byte(b.currency))
	})
	for seat := range r.Jury {
		for _, d := range order {
			if part := share(sums[d], len(r.Jury), seat); part.Sign() > 0 {
				out.Fees = append(out.Fees, JuryFee{Seat: seat + 1, Juror: r.Jury[seat].ID, From: r.Parties[d.from].ID, Amount: decimalOf(part), Currency: d.currency})
			}
		}
	}
	return out, nil
}

// share is a seat's part, counted from 0, of a sum in cents.
func share(sum *big.Int, n, seat int) *big.Int {
	each, left := new(big.Int).QuoRem(sum, big.NewInt(int64(n)), new(big.Int))
	if left.Cmp(big.NewInt(int64(seat))) > 0 {
		each.Add(each, big.NewInt(1))
	}
	return each
}

// cents reads what market.Levy.Of gave: at most two digits after the point.
func cents(d market.Decimal) *big.Int {
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return new(big.Int) // a decimal that was checked always is one
	}
	r.Mul(r, big.NewRat(100, 1))
	return new(big.Int).Quo(r.Num(), r.Denom())
}

// decimalOf writes cents without zeros at the end, as decimals are.
func decimalOf(n *big.Int) market.Decimal {
	s := new(big.Rat).SetFrac(n, big.NewInt(100)).FloatString(2)
	for len(s) > 0 && s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return market.Decimal(s)
}
