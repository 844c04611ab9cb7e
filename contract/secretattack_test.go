package contract_test

import (
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// TestWrongReleaseHidesNoSecret: a device that may not sign never checked what
// the seller sent as its signature. The seller sends it another point first,
// then the contract: the secret opens all the same.
func TestWrongReleaseHidesNoSecret(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	cfg := s.parties[1].config()
	cfg.Keys, cfg.Ledger = w.keys(1), contract.NewLedger()
	m := must(contract.NewSession(cfg, w.p, w.roll))
	m.AssumeStale()
	now := sxp.Time(worldStart)
	feed := func(raw []byte) {
		now++
		must(m.Step(contract.Received{Now: now, Raw: raw}))
	}
	for _, p := range s.parties {
		for _, raw := range p.inbox {
			if contract.TypeOf(raw) == contract.TypeAcceptance {
				feed(raw)
			}
		}
	}
	must(m.Step(contract.Tick{Now: w.p.ReleaseBefore()})) // it only follows from now on
	now = w.p.ReleaseBefore()
	alice := w.people[0]
	for _, sigma := range []bls.G1{alice.secret.SignSession(sxp.Hash{1}), alice.secret.SignSession(s.m())} {
		feed(must(envelope.Sign(alice.id, contract.TypeRelease, &contract.Release{Proposal: w.p.Digest, M: s.m(), Signature: sigma})))
	}
	feed(lockOf(t, s))
	var lock contract.Lock
	must(envelope.Open(lockOf(t, s), contract.TypeLock, &lock))
	for sent, opens := range map[bls.G1]bool{alice.secret.SignSession(sxp.Hash{1}): false, alice.secret.SignSession(s.m()): true} { // the break: by what was sent
		if text, _, err := lock.OpenForTest(w.p, sent); (err == nil && string(text) == secretOf(0)) != opens {
			t.Errorf("what was sent as the seller's signature opens %q, %v; want %v, or this test shows nothing", text, err, opens)
		}
	}
	feed(must(envelope.Sign(alice.id, contract.TypeResult, &contract.Result{Proposal: w.p.Digest, M: s.m(), Signature: s.parties[0].m.View().S})))
	if text, err := m.Secret(0); string(text) != secretOf(0) {
		t.Errorf("the buyer holds the contract, but of the secret %q, error %v", text, err)
	}
	if r, err := contract.OpenSecretProof(must(m.SecretProof(0))); err != nil || string(r.Text) != secretOf(0) {
		t.Errorf("the file about it: error %v", err)
	}
}

// TestWrongSaltBindsNobody: a lock whose salt is not the one of the proposal
// is refused before anybody promises, and convicts its author; the right one
// is still taken. Without that a seller got the contract for a key that opens
// nothing, or chose after signing which of two texts its key opens.
func TestWrongSaltBindsNobody(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	alice := w.people[0]
	var wrong []byte
	var s *sim
	s = newSim(w, simOptions{watcher: true, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
		if contract.TypeOf(raw) != contract.TypeLock || wrong != nil {
			return latency, true
		}
		var l contract.Lock
		must(envelope.Open(raw, contract.TypeLock, &l))
		l.Salt[0] ^= 1
		if text, why, err := l.OpenForTest(w.p, alice.secret.SignSession(l.M)); err != nil || why == "" { // the break: signed and paid for nothing
			t.Errorf("with a wrong salt the seller's signature opens %q, %v: this test shows nothing", text, err)
		}
		wrong = must(envelope.Sign(alice.id, contract.TypeLock, &l))
		s.after(1, func() { s.parties[1].get(wrong) })
		s.after(500, func() {
			if ph := s.parties[1].phase(); ph != contract.PhaseAccepted {
				t.Errorf("after a lock with a wrong salt the buyer is %s, want accepted", ph)
			}
		})
		return 1000, true
	}})
	s.run(s.end())
	s.check(t, "a wrong salt, then the right lock")
	v := s.parties[1].m.View()
	if v.Phase != contract.PhaseDone || len(v.Faults) != 1 || v.Faults[0].Kind != contract.FaultLock {
		t.Fatalf("the buyer is %s and holds %v, want done and a fault", v.Phase, v.Faults)
	}
	if err := v.Faults[0].Check(w.algebra, w.p, s.parties[1].m.Preimage()); err != nil {
		t.Error(err)
	}
}
