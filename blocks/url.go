package blocks

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"sxp"
	"sxp/relay"
)

// The parts of a URL's text.
const (
	urlPrefix = "sxp:block?hash="
	urlAt     = "&at="
)

// A URL says what a block is and where it was put. Only Hash is trusted: the
// same bytes may be had from anybody.
type URL struct {
	Hash sxp.Hash      // SHA-256 of the block
	At   relay.Address // a node that keeps it
}

// Sum returns the hash that names data.
func Sum(data []byte) sxp.Hash { return sha256.Sum256(data) }

// The characters of a node's address, beside : / [ and ].
const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	inHost  = letters + digits + ".-"
	inIPv6  = "abcdefABCDEF" + digits + ":."
	inPath  = letters + digits + "._~-"
)

// fits reports whether a node's URL can stand in a block's URL: http or https,
// a host in ASCII or an IPv6 address in brackets, perhaps a port of 1 to 5
// digits, perhaps a path of plain names. It is narrower than relay.CheckURL and
// needs no parser of URLs, so that all readers of a contract agree.
func fits(nodeURL string) bool {
	rest, ok := strings.CutPrefix(nodeURL, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(nodeURL, "http://"); !ok {
			return false
		}
	}
	authority, path, hasPath := strings.Cut(rest, "/")
	if hasPath {
		for name := range strings.SplitSeq(path, "/") {
			if !consists(name, inPath) {
				return false
			}
		}
	}
	host, port, hasPort := authority, "", false
	allowed := inHost
	if inside, bracket := strings.CutPrefix(authority, "["); bracket {
		if host, port, ok = strings.Cut(inside, "]"); !ok {
			return false
		}
		if port, hasPort = strings.CutPrefix(port, ":"); !hasPort && port != "" {
			return false
		}
		allowed = inIPv6
	} else {
		host, port, hasPort = strings.Cut(authority, ":")
	}
	return consists(host, allowed) && (!hasPort || consists(port, digits) && len(port) <= 5)
}

// consists reports whether s is one or more of these characters.
func consists(s, of string) bool { return s != "" && strings.Trim(s, of) == "" }

// String returns "sxp:block?hash=…&at=https%3A%2F%2Fnode.example%23sxp1…".
func (u URL) String() string {
	return urlPrefix + u.Hash.String() + urlAt + url.QueryEscape(u.At.String())
}

// Validate fails with Invalid where the node's address has no place in a URL.
func (u URL) Validate() error {
	const op = "blocks.URL"
	switch {
	case u.Hash.IsZero():
		return sxp.Errorf(op, sxp.Invalid, nil, "a block's hash must not be zero")
	case u.At.ID.IsZero():
		return sxp.Errorf(op, sxp.Invalid, nil, "a block's node must be somebody")
	case !fits(u.At.URL):
		return sxp.Errorf(op, sxp.Invalid, nil, "%.80q is no node's address for a block's URL: http or https, a host in ASCII, perhaps a port and a plain path", u.At.URL)
	case len(u.At.String()) > relay.MaxAddress:
		return sxp.Errorf(op, sxp.TooLarge, nil, "a node's address has at most %d bytes, this has %d", relay.MaxAddress, len(u.At.String()))
	}
	return nil
}

// ParseURL reads the text form and no other spelling: URLs are made by
// programs, and stand in what people sign.
func ParseURL(s string) (URL, error) {
	const op = "blocks.ParseURL"
	if len(s) > MaxURL {
		return URL{}, sxp.Errorf(op, sxp.TooLarge, nil, "a block's URL has at most %d bytes, this has %d", MaxURL, len(s))
	}
	bad := func(rule string) (URL, error) {
		return URL{}, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not a block's URL: %s", s, rule)
	}
	rest, ok := strings.CutPrefix(s, urlPrefix)
	hexHash, at, cut := strings.Cut(rest, urlAt)
	if !ok || !cut {
		return bad("it looks like " + urlPrefix + "…" + urlAt + "…")
	}
	hash, err := hex.DecodeString(hexHash)
	if err != nil || len(hash) != len(sxp.Hash{}) {
		return bad("the hash has 64 hex digits")
	}
	address, err := url.QueryUnescape(at)
	if err != nil {
		return bad("the address is not escaped well")
	}
	where, id, ok := strings.Cut(address, "#")
	if !ok {
		return bad("the address has the node's key after #")
	}
	u := URL{Hash: sxp.Hash(hash), At: relay.Address{URL: where}}
	if u.At.ID, err = sxp.ParseID(id); err != nil {
		return bad("the node's key: " + sxp.Reason(err))
	}
	if u.String() != s {
		return bad("it must be spelt " + u.String())
	}
	return u, u.Validate()
}

// Check reports whether data is the block that u names.
func (u URL) Check(data []byte) error {
	const op = "blocks.Check"
	if len(data) > MaxBlock {
		return sxp.Errorf(op, sxp.TooLarge, u.At.ID, "a block has at most %d bytes, this has %d", MaxBlock, len(data))
	}
	if Sum(data) != u.Hash {
		return sxp.Errorf(op, sxp.Invalid, u.At.ID, "the node sent other bytes than the block %s", u.Hash.Short())
	}
	return nil
}
