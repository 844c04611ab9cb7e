package fairness

import (
	"bytes"
	"maps"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
)

// jurorPlots are those of corrupt jurors. While they are at most f, the rounds
// of the jury (Dolev–Strong) and the threshold stop all of them.
func jurorPlots() []Plot {
	return []Plot{
		{Name: "false shares", About: "corrupt jurors open points that are no shares, or another party's", Juror: true, Set: falseShares},
		{Name: "false void", About: "corrupt jurors vote void at any time, whatever they endorsed", Juror: true, Set: falseVoid},
		{Name: "two-faced", About: "corrupt jurors tell some that they voted void and others that they opened", Juror: true, Set: twoFaced},
		{Name: "ladder", About: "corrupt jurors pass a claim on with all endorsements there are at D+kΔ, a moment before or after, to some", Juror: true, Set: ladder},
		{Name: "split", About: "corrupt jurors take a claim and pass it on to half of the jury in the last moment of a round", Party: true, Juror: true, Set: split},
		{Name: "no forward", About: "corrupt jurors accept claims and pass on nothing", Juror: true, Set: noForward},
		{Name: "tamper", About: "corrupt jurors pass on changed claims, with forged, doubled, padded and foreign endorsements", Juror: true, Set: tamper},
		{Name: "amnesia", About: "corrupt jurors' disks go back to an earlier moment, and they go on as if they had been up", Juror: true, Set: amnesia},
		{Name: "wrong clock", About: "corrupt jurors' clocks jump back and forth, and they take claims that come late", Juror: true, Set: wrongClock},
		{Name: "seal lips", About: "corrupt jurors answer corrupt parties only", Juror: true, Set: sealLips},
	}
}

// answersOf adds a rule for answers of corrupt jurors.
func (a *adversary) answersOf(rule func(o *out) bool) {
	a.onSend = append(a.onSend, func(o *out) bool { return o.from.Kind != Juror || o.kind != replying || rule(o) })
}

// falseShares is stopped by shares that prove themselves.
func falseShares(a *adversary) {
	bad := map[sxp.Hash]sxp.Bytes{}
	how := a.d.below(wrongPoints + 1)
	change := func(j Member, raw []byte) sxp.Bytes {
		h := sxp.Sum(raw)
		if bad[h] != nil {
			return bad[h]
		}
		var v contract.Shares
		if signer, err := envelope.Open(raw, contract.TypeShares, &v); err != nil || signer != a.signer(j).ID() {
			return raw
		}
		v.Shares = slices.Clone(v.Shares)
		if how == wrongPoints { // each is a share, of another party
			slices.Reverse(v.Shares)
		} else {
			i := a.d.below(len(v.Shares))
			v.Shares[i] = bent(v.Shares[i], how)
		}
		bad[h] = a.sign(j, contract.TypeShares, &v)
		a.did("false shares")
		return bad[h]
	}
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Juror {
			return true
		}
		o.answer.Shares, o.shares.Shares = slices.Clone(o.answer.Shares), slices.Clone(o.shares.Shares)
		for i, raw := range o.answer.Shares {
			o.answer.Shares[i] = change(o.from, raw)
		}
		for i, raw := range o.shares.Shares {
			o.shares.Shares[i] = change(o.from, raw)
		}
		return true
	})
}

func (a *adversary) void(j Member, m sxp.Hash) contract.Answer {
	return contract.Answer{M: m, Standing: contract.Voided, Void: a.sign(j, contract.TypeVoid, &contract.Void{M: m})}
}

// falseVoid is stopped by the threshold: t voids hold an honest one.
func falseVoid(a *adversary) {
	jurors := a.d.chance(500) // are told, too, and so have not passed anything on to it
	a.answersOf(func(o *out) bool {
		if !o.m.IsZero() && (jurors || o.to.Kind != Juror) {
			o.answer = a.void(o.from, o.m)
			a.did("false void")
		}
		return true
	})
}

// twoFaced likewise.
func twoFaced(a *adversary) {
	a.answersOf(func(o *out) bool {
		if !o.m.IsZero() && a.some(o.to, 'f', 500) {
			o.answer = a.void(o.from, o.m)
			a.did("two-faced")
		}
		return true
	})
}

