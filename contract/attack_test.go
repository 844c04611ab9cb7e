package contract_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
)

// TestWatcherIsAskedForTheResult: Bob has Alice's signature and the contract,
// shows his own to Alice's watcher only, so that it files no claim, and is
// silent. Alice, who was away, still learns that she has a contract.
func TestWatcherIsAskedForTheResult(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	for _, rule := range []string{"", "ask the watcher for a result"} {
		released := 11 // four writes, acceptance, promise, lodging, the release to one party and two watchers
		s := newSim(w, simOptions{
			watcher: true, rules: map[int]string{0: rule},
			party: map[int]fate{0: {stopAfter: released, restart: true, back: 2 * worldHorizon}},
			deliver: func(from, _ int, raw []byte) (sxp.Duration, bool) {
				typ := contract.TypeOf(raw)
				return latency, from == 0 || typ == contract.TypePromise || typ == contract.TypeAcceptance
			},
		})
		s.run(s.end() + 4*sxp.Time(worldHorizon))
		if s.parties[1].phase() != contract.PhaseDone || s.toJurors > 20 {
			t.Fatalf("Bob is %s after %d messages to jurors: this test shows nothing", s.parties[1].phase(), s.toJurors)
		}
		if cheated := s.parties[0].phase() != contract.PhaseDone; cheated != (rule != "") {
			t.Errorf("rule off %v: Alice is %s", rule != "", s.parties[0].phase())
		}
	}
}

// TestWatcherIsAskedWithTheClaim: Alice hears nobody but her watcher from her
// release on, which Bob gives the contract at once. A patience later she has it
// too, and not only when the jury can say something.
func TestWatcherIsAskedWithTheClaim(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	for _, rule := range []string{"", "ask the watcher for a result"} {
		var askedAt []sxp.Time
		s := newSim(w, simOptions{
			watcher: true, rules: map[int]string{0: rule},
			toJuror: func(int) (sxp.Duration, bool) { return 0, false },
			deliver: func(_, to int, raw []byte) (sxp.Duration, bool) {
				typ := contract.TypeOf(raw)
				return latency, to != 0 || typ == contract.TypePromise || typ == contract.TypeAcceptance
			},
		})
		s.onLodge = func(party int, _ contract.LodgeRequest) {
			if party == 0 {
				askedAt = append(askedAt, s.now)
			}
		}
		s.run(worldStart.Add(w.p.Patience + 10*latency))
		if s.parties[1].phase() != contract.PhaseDone {
			t.Fatalf("Bob is %s: this test shows nothing", s.parties[1].phase())
		}
		if late := s.parties[0].phase() != contract.PhaseDone; late != (rule != "") {
			t.Errorf("rule off %v: Alice is %s a patience after her release", rule != "", s.parties[0].phase())
		}
		s.run(s.end())
		for i := 1; i < len(askedAt); i++ {
			if pause := askedAt[i].Sub(askedAt[i-1]); pause < w.p.L/20 {
				t.Errorf("rule off %v: the watcher is asked again after %v, want L/20 at least, %v", rule != "", pause, w.p.L/20)
			}
		}
	}
}

// staleDevice is a session restored from a backup made after the acceptance,
// and what the others said since.
func staleDevice(t *testing.T, w *world, rule string) (m *contract.Session, said map[envelope.Type][]byte) {
	t.Helper()
	said = map[envelope.Type][]byte{}
	s := newSim(w, simOptions{watcher: true})
	s.onSend = func(raw []byte) {
		if typ, signer, err := envelope.Peek(raw); err == nil && signer == w.people[1].id.ID() {
			said[typ] = raw
		}
	}
	s.run(worldStart + 5)
	backup, cfg := s.parties[0].state, s.parties[0].config()
	s.run(s.end())
	cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
	m = must(contract.RestoreSession(cfg, w.p, w.roll, backup))
	m.Break(rule)
	m.AssumeStale()
	must(m.Step(contract.Start{Now: worldStart + 100}))
	return m, said
}

