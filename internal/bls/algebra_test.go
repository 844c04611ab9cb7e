package bls_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"testing"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
	"sxp/internal/bls"
)

func TestAnyThresholdOfSharesCompletes(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ n, t int }{{1, 1}, {3, 1}, {3, 2}, {3, 3}, {5, 3}, {15, 8}} {
		s := newSession(t, rand.Reader, size.n, size.t, 2)
		want := s.parties[0].SignSession(s.m)
		if err := bls.VerifySession(s.checks[0].X, s.m, want); err != nil {
			t.Fatalf("VerifySession: %v", err)
		}
		all := make(map[int]bls.G1)
		for seat := 1; seat <= size.n; seat++ {
			all[seat] = s.open(t, 0, seat)
			c := s.checks[0]
			if err := bls.VerifyShare(s.m, c.X, c.Commitment, seat, all[seat]); err != nil {
				t.Errorf("n=%d t=%d: share of seat %d: %v", size.n, size.t, seat, err)
			}
		}
		for set := 1; set < 1<<min(size.n, 8); set++ { // all subsets of the first seats
			some := make(map[int]bls.G1)
			for seat := 1; seat <= size.n; seat++ {
				if set>>(seat-1)&1 == 1 {
					some[seat] = all[seat]
				}
			}
			got, err := bls.Recover(some, size.t)
			switch {
			case len(some) < size.t && !errors.Is(err, sxp.Early):
				t.Errorf("n=%d t=%d: %d shares: error %v, want %v", size.n, size.t, len(some), err, sxp.Early)
			case len(some) >= size.t && (err != nil || got != want):
				t.Errorf("n=%d t=%d: seats %b give %v (%v), want σ = %v", size.n, size.t, set, got, err, want)
			}
		}
	}
}

// The promise of threshold 1 is x·H(m) + r·Y_j, the document's Trent.
func TestThresholdOneIsTheConstantPolynomial(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 1, 1, 0)
	x := newSecret(t, rand.Reader)
	c, o, err := bls.Commit(rand.Reader, x, 1)
	if err != nil || len(c.A) != 0 {
		t.Fatalf("Commit: %d points A, error %v; want none", len(c.A), err)
	}
	b, err := o.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var r fr.Element
	r.SetBytes(b[3:])
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}
	want := timesG1(pointG1(t, bls.HashToG1(s.m[:], bls.TagSession)), number(x))
	mask := timesG1(pointG1(t, s.ys[0]), r)
	want.Add(&want, &mask)
	if p[0] != bls.G1(want.Bytes()) {
		t.Errorf("C_1 = %v, want x·H(m) + r·Y = %x", p[0], want.Bytes())
	}
	share, err := s.jurors[0].OpenShare(p[0], c.U)
	if err != nil || share != x.SignSession(s.m) {
		t.Errorf("the only share is %v (%v), want the signature itself", share, err)
	}
}

