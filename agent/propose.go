package agent

import (
	"context"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/identity"
	"sxp/market"
)

// propose does "propose": it reads the whole public board, computes the best
// rings, and leaves a signed proposal of each, sealed, for its people.
func (a *Agent) propose(ctx context.Context, in ProposeDeals) (out Proposed, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return out, err
	}
	if err := a.refresh(ctx, m); err != nil {
		return out, err
	}
	client, err := a.client(m)
	if err != nil {
		return out, err
	}
	charter, err := m.charter()
	if err != nil {
		return out, err
	}
	roll, err := a.proposalRoll(ctx, m, charter)
	if err != nil {
		return out, err
	}
	board := draft.NewBoard(charter)
	if _, err := client.Each(ctx, 0, board.Apply); err != nil {
		return out, err
	}
	found, err := board.Rings(a.now(), draft.Options{MaxRing: in.MaxRing})
	if err != nil {
		return out, err
	}
	out = Proposed{Proposals: []string{}, Optimal: found.Optimal}
	for _, ring := range found.Rings {
		if in.Mine && !involves(ring, a.ID()) {
			continue
		}
		line, err := a.proposeRing(ctx, m, client, charter, roll, ring)
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
		if m.From == id {
			return true
		}
	}
	return false
}

// proposeRing signs one proposal and posts it to all its people. It returns
// the ring in a line.
func (a *Agent) proposeRing(ctx context.Context, m *membership, client *market.Client, c market.Charter, roll *contract.OpenedRoll, ring []draft.Move) (string, error) {
	var people []sxp.ID
	for _, mv := range ring {
		people = append(people, mv.From, mv.To)
	}
	cards, err := a.cards(ctx, m, people)
	if err != nil {
		return "", err
	}
	in := draft.Input{Moves: ring, Cards: cards, Market: m.ID, Roll: roll, Jury: c.Terms.N, Now: a.now()}
	if _, err := a.cfg.Rand.Read(in.Nonce[:]); err != nil {
		return "", err
	}
	p, err := draft.Proposal(in)
	if err != nil {
		return "", err
	}
	raw, err := contract.SignProposal(a.id, p)
	if err != nil {
		return "", err
	}
	opened, err := p.Cards()
	if err != nil {
		return "", err
	}
	for _, card := range opened {
		sealed, err := draft.Seal(card, raw, a.now())
		if err != nil {
			return "", err
		}
		if _, err := client.Post(ctx, card.ID, sealed, p.ReleaseBefore().Sub(a.now())); err != nil {
			return "", err
		}
	}
	return ringLine(ring, opened), nil
}

// ringLine says who gives to whom: "alice -> bob -> cyd -> alice".
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
	for _, m := range ring {
		parts = append(parts, name(m.From))
	}
	if len(ring) > 0 {
		parts = append(parts, name(ring[len(ring)-1].To))
	}
	return strings.Join(parts, " -> ")
}
