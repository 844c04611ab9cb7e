package contract_test

import (
	"bytes"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// FuzzReceived: whatever arrives, a session neither panics nor changes on an
// error.
func FuzzReceived(f *testing.F) {
	w := fuzzWorld(f, 2, 1)
	s := newSim(w, simOptions{watcher: true})
	s.onSend = func(raw []byte) { f.Add(raw) }
	s.run(s.end())
	f.Fuzz(func(t *testing.T, raw []byte) {
		cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger(), Limits: w.limits()}
		m := must(contract.NewSession(cfg, w.p, w.roll))
		must(m.Step(contract.Start{Now: worldStart}))
		before := m.View()
		acts, err := m.Step(contract.Received{Now: worldStart, Raw: raw})
		if err != nil && (len(acts) != 0 || m.View().Phase != before.Phase) {
			t.Errorf("error %v, but %d actions and phase %s", err, len(acts), m.View().Phase)
		}
		reasoned(t, err)
	})
}

// reasoned: whatever is refused is refused with a kind that a page of spec/
// knows, and with words.
func reasoned(t *testing.T, err error) {
	t.Helper()
	if err != nil && (sxp.KindOf(err) == sxp.Internal || sxp.KindOf(err) == "" || sxp.Reason(err) == "") {
		t.Errorf("refused without a reason: %v", err)
	}
}

// FuzzDecoders: no reader of outside bytes panics.
func FuzzDecoders(f *testing.F) {
	w := fuzzWorld(f, 2, 1)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(s.end())
	for _, raw := range [][]byte{w.p.Raw, w.roll.Raw, s.claim, s.parties[0].state} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := contract.OpenProposal(raw)
		reasoned(t, err)
		_, err = contract.OpenRoll(w.algebra, raw)
		reasoned(t, err)
		_, _, _, err = contract.OpenClaim(raw)
		reasoned(t, err)
		_, err = contract.Peek(raw)
		reasoned(t, err)
		cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger()}
		if m, err := contract.RestoreSession(cfg, w.p, w.roll, raw); err == nil {
			_, _ = m.Step(contract.Start{Now: worldStart})
			_ = m.View()
		}
		_ = contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra}).Restore(raw)
		if p, err := envelope.Parse(raw); err == nil {
			for typ, make := range contract.Types() {
				if v := make(); p.Type == typ && envelope.Unmarshal(p.Payload, v) == nil {
					if again := must(envelope.Marshal(v)); !bytes.Equal(again, p.Payload) {
						t.Errorf("a second encoding of a %s: %x and %x", typ, p.Payload, again)
					}
				}
			}
		}
	})
}

// FuzzOpeners: no reader of a single message panics, and what is opened as a
// shares message has a place in the session.
func FuzzOpeners(f *testing.F) {
	w := fuzzWorld(f, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(3)}})
	s.onSend = func(raw []byte) { f.Add(raw) }
	s.run(s.end())
	pre := s.parties[0].m.Preimage()
	f.Add(must(envelope.Marshal(pre)))
	f.Add(must(contract.SignJuror(w.algebra, w.jurors[w.roll.Entries[0].ID], w.roll.Entries[0])))
	for id := range w.jurors {
		if seat := pre.Seat(id); seat != 0 {
			f.Add(must(contract.SignShares(w.jurors[id], pre.M(), seat, make([]bls.G1, 2))))
			f.Add(must(envelope.Sign(w.jurors[id], contract.TypeVoid, &contract.Void{M: pre.M()})))
			f.Add(must(envelope.Sign(w.jurors[id], contract.TypeEndorse, &contract.Endorse{M: pre.M()})))
		}
	}
	box := must(contract.NewCollector(w.algebra, pre))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = contract.OpenJuror(raw)
		_, _, err := contract.OpenVouch(raw)
		reasoned(t, err)
		_, _ = contract.OpenVoid(raw, pre.M())
		_, _ = contract.OpenEndorse(raw, pre.M())
		_, _ = contract.OpenAcceptance(raw, pre.Parties[0].ID, pre.Proposal)
		if sh, err := contract.OpenShares(raw, pre, pre.M()); err == nil && (sh.Seat < 1 || sh.Seat > len(pre.Jury)) {
			t.Errorf("shares of seat %d", sh.Seat)
		}
		_, _, _ = box.AddShares(raw)
		_, _, _ = box.AddVoid(raw)
		e := contract.Equivocation{First: raw, Second: s.parties[0].state}
		_ = e.Check(pre.Parties[0].ID, pre.Proposal)
		v := contract.VoidCertificate{Preimage: *pre, Voids: []sxp.Bytes{raw, raw}}
		if v.Check() == nil {
			t.Error("one juror's void twice makes a certificate")
		}
		var p contract.Preimage
		if err := envelope.Unmarshal(raw, &p); err == nil {
			_, _ = p.Check(w.algebra)
		}
	})
}