// C_j, A_k, U and P_j are what the document says, computed in the open.
func TestCommitmentAndPromiseFollowTheDocument(t *testing.T) {
	t.Parallel()
	const n = 7
	s := newSession(t, rand.Reader, n, 4, 0)
	x := newSecret(t, rand.Reader)
	r, a := number(newSecret(t, rand.Reader)), []fr.Element{number(x)}
	for range 3 {
		a = append(a, number(newSecret(t, rand.Reader)))
	}
	o := opening(t, append([]fr.Element{r}, a[1:]...)...)
	c := o.Public()
	_, _, g1, g2 := gnark.Generators()
	if want := timesG1(g1, r); c.U != bls.G1(want.Bytes()) {
		t.Errorf("U = %v, want r·g1", c.U)
	}
	for k := range c.A {
		if want := timesG2(g2, a[k+1]); c.A[k] != bls.G2(want.Bytes()) {
			t.Errorf("A_%d = %v, want a_%d·g2", k+1, c.A[k], k+1)
		}
	}
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}
	seatKeys, err := bls.SeatKeys(x.Public(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	h := pointG1(t, bls.HashToG1(s.m[:], bls.TagSession))
	for j := 1; j <= n; j++ {
		var v fr.Element
		for k := len(a) - 1; k >= 0; k-- {
			v.Mul(&v, &ints(int64(j))[0]).Add(&v, &a[k])
		}
		want := sum1([]gnark.G1Affine{h, pointG1(t, s.ys[j-1])}, []fr.Element{v, r})
		if p[j-1] != bls.G1(want.Bytes()) {
			t.Errorf("C_%d = %v, want p(j)·H(m) + r·Y_j", j, p[j-1])
		}
		key := timesG2(g2, v)
		if seatKeys[j-1] != bls.G2(key.Bytes()) {
			t.Errorf("P_%d = %v, want p(j)·g2", j, seatKeys[j-1])
		}
	}
}

func TestFiniteDifferencesAgreeWithHorner(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ n, t int }{{1, 1}, {5, 1}, {5, 2}, {9, 9}, {101, 51}} {
		x := newSecret(t, rand.Reader)
		c, _, err := bls.Commit(rand.Reader, x, size.t)
		if err != nil {
			t.Fatal(err)
		}
		all, err := bls.SeatKeys(x.Public(), c, size.n)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range []int{1, 2, (size.n + 1) / 2, size.n} {
			if j > size.n {
				continue
			}
			one, err := bls.SeatKey(x.Public(), c, j)
			if err != nil || one != all[j-1] {
				t.Errorf("n=%d t=%d: P_%d = %v by differences, %v by Horner (%v)", size.n, size.t, j, all[j-1], one, err)
			}
		}
	}
}

// TestMultiplesAgreeWithCircl compares our ways to multiply by a secret with
// circl's, at the edges of digits and halves too.
func TestMultiplesAgreeWithCircl(t *testing.T) {
	t.Parallel()
	h := bls.HashToG1([]byte("base"), bls.TagSession)
	for _, k := range edgeSecrets(t) {
		s := secretOf(t, k)
		if a, b, c, d, e := bls.Multiples(s, h); a != b || c != e || d != e {
			t.Errorf("k=%v: ours is another multiple than circl's", &k)
		}
		var p circl.G1
		p.ScalarMult(scalarOf(t, s), circl.G1Generator())
		if s.PublicG1() != bls.G1(p.BytesCompressed()) {
			t.Errorf("k=%v: y·g1 is another multiple than circl's", &k)
		}
	}
}

// TestHalves puts every scalar together again: k = low + high·u².
func TestHalves(t *testing.T) {
	t.Parallel()
	square := new(big.Int).SetUint64(0xd201000000010000)
	square.Mul(square, square)
	value := func(digits []int8) *big.Int {
		v := new(big.Int)
		for i := len(digits) - 1; i >= 0; i-- {
			v.Lsh(v, 5).Add(v, big.NewInt(int64(digits[i])))
		}
		return v
	}
	for _, k := range edgeSecrets(t) {
		s := secretOf(t, k)
		low, high := bls.Halve(s)
		l, h := value(low[:]), value(high[:])
		if got := new(big.Int).Add(l, h.Mul(h, square)); got.Cmp(new(big.Int).SetBytes(s.Bytes())) != 0 || l.Sign() < 0 || l.Cmp(square) >= 0 {
			t.Errorf("k=%v: the halves are %v and %v", &k, l, h)
		}
	}
}

// edgeSecrets are numbers at the edges of what they are cut to, and others.
func edgeSecrets(t *testing.T) []fr.Element {
	out := ints(1, 2, 15, 16, 17, 31, 32, 33, -1, -2, -16, -17)
	u := new(big.Int).SetUint64(0xd201000000010000)
	one := big.NewInt(1)
	for _, base := range []*big.Int{
		u, new(big.Int).Exp(u, big.NewInt(2), nil), new(big.Int).Exp(u, big.NewInt(3), nil),
		new(big.Int).Lsh(one, 64), new(big.Int).Lsh(one, 127), new(big.Int).Lsh(one, 128), new(big.Int).Lsh(one, 192), new(big.Int).Lsh(one, 254),
		new(big.Int).Mul(u, new(big.Int).Mul(u, big.NewInt(12345))),
	} {
		for d := int64(-2); d <= 2; d++ {
			var k fr.Element
			out = append(out, *k.SetBigInt(new(big.Int).Add(base, big.NewInt(d))))
		}
	}
	for digit := range int64(32) { // all digits the same
		v := new(big.Int)
		for range 50 {
			v.Lsh(v, 5).Add(v, big.NewInt(digit))
		}
		var k fr.Element
		if k.SetBigInt(v); !k.IsZero() {
			out = append(out, k)
		}
	}
	for range 64 {
		out = append(out, number(newSecret(t, rand.Reader)))
	}
	return out
}

