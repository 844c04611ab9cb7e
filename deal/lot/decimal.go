package lot

import (
	"encoding/json"
	"strconv"
	"strings"

	"sxp"
)

// A Decimal is an exact number, zero or more: digits, and a point before a
// fraction ("3", "0.5"). "" means that there is no number. JSON may write it as
// a text or as a number without exponent.
type Decimal string

// unit is 1 in the integers that decimals are computed in.
const unit = 1_000_000

// parse returns d in millionths. It fails where d is no number or has too many
// digits; signs, exponents, commas, blanks, NaN and infinities are no numbers.
func (d Decimal) parse() (int64, error) {
	const op = "lot.Decimal"
	whole, fraction, point := strings.Cut(string(d), ".")
	if !digits(whole) || point && !digits(fraction) {
		return 0, sxp.Errorf(op, sxp.Invalid, nil, "%q is not a number of 0 or more: write digits, and a point before the fraction", clip(string(d)))
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole) > MaxWhole || len(fraction) > MaxDigits {
		return 0, sxp.Errorf(op, sxp.TooLarge, nil, "%q has more than %d digits before or %d after the point", clip(string(d)), MaxWhole, MaxDigits)
	}
	n, err := strconv.ParseInt("0"+whole+fraction+strings.Repeat("0", MaxDigits-len(fraction)), 10, 64)
	if err != nil {
		return 0, sxp.Errorf(op, sxp.Internal, nil, "%q: %w", clip(string(d)), err)
	}
	return n, nil
}

// decimal writes n millionths.
func decimal(n int64) Decimal {
	s := strconv.FormatInt(n/unit, 10)
	if rest := n % unit; rest != 0 {
		f := strconv.FormatInt(unit+rest, 10)[1:]
		s += "." + strings.TrimRight(f, "0")
	}
	return Decimal(s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip shortens what is quoted from outside.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// UnmarshalJSON reads a text or a number; it does not check the digits.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(d))
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	*d = Decimal(n)
	return nil
}
