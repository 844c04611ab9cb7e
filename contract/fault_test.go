package contract_test

import (
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// history is an honest run in which Bob goes away after his promise, so that
// the jury completes: every kind of message was sent.
type history struct {
	w    *world
	pre  *contract.Preimage
	said map[sxp.ID]map[envelope.Type][]byte
	sim  *sim
}

func historyOf(w *world) *history {
	h := &history{w: w, said: map[sxp.ID]map[envelope.Type][]byte{}}
	s := newSim(w, simOptions{watcher: true, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
		return latency, contract.TypeOf(raw) != contract.TypeRelease && contract.TypeOf(raw) != contract.TypeResult
	}, tell: func(int, int) bool { return false }})
	s.onSend = h.note
	s.run(s.end())
	h.pre, h.sim = s.parties[0].m.Preimage(), s
	h.note(s.claim)
	for _, j := range s.jurors {
		shares := make([]bls.G1, 2)
		var c contract.Claim
		must(envelope.Open(s.claim, contract.TypeClaim, &c))
		accepts := must(h.pre.CheckForm())
		for i := range shares {
			shares[i] = must(j.keys.OpenShare(c.Promises[i][j.seat-1], accepts[i].Commitment.U))
		}
		h.note(must(contract.SignShares(j.keys, h.pre.M(), j.seat, shares)))
		h.note(must(envelope.Sign(j.keys, contract.TypeEndorse, &contract.Endorse{M: h.pre.M()})))
	}
	return h
}

func (h *history) note(raw []byte) {
	typ, signer, err := envelope.Peek(raw)
	if err != nil {
		return
	}
	if h.said[signer] == nil {
		h.said[signer] = map[envelope.Type][]byte{}
	}
	h.said[signer][typ] = raw
}

// forge signs a changed copy of what somebody said.
func forge[T any](h *history, by envelope.Signer, typ envelope.Type, change func(*T)) []byte {
	v := new(T)
	must(envelope.Open(h.said[by.ID()][typ], typ, v))
	change(v)
	return must(envelope.Sign(by, typ, v))
}

