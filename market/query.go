package market

import (
	"slices"
	"strings"

	"sxp"
)

// A Query says which items are meant. Searches and standing wants use the same
// language. Every field that is there must hold; an empty query means nothing
// and is Invalid.
//
// Words: every word must start a word of the item's title, text, category,
// place, currency or attributes, in any order; case and accents do not count
// ([Fold]). "|" separates alternatives: "road bike | e-bike" is met by what
// has road and bike, or e and bike.
type Query struct {
	Words    string  `json:"words,omitempty"`
	Kind     Kind    `json:"kind,omitempty"`
	Category string  `json:"category,omitempty"` // this one and what is below it
	Quantity Decimal `json:"quantity,omitempty"` // at least this much, in the same Unit
	Unit     string  `json:"unit,omitempty"`
	Currency string  `json:"currency,omitempty"` // exactly
	Issuer   sxp.ID  `json:"issuer,omitzero"`    // exactly
	Near     Near    `json:"near,omitzero"`      // its Point within this distance
}

// IsZero reports whether the query says nothing.
func (q Query) IsZero() bool { return q == Query{} }

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (q Query) Validate() error { return q.validate("query") }

func (q Query) validate(field string) error {
	if q.IsZero() {
		return invalid(field, "must not be empty")
	}
	if err := checkText(field+".words", q.Words, MaxWords, false); err != nil {
		return err
	}
	if _, err := parseWords(field+".words", q.Words); err != nil {
		return err
	}
	if q.Kind != "" && !slices.Contains(Kinds(), q.Kind) {
		return invalid(field+".kind", "%.40q must be good, service, money or right", string(q.Kind))
	}
	if err := checkCategory(field+".category", q.Category); err != nil {
		return err
	}
	if err := checkUnit(field+".unit", q.Unit); err != nil {
		return err
	}
	if q.Quantity != "" {
		if err := q.Quantity.Validate(); err != nil {
			return sxp.Errorf("market."+field+".quantity", sxp.KindOf(err), nil, "%s: %s", field+".quantity", sxp.Reason(err))
		}
		if q.Quantity.IsZero() {
			return invalid(field+".quantity", "must be more than 0, or absent")
		}
	}
	if !q.Near.IsZero() {
		if err := q.Near.validate(field + ".near"); err != nil {
			return err
		}
	}
	return checkText(field+".currency", q.Currency, MaxCurrency, false)
}

// parseWords returns the alternatives, each the folded words that must all be
// found. "" has none.
func parseWords(field, words string) ([][]string, error) {
	if words == "" {
		return nil, nil
	}
	var all [][]string
	n := 0
	for part := range strings.SplitSeq(words, "|") {
		folded := Fold(part)
		if len(folded) == 0 {
			return nil, invalid(field, "%q must have a letter or a digit on each side of |", words)
		}
		if n += len(folded); n > MaxQueryWords {
			return nil, tooLarge(field, "words", MaxQueryWords, n)
		}
		slices.Sort(folded)
		all = append(all, slices.Compact(folded))
	}
	return all, nil
}

// A Matcher is a query prepared for matching many documents. It is never
// changed, so several goroutines may use it.
type Matcher struct {
	query        Query
	alternatives [][]string
	near         Cap // where Query.Near is set
}

// Compile validates and prepares q.
func (q Query) Compile() (*Matcher, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	alternatives, err := parseWords("query.words", q.Words)
	return &Matcher{query: q, alternatives: alternatives, near: q.Near.Cap()}, err
}

// Match reports whether the item meets the query. A query that is not valid
// meets nothing. For many items or queries use [Query.Compile] and
// [NewDocument].
func (q Query) Match(it Item) bool {
	m, err := q.Compile()
	return err == nil && m.Match(NewDocument(it))
}

// Query returns what was compiled.
func (m *Matcher) Query() Query { return m.query }

// Alternatives returns the folded words: one of the lists must be found
// completely, each word as the start of one; none when the query has no words.
// The caller must not change it.
func (m *Matcher) Alternatives() [][]string { return m.alternatives }

// Match reports whether the document meets the query.
func (m *Matcher) Match(d *Document) bool {
	return m.fields(&d.item) && m.nearTo(d) && m.wordsIn(d)
}

func (m *Matcher) fields(it *Item) bool {
	q := &m.query
	switch {
	case q.Kind != "" && it.Kind != q.Kind:
		return false
	case q.Category != "" && !underCategory(it.Category, q.Category):
		return false
	case q.Currency != "" && it.Currency != q.Currency:
		return false
	case !q.Issuer.IsZero() && it.Issuer != q.Issuer:
		return false
	case (q.Quantity != "" || q.Unit != "") && it.Unit != q.Unit:
		return false
	case q.Quantity != "" && (it.Quantity == "" || it.Quantity.Cmp(q.Quantity) < 0):
		return false
	}
	return true
}

// nearTo reports whether the document is where the query asks.
func (m *Matcher) nearTo(d *Document) bool {
	return m.query.Near.IsZero() || d.item.Point != nil && m.near.Has(d.at)
}

// underCategory reports whether path is category or below it.
func underCategory(path, category string) bool {
	rest, ok := strings.CutPrefix(path, category)
	return ok && (rest == "" || rest[0] == '/')
}

func (m *Matcher) wordsIn(d *Document) bool {
	if len(m.alternatives) == 0 {
		return true
	}
	for _, all := range m.alternatives {
		if !slices.ContainsFunc(all, func(w string) bool { return !d.has(w) }) {
			return true
		}
	}
	return false
}
