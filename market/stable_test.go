package market_test

import (
	"testing"
	"unicode"

	"sxp/market"
)

// What has letters, marks and digits, and nothing in upper case, by the tables
// of Unicode that this was built with is a category by the rule that needs
// none, so that whatever once verified goes on verifying; and what is blank,
// hidden or a control is not.
func TestCategoriesNeedNoTables(t *testing.T) {
	t.Parallel()
	valid := func(r rune) bool {
		return market.Item{Kind: market.Good, Title: "x", Category: "a" + string(r)}.Validate() == nil
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xd800 <= r && r <= 0xdfff {
			continue // no characters
		}
		ok := valid(r)
		if old := (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && unicode.ToLower(r) == r; old && !ok {
			t.Errorf("%U was in categories and is not", r)
		}
		if ok && (unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%U is in categories", r)
		}
		if ok && r < 0x80 && r != '-' && r != '/' && !('a' <= r && r <= 'z') && !('0' <= r && r <= '9') {
			t.Errorf("%q is in categories", r)
		}
	}
}

// Units start with anything but 0 to 9: any other rule would ask tables that
// grow.
func TestUnitsNeedNoTables(t *testing.T) {
	t.Parallel()
	for unit, ok := range map[string]bool{"l": true, "m²": true, "٣": true, "本": true, "3l": false, "a b": false, "a\u3000b": false, "a\u0085": false} {
		it := market.Item{Kind: market.Good, Title: "x", Quantity: "1", Unit: unit}
		if err := it.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v, want valid %v", unit, err, ok)
		}
	}
}
