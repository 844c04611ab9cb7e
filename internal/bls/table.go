package bls

import (
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
	"sync"
	"unsafe"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
)

// Multiplication by secret scalars, in constant time: circl's complete
// additions, in an order that depends on no secret. A scalar is cut to signed
// digits from −16 to 15; a table holds the multiples 0..16 of a point; each
// addend is picked by reading its whole row and negated without a branch, so
// that neither time nor memory addresses depend on the scalar. In G1 the scalar
// is halved first: u²·(x, y) = (βx, −y) for the curve's parameter u.

// seed is u, the curve's parameter without its sign.
const seed = 0xd201000000010000

// beta is the third root β of 1, in the form that both libraries keep numbers
// in, Montgomery's. A test computes it.
var beta = fp.Element{
	0x30f1361b798a64e8, 0xf3b8ddab7ece5a2a, 0x16a8ca3ac61577f7, 0xc26a2ff874fd029b, 0x3636b76660701c6e, 0x51ba4ab241b6160,
}

const (
	digitBits = 5
	rowSize   = 1<<(digitBits-1) + 1

	fullDigits = 52 // of a scalar: 260 bits hold 255 and a carry
	halfDigits = 26 // of a half: 130 bits hold 128 and a carry
)

// point is what the two groups of circl share.
type point[P any] interface {
	*P
	Add(a, b *P)
	Double()
	Neg()
	SetIdentity()
}

// A row holds the multiples 0..16 of a point.
type row[P any] [rowSize]P

// fill sets r to the multiples of base.
func fill[P any, PP point[P]](r *row[P], base *P) {
	PP(&r[0]).SetIdentity()
	r[1] = *base
	for d := 2; d < rowSize; d++ {
		if d%2 == 0 {
			r[d] = r[d/2]
			PP(&r[d]).Double()
		} else {
			PP(&r[d]).Add(&r[d-1], base)
		}
	}
}

// pick sets out to d times the point of r, −16 <= d <= 16, reading all of r.
// negative is scratch.
func pick[P any, PP point[P]](out, negative *P, r *row[P], d int8) {
	sign := d >> 7 // −1 or 0
	size := byte((d ^ sign) - sign)
	dst := words(out)
	clear(dst)
	for i := range r {
		mask := -uint64(subtle.ConstantTimeByteEq(size, byte(i)))
		for w, v := range words(&r[i]) {
			dst[w] |= mask & v
		}
	}
	*negative = *out
	PP(negative).Neg()
	mask := uint64(int64(sign))
	for w, v := range words(negative) {
		dst[w] ^= mask & (dst[w] ^ v)
	}
}

// words views a point of circl as its machine words: it is made of nothing
// else (a test checks it), and circl does not export a conditional move.
func words[P any](p *P) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(p)), unsafe.Sizeof(*p)/8)
}

// recode sets digits to the signed digits of the number in limbs, lowest
// first: each from −16 to 15 but for the last, which takes the carry.
func recode(digits []int8, limbs []uint64) {
	carry := uint64(0)
	for i := range digits {
		at := i * digitBits
		v := uint64(0)
		if l := at / 64; l < len(limbs) {
			v = limbs[l] >> (at % 64)
			if at%64 > 64-digitBits && l+1 < len(limbs) {
				v |= limbs[l+1] << (64 - at%64)
			}
		}
		v = v&(1<<digitBits-1) + carry
		carry = (v + 1<<(digitBits-1)) >> digitBits
		digits[i] = int8(v) - int8(carry<<digitBits)
	}
}

// limbsOf returns the canonical number, lowest limb first.
func limbsOf(k *ff.Scalar) (limbs [4]uint64) {
	b := scalarBytes(k)
	for i := range limbs {
		limbs[i] = binary.BigEndian.Uint64(b[len(b)-8*(i+1):])
	}
	clear(b)
	return limbs
}

// A halved scalar is k = low + high·u², both in signed digits.
type halved struct{ low, high [halfDigits]int8 }

// halve cuts k in constant time: the quotient by u² is estimated with its
// reciprocal, which is at most one too low, and corrected.
func (h *halved) halve(k *ff.Scalar) {
	const lowSquare, highSquare = 0x100000000, 0xac45a4010001a402 // u²
	// 2^256/u², rounded down: 1·2^128 + …
	reciprocal := [3]uint64{0x63f6e522f6cfee2e, 0x7c6becf1e01faadd, 1}
	square := [3]uint64{lowSquare, highSquare, 0}
	n := limbsOf(k)
	var product [7]uint64
	for i, a := range n {
		carry := uint64(0)
		for j, b := range reciprocal {
			carry = mulAdd(&product[i+j], a, b, carry)
		}
		product[i+3] = carry
	}
	q := [3]uint64{product[4], product[5], product[6]}
	var back [5]uint64
	for i, a := range q[:2] {
		carry := uint64(0)
		for j, b := range square {
			carry = mulAdd(&back[i+j], a, b, carry)
		}
		back[i+3] = carry
	}
	var rest, less [3]uint64
	var borrow, carry uint64
	for i := range rest {
		rest[i], borrow = bits.Sub64(n[i], back[i], borrow)
	}
	borrow = 0
	for i := range less {
		less[i], borrow = bits.Sub64(rest[i], square[i], borrow)
	}
	fits := borrow - 1 // all ones if rest >= u²
	for i := range rest {
		rest[i] ^= fits & (rest[i] ^ less[i])
	}
	q[0], carry = bits.Add64(q[0], fits&1, 0)
	q[1], _ = bits.Add64(q[1], 0, carry)
	recode(h.low[:], rest[:2])
	recode(h.high[:], q[:2])
	clear(n[:])
	clear(product[:])
	clear(back[:])
	clear(rest[:])
	clear(less[:])
	clear(q[:])
}

