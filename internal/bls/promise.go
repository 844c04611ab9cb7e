package bls

import (
	"encoding/binary"
	"fmt"
	"io"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
)

// A Promise is C_1..C_n, C_j = p(j)·H(m) + r·Y_j: a signature of m that any t
// of the n jurors can complete, and anyone can check without them.
type Promise []G1

// A PromiseCheck is one party's promise with what it is checked against.
type PromiseCheck struct {
	X          G2
	Commitment Commitment
	Promise    Promise
}

// A BlameError names who is guilty of a failed check of several.
type BlameError struct {
	Index int   // position in the slice that was checked
	Seat  int   // the seat whose point is wrong, 1..n; 0 where it is not one seat's
	Err   error // what is wrong, an *sxp.Error
}

// Error returns the cause with the position.
func (e *BlameError) Error() string {
	if e.Seat != 0 {
		return fmt.Sprintf("party %d, seat %d: %v", e.Index, e.Seat, e.Err)
	}
	return fmt.Sprintf("party %d: %v", e.Index, e.Err)
}

// Unwrap returns the cause.
func (e *BlameError) Unwrap() error { return e.Err }

// blameParty returns what blames party i, blameSeat its point for one seat.
func blameParty(i int) func(error) error { return blameSeat(i, 0) }

func blameSeat(i, seat int) func(error) error {
	return func(err error) error { return &BlameError{Index: i, Seat: seat, Err: err} }
}

// A Promiser makes promises, and remembers the keys Y of jurors that it has
// decoded: those of one market return in every session. What it remembers is
// public and bounded, some 300 kB at most. It is safe for concurrent use, and
// its zero value remembers nothing.
type Promiser struct{ ys cache[G1, gnark.G1Affine] }

// NewPromiser returns a Promiser with a memory.
func NewPromiser() *Promiser {
	return &Promiser{ys: cache[G1, gnark.G1Affine]{limit: maxKnownJurors}}
}

// MakePromise is that of a Promiser without a memory.
func MakePromise(x *Secret, o *Opening, m sxp.Hash, ys []G1) (Promise, error) {
	return new(Promiser).MakePromise(x, o, m, ys)
}

// decodeG1 is decodeG1 with a memory.
func (k *Promiser) decodeG1(op, what string, p G1) (gnark.G1Affine, error) {
	if a, ok := k.ys.get(p); ok {
		return a, nil
	}
	a, err := decodeG1(op, what, p)
	if err == nil {
		k.ys.put(p, a)
	}
	return a, err
}

// MakePromise computes the promise of x's signature of m for the jurors whose
// keys Y are ys, seat 1 first, and erases o: a second promise on the same
// commitment would give p(j)·(H(m) − H(m')) away. A spent opening fails with
// sxp.Conflict, an invalid key with sxp.Invalid; then o is untouched.
func (k *Promiser) MakePromise(x *Secret, o *Opening, m sxp.Hash, ys []G1) (Promise, error) {
	const op = "bls.MakePromise"
	if o == nil || o.scalars == nil {
		return nil, errSpent(op)
	}
	secret := o.scalars()
	if n, t := len(ys), 1+len(secret.a); n < t || n > MaxSeats {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a jury with threshold %d has %d to %d seats, not %d", t, t, MaxSeats, n)
	}
	keys := make([]gnark.G1Affine, len(ys))
	var public steps
	for j := range ys {
		public.add(func() (err error) {
			keys[j], err = k.decodeG1(op, fmt.Sprintf("the key Y of seat %d", j+1), ys[j])
			return err
		})
	}
	if err := public.run(); err != nil {
		return nil, err
	}
	h := hashToG1(m[:], TagSession)
	hc := toCircl(&h)
	timesH := multiplier(&hc, len(ys))
	var r halved
	r.halve(&secret.r)
	var value ff.Scalar
	var mask circl.G1
	points := make([]circl.G1, len(ys))
	for j := range keys {
		secret.at(&value, x.use(), j+1)
		timesH(&points[j], &value)
		y := toCircl(&keys[j])
		r.times(&mask, &y)
		points[j].Add(&points[j], &mask)
	}
	r.erase()
	value, mask = ff.Scalar{}, circl.G1{}
	out, ok := fromCircl(points)
	if !ok {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "a point of the promise is the identity: commit again")
	}
	p := make(Promise, len(ys))
	for j := range out {
		p[j] = G1(out[j].Bytes())
	}
	o.Erase()
	return p, nil
}