// scalarOf returns a secret as circl's own decoder reads it.
func scalarOf(t *testing.T, s *bls.Secret) *ff.Scalar {
	k := new(ff.Scalar)
	if err := k.UnmarshalBinary(s.Bytes()); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestBlameNamesTheGuilty(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 5, 3, 3)
	good := func() []bls.PromiseCheck {
		out := append([]bls.PromiseCheck(nil), s.checks...)
		for i := range out {
			out[i].Promise = append(bls.Promise(nil), out[i].Promise...)
			out[i].Commitment.A = append([]bls.G2(nil), out[i].Commitment.A...)
		}
		return out
	}
	for name, tt := range map[string]struct {
		spoil func(c []bls.PromiseCheck)
		index int
		seat  int
	}{
		"a point of another promise":    {func(c []bls.PromiseCheck) { c[1].Promise[2] = c[0].Promise[2] }, 1, 0},
		"two points exchanged":          {func(c []bls.PromiseCheck) { p := c[2].Promise; p[0], p[1] = p[1], p[0] }, 2, 0},
		"another key":                   {func(c []bls.PromiseCheck) { c[0].X = c[1].X }, 0, 0},
		"another U":                     {func(c []bls.PromiseCheck) { c[0].Commitment.U = c[1].Commitment.U }, 0, 0},
		"another A":                     {func(c []bls.PromiseCheck) { c[2].Commitment.A[1] = c[1].Commitment.A[1] }, 2, 0},
		"an A too few":                  {func(c []bls.PromiseCheck) { c[2].Commitment.A = c[2].Commitment.A[:1] }, 2, 0},
		"a point too few":               {func(c []bls.PromiseCheck) { c[1].Promise = c[1].Promise[:4] }, 1, 0},
		"a point too many":              {func(c []bls.PromiseCheck) { c[1].Promise = append(c[1].Promise, c[1].Promise[0]) }, 1, 0},
		"bytes that are no point":       {func(c []bls.PromiseCheck) { c[1].Promise[3] = bls.G1{} }, 1, 4},
		"two guilty, the first counts":  {func(c []bls.PromiseCheck) { c[1].Promise[0], c[2].Promise[0] = c[2].Promise[0], c[1].Promise[0] }, 1, 0},
		"errors that cancel when added": {func(c []bls.PromiseCheck) { cancel(t, &c[0].Promise[0], &c[1].Promise[0]) }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checks := good()
			tt.spoil(checks)
			err := bls.VerifyPromises(rand.Reader, s.m, s.zs, checks)
			blame := (*bls.BlameError)(nil)
			if !errors.As(err, &blame) || blame.Index != tt.index || blame.Seat != tt.seat || sxp.KindOf(err) != sxp.Invalid {
				t.Errorf("error %v, want blame of party %d seat %d, kind %v", err, tt.index, tt.seat, sxp.Invalid)
			}
		})
	}
	if err := bls.VerifyPromises(rand.Reader, s.m, s.zs, good()); err != nil {
		t.Errorf("valid promises: %v", err)
	}
	if err := bls.VerifyPromises(rand.Reader, sxp.Hash{9}, s.zs, good()); !errors.Is(err, sxp.Invalid) {
		t.Errorf("promises of another m: error %v, want %v", err, sxp.Invalid)
	}
}

// cancel adds a point to a and takes it from b, so that the plain sum of the
// equations still holds.
func cancel(t *testing.T, a, b *bls.G1) {
	d := pointG1(t, bls.HashToG1([]byte("difference"), bls.TagSession))
	p, q := pointG1(t, *a), pointG1(t, *b)
	p.Add(&p, &d)
	q.Sub(&q, &d)
	*a, *b = bls.G1(p.Bytes()), bls.G1(q.Bytes())
}

