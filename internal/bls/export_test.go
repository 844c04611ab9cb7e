package bls

import (
	circl "github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// Public returns the commitment that o opens, so that a test can commit to a
// polynomial of its choice.
func (o *Opening) Public() Commitment { return o.scalars().commitment() }

// HashToG1 is hash_to_curve under one of our tags.
func HashToG1(msg []byte, tag string) G1 {
	h := hashToG1(msg, tag)
	return G1(h.Bytes())
}

// SignUnder signs anything under any tag, as no exported function does.
func (s *Secret) SignUnder(msg []byte, tag string) G1 { return s.sign(msg, tag) }

// VerifyUnder is its counterpart.
func VerifyUnder(pub G2, msg []byte, tag string, sig G1) error {
	return verify("bls.VerifyUnder", "the signature", pub, msg, tag, sig)
}

// SeatKeys returns P_1..P_n by finite differences.
func SeatKeys(x G2, c Commitment, n int) ([]G2, error) {
	a, err := forgetful(nil).decodePolynomial("bls.SeatKeys", x, c)
	if err != nil {
		return nil, err
	}
	var out []G2
	for _, p := range seatKeys(a, n) {
		out = append(out, G2(p.Bytes()))
	}
	return out, nil
}

// SeatKey returns P_j by Horner's rule.
func SeatKey(x G2, c Commitment, j int) (G2, error) {
	a, err := forgetful(nil).decodePolynomial("bls.SeatKey", x, c)
	if err != nil {
		return G2{}, err
	}
	return affineG2(seatKey(a, j)), nil
}

func affineG2(p gnark.G2Jac) G2 {
	var a gnark.G2Affine
	return G2(a.FromJacobian(&p).Bytes())
}

// Multiples returns k·g2 by the comb and by circl, and k·h by the comb, one by
// one, and by circl.
func Multiples(k *Secret, h G1) (byComb, byCircl G2, comb1, one1, circl1 G1) {
	var q circl.G2
	q.ScalarMult(k.use(), circl.G2Generator())
	p, err := decodeG1("bls.Multiples", "h", h)
	if err != nil {
		panic(err)
	}
	base := toCircl(&p)
	var a, b, c circl.G1
	multiplier(&base, MaxSeats)(&a, k.use())
	multiplier(&base, 1)(&b, k.use())
	if err := c.SetBytes(h[:]); err != nil {
		panic(err)
	}
	c.ScalarMult(k.use(), &c)
	return k.Public(), G2(q.BytesCompressed()), G1(a.BytesCompressed()), G1(b.BytesCompressed()), G1(c.BytesCompressed())
}

// Halve returns the signed digits of both halves of k.
func Halve(k *Secret) (low, high [halfDigits]int8) {
	var h halved
	h.halve(k.use())
	return h.low, h.high
}

// Sums are the two ways to add multiples of points, of which one build has one.
var (
	SumG1, SumG2           = sumG1, sumG2
	ShortSumG1, ShortSumG2 = shortSumG1, shortSumG2
)

// Beta is the root of 1 by which multiples of u² are computed.
var Beta = beta

// MaxDecoded is half of what a Verifier remembers.
const MaxDecoded = maxDecoded

// Decode decodes p with a memory.
func (v *Verifier) Decode(p G2) error { _, err := v.decodeG2("bls.Decode", "the point", p); return err }

// Remembered returns how many points v holds.
func (v *Verifier) Remembered() int { return len(v.g2.young) + len(v.g2.old) }

// Knows reports whether v holds p, and asks for it.
func (v *Verifier) Knows(p G2) bool { _, ok := v.g2.get(p); return ok }

// VerifyPromisesNaively checks e(C_j, g2) = e(H(m), P_j)·e(U, Z_j) for one seat
// after the other, with P_j by Horner's rule.
func VerifyPromisesNaively(m sxp.Hash, zs []G2, checks []PromiseCheck) error {
	const op = "bls.VerifyPromisesNaively"
	z := make([]gnark.G2Affine, len(zs))
	for j := range zs {
		var err error
		if z[j], err = decodeG2(op, "a key Z", zs[j]); err != nil {
			return err
		}
	}
	h := hashToG1(m[:], TagSession)
	_, g2 := generators()
	g2.Neg(&g2)
	for i := range checks {
		var d decodedCheck
		var points steps
		d.decode(&points, forgetful(nil), op, i, len(zs), &checks[i])
		if err := points.inOrder(); err != nil {
			return err
		}
		for j := range z {
			jac := seatKey(d.a, j+1)
			var p gnark.G2Affine
			p.FromJacobian(&jac)
			if !pairingIsOne([]gnark.G1Affine{d.c[j], h, d.u}, []gnark.G2Affine{g2, p, z[j]}) {
				return &BlameError{Index: i, Seat: j + 1, Err: sxp.Errorf(op, sxp.Invalid, nil, "the equation does not hold")}
			}
		}
	}
	return nil
}

// RunSteps runs list as the steps of a verification, and also returns what it
// panics with.
func RunSteps(list []func() error) (panicked any, err error) {
	defer func() { panicked = recover() }()
	return nil, steps(list).fork()
}
