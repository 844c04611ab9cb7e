package agent

import (
	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
)

// checkParty reports whether a letter that names a deal is heard: its writer
// and this person are parties of it, and this person has accepted it, has
// written to its parties, or has the writer among the contacts. wait says that
// it may be heard later.
func (a *Agent) checkParty(t *tx, from sxp.ID, deal sxp.Hash, contact bool) (wait bool, err error) {
	const op = "agent.takeLetter"
	var d dealRecord
	if !t.get(keyDeal+deal.String(), &d) {
		return true, nil // it may have overtaken the proposal
	}
	p, err := a.proposalOf(&d)
	if err != nil {
		return false, err
	}
	if _, party := p.Party(from); !party {
		return false, sxp.Errorf(op, sxp.Denied, from, "the message names deal %d, where its writer is no party", d.Number)
	}
	if d.State == dealRefused && !contact {
		return false, sxp.Errorf(op, sxp.Denied, from, "the message names deal %d, which was refused", d.Number)
	}
	return !contact && !a.listens(t, &d, p), nil
}

// keyHeard holds the deals whose parties may write to this person, under
// "heard/<digest>".
const keyHeard = "heard/"

// listens reports whether this person has accepted the deal at some time, or
// has written to its parties.
func (a *Agent) listens(t *tx, d *dealRecord, p *contract.OpenedProposal) bool {
	switch d.State {
	case dealAccepted, dealPromised, dealSigned, dealVoid, dealUnsettled:
		return true
	}
	me, _ := p.Party(a.ID())
	return me < len(d.Accepted) && d.Accepted[me] || t.get(keyHeard+d.ID.String(), new(bool))
}

// keepEarlyLetter keeps a letter of a deal that is not known or not accepted
// yet. It takes at most half of the room, so that letters do not keep out what
// the signing needs.
func keepEarlyLetter(t *tx, now sxp.Time, deal sxp.Hash, raw []byte) error {
	of := keyEarly + deal.String() + "/"
	key := of + envelope.Digest(raw).String()
	if t.kv.Get(key) != nil {
		return nil
	}
	if len(t.keys(of)) >= maxEarlyOf/2 || len(t.keys(keyEarly)) >= maxEarly/2 {
		return sxp.Errorf("agent.takeLetter", sxp.Full, deal, "too many messages of deals that the person has not accepted")
	}
	_, writer, err := envelope.Peek(raw)
	if err != nil {
		return err
	}
	own, all := len(raw), len(raw)
	if err := scan(t, keyEarly, func(_ string, m *earlyMessage) error {
		if typ, from, err := envelope.Peek(m.Raw); err == nil && typ == TypeLetter {
			all += len(m.Raw)
			if from == writer {
				own += len(m.Raw)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if own > maxEarlyOfWriter || all > maxEarlyLetters {
		return sxp.Errorf("agent.takeLetter", sxp.Full, deal, "too much is written in deals that the person has not accepted")
	}
	t.put(key, &earlyMessage{At: now, Raw: raw})
	return nil
}

// hearParties lets the parties of a deal be heard from now on, with the letters
// that waited for it.
func (a *Agent) hearParties(t *tx, p *contract.OpenedProposal) error {
	if err := a.meetParties(t, p, true); err != nil {
		return err
	}
	t.put(keyHeard+p.Digest.String(), true)
	t.stay()
	return a.takeEarlyLetters(t, p.Digest)
}

// takeEarlyLetters takes the letters of a deal that waited and need not any
// more; those that nobody will hear go.
func (a *Agent) takeEarlyLetters(t *tx, deal sxp.Hash) error {
	waiting := map[string]sxp.Bytes{}
	if err := scan(t, keyEarly+deal.String()+"/", func(key string, m *earlyMessage) error {
		if isLetter(m.Raw) {
			waiting[key] = m.Raw
		}
		return nil
	}); err != nil {
		return err
	}
	for key, raw := range waiting {
		_, from, err := envelope.Peek(raw)
		var p peer
		var wait bool
		if err == nil {
			t.get(keyPeer+from.String(), &p)
			wait, err = a.checkParty(t, from, deal, p.Contact)
		}
		if wait {
			continue
		}
		t.delete(key)
		if err == nil {
			err = a.takeLetter(t, from, raw)
		}
		if err != nil {
			a.log.Warn("a letter that waited for its deal is of no use", "deal", deal, "err", err)
		}
	}
	return nil
}

func isLetter(raw []byte) bool {
	typ, _, err := envelope.Peek(raw)
	return err == nil && typ == TypeLetter
}

// sendInDeal writes to all other parties of a deal, and from then on hears
// them.
func (a *Agent) sendInDeal(t *tx, in SendMessage) (v MessageView, err error) {
	const op = "agent.send"
	d, err := findDealIn(t, in.Deal)
	if err != nil {
		return v, err
	}
	p, err := a.proposalOf(d)
	if err != nil {
		return v, err
	}
	if d.State == dealRefused {
		return v, sxp.Errorf(op, sxp.Late, d.ID, "deal %d was refused%s", d.Number, because(d.Why))
	}
	var to []identity.Card
	var missed []sxp.ID
	for _, card := range p.Cards {
		if card.ID == a.ID() {
			continue
		}
		if known, ok := a.newestCard(t, card.ID); ok && known.Seq > card.Seq {
			card = known
		}
		if _, err := card.SealKey(a.now()); err != nil {
			missed = append(missed, card.ID)
			continue
		}
		to = append(to, card)
	}
	if len(to) == 0 {
		return v, sxp.Errorf(op, sxp.Late, d.ID, "the cards of all other parties of deal %d have expired: ask them for new ones", d.Number)
	}
	l := a.compile(in)
	l.Deal = d.ID
	if v, err = a.write(t, to, l, []string{d.ID.String()}); err != nil {
		return v, err
	}
	v.Missed = a.peopleViews(t, missed)
	return v, a.hearParties(t, p)
}
