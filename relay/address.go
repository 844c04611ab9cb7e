package relay

import (
	"net/url"
	"strings"

	"sxp"
)

// MaxAddress is the longest text of an Address in bytes.
const MaxAddress = 512

// An Address says which node to talk to and how it is reached. The key makes
// the answer of anybody else a detected lie; the URL may change. Its text is
// "https://relay.example#sxp1…": a URL whose fragment, which no browser sends,
// is the key. Cards carry it.
type Address struct {
	ID  sxp.ID
	URL string // http or https, a host, perhaps a path; no trailing slash
}

// ParseAddress reads the text form; other spellings are Invalid.
func ParseAddress(s string) (Address, error) {
	const op = "relay.ParseAddress"
	if len(s) > MaxAddress {
		return Address{}, sxp.Errorf(op, sxp.TooLarge, nil, "an address has at most %d bytes, this has %d", MaxAddress, len(s))
	}
	at, id, ok := strings.Cut(s, "#")
	if !ok {
		return Address{}, sxp.Errorf(op, sxp.Invalid, nil, "%q is not a node's full address: it looks like https://host#sxp1…", s)
	}
	key, err := sxp.ParseID(id)
	if err != nil {
		return Address{}, err
	}
	if err := CheckURL(at); err != nil {
		return Address{}, err
	}
	return Address{ID: key, URL: at}, nil
}

// CheckURL reports whether s can be the URL of a node.
func CheckURL(s string) error {
	const op = "relay.CheckURL"
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return sxp.Errorf(op, sxp.Invalid, nil, "%q is not a node's URL: it starts with https:// or http:// and names a host", s)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(s, "/") {
		return sxp.Errorf(op, sxp.Invalid, nil, "%q: a node's URL has no user, query, fragment or trailing slash", s)
	}
	return nil
}

// String returns the text form.
func (a Address) String() string { return a.URL + "#" + a.ID.String() }

// MarshalText returns the text form.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is ParseAddress.
func (a *Address) UnmarshalText(b []byte) error {
	v, err := ParseAddress(string(b))
	if err == nil {
		*a = v
	}
	return err
}