// TestFaults: what a guilty party or juror signed convicts it before a third
// person; what honest ones signed, or what is not theirs, convicts nobody.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := historyOf(worldOf(t, 2, 3))
	bob, juror := h.w.people[1].id, h.w.jurors[h.pre.Jury[1].ID]
	wrong := h.w.people[1].secret.SignSession(sxp.Hash{7})
	other := must(identityOf("stranger", 1))
	said := h.said[bob.ID()]
	void := must(envelope.Sign(juror, contract.TypeVoid, &contract.Void{M: h.pre.M()}))
	promise := forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = slices.Clone(p.Points); p.Points[2] = p.Points[0] })
	cases := []struct {
		kind  contract.FaultKind
		by    sxp.ID
		wrong [][]byte // convicts
		right [][]byte // does not
	}{
		{contract.FaultTwice, bob.ID(), [][]byte{said[contract.TypePromise], promise}, [][]byte{said[contract.TypePromise], said[contract.TypePromise]}},
		{contract.FaultAcceptance, bob.ID(), [][]byte{forge(h, bob, contract.TypeAcceptance, func(a *contract.Acceptance) { a.Draw = wrong })}, [][]byte{said[contract.TypeAcceptance]}},
		{contract.FaultPromise, bob.ID(), [][]byte{promise}, [][]byte{said[contract.TypePromise]}},
		{contract.FaultPromise, bob.ID(), [][]byte{forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = p.Points[:2] })},
			[][]byte{forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.M, p.Points = sxp.Hash{9}, nil })}},
		{contract.FaultRelease, bob.ID(), [][]byte{forge(h, bob, contract.TypeRelease, func(r *contract.Release) { r.Signature = wrong })}, [][]byte{said[contract.TypeRelease]}},
		{contract.FaultResult, bob.ID(), [][]byte{forge(h, bob, contract.TypeResult, func(r *contract.Result) { r.Signature = wrong })}, [][]byte{said[contract.TypeResult]}},
		{contract.FaultShares, juror.ID(), [][]byte{forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.Shares = []bls.G1{s.Shares[1], s.Shares[0]} })}, [][]byte{h.said[juror.ID()][contract.TypeShares]}},
		{contract.FaultShares, juror.ID(), [][]byte{forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.Seat = 1 })},
			[][]byte{forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.M = sxp.Hash{9} })}},
		{contract.FaultContradiction, juror.ID(), [][]byte{void, h.said[juror.ID()][contract.TypeEndorse]}, [][]byte{void, void}},
		{contract.FaultContradiction, juror.ID(), [][]byte{void, h.said[juror.ID()][contract.TypeShares]},
			[][]byte{void, must(envelope.Sign(juror, contract.TypeEndorse, &contract.Endorse{M: sxp.Hash{9}}))}},
	}
	claimant := signerOf(h.sim.claim)
	for _, who := range h.w.people {
		if who.id.ID() == claimant {
			cases = append(cases, cases[0])
			c := &cases[len(cases)-1]
			c.kind, c.by, c.right = contract.FaultClaim, claimant, [][]byte{h.sim.claim}
			c.wrong = [][]byte{forge(h, who.id, contract.TypeClaim, func(c *contract.Claim) { c.Promises[0], c.Promises[1] = c.Promises[1], c.Promises[0] })}
		}
	}
	for i, c := range cases {
		guilty := contract.Fault{Kind: c.kind, By: c.by, Raw: raws(c.wrong)}
		if err := guilty.Check(h.w.algebra, h.w.p, h.pre); err != nil {
			t.Errorf("case %d, %s: the guilty is not convicted: %v", i, c.kind, err)
		}
		framed := guilty
		framed.By = other.ID()
		innocent := contract.Fault{Kind: c.kind, By: c.by, Raw: raws(c.right)}
		for _, f := range []contract.Fault{framed, innocent, {Kind: c.kind, By: c.by}} {
			if err := f.Check(h.w.algebra, h.w.p, h.pre); !errors.Is(err, sxp.Invalid) {
				t.Errorf("case %d, %s: an innocent is convicted: %v", i, c.kind, err)
			}
		}
		again := contract.Fault{}
		b := must(envelope.Marshal(guilty))
		if err := envelope.Unmarshal(b, &again); err != nil || again.Check(h.w.algebra, h.w.p, h.pre) != nil {
			t.Errorf("case %d, %s: the evidence does not survive being stored: %v", i, c.kind, err)
		}
	}
}

// TestFaultNeedsARealSession: nobody is convicted by a session that its
// accuser made up around a message.
func TestFaultNeedsARealSession(t *testing.T) {
	t.Parallel()
	h := historyOf(worldOf(t, 2, 3))
	made := *h.pre
	made.Parties = slices.Clone(made.Parties)
	made.Parties[1].X, made.Parties[1].Proof = made.Parties[0].X, made.Parties[0].Proof
	bob := h.w.people[1]
	k, opening, err := bls.Commit(seeded("of a made-up session"), bob.secret, made.T)
	if err != nil {
		t.Fatal(err)
	}
	a := must(contract.OpenAcceptance(made.Parties[1].Acceptance, bob.id.ID(), made.Proposal))
	a.Commitment = k
	made.Parties[1].Acceptance = must(envelope.Sign(bob.id, contract.TypeAcceptance, a))
	var ys []bls.G1
	var zs []bls.G2
	for _, seat := range made.Jury {
		ys, zs = append(ys, seat.Y), append(zs, seat.Z)
	}
	points := must(bls.MakePromise(bob.secret, opening, made.M(), ys))
	for x, blamed := range map[bls.G2]bool{bob.secret.Public(): false, made.Parties[1].X: true} { // the break: the equations alone
		err := h.w.algebra.Promises(made.M(), zs, []bls.PromiseCheck{{X: x, Commitment: k, Promise: points}})
		if (err != nil) != blamed {
			t.Errorf("by the equations alone Bob's right promise is blamed: %v, want %v, or this test shows nothing", err, blamed)
		}
	}
	f := contract.Fault{Kind: contract.FaultPromise, By: bob.id.ID(), Raw: raws([][]byte{forge(h, bob.id, contract.TypePromise, func(p *contract.Promise) { p.M, p.Points = made.M(), points })})}
	for _, pre := range []*contract.Preimage{&made, nil} {
		if err := f.Check(h.w.algebra, h.w.p, pre); !errors.Is(err, sxp.Invalid) {
			t.Errorf("error %v, want invalid", err)
		}
	}
}

