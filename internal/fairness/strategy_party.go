package fairness

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// partyPlots are those of corrupt parties. What stops each is said with it; the
// table at the end of spec/signing.md names the tests without these rules.
func partyPlots() []Plot {
	return []Plot{
		{Name: "equivocate", About: "a corrupt party sends another acceptance to half of the others, and promises in both sessions", Party: true, Set: equivocate},
		{Name: "wrong promise", About: "promises of corrupt parties have a wrong point for one seat: the identity, a second encoding, out of the subgroup; the right ones may follow", Party: true, Set: wrongPromise},
		{Name: "late promise", About: "promises of corrupt parties come at T_c−W by the clock of who gets them, a moment before or after, or at T_c or D", Party: true, Set: latePromise},
		{Name: "half", About: "corrupt parties promise to half of the others only", Party: true, Set: half},
		{Name: "watcher only", About: "corrupt parties release to one watcher and to nobody else", Party: true, Set: watcherOnly},
		{Name: "keep result", About: "corrupt parties give no result to anybody", Party: true, Set: keepResult},
		{Name: "forge", About: "corrupt parties send made-up signatures, results, and signatures of other sessions", Party: true, Set: forge},
		{Name: "decline after", About: "corrupt parties decline after they promised", Party: true, Set: declineAfter},
		{Name: "stall", About: "corrupt parties keep all messages back until a rule's edge, then send them all, twice", Party: true, Set: stall},
		{Name: "spread", About: "corrupt parties keep their promises and file the claim with some jurors, with each at another edge", Party: true, Set: spread},
		{Name: "attempts", About: "corrupt parties promise in both attempts over the same things", Party: true, Set: attempts},
		{Name: "reuse", About: "a corrupt party uses one commitment in both attempts", Party: true, Set: reuse},
		{Name: "ask early", About: "corrupt parties ask honest jurors for a void from D on, at each edge of a round", Party: true, Set: askEarly},
		{Name: "restore", About: "a corrupt party's machine goes back to an earlier disk, with the secrets of its commitment", Party: true, Set: restore},
		{Name: "grind", About: "a corrupt party waits for all other draw shares and chooses one that gives it the jury", Party: true, Set: grind},
		{Name: "countersign", About: "corrupt parties add countersignatures to what they send", Party: true, Set: countersign},
		{Name: "flood", About: "corrupt parties file many claims of made-up sessions near D, of the right form and with wrong points", Party: true, Set: flood},
	}
}

// equivocate is stopped by K inside m: both sessions have one valid promise of
// each, and an honest party promises in one at most.
func equivocate(a *adversary) {
	m := a.parties()[a.d.below(len(a.parties()))]
	raw, opening := a.acceptance(m, 0, "second", nil)
	a.sends("acceptance", func(o *out) bool {
		if o.from == m && o.attempt == 0 && a.some(o.to, 'e', 500) {
			o.raw = raw
			a.did("equivocate")
		}
		return true
	})
	a.onSession = append(a.onSession, func(k *known) {
		if k.attempt == 0 && k.acceptedBy(m.N-1, raw) {
			a.did("equivocate: promise twice")
			a.promise(m, k, opening, anybody)
		}
	})
}

// wrongPromise is stopped by checking all points of all promises before any
// release, and by decoders that take each point in one form only.
func wrongPromise(a *adversary) {
	how, right := a.d.below(wrongPoints), a.d.chance(500)
	a.sends("promise", func(o *out) bool {
		if !a.some(o.to, 'w', 700) {
			return true
		}
		var p contract.Promise
		if _, err := envelope.Open(o.raw, contract.TypePromise, &p); err != nil || len(p.Points) == 0 {
			return true
		}
		seat := int(key(o.to)) % len(p.Points)
		p.Points = slices.Clone(p.Points)
		p.Points[seat] = bent(p.Points[seat], how)
		if right {
			a.tells(o.from, o.to, o.attempt, o.raw, a.edgeOf(o.to))
		}
		o.raw = a.sign(o.from, contract.TypePromise, &p)
		a.did("wrong promise")
		return true
	})
}

