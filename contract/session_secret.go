package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A Locker is a Keys that can give secrets. What it keeps for one is made
// durable by its driver when the proposal is made, on this device only and in
// no backup, under a key of its own; a Save with Spend destroys that.
type Locker interface {
	Keys

	// HoldsSecret reports whether the key of the session's secret is here.
	HoldsSecret(session sxp.Hash) bool

	// MakeLock returns c and the salt for the session's secret. It fails with
	// sxp.NotFound if its key is not here: the state comes from a backup or
	// another device, or the lock was made before, and with sxp.Conflict for
	// another m than the first. The durable copy must survive the call: only
	// the Save action that follows erases it. Until then a repeat gives the
	// same lock.
	MakeLock(session, m sxp.Hash, context []byte) (c bls.G1, salt sxp.Hash, err error)
}

// keptSecret is a SecretKey inside a KeyRing.
type keptSecret struct {
	key []byte   // SecretKey.Marshal
	m   sxp.Hash // of the lock that was made
}

// LoadSecret gives the ring the key of a session's secret: when the proposal
// was made, and after a restart. It keeps a copy of what SecretKey.Marshal
// wrote.
func (k *KeyRing) LoadSecret(session sxp.Hash, key []byte) {
	k.EraseSecret(session)
	k.secrets[session] = &keptSecret{key: append([]byte(nil), key...)}
}

// EraseSecret overwrites the key of a session's secret in memory.
func (k *KeyRing) EraseSecret(session sxp.Hash) {
	if s := k.secrets[session]; s != nil {
		clear(s.key)
	}
	delete(k.secrets, session)
}

// HoldsSecret is Locker.HoldsSecret.
func (k *KeyRing) HoldsSecret(session sxp.Hash) bool { return k.secrets[session] != nil }

// MakeLock is Locker.MakeLock.
func (k *KeyRing) MakeLock(session, m sxp.Hash, context []byte) (c bls.G1, salt sxp.Hash, err error) {
	const op = "contract.KeyRing"
	kept := k.secrets[session]
	if kept == nil {
		return c, salt, sxp.Errorf(op, sxp.NotFound, session, "the key of this secret is not on this device: it was restored from a backup, or has made its lock before")
	}
	if !kept.m.IsZero() && kept.m != m {
		return c, salt, sxp.Errorf(op, sxp.Conflict, session, "the key of this secret has made a lock for another session: two would give a signature away")
	}
	key, err := ParseSecretKey(kept.key)
	if err != nil {
		return c, salt, err
	}
	defer key.Erase()
	kept.m = m
	return bls.Lock(key.w, k.secret, context, m), key.salt, nil
}

// mayGive refuses to accept a proposal in which this person gives a secret
// that was not sealed here: somebody else's, or one of a proposal that said
// something else.
func (s *Session) mayGive() error {
	at := s.p.Terms.SecretOf(s.me)
	if at < 0 {
		return nil
	}
	if l, ok := s.cfg.Keys.(Locker); ok && l.HoldsSecret(s.p.Digest) {
		return nil
	}
	return sxp.Errorf("contract.Session", sxp.Denied, s.p.Digest, "what transfer %d gives is a secret that was not sealed on this device for this proposal: propose it anew from here", at+1)
}

// GivesSecret reports whether this person gives a secret by the contract.
func (s *Session) GivesSecret() bool { return s.p.Terms.SecretOf(s.me) >= 0 }

// lockSecrets sends the own lock and reports whether all locks of others are
// here. ⚠ Nobody promises before: a giver who never locks would complete the
// contract through the jury, and keep the secret.
func (s *Session) lockSecrets(pre *Preimage) (bool, error) {
	if at := s.p.Terms.SecretOf(s.me); at >= 0 && len(held(s.st.Locks, s.me)) == 0 {
		if err := s.makeLock(pre, at); err != nil {
			return false, err
		}
	}
	if s.earlyLock() {
		if err := s.receiveEarly(); err != nil {
			return false, err
		}
	}
	for _, i := range s.others() {
		if s.p.Terms.SecretOf(i) >= 0 && len(held(s.st.Locks, i)) == 0 && !s.rules.unlocked {
			return false, nil
		}
	}
	return true, nil
}

func (s *Session) earlyLock() bool {
	return slices.ContainsFunc(s.st.Early, func(raw sxp.Bytes) bool { return TypeOf(raw) == TypeLock })
}

// makeLock is what a secret's key is for. ⚠ One atomic durable write stores
// the lock and erases the key; the lock is sent only then, and only those
// bytes again.
func (s *Session) makeLock(pre *Preimage, transfer int) error {
	keys, ok := s.cfg.Keys.(Locker)
	if !ok {
		return s.mayGive()
	}
	m := s.m
	c, salt, err := keys.MakeLock(s.p.Digest, m, secretContext(s.p.Nonce, transfer))
	if err != nil {
		return err
	}
	raw, err := envelope.Sign(s.cfg.Keys, TypeLock, &Lock{Proposal: s.p.Digest, M: m, Transfer: transfer, Lock: c, Salt: salt})
	if err != nil {
		return err
	}
	hold(&s.st.Locks, len(s.accepts), s.me, raw)
	s.save()
	s.spend = true
	s.do(SendParties{To: s.others(), Raw: raw})
	return nil
}

