package market

import (
	"math/big"
	"slices"
	"strings"

	"sxp"
)

// A Policy is what a market asks of every contract over what was announced on
// it. A contract among the people of several markets has the policy of each.
type Policy struct {
	Levies    []Levy `json:"levies,omitempty"`    // such as value added tax
	Guarantee string `json:"guarantee,omitempty"` // what the market answers for, in words
}

// A Levy is a part of the worth of what is given that its giver owes to
// somebody else. Nothing is collected by SXP: the contract says what is owed.
type Levy struct {
	Name     string  `json:"name"`               // "VAT"
	Rate     Decimal `json:"rate"`               // in percent, more than 0 and at most 100, at most 4 digits after the point
	Kinds    []Kind  `json:"kinds,omitempty"`    // of items that it falls on; none: all but money
	Category string  `json:"category,omitempty"` // that it falls on with what is below; empty: any
	To       string  `json:"to"`                 // who gets it, in words
}

// IsZero reports whether the policy asks for nothing.
func (p Policy) IsZero() bool { return len(p.Levies) == 0 && p.Guarantee == "" }

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (p Policy) Validate() error { return p.validate("policy") }

func (p Policy) validate(field string) error {
	if len(p.Levies) > MaxLevies {
		return tooLarge(field+".levies", "levies", MaxLevies, len(p.Levies))
	}
	for i, l := range p.Levies {
		name := field + ".levies[" + itoa(int64(i)) + "]"
		if slices.ContainsFunc(p.Levies[:i], func(o Levy) bool {
			return o.Name == l.Name && o.Category == l.Category && slices.Equal(o.Kinds, l.Kinds)
		}) {
			return invalid(name, "stands in the list already")
		}
		if err := l.validate(name); err != nil {
			return err
		}
	}
	return checkText(field+".guarantee", p.Guarantee, MaxText, true)
}

func (l Levy) validate(field string) error {
	if err := checkTitle(field+".name", l.Name, sxp.MaxLabel); err != nil {
		return err
	}
	if err := checkTitle(field+".to", l.To, MaxTitle); err != nil {
		return err
	}
	if err := checkCategory(field+".category", l.Category); err != nil {
		return err
	}
	for i, k := range l.Kinds {
		if k == Money || !slices.Contains(Kinds(), k) || slices.Contains(l.Kinds[:i], k) {
			return invalid(field+".kinds", "%.40q must be good, service or right, each once", string(k))
		}
	}
	if err := l.Rate.Validate(); err != nil {
		return invalid(field+".rate", "%s", sxp.Reason(err))
	}
	_, fraction, _ := strings.Cut(string(l.Rate), ".")
	if l.Rate.IsZero() || l.Rate.Cmp("100") > 0 || len(fraction) > MaxRateDigits {
		return invalid(field+".rate", "must be more than 0 and at most 100, with at most %d digits after the point, this is %s", MaxRateDigits, l.Rate)
	}
	return nil
}

// Falls reports whether the levy falls on an item.
func (l Levy) Falls(it Item) bool {
	if it.Kind == Money || len(l.Kinds) > 0 && !slices.Contains(l.Kinds, it.Kind) {
		return false
	}
	return l.Category == "" || underCategory(it.Category, l.Category)
}

// AttributeValue is the attribute in which an owner says what an item is
// worth: a decimal, a blank and a currency of three capital letters, "20 EUR".
const AttributeValue = "value"

// Worth returns what the owner says that the item is worth; ok is false where
// they say nothing that can be read.
func (it Item) Worth() (amount Decimal, currency string, ok bool) {
	number, currency, found := strings.Cut(it.Attributes[AttributeValue], " ")
	d := Decimal(number)
	if !found || !isCode(currency) || d.Validate() != nil || d.IsZero() {
		return "", "", false
	}
	return d, currency, true
}

// Of returns the levy on an amount, rounded half up to two digits after the
// point, as states want it; the last of all sums that SXP rounds. It fails with
// TooLarge.
func (l Levy) Of(amount Decimal) (Decimal, error) {
	// Both are scaled by 10^18; the product in percent and cents is by 10^36.
	n := new(big.Int).Mul(l.Rate.scaled(), amount.scaled())
	one, cent := Decimal("1").scaled(), Decimal("0.01").scaled()
	unit := new(big.Int).Mul(one, one)
	n.Add(n, new(big.Int).Rsh(unit, 1))
	n.Quo(n, unit) // cents
	n.Mul(n, cent)
	return unscaled("market.Levy", n)
}

// A Source says where its owner gets an announced thing from that they do not
// have yet: by a transfer of a contract that is signed. What is made of the
// announcement is valid only if that transfer is delivered.
type Source struct {
	Contract sxp.Hash `json:"contract"` // digest of the proposal
	Transfer int      `json:"transfer"` // its number, from 1
}

// Validate fails with Invalid; the text names the field and the rule.
func (s Source) Validate() error { return s.validate("source") }

func (s Source) validate(field string) error {
	if s.Contract.IsZero() {
		return invalid(field+".contract", "must name a contract")
	}
	if s.Transfer < 1 || s.Transfer > MaxSourceTransfer {
		return invalid(field+".transfer", "must be from 1 to %d, this is %d", MaxSourceTransfer, s.Transfer)
	}
	return nil
}
