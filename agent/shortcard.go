package agent

import (
	"context"
	"errors"

	"sxp"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

// A card has some 5 KB: too much for a QR code, and for most messengers. A
// short link names the person and the relays; the card rests there.

// cardRetry is how long a relay that could not be reached is not bothered with
// the card again.
const cardRetry = sxp.Minute

// leaveCard leaves the newest card with the own relays, for whoever follows
// the short link. A relay that does not keep cards is no trouble: the file and
// the long link work without it.
func (a *Agent) leaveCard(ctx context.Context) {
	p, err := a.profile()
	if err != nil || a.now() < a.cardNext {
		return
	}
	for _, at := range p.Relays {
		if a.cardLeft[at] == p.Seq || a.rests(at.URL) {
			continue
		}
		_, err := ask[market.PutCard, bool](ctx, a, at, market.RequestPutCard, market.PutCard{Card: p.Card})
		if err != nil && unreachable(err) {
			a.cardNext = a.now().Add(cardRetry)
			continue
		}
		if err != nil {
			a.log.Debug("a relay does not keep the card", "relay", at.URL, "err", err)
		}
		a.cardLeft[at] = p.Seq
	}
}

// shortLink is the link to a card without the card.
func shortLink(f identity.File) (string, error) {
	f.Card = nil
	return f.Link()
}

// fetchCard returns the signed card of the person of a short link: the newest
// one that the relays named there have.
func (a *Agent) fetchCard(ctx context.Context, f identity.File) (newest []byte, err error) {
	const op = "agent.fetchCard"
	var seq uint64
	var failed error
	for _, text := range f.Relays {
		at, err := relay.ParseAddress(text)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		got, err := ask[market.GetCards, market.Cards](ctx, a, at, market.RequestGetCards, market.GetCards{IDs: []sxp.ID{f.ID}})
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, raw := range got.Cards {
			card, err := a.openCard(raw)
			if err == nil && card.ID != f.ID {
				err = sxp.Errorf(op, sxp.Invalid, f.ID, "%s gave the card of somebody else", at.URL)
			}
			if err != nil {
				failed = errors.Join(failed, err)
			} else if newest == nil || card.Seq > seq {
				newest, seq = raw, card.Seq
			}
		}
	}
	switch {
	case newest != nil:
		return newest, nil
	case failed != nil:
		return nil, failed
	}
	return nil, sxp.Errorf(op, sxp.NotFound, f.ID, "none of the relays in this link has the card of %q: ask for it as a file", f.Label)
}
