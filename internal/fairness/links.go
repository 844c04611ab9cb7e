package fairness

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// outKind says what a message is.
type outKind byte

// The kinds of messages.
const (
	toParty    outKind = iota // a signed message among parties
	lodging                   // a claim to the own watcher, or a question
	telling                   // a release or a result to a watcher
	claiming                  // a claim to a juror
	asking                    // a question to a juror
	forwarding                // a claim from juror to juror
	sharing                   // opened shares from juror to juror
	replying                  // an answer of a juror
)

// An out is a message that leaves a member. Which fields are set depends on
// its kind.
type out struct {
	from, to Member
	kind     outKind
	attempt  int
	seat     int      // of a juror in the session it is about
	m        sxp.Hash // what a juror or watcher sends is about
	raw      []byte   // toParty, telling, claiming
	lodge    contract.LodgeRequest
	query    contract.QueryRequest
	forward  *contract.ForwardRequest
	shares   contract.SharesRequest
	answer   contract.Answer
	delay    sxp.Duration // chosen by the adversary; 0: drawn

	reply func(contract.Answer) // of a request by the adversary
}

// links is the network with its memory.
type links struct {
	r     *run
	sent  map[link]uint64
	first map[promiseLink]sxp.Time // when a juror first sent something to another
	heard map[promiseLink]bool     // it will arrive in time, or has
}

type link struct {
	from, to Member
	kind     outKind
}

// promiseLink is something that an assumption says will arrive.
type promiseLink struct {
	from, to Member
	kind     outKind
	m        sxp.Hash
}

func (l *links) init(r *run) {
	*l = links{r: r, sent: map[link]uint64{}, first: map[promiseLink]sxp.Time{}, heard: map[promiseLink]bool{}}
}

// draw returns dice for the next message of its kind on its link.
func (l *links) draw(o *out) dice {
	k := link{o.from, o.to, o.kind}
	l.sent[k]++
	return at(l.r.c.Seed, uint64(o.kind), key(o.from), key(o.to), l.sent[k])
}

func key(m Member) uint64 { return uint64(m.Kind)<<32 | uint64(m.N) }

// carry brings a message to its receiver, or not.
func (r *run) carry(o *out) {
	if !r.adv.holds(o.from) && !r.sends(o) || o.to.N < 1 { // a made-up juror is nowhere
		return
	}
	r.facts.Messages++
	if o.to.Kind == Juror {
		r.facts.ToJurors++
	}
	if o.kind == toParty {
		r.say("%s → %s: %s%s", o.from, o.to, typeName(o.raw), r.of(o.attempt))
	}
	d := r.links.draw(o)
	if r.adv.holds(o.from) {
		r.after(max(o.delay, 1), func() { r.arrive(o) })
		return
	}
	delay, lost, bounded := r.links.pass(o, &d)
	if lost {
		r.note("lost")
		return
	}
	r.after(delay, func() { r.arrive(o) })
	if r.now >= r.quiet {
		return
	}
	if d.chance(r.c.Net.Double) {
		r.note("doubled")
		r.after(delay+d.span(1, r.c.Net.Delay), func() { r.arrive(o) })
	}
	if d.chance(r.c.Net.Replay) && !bounded {
		r.note("replayed")
		r.at(r.now.Add(d.span(1, max(r.quiet.Sub(r.now), 1))), func() { r.arrive(o) })
	}
}

