package fairness

import (
	"container/heap"
	"fmt"
	"strings"

	"sxp"
	"sxp/contract"
)

// A run is one play of a case.
type run struct {
	c   *Case
	w   *world
	now sxp.Time

	queue agenda
	seq   int
	until sxp.Time

	parties  []*party
	watchers []*watcher
	jurors   []*juror // by Member.N−1; nil until somebody speaks to it

	adv    *adversary
	links  links
	facts  Facts
	quiet  sxp.Time // nothing is lost from here on
	talk   *strings.Builder
	jumps  map[Member]sxp.Duration // how much a clock is ahead now, in the place of what the case says
	peeked map[string]peeked       // messages among parties
}

// A job is something that will happen.
type job struct {
	at  sxp.Time
	seq int
	do  func()
}

// agenda is a heap of jobs, the earliest first, and of one moment in the order
// in which they were put down.
type agenda []job

// Len is heap.Interface's, as are the next four.
func (a agenda) Len() int { return len(a) }

// Less orders by time, then by age.
func (a agenda) Less(i, k int) bool {
	return a[i].at < a[k].at || a[i].at == a[k].at && a[i].seq < a[k].seq
}

// Swap swaps two.
func (a agenda) Swap(i, k int) { a[i], a[k] = a[k], a[i] }

// Push adds one.
func (a *agenda) Push(x any) { *a = append(*a, x.(job)) }

// Pop takes the last.
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	old[len(old)-1] = job{}
	*a = old[:len(old)-1]
	return x
}

// after does something later: never at the same moment.
func (r *run) after(d sxp.Duration, do func()) { r.at(r.now.Add(max(d, 1)), do) }

// at does something at a moment, or at once if that has passed.
func (r *run) at(t sxp.Time, do func()) {
	r.seq++
	heap.Push(&r.queue, job{max(t, r.now), r.seq, do})
}

// maxJobs bounds a run: one that goes on for longer is a mistake of a machine
// or a plot, and reported as one.
const maxJobs = 2_000_000

// play lets time pass until the end.
func (r *run) play() {
	for n := 0; r.queue.Len() > 0 && r.queue[0].at <= r.until; n++ {
		if n > maxJobs {
			r.facts.Endless = true
			break
		}
		j := heap.Pop(&r.queue).(job)
		r.now = j.at
		j.do()
	}
	r.now = r.until
}

// newRun prepares a play of a checked case.
func newRun(l *Lab, c *Case, talk *strings.Builder) *run {
	w := l.world(c)
	r := &run{c: c, w: w, now: start, talk: talk, jurors: make([]*juror, len(w.jurors)), jumps: map[Member]sxp.Duration{}, peeked: map[string]peeked{}}
	r.links.init(r)
	r.adv = newAdversary(r)
	p := w.proposals[0]
	r.quiet = max(start.Add(c.Net.Quiet), start)
	r.facts = Facts{Case: c, Counts: map[string]int{}, Quiet: r.quiet, QueryFrom: p.VoidAfter().Add(p.Epsilon)}
	for i := range c.Parties {
		r.watchers = append(r.watchers, newWatcher(r, i))
		r.parties = append(r.parties, newParty(r, i))
	}
	r.adv.setUp()
	for _, s := range c.Sets {
		r.at(start.Add(s.At), func() { r.setClock(s) })
	}
	for attempt := range w.proposals {
		from := start
		if attempt > 0 {
			from = start.Add(c.Second)
		}
		for _, p := range r.parties {
			tap := at(c.Seed, 't', uint64(attempt), uint64(p.i))
			r.at(from.Add(tap.span(0, c.Tap)), func() { p.open(attempt) })
		}
	}
	r.extend(r.quiet)
	if c.Gap > 0 { // they must be heard of all the time
		for i := range r.jurors {
			r.juror(i + 1)
		}
	}
	return r
}

// extend makes the run long enough that whoever has been heard of until a
// moment gets an answer: the pauses between questions at most double.
func (r *run) extend(quiet sxp.Time) {
	q := r.facts.QueryFrom
	quiet = max(quiet, q)
	s := r.c.Spans
	r.until = max(r.until, quiet.Add(2*quiet.Sub(q)+4*s.L+8*s.Delta+20*calm))
}

// calm is the longest delay once all is quiet.
const calm sxp.Duration = 20

// offset is how much a member's clock is ahead.
func (r *run) offset(m Member) sxp.Duration {
	if d, ok := r.jumps[m]; ok {
		return d
	}
	return r.c.Clocks[m]
}

