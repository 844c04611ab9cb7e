package bls

import (
	"fmt"
	"io"
	"sync"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// A Verifier checks points as the functions of the same names do, and
// remembers the keys and commitments that it has decoded: a juror's key comes
// with every session, a party's commitment with its acceptance, its promise and
// its shares. What it remembers is public and bounded, some 2 MB at most, and
// changes no verdict. It is safe for concurrent use.
type Verifier struct {
	rand io.Reader
	g1   cache[G1, gnark.G1Affine]
	g2   cache[G2, gnark.G2Affine]
}

// NewVerifier returns a Verifier that draws the coefficients of batch checks
// from rand: crypto/rand.Reader outside of tests. It must be safe for
// concurrent use, and not known to whoever made what is checked.
func NewVerifier(rand io.Reader) *Verifier {
	return &Verifier{
		rand: rand,
		g1:   cache[G1, gnark.G1Affine]{limit: maxDecoded / 4},
		g2:   cache[G2, gnark.G2Affine]{limit: maxDecoded},
	}
}

// forgetful returns a Verifier for one call.
func forgetful(rand io.Reader) *Verifier { return &Verifier{rand: rand} }

// decodeG1 is decodeG1 with a memory.
func (v *Verifier) decodeG1(op, what string, p G1) (gnark.G1Affine, error) {
	if a, ok := v.g1.get(p); ok {
		return a, nil
	}
	a, err := decodeG1(op, what, p)
	if err == nil {
		v.g1.put(p, a)
	}
	return a, err
}

// decodeG2 is decodeG2 with a memory.
func (v *Verifier) decodeG2(op, what string, p G2) (gnark.G2Affine, error) {
	if a, ok := v.g2.get(p); ok {
		return a, nil
	}
	a, err := decodeG2(op, what, p)
	if err == nil {
		v.g2.put(p, a)
	}
	return a, err
}

// decodePolynomial returns A_0..A_{t−1}.
func (v *Verifier) decodePolynomial(op string, x G2, c Commitment) ([]gnark.G2Affine, error) {
	if len(c.A) >= MaxSeats {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a commitment has at most %d points A, not %d", MaxSeats-1, len(c.A))
	}
	a := make([]gnark.G2Affine, 1+len(c.A))
	var err error
	if a[0], err = v.decodeG2(op, "the key X", x); err != nil {
		return nil, err
	}
	for k := range c.A {
		if a[k+1], err = v.decodeG2(op, fmt.Sprintf("A_%d", k+1), c.A[k]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// A cache holds what was decoded lately: between limit and twice limit points,
// those that were asked for last. With a limit of 0 it holds nothing. Nobody
// gains by filling it but time of ours: what is not in it is decoded.
type cache[K comparable, V any] struct {
	limit int // set once

	mu         sync.Mutex // guards the rest
	young, old map[K]V
}

func (c *cache[K, V]) get(k K) (V, bool) {
	if c.limit == 0 {
		var none V
		return none, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[k]
	if !ok {
		if v, ok = c.old[k]; ok {
			c.keep(k, v)
		}
	}
	return v, ok
}

func (c *cache[K, V]) put(k K, v V) {
	if c.limit == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(k, v)
}

// keep makes k one of the young; when they are too many, all of them are old
// and the old are forgotten. The caller holds mu.
func (c *cache[K, V]) keep(k K, v V) {
	if c.young == nil || len(c.young) >= c.limit {
		c.young, c.old = make(map[K]V, c.limit/8), c.young
	}
	c.young[k] = v
}
