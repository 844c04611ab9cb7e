package contract_test

import (
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
)

// A breakCase shows that a rule matters: with it the run is fair, without it
// somebody honest is cheated.
type breakCase struct {
	rule            string
	parties, jurors int
	run             func(w *world, rule string) *sim
	broken          func(s *sim) bool // the honest party 1 was cheated
}

// bHolds reports whether party 2 was sent party 1's signature, and so has the
// contract, while party 1 has not.
func bHolds(s *sim) bool {
	return len(s.parties[0].sigmaTo) > 0 && s.parties[0].phase() != contract.PhaseDone
}

func TestRulesMatter(t *testing.T) {
	for _, c := range []breakCase{
		{rule: "release only before T_c−W", parties: 2, jurors: 3, run: latePromise, broken: bHolds},
		{rule: "release only when lodged", parties: 2, jurors: 3, run: silentAfterRelease, broken: bHolds},
		{rule: "void is not never after a release", parties: 2, jurors: 3, run: claimsLost, broken: func(s *sim) bool {
			return bHolds(s) && s.parties[0].phase() == contract.PhaseVoid // it says never, and B has it
		}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, c.parties, c.jurors)
			if s := c.run(w, ""); c.broken(s) {
				t.Errorf("with the rule, party 1 is cheated: it is %s", s.parties[0].phase())
			}
			if s := c.run(w, c.rule); !c.broken(s) {
				t.Errorf("without the rule nothing breaks, so this test shows nothing: party 1 is %s", s.parties[0].phase())
			}
		})
	}
}

// latePromise: party 2 promises so late that party 1's claim cannot reach a
// juror by D any more, and keeps the signature it gets for its promise.
func latePromise(w *world, rule string) *sim {
	acceptAndPromise := 2 + 1 + 1 + 1 // two writes and a message, a write and a message
	s := newSim(w, simOptions{
		watcher: true, rules: map[int]string{0: rule},
		party: map[int]fate{1: stopAfter(acceptAndPromise)},
		deliver: func(from, _ int, raw []byte) (sxp.Duration, bool) {
			if from == 1 && contract.TypeOf(raw) == contract.TypePromise {
				return worldHorizon - 500, true
			}
			return latency, true
		},
		toJuror: func(int) (sxp.Duration, bool) { return worldL / 2, true }, // within L
	})
	s.run(s.end() + sxp.Time(worldHorizon))
	return s
}

// silentAfterRelease: party 1 goes away once it has released, before any
// watcher holds its claim; party 2 keeps the signature.
func silentAfterRelease(w *world, rule string) *sim {
	s := newSim(w, simOptions{
		watcher: true, rules: map[int]string{0: rule},
		party:     map[int]fate{0: {stopAfter: 8, restart: true, back: 2 * worldHorizon}, 1: stopAfter(5)},
		toWatcher: func(int) bool { return false },
	})
	s.run(s.end() + 4*sxp.Time(worldHorizon))
	return s
}

// claimsLost: assumption 3 fails, no claim reaches a juror by D; party 2 has
// what it needs. Nothing can make that fair, but party 1 must not believe that
// there is no contract.
func claimsLost(w *world, rule string) *sim {
	var s *sim
	s = newSim(w, simOptions{
		watcher: true, rules: map[int]string{0: rule}, party: map[int]fate{1: stopAfter(5)},
		toJuror: func(int) (sxp.Duration, bool) { return latency, s.now > s.opts.p.Deadline },
	})
	s.run(s.end() + sxp.Time(worldHorizon))
	return s
}

