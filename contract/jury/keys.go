package jury

import (
	"fmt"
	"io"

	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A KeyRing is a Keys with the share key y in memory. Whoever drives a Juror
// keeps Bytes on its own device only.
type KeyRing struct {
	envelope.Signer
	y *bls.Secret
}

// NewKeyRing draws a share key for a juror's identity: fresh randomness, never
// derived from another key. rand is crypto/rand.Reader; it fails with what
// reading it fails with.
func NewKeyRing(s envelope.Signer, rand io.Reader) (*KeyRing, error) {
	y, err := bls.NewSecret(rand)
	if err != nil {
		return nil, err
	}
	return &KeyRing{s, y}, nil
}

// ParseKeyRing reads what Bytes gave. It fails with sxp.Invalid for what is no
// key, and does not erase secret.
func ParseKeyRing(s envelope.Signer, secret []byte) (*KeyRing, error) {
	y, err := bls.ParseSecret(secret)
	if err != nil {
		return nil, err
	}
	return &KeyRing{s, y}, nil
}

// Bytes returns the 32 bytes of y; the caller clears them.
func (k *KeyRing) Bytes() []byte { return k.y.Bytes() }

// OpenShare is Keys.OpenShare.
func (k *KeyRing) OpenShare(c, u bls.G1) (bls.G1, error) { return k.y.OpenShare(c, u) }

// Entry returns a roll's entry with the identity, the keys and their proof;
// what the juror serves, and where, is left to the caller.
func (k *KeyRing) Entry() contract.RollEntry {
	id := k.ID()
	return contract.RollEntry{ID: id, Y: k.y.PublicG1(), Z: k.y.Public(), Proof: k.y.ProvePossession(bls.RoleJuror, id)}
}

// Erase overwrites y; see bls.Secret.Erase. It is not used afterwards.
func (k *KeyRing) Erase() { k.y.Erase() }

// Format writes "jury.KeyRing(hidden)" whatever the verb.
func (k KeyRing) Format(f fmt.State, _ rune) { io.WriteString(f, "jury.KeyRing(hidden)") }
