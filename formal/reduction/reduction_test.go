package reduction_test

import (
	"crypto/rand"
	"errors"
	"math/big"
	"testing"

	curve "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
	"sxp/internal/bls"
)

// These tests run the simulators of docs/signing-proof.md, 5.4 and 5.8, on the
// real curve. A simulator is given αg1, βg1 and αg2 and never α or β; H(m) is
// the real hash, whose β nobody knows. Our verifier must accept what it makes:
// then whoever breaks the promise or the lock computes αβg1.

// given is an instance of co-CDH.
type given struct {
	a1, b1 curve.G1Affine // αg1, βg1
	a2     curve.G2Affine // αg2
}

// instance draws α, and takes H(m) for βg1. The secret α is for checking only.
func instance(t *testing.T, m sxp.Hash) (given, fr.Element) {
	t.Helper()
	alpha := random(t)
	h, err := curve.HashToG1(m[:], []byte(bls.TagSession))
	if err != nil {
		t.Fatal(err)
	}
	return given{a1: base1(alpha), b1: h, a2: base2(alpha)}, alpha
}

// seat is a juror: what all know, and what the simulator knows.
type seat struct {
	y1 curve.G1Affine // Y
	z  curve.G2Affine // Z
	u  fr.Element     // honest: y = u − q(j)·α; corrupt: y itself, known to the adversary
}

// simulation is what the simulator of theorem O1 publishes.
type simulation struct {
	seats      []seat
	commitment bls.Commitment
	promise    bls.Promise
}

// simulate makes keys, commitment and promise for n seats where those of fake
// vanish under q; corrupt of them have keys of the adversary, whose y_i·βg1
// comes from their proofs of possession (lemma 4).
func simulate(t *testing.T, g given, n, degree int, fake, corrupt []int) simulation {
	t.Helper()
	q, kappa := vanishing(fake), make([]fr.Element, degree+1)
	for k := 1; k <= degree; k++ {
		kappa[k] = random(t)
	}
	r := random(t)
	var s simulation
	for k := 1; k <= degree; k++ {
		var a curve.G2Affine
		x, y := times2(g.a2, q[k]), base2(kappa[k])
		a.Add(&x, &y)
		s.commitment.A = append(s.commitment.A, bls.G2(a.Bytes()))
	}
	u := base1(r)
	u.Add(&u, &g.b1)
	s.commitment.U = u.Bytes()
	for j := 1; j <= n; j++ {
		st := seat{u: random(t)}
		c := times1(g.b1, at(kappa, j)) // κ(j)·βg1
		if contains(corrupt, j) {
			st.y1, st.z = base1(st.u), base2(st.u)
			c = sum(c, times1(st.y1, r), times1(g.b1, st.u)) // the last is y_i·βg1 of its proof
		} else {
			w := at(q, j)
			w.Neg(&w)
			st.y1 = sum(base1(st.u), times1(g.a1, w))
			x, y := base2(st.u), times2(g.a2, w)
			st.z.Add(&x, &y)
			var ru, rw fr.Element
			ru.Mul(&r, &st.u)
			rw.Mul(&r, &w)
			c = sum(c, base1(ru), times1(g.a1, rw), times1(g.b1, st.u))
		}
		s.seats = append(s.seats, st)
		s.promise = append(s.promise, bls.G1(c.Bytes()))
	}
	return s
}

func (s *simulation) verify(m sxp.Hash, x bls.G2) error {
	zs := make([]bls.G2, len(s.seats))
	for i, st := range s.seats {
		zs[i] = st.z.Bytes()
	}
	return bls.VerifyPromises(rand.Reader, m, zs, []bls.PromiseCheck{{X: x, Commitment: s.commitment, Promise: s.promise}})
}

// TestPromiseOfTheReduction: the promise that is made without α and β verifies,
// and is the real one: t seats recover αβg1 from it. So t − 1 jurors and a
// promise are no help to compute it.
func TestPromiseOfTheReduction(t *testing.T) {
	m := sxp.Sum([]byte("the target session"))
	for _, c := range []struct {
		n, t          int
		fake, corrupt []int
	}{
		{1, 1, nil, nil},
		{3, 2, []int{2}, []int{2}},
		{3, 2, []int{1}, nil},
		{5, 3, []int{1, 4}, []int{4}},
		{15, 8, []int{1, 2, 3, 5, 8, 13, 15}, []int{1, 2, 3, 5, 8, 13, 15}},
	} {
		g, alpha := instance(t, m)
		s := simulate(t, g, c.n, c.t-1, c.fake, c.corrupt)
		x := bls.G2(g.a2.Bytes())
		if err := bls.CheckCommitment(x, s.commitment, c.n, c.t); err != nil {
			t.Fatalf("n %d, t %d: the commitment is refused: %v", c.n, c.t, err)
		}
		if err := s.verify(m, x); err != nil {
			t.Fatalf("n %d, t %d: the promise is refused: %v", c.n, c.t, err)
		}
		for i, st := range s.seats {
			left, err := curve.PairingCheck([]curve.G1Affine{st.y1, neg(base1(one()))}, []curve.G2Affine{base2(one()), st.z})
			if err != nil || !left {
				t.Errorf("n %d: Y and Z of seat %d have two secrets (error %v)", c.n, i+1, err)
			}
		}
		// What only the test can do, since it kept α: open t seats.
		want := times1(g.b1, alpha)
		shares := map[int]bls.G1{}
		q := vanishing(c.fake)
		for j := c.n; j > c.n-c.t; j-- {
			y := s.seats[j-1].u
			if !contains(c.corrupt, j) {
				w := at(q, j)
				w.Mul(&w, &alpha)
				y.Sub(&y, &w)
			}
			shares[j] = open(t, s.promise[j-1], s.commitment.U, y)
		}
		sigma, err := bls.Recover(shares, c.t)
		if err != nil || sigma != bls.G1(want.Bytes()) {
			t.Errorf("n %d, t %d: t seats recover %v, error %v, want αβg1", c.n, c.t, sigma, err)
		}
	}
}

