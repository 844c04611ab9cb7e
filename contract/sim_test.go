package contract_test

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A sim drives the real machines of one session through simulated time, in one
// fixed order for one script. Its people and jurors can stop after any effect:
// a write, or one message to one receiver.
type sim struct {
	w        *world
	now      sxp.Time
	queue    agenda
	seq      int
	parties  []*simParty
	watchers []*simWatcher
	jurors   []*simJuror // that were spoken to
	toJurors int         // requests that jurors were sent
	logf     func(string, ...any)
	onSend   func(raw []byte)
	claim    []byte // that was filed last
	opts     simOptions
}

type simOptions struct {
	p         *contract.OpenedProposal // instead of the world's
	watcher   bool                     // every party has a watcher
	party     map[int]fate
	juror     map[int]fate // by seat, 1..n
	rules     map[int]string
	decline   map[int]bool
	offset    func(kind string, i int) sxp.Duration // of clocks
	deliver   func(from, to int, raw []byte) (sxp.Duration, bool)
	toWatcher func(party int) bool
	toJuror   func(seat int) (sxp.Duration, bool)
}

// A fate stops a machine after an effect, counted from 1; 0: never.
type fate struct {
	stopAfter int
	restart   bool         // from what is durable, at once; else it stays down for ever
	dead      bool         // from the start
	back      sxp.Duration // with restart: after so long
}

type job struct {
	at  sxp.Time
	seq int
	do  func()
}

type agenda []job

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, k int) bool {
	return a[i].at < a[k].at || a[i].at == a[k].at && a[i].seq < a[k].seq
}
func (a agenda) Swap(i, k int) { a[i], a[k] = a[k], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(job)) }
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

func (s *sim) after(d sxp.Duration, f func()) {
	s.seq++
	heap.Push(&s.queue, job{s.now.Add(d), s.seq, f})
}

// run lets time pass until nothing happens any more, or the end.
func (s *sim) run(until sxp.Time) {
	for s.queue.Len() > 0 && s.queue[0].at <= until {
		j := heap.Pop(&s.queue).(job)
		s.now = j.at
		j.do()
	}
	s.now = until
}

func newSim(w *world, o simOptions) *sim {
	s := &sim{w: w, now: worldStart, opts: o, logf: func(string, ...any) {}}
	if s.opts.p == nil {
		s.opts.p = w.p
	}
	for i := range w.people {
		p := &simParty{s: s, i: i, fate: o.party[i], ledger: contract.NewLedger()}
		if o.watcher {
			p.watcher = contract.Contact{ID: must(identityOf("watcher", i)).ID(), Address: fmt.Sprintf("watch%d", i)}
			s.watchers = append(s.watchers, newSimWatcher(s, i))
		}
		s.parties = append(s.parties, p)
	}
	for _, p := range s.parties {
		s.after(0, p.begin)
	}
	return s
}

func (s *sim) offset(kind string, i int) sxp.Duration {
	if s.opts.offset == nil {
		return 0
	}
	return s.opts.offset(kind, i)
}

// A simParty is a driver of one Session, as an agent is one.
type simParty struct {
	s       *sim
	i       int
	fate    fate
	effects int
	stopped bool
	watcher contract.Contact
	ledger  *contract.Ledger
	keys    memoKeys
	m       *contract.Session
	timer   sxp.Time
	inbox   [][]byte // what its relay holds, read again after a restart

	// durable
	state   []byte
	opening []byte
	promise bls.Promise // that was sent

	sigmaTo []int // who was sent the own signature
	blamed  []contract.Blame
}

func (p *simParty) now() sxp.Time { return p.s.now.Add(p.s.offset("party", p.i)) }

func (p *simParty) config() contract.Config {
	return contract.Config{Algebra: p.s.w.algebra, Keys: p.keys, Ledger: p.ledger, Limits: p.s.w.limits(), Watcher: p.watcher}
}

