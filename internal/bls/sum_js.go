package bls

import (
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// In a browser the library's sums of any number of points would be 36 KB of
// what is transferred, and a contract has tens of them.

// sumG1 returns Σ k_i·p_i.
func sumG1(p []gnark.G1Affine, k []fr.Element) gnark.G1Affine { return shortSumG1(p, k) }

// sumG2 returns Σ k_i·p_i.
func sumG2(p []gnark.G2Affine, k []fr.Element) gnark.G2Affine { return shortSumG2(p, k) }
