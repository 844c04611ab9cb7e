package bls

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// A Commitment is K, what a party publishes before the contract's m exists:
// the polynomial p of degree t−1 with p(0) = x, and r, both in the exponent.
// It serves one session for ever.
type Commitment struct {
	A []G2 `json:"a"` // A_k = a_k·g2 for k = 1..t−1; A_0 is the party's key X
	U G1   `json:"u"` // r·g1
}

// An Opening is the secret part of a commitment, p and r. It makes one
// promise; see [MakePromise]. It prints as "bls.Opening(hidden)" under every
// verb and is not comparable. It stays on one device, in no backup, and is
// derived from nothing. It is not safe for concurrent use.
type Opening struct {
	scalars func() *openingScalars // a function, as in Secret; nil once erased
}

// openingScalars is p without p(0), and r.
type openingScalars struct {
	a []ff.Scalar // a_1..a_{t−1}
	r ff.Scalar
}

// Format writes "bls.Opening(hidden)" whatever the verb.
func (o Opening) Format(f fmt.State, _ rune) { io.WriteString(f, "bls.Opening(hidden)") }

// Erase overwrites p and r; the opening can promise nothing any more.
func (o *Opening) Erase() {
	if o.scalars != nil {
		o.scalars().erase()
		o.scalars = nil
	}
}

func (s *openingScalars) erase() {
	clear(s.a)
	s.r = ff.Scalar{}
}

// newOpening returns the holder of s.
func newOpening(s *openingScalars) *Opening {
	return &Opening{scalars: func() *openingScalars { return s }}
}

// openingVersion starts every encoded Opening.
const openingVersion = 1

// Marshal returns the bytes for one durable record under a key of its own,
// which is destroyed with it: version (1), t (2 bytes, big-endian), r, a_1,
// …, a_{t−1} (32 bytes each). The caller clears them. An erased opening fails
// with sxp.Conflict.
func (o *Opening) Marshal() ([]byte, error) {
	if o == nil || o.scalars == nil {
		return nil, errSpent("bls.Opening.Marshal")
	}
	s := o.scalars()
	out := make([]byte, 3, 3+SecretSize*(1+len(s.a)))
	out[0] = openingVersion
	binary.BigEndian.PutUint16(out[1:], uint16(1+len(s.a)))
	for i := -1; i < len(s.a); i++ {
		k := &s.r
		if i >= 0 {
			k = &s.a[i]
		}
		b := scalarBytes(k)
		out = append(out, b...)
		clear(b)
	}
	return out, nil
}

// ParseOpening reads what Marshal wrote; anything else fails with sxp.Invalid.
// It neither keeps nor changes b.
func ParseOpening(b []byte) (*Opening, error) {
	const op = "bls.ParseOpening"
	if len(b) < 3 || b[0] != openingVersion {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "an opening starts with version %d", openingVersion)
	}
	t := int(binary.BigEndian.Uint16(b[1:]))
	if t < 1 || t > MaxSeats || len(b) != 3+SecretSize*t {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "an opening of threshold %d cannot have %d bytes", t, len(b))
	}
	s := &openingScalars{a: make([]ff.Scalar, t-1)}
	for i := -1; i < t-1; i++ {
		k := &s.r
		if i >= 0 {
			k = &s.a[i]
		}
		at := 3 + SecretSize*(i+1)
		if err := setScalar(op, k, b[at:at+SecretSize]); err != nil {
			s.erase()
			return nil, err
		}
	}
	return newOpening(s), nil
}

func errSpent(op string) error {
	return sxp.Errorf(op, sxp.Conflict, nil, "the opening is spent or erased: a commitment serves one session")
}

// at sets v to p(j), with p(0) = x.
func (s *openingScalars) at(v, x *ff.Scalar, j int) {
	var seat ff.Scalar
	seat.SetUint64(uint64(j))
	*v = ff.Scalar{}
	for k := len(s.a) - 1; k >= 0; k-- {
		v.Add(v, &s.a[k])
		v.Mul(v, &seat)
	}
	v.Add(v, x)
}

// Commit draws p and r from rand for a threshold of t, 1 to MaxSeats, and
// returns the commitment and its opening. No seat up to MaxSeats gets
// p(j) = 0. It fails with sxp.Invalid for another t, sxp.Internal without
// randomness.
func Commit(rand io.Reader, x *Secret, t int) (Commitment, *Opening, error) {
	const op = "bls.Commit"
	if t < 1 || t > MaxSeats {
		return Commitment{}, nil, sxp.Errorf(op, sxp.Invalid, nil, "a threshold is 1 to %d, not %d", MaxSeats, t)
	}
	s := &openingScalars{a: make([]ff.Scalar, t-1)}
	for {
		if err := randomScalar(op, rand, &s.r); err != nil {
			s.erase()
			return Commitment{}, nil, err
		}
		for k := range s.a {
			if err := randomScalar(op, rand, &s.a[k]); err != nil {
				s.erase()
				return Commitment{}, nil, err
			}
		}
		if s.everySeatCounts(x.use()) {
			return s.commitment(), newOpening(s), nil
		}
	}
}

