package bls_test

import (
	"crypto/rand"
	"errors"
	"math/big"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
	"sxp/internal/bls"
)

// Each test here takes one rule of the algebra away, shows what a cheat gains,
// and shows that the rule stops it.

// Rule: an acceptance with P_j = identity for any seat is invalid. Without it
// a cheat chooses p(1) = 0: its promise verifies, seat 1 can open nothing, and
// one silent juror of three leaves one share where two are needed.
func TestBreakZeroSeat(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 0)
	x := newSecret(t, rand.Reader)
	k := number(x)
	var a fr.Element
	a.Neg(&k) // p(X) = x − x·X
	o := opening(t, number(newSecret(t, rand.Reader)), a)
	c := o.Public()
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}

	// Rule off: nothing else notices.
	check := bls.PromiseCheck{X: x.Public(), Commitment: c, Promise: p}
	if err := bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{check}); err != nil {
		t.Fatalf("the promise should pass all other checks: %v", err)
	}
	if _, err := s.jurors[0].OpenShare(p[0], c.U); !errors.Is(err, sxp.Invalid) {
		t.Fatalf("the share of seat 1 should be worthless: error %v", err)
	}
	share, err := s.jurors[2].OpenShare(p[2], c.U) // juror 2 is corrupt and silent
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bls.Recover(map[int]bls.G1{3: share}, 2); !errors.Is(err, sxp.Early) {
		t.Fatalf("two honest jurors of three should not suffice here: error %v", err)
	}

	// Rule on, for every seat that may be zero.
	if err := bls.CheckCommitment(x.Public(), c, 3, 2); !errors.Is(err, sxp.Invalid) {
		t.Errorf("CheckCommitment with p(1) = 0: error %v, want %v", err, sxp.Invalid)
	}
	for j := int64(1); j <= 5; j++ {
		// p(X) = (x/j)·(j − X)·(1 + X): a zero in the middle of degree 2.
		v := ints(j, j-1, -1)
		v[0].Inverse(&v[0]).Mul(&v[0], &k)
		v[1].Mul(&v[1], &v[0])
		v[2].Mul(&v[2], &v[0])
		c := opening(t, v[0], nonzero(v[1]), v[2]).Public()
		if j == 1 {
			continue // (j−1) = 0 is no coefficient; the case above has it
		}
		err := bls.CheckCommitment(x.Public(), c, 5, 3)
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("CheckCommitment with p(%d) = 0: error %v, want %v", j, err, sxp.Invalid)
		}
		if n := int(j) - 1; n >= 3 {
			if err := bls.CheckCommitment(x.Public(), c, n, 3); err != nil {
				t.Errorf("CheckCommitment of %d seats with p(%d) = 0: %v, want none", n, j, err)
			}
		}
	}
}

func nonzero(k fr.Element) fr.Element {
	if k.IsZero() {
		k.SetOne()
	}
	return k
}

// Rule: juror keys are proved by whoever takes a seat. Without it one corrupt
// juror publishes Y_3 = −(λ_1/λ_3)·Y_1, whose secret it does not know: in
// λ_1·C_1 + λ_3·C_3 the masks r·Y cancel, and the promise is the signature
// before any juror opened anything.
func TestBreakRelatedJurorKey(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 0)
	w := weights(1, 3)
	var ratio fr.Element
	ratio.Div(&w[0], &w[1]).Neg(&ratio)
	y, z := timesG1(pointG1(t, s.ys[0]), ratio), timesG2(pointG2(t, s.zs[0]), ratio)
	s.ys[2], s.zs[2] = bls.G1(y.Bytes()), bls.G2(z.Bytes())

	// Rule off: the pair is consistent and distinct, the promise verifies.
	x := newSecret(t, rand.Reader)
	c, o, err := bls.Commit(rand.Reader, x, 2)
	if err != nil {
		t.Fatal(err)
	}
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}
	if err := bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{{X: x.Public(), Commitment: c, Promise: p}}); err != nil {
		t.Fatalf("the promise should pass all checks: %v", err)
	}
	if !bls.Distinct(s.ys) {
		t.Fatal("the keys should be distinct")
	}
	stolen := sum1([]gnark.G1Affine{pointG1(t, p[0]), pointG1(t, p[2])}, w)
	if err := bls.VerifySession(x.Public(), s.m, bls.G1(stolen.Bytes())); err != nil {
		t.Fatalf("the promise should give the signature away: %v", err)
	}

	// Rule on: the best proofs at hand are those of the key it was made from.
	thief := jurorID(3)
	for name, proof := range map[string]bls.G1{
		"the owner's for itself":       s.jurors[0].ProvePossession(bls.RoleJuror, jurorID(1)),
		"the owner's for the thief":    s.jurors[0].ProvePossession(bls.RoleJuror, thief),
		"the owner's times the ratio":  scaled(t, s.jurors[0].ProvePossession(bls.RoleJuror, thief), ratio),
		"a contract key's of the role": s.jurors[0].ProvePossession(bls.RoleParty, thief),
	} {
		if err := bls.VerifyJurorKey(thief, s.ys[2], s.zs[2], proof); !errors.Is(err, sxp.Invalid) {
			t.Errorf("VerifyJurorKey with %s: error %v, want %v", name, err, sxp.Invalid)
		}
	}
}

