package market

import (
	"slices"

	"sxp"
	"sxp/envelope"
)

// The types of the signed messages of this package (spec/market.md).
const (
	TypeAnnouncement envelope.Type = "sxp.announcement/1"
	TypeGroup        envelope.Type = "sxp.group/1"
	TypeCharter      envelope.Type = "sxp.charter/1"
	TypeMail         envelope.Type = "sxp.mail/1"
	TypeNotice       envelope.Type = "sxp.notice/1"

	// TypeJuror is the enrolment of a juror, which package contract/jury
	// defines. A board keeps it without reading it.
	TypeJuror envelope.Type = "sxp.juror/1"
)

// Types returns, for each message type of this package, requests and answers
// included, a function that makes a pointer to its empty payload, for JSON
// views.
func Types() map[envelope.Type]func() any {
	all := requestTypes()
	all[TypeAnnouncement] = func() any { return new(Announcement) }
	all[TypeGroup] = func() any { return new(Group) }
	all[TypeCharter] = func() any { return new(Charter) }
	all[TypeMail] = func() any { return new(Mail) }
	all[TypeNotice] = func() any { return new(Notice) }
	return all
}

// A Mail is sealed bytes for one person, posted on a market's board by
// somebody who need not be known to that person: a proposal, first of all. It
// is signed by the sender, so the receiver can tell who used up the quota.
type Mail struct {
	Market  sxp.ID    `json:"market"`
	From    sxp.ID    `json:"from"`
	To      sxp.ID    `json:"to"`
	Sealed  sxp.Bytes `json:"sealed"` // by envelope.Seal to the receiver's card
	Created sxp.Time  `json:"created"`
	Expires sxp.Time  `json:"expires"` // at most MaxMailLife later
}

// A Notice removes an announcement or a group from a board, or lifts an
// earlier notice, and says why. It is signed by the market or by the node that
// the charter names, stays on the board and is public: moderation hides
// nothing about itself.
type Notice struct {
	Market  sxp.ID   `json:"market"`
	Item    ItemID   `json:"item"`              // the announcement or group
	Version uint64   `json:"version,omitempty"` // this version and those before; 0: every one
	Reason  string   `json:"reason"`
	Lifted  bool     `json:"lifted,omitempty"` // the item is welcome again
	Created sxp.Time `json:"created"`
}

// Covers reports whether the notice forbids that version.
func (n Notice) Covers(version uint64) bool {
	return !n.Lifted && (n.Version == 0 || version <= n.Version)
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (m Mail) Validate() error {
	const field = "mail"
	switch {
	case m.Market.IsZero():
		return invalid(field+".market", "must name a market")
	case m.From.IsZero():
		return invalid(field+".from", "must name a person")
	case m.To.IsZero():
		return invalid(field+".to", "must name a person")
	case len(m.Sealed) == 0:
		return invalid(field+".sealed", "must not be empty")
	case m.Created <= 0:
		return invalid(field+".created", "must be after 1970")
	case m.Expires <= m.Created:
		return invalid(field+".expires", "must be after created")
	case m.Expires.Sub(m.Created) > MaxMailLife:
		return invalid(field+".expires", "must be within %d days of created", MaxMailLife/sxp.Day)
	}
	return nil
}

// Validate fails with Invalid or TooLarge; the text names the field and the rule.
func (n Notice) Validate() error {
	const field = "notice"
	switch {
	case n.Market.IsZero():
		return invalid(field+".market", "must name a market")
	case n.Item.IsZero():
		return invalid(field+".item", "must name an announcement or a group")
	case n.Version > 1<<53:
		return invalid(field+".version", "must be at most 2^53, this is %d", n.Version)
	case n.Reason == "":
		return invalid(field+".reason", "must say why")
	case n.Created <= 0:
		return invalid(field+".created", "must be after 1970")
	}
	return checkText(field+".reason", n.Reason, MaxReason, true)
}

// sign is envelope.Sign for a message that by must sign, within a limit.
func sign(op string, s envelope.Signer, by sxp.ID, typ envelope.Type, limit int, v any) ([]byte, error) {
	if s.ID() != by {
		return nil, sxp.Errorf(op, sxp.Denied, by, "must be signed by %s, not by %s", by.Short(), s.ID().Short())
	}
	raw, err := envelope.Sign(s, typ, v)
	if err == nil {
		err = checkSize(op, raw, limit)
	}
	if err != nil {
		return nil, err
	}
	return raw, nil
}

func checkSize(op string, raw []byte, limit int) error {
	if len(raw) > limit {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the message has at most %d bytes, this has %d", limit, len(raw))
	}
	return nil
}

// wrongSigner is the error of a message signed by somebody else than it says.
func wrongSigner(op, field string, by, signer sxp.ID) error {
	return sxp.Errorf(op, sxp.Denied, by, "%s is %s, but the signature is by %s", field, by.Short(), signer.Short())
}

// SignAnnouncement validates and signs; s must be the owner's key.
func SignAnnouncement(s envelope.Signer, a Announcement) ([]byte, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	return sign("market.SignAnnouncement", s, a.Owner, TypeAnnouncement, MaxAnnouncement, a)
}

// OpenAnnouncement returns what raw says after checking the signature, that it
// is by the owner, and Validate. It fails with Invalid, TooLarge or Denied.
func OpenAnnouncement(raw []byte) (Announcement, error) {
	const op = "market.OpenAnnouncement"
	var a Announcement
	if err := checkSize(op, raw, MaxAnnouncement); err != nil {
		return a, err
	}
	signer, err := envelope.Open(raw, TypeAnnouncement, &a)
	if err != nil {
		return a, err
	}
	return a, checkOpened(op, signer, a.Owner, a)
}

// checkOpened checks the signer and the fields of an opened message.
func checkOpened(op string, signer, by sxp.ID, v interface{ Validate() error }) error {
	if signer != by {
		return wrongSigner(op, "the owner", by, signer)
	}
	return v.Validate()
}

// SignGroup validates and signs; s must be the owner's key.
func SignGroup(s envelope.Signer, g Group) ([]byte, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return sign("market.SignGroup", s, g.Owner, TypeGroup, MaxAnnouncement, g)
}

// OpenGroup is [OpenAnnouncement] for groups.
func OpenGroup(raw []byte) (Group, error) {
	const op = "market.OpenGroup"
	var g Group
	if err := checkSize(op, raw, MaxAnnouncement); err != nil {
		return g, err
	}
	signer, err := envelope.Open(raw, TypeGroup, &g)
	if err != nil {
		return g, err
	}
	return g, checkOpened(op, signer, g.Owner, g)
}

// SignCharter validates and signs; s must be the market's key. The founders
// countersign the result with [CountersignCharter].
func SignCharter(s envelope.Signer, c Charter) ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return sign("market.SignCharter", s, c.Market, TypeCharter, sxp.MaxMessage, c)
}

