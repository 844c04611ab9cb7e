package envelope

import (
	"fmt"
	"io"

	"sxp"
)

// KEMPublicSize is the length of a KEMPublic in bytes: an ML-KEM-768 key and
// an X25519 key.
const KEMPublicSize = 1216

// KEMSeedSize is the length of the seed of a KEMSecret in bytes.
const KEMSeedSize = 32

// KEMPublic is the public key that others seal to: KEM 0x647a of RFC 9180's
// registry, MLKEM768-X25519 (X-Wing), whose two parts must both be broken.
type KEMPublic = sxp.Bytes

// A KEMSecret opens what was sealed to its public key. It does not print
// itself and cannot be compared. It is safe for concurrent use, but for Erase.
type KEMSecret struct {
	_      [0]func()          // not comparable
	seed   *[KEMSeedSize]byte // a pointer, so that fmt of a struct around shows an address
	key    kemPrivate         // nil once erased
	public KEMPublic
}

// NewKEMSecret makes the key pair of a seed, which must be secret and uniformly
// random. The caller erases the seed where it no longer needs it.
func NewKEMSecret(seed [KEMSeedSize]byte) *KEMSecret {
	key, err := newKEMPrivate(seed[:])
	if err != nil {
		panic("envelope: every seed of 32 bytes is a key: " + err.Error())
	}
	return &KEMSecret{seed: &seed, key: key, public: key.PublicKey().Bytes()}
}

// Public returns the public key, 1216 bytes.
func (k *KEMSecret) Public() KEMPublic { return append(KEMPublic(nil), k.public...) }

// KeyID names the key in sealed messages: KEMKeyID of the public key.
func (k *KEMSecret) KeyID() sxp.Hash { return KEMKeyID(k.public) }

// Seed returns the secret seed, for an encrypted file only. It is zero once the
// key was erased.
func (k *KEMSecret) Seed() [KEMSeedSize]byte { return *k.seed }

// Erase makes the key unusable: what was sealed to it can no longer be opened
// here. The expanded key inside the library is left to the garbage collector.
func (k *KEMSecret) Erase() {
	clear(k.seed[:])
	k.key = nil
}

// Format prints a placeholder for every verb.
func (KEMSecret) Format(f fmt.State, _ rune) { io.WriteString(f, "envelope.KEMSecret(hidden)") }

// KEMKeyID names a public key: SHA-256("sxp kem key" ‖ public).
func KEMKeyID(public KEMPublic) sxp.Hash {
	return sxp.Sum([]byte("sxp kem key"), public)
}

// CheckKEMPublic fails with Invalid for bytes that cannot be sealed to.
func CheckKEMPublic(public KEMPublic) error {
	_, err := parseKEMPublic("envelope.CheckKEMPublic", public)
	return err
}

func parseKEMPublic(op string, public KEMPublic) (kemPublic, error) {
	if len(public) != KEMPublicSize {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a KEM key has %d bytes, this has %d", KEMPublicSize, len(public))
	}
	key, err := newKEMPublic(public)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, KEMKeyID(public), "not a KEM key: %w", err)
	}
	return key, nil
}
