package market

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Fold returns the words of a text as searches compare them: compatibility
// decomposed (Unicode NFKD) without accents (category Mn), lower case, split
// at everything that is neither letter, number nor spacing mark, in order. A
// few letters that do not decompose are written in ASCII (ß ss, æ ae, œ oe,
// ø o, ł l, đ d, þ th). Each Han, Hiragana or Katakana character is a word,
// because those scripts are written without blanks.
func Fold(text string) []string {
	var words []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(text, " ")) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mc, r) {
			flush()
			continue
		}
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			flush()
			word.WriteRune(r)
			flush()
			continue
		}
		// Through upper case, so that the two lower-case sigmas are one.
		r = unicode.ToLower(unicode.ToUpper(r))
		if s := asciiLetter(r); s != "" {
			word.WriteString(s)
			continue
		}
		word.WriteRune(r)
	}
	flush()
	return words
}

// asciiLetter returns how a letter that NFKD leaves whole is commonly typed
// without it, or "".
func asciiLetter(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return ""
}

// A Document is an item prepared for matching: folded once, matched often. It
// is never changed, so several goroutines may read it.
type Document struct {
	item  Item
	words []string // sorted, unique
	at    Vector   // of the item's point, if it has one
}

// NewDocument prepares it.
func NewDocument(it Item) *Document {
	words := it.words()
	slices.Sort(words)
	d := &Document{item: it, words: slices.Compact(words)}
	if it.Point != nil {
		d.at = it.Point.Vector()
	}
	return d
}

// words returns the folded words of every field that a search looks into:
// title, text, category, place, currency and the values of attributes.
func (it Item) words() []string {
	words := Fold(it.Title)
	for _, s := range []string{it.Text, it.Category, it.Place, it.Currency} {
		words = append(words, Fold(s)...)
	}
	for _, v := range it.Attributes {
		words = append(words, Fold(v)...)
	}
	return words
}

// Words returns the folded words of the item, sorted, each once. The caller
// must not change it.
func (d *Document) Words() []string { return d.words }

// Item returns what was prepared.
func (d *Document) Item() Item { return d.item }

// has reports whether a word of the document starts with prefix.
func (d *Document) has(prefix string) bool {
	i, _ := slices.BinarySearch(d.words, prefix)
	return i < len(d.words) && strings.HasPrefix(d.words[i], prefix)
}

// titleWords returns the words of a title as a query's words: in their own
// spelling, without "|", at most MaxQueryWords and MaxWords bytes.
func titleWords(title string) string {
	var words []string
	n, size := 0, 0
	for _, w := range strings.Fields(strings.ReplaceAll(title, "|", " ")) {
		folded := Fold(w)
		if len(folded) == 0 {
			continue
		}
		n += len(folded)
		size += len(w) + 1
		if n > MaxQueryWords || size > MaxWords {
			break
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