// CountersignCharter returns the charter with the countersignature of a
// founder. Somebody else is Denied.
func CountersignCharter(founder envelope.Signer, raw []byte) ([]byte, error) {
	c, _, err := DraftCharter(raw)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(c.Founders, founder.ID()) {
		return nil, sxp.Errorf("market.CountersignCharter", sxp.Denied, founder.ID(), "is no founder of %q", c.Name)
	}
	return envelope.Countersign(founder, raw, envelope.OverMessage, nil)
}

// DraftCharter opens a charter that founders may not have countersigned yet,
// and says who is missing.
func DraftCharter(raw []byte) (c Charter, missing []sxp.ID, err error) {
	const op = "market.OpenCharter"
	m, err := envelope.Parse(raw)
	if err != nil {
		return c, nil, err
	}
	if m.Type != TypeCharter {
		return c, nil, sxp.Errorf(op, sxp.Invalid, nil, "this is a %s, not a charter", m.Type)
	}
	if err := envelope.Unmarshal(m.Payload, &c); err != nil {
		return c, nil, err
	}
	if m.Signer != c.Market {
		return c, nil, wrongSigner(op, "the market", c.Market, m.Signer)
	}
	if err := c.Validate(); err != nil {
		return c, nil, err
	}
	for _, f := range c.Founders {
		if !slices.ContainsFunc(m.Countersignatures, func(s envelope.Countersignature) bool {
			return s.Signer == f && s.Over == envelope.OverMessage
		}) {
			missing = append(missing, f)
		}
	}
	return c, missing, nil
}

// OpenCharter returns what raw says after checking the market's signature,
// every founder's countersignature and Validate. It fails with Invalid,
// TooLarge or Denied.
func OpenCharter(raw []byte) (Charter, error) {
	c, missing, err := DraftCharter(raw)
	if err != nil {
		return Charter{}, err
	}
	if len(missing) > 0 {
		return Charter{}, sxp.Errorf("market.OpenCharter", sxp.Denied, c.Market, "%d of %d founders have not countersigned, the first is %s", len(missing), len(c.Founders), missing[0])
	}
	return c, nil
}

// SignMail validates and signs; s must be the sender's key.
func SignMail(s envelope.Signer, m Mail) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return sign("market.SignMail", s, m.From, TypeMail, MaxMail, m)
}

// OpenMail returns what raw says after checking the signature, that it is by
// the sender, and Validate. The seal is for the receiver to open.
func OpenMail(raw []byte) (Mail, error) {
	const op = "market.OpenMail"
	var m Mail
	if err := checkSize(op, raw, MaxMail); err != nil {
		return m, err
	}
	signer, err := envelope.Open(raw, TypeMail, &m)
	if err != nil {
		return m, err
	}
	if signer != m.From {
		return m, wrongSigner(op, "the sender", m.From, signer)
	}
	return m, m.Validate()
}

// SignNotice validates and signs; s must be the key of the market or of the
// node that the charter names, which readers check.
func SignNotice(s envelope.Signer, n Notice) ([]byte, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	return envelope.Sign(s, TypeNotice, n)
}

// OpenNotice returns what raw says and who signed it, after Validate. Whether
// that one may moderate is for the caller: see [Charter.Moderates].
func OpenNotice(raw []byte) (Notice, sxp.ID, error) {
	var n Notice
	signer, err := envelope.Open(raw, TypeNotice, &n)
	if err != nil {
		return n, signer, err
	}
	return n, signer, n.Validate()
}

// Moderates reports whether who may sign notices: the market, and the node
// that hosts it.
func (c Charter) Moderates(who sxp.ID) bool { return who == c.Market || who == c.Node.ID }