func scaled(t *testing.T, p bls.G1, k fr.Element) bls.G1 {
	q := timesG1(pointG1(t, p), k)
	return bls.G1(q.Bytes())
}

// Rule: the proof is over the identity key too, and Y_j are pairwise distinct.
// With a proof over the keys alone a second identity copies key and proof and
// takes a seat; then C_1 − C_2 = (p(1) − p(2))·H(m) needs no opening, so that
// one share instead of two completes.
func TestBreakReplayedJurorKey(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 0)
	owner, copier := jurorID(1), jurorID(2)
	s.ys[1], s.zs[1] = s.ys[0], s.zs[0]

	// Rule off: a proof over role and keys serves every identity.
	bare := append([]byte("\x05juror"), append(s.ys[0][:], s.zs[0][:]...)...)
	proof := s.jurors[0].SignUnder(bare, bls.TagJuror)
	if err := bls.VerifyUnder(s.zs[1], bare, bls.TagJuror, proof); err != nil {
		t.Fatalf("the replayed proof should verify: %v", err)
	}
	x := newSecret(t, rand.Reader)
	c, o, err := bls.Commit(rand.Reader, x, 2)
	if err != nil {
		t.Fatal(err)
	}
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}
	// p(X) = x + aX: C_2 − C_1 = a·H(m). With S_3 = (x + 3a)·H(m) that is σ.
	share, err := s.jurors[2].OpenShare(p[2], c.U)
	if err != nil {
		t.Fatal(err)
	}
	stolen := sum1([]gnark.G1Affine{pointG1(t, share), pointG1(t, p[1]), pointG1(t, p[0])}, ints(1, -3, 3))
	if err := bls.VerifySession(x.Public(), s.m, bls.G1(stolen.Bytes())); err != nil {
		t.Fatalf("one share should complete: %v", err)
	}

	// Rules on.
	if bls.Distinct(s.ys) {
		t.Error("Distinct accepts a copied key")
	}
	proof = s.jurors[0].ProvePossession(bls.RoleJuror, owner)
	if err := bls.VerifyJurorKey(owner, s.ys[0], s.zs[0], proof); err != nil {
		t.Errorf("the owner's proof: %v", err)
	}
	if err := bls.VerifyJurorKey(copier, s.ys[1], s.zs[1], proof); !errors.Is(err, sxp.Invalid) {
		t.Errorf("the copier with the owner's proof: error %v, want %v", err, sxp.Invalid)
	}
}

