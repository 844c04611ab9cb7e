package bls

import (
	"encoding/binary"
	"fmt"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
)

// aggregateTag starts the hash that gives a party's coefficient.
const aggregateTag = "sxp aggregate"

// Coefficients returns c_0..c_{n−1}, big-endian: the first 128 bits of
// SHA-256("sxp aggregate" ‖ m ‖ i), i the party's position from 0 in 4 bytes,
// big-endian. They keep two parties with x_B = −x_C from cancelling out.
func Coefficients(m sxp.Hash, n int) [][16]byte {
	out := make([][16]byte, n)
	for i := range out {
		h := sxp.Sum([]byte(aggregateTag), m[:], binary.BigEndian.AppendUint32(nil, uint32(i)))
		out[i] = [16]byte(h[:16])
	}
	return out
}

func coefficientScalars(m sxp.Hash, n int) []fr.Element {
	out := make([]fr.Element, n)
	for i, c := range Coefficients(m, n) {
		out[i].SetBytes(c[:])
	}
	return out
}

// Aggregate returns S = Σ c_i·σ_i for the parties' signatures of m in order.
// The caller has verified them, or verifies S.
func Aggregate(m sxp.Hash, sigs []G1) (G1, error) {
	const op = "bls.Aggregate"
	points, err := decodeParties(op, "the signature", sigs, decodeG1)
	if err != nil {
		return G1{}, err
	}
	sum := sumG1(points, coefficientScalars(m, len(points)))
	if sum.IsInfinity() {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "the signatures add up to the identity")
	}
	return G1(sum.Bytes()), nil
}

// VerifyAggregate fails with sxp.Invalid unless e(S, g2) = e(H(m), Σ c_i·X_i),
// for the parties' keys in order. It binds the parties only if their keys are
// pairwise distinct and their proofs of possession hold, which the caller
// checks.
func VerifyAggregate(m sxp.Hash, pubs []G2, s G1) error {
	const op = "bls.VerifyAggregate"
	keys, err := decodeParties(op, "the key", pubs, decodeG2)
	if err != nil {
		return err
	}
	sig, err := decodeG1(op, "the aggregate signature", s)
	if err != nil {
		return err
	}
	sum := sumG2(keys, coefficientScalars(m, len(keys)))
	if sum.IsInfinity() {
		return sxp.Errorf(op, sxp.Invalid, nil, "the keys add up to the identity")
	}
	_, g2 := generators()
	g2.Neg(&g2)
	if !pairingIsOne([]gnark.G1Affine{sig, hashToG1(m[:], TagSession)}, []gnark.G2Affine{g2, sum}) {
		return sxp.Errorf(op, sxp.Invalid, m, "the aggregate is not the signature of these parties")
	}
	return nil
}

// SumHash returns SHA-256 of the encoded sum of the points: the seed of the
// draw, from the parties' draw shares. It fails with sxp.Invalid for points
// that are not, and where the sum is the identity.
func SumHash(points []G1) (sxp.Hash, error) {
	const op = "bls.SumHash"
	decoded, err := decodeParties(op, "the draw share", points, decodeG1)
	if err != nil {
		return sxp.Hash{}, err
	}
	var sum gnark.G1Jac
	for i := range decoded {
		sum.AddMixed(&decoded[i])
	}
	if sum.Z.IsZero() {
		return sxp.Hash{}, sxp.Errorf(op, sxp.Invalid, nil, "the draw shares add up to the identity")
	}
	var affine gnark.G1Affine
	b := affine.FromJacobian(&sum).Bytes()
	return sxp.Sum(b[:]), nil
}

// decodeParties decodes one point per party; a bad one gives a *BlameError.
func decodeParties[P, A any](op, what string, points []P, decode func(op, what string, p P) (A, error)) ([]A, error) {
	if len(points) < 1 || len(points) > MaxChecks {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a contract has 1 to %d parties, not %d", MaxChecks, len(points))
	}
	out := make([]A, len(points))
	for i := range points {
		var err error
		if out[i], err = decode(op, fmt.Sprintf("%s of party %d", what, i), points[i]); err != nil {
			return nil, &BlameError{Index: i, Err: err}
		}
	}
	return out, nil
}

// Distinct reports whether no point occurs twice: parties' keys X, jurors'
// keys Y. A point has one encoding, so bytes decide.
func Distinct[P G1 | G2](points []P) bool {
	seen := make(map[P]bool, len(points))
	for _, p := range points {
		seen[p] = true
	}
	return len(seen) == len(points)
}
