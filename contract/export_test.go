package contract

import (
	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/internal/bls"
	"sxp/market"
)

// Break switches off a rule of the protocol by name, to show what breaks
// without it.
func (s *Session) Break(rule string) {
	switch rule {
	case "":
	case "release only before T_c−W":
		s.rules.releaseLate = true
	case "release only when lodged":
		s.rules.releaseUnlodged = true
	case "no second promise over the same transfers":
		s.rules.promiseTwice = true
	case "void is not never after a release":
		s.rules.voidMeansNever = true
	case "refuse proposals outside of limits":
		s.rules.anyProposal = true
	case "ask the watcher for a result":
		s.rules.watcherUnasked = true
	case "a stale device does not sign":
		s.rules.staleSigns = true
	case "a decline does not end what another device may have promised":
		s.rules.staleLapses = true
	case "a clock that was set back releases nothing":
		s.rules.clockForgets = true
	case "no promise before the lock":
		s.rules.unlocked = true
	default:
		panic("no such rule: " + rule)
	}
}

// CompleteForTest reports whether all promises are here and verified.
func (s *Session) CompleteForTest() bool { return s.st.Complete }

// JurorlessForTest asks twice for the session of acceptances that are here, of a
// roll that gives no jury.
func (s *Session) JurorlessForTest() (first, second error) {
	r := *s.r
	r.Entries = nil
	s.r, s.pre, s.m = &r, nil, sxp.Hash{}
	_, first = s.session()
	_, second = s.session()
	return first, second
}

// SealRawForTest seals bytes that need not have the form of a secret.
func (k *SecretKey) SealRawForTest(nonce market.Nonce, transfer int, giver sxp.ID, plain []byte) (*Sealed, error) {
	s, err := k.Seal(nonce, transfer, giver, []byte{1}, false)
	if err != nil {
		return nil, err
	}
	key := k.w.SealKey(secretContext(nonce, transfer), k.salt)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, err
	}
	s.Sealed = aead.Seal(nil, make([]byte, aead.NonceSize()), plain, nil)
	return s, nil
}

// OpenForTest opens a secret with the key that it was sealed with.
func (s *Sealed) OpenForTest(k *SecretKey, nonce market.Nonce, transfer int) ([]byte, string) {
	key := k.w.SealKey(secretContext(nonce, transfer), k.salt)
	return s.open(&key)
}

// OpenForTest opens the secret of a lock that nobody has verified.
func (l *Lock) OpenForTest(o *OpenedProposal, sigma bls.G1) ([]byte, string, error) {
	return l.open(o, sigma)
}
