package bls_test

import (
	"math/big"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp/internal/bls"
)

// Helpers that do the arithmetic of the document with gnark alone, so that the
// package is checked against a second computation.

func pointG1(tb testing.TB, p bls.G1) gnark.G1Affine {
	tb.Helper()
	var a gnark.G1Affine
	if _, err := a.SetBytes(p[:]); err != nil {
		tb.Fatalf("not a point of G1: %v", err)
	}
	return a
}

func pointG2(tb testing.TB, p bls.G2) gnark.G2Affine {
	tb.Helper()
	var a gnark.G2Affine
	if _, err := a.SetBytes(p[:]); err != nil {
		tb.Fatalf("not a point of G2: %v", err)
	}
	return a
}

func number(s *bls.Secret) (k fr.Element) {
	k.SetBytes(s.Bytes())
	return k
}

func secretOf(tb testing.TB, k fr.Element) *bls.Secret {
	tb.Helper()
	b := k.Bytes()
	s, err := bls.ParseSecret(b[:])
	if err != nil {
		tb.Fatalf("ParseSecret: %v", err)
	}
	return s
}

func timesG1(p gnark.G1Affine, k fr.Element) (out gnark.G1Affine) {
	out.ScalarMultiplication(&p, k.BigInt(new(big.Int)))
	return out
}

func timesG2(p gnark.G2Affine, k fr.Element) (out gnark.G2Affine) {
	out.ScalarMultiplication(&p, k.BigInt(new(big.Int)))
	return out
}

// sum1 returns Σ k_i·p_i.
func sum1(p []gnark.G1Affine, k []fr.Element) (out gnark.G1Affine) {
	for i := range p {
		q := timesG1(p[i], k[i])
		out.Add(&out, &q)
	}
	return out
}

func ints(v ...int64) (out []fr.Element) {
	for _, i := range v {
		var k fr.Element
		k.SetInt64(i)
		out = append(out, k)
	}
	return out
}

// weights returns the Lagrange coefficients at 0 for some seats.
func weights(seats ...int64) (out []fr.Element) {
	for _, j := range seats {
		w := ints(1)[0]
		for _, i := range seats {
			if i != j {
				q := ints(i, i-j)
				q[0].Div(&q[0], &q[1])
				w.Mul(&w, &q[0])
			}
		}
		out = append(out, w)
	}
	return out
}

// opening returns the opening of chosen numbers r, a_1, …, a_{t−1}.
func opening(tb testing.TB, scalars ...fr.Element) *bls.Opening {
	tb.Helper()
	b := []byte{1, 0, byte(len(scalars))}
	for _, k := range scalars {
		kb := k.Bytes()
		b = append(b, kb[:]...)
	}
	o, err := bls.ParseOpening(b)
	if err != nil {
		tb.Fatalf("ParseOpening: %v", err)
	}
	return o
}

// copyOpening returns an equal opening, as a restored backup would be.
func copyOpening(tb testing.TB, o *bls.Opening) *bls.Opening {
	tb.Helper()
	b, err := o.Marshal()
	if err != nil {
		tb.Fatalf("Marshal: %v", err)
	}
	c, err := bls.ParseOpening(b)
	if err != nil {
		tb.Fatalf("ParseOpening: %v", err)
	}
	return c
}
