package identity

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// TypeCard is the type of a signed Card.
const TypeCard envelope.Type = "sxp.card/1"

// Types gives the payloads of this package's messages, for envelope.ToJSON.
func Types() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{TypeCard: func() any { return new(Card) }}
}

// A KEMKey is a key that others seal to between two moments.
type KEMKey struct {
	Public envelope.KEMPublic `json:"public"`
	From   sxp.Time           `json:"from"`  // not before
	Until  sxp.Time           `json:"until"` // not at or after; the owner erases the secret once messages sealed before have expired
}

// A Card is what somebody says about themselves: signed by the ID it is about.
// The label is their own choice and proves nothing.
type Card struct {
	Label       string   `json:"label"`       // 1 to sxp.MaxLabel bytes, one printable line
	ID          sxp.ID   `json:"id"`          // the signer
	ContractKey bls.G2   `json:"contractKey"` // X, signs contracts
	Proof       bls.G1   `json:"proof"`       // that the owner of ID knows the secret of X, for role "party"
	KEM         []KEMKey `json:"kem"`         // ascending by From; at most MaxKEMKeys
	Relays      []string `json:"relays"`      // where to write to the owner: absolute URLs, best first; at most MaxRelays
	Seq         uint64   `json:"seq"`         // from 1; a card with a higher number replaces this
	Issued      sxp.Time `json:"issued"`      // the owner's clock; informs, decides nothing
}

// NewCard fills a card's keys from a root: ID, ContractKey, Proof, and the
// first KEM key for the time given. The caller adds Relays.
func NewCard(r *Root, label string, now, until sxp.Time) Card {
	id, contract, kem := r.Signing().ID(), r.Contract(), r.KEM()
	defer contract.Erase()
	defer kem.Erase()
	return Card{
		Label:       label,
		ID:          id,
		ContractKey: contract.Public(),
		Proof:       contract.ProvePossession(bls.RoleParty, id),
		KEM:         []KEMKey{{Public: kem.Public(), From: now, Until: until}},
		Seq:         1,
		Issued:      now,
	}
}

// SignCard returns the signed card. It fails like OpenCard for a card that
// OpenCard would refuse.
func SignCard(s envelope.Signer, c Card) (raw []byte, err error) {
	const op = "identity.SignCard"
	if err := c.check(op, s.ID()); err != nil {
		return nil, err
	}
	if raw, err = envelope.Sign(s, TypeCard, c); err != nil {
		return nil, err
	}
	if len(raw) > MaxCard {
		return nil, sxp.Errorf(op, sxp.TooLarge, c.ID, "a card has at most %d bytes, this has %d", MaxCard, len(raw))
	}
	return raw, nil
}

// OpenCard reads a signed card. It fails with Invalid unless the card is
// signed by the identity it is about, proves possession of the contract key
// and keeps the rules written at Card, and with TooLarge beyond a limit.
// Countersignatures were verified too; envelope.Parse lists them.
func OpenCard(raw []byte) (Card, error) {
	const op = "identity.OpenCard"
	if len(raw) > MaxCard {
		return Card{}, sxp.Errorf(op, sxp.TooLarge, nil, "a card has at most %d bytes, this has %d", MaxCard, len(raw))
	}
	var c Card
	signer, err := envelope.Open(raw, TypeCard, &c)
	if err != nil {
		return Card{}, err
	}
	if err := c.check(op, signer); err != nil {
		return Card{}, err
	}
	return c, nil
}

// check verifies the rules, the cheap ones first.
func (c *Card) check(op string, signer sxp.ID) error {
	if c.ID != signer {
		return sxp.Errorf(op, sxp.Invalid, c.ID, "the card of one identity is signed by another, %s", signer)
	}
	if err := checkLabel(op, c.Label); err != nil {
		return err
	}
	if err := checkRelays(op, c.Relays); err != nil {
		return err
	}
	if c.Seq == 0 {
		return sxp.Errorf(op, sxp.Invalid, c.ID, "cards are numbered from 1")
	}
	if c.Issued < 0 {
		return sxp.Errorf(op, sxp.Invalid, c.ID, "the card is issued before 1970")
	}
	if err := c.checkKEM(op); err != nil {
		return err
	}
	if err := bls.VerifyPossession(bls.RoleParty, c.ID, c.ContractKey, c.Proof); err != nil {
		return sxp.Errorf(op, sxp.Invalid, c.ID, "contract key: %w", err)
	}
	return nil
}

