// Package identity says who somebody is: the keys of a person and how they
// come from 24 words, and the card that tells others about them.
//
// An ID is an Ed25519 public key. Everything secret of a person follows from
// one Root of 32 bytes, which 24 words write down; who has the words is the
// person. There is one Go type per role of a key, and none of them prints
// itself or can be compared. A card is what the person says about themselves,
// signed: it proves which keys belong together, not who the person is.
//
// Read Root, then Card, then spec/identity.md with the derivation labels and
// the bytes; package identity/keyfile keeps secrets on disk.
//
// The package has no clock, network or disk. What its functions return belongs
// to the caller; they keep no slice that they are given.
package identity

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// RootSize is the length of a root secret in bytes.
const RootSize = 32

// Labels of the keys derived from a root: the info of HKDF-SHA256
// (spec/identity.md). They never change; a new key gets a new label.
const (
	labelSigning  = "sxp root signing key 1"
	labelContract = "sxp root contract key 1"
	labelStorage  = "sxp root storage key 1"
	labelKEM      = "sxp root kem key 1"
)

// A Root is the secret from which all keys of a person are derived. It does not
// print itself and cannot be compared. It is safe for concurrent use, but for
// Erase.
type Root struct {
	_      [0]func() // not comparable: == would not be constant time
	secret *[RootSize]byte
}

// NewRoot draws a root from rand, which is crypto/rand.Reader outside of
// tests. It fails only if rand does, with Internal.
func NewRoot(rand io.Reader) (*Root, error) {
	r := &Root{secret: new([RootSize]byte)}
	if _, err := io.ReadFull(rand, r.secret[:]); err != nil {
		return nil, sxp.Errorf("identity.NewRoot", sxp.Internal, nil, "no randomness: %w", err)
	}
	return r, nil
}

// RootFromWords reads 24 lower-case words of BIP-39's English list. It fails
// with Invalid and a *WordError.
func RootFromWords(words []string) (*Root, error) {
	secret, err := decodeWords("identity.RootFromWords", words)
	if err != nil {
		return nil, err
	}
	return &Root{secret: &secret}, nil
}

// ParseRoot reads what Bytes wrote. It fails with Invalid for another length.
func ParseRoot(b []byte) (*Root, error) {
	if len(b) != RootSize {
		return nil, sxp.Errorf("identity.ParseRoot", sxp.Invalid, nil, "a root secret has %d bytes, not %d", RootSize, len(b))
	}
	secret := [RootSize]byte(b)
	return &Root{secret: &secret}, nil
}

// Words returns the 24 words, to be shown once to the person who writes them
// down.
func (r *Root) Words() []string { return encodeWords(r.use()) }

// Bytes returns the secret for an encrypted key file; the caller clears it.
func (r *Root) Bytes() []byte { return append([]byte(nil), r.use()[:]...) }

// Erase overwrites the secret. Keys derived before stay.
func (r *Root) Erase() {
	if r.secret != nil {
		clear(r.secret[:])
		r.secret = nil
	}
}

// Format prints a placeholder for every verb.
func (Root) Format(f fmt.State, _ rune) { io.WriteString(f, "identity.Root(hidden)") }

// Signing returns the key whose public half is the person's ID.
func (r *Root) Signing() *SigningKey {
	seed := r.derive(labelSigning)
	defer clear(seed[:])
	return newSigningKey(seed)
}

// Contract returns the key that signs contracts.
func (r *Root) Contract() *bls.Secret {
	seed := r.derive(labelContract)
	defer clear(seed[:])
	s, err := bls.DeriveSecret(seed[:])
	if err != nil {
		panic("identity: 32 bytes always derive: " + err.Error())
	}
	return s
}

// Storage returns the key that seals the person's own records.
func (r *Root) Storage() *StorageKey {
	seed := r.derive(labelStorage)
	defer clear(seed[:])
	return newStorageKey(seed)
}

// KEM returns the first key that others seal to. Its successors are random,
// so that they can be erased for good: see NewKEMSecret.
func (r *Root) KEM() *envelope.KEMSecret {
	seed := r.derive(labelKEM)
	defer clear(seed[:])
	return envelope.NewKEMSecret(*seed)
}

// derive is HKDF-SHA256 of the root, without salt, to 32 bytes.
func (r *Root) derive(label string) *[32]byte {
	b, err := hkdf.Key(sha256.New, r.use()[:], nil, label, 32)
	if err != nil {
		panic("identity: 32 bytes always derive: " + err.Error())
	}
	return (*[32]byte)(b)
}

// use returns the secret, or panics after Erase: keys of zeros would look real.
func (r *Root) use() *[RootSize]byte {
	if r == nil || r.secret == nil {
		panic("identity: use of an empty or erased root")
	}
	return r.secret
}
