package contract_test

import (
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/internal/bls"
)

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
	secret  []byte      // contract.SecretKey, until its lock is made
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
	p.loadSecret()
	p.m = must(contract.NewSession(p.config(), p.s.opts.p, p.s.w.roll))
	p.m.Break(p.s.opts.rules[p.i])
	p.step(contract.Start{Now: p.now()})
	p.step(contract.Decide{Now: p.now(), Accept: !p.s.opts.decline[p.i]})
}

// restart loses everything that is not durable.
func (p *simParty) restart() {
	p.fate, p.stopped = fate{}, false
	p.keys, p.ledger = p.s.w.keys(p.i), contract.NewLedger()
	p.loadSecret()
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

func (p *simParty) loadSecret() {
	if p.secret != nil {
		p.keys.LoadSecret(p.s.opts.p.Digest, p.secret)
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
		if a.Spend {
			p.secret = nil
			p.keys.EraseSecret(session)
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
	case contract.QueryWatcher:
		if p.effect() {
			p.queryWatcher(a)
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
				p.s.request(p.keys.ID(), to, func(j *simJuror) jury.Event {
					return jury.Claim{Now: j.now(), At: j.now(), Request: contract.ClaimRequest{Claim: a.Claim}}
				}, p.answered(to.Seat))
			}
		}
	case contract.QueryJury:
		p.s.logf("%v party %d asks the jury", p.s.now-worldStart, p.i+1)
		for _, to := range a.To {
			if p.effect() {
				p.s.request(p.keys.ID(), to, func(j *simJuror) jury.Event { return jury.Query{Now: j.now(), At: j.now(), Request: a.Request} }, p.answered(to.Seat))
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
	if p.s.onLodge != nil {
		p.s.onLodge(p.i, a.Request)
	}
	if p.s.opts.toWatcher != nil && !p.s.opts.toWatcher(p.i) {
		return
	}
	p.s.logf("%v party %d → its watcher: lodge", p.s.now-worldStart, p.i+1)
	p.s.after(latency, func() {
		w := p.s.watchers[p.i]
		me := p.s.w.people[p.i].id.ID()
		answered := p.s.asked(me, w.id.ID(), a.Request)
		w.step(contract.Lodge{Now: w.now(), From: me, Request: a.Request}, p.heardWatcher(answered))
	})
}

func (p *simParty) queryWatcher(a contract.QueryWatcher) {
	p.s.logf("%v party %d → its watcher: ask", p.s.now-worldStart, p.i+1)
	p.s.after(latency, func() {
		w := p.s.watchers[p.i]
		me := p.s.w.people[p.i].id.ID()
		answered := p.s.asked(me, w.id.ID(), a.Request)
		w.step(contract.Asked{Now: w.now(), From: me, M: a.Request.M}, p.heardWatcher(answered))
	})
}

// heardWatcher takes the own watcher's answer.
func (p *simParty) heardWatcher(answered func(any)) func(contract.WatchAnswer) {
	return func(ans contract.WatchAnswer) {
		answered(ans)
		for _, raw := range [][]byte{ans.Receipt, ans.Result} {
			if len(raw) > 0 {
				p.s.after(latency, func() { p.get(raw) })
			}
		}
	}
}

func (p *simParty) tell(c contract.Contact, raw []byte) {
	p.s.after(latency, func() {
		for _, w := range p.s.watchers {
			if w.id.ID() == c.ID && (p.s.opts.tell == nil || p.s.opts.tell(p.i, w.i)) {
				answered := p.s.asked(p.keys.ID(), c.ID, contract.TellRequest{Message: raw})
				w.step(contract.Told{Now: w.now(), Raw: raw}, func(a contract.WatchAnswer) { answered(a) })
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
