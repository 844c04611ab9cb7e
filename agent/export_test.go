package agent

import (
	"context"

	"sxp"
	"sxp/contract"
)

// FetchRoll takes the jury roll of a proposal as whoever gets one does.
func (a *Agent) FetchRoll(ctx context.Context, market sxp.ID, roll sxp.Hash) error {
	p := new(contract.OpenedProposal)
	p.Market, p.Roll = market, roll
	_, err := a.fetchRoll(ctx, p)
	return err
}
