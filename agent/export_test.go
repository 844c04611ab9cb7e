package agent

import (
	"context"
	"testing"

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

// ProposalOf returns the signed proposal of a deal.
func (a *Agent) ProposalOf(t *testing.T, deal sxp.Hash) []byte {
	t.Helper()
	d, err := a.findDeal(deal.String())
	if err != nil {
		t.Fatal(err)
	}
	return d.Proposal
}

// TakeLetters takes letters as if they had come from their signer, in one
// transaction.
func (a *Agent) TakeLetters(t *testing.T, from sxp.ID, raws [][]byte) {
	t.Helper()
	if err := a.mem.update(func(x *tx) error {
		for _, raw := range raws {
			if err := a.takeLetter(x, from, raw); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
