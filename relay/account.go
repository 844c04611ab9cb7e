package relay

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// A Mode says who may write to a relay.
type Mode string

// The modes.
const (
	Open    Mode = "open"    // whoever signs
	Invited Mode = "invited" // who has an account, opened with an invitation
	Own     Mode = "own"     // only those listed: a person's or a group's own server
)

// A Policy says who may write and how much. Reading needs no account: who was
// sent a record may have it.
type Policy struct {
	Mode     Mode
	Operator sxp.ID   // who signs invitations
	Own      []sxp.ID // who may write in mode Own
	Quota    Quota    // of whoever has no account with another
}

// Check fails with Invalid if p is contradictory.
func (p *Policy) Check() error {
	const op = "relay.Policy"
	switch {
	case p.Mode == Own && len(p.Own) == 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "mode %q needs the ids of those who may write", p.Mode)
	case p.Mode == Invited && p.Operator.IsZero():
		return sxp.Errorf(op, sxp.Invalid, nil, "mode %q needs the id of the operator who signs invitations", p.Mode)
	case p.Mode != Open && p.Mode != Invited && p.Mode != Own:
		return sxp.Errorf(op, sxp.Invalid, nil, "the mode is %q, want %q, %q or %q", p.Mode, Open, Invited, Own)
	}
	return nil
}

// A Quota limits what one sender has on a relay at a time. Zero is no limit.
type Quota struct {
	Records uint64 `json:"records,omitempty"`
	Bytes   uint64 `json:"bytes,omitempty"` // of signed messages
}

// Allows fails with Full if a sender who has u may not add a record of size
// bytes.
func (q Quota) Allows(u Usage, size uint64) error {
	const op = "relay.Quota"
	if q.Records > 0 && u.Records >= q.Records {
		return sxp.Errorf(op, sxp.Full, nil, "you have %d records here, as many as you may: delete some", u.Records)
	}
	if q.Bytes > 0 && u.Bytes+size > q.Bytes {
		return sxp.Errorf(op, sxp.Full, nil, "you have %d bytes here and may have %d: %d more do not fit", u.Bytes, q.Bytes, size)
	}
	return nil
}

// A Usage is what one sender has on a relay now.
type Usage struct {
	Records uint64 `json:"records"`
	Bytes   uint64 `json:"bytes"`
}

// An Invitation lets people open accounts on a relay. Its operator signs it.
type Invitation struct {
	Relay   sxp.ID       `json:"relay"`           // the node's ID
	Nonce   Nonce        `json:"nonce"`           // makes it unique
	For     sxp.ID       `json:"for,omitzero"`    // only for this person; zero: whoever holds it
	Uses    uint32       `json:"uses"`            // how many accounts it opens; at least 1
	Expires sxp.Time     `json:"expires"`         // until when accounts can be opened
	Lasts   sxp.Duration `json:"lasts,omitempty"` // how long an account lasts; 0 is without end
	Quota   Quota        `json:"quota"`           // of each account
}

// TypeInvitation is the type of a signed Invitation.
const TypeInvitation envelope.Type = "sxp.invitation/1"

// An OpenAccount opens or prolongs the asker's account with an invitation, or,
// without one, only asks for the account's state. Answer: an AccountState.
type OpenAccount struct {
	Invitation sxp.Bytes `json:"invitation,omitempty"` // a signed Invitation
}

// An AccountState is what a relay says about one person's account.
type AccountState struct {
	Mode    Mode     `json:"mode"`
	Write   bool     `json:"write"`             // may write now
	Expires sxp.Time `json:"expires,omitempty"` // when the account ends; 0 is never
	Quota   Quota    `json:"quota"`
	Usage   Usage    `json:"usage"`
}

// An Account is what a relay keeps about one sender.
type Account struct {
	ID         sxp.ID   `json:"id"`
	Opened     sxp.Time `json:"opened"`
	Expires    sxp.Time `json:"expires,omitempty"` // 0 is never
	Quota      Quota    `json:"quota"`
	Invitation sxp.Hash `json:"invitation"` // envelope.Digest of the invitation
}

// Accounts keeps the accounts of a relay. It is safe for concurrent use.
type Accounts interface {
	// Account returns id's account, or fails with NotFound.
	Account(ctx context.Context, id sxp.ID) (Account, error)

	// OpenAccount keeps a in place of an earlier account of a.ID; it returns
	// when that is durable. It fails with Denied, and keeps nothing, if
	// a.Invitation has opened accounts for uses other people before. If it has
	// opened one for a.ID before, nothing changes.
	OpenAccount(ctx context.Context, a Account, uses uint32) error
}

// Invite signs an invitation. It fails with Invalid for one that a relay would
// refuse.
func Invite(operator envelope.Signer, inv Invitation) ([]byte, error) {
	if err := inv.check(); err != nil {
		return nil, err
	}
	return envelope.Sign(operator, TypeInvitation, inv)
}

func (inv *Invitation) check() error {
	const op = "relay.Invitation"
	if inv.Relay.IsZero() || inv.Uses < 1 || inv.Lasts < 0 || inv.Expires <= 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "an invitation names a relay, at least one use and an expiry, and lasts no negative time")
	}
	return nil
}

// openInvitation checks an invitation that who presents at the relay self.
func (p *Policy) openInvitation(raw []byte, self, who sxp.ID, now sxp.Time) (Invitation, error) {
	const op = "relay.Invitation"
	var inv Invitation
	signer, err := envelope.Open(raw, TypeInvitation, &inv)
	if err != nil {
		return inv, err
	}
	if err := inv.check(); err != nil {
		return inv, err
	}
	switch {
	case signer != p.Operator:
		return inv, sxp.Errorf(op, sxp.Denied, signer, "the invitation is signed by %s, who is not this relay's operator", signer)
	case inv.Relay != self:
		return inv, sxp.Errorf(op, sxp.Denied, inv.Relay, "the invitation is for relay %s, this is %s", inv.Relay, self)
	case !inv.For.IsZero() && inv.For != who:
		return inv, sxp.Errorf(op, sxp.Denied, who, "the invitation is for %s", inv.For)
	case now >= inv.Expires:
		return inv, sxp.Errorf(op, sxp.Late, who, "the invitation expired at %s", inv.Expires)
	}
	return inv, nil
}
