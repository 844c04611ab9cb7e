package market

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sxp"
)

// invalid is the error of a field that breaks a rule. It names both.
func invalid(field, format string, args ...any) error {
	return sxp.Errorf("market."+field, sxp.Invalid, nil, field+": "+format, args...)
}

// tooLarge is the error of a field beyond its limit.
func tooLarge(field, what string, limit, have int) error {
	return sxp.Errorf("market."+field, sxp.TooLarge, nil, "%s: at most %d %s, this has %d", field, limit, what, have)
}

// checkText checks a text that people read: its length in bytes, and that it
// holds only characters that show as they are. Markup such as "<script>" is
// plain text and is allowed: who displays it shows it as text.
func checkText(field, s string, limit int, lines bool) error {
	if len(s) > limit {
		return tooLarge(field, "bytes", limit, len(s))
	}
	if !utf8.ValidString(s) {
		return invalid(field, "must be UTF-8")
	}
	if s != strings.TrimSpace(s) {
		return invalid(field, "must not start or end with a blank")
	}
	for _, r := range s {
		if r == '\n' && lines {
			continue
		}
		if hidden(r) {
			return invalid(field, "must not contain the control character %U", r)
		}
	}
	return nil
}

// hidden reports whether r changes how the text around it shows, or does not
// show at all: control characters, line and paragraph separators, the controls
// that reorder text (Unicode UAX 9), the byte order mark and non-characters.
func hidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == 0x2028, r == 0x2029, r == 0xfeff:
		return true
	case 0x202a <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		return true
	case 0xfdd0 <= r && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return false
}

// checkTitle is checkText for a line that must be there.
func checkTitle(field, s string, limit int) error {
	if s == "" {
		return invalid(field, "must not be empty")
	}
	return checkText(field, s, limit, false)
}

// checkCategory checks a path such as "tools/garden": names of letters, digits
// and hyphens, none of them A to Z, joined by single slashes. It asks no table
// of Unicode, which grows: what is valid here is part of contracts, and must be
// so for every reader and for ever.
func checkCategory(field, s string) error {
	if s == "" {
		return nil
	}
	if err := checkText(field, s, MaxCategory, false); err != nil {
		return err
	}
	names := strings.Split(s, "/")
	if len(names) > MaxCategoryDepth {
		return tooLarge(field, "names", MaxCategoryDepth, len(names))
	}
	for _, name := range names {
		if name == "" {
			return invalid(field, "%q must be names joined by single slashes, such as tools/garden", s)
		}
		for _, r := range name {
			if !inCategory(r) {
				return invalid(field, "%q must be lower-case letters, digits and hyphens", name)
			}
		}
	}
	return nil
}

// notInCategories are the code points above ASCII that never were and never
// will be letters, marks or digits: the signs of Latin-1, blanks, general
// punctuation, private use, specials and tags.
var notInCategories = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x80, Hi: 0xa9, Stride: 1}, {Lo: 0xab, Hi: 0xb4, Stride: 1}, {Lo: 0xb6, Hi: 0xb9, Stride: 1}, {Lo: 0xbb, Hi: 0xbf, Stride: 1},
		{Lo: 0xd7, Hi: 0xd7, Stride: 1}, {Lo: 0xf7, Hi: 0xf7, Stride: 1}, {Lo: 0x61c, Hi: 0x61c, Stride: 1}, {Lo: 0x1680, Hi: 0x1680, Stride: 1}, {Lo: 0x180e, Hi: 0x180e, Stride: 1}, {Lo: 0x2000, Hi: 0x206f, Stride: 1},
		{Lo: 0x3000, Hi: 0x3004, Stride: 1}, {Lo: 0xe000, Hi: 0xf8ff, Stride: 1}, {Lo: 0xfeff, Hi: 0xfeff, Stride: 1}, {Lo: 0xfff0, Hi: 0xffff, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe007f, Stride: 1}, {Lo: 0xf0000, Hi: 0x10ffff, Stride: 1}},
}

// inCategory reports whether r may stand in the name of a category.
func inCategory(r rune) bool {
	if r < 0x80 {
		return r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z'
	}
	return !unicode.Is(notInCategories, r)
}

// checkName checks the name of an attribute: lower-case ASCII letters, digits,
// hyphens, dots and underscores.
func checkName(field, s string) error {
	if s == "" {
		return invalid(field, "a name must not be empty")
	}
	if len(s) > MaxAttributeName {
		return tooLarge(field, "bytes in a name", MaxAttributeName, len(s))
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return invalid(field, "%q must be lower-case letters a to z, digits, hyphens, dots or underscores", s)
		}
	}
	return nil
}

// checkUnit checks a unit: one word that does not start with 0 to 9.
func checkUnit(field, s string) error {
	if s == "" {
		return nil
	}
	if err := checkText(field, s, MaxUnit, false); err != nil {
		return err
	}
	if strings.ContainsFunc(s, unicode.IsSpace) || '0' <= s[0] && s[0] <= '9' {
		return invalid(field, "%q must be one word that does not start with a digit", s)
	}
	return nil
}
