package contract

import "sxp"

// RollWorth is what a roll can say for itself, for people who ask whether its
// juries are worth their trust. Nothing in it is proved but the signatures:
// figures of conduct are the issuer's word, and operators are as many as the
// jurors and those who vouch for them say.
type RollWorth struct {
	Issuer    sxp.ID   `json:"issuer"`
	Number    uint64   `json:"number"`
	Issued    sxp.Time `json:"issued"`
	Rule      DrawRule `json:"rule"`
	Jurors    int      `json:"jurors"`
	Operators int      `json:"operators"` // that run them
	Tribes    int      `json:"tribes"`    // that sign for at least one of them; by lot, that the issuer names
	Proven    int      `json:"proven"`    // jurors with a record, see Conduct.Proven
	Faulty    int      `json:"faulty"`    // jurors that are proved to have broken their word
	Asked     int      `json:"asked"`     // times the issuer asked whether they are up
	Up        int      `json:"up"`        // of which they were
}

// UsualDown is how often a juror is taken to be away where its roll does not
// tell: one time in twenty. It is an assumption, and said to be one.
const UsualDown = 0.05

// Down returns which part of the time the jurors of the roll are away, from 0
// to 1, by what its issuer has recorded: (away + 1)/(asked + 2), never nothing.
// Where the issuer has asked fewer than 500 times it is UsualDown, and known
// false.
func (w RollWorth) Down() (share float64, known bool) {
	if w.Asked < provenAsked || w.Up > w.Asked {
		return UsualDown, false
	}
	return float64(w.Asked-w.Up+1) / float64(w.Asked+2), true
}

// Worth counts what the roll says of its jurors.
func (r *Roll) Worth() RollWorth {
	w := RollWorth{Issuer: r.Issuer, Number: r.Number, Issued: r.Issued, Rule: r.Rule(), Jurors: len(r.Entries)}
	operators, tribes := map[sxp.ID]bool{}, map[sxp.ID]bool{}
	for i := range r.Entries {
		e := &r.Entries[i]
		operators[e.RunBy()] = true
		for _, id := range e.Tribes {
			tribes[id] = true
		}
		w.Asked, w.Up = w.Asked+e.Conduct.Asked, w.Up+e.Conduct.Up
		if e.Conduct.Proven(r.Issued) {
			w.Proven++
		}
		if e.Conduct.Faults > 0 {
			w.Faulty++
		}
	}
	w.Operators, w.Tribes = len(operators), len(tribes)
	return w
}
