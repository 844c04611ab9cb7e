// Package x25519 agrees on secrets over Curve25519 (RFC 7748).
//
// It exists for the browser only: there crypto/ecdh brings P-256 with its
// tables and self-tests, a twentieth of what is transferred, while the field of
// Curve25519 is there for signatures anyway. Elsewhere crypto/ecdh is used; the
// tests here hold the two against each other, byte for byte.
//
// Time does not depend on secrets: the Montgomery ladder of curve25519-voi.
package x25519

import (
	"errors"

	"github.com/oasisprotocol/curve25519-voi/primitives/x25519"
)

// Size is the length of secret keys, public keys and agreed secrets, in bytes.
const Size = x25519.PublicKeySize

// A PrivateKey is one end of an agreement.
type PrivateKey struct {
	secret *x25519.PrivateKey
	public x25519.PublicKey
}

// NewPrivateKey takes Size secret bytes, any; it copies them.
func NewPrivateKey(secret []byte) (*PrivateKey, error) {
	if len(secret) != Size {
		return nil, errors.New("a secret key has 32 bytes")
	}
	k := x25519.PrivateKey(secret)
	return newKey(&k), nil
}

// GenerateKey draws a key with the system's generator.
func GenerateKey() (*PrivateKey, error) {
	secret, err := x25519.GeneratePrivateKey(nil)
	if err != nil {
		return nil, err
	}
	return newKey(secret), nil
}

func newKey(secret *x25519.PrivateKey) *PrivateKey {
	base := x25519.PublicKey{9}
	return &PrivateKey{secret, x25519.PublicKey(*secret.DiffieHellman(&base))}
}

// PublicKey returns the Size bytes that the other end needs.
func (k *PrivateKey) PublicKey() []byte { return k.public[:] }

// ECDH returns the secret that both ends have. It refuses a public key of
// another length, and one of small order, with which the secret would be zero.
func (k *PrivateKey) ECDH(public []byte) ([]byte, error) {
	if len(public) != Size {
		return nil, errors.New("a public key has 32 bytes")
	}
	theirs := x25519.PublicKey(public)
	secret := k.secret.DiffieHellman(&theirs)
	if secret.IsZero() {
		return nil, errors.New("the public key has a small order")
	}
	return secret[:], nil
}
