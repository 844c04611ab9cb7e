//go:build !js

package bls

import (
	"github.com/consensys/gnark-crypto/ecc"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// oneTask keeps sums of points on the calling goroutine's share of the machine.
var oneTask = ecc.MultiExpConfig{NbTasks: 1}

// sumG1 returns Σ k_i·p_i.
func sumG1(p []gnark.G1Affine, k []fr.Element) gnark.G1Affine {
	var out gnark.G1Affine
	if _, err := out.MultiExp(p, k, oneTask); err != nil {
		panic("bls: sums have one scalar per point: " + err.Error())
	}
	return out
}

// sumG2 returns Σ k_i·p_i.
func sumG2(p []gnark.G2Affine, k []fr.Element) gnark.G2Affine {
	var out gnark.G2Affine
	if _, err := out.MultiExp(p, k, oneTask); err != nil {
		panic("bls: sums have one scalar per point: " + err.Error())
	}
	return out
}
