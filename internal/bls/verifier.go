package bls

import (
	"io"
	"sync"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// A Verifier checks points as the functions of the same names do, and
// remembers the keys and commitments that it has decoded: a juror's key comes
// with every session, a party's commitment with its acceptance, its promise and
// its shares. What it remembers is public and bounded, some 2 MB at most, and
// changes no verdict. It is safe for concurrent use.
type Verifier struct {
	rand io.Reader
	g2   cache
}

// NewVerifier returns a Verifier that draws the coefficients of batch checks
// from rand: crypto/rand.Reader outside of tests. It must be safe for
// concurrent use, and not known to whoever made what is checked.
func NewVerifier(rand io.Reader) *Verifier {
	return &Verifier{rand: rand, g2: cache{limit: maxDecoded}}
}

// forgetful returns a Verifier for one call.
func forgetful(rand io.Reader) *Verifier { return &Verifier{rand: rand} }

// decodeG2 is decodeG2 with a memory.
func (v *Verifier) decodeG2(op, what string, p G2) (gnark.G2Affine, error) {
	if a, ok := v.g2.get(p); ok {
		return a, nil
	}
	a, err := decodeG2(op, what, p)
	if err == nil && v.g2.limit > 0 {
		v.g2.put(p, a)
	}
	return a, err
}

// decodePolynomial returns A_0..A_{t−1}.
func (v *Verifier) decodePolynomial(op string, x G2, c Commitment) ([]gnark.G2Affine, error) {
	var points steps
	a := points.polynomial(v, op, x, c, blameNobody)
	if err := points.run(); err != nil {
		return nil, err
	}
	return a, nil
}

// A cache holds what was decoded lately: between limit and twice limit points,
// those that were asked for last. With a limit of 0 it holds nothing. Nobody
// gains by filling it but time of ours: what is not in it is decoded.
type cache struct {
	limit int // set once

	mu         sync.Mutex // guards the rest
	young, old map[G2]gnark.G2Affine
}

func (c *cache) get(p G2) (gnark.G2Affine, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.young[p]
	if !ok {
		if a, ok = c.old[p]; ok {
			c.keep(p, a)
		}
	}
	return a, ok
}

func (c *cache) put(p G2, a gnark.G2Affine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(p, a)
}

// keep makes p one of the young; when they are too many, all of them are old
// and the old are forgotten. The caller holds mu.
func (c *cache) keep(p G2, a gnark.G2Affine) {
	if c.young == nil || len(c.young) >= c.limit {
		c.young, c.old = make(map[G2]gnark.G2Affine, c.limit/8), c.young
	}
	c.young[p] = a
}