// latePromise is stopped by T_c − W: who has it earlier has time to claim, who
// has it later does not release.
func latePromise(a *adversary) {
	p := a.proposal()
	before := p.ReleaseBefore()
	if a.d.chance(300) {
		before = []sxp.Time{p.ClaimAt(), p.Deadline, p.VoidAfter()}[a.d.below(3)]
	}
	a.sends("promise", func(o *out) bool {
		if o.attempt != 0 {
			return true
		}
		a.did("late promise")
		a.tells(o.from, o.to, o.attempt, o.raw, a.when(o.to, before).Add(a.d.span(-1, 1)))
		return false
	})
}

// half is stopped by lodging before releasing: who has all promises can always
// have the jury decide.
func half(a *adversary) {
	to := map[Member]bool{}
	order := a.d.perm(a.r.c.Parties)
	for _, i := range order[:len(order)/2] {
		to[Member{Party, i + 1}] = true
	}
	a.sends("promise", func(o *out) bool {
		if !to[o.to] {
			a.did("half")
		}
		return to[o.to]
	})
}

// watcherOnly is stopped by asking the own watcher, and by watchers that file
// the claim of who has no result.
func watcherOnly(a *adversary) {
	to := Member{Watcher, 1 + a.d.below(a.r.c.Parties)}
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Party || typeName(o.raw) != "release" && typeName(o.raw) != "result" {
			return o.kind != claiming // a claim would give it to everybody
		}
		if o.to == to {
			a.did("watcher only")
		}
		return o.to == to
	})
}

// keepResult is stopped by the claim after the patience.
func keepResult(a *adversary) {
	keep := func(o *out) bool {
		a.did("keep result")
		return false
	}
	a.sends("result", keep)
	a.sends("release", func(o *out) bool { return a.some(o.from, 'k', 500) || keep(o) })
}

// forge is stopped by checking every signature before it counts, under a name
// of its own for each session.
func forge(a *adversary) {
	from := a.parties()[a.d.below(len(a.parties()))]
	send := func() {
		for _, k := range a.know.sessions {
			for _, h := range a.honest() {
				sigma := a.keys(from).secret.signSession(sxp.Sum(k.m[:]))
				if other := a.d.below(len(a.know.sessions)); a.know.sessions[other] != k && a.d.chance(500) {
					sigma = a.know.sessions[other].sigmas[a.d.below(a.r.c.Parties)]
				}
				if i := a.d.below(a.r.c.Parties); a.d.chance(300) && k.sigmas[i] != (bls.G1{}) {
					sigma = k.sigmas[i] // of somebody else
				}
				raw := a.sign(from, contract.TypeResult, &contract.Result{Proposal: k.pre.Proposal, M: k.m, Signature: sigma, Jury: a.d.chance(500)})
				if a.d.chance(500) {
					raw = a.sign(from, contract.TypeRelease, &contract.Release{Proposal: k.pre.Proposal, M: k.m, Signature: sigma})
				}
				a.did("forge")
				a.tells(from, h, k.attempt, raw, a.r.now+1)
				a.arrives(&out{from: from, to: Member{Watcher, h.N}, kind: telling, raw: raw, attempt: k.attempt}, a.r.now+1)
			}
		}
	}
	a.onSession = append(a.onSession, func(*known) { a.r.after(a.d.span(1, a.r.c.Net.Delay), send) })
	a.at(a.edgeOf(from), send)
}

// declineAfter is stopped by the promise that binds whatever is said later.
func declineAfter(a *adversary) {
	a.sends("promise", func(o *out) bool {
		raw := a.sign(o.from, contract.TypeDecline, &contract.Decline{Proposal: a.r.w.proposals[o.attempt].Digest, Reason: "I think better of it"})
		a.tells(o.from, o.to, o.attempt, raw, a.r.now.Add(a.d.span(1, 2*a.r.c.Net.Delay)))
		a.did("decline after")
		return true
	})
}

