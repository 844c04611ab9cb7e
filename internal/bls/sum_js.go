package bls

import (
	"encoding/binary"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// In a browser all counts that is transferred, and a contract has tens of
// points: one short function for all sums, where others have batchsum.go.

// sumG1 returns Σ k_i·p_i.
func sumG1(p []gnark.G1Affine, k []fr.Element) gnark.G1Affine { return shortSumG1(p, k) }

// sumG2 returns Σ k_i·p_i.
func sumG2(p []gnark.G2Affine, k []fr.Element) gnark.G2Affine { return shortSumG2(p, k) }

// coefficient returns one of 2^128 scalars: high·2^64 + low.
func coefficient(high, low uint64) (k fr.Element) {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], high)
	binary.BigEndian.PutUint64(b[8:], low)
	k.SetBytes(b[:])
	return k
}

// seatKeys returns P_1..P_n, P_j = Σ_k j^k·A_k, by finite differences: once
// the t differences of P at 0 are known, each further value costs t−1
// additions.
func seatKeys(a []gnark.G2Affine, n int) []gnark.G2Affine {
	d := differences(a)
	out := make([]gnark.G2Affine, n)
	for j := range out {
		for i := range len(d) - 1 {
			d[i].AddAssign(&d[i+1])
		}
		out[j].FromJacobian(&d[0])
	}
	return out
}