// endorsements returns what corrupt seats can sign for a session, and what
// honest ones have signed and shown, at most as many as count.
func (a *adversary) endorsements(k *known, most int) []sxp.Bytes {
	var out []sxp.Bytes
	for _, seat := range a.seats(k, true) {
		out = append(out, a.sign(a.r.jurorMember(k.pre.Jury[seat-1].ID), contract.TypeEndorse, &contract.Endorse{M: k.m}))
	}
	for _, seat := range slices.Sorted(maps.Keys(k.endorsed)) {
		out = append(out, k.endorsed[seat])
	}
	return out[:min(len(out), most)]
}

// passesOn sends a claim with endorsements to a seat so that it comes at a
// moment.
func (a *adversary) passesOn(k *known, seat int, req *contract.ForwardRequest, t sxp.Time) {
	from := a.jurors()[0]
	a.at(t-1, func() { a.endorse(from, k, seat, req, 1) })
}

// ladder is stopped by what an honest juror does that accepts with k: its own
// endorsement makes k+1, and with f+1 one of them was honest.
func ladder(a *adversary) {
	p := a.proposal()
	for round := 1; round <= p.F+1; round++ {
		at := p.Deadline.Add(sxp.Duration(round)*p.Delta - a.r.c.Spans.Delta/2)
		a.at(at, func() {
			for _, k := range a.know.sessions {
				claim := k.claim()
				if claim == nil || k.attempt != 0 {
					continue
				}
				req := &contract.ForwardRequest{Claim: *claim, Endorsements: a.endorsements(k, round)}
				for _, seat := range a.seats(k, false) {
					j := a.r.jurorMember(k.pre.Jury[seat-1].ID)
					if len(req.Endorsements) == 0 || a.d.chance(500) {
						continue
					}
					a.did("ladder")
					a.r.note("ladder k=" + string(rune('0'+min(len(req.Endorsements), 9))))
					a.passesOn(k, seat, req, a.when(j, p.Deadline.Add(sxp.Duration(len(req.Endorsements))*p.Delta)).Add(a.d.span(-1, 1)))
				}
			}
		})
	}
}

// split is what the first round of Dolev–Strong is against: with a corrupt
// party's promises kept back, only the corrupt jurors have the claim by D.
func split(a *adversary) {
	p := a.proposal()
	a.sends("promise", func(*out) bool { return false })
	a.sends("release", func(*out) bool { return false })
	a.at(p.Deadline-2, func() {
		for _, k := range a.know.sessions {
			claim := k.claim()
			if claim == nil || k.attempt != 0 {
				continue
			}
			n := 1 + a.d.below(len(a.seats(k, true)))
			req := &contract.ForwardRequest{Claim: *claim, Endorsements: a.endorsements(k, n)}
			seats := a.seats(k, false)
			for i, x := range a.d.perm(len(seats)) {
				if i > len(seats)/2 {
					break
				}
				j := a.r.jurorMember(k.pre.Jury[seats[x]-1].ID)
				a.did("split")
				a.passesOn(k, seats[x], req, a.when(j, p.Deadline.Add(sxp.Duration(len(req.Endorsements))*p.Delta)).Add(a.d.span(-1, 1)))
			}
		}
	})
}

// noForward is stopped by claims that go to all jurors, and by parties that ask
// all.
func noForward(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind == Juror && (o.kind == forwarding || o.kind == sharing) {
			a.did("no forward")
			return false
		}
		return true
	})
}

// tamper is stopped by checking all of a claim, and of endorsements each by
// itself; an invalid claim never keeps a valid one out.
func tamper(a *adversary) {
	for _, m := range a.jurors() { // so that there is a claim that only they have
		a.at(a.proposal().Deadline-10, func() { a.fileLate(m) })
	}
	always := a.d.chance(500)
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Juror || o.kind != forwarding || a.some(o.to, 't', 300) {
			return true
		}
		r := *o.forward
		r.Endorsements = slices.Clone(r.Endorsements)
		own := r.Endorsements[len(r.Endorsements)-1]
		d := &a.d
		if always { // else a repeat would bring what is right
			own := at(a.r.c.Seed, 'T', key(o.to))
			d = &own
		}
		switch d.below(5) {
		case 0: // another point, for any seat
			r.Claim.Promises = slices.Clone(r.Claim.Promises)
			i := d.below(len(r.Claim.Promises))
			points := slices.Clone(r.Claim.Promises[i])
			j := d.below(len(points))
			points[j] = bent(points[j], d.below(wrongPoints))
			r.Claim.Promises[i] = points
		case 1:
			for range r.Claim.Preimage.F { // as if there were more of them
				r.Endorsements = append(r.Endorsements, own)
			}
		case 2:
			forged := slices.Clone(own)
			forged[len(forged)-1] ^= 1
			r.Endorsements = append(r.Endorsements, forged)
		case 3: // of another session
			r.Endorsements = []sxp.Bytes{a.sign(o.from, contract.TypeEndorse, &contract.Endorse{M: sxp.Sum(o.m[:])})}
		case 4:
			if raw, err := envelope.Countersign(a.signer(o.from), own, -1, nil); err == nil {
				r.Endorsements[len(r.Endorsements)-1] = raw
			}
		}
		o.forward = &r
		a.did("tamper")
		return true
	})
}