// stall is stopped by the times of release and claim.
func stall(a *adversary) {
	from := start
	if a.d.chance(500) {
		from = start.Add(a.d.span(0, a.r.c.Spans.Horizon/2))
	}
	accepts := a.d.chance(500) // in time, and nothing more
	until := max(a.edgeOf(a.parties()[0]), from)
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Party || o.kind != toParty && o.kind != telling || a.r.now < from || a.r.now >= until || accepts && typeName(o.raw) == "acceptance" {
			return true
		}
		again := *o
		a.did("stall")
		a.arrives(o, until.Add(a.d.span(0, 3)))
		a.arrives(&again, until.Add(a.d.span(1, a.r.c.Spans.Horizon)))
		return false
	})
}

// spread is stopped by the jury's rounds: who accepts tells all others in time.
func spread(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		typ := contract.TypeOf(o.raw)
		kept := typ == contract.TypePromise || typ == contract.TypeRelease || typ == contract.TypeResult
		return o.from.Kind != Party || !kept && o.kind != claiming && o.kind != lodging
	})
	from, d := a.parties()[0], a.proposal().Deadline
	a.at(d-sxp.Time(a.r.c.Spans.Epsilon)-10, func() {
		for _, k := range a.know.sessions {
			claim := a.claim(from, k)
			if claim == nil || k.attempt != 0 {
				continue
			}
			for _, seat := range a.seats(k, false) {
				juror := a.r.jurorMember(k.pre.Jury[seat-1].ID)
				if !a.some(juror, 'p', 500) {
					continue
				}
				t := a.when(juror, d).Add([]sxp.Duration{-1, 0, 1, 2, a.r.c.Spans.Delta - 1}[a.d.below(5)])
				a.did("spread")
				a.at(t-1, func() { a.file(from, k, seat, claim, 1) })
			}
		}
	})
}

// attempts is stopped by the honest parties' memory of what they give.
func attempts(a *adversary) {
	a.twice = true
	a.sends("promise", func(o *out) bool {
		if o.attempt > 0 {
			a.did("attempts")
		}
		return true
	})
}

// reuse gives the jury's shares of both sessions the same p: it costs the
// corrupt party its own signature, and nobody else anything.
func reuse(a *adversary) {
	a.twice = true
	m := a.parties()[0]
	var commitment bls.Commitment
	var opening, raw []byte
	a.sends("acceptance", func(o *out) bool {
		switch {
		case o.from != m:
		case o.attempt == 0 && opening == nil:
			var v contract.Acceptance
			if _, err := envelope.Open(o.raw, contract.TypeAcceptance, &v); err == nil {
				commitment, opening = v.Commitment, a.keys(m).openings[v.Proposal]
			}
		case o.attempt > 0 && opening != nil:
			if raw == nil {
				raw, _ = a.acceptance(m, o.attempt, "reuse", func(v *contract.Acceptance) { v.Commitment = commitment })
			}
			o.raw = raw
			a.did("reuse")
		}
		return true
	})
	a.onSession = append(a.onSession, func(k *known) {
		if raw != nil && k.acceptedBy(m.N-1, raw) {
			a.did("reuse: promise")
			a.promise(m, k, opening, anybody)
		}
	})
}

// askEarly is stopped by jurors that vote no earlier than D + (f+1)Δ.
func askEarly(a *adversary) {
	from, p := a.parties()[0], a.proposal()
	for round := range p.F + 2 {
		a.at(p.Deadline.Add(sxp.Duration(round)*p.Delta-a.r.c.Spans.Epsilon), func() {
			for _, k := range a.know.sessions {
				if k.attempt != 0 {
					continue
				}
				for _, seat := range a.seats(k, false) {
					j := a.r.jurorMember(k.pre.Jury[seat-1].ID)
					t := a.when(j, p.Deadline.Add(sxp.Duration(round)*p.Delta)).Add(a.d.span(0, 2))
					a.did("ask early")
					a.arrives(&out{from: from, to: j, kind: asking, query: contract.QueryRequest{M: k.m, Preimage: k.pre}, seat: seat, m: k.m, attempt: k.attempt, reply: func(contract.Answer) {}}, t)
				}
			}
		})
	}
}

