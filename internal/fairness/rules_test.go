package fairness

import (
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/internal/bls"
)

// breakRule switches off a rule of a machine that its own package keeps for its
// tests: a field of the struct rules of contract.Session or jury.Juror.
func breakRule(machine any, rule string) {
	f := reflect.ValueOf(machine).Elem().FieldByName("rules").FieldByName(rule)
	if f.Kind() != reflect.Bool {
		panic("there is no rule " + rule)
	}
	*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
}

// sessionsWithout and jurorsWithout are all honest machines with rules off.
func sessionsWithout(names ...string) func(*rules) {
	return func(off *rules) {
		off.session = func(s *contract.Session) {
			for _, rule := range names {
				breakRule(s, rule)
			}
		}
	}
}

func jurorsWithout(rule string) func(*rules) {
	return func(off *rules) { off.juror = func(j *jury.Juror) { breakRule(j, rule) } }
}

// A usefulRule is one without which a plot, or with none named any, breaks a
// property within so many schedules.
type usefulRule struct {
	rule     string
	off      func(*rules)
	plot     string
	help     []string    // plots that go with it
	shape    func(*Case) // makes the break more likely, within the assumptions
	real     bool
	size     [2]int // parties and jurors; zero: up to 4 and 5
	beyond   string // the assumption without which the property holds, too
	property string
	within   uint64
}

// draw draws a case for the rule: with a corrupt party and f corrupt jurors, if
// there is a plot.
func (u *usefulRule) draw(seed uint64) *Case {
	rg := small()
	if u.size[0] > 0 {
		rg = Range{MaxParties: u.size[0], MaxJurors: u.size[1], Exact: true}
	}
	rg.Real, rg.Beyond = u.real, u.beyond
	if u.plot != "" {
		rg.Plots = append([]string{u.plot}, u.help...)
	}
	c := Draw(3_000_000+seed, rg)
	if u.plot != "" {
		c.Corrupt.Plots = rg.Plots
		if len(c.Corrupt.Parties) == 0 {
			c.Corrupt.Parties = []int{c.Parties}
		}
		for j := 1; len(c.Corrupt.Jurors) < c.F(); j++ {
			if !slices.Contains(c.Corrupt.Jurors, j) {
				c.Corrupt.Jurors = append(c.Corrupt.Jurors, j)
			}
		}
		c.Crashes = slices.DeleteFunc(c.Crashes, func(x Crash) bool { return x.Who.Kind == Juror && x.Back != 1 && u.beyond == "" })
	}
	if u.shape != nil {
		u.shape(c)
	}
	return c
}

// find returns the first case that breaks the property without the rule, not
// with it, and not without the plot either.
func (u *usefulRule) find(t *testing.T) {
	with, without := NewLab(), NewLab()
	u.off(&without.off)
	for seed := range u.within {
		c := u.draw(seed)
		if c.Check() != nil || !breaks(must(without.Play(c, false)), u.property) {
			continue
		}
		if o := must(with.Play(c, true)); breaks(o, u.property) || u.beyond == "" && len(o.Broken) > 0 {
			t.Fatalf("with the rule it breaks too: %v\n%s%s", o.Broken, Header(c), o.Talk)
		}
		idle := c.clone()
		idle.Corrupt.Plots = u.help
		if u.plot != "" && breaks(must(without.Play(idle, false)), u.property) {
			continue
		}
		t.Logf("%s breaks after %d schedules: %s", u.property, seed+1, c)
		return
	}
	t.Errorf("without the rule %d schedules keep %s: this does not show what it is for", u.within, u.property)
}

// restoredAt has honest parties that are away come back without their disk,
// from the copy that is so many writes old.
func restoredAt(old int) func(*Case) {
	return func(c *Case) {
		for i := range c.Crashes {
			if x := &c.Crashes[i]; x.Who.Kind == Party && x.Back > 0 {
				x.Backup = old
			}
		}
	}
}

