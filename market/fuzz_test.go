package market_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"sxp/envelope"
	"sxp/market"
	"sxp/vectors"
)

// open opens a message of any type of this package and returns its value.
func open(raw []byte) (any, error) {
	typ, _, err := envelope.Peek(raw)
	if err != nil {
		return nil, err
	}
	switch typ {
	case market.TypeGroup:
		return market.OpenGroup(raw)
	case market.TypeCharter:
		return market.OpenCharter(raw)
	case market.TypeMail:
		return market.OpenMail(raw)
	case market.TypeNotice:
		n, _, err := market.OpenNotice(raw)
		return n, err
	default:
		return market.OpenAnnouncement(raw)
	}
}

// FuzzOpen checks that what opens has exactly one encoding.
func FuzzOpen(f *testing.F) {
	for _, v := range vectors.All("market") {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := open(raw)
		if err != nil {
			return
		}
		m, err := envelope.Parse(raw)
		if err != nil {
			t.Fatalf("it opens, but does not parse: %v", err)
		}
		if again, err := envelope.Marshal(v); err != nil || !bytes.Equal(again, m.Payload) {
			t.Errorf("%x has a second encoding, %x, %v", m.Payload, again, err)
		}
	})
}

// FuzzPayload reaches the fields behind the signature: it signs what it is
// given as each type.
func FuzzPayload(f *testing.F) {
	for _, v := range vectors.All("market") {
		if m, err := envelope.Parse(v.Input); err == nil {
			f.Add(m.Payload)
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var a market.Announcement
		if envelope.Unmarshal(payload, &a) == nil && a.Validate() == nil {
			if a.Item != nil {
				_ = market.NewDocument(*a.Item)
				_ = a.Item.String()
			}
			if a.Direction == market.Need && !a.Withdrawn && a.Seeks().Validate() != nil {
				t.Errorf("a valid need seeks what is no query: %v", a.Seeks().Validate())
			}
		}
		for _, v := range []interface{ Validate() error }{new(market.Group), new(market.Charter), new(market.Mail), new(market.Notice)} {
			if envelope.Unmarshal(payload, v) == nil {
				_ = v.Validate()
			}
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "007.50", "1.0", "999999999999999999.999999999999999999", "1,5", "."} {
		f.Add(s, "2")
	}
	f.Fuzz(func(t *testing.T, s, u string) {
		a, err := market.ParseDecimal(s)
		if err != nil {
			return
		}
		if a.Validate() != nil {
			t.Fatalf("ParseDecimal(%q) = %q, which is not valid", s, a)
		}
		b, err := market.ParseDecimal(u)
		if err != nil {
			return
		}
		if sum, err := a.Add(b); err == nil {
			if back, err := sum.Sub(b); err != nil || back != a {
				t.Errorf("%s + %s - %s = %s, %v", a, b, b, back, err)
			}
			if sum.Cmp(a) < 0 {
				t.Errorf("%s + %s < %s", a, b, a)
			}
		}
		x, errX := a.Mul(b)
		y, errY := b.Mul(a)
		if x != y || (errX == nil) != (errY == nil) {
			t.Errorf("%s × %s is %s, the other way %s", a, b, x, y)
		}
	})
}

func FuzzLink(f *testing.F) {
	f.Add(charter().Link().String())
	f.Add("sxp:market?id=a&node=b&at=c")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := market.ParseLink(s)
		if err != nil {
			return
		}
		if again, err := market.ParseLink(l.String()); err != nil || again != l {
			t.Errorf("%q reads as %+v, whose text %q reads as %+v, %v", s, l, l, again, err)
		}
	})
}

// FuzzQuery checks that folding is stable, that a text is found by each of its
// own words, and that searching stays a matter of words.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"road bike | e-bike", "Straße", "İ", "ǅ", "東京", "a\u0301", "ﷺ", "|", "\"x\" *"} {
		f.Add(s, "a road bike in Łódź")
	}
	f.Fuzz(func(t *testing.T, words, title string) {
		it := market.Item{Kind: market.Good, Title: title}
		q := market.Query{Words: words}
		_ = q.Match(it)
		for _, w := range slices.Concat(market.Fold(words), market.Fold(title)) {
			if again := market.Fold(w); len(again) != 1 || again[0] != w {
				t.Errorf("the folded word %q folds to %q", w, again)
			}
			if strings.ContainsAny(w, " \"*^():+-|\x00") {
				t.Errorf("the folded word %q holds an operator", w)
			}
		}
		for _, w := range market.Fold(title) {
			q := market.Query{Words: w}
			if it.Validate() == nil && q.Validate() == nil && !q.Match(it) {
				t.Errorf("%q is not found by its word %q", title, w)
			}
		}
	})
}

// FuzzQueryText: what people type is a valid query or is refused, and an item's
// id has one spelling.
func FuzzQueryText(f *testing.F) {
	for _, s := range []string{"road bike | e-bike", "2 h lessons near:52.52,13.405,10km", "kind:service category:tools/garden", "10 EUR", "|", strings.Repeat("ab", 16)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if q, err := market.ParseQuery(text); err == nil && q.Validate() != nil {
			t.Errorf("%q is read as a query that is none: %v", text, q.Validate())
		}
		if id, err := market.ParseItemID(text); err == nil && id.String() != text {
			t.Errorf("%q is read as %s", text, id)
		}
	})
}
