package fairness

import (
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// A happening is a message at a member's door. It says everything but the time.
type happening struct {
	to   int // index of explorer.members
	from Member
	what string // for people
	kind outKind
	raw  []byte // toParty, telling, claiming
	seat int    // of a juror that answers

	lodge   contract.LodgeRequest
	query   contract.QueryRequest
	forward contract.ForwardRequest
	shares  contract.SharesRequest
	answer  contract.Answer
	ofShare bool // answers shares, not a claim

	says [moods]int32 // of a question to a corrupt juror, where to is −1: its answer
}

// happen returns the number of a happening; content tells it from others
// between the same two.
func (x *explorer) happen(h happening, to Member, content ...[]byte) int32 {
	i, ok := x.index[to]
	if !ok {
		return -1
	}
	sum := sxp.Sum(content...)
	name := fmt.Sprint(h.from, to, h.kind, h.seat, h.ofShare, sum)
	if n, ok := x.named[name]; ok {
		return n
	}
	h.to, h.what = i, describe(h.from, to, h.what)
	x.happenings = append(x.happenings, &h)
	x.named[name] = int32(len(x.happenings) - 1)
	return x.named[name]
}

// What an honest member has done, for good.
const (
	didPromise = 1 << iota // sent
	didRelease             // sent
	didFile                // a watcher, with the jurors
	didEndorse             // a juror
	didOpen                // a juror: somebody has its shares
	didVoid                // a juror
	hasResult              // a watcher: it files no more
)

// local is one state of one member.
type local struct {
	id     uint32
	parent *local
	via    int32
	edges  map[int32]stride
	live   *actor // the machine in this state, until it is needed for another
	outs   []int32

	time      int     // number of the last moment that has come
	sent      []int32 // ascending: all that may be delivered
	flags     int
	standing  contract.Standing // a juror's
	forwarded sxp.Time          // when a juror first sent the claim on
	facts     PartyFacts        // a party's
}

// stride is a step of one member: where it leads, and what else happens at once.
type stride struct {
	to   uint32
	outs []int32
}

// root is a member that has just started; a party has accepted.
func (x *explorer) root(i int, m Member) *local {
	x.prints[i] = map[sxp.Hash]*local{}
	a := newActor(x, m)
	l := x.note(i, a, nil, 0)
	l.outs = a.outs
	return l
}

// edge takes a step, once.
func (x *explorer) edge(i int, l *local, ev int32) stride {
	if e, ok := l.edges[ev]; ok {
		return e
	}
	a := l.live
	l.live = nil
	if a == nil {
		a = x.rebuild(l)
	}
	a.outs = nil
	a.do(ev)
	outs := a.outs
	to := x.note(i, a, l, ev)
	e := stride{to.id, slices.Clone(outs)}
	l.edges[ev] = e
	return e
}

// rebuild brings a machine into a state, by all that led to it.
func (x *explorer) rebuild(l *local) *actor {
	var path []int32
	who := x.members[x.memberOf(l)]
	for ; l.parent != nil; l = l.parent {
		path = append(path, l.via)
	}
	a := newActor(x, who)
	for _, ev := range slices.Backward(path) {
		a.do(ev)
	}
	return a
}

func (x *explorer) memberOf(l *local) int {
	for i := range x.locals {
		if int(l.id) < len(x.locals[i]) && x.locals[i][l.id] == l {
			return i
		}
	}
	panic("fairness: a state of nobody")
}

// note finds the state that a machine is in, or makes it.
func (x *explorer) note(i int, a *actor, parent *local, via int32) *local {
	h := a.fingerprint()
	if l := x.prints[i][h]; l != nil {
		if l.live == nil {
			l.live = a
		}
		return l
	}
	l := &local{id: uint32(len(x.locals[i])), parent: parent, via: via, edges: map[int32]stride{}, live: a, time: a.time,
		sent: slices.Clone(a.sent), flags: a.flags, forwarded: a.forwarded}
	if a.j != nil {
		l.standing = a.j.Standing(x.plan.m)
	}
	if a.s != nil {
		l.facts = a.facts()
	}
	x.locals[i] = append(x.locals[i], l)
	x.prints[i][h] = l
	return l
}

// An actor is an honest member's machine with what its driver holds.
type actor struct {
	x    *explorer
	who  Member
	time int
	now  sxp.Time
	outs []int32

	s    *contract.Session
	keys *partyKeys
	w    *contract.Watcher
	j    *jury.Juror

	sent      []int32
	flags     int
	forwarded sxp.Time
	held      []held
	blames    []Member
	unproven  []string
}

// held is an answer of a juror that waits until the claim was passed on.
type held struct {
	to     Member
	answer contract.Answer
}

func newActor(x *explorer, m Member) *actor {
	a := &actor{x: x, who: m, now: start}
	switch m.Kind {
	case Party:
		a.keys = &partyKeys{signer: x.l.person(m.N - 1).signer, secret: x.w.secret(m.N - 1), openings: map[sxp.Hash][]byte{}, commits: new(int)}
		a.s = must(contract.NewSession(x.config(m.N-1, a.keys), x.w.proposals[0], x.w.roll))
		a.session(contract.Start{Now: start})
		a.session(contract.Decide{Now: start, Accept: true})
	case Watcher:
		a.w = contract.NewWatcher(contract.WatcherConfig{Algebra: x.w.algebra, Signer: x.l.watcher(m.N - 1)})
	default:
		a.j = jury.New(jury.Config{Algebra: x.w.algebra, Keys: x.w.jurors[m.N-1].keys, MaxGap: forever})
		a.juror(jury.Start{Now: start}, nil)
	}
	return a
}

func (x *explorer) config(i int, keys *partyKeys) contract.Config {
	return contract.Config{Algebra: x.w.algebra, Keys: keys, Ledger: contract.NewLedger(), Limits: x.w.limits(), Watcher: x.contact(i)}
}

func (x *explorer) contact(i int) contract.Contact {
	return contract.Contact{ID: x.l.watcher(i).ID(), Address: fmt.Sprintf("https://watcher%d.example", i+1)}
}

// do lets something happen, or time pass.
func (a *actor) do(ev int32) {
	if ev < 0 {
		a.until(int(-1 - ev))
		return
	}
	h := a.x.happenings[ev]
	switch {
	case a.s != nil && h.kind == replying:
		a.session(contract.Answered{Now: a.now, Seat: h.seat, Answer: h.answer})
	case a.s != nil:
		a.session(contract.Received{Now: a.now, Raw: h.raw})
	case a.w != nil && h.kind == lodging:
		from := a.x.l.person(h.from.N - 1).signer.ID()
		a.watcher(contract.Lodge{Now: a.now, From: from, Request: h.lodge}, h)
	case a.w != nil && h.kind == telling:
		a.watcher(contract.Told{Now: a.now, Raw: h.raw}, h)
	case a.w != nil:
		a.watcher(contract.AnsweredFor{Now: a.now, M: a.x.plan.m, Seat: h.seat, Answer: h.answer}, h)
	case h.kind == claiming:
		a.juror(jury.Claim{Now: a.now, At: a.now, Request: contract.ClaimRequest{Claim: h.raw}}, h)
	case h.kind == forwarding:
		a.juror(jury.Forward{Now: a.now, At: a.now, Request: h.forward}, h)
	case h.kind == sharing:
		a.juror(jury.Shares{Now: a.now, At: a.now, Request: h.shares}, h)
	case h.kind == asking:
		a.juror(jury.Query{Now: a.now, At: a.now, Request: h.query}, h)
	default:
		a.juror(jury.Delivered{Now: a.now, M: a.x.plan.m, Seat: h.seat, Shares: h.ofShare, Answer: h.answer}, h)
	}
}

// until lets time pass: the machine is told the time when it asked for it, and
// at the end.
func (a *actor) until(k int) {
	end := a.x.times[k]
	for a.now < end {
		next := a.next()
		if next == 0 || next > end {
			next = end
		}
		a.now = max(next, a.now+1)
		switch {
		case a.s != nil:
			a.session(contract.Tick{Now: a.now})
		case a.w != nil:
			a.watcher(contract.Tick{Now: a.now}, nil)
		default:
			a.juror(jury.Tick{Now: a.now}, nil)
		}
	}
	a.time = k
}

func (a *actor) next() sxp.Time {
	switch {
	case a.s != nil:
		return a.s.Next()
	case a.w != nil:
		return a.w.Next()
	}
	return a.j.Next()
}

// send puts a message to where it may be delivered at any time from now on.
func (a *actor) send(h happening, to Member, content ...[]byte) {
	h.from = a.who
	ev := a.x.happen(h, to, content...)
	if ev < 0 {
		return
	}
	if at, ok := slices.BinarySearch(a.sent, ev); !ok {
		a.sent = slices.Insert(a.sent, at, ev)
	}
}

// give is a message that arrives at once.
func (a *actor) give(h happening, to Member, content ...[]byte) {
	h.from = a.who
	if ev := a.x.happen(h, to, content...); ev >= 0 {
		a.outs = append(a.outs, ev)
	}
}

// session takes a step of a party, and sends what it asks for.
func (a *actor) session(ev contract.Event) {
	acts, err := a.s.Step(ev)
	if err != nil {
		return
	}
	digest := a.x.w.proposals[0].Digest
	for _, act := range acts {
		switch act := act.(type) {
		case contract.Save:
			if act.Erase {
				delete(a.keys.openings, digest)
			}
		case contract.SendParties:
			switch contract.TypeOf(act.Raw) {
			case contract.TypePromise:
				a.flags |= didPromise
			case contract.TypeRelease:
				a.flags |= didRelease
			}
			for _, to := range act.To {
				a.send(happening{kind: toParty, raw: act.Raw, what: typeName(act.Raw)}, Member{Party, to + 1}, act.Raw)
			}
		case contract.AskWatcher:
			a.send(happening{kind: lodging, lodge: act.Request, what: "lodge"}, Member{Watcher, a.who.N}, act.Request.Claim)
		case contract.TellWatchers:
			for _, c := range act.To {
				for i := range a.x.c.Parties {
					if a.x.contact(i).ID == c.ID {
						a.tell(happening{kind: telling, raw: act.Raw, what: typeName(act.Raw)}, Member{Watcher, i + 1})
					}
				}
			}
		case contract.QueryJury:
			for _, to := range act.To {
				a.asks(to, act.Request)
			}
		case contract.Blame:
			a.blame(act)
		case contract.FileClaim, contract.Concluded:
		default:
			panic(fmt.Sprintf("fairness: a driver must do %T", act))
		}
	}
}

// tell is what a watcher is told: with several jurors at once, or only at the
// end.
func (a *actor) tell(h happening, to Member) {
	a.send(h, to, h.raw)
	if a.x.narrow() && a.x.c.Net.Loss == 0 {
		a.give(h, to, h.raw)
	}
}

// asks puts a question to a juror; what a corrupt one answers is the scheme's.
func (a *actor) asks(to contract.SeatContact, q contract.QueryRequest) {
	j := a.x.jurorOf(to.Seat)
	if a.x.corrupt(j) {
		a.outs = append(a.outs, a.x.plan.asked[[2]int{a.who.N, to.Seat}])
		return
	}
	seen := [][]byte{[]byte("query")}
	for _, raw := range q.Seen {
		seen = append(seen, raw)
	}
	a.give(happening{kind: asking, query: q, what: "query"}, j, seen...)
}

func (a *actor) blame(b contract.Blame) {
	who := Member{Party, b.Party + 1}
	if b.Party < 0 {
		who = a.x.jurorOf(b.Seat)
	}
	if !slices.Contains(a.blames, who) {
		a.blames = append(a.blames, who)
	}
	if b.Fault != nil {
		if err := b.Fault.Check(a.x.w.algebra, a.x.w.proposals[0], a.s.Preimage()); err != nil {
			a.unproven = append(a.unproven, sxp.Reason(err))
		}
	}
}

// jurorOf returns who has a seat.
func (x *explorer) jurorOf(seat int) Member {
	return Member{Juror, x.w.jurorN(x.plan.pre.Jury[seat-1].ID)}
}

// watcher takes a step of a watcher, and sends what it asks for.
func (a *actor) watcher(ev contract.Event, h *happening) {
	acts, err := a.w.Step(ev)
	if err != nil {
		return
	}
	defer a.lookForResult()
	for _, act := range acts {
		switch act := act.(type) {
		case contract.SaveRecord:
		case contract.Reply:
			if h.kind != lodging {
				continue
			}
			for _, raw := range [][]byte{act.Answer.Receipt, act.Answer.Result} {
				if len(raw) > 0 {
					a.give(happening{kind: toParty, raw: raw, what: typeName(raw)}, h.from, raw)
				}
			}
		case contract.FileClaim:
			a.flags |= didFile
			for _, to := range act.To {
				a.send(happening{kind: claiming, raw: act.Claim, what: "claim"}, a.x.jurorOf(to.Seat), act.Claim)
			}
		default:
			panic(fmt.Sprintf("fairness: a driver must do %T", act))
		}
	}
}

// lookForResult asks a watcher whether it has the contract.
func (a *actor) lookForResult() {
	acts, err := a.w.Step(contract.Asked{Now: a.now, From: a.x.l.person(a.who.N - 1).signer.ID(), M: a.x.plan.m})
	for _, act := range acts {
		if r, ok := act.(contract.Reply); ok && err == nil && len(r.Answer.Result) > 0 {
			a.flags |= hasResult
		}
	}
}

// facts are what a party has come to.
func (a *actor) facts() PartyFacts {
	v := a.s.View()
	f := PartyFacts{Party: a.who.N, Phase: v.Phase, M: v.M, ByJury: v.ByJury, Blames: slices.Clone(a.blames), Unproven: slices.Clone(a.unproven),
		Promised: a.flags&didPromise != 0, Released: a.flags&didRelease != 0}
	if v.Phase == contract.PhaseDone {
		f.S = v.S
	}
	return f
}
