package agent

import (
	"context"
	"errors"
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/relay"
)

// noteOver queues a notice for the market's node that a deal which its finder
// proposed is over, inside the transaction that ends it: the node then lets its
// people be found for others. Of what others proposed nobody holds anything.
//
// The evidence is a decline, the own or another party's, or a void certificate.
// Without one the notice itself is this person's word that no promise of theirs
// is in it. ⚠ Only a session that ended before the own promise says that; one
// of a backup, of which another device may know more, ends otherwise.
//
// broke are the parties by whom it ended, as far as is known here: the node
// looks for something without them first.
func (a *Agent) noteOver(t *tx, p *contract.OpenedProposal, evidence []byte, broke ...sxp.ID) {
	var m membership
	if p.Market.IsZero() || !t.get(keyMarket+p.Market.String(), &m) || len(evidence) > draft.MaxEvidence {
		return
	}
	at, err := m.node()
	if err != nil || at.ID != p.Proposer {
		return
	}
	t.put(fmt.Sprintf("%s%012d", keyOutbox, t.next(numberOutbox)), &outgoing{
		Via: []relay.Address{at}, Made: a.now(), Over: &draft.Over{Proposal: p.Digest, Evidence: evidence, Broke: broke},
	})
}

// noteEnd is noteOver for a deal whose machine has just ended.
//
// ⚠ The reason of a decline is for the other parties only. So the own decline is
// signed once more without it, and of another's that gives one the node hears
// only that the deal is over.
func (a *Agent) noteEnd(t *tx, l *live, state string) {
	var evidence []byte
	var err error
	broke := a.brokeIt(l, state)
	switch state {
	case dealDeclined:
		evidence, err = envelope.Sign(a.id, contract.TypeDecline, &contract.Decline{Proposal: l.id})
	case dealExpired:
		evidence = l.decline
	case dealVoid:
		evidence, err = l.s.File()
	default:
		return
	}
	if err != nil {
		a.log.Error("that a deal is over cannot be shown", "deal", l.id, "err", err)
		evidence = nil
	}
	a.noteOver(t, l.s.Proposal(), evidence, broke...)
}

// brokeIt says by whom a deal ended: who declined, else who has not accepted,
// else who has not promised. A person who let it lapse themself is among them.
func (a *Agent) brokeIt(l *live, state string) (out []sxp.ID) {
	switch {
	case state == dealDeclined:
		return []sxp.ID{a.ID()}
	}
	if _, party := l.s.Proposal().Party(l.decliner); party {
		return []sxp.ID{l.decliner}
	}
	v := l.s.View()
	for _, did := range [][]bool{v.Accepted, v.Promised} {
		for i, card := range l.s.Proposal().Cards {
			if !did[i] {
				out = append(out, card.ID)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// signerOf returns who signed a message whose signature was verified before.
func signerOf(raw []byte) sxp.ID {
	_, id, err := envelope.Peek(raw)
	if err != nil {
		return sxp.ID{}
	}
	return id
}

// silent returns a decline that gives no reason, of others nothing.
func silent(raw []byte) []byte {
	var d contract.Decline
	if _, err := envelope.Open(raw, contract.TypeDecline, &d); err != nil || d.Reason != "" {
		return nil
	}
	return raw
}

// tellOver brings a notice to the node. What the node will never take, or
// remembers no more, is done with.
func (a *Agent) tellOver(ctx context.Context, at relay.Address, o *draft.Over) error {
	_, err := ask[draft.Over, bool](ctx, a, at, draft.RequestOver, *o)
	if errors.Is(err, sxp.Invalid) && len(o.Broke) > 0 {
		plain := draft.Over{Proposal: o.Proposal, Evidence: o.Evidence} // a node of before there was more
		_, err = ask[draft.Over, bool](ctx, a, at, draft.RequestOver, plain)
	}
	remote := (*relay.RemoteError)(nil)
	if !errors.As(err, &remote) {
		return err
	}
	switch sxp.KindOf(err) {
	case sxp.NotFound, sxp.Denied, sxp.Invalid, sxp.Unsupported, sxp.TooLarge:
		a.log.Info("a node does not take a notice that a deal is over", "deal", o.Proposal, "node", at.URL, "err", err)
		return nil
	}
	return err
}