// FuzzRequests: whatever a node decodes, its watcher and an agent's session
// neither panic nor change on an error.
func FuzzRequests(f *testing.F) {
	w := fuzzWorld(f, 2, 1)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.onLodge = func(_ int, r contract.LodgeRequest) { f.Add(must(envelope.Marshal(&r))) }
	s.run(worldStart + 1000)
	f.Add(must(envelope.Marshal(&contract.Answer{M: s.m(), Standing: contract.Waiting})))
	me, state := w.people[0].id.ID(), s.parties[0].state
	f.Fuzz(func(t *testing.T, raw []byte) {
		watcher := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
		var l contract.LodgeRequest
		if envelope.Unmarshal(raw, &l) == nil {
			_, _ = watcher.Step(contract.Lodge{Now: worldStart, From: me, Request: l})
			for now := range 100 {
				_, _ = watcher.Step(contract.Tick{Now: worldStart + sxp.Time(now*200)})
			}
		}
		_, _ = watcher.Step(contract.Told{Now: worldStart, Raw: raw})
		var a contract.Answer
		if envelope.Unmarshal(raw, &a) != nil {
			return
		}
		cfg := s.parties[0].config()
		cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
		m := must(contract.RestoreSession(cfg, w.p, w.roll, state))
		phase := m.View().Phase
		if _, err := m.Step(contract.Answered{Now: worldStart + 1000, Seat: 1, Answer: a}); err != nil && m.View().Phase != phase {
			t.Errorf("error %v, but the session is %s", err, m.View().Phase)
		}
	})
}

// FuzzPayloads: what a corrupt party or juror really signs neither panics a
// machine nor changes it on an error.
func FuzzPayloads(f *testing.F) {
	w := fuzzWorld(f, 2, 1)
	s := newSim(w, simOptions{watcher: true})
	s.onSend = func(raw []byte) { f.Add(must(envelope.Parse(raw)).Payload) }
	var lodging contract.LodgeRequest
	s.onLodge = func(_ int, r contract.LodgeRequest) { lodging = r }
	s.run(worldStart + 5)
	state := s.parties[0].state
	cfg := s.parties[0].config()
	s.run(s.end())
	f.Add(must(envelope.Parse(lodging.Claim)).Payload)
	types := contract.Types()
	f.Fuzz(func(t *testing.T, payload []byte) {
		for typ, make := range types {
			v := make()
			if envelope.Unmarshal(payload, v) != nil {
				continue
			}
			raw, err := envelope.Sign(w.people[1].id, typ, v)
			if err != nil {
				continue
			}
			cfg.Keys, cfg.Ledger = w.keys(0), contract.NewLedger()
			m := must(contract.RestoreSession(cfg, w.p, w.roll, state))
			before := m.View()
			acts, err := m.Step(contract.Received{Now: worldStart + 10, Raw: raw})
			if err != nil && m.View().Phase != before.Phase {
				t.Errorf("%s: error %v, but the session is %s", typ, err, m.View().Phase)
			}
			reasoned(t, err)
			later, _ := m.Step(contract.Tick{Now: w.p.Deadline})
			for _, a := range append(acts, later...) { // Bob signed: nobody else is guilty of it
				if b, ok := a.(contract.Blame); ok && b.Party != 1 {
					t.Errorf("%s: party %d is blamed for what Bob signed: %s", typ, b.Party, b.Reason)
				}
			}
			watcher := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
			_, err = watcher.Step(contract.Told{Now: worldStart, Raw: raw})
			reasoned(t, err)
			_, _ = watcher.Step(contract.Lodge{Now: worldStart, From: w.people[1].id.ID(), Request: contract.LodgeRequest{Claim: raw, ClaimAt: w.p.ClaimAt(), Patience: 1}})
		}
	})
}
