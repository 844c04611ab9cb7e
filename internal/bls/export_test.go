package bls

import (
	circl "github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
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
	a, err := decodePolynomial("bls.SeatKeys", x, c)
	if err != nil {
		return nil, err
	}
	var out []G2
	for _, p := range seatKeys(a, n) {
		out = append(out, affineG2(p))
	}
	return out, nil
}

// SeatKey returns P_j by Horner's rule.
func SeatKey(x G2, c Commitment, j int) (G2, error) {
	a, err := decodePolynomial("bls.SeatKey", x, c)
	if err != nil {
		return G2{}, err
	}
	return affineG2(seatKey(a, j)), nil
}

func affineG2(p gnark.G2Jac) G2 {
	var a gnark.G2Affine
	return G2(a.FromJacobian(&p).Bytes())
}

// TableMult returns k·g2 by the table and by circl, and k·h likewise.
func TableMult(k *Secret, h G1) (byTable, byCircl G2, byTable1, byCircl1 G1) {
	var q circl.G2
	g2Table().mult(&q, k.use())
	base, err := secretG1("bls.TableMult", "h", h)
	if err != nil {
		panic(err)
	}
	var a, b circl.G1
	multiplier(&base, MaxSeats)(&a, k.use())
	multiplier(&base, 1)(&b, k.use())
	return G2(q.BytesCompressed()), k.Public(), G1(a.BytesCompressed()), G1(b.BytesCompressed())
}

// Sums are the two ways to add multiples of points, of which one build has one.
var (
	SumG1, SumG2           = sumG1, sumG2
	ShortSumG1, ShortSumG2 = shortSumG1, shortSumG2
)
