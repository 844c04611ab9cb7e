package relay

import (
	"encoding/base64"
	"net/url"
	"strings"

	"sxp"
)

const invitationPrefix = "sxp:invitation?"

// MaxInvitationLink is the longest link that ParseInvitationLink reads, in
// bytes.
const MaxInvitationLink = 4096

// InvitationLink returns the text in which an operator hands out a signed
// invitation: "sxp:invitation?relay=https%3A…&signed=…", the relay's Address
// and the message in unpadded base64url.
func InvitationLink(at Address, signed []byte) string {
	return invitationPrefix + "relay=" + url.QueryEscape(at.String()) + "&signed=" + base64.RawURLEncoding.EncodeToString(signed)
}

// ParseInvitationLink reads what InvitationLink wrote; other spellings are
// Invalid. The signature is for the relay to check.
func ParseInvitationLink(s string) (at Address, signed []byte, err error) {
	const op = "relay.ParseInvitationLink"
	if len(s) > MaxInvitationLink {
		return at, nil, sxp.Errorf(op, sxp.TooLarge, nil, "an invitation has at most %d characters, this has %d", MaxInvitationLink, len(s))
	}
	rest, ok := strings.CutPrefix(s, invitationPrefix)
	fields, err := url.ParseQuery(rest)
	if !ok || err != nil {
		return at, nil, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not an invitation to a relay: it must start with %s", s, invitationPrefix)
	}
	if at, err = ParseAddress(fields.Get("relay")); err != nil {
		return at, nil, err
	}
	signed, err = base64.RawURLEncoding.Strict().DecodeString(fields.Get("signed"))
	if err != nil || len(signed) == 0 || InvitationLink(at, signed) != s {
		return at, nil, sxp.Errorf(op, sxp.Invalid, nil, "%.100q is not the one spelling of an invitation", s)
	}
	return at, signed, nil
}