// setClock sets a clock, also one of a member that is away.
func (r *run) setClock(s ClockSet) {
	how := "clock set forwards"
	if s.Ahead < r.offset(s.Who) {
		how = "clock set back"
	}
	r.note(how)
	if r.downNow(s.Who) {
		r.note("clock set while away")
	}
	r.say("%s: %s, by %d ms", s.Who, how, s.Ahead-r.offset(s.Who))
	r.jumps[s.Who] = s.Ahead
}

func (r *run) downNow(m Member) bool {
	switch m.Kind {
	case Party:
		return r.parties[m.N-1].down
	case Watcher:
		return r.watchers[m.N-1].down
	}
	return r.jurors[m.N-1] != nil && r.jurors[m.N-1].down
}

// ahead returns by how much a member's clock is ahead at least and at most in
// the whole run.
func (r *run) ahead(m Member) (least, most sxp.Duration) {
	least = r.offset(m)
	most = least
	for _, s := range r.c.Sets {
		if s.Who == m {
			first := r.c.Clocks[m]
			least, most = min(least, first, s.Ahead), max(most, first, s.Ahead)
		}
	}
	return least, most
}

// note counts something that shows that a run was not idle.
func (r *run) note(what string) { r.facts.Counts[what]++ }

// say adds a line to the conversation.
func (r *run) say(format string, args ...any) {
	if r.talk == nil {
		return
	}
	fmt.Fprintf(r.talk, "%7d  ", r.now-start)
	fmt.Fprintf(r.talk, format, args...)
	r.talk.WriteByte('\n')
}

// refused is what a machine says of an error, without words that depend on
// digests.
func (r *run) refused(m Member, err error) {
	r.note("refused by " + string(rune(m.Kind)))
	if r.talk != nil {
		r.say("%s refuses it: %v", m, sxp.KindOf(err))
	}
}

// of is " (attempt 2)" where there is more than one.
func (r *run) of(attempt int) string {
	if attempt == 0 {
		return ""
	}
	return fmt.Sprintf(" (attempt %d)", attempt+1)
}

// attemptOf returns the index of the proposal with a digest, −1 for none.
func (r *run) attemptOf(proposal sxp.Hash) int {
	for i, p := range r.w.proposals {
		if p.Digest == proposal {
			return i
		}
	}
	return -1
}

// peeked is what a message among parties says of itself.
type peeked struct {
	attempt int // −1: of no proposal here
	ok      bool
}

// peek returns the attempt that a message belongs to; ok is false for what is no
// message among parties. All receivers of the same bytes see the same.
func (r *run) peek(raw []byte) (attempt int, ok bool) {
	p, known := r.peeked[string(raw)]
	if !known {
		if m, err := contract.Peek(raw); err == nil {
			p = peeked{r.attemptOf(m.Proposal), true}
		}
		r.peeked[string(raw)] = p
	}
	return p.attempt, p.ok
}

// attemptOfM returns the attempt that m is of, −1 for none that a party or the
// adversary knows.
func (r *run) attemptOfM(m sxp.Hash) int {
	if k := r.adv.know.session(m); k != nil {
		return k.attempt
	}
	return -1
}

// life counts a member's effects and stops it at those the case says.
type life struct {
	r       *run
	who     Member
	effects int
	down    bool
	crashes []Crash
	last    Crash // the newest
	restart func()

	stopped  bool     // for ever
	lastBack sxp.Time // when it last came back; 0: never
	wasDown  sxp.Duration
}

func newLife(r *run, who Member, restart func()) life {
	l := life{r: r, who: who, restart: restart}
	for _, c := range r.c.Crashes {
		if c.Who == who {
			l.crashes = append(l.crashes, c)
		}
	}
	return l
}

// effect counts one; it reports whether it happens.
func (l *life) effect() bool {
	if l.down {
		return false
	}
	l.effects++
	for _, c := range l.crashes {
		if c.Effect == l.effects {
			l.crash(c)
			return !c.Before
		}
	}
	return true
}

func (l *life) crash(c Crash) {
	l.down, l.last = true, c
	l.r.note("crash")
	if c.Back <= 0 {
		l.stopped = true
		l.r.say("%s stops for ever", l.who)
		return
	}
	l.r.say("%s stops for %d ms", l.who, c.Back)
	from := l.r.now
	l.r.extend(from.Add(c.Back))
	l.r.after(c.Back, func() {
		l.down, l.lastBack = false, l.r.now
		l.wasDown = max(l.wasDown, l.r.now.Sub(from))
		l.r.facts.LastFault = max(l.r.facts.LastFault, l.r.now)
		l.r.say("%s is back", l.who)
		l.restart()
	})
}

func typeName(raw []byte) string {
	return strings.TrimSuffix(strings.TrimPrefix(string(contract.TypeOf(raw)), "sxp."), "/1")
}
