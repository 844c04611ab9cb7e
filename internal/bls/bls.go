// Package bls is the algebra of SXP's fair signing: BLS signatures on
// BLS12-381 with signatures in G1 and keys in G2, and promises of such a
// signature that t jurors out of n can complete and fewer cannot
// (publicly verifiable secret sharing, where the thing shared is the
// signature itself). It holds no protocol state and knows no clock: package
// contract decides when a promise is made and when a share is opened.
//
// Who is trusted with what: whoever holds a [Secret] signs with it, whoever
// holds an [Opening] can complete its own promise, everything else is public.
// Points travel compressed; every function that takes one decodes it, and
// refuses the identity, points off the curve or off the subgroup, and second
// encodings, with [sxp.Invalid]. Multiplications by a secret scalar use circl,
// in constant time; hashing, pairings and sums of public points use
// gnark-crypto, which does not promise it.
//
// Exact bytes, tags and vectors: spec/bls.md. Compatibility: what verifies
// under version 1 of that page verifies with every later version-1 release.
package bls

import (
	"encoding/hex"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// Sizes of encoded points in bytes.
const (
	G1Size = 48
	G2Size = 96
)

// A G1 is a point of G1 in the compressed encoding of RFC 9380's ciphersuites
// (ZCash): 48 bytes, big-endian x, three flag bits on top. A value of this
// type may hold anything until it is used or [G1.Check]ed. Signatures,
// promises, shares and the first half of juror keys are of this type.
type G1 [G1Size]byte

// A G2 is a point of G2 in the compressed encoding: 96 bytes, x = c0 + c1·u as
// c1 ‖ c0. Like a G1 it may hold anything until it is used. Contract keys,
// commitments and the second half of juror keys are of this type.
type G2 [G2Size]byte

// String returns 96 lower-case hex digits.
func (p G1) String() string { return hex.EncodeToString(p[:]) }

// String returns 192 lower-case hex digits.
func (p G2) String() string { return hex.EncodeToString(p[:]) }

// MarshalCBOR returns the byte string, which the library would write byte by
// byte.
func (p G1) MarshalCBOR() ([]byte, error) { return append([]byte{0x58, byte(len(p))}, p[:]...), nil }

// MarshalText returns the hex form (for JSON; CBOR carries the bytes).
func (p G1) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalCBOR returns the byte string, which the library would write byte by
// byte.
func (p G2) MarshalCBOR() ([]byte, error) { return append([]byte{0x58, byte(len(p))}, p[:]...), nil }

// MarshalText returns the hex form (for JSON; CBOR carries the bytes).
func (p G2) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads exactly 96 lower-case hex digits; it does not check that
// they are a point.
func (p *G1) UnmarshalText(text []byte) error { return unhex("bls.G1", p[:], text) }

// UnmarshalText reads exactly 192 lower-case hex digits; it does not check
// that they are a point.
func (p *G2) UnmarshalText(text []byte) error { return unhex("bls.G2", p[:], text) }

func unhex(op string, dst, text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(dst) || hex.EncodeToString(b) != string(text) {
		return sxp.Errorf(op, sxp.Invalid, nil, "%.80q is not a point: it must be %d lower-case hex digits", text, 2*len(dst))
	}
	copy(dst, b)
	return nil
}

// Check fails with sxp.Invalid unless p is the one encoding of a point of the
// group that is not the identity.
func (p G1) Check() error { _, err := decodeG1("bls.G1.Check", "the point", p); return err }

// Check fails with sxp.Invalid unless p is the one encoding of a point of the
// group that is not the identity.
func (p G2) Check() error { _, err := decodeG2("bls.G2.Check", "the point", p); return err }

// compressed is the flag bit that every encoding on the wire carries. gnark
// would otherwise read an uncompressed point, which is longer than the array.
const compressed = 0x80

// decodeG1 decodes and checks p; what names it in the error.
func decodeG1(op, what string, p G1) (gnark.G1Affine, error) {
	var a gnark.G1Affine
	if p[0]&compressed == 0 {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is not compressed: the top bit must be set", what)
	}
	if _, err := a.SetBytes(p[:]); err != nil {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is not a point of G1: %v", what, err)
	}
	if a.IsInfinity() {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is the identity of G1", what)
	}
	return a, nil
}

// decodeG2 decodes and checks p; what names it in the error.
func decodeG2(op, what string, p G2) (gnark.G2Affine, error) {
	var a gnark.G2Affine
	if p[0]&compressed == 0 {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is not compressed: the top bit must be set", what)
	}
	if _, err := a.SetBytes(p[:]); err != nil {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is not a point of G2: %v", what, err)
	}
	if a.IsInfinity() {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is the identity of G2", what)
	}
	return a, nil
}

// generators returns g1 and g2.
func generators() (g1 gnark.G1Affine, g2 gnark.G2Affine) {
	_, _, g1, g2 = gnark.Generators()
	return g1, g2
}

// pairingIsOne reports whether the product of e(p_i, q_i) is 1.
func pairingIsOne(p []gnark.G1Affine, q []gnark.G2Affine) bool {
	ok, err := gnark.PairingCheck(p, q)
	return err == nil && ok
}
