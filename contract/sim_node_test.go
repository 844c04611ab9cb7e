package contract_test

import (
	"cmp"
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
)

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
				w.s.request(w.id.ID(), to, func(j *simJuror) jury.Event {
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
	held    []func() // answers that wait until the claim was passed on
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
	j := &simJuror{s: s, seat: to.Seat, keys: memoJuror{s.w.jurors[to.ID], s.w.known}, disk: map[sxp.Hash][]byte{}}
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
	j.fate, j.down, j.held = fate{}, false, nil
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
		answer := func() {
			if !j.down && j.effect() && reply != nil {
				j.s.logf("%v juror %d answers: %s %s", j.s.now-worldStart, j.seat, a.Answer.Standing, a.Answer.Reason)
				reply(a.Answer)
			}
		}
		if a.Hold {
			j.held = append(j.held, answer)
		} else {
			answer()
		}
	case jury.Passed:
		held := j.held
		j.held = nil
		for _, answer := range held {
			answer()
		}
	case jury.SendForward:
		for _, to := range a.To {
			if j.effect() {
				j.s.request(j.keys.ID(), to, func(o *simJuror) jury.Event { return jury.Forward{Now: o.now(), At: o.now(), Request: a.Request} }, func(ans contract.Answer) {
					j.step(jury.Delivered{Now: j.now(), M: a.M, Seat: to.Seat, Answer: ans}, nil)
				})
			}
		}
	case jury.SendShares:
		for _, to := range a.To {
			if j.effect() {
				j.s.request(j.keys.ID(), to, func(o *simJuror) jury.Event { return jury.Shares{Now: o.now(), At: o.now(), Request: a.Request} }, func(ans contract.Answer) {
					j.step(jury.Delivered{Now: j.now(), M: a.M, Seat: to.Seat, Shares: true, Answer: ans}, nil)
				})
			}
		}
	default:
		panic(fmt.Sprintf("a driver must do %T", a))
	}
}

// request asks a juror and brings the answer back.
func (s *sim) request(by sxp.ID, to contract.SeatContact, ev func(*simJuror) jury.Event, answer func(contract.Answer)) {
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
		e := ev(j)
		answered := s.asked(by, to.ID, e)
		j.step(e, func(a contract.Answer) {
			a.Reason = cmp.Or(s.opts.reason, a.Reason)
			answered(a)
			s.after(latency, func() { answer(a) })
		})
	})
}