// Rule: the same for contract keys. Without it somebody copies X and proof,
// and every signature and draw share of the owner is also the copier's.
func TestBreakCopiedContractKey(t *testing.T) {
	t.Parallel()
	owner, copier := sxp.ID{1}, sxp.ID{2}
	x := newSecret(t, rand.Reader)
	pub := x.Public()

	bare := append([]byte("\x05party"), pub[:]...)
	if err := bls.VerifyUnder(pub, bare, bls.TagPossession, x.SignUnder(bare, bls.TagPossession)); err != nil {
		t.Fatalf("the replayed proof should verify: %v", err)
	}

	proof := x.ProvePossession(bls.RoleParty, owner)
	for name, tt := range map[string]struct {
		role string
		id   sxp.ID
		pub  bls.G2
		want sxp.Kind
	}{
		"the owner":                {bls.RoleParty, owner, pub, ""},
		"the copier":               {bls.RoleParty, copier, pub, sxp.Invalid},
		"another role":             {"watcher", owner, pub, sxp.Invalid},
		"another key":              {bls.RoleParty, owner, newSecret(t, rand.Reader).Public(), sxp.Invalid},
		"the role of jurors":       {bls.RoleJuror, owner, pub, sxp.Invalid},
		"no role":                  {"", owner, pub, sxp.Invalid},
		"a role without an end":    {string(make([]byte, bls.MaxRole+1)), owner, pub, sxp.Invalid},
		"a part of the role":       {"part", owner, pub, sxp.Invalid},
		"an identity key of zeros": {bls.RoleParty, sxp.ID{}, pub, sxp.Invalid},
	} {
		if err := bls.VerifyPossession(tt.role, tt.id, tt.pub, proof); sxp.KindOf(err) != tt.want {
			t.Errorf("%s: error %v, want kind %q", name, err, tt.want)
		}
	}
	if bls.Distinct([]bls.G2{pub, pub}) {
		t.Error("Distinct accepts a copied key")
	}
}

// Rule: a commitment serves one session for ever. Two promises on one give
// p(j)·(H(m) − H(m')) without any juror, so that whoever completes m' has
// completed m.
func TestBreakTwoPromisesOnOneCommitment(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 0)
	x := newSecret(t, rand.Reader)
	_, o, err := bls.Commit(rand.Reader, x, 2)
	if err != nil {
		t.Fatal(err)
	}
	backup := copyOpening(t, o)
	other := sxp.Sum([]byte("another contract"))
	p, err := bls.MakePromise(x, o, s.m, s.ys)
	if err != nil {
		t.Fatal(err)
	}

	// Rule off: the opening is restored from a backup.
	q, err := bls.MakePromise(x, backup, other, s.ys)
	if err != nil {
		t.Fatal(err)
	}
	w := weights(1, 2)
	var minus [2]fr.Element
	minus[0].Neg(&w[0])
	minus[1].Neg(&w[1])
	stolen := sum1(
		[]gnark.G1Affine{pointG1(t, p[0]), pointG1(t, p[1]), pointG1(t, q[0]), pointG1(t, q[1]), pointG1(t, x.SignSession(other))},
		[]fr.Element{w[0], w[1], minus[0], minus[1], ints(1)[0]})
	if err := bls.VerifySession(x.Public(), s.m, bls.G1(stolen.Bytes())); err != nil {
		t.Fatalf("completing the other contract should complete this one: %v", err)
	}

	// Rule on: the opening is gone with the first promise.
	if _, err := bls.MakePromise(x, o, other, s.ys); !errors.Is(err, sxp.Conflict) {
		t.Errorf("a second promise: error %v, want %v", err, sxp.Conflict)
	}
	if _, err := o.Marshal(); !errors.Is(err, sxp.Conflict) {
		t.Errorf("storing a spent opening: error %v, want %v", err, sxp.Conflict)
	}
}

