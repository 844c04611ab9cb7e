package bls

import (
	"fmt"
	"io"
	"maps"
	"slices"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
)

// OpenShare returns S_j = C_j − y_j·U = p(j)·H(m), the juror's share of a
// signature, for the point C_j of its seat and U of the commitment. The caller
// has verified the promise. It fails with sxp.Invalid for points that are not,
// and where the share would be the identity.
func (s *Secret) OpenShare(c, u G1) (G1, error) {
	const op = "bls.OpenShare"
	cp, err := decodeG1(op, "C", c)
	if err != nil {
		return G1{}, err
	}
	up, err := decodeG1(op, "U", u)
	if err != nil {
		return G1{}, err
	}
	var share circl.G1
	base := toCircl(&up)
	multiply(&share, &base, s.use())
	share.Neg()
	base = toCircl(&cp)
	share.Add(&base, &share)
	if share.IsIdentity() {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "the share is the identity: the promise is worthless for this seat")
	}
	return G1(share.BytesCompressed()), nil
}

// A SharesCheck is what jurors opened of one party's signature.
type SharesCheck struct {
	X          G2
	Commitment Commitment
	Shares     map[int]G1 // by seat, 1..n
}

// VerifyShare checks e(S_j, g2) = e(H(m), P_j) for one seat; it fails with
// sxp.Invalid.
func VerifyShare(m sxp.Hash, x G2, c Commitment, seat int, share G1) error {
	const op = "bls.VerifyShare"
	if err := checkSeat(op, seat); err != nil {
		return err
	}
	a, err := forgetful(nil).decodePolynomial(op, x, c)
	if err != nil {
		return err
	}
	s, err := decodeG1(op, "the share", share)
	if err != nil {
		return err
	}
	return shareHolds(op, hashToG1(m[:], TagSession), a, seat, s)
}

func shareHolds(op string, h gnark.G1Affine, a []gnark.G2Affine, seat int, s gnark.G1Affine) error {
	jac := seatKey(a, seat)
	var p, g2 gnark.G2Affine
	p.FromJacobian(&jac)
	_, g2 = generators()
	g2.Neg(&g2)
	if !pairingIsOne([]gnark.G1Affine{s, h}, []gnark.G2Affine{g2, p}) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the share of seat %d is not that seat's share of the signature", seat)
	}
	return nil
}

func checkSeat(op string, seat int) error {
	if seat < 1 || seat > MaxSeats {
		return sxp.Errorf(op, sxp.Invalid, nil, "seats are 1 to %d, not %d", MaxSeats, seat)
	}
	return nil
}

// VerifyShares checks all shares of all checks at once with two pairings and
// coefficients from rand, as [VerifyPromises] does. A bad share gives a
// *BlameError of kind sxp.Invalid that names the first check with one and its
// lowest guilty seat.
func VerifyShares(rand io.Reader, m sxp.Hash, checks []SharesCheck) error {
	return forgetful(rand).VerifyShares(m, checks)
}

// VerifyShares is the function VerifyShares with a memory.
func (v *Verifier) VerifyShares(m sxp.Hash, checks []SharesCheck) error {
	const op = "bls.VerifyShares"
	if len(checks) < 1 || len(checks) > MaxChecks {
		return sxp.Errorf(op, sxp.TooLarge, nil, "shares of 1 to %d signatures are checked at once, not %d", MaxChecks, len(checks))
	}
	var points steps
	decoded := make([]decodedShares, len(checks))
	for i := range checks {
		decoded[i].decode(&points, v, op, i, &checks[i])
	}
	h := points.hash(m)
	if err := points.run(); err != nil {
		return err
	}
	ok, err := sharesHold(op, v.rand, *h, decoded)
	if err != nil || ok {
		return err
	}
	for i := range decoded {
		for k, seat := range decoded[i].seats {
			if err := shareHolds(op, *h, decoded[i].a, seat, decoded[i].s[k]); err != nil {
				return &BlameError{Index: i, Seat: seat, Err: err}
			}
		}
	}
	return sxp.Errorf(op, sxp.Internal, nil, "shares fail together but not one by one")
}

// decodedShares is a SharesCheck as points, seats ascending.
type decodedShares struct {
	a     []gnark.G2Affine
	seats []int
	s     []gnark.G1Affine
}

