package contract_test

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
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
	onLodge  func(party int, r contract.LodgeRequest)
	onAsk    func(by, to sxp.ID, ev any) (answered func(answer any)) // requests to watchers and jurors
	claim    []byte                                                  // that was filed last
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
	tell      func(from, watcher int) bool // whether a release or result is shown to a watcher
	toWatcher func(party int) bool
	toJuror   func(seat int) (sxp.Duration, bool)
	reason    string // that jurors put into their answers
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
		p := &simParty{s: s, i: i, fate: o.party[i], ledger: contract.NewLedger(), secret: w.secrets[i]}
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

// asked tells onAsk of a request; what it returns is told the answer.
func (s *sim) asked(by, to sxp.ID, ev any) func(answer any) {
	if s.onAsk == nil {
		return func(any) {}
	}
	return s.onAsk(by, to, ev)
}

func (s *sim) offset(kind string, i int) sxp.Duration {
	if s.opts.offset == nil {
		return 0
	}
	return s.opts.offset(kind, i)
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
			p.checkSecrets(tb, name)
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