// TestRulesOfBackups: an agent that starts from a backup knows that it does, and
// has no opening of a commitment.
func TestRulesOfBackups(t *testing.T) {
	t.Parallel()
	for _, u := range []usefulRule{
		{rule: "what comes from a backup is stale: it would accept again", off: func(off *rules) { off.fresh = true },
			shape: restoredAt(6), property: "accountability", within: 500},
		{rule: "what comes from a backup is stale, and no opening is in it: it would take what it promised in for lapsed", off: func(off *rules) { off.fresh, off.copied = true, true },
			shape: restoredAt(3), property: "finality", within: 1000},
	} {
		t.Run(u.rule, func(t *testing.T) {
			t.Parallel()
			u.find(t)
		})
	}
}

// TestRestoredParties: honest parties that lose their disk at any write and
// message, and start from a backup of any age, keep everybody else's properties,
// are never told "never" of a contract that exists, sign nothing twice, and
// nearly always end with the contract that others have.
func TestRestoredParties(t *testing.T) {
	t.Parallel()
	l, counts := NewLab(), map[string]int{}
	for seed := range uint64(2500) {
		c := Draw(2_000_000+seed, small())
		if len(c.Crashes) == 0 || len(c.Corrupt.Parties) == 0 {
			continue
		}
		restoredAt(1 + int(seed)%3)(c)
		o := must(l.Play(c, false))
		if len(o.Broken) > 0 {
			report(t, l, c, o)
		}
		for what, n := range o.Counts {
			counts[what] += n
		}
	}
	for what, least := range map[string]int{"restored from a backup": 400, "restored proposed": 40, "restored accepted": 40, "restored promised": 40, "restored released": 20, "restored done": 10} {
		if counts[what] < least {
			t.Errorf("%q happened %d times, want at least %d", what, counts[what], least)
		}
	}
	if n := counts["restored, and others have the contract"]; n > counts["restored from a backup"]/50 {
		t.Errorf("%d of %d that were restored go without a contract that others have", n, counts["restored from a backup"])
	}
}

// sendsNo switches off what is no switch of a machine: honest members do not
// send something.
func sendsNo(of func(r *run, o *out) bool) func(*rules) {
	return func(off *rules) { off.sends = func(r *run, o *out) bool { return !of(r, o) } }
}

func claims(_ *run, o *out) bool { return o.kind == claiming }

func passedOn(_ *run, o *out) bool { return o.kind == forwarding }

// toMore are requests to more than f jurors, or to more than f+1.
func toMore(than int) func(*run, *out) bool {
	return func(r *run, o *out) bool {
		return (o.kind == claiming || o.kind == asking) && o.seat > r.c.F()+than
	}
}

// lax takes what of a kind it is given for good.
type lax struct {
	contract.Algebra
	draws, commitments, promises, shares, signatures, keys bool
}

func unverified(what lax) func(*rules) {
	return func(off *rules) {
		off.algebra = func(a contract.Algebra) contract.Algebra {
			l := what
			l.Algebra = a
			return &l
		}
	}
}

func (l *lax) Possession(id sxp.ID, x bls.G2, proof bls.G1) error {
	if l.keys {
		return nil
	}
	return l.Algebra.Possession(id, x, proof)
}

func (l *lax) JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	if l.keys {
		return nil
	}
	return l.Algebra.JurorKey(id, y, z, proof)
}

func (l *lax) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	if l.draws {
		return nil
	}
	return l.Algebra.Draw(x, proposal, draw)
}

func (l *lax) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	if l.commitments {
		return nil
	}
	return l.Algebra.Commitment(x, c, n, t)
}

func (l *lax) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	if l.promises {
		return nil
	}
	return l.Algebra.Promises(m, zs, checks)
}

func (l *lax) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	if l.shares {
		return nil
	}
	return l.Algebra.Shares(m, checks)
}

func (l *lax) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	if l.signatures {
		return nil
	}
	return l.Algebra.Session(x, m, sig)
}

