package market

import (
	"math/big"
	"strings"

	"sxp"
)

// A Decimal is an exact number, zero or more, written in the one way: digits
// without leading zeros, and after a point digits without trailing zeros
// ("0", "3", "0.5", "12.25"). At most [MaxIntegerDigits] and
// [MaxFractionDigits]. "" means that there is no number. Two Decimals are
// equal exactly when their texts are. The methods require valid numbers.
type Decimal string

// ParseDecimal reads digits with an optional point, and writes them in the one
// way: "007.50" is "7.5". Signs, exponents, commas and blanks are Invalid,
// too many digits TooLarge.
func ParseDecimal(s string) (Decimal, error) {
	const op = "market.ParseDecimal"
	if len(s) > 2*(MaxIntegerDigits+MaxFractionDigits) {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "a number has at most %d characters, this has %d", 2*(MaxIntegerDigits+MaxFractionDigits), len(s))
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(fraction) {
		return "", sxp.Errorf(op, sxp.Invalid, nil, "%q is not a number: write digits, and a point before the fraction", s)
	}
	whole = strings.TrimLeft(whole, "0")
	fraction = strings.TrimRight(fraction, "0")
	if len(whole) > MaxIntegerDigits || len(fraction) > MaxFractionDigits {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "%q has more than %d digits before or %d after the point", s, MaxIntegerDigits, MaxFractionDigits)
	}
	return join(whole, fraction), nil
}

// join writes a number from digits without leading or trailing zeros.
func join(whole, fraction string) Decimal {
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return Decimal(whole)
	}
	return Decimal(whole + "." + fraction)
}

// digits reports whether s is one or more of 0 to 9.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Validate fails with Invalid where d is not written in the one way, "" included.
func (d Decimal) Validate() error {
	c, err := ParseDecimal(string(d))
	if err != nil {
		return err
	}
	if c != d {
		return sxp.Errorf("market.Decimal", sxp.Invalid, nil, "%q must be written %q", string(d), string(c))
	}
	return nil
}

// String returns the text.
func (d Decimal) String() string { return string(d) }

// IsZero reports whether d is absent or the number 0.
func (d Decimal) IsZero() bool { return d == "" || d == "0" }

// Cmp returns -1, 0 or +1 as d is less than, equal to or more than o. An
// absent number counts as 0.
func (d Decimal) Cmp(o Decimal) int {
	return strings.Compare(d.sortKey(), o.sortKey())
}

// sortKey returns a text whose byte order is the order of the numbers.
func (d Decimal) sortKey() string {
	whole, fraction, _ := strings.Cut(string(d), ".")
	if whole == "0" {
		whole = ""
	}
	if n := MaxIntegerDigits - len(whole); n > 0 {
		whole = strings.Repeat("0", n) + whole
	}
	return whole + fraction
}

// SortKey returns a text whose byte order is the order of the numbers, for
// stores that index quantities. "" stays "".
func (d Decimal) SortKey() string {
	if d == "" {
		return ""
	}
	return d.sortKey()
}

// scaled returns d times 10^MaxFractionDigits.
func (d Decimal) scaled() *big.Int {
	whole, fraction, _ := strings.Cut(string(d), ".")
	text := whole + fraction + strings.Repeat("0", max(0, MaxFractionDigits-len(fraction)))
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return new(big.Int)
	}
	return n
}

// unscaled writes n / 10^MaxFractionDigits; n is not negative.
func unscaled(op string, n *big.Int) (Decimal, error) {
	text := n.String()
	if pad := MaxFractionDigits + 1 - len(text); pad > 0 {
		text = strings.Repeat("0", pad) + text
	}
	cut := len(text) - MaxFractionDigits
	whole := strings.TrimLeft(text[:cut], "0")
	if len(whole) > MaxIntegerDigits {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "the result has more than %d digits before the point", MaxIntegerDigits)
	}
	return join(whole, strings.TrimRight(text[cut:], "0")), nil
}

// Add returns d + o, or TooLarge.
func (d Decimal) Add(o Decimal) (Decimal, error) {
	n := d.scaled()
	return unscaled("market.Decimal.Add", n.Add(n, o.scaled()))
}

// Sub returns d - o. A result below 0 is Invalid: quantities never are.
func (d Decimal) Sub(o Decimal) (Decimal, error) {
	const op = "market.Decimal.Sub"
	n := d.scaled()
	if n.Sub(n, o.scaled()).Sign() < 0 {
		return "", sxp.Errorf(op, sxp.Invalid, nil, "%s is less than %s", d, o)
	}
	return unscaled(op, n)
}

// Mul returns d × o. A result that is too large, or has more than
// MaxFractionDigits after the point, is TooLarge: nothing is rounded.
func (d Decimal) Mul(o Decimal) (Decimal, error) {
	const op = "market.Decimal.Mul"
	n := d.scaled()
	n, rest := n.QuoRem(n.Mul(n, o.scaled()), Decimal("1").scaled(), new(big.Int))
	if rest.Sign() != 0 {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "%s × %s has more than %d digits after the point", d, o, MaxFractionDigits)
	}
	return unscaled(op, n)
}
