package identity

import (
	"crypto/ed25519"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
)

// A SigningKey is an Ed25519 key; its public half is an ID. It implements
// envelope.Signer. It does not print itself and cannot be compared. It is safe
// for concurrent use, but for Erase.
type SigningKey struct {
	_   [0]func() // not comparable: == would not be constant time
	id  sxp.ID
	key *ed25519.PrivateKey // nil once erased; a pointer, so that fmt shows an address
}

var _ envelope.Signer = (*SigningKey)(nil)

// NewSigningKey draws a key from rand, which is crypto/rand.Reader outside of
// tests: for nodes, jurors and markets, which have no root. It fails only if
// rand does, with Internal.
func NewSigningKey(rand io.Reader) (*SigningKey, error) {
	var seed [ed25519.SeedSize]byte
	defer clear(seed[:])
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, sxp.Errorf("identity.NewSigningKey", sxp.Internal, nil, "no randomness: %w", err)
	}
	return newSigningKey(&seed), nil
}

// ParseSigningKey reads what Seed wrote. It fails with Invalid for another
// length.
func ParseSigningKey(seed []byte) (*SigningKey, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, sxp.Errorf("identity.ParseSigningKey", sxp.Invalid, nil, "a signing key has %d bytes, not %d", ed25519.SeedSize, len(seed))
	}
	return newSigningKey((*[ed25519.SeedSize]byte)(seed)), nil
}

func newSigningKey(seed *[ed25519.SeedSize]byte) *SigningKey {
	key := ed25519.NewKeyFromSeed(seed[:])
	return &SigningKey{id: sxp.ID(key[ed25519.SeedSize:]), key: &key}
}

// ID returns the public key. It stays after Erase.
func (k *SigningKey) ID() sxp.ID { return k.id }

// Sign returns the signature of message. It fails with Denied once the key was
// erased.
func (k *SigningKey) Sign(message []byte) ([]byte, error) {
	if k.key == nil {
		return nil, sxp.Errorf("identity.Sign", sxp.Denied, k.id, "the key was erased")
	}
	return ed25519.Sign(*k.key, message), nil
}

// Seed returns the 32 secret bytes for an encrypted key file; the caller clears
// them. It returns nil once the key was erased.
func (k *SigningKey) Seed() []byte {
	if k.key == nil {
		return nil
	}
	return k.key.Seed()
}

// Erase overwrites the secret.
func (k *SigningKey) Erase() {
	if k.key != nil {
		clear(*k.key)
		k.key = nil
	}
}

// Format prints a placeholder for every verb.
func (SigningKey) Format(f fmt.State, _ rune) { io.WriteString(f, "identity.SigningKey(hidden)") }

// NewKEMSecret draws a key that others seal to from rand, which is
// crypto/rand.Reader outside of tests: the successors of Root.KEM. It is
// derived from nothing, so that nobody who later gets the words can open what
// was sealed to it before it was erased. It fails only if rand does, with
// Internal.
func NewKEMSecret(rand io.Reader) (*envelope.KEMSecret, error) {
	var seed [envelope.KEMSeedSize]byte
	defer clear(seed[:])
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, sxp.Errorf("identity.NewKEMSecret", sxp.Internal, nil, "no randomness: %w", err)
	}
	return envelope.NewKEMSecret(seed), nil
}

// StorageOverhead is how many bytes Seal adds: nonce and tag.
const StorageOverhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// A StorageKey seals the person's own records with XChaCha20-Poly1305, whose
// nonces of 24 bytes may be drawn at random for ever. It does not print itself
// and cannot be compared. It is safe for concurrent use, but for Erase.
type StorageKey struct {
	_   [0]func() // not comparable: == would not be constant time
	key *[chacha20poly1305.KeySize]byte
}

// NewStorageKey draws a key from rand, which is crypto/rand.Reader outside of
// tests. It fails only if rand does, with Internal.
func NewStorageKey(rand io.Reader) (*StorageKey, error) {
	var seed [chacha20poly1305.KeySize]byte
	defer clear(seed[:])
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, sxp.Errorf("identity.NewStorageKey", sxp.Internal, nil, "no randomness: %w", err)
	}
	return newStorageKey(&seed), nil
}

func newStorageKey(seed *[chacha20poly1305.KeySize]byte) *StorageKey {
	key := *seed
	return &StorageKey{key: &key}
}

// Seal returns nonce ‖ ciphertext ‖ tag of plaintext, bound to aad: the name
// of the record, so that records cannot change places. Rand is
// crypto/rand.Reader outside of tests; Seal fails only if rand does, with
// Internal.
func (k *StorageKey) Seal(rand io.Reader, aad, plaintext []byte) ([]byte, error) {
	out := make([]byte, chacha20poly1305.NonceSizeX, StorageOverhead+len(plaintext))
	if _, err := io.ReadFull(rand, out); err != nil {
		return nil, sxp.Errorf("identity.StorageKey.Seal", sxp.Internal, nil, "no randomness: %w", err)
	}
	aead, err := chacha20poly1305.NewX(k.use()[:])
	if err != nil {
		panic("identity: 32 bytes are a key: " + err.Error())
	}
	return aead.Seal(out, out, plaintext, aad), nil
}

// Open returns the plaintext of what Seal gave for the same aad. It fails with
// Denied for a record of another key or another name, or a damaged one.
func (k *StorageKey) Open(aad, sealed []byte) ([]byte, error) {
	const op = "identity.StorageKey.Open"
	if len(sealed) < StorageOverhead {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "a sealed record has at least %d bytes, this has %d", StorageOverhead, len(sealed))
	}
	aead, err := chacha20poly1305.NewX(k.use()[:])
	if err != nil {
		panic("identity: 32 bytes are a key: " + err.Error())
	}
	nonce, data := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plaintext, err := aead.Open(nil, nonce, data, aad)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "the record is of another key or name, or damaged")
	}
	return plaintext, nil
}

// Erase overwrites the secret.
func (k *StorageKey) Erase() {
	if k.key != nil {
		clear(k.key[:])
		k.key = nil
	}
}

// Format prints a placeholder for every verb.
func (StorageKey) Format(f fmt.State, _ rune) { io.WriteString(f, "identity.StorageKey(hidden)") }

// use returns the key, or panics after Erase: a key of zeros would look real.
func (k *StorageKey) use() *[chacha20poly1305.KeySize]byte {
	if k == nil || k.key == nil {
		panic("identity: use of an empty or erased storage key")
	}
	return k.key
}
