package agent

import (
	"bytes"
	"context"
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/relay"
)

// Keys that others seal to. A card offers one key a week, cardWeeks ahead, so
// that a phone that is off for a fortnight can still be written to; a secret
// is erased keepKEM after its week, when no record sealed to it can be left at
// a relay.
const (
	cardWeeks = 4
	keepKEM   = recordTTL

	// peerAfter is how long after its deadline the people of a deal are still
	// heard: who was away may ask for the contract, and later gets it from the
	// jury.
	peerAfter = 90 * sxp.Day

	keyKEM  = "kem/"
	keyPeer = "peer/"
)

// kemRecord is one KEM secret, under "kem/<its id>".
type kemRecord struct {
	Seed  sxp.Bytes       `json:"seed,omitempty"` // empty: the first one, derived from the root
	Key   identity.KEMKey `json:"key"`
	First bool            `json:"first,omitempty"`
}

func (r *kemRecord) secret(root *identity.Root) *envelope.KEMSecret {
	if r.First {
		return root.KEM()
	}
	return envelope.NewKEMSecret([envelope.KEMSeedSize]byte(r.Seed))
}

// renewCard signs the next card for p: KEM keys for the weeks to come, those
// that ran out erased.
func (a *Agent) renewCard(t *tx, p *profile) error {
	now := a.now()
	keys, err := a.renewKEM(t, now)
	if err != nil {
		return err
	}
	card := identity.NewCard(a.cfg.Root, p.Label, now, now.Add(identity.KEMPeriod))
	card.KEM = keys
	card.Relays = addressTexts(p.Relays)
	p.Seq++
	card.Seq, card.Issued = p.Seq, now
	if p.Card, err = identity.SignCard(a.id, card); err != nil {
		return err
	}
	p.Renew = now.Add(identity.KEMPeriod)
	t.put(keyProfile, p)
	return nil
}

