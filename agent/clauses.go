package agent

import (
	"context"

	"sxp"
	"sxp/contract"
	"sxp/identity"
)

// ComposeClauses asks for a deal made by hand with clauses of its own. Like
// Kept it is for programs that add it to their table.
type ComposeClauses struct {
	ComposeDeal

	Breach     string `json:"breach,omitempty"`     // what a party owes that does not deliver
	Conflict   string `json:"conflict,omitempty"`   // who settles a dispute
	Law        string `json:"law,omitempty"`        // governing law
	Arbitrator string `json:"arbitrator,omitempty"` // who settles a dispute, named as a person of a ComposeMove; no party. Conflict then says what they settle
}

// ComposeClauses is "propose.deal" with clauses. The arbitrator is told
// nothing: parties ask them before.
func (a *Agent) ComposeClauses(ctx context.Context, in ComposeClauses) (DealView, error) {
	deal := in.ComposeDeal
	deal.clauses = &contract.Terms{Breach: in.Breach, Conflict: in.Conflict, Law: in.Law}
	if in.Arbitrator != "" {
		var err error
		if deal.clauses.Conflict, err = a.arbitration(ctx, &in); err != nil {
			return DealView{}, err
		}
	}
	return a.compose(ctx, deal)
}

// arbitration returns the clause Conflict with the arbitrator by identity.
func (a *Agent) arbitration(ctx context.Context, in *ComposeClauses) (string, error) {
	c, err := a.newComposer(ctx, in.Market)
	if err != nil {
		return "", err
	}
	id, err := c.person(ctx, in.Arbitrator)
	if err != nil {
		return "", err
	}
	for _, x := range in.Transfers {
		for _, who := range []string{x.From, x.To} {
			if party, err := c.person(ctx, who); err == nil && party == id {
				return "", sxp.Errorf("agent.ComposeClauses", sxp.Invalid, id, "%s is a party: nobody arbitrates their own contract", in.Arbitrator)
			}
		}
	}
	card, err := identity.OpenCard(c.cards[id])
	if err != nil {
		return "", err
	}
	return contract.NameArbitrator(id, card.Label, in.Conflict), nil
}