func (l *lax) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	if l.signatures {
		return nil
	}
	return l.Algebra.Aggregate(m, xs, s)
}

// longAway has the honest juror that is away miss all of a session that it was
// told of.
func longAway(c *Case) {
	for i := range c.Crashes {
		c.Crashes[i].Effect, c.Crashes[i].Before, c.Crashes[i].Back = 1, true, c.Spans.Horizon
	}
}

// plotRules has for each plot a rule without which it breaks something.
func plotRules() []usefulRule {
	again := func(c *Case) {
		if s := c.Spans; c.Second == 0 {
			c.Second = (s.Horizon - s.L - s.Epsilon - s.Patience) / 2
		}
	}
	return []usefulRule{
		{plot: "selective", size: [2]int{2, 3}, rule: "claims are filed", off: sendsNo(claims), property: "fairness"},
		{plot: "vanish", rule: "claims are filed", off: sendsNo(claims), property: "fairness"},
		{plot: "keep result", rule: "claims are filed", off: sendsNo(claims), property: "fairness"},
		{plot: "half", rule: "claims are filed", off: sendsNo(claims), property: "fairness"},
		{plot: "edge", rule: "what is accepted is passed on", off: sendsNo(passedOn), property: "fairness"},
		{plot: "spread", rule: "what is accepted is passed on", off: sendsNo(passedOn), property: "fairness"},
		{plot: "no forward", size: [2]int{2, 3}, rule: "claims go to all jurors", off: sendsNo(toMore(0)), property: "fairness"},
		{plot: "mute", rule: "all jurors are asked", off: sendsNo(toMore(1)), property: "timeliness"},
		{plot: "seal lips", rule: "all jurors are asked", off: sendsNo(toMore(1)), property: "timeliness"},
		{plot: "late promise", size: [2]int{2, 3}, rule: "release only before T_c − W", off: sessionsWithout("releaseLate"), help: []string{"keep result"}, property: "fairness"},
		{plot: "watcher only", size: [2]int{2, 1}, rule: "ask the watcher for a result", off: sessionsWithout("watcherUnasked"), property: "fairness"},
		{plot: "decline after", rule: "a decline does not end what a lost device may have promised", off: sessionsWithout("staleLapses"), shape: restoredAt(99), property: "finality"},
		{plot: "attempts", rule: "no second promise over the same things", off: sessionsWithout("promiseTwice"), shape: again, property: "nothing twice"},
		{plot: "reuse", rule: "no second promise over the same things", off: sessionsWithout("promiseTwice"), shape: again, property: "nothing twice"},
		{plot: "wrong promise", rule: "verify all promises", off: unverified(lax{promises: true}), property: "fairness"},
		{plot: "flood", rule: "verify all of a claim", off: unverified(lax{promises: true, shares: true}), property: "validity"},
		{plot: "forge", rule: "verify signatures", off: unverified(lax{signatures: true}), property: "non-forgery"},
		{plot: "false shares", rule: "verify opened shares", off: unverified(lax{shares: true}), property: "fairness"},
		{plot: "grind", rule: "verify each draw share", off: unverified(lax{draws: true}), help: []string{"vanish"}, property: "fairness"},
		{plot: "false void", rule: "abstain after an outage", off: jurorsWithout("outageMayVoid"), help: []string{"edge"}, beyond: "outage", size: [2]int{2, 3}, shape: longAway, property: "finality"},
		{plot: "amnesia", rule: "abstain after an outage", off: jurorsWithout("outageMayVoid"), help: []string{"edge"}, beyond: "outage", size: [2]int{2, 3}, shape: longAway, property: "finality"},
		{plot: "ask early", rule: "void only after D + (f+1)Δ", off: jurorsWithout("shortWindow"), help: []string{"split"}, property: "agreement"},
		{plot: "split", rule: "void only after D + (f+1)Δ", off: jurorsWithout("shortWindow"), help: []string{"ask early"}, property: "agreement"},
		{plot: "ladder", rule: "void only after D + (f+1)Δ", off: jurorsWithout("shortWindow"), help: []string{"ask early", "half"}, property: "agreement"},
		{plot: "wrong clock", rule: "void only after D + (f+1)Δ", off: jurorsWithout("shortWindow"), help: []string{"ask early", "half"}, property: "agreement"},
		{plot: "tamper", rule: "check all equations", off: jurorsWithout("ownColumnOnly"), help: []string{"half"}, size: [2]int{2, 3}, property: "accountability"},
		{plot: "oracle", rule: "check the own seat's key", off: jurorsWithout("anyKey"), property: "validity", real: true},
		{plot: "zero seat", rule: "verify commitments", off: unverified(lax{commitments: true}), help: []string{"keep result", "mute"}, property: "fairness", real: true},
		{plot: "bad roll", rule: "verify proofs of keys", off: unverified(lax{keys: true}), property: "validity", real: true},
		{plot: "made-up keys", rule: "verify proofs of keys", off: unverified(lax{keys: true}), property: "validity", real: true},
	}
}

