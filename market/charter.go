package market

import (
	"slices"
	"strings"

	"sxp"
	"sxp/relay"
)

// An Admission says who may announce on a market.
type Admission string

// The admissions, appended only.
const (
	Open    Admission = "open"    // everybody
	Invited Admission = "invited" // the founders and who the charter lists
)

// A Charter is what a market says about itself ("sxp.charter/1"), signed by
// the market's key and countersigned by every founder. The one with the
// highest Seq counts. Moving to another node is a charter with another Node:
// the market's ID stays.
type Charter struct {
	Market     sxp.ID    `json:"market"`               // the signer
	Name       string    `json:"name"`                 // at most sxp.MaxLabel bytes
	Text       string    `json:"text,omitempty"`       // rules for people, at most MaxText bytes
	Founders   []sxp.ID  `json:"founders,omitempty"`   // who countersigned, each once
	Categories []string  `json:"categories,omitempty"` // none: any category
	Admission  Admission `json:"admission"`
	Invited    []sxp.ID  `json:"invited,omitempty"` // only where admission is invited
	Node       Node      `json:"node"`              // who hosts the board now
	Roll       sxp.Hash  `json:"roll,omitzero"`     // digest of the jury roll, see package contract
	Terms      Terms     `json:"terms,omitzero"`    // what proposals on this market use unless they say otherwise
	Deals      Deals     `json:"deals,omitzero"`    // when which rings are proposed
	Policy     Policy    `json:"policy,omitzero"`   // what contracts over its items must say
	Seq        uint64    `json:"seq"`               // from 1, higher with every change
	Created    sxp.Time  `json:"created"`

	Neighbours []Neighbour `json:"neighbours,omitempty"` // other markets whose people this one's deal with
}

// A Node says where a board is.
type Node struct {
	ID      sxp.ID `json:"id"`
	Address string `json:"address"` // http or https URL, no trailing slash
}

// Terms are the signing terms that a market suggests. Zero fields say nothing.
type Terms struct {
	N       int          `json:"n,omitempty"`       // jurors, odd, at most sxp.MaxJury
	T       int          `json:"t,omitempty"`       // shares that complete
	F       int          `json:"f,omitempty"`       // jurors that may be corrupt
	Horizon sxp.Duration `json:"horizon,omitempty"` // from proposal to the deadline D
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (c Charter) Validate() error {
	const field = "charter"
	if c.Market.IsZero() {
		return invalid(field+".market", "must name the market")
	}
	if err := checkTitle(field+".name", c.Name, sxp.MaxLabel); err != nil {
		return err
	}
	if err := checkText(field+".text", c.Text, MaxText, true); err != nil {
		return err
	}
	if err := checkPeople(field+".founders", c.Founders, MaxFounders); err != nil {
		return err
	}
	if err := checkPeople(field+".invited", c.Invited, MaxInvited); err != nil {
		return err
	}
	switch c.Admission {
	case Open:
		if len(c.Invited) > 0 {
			return invalid(field+".invited", "only where admission is invited")
		}
	case Invited:
	default:
		return invalid(field+".admission", "%.40q must be open or invited", string(c.Admission))
	}
	if len(c.Categories) > MaxCategories {
		return tooLarge(field+".categories", "categories", MaxCategories, len(c.Categories))
	}
	for i, s := range c.Categories {
		if s == "" || slices.Contains(c.Categories[:i], s) {
			return invalid(field+".categories", "%q must be there once and not be empty", s)
		}
		if err := checkCategory(field+".categories", s); err != nil {
			return err
		}
	}
	if c.Seq == 0 || c.Seq > 1<<53 {
		return invalid(field+".seq", "must be from 1 to 2^53, this is %d", c.Seq)
	}
	if c.Created <= 0 {
		return invalid(field+".created", "must be after 1970")
	}
	if err := c.Terms.validate(field + ".terms"); err != nil {
		return err
	}
	if err := c.Deals.validate(field + ".deals"); err != nil {
		return err
	}
	if err := c.Policy.validate(field + ".policy"); err != nil {
		return err
	}
	if err := checkNeighbours(field+".neighbours", c.Market, c.Neighbours); err != nil {
		return err
	}
	return c.Node.validate(field + ".node")
}

func (t Terms) validate(field string) error {
	switch {
	case t.N < 0 || t.N > sxp.MaxJury || t.N > 0 && t.N%2 == 0:
		return invalid(field+".n", "must be odd and at most %d, this is %d", sxp.MaxJury, t.N)
	case t.T < 0 || t.T > t.N:
		return invalid(field+".t", "must be from 0 to n = %d, this is %d", t.N, t.T)
	case t.F < 0 || t.F > t.N:
		return invalid(field+".f", "must be from 0 to n = %d, this is %d", t.N, t.F)
	case t.Horizon < 0 || t.Horizon > MaxLife:
		return invalid(field+".horizon", "must be from 0 to %d days", MaxLife/sxp.Day)
	}
	return nil
}

func (n Node) validate(field string) error {
	if n.ID.IsZero() {
		return invalid(field+".id", "must name a node")
	}
	return checkAddress(field+".address", n.Address)
}

// checkAddress requires the URL of a node, without credentials, query or
// fragment: it is opened by strangers' programs.
func checkAddress(field, s string) error {
	if err := checkTitle(field, s, MaxAddress); err != nil {
		return err
	}
	if err := relay.CheckURL(s); err != nil {
		return invalid(field, "%s", sxp.Reason(err))
	}
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "#") {
		return invalid(field, "%q must not end with ? or #", s)
	}
	return nil
}

// Relay returns the node as package relay writes it.
func (n Node) Relay() relay.Address { return relay.Address{ID: n.ID, URL: n.Address} }

// checkPeople checks a list of IDs, each once.
func checkPeople(field string, ids []sxp.ID, limit int) error {
	if len(ids) > limit {
		return tooLarge(field, "people", limit, len(ids))
	}
	seen := make(map[sxp.ID]bool, len(ids))
	for _, id := range ids {
		if id.IsZero() || seen[id] {
			return invalid(field, "%s must be there once", id.Short())
		}
		seen[id] = true
	}
	return nil
}

// Admits reports whether who may announce on the market.
func (c Charter) Admits(who sxp.ID) bool {
	return c.Admission == Open || who == c.Market || slices.Contains(c.Founders, who) || slices.Contains(c.Invited, who)
}

// Lists reports whether the market has the category: every one where it lists
// none; else an absent one, a listed one and what is below it.
func (c Charter) Lists(category string) bool {
	if len(c.Categories) == 0 || category == "" {
		return true
	}
	return slices.ContainsFunc(c.Categories, func(s string) bool { return underCategory(category, s) })
}

// maxNamed is how many categories an error names.
const maxNamed = 20

// CheckCategory fails with Invalid where Lists says no; the text names the
// categories that there are.
func (c Charter) CheckCategory(category string) error {
	if c.Lists(category) {
		return nil
	}
	known, more := c.Categories, ""
	if len(known) > maxNamed {
		known, more = known[:maxNamed], " and "+itoa(int64(len(known)-maxNamed))+" more"
	}
	return sxp.Errorf("market.item.category", sxp.Invalid, c.Market, "item.category: the market %q has no category %q: take one of %s%s, one below, or none", c.Name, category, strings.Join(known, ", "), more)
}
