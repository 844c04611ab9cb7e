package market

import (
	"net/url"
	"strings"

	"sxp"
)

// linkPrefix starts every link to a market.
const linkPrefix = "sxp:market?"

// A Link is how people pass on a market: which one it is, and where it was
// last. Only the ID is trusted; the charter found there must be signed by it.
type Link struct {
	Market sxp.ID `json:"market"`
	Node   Node   `json:"node"`
}

// Link returns the link to the market where the charter puts it.
func (c Charter) Link() Link { return Link{Market: c.Market, Node: c.Node} }

// String returns "sxp:market?id=sxp1…&node=sxp1…&at=https%3A…".
func (l Link) String() string {
	return linkPrefix + "id=" + l.Market.String() + "&node=" + l.Node.ID.String() + "&at=" + url.QueryEscape(l.Node.Address)
}

// ParseLink reads the text form, with its fields in any order and percent
// encoding, because programs that pass links on change those. Fields that are
// missing, repeated or unknown are Invalid.
func ParseLink(s string) (Link, error) {
	const op = "market.ParseLink"
	if len(s) > MaxLink {
		return Link{}, sxp.Errorf(op, sxp.TooLarge, nil, "a link has at most %d characters, this has %d", MaxLink, len(s))
	}
	rest, ok := strings.CutPrefix(s, linkPrefix)
	if !ok {
		return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not a link to a market: it must start with %s", s, linkPrefix)
	}
	fields, err := url.ParseQuery(rest)
	if err != nil {
		return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not a link to a market: %v", s, err)
	}
	for _, name := range []string{"id", "node", "at"} {
		if len(fields[name]) != 1 || len(fields) != 3 {
			return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not a link to a market: it must have id, node and at, once each, and nothing else", s)
		}
	}
	var l Link
	if l.Market, err = sxp.ParseID(fields.Get("id")); err != nil {
		return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "id: %s", sxp.Reason(err))
	}
	if l.Node.ID, err = sxp.ParseID(fields.Get("node")); err != nil {
		return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "node: %s", sxp.Reason(err))
	}
	l.Node.Address = fields.Get("at")
	if l.Market.IsZero() {
		return Link{}, sxp.Errorf(op, sxp.Invalid, nil, "id: the market of a link must be somebody")
	}
	return l, l.Node.validate("at")
}
