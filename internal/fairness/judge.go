package fairness

import (
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// Facts are what a run came to, all that the judge looks at.
type Facts struct {
	Case    *Case
	Parties [][]*PartyFacts // by attempt, then by party
	Jurors  []*JurorFacts   // that anybody spoke to
	Juries  [][]int         // who was drawn, by attempt: numbers as in Member
	Exists  []Existence     // sessions whose contract somebody can complete

	QueryFrom sxp.Time // when the jury's outcome is first asked for
	Quiet     sxp.Time // from when on nothing is lost
	LastFault sxp.Time // when the last member came back; 0: none was away
	Disturbed bool     // something may be lost, cut off or away
	Taken     []string // bad rolls that an honest member takes, by what they list
	Swallowed []Member // honest jurors that took an invalid claim for valid
	Scheduled bool     // an exploration decided when messages arrive

	Messages int // sent, of all kinds but answers
	ToJurors int // of them to jurors
	Endless  bool
	Counts   map[string]int // how often what happened
}

// PartyFacts are what one party came to in one attempt.
type PartyFacts struct {
	Party     int
	Corrupt   bool
	Stopped   bool // for ever
	Restored  bool // from a backup
	CanAsk    bool // in the end it knows m, and its watcher has the contract
	Phase     contract.Phase
	Promised  bool
	Released  bool
	ByJury    bool
	M         sxp.Hash
	S         bls.G1
	Blames    []Member // whom it blamed
	Unproven  []string // why evidence of its own does not convict
	Concluded sxp.Time
}

// honest reports whether the properties promise this party something.
func (p *PartyFacts) honest() bool { return !p.Corrupt && !p.Stopped }

// JurorFacts are what one juror said.
type JurorFacts struct {
	Juror   int
	Corrupt bool
	Failing bool // corrupt, or away for long: one of the f
	Up      bool // throughout the time from D on
	Said    map[sxp.Hash]*Words
}

// Words are what a juror said of one session.
type Words struct{ Endorsed, Opened, Voided bool }

func (j *JurorFacts) words(m sxp.Hash) *Words {
	w := j.Said[m]
	if w == nil {
		w = new(Words)
		j.Said[m] = w
	}
	return w
}

// An Existence says that somebody can show a complete contract of a session.
type Existence struct {
	Attempt int
	M       sxp.Hash
}

// A Violation is a property that did not hold in a run.
type Violation struct {
	Property string `json:"property"`
	What     string `json:"what"`
}

// Judge states the properties and returns those that did not hold, in the
// order of docs/signing-proof.md. It is a fixed function of the facts.
func Judge(f *Facts) []Violation {
	var all []Violation
	for _, property := range []struct {
		name  string
		holds func(*Facts) []string
	}{
		{"fairness", fairness}, {"finality", finality}, {"timeliness", timeliness}, {"non-forgery", nonForgery}, {"optimism", optimism},
		{"agreement", agreement}, {"validity", validity}, {"memory", memory}, {"nothing twice", nothingTwice}, {"accountability", accountability},
	} {
		for _, what := range property.holds(f) {
			all = append(all, Violation{property.name, what})
		}
	}
	return all
}

// each calls do for every honest party in every attempt.
func (f *Facts) each(do func(attempt int, p *PartyFacts)) {
	for a := range f.Parties {
		for _, p := range f.Parties[a] {
			if p.honest() {
				do(a, p)
			}
		}
	}
}

// fairness: if anybody at all can make a verifying S of a session, every honest
// party of it ends done; and none ends void. One whose backup does not know all
// acceptances, and so no m to ask for, or whose watcher does not have it, may go
// on asking: to keep its disk is part of being honest.
func fairness(f *Facts) (bad []string) {
	for _, e := range f.Exists {
		for _, p := range f.Parties[e.Attempt] {
			if p.Restored && p.Phase == contract.PhaseUnsettled && !p.CanAsk {
				f.Counts["restored, and others have the contract"]++
				continue // it may have forgotten whom to ask, and is told so
			}
			if p.honest() && (p.Phase != contract.PhaseDone || p.M != e.M) {
				bad = append(bad, fmt.Sprintf("somebody has the contract of attempt %d, and p%d ends %q", e.Attempt+1, p.Party, p.Phase))
			}
		}
	}
	return bad
}

// finality: no honest party is told "never" of a contract that somebody has.
// It is part of fairness, and holds longer: also where an honest juror is away
// beside f corrupt ones.
func finality(f *Facts) (bad []string) {
	for _, e := range f.Exists {
		for _, p := range f.Parties[e.Attempt] {
			switch p.Phase {
			case contract.PhaseVoid, contract.PhaseLapsed, contract.PhaseDeclined:
				if p.honest() {
					bad = append(bad, fmt.Sprintf("somebody has the contract of attempt %d, and p%d was told never: %q", e.Attempt+1, p.Party, p.Phase))
				}
			}
		}
	}
	return bad
}

// timeliness: every honest party has an outcome once the jury can be asked. If
// more than n−t jurors were away around D nobody can certify a void, and only
// who may be free must not be kept from it.
func timeliness(f *Facts) (bad []string) {
	if f.Endless {
		bad = append(bad, "the run does not end")
	}
	_, t := contract.DefaultFaults(f.Case.Jurors)
	f.each(func(a int, p *PartyFacts) {
		able := f.able(a)
		switch p.Phase {
		case contract.PhaseProposed, contract.PhaseAccepted:
			bad = append(bad, fmt.Sprintf("p%d is still %q in attempt %d", p.Party, p.Phase, a+1))
		case contract.PhasePromised, contract.PhaseReleased:
			if able >= t {
				bad = append(bad, fmt.Sprintf("p%d is still %q in attempt %d, though %d of %d jurors were up", p.Party, p.Phase, a+1, able, f.Case.Jurors))
			}
		case contract.PhaseDone, contract.PhaseVoid:
			if limit := f.QueryFrom.Add(f.slack()); !f.Disturbed && !f.Scheduled && p.Concluded > limit {
				bad = append(bad, fmt.Sprintf("p%d waits for an outcome until %d ms after the start, %d ms too long", p.Party, p.Concluded-start, p.Concluded-limit))
			}
		}
	})
	return bad
}

// able counts the jurors of an attempt that can vote void.
func (f *Facts) able(attempt int) int {
	n := f.Case.Jurors
	for _, j := range f.Jurors {
		if slices.Contains(f.Juries[attempt], j.Juror) && (j.Corrupt || !j.Up) {
			n--
		}
	}
	return n
}

// slack is what an answer takes after it can be had: clocks, a question and its
// answer, twice where a void came first and S later.
func (f *Facts) slack() sxp.Duration {
	c := f.Case
	return c.Spans.Epsilon + 4*c.Net.Delay + c.Spans.L/2 + sxp.Duration(c.Jurors+8)*2*c.Net.Service + 10
}

// nonForgery: nobody has a contract that an honest party did not promise.
func nonForgery(f *Facts) (bad []string) {
	for _, e := range f.Exists {
		for _, p := range f.Parties[e.Attempt] {
			if p.honest() && !p.Promised {
				bad = append(bad, fmt.Sprintf("somebody has the contract of attempt %d, which p%d never promised", e.Attempt+1, p.Party))
			}
		}
	}
	return bad
}

// optimism: where nobody fails and messages are quicker than patience, all have
// the contract and no juror ever hears of it.
func optimism(f *Facts) (bad []string) {
	c := f.Case
	s := c.Spans
	quick := 6*c.Net.Delay < s.Patience && c.Tap+6*c.Net.Delay < s.Horizon-s.L-2*s.Epsilon-s.Patience
	if f.Disturbed || f.Scheduled || !quick || c.Notary || c.Second > 0 || c.Outside != "" || c.Beyond != "" || len(c.Corrupt.Parties) > 0 || len(c.Decline) > 0 {
		return nil
	}
	f.Counts["honest and quick"]++
	if f.ToJurors > 0 {
		bad = append(bad, fmt.Sprintf("%d messages to jurors in an honest run", f.ToJurors))
	}
	f.each(func(_ int, p *PartyFacts) {
		if p.Phase != contract.PhaseDone {
			bad = append(bad, fmt.Sprintf("p%d ends %q in an honest run", p.Party, p.Phase))
		}
	})
	return bad
}

// agreement: of one session, no juror that was there opens while another votes
// void; and with what the corrupt ones can add there are not both certificates.
func agreement(f *Facts) (bad []string) {
	for _, m := range f.spoken() {
		var opened, voided, failed, opens, voids int
		for _, j := range f.Jurors {
			w := j.Said[m]
			switch {
			case j.Corrupt:
				failed++
			case w == nil:
			case w.Opened:
				opens++
				if !j.Failing {
					opened++
				}
			case w.Voided:
				voids++
				if !j.Failing {
					voided++
				}
			}
		}
		_, t := contract.DefaultFaults(f.Case.Jurors)
		if opened > 0 && voided > 0 {
			bad = append(bad, fmt.Sprintf("%d honest jurors opened and %d voted void", opened, voided))
		}
		if opens+failed >= t && voids+failed >= t && opens > 0 && voids > 0 {
			bad = append(bad, fmt.Sprintf("%d jurors opened, %d voted void and %d are corrupt: both certificates can be made", opens, voids, failed))
		}
	}
	return bad
}

// spoken returns the sessions that honest jurors spoke of, in order.
func (f *Facts) spoken() []sxp.Hash {
	var out []sxp.Hash
	for _, j := range f.Jurors {
		for m := range j.Said {
			if !j.Corrupt && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(a, b sxp.Hash) int { return slices.Compare(a[:], b[:]) })
	return out
}

// validity: no honest juror opens for a claim that is none, and nobody honest
// takes a roll with keys that are not proved or not distinct.
func validity(f *Facts) (bad []string) {
	for _, m := range f.Swallowed {
		bad = append(bad, fmt.Sprintf("%s completes what is no valid claim", m))
	}
	for _, what := range f.Taken {
		bad = append(bad, "a roll is taken that lists "+what)
	}
	return bad
}

// memory: no honest juror ever endorses or opens and votes void, whatever it
// forgot.
func memory(f *Facts) (bad []string) {
	for _, j := range f.Jurors {
		for _, w := range j.Said {
			if !j.Corrupt && (w.Endorsed || w.Opened) && w.Voided {
				bad = append(bad, fmt.Sprintf("j%d endorsed or opened, and voted void", j.Juror))
			}
		}
	}
	return bad
}

// nothingTwice: no two attempts over the same things both have a contract,
// unless all who would give twice are corrupt.
func nothingTwice(f *Facts) (bad []string) {
	attempts := map[int]bool{}
	for _, e := range f.Exists {
		attempts[e.Attempt] = true
	}
	honest := slices.ContainsFunc(f.Parties[0], func(p *PartyFacts) bool { return p.honest() })
	if len(attempts) > 1 && honest {
		bad = append(bad, "two attempts over the same things have a contract each")
	}
	return bad
}

// accountability: whoever an honest party blames is corrupt, and the evidence
// it shows convicts.
func accountability(f *Facts) (bad []string) {
	corrupt := map[Member]bool{}
	for _, i := range f.Case.Corrupt.Parties {
		corrupt[Member{Party, i}] = true
	}
	for _, j := range f.Case.Corrupt.Jurors {
		corrupt[Member{Juror, j}] = true
	}
	for a := range f.Parties {
		for _, p := range f.Parties[a] {
			if p.Corrupt {
				continue
			}
			for _, b := range p.Blames {
				if !corrupt[b] {
					bad = append(bad, fmt.Sprintf("p%d blames %s, which is honest", p.Party, b))
				}
			}
			for _, why := range p.Unproven {
				bad = append(bad, fmt.Sprintf("the evidence of p%d does not convict: %s", p.Party, why))
			}
		}
	}
	return bad
}