func (c *Card) checkKEM(op string) error {
	if len(c.KEM) > MaxKEMKeys {
		return sxp.Errorf(op, sxp.TooLarge, c.ID, "a card lists at most %d KEM keys, this lists %d", MaxKEMKeys, len(c.KEM))
	}
	for i, k := range c.KEM {
		if err := envelope.CheckKEMPublic(k.Public); err != nil {
			return sxp.Errorf(op, sxp.Invalid, c.ID, "KEM key %d: %w", i+1, err)
		}
		if k.From < 0 || k.Until <= k.From {
			return sxp.Errorf(op, sxp.Invalid, c.ID, "KEM key %d is valid from %s until %s, which is never", i+1, k.From, k.Until)
		}
		if k.Until.Sub(k.From) > MaxKEMSpan {
			return sxp.Errorf(op, sxp.TooLarge, c.ID, "KEM key %d is valid for %s; at most %s are allowed", i+1, k.Until.Sub(k.From), MaxKEMSpan)
		}
		if i > 0 && k.From <= c.KEM[i-1].From {
			return sxp.Errorf(op, sxp.Invalid, c.ID, "KEM key %d does not start after the one before", i+1)
		}
		for _, o := range c.KEM[:i] {
			if bytes.Equal(o.Public, k.Public) {
				return sxp.Errorf(op, sxp.Invalid, c.ID, "KEM key %d is listed twice", i+1)
			}
		}
	}
	return nil
}

// SealKey returns the key to seal to now: of those that are valid, the one
// that became so last. It fails with Late if all have run out and with Early
// if none has begun: the owner has a newer card, or one clock is wrong.
func (c Card) SealKey(now sxp.Time) (envelope.KEMPublic, error) {
	const op = "identity.SealKey"
	for i := len(c.KEM) - 1; i >= 0; i-- {
		if k := c.KEM[i]; k.From <= now && now < k.Until {
			return bytes.Clone(k.Public), nil
		}
	}
	if len(c.KEM) == 0 {
		return nil, sxp.Errorf(op, sxp.NotFound, c.ID, "the card lists no KEM key: nothing can be sealed to %q", c.Label)
	}
	if first := c.KEM[0].From; now < first {
		return nil, sxp.Errorf(op, sxp.Early, c.ID, "the first KEM key of this card is valid from %s, and it is %s: check the clock", first, now)
	}
	return nil, sxp.Errorf(op, sxp.Late, c.ID, "no KEM key of this card is valid at %s: ask for a newer card than number %d", now, c.Seq)
}

// CheckSuccessor decides between two signed cards: nil if next may stand where
// old stood. It fails with Replay if next has a lower number, with Conflict if
// it has the same number and differs in more than countersignatures (its owner
// signed two cards with one number), with Denied if it is of another identity,
// and like OpenCard if one is no card.
func CheckSuccessor(old, next []byte) error {
	const op = "identity.CheckSuccessor"
	was, err := OpenCard(old)
	if err != nil {
		return err
	}
	is, err := OpenCard(next)
	if err != nil {
		return err
	}
	switch {
	case is.ID != was.ID:
		return sxp.Errorf(op, sxp.Denied, is.ID, "not the card of %s", was.ID)
	case is.Seq < was.Seq:
		return sxp.Errorf(op, sxp.Replay, is.ID, "card number %d is older than number %d", is.Seq, was.Seq)
	case is.Seq == was.Seq && envelope.Digest(old) != envelope.Digest(next):
		return sxp.Errorf(op, sxp.Conflict, is.ID, "two different cards have number %d", is.Seq)
	}
	return nil
}

// checkLabel keeps names on one line and free of characters that reorder or
// hide text. Joiners are needed by some scripts and emoji.
func checkLabel(op, label string) error {
	if len(label) > sxp.MaxLabel {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a label has at most %d bytes, this has %d", sxp.MaxLabel, len(label))
	}
	const zwnj, zwj = 0x200c, 0x200d
	for _, r := range label {
		if !unicode.IsPrint(r) && r != zwnj && r != zwj || r == utf8.RuneError {
			return sxp.Errorf(op, sxp.Invalid, nil, "the label %q has a character that does not print", label)
		}
	}
	if label == "" || label[0] == ' ' || label[len(label)-1] == ' ' {
		return sxp.Errorf(op, sxp.Invalid, nil, "the label %q is empty, or starts or ends with a space", label)
	}
	return nil
}