func TestSharesAreBlamedBySeat(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 5, 3, 3)
	checks := s.shareChecks(t)
	if err := bls.VerifyShares(rand.Reader, s.m, checks); err != nil {
		t.Fatalf("valid shares: %v", err)
	}
	checks[1].Shares[4], checks[1].Shares[5] = checks[1].Shares[5], checks[1].Shares[4]
	err := bls.VerifyShares(rand.Reader, s.m, checks)
	blame := (*bls.BlameError)(nil)
	if !errors.As(err, &blame) || blame.Index != 1 || blame.Seat != 4 {
		t.Errorf("exchanged shares: error %v, want blame of party 1, seat 4", err)
	}
	for _, seat := range []int{-1, 0, bls.MaxSeats + 1} {
		checks := s.shareChecks(t)
		checks[0].Shares[seat] = checks[0].Shares[5]
		if err := bls.VerifyShares(rand.Reader, s.m, checks); !errors.Is(err, sxp.Invalid) {
			t.Errorf("seat %d: error %v, want %v", seat, err, sxp.Invalid)
		}
		c := s.checks[0]
		if err := bls.VerifyShare(s.m, c.X, c.Commitment, seat, checks[0].Shares[5]); !errors.Is(err, sxp.Invalid) {
			t.Errorf("seat %d alone: error %v, want %v", seat, err, sxp.Invalid)
		}
		if _, err := bls.Recover(checks[0].Shares, 4); !errors.Is(err, sxp.Invalid) {
			t.Errorf("Recover with seat %d: error %v, want %v", seat, err, sxp.Invalid)
		}
	}
}

func TestAggregateIsOneSignatureOfAll(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 1, 1, 4)
	var pubs []bls.G2
	var sigs []bls.G1
	for _, x := range s.parties {
		pubs, sigs = append(pubs, x.Public()), append(sigs, x.SignSession(s.m))
	}
	sum, err := bls.Aggregate(s.m, sigs)
	if err != nil {
		t.Fatal(err)
	}
	swapped := []bls.G2{pubs[1], pubs[0], pubs[2], pubs[3]}
	without, err := bls.Aggregate(s.m, sigs[:3])
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		m    sxp.Hash
		pubs []bls.G2
		sum  bls.G1
		want sxp.Kind
	}{
		"all, in order":         {s.m, pubs, sum, ""},
		"another m":             {sxp.Hash{1}, pubs, sum, sxp.Invalid},
		"another order":         {s.m, swapped, sum, sxp.Invalid},
		"a party less":          {s.m, pubs[:3], sum, sxp.Invalid},
		"a signature less":      {s.m, pubs, without, sxp.Invalid},
		"one signature for all": {s.m, pubs, sigs[0], sxp.Invalid},
		"no parties":            {s.m, nil, sum, sxp.TooLarge},
		"thirteen parties":      {s.m, make([]bls.G2, bls.MaxChecks+1), sum, sxp.TooLarge},
	} {
		if err := bls.VerifyAggregate(tt.m, tt.pubs, tt.sum); sxp.KindOf(err) != tt.want {
			t.Errorf("%s: error %v, want kind %q", name, err, tt.want)
		}
	}
}

func TestDrawSeedIsTheHashOfTheSum(t *testing.T) {
	t.Parallel()
	proposal := sxp.Sum([]byte("a proposal"))
	var deltas []bls.G1
	var sum gnark.G1Affine
	for range 3 {
		x := newSecret(t, rand.Reader)
		d := x.SignDraw(proposal)
		if err := bls.VerifyDraw(x.Public(), proposal, d); err != nil {
			t.Fatal(err)
		}
		p := pointG1(t, d)
		sum.Add(&sum, &p)
		deltas = append(deltas, d)
	}
	b := sum.Bytes()
	for _, order := range [][]bls.G1{deltas, {deltas[2], deltas[0], deltas[1]}} {
		if got, err := bls.SumHash(order); err != nil || got != sxp.Sum(b[:]) {
			t.Errorf("SumHash = %v (%v), want SHA-256 of the sum", got, err)
		}
	}
	p := pointG1(t, deltas[0])
	p.Neg(&p)
	if _, err := bls.SumHash([]bls.G1{deltas[0], bls.G1(p.Bytes())}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("shares that cancel: error %v, want %v", err, sxp.Invalid)
	}
}