// mulAdd adds a·b + carry to z and returns the carry.
func mulAdd(z *uint64, a, b, carry uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	lo, c := bits.Add64(lo, carry, 0)
	hi += c
	*z, c = bits.Add64(*z, lo, 0)
	return hi + c
}

// erase overwrites h.
func (h *halved) erase() { *h = halved{} }

// timesSquare sets p to u²·p.
func timesSquare(p *circl.G1, root *ff.Fp) {
	x := &coordinates(p)[0]
	x.Mul(x, root)
	p.Neg()
}

// times sets out to k·base for one base.
func (h *halved) times(out, base *circl.G1) {
	var r row[circl.G1]
	fill(&r, base)
	var addend, scratch circl.G1
	root := betaOfCircl()
	out.SetIdentity()
	for i := halfDigits - 1; i >= 0; i-- {
		for range digitBits {
			out.Double()
		}
		pick(&addend, &scratch, &r, h.high[i])
		timesSquare(&addend, root)
		out.Add(out, &addend)
		pick(&addend, &scratch, &r, h.low[i])
		out.Add(out, &addend)
	}
	addend, scratch = circl.G1{}, circl.G1{}
}

// multiply sets out to k·base in constant time.
func multiply(out, base *circl.G1, k *ff.Scalar) {
	var h halved
	h.halve(k)
	h.times(out, base)
	h.erase()
}

// A comb is for many multiplications of one base of G1: rows of its multiples
// by 32^i, so that no doublings are left.
type comb [halfDigits]row[circl.G1]

func newComb(base *circl.G1) *comb {
	c := new(comb)
	b := *base
	for i := range c {
		fill(&c[i], &b)
		b = c[i][rowSize-1]
		b.Double() // 16·2
	}
	return c
}

// times sets out to k·base.
func (c *comb) times(out *circl.G1, k *ff.Scalar) {
	var h halved
	h.halve(k)
	var addend, scratch circl.G1
	root := betaOfCircl()
	out.SetIdentity()
	for i := range c { // u²·Σ high, then + Σ low
		pick(&addend, &scratch, &c[i], h.high[i])
		out.Add(out, &addend)
	}
	timesSquare(out, root)
	for i := range c {
		pick(&addend, &scratch, &c[i], h.low[i])
		out.Add(out, &addend)
	}
	h.erase()
	addend, scratch = circl.G1{}, circl.G1{}
}

// multiplier returns the multiplication of base by count secret scalars. A comb
// pays from five on.
func multiplier(base *circl.G1, count int) func(out *circl.G1, k *ff.Scalar) {
	if count < 5 {
		return func(out *circl.G1, k *ff.Scalar) { multiply(out, base, k) }
	}
	return newComb(base).times
}

// combG2 is for multiplications of g2 by whole scalars.
type combG2 [fullDigits]row[circl.G2]

// g2Comb returns the comb of g2, 249 KiB that are computed once.
var g2Comb = sync.OnceValue(func() *combG2 {
	c := new(combG2)
	b := *circl.G2Generator()
	for i := range c {
		fill(&c[i], &b)
		b = c[i][rowSize-1]
		b.Double()
	}
	return c
})

// times sets out to k·g2.
func (c *combG2) times(out *circl.G2, k *ff.Scalar) {
	limbs := limbsOf(k)
	var digits [fullDigits]int8
	recode(digits[:], limbs[:])
	var addend, scratch circl.G2
	out.SetIdentity()
	for i := range c {
		pick(&addend, &scratch, &c[i], digits[i])
		out.Add(out, &addend)
	}
	clear(limbs[:])
	clear(digits[:])
	addend, scratch = circl.G2{}, circl.G2{}
}

// Both libraries keep a number of the field in six words of Montgomery's form,
// so that points are handed over as they are; a test compares them.

// toCircl returns p, which is not the identity, for multiplication by a secret.
func toCircl(p *gnark.G1Affine) circl.G1 {
	c := circl.G1Generator() // z = 1
	w := words(c)
	copy(w[:fp.Limbs], p.X[:])
	copy(w[fp.Limbs:2*fp.Limbs], p.Y[:])
	return *c
}

// betaOfCircl returns β.
func betaOfCircl() *ff.Fp {
	return (*ff.Fp)(unsafe.Pointer(&beta))
}

// fromCircl returns the points that p are, with one inversion for all, in
// constant time: their third coordinates tell of the secret. It spoils p. ok is
// false if one of them is the identity.
func fromCircl(p []circl.G1) (out []gnark.G1Affine, ok bool) {
	out = make([]gnark.G1Affine, len(p))
	before := make([]ff.Fp, len(p)) // products of the third coordinates before
	var product, inverse ff.Fp
	product.SetOne()
	zero := 0
	for i := range p {
		z := &coordinates(&p[i])[2]
		zero |= z.IsZero()
		before[i] = product
		product.Mul(&product, z)
	}
	product.Inv(&product)
	for i := len(p) - 1; i >= 0; i-- {
		c := coordinates(&p[i])
		inverse.Mul(&before[i], &product)
		product.Mul(&product, &c[2])
		c[0].Mul(&c[0], &inverse)
		c[1].Mul(&c[1], &inverse)
		w := words(&p[i])
		copy(out[i].X[:], w[:fp.Limbs])
		copy(out[i].Y[:], w[fp.Limbs:])
	}
	clear(before)
	clear(p)
	return out, zero == 0
}

// coordinates views a point as its three coordinates, which circl hides.
func coordinates(p *circl.G1) *[3]ff.Fp { return (*[3]ff.Fp)(unsafe.Pointer(p)) }