// TestSessionKeepsFaults: a machine that is sent a wrong promise, a wrong
// signature or wrong shares goes on, and holds what convicts, once.
func TestSessionKeepsFaults(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	h := historyOf(w)
	bob := w.people[1].id
	promise := forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = slices.Clone(p.Points); p.Points[2] = p.Points[0] })
	release := forge(h, bob, contract.TypeRelease, func(r *contract.Release) { r.Signature = w.people[1].secret.SignSession(sxp.Hash{7}) })
	cfg := h.sim.parties[0].config()
	cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
	m := must(contract.NewSession(cfg, w.p, w.roll))
	now := worldStart
	feed := func(raw []byte) {
		now++
		must(m.Step(contract.Received{Now: now, Raw: raw}))
	}
	must(m.Step(contract.Start{Now: now}))
	must(m.Step(contract.Decide{Now: now, Accept: true}))
	feed(h.said[bob.ID()][contract.TypeAcceptance])
	if m.Preimage() == nil || m.Preimage().M() != h.pre.M() {
		t.Fatal("the session is another: this test shows nothing")
	}
	for range 2 {
		feed(promise)
	}
	feed(h.said[bob.ID()][contract.TypePromise])
	for range 2 {
		feed(release)
	}
	juror := w.jurors[h.pre.Jury[0].ID]
	swapped := forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.Shares = []bls.G1{s.Shares[1], s.Shares[0]} })
	must(m.Step(contract.Answered{Now: now, Seat: 1, Answer: contract.Answer{M: h.pre.M(), Shares: []sxp.Bytes{swapped}}}))
	void := must(envelope.Sign(juror, contract.TypeVoid, &contract.Void{M: h.pre.M()}))
	must(m.Step(contract.Answered{Now: now, Seat: 1, Answer: contract.Answer{M: h.pre.M(), Void: void, Shares: []sxp.Bytes{h.said[juror.ID()][contract.TypeShares]}}}))
	var kinds []contract.FaultKind
	for _, f := range m.View().Faults {
		kinds = append(kinds, f.Kind)
		if err := f.Check(w.algebra, w.p, h.pre); err != nil {
			t.Errorf("%s does not convict: %v", f.Kind, err)
		}
	}
	want := []contract.FaultKind{contract.FaultPromise, contract.FaultRelease, contract.FaultShares, contract.FaultContradiction}
	if !slices.Equal(kinds, want) {
		t.Errorf("kept %v, want %v", kinds, want)
	}
	if m.View().Phase != contract.PhasePromised {
		t.Errorf("the session is %s, want promised", m.View().Phase)
	}
}

// TestHonestRunsBlameNobody: whatever is lost and whoever stops, honest
// machines hold nothing against each other.
func TestHonestRunsBlameNobody(t *testing.T) {
	t.Parallel()
	h := historyOf(worldOf(t, 2, 3))
	for _, p := range h.sim.parties {
		if v := p.m.View(); len(v.Faults) != 0 || v.Phase != contract.PhaseDone || !v.ByJury {
			t.Errorf("party %d is %s (by the jury %v) and holds %v", p.i+1, v.Phase, v.ByJury, v.Faults)
		}
	}
}

func raws(list [][]byte) (out []sxp.Bytes) {
	for _, b := range list {
		out = append(out, b)
	}
	return out
}

func signerOf(raw []byte) sxp.ID {
	_, id, err := envelope.Peek(raw)
	if err != nil {
		panic(err)
	}
	return id
}