// TestStaleDeviceDoesNotSign: with the signatures of all others a device
// restored from a backup could complete a contract that its person never
// promised, over things that are bound elsewhere.
func TestStaleDeviceDoesNotSign(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	for _, rule := range []string{"", "a stale device does not sign"} {
		m, said := staleDevice(t, w, rule)
		for _, typ := range []envelope.Type{contract.TypeAcceptance, contract.TypePromise, contract.TypeRelease} {
			must(m.Step(contract.Received{Now: worldStart + 200, Raw: said[typ]}))
		}
		if signed := m.View().Phase == contract.PhaseDone; signed != (rule != "") {
			t.Errorf("rule off %v: the stale session is %s", rule != "", m.View().Phase)
		}
		must(m.Step(contract.Received{Now: worldStart + 300, Raw: said[contract.TypeResult]}))
		if m.View().Phase != contract.PhaseDone {
			t.Errorf("with the result it is %s, want done", m.View().Phase)
		}
	}
}

// TestDeclineDoesNotFreeAStaleDevice: a decline shown to a second device does
// not free what the first may have promised.
func TestDeclineDoesNotFreeAStaleDevice(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true})
	s.run(worldStart + 5)
	own := s.parties[0].mustAcceptance(t)
	decline := must(envelope.Sign(w.people[1].id, contract.TypeDecline, &contract.Decline{Proposal: w.p.Digest}))
	for _, rule := range []string{"", "a decline does not end what another device may have promised"} {
		cfg := s.parties[0].config()
		cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
		m := must(contract.NewSession(cfg, w.p, w.roll))
		m.Break(rule)
		for _, raw := range [][]byte{own, decline} {
			must(m.Step(contract.Received{Now: s.now, Raw: raw}))
		}
		e := m.Entry()
		e.Session = sxp.Hash{1}
		if _, bound := cfg.Ledger.Blocked(e); bound != (rule == "") {
			t.Errorf("rule off %v: the things are bound: %v", rule != "", bound)
		}
	}
}

// TestClockSetBackReleasesNothing: once T_c − W was seen, a receipt that comes
// after a restart with an earlier clock releases nothing.
func TestClockSetBackReleasesNothing(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	for _, rule := range []string{"", "a clock that was set back releases nothing"} {
		s := newSim(w, simOptions{watcher: true, toWatcher: func(int) bool { return false }})
		s.run(worldStart + 1000)
		p := s.parties[0]
		p.step(contract.Tick{Now: w.p.ReleaseBefore()})
		cfg := p.config()
		cfg.Ledger = contract.NewLedger()
		m := must(contract.RestoreSession(cfg, w.p, w.roll, p.state))
		m.Break(rule)
		must(m.Step(contract.Start{Now: worldStart + 1100}))
		receipt := must(envelope.Sign(must(identityOf("watcher", 0)), contract.TypeLodged, &contract.Lodged{M: m.View().M, Party: p.keys.ID(), At: worldStart}))
		must(m.Step(contract.Received{Now: worldStart + 1200, Raw: receipt}))
		if released := m.View().Phase == contract.PhaseReleased; released != (rule != "") {
			t.Errorf("rule off %v: the session is %s", rule != "", m.View().Phase)
		}
	}
}

// TestBackdatedAttemptsCount: a proposal that says it was made before the last
// contract among the same people is an attempt after it all the same.
func TestBackdatedAttemptsCount(t *testing.T) {
	w := worldOf(t, 2, 1)
	ledger := contract.NewLedger()
	first := w.propose(1, func(p *contract.Proposal) { p.Nonce = market.Nonce{9} })
	cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: ledger, Limits: w.limits()}
	e := must(contract.NewSession(cfg, first, w.roll)).Entry()
	e.Stage, e.Things, e.Acts = contract.StageCompleted, nil, nil
	ledger.Put(e)
	for i, want := range []error{nil, nil, sxp.Denied} {
		p := w.propose(1, func(p *contract.Proposal) {
			p.Attempt, p.Nonce, p.Created = i+1, market.Nonce{byte(i + 1)}, worldStart-5
		})
		s := must(contract.NewSession(cfg, p, w.roll))
		if _, err := s.Step(contract.Decide{Now: worldStart + 1000, Accept: true}); !errors.Is(err, want) {
			t.Errorf("attempt %d: error %v, want %v", i+1, err, want)
		}
	}
}

