package bls

import gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

// DifferenceForTest returns a − b + c.
func DifferenceForTest(a, b, c G1) (G1, error) {
	var sum gnark.G1Affine
	for i, p := range []G1{a, b, c} {
		q, err := decodeG1("bls.DifferenceForTest", "the point", p)
		if err != nil {
			return G1{}, err
		}
		if i == 1 {
			q.Neg(&q)
		}
		sum.Add(&sum, &q)
	}
	return G1(sum.Bytes()), nil
}
