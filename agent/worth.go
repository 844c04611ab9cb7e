package agent

import (
	"sxp"
	"sxp/contract"
)

// JuryWorth is how far the jury of a deal can be trusted, besides DealView.Jury,
// Faults and Risk.
type JuryWorth struct {
	RiskOnce    float64             `json:"riskOnce"`       // DealView.Risk of one attempt alone
	RiskAway    float64             `json:"riskAway"`       // DealView.Risk if of the other jurors the part Down is away when it counts
	Down        float64             `json:"down"`           // the part of the time that jurors of the roll are away, 0 to 1
	DownKnown   bool                `json:"downKnown"`      // Down is what the roll recorded; else it is assumed
	MaxAttempts int                 `json:"maxAttempts"`    // among the same people, after which this agent refuses
	Memory      sxp.Duration        `json:"memory"`         // for how long a failed attempt counts
	Issuer      string              `json:"issuer"`         // name of the market that signed the roll
	Roll        *contract.RollWorth `json:"roll,omitempty"` // absent: the roll is not here yet
}

// worth says what the jury of p is worth.
func (a *Agent) worth(t *tx, p *contract.OpenedProposal) (JuryWorth, error) {
	w := JuryWorth{RiskOnce: contract.Risk(p.N, p.F, usualCorrupt, 1), MaxAttempts: a.limits.MaxAttempts, Memory: a.limits.AttemptMemory}
	r, err := a.roll(t, p.Roll)
	if err != nil {
		return w, err
	}
	var roll contract.RollWorth
	if r != nil {
		roll = r.Worth()
		w.Roll = &roll
	}
	w.Down, w.DownKnown = roll.Down()
	w.RiskAway = contract.RiskAway(p.N, p.N-p.T, usualCorrupt, w.Down, p.Attempt)
	if r == nil {
		return w, nil
	}
	var m membership
	if t.get(keyMarket+r.Issuer.String(), &m) {
		w.Issuer = m.Name
	}
	return w, nil
}