// pass decides how long a message takes and whether it is lost; bounded says
// that an assumption says when it has to be there.
func (l *links) pass(o *out, d *dice) (delay sxp.Duration, lost, bounded bool) {
	r := l.r
	longest := r.c.Net.Delay
	if r.now >= r.quiet {
		longest = min(longest, calm)
	}
	delay = d.span(1, longest)
	lost = r.now < r.quiet && d.chance(r.c.Net.Loss)
	switch {
	case o.from.Kind == Juror && o.to.Kind == Juror && r.bound(o.from.N) && r.bound(o.to.N):
		delay, lost = l.among(o, d, lost)
		return delay, lost, true
	case o.from.Kind == Watcher && o.kind == claiming && r.lifeline(o) == o.to.N:
		delay, lost = l.within(o, d, delay, lost)
		return delay, lost, true
	}
	if heals, cut := r.cut(o); cut {
		r.note("across a partition")
		return heals.Sub(r.now) + delay, lost, false
	}
	if r.c.Beyond == "watcher" && o.kind == claiming {
		return delay, true, false // no claim for an honest party reaches anybody
	}
	return delay, lost, false
}

// among keeps what honest jurors say to each other within Δ of the receiver's
// and sender's clocks, from when it was first sent. Attempts may be lost as long
// as a later one can still be in time.
func (l *links) among(o *out, d *dice, lost bool) (sxp.Duration, bool) {
	r := l.r
	k := promiseLink{o.from, o.to, o.kind, o.m}
	first, sent := l.first[k]
	if !sent {
		first = r.now
		l.first[k] = first
	}
	delta := r.c.Spans.Delta
	least, _ := r.ahead(o.from)
	_, most := r.ahead(o.to)
	bound := delta - (most - least) - crashSlack
	if r.c.Net.Service > 0 {
		bound -= delta / 3 // for the queues of both
	}
	if r.c.Beyond == "outage" {
		bound -= delta / 2 // for who was away for a moment; see jury.md
	}
	if r.c.Beyond == "delta" {
		return d.span(delta, 3*delta), false
	}
	if left := first.Add(bound).Sub(r.now); !l.heard[k] && left > 0 {
		if lost && left > delta/4+delta/8 {
			return 0, true
		}
		l.heard[k] = true
		longest := left
		if r.now >= r.quiet {
			longest = min(left, calm)
		}
		return d.span(1, longest), false
	}
	return d.span(1, max(bound, 1)), lost
}

// crashSlack is what a juror's short crashes may take of Δ.
const crashSlack sxp.Duration = 12

// shortCrash is the longest after which a juror is back without having been
// away in the sense of assumption 2.
const shortCrash sxp.Duration = 4

// within keeps a watcher's urgent claims to one honest juror within L.
func (l *links) within(o *out, d *dice, delay sxp.Duration, lost bool) (sxp.Duration, bool) {
	r := l.r
	if r.c.Beyond == "watcher" {
		return 0, true
	}
	p := r.w.proposals[max(r.attemptOfM(o.m), 0)]
	due := p.ClaimAt().Add(-r.offset(o.from))
	if r.now < due {
		return delay, lost
	}
	k := promiseLink{o.from, o.to, o.kind, o.m}
	left := due.Add(r.c.Spans.L - crashSlack).Sub(r.now)
	if l.heard[k] || left <= 0 {
		return delay, lost
	}
	if lost && left > (p.L+p.Epsilon)/4+p.L/4 {
		return 0, true
	}
	l.heard[k] = true
	return d.span(1, max(left, 1)), false
}

// failing reports whether a juror counts among the f: corrupt, or away for long.
func (r *run) failing(n int) bool {
	if r.adv.holds(Member{Juror, n}) {
		return true
	}
	for _, c := range r.c.Crashes {
		if c.Who == (Member{Juror, n}) && (c.Back == 0 || c.Back > shortCrash) {
			return true
		}
	}
	return false
}

// bound reports whether what a juror sends and is sent arrives within Δ while it
// is up.
func (r *run) bound(n int) bool {
	if r.c.away() {
		return !r.adv.holds(Member{Juror, n})
	}
	return !r.failing(n)
}

// lifeline returns the juror that hears a watcher's claim within L.
func (r *run) lifeline(o *out) int {
	d := at(r.c.Seed, 'l', key(o.from))
	ids := r.w.juries[max(r.attemptOfM(o.m), 0)]
	for _, i := range d.perm(len(ids)) {
		if n := r.w.jurorN(ids[i]); !r.failing(n) {
			return n
		}
	}
	return 0
}

