package fairness

import (
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// A party drives the sessions of one person, as an agent does.
type party struct {
	life
	i       int
	corrupt bool
	id      sxp.ID
	keys    *partyKeys
	ledger  *contract.Ledger
	commits int
	own     *watcher
	open_   []bool // by attempt: the proposal has come
	m       []*contract.Session
	timer   []sxp.Time
	inbox   [][]byte // what its relay holds, read again after a restart

	// durable, by attempt
	state   [][]byte
	opening [][]byte
	copies  [][]copied // all states there were, as others hold them for it
	stale   []bool     // restored from such a copy

	facts []*PartyFacts
}

// copied is a state in a backup.
type copied struct {
	state []byte
	phase contract.Phase
}

func newParty(r *run, i int) *party {
	attempts := len(r.w.proposals)
	p := &party{i: i, id: r.w.lab.person(i).signer.ID(), own: r.watchers[i], open_: make([]bool, attempts),
		m: make([]*contract.Session, attempts), timer: make([]sxp.Time, attempts), state: make([][]byte, attempts), opening: make([][]byte, attempts),
		copies: make([][]copied, attempts), stale: make([]bool, attempts)}
	p.life = newLife(r, Member{Party, i + 1}, p.wake)
	p.corrupt = r.adv.holds(p.who)
	p.unlock()
	for range attempts {
		p.facts = append(p.facts, &PartyFacts{Party: i + 1, Corrupt: p.corrupt})
	}
	return p
}

// unlock starts with what is durable only.
func (p *party) unlock() {
	p.keys = &partyKeys{signer: p.r.w.lab.person(p.i).signer, secret: p.r.w.secret(p.i), openings: map[sxp.Hash][]byte{}, commits: &p.commits}
	p.ledger = contract.NewLedger()
}

func (p *party) now() sxp.Time { return p.r.now.Add(p.r.offset(p.who)) }

func (p *party) config() contract.Config {
	ledger := p.ledger
	if p.corrupt && p.r.adv.twice {
		ledger = contract.NewLedger()
	}
	return contract.Config{Algebra: p.r.w.algebra, Keys: p.keys, Ledger: ledger, Limits: p.r.w.limits(), Watcher: p.own.contact()}
}

// open is the arrival of a proposal, with the person's answer.
func (p *party) open(attempt int) {
	p.open_[attempt] = true
	if p.down || p.corrupt && !p.r.adv.plays(p.who) {
		return
	}
	p.begin(attempt)
	for _, raw := range p.inbox {
		p.receive(raw, attempt)
	}
}

func (p *party) begin(attempt int) {
	p.m[attempt] = p.session(must(contract.NewSession(p.config(), p.r.w.proposals[attempt], p.r.w.roll)))
	p.step(attempt, contract.Start{Now: p.now()})
	p.answer(attempt)
}

func (p *party) answer(attempt int) {
	accept := true
	for _, i := range p.r.c.Decline {
		accept = accept && i != p.i+1
	}
	p.step(attempt, contract.Decide{Now: p.now(), Accept: accept})
}

// wake starts from the disk: all sessions are restored before one is stepped.
func (p *party) wake() {
	p.unlock()
	p.loseDisk(p.last.Backup)
	for a := range p.m {
		if p.opening[a] != nil {
			p.keys.openings[p.r.w.proposals[a].Digest] = p.opening[a]
		}
		p.m[a], p.timer[a] = nil, 0
		if p.state[a] != nil {
			p.m[a] = p.session(must(contract.RestoreSession(p.config(), p.r.w.proposals[a], p.r.w.roll, p.state[a])))
			if p.stale[a] && !p.r.w.lab.off.fresh {
				p.m[a].AssumeStale()
			}
			p.r.note("restart " + string(p.m[a].View().Phase))
		}
	}
	for a := range p.m {
		switch {
		case p.down || !p.open_[a]:
		case p.m[a] == nil:
			p.begin(a)
		default:
			p.step(a, contract.Start{Now: p.now()})
			if !p.down && p.m[a].View().Phase == contract.PhaseProposed {
				p.answer(a)
			}
		}
	}
	for _, raw := range p.inbox {
		p.deliver(raw)
	}
}

// loseDisk has only what an agent's backup has: of each deal a state that is so
// many writes old, which was copied before what it says was sent, and no
// opening. What a restored agent does not know of a deal marks it as stale.
func (p *party) loseDisk(old int) {
	if old == 0 {
		return
	}
	p.last.Backup = 0
	for a, copies := range p.copies {
		if len(copies) == 0 {
			continue
		}
		p.r.note("restored from a backup")
		p.r.say("%s has lost its disk, and has a backup%s", p.who, p.r.of(a))
		c := copies[max(0, len(copies)-old)]
		p.state[a], p.stale[a] = c.state, true
		if !p.r.w.lab.off.copied {
			p.opening[a] = nil
		}
		p.facts[a].Restored = true
		p.r.note("restored " + string(c.phase))
	}
}

func (p *party) step(attempt int, ev contract.Event) {
	if p.down || p.m[attempt] == nil {
		return
	}
	acts, err := p.m[attempt].Step(ev)
	if err != nil {
		p.r.refused(p.who, err)
	}
	for _, a := range acts {
		p.do(attempt, a)
	}
	if p.down || p.m[attempt] == nil {
		return
	}
	if next := p.m[attempt].Next(); next != 0 && next != p.timer[attempt] {
		p.timer[attempt] = next
		p.r.after(next.Sub(p.now()), func() {
			if p.timer[attempt] == next {
				p.timer[attempt] = 0
				p.step(attempt, contract.Tick{Now: p.now()})
			}
		})
	}
}

func (p *party) do(attempt int, a contract.Action) {
	session := p.r.w.proposals[attempt].Digest
	switch a := a.(type) {
	case contract.Save:
		p.save(attempt, session, a)
	case contract.SendParties:
		for _, to := range a.To {
			p.put(&out{from: p.who, to: Member{Party, to + 1}, kind: toParty, raw: a.Raw, attempt: attempt})
		}
	case contract.AskWatcher:
		p.put(&out{from: p.who, to: p.own.who, kind: lodging, lodge: a.Request, attempt: attempt})
	case contract.QueryWatcher:
		p.put(&out{from: p.who, to: p.own.who, kind: lodging, m: a.Request.M, attempt: attempt})
	case contract.TellWatchers:
		for _, c := range a.To {
			if w := p.r.watcherAt(c); w != nil {
				p.put(&out{from: p.who, to: w.who, kind: telling, raw: a.Raw, attempt: attempt})
			}
		}
	case contract.FileClaim:
		p.r.say("%s files the claim%s", p.who, p.r.of(attempt))
		for _, to := range a.To {
			p.put(&out{from: p.who, to: p.r.jurorMember(to.ID), kind: claiming, raw: a.Claim, attempt: attempt, seat: to.Seat})
		}
	case contract.QueryJury:
		p.r.say("%s asks the jury%s", p.who, p.r.of(attempt))
		for _, to := range a.To {
			p.put(&out{from: p.who, to: p.r.jurorMember(to.ID), kind: asking, query: a.Request, attempt: attempt, seat: to.Seat})
		}
	case contract.Blame:
		p.blame(attempt, a)
	case contract.Concluded:
		p.facts[attempt].Concluded = p.r.now
		p.r.say("%s: %s%s", p.who, a.Phase, p.r.of(attempt))
	default:
		panic(fmt.Sprintf("fairness: a driver must do %T", a))
	}
}

// blame notes whom a party blames, and whether its evidence convicts.
func (p *party) blame(attempt int, a contract.Blame) {
	who := Member{Party, a.Party + 1}
	pre := p.m[attempt].Preimage()
	if a.Party < 0 {
		who = p.r.jurorMember(pre.Jury[a.Seat-1].ID)
	}
	f := p.facts[attempt]
	f.Blames = append(f.Blames, who)
	if a.Fault != nil {
		p.r.note("blame with evidence")
		if err := a.Fault.Check(p.r.w.algebra, p.r.w.proposals[attempt], pre); err != nil {
			f.Unproven = append(f.Unproven, sxp.Reason(err))
		}
	}
	p.r.note("blame")
	p.r.say("%s blames %s%s", p.who, who, p.r.of(attempt))
}

// save is one atomic write. What it says of the session is noted even if the
// machine stops with it.
func (p *party) save(attempt int, session sxp.Hash, a contract.Save) {
	if !p.effect() {
		return
	}
	p.state[attempt] = a.State
	p.copies[attempt] = append(p.copies[attempt], copied{a.State, p.m[attempt].View().Phase})
	if a.Keep {
		p.opening[attempt] = p.keys.openings[session]
	}
	if a.Erase {
		p.opening[attempt] = nil
		delete(p.keys.openings, session)
	}
	f, v := p.facts[attempt], p.m[attempt].View()
	f.Phase = v.Phase
	if !v.M.IsZero() {
		f.M = v.M
		if p.r.adv.know.session(v.M) == nil {
			p.r.adv.know.preimage(attempt, p.m[attempt].Preimage())
		}
	}
	switch v.Phase {
	case contract.PhasePromised:
		f.Promised = true
	case contract.PhaseReleased:
		f.Promised, f.Released = true, true
	case contract.PhaseDone:
		f.S = v.S
		f.ByJury = v.ByJury
	}
}

// put hands a message to the network: each counts as one effect.
func (p *party) put(o *out) {
	if p.down || p.corrupt && !p.r.adv.lets(o) {
		return
	}
	if p.effect() {
		p.r.carry(o)
	}
}

// get is a message from a relay, which keeps it.
func (p *party) get(raw []byte) {
	p.inbox = append(p.inbox, raw)
	p.deliver(raw)
}

func (p *party) deliver(raw []byte) {
	if p.down {
		return
	}
	if attempt, ok := p.r.peek(raw); ok {
		if attempt < 0 {
			return
		}
		p.step(attempt, contract.Received{Now: p.now(), Raw: raw})
		return
	}
	for attempt := range p.m { // a watcher's receipt
		p.step(attempt, contract.Received{Now: p.now(), Raw: raw})
	}
}

// receive delivers what came before the proposal did.
func (p *party) receive(raw []byte, attempt int) {
	if of, ok := p.r.peek(raw); !ok || of == attempt {
		p.step(attempt, contract.Received{Now: p.now(), Raw: raw})
	}
}

// answered is a juror's answer.
func (p *party) answered(attempt, seat int, a contract.Answer) {
	p.step(attempt, contract.Answered{Now: p.now(), Seat: seat, Answer: a})
}

// request makes the event that a request is for a juror.
func (o *out) request(now, arrived sxp.Time) jury.Event {
	switch o.kind {
	case claiming:
		return jury.Claim{Now: now, At: arrived, Request: contract.ClaimRequest{Claim: o.raw}}
	case forwarding:
		return jury.Forward{Now: now, At: arrived, Request: *o.forward}
	case sharing:
		return jury.Shares{Now: now, At: arrived, Request: o.shares}
	default:
		return jury.Query{Now: now, At: arrived, Request: o.query}
	}
}
