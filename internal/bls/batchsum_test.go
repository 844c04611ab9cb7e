//go:build !js

package bls_test

import (
	"math/big"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"

	"sxp/internal/bls"
)

// TestEndomorphisms computes the constants from their definitions; the curve of
// G1 has the other root of 1.
func TestEndomorphisms(t *testing.T) {
	t.Parallel()
	less := fp.Modulus()
	less.Sub(less, big.NewInt(1))
	var one, x, y gnark.E2
	one.A0.SetOne()
	one.A1.SetOne()
	x.Exp(one, new(big.Int).Div(less, big.NewInt(3)))
	y.Exp(one, new(big.Int).Div(less, big.NewInt(2)))
	x.Inverse(&x)
	y.Inverse(&y)
	y.Neg(&y)
	e := &bls.Endomorphisms
	if !e.X.Equal(&x) || !e.Y.Equal(&y) {
		t.Errorf("−ψ multiplies by %v and %v, want %v and %v", &e.X, &e.Y, &x, &y)
	}
	var omega, beta fp.Element
	omega.Square(&x.A1) // x = x₁·i, so that x̄·x = x₁²
	beta.Square(&omega)
	if !x.A0.IsZero() || !e.Omega.Equal(&omega) || !bls.Beta.Equal(&beta) {
		t.Errorf("the roots of 1 are %v and %v, want %v and %v", &e.Omega, &bls.Beta, &omega, &beta)
	}
}