// decode adds the decoding of check, that of party i, to s.
func (d *decodedShares) decode(s *steps, v *Verifier, op string, i int, check *SharesCheck) {
	blame := blameParty(i)
	if len(check.Shares) < 1 || len(check.Shares) > MaxSeats {
		s.fail(blame(sxp.Errorf(op, sxp.TooLarge, nil, "1 to %d shares are checked at once, not %d", MaxSeats, len(check.Shares))))
		return
	}
	d.a = s.polynomial(v, op, check.X, check.Commitment, blame)
	d.seats = slices.Sorted(maps.Keys(check.Shares))
	d.s = make([]gnark.G1Affine, len(d.seats))
	for k, seat := range d.seats {
		if err := checkSeat(op, seat); err != nil {
			s.fail(blameSeat(i, seat)(err))
			return
		}
		s.decodeG1(&d.s[k], op, fmt.Sprintf("the share of seat %d", seat), check.Shares[seat], blameSeat(i, seat))
	}
}

// fewShares is up to how many shares of one signature P_j is computed seat by
// seat: that takes small multiples of t points for each seat, where the sum of
// many takes large multiples of t points once.
const fewShares = 2

// sharesHold checks e(Σ_ij ρ_ij·S_ij, −g2)·e(H, Σ_ij ρ_ij·P_ij) = 1, where P_ij
// is Σ_k j^k·A_ik.
func sharesHold(op string, rand io.Reader, h gnark.G1Affine, checks []decodedShares) (bool, error) {
	var ss []gnark.G1Affine
	var points []gnark.G2Affine
	var rho, scalars []fr.Element
	for i := range checks {
		d := &checks[i]
		row, err := randomCoefficients(op, rand, len(d.seats))
		if err != nil {
			return false, err
		}
		rho = append(rho, row...)
		ss = append(ss, d.s...)
		if len(d.seats) <= fewShares {
			for _, seat := range d.seats {
				jac := seatKey(d.a, seat)
				var p gnark.G2Affine
				points = append(points, *p.FromJacobian(&jac))
			}
			scalars = append(scalars, row...)
			continue
		}
		bySeat := make([]fr.Element, d.seats[len(d.seats)-1])
		for k, seat := range d.seats {
			bySeat[seat-1] = row[k]
		}
		points = append(points, d.a...)
		scalars = append(scalars, seatWeights(bySeat, len(d.a))...)
	}
	_, g2 := generators()
	g2.Neg(&g2)
	var sums steps
	polynomial, shares := sums.sumG2(points, scalars), sums.sumG1(ss, rho)
	if err := sums.sum(len(points)); err != nil {
		return false, err
	}
	return pairingIsOne([]gnark.G1Affine{shares(), h}, []gnark.G2Affine{g2, polynomial()}), nil
}

// Recover returns σ = Σ λ_j·S_j from the t lowest seats of shares, which the
// caller has verified. It fails with sxp.Early while there are fewer than t,
// and with sxp.Invalid for points that are not. The result is a signature if
// the shares were right: [VerifySession] tells.
func Recover(shares map[int]G1, t int) (G1, error) {
	const op = "bls.Recover"
	if t < 1 || t > MaxSeats {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "a threshold is 1 to %d, not %d", MaxSeats, t)
	}
	if len(shares) < t {
		return G1{}, sxp.Errorf(op, sxp.Early, nil, "a signature of threshold %d needs %d shares, there are %d", t, t, len(shares))
	}
	seats := slices.Sorted(maps.Keys(shares))[:t]
	points := make([]gnark.G1Affine, t)
	var public steps
	for i, seat := range seats {
		if err := checkSeat(op, seat); err != nil {
			public.fail(err)
			break
		}
		public.decodeG1(&points[i], op, fmt.Sprintf("the share of seat %d", seat), shares[seat], blameNobody)
	}
	if err := public.run(); err != nil {
		return G1{}, err
	}
	sum := sumG1(points, lagrange(seats))
	if sum.IsInfinity() {
		return G1{}, sxp.Errorf(op, sxp.Invalid, nil, "the shares add up to the identity")
	}
	return G1(sum.Bytes()), nil
}

// lagrange returns λ_j = Π_{i≠j} i/(i−j), which interpolate at 0.
func lagrange(seats []int) []fr.Element {
	num := make([]fr.Element, len(seats))
	den := make([]fr.Element, len(seats))
	for j := range seats {
		num[j].SetOne()
		den[j].SetOne()
		for i := range seats {
			if i != j {
				var a, b fr.Element
				a.SetInt64(int64(seats[i]))
				b.SetInt64(int64(seats[i] - seats[j]))
				num[j].Mul(&num[j], &a)
				den[j].Mul(&den[j], &b)
			}
		}
	}
	den = fr.BatchInvert(den)
	for j := range num {
		num[j].Mul(&num[j], &den[j])
	}
	return num
}
