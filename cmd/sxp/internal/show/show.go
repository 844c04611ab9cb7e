// Package show turns values into what a person reads in a terminal: aligned
// tables, spans of time, rings of a swap. Texts of strangers are made harmless
// first: a title cannot move the cursor, colour the screen or fake a line.
package show

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"sxp"
)

// Line returns s on one line, with nothing in it that a terminal obeys.
func Line(s string) string { return clean(s, false) }

// Text is Line that keeps line breaks.
func Text(s string) string { return clean(s, true) }

func clean(s string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r == 0x200C, r == 0x200D: // joiners, which scripts and emoji need
			return r
		case r == utf8.RuneError, unicode.Is(unicode.C, r): // control, format (bidi), surrogates, private use
			return '\uFFFD'
		case r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, s)
}

// Cut shortens s to at most n characters, with "…" for what is left out.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}

// Table writes rows under a header, if it is not nil, columns aligned by two
// spaces. Cells are made harmless; the last one of a row is not padded.
func Table(w io.Writer, header []string, rows [][]string) error {
	var all [][]string
	if header != nil {
		all = append(all, header)
	}
	all = append(all, rows...)
	var width []int
	for i, row := range all {
		cells := make([]string, len(row))
		for j := range row {
			cells[j] = Line(row[j])
			if j == len(width) {
				width = append(width, 0)
			}
			width[j] = max(width[j], utf8.RuneCountInString(cells[j]))
		}
		all[i] = cells
	}
	var b strings.Builder
	for _, cells := range all {
		var line strings.Builder
		for j, c := range cells {
			line.WriteString(c)
			if j < len(cells)-1 {
				line.WriteString(strings.Repeat(" ", width[j]-utf8.RuneCountInString(c)+2))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// An Arrow is one transfer of a ring.
type Arrow struct{ From, Item, To string }

// Ring writes transfers as "alice —maths lessons→ charlie —coins→ alice". The
// arrows may come in any order; those that do not form one ring come as several
// chains, separated by "; ".
func Ring(arrows []Arrow) string {
	left := append([]Arrow{}, arrows...)
	var chains []string
	for len(left) > 0 {
		a := left[0]
		left = left[1:]
		var b strings.Builder
		b.WriteString(Line(a.From))
		for {
			b.WriteString(" —" + Line(a.Item) + "→ " + Line(a.To))
			i := indexFrom(left, a.To)
			if i < 0 {
				break
			}
			a = left[i]
			left = append(left[:i:i], left[i+1:]...)
		}
		chains = append(chains, b.String())
	}
	return strings.Join(chains, "; ")
}

func indexFrom(arrows []Arrow, from string) int {
	for i, a := range arrows {
		if a.From == from {
			return i
		}
	}
	return -1
}

// Name returns the label of a person, or the short form of the id of somebody
// who has none.
func Name(label string, id sxp.ID) string {
	if label != "" {
		return label
	}
	return id.Short()
}
