package agent

import (
	"context"
	"errors"

	"sxp"
	"sxp/identity"
)

// person answers "person".
func (a *Agent) person(ctx context.Context, in PersonRef) (v PersonDetail, err error) {
	if in.ID.IsZero() {
		return v, sxp.Errorf("agent.person", sxp.Invalid, nil, "say who: the id of somebody")
	}
	raw, p, err := a.cardOf(ctx, in.ID, in.Market)
	if err != nil {
		return v, err
	}
	card, err := a.openCard(raw)
	if err != nil {
		return v, err
	}
	f, err := identity.FileOf(raw)
	if err != nil {
		return v, err
	}
	v = PersonDetail{
		ID: in.ID, Name: card.Label, Contact: p.Contact, Verified: p.Verified, Me: in.ID == a.ID(),
		Words: []string{}, Relays: append([]string{}, card.Relays...),
	}
	if !v.Me {
		v.Words = identity.PairWords(a.ID(), in.ID)
	}
	v.Link, err = f.Link()
	return v, err
}

// cardOf returns somebody's signed card, and what is known of them here: one
// that is here, or the one that a market's node has.
func (a *Agent) cardOf(ctx context.Context, id sxp.ID, at string) (raw sxp.Bytes, p peer, err error) {
	const op = "agent.person"
	err = a.mem.view(func(t *tx) error {
		if id == a.ID() {
			var me profile
			t.get(keyProfile, &me)
			raw = me.Card
		} else if t.get(keyPeer+id.String(), &p) {
			raw = p.Card
		}
		return nil
	})
	if err != nil || raw != nil {
		return raw, p, err
	}
	list := []*membership{}
	if at != "" {
		m, err := a.marketOf(ctx, at)
		if err != nil {
			return nil, p, err
		}
		list = append(list, m)
	} else if list, err = a.memberships(); err != nil {
		return nil, p, err
	}
	var last error
	for _, m := range list {
		found, err := a.cards(ctx, m, []sxp.ID{id})
		if err != nil {
			last = errors.Join(last, err)
			continue
		}
		if found[id] == nil {
			continue
		}
		card, err := a.openCard(found[id])
		if err == nil && card.ID != id {
			err = sxp.Errorf(op, sxp.Invalid, id, "the node of %q gave the card of somebody else", m.Name)
		}
		return found[id], p, err
	}
	if last != nil {
		return nil, p, last
	}
	return nil, p, sxp.Errorf(op, sxp.NotFound, id, "nobody here knows the card of %s: ask for it", id.Short())
}

// changeContact changes what is known of a contact.
func (a *Agent) changeContact(ref string, f func(t *tx, p *peer) error) (v ContactView, err error) {
	err = a.mem.update(func(t *tx) error {
		card, err := a.findContact(t, ref)
		if err != nil {
			return err
		}
		var p peer
		t.get(keyPeer+card.ID.String(), &p)
		if !p.Contact {
			return sxp.Errorf("agent.contact", sxp.NotFound, card.ID, "%s is not among your contacts", card.Label)
		}
		if err := f(t, &p); err != nil {
			return err
		}
		t.put(keyPeer+card.ID.String(), &p)
		v = contactView(card, &p)
		return nil
	})
	return v, err
}

func contactView(card identity.Card, p *peer) ContactView {
	return ContactView{ID: card.ID, Label: card.Label, Relays: append([]string{}, card.Relays...), Seq: card.Seq, Verified: p.Verified}
}

// verifyContact does "contact.verify".
func (a *Agent) verifyContact(_ context.Context, in VerifyContact) (ContactView, error) {
	return a.changeContact(in.Contact, func(_ *tx, p *peer) error {
		p.Verified = in.Verified
		return nil
	})
}

// removeContact does "contact.remove".
func (a *Agent) removeContact(_ context.Context, in ContactRef) (v None, err error) {
	_, err = a.changeContact(in.Contact, func(_ *tx, p *peer) error {
		p.Contact, p.Verified = false, false
		return nil
	})
	return v, err
}

// addMet makes somebody a contact whom the person has met at a market or in a
// deal.
func (a *Agent) addMet(ctx context.Context, id sxp.ID, at string) (v ContactView, err error) {
	raw, _, err := a.cardOf(ctx, id, at)
	if err != nil {
		return v, err
	}
	return a.addCard(raw)
}

// addCard makes the owner of a signed card a contact.
func (a *Agent) addCard(raw []byte) (v ContactView, err error) {
	err = a.mem.update(func(t *tx) error {
		card, err := a.meet(t, raw, meeting{contact: true})
		if err != nil {
			return err
		}
		var p peer
		if !t.get(keyPeer+card.ID.String(), &p) {
			return sxp.Errorf("agent.addCard", sxp.Internal, card.ID, "the card was not stored")
		}
		v = contactView(card, &p)
		return nil
	})
	a.nudge()
	return v, err
}
