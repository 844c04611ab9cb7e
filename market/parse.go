package market

import (
	"slices"
	"strings"

	"sxp"
)

// maxItemText is the longest line that ParseItem and its kin look at.
const maxItemText = 512

// ParseItem reads an item as people say it:
//
//	20 l beer                    a good, quantity 20, unit l
//	3 h maths lessons            a service of 3 hours
//	10 EUR                       money
//	12 coins of sxp1…            money of an issuer
//	2 bikes                      a good, quantity 2
//	a road bike                  a good
//	service: haircut             the kind said first
//	right: parking place
//	"1984" by George Orwell      a quote at the start: no number is read
//	bike near:52.52,13.405       where it is: degrees north and east
//
// It fails with Invalid or TooLarge and says what to write instead.
func ParseItem(text string) (Item, error) {
	const op = "market.ParseItem"
	p, err := parsePhrase(op, text)
	if err != nil {
		return Item{}, err
	}
	it := Item{Kind: p.kind, Title: p.rest, Quantity: p.quantity, Unit: p.unit, Currency: p.currency, Issuer: p.issuer, Category: p.category}
	if p.where != nil {
		at := p.where.Point()
		it.Point = &at
	}
	if it.Kind == "" {
		it.Kind = Good
	}
	if it.Kind == Money {
		if it.Currency == "" {
			return Item{}, sxp.Errorf(op, sxp.Invalid, nil, "%q: say how much money of which currency, such as 10 EUR", text)
		}
		it.Title = clip(it.Currency, MaxTitle)
	}
	if it.Kind == Service {
		if d, ok := spanOf(it.Quantity, it.Unit); ok {
			it.Duration = d
		}
	}
	if it.Title == "" {
		return Item{}, sxp.Errorf(op, sxp.Invalid, nil, "%q does not say what it is", text)
	}
	return it, it.Validate()
}

// ParseQuery reads a search or a standing want as people say it: the phrases
// of [ParseItem], the words "kind:service", "category:tools/garden" and
// "near:52.52,13.405,10km" anywhere, and "|" between alternatives. Unless said or clear from a unit of
// time or a currency, any kind is meant. Articles are left out.
func ParseQuery(text string) (Query, error) {
	const op = "market.ParseQuery"
	first, rest, several := strings.Cut(text, "|")
	p, err := parsePhrase(op, first)
	if err != nil {
		return Query{}, err
	}
	q := Query{Words: p.rest, Kind: p.kind, Category: p.category, Quantity: p.quantity, Unit: p.unit, Currency: p.currency, Issuer: p.issuer}
	if p.where != nil {
		if q.Near = *p.where; q.Near.Km == 0 {
			return Query{}, sxp.Errorf(op, sxp.Invalid, nil, "near: say also within how many km, such as near:52.52,13.405,10km")
		}
	}
	if several {
		words := []string{p.rest}
		for part := range strings.SplitSeq(rest, "|") {
			o, err := parsePhrase(op, part)
			if err != nil {
				return Query{}, err
			}
			if o.rest == "" || o.quantity != "" || o.kind != "" || o.category != "" || o.where != nil || q.Kind == Money {
				return Query{}, sxp.Errorf(op, sxp.Invalid, nil, "%q: only words may stand after |; say the rest as a second want", strings.TrimSpace(part))
			}
			words = append(words, o.rest)
		}
		q.Words = strings.Join(words, " | ")
	}
	return q, q.Validate()
}

// ParseWant reads one alternative that an owner accepts: what [ParseQuery]
// reads, or the id of an announcement (32 hex digits), or "group:" and the id
// of one of the owner's groups.
func ParseWant(text string) (Want, error) {
	s := strings.TrimSpace(text)
	if hex, ok := strings.CutPrefix(s, "group:"); ok {
		id, err := ParseItemID(hex)
		if err == nil {
			err = Want{Group: id}.Validate()
		}
		return Want{Group: id}, err
	}
	if id, err := ParseItemID(s); err == nil {
		return Want{Item: id}, Want{Item: id}.Validate()
	}
	q, err := ParseQuery(text)
	if err != nil {
		return Want{}, err
	}
	return Want{Query: &q}, nil
}

// A phrase is what stands in one line of a person.
type phrase struct {
	kind     Kind
	category string
	quantity Decimal
	unit     string
	currency string
	issuer   sxp.ID
	where    *Near  // Km 0: not said
	rest     string // the words that are left
}

// parsePhrase reads "[kind:] [number [unit [of]]] words [of issuer]".
func parsePhrase(op, text string) (phrase, error) {
	var p phrase
	if len(text) > maxItemText {
		return p, sxp.Errorf(op, sxp.TooLarge, nil, "one line has at most %d bytes, this has %d", maxItemText, len(text))
	}
	words, err := p.labels(op, strings.Fields(text))
	if err != nil {
		return p, err
	}
	if words, err = p.amount(op, words); err != nil {
		return p, err
	}
	if p.kind == Money && p.currency == "" && p.quantity != "" {
		// "money: 5 hours of sxp1…", or a name without issuer, which
		// Validate explains.
		p.currency, words = strings.Join(words, " "), nil
	}
	if p.quantity == "" {
		words = withoutArticle(words)
	}
	p.rest = strings.Join(words, " ")
	return p, nil
}

