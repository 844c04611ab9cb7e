package contract_test

import (
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// lock reads a lock before the proposal of its session.
func (r *reading) lock(raw []byte) error {
	i, err := r.byParty(raw, contract.TypeLock, new(contract.Lock))
	if err != nil {
		return err
	}
	o := r.proposal
	if o == nil {
		o = must(contract.OpenProposal(vectorNamed(r.with["proposal"])))
	}
	_, giver, err := contract.OpenLockForTest(raw, o, r.pre.M())
	return firstOf(func() error { return err }, func() error { return require(giver == i, sxp.Invalid, "not the giver's") })
}

// writeLockVectors are of a signing in which Alice gives a secret to Bob.
func writeLockVectors(t *testing.T) {
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	pre := s.parties[1].m.Preimage()
	add(t, signingDir, "session-secret", "of a contract that gives a secret: contract/proposal-secret", "", must(envelope.Marshal(pre)), "m", pre.M().String())
	_, sold := garbage(t)
	add(t, signingDir, "session-garbage", "of contract/proposal-garbage", "", must(envelope.Marshal(sold.parties[1].m.Preimage())), "m", sold.m().String())

	alice, bob := w.people[0].id, w.people[1].id
	raw := lockOf(t, s)
	var good contract.Lock
	must(envelope.Open(raw, contract.TypeLock, &good))
	with := []string{"session", "session-secret", "proposal", "contract/proposal-secret"}
	one := func(name, why, expect string, raw []byte) {
		add(t, signingDir, "lock-"+name, why, expect, raw, with...)
	}
	one("valid", "c = D + σ, and the salt that the proposal commits to", "", raw)
	changed := func(name, why string, change func(*contract.Lock)) {
		l := good
		change(&l)
		one(name, why, "invalid", sign(alice, contract.TypeLock, &l))
	}
	changed("other-m", "it names its session", func(l *contract.Lock) { l.M[0] ^= 1 })
	changed("other-proposal", "it names its proposal", func(l *contract.Lock) { l.Proposal[0] ^= 1 })
	changed("other-transfer", "transfer 2 gives no secret", func(l *contract.Lock) { l.Transfer = 1 })
	changed("no-transfer", "there are two transfers", func(l *contract.Lock) { l.Transfer = 2 })
	changed("negative-transfer", "transfers count from 0 here", func(l *contract.Lock) { l.Transfer = -1 })
	changed("other-salt", "the proposal has the hash of the salt", func(l *contract.Lock) { l.Salt[0] ^= 1 })
	changed("is-a-signature", "σ alone covers no D", func(l *contract.Lock) { l.Lock = w.people[0].secret.SignSession(l.M) })
	changed("negated", "−c is no lock", func(l *contract.Lock) { l.Lock[0] ^= 0x20 })
	changed("identity", "the identity is never a value", func(l *contract.Lock) { l.Lock = bls.G1{0xc0} })
	changed("off-the-group", "points are in the subgroup", func(l *contract.Lock) { l.Lock = offGroup() })
	one("by-the-taker", "who gives the secret locks it", "invalid", sign(bob, contract.TypeLock, &good))
	one("by-a-stranger", "a party sends it", "denied", sign(w.issuer, contract.TypeLock, &good))
	x := &scribe{t: t, w: w, pre: pre, m: pre.M()}
	x.everywhere("lock", contract.TypeLock, alice, &good, with...)
}
