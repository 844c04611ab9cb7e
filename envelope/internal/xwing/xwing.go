// Package xwing is the one suite of HPKE (RFC 9180) that envelope uses:
// MLKEM768-X25519, also called X-Wing (KEM 0x647a, draft-ietf-hpke-pq), with
// HKDF-SHA256 and ChaCha20-Poly1305, in base mode.
//
// It exists for the browser only, where the rest of the standard library's
// crypto/hpke, all of NIST's curves among it, would be a twentieth of what is
// transferred. Elsewhere envelope uses crypto/hpke; the tests here hold the two
// against each other, byte for byte.
package xwing

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/mlkem"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp/internal/x25519"
)

const (
	seedSize = 32
	pqPublic = mlkem.EncapsulationKeySize768
	pqCipher = mlkem.CiphertextSize768
	curveKey = x25519.Size // public and secret

	// label ends the hash of the combined secret: X-Wing's drawing.
	label = `\./` + `/^\`

	kemID  = 0x647a
	kdfID  = 0x0001
	aeadID = 0x0003
)

// A PrivateKey opens what was sealed to its public key.
type PrivateKey struct {
	pq    *mlkem.DecapsulationKey768
	curve *x25519.PrivateKey
}

// NewPrivateKey expands a seed of 32 secret bytes.
func NewPrivateKey(seed []byte) (*PrivateKey, error) {
	if len(seed) != seedSize {
		return nil, errors.New("a seed has 32 bytes")
	}
	s := sha3.NewSHAKE256()
	s.Write(seed)
	var expanded [mlkem.SeedSize + curveKey]byte
	defer clear(expanded[:])
	s.Read(expanded[:])
	pq, err := mlkem.NewDecapsulationKey768(expanded[:mlkem.SeedSize])
	if err != nil {
		return nil, err
	}
	curve, err := x25519.NewPrivateKey(expanded[mlkem.SeedSize:])
	if err != nil {
		return nil, err
	}
	return &PrivateKey{pq, curve}, nil
}

// PublicKey returns the key that others seal to.
func (k *PrivateKey) PublicKey() *PublicKey {
	return &PublicKey{k.pq.EncapsulationKey(), k.curve.PublicKey()}
}

// decap returns the secret that enc carries.
func (k *PrivateKey) decap(enc []byte) ([]byte, error) {
	pq, err := k.pq.Decapsulate(enc[:pqCipher])
	if err != nil {
		return nil, err
	}
	curve, err := k.curve.ECDH(enc[pqCipher:]) // refuses points of small order
	if err != nil {
		return nil, err
	}
	return combine(pq, curve, enc[pqCipher:], k.curve.PublicKey()), nil
}

// A PublicKey is what others seal to.
type PublicKey struct {
	pq    *mlkem.EncapsulationKey768
	curve []byte
}

// NewPublicKey reads 1216 bytes and checks them.
func NewPublicKey(b []byte) (*PublicKey, error) {
	if len(b) != pqPublic+curveKey {
		return nil, errors.New("a public key has 1216 bytes")
	}
	pq, err := mlkem.NewEncapsulationKey768(b[:pqPublic])
	if err != nil {
		return nil, err
	}
	return &PublicKey{pq, bytes.Clone(b[pqPublic:])}, nil
}

// Bytes returns what NewPublicKey reads.
func (k *PublicKey) Bytes() []byte { return append(k.pq.Bytes(), k.curve...) }

// encap draws a secret and what carries it to the owner of the key.
func (k *PublicKey) encap() (secret, enc []byte, err error) {
	once, err := x25519.GenerateKey() // always the system's generator
	if err != nil {
		return nil, nil, err
	}
	curve, err := once.ECDH(k.curve)
	if err != nil {
		return nil, nil, err
	}
	pq, enc := k.pq.Encapsulate()
	mine := once.PublicKey()
	return combine(pq, curve, mine, k.curve), append(enc, mine...), nil
}

// combine is X-Wing's combiner. It clears both secrets.
func combine(pq, curve, ephemeral, static []byte) []byte {
	h := sha3.New256()
	for _, part := range [][]byte{pq, curve, ephemeral, static, []byte(label)} {
		h.Write(part)
	}
	clear(pq)
	clear(curve)
	return h.Sum(nil)
}

// A context is the state of one sealing (RFC 9180 section 5.1).
type context struct {
	aead     cipher.AEAD
	nonce    []byte
	exporter []byte
	number   uint64
}

// suite is suite_id of RFC 9180 section 5.1.
func suite() []byte {
	b := []byte("HPKE")
	for _, id := range []uint16{kemID, kdfID, aeadID} {
		b = binary.BigEndian.AppendUint16(b, id)
	}
	return b
}

func extract(salt []byte, what string, key []byte) ([]byte, error) {
	b := append([]byte("HPKE-v1"), suite()...)
	b = append(append(b, what...), key...)
	defer clear(b)
	return hkdf.Extract(sha256.New, b, salt)
}

func expand(key []byte, what string, info []byte, length int) ([]byte, error) {
	b := binary.BigEndian.AppendUint16(nil, uint16(length))
	b = append(append(b, "HPKE-v1"...), suite()...)
	b = append(append(b, what...), info...)
	return hkdf.Expand(sha256.New, key, string(b), length)
}

// newContext is KeySchedule of RFC 9180 section 5.1 in base mode. It clears the
// shared secret.
func newContext(shared, info []byte) (*context, error) {
	defer clear(shared)
	id, err := extract(nil, "psk_id_hash", nil)
	if err != nil {
		return nil, err
	}
	hash, err := extract(nil, "info_hash", info)
	if err != nil {
		return nil, err
	}
	schedule := append(append([]byte{0}, id...), hash...)
	secret, err := extract(shared, "secret", nil)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	key, err := expand(secret, "key", schedule, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	c := new(context)
	if c.aead, err = chacha20poly1305.New(key); err != nil {
		return nil, err
	}
	if c.nonce, err = expand(secret, "base_nonce", schedule, chacha20poly1305.NonceSize); err != nil {
		return nil, err
	}
	c.exporter, err = expand(secret, "exp", schedule, sha256.Size)
	return c, err
}

// next returns the nonce of the next message.
func (c *context) next() []byte {
	n := append([]byte(nil), c.nonce...)
	last := n[len(n)-8:]
	binary.BigEndian.PutUint64(last, binary.BigEndian.Uint64(last)^c.number)
	c.number++
	return n
}

// A Sender seals messages to one public key.
type Sender struct{ c *context }

// NewSender returns what the receiver needs first, and a Sender.
func NewSender(k *PublicKey, info []byte) (enc []byte, s *Sender, err error) {
	secret, enc, err := k.encap()
	if err != nil {
		return nil, nil, err
	}
	c, err := newContext(secret, info)
	if err != nil {
		return nil, nil, err
	}
	return enc, &Sender{c}, nil
}

// Export derives a secret that the receiver can derive too.
func (s *Sender) Export(context string, length int) ([]byte, error) {
	return expand(s.c.exporter, "sec", []byte(context), length)
}

// Seal seals the next message.
func (s *Sender) Seal(aad, plaintext []byte) ([]byte, error) {
	return s.c.aead.Seal(nil, s.c.next(), plaintext, aad), nil
}

// Open opens enc followed by the first message of its Sender.
func Open(k *PrivateKey, info, sealed []byte) ([]byte, error) {
	const encSize = pqCipher + curveKey
	if len(sealed) < encSize {
		return nil, errors.New("the sealed bytes are too short")
	}
	secret, err := k.decap(sealed[:encSize])
	if err != nil {
		return nil, err
	}
	c, err := newContext(secret, info)
	if err != nil {
		return nil, err
	}
	return c.aead.Open(nil, c.next(), sealed[encSize:], nil)
}
