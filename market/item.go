package market

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"sxp"
	"sxp/blocks"
)

// An ItemID names an announcement, and so its item, through all its versions;
// or a group. It is derived from the owner's ID and a nonce, so nobody can
// take another's. Its text is 32 lower-case hex digits. The zero ItemID names
// nothing.
type ItemID [16]byte

// A Nonce is 16 bytes that an owner draws at random, once per item or group.
// Its text is 32 lower-case hex digits.
type Nonce [16]byte

// itemTag and groupTag separate what is hashed for the two.
const (
	itemTag  = "sxp item"
	groupTag = "sxp group"
)

// NewItemID returns the ID of the item that owner announces under nonce: the
// first 16 bytes of SHA-256("sxp item" ‖ owner ‖ nonce).
func NewItemID(owner sxp.ID, nonce Nonce) ItemID { return deriveID(itemTag, owner, nonce) }

// NewGroupID returns the ID of a group: as [NewItemID], with "sxp group".
func NewGroupID(owner sxp.ID, nonce Nonce) ItemID { return deriveID(groupTag, owner, nonce) }

func deriveID(tag string, owner sxp.ID, nonce Nonce) ItemID {
	h := sha256.New()
	h.Write([]byte(tag))
	h.Write(owner[:])
	h.Write(nonce[:])
	return ItemID(h.Sum(nil)[:16])
}

// ParseItemID reads the text form; anything else fails with Invalid.
func ParseItemID(s string) (ItemID, error) {
	b, err := parse16("an item id", s)
	return ItemID(b), err
}

// parse16 reads 16 bytes of lower-case hex.
func parse16(what, s string) (out [16]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(out) || hex.EncodeToString(b) != s {
		return out, sxp.Errorf("market.ParseItemID", sxp.Invalid, nil, "%.80q is not %s: it must be 32 lower-case hex digits", s, what)
	}
	return [16]byte(b), nil
}

// String returns the text form.
func (id ItemID) String() string { return hex.EncodeToString(id[:]) }

// Short returns the first 8 digits, for people who look at a list. It does not
// identify.
func (id ItemID) Short() string { return hex.EncodeToString(id[:4]) }

// IsZero reports whether id names nothing.
func (id ItemID) IsZero() bool { return id == ItemID{} }

