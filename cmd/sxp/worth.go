package main

import (
	"fmt"
	"strconv"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
)

// referee says who completes the contract when somebody vanishes, and how far
// that can be trusted.
func referee(d agent.DealView) string {
	if d.Notary {
		return "one notary, who completes the contract at once and must be honest"
	}
	if d.Faults == 0 {
		return fmt.Sprintf("a jury of %d, who must be honest and there", d.Jury)
	}
	return fmt.Sprintf("a jury of %d, of whom %d may lie or be away without harm", d.Jury, d.Faults)
}

// fails says how likely the jury fails, and what is assumed for it; nothing
// for a deal that has ended.
func fails(d agent.DealView) string {
	if d.Notary || decided(d) {
		return ""
	}
	return fmt.Sprintf("wrong once in %s if a fifth of the list is corrupt; that it is a fifth nobody can measure", odds(d.Risk))
}

// failsAway is fails if jurors are away besides, and says how often that is and
// who says so.
func failsAway(d agent.DealView) string {
	if d.Notary || decided(d) {
		return ""
	}
	return fmt.Sprintf("or once in %s if besides %s", odds(d.Worth.RiskAway), absent(d.Worth.Down, d.Worth.DownKnown))
}

// absent says how often honest jurors are away.
func absent(down float64, known bool) string {
	s := strconv.FormatFloat(100*down, 'g', 2, 64) + " % of the honest are away when it counts, "
	if known {
		return s + "as often as the market found them away"
	}
	return s + "which is assumed: the market has asked them too rarely"
}

// ofList says how far the juries of a list can be trusted: of the usual size,
// or of as many operators as there are.
func ofList(w *contract.RollWorth) string {
	n := min(15, w.Operators-1+w.Operators%2)
	if n < 1 {
		return "nobody can be drawn from it"
	}
	f, _ := contract.DefaultFaults(n)
	down, known := w.Down()
	return fmt.Sprintf("a jury of %d from it is wrong once in %s if a fifth of it is corrupt, or once in %s if besides %s",
		n, odds(contract.Risk(n, f, 0.2, 1)), odds(contract.RiskAway(n, f, 0.2, down, 1)), absent(down, known))
}

// odds writes a probability as "once in" so many times.
func odds(p float64) string {
	if p <= 0 {
		return "never"
	}
	return strconv.FormatFloat(1/p, 'f', 0, 64)
}

// listWorth says what stands behind the list that the jury is drawn from.
func listWorth(r *contract.RollWorth, issuer string) string {
	if r == nil {
		return ""
	}
	by := issuer
	if by == "" {
		by = r.Issuer.Short()
	}
	how := "by lot"
	if r.Rule == contract.DrawByStrata {
		how = "by lot, spread over tribes"
	}
	return fmt.Sprintf("%s run by %s, %s; drawn %s; list %d of %s, of %s", counted(r.Jurors, "juror"), counted(r.Operators, "operator"), tribes(r), how, r.Number, show.Line(by), show.Clock(r.Issued))
}

func tribes(r *contract.RollWorth) string {
	switch {
	case r.Tribes == 0:
		return "no tribe vouches for them"
	case r.Rule == contract.DrawByStrata:
		return counted(r.Tribes, "tribe") + " signed for them"
	}
	return counted(r.Tribes, "tribe") + " named by the market"
}

// record says how the jurors of a list have done so far.
func record(r *contract.RollWorth) string {
	switch {
	case r == nil:
		return ""
	case r.Asked == 0:
		return "nobody has looked yet how reliable they are"
	}
	s := fmt.Sprintf("%d of %d known for two weeks or more and reliable; up %s %% of the times the market asked", r.Proven, r.Jurors, strconv.FormatFloat(100*float64(r.Up)/float64(r.Asked), 'f', 1, 64))
	if r.Faulty > 0 {
		s += fmt.Sprintf("; %d proved to have broken their word, never drawn", r.Faulty)
	}
	return s
}

// attempt says how often these people may try, and what each try costs.
func attempt(d agent.DealView) string {
	if d.Notary || d.Worth.MaxAttempts <= 0 {
		return ""
	}
	s := fmt.Sprintf("%d of at most %d among the same people within %s", d.Attempt, d.Worth.MaxAttempts, show.Span(d.Worth.Memory))
	if d.Attempt > 1 {
		s += fmt.Sprintf(": each draws another jury, so the risk adds up, from once in %s to once in %s", odds(d.Worth.RiskOnce), odds(d.Risk))
	}
	return s
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