func (p *simParty) begin() {
	if p.fate.dead {
		p.stopped = true
		return
	}
	p.keys = p.s.w.keys(p.i)
	p.m = must(contract.NewSession(p.config(), p.s.opts.p, p.s.w.roll))
	p.m.Break(p.s.opts.rules[p.i])
	p.step(contract.Start{Now: p.now()})
	p.step(contract.Decide{Now: p.now(), Accept: !p.s.opts.decline[p.i]})
}

// restart loses everything that is not durable.
func (p *simParty) restart() {
	p.fate, p.stopped = fate{}, false
	p.keys, p.ledger = p.s.w.keys(p.i), contract.NewLedger()
	if p.opening != nil {
		p.keys.Load(p.s.opts.p.Digest, p.opening)
	}
	if p.state == nil {
		p.begin()
	} else {
		p.m = must(contract.RestoreSession(p.config(), p.s.opts.p, p.s.w.roll, p.state))
		p.m.Break(p.s.opts.rules[p.i])
		p.step(contract.Start{Now: p.now()})
		if p.m.View().Phase == contract.PhaseProposed {
			p.step(contract.Decide{Now: p.now(), Accept: true})
		}
	}
	for _, raw := range p.inbox {
		p.step(contract.Received{Now: p.now(), Raw: raw})
	}
}

// effect counts one; it reports whether the party goes on.
func (p *simParty) effect() bool {
	if p.stopped {
		return false
	}
	p.effects++
	if p.fate.stopAfter == 0 || p.effects < p.fate.stopAfter {
		return true
	}
	p.stopped = true
	if p.fate.restart {
		p.s.after(max(p.fate.back, 1), p.restart)
	}
	return true // the effect itself still happens
}

func (p *simParty) step(ev contract.Event) {
	if p.stopped {
		return
	}
	acts, err := p.m.Step(ev)
	if err != nil {
		p.s.logf("%v party %d: error: %s", p.s.now-worldStart, p.i+1, sxp.Reason(err))
	}
	for _, a := range acts {
		p.do(a)
	}
	if next := p.m.Next(); !p.stopped && next != 0 && next != p.timer {
		p.timer = next
		p.s.after(max(next.Sub(p.now()), 1), func() {
			if p.timer == next {
				p.timer = 0
				p.step(contract.Tick{Now: p.now()})
			}
		})
	}
}

func (p *simParty) do(a contract.Action) {
	session := p.s.opts.p.Digest
	switch a := a.(type) {
	case contract.Save:
		if !p.effect() {
			return
		}
		p.state = a.State
		if a.Keep {
			p.opening = p.keys.Opening(session)
		}
		if a.Erase {
			p.opening = nil
			p.keys.Erase(session)
		}
	case contract.SendParties:
		for _, to := range a.To {
			if p.effect() {
				p.send(to, a.Raw)
			}
		}
	case contract.AskWatcher:
		if p.effect() {
			p.lodge(a)
		}
	case contract.TellWatchers:
		for _, c := range a.To {
			if p.effect() {
				p.tell(c, a.Raw)
			}
		}
	case contract.FileClaim:
		p.s.logf("%v party %d files the claim", p.s.now-worldStart, p.i+1)
		p.s.claim = a.Claim
		for _, to := range a.To {
			if p.effect() {
				p.s.request(to, func(j *simJuror) jury.Event {
					return jury.Claim{Now: j.now(), At: j.now(), Request: contract.ClaimRequest{Claim: a.Claim}}
				}, p.answered(to.Seat))
			}
		}
	case contract.QueryJury:
		p.s.logf("%v party %d asks the jury", p.s.now-worldStart, p.i+1)
		for _, to := range a.To {
			if p.effect() {
				p.s.request(to, func(j *simJuror) jury.Event { return jury.Query{Now: j.now(), At: j.now(), Request: a.Request} }, p.answered(to.Seat))
			}
		}
	case contract.Blame:
		p.blamed = append(p.blamed, a)
	case contract.Concluded:
		p.s.logf("%v party %d: %s, %s", p.s.now-worldStart, p.i+1, a.Phase, a.Reason)
	default:
		panic(fmt.Sprintf("a driver must do %T", a))
	}
}