// labels takes the kind, category and place said in words with a colon.
func (p *phrase) labels(op string, words []string) ([]string, error) {
	var rest []string
	for i, w := range words {
		label, value, ok := strings.Cut(w, ":")
		label = strings.ToLower(label)
		switch {
		case ok && value == "" && i == 0 && slices.Contains(Kinds(), Kind(label)):
			p.kind = Kind(label)
		case ok && label == "kind":
			p.kind = Kind(strings.ToLower(value))
			if !slices.Contains(Kinds(), p.kind) {
				return nil, sxp.Errorf(op, sxp.Invalid, nil, "%q: the kinds are good, service, money and right", w)
			}
		case ok && label == "category":
			p.category = strings.ToLower(value)
			if err := checkCategory("category", p.category); err != nil || value == "" {
				return nil, sxp.Errorf(op, sxp.Invalid, nil, "%q: a category looks like tools/garden", w)
			}
		case ok && label == "near" && value != "" && strings.Contains("-0123456789", value[:1]):
			n, err := ParseNear(value)
			if err != nil {
				return nil, err
			}
			p.where = &n
		default:
			rest = append(rest, w)
		}
	}
	return rest, nil
}

// amount takes the number, and the unit or currency that belongs to it, off
// the front of words.
func (p *phrase) amount(op string, words []string) ([]string, error) {
	if len(words) == 0 {
		return words, nil
	}
	number, after, err := splitNumber(op, words[0])
	if err != nil || number == "" {
		return words, err
	}
	rest := words[1:]
	if after != "" {
		unit, attached := units[strings.ToLower(after)]
		if code, ok := symbols[after]; ok {
			after = code
		} else if !attached || len(unit) == 1 && !strings.Contains("lgh", unit) {
			return words, nil // "3D printer", "2nd hand bike": a word, not an amount
		}
		rest = append([]string{after}, rest...)
	}
	if len(rest) == 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%q is a number: say of what", words[0])
	}
	if p.money(number, rest) {
		return nil, nil
	}
	if isCurrency(rest[0]) && (p.kind == "" || p.kind == Money) {
		if p.kind == Money {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%q: say only the amount and the currency, such as 10 EUR", strings.Join(words, " "))
		}
		return words, nil // "10 EUR voucher" is one voucher
	}
	p.quantity = number
	if p.kind == Money {
		return rest, nil
	}
	if unit, ok := units[strings.ToLower(rest[0])]; ok && len(rest) > 1 {
		p.unit, rest = unit, rest[1:]
		if _, ok := timeUnit(unit); ok && p.kind == "" {
			p.kind = Service
		}
		if strings.EqualFold(rest[0], "of") && len(rest) > 1 {
			rest = rest[1:]
		}
	}
	return rest, nil
}

// money reads "EUR" and "coins of sxp1…" after a number.
func (p *phrase) money(number Decimal, rest []string) bool {
	if p.kind != "" && p.kind != Money {
		return false
	}
	if n := len(rest); n >= 3 && strings.EqualFold(rest[n-2], "of") {
		if id, err := sxp.ParseID(rest[n-1]); err == nil {
			p.kind, p.quantity, p.issuer = Money, number, id
			p.currency = strings.Join(rest[:n-2], " ")
			return true
		}
	}
	if len(rest) == 1 && isCurrency(rest[0]) {
		p.kind, p.quantity, p.currency = Money, number, strings.ToUpper(rest[0])
		return true
	}
	return false
}

// splitNumber returns the number at the front of a word and what follows it
// directly, "€" also where it stands in front. No number: "". A comma before
// one, two or more than three digits is a decimal comma; before exactly three
// it could be either, and is refused.
func splitNumber(op, word string) (Decimal, string, error) {
	symbol := ""
	for s := range symbols {
		if rest, ok := strings.CutPrefix(word, s); ok {
			word, symbol = rest, s
		}
	}
	end := strings.IndexFunc(word, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
	if end < 0 {
		end = len(word)
	}
	text, after := word[:end], word[end:]
	if text == "" && strings.HasPrefix(after, "$") || text != "" && after == "$" {
		return "", "", sxp.Errorf(op, sxp.Invalid, nil, "%q could be dollars of several countries: write 10 USD, 10 CAD", word)
	}
	if text == "" || text[0] == '.' || text[0] == ',' || strings.HasSuffix(text, ".") || strings.Count(text, ".") > 1 {
		return "", "", nil // no number, "3. edition", a date
	}
	if after == "" {
		after = symbol
	}
	whole, fraction, comma := strings.Cut(text, ",")
	if comma {
		if strings.ContainsAny(fraction, ".,") || len(fraction) == 3 || fraction == "" {
			return "", "", sxp.Errorf(op, sxp.Invalid, nil, "%q could mean two numbers: write thousands without a comma, and a point before the fraction", text)
		}
		text = whole + "." + fraction
	}
	d, err := ParseDecimal(text)
	if err != nil {
		return "", "", err
	}
	if d.IsZero() {
		return "", "", sxp.Errorf(op, sxp.Invalid, nil, "%q: an amount must be more than 0", word)
	}
	return d, after, nil
}

// withoutArticle drops an English article in front: a search for "a tent"
// would otherwise ask for a word that starts with a.
func withoutArticle(words []string) []string {
	if len(words) > 1 && slices.Contains([]string{"a", "an", "the", "some", "one"}, strings.ToLower(words[0])) {
		return words[1:]
	}
	return words
}

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	for i := range s {
		if i > n {
			return strings.ToValidUTF8(s[:n], "")
		}
	}
	return s
}