// renewKEM returns the keys of a card made at now, in order of time.
func (a *Agent) renewKEM(t *tx, now sxp.Time) ([]identity.KEMKey, error) {
	var keys []identity.KEMKey
	var gone []string
	if err := scan(t, keyKEM, func(key string, r *kemRecord) error {
		switch {
		case r.Key.Until.Add(keepKEM) < now:
			gone = append(gone, key)
		case now < r.Key.Until:
			keys = append(keys, r.Key)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for _, key := range gone {
		t.delete(key)
	}
	sortKEM(keys)
	from := now.Add(-sxp.Hour) // others' clocks may be behind
	if len(keys) > 0 {
		from = keys[len(keys)-1].Until
	}
	fresh := t.kv.Get(keyProfile) == nil
	for len(keys) < cardWeeks {
		r := &kemRecord{First: fresh, Key: identity.KEMKey{From: from, Until: from.Add(identity.KEMPeriod)}}
		fresh = false
		if !r.First {
			var seed [envelope.KEMSeedSize]byte
			if _, err := a.cfg.Rand.Read(seed[:]); err != nil {
				return nil, sxp.Errorf("agent.renewKEM", sxp.Internal, nil, "no randomness: %w", err)
			}
			r.Seed = seed[:]
		}
		r.Key.Public = r.secret(a.cfg.Root).Public()
		t.put(keyKEM+envelope.KEMKeyID(r.Key.Public).String(), r)
		keys = append(keys, r.Key)
		from = r.Key.Until
	}
	return keys, nil
}

func sortKEM(keys []identity.KEMKey) {
	for i := range keys {
		for j := i; j > 0 && keys[j].From < keys[j-1].From; j-- {
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
}

// unseal opens what others sealed to this person.
func (a *Agent) unseal(info string, sealed []byte) (plain []byte, err error) {
	err = a.mem.view(func(t *tx) error {
		find := func(id sxp.Hash) (*envelope.KEMSecret, bool) {
			var r kemRecord
			if !t.get(keyKEM+id.String(), &r) {
				return nil, false
			}
			return r.secret(a.cfg.Root), true
		}
		plain, err = envelope.Unseal(find, info, sealed)
		return err
	})
	return plain, err
}

// peer is somebody whose records the agent pulls: a contact, or a party of a
// deal. Everybody else's stay where they are, unread.
type peer struct {
	Card    sxp.Bytes `json:"card"`
	Contact bool      `json:"contact,omitempty"` // the person added them
	Until   sxp.Time  `json:"until,omitempty"`   // others: how long they are heard
	Pull    bool      `json:"pull,omitempty"`    // others: at their relays too, because the person has accepted a deal with them

	Verified bool `json:"verified,omitempty"` // the person has compared words with this identity
}

// heard reports whether what they write is read.
func (p *peer) heard(now sxp.Time) bool { return p.Contact || now < p.Until }

// openCard is identity.OpenCard with a memory: the proof in a card takes
// a millisecond to verify, and the same cards return in every round.
func (a *Agent) openCard(raw []byte) (identity.Card, error) {
	digest := sxp.Sum(raw)
	a.mu.Lock()
	card, ok := a.opened[digest]
	a.mu.Unlock()
	if ok {
		return card, nil
	}
	card, err := identity.OpenCard(raw)
	if err != nil {
		return card, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.opened) >= maxOpened {
		clear(a.opened)
	}
	a.opened[digest] = card
	return card, nil
}

// A meeting says why somebody becomes known.
type meeting struct {
	contact bool     // the person wants it
	until   sxp.Time // a deal needs it so long
	pull    bool     // the person has accepted that deal
}

// meet stores a card that comes with proof, unless a newer one is known. Where
// the person or their relays are new, what rests there is looked through
// again, for what they wrote before.
func (a *Agent) meet(t *tx, raw []byte, how meeting) (identity.Card, error) {
	card, err := a.openCard(raw)
	if err != nil || card.ID == a.ID() {
		return card, err
	}
	key := keyPeer + card.ID.String()
	var was peer
	known := t.get(key, &was)
	now := peer{Card: raw, Contact: was.Contact || how.contact, Until: max(was.Until, how.until), Pull: was.Pull || how.pull, Verified: was.Verified}
	before, err := a.openCard(was.Card)
	if known && err == nil && before.Seq >= card.Seq {
		now.Card, card = was.Card, before
	}
	if known && bytes.Equal(now.Card, was.Card) && now.Contact == was.Contact && now.Until == was.Until && now.Pull == was.Pull {
		return card, nil
	}
	t.put(key, &now)
	if !was.heard(a.now()) || !slices.Equal(before.Relays, card.Relays) || !was.Contact && now.Contact {
		for _, at := range card.Relays {
			var c cursor
			t.get(keyCursor+at, &c)
			t.put(keyCursor+at, &cursor{Back: c.Back + 1})
		}
	}
	return card, nil
}

// cardView answers "card".
func (a *Agent) cardView(context.Context, None) (v CardView, err error) {
	p, err := a.profile()
	if err != nil {
		return v, err
	}
	f, err := identity.FileOf(p.Card)
	if err != nil {
		return v, err
	}
	file, err := f.Marshal()
	if err != nil {
		return v, err
	}
	link, err := f.Link()
	if err != nil {
		return v, err
	}
	short, err := shortLink(f)
	return CardView{ID: a.ID(), Label: p.Label, Relays: addressTexts(p.Relays), Seq: p.Seq, Link: link, Short: short, File: string(file), Card: p.Card}, err
}

// addContact does "contact.add".
func (a *Agent) addContact(ctx context.Context, in AddContact) (v ContactView, err error) {
	const op = "agent.addContact"
	var f identity.File
	switch {
	case in.File != "" && in.Link == "" && in.ID.IsZero():
		f, err = identity.ParseFile([]byte(in.File))
	case in.Link != "" && in.File == "" && in.ID.IsZero():
		f, err = identity.ParseLink(in.Link)
	case in.ID == a.ID():
		err = sxp.Errorf(op, sxp.Invalid, nil, "this is your own card")
	case !in.ID.IsZero() && in.File == "" && in.Link == "":
		return a.addMet(ctx, in.ID, in.Market)
	default:
		err = sxp.Errorf(op, sxp.Invalid, nil, "give either a card file, a card link or the id of somebody you have met")
	}
	if err != nil {
		return v, err
	}
	if f.ID == a.ID() {
		return v, sxp.Errorf(op, sxp.Invalid, nil, "this is your own card")
	}
	if f.Card == nil && in.Link != "" {
		if f.Card, err = a.fetchCard(ctx, f); err != nil {
			return v, err
		}
	}
	if f.Card == nil {
		return v, sxp.Errorf(op, sxp.Invalid, f.ID, "this file has no signed card: ask %q for a new one", f.Label)
	}
	return a.addCard(f.Card)
}

// contacts answers "contacts".
func (a *Agent) contacts(context.Context, None) ([]ContactView, error) {
	out := []ContactView{}
	err := a.mem.view(func(t *tx) error {
		return scan(t, keyPeer, func(_ string, p *peer) error {
			card, err := a.openCard(p.Card)
			if err == nil && p.Contact {
				out = append(out, contactView(card, p))
			}
			return err
		})
	})
	return out, err
}

// setRelays does "relays.set".
func (a *Agent) setRelays(_ context.Context, in SetRelays) (v None, err error) {
	addresses, err := parseAddresses(in.Relays)
	if err != nil {
		return v, err
	}
	if len(addresses) == 0 {
		return v, sxp.Errorf("agent.setRelays", sxp.Invalid, nil, "name at least one relay: without one nobody can hear you")
	}
	err = a.mem.update(func(t *tx) error {
		var p profile
		t.get(keyProfile, &p)
		old := p.Relays
		p.Relays, p.Retired = union(addresses, nil), false
		if err := a.renewCard(t, &p); err != nil {
			return err
		}
		t.copyAgain()
		return a.tellCard(t, &p, old)
	})
	a.nudge()
	return v, err
}

// union returns the addresses of both lists, each once.
func union(a, b []relay.Address) (out []relay.Address) {
	for _, at := range slices.Concat(a, b) {
		if !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// tellCard sends the new card to all contacts, and to the people of accepted
// deals, over the old and new relays. Who cannot be written to, because their
// own card has run out, does not keep the others from it.
func (a *Agent) tellCard(t *tx, p *profile, old []relay.Address) error {
	via := union(p.Relays, old)
	if len(via) == 0 {
		return nil
	}
	var cards []identity.Card
	if err := scan(t, keyPeer, func(_ string, other *peer) error {
		card, err := a.openCard(other.Card)
		if other.Contact || other.Pull && other.heard(a.now()) {
			cards = append(cards, card)
		}
		return err
	}); err != nil {
		return err
	}
	for _, card := range cards {
		if err := a.post(t, card, letter{raw: p.Card, via: via}); err != nil {
			a.log.Warn("somebody does not get the new card", "who", card.ID, "err", err)
		}
	}
	return nil
}
