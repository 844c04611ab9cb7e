package bls

import (
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

// MakePromise computes the promise of x's signature of m for the jurors whose
// keys Y are ys, seat 1 first, and erases o: a second promise on the same
// commitment would give p(j)·(H(m) − H(m')) away. A spent opening fails with
// sxp.Conflict, an invalid key with sxp.Invalid; then o is untouched.
func MakePromise(x *Secret, o *Opening, m sxp.Hash, ys []G1) (Promise, error) {
	const op = "bls.MakePromise"
	if o == nil || o.scalars == nil {
		return nil, errSpent(op)
	}
	secret := o.scalars()
	if n, t := len(ys), 1+len(secret.a); n < t || n > MaxSeats {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a jury with threshold %d has %d to %d seats, not %d", t, t, MaxSeats, n)
	}
	keys := make([]circl.G1, len(ys))
	for j := range ys {
		var err error
		if keys[j], err = secretG1(op, fmt.Sprintf("the key Y of seat %d", j+1), ys[j]); err != nil {
			return nil, err
		}
	}
	var h, s, b circl.G1
	var v ff.Scalar
	h.Hash(m[:], []byte(TagSession))
	timesH := multiplier(&h, len(ys))
	p := make(Promise, len(ys))
	for j := range ys {
		secret.at(&v, x.use(), j+1)
		timesH(&s, &v)
		b.ScalarMult(&secret.r, &keys[j])
		s.Add(&s, &b)
		p[j] = G1(s.BytesCompressed())
	}
	v, s, b = ff.Scalar{}, circl.G1{}, circl.G1{}
	o.Erase()
	return p, nil
}

// multiplier returns the multiplication of base by count secret scalars. A
// table pays from five on.
func multiplier(base *circl.G1, count int) func(out *circl.G1, k *ff.Scalar) {
	if count < 5 {
		return func(out *circl.G1, k *ff.Scalar) { out.ScalarMult(k, base) }
	}
	return newTable[circl.G1, *circl.G1](base).mult
}

// decodedCheck is a PromiseCheck as points.
type decodedCheck struct {
	a []gnark.G2Affine // A_0..A_{t−1}
	u gnark.G1Affine
	c []gnark.G1Affine
}

// VerifyPromises checks e(C_j, g2) = e(H(m), P_j)·e(U, Z_j) for all seats of
// all checks at once, with len(checks)+2 pairings: the equations are added up
// with 128-bit coefficients that are drawn from rand after everything is
// decoded, so that a wrong one passes with probability 2^-128. rand is
// crypto/rand.Reader outside of tests; it must not be known to whoever made a
// promise. zs are the jurors' keys Z, seat 1 first, whose proofs the caller
// has verified; CheckCommitment is the caller's too. A bad promise gives a
// *BlameError of kind sxp.Invalid that names the first guilty check.
func VerifyPromises(rand io.Reader, m sxp.Hash, zs []G2, checks []PromiseCheck) error {
	const op = "bls.VerifyPromises"
	if len(zs) < 1 || len(zs) > MaxSeats || len(checks) < 1 || len(checks) > MaxChecks {
		return sxp.Errorf(op, sxp.TooLarge, nil, "1 to %d promises for 1 to %d seats are checked at once, not %d for %d", MaxChecks, MaxSeats, len(checks), len(zs))
	}
	z := make([]gnark.G2Affine, len(zs))
	for j := range zs {
		var err error
		if z[j], err = decodeG2(op, fmt.Sprintf("the key Z of seat %d", j+1), zs[j]); err != nil {
			return err
		}
	}
	decoded := make([]decodedCheck, len(checks))
	for i := range checks {
		if err := decoded[i].decode(op, i, len(zs), &checks[i]); err != nil {
			return err
		}
	}
	h := hashToG1(m[:], TagSession)
	ok, err := promisesHold(op, rand, &h, z, decoded)
	if err != nil || ok {
		return err
	}
	for i := range decoded {
		ok, err := promisesHold(op, rand, &h, z, decoded[i:i+1])
		if err != nil {
			return err
		}
		if !ok {
			return &BlameError{Index: i, Err: sxp.Errorf(op, sxp.Invalid, nil, "the promise does not fit its commitment and the jury's keys")}
		}
	}
	return sxp.Errorf(op, sxp.Internal, nil, "promises fail together but not one by one")
}

func (d *decodedCheck) decode(op string, i, n int, check *PromiseCheck) error {
	var err error
	if len(check.Promise) != n {
		return &BlameError{Index: i, Err: sxp.Errorf(op, sxp.Invalid, nil, "the promise has %d points for %d seats", len(check.Promise), n)}
	}
	if d.a, err = decodePolynomial(op, check.X, check.Commitment); err != nil {
		return &BlameError{Index: i, Err: err}
	}
	if d.u, err = decodeG1(op, "U", check.Commitment.U); err != nil {
		return &BlameError{Index: i, Err: err}
	}
	d.c = make([]gnark.G1Affine, n)
	for j := range d.c {
		if d.c[j], err = decodeG1(op, fmt.Sprintf("C_%d", j+1), check.Promise[j]); err != nil {
			return &BlameError{Index: i, Seat: j + 1, Err: err}
		}
	}
	return nil
}

// promisesHold checks, with ρ_ij random,
//
//	e(Σ_ij ρ_ij·C_ij, −g2) · e(H, Σ_ik (Σ_j ρ_ij·j^k)·A_ik) · Π_i e(U_i, Σ_j ρ_ij·Z_j) = 1.
func promisesHold(op string, rand io.Reader, h *gnark.G1Affine, z []gnark.G2Affine, checks []decodedCheck) (bool, error) {
	var cs []gnark.G1Affine
	var as []gnark.G2Affine
	var rho, weights []fr.Element
	left := make([]gnark.G1Affine, 2, 2+len(checks))
	right := make([]gnark.G2Affine, 2, 2+len(checks))
	for i := range checks {
		row, err := randomCoefficients(op, rand, len(z))
		if err != nil {
			return false, err
		}
		rho = append(rho, row...)
		weights = append(weights, seatWeights(row, len(checks[i].a))...)
		cs = append(cs, checks[i].c...)
		as = append(as, checks[i].a...)
		left = append(left, checks[i].u)
		right = append(right, sumG2(z, row))
	}
	left[0], left[1] = sumG1(cs, rho), *h
	_, g2 := generators()
	right[0].Neg(&g2)
	right[1] = sumG2(as, weights)
	return pairingIsOne(left, right), nil
}

// randomCoefficients draws n 128-bit numbers.
func randomCoefficients(op string, rand io.Reader, n int) ([]fr.Element, error) {
	b := make([]byte, 16*n)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "no randomness: %w", err)
	}
	out := make([]fr.Element, n)
	for i := range out {
		out[i].SetBytes(b[16*i : 16*i+16])
	}
	return out, nil
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
