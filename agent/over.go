package agent

import (
	"context"
	"errors"
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
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
func (a *Agent) noteOver(t *tx, p *contract.OpenedProposal, evidence []byte) {
	var m membership
	if p.Market.IsZero() || !t.get(keyMarket+p.Market.String(), &m) || len(evidence) > draft.MaxEvidence {
		return
	}
	at, err := m.node()
	if err != nil || at.ID != p.Proposer {
		return
	}
	t.put(fmt.Sprintf("%s%012d", keyOutbox, t.next(numberOutbox)), &outgoing{
		Via: []relay.Address{at}, Made: a.now(), Over: &draft.Over{Proposal: p.Digest, Evidence: evidence},
	})
}

// noteEnd is noteOver for a deal whose machine has just ended with these
// actions.
func (a *Agent) noteEnd(t *tx, l *live, state string, actions []contract.Action) {
	evidence := l.decline
	switch state {
	case dealDeclined:
		for _, act := range actions {
			if s, ok := act.(contract.SendParties); ok && contract.TypeOf(s.Raw) == contract.TypeDecline {
				evidence = s.Raw
			}
		}
	case dealExpired:
	case dealVoid:
		var err error
		if evidence, err = l.s.File(); err != nil {
			a.log.Error("a void certificate cannot be written", "deal", l.id, "err", err)
			return
		}
	default:
		return
	}
	a.noteOver(t, l.s.Proposal(), evidence)
}

// tellOver brings a notice to the node. What the node will never take, or
// remembers no more, is done with.
func (a *Agent) tellOver(ctx context.Context, at relay.Address, o *draft.Over) error {
	_, err := ask[draft.Over, bool](ctx, a, at, draft.RequestOver, *o)
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