// MarshalText returns the text form (for JSON; CBOR carries the 16 bytes).
func (id ItemID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is ParseItemID.
func (id *ItemID) UnmarshalText(b []byte) error {
	v, err := ParseItemID(string(b))
	if err == nil {
		*id = v
	}
	return err
}

// String returns the text form.
func (n Nonce) String() string { return hex.EncodeToString(n[:]) }

// IsZero reports whether n was never drawn.
func (n Nonce) IsZero() bool { return n == Nonce{} }

// MarshalText returns the text form (for JSON; CBOR carries the 16 bytes).
func (n Nonce) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads the text form; anything else fails with Invalid.
func (n *Nonce) UnmarshalText(b []byte) error {
	v, err := parse16("a nonce", string(b))
	if err == nil {
		*n = v
	}
	return err
}

// A Kind says what sort of thing an item is.
type Kind string

// The kinds, appended only.
const (
	Good    Kind = "good"    // a thing that changes hands
	Service Kind = "service" // something done for somebody, with a duration
	Money   Kind = "money"   // an amount of a currency that somebody issues
	Right   Kind = "right"   // a claim, a licence, a place in a queue, another contract
)

// Kinds returns all kinds, in a fixed order.
func Kinds() []Kind { return []Kind{Good, Service, Money, Right} }

// An Item is something that one person can give to another. Only Kind and
// Title must be said, for money also Quantity and Currency.
type Item struct {
	Kind       Kind              `json:"kind"`
	Title      string            `json:"title"`                // one line, at most MaxTitle bytes
	Text       string            `json:"text,omitempty"`       // lines, at most MaxText bytes, never markup
	Category   string            `json:"category,omitempty"`   // "tools/garden"
	Attributes map[string]string `json:"attributes,omitempty"` // the market's schema, and the terms of money
	Quantity   Decimal           `json:"quantity,omitempty"`   // above 0; absent: one, not counted
	Unit       string            `json:"unit,omitempty"`       // of Quantity; absent: pieces
	Divisible  bool              `json:"divisible,omitempty"`  // a part of Quantity may be given
	Duration   sxp.Duration      `json:"duration,omitempty"`   // services: how long all of it takes
	Currency   string            `json:"currency,omitempty"`   // money: ISO 4217 code, or the issuer's own name for it
	Issuer     sxp.ID            `json:"issuer,omitzero"`      // money: who issues and redeems it
	Place      string            `json:"place,omitempty"`      // where it is given, in words
	Point      *Point            `json:"point,omitempty"`      // where it is given, on a map
	From       sxp.Time          `json:"from,omitempty"`       // available from; 0: at once
	Until      sxp.Time          `json:"until,omitempty"`      // available until; 0: no end
	Photos     []string          `json:"photos,omitempty"`     // URLs of blocks (package blocks), each once, at most MaxPhotos
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (it Item) Validate() error { return it.validate("item") }

func (it Item) validate(field string) error {
	if !slices.Contains(Kinds(), it.Kind) {
		return invalid(field+".kind", "%.40q must be good, service, money or right", string(it.Kind))
	}
	if err := checkTitle(field+".title", it.Title, MaxTitle); err != nil {
		return err
	}
	if err := checkText(field+".text", it.Text, MaxText, true); err != nil {
		return err
	}
	if err := checkCategory(field+".category", it.Category); err != nil {
		return err
	}
	if err := checkText(field+".place", it.Place, MaxPlace, false); err != nil {
		return err
	}
	if it.Point != nil {
		if err := it.Point.validate(field + ".point"); err != nil {
			return err
		}
	}
	if err := checkPhotos(field+".photos", it.Photos); err != nil {
		return err
	}
	if err := it.checkAttributes(field + ".attributes"); err != nil {
		return err
	}
	if err := it.checkAmount(field); err != nil {
		return err
	}
	if it.From < 0 || it.Until < 0 || it.Until != 0 && it.Until <= it.From {
		return invalid(field+".until", "must be after from, and neither before 1970")
	}
	if it.Kind == Money {
		return it.checkMoney(field)
	}
	if it.Currency != "" || !it.Issuer.IsZero() {
		return invalid(field+".currency", "only money has a currency and an issuer, this is a %s", it.Kind)
	}
	return it.checkDuration(field + ".duration")
}

func (it Item) checkAttributes(field string) error {
	if len(it.Attributes) > MaxAttributes {
		return tooLarge(field, "attributes", MaxAttributes, len(it.Attributes))
	}
	for name, value := range it.Attributes {
		if err := checkName(field, name); err != nil {
			return err
		}
		if err := checkTitle(field+"."+name, value, MaxAttributeValue); err != nil {
			return err
		}
	}
	return nil
}

// checkPhotos requires the one spelling of each URL: they are part of what
// people sign.
func checkPhotos(field string, photos []string) error {
	if len(photos) > MaxPhotos {
		return tooLarge(field, "photos", MaxPhotos, len(photos))
	}
	for i, p := range photos {
		if _, err := blocks.ParseURL(p); err != nil {
			return sxp.Errorf("market."+field, sxp.KindOf(err), nil, "%s[%d]: %s", field, i, sxp.Reason(err))
		}
		if slices.Contains(photos[:i], p) {
			return invalid(field, "%.100q stands in the list already", p)
		}
	}
	return nil
}

func (it Item) checkAmount(field string) error {
	if err := checkUnit(field+".unit", it.Unit); err != nil {
		return err
	}
	if it.Quantity == "" {
		if it.Unit != "" {
			return invalid(field+".unit", "a unit needs a quantity")
		}
		if it.Divisible {
			return invalid(field+".divisible", "only what has a quantity can be divided")
		}
		return nil
	}
	if err := it.Quantity.Validate(); err != nil {
		return sxp.Errorf("market."+field+".quantity", sxp.KindOf(err), nil, "%s: %s", field+".quantity", sxp.Reason(err))
	}
	if it.Quantity.IsZero() {
		return invalid(field+".quantity", "must be more than 0")
	}
	return nil
}

func (it Item) checkMoney(field string) error {
	if it.Quantity == "" {
		return invalid(field+".quantity", "money needs an amount")
	}
	if it.Unit != "" {
		return invalid(field+".unit", "money has a currency instead of a unit")
	}
	if it.Duration != 0 {
		return invalid(field+".duration", "only services have a duration")
	}
	return checkCurrency(field, it.Currency, it.Issuer)
}

// checkCurrency requires that money says who stands behind it: a code of three
// capital letters is known to everybody (ISO 4217), any other needs its issuer.
func checkCurrency(field, currency string, issuer sxp.ID) error {
	if err := checkTitle(field+".currency", currency, MaxCurrency); err != nil {
		return err
	}
	if issuer.IsZero() && !isCode(currency) {
		return invalid(field+".issuer", "%q is no code of three capital letters such as EUR, so it needs an issuer", currency)
	}
	return nil
}

// isCode reports whether s has the form of an ISO 4217 code.
func isCode(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (it Item) checkDuration(field string) error {
	if it.Duration == 0 {
		return nil
	}
	if it.Kind != Service {
		return invalid(field, "only services have a duration, this is a %s", it.Kind)
	}
	if it.Duration < 0 || it.Duration > MaxServiceTime {
		return invalid(field, "must be above 0 and at most %v", MaxServiceTime)
	}
	if _, timed := timeUnit(it.Unit); !timed || it.Quantity == "" {
		return nil
	}
	if d, ok := spanOf(it.Quantity, it.Unit); !ok || d != it.Duration {
		return invalid(field, "%v contradicts the quantity %s %s", it.Duration, it.Quantity, it.Unit)
	}
	return nil
}

// timeUnit returns the length of a unit of time.
func timeUnit(unit string) (sxp.Duration, bool) {
	switch unit {
	case "min":
		return sxp.Minute, true
	case "h":
		return sxp.Hour, true
	case "d":
		return sxp.Day, true
	case "wk":
		return 7 * sxp.Day, true
	}
	return 0, false
}

// spanOf returns how long a quantity of a unit of time lasts, where it is a
// whole number of milliseconds within MaxServiceTime.
func spanOf(q Decimal, unit string) (sxp.Duration, bool) {
	one, ok := timeUnit(unit)
	if !ok || q == "" || q.Validate() != nil {
		return 0, false
	}
	ms, err := q.Mul(Decimal(itoa(int64(one))))
	if err != nil || strings.Contains(string(ms), ".") || len(ms) > 15 {
		return 0, false
	}
	var n sxp.Duration
	for _, c := range []byte(ms) {
		n = 10*n + sxp.Duration(c-'0')
	}
	return n, n > 0 && n <= MaxServiceTime
}

// String returns the item in one line, as people say it: "20 l beer",
// "10 EUR", "3 h maths lessons", "12 coins of sxp1…". [ParseItem] reads it
// back where the title holds no number in front.
func (it Item) String() string {
	var b strings.Builder
	if it.Quantity != "" {
		b.WriteString(string(it.Quantity))
		b.WriteByte(' ')
	}
	if it.Unit != "" {
		b.WriteString(it.Unit)
		b.WriteByte(' ')
	}
	if it.Kind != Money {
		b.WriteString(it.Title)
		return b.String()
	}
	b.WriteString(it.Currency)
	if !it.Issuer.IsZero() {
		b.WriteString(" of ")
		b.WriteString(it.Issuer.String())
	}
	return b.String()
}

// Clone returns a copy that shares nothing.
func (it Item) Clone() Item {
	it.Attributes = maps.Clone(it.Attributes)
	it.Photos = slices.Clone(it.Photos)
	if it.Point != nil {
		p := *it.Point
		it.Point = &p
	}
	return it
}
