package jury

import "sxp"

// Break switches off a rule of the jury by name, to show what breaks without it.
func (j *Juror) Break(rule string) {
	switch rule {
	case "":
	case "abstain after an outage":
		j.rules.outageMayVoid = true
	case "never void what was endorsed":
		j.rules.endorsedVoids = true
	case "never open what was voided":
		j.rules.voidedOpens = true
	case "void only after D + (f+1)Δ":
		j.rules.shortWindow = true
	case "nothing local decides":
		j.rules.refuse = func(sxp.Hash) bool { return true }
	case "check all equations":
		j.rules.ownColumnOnly = true
	case "check the own seat's key":
		j.rules.anyKey = true
	case "no countersignatures on endorsements":
		j.rules.stacked = true
	case "repeat often around D":
		j.rules.sparse = true
	case "the high-water mark":
		j.rules.trustClock = true
	case "forget what a wrong clock counted":
		j.rules.keepSpans = true
	case "open only what was passed on":
		j.rules.opensLate = true
	default:
		panic("no such rule: " + rule)
	}
}