// filings runs a watcher from now to D and returns when it files.
func filings(m *contract.Watcher, now, d sxp.Time) (at []sxp.Time) {
	for ; now <= d; now = max(m.Next(), now+1) {
		acts, _ := m.Step(contract.Tick{Now: now})
		if filed(acts) {
			at = append(at, now)
		}
	}
	return at
}

// TestWatcherServesAllItsParties: whatever times a corrupt party lodges, the
// watcher files several times within each other's last L, and floods nobody.
func TestWatcherServesAllItsParties(t *testing.T) {
	w := worldOf(t, 2, 3)
	_, req, said, _ := lodged(t, w)
	var c contract.Claim
	must(envelope.Open(req.Claim, contract.TypeClaim, &c))
	theirs := must(envelope.Sign(w.people[1].id, contract.TypeClaim, &c))
	d, tc := w.p.Deadline, w.p.ClaimAt()
	for name, times := range map[string]struct {
		claimAt  sxp.Time
		patience sxp.Duration
		refused  bool
	}{
		"long before now":      {d.Add(-2 * sxp.Day), 1, false},
		"a moment before D":    {d - 20, 1, false},
		"at D":                 {d, 1, false},
		"before any T_c":       {d.Add(-2*sxp.Day) - 1, 1, true},
		"before all calendars": {math.MinInt64, 1, true},
	} {
		hostile := contract.Lodge{Now: worldStart, From: w.people[1].id.ID(), Request: contract.LodgeRequest{Claim: theirs, ClaimAt: times.claimAt, Patience: times.patience}}
		if !times.refused { // the break: by the times of one alone
			alone := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
			must(alone.Step(hostile))
			at := filings(alone, worldStart, d)
			if last := slices.DeleteFunc(at, func(x sxp.Time) bool { return x < tc || x > d.Add(-worldL/2) }); len(last) > 2 {
				t.Errorf("%s: by these times alone there are %d claims in the first half of L: this test shows nothing", name, len(last))
			}
		}
		m := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
		must(m.Step(contract.Lodge{Now: worldStart, From: w.people[0].id.ID(), Request: req}))
		_, err := m.Step(hostile)
		if refused := errors.Is(err, sxp.Invalid); refused != times.refused {
			t.Errorf("%s: error %v", name, err)
		}
		must(m.Step(contract.Told{Now: worldStart, Raw: bySigner(said[contract.TypeRelease], w.people[1].id.ID())}))
		at := filings(m, worldStart, d)
		urgent := 0
		for _, x := range at {
			if x >= tc {
				urgent++
			}
		}
		if urgent < 5 || len(at) > 60 {
			t.Errorf("%s: %d claims, %d of them from T_c on; want at most 60, at least 5", name, len(at), urgent)
		}
	}
}

// TestRepeatedLodgingWritesNothing: a party cannot wear out its watcher's disk.
func TestRepeatedLodgingWritesNothing(t *testing.T) {
	w := worldOf(t, 2, 3)
	m, req, _, _ := lodged(t, w)
	for range 3 {
		acts := must(m.Step(contract.Lodge{Now: worldStart + 200, From: w.people[0].id.ID(), Request: req}))
		if len(acts) != 1 || len(answer(t, acts).Receipt) == 0 {
			t.Errorf("a repeat gives %d actions, want the receipt only", len(acts))
		}
	}
	late := must(m.Step(contract.Lodge{Now: w.p.Deadline + 1, From: w.people[0].id.ID(), Request: req}))
	if len(answer(t, late).Receipt) == 0 {
		t.Error("a repeat after D, which asks for the result, is not answered")
	}
}

