package bls

import (
	"encoding/binary"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// window is the width in bits of the signed digits of public scalars: odd
// numbers from −15 to 15, with at least four zeros between two of them.
const window = 5

// multiples is how many odd multiples of a point those digits need.
const multiples = 1 << (window - 2)

// signedDigits calls add for each digit that is not 0 of the number in limbs,
// lowest first. digit is from −multiples to multiples−1 and stands for the odd
// number 2·digit+1.
func signedDigits(limbs []uint64, add func(bit, digit int)) {
	carry := 0
	for bit := 0; bit <= 64*len(limbs); {
		v := 0
		if l, at := bit/64, bit%64; l < len(limbs) {
			v = int(limbs[l] >> at & (1<<window - 1))
			if at > 64-window && l+1 < len(limbs) {
				v |= int(limbs[l+1] << (64 - at) & (1<<window - 1))
			}
		}
		if v += carry; v%2 == 0 {
			bit++ // 2 carries on as 1
			continue
		}
		carry = v >> (window - 1)
		add(bit, (v-carry<<window)>>1)
		bit += window
	}
}

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
	SubAssign(*J) *J
	DoubleAssign() *J
	FromAffine(*A) *J
}

// windowedSum returns Σ k_i·p_i by Straus's method: all points share the
// doublings, and the odd multiples of each that digits need are made once. It
// is small to carry, not constant-time: for public data only. There is one
// scalar per point.
func windowedSum[J, A any, P jacobian[J, A]](p []A, k []fr.Element) J {
	if len(p) != len(k) {
		panic("bls: sums have one scalar per point")
	}
	var byBit [8*fr.Bytes + 1][]*J // what is added at each bit, or subtracted
	var negative [8*fr.Bytes + 1][]bool
	for i := range p {
		table := new([multiples]J)
		var twice J
		P(&table[0]).FromAffine(&p[i])
		P(&twice).FromAffine(&p[i])
		P(&twice).DoubleAssign()
		for m := 1; m < multiples; m++ {
			table[m] = table[m-1]
			P(&table[m]).AddAssign(&twice)
		}
		b := k[i].Bytes()
		var limbs [fr.Limbs]uint64
		for l := range limbs {
			limbs[l] = binary.BigEndian.Uint64(b[len(b)-8*(l+1):])
		}
		signedDigits(limbs[:], func(bit, digit int) {
			if digit < 0 {
				digit = ^digit // −(2d+1) = 2·(−d−1)+1
				negative[bit] = append(negative[bit], true)
			} else {
				negative[bit] = append(negative[bit], false)
			}
			byBit[bit] = append(byBit[bit], &table[digit])
		})
	}
	var sum J
	for bit := len(byBit) - 1; bit >= 0; bit-- {
		P(&sum).DoubleAssign()
		for i, point := range byBit[bit] {
			if negative[bit][i] {
				P(&sum).SubAssign(point)
			} else {
				P(&sum).AddAssign(point)
			}
		}
	}
	return sum
}
