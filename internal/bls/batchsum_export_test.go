//go:build !js

package bls

import (
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
)

// Endomorphisms are the constants of the endomorphisms.
var Endomorphisms = struct {
	Omega fp.Element
	X, Y  gnark.E2
}{endomorphisms.omega, endomorphisms.x, endomorphisms.y}