// cut reports whether a partition keeps two members apart, and when it heals.
func (r *run) cut(o *out) (heals sxp.Time, cut bool) {
	since := r.now.Sub(start)
	for _, p := range r.c.Net.Partition {
		if since < p.From || since >= p.To {
			continue
		}
		off := func(m Member) bool { return m.Kind == Party && slices.Contains(p.Off, m.N) }
		if off(o.from) != off(o.to) {
			heals, cut = max(heals, start.Add(p.To)), true
		}
	}
	return heals, cut
}

// arrive is a message at its receiver's door.
func (r *run) arrive(o *out) {
	if r.adv.holds(o.to) && !r.adv.hears(o) {
		return
	}
	switch o.kind {
	case toParty:
		r.parties[o.to.N-1].get(o.raw)
	case lodging:
		r.lodge(o)
	case telling:
		w := r.watchers[o.to.N-1]
		w.step(contract.Told{Now: w.now(), Raw: o.raw}, func(contract.WatchAnswer) {})
	default:
		r.ask(o)
	}
}

func (r *run) lodge(o *out) {
	w := r.watchers[o.to.N-1]
	from := r.w.lab.person(o.from.N - 1).signer.ID()
	var ev contract.Event = contract.Lodge{Now: w.now(), From: from, Request: o.lodge}
	if o.lodge.Claim == nil {
		ev = contract.Asked{Now: w.now(), From: from, M: o.m}
	} else {
		r.note("lodged")
	}
	w.step(ev, func(a contract.WatchAnswer) {
		back := &out{from: o.to, to: o.from, kind: lodging, attempt: o.attempt}
		d := r.links.draw(back)
		for _, raw := range [][]byte{a.Receipt, a.Result} {
			if len(raw) == 0 {
				continue
			}
			delay, lost, _ := r.links.pass(back, &d)
			if !lost {
				r.after(delay, func() { r.parties[o.from.N-1].deliver(raw) })
			}
		}
	})
}

// ask brings a request to a juror and the answer back. A juror that is away for
// a moment is tried again at once, as connections do.
func (r *run) ask(o *out) {
	j := r.juror(o.to.N)
	if j.down && !j.stopped && r.bound(j.who.N) {
		again := sxp.Duration(1)
		if r.failing(j.who.N) {
			again = r.c.Spans.Delta / 4
		}
		r.after(again, func() { r.arrive(o) })
		return
	}
	j.get(o, func(a contract.Answer) {
		back := &out{from: o.to, to: o.from, kind: replying, attempt: o.attempt, seat: o.seat, m: a.M, answer: a}
		if j.corrupt && !r.adv.lets(back) {
			return
		}
		r.give(o, back)
	})
}

// give brings an answer back to who asked.
func (r *run) give(o, back *out) {
	if r.adv.holds(o.from) {
		r.adv.know.answer(&back.answer)
		if o.reply != nil {
			o.reply(back.answer)
			return
		}
	}
	r.say("%s answers %s: %s", back.from, back.to, back.answer.Standing)
	r.adv.know.public(back.answer.Shares...)
	d := r.links.draw(back)
	delay, lost, _ := r.links.pass(back, &d)
	if r.adv.holds(back.from) {
		delay, lost = max(back.delay, 1), false
	}
	if lost {
		return
	}
	r.after(delay, func() {
		switch o.from.Kind {
		case Party:
			r.parties[o.from.N-1].answered(o.attempt, o.seat, back.answer)
		case Watcher:
			w := r.watchers[o.from.N-1]
			w.step(contract.AnsweredFor{Now: w.now(), M: o.m, Seat: o.seat, Answer: back.answer}, nil)
		default:
			from := r.juror(o.from.N)
			from.step(jury.Delivered{Now: from.now(), M: o.m, Seat: o.seat, Shares: o.kind == sharing, Answer: back.answer}, nil)
		}
	})
}