// TestExclusionsAreLimited: a corrupt party that names honest jurors as its
// tribes leaves its friends to be drawn; agents refuse that.
func TestExclusionsAreLimited(t *testing.T) {
	w := worldOf(t, 2, 5) // a roll of six
	honest := []sxp.ID{w.roll.Entries[0].ID, w.roll.Entries[1].ID, w.roll.Entries[2].ID}
	me := w.people[0].id.ID()
	for named := range 4 {
		p := w.propose(3, func(p *contract.Proposal) { p.Parties[1].Tribes = honest[:named] })
		for i := range 50 {
			for _, seat := range must(contract.Draw(w.roll, p, sxp.Hash{byte(i)})) {
				if named == 3 && (seat.ID == honest[0] || seat.ID == honest[1] || seat.ID == honest[2]) {
					t.Fatal("a named juror is drawn: this test shows nothing")
				}
			}
		}
		if err := contract.CheckProposal(p, w.roll, w.limits(), me, worldStart); errors.Is(err, sxp.Denied) != (named > 2) {
			t.Errorf("%d jurors excluded: error %v", named, err)
		}
	}
}

// TestOldRollsAreRefused: a proposer cannot choose among all rolls there were.
func TestOldRollsAreRefused(t *testing.T) {
	w := worldOf(t, 2, 3)
	for newest, want := range map[uint64]error{0: nil, 1: nil, 2: sxp.Denied} {
		l := w.limits()
		l.RollNumbers = map[sxp.ID]uint64{w.issuer.ID(): newest}
		if err := contract.CheckProposal(w.p, w.roll, l, w.people[0].id.ID(), worldStart); !errors.Is(err, want) {
			t.Errorf("roll 1 where roll %d is known: error %v, want %v", newest, err, want)
		}
	}
}

// TestAskIsNoAmplifier: who asks again and again gets all messages once in a
// while, not every time.
func TestAskIsNoAmplifier(t *testing.T) {
	w := worldOf(t, 2, 1)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	ask := must(envelope.Sign(w.people[1].id, contract.TypeAsk, &contract.Ask{Proposal: w.p.Digest}))
	sent := 0
	for i := range 100 {
		sent += len(must(s.parties[0].m.Step(contract.Received{Now: s.now + sxp.Time(i), Raw: ask})))
	}
	if sent != 3 { // two acceptances and the result
		t.Errorf("100 questions within 100 ms are answered with %d messages, want 3 at once, and 3 more after L/20", sent)
	}
}

// TestAnswersAreBounded: a juror's answer with more shares than seats is not
// looked through.
func TestAnswersAreBounded(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(worldStart + 1000)
	a := contract.Answer{M: s.m(), Standing: contract.Completed, Shares: make([]sxp.Bytes, 4)}
	if _, err := s.parties[0].m.Step(contract.Answered{Now: s.now, Seat: 1, Answer: a}); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("four shares of three seats: error %v, want toolarge", err)
	}
}

// TestReasonsAreOnlyWords: what a juror writes for people is shown only where it
// hides and reorders nothing, and takes no share away whatever it is.
func TestReasonsAreOnlyWords(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	long := strings.Repeat("x", contract.MaxReason)
	for reason, shown := range map[string]bool{
		"the claim came late": true, "two\nlines": true, long: true, long + "x": false,
		"the claim came \u202eetal": false, "\x1b[2Jgone": false, "zero\u200bwidth": false, "not UTF-8 \xff": false,
	} {
		a := contract.Answer{Standing: contract.Refused, Reason: reason}
		if want := map[bool]string{true: reason}[shown]; a.Why() != want {
			t.Errorf("the reason %.40q is shown as %.40q, want %.40q", reason, a.Why(), want)
		}
		s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}, reason: reason})
		s.run(s.end())
		if v := s.parties[0].m.View(); v.Phase != contract.PhaseDone || !v.ByJury {
			t.Errorf("the reason %.40q: Alice is %s, by jury %v, want done by the jury", reason, v.Phase, v.ByJury)
		}
	}
}