func (p *simParty) answered(seat int) func(contract.Answer) {
	return func(a contract.Answer) { p.step(contract.Answered{Now: p.now(), Seat: seat, Answer: a}) }
}

func (p *simParty) send(to int, raw []byte) {
	if p.s.onSend != nil {
		p.s.onSend(raw)
	}
	d := latency
	if p.s.opts.deliver != nil {
		var ok bool
		if d, ok = p.s.opts.deliver(p.i, to, raw); !ok {
			return
		}
	}
	switch contract.TypeOf(raw) {
	case contract.TypeRelease:
		p.sigmaTo = append(p.sigmaTo, to)
	case contract.TypePromise:
		p.promise = bls.Promise{}
	}
	p.s.logf("%v party %d → party %d: %s", p.s.now-worldStart, p.i+1, to+1, contract.TypeOf(raw))
	p.s.after(d, func() { p.s.parties[to].get(raw) })
}

func (p *simParty) get(raw []byte) {
	p.inbox = append(p.inbox, raw)
	p.step(contract.Received{Now: p.now(), Raw: raw})
}

func (p *simParty) lodge(a contract.AskWatcher) {
	if p.s.opts.toWatcher != nil && !p.s.opts.toWatcher(p.i) {
		return
	}
	p.s.logf("%v party %d → its watcher: lodge", p.s.now-worldStart, p.i+1)
	p.s.after(latency, func() {
		w := p.s.watchers[p.i]
		w.step(contract.Lodge{Now: w.now(), From: p.s.w.people[p.i].id.ID(), Request: a.Request}, func(ans contract.WatchAnswer) {
			for _, raw := range [][]byte{ans.Receipt, ans.Result} {
				if len(raw) > 0 {
					p.s.after(latency, func() { p.get(raw) })
				}
			}
		})
	})
}

func (p *simParty) tell(c contract.Contact, raw []byte) {
	p.s.after(latency, func() {
		for _, w := range p.s.watchers {
			if w.id.ID() == c.ID {
				w.step(contract.Told{Now: w.now(), Raw: raw}, func(contract.WatchAnswer) {})
			}
		}
	})
}

func (p *simParty) phase() contract.Phase {
	if p.m == nil {
		return ""
	}
	return p.m.View().Phase
}

// A simWatcher is a driver of one Watcher.
type simWatcher struct {
	s     *sim
	i     int
	id    envelope.Signer
	m     *contract.Watcher
	timer sxp.Time
}

func newSimWatcher(s *sim, i int) *simWatcher {
	id := must(identityOf("watcher", i))
	return &simWatcher{s: s, i: i, id: id, m: contract.NewWatcher(contract.WatcherConfig{Algebra: s.w.algebra, Signer: id})}
}

func (w *simWatcher) now() sxp.Time { return w.s.now.Add(w.s.offset("watcher", w.i)) }

func (w *simWatcher) step(ev contract.Event, reply func(contract.WatchAnswer)) {
	acts, err := w.m.Step(ev)
	if err != nil {
		w.s.logf("%v watcher %d: error: %s", w.s.now-worldStart, w.i+1, sxp.Reason(err))
	}
	for _, a := range acts {
		switch a := a.(type) {
		case contract.SaveRecord:
		case contract.Reply:
			reply(a.Answer)
		case contract.FileClaim:
			w.s.logf("%v watcher %d files the claim", w.s.now-worldStart, w.i+1)
			for _, to := range a.To {
				w.s.request(to, func(j *simJuror) jury.Event {
					return jury.Claim{Now: j.now(), At: j.now(), Request: contract.ClaimRequest{Claim: a.Claim}}
				}, func(ans contract.Answer) {
					w.step(contract.AnsweredFor{Now: w.now(), M: a.M, Seat: to.Seat, Answer: ans}, nil)
				})
			}
		default:
			panic(fmt.Sprintf("a driver must do %T", a))
		}
	}
	if next := w.m.Next(); next != 0 && next != w.timer && next < worldStart.Add(sxp.Day) {
		w.timer = next
		w.s.after(max(next.Sub(w.now()), 1), func() {
			if w.timer == next {
				w.timer = 0
				w.step(contract.Tick{Now: w.now()}, nil)
			}
		})
	}
}

