package fairness

import (
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// A juror drives one jury.Juror behind its queue, as a node does.
type juror struct {
	life
	keys    *jurorKeys
	corrupt bool
	m       *jury.Juror
	disk    map[sxp.Hash][]byte
	timer   sxp.Time
	queue   jury.Queue[asked]
	busy    bool
	serving *out                  // the request at hand
	held    map[sxp.Hash][]func() // answers that wait until the claim was passed on
	facts   *JurorFacts
}

// asked is a request in a juror's queue, and what to do with the answer.
type asked struct {
	o     *out
	reply func(contract.Answer)
}

// jurorMember returns who a juror's id is.
func (r *run) jurorMember(id sxp.ID) Member { return Member{Juror, r.w.jurorN(id)} }

// juror returns the driver of a juror. It was up from the start; it is only
// needed from the moment somebody speaks to it.
func (r *run) juror(n int) *juror {
	if r.jurors[n-1] != nil {
		return r.jurors[n-1]
	}
	j := &juror{keys: r.w.jurors[n-1].keys, disk: map[sxp.Hash][]byte{}}
	j.who = Member{Juror, n}
	j.corrupt = r.adv.holds(j.who)
	j.facts = &JurorFacts{Juror: n, Corrupt: j.corrupt, Said: map[sxp.Hash]*Words{}}
	j.r = r
	r.jurors[n-1] = j
	j.m = j.machine()
	j.step(jury.Start{Now: start.Add(r.offset(j.who))}, nil)
	j.life = newLife(r, j.who, j.wake)
	return j
}

// forever is longer than any run.
const forever = 1000 * sxp.Day

func (j *juror) config() jury.Config {
	gap := j.r.c.Gap
	if gap <= 0 {
		gap = forever
	}
	return jury.Config{Algebra: j.r.w.algebra, Keys: j.keys, MaxGap: gap, Reader: &j.r.w.lab.reader}
}

func (j *juror) now() sxp.Time { return j.r.now.Add(j.r.offset(j.who)) }

func (j *juror) wake() {
	defer j.again(j.interrupted())
	j.m, j.timer, j.queue, j.busy, j.held = j.machine(), 0, jury.Queue[asked]{}, false, nil
	for _, key := range sortedKeys(j.disk) {
		if err := j.m.Restore(key, j.disk[key]); err != nil {
			panic("fairness: a juror's own record: " + err.Error())
		}
	}
	j.r.note("restart juror " + string(j.m.Standing(j.r.adv.know.any())))
	j.step(jury.Start{Now: j.now()}, nil)
}

// interrupted returns the requests whose connections broke with the crash.
func (j *juror) interrupted() (list []*out) {
	if j.serving != nil {
		list = append(list, j.serving)
	}
	for {
		_, a, ok := j.queue.Pop()
		if !ok {
			j.serving = nil
			return list
		}
		list = append(list, a.o)
	}
}

// again has requests repeated at once, as those do whose connection breaks:
// otherwise a crash of a moment would cost an attempt, and with it more of Δ
// than assumption 2 leaves for it.
func (j *juror) again(list []*out) {
	if j.r.failing(j.who.N) {
		return
	}
	for _, o := range list {
		j.r.after(1, func() { j.r.arrive(o) })
	}
}

// get is a request. It waits its turn.
func (j *juror) get(o *out, reply func(contract.Answer)) {
	if j.down {
		return
	}
	now := j.now()
	if err := j.queue.Push(o.request(now, now), asked{o, reply}); err != nil {
		j.r.refused(j.who, err)
		return
	}
	if !j.busy {
		j.busy = true
		j.serveIn(j.r.c.Net.Service)
	}
}

func (j *juror) serveIn(d sxp.Duration) {
	if d <= 0 {
		j.serve()
		return
	}
	q := &j.queue
	j.r.after(d, func() {
		if q == &j.queue && !j.down {
			j.serve()
		}
	})
}

func (j *juror) serve() {
	ev, who, ok := j.queue.Pop()
	if !ok {
		j.busy = false
		return
	}
	j.serving = who.o
	j.step(jury.Served(ev, j.now()), who.reply)
	if j.down {
		return
	}
	j.serving = nil
	if j.queue.Len() == 0 {
		j.busy = false
		return
	}
	j.serveIn(j.r.c.Net.Service)
}

func (j *juror) step(ev jury.Event, reply func(contract.Answer)) {
	if j.down {
		return
	}
	acts, err := j.m.Step(ev)
	if err != nil {
		j.r.refused(j.who, err)
	}
	for _, a := range acts {
		j.do(ev, a, reply)
	}
	if j.down {
		return
	}
	if next := j.m.Next(); next != j.timer {
		j.timer = next
		if next > j.r.until.Add(sxp.Day) {
			return
		}
		j.r.after(next.Sub(j.now()), func() {
			if j.timer == next {
				j.timer = 0
				j.step(jury.Tick{Now: j.now()}, nil)
			}
		})
	}
}

func (j *juror) do(ev jury.Event, a jury.Action, reply func(contract.Answer)) {
	switch a := a.(type) {
	case jury.Save:
		if j.effects == 0 && j.restart == nil || j.effect() { // the write at its first start is no effect
			j.disk[a.Key] = a.Value
		}
	case jury.Reply:
		switch {
		case reply == nil:
		case a.Hold:
			j.hold(a.Answer.M, func() { j.answer(ev, &a.Answer, reply) })
		default:
			j.answer(ev, &a.Answer, reply)
		}
	case jury.Passed:
		held := j.held[a.M]
		delete(j.held, a.M)
		for _, answer := range held {
			answer()
		}
	case jury.SendForward:
		for _, to := range a.To {
			j.put(&out{from: j.who, to: j.r.jurorMember(to.ID), kind: forwarding, forward: &a.Request, seat: to.Seat, m: a.M})
		}
	case jury.SendShares:
		for _, to := range a.To {
			j.put(&out{from: j.who, to: j.r.jurorMember(to.ID), kind: sharing, shares: a.Request, seat: to.Seat, m: a.M})
		}
	default:
		panic(fmt.Sprintf("fairness: a driver must do %T", a))
	}
}

// answer gives an answer to who asked.
func (j *juror) answer(ev jury.Event, a *contract.Answer, reply func(contract.Answer)) {
	if !j.down && j.effect() {
		j.hear(ev, a)
		reply(*a)
	}
}

// hold keeps an answer back until the session's Passed.
func (j *juror) hold(m sxp.Hash, answer func()) {
	if j.held == nil {
		j.held = map[sxp.Hash][]func(){}
	}
	j.held[m] = append(j.held[m], answer)
}

// hear notes what a juror says, which binds it.
func (j *juror) hear(ev jury.Event, a *contract.Answer) {
	w := j.facts.words(a.M)
	switch a.Standing {
	case contract.Completed:
		w.Endorsed, w.Opened = true, w.Opened || len(a.Shares) > 0
	case contract.Voided:
		w.Voided = true
	}
	what := "answer"
	switch e := ev.(type) {
	case jury.Claim:
		what = "claim"
		j.r.nearD(a.M, e.At, a.Standing)
	case jury.Forward:
		what = fmt.Sprintf("forward k=%d", min(len(e.Request.Endorsements), 3))
	case jury.Query:
		what = "query"
	case jury.Shares:
		what = "shares"
	}
	j.r.note(what + ": " + string(a.Standing))
}

// put hands a message to the network.
func (j *juror) put(o *out) {
	if j.down || j.corrupt && !j.r.adv.lets(o) {
		return
	}
	if j.effect() {
		w := j.facts.words(o.m)
		w.Endorsed, w.Opened = true, w.Opened || o.kind == sharing
		j.r.adv.know.public(o.shares.Shares...)
		j.r.carry(o)
	}
}

// nearD notes claims whose time is close to the deadline.
func (r *run) nearD(m sxp.Hash, at sxp.Time, st contract.Standing) {
	a := max(r.attemptOfM(m), 0)
	switch d := at.Sub(r.w.proposals[a].Deadline); {
	case d > 0 && d <= r.c.Spans.Delta:
		r.note("claim within Δ after D")
	case d <= 0 && d > -r.c.Spans.L/4:
		r.note("claim within L/4 before D")
	}
	if st == contract.Completed {
		r.note("claim good")
	}
}