// TestDigestFixesTheDraw: whatever a proposer changes to obtain another jury
// needs new draw shares of all others. If they were made over anything less, a
// few nonces would give a friend the seat.
func TestDigestFixesTheDraw(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 1)
	alice := w.people[0].secret
	x := w.p.Cards[0].ContractKey
	delta := alice.SignDraw(w.p.Digest)
	if err := w.algebra.Draw(x, w.p.Digest, delta); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*contract.Proposal){
		"text":     func(p *contract.Proposal) { p.Terms.Notes = "and a cake" },
		"nonce":    func(p *contract.Proposal) { p.Nonce[0]++ },
		"attempt":  func(p *contract.Proposal) { p.Attempt++ },
		"parties":  func(p *contract.Proposal) { p.Parties[1].Tribes = []sxp.ID{{9}} },
		"roll":     func(p *contract.Proposal) { p.Roll[0]++ },
		"n, t, f":  func(p *contract.Proposal) { p.N, p.F, p.T = 3, 1, 2 },
		"deadline": func(p *contract.Proposal) { p.Deadline++ },
		"Δ":        func(p *contract.Proposal) { p.Delta++ },
		"created":  func(p *contract.Proposal) { p.Created++ },
	} {
		if err := w.algebra.Draw(x, w.propose(1, change).Digest, delta); err == nil {
			t.Errorf("another %s leaves the draw share valid", what)
		}
	}
	// The break: a share over the parties only, and a seed with the nonce.
	fixed := must(bls.SumHash([]bls.G1{alice.SignDraw(sxp.Hash{1}), w.people[1].secret.SignDraw(sxp.Hash{1})}))
	friend, found := w.roll.Entries[1].ID, false
	for nonce := byte(0); nonce < 32 && !found; nonce++ {
		found = must(contract.Draw(w.roll, w.p, sxp.Sum(fixed[:], []byte{nonce})))[0].ID == friend
	}
	if !found {
		t.Error("32 nonces give the friend no seat, so this test shows nothing")
	}
}

// TestThresholdsMatter: with t = f the corrupt jurors complete a promise without
// any claim; with t > n − f they keep everybody from completing by silence.
// Proposals and claims with either are refused.
func TestThresholdsMatter(t *testing.T) {
	t.Parallel()
	const n, f = 3, 1
	m := sxp.Hash{1}
	for T, want := range map[int]struct{ corruptComplete, honestComplete bool }{f: {true, true}, f + 1: {false, true}, n - f + 1: {false, false}} {
		x := must(bls.NewSecret(seeded("x")))
		k, o, err := bls.Commit(seeded("commit"), x, T)
		if err != nil {
			t.Fatal(err)
		}
		var jurors []*bls.Secret
		var ys []bls.G1
		for j := range n {
			jurors = append(jurors, must(bls.NewSecret(seeded("y %d", j))))
			ys = append(ys, jurors[j].PublicG1())
		}
		promise := must(bls.MakePromise(x, o, m, ys))
		completes := func(seats ...int) bool {
			shares := map[int]bls.G1{}
			for _, j := range seats {
				shares[j] = must(jurors[j-1].OpenShare(promise[j-1], k.U))
			}
			sigma, err := bls.Recover(shares, T)
			return err == nil && bls.VerifySession(x.Public(), m, sigma) == nil
		}
		if got := completes(3); got != want.corruptComplete {
			t.Errorf("t=%d: the corrupt juror completes alone: %v, want %v, or this test shows nothing", T, got, want.corruptComplete)
		}
		if got := completes(1, 2); got != want.honestComplete {
			t.Errorf("t=%d: the honest jurors complete: %v", T, got)
		}
		w := worldOf(t, 2, n)
		p := w.p.Proposal
		p.F, p.T = f, T
		if _, err := contract.SignProposal(w.people[0].id, &p); (err == nil) != (T == f+1) {
			t.Errorf("t=%d: SignProposal: %v", T, err)
		}
	}
}

