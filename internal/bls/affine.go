//go:build !js

package bls

// Adding two points in affine coordinates costs 6 multiplications in the field
// where a projective addition costs 11 to 16, but for one inversion; and many
// additions that do not wait for one another share one inversion. All that is
// computed with many public points here is arranged as such batches.

// A coordinate is a pointer to an element of the field that a curve is over.
type coordinate[E any] interface {
	*E
	Add(a, b *E) *E
	Sub(a, b *E) *E
	Mul(a, b *E) *E
	Square(a *E) *E
	Double(a *E) *E
	Neg(a *E) *E
	Inverse(a *E) *E
	SetOne() *E
	IsZero() bool
	Equal(a *E) bool
}

// affine is a point of either curve; (0, 0), which is on neither, is the
// identity. It has the form of the library's points, so that they convert.
type affine[E any] struct{ X, Y E }

// isIdentity reports whether p is the identity.
func isIdentity[E any, P coordinate[E]](p *affine[E]) bool {
	return P(&p.X).IsZero() && P(&p.Y).IsZero()
}

// prepare sets d to what the addition p + q divides by, which is never 0: the
// difference of x, or 2y where q is p; 1 where nothing is divided.
func prepare[E any, P coordinate[E]](d *E, p, q *affine[E]) {
	switch P(d).Sub(&q.X, &p.X); {
	case isIdentity[E, P](p) || isIdentity[E, P](q):
		P(d).SetOne()
	case !P(d).IsZero():
	case P(&p.Y).Equal(&q.Y) && !P(&p.Y).IsZero():
		P(d).Double(&p.Y)
	default:
		P(d).SetOne()
	}
}

// finish sets out to p + q, where inv is the inverse of what prepare set. out
// may be p or q.
func (b *batch[E, P]) finish(out, p, q *affine[E], inv *E) {
	if isIdentity[E, P](p) {
		*out = *q
		return
	}
	if isIdentity[E, P](q) {
		*out = *p
		return
	}
	slope, x, y := &b.slope, &b.x, &b.y
	if P(&p.X).Equal(&q.X) {
		if !P(&p.Y).Equal(&q.Y) || P(&p.Y).IsZero() {
			*out = affine[E]{} // opposite points
			return
		}
		P(slope).Square(&p.X)
		P(x).Double(slope)
		P(slope).Add(slope, x) // 3x²; both curves have a = 0
	} else {
		P(slope).Sub(&q.Y, &p.Y)
	}
	P(slope).Mul(slope, inv)
	P(x).Square(slope)
	P(x).Sub(x, &p.X)
	P(x).Sub(x, &q.X)
	P(y).Sub(&p.X, x)
	P(y).Mul(y, slope)
	P(y).Sub(y, &p.Y)
	out.X, out.Y = *x, *y
}

// invertAll inverts all of d, none of which is 0, with one inversion
// (Montgomery's trick). scratch has the length of d.
func invertAll[E any, P coordinate[E]](d, scratch []E) {
	var product E
	P(&product).SetOne()
	for i := range d {
		scratch[i] = product
		P(&product).Mul(&product, &d[i])
	}
	P(&product).Inverse(&product)
	for i := len(d) - 1; i >= 0; i-- {
		P(&scratch[i]).Mul(&scratch[i], &product)
		P(&product).Mul(&product, &d[i])
		d[i] = scratch[i]
	}
}

// A batch is the memory that many additions at once work in.
type batch[E any, P coordinate[E]] struct {
	d, scratch  []E
	slope, x, y E // of one addition: here, because generic code would put them on the heap each time
}

// size makes room for n divisions.
func (b *batch[E, P]) size(n int) {
	if cap(b.d) < n {
		b.d, b.scratch = make([]E, n), make([]E, n)
	}
	b.d, b.scratch = b.d[:n], b.scratch[:n]
}

// addTo sets p[i] to p[i] + q[i]. p and q do not overlap.
func (b *batch[E, P]) addTo(p, q []affine[E]) {
	if len(p) == 0 {
		return
	}
	b.size(len(p))
	for i := range p {
		prepare[E, P](&b.d[i], &p[i], &q[i])
	}
	invertAll[E, P](b.d, b.scratch)
	for i := range p {
		b.finish(&p[i], &p[i], &q[i], &b.d[i])
	}
}

// fold adds up each group, in place, and returns the sums: in rounds, each of
// which adds all points of all groups in pairs.
func (b *batch[E, P]) fold(groups [][]affine[E]) []affine[E] {
	var left, right []affine[E]
	for {
		left, right = left[:0], right[:0]
		for _, g := range groups {
			for i := 0; i+1 < len(g); i += 2 {
				left, right = append(left, g[i]), append(right, g[i+1])
			}
		}
		if len(left) == 0 {
			break
		}
		b.addTo(left, right)
		rest := left
		for at, g := range groups {
			half := copy(g, rest[:len(g)/2])
			rest = rest[half:]
			if len(g)%2 == 1 {
				g[half] = g[len(g)-1]
				half++
			}
			groups[at] = g[:half]
		}
	}
	sums := make([]affine[E], len(groups))
	for at, g := range groups {
		copy(sums[at:], g) // one point or none
	}
	return sums
}
