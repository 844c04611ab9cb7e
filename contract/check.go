package contract

import (
	"fmt"
	"math"
	"slices"

	"sxp"
)

// Limits are what one agent demands of a proposal before it shows it to its
// person, and again when the person accepts. Zero fields demand nothing,
// except Rolls: a roll by an issuer that is not in it is refused.
type Limits struct {
	Rolls         []sxp.ID     // issuers of rolls that the person trusts
	MaxParties    int          // people in one contract
	MinJury       int          // jurors, at least
	MaxJury       int          // jurors, at most
	MinDelta      sxp.Duration // Δ, besides what each juror publishes
	MinL          sxp.Duration // L, besides the roll's
	MinEpsilon    sxp.Duration // ε, besides the roll's
	MaxHorizon    sxp.Duration // how long promises bind without an outcome
	MaxAttempts   int          // among the same people within AttemptMemory
	AttemptMemory sxp.Duration // how long a failed attempt counts

	// RollNumbers are the highest roll numbers that were seen, by issuer. A
	// proposal with an older roll is refused: it may list who was since removed.
	RollNumbers map[sxp.ID]uint64
}

// DefaultLimits are for people who said nothing: any jury of a roll they
// trust, bound for at most a week, two attempts a month among the same people.
func DefaultLimits(rolls ...sxp.ID) Limits {
	return Limits{
		Rolls:         rolls,
		MaxParties:    sxp.MaxParties,
		MinJury:       1,
		MaxJury:       sxp.MaxJury,
		MaxHorizon:    7 * sxp.Day,
		MaxAttempts:   2,
		AttemptMemory: 30 * sxp.Day,
	}
}

// CheckProposal says why the agent of me must not accept p now, or nil. Kinds:
// Denied where a limit forbids it, Late where no time is left, Clock where the
// proposal comes from the future, NotFound where the roll cannot give the jury.
//
// ⚠ A proposal outside of what any juror of the roll serves is refused, even
// if the draw could pass that juror over: whoever chose a tiny Δ would
// otherwise choose the jury, or split its honest members.
func CheckProposal(p *OpenedProposal, r *OpenedRoll, l Limits, me sxp.ID, now sxp.Time) error {
	const op = "contract.CheckProposal"
	if _, ok := p.Party(me); !ok {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "you are not a party of this contract")
	}
	if r == nil || r.Digest != p.Roll {
		return sxp.Errorf(op, sxp.Denied, p.Roll, "the proposal draws its jury from a roll that is not known here")
	}
	if !slices.Contains(l.Rolls, r.Issuer) {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "the roll was issued by %s, whom you have not chosen to trust", r.Issuer.Short())
	}
	if newest := l.RollNumbers[r.Issuer]; r.Number < newest {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "the proposal draws its jury from roll %d of %s, there is roll %d since", r.Number, r.Issuer.Short(), newest)
	}
	if err := l.checkTimes(p, now); err != nil {
		return err
	}
	if err := l.checkSpans(p, r); err != nil {
		return err
	}
	if err := l.checkJury(p); err != nil {
		return err
	}
	if err := checkExcluded(r, p); err != nil {
		return err
	}
	for _, e := range eligible(r, p, nil) {
		if err := e.serves(&p.Proposal); err != nil {
			return err
		}
	}
	return canDraw(r, p)
}

// checkExcluded refuses proposals whose named operators and tribes exclude more
// than a few jurors. ⚠ Nobody can verify these names, and each takes a juror out
// of the pool: with honest jurors named as its tribes, a corrupt party would
// leave only its friends to be drawn.
func checkExcluded(r *OpenedRoll, p *OpenedProposal) error {
	named := map[sxp.ID]bool{}
	for i := range p.Parties {
		named[p.Parties[i].Operator] = true
		for _, t := range p.Parties[i].Tribes {
			named[t] = true
		}
	}
	for i := range p.Cards {
		delete(named, p.Cards[i].ID) // that it runs a juror is the juror's own word
	}
	all, gone := map[sxp.ID]bool{}, map[sxp.ID]bool{}
	for i := range r.Entries {
		e := &r.Entries[i]
		all[e.RunBy()] = true
		if named[e.ID] || named[e.RunBy()] {
			gone[e.RunBy()] = true
		}
	}
	if limit := max(len(p.Parties), len(all)/10); len(gone) > limit {
		return sxp.Errorf("contract.CheckProposal", sxp.Denied, p.Digest,
			"the operators and tribes that it names exclude %d of %d jurors' operators from the draw, at most %d may be", len(gone), len(all), limit)
	}
	return nil
}

