package market

import (
	"sxp"
)

// A Direction says whether an announcement swaps, looks for or gives away its
// item.
type Direction string

// The directions, appended only.
const (
	Offer Direction = "offer" // the owner has the item and would give it
	Need  Direction = "need"  // the owner would take such an item
	Gift  Direction = "gift"  // the owner has the item and gives it for nothing in return
)

// An Announcement is what its owner has or needs, signed by the owner
// (spec/market.md, "sxp.announcement/1"). A swap is an offer with Wants. An
// edit is the same Owner and Nonce with a higher Version; a withdrawal is an
// edit with Withdrawn and nothing else. ID stays the same through all.
type Announcement struct {
	Market    sxp.ID    `json:"market"`
	Owner     sxp.ID    `json:"owner"`
	Nonce     Nonce     `json:"nonce"`
	Version   uint64    `json:"version"` // from 1, one step or more per edit
	Direction Direction `json:"direction"`
	Item      *Item     `json:"item,omitempty"`  // what is offered or given, or what is needed in words for people
	Query     *Query    `json:"query,omitempty"` // needs only: what exactly meets it; absent: derived from Item, see Seeks
	Wants     []Want    `json:"wants,omitempty"` // offers only: alternatives accepted in return, most wanted first; none: whatever meets one of the owner's needs
	Created   sxp.Time  `json:"created"`         // of this version
	Expires   sxp.Time  `json:"expires"`
	Withdrawn bool      `json:"withdrawn,omitempty"`
	Source    *Source   `json:"source,omitempty"`  // offers and gifts only: the contract by which the owner is to get the item; absent: they have it
	Since     sxp.Time  `json:"since,omitempty"`   // when the first version was made, the owner's word; absent: Created
	Swapped   bool      `json:"swapped,omitempty"` // withdrawals only: it went into a contract, the owner's word
}

// A Want is one thing that an owner accepts: exactly one of the fields is set.
type Want struct {
	Item  ItemID `json:"item,omitzero"`   // this announcement, whatever its version
	Group ItemID `json:"group,omitzero"`  // one of the same owner's groups
	Query *Query `json:"query,omitempty"` // anything that matches
}

// A Group is a want list that several offers of one owner share, of which the
// owner takes at most K ("sxp.group/1", signed by the owner). Offers name it
// in a Want. It is edited and withdrawn like an announcement.
type Group struct {
	Market    sxp.ID   `json:"market"`
	Owner     sxp.ID   `json:"owner"`
	Nonce     Nonce    `json:"nonce"`
	Version   uint64   `json:"version"`
	K         int      `json:"k,omitempty"` // 1 to the number of wants
	Wants     []Want   `json:"wants,omitempty"`
	Created   sxp.Time `json:"created"`
	Expires   sxp.Time `json:"expires"`
	Withdrawn bool     `json:"withdrawn,omitempty"`
}

// ID returns the item's name, the same for every version.
func (a Announcement) ID() ItemID { return NewItemID(a.Owner, a.Nonce) }

// ID returns the group's name, the same for every version.
func (g Group) ID() ItemID { return NewGroupID(g.Owner, g.Nonce) }

// Seeks returns the query that an item must match to meet a need: Query, or
// what the Item of the need says (its title's words, kind, category, quantity
// and unit, currency and issuer). It is the empty query, which nothing meets,
// for an offer, a gift or a withdrawn need.
func (a Announcement) Seeks() Query {
	switch {
	case a.Direction != Need || a.Withdrawn:
		return Query{}
	case a.Query != nil:
		return *a.Query
	case a.Item != nil:
		return a.Item.Seeks()
	}
	return Query{}
}

// Seeks returns the query for something like the item: all the words of its
// title, kind, category, at least its quantity in its unit, currency, issuer.
func (it Item) Seeks() Query {
	q := Query{Kind: it.Kind, Category: it.Category, Quantity: it.Quantity, Unit: it.Unit, Currency: it.Currency, Issuer: it.Issuer}
	if it.Kind != Money {
		q.Words = titleWords(it.Title)
	}
	return q
}

// Gives reports whether the owner has the item and would let it go: an offer
// or a gift.
func (a Announcement) Gives() bool { return a.Direction == Offer || a.Direction == Gift }

// First returns when the first version was made, as the owner says.
func (a Announcement) First() sxp.Time {
	if a.Since != 0 {
		return a.Since
	}
	return a.Created
}

// Live reports whether the announcement counts at now: neither withdrawn nor
// expired.
func (a Announcement) Live(now sxp.Time) bool { return !a.Withdrawn && now < a.Expires }

// Live reports whether the group counts at now.
func (g Group) Live(now sxp.Time) bool { return !g.Withdrawn && now < g.Expires }

