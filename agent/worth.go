package agent

import (
	"sxp"
	"sxp/contract"
)

// JuryWorth is how far the jury of a deal can be trusted, besides DealView.Jury,
// Faults and Risk.
type JuryWorth struct {
	RiskOnce    float64             `json:"riskOnce"`       // DealView.Risk of one attempt alone
	MaxAttempts int                 `json:"maxAttempts"`    // among the same people, after which this agent refuses
	Memory      sxp.Duration        `json:"memory"`         // for how long a failed attempt counts
	Issuer      string              `json:"issuer"`         // name of the market that signed the roll
	Roll        *contract.RollWorth `json:"roll,omitempty"` // absent: the roll is not here yet
}

// worth says what the jury of p is worth.
func (a *Agent) worth(t *tx, p *contract.OpenedProposal) (JuryWorth, error) {
	w := JuryWorth{RiskOnce: contract.Risk(p.N, p.F, usualCorrupt, 1), MaxAttempts: a.limits.MaxAttempts, Memory: a.limits.AttemptMemory}
	r, err := a.roll(t, p.Roll)
	if err != nil || r == nil {
		return w, err
	}
	roll := r.Worth()
	w.Roll = &roll
	var m membership
	if t.get(keyMarket+r.Issuer.String(), &m) {
		w.Issuer = m.Name
	}
	return w, nil
}