func (l *Limits) checkTimes(p *OpenedProposal, now sxp.Time) error {
	const op = "contract.CheckProposal"
	if p.Created > now.Add(sxp.ClockSkew) {
		return sxp.Errorf(op, sxp.Clock, p.Digest, "the proposal was made at %v, here it is %v: one of the two clocks is wrong", p.Created, now)
	}
	if now >= p.ReleaseBefore() {
		return sxp.Errorf(op, sxp.Late, p.Digest, "this could be signed until %v", p.ReleaseBefore())
	}
	if h := p.Deadline.Sub(p.Created); l.MaxHorizon > 0 && h > l.MaxHorizon {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "it would bind you for %v without an outcome, you allow %v", h, l.MaxHorizon)
	}
	if l.MaxAttempts > 0 && p.Attempt > l.MaxAttempts {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "this is attempt %d among the same people, you allow %d", p.Attempt, l.MaxAttempts)
	}
	return nil
}

func (l *Limits) checkSpans(p *OpenedProposal, r *OpenedRoll) error {
	const op = "contract.CheckProposal"
	for _, s := range []struct {
		what      string
		got, want sxp.Duration
	}{
		{"Δ", p.Delta, l.MinDelta},
		{"L", p.L, max(l.MinL, r.L)},
		{"ε", p.Epsilon, max(l.MinEpsilon, r.Epsilon)},
		{"W", p.Patience, r.Patience},
	} {
		if s.got < s.want {
			return sxp.Errorf(op, sxp.Denied, p.Digest, "%s of %v is less than the %v that the roll and your limits demand", s.what, s.got, s.want)
		}
	}
	return nil
}

func (l *Limits) checkJury(p *OpenedProposal) error {
	const op = "contract.CheckProposal"
	switch {
	case l.MaxParties > 0 && len(p.Parties) > l.MaxParties:
		return sxp.Errorf(op, sxp.Denied, p.Digest, "%d people sign, you allow %d", len(p.Parties), l.MaxParties)
	case p.N < l.MinJury:
		return sxp.Errorf(op, sxp.Denied, p.Digest, "a jury of %d is smaller than the %d you demand", p.N, l.MinJury)
	case l.MaxJury > 0 && p.N > l.MaxJury:
		return sxp.Errorf(op, sxp.Denied, p.Digest, "a jury of %d is larger than the %d you allow", p.N, l.MaxJury)
	}
	// A smaller f or another t than usual would let fewer corrupt jurors win.
	if f, t := DefaultFaults(p.N); p.N%2 == 0 || p.F != f || p.T != t {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "a jury has an odd n with f = (n−1)/2 and t = f+1, not n=%d, t=%d, f=%d", p.N, p.T, p.F)
	}
	return nil
}

// Risk is the probability that more than f of n jurors drawn are corrupt when
// the share corrupt of a large pool is, times the attempts that were made:
// 0.104 for n=3, f=1 and a fifth.
func Risk(n, f int, corrupt float64, attempts int) float64 {
	if corrupt <= 0 || corrupt >= 1 { // where the logarithms have no value
		return map[bool]float64{true: 1}[corrupt >= 1 && n > f]
	}
	bad := 0.0
	for k := f + 1; k <= n; k++ {
		bad += math.Exp(logChoose(n, k) + float64(k)*math.Log(corrupt) + float64(n-k)*math.Log1p(-corrupt))
	}
	return min(1, bad*float64(max(attempts, 1)))
}

// RiskAway is Risk where a juror that is not corrupt is away, in the minutes
// after the deadline that count, with probability down: corrupt and absent
// jurors may together be no more than f. Outages are taken to be independent.
func RiskAway(n, f int, corrupt, down float64, attempts int) float64 {
	return Risk(n, f, corrupt+(1-corrupt)*down, attempts)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// fewJurors is the jury below which Warnings speaks up.
const fewJurors = 15

// Warnings lists what a person should know of a proposal that the limits let
// pass.
func Warnings(p *OpenedProposal) []string {
	var w []string
	switch {
	case p.Mode == Notary:
		w = append(w, "One notary completes this contract: if it cheats, it can leave you bound alone.")
	case p.N < fewJurors:
		w = append(w, fmt.Sprintf("The jury has a size of only %d: if a fifth of its roll is corrupt, it fails you with a probability of %.1f %%.", p.N, 100*Risk(p.N, p.F, 0.2, p.Attempt)))
	}
	if p.Attempt > 1 {
		w = append(w, fmt.Sprintf("This is attempt %d: somebody may be trying for a jury that suits them.", p.Attempt))
	}
	if h := p.Deadline.Sub(p.Created); h > 2*sxp.Day {
		w = append(w, fmt.Sprintf("Your promise would bind you for up to %v, while the last to promise can still choose.", h))
	}
	return w
}