// Rule: K is inside m, so that a session has one valid promise per party.
// Without it a cheat files two commitments' promises with the two halves of
// the jury: both verify, and the shares of the halves do not fit together.
func TestBreakTwoCommitmentsForOneSession(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 5, 3, 0)
	x := newSecret(t, rand.Reader)
	shares := make(map[int]bls.G1)
	for half, seats := range [][]int{{1, 2}, {3, 4}} {
		c, o, err := bls.Commit(rand.Reader, x, 3)
		if err != nil {
			t.Fatal(err)
		}
		p, err := bls.MakePromise(x, o, s.m, s.ys)
		if err != nil {
			t.Fatal(err)
		}
		if err := bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{{X: x.Public(), Commitment: c, Promise: p}}); err != nil {
			t.Fatalf("promise %d should verify: %v", half, err)
		}
		for _, seat := range seats {
			if shares[seat], err = s.jurors[seat-1].OpenShare(p[seat-1], c.U); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := bls.Recover(shares, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := bls.VerifySession(x.Public(), s.m, got); !errors.Is(err, sxp.Invalid) {
		t.Errorf("shares of two commitments: error %v, want %v", err, sxp.Invalid)
	}
}

// Rule: the aggregate has coefficients. In a plain sum two corrupt parties
// with x_B = −x_C cancel out: what Ann signs alone is "the contract of Ann,
// Bob and Cyd", so Bob and Cyd can deny that they ever signed.
func TestBreakCancellingKeys(t *testing.T) {
	t.Parallel()
	m := sxp.Sum([]byte("a contract"))
	ann, bob := newSecret(t, rand.Reader), newSecret(t, rand.Reader)
	minus := number(bob)
	minus.Neg(&minus)
	cyd := secretOf(t, minus)
	pubs := []bls.G2{ann.Public(), bob.Public(), cyd.Public()}
	for i, k := range []*bls.Secret{ann, bob, cyd} { // all rules on keys hold
		if err := bls.VerifyPossession(bls.RoleParty, sxp.ID{byte(i)}, pubs[i], k.ProvePossession(bls.RoleParty, sxp.ID{byte(i)})); err != nil {
			t.Fatal(err)
		}
	}
	if !bls.Distinct(pubs) {
		t.Fatal("the keys should be distinct")
	}

	// Rule off.
	alone := ann.SignSession(m)
	var keys gnark.G2Affine
	for _, p := range pubs {
		q := pointG2(t, p)
		keys.Add(&keys, &q)
	}
	if err := bls.VerifySession(bls.G2(keys.Bytes()), m, alone); err != nil {
		t.Fatalf("the plain sum should verify without Bob and Cyd: %v", err)
	}

	// Rule on.
	if err := bls.VerifyAggregate(m, pubs, alone); !errors.Is(err, sxp.Invalid) {
		t.Errorf("Ann's signature as aggregate: error %v, want %v", err, sxp.Invalid)
	}
	sum, err := bls.Aggregate(m, []bls.G1{alone, bob.SignSession(m), cyd.SignSession(m)})
	if err != nil {
		t.Fatal(err)
	}
	if err := bls.VerifyAggregate(m, pubs, sum); err != nil {
		t.Errorf("the aggregate of all three: %v", err)
	}
}

// Rule: decoders refuse points off the subgroup. Without it the pairing does
// not notice a point of order 3 added to U, and the juror's share tells y mod
// 3; added to C_j it makes a second valid promise.
func TestBreakSmallSubgroup(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 1, 1, 1)
	c := s.checks[0]
	three := orderThree(t)
	u := pointG1(t, c.Commitment.U)
	u.Add(&u, &three)

	// Rule off, with gnark alone.
	_, _, _, g2 := gnark.Generators()
	g2.Neg(&g2)
	ok, err := gnark.PairingCheck(
		[]gnark.G1Affine{pointG1(t, c.Promise[0]), pointG1(t, bls.HashToG1(s.m[:], bls.TagSession)), u},
		[]gnark.G2Affine{g2, pointG2(t, c.X), pointG2(t, s.zs[0])})
	if err != nil || !ok {
		t.Fatalf("the pairing should not notice: %v, %v", ok, err)
	}
	y := number(s.jurors[0])
	good, bad := plainTimes(pointG1(t, c.Commitment.U), y), plainTimes(u, y)
	bad.Sub(&bad, &good)
	var twice gnark.G1Affine
	twice.Double(&three)
	leaked := map[gnark.G1Affine]uint64{{}: 0, three: 1, twice: 2}
	if got, want := leaked[bad], mod3(y); got != want {
		t.Fatalf("the share should tell y mod 3 = %d, it tells %d", want, got)
	}

	// Rule on, in every function that takes such a point.
	badU, badC := bls.G1(u.Bytes()), pointG1(t, c.Promise[0])
	badC.Add(&badC, &three)
	spoiled := c
	spoiled.Commitment.U = badU
	_, openErr := s.jurors[0].OpenShare(c.Promise[0], badU)
	_, promiseErr := bls.MakePromise(s.parties[0], opening(t, y), s.m, []bls.G1{badU})
	for name, err := range map[string]error{
		"VerifyPromises with U":   bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{spoiled}),
		"VerifyPromises with C":   bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{{X: c.X, Commitment: c.Commitment, Promise: bls.Promise{bls.G1(badC.Bytes())}}}),
		"CheckCommitment":         bls.CheckCommitment(c.X, spoiled.Commitment, 1, 1),
		"OpenShare":               openErr,
		"MakePromise":             promiseErr,
		"VerifySession":           bls.VerifySession(c.X, s.m, badU),
		"VerifyJurorKey":          bls.VerifyJurorKey(sxp.ID{}, badU, s.zs[0], c.Promise[0]),
		"G1.Check":                badU.Check(),
		"VerifyAggregate":         bls.VerifyAggregate(s.m, []bls.G2{c.X}, badU),
		"VerifyShare":             bls.VerifyShare(s.m, c.X, c.Commitment, 1, badU),
		"G2.Check off the group":  offSubgroupG2(t).Check(),
		"VerifySession's key":     bls.VerifySession(offSubgroupG2(t), s.m, c.Promise[0]),
		"CheckCommitment's key X": bls.CheckCommitment(offSubgroupG2(t), c.Commitment, 1, 1),
	} {
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s off the subgroup: error %v, want %v", name, err, sxp.Invalid)
		}
	}
}

