package world

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"sxp"
	"sxp/deal/tm"
	"sxp/market"
)

// A person is somebody of a want list: what they have and would take.
type person struct {
	name   string
	items  []int // indexes of List.Items
	groups []int // indexes of List.Dummies
}

// peopleOf returns the people of a list, in its order.
func peopleOf(l *tm.List) []person {
	people := make([]person, len(l.People))
	for i, name := range l.People {
		people[i].name = cleanLabel(name)
	}
	for i := range l.Items {
		p := &people[l.Items[i].Person]
		p.items = append(p.items, i)
	}
	for i := range l.Dummies {
		p := &people[l.Dummies[i].Person]
		p.groups = append(p.groups, i)
	}
	return people
}

// Official names of the lists of BoardGameGeek look like
// `17. "String Railway" (from somebody)`.
var (
	listNumber = regexp.MustCompile(`^\d+\.\s*`)
	listOwner  = regexp.MustCompile(`\s*\(from [^()]*\)$`)
)

// titleOf returns the title under which an item is announced: what the list
// says, in quotes, so that no number in it is taken for a quantity.
func titleOf(it *tm.Item) string {
	s := it.Text
	if s == "" {
		s = it.Name
	}
	s = listOwner.ReplaceAllString(listNumber.ReplaceAllString(s, ""), "")
	s = strings.ReplaceAll(cleanLine(s), `"`, "")
	s = strings.TrimSpace(s)
	if s == "" {
		s = cleanLine(it.Name)
	}
	return `"` + clip(s, market.MaxTitle-2) + `"`
}

// cleanLabel makes any text a label: one printable line that is not too long.
func cleanLabel(s string) string {
	s = clip(strings.TrimSpace(cleanLine(s)), sxp.MaxLabel)
	if s == "" {
		return "somebody"
	}
	return s
}

// cleanLine replaces what a line of text must not have.
func cleanLine(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// clip cuts s to so many bytes of whole characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit-len("…")]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
