// Package rating lets people who have signed a contract together say what
// became of it, in public. A rating proves by the contract's own signature that
// its author and who it is about were parties of one contract, and tells
// nothing else of that contract: not its text, not its things.
//
// There is no score. What is said of somebody is counted (Tally), always with
// the number of different people who say it; what it is worth is for who reads
// it to judge. Any two keys can make contracts with each other and praise
// themselves for nothing: the count of different people is what costs somebody
// who has only one friend, and nothing costs somebody who invents many. Whose
// word counts is a question of whom the reader knows.
//
// The bytes are in spec/rating.md.
package rating

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// The signed messages of this package.
const (
	Type      envelope.Type = "sxp.rating/1"
	TypeReply envelope.Type = "sxp.reply/1"
)

// Limits on what comes from outside.
const (
	// MaxText is the longest text of a rating or reply in bytes of UTF-8.
	MaxText = 1000

	// MaxRating is the largest signed rating in bytes: the cards of all parties
	// and the text.
	MaxRating = 64 << 10
)

// A Mark says what became of one transfer.
type Mark struct {
	Transfer int  `json:"transfer"` // its number in the contract, from 1
	Kept     bool `json:"kept"`     // it was delivered as promised
}

// A Rating is one party's word about another party of a complete contract.
type Rating struct {
	M         sxp.Hash    `json:"m"`     // what all signed
	S         bls.G1      `json:"s"`     // the contract's signature: all parties' together
	Cards     []sxp.Bytes `json:"cards"` // of all parties, signed, as in the contract
	About     sxp.ID      `json:"about"`
	Marks     []Mark      `json:"marks"` // 1 to contract.MaxTransfers, by transfer, each once: what About was to give
	Text      string      `json:"text,omitempty"`
	Published sxp.Time    `json:"published"` // the author's clock; the latest one of an author about a person and contract counts
}

// A Reply is the answer of who was rated.
type Reply struct {
	Rating sxp.Hash `json:"rating"` // digest of the signed rating
	Text   string   `json:"text"`
	At     sxp.Time `json:"at"` // the author's clock
}

// Opened is a verified rating.
type Opened struct {
	Rating
	Digest  sxp.Hash
	By      sxp.ID
	Parties []identity.Card
}

// Kept reports whether all that About was to give is said to have been given.
func (r *Rating) Kept() bool {
	return !slices.ContainsFunc(r.Marks, func(m Mark) bool { return !m.Kept })
}

// Types returns a constructor of each message's payload, for the JSON view.
func Types() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{Type: func() any { return new(Rating) }, TypeReply: func() any { return new(Reply) }}
}

// Sign signs a rating, if Open would take it.
func Sign(s envelope.Signer, r *Rating) ([]byte, error) {
	raw, err := envelope.Sign(s, Type, r)
	if err != nil {
		return nil, err
	}
	_, err = Open(raw)
	return raw, err
}

// Open verifies a signed rating without any network: its author and who it is
// about are two of the people who together made the signature of m. It fails
// with sxp.Invalid or sxp.TooLarge. That m is the contract which somebody
// means, and what its transfers are, a contract file says (Opened.Of).
func Open(raw []byte) (*Opened, error) {
	const op = "rating.Open"
	if len(raw) > MaxRating {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a rating has at most %d bytes, this has %d", MaxRating, len(raw))
	}
	o := &Opened{Digest: envelope.Digest(raw)}
	if err := openPlain(raw, Type, &o.Rating, &o.By); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(o.Cards) < 2 || len(o.Cards) > sxp.MaxParties {
		return nil, sxp.Errorf(op, sxp.Invalid, o.By, "a contract has 2 to %d parties, this names %d", sxp.MaxParties, len(o.Cards))
	}
	var keys []bls.G2
	ids := map[sxp.ID]bool{}
	for _, raw := range o.Cards {
		c, err := identity.OpenCard(raw)
		if err != nil {
			return nil, err
		}
		o.Parties, keys, ids[c.ID] = append(o.Parties, c), append(keys, c.ContractKey), true
	}
	switch {
	case len(ids) != len(keys) || !bls.Distinct(keys):
		return nil, sxp.Errorf(op, sxp.Invalid, o.By, "two parties have the same identity or contract key")
	case o.By == o.About || !ids[o.By] || !ids[o.About]:
		return nil, sxp.Errorf(op, sxp.Invalid, o.By, "who rates and who is rated are two parties of one contract")
	}
	if err := contract.NewAlgebra(nil).Aggregate(o.M, keys, o.S); err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, o.By, "these people have not signed this together: %w", err)
	}
	return o, nil
}