// A simJuror is a driver of one Juror.
type simJuror struct {
	s       *sim
	seat    int
	keys    memoJuror
	m       *jury.Juror
	disk    map[sxp.Hash][]byte
	fate    fate
	effects int
	down    bool
	timer   sxp.Time
}

// juror returns the driver of a juror. It was up from the start; a simulation
// only needs it from the moment somebody speaks to it.
func (s *sim) juror(to contract.SeatContact) *simJuror {
	for _, j := range s.jurors {
		if j.keys.ID() == to.ID {
			return j
		}
	}
	j := &simJuror{s: s, seat: to.Seat, keys: memoJuror{s.w.jurors[to.ID], s.w.memo}, disk: map[sxp.Hash][]byte{}}
	s.jurors = append(s.jurors, j)
	j.m = jury.New(j.config())
	j.step(jury.Start{Now: worldStart.Add(s.offset("juror", j.seat))}, nil)
	j.fate, j.effects = s.opts.juror[to.Seat], 0
	j.down = j.fate.dead
	return j
}

func (j *simJuror) config() jury.Config {
	return jury.Config{Algebra: j.s.w.algebra, Keys: j.keys, MaxGap: 10 * worldHorizon}
}

func (j *simJuror) now() sxp.Time { return j.s.now.Add(j.s.offset("juror", j.seat)) }

func (j *simJuror) effect() bool {
	if j.down {
		return false
	}
	j.effects++
	if j.fate.stopAfter == 0 || j.effects < j.fate.stopAfter {
		return true
	}
	j.down = true
	if j.fate.restart {
		j.s.after(1, j.restart)
	}
	return true
}

func (j *simJuror) restart() {
	j.fate, j.down = fate{}, false
	j.m = jury.New(j.config())
	for k, v := range j.disk {
		if err := j.m.Restore(k, v); err != nil {
			panic(err)
		}
	}
	j.step(jury.Start{Now: j.now()}, nil)
}

func (j *simJuror) step(ev jury.Event, reply func(contract.Answer)) {
	if j.down {
		return
	}
	acts, err := j.m.Step(ev)
	if err != nil {
		j.s.logf("%v juror %d: error: %s", j.s.now-worldStart, j.seat, sxp.Reason(err))
	}
	for _, a := range acts {
		j.do(a, reply)
	}
	if next := j.m.Next(); !j.down && next != j.timer && next < j.s.now.Add(worldHorizon) {
		j.timer = next
		j.s.after(max(next.Sub(j.now()), 1), func() {
			if j.timer == next {
				j.timer = 0
				j.step(jury.Tick{Now: j.now()}, nil)
			}
		})
	}
}

func (j *simJuror) do(a jury.Action, reply func(contract.Answer)) {
	switch a := a.(type) {
	case jury.Save:
		if j.effect() {
			j.disk[a.Key] = a.Value
		}
	case jury.Reply:
		if j.effect() && reply != nil {
			j.s.logf("%v juror %d answers: %s %s", j.s.now-worldStart, j.seat, a.Answer.Standing, a.Answer.Reason)
			reply(a.Answer)
		}
	case jury.SendForward:
		for _, to := range a.To {
			if j.effect() {
				j.s.request(to, func(o *simJuror) jury.Event { return jury.Forward{Now: o.now(), At: o.now(), Request: a.Request} }, func(ans contract.Answer) {
					j.step(jury.Delivered{Now: j.now(), M: a.M, Seat: to.Seat, Answer: ans}, nil)
				})
			}
		}
	case jury.SendShares:
		for _, to := range a.To {
			if j.effect() {
				j.s.request(to, func(o *simJuror) jury.Event { return jury.Shares{Now: o.now(), At: o.now(), Request: a.Request} }, func(ans contract.Answer) {
					j.step(jury.Delivered{Now: j.now(), M: a.M, Seat: to.Seat, Shares: true, Answer: ans}, nil)
				})
			}
		}
	default:
		panic(fmt.Sprintf("a driver must do %T", a))
	}
}

