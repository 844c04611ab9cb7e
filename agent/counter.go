package agent

import (
	"context"
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/market"
)

// counter does "deal.counter": it proposes other terms to the same people, and
// says no to the proposal that it answers, with the new one's digest.
func (a *Agent) counter(ctx context.Context, in CounterDeal) (v DealView, err error) {
	const op = "agent.counter"
	if len(in.Transfers) == 0 {
		return v, sxp.Errorf(op, sxp.Invalid, nil, "a deal says who gives what to whom")
	}
	if len(in.Why) > contract.MaxReason/2 {
		return v, sxp.Errorf(op, sxp.TooLarge, nil, "a reason has at most %d bytes, this has %d", contract.MaxReason/2, len(in.Why))
	}
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return v, err
	}
	if d.State != dealProposed {
		return v, sxp.Errorf(op, sxp.Late, d.ID, "deal %d is %s%s: only a proposal that you have not answered can be answered with another", d.Number, d.State, because(d.Why))
	}
	old, err := a.proposalOf(d)
	if err != nil {
		return v, err
	}
	if err := noSecrets(old, in.Transfers); err != nil {
		return v, err
	}
	p, c, err := a.draftCounter(ctx, old, in)
	if err != nil {
		return v, err
	}
	if err := c.send(ctx, p); err != nil {
		return v, err
	}
	if v, err = a.takeOwn(ctx, p, false); err != nil {
		return v, err
	}
	why := "answered with proposal " + p.Digest.Short()
	if in.Why != "" {
		why += ": " + in.Why
	}
	// The new proposal is out: that the old one could not be declined any more
	// is no reason to say that nothing was done.
	if _, err := a.decide(ctx, DealRef{Deal: d.ID.String(), Why: why}, false); err != nil {
		a.log.Warn("the proposal that was answered could not be declined", "deal", d.ID, "err", err)
	}
	a.nudge()
	return v, nil
}

// draftCounter signs a proposal that answers old. What the request does not
// speak of stays as it was: jury, mode, time to sign.
func (a *Agent) draftCounter(ctx context.Context, old *contract.OpenedProposal, in CounterDeal) (*contract.OpenedProposal, *composer, error) {
	c, err := a.newComposer(ctx, old.Market.String())
	if err != nil {
		return nil, nil, err
	}
	d := draft.Input{
		Cards: c.cards, Market: c.m.ID, Roll: c.roll, Jury: old.N, Mode: old.Mode, Within: old.Deadline.Sub(old.Created),
		Notes: old.Terms.Notes, Clauses: &old.Terms, Replaces: old.Digest,
	}
	d.Charters = map[sxp.ID]market.Charter{c.m.ID: c.charter}
	for _, m := range old.Terms.Markets { // that they say this is checked by their people's agents
		if m.Market != c.m.ID {
			d.Charters[m.Market] = market.Charter{Market: m.Market, Name: m.Name, Policy: m.Policy}
		}
	}
	if in.Notes != nil {
		d.Notes = *in.Notes
	}
	for i := range old.Cards {
		c.known(old, i)
	}
	for _, x := range in.Transfers {
		mv, err := c.counterMove(ctx, old, x)
		if err != nil {
			return nil, nil, err
		}
		d.Moves = append(d.Moves, mv)
	}
	if err := samePeople(old, d.Moves); err != nil {
		return nil, nil, err
	}
	if d.Attempt, err = a.counterAttempt(old); err != nil {
		return nil, nil, err
	}
	p, err := a.signDraft(d)
	return p, c, err
}

// known gives the composer the card of a party of an earlier proposal, or the
// newest one that is known here.
func (c *composer) known(p *contract.OpenedProposal, i int) {
	raw, id := p.Parties[i].Card, p.Cards[i].ID
	err := c.a.mem.view(func(t *tx) error {
		var k peer
		var me profile
		if id == c.a.ID() && t.get(keyProfile, &me) {
			raw = me.Card
		} else if card, ok := c.a.newestCard(t, id); ok && card.Seq > p.Cards[i].Seq && t.get(keyPeer+id.String(), &k) {
			raw = k.Card
		}
		return nil
	})
	if err == nil {
		c.cards[id] = raw
	}
}

