package contract

import (
	"fmt"
	"io"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// Keys are one person's secrets as a Session uses them. The session keeps no
// secret: its state can be stored and backed up without any. A Keys need not
// be safe for concurrent use.
type Keys interface {
	// Signer is the identity key.
	envelope.Signer

	// ContractKey returns X.
	ContractKey() bls.G2

	// SignDraw and SignSession sign with the contract key. They fail if the
	// key cannot be used now.
	SignDraw(proposal sxp.Hash) (bls.G1, error)
	SignSession(m sxp.Hash) (bls.G1, error)

	// Commit draws p and r for a session and returns K. The opening stays with
	// the Keys under the session's name; the Save action that follows says to
	// make it durable. A repeat before that Save may replace it.
	Commit(session sxp.Hash, t int) (bls.Commitment, error)

	// MakePromise uses the session's opening. It fails with sxp.NotFound if
	// there is none: the state comes from a backup or another device, and the
	// commitment is dead. The durable copy of the opening must survive the
	// call: only the Save action that follows erases it, in one write with the
	// promise. Until then a repeat gives the same promise.
	MakePromise(session, m sxp.Hash, ys []bls.G1) (bls.Promise, error)
}

// A Holder is a Keys that can tell whether it holds an opening, so that a
// session restored from a backup is noticed at Start rather than when it would
// promise.
type Holder interface {
	Keys
	Holds(session sxp.Hash) bool
}

// A KeyRing is a Keys with the secrets in memory. Its driver makes openings
// durable: at a Save with Keep it stores Opening, in the same atomic write, on
// this device only and in no backup, under a key of its own; at a Save with
// Erase it destroys that key in the same atomic write and calls Erase; after a
// restart it calls Load with what is stored.
type KeyRing struct {
	envelope.Signer
	secret   *bls.Secret
	public   bls.G2
	promiser *bls.Promiser
	rand     io.Reader
	openings map[sxp.Hash][]byte      // bls.Opening.Marshal, by session
	secrets  map[sxp.Hash]*keptSecret // by session
}

// NewKeyRing wraps a person's identity and contract keys; rand is
// crypto/rand.Reader. It does not erase secret.
func NewKeyRing(s envelope.Signer, secret *bls.Secret, rand io.Reader) *KeyRing {
	return &KeyRing{Signer: s, secret: secret, public: secret.Public(), promiser: bls.NewPromiser(), rand: rand, openings: map[sxp.Hash][]byte{}, secrets: map[sxp.Hash]*keptSecret{}}
}

// ContractKey is Keys.ContractKey.
func (k *KeyRing) ContractKey() bls.G2 { return k.public }

// SignDraw is Keys.SignDraw.
func (k *KeyRing) SignDraw(proposal sxp.Hash) (bls.G1, error) {
	return k.secret.SignDraw(proposal), nil
}

// SignSession is Keys.SignSession.
func (k *KeyRing) SignSession(m sxp.Hash) (bls.G1, error) { return k.secret.SignSession(m), nil }

// Commit is Keys.Commit.
func (k *KeyRing) Commit(session sxp.Hash, t int) (bls.Commitment, error) {
	c, o, err := bls.Commit(k.rand, k.secret, t)
	if err != nil {
		return bls.Commitment{}, err
	}
	defer o.Erase()
	b, err := o.Marshal()
	if err != nil {
		return bls.Commitment{}, err
	}
	k.Erase(session)
	k.openings[session] = b
	return c, nil
}

// MakePromise is Keys.MakePromise.
func (k *KeyRing) MakePromise(session, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	b, ok := k.openings[session]
	if !ok {
		return nil, sxp.Errorf("contract.KeyRing", sxp.NotFound, session, "the secret of this commitment is not on this device: it was restored from a backup, or has promised before")
	}
	o, err := bls.ParseOpening(b)
	if err != nil {
		return nil, err
	}
	return k.promiser.MakePromise(k.secret, o, m, ys)
}

// Opening returns the secret opening of a session for the durable record; nil
// if there is none. The caller clears it.
func (k *KeyRing) Opening(session sxp.Hash) []byte {
	if b, ok := k.openings[session]; ok {
		return append([]byte(nil), b...)
	}
	return nil
}

// Holds is Holder.Holds.
func (k *KeyRing) Holds(session sxp.Hash) bool { return k.openings[session] != nil }

// Load gives back a durable record after a restart. It keeps a copy.
func (k *KeyRing) Load(session sxp.Hash, opening []byte) {
	k.Erase(session)
	k.openings[session] = append([]byte(nil), opening...)
}

// Erase overwrites a session's opening in memory.
func (k *KeyRing) Erase(session sxp.Hash) {
	clear(k.openings[session])
	delete(k.openings, session)
}

// Format writes "contract.KeyRing(hidden)" whatever the verb.
func (k *KeyRing) Format(f fmt.State, _ rune) {
	io.WriteString(f, "contract.KeyRing(hidden)")
}
