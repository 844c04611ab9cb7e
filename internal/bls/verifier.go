package bls

import (
	"io"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// A Verifier checks points as the functions of the same names do, and
// remembers the keys and commitments that it has decoded: a juror's key comes
// with every session, a party's commitment with its acceptance, its promise and
// its shares. What it remembers is public and bounded, some 2 MB at most, and
// changes no verdict. It is safe for concurrent use.
type Verifier struct {
	rand io.Reader
	g2   cache[G2, gnark.G2Affine]
}

// NewVerifier returns a Verifier that draws the coefficients of batch checks
// from rand: crypto/rand.Reader outside of tests. It must be safe for
// concurrent use, and not known to whoever made what is checked.
func NewVerifier(rand io.Reader) *Verifier {
	return &Verifier{rand: rand, g2: cache[G2, gnark.G2Affine]{limit: maxDecoded}}
}

// forgetful returns a Verifier for one call.
func forgetful(rand io.Reader) *Verifier { return &Verifier{rand: rand} }

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
	var points steps
	a := points.polynomial(v, op, x, c, blameNobody)
	if err := points.run(); err != nil {
		return nil, err
	}
	return a, nil
}
