package fairness

import (
	"bytes"
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A scheme is all that the adversary of an exploration can say. There is one
// session only, since nobody accepts twice, and what members sign is always the
// same: so it is known beforehand.
type scheme struct {
	pre   *contract.Preimage
	m     sxp.Hash
	acts  []act
	asked map[[2]int]int32 // questions to corrupt jurors, by party and seat
	mood  []int            // what corrupt jurors answer each party
}

// An act is something that corrupt members can say once they know what it needs.
type act struct {
	ev    int32
	needs int
}

// What the adversary knows: all promises, and with them the claim; S; from
// knowsWords on the endorsement of each honest seat.
const (
	knowsClaim = 1 << iota
	knowsS
	knowsWords
)

// What corrupt jurors answer to a question.
const (
	silent = iota
	voids
	opens
	moods
)

// rehearsal is what each party says in the session.
type rehearsal struct {
	acceptance, promise []byte
	points              bls.Promise
}

// scheme works out what all parties will say, and from it what corrupt ones can.
func (x *explorer) scheme() {
	said := make([]rehearsal, x.c.Parties)
	sessions := make([]*contract.Session, x.c.Parties)
	hear := func(i int, acts []contract.Action) {
		for _, a := range acts {
			if s, ok := a.(contract.SendParties); ok && contract.TypeOf(s.Raw) == contract.TypeAcceptance {
				said[i].acceptance = s.Raw
			} else if ok && contract.TypeOf(s.Raw) == contract.TypePromise {
				said[i].promise = s.Raw
			}
		}
	}
	for i := range sessions {
		keys := &partyKeys{signer: x.l.person(i).signer, secret: x.w.secret(i), openings: map[sxp.Hash][]byte{}, commits: new(int)}
		sessions[i] = must(contract.NewSession(x.config(i, keys), x.w.proposals[0], x.w.roll))
		must(sessions[i].Step(contract.Start{Now: start}))
		hear(i, must(sessions[i].Step(contract.Decide{Now: start, Accept: true})))
	}
	for i := range sessions {
		for k := range sessions {
			if k != i {
				hear(i, must(sessions[i].Step(contract.Received{Now: start, Raw: said[k].acceptance})))
			}
		}
		var p contract.Promise
		must(envelope.Open(said[i].promise, contract.TypePromise, &p))
		said[i].points = p.Points
	}
	x.plan.pre = sessions[0].Preimage()
	x.plan.m = x.plan.pre.M()
	x.plan.mood = make([]int, x.c.Parties)
	x.plan.asked = map[[2]int]int32{}
	x.partyActs(said)
	x.jurorActs(said)
}

// can adds what a corrupt member can say to an honest one.
func (x *explorer) can(needs int, h happening, to Member, content ...[]byte) int32 {
	ev := x.happen(h, to, content...)
	if ev >= 0 {
		x.plan.acts = append(x.plan.acts, act{ev, needs})
	}
	return ev
}

// partyActs are what corrupt parties can say.
func (x *explorer) partyActs(said []rehearsal) {
	for _, n := range x.c.Corrupt.Parties {
		me := x.l.person(n - 1).signer
		sigma := &contract.Release{Proposal: x.plan.pre.Proposal, M: x.plan.m, Signature: x.w.secret(n - 1).signSession(x.plan.m)}
		release := signBy(me, contract.TypeRelease, sigma)
		claim := signBy(me, contract.TypeClaim, x.claim(said))
		for i := range x.c.Parties {
			for _, raw := range [][]byte{said[n-1].acceptance, said[n-1].promise, release} {
				x.can(0, happening{from: Member{Party, n}, kind: toParty, raw: raw, what: typeName(raw)}, Member{Party, i + 1}, raw)
			}
			x.can(0, happening{from: Member{Party, n}, kind: telling, raw: release, what: "release"}, Member{Watcher, i + 1}, release)
		}
		for j := range x.c.Jurors {
			x.can(knowsClaim, happening{from: Member{Party, n}, kind: claiming, raw: claim, what: "claim"}, Member{Juror, j + 1}, claim)
		}
		x.canShowS(Member{Party, n}, me)
	}
}

// canShowS adds S, which proves itself whoever says it.
func (x *explorer) canShowS(from Member, me *signer) {
	sigmas := make([]bls.G1, x.c.Parties)
	for i := range sigmas {
		sigmas[i] = x.w.secret(i).signSession(x.plan.m)
	}
	s := must(x.w.algebra.Combine(x.plan.m, sigmas))
	raw := signBy(me, contract.TypeResult, &contract.Result{Proposal: x.plan.pre.Proposal, M: x.plan.m, Signature: s})
	for i := range x.c.Parties {
		x.can(knowsS, happening{from: from, kind: toParty, raw: raw, what: "result"}, Member{Party, i + 1}, raw)
		x.can(knowsS, happening{from: from, kind: telling, raw: raw, what: "result"}, Member{Watcher, i + 1}, raw)
	}
}

func (x *explorer) claim(said []rehearsal) *contract.Claim {
	c := &contract.Claim{Preimage: *x.plan.pre}
	for i := range said {
		c.Promises = append(c.Promises, said[i].points)
	}
	return c
}

// jurorActs are what corrupt jurors can say: to honest jurors the claim with
// their own endorsements and any others that are known, and whether they have
// heard it; to who asks a void, or their shares.
func (x *explorer) jurorActs(said []rehearsal) {
	endorsements := map[int]sxp.Bytes{} // by seat
	for j := range x.plan.pre.Jury {
		m := x.jurorOf(j + 1)
		endorsements[j+1] = signBy(x.w.jurors[m.N-1].keys.signer, contract.TypeEndorse, &contract.Endorse{M: x.plan.m})
	}
	claim := x.claim(said)
	for _, n := range x.c.Corrupt.Jurors {
		from := Member{Juror, n}
		seat := x.plan.pre.Seat(x.w.jurors[n-1].keys.ID())
		for to := range x.plan.pre.Jury {
			if m := x.jurorOf(to + 1); !x.corrupt(m) {
				x.forwards(from, seat, m, to+1, claim, endorsements)
				heard := contract.Answer{M: x.plan.m, Standing: contract.Completed}
				x.can(knowsWords<<(to+1), happening{from: from, kind: replying, seat: seat, answer: heard, what: "has the claim"}, m)
			}
		}
		x.answers(from, seat, claim)
		x.canShowS(from, x.w.jurors[n-1].keys.signer)
	}
}

// forwards adds the claim with each set of at most f+1 endorsements that holds
// the corrupt seat's.
func (x *explorer) forwards(from Member, seat int, m Member, to int, claim *contract.Claim, endorsements map[int]sxp.Bytes) {
	n := len(x.plan.pre.Jury)
	for set := range 1 << n {
		if set>>(seat-1)&1 == 0 || set>>(to-1)&1 == 1 {
			continue
		}
		req := contract.ForwardRequest{Claim: *claim}
		needs := knowsClaim
		content := [][]byte{[]byte("forward")}
		for j := 1; j <= n; j++ {
			if set>>(j-1)&1 == 0 {
				continue
			}
			req.Endorsements = append(req.Endorsements, endorsements[j])
			content = append(content, endorsements[j])
			if !x.corrupt(x.jurorOf(j)) {
				needs |= knowsWords << j
			}
		}
		if len(req.Endorsements) <= x.plan.pre.F+1 {
			x.can(needs, happening{from: from, kind: forwarding, forward: req, what: fmt.Sprintf("claim with %d endorsements", len(req.Endorsements))}, m, content...)
		}
	}
}

// answers makes the questions that honest parties may ask a corrupt juror, with
// its answer for each mood.
func (x *explorer) answers(from Member, seat int, claim *contract.Claim) {
	keys := x.w.jurors[from.N-1].keys
	opened := make([]bls.G1, len(claim.Promises))
	for i := range opened {
		var a contract.Acceptance
		must(envelope.Open(x.plan.pre.Parties[i].Acceptance, contract.TypeAcceptance, &a))
		opened[i] = must(keys.OpenShare(claim.Promises[i][seat-1], a.Commitment.U))
	}
	void := contract.Answer{M: x.plan.m, Standing: contract.Voided, Void: signBy(keys.signer, contract.TypeVoid, &contract.Void{M: x.plan.m})}
	shares := contract.Answer{M: x.plan.m, Standing: contract.Completed, Shares: []sxp.Bytes{must(contract.SignShares(keys, x.plan.m, seat, opened))}}
	for i := range x.c.Parties {
		to := Member{Party, i + 1}
		q := &happening{to: -1, from: to}
		q.says[silent] = -1
		q.says[voids] = x.happen(happening{from: from, kind: replying, seat: seat, answer: void, what: "answers voided"}, to, void.Void)
		q.says[opens] = x.happen(happening{from: from, kind: replying, seat: seat, answer: shares, what: "answers completed"}, to, shares.Shares[0])
		x.happenings = append(x.happenings, q)
		x.plan.asked[[2]int{i + 1, seat}] = int32(len(x.happenings) - 1)
	}
}

// knows returns what the adversary knows in a state: what honest members have
// sent to it, and what is open to all.
func (x *explorer) knows(at joint) (known int) {
	party := len(x.c.Corrupt.Parties) > 0
	promised, released, done, told, opened := true, true, false, false, 0
	for i, m := range x.members {
		l := x.local(at, i)
		switch m.Kind {
		case Party:
			promised = promised && l.flags&didPromise != 0
			released = released && l.flags&didRelease != 0
			done = done || l.facts.Phase == contract.PhaseDone
		case Watcher:
			told = told || l.flags&didFile != 0
		case Juror:
			if l.flags&didOpen != 0 {
				opened++
			}
			if l.forwarded != 0 {
				told = true
				known |= knowsWords << x.plan.pre.Seat(x.w.jurors[m.N-1].keys.ID())
			}
		}
	}
	if party && promised || len(x.c.Corrupt.Jurors) > 0 && told {
		known |= knowsClaim
		opened += len(x.c.Corrupt.Jurors)
	}
	if party && (released || done) || opened >= x.plan.pre.T {
		known |= knowsS
	}
	return known
}

// compareMembers orders by kind, then by number.
func compareMembers(a, b Member) int {
	return bytes.Compare([]byte{byte(a.Kind), byte(a.N)}, []byte{byte(b.Kind), byte(b.N)})
}

// eachMood calls do with every combination of what corrupt jurors answer to
// honest parties; shares only if there is something to open.
func (x *explorer) eachMood(at joint, do func()) {
	var asking []int
	for _, m := range x.members {
		if m.Kind == Party && len(x.c.Corrupt.Jurors) > 0 {
			asking = append(asking, m.N-1)
		}
	}
	can := moods
	if x.knows(at)&knowsClaim == 0 {
		can = opens
	}
	var choose func(rest []int)
	choose = func(rest []int) {
		if len(rest) == 0 {
			do()
			return
		}
		for mood := range can {
			x.plan.mood[rest[0]] = mood
			choose(rest[1:])
		}
	}
	choose(slices.Clip(asking))
}