// amnesia is stopped, for a corrupt juror as for an honest one, by what others
// hold of its words: t certificates of either kind hold an honest juror's.
func amnesia(a *adversary) {
	for _, m := range a.jurors() {
		d := a.proposal().Deadline
		kept := map[sxp.Hash][]byte{}
		back := d.Add(a.d.span(-a.r.c.Spans.Delta, a.r.c.Spans.Horizon))
		a.at(back.Add(-a.d.span(1, a.r.c.Spans.Horizon/2)), func() { kept = maps.Clone(a.r.juror(m.N).disk) })
		a.at(back, func() {
			j := a.r.juror(m.N)
			if j.down {
				return
			}
			if len(j.disk) != len(kept) {
				a.did("amnesia")
			}
			j.disk = maps.Clone(kept)
			j.wake()
			a.answersOf(func(o *out) bool { // without what it forgot, and without a scruple
				if o.from == m && !o.m.IsZero() && o.answer.Standing != contract.Completed && a.r.now > a.proposal().VoidAfter() {
					o.answer = a.void(m, o.m)
				}
				return true
			})
		})
	}
}

// wrongClock is stopped by times that each juror reads from its own clock.
func wrongClock(a *adversary) {
	for _, m := range a.jurors() {
		for range 1 + a.d.below(3) {
			s, p := a.r.c.Spans, a.proposal()
			by, t := a.d.span(-s.Horizon, s.Horizon), start.Add(a.d.span(1, 2*s.Horizon))
			if a.d.chance(500) { // late for others, and in time for it
				round := sxp.Duration(1 + a.d.below(p.F))
				by, t = -s.Horizon/2, p.Deadline.Add(round*p.Delta-a.d.span(2, s.Delta/8))
			}
			a.at(t, func() {
				a.r.jumps[m] = by
				a.did("wrong clock")
				a.r.juror(m.N).step(jury.Tick{Now: a.r.juror(m.N).now()}, nil)
				a.fileLate(m)
			})
		}
	}
}

// fileLate files all claims that are known with a corrupt juror, in the last
// moment or by a clock that shows one.
func (a *adversary) fileLate(m Member) {
	if len(a.parties()) == 0 {
		return
	}
	for _, k := range a.know.sessions {
		seat := k.pre.Seat(a.r.w.jurors[m.N-1].keys.ID())
		if claim := a.claim(a.parties()[0], k); claim != nil && seat > 0 {
			a.file(a.parties()[0], k, seat, claim, 1)
		}
	}
}

// sealLips gives the corrupt parties what f seats can open, and nobody else.
func sealLips(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Juror || a.hold[o.to] {
			return true
		}
		a.did("seal lips")
		return false
	})
}

// noteEndorsements keeps what honest seats signed.
func (k *knowledge) noteEndorsements(f *contract.ForwardRequest, m sxp.Hash) {
	s := k.session(m)
	if s == nil {
		return
	}
	for _, raw := range f.Endorsements {
		_, signer, err := envelope.Peek(raw)
		seat := s.pre.Seat(signer)
		if err != nil || seat == 0 || bytes.Equal(s.endorsed[seat], raw) || k.r.adv.hold[k.r.jurorMember(signer)] {
			continue
		}
		if _, err := contract.OpenEndorse(raw, m); err == nil {
			if s.endorsed == nil {
				s.endorsed = map[int]sxp.Bytes{}
			}
			s.endorsed[seat] = raw
		}
	}
}
