package contract

import (
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/market"
)

// A MarketTerms is what one market asks of a contract over what was announced
// on it, as its charter says when the contract is proposed.
type MarketTerms struct {
	Market sxp.ID        `json:"market"`
	Name   string        `json:"name"`
	Policy market.Policy `json:"policy,omitzero"`
}

// checkMarkets verifies the list of markets of a contract.
func checkMarkets(list []MarketTerms) error {
	const op = "contract.Terms"
	if len(list) > MaxMarkets {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a contract names at most %d markets, this has %d", MaxMarkets, len(list))
	}
	for i := range list {
		m := &list[i]
		if m.Market.IsZero() || slices.ContainsFunc(list[:i], func(o MarketTerms) bool { return o.Market == m.Market }) {
			return sxp.Errorf(op, sxp.Invalid, m.Market, "market %d of the contract must be named, and once", i+1)
		}
		if m.Name == "" || len(m.Name) > sxp.MaxLabel {
			return sxp.Errorf(op, sxp.Invalid, m.Market, "market %d of the contract has a name of 1 to %d bytes", i+1, sxp.MaxLabel)
		}
		if err := checkLine(op, "the name of a market", m.Name, sxp.MaxLabel); err != nil {
			return err
		}
		if err := m.Policy.Validate(); err != nil {
			return sxp.Errorf(op, sxp.KindOf(err), m.Market, "market %d of the contract: %w", i+1, err)
		}
	}
	return nil
}

// marketOf returns the market that a transfer is announced at; nil for none.
func (t *Terms) marketOf(x *Transfer) *MarketTerms {
	for i := range t.Markets {
		if t.Markets[i].Market == x.Market {
			return &t.Markets[i]
		}
	}
	return nil
}

// Levies returns what the giver of a transfer owes by its market's policy, in
// words, one line each: "VAT: 19 % of 20 EUR, which is 3.8 EUR, to the tax office".
func (t *Terms) Levies(x *Transfer) []string {
	m := t.marketOf(x)
	if m == nil {
		return nil
	}
	var lines []string
	for _, l := range m.Policy.Levies {
		if l.Falls(x.Item) {
			lines = append(lines, fmt.Sprintf("%s: %s %% of %s, to %s", l.Name, l.Rate, levied(l, x.Item), l.To))
		}
	}
	return lines
}

// levied says what a levy is a part of, and where that is a known sum, how much
// it is.
func levied(l market.Levy, it market.Item) string {
	amount, currency, ok := it.Worth()
	if !ok {
		return "what it is worth"
	}
	part, err := l.Of(amount)
	if err != nil {
		return "what it is worth"
	}
	return fmt.Sprintf("%s %s, which is %s %s", amount, currency, part, currency)
}

// renderMarkets writes the markets and what they ask.
func renderMarkets(b *strings.Builder, list []MarketTerms) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\nMarkets\n")
	for i := range list {
		m := &list[i]
		fmt.Fprintf(b, "%d. %s\n   %s\n", i+1, m.Name, m.Market)
		for _, l := range m.Policy.Levies {
			fmt.Fprintf(b, "   %s: %s %% of %s, owed by who gives it to %s\n", l.Name, l.Rate, leviedKinds(l), l.To)
		}
		if m.Policy.Guarantee != "" {
			b.WriteString("   guarantee:\n")
			indent(b, m.Policy.Guarantee)
		}
	}
}

// leviedKinds says what a levy falls on: "everything but money", "goods and
// services in books".
func leviedKinds(l market.Levy) string {
	s := "everything but money"
	if len(l.Kinds) > 0 {
		var kinds []string
		for _, k := range l.Kinds {
			kinds = append(kinds, string(k)+"s")
		}
		s = strings.Join(kinds, " and ")
	}
	if l.Category != "" {
		s += " in " + l.Category
	}
	return s
}

// renderGifts says who gives without getting and who gets without giving.
func renderGifts(b *strings.Builder, t *Terms, names []string) {
	gives, gets := t.sides(len(names))
	head := "\nGifts\n"
	for i := range names {
		says := ""
		switch {
		case !gets[i]:
			says = "gives, and asks for nothing in return"
		case !gives[i]:
			says = "gets, and gives nothing in return"
		default:
			continue
		}
		fmt.Fprintf(b, "%s   Party %d (%s) %s.\n", head, i+1, names[i], says)
		head = ""
	}
}

// renderConditions says which other contracts this one rests on.
func renderConditions(b *strings.Builder, t *Terms, names []string) {
	head := "\nConditions\n"
	for i := range t.Transfers {
		x := &t.Transfers[i]
		if x.Source == nil {
			continue
		}
		fmt.Fprintf(b, "%s   This contract is valid only if transfer %d of the contract\n   %s\n   is delivered to party %d (%s): what transfer %d gives comes from there.\n",
			head, x.Source.Transfer, x.Source.Contract, x.From+1, names[x.From], i+1)
		head = ""
	}
}