// decodedCheck is a PromiseCheck as points.
type decodedCheck struct {
	a []gnark.G2Affine // A_0..A_{t−1}
	u gnark.G1Affine
	c []gnark.G1Affine
}

// VerifyPromises checks e(C_j, g2) = e(H(m), P_j)·e(U, Z_j) for all seats of
// all checks at once, with three pairings: the equations are added up with
// 128-bit coefficients that are drawn from rand after everything is decoded, so
// that a wrong one passes with a probability of at most 2^-127. rand is
// crypto/rand.Reader outside of tests; it must not be known to whoever made a
// promise. zs are the jurors' keys Z, seat 1 first, whose proofs the caller
// has verified; CheckCommitment is the caller's too. A bad promise gives a
// *BlameError of kind sxp.Invalid that names the first guilty check.
func VerifyPromises(rand io.Reader, m sxp.Hash, zs []G2, checks []PromiseCheck) error {
	return forgetful(rand).VerifyPromises(m, zs, checks)
}

// VerifyPromises is the function VerifyPromises with a memory.
func (v *Verifier) VerifyPromises(m sxp.Hash, zs []G2, checks []PromiseCheck) error {
	const op = "bls.VerifyPromises"
	if len(zs) < 1 || len(zs) > MaxSeats || len(checks) < 1 || len(checks) > MaxChecks {
		return sxp.Errorf(op, sxp.TooLarge, nil, "1 to %d promises for 1 to %d seats are checked at once, not %d for %d", MaxChecks, MaxSeats, len(checks), len(zs))
	}
	var points steps
	z := make([]gnark.G2Affine, len(zs))
	for j := range zs {
		points.decodeG2(&z[j], v, op, fmt.Sprintf("the key Z of seat %d", j+1), zs[j], blameNobody)
	}
	decoded := make([]decodedCheck, len(checks))
	for i := range checks {
		decoded[i].decode(&points, v, op, i, len(zs), &checks[i])
	}
	h := points.hash(m)
	if err := points.run(); err != nil {
		return err
	}
	ok, err := promisesHold(op, v.rand, h, z, decoded)
	if err != nil || ok {
		return err
	}
	for i := range decoded {
		ok, err := promisesHold(op, v.rand, h, z, decoded[i:i+1])
		if err != nil {
			return err
		}
		if !ok {
			return &BlameError{Index: i, Err: sxp.Errorf(op, sxp.Invalid, nil, "the promise does not fit its commitment and the jury's keys")}
		}
	}
	return sxp.Errorf(op, sxp.Internal, nil, "promises fail together but not one by one")
}

// decode adds the decoding of check, that of party i, to s.
func (d *decodedCheck) decode(s *steps, v *Verifier, op string, i, n int, check *PromiseCheck) {
	blame := blameParty(i)
	if len(check.Promise) != n {
		s.fail(blame(sxp.Errorf(op, sxp.Invalid, nil, "the promise has %d points for %d seats", len(check.Promise), n)))
		return
	}
	d.a = s.polynomial(v, op, check.X, check.Commitment, blame)
	s.decodeG1(&d.u, op, "U", check.Commitment.U, blame)
	d.c = make([]gnark.G1Affine, n)
	for j := range d.c {
		s.decodeG1(&d.c[j], op, fmt.Sprintf("C_%d", j+1), check.Promise[j], blameSeat(i, j+1))
	}
}