// TestResultPrevailsOverVoid: who holds a verifying S has the contract, even
// after the jury voided.
func TestResultPrevailsOverVoid(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	var late []byte
	var s *sim
	s = newSim(w, simOptions{
		watcher: false,
		deliver: func(from, to int, raw []byte) (sxp.Duration, bool) { return latency, true },
		toJuror: func(int) (sxp.Duration, bool) { return latency, s.now > s.opts.p.Deadline },
	})
	s.run(s.end() + sxp.Time(worldHorizon))
	if ph := s.parties[0].phase(); ph != contract.PhaseVoid {
		t.Fatalf("without watchers nothing is released and the jury voids: party 1 is %s", ph)
	}
	honest := newSim(w, simOptions{watcher: true, deliver: func(from, to int, raw []byte) (sxp.Duration, bool) {
		if contract.TypeOf(raw) == contract.TypeResult {
			late = raw
		}
		return latency, true
	}})
	honest.run(honest.end())
	if s.m() == honest.m() {
		t.Fatal("two sessions with other watchers have the same m")
	}
	lost := claimsLost(w, "")
	if ph := lost.parties[0].phase(); ph != contract.PhaseUnsettled {
		t.Fatalf("void after the own release: party 1 is %s, want unsettled", ph)
	}
	lost.parties[0].get(late)
	if ph := lost.parties[0].phase(); ph != contract.PhaseDone {
		t.Errorf("after a verifying result party 1 is %s, want done", ph)
	}
}

// TestNoSecondPromise: a later session over the same things waits until the
// earlier one is certified void and nothing was released in it.
func TestNoSecondPromise(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	second := w.propose(3, func(p *contract.Proposal) {
		p.Attempt, p.Nonce = 2, market.Nonce{2}
		p.Deadline = p.Deadline.Add(3 * worldHorizon)
	})
	run := func(rule string, firstVoid bool) (first, later *sim) {
		o := simOptions{watcher: true}
		if firstVoid {
			o.party = map[int]fate{1: stopAfter(3)} // accepts, never promises
		}
		first = newSim(w, o)
		first.run(first.end())
		later = newSim(w, simOptions{watcher: true, p: second, rules: map[int]string{0: rule}})
		later.parties[0].ledger = first.parties[0].ledger
		later.run(later.end())
		return first, later
	}
	if _, later := run("", false); later.parties[0].phase() == contract.PhaseDone {
		t.Error("with the rule, the same thing is given twice")
	}
	if _, later := run("no second promise over the same transfers", false); later.parties[0].phase() != contract.PhaseDone {
		t.Errorf("without the rule nothing breaks, so this test shows nothing: %s", later.parties[0].phase())
	}
	first, later := run("", true)
	if first.parties[0].phase() != contract.PhaseVoid || later.parties[0].phase() != contract.PhaseDone {
		t.Errorf("after a certified void, a second attempt may complete: first %s, second %s", first.parties[0].phase(), later.parties[0].phase())
	}
}

// TestReleasedThenVoidStaysBound: a void does not free what was released.
func TestReleasedThenVoidStaysBound(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := claimsLost(w, "")
	e := s.parties[0].m.Entry()
	if e.Stage != contract.StageReleased {
		t.Errorf("the ledger's stage is %s, want released", e.Stage)
	}
	e.Session = sxp.Hash{1}
	if _, blocked := s.parties[0].ledger.Blocked(e); !blocked {
		t.Error("another session over the same thing is not blocked")
	}
}

// TestCommitmentServesOnce: a state without its opening, or one that has
// promised, never promises again.
func TestCommitmentServesOnce(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{0: stopAfter(3), 1: stopAfter(3)}})
	s.run(worldStart + 1000) // both have accepted
	p := s.parties[0]
	if p.opening == nil {
		t.Fatal("the opening is not durable with the acceptance")
	}
	backup := p.state

	restored := newSim(w, simOptions{watcher: true})
	q := restored.parties[0]
	q.state, q.opening = backup, nil // another device, or a backup
	restored.queue = nil
	q.restart()
	q.get(s.parties[1].mustAcceptance(t))
	if ph := q.phase(); ph != contract.PhaseUnsettled || q.promise != nil {
		t.Errorf("with a commitment whose secret is gone the session is %s, want unsettled", ph)
	}
	if e := q.m.Entry(); e.Stage != contract.StageReleased {
		t.Errorf("for all it knows it has released, the ledger says %s", e.Stage)
	}

	q.state, q.opening = backup, p.opening
	q.restart()
	q.get(s.parties[1].mustAcceptance(t))
	if ph := q.phase(); ph != contract.PhasePromised {
		t.Fatalf("with the secret the session is %s, want promised", ph)
	}
	if q.opening != nil || q.keys.Opening(w.p.Digest) != nil {
		t.Error("the opening outlives the promise")
	}
}