// request asks a juror and brings the answer back.
func (s *sim) request(to contract.SeatContact, ev func(*simJuror) jury.Event, answer func(contract.Answer)) {
	d := latency
	if s.opts.toJuror != nil {
		var ok bool
		if d, ok = s.opts.toJuror(to.Seat); !ok {
			return
		}
	}
	s.toJurors++
	s.after(d, func() {
		j := s.juror(to)
		j.step(ev(j), func(a contract.Answer) { s.after(latency, func() { answer(a) }) })
	})
}

// stand returns what each juror that was spoken to thinks of the session.
func (s *sim) stand() []contract.Standing {
	var out []contract.Standing
	for _, j := range s.jurors {
		out = append(out, j.m.Standing(s.m()))
	}
	return out
}

func (s *sim) m() sxp.Hash {
	for _, p := range s.parties {
		if p.m != nil && p.m.Preimage() != nil {
			return p.m.Preimage().M()
		}
	}
	return sxp.Hash{}
}

// end is when every question has had time to be answered.
func (s *sim) end() sxp.Time {
	return s.opts.p.VoidAfter().Add(s.opts.p.Epsilon + 4*s.opts.p.Delta)
}

// exposed reports whether somebody other than honest people can complete the
// contract: each honest party's signature was sent to a stopped party, or t
// jurors have opened or are corrupt while its promise was sent.
func (s *sim) exposed() bool {
	stoppedAny := false
	for _, p := range s.parties {
		stoppedAny = stoppedAny || p.stopped
	}
	open := 0
	for j, st := range s.stand() {
		if st == contract.Completed || s.jurors[j].down {
			open++
		}
	}
	byJury := len(s.jurors) > 0 && open >= s.opts.p.T
	for _, p := range s.parties {
		if p.stopped {
			continue
		}
		sent := slices.ContainsFunc(p.sigmaTo, func(to int) bool { return s.parties[to].stopped })
		if !sent && !(byJury && p.promise != nil && stoppedAny) {
			return false
		}
	}
	return stoppedAny
}

// check states fairness, and that everybody honest knows the outcome.
func (s *sim) check(tb testing.TB, name string) {
	tb.Helper()
	var phases []string
	done, bound, honest := 0, 0, 0
	for _, p := range s.parties {
		if p.stopped {
			phases = append(phases, "stopped")
			continue
		}
		honest++
		ph := p.phase()
		phases = append(phases, string(ph))
		switch ph {
		case contract.PhaseDone:
			done++
		case contract.PhasePromised, contract.PhaseReleased, contract.PhaseAccepted, contract.PhaseProposed:
			bound++
		}
	}
	state := fmt.Sprintf("%s: parties %s, jury %v", name, strings.Join(phases, " "), s.stand())
	if done > 0 && done < honest {
		tb.Errorf("unfair: some honest parties hold the contract and some do not: %s", state)
	}
	if done == 0 && honest > 0 && s.exposed() {
		tb.Errorf("unfair: dishonest parties can complete the contract and no honest one holds it: %s", state)
	}
	if bound > 0 {
		tb.Errorf("no outcome: an honest party still waits: %s", state)
	}
	opened, voided := 0, 0
	for _, st := range s.stand() {
		switch st {
		case contract.Completed:
			opened++
		case contract.Voided:
			voided++
		}
	}
	if opened > 0 && voided > 0 {
		tb.Errorf("honest jurors disagree: %s", state)
	}
}