// receiveLock keeps a lock that verifies, also when the contract is there: a
// device that was restored needs it to open the secret.
func (s *Session) receiveLock(from int, m *envelope.Message) error {
	var l Lock
	if err := envelope.Unmarshal(m.Payload, &l); err != nil {
		return err
	}
	if err := s.belongs(l.Proposal); err != nil {
		return err
	}
	if err := l.belongs(s.p, from); err != nil {
		return err
	}
	first := held(s.st.Locks, from)
	switch {
	case s.ended() && s.st.Phase != PhaseDone:
		return nil
	case from == s.me:
		if len(first) == 0 { // another device of this person holds the secret's key
			s.st.Stale = true
			s.save()
		}
		return nil
	case len(first) > 0:
		s.differs(from, first, m)
		return nil
	case slices.Contains(s.accepts, nil):
		return s.keepEarly(m)
	}
	if _, err := s.session(); err != nil {
		return err
	}
	if l.M != s.m {
		s.compareAcceptances(from)
		return nil
	}
	if err := l.verify(s.p); err != nil {
		return s.blame(from, FaultLock, "its lock is wrong: ", m.Raw, err)
	}
	hold(&s.st.Locks, len(s.accepts), from, m.Raw)
	s.save()
	return nil
}

// askForLock asks the giver of a secret for the lock, where the contract is
// there and the lock is not: this device is not the one that promised.
func (s *Session) askForLock() error {
	missing := func(i int) bool { return s.p.Terms.SecretOf(i) >= 0 && len(held(s.st.Locks, i)) == 0 }
	if !slices.ContainsFunc(s.others(), missing) {
		return nil
	}
	ask, err := envelope.Sign(s.cfg.Keys, TypeAsk, &Ask{Proposal: s.p.Digest})
	if err != nil {
		return err
	}
	s.do(SendParties{To: s.others(), Raw: ask})
	return nil
}

// Secret returns the secret that a transfer gave, once all have signed; also
// to its giver. It fails with sxp.NotFound if the transfer gives none, with
// sxp.Early while it cannot be opened, and with sxp.Invalid if what was sealed
// does not open or is not what was declared: SecretProof then convicts the
// giver. The caller clears it.
func (s *Session) Secret(transfer int) ([]byte, error) {
	l, sigma, err := s.openable(transfer)
	if err != nil {
		return nil, err
	}
	text, why, err := l.open(s.p, sigma)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return nil, sxp.Errorf("contract.Session.Secret", sxp.Invalid, s.p.Digest, "%s", why)
	}
	return text, nil
}

// openable returns the lock of a transfer and the signature that opens it.
func (s *Session) openable(transfer int) (*Lock, bls.G1, error) {
	const op = "contract.Session.Secret"
	if transfer < 0 || transfer >= len(s.p.Terms.Transfers) || s.p.Terms.Transfers[transfer].Secret == nil {
		return nil, bls.G1{}, sxp.Errorf(op, sxp.NotFound, s.p.Digest, "transfer %d gives no secret", transfer+1)
	}
	giver := s.p.Terms.Transfers[transfer].From
	raw := held(s.st.Locks, giver)
	if s.st.Phase != PhaseDone {
		return nil, bls.G1{}, sxp.Errorf(op, sxp.Early, s.p.Digest, "the secret opens once all have signed")
	}
	if len(raw) == 0 {
		return nil, bls.G1{}, sxp.Errorf(op, sxp.Early, s.p.Digest, "what opens the secret is on another device of yours; %s is asked for it", s.name(giver))
	}
	l, _, err := openLock(raw, s.p, s.st.M)
	if err != nil {
		return nil, bls.G1{}, err
	}
	sigma, err := s.signatureOf(giver)
	return l, sigma, err
}

// signatureOf returns a party's signature of a complete contract of two: the
// own, or what is left of S without it. ⚠ Not what a party sent as its
// signature: a stale device makes no S of that, so it never verified it. A
// stale device asks for nothing more than the contract says.
func (s *Session) signatureOf(party int) (bls.G1, error) {
	own, err := s.cfg.Keys.SignSession(s.st.M)
	if err != nil || party == s.me {
		return own, err
	}
	sigmas := make([]bls.G1, len(s.accepts))
	sigmas[s.me] = own
	return bls.Missing(s.st.M, s.st.S, sigmas, party)
}

// SecretProof returns the file that shows anybody what a transfer's secret
// was, or that what was sealed is none; see OpenSecretProof. ⚠ It gives the
// secret away. It fails as Secret does, but for wrong secrets.
func (s *Session) SecretProof(transfer int) ([]byte, error) {
	l, sigma, err := s.openable(transfer)
	if err != nil {
		return nil, err
	}
	file, err := s.File()
	if err != nil {
		return nil, err
	}
	giver := s.p.Terms.Transfers[l.Transfer].From
	return envelope.Marshal(&secretProof{Version: secretProofVersion, Contract: file, Lock: held(s.st.Locks, giver), Signature: sigma})
}