// mustAcceptance returns the acceptance that the party has signed.
func (p *simParty) mustAcceptance(t *testing.T) []byte {
	acts, err := p.m.Step(contract.Start{Now: p.now()})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		if send, ok := a.(contract.SendParties); ok && contract.TypeOf(send.Raw) == contract.TypeAcceptance {
			return send.Raw
		}
	}
	t.Fatal("no acceptance")
	return nil
}

// TestStaleSessionNeverBinds: a session restored from a backup neither
// promises nor concludes that there is no contract.
func TestStaleSessionNeverBinds(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{0: stopAfter(3)}})
	s.run(worldStart + 1000)
	p := s.parties[0]
	keys := w.keys(0)
	keys.Load(w.p.Digest, p.opening)
	cfg := p.config()
	cfg.Keys = keys
	m := must(contract.RestoreSession(cfg, w.p, w.roll, p.state))
	m.AssumeStale()
	acts := must(m.Step(contract.Start{Now: s.now}))
	for _, raw := range p.inbox {
		acts = append(acts, must(m.Step(contract.Received{Now: s.now, Raw: raw}))...)
	}
	for _, a := range acts {
		if send, ok := a.(contract.SendParties); ok && contract.TypeOf(send.Raw) != contract.TypeAcceptance {
			t.Errorf("a stale session sends a %s", contract.TypeOf(send.Raw))
		}
	}
	if ph := m.View().Phase; ph != contract.PhaseUnsettled {
		t.Errorf("a stale session is %s, want unsettled", ph)
	}
}

// TestBackupLearnsTheResult: a session restored from a backup made before the
// promise still ends with the contract.
func TestBackupLearnsTheResult(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true})
	s.run(worldStart + 5) // accepted, nothing received
	backup := s.parties[0].state
	s.run(s.end())
	p := s.parties[0]
	p.state, p.opening, p.inbox = backup, nil, nil
	p.restart()
	s.run(s.end() + 1000)
	if ph := p.phase(); ph != contract.PhaseDone {
		t.Errorf("restored from a backup: %s, want done", ph)
	}
}

// TestBackupAsksTheWatcher: a session restored from a backup that knows of no
// receipt gets the contract from its watcher, the only one who would tell it.
func TestBackupAsksTheWatcher(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	for _, rule := range []string{"", "ask the watcher for a result"} {
		restored := false
		s := newSim(w, simOptions{watcher: true, rules: map[int]string{0: rule}, deliver: func(_, to int, raw []byte) (sxp.Duration, bool) {
			return latency, to != 0 || !restored
		}})
		s.run(worldStart + 5)
		backup := s.parties[0].state
		s.run(s.end())
		p := s.parties[0]
		accepted := p.inbox[:0:0]
		for _, raw := range p.inbox {
			if contract.TypeOf(raw) == contract.TypeAcceptance {
				accepted = append(accepted, raw)
			}
		}
		p.state, p.opening, p.inbox = backup, nil, nil
		restored = true
		p.restart()
		for _, raw := range accepted { // its relay still has them
			p.get(raw)
		}
		s.run(s.end() + 4*sxp.Time(worldHorizon))
		if cheated := p.phase() != contract.PhaseDone; cheated != (rule != "") {
			t.Errorf("rule off %v: restored from a backup it is %s", rule != "", p.phase())
		}
	}
}

