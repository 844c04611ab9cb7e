package bls

import (
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// shortSumG1 returns Σ k_i·p_i as windowedSum does.
func shortSumG1(p []gnark.G1Affine, k []fr.Element) (out gnark.G1Affine) {
	sum := windowedSum[gnark.G1Jac](p, k)
	out.FromJacobian(&sum)
	return out
}

// shortSumG2 returns Σ k_i·p_i as windowedSum does.
func shortSumG2(p []gnark.G2Affine, k []fr.Element) (out gnark.G2Affine) {
	sum := windowedSum[gnark.G2Jac](p, k)
	out.FromJacobian(&sum)
	return out
}

// A jacobian is a pointer to a point J that can be added to, with A the type of
// points at rest.
type jacobian[J, A any] interface {
	*J
	AddAssign(*J) *J
	DoubleAssign() *J
	FromAffine(*A) *J
}

// window is how many bits of all scalars one step of windowedSum takes.
const window = 4

// windowedSum returns Σ k_i·p_i by Straus's method: all points share the
// doublings, and the multiples of each that fit a window are made once. It is
// quick for tens of points and small to carry, not constant-time: for public
// data only. There is one scalar per point.
func windowedSum[J, A any, P jacobian[J, A]](p []A, k []fr.Element) J {
	if len(p) != len(k) {
		panic("bls: sums have one scalar per point")
	}
	multiples := make([][1 << window]J, len(p)) // the zero value is the identity
	digits := make([][fr.Bytes]byte, len(p))
	for i := range p {
		m := &multiples[i]
		P(&m[1]).FromAffine(&p[i])
		for n := 2; n < len(m); n++ {
			m[n] = m[n-1]
			P(&m[n]).AddAssign(&m[1])
		}
		digits[i] = k[i].Bytes()
	}
	var sum J
	for at := range 8 * fr.Bytes / window { // from the highest digits on
		for range window {
			P(&sum).DoubleAssign()
		}
		for i := range digits {
			d := digits[i][at/2] >> (window * (1 - at%2)) & (1<<window - 1)
			if d != 0 {
				P(&sum).AddAssign(&multiples[i][d])
			}
		}
	}
	return sum
}