// TestNoReductionForThreshold: with t seats that the adversary knows the
// simulator would need a polynomial of degree t, which the verifier refuses; of
// the right degree its promise is wrong. So the bound t − 1 is used.
func TestNoReductionForThreshold(t *testing.T) {
	m := sxp.Sum([]byte("the target session"))
	g, _ := instance(t, m)
	x := bls.G2(g.a2.Bytes())
	s := simulate(t, g, 5, 3, []int{1, 2, 3}, []int{1, 2, 3})
	if err := bls.CheckCommitment(x, s.commitment, 5, 3); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a commitment of degree t: %v, want it refused", err)
	}
	s.commitment.A = s.commitment.A[:2]
	if err := s.verify(m, x); err == nil {
		t.Error("a promise with one coefficient left out is accepted")
	}
}

// TestLockOfTheReduction: with W = (γ·g2 − αg2)/s and Q = s·βg1 the lock is
// γ·βg1, made without α and β; it satisfies the equation of a lock, and from D
// = w·Q comes αβg1.
func TestLockOfTheReduction(t *testing.T) {
	m := sxp.Sum([]byte("the target session"))
	g, alpha := instance(t, m)
	gamma, s := random(t), random(t)
	var inv, minus fr.Element
	inv.Inverse(&s)
	x, y := base2(gamma), times2(g.a2, *minus.SetInt64(-1))
	var w curve.G2Affine
	w.Add(&x, &y)
	w = times2(w, inv)
	q, c := times1(g.b1, s), times1(g.b1, gamma)
	ok, err := curve.PairingCheck([]curve.G1Affine{neg(c), q, g.b1}, []curve.G2Affine{base2(one()), w, g.a2})
	if err != nil || !ok {
		t.Fatalf("e(c, g2) is not e(Q, W)·e(H(m), X) (error %v)", err)
	}
	// D as its owner has it: w = (γ − α)/s.
	var secret fr.Element
	secret.Sub(&gamma, &alpha).Mul(&secret, &inv)
	d := times1(q, secret)
	want := times1(g.b1, alpha)
	if got := sum(c, neg(d)); !got.Equal(&want) {
		t.Error("c − D is not αβg1")
	}
}

// open is what a juror does: C − y·U.
func open(t *testing.T, c, u bls.G1, y fr.Element) bls.G1 {
	t.Helper()
	b := y.Bytes()
	secret, err := bls.ParseSecret(b[:])
	if err != nil {
		t.Fatal(err)
	}
	s, err := secret.OpenShare(c, u)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vanishing returns the coefficients of Π (1 − z/i) for the places i.
func vanishing(places []int) []fr.Element {
	q := []fr.Element{one()}
	for _, i := range places {
		var w fr.Element
		w.SetInt64(int64(i)).Inverse(&w).Neg(&w)
		next := make([]fr.Element, len(q)+1)
		for k := range q {
			var high fr.Element
			high.Mul(&q[k], &w)
			next[k].Add(&next[k], &q[k])
			next[k+1].Add(&next[k+1], &high)
		}
		q = next
	}
	return q
}

// at evaluates a polynomial at a seat.
func at(p []fr.Element, j int) fr.Element {
	var x, v fr.Element
	x.SetInt64(int64(j))
	for k := len(p) - 1; k >= 0; k-- {
		v.Mul(&v, &x).Add(&v, &p[k])
	}
	return v
}

func contains(list []int, j int) bool {
	for _, i := range list {
		if i == j {
			return true
		}
	}
	return false
}

func random(t *testing.T) (x fr.Element) {
	t.Helper()
	if _, err := x.SetRandom(); err != nil {
		t.Fatal(err)
	}
	return x
}

func one() (x fr.Element) { return *x.SetOne() }

func number(k fr.Element) *big.Int { return k.BigInt(new(big.Int)) }

func times1(p curve.G1Affine, k fr.Element) (q curve.G1Affine) {
	q.ScalarMultiplication(&p, number(k))
	return q
}

func times2(p curve.G2Affine, k fr.Element) (q curve.G2Affine) {
	q.ScalarMultiplication(&p, number(k))
	return q
}

func base1(k fr.Element) curve.G1Affine {
	_, _, g, _ := curve.Generators()
	return times1(g, k)
}

func base2(k fr.Element) curve.G2Affine {
	_, _, _, g := curve.Generators()
	return times2(g, k)
}

func neg(p curve.G1Affine) (q curve.G1Affine) {
	q.Neg(&p)
	return q
}

func sum(points ...curve.G1Affine) (total curve.G1Affine) {
	for i := range points {
		total.Add(&total, &points[i])
	}
	return total
}
