package agent

import (
	"context"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/identity"
	"sxp/market"
)

// propose does "propose": it reads the whole public boards, computes the best
// rings, and leaves a signed proposal of each, sealed, for its people.
func (a *Agent) propose(ctx context.Context, in ProposeDeals) (out Proposed, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return out, err
	}
	if err := a.refresh(ctx, m); err != nil {
		return out, err
	}
	s, err := a.newStalls(ctx, m, in.With)
	if err != nil {
		return out, err
	}
	charter := s.all[0].charter
	roll, err := a.proposalRoll(ctx, m, charter)
	if err != nil {
		return out, err
	}
	opt := draft.OptionsOf(charter)
	if in.MaxRing != 0 {
		opt.MaxRing = in.MaxRing
	}
	found, err := s.rings(ctx, a.now(), opt)
	if err != nil {
		return out, err
	}
	out = Proposed{Proposals: []string{}, Optimal: found.Optimal}
	for _, ring := range found.Rings {
		if in.Mine && !involves(ring, a.ID()) {
			continue
		}
		line, err := s.propose(ctx, draft.Input{Moves: ring, Market: m.ID, Roll: roll, Jury: charter.Terms.N, Mode: modeOf(in.Notary), Charters: s.charters()})
		if err != nil {
			a.log.Warn("a ring is not proposed", "err", err)
			continue
		}
		out.Rings++
		out.Proposals = append(out.Proposals, line)
	}
	a.nudge()
	return out, nil
}

func (a *Agent) proposalRoll(ctx context.Context, m *membership, c market.Charter) (*contract.OpenedRoll, error) {
	if c.Roll.IsZero() {
		return nil, sxp.Errorf("agent.propose", sxp.Early, m.ID, "%q has no jury roll yet, so nothing can be signed there: its founder publishes one with sxp market roll", m.Name)
	}
	return a.marketRoll(ctx, m, c.Roll)
}

func involves(ring []draft.Move, id sxp.ID) bool {
	for _, m := range ring {
		if m.From == id || m.To == id {
			return true
		}
	}
	return false
}

func modeOf(notary bool) contract.Mode {
	if notary {
		return contract.Notary
	}
	return contract.Optimistic
}

// signDraft signs a proposal, with the number of attempts that this person has
// seen among the same people.
func (a *Agent) signDraft(in draft.Input) (*contract.OpenedProposal, error) {
	p, err := a.signAttempt(&in)
	if err != nil {
		return nil, err
	}
	if _, party := p.Party(a.ID()); !party {
		return p, nil
	}
	before, err := a.attempts(p, in.Roll)
	if err != nil || before == 0 {
		return p, err
	}
	in.Attempt = max(in.Attempt, before+1)
	return a.signAttempt(&in)
}

func (a *Agent) signAttempt(in *draft.Input) (*contract.OpenedProposal, error) {
	in.Now = a.now()
	if _, err := a.cfg.Rand.Read(in.Nonce[:]); err != nil {
		return nil, sxp.Errorf("agent.propose", sxp.Internal, nil, "no randomness: %w", err)
	}
	p, err := draft.Proposal(*in)
	if err != nil {
		return nil, err
	}
	raw, err := contract.SignProposal(a.id, p)
	if err != nil {
		return nil, err
	}
	return contract.OpenProposal(raw)
}

// attempts counts the earlier ones among the people of p.
func (a *Agent) attempts(p *contract.OpenedProposal, r *contract.OpenedRoll) (int, error) {
	end, err := a.begin()
	if err != nil {
		return 0, err
	}
	defer end()
	me, err := a.profile()
	if err != nil {
		return 0, err
	}
	s, err := contract.NewSession(a.sessionConfig(&me), p, r)
	if err != nil {
		return 0, err
	}
	return a.ledger.Attempts(s.Entry(), a.now().Add(-a.limits.AttemptMemory)), nil
}

// mail leaves a proposal, sealed, with the market's board for one of its
// people.
func (a *Agent) mail(ctx context.Context, client *market.Client, to identity.Card, p *contract.OpenedProposal) error {
	sealed, err := draft.Seal(to, p.Raw, a.now())
	if err != nil {
		return err
	}
	_, err = client.Post(ctx, to.ID, sealed, p.ReleaseBefore().Sub(a.now()))
	return err
}

// ringLine says who gives to whom: "alice -> bob -> cyd -> alice", and of a
// chain "alice -> bob -> cyd". The moves are in the order in which the finder
// passes them, from taker to giver.
func ringLine(ring []draft.Move, cards []identity.Card) string {
	name := func(id sxp.ID) string {
		for _, c := range cards {
			if c.ID == id {
				return c.Label
			}
		}
		return id.Short()
	}
	var parts []string
	for _, m := range slices.Backward(ring) {
		parts = append(parts, name(m.From))
	}
	if len(ring) > 0 {
		parts = append(parts, name(ring[0].To))
	}
	return strings.Join(parts, " -> ")
}