// TestSecondDeviceDoesNotEquivocate: an own acceptance that another device
// made keeps this one from making another.
func TestSecondDeviceDoesNotEquivocate(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	s := newSim(w, simOptions{watcher: true})
	s.run(worldStart + 5)
	raw := s.parties[0].mustAcceptance(t)
	cfg := s.parties[0].config()
	cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
	m := must(contract.NewSession(cfg, w.p, w.roll))
	must(m.Step(contract.Start{Now: s.now}))
	must(m.Step(contract.Received{Now: s.now, Raw: raw}))
	if _, err := m.Step(contract.Decide{Now: s.now, Accept: true}); !errors.Is(err, sxp.Conflict) {
		t.Errorf("accepting on a second device: error %v, want conflict", err)
	}
}

// TestDrawCannotBeGround: without a check of each draw share its author could
// try shares until its friend has a seat; with it there is exactly one.
func TestDrawCannotBeGround(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	friend := w.roll.Entries[1].ID
	delta := w.people[0].secret.SignDraw(w.p.Digest)
	var chosen bls.G1
	for i := 0; ; i++ {
		if i == 64 {
			t.Fatal("64 choices give the friend no seat: this test shows nothing")
		}
		chosen = w.people[1].secret.SignDraw(sxp.Hash{byte(i)})
		seats := must(contract.Draw(w.roll, w.p, must(bls.SumHash([]bls.G1{delta, chosen}))))
		if seats[0].ID == friend {
			break // the break: a few tries are enough
		}
	}
	k, _, err := bls.Commit(seeded("grind"), w.people[1].secret, w.p.T)
	if err != nil {
		t.Fatal(err)
	}
	raw := must(envelope.Sign(w.people[1].id, contract.TypeAcceptance, &contract.Acceptance{Proposal: w.p.Digest, Commitment: k, Draw: chosen}))
	cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger(), Limits: w.limits()}
	m := must(contract.NewSession(cfg, w.p, w.roll))
	must(m.Step(contract.Received{Now: worldStart, Raw: raw}))
	if v := m.View(); v.Accepted[1] || len(v.Faults) != 1 || v.Faults[0].Check(w.algebra, w.p, nil) != nil {
		t.Errorf("an acceptance with a chosen draw share: taken %v, proved against its author %v", v.Accepted[1], v.Faults)
	}
	if _, err := m.Step(contract.Received{Now: worldStart, Raw: raw}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("the same again: error %v, want invalid", err)
	}
}

// TestCommitmentIsInsideM: another commitment is another session, so a second
// promise of one party never fits a claim.
func TestCommitmentIsInsideM(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	pre := *s.parties[0].m.Preimage()
	before := pre.M()
	pre.Parties = slices.Clone(pre.Parties)
	pre.Parties[1].Acceptance = w.acceptanceOf(1, 9)
	if _, err := pre.Check(w.algebra); err != nil {
		t.Fatalf("the other commitment is valid by itself: %v", err)
	}
	if pre.M() == before {
		t.Error("two commitments give one m")
	}
}

// TestTimesOfRelease: at T_c − W and later nothing is released, not even after
// a restart that finds the decision made.
func TestTimesOfRelease(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	for k := 1; k < 16; k++ {
		s := newSim(w, simOptions{watcher: true, party: map[int]fate{0: {stopAfter: k, restart: true, back: worldHorizon - worldL - worldEpsilon - worldW + 1}}})
		s.run(worldStart.Add(worldHorizon - worldL - worldEpsilon - worldW))
		before := len(s.parties[0].sigmaTo)
		s.run(s.end() + sxp.Time(worldHorizon))
		if len(s.parties[0].sigmaTo) != before {
			t.Errorf("crash after effect %d: a signature was sent after T_c − W", k)
		}
		s.check(t, "late restart")
	}
}

