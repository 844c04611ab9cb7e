package contract

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sxp"
	"sxp/market"
)

// A Transfer is one obligation: From gives Item to To by Due.
type Transfer struct {
	Item     market.Item   `json:"item"`
	ItemRef  market.ItemID `json:"itemRef,omitzero"` // the announcement it comes from; zero: none
	From     int           `json:"from"`             // index of the giver in Proposal.Parties
	To       int           `json:"to"`               // index of the taker
	Due      sxp.Time      `json:"due"`              // at the latest
	Delivery string        `json:"delivery,omitempty"`

	Market sxp.ID         `json:"market,omitzero"`  // where it is announced, one of Terms.Markets; zero: nowhere, or at a market without a policy
	Source *market.Source `json:"source,omitempty"` // the contract by which the giver is to get it; absent: they have it
	Secret *Sealed        `json:"secret,omitempty"` // what the giver's signature opens; absent: nothing
}

// Terms are what machines read of a contract. The same in words is Text, which
// Render derives from the rest; both are signed, and a Text that says anything
// else is invalid.
type Terms struct {
	Title     string     `json:"title"`
	Text      string     `json:"text"`
	Transfers []Transfer `json:"transfers"`
	Notes     string     `json:"notes,omitempty"`    // what the parties add in their own words
	Breach    string     `json:"breach,omitempty"`   // what a party owes that does not deliver
	Conflict  string     `json:"conflict,omitempty"` // who settles a dispute
	Law       string     `json:"law,omitempty"`      // governing law

	Markets []MarketTerms `json:"markets,omitempty"` // those whose people meet here, and those with a policy
}

// check verifies everything but Text against the number of parties: every
// party gives or gets, and nothing leaves the circle.
func (t *Terms) check(parties int) error {
	const op = "contract.Terms"
	if err := checkLine(op, "the title", t.Title, MaxTitle); err != nil {
		return err
	}
	if t.Title == "" {
		return sxp.Errorf(op, sxp.Invalid, nil, "a contract needs a title")
	}
	for _, c := range []struct{ what, text string }{
		{"notes", t.Notes}, {"breach", t.Breach}, {"conflict", t.Conflict}, {"law", t.Law},
	} {
		if err := checkText(op, "the clause "+c.what, c.text, MaxClause); err != nil {
			return err
		}
	}
	if len(t.Transfers) > MaxTransfers {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a contract has at most %d transfers, this has %d", MaxTransfers, len(t.Transfers))
	}
	if err := checkMarkets(t.Markets); err != nil {
		return err
	}
	for i := range t.Transfers {
		x := &t.Transfers[i]
		if err := x.check(i, parties); err != nil {
			return err
		}
		if !x.Market.IsZero() && t.marketOf(x) == nil {
			return sxp.Errorf(op, sxp.Invalid, x.Market, "transfer %d is announced at a market that the contract does not list", i+1)
		}
	}
	gives, gets := t.sides(parties)
	for i := range parties {
		if !gives[i] && !gets[i] {
			return sxp.Errorf(op, sxp.Invalid, nil, "every party gives or gets something: party %d does not", i+1)
		}
	}
	return nil
}

// sides says which parties give something and which get something.
func (t *Terms) sides(parties int) (gives, gets []bool) {
	gives, gets = make([]bool, parties), make([]bool, parties)
	for i := range t.Transfers {
		gives[t.Transfers[i].From], gets[t.Transfers[i].To] = true, true
	}
	return gives, gets
}

func (x *Transfer) check(i, parties int) error {
	const op = "contract.Transfer"
	switch {
	case x.From < 0 || x.From >= parties || x.To < 0 || x.To >= parties:
		return sxp.Errorf(op, sxp.Invalid, nil, "transfer %d names a party that is not there: parties are 0 to %d", i+1, parties-1)
	case x.From == x.To:
		return sxp.Errorf(op, sxp.Invalid, nil, "transfer %d goes from party %d to itself", i+1, x.From+1)
	case x.Due <= 0 || x.Due > MaxTime:
		return sxp.Errorf(op, sxp.Invalid, nil, "transfer %d needs a due date before the year 10000", i+1)
	}
	if err := checkText(op, fmt.Sprintf("the delivery of transfer %d", i+1), x.Delivery, MaxClause); err != nil {
		return err
	}
	if err := x.Item.Validate(); err != nil {
		return sxp.Errorf(op, sxp.KindOf(err), nil, "transfer %d: %w", i+1, err)
	}
	if x.Source != nil {
		if err := x.Source.Validate(); err != nil {
			return sxp.Errorf(op, sxp.KindOf(err), nil, "transfer %d: %w", i+1, err)
		}
	}
	return nil
}

// checkText accepts UTF-8 without control characters other than newline, so
// that what a person reads is what is signed: no carriage return, no escape
// sequence, no reordering of what stands before.
func checkText(op, what, s string, limit int) error {
	if len(s) > limit {
		return sxp.Errorf(op, sxp.TooLarge, nil, "%s has %d bytes, at most %d are allowed", what, len(s), limit)
	}
	if !utf8.ValidString(s) {
		return sxp.Errorf(op, sxp.Invalid, nil, "%s is not UTF-8", what)
	}
	for _, r := range s {
		if r != '\n' && deceives(r) {
			return sxp.Errorf(op, sxp.Invalid, nil, "%s holds the character %U, which can hide or reorder text", what, r)
		}
	}
	return nil
}

// deceives reports whether r can make text look other than it is.
func deceives(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x061c, r == 0x2028, r == 0x2029, r == 0xfeff:
		return true
	}
	return r == 0x200b || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f
}

// checkLine is checkText for one line.
func checkLine(op, what, s string, limit int) error {
	if strings.Contains(s, "\n") {
		return sxp.Errorf(op, sxp.Invalid, nil, "%s must be one line", what)
	}
	return checkText(op, what, s, limit)
}