// restore: what a machine with an old disk does, an honest party's own rules
// keep from hurting it; here it is a corrupt one's, that tries to do both.
func restore(a *adversary) {
	p := a.r.parties[a.parties()[0].N-1]
	s := a.r.c.Spans
	var state, opening [][]byte
	back := start.Add(a.d.span(2, s.Horizon))
	a.at(start.Add(a.d.span(1, back.Sub(start))), func() { state, opening = slices.Clone(p.state), slices.Clone(p.opening) })
	a.at(back+1, func() {
		if p.down || state == nil {
			return
		}
		p.state, p.opening = state, opening
		a.did("restore")
		p.wake()
	})
}

// grind is stopped by verifying each draw share by itself: it is a signature,
// and there is one.
func grind(a *adversary) {
	m := a.parties()[0]
	p := a.proposal()
	held := map[Member]bool{}
	a.sends("acceptance", func(o *out) bool {
		if o.from != m || o.attempt != 0 {
			return true
		}
		held[o.to] = true
		return false
	})
	done := false
	send := func() {
		if done || len(held) == 0 {
			return
		}
		done = true
		draws := make([]bls.G1, len(p.Parties))
		for i := range draws {
			draws[i] = a.r.w.secret(i).signDraw(p.Digest) // as they are in the others' acceptances
		}
		best, most := draws[m.N-1], -1
		for try := range 8 {
			draws[m.N-1] = a.keys(m).secret.signDraw(sxp.Sum(p.Digest[:], number(try)))
			seats, err := contract.Draw(a.r.w.roll, p, must(a.r.w.algebra.Seed(draws)))
			if err != nil {
				continue
			}
			mine := 0
			for _, s := range seats {
				if a.hold[a.r.jurorMember(s.ID)] {
					mine++
				}
			}
			if mine > most {
				best, most = draws[m.N-1], mine
			}
		}
		raw, _ := a.acceptance(m, 0, "grind", func(v *contract.Acceptance) { v.Draw = best })
		for _, h := range a.honest() {
			a.did("grind")
			a.tells(m, h, 0, raw, a.r.now+1)
		}
	}
	others := map[Member]bool{}
	a.onHear = append(a.onHear, func(o *out) bool {
		if o.to == m && o.kind == toParty && o.attempt == 0 && typeName(o.raw) == "acceptance" {
			if others[o.from] = true; len(others) == a.r.c.Parties-1 {
				a.r.after(1, send)
			}
		}
		return true
	})
}

// countersign is stopped by refusing messages that carry any.
func countersign(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind == Party && o.kind == toParty && a.some(o.to, 'c', 500) {
			if raw, err := envelope.Countersign(a.signer(o.from), o.raw, -1, nil); err == nil {
				o.raw = raw
				a.did("countersign")
			}
		}
		return true
	})
}

// flood is stopped by queues that serve relayed claims first, and by checks
// that end before points where they can. The claims are of sessions that differ
// in the roll they name, so that each has a valid form, and points that are of
// none.
func flood(a *adversary) {
	from, d := a.parties()[0], a.proposal().Deadline
	a.at(d-sxp.Time(a.r.c.Spans.Delta), func() {
		if len(a.know.sessions) == 0 {
			return
		}
		k := a.know.sessions[0]
		claim := k.claim()
		if claim == nil {
			return
		}
		for i := range a.r.c.Jurors + 2*a.r.c.Parties {
			c := *claim
			c.Preimage.Roll = sxp.Sum(number(i))
			raw := a.sign(from, contract.TypeClaim, &c)
			m := c.Preimage.M()
			for _, seat := range a.seats(k, false) {
				juror := a.r.jurorMember(k.pre.Jury[seat-1].ID)
				a.did("flood")
				a.arrives(&out{from: from, to: juror, kind: claiming, raw: raw, seat: seat, m: m, attempt: k.attempt, reply: a.mustRefuse(juror)},
					a.when(juror, d).Add(-a.d.span(0, a.r.c.Spans.Delta/2)))
			}
		}
	})
}

// mustRefuse notes a juror that takes an invalid claim for valid.
func (a *adversary) mustRefuse(juror Member) func(contract.Answer) {
	return func(ans contract.Answer) {
		if ans.Standing == contract.Completed {
			a.r.facts.Swallowed = append(a.r.facts.Swallowed, juror)
		}
	}
}
