package fairness

import (
	"sxp"
	"sxp/contract"
)

// Outside lists what a proposal may ask for beyond what the roll's jurors serve,
// as Case.Outside names it: a smaller Δ, L, ε or W than the network keeps, more
// seats or parties, a longer horizon. Agents refuse it.
func Outside() []string {
	return []string{"delta", "l", "epsilon", "patience", "seats", "parties", "horizon"}
}

// canBeOutside reports whether a case is large enough to ask for less.
func (c *Case) canBeOutside() bool {
	return c.Outside != "seats" && c.Outside != "parties" || c.Outside == "seats" && c.Jurors > 1 || c.Outside == "parties" && c.Parties > 2
}

// serve has a roll's entry serve less than what will be asked.
func (k *worldKey) serve(e *contract.RollEntry) {
	switch k.outside {
	case "delta":
		e.DeltaMin = k.spans.Delta
	case "seats":
		e.MaxN = k.jurors - 1
	case "parties":
		e.MaxParties = k.parties - 1
	case "horizon":
		e.MaxHorizon = k.spans.Horizon - 1
	}
}

// tinyPart is how much smaller than what the roll says a span is.
const tinyPart = 8

// ask has a proposal ask for more than the roll serves.
func (k *worldKey) ask(p *contract.Proposal) {
	tiny := func(d *sxp.Duration) { *d = max(*d/tinyPart, 1) }
	switch k.outside {
	case "delta":
		tiny(&p.Delta)
	case "l":
		tiny(&p.L)
	case "epsilon":
		tiny(&p.Epsilon)
	case "patience":
		tiny(&p.Patience)
	}
}

// acceptOutside has corrupt parties accept what no agent does by itself.
func (a *adversary) acceptOutside() {
	if a.r.c.Outside == "" {
		return
	}
	for _, m := range a.parties() {
		a.at(start.Add(a.r.c.Tap+1), func() {
			if s := a.r.parties[m.N-1].m[0]; s != nil && s.View().Phase != contract.PhaseProposed {
				return
			}
			raw, _ := a.acceptance(m, 0, "outside", nil)
			for _, h := range a.honest() {
				a.r.note("an acceptance outside of the roll's limits")
				a.tells(m, h, 0, raw, a.r.now+1)
			}
		})
	}
}
