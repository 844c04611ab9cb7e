package bls

import (
	"fmt"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
)

// steps are pieces of one computation on public data that need nothing of one
// another: decoding a point, a sum. run and fork may run them on several cores;
// what these return and what the steps leave does not depend on how many.
// Secrets stay on the goroutine of the caller.
type steps []func() error

func (s *steps) add(step func() error) { *s = append(*s, step) }

// fail adds a step that fails.
func (s *steps) fail(err error) { s.add(func() error { return err }) }

// minSteps is from how many points on it is worth to wake another core.
const minSteps = 12

// run runs the decoding of points, of a few on one core: the error is that of
// the first step that fails.
func (s steps) run() error {
	if len(s) < minSteps {
		return s.inOrder()
	}
	return s.fork()
}

// sum runs sums of so many points as run runs decoding.
func (s steps) sum(points int) error {
	if points < minSteps {
		return s.inOrder()
	}
	return s.fork()
}

func (s steps) inOrder() error {
	for _, step := range s {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// decodeG1 adds the decoding of p to out; blame makes the error.
func (s *steps) decodeG1(out *gnark.G1Affine, op, what string, p G1, blame func(error) error) {
	s.add(func() (err error) {
		if *out, err = decodeG1(op, what, p); err != nil {
			return blame(err)
		}
		return nil
	})
}

// decodeG2 adds the decoding of p to out; blame makes the error.
func (s *steps) decodeG2(out *gnark.G2Affine, v *Verifier, op, what string, p G2, blame func(error) error) {
	s.add(func() (err error) {
		if *out, err = v.decodeG2(op, what, p); err != nil {
			return blame(err)
		}
		return nil
	})
}

// polynomial adds the decoding of A_0..A_{t−1}, which it returns.
func (s *steps) polynomial(v *Verifier, op string, x G2, c Commitment, blame func(error) error) []gnark.G2Affine {
	if len(c.A) >= MaxSeats {
		s.fail(blame(sxp.Errorf(op, sxp.TooLarge, nil, "a commitment has at most %d points A, not %d", MaxSeats-1, len(c.A))))
		return nil
	}
	a := make([]gnark.G2Affine, 1+len(c.A))
	s.decodeG2(&a[0], v, op, "the key X", x, blame)
	for k := range c.A {
		s.decodeG2(&a[k+1], v, op, fmt.Sprintf("A_%d", k+1), c.A[k], blame)
	}
	return a
}

// hash adds H(m) under the session tag.
func (s *steps) hash(m sxp.Hash) *gnark.G1Affine {
	h := new(gnark.G1Affine)
	s.add(func() error {
		*h = hashToG1(m[:], TagSession)
		return nil
	})
	return h
}

// blameNobody leaves an error as it is.
func blameNobody(err error) error { return err }

// minPart is how many points of a sum one core must have so that it is worth
// its own doublings.
const minPart = 16

// sumG2 adds the sum Σ k_i·p_i, in as many parts as there are cores; what it
// returns puts them together when the steps have run.
func (s *steps) sumG2(p []gnark.G2Affine, k []fr.Element) func() gnark.G2Affine {
	parts := make([]gnark.G2Affine, max(1, min(cores(), len(p)/minPart)))
	for i := range parts {
		from, to := i*len(p)/len(parts), (i+1)*len(p)/len(parts)
		s.add(func() error {
			parts[i] = sumG2(p[from:to], k[from:to])
			return nil
		})
	}
	return func() gnark.G2Affine {
		for i := range parts[1:] {
			parts[0].Add(&parts[0], &parts[i+1])
		}
		return parts[0]
	}
}

// sumG1 is sumG2 for points of G1.
func (s *steps) sumG1(p []gnark.G1Affine, k []fr.Element) func() gnark.G1Affine {
	parts := make([]gnark.G1Affine, max(1, min(cores(), len(p)/minPart)))
	for i := range parts {
		from, to := i*len(p)/len(parts), (i+1)*len(p)/len(parts)
		s.add(func() error {
			parts[i] = sumG1(p[from:to], k[from:to])
			return nil
		})
	}
	return func() gnark.G1Affine {
		for i := range parts[1:] {
			parts[0].Add(&parts[0], &parts[i+1])
		}
		return parts[0]
	}
}
