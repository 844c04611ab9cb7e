package bls

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"sync"

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

// seed is u.
const seed = 0xd201000000010000

// sumG1 returns Σ k_i·p_i.
func sumG1(p []gnark.G1Affine, k []fr.Element) gnark.G1Affine {
	s := newSum[fp.Element](len(p), 2)
	for i := range p {
		low, high := splitG1(&k[i])
		s.add(affine[fp.Element](p[i]), low, high)
	}
	var out gnark.G1Affine
	var jac gnark.G1Jac
	for _, point := range s.powers(endomorphismG1) {
		jac.DoubleAssign()
		jac.AddMixed((*gnark.G1Affine)(&point))
	}
	out.FromJacobian(&jac)
	return out
}

// sumG2 returns Σ k_i·p_i.
func sumG2(p []gnark.G2Affine, k []fr.Element) gnark.G2Affine {
	s := newSum[gnark.E2](len(p), 4)
	for i := range p {
		d := splitG2(&k[i])
		s.add(affine[gnark.E2](p[i]), [2]uint64{d[0]}, [2]uint64{d[1]}, [2]uint64{d[2]}, [2]uint64{d[3]})
	}
	var out gnark.G2Affine
	var jac gnark.G2Jac
	for _, point := range s.powers(endomorphismG2) {
		jac.DoubleAssign()
		jac.AddMixed((*gnark.G2Affine)(&point))
	}
	out.FromJacobian(&jac)
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

// window is the width in bits of the signed digits: odd numbers from −15 to 15.
const window = 5

// multiples is how many odd multiples of a point those digits need.
const multiples = 1 << (window - 2)

// A term is digit·2^bit of one point, in one of the parts of its scalar.
type term struct {
	point int
	group int // bit·parts + part
	digit int
}

// A sum is terms that are collected before they are added.
type sum[E any, P coordinate[E]] struct {
	parts  int // of a scalar
	points []affine[E]
	terms  []term
	sizes  []int // terms by group
}

func newSum[E any, P coordinate[E]](points, parts int) *sum[E, P] {
	return &sum[E, P]{parts: parts, points: make([]affine[E], 0, points)}
}

// add collects the point times the numbers below 2^128 that k gives for each
// part.
func (s *sum[E, P]) add(p affine[E], k ...[2]uint64) {
	for part, v := range k {
		lo, hi, carry := v[0], v[1], uint64(0)
		for bit := 0; lo|hi|carry != 0; bit++ {
			if lo&1 != 0 {
				digit := int(lo & (1<<window - 1))
				if digit > 1<<(window-1) {
					digit -= 1 << window
				}
				s.term(term{point: len(s.points), group: bit*s.parts + part, digit: digit})
				if digit > 0 {
					lo -= uint64(digit) // its lowest bits
				} else {
					var c uint64
					lo, c = bits.Add64(lo, uint64(-digit), 0)
					hi, c = bits.Add64(hi, 0, c)
					carry += c
				}
			}
			lo, hi, carry = lo>>1|hi<<63, hi>>1|carry<<63, carry>>1
		}
	}
	s.points = append(s.points, p)
}

func (s *sum[E, P]) term(t term) {
	for len(s.sizes) <= t.group {
		s.sizes = append(s.sizes, 0)
	}
	s.sizes[t.group]++
	s.terms = append(s.terms, t)
}

// powers returns what each power of two is multiplied by, the highest first.
// endomorphism multiplies a point by the part's base, the more often the
// higher the part.
func (s *sum[E, P]) powers(endomorphism func(p *affine[E], part int)) []affine[E] {
	var b batch[E, P]
	table := s.table(&b)
	groups := cut(make([]affine[E], len(s.terms)), s.sizes)
	for _, t := range s.terms {
		g := groups[t.group]
		at := len(g)
		g = g[:at+1]
		if t.digit > 0 {
			g[at] = table[t.digit/2][t.point]
		} else {
			g[at] = table[-t.digit/2][t.point]
			P(&g[at].Y).Neg(&g[at].Y)
		}
		groups[t.group] = g
	}
	sums := b.fold(groups)
	for group := range sums {
		if part := group % s.parts; part > 0 {
			endomorphism(&sums[group], part)
		}
	}
	var bits [][]affine[E]
	for at := 0; at < len(sums); at += s.parts {
		bits = append(bits, sums[at:min(at+s.parts, len(sums))])
	}
	out := b.fold(bits)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
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

// table returns the odd multiples of all points: table[i] holds 2i+1 of each.
func (s *sum[E, P]) table(b *batch[E, P]) (table [multiples][]affine[E]) {
	twice := append([]affine[E](nil), s.points...)
	b.double(twice)
	table[0] = s.points
	for i := 1; i < multiples; i++ {
		table[i] = append([]affine[E](nil), table[i-1]...)
		b.addTo(table[i], twice)
	}
	return table
}

// endomorphismG1 multiplies p by u².
func endomorphismG1(p *affine[fp.Element], _ int) {
	p.X.Mul(&p.X, &endomorphisms().beta)
	p.Y.Neg(&p.Y)
}

// endomorphismG2 multiplies p by u^part, part = 1..3.
func endomorphismG2(p *affine[gnark.E2], part int) {
	if part%2 == 1 {
		p.X.Conjugate(&p.X)
		p.Y.Conjugate(&p.Y)
	}
	e := &endomorphisms().g2[part]
	p.X.Mul(&p.X, &e.X)
	p.Y.Mul(&p.Y, &e.Y)
}

// constants are what the endomorphisms multiply coordinates by.
type constants struct {
	beta fp.Element // a third root of 1
	g2   [4]affine[gnark.E2]
}

// endomorphisms computes the constants once. The untwist-Frobenius-twist map
// is ψ(x, y) = (x̄·(1+i)^((1−p)/3), ȳ·(1+i)^((1−p)/2)), Galbraith and Scott,
// "Exponentiation in pairing-friendly groups using homomorphisms" (2008).
var endomorphisms = sync.OnceValue(func() *constants {
	c := new(constants)
	var i1, x, y gnark.E2
	i1.A0.SetOne()
	i1.A1.SetOne()
	less := fp.Modulus()
	less.Sub(less, big.NewInt(1))
	x.Exp(i1, new(big.Int).Div(less, big.NewInt(3)))
	y.Exp(i1, new(big.Int).Div(less, big.NewInt(2)))
	x.Inverse(&x)
	y.Inverse(&y)
	c.g2[1].X, c.g2[1].Y = x, y
	c.g2[1].Y.Neg(&c.g2[1].Y) // u = −ψ
	for k := 2; k < 4; k++ {  // once more: conjugate what there is, multiply by it
		e, d := &c.g2[k], &c.g2[k-1]
		e.X.Conjugate(&d.X).Mul(&e.X, &c.g2[1].X)
		e.Y.Conjugate(&d.Y).Mul(&e.Y, &c.g2[1].Y)
	}
	// ψ² is (x, y) → (ωx, −y) with a third root ω of 1. The curve of G1 has the
	// same map with its other third root, ω².
	c.beta.Square(&c.g2[2].X.A0)
	return c
})