func TestDistinct(t *testing.T) {
	t.Parallel()
	a, b := bls.G1{1}, bls.G1{2}
	for _, tt := range []struct {
		in   []bls.G1
		want bool
	}{{nil, true}, {[]bls.G1{a}, true}, {[]bls.G1{a, b}, true}, {[]bls.G1{a, b, a}, false}} {
		if got := bls.Distinct(tt.in); got != tt.want {
			t.Errorf("Distinct(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestSizesOutsideTheLimitsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 1)
	c := s.checks[0]
	for _, size := range []struct{ n, t int }{{0, 0}, {3, 0}, {3, 4}, {1, 2}, {-1, 1}, {bls.MaxSeats + 1, 2}, {3, 1}, {3, 3}} {
		if err := bls.CheckCommitment(c.X, c.Commitment, size.n, size.t); !errors.Is(err, sxp.Invalid) {
			t.Errorf("CheckCommitment n=%d t=%d: error %v, want %v", size.n, size.t, err, sxp.Invalid)
		}
	}
	for _, th := range []int{-1, 0, bls.MaxSeats + 1} {
		if _, _, err := bls.Commit(rand.Reader, s.parties[0], th); !errors.Is(err, sxp.Invalid) {
			t.Errorf("Commit t=%d: error %v, want %v", th, err, sxp.Invalid)
		}
		if _, err := bls.Recover(s.shares(t, 0), th); !errors.Is(err, sxp.Invalid) {
			t.Errorf("Recover t=%d: error %v, want %v", th, err, sxp.Invalid)
		}
	}
	for _, n := range []int{0, 1, bls.MaxSeats + 1} { // threshold 2
		_, o, err := bls.Commit(rand.Reader, s.parties[0], 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bls.MakePromise(s.parties[0], o, s.m, make([]bls.G1, n)); !errors.Is(err, sxp.Invalid) {
			t.Errorf("MakePromise for %d seats: error %v, want %v", n, err, sxp.Invalid)
		}
	}
	for name, err := range map[string]error{
		"no seats":         bls.VerifyPromises(rand.Reader, s.m, nil, s.checks),
		"too many seats":   bls.VerifyPromises(rand.Reader, s.m, make([]bls.G2, bls.MaxSeats+1), s.checks),
		"no promises":      bls.VerifyPromises(rand.Reader, s.m, s.zs, nil),
		"13 promises":      bls.VerifyPromises(rand.Reader, s.m, s.zs, make([]bls.PromiseCheck, bls.MaxChecks+1)),
		"shares of nobody": bls.VerifyShares(rand.Reader, s.m, nil),
		"no shares":        bls.VerifyShares(rand.Reader, s.m, []bls.SharesCheck{{X: c.X, Commitment: c.Commitment}}),
	} {
		if !errors.Is(err, sxp.TooLarge) {
			t.Errorf("%s: error %v, want %v", name, err, sxp.TooLarge)
		}
	}
}

func TestRandomnessThatFailsIsReported(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 1)
	_, noKey := bls.NewSecret(brokenReader{})
	_, _, noCommitment := bls.Commit(brokenReader{}, s.parties[0], 2)
	for name, err := range map[string]error{
		"NewSecret":       noKey,
		"Commit":          noCommitment,
		"VerifyPromises":  bls.VerifyPromises(brokenReader{}, s.m, s.zs, s.checks),
		"VerifyShares":    bls.VerifyShares(brokenReader{}, s.m, s.shareChecks(t)),
		"VerifyJurorKeys": bls.VerifyJurorKeys(brokenReader{}, s.jurorKeys()),
	} {
		if !errors.Is(err, sxp.Internal) || !errors.Is(err, errBroken) {
			t.Errorf("%s: error %v, want %v because of %v", name, err, sxp.Internal, errBroken)
		}
	}
}

var errBroken = errors.New("no entropy")

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, fmt.Errorf("reading: %w", errBroken) }