// check verifies what a rating says by itself.
func (r *Rating) check() error {
	const op = "rating.Open"
	if len(r.Marks) == 0 || len(r.Marks) > contract.MaxTransfers {
		return sxp.Errorf(op, sxp.Invalid, r.About, "a rating is about 1 to %d transfers, this is about %d", contract.MaxTransfers, len(r.Marks))
	}
	last := 0
	for _, m := range r.Marks {
		if m.Transfer <= last || m.Transfer > contract.MaxTransfers {
			return sxp.Errorf(op, sxp.Invalid, r.About, "the marks of a rating are in the order of the transfers, each once")
		}
		last = m.Transfer
	}
	if r.Published <= 0 || r.Published > contract.MaxTime {
		return sxp.Errorf(op, sxp.Invalid, r.About, "a rating says when it was written")
	}
	return checkText(op, r.Text)
}

// Of checks the rating against the contract that it is about, and fails with
// sxp.Invalid if it is about another or marks what About did not have to give.
func (o *Opened) Of(c *contract.Report) error {
	const op = "rating.Of"
	if c.Kind != contract.ContractFile || c.M != o.M {
		return sxp.Errorf(op, sxp.Invalid, o.M, "the rating is about another contract")
	}
	for _, m := range o.Marks {
		if m.Transfer > len(c.Terms.Transfers) || c.Parties[c.Terms.Transfers[m.Transfer-1].From].ID != o.About {
			return sxp.Errorf(op, sxp.Invalid, o.About, "transfer %d of this contract is not given by who is rated for it", m.Transfer)
		}
	}
	return nil
}

// SignReply signs the answer of who was rated.
func SignReply(s envelope.Signer, to *Opened, r Reply) ([]byte, error) {
	if s.ID() != to.About {
		return nil, sxp.Errorf("rating.SignReply", sxp.Denied, to.Digest, "only who was rated replies to a rating")
	}
	r.Rating = to.Digest
	raw, err := envelope.Sign(s, TypeReply, &r)
	if err != nil {
		return nil, err
	}
	_, err = OpenReply(raw, to)
	return raw, err
}

// OpenReply verifies the answer to a rating.
func OpenReply(raw []byte, to *Opened) (*Reply, error) {
	const op = "rating.OpenReply"
	r := new(Reply)
	var by sxp.ID
	if len(raw) > MaxRating {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a reply has at most %d bytes, this has %d", MaxRating, len(raw))
	}
	if err := openPlain(raw, TypeReply, r, &by); err != nil {
		return nil, err
	}
	if by != to.About || r.Rating != to.Digest {
		return nil, sxp.Errorf(op, sxp.Invalid, by, "not a reply to this rating by who was rated")
	}
	if r.At <= 0 || r.At > contract.MaxTime || r.Text == "" {
		return nil, sxp.Errorf(op, sxp.Invalid, by, "a reply has a text and says when it was written")
	}
	if err := checkText(op, r.Text); err != nil {
		return nil, err
	}
	return r, nil
}

// Replies returns what was replied to the ratings of all, by their digest: of
// several replies to one the latest, of equal ones the first. What is no reply
// to any of them is passed over. Each is looked at once, however many ratings
// there are.
func Replies(all []*Opened, replies []sxp.Bytes) map[sxp.Hash]*Reply {
	to, last := map[sxp.Hash]*Opened{}, map[sxp.Hash]*Reply{}
	for _, r := range all {
		to[r.Digest] = r
	}
	for _, raw := range replies {
		var said Reply
		if _, err := envelope.Open(raw, TypeReply, &said); err != nil || to[said.Rating] == nil {
			continue
		}
		if reply, err := OpenReply(raw, to[said.Rating]); err == nil && (last[reply.Rating] == nil || reply.At > last[reply.Rating].At) {
			last[reply.Rating] = reply
		}
	}
	return last
}

// openPlain is envelope.Open for what nobody may countersign.
func openPlain(raw []byte, typ envelope.Type, v any, by *sxp.ID) error {
	const op = "rating.Open"
	m, err := envelope.Parse(raw)
	if err != nil {
		return err
	}
	if m.Type != typ || len(m.Countersignatures) != 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "the message is no plain %s", typ)
	}
	*by = m.Signer
	return envelope.Unmarshal(m.Payload, v)
}

// checkText accepts text that does not move or hide what stands around it.
func checkText(op, s string) error {
	if len(s) > MaxText {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the text has %d bytes, at most %d are allowed", len(s), MaxText)
	}
	hides := func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
	if !utf8.ValidString(s) || strings.ContainsFunc(s, hides) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the text is not UTF-8 without control characters")
	}
	return nil
}