// Validate fails with Invalid or TooLarge; the text names the field and the
// rule. It has no clock: whether the announcement is in time is the board's.
func (a Announcement) Validate() error {
	const field = "announcement"
	if err := checkHeader(field, a.Market, a.Owner, a.Nonce, a.Version, a.Created, a.Expires); err != nil {
		return err
	}
	if !a.Gives() && a.Direction != Need {
		return invalid(field+".direction", "%.40q must be offer, need or gift", string(a.Direction))
	}
	switch {
	case a.Since < 0 || a.Since > a.Created:
		return invalid(field+".since", "must be after 1970 and not after created")
	case a.Swapped && !a.Withdrawn:
		return invalid(field+".swapped", "only a withdrawal says so")
	}
	if a.Withdrawn {
		if a.Item != nil || a.Query != nil || len(a.Wants) > 0 || a.Source != nil {
			return invalid(field+".withdrawn", "a withdrawal has no item, query, wants or source")
		}
		return nil
	}
	if a.Item == nil {
		return invalid(field+".item", "must be there")
	}
	if err := a.Item.validate(field + ".item"); err != nil {
		return err
	}
	if a.Source != nil {
		if a.Direction == Need {
			return invalid(field+".source", "only what is offered or given has one")
		}
		if err := a.Source.validate(field + ".source"); err != nil {
			return err
		}
	}
	switch {
	case a.Query != nil && a.Direction != Need:
		return invalid(field+".query", "only a need has one; an offer has wants")
	case a.Direction == Offer:
		return checkWants(field+".wants", a.ID(), a.Wants)
	case len(a.Wants) > 0 && a.Direction == Gift:
		return invalid(field+".wants", "a gift is for nothing in return: offer it instead")
	case len(a.Wants) > 0:
		return invalid(field+".wants", "only an offer has them; say in a second announcement what you offer")
	case a.Direction == Gift:
		return nil
	}
	if a.Query != nil {
		return a.Query.validate(field + ".query")
	}
	seeks := a.Item.Seeks()
	if a.Item.Kind != Money && seeks.Words == "" {
		return invalid(field+".item.title", "%q must have a letter or a digit, so that it can be found", a.Item.Title)
	}
	return seeks.validate(field + ".item")
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (g Group) Validate() error {
	const field = "group"
	if err := checkHeader(field, g.Market, g.Owner, g.Nonce, g.Version, g.Created, g.Expires); err != nil {
		return err
	}
	if g.Withdrawn {
		if g.K != 0 || len(g.Wants) > 0 {
			return invalid(field+".withdrawn", "a withdrawal has neither k nor wants")
		}
		return nil
	}
	if len(g.Wants) == 0 {
		return invalid(field+".wants", "must not be empty")
	}
	if g.K < 1 || g.K > len(g.Wants) {
		return invalid(field+".k", "must be from 1 to the number of wants, %d, this is %d", len(g.Wants), g.K)
	}
	return checkWants(field+".wants", g.ID(), g.Wants)
}

// checkHeader checks what announcements and groups share.
func checkHeader(field string, market, owner sxp.ID, nonce Nonce, version uint64, created, expires sxp.Time) error {
	switch {
	case market.IsZero():
		return invalid(field+".market", "must name a market")
	case owner.IsZero():
		return invalid(field+".owner", "must name a person")
	case nonce.IsZero():
		return invalid(field+".nonce", "must be drawn at random, this is zero")
	case version == 0 || version > 1<<53:
		return invalid(field+".version", "must be from 1 to 2^53, this is %d", version)
	case created <= 0:
		return invalid(field+".created", "must be after 1970")
	case expires <= created:
		return invalid(field+".expires", "must be after created")
	case expires.Sub(created) > MaxLife:
		return invalid(field+".expires", "must be within %d days of created", MaxLife/sxp.Day)
	}
	return nil
}

// checkWants checks a list of alternatives of the item or group self.
func checkWants(field string, self ItemID, wants []Want) error {
	if len(wants) > MaxWants {
		return tooLarge(field, "wants", MaxWants, len(wants))
	}
	seen := make(map[Want]bool, len(wants))
	for i, w := range wants {
		name := field + "[" + itoa(int64(i)) + "]"
		if err := w.validate(name); err != nil {
			return err
		}
		if w.Item == self || w.Group == self {
			return invalid(name, "must not be the announcement itself")
		}
		if w.Query == nil {
			if seen[w] {
				return invalid(name, "stands in the list already")
			}
			seen[w] = true
		}
	}
	return nil
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (w Want) Validate() error { return w.validate("want") }

func (w Want) validate(field string) error {
	n := 0
	for _, set := range []bool{!w.Item.IsZero(), !w.Group.IsZero(), w.Query != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return invalid(field, "must have exactly one of item, group and query, this has %d", n)
	}
	if w.Query != nil {
		return w.Query.validate(field + ".query")
	}
	return nil
}