// everySeatCounts reports whether p(j) is not zero for every possible seat.
func (s *openingScalars) everySeatCounts(x *ff.Scalar) bool {
	var v ff.Scalar
	zeros := 0
	for j := 1; j <= MaxSeats; j++ {
		s.at(&v, x, j)
		zeros |= v.IsZero()
	}
	v = ff.Scalar{}
	return zeros == 0
}

// commitment returns the public side.
func (s *openingScalars) commitment() Commitment {
	var u circl.G1
	multiply(&u, circl.G1Generator(), &s.r)
	c := Commitment{A: make([]G2, len(s.a)), U: G1(u.BytesCompressed())}
	var a circl.G2
	for k := range s.a {
		g2Comb().times(&a, &s.a[k])
		c.A[k] = G2(a.BytesCompressed())
	}
	return c
}

// CheckCommitment fails with sxp.Invalid unless c is a commitment of the owner
// of x for n seats and threshold t: exactly t−1 points A, and P_j is not the
// identity for any seat. It does not know whether the commitment was used
// before; package contract does.
func CheckCommitment(x G2, c Commitment, n, t int) error {
	return forgetful(nil).CheckCommitment(x, c, n, t)
}

// CheckCommitment is the function CheckCommitment with a memory.
func (v *Verifier) CheckCommitment(x G2, c Commitment, n, t int) error {
	const op = "bls.CheckCommitment"
	if n < 1 || n > MaxSeats || t < 1 || t > n {
		return sxp.Errorf(op, sxp.Invalid, nil, "no jury has %d seats with a threshold of %d: seats are 1 to %d, thresholds 1 to the seats", n, t, MaxSeats)
	}
	if len(c.A) != t-1 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a commitment for threshold %d has %d points A, not %d", t, t-1, len(c.A))
	}
	a, err := v.decodePolynomial(op, x, c)
	if err != nil {
		return err
	}
	if _, err := decodeG1(op, "U", c.U); err != nil {
		return err
	}
	for j, p := range seatKeys(a, n) {
		if p.IsInfinity() {
			return sxp.Errorf(op, sxp.Invalid, nil, "P_%d is the identity: the share of seat %d would be worthless", j+1, j+1)
		}
	}
	return nil
}

// differences returns the forward differences of P at 0, Δ^0..Δ^(t−1): the
// coefficients of P in the basis of the binomials C(X, i). Horner's rule
// multiplies by X there as X·C(X, i) = i·C(X, i) + (i+1)·C(X, i+1).
func differences(a []gnark.G2Affine) []gnark.G2Jac {
	d := make([]gnark.G2Jac, len(a))
	top := len(a) - 1
	d[0].FromAffine(&a[top])
	for k := top - 1; k >= 0; k-- {
		for i := top - k; i > 0; i-- {
			d[i].AddAssign(&d[i-1])
			d[i] = timesSmall(&d[i], i)
		}
		d[0].FromAffine(&a[k])
	}
	return d
}

// seatKey returns P_j by Horner's rule: j is small, so multiplying by it is
// cheaper than by its powers.
func seatKey(a []gnark.G2Affine, j int) gnark.G2Jac {
	var p gnark.G2Jac
	for k := len(a) - 1; k >= 0; k-- {
		p = timesSmall(&p, j)
		p.AddMixed(&a[k])
	}
	return p
}

// timesSmall returns j·p for j >= 0 by doubling and adding or subtracting: the
// digits of j are those of 3j less those of j, shifted.
func timesSmall(p *gnark.G2Jac, j int) gnark.G2Jac {
	if j == 0 {
		return gnark.G2Jac{}
	}
	out, minus := *p, *p
	minus.Neg(p)
	for bit := bits.Len(uint(3*j)) - 2; bit > 0; bit-- {
		out.DoubleAssign()
		switch {
		case 3*j>>bit&1 == 1 && j>>bit&1 == 0:
			out.AddAssign(p)
		case 3*j>>bit&1 == 0 && j>>bit&1 == 1:
			out.AddAssign(&minus)
		}
	}
	return out
}
