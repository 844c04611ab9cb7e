package bls

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"

	"sxp"
)

// SecretSize is the length of an encoded secret in bytes.
const SecretSize = ff.ScalarSize

// A Secret is a scalar x, 0 < x < r: a contract key or a juror key. It prints
// as "bls.Secret(hidden)" under every verb, cannot be compared with ==, and
// stays on one device. The zero Secret and an erased one panic when used. It
// is safe for concurrent use until it is erased.
type Secret struct {
	// scalar returns the number, of which there is one copy. A function,
	// because fmt calls no Format method on an unexported field of somebody
	// else's struct and follows pointers there, but shows a function as an
	// address; and because it makes == fail to compile, which would not be
	// constant time.
	scalar func() *ff.Scalar
}

// newSecret returns the holder of k.
func newSecret(k *ff.Scalar) *Secret { return &Secret{scalar: func() *ff.Scalar { return k }} }

// NewSecret draws a secret from rand, which is crypto/rand.Reader outside of
// tests. It fails only if rand does, with sxp.Internal.
func NewSecret(rand io.Reader) (*Secret, error) {
	k := new(ff.Scalar)
	if err := randomScalar("bls.NewSecret", rand, k); err != nil {
		return nil, err
	}
	return newSecret(k), nil
}

// DeriveSecret computes the secret that belongs to ikm, at least 32 secret
// bytes, by KeyGen of draft-irtf-cfrg-bls-signature-05 section 2.3 with the
// salt SHA-256("BLS-SIG-KEYGEN-SALT-") and an empty key_info, which is also
// derive_master_SK of EIP-2333. It neither keeps nor changes ikm. Juror keys are drawn, not
// derived.
func DeriveSecret(ikm []byte) (*Secret, error) {
	const op = "bls.DeriveSecret"
	const size = 48 // L of the draft: ceil(3·ceil(log2 r)/16)
	if len(ikm) < 32 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a key is derived from at least 32 bytes, not from %d", len(ikm))
	}
	material := append(append(make([]byte, 0, len(ikm)+1), ikm...), 0)
	defer clear(material)
	k := new(ff.Scalar)
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	for {
		prk, err := hkdf.Extract(sha256.New, material, salt[:])
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Internal, nil, "HKDF: %w", err)
		}
		okm, err := hkdf.Expand(sha256.New, prk, string([]byte{0, size}), size)
		clear(prk)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Internal, nil, "HKDF: %w", err)
		}
		var wide [64]byte
		copy(wide[64-size:], okm)
		setWide(k, &wide)
		clear(okm)
		clear(wide[:])
		if k.IsZero() == 0 {
			return newSecret(k), nil
		}
		salt = sha256.Sum256(salt[:])
	}
}

// ParseSecret reads what Bytes wrote: 32 bytes, big-endian, 0 < x < r. It
// neither keeps nor changes b.
func ParseSecret(b []byte) (*Secret, error) {
	k := new(ff.Scalar)
	if err := setScalar("bls.ParseSecret", k, b); err != nil {
		return nil, err
	}
	return newSecret(k), nil
}

// Bytes returns the 32 bytes for an encrypted key file; the caller clears them.
func (s *Secret) Bytes() []byte { return scalarBytes(s.use()) }

// Erase overwrites the secret. What circl and the garbage collector copied in
// the meantime is out of reach; see spec/bls.md.
func (s *Secret) Erase() {
	if s.scalar != nil {
		*s.scalar() = ff.Scalar{}
	}
}

// Format writes "bls.Secret(hidden)" whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "bls.Secret(hidden)") }

// Public returns x·g2: X of a party, Z of a juror.
func (s *Secret) Public() G2 {
	var p circl.G2
	g2Comb().times(&p, s.use())
	return G2(p.BytesCompressed())
}

// PublicG1 returns x·g1: Y of a juror. A contract key has no use for it.
func (s *Secret) PublicG1() G1 {
	var p circl.G1
	multiply(&p, circl.G1Generator(), s.use())
	return G1(p.BytesCompressed())
}

// use returns the number, which is not zero.
func (s *Secret) use() *ff.Scalar {
	if s == nil || s.scalar == nil || s.scalar().IsZero() == 1 {
		panic("bls: use of an empty or erased secret") // a signature by it would be the identity
	}
	return s.scalar()
}

// randomScalar sets k to a scalar that is uniform but for 2^-257 and not zero.
func randomScalar(op string, rand io.Reader, k *ff.Scalar) error {
	var wide [64]byte
	defer clear(wide[:])
	for {
		if _, err := io.ReadFull(rand, wide[:]); err != nil {
			return sxp.Errorf(op, sxp.Internal, nil, "no randomness: %w", err)
		}
		setWide(k, &wide)
		if k.IsZero() == 0 {
			return nil
		}
	}
}

// setWide sets k to the 512-bit big-endian number in b modulo r, in constant
// time and without a copy on the heap, which ff.Scalar's SetBytes would leave.
func setWide(k *ff.Scalar, b *[64]byte) {
	var shift, limb ff.Scalar
	shift.SetUint64(1 << 32)
	shift.Sqr(&shift) // 2^64
	*k = ff.Scalar{}
	for i := 0; i < len(b); i += 8 {
		limb.SetUint64(binary.BigEndian.Uint64(b[i:]))
		k.Mul(k, &shift)
		k.Add(k, &limb)
	}
	limb = ff.Scalar{}
}

// setScalar sets k to the canonical 32 bytes b, refusing zero and b >= r.
func setScalar(op string, k *ff.Scalar, b []byte) error {
	if len(b) != SecretSize {
		return sxp.Errorf(op, sxp.Invalid, nil, "a secret has %d bytes, not %d", SecretSize, len(b))
	}
	var wide [64]byte
	copy(wide[64-SecretSize:], b)
	setWide(k, &wide)
	clear(wide[:])
	again := scalarBytes(k)
	same := subtle.ConstantTimeCompare(again, b)
	clear(again)
	if same&(1-k.IsZero()) != 1 {
		*k = ff.Scalar{}
		return sxp.Errorf(op, sxp.Invalid, nil, "a secret is a number from 1 to the group order less 1")
	}
	return nil
}

// scalarBytes returns the canonical 32 bytes.
func scalarBytes(k *ff.Scalar) []byte {
	b, err := k.MarshalBinary()
	if err != nil {
		panic("bls: a scalar always encodes: " + err.Error())
	}
	return b
}