// noBreaks are plots without a rule that, switched off, leaves a break to them
// alone, and why.
func noBreaks() map[string]string {
	return map[string]string{
		"restore":     "it is a corrupt party's own machine, and what it may do twice then it may do at once by other plots; what an honest one must not do with an old disk is in TestRulesOfBackups",
		"stall":       "what it holds back comes all the same, so it is at most late: late promise has the rule",
		"two-faced":   "to those whom it lies to it is false void, which has the rule; the others get the share that they pass on",
		"equivocate":  "two acceptances make two sessions with an m each, and a party's machine has one: bls TestBreakTwoCommitmentsForOneSession has the break where K is not in m",
		"countersign": "a message with countersignatures is refused where it is opened, before any machine: it would be other bytes of the same acceptance, and so another m",
	}
}

// TestEveryPlotIsUseful: each plot breaks a property once the rule that stops
// it is off, in a case that is fair with the rule, and fair without the plot.
func TestEveryPlotIsUseful(t *testing.T) {
	t.Parallel()
	shown := noBreaks()
	for _, u := range plotRules() {
		shown[u.plot] = u.rule
		u.within = 2000
		if u.real {
			u.within = 100
		}
		t.Run(u.plot, func(t *testing.T) {
			t.Parallel()
			u.find(t)
		})
	}
	for _, p := range Plots() {
		if shown[p.Name] == "" {
			t.Errorf("nothing says what %q is stopped by", p.Name)
		}
	}
}

// TestRulesOfProposals: a proposal outside of what the roll serves is refused
// by everybody honest, and nothing comes about. Accepted, one with a tiny Δ splits
// the jury within what the network keeps.
func TestRulesOfProposals(t *testing.T) {
	t.Parallel()
	l, refused := NewLab(), map[string]int{}
	for seed := range uint64(400) {
		c := Draw(2_500_000+seed, small())
		if c.Outside = Outside()[seed%uint64(len(Outside()))]; !c.canBeOutside() {
			continue
		}
		o := must(l.Play(c, false))
		if len(o.Broken) > 0 || o.Result != "lapsed" && o.Result != "nobody" && o.Result != "unsettled" {
			t.Errorf("%s: %s, %v", c, o.Result, o.Broken)
		}
		refused[c.Outside] += o.Counts["refused by p"]
	}
	for _, what := range Outside() {
		if refused[what] < 10 {
			t.Errorf("%s: %d refusals: nobody was asked", what, refused[what])
		}
	}
	u := usefulRule{rule: "refuse proposals outside of limits", plot: "edge", property: "agreement", within: 600, shape: func(c *Case) { c.Outside = "delta" }}
	u.off = func(off *rules) {
		sessionsWithout("anyProposal")(off)
		off.all = true
	}
	u.find(t)
}
