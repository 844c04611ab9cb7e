//go:build !js

package bls

import (
	"encoding/binary"
	"math/bits"
	"slices"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// Sums Σ k_i·P_i of public points, in variable time. Each scalar is cut to
// digits in base u² (G1) or u (G2), u = 0xd201000000010000 the curve's
// parameter without its sign, because multiplying by these is an endomorphism,
// which costs two multiplications in the field:
//
//	u²·(x, y) = (βx, −y) on G1,   u·P = −ψ(P) on G2.
//
// It needs points of the subgroup, which decoded ones are. What remains are
// scalars of 128 or 64 bits, in signed form with one digit in six not 0, and
// all points that one power of two meets are added in one batch.

// sumG1 returns Σ k_i·p_i for points of the subgroup.
func sumG1(p []gnark.G1Affine, k []fr.Element) gnark.G1Affine {
	s := terms{parts: 2}
	points := make([]affine[fp.Element], len(p))
	for i := range p {
		points[i] = affine[fp.Element](p[i])
		low, high := splitG1(&k[i])
		s.add(low, high)
	}
	var out gnark.G1Affine
	var jac gnark.G1Jac
	for _, point := range powers(&s, points, endomorphismG1) {
		jac.DoubleAssign()
		jac.AddMixed((*gnark.G1Affine)(&point))
	}
	out.FromJacobian(&jac)
	return out
}

// sumG2 returns Σ k_i·p_i for points of the subgroup.
func sumG2(p []gnark.G2Affine, k []fr.Element) gnark.G2Affine {
	s := terms{parts: 4}
	points := make([]affine[gnark.E2], len(p))
	for i := range p {
		points[i] = affine[gnark.E2](p[i])
		d := splitG2(&k[i])
		s.add([2]uint64{d[0]}, [2]uint64{d[1]}, [2]uint64{d[2]}, [2]uint64{d[3]})
	}
	var out gnark.G2Affine
	var jac gnark.G2Jac
	for _, point := range powers(&s, points, endomorphismG2) {
		jac.DoubleAssign()
		jac.AddMixed((*gnark.G2Affine)(&point))
	}
	out.FromJacobian(&jac)
	return out
}

// coefficient returns one of 2^128 scalars: high·u² + low, by which sumG1 and
// sumG2 multiply fastest.
func coefficient(high, low uint64) fr.Element {
	var square, k, l fr.Element
	square.SetUint64(seed)
	k.SetUint64(high)
	l.SetUint64(low)
	square.Square(&square)
	k.Mul(&k, &square)
	return *k.Add(&k, &l)
}

// seatKeys returns P_1..P_n, P_j = Σ_k j^k·A_k, by finite differences: once
// the t differences of P at 0 are known, each further value costs t−1
// additions, which do not wait for one another.
func seatKeys(a []gnark.G2Affine, n int) []gnark.G2Affine {
	var b batch[gnark.E2, *gnark.E2]
	d := make([]affine[gnark.E2], len(a))
	for i, jac := range differences(a) {
		(*gnark.G2Affine)(&d[i]).FromJacobian(&jac)
	}
	above := make([]affine[gnark.E2], len(d)-1)
	out := make([]gnark.G2Affine, n)
	for j := range out {
		copy(above, d[1:])
		b.addTo(d[:len(above)], above)
		out[j] = gnark.G2Affine(d[0])
	}
	return out
}

// splitG1 returns k modulo u² and k divided by u², both below 2^128.
func splitG1(k *fr.Element) (low, high [2]uint64) {
	d := splitG2(k)
	return fromDigits(d[0], d[1]), fromDigits(d[2], d[3])
}

// fromDigits returns low + high·u.
func fromDigits(low, high uint64) [2]uint64 {
	hi, lo := bits.Mul64(high, seed)
	lo, carry := bits.Add64(lo, low, 0)
	return [2]uint64{lo, hi + carry}
}

// splitG2 returns the four digits of k in base u, lowest first: the group's
// order is u⁴ − u² + 1.
func splitG2(k *fr.Element) (digits [4]uint64) {
	b := k.Bytes()
	var limbs [4]uint64 // highest first
	for i := range limbs {
		limbs[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	for i := range digits {
		var rest uint64
		for l := range limbs {
			limbs[l], rest = bits.Div64(rest, limbs[l], seed)
		}
		digits[i] = rest
	}
	return digits
}

// A term is (2·digit+1)·2^bit of one point, in one of the parts of its scalar.
type term struct {
	point int
	group int // bit·parts + part
	digit int
}

// terms are the terms of a sum.
type terms struct {
	parts  int // of a scalar
	points int
	list   []term
	sizes  []int // terms by group
}

// add collects the next point times the numbers below 2^128 that k gives for
// each part.
func (s *terms) add(k ...[2]uint64) {
	for part, v := range k {
		signedDigits([]uint64{v[0], v[1]}, func(bit, digit int) {
			s.term(term{point: s.points, group: bit*s.parts + part, digit: digit})
		})
	}
	s.points++
}

func (s *terms) term(t term) {
	for len(s.sizes) <= t.group {
		s.sizes = append(s.sizes, 0)
	}
	s.sizes[t.group]++
	s.list = append(s.list, t)
}

// powers returns what each power of two is multiplied by in the sum of s over
// points, the highest first. endomorphism multiplies a point by the part's
// base, the more often the higher the part.
func powers[E any, P coordinate[E]](s *terms, points []affine[E], endomorphism func(p *affine[E], part int)) []affine[E] {
	var b batch[E, P]
	table := oddMultiples(&b, points)
	groups := cut(make([]affine[E], len(s.list)), s.sizes)
	for _, t := range s.list {
		g := groups[t.group]
		at := len(g)
		g = g[:at+1]
		if t.digit >= 0 {
			g[at] = table[t.digit][t.point]
		} else {
			g[at] = table[^t.digit][t.point]
			P(&g[at].Y).Neg(&g[at].Y)
		}
		groups[t.group] = g
	}
	sums := b.fold(groups)
	groups = groups[:0]
	for at := range sums {
		if part := at % s.parts; part == 0 {
			groups = append(groups, sums[at:min(at+s.parts, len(sums))])
		} else {
			endomorphism(&sums[at], part)
		}
	}
	out := b.fold(groups)
	slices.Reverse(out)
	return out
}

// cut returns one empty slice of all for each size, with room for that many.
func cut[T any](all []T, sizes []int) [][]T {
	out := make([][]T, len(sizes))
	for i, n := range sizes {
		out[i], all = all[:0:n], all[n:]
	}
	return out
}

// oddMultiples returns the odd multiples of all points: table[i] holds 2i+1 of
// each.
func oddMultiples[E any, P coordinate[E]](b *batch[E, P], points []affine[E]) (table [multiples][]affine[E]) {
	twice := slices.Clone(points)
	b.addTo(twice, points)
	table[0] = points
	for i := 1; i < multiples; i++ {
		table[i] = slices.Clone(table[i-1])
		b.addTo(table[i], twice)
	}
	return table
}

// endomorphismG1 multiplies p by u².
func endomorphismG1(p *affine[fp.Element], _ int) {
	p.X.Mul(&p.X, &beta)
	p.Y.Neg(&p.Y)
}

// endomorphismG2 multiplies p by u^part, part = 1..3.
func endomorphismG2(p *affine[gnark.E2], part int) {
	if part&1 != 0 { // −ψ
		p.X.Conjugate(&p.X).Mul(&p.X, &endomorphisms.x)
		p.Y.Conjugate(&p.Y).Mul(&p.Y, &endomorphisms.y)
	}
	if part&2 != 0 { // ψ²
		p.X.MulByElement(&p.X, &endomorphisms.omega)
		p.Y.Neg(&p.Y)
	}
}

// endomorphisms are what the endomorphisms of G2 multiply coordinates by, in the
// library's form, Montgomery's. ψ is (x, y) → (x̄·(1+i)^((1−p)/3), ȳ·(1+i)^((1−p)/2)),
// Galbraith and Scott, "Exponentiation in pairing-friendly groups using
// homomorphisms" (2008); ψ² is (x, y) → (ωx, −y) with a third root ω of 1. A
// test computes them.
var endomorphisms = struct {
	omega fp.Element
	x, y  gnark.E2
}{
	omega: fp.Element{
		0xcd03c9e48671f071, 0x5dab22461fcda5d2, 0x587042afd3851b95, 0x8eb60ebe01bacb9e, 0x3f97d6e83d050d2, 0x18f0206554638741,
	},
	x: gnark.E2{A1: fp.Element{
		0x890dc9e4867545c3, 0x2af322533285a5d5, 0x50880866309b7e2c, 0xa20d1b8c7e881024, 0x14e4f04fe2db9068, 0x14e56d3f1564853a,
	}},
	y: gnark.E2{A0: fp.Element{
		0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1, 0xd1ca2087da74d4a7, 0x2da2596696cebc1d, 0xe2b7eedbbfd87d2,
	}, A1: fp.Element{
		0x3e2f585da55c9ad1, 0x4294213d86c18183, 0x382844c88b623732, 0x92ad2afd19103e18, 0x1d794e4fac7cf0b9, 0xbd592fc7d825ec8,
	}},
}
