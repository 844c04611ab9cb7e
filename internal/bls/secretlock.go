package bls

import (
	"crypto/hkdf"
	"crypto/sha256"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
)

// The sale of a secret for a signature (spec/secret.md): W = w·g2 is the key of
// one sealed text, Q = H(W ‖ context) under TagSecret, D = w·Q what opens it,
// and the lock c = D + σ of the giver's signature σ of m. Whoever has the lock
// gets D from σ, and σ from D; with neither it has nothing.

// TagSecret is the domain separation tag of D. The key of a secret signs under
// it and TagPossession, nothing else does.
const TagSecret = "SXP-V01-SECRET-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"

// RoleSecret is the role that the proof of possession of a secret's key names;
// the identity is the giver's.
const RoleSecret = "secret"

// SealKeySize is the length in bytes of the key that D gives.
const SealKeySize = 32

// sealInfo is the info of the HKDF that makes a key of D.
const sealInfo = "sxp secret 1"

// secretMessage is what D signs: W ‖ context.
func secretMessage(w G2, context []byte) []byte { return append(w[:], context...) }

// SealKey returns the key for the sealed text of the secret key w: HKDF-SHA256
// of D, with the salt and the info "sxp secret 1". Context tells apart what
// could be sold with the same w. The caller clears the key.
func (w *Secret) SealKey(context []byte, salt sxp.Hash) [SealKeySize]byte {
	d := w.sign(secretMessage(w.Public(), context), TagSecret)
	defer clear(d[:])
	return sealKey(&d, salt)
}

// sealKey derives the key from D.
func sealKey(d *G1, salt sxp.Hash) (out [SealKeySize]byte) {
	b, err := hkdf.Key(sha256.New, d[:], salt[:], sealInfo, SealKeySize)
	if err != nil {
		panic("bls: HKDF gives 32 bytes of any secret: " + err.Error())
	}
	copy(out[:], b)
	clear(b)
	return out
}

// Lock returns c = w·Q + x·H(m): the giver's signature of m, which only D
// takes out again. ⚠ One w makes one lock: two locks for m and m' on the same
// context give x·(H(m) − H(m')) away. The caller erases w with the durable
// write that stores the lock.
func Lock(w, x *Secret, context []byte, m sxp.Hash) G1 {
	pub := w.Public()
	d := w.timesHash(secretMessage(pub, context), TagSecret)
	s := x.timesHash(m[:], TagSession)
	s.Add(&s, &d)
	d = circl.G1{}
	return G1(s.BytesCompressed())
}

// VerifyLock fails with sxp.Invalid unless e(c, g2) = e(Q, W)·e(H(m), X): then
// c − σ is what opens the secret, whatever σ's owner does afterwards. That W's
// possession was proved is for the caller to check.
func VerifyLock(w, x G2, context []byte, m sxp.Hash, c G1) error {
	const op = "bls.VerifyLock"
	wp, err := decodeG2(op, "the key of the secret", w)
	if err != nil {
		return err
	}
	xp, err := decodeG2(op, "the key X", x)
	if err != nil {
		return err
	}
	cp, err := decodeG1(op, "the lock", c)
	if err != nil {
		return err
	}
	_, g2 := generators()
	g2.Neg(&g2)
	q := hashToG1(secretMessage(w, context), TagSecret)
	if !pairingIsOne([]gnark.G1Affine{cp, q, hashToG1(m[:], TagSession)}, []gnark.G2Affine{g2, wp, xp}) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the lock does not hold the signature and the key of the secret together")
	}
	return nil
}

// OpenLock returns the key of the sealed text: that of D = c − σ. It fails
// with sxp.Invalid where that is not w·Q: for a lock that VerifyLock takes, σ
// is then not the signature. The caller clears the key.
func OpenLock(w G2, context []byte, c, sigma G1, salt sxp.Hash) (key [SealKeySize]byte, err error) {
	const op = "bls.OpenLock"
	cp, err := decodeG1(op, "the lock", c)
	if err != nil {
		return key, err
	}
	s, err := decodeG1(op, "the signature", sigma)
	if err != nil {
		return key, err
	}
	var jac gnark.G1Jac
	s.Neg(&s)
	jac.FromAffine(&cp)
	jac.AddMixed(&s)
	if jac.Z.IsZero() {
		return key, sxp.Errorf(op, sxp.Invalid, nil, "the lock is the signature: it opens nothing")
	}
	var diff gnark.G1Affine
	diff.FromJacobian(&jac)
	d := G1(diff.Bytes())
	defer clear(d[:])
	if err := verify(op, "the opened lock", w, secretMessage(w, context), TagSecret, d); err != nil {
		return key, err
	}
	return sealKey(&d, salt), nil
}

// Missing returns the one signature of m that S holds and sigs does not:
// σ_i = (S − Σ_{k≠i} c_k·σ_k) / c_i, where sigs[i] is ignored. The caller has
// verified S and the others. It fails with sxp.Invalid for points that are
// not.
func Missing(m sxp.Hash, s G1, sigs []G1, i int) (G1, error) {
	const op = "bls.Missing"
	if i < 0 || i >= len(sigs) || len(sigs) > MaxChecks {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "party %d is not one of %d", i, len(sigs))
	}
	sum, err := decodeG1(op, "the aggregate signature", s)
	if err != nil {
		return G1{}, err
	}
	weights := coefficientScalars(m, len(sigs))
	points := []gnark.G1Affine{sum}
	factors := []fr.Element{fr.One()}
	for k := range sigs {
		if k == i {
			continue
		}
		p, err := decodeG1(op, "a signature", sigs[k])
		if err != nil {
			return G1{}, &BlameError{Index: k, Err: err}
		}
		points = append(points, p)
		factors = append(factors, *new(fr.Element).Neg(&weights[k]))
	}
	inverse := new(fr.Element).Inverse(&weights[i])
	for k := range factors {
		factors[k].Mul(&factors[k], inverse)
	}
	out := sumG1(points, factors)
	if out.IsInfinity() {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "the signature that is missing is the identity")
	}
	return G1(out.Bytes()), nil
}