// counterMove is move, for which the parties of the old proposal are known by
// name, and its things by their words or announcement.
func (c *composer) counterMove(ctx context.Context, old *contract.OpenedProposal, x ComposeMove) (mv draft.Move, err error) {
	if mv.From, err = c.party(ctx, old, x.From); err != nil {
		return mv, err
	}
	if mv.To, err = c.party(ctx, old, x.To); err != nil {
		return mv, err
	}
	if mv.From == mv.To {
		return mv, sxp.Errorf("agent.compose", sxp.Invalid, nil, "%q goes from somebody to the same person: say from whom and to whom", x.Item)
	}
	mv.Due, mv.Delivery = x.Due, x.Delivery
	o := continued(old, mv, x.Item)
	if o == nil {
		return mv, c.item(ctx, &mv, x.Item)
	}
	mv.Item, mv.Ref, mv.Market, mv.Source = o.Item, o.ItemRef, o.Market, o.Source
	if old.Cards[o.To].ID != mv.To {
		return mv, nil
	}
	if mv.Due == 0 {
		mv.Due = max(o.Due.Sub(old.Deadline), 0)
	}
	if mv.Delivery == "" {
		mv.Delivery = o.Delivery
	}
	return mv, nil
}

// continued returns the transfer of the old proposal that gives the thing that
// item names, to the same person if there is one; nil if there is none.
func continued(old *contract.OpenedProposal, mv draft.Move, item string) (found *contract.Transfer) {
	for i := range old.Terms.Transfers {
		o := &old.Terms.Transfers[i]
		named := item == o.Item.String() || !o.ItemRef.IsZero() && item == o.ItemRef.String()
		if old.Cards[o.From].ID != mv.From || !named {
			continue
		}
		if old.Cards[o.To].ID == mv.To {
			return o
		}
		if found == nil {
			found = o
		}
	}
	return found
}

// party finds somebody whom a counter-proposal names: a party of the old one
// first.
func (c *composer) party(ctx context.Context, old *contract.OpenedProposal, ref string) (id sxp.ID, err error) {
	if ref == "" || ref == "me" {
		return c.a.ID(), nil
	}
	found := 0
	for i := range old.Cards {
		if old.Cards[i].ID.String() == ref {
			return old.Cards[i].ID, nil
		}
		if old.Cards[i].Label == ref {
			id = old.Cards[i].ID
			found++
		}
	}
	switch found {
	case 0:
		return c.person(ctx, ref)
	case 1:
		return id, nil
	}
	return id, sxp.Errorf("agent.counter", sxp.Invalid, nil, "%d people of the deal are named %q: use the id", found, ref)
}

// samePeople refuses an answer to other people than those who were asked.
func samePeople(old *contract.OpenedProposal, moves []draft.Move) error {
	const op = "agent.counter"
	var people []sxp.ID
	for _, mv := range moves {
		people = append(people, mv.From, mv.To)
	}
	for _, id := range people {
		if _, ok := old.Party(id); !ok {
			return sxp.Errorf(op, sxp.Invalid, id, "%s is no party of the proposal that you answer: propose a new deal to other people", id.Short())
		}
	}
	for _, card := range old.Cards {
		if !slices.Contains(people, card.ID) {
			return sxp.Errorf(op, sxp.Invalid, card.ID, "%s gives and gets nothing any more: propose a new deal to the others", card.Label)
		}
	}
	return nil
}

// counterAttempt is the number of the attempt that an answer to p is. Where
// somebody has accepted p, saying no to it is an attempt of its own, which
// those who accepted count.
func (a *Agent) counterAttempt(p *contract.OpenedProposal) (int, error) {
	end, err := a.begin()
	if err != nil {
		return 0, err
	}
	defer end()
	l := a.live[p.Digest]
	if l == nil {
		return 0, sxp.Errorf("agent.counter", sxp.NotFound, p.Digest, "the proposal is not under way any more")
	}
	n := a.ledger.Attempts(l.s.Entry(), a.now().Add(-a.limits.AttemptMemory)) + 1
	if slices.Contains(l.s.View().Accepted, true) {
		n++
	}
	return n, nil
}

// differencesOf compares a proposal with the one that it says it replaces.
func (a *Agent) differencesOf(t *tx, p *contract.OpenedProposal) ([]Difference, error) {
	if p.Replaces.IsZero() {
		return nil, nil
	}
	var d dealRecord
	if !t.get(keyDeal+p.Replaces.String(), &d) {
		return []Difference{{What: "unknown", Text: fmt.Sprintf("It says that it replaces the proposal %s, which is not known here: read all of it.", p.Replaces.Short())}}, nil
	}
	old, err := a.proposalOf(&d)
	if err != nil {
		return nil, err
	}
	return differences(old, p), nil
}