// promisesHold checks, with ρ_j and μ_i random,
//
//	e(Σ_i μ_i·Σ_j ρ_j·C_ij, −g2) · e(H, Σ_ik μ_i·(Σ_j ρ_j·j^k)·A_ik) · e(Σ_i μ_i·U_i, Σ_j ρ_j·Z_j) = 1.
//
// Let d_ij be the discrete logarithm of what equation (i, j) is off by. If one
// is not 0, then Σ_j ρ_j·d_ij = 0 for that i with probability 2^-128 at most;
// if it is not, Σ_i μ_i·(Σ_j ρ_j·d_ij) = 0 with probability 2^-128 at most:
// either the i can be chosen to have a random μ, or there is but one such i.
func promisesHold(op string, rand io.Reader, h *gnark.G1Affine, z []gnark.G2Affine, checks []decodedCheck) (bool, error) {
	rho, err := randomCoefficients(op, rand, len(z))
	if err != nil {
		return false, err
	}
	mu, err := randomCoefficients(op, rand, len(checks))
	if err != nil {
		return false, err
	}
	mu[0].SetOne()
	columns := make([]gnark.G1Affine, len(checks)) // Σ_j ρ_j·C_ij
	us := make([]gnark.G1Affine, len(checks))
	p := newPolynomials(rho, len(checks))
	for i := range checks {
		us[i] = checks[i].u
		p.add(checks[i].a, &mu[i])
	}
	var sums steps
	polynomial, masks := sums.sumG2(p.points, p.scalars), sums.sumG2(z, rho)
	for i := range checks {
		sums.add(func() error {
			columns[i] = sumG1(checks[i].c, rho)
			return nil
		})
	}
	u := sums.sumG1(us, mu)
	if err := sums.sum(len(p.points)); err != nil {
		return false, err
	}
	_, g2 := generators()
	g2.Neg(&g2)
	return pairingIsOne(
		[]gnark.G1Affine{sumG1(columns, mu), *h, u()},
		[]gnark.G2Affine{g2, polynomial(), masks()},
	), nil
}

// randomCoefficients draws n of 2^128 different scalars each.
func randomCoefficients(op string, rand io.Reader, n int) ([]fr.Element, error) {
	b := make([]byte, 16*n)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "no randomness: %w", err)
	}
	out := make([]fr.Element, n)
	for i := range out {
		out[i] = coefficient(binary.BigEndian.Uint64(b[16*i:]), binary.BigEndian.Uint64(b[16*i+8:]))
	}
	return out, nil
}

// polynomials are the terms of a sum over several parties of μ·Σ_j ρ_j·P_j,
// where P_j = Σ_k j^k·A_k.
type polynomials struct {
	rho     []fr.Element // by seat, 1 first
	weights []fr.Element // Σ_j ρ_j·j^k for as many k as were needed
	points  []gnark.G2Affine
	scalars []fr.Element
}

func newPolynomials(rho []fr.Element, parties int) *polynomials {
	size := parties * (len(rho) + 1)
	return &polynomials{rho: rho, points: make([]gnark.G2Affine, 0, size), scalars: make([]fr.Element, 0, size)}
}

// add adds one party's A_0..A_{t−1} with its μ.
func (p *polynomials) add(a []gnark.G2Affine, mu *fr.Element) {
	if len(p.weights) < len(a) {
		p.weights = seatWeights(p.rho, len(a))
	}
	for k := range a {
		var s fr.Element
		p.scalars = append(p.scalars, *s.Mul(mu, &p.weights[k]))
	}
	p.points = append(p.points, a...)
}

// seatWeights returns Σ_j ρ_j·j^k for k = 0..t−1, where rho[0] belongs to seat 1.
func seatWeights(rho []fr.Element, t int) []fr.Element {
	out := make([]fr.Element, t)
	for i, power := range rho {
		var seat fr.Element
		seat.SetUint64(uint64(i + 1))
		for k := range out {
			out[k].Add(&out[k], &power)
			power.Mul(&power, &seat)
		}
	}
	return out
}