// orderThree returns a point of order 3 on the curve: x = 0, y = ±2.
func orderThree(t *testing.T) (p gnark.G1Affine) {
	t.Helper()
	p.Y.SetUint64(2)
	var twice gnark.G1Affine
	twice.Double(&p)
	p.Neg(&p)
	if !p.IsOnCurve() || p != twice || p.IsInSubGroup() {
		t.Fatal("(0, 2) should have order 3")
	}
	return p
}

// plainTimes doubles and adds: gnark's own multiplication uses an endomorphism
// that is right on the subgroup only.
func plainTimes(p gnark.G1Affine, k fr.Element) (out gnark.G1Affine) {
	b := k.Bytes()
	for i := range 8 * len(b) {
		out.Double(&out)
		if b[i/8]>>(7-i%8)&1 == 1 {
			out.Add(&out, &p)
		}
	}
	return out
}

func mod3(k fr.Element) (r uint64) {
	for _, b := range k.Bytes() {
		r = (r*256 + uint64(b)) % 3
	}
	return r
}

// offSubgroupG2 returns a point of the twist that is not in G2.
func offSubgroupG2(t *testing.T) bls.G2 {
	t.Helper()
	b := bls.G2{0: 0x80}
	for i := byte(0); ; i++ {
		b[len(b)-1] = i
		var p gnark.G2Affine
		dec := gnark.NewDecoder(readerOf(b[:]), gnark.NoSubgroupChecks())
		if dec.Decode(&p) == nil && p.IsOnCurve() && !p.IsInSubGroup() {
			return b
		}
	}
}

// offSubgroupG1 is the encoding of a point of order h·r or h.
func offSubgroupG1(t *testing.T) bls.G1 {
	t.Helper()
	p := orderThree(t)
	return bls.G1(p.Bytes())
}

// aboveModulus returns a point whose x, plus the modulus, still fits 381 bits
// (about one in four), and that other spelling of it.
func aboveModulus(t *testing.T) (small, second bls.G1) {
	t.Helper()
	for i := byte(0); ; i++ {
		small = bls.HashToG1([]byte{i}, bls.TagSession)
		x := pointG1(t, small).X
		v := x.BigInt(new(big.Int))
		v.Add(v, fp.Modulus())
		if v.BitLen() <= 381 {
			v.FillBytes(second[:])
			second[0] |= small[0] & 0xe0
			return small, second
		}
	}
}