// TestProposalsOutsideLimits lists what an agent refuses, by kind.
func TestProposalsOutsideLimits(t *testing.T) {
	w := worldOf(t, 2, 3)
	me := w.people[0].id.ID()
	day := worldStart.Add(sxp.Day)
	for name, c := range map[string]struct {
		change func(*contract.Proposal)
		limits func(*contract.Limits)
		now    sxp.Time
		want   error
	}{
		"a usual proposal":                     {want: nil},
		"Δ below a juror's Δ_min":              {change: func(p *contract.Proposal) { p.Delta = worldDelta/2 - 1 }, want: sxp.Denied},
		"L below the roll's":                   {change: func(p *contract.Proposal) { p.L = worldL - 1 }, want: sxp.Denied},
		"ε below the roll's":                   {change: func(p *contract.Proposal) { p.Epsilon = worldEpsilon - 1 }, want: sxp.Denied},
		"W below the roll's":                   {change: func(p *contract.Proposal) { p.Patience = worldW - 1 }, want: sxp.Denied},
		"t less than f+1 of the usual f":       {change: func(p *contract.Proposal) { p.F, p.T = 0, 1 }, want: sxp.Denied},
		"an even jury":                         {change: func(p *contract.Proposal) { p.N, p.F, p.T = 2, 0, 1 }, want: sxp.Denied},
		"a longer horizon than a juror serves": {change: func(p *contract.Proposal) { p.Deadline = worldStart.Add(31 * sxp.Day) }, limits: func(l *contract.Limits) { l.MaxHorizon = 0 }, want: sxp.Denied},
		"a longer horizon than I allow":        {change: func(p *contract.Proposal) { p.Deadline = worldStart.Add(8 * sxp.Day) }, want: sxp.Denied},
		"a third attempt":                      {change: func(p *contract.Proposal) { p.Attempt = 3 }, want: sxp.Denied},
		"a jury smaller than I demand":         {limits: func(l *contract.Limits) { l.MinJury = 5 }, want: sxp.Denied},
		"a roll of an issuer I do not trust":   {limits: func(l *contract.Limits) { l.Rolls = nil }, want: sxp.Denied},
		"more jurors than the roll has":        {change: func(p *contract.Proposal) { p.N, p.F, p.T = 5, 2, 3 }, want: sxp.NotFound},
		"too late to sign":                     {now: day, want: sxp.Late},
		"made in the future":                   {now: worldStart - sxp.Time(sxp.Hour), want: sxp.Clock},
	} {
		t.Run(name, func(t *testing.T) {
			p, l, now := w.p, w.limits(), worldStart
			if c.change != nil {
				p = w.propose(3, c.change)
			}
			if c.limits != nil {
				c.limits(&l)
			}
			if c.now != 0 {
				now = c.now
			}
			if err := contract.CheckProposal(p, w.roll, l, me, now); !errors.Is(err, c.want) {
				t.Errorf("CheckProposal: error %v, want %v", err, c.want)
			}
		})
	}
	tiny := w.propose(3, func(p *contract.Proposal) { p.Delta = worldDelta/2 - 1 }) // what it leads to: jury TestTinyDeltaSplitsTheJury
	for _, rule := range []string{"", "refuse proposals outside of limits"} {
		m := must(contract.NewSession(contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger(), Limits: w.limits()}, tiny, w.roll))
		m.Break(rule)
		_, err := m.Step(contract.Decide{Now: worldStart, Accept: true})
		if accepted := m.View().Phase == contract.PhaseAccepted; accepted != (rule != "") || accepted != (err == nil) {
			t.Errorf("rule off %v: a tiny Δ is accepted: %v, %v", rule != "", accepted, err)
		}
	}
	if err := contract.CheckProposal(w.p, w.roll, w.limits(), sxp.ID{1}, worldStart); !errors.Is(err, sxp.Denied) {
		t.Errorf("a stranger's proposal: error %v, want denied", err)
	}
	if err := contract.CheckProposal(w.p, nil, w.limits(), me, worldStart); !errors.Is(err, sxp.Denied) {
		t.Errorf("an unknown roll: error %v, want denied", err)
	}
}
