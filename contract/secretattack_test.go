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
	m := restore(w, s, worldStart)
	must(m.Step(contract.Tick{Now: w.p.ReleaseBefore()})) // it only follows from now on
	m.now = w.p.ReleaseBefore()
	alice := w.people[0]
	for _, sigma := range []bls.G1{alice.secret.SignSession(sxp.Hash{1}), alice.secret.SignSession(s.m())} {
		m.feed(must(envelope.Sign(alice.id, contract.TypeRelease, &contract.Release{Proposal: w.p.Digest, M: s.m(), Signature: sigma})))
	}
	m.feed(lockOf(t, s))
	var lock contract.Lock
	must(envelope.Open(lockOf(t, s), contract.TypeLock, &lock))
	for sent, opens := range map[bls.G1]bool{alice.secret.SignSession(sxp.Hash{1}): false, alice.secret.SignSession(s.m()): true} { // the break: by what was sent
		if text, _, err := lock.OpenForTest(w.p, sent); (err == nil && string(text) == secretOf(0)) != opens {
			t.Errorf("what was sent as the seller's signature opens %q, %v; want %v, or this test shows nothing", text, err, opens)
		}
	}
	m.feed(must(envelope.Sign(alice.id, contract.TypeResult, &contract.Result{Proposal: w.p.Digest, M: s.m(), Signature: s.parties[0].m.View().S})))
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
	wrongLock(t, w, func(l *contract.Lock) {
		l.Salt[0] ^= 1
		if text, why, err := l.OpenForTest(w.p, alice.secret.SignSession(l.M)); err != nil || why == "" { // the break: signed and paid for nothing
			t.Errorf("with a wrong salt the seller's signature opens %q, %v: this test shows nothing", text, err)
		}
	})
}