// TestSelectiveSilence: the last party sends each kind of message to whom it
// likes, shows watchers what it likes, and asks whom it likes, while an honest
// party is away from some moment on, f jurors are down, or both.
func TestSelectiveSilence(t *testing.T) {
	kinds := []envelope.Type{contract.TypePromise, contract.TypeRelease, contract.TypeResult}
	for _, size := range [][2]int{{2, 1}, {2, 3}, {3, 3}} {
		N, n := size[0], size[1]
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			r := rand.New(seeded("silence %d %d", N, n))
			runs := 120
			if underRace {
				runs = 30
			}
			for run := range runs {
				silent, hidden := map[string]bool{}, map[int]bool{}
				for to := range N {
					hidden[to] = r.IntN(2) == 0
					for _, kind := range kinds {
						silent[fmt.Sprint(kind, to)] = r.IntN(2) == 0
					}
				}
				o := simOptions{watcher: true, party: map[int]fate{}, juror: map[int]fate{}}
				o.deliver = func(from, to int, raw []byte) (sxp.Duration, bool) {
					return sxp.Duration(1 + r.IntN(300)), from != N-1 || !silent[fmt.Sprint(contract.TypeOf(raw), to)]
				}
				o.tell = func(from, watcher int) bool { return from != N-1 || !hidden[watcher] }
				away := 0
				if r.IntN(3) > 0 {
					away = 1 + r.IntN(20)
					o.party[0] = fate{stopAfter: away, restart: true, back: sxp.Duration(r.IntN(3 * int(worldHorizon)))}
				}
				if r.IntN(2) == 0 {
					o.juror = deadJurors(w.p.F)
				}
				s := newSim(w, o)
				s.run(s.end() + 6*sxp.Time(worldHorizon))
				s.check(t, fmt.Sprintf("run %d: silent %v, hidden from watchers %v, party 1 away after effect %d", run, silent, hidden, away))
			}
		})
	}
}

// TestOnePartyDoesNotFillAWatcher: a party takes a sixteenth of a watcher's
// places, and gets them back when sessions are forgotten.
func TestOnePartyDoesNotFillAWatcher(t *testing.T) {
	w := worldOf(t, 2, 1)
	me := w.people[0].id.ID()
	var requests []contract.LodgeRequest
	for i := range 3 {
		s := newSim(w, simOptions{watcher: true, p: w.propose(1, func(p *contract.Proposal) { p.Nonce = market.Nonce{byte(i + 40)} })})
		s.onLodge = func(party int, r contract.LodgeRequest) {
			if party == 0 {
				requests = append(requests, r)
			}
		}
		s.run(worldStart + 1000)
	}
	m := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0)), MaxSessions: 32})
	for i, want := range []error{nil, nil, sxp.Full} {
		if _, err := m.Step(contract.Lodge{Now: worldStart, From: me, Request: requests[i]}); !errors.Is(err, want) {
			t.Errorf("session %d of 2: error %v, want %v", i+1, err, want)
		}
	}
	if _, err := m.Step(contract.Lodge{Now: w.p.Deadline.Add(-401 * sxp.Day), From: me, Request: requests[2]}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("401 days before D: error %v, want invalid", err)
	}
	must(m.Step(contract.Tick{Now: w.p.Deadline.Add(31 * sxp.Day)}))
	if _, err := m.Step(contract.Lodge{Now: worldStart, From: me, Request: requests[2]}); err != nil {
		t.Errorf("after the others are forgotten: %v", err)
	}
}

// TestNamesAloneTakeSeats: by strata one juror of an operator stays. If names
// counted without their owner's signature, strangers that name honest operators
// would sit in their places; a roll does not hold such names (TestTribesVouch).
func TestNamesAloneTakeSeats(t *testing.T) {
	const honest, strangers = 30, 300
	named := make([]listed, 0, honest+strangers)
	for i := range honest {
		named = append(named, listed{operator: i + 1, proven: true})
	}
	for i := range strangers {
		named = append(named, listed{operator: 1 + i%honest, proven: true})
	}
	unnamed := slices.Concat(named[:honest], repeat(strangers, listed{}))
	seats := func(r *contract.OpenedRoll) (taken int) {
		for i := range 50 {
			for _, s := range must(contract.Draw(r, jurySize(15), seedNumber(i))) {
				if seatIndex(s) >= honest {
					taken++
				}
			}
		}
		return taken
	}
	without, with := seats(rollOf(contract.DrawByStrata, named...)), seats(rollOf(contract.DrawByStrata, unnamed...))
	if without < 50*15/2 {
		t.Errorf("names alone take %d of 750 seats: this test shows nothing", without)
	}
	if with > 50*15/3 {
		t.Errorf("strangers without names and records have %d of 750 seats, more than a third", with)
	}
}

// TestCasesDecideNothing: a juror can make up sessions among names of its own,
// so how many cases it had must not change a draw. What it signed against its
// word does.
func TestCasesDecideNothing(t *testing.T) {
	draw := func(change func(c *contract.Conduct)) (out []int) {
		r := rollOf(contract.DrawByStrata, repeat(20, listed{proven: true})...)
		for i := range 5 {
			change(&r.Entries[i].Conduct)
		}
		for i := range 20 {
			for _, s := range must(contract.Draw(r, jurySize(7), seedNumber(i))) {
				out = append(out, seatIndex(s))
			}
		}
		return out
	}
	plain := draw(func(*contract.Conduct) {})
	if !slices.Equal(plain, draw(func(c *contract.Conduct) { c.Cases = 100_000 })) {
		t.Error("cases that a juror can make up change the draw")
	}
	if slices.Equal(plain, draw(func(c *contract.Conduct) { c.Faults = 1 })) {
		t.Error("a proved fault does not change the draw: this test shows nothing")
	}
	// The break: twenty honest jurors with a record, and sixty of somebody whose
	// made-up cases would count as one.
	seats := func(counted bool) (taken int) {
		r := rollOf(contract.DrawByStrata, slices.Concat(repeat(20, listed{proven: true}), repeat(60, listed{proven: counted}))...)
		for i := range 20 {
			for _, s := range must(contract.Draw(r, jurySize(15), seedNumber(i))) {
				if seatIndex(s) >= 20 {
					taken++
				}
			}
		}
		return taken
	}
	if with, without := seats(false), seats(true); with > 20*5 || without < 20*8 {
		t.Errorf("made-up cases take %d of 300 seats where they count, %d where they do not: want a majority, and a third at most", without, with)
	}
}

// TestSecretAmongThreeIsHidden: of two, whoever has S has the other's σ, and
// with it the secret. Of three the seller and the third could make S together,
// and the buyer, which then has the contract, lacks σ: so a secret is sold among
// two.
func TestSecretAmongThreeIsHidden(t *testing.T) {
	one, m := scalarOf(big.NewInt(1)), sxp.Hash{3}
	anything := one.SignDraw(m)
	times := func(k *big.Int, p bls.G1) bls.G1 { // A − (A − k·p)
		return must(one.OpenShare(anything, must(scalarOf(k).OpenShare(anything, p))))
	}
	for _, n := range []int{2, 3} {
		var sigmas []bls.G1
		for i := range n {
			sigmas = append(sigmas, must(bls.NewSecret(seeded("among %d", i))).SignSession(m))
		}
		const seller, buyer = 0, 1
		s := must(bls.Aggregate(m, sigmas))
		c := bls.Coefficients(m, n)
		rest := must(scalarOf(new(big.Int).SetBytes(c[buyer][:])).OpenShare(s, sigmas[buyer])) // S − c·σ of the buyer
		inverse := new(big.Int).ModInverse(new(big.Int).SetBytes(c[seller][:]), groupOrder)
		if found := times(inverse, rest) == sigmas[seller]; found != (n == 2) {
			t.Errorf("among %d the buyer computes the seller's signature from S: %v: this test shows nothing", n, found)
		}
	}
}

var groupOrder, _ = new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)

func scalarOf(k *big.Int) *bls.Secret {
	return must(bls.ParseSecret(new(big.Int).Mod(k, groupOrder).FillBytes(make([]byte, bls.SecretSize))))
}
