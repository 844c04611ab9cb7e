package bls_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp"
	"sxp/internal/bls"
)

// writeVectors makes all files of vectors/bls anew.
func writeVectors(t *testing.T) {
	t.Helper()
	old, err := filepath.Glob(vectorDir + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(vectorDir, 0o755); err != nil {
		t.Fatal(err)
	}
	var all []vector
	add := func(op, name string, expect sxp.Kind, why string, parts ...[]byte) {
		v := vector{Name: name, Op: op, Input: bytes.Join(parts, nil), Expect: expect, Why: why}
		if expect == "" {
			out, err := run(op, v.Input)
			if err != nil {
				t.Fatalf("%s %s: %v", op, name, err)
			}
			v.Output = out
		}
		all = append(all, v)
	}
	pointVectors(t, add)
	keyVectors(t, add)
	promiseVectors(t, add)
	resultVectors(t, add)
	for _, v := range all {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(vectorDir, v.Op+"-"+v.Name+".json"), append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type adder func(op, name string, expect sxp.Kind, why string, parts ...[]byte)

func pointVectors(t *testing.T, add adder) {
	good := bls.HashToG1([]byte("a point"), bls.TagSession)
	_, second := aboveModulus(t)
	three := orderThree(t)
	mixed := pointG1(t, good)
	mixed.Add(&mixed, &three)
	with := func(p bls.G1, mask byte) []byte { p[0] ^= mask; return p[:] }
	offCurve, offMixed, offThree := offCurveG1(), mixed.Bytes(), three.Bytes()
	add("g1", "valid", "", "the hash of a message", good[:])
	add("g1", "inverse", "", "the sign flag is part of the value", with(good, 0x20))
	add("g1", "identity", sxp.Invalid, "the identity is never a value", with(bls.G1{}, 0xc0))
	add("g1", "identity-sign", sxp.Invalid, "the identity with the sign flag", with(bls.G1{}, 0xe0))
	add("g1", "identity-garbage", sxp.Invalid, "the identity with a set bit after the flags", with(bls.G1{47: 1}, 0xc0))
	add("g1", "uncompressed-flag", sxp.Invalid, "the compression flag is off", with(good, 0x80))
	add("g1", "infinity-flag", sxp.Invalid, "the infinity flag on a point that is not the identity", with(good, 0x40))
	add("g1", "zeros", sxp.Invalid, "48 zeros", make([]byte, 48))
	add("g1", "off-curve", sxp.Invalid, "x is not on the curve", offCurve[:])
	add("g1", "off-subgroup", sxp.Invalid, "a point of order 3", offThree[:])
	add("g1", "off-subgroup-mixed", sxp.Invalid, "a point of the subgroup plus one of order 3", offMixed[:])
	add("g1", "x-above-modulus", sxp.Invalid, "x + p in place of x", second[:])
	key := fixedSecret(t, "point").Public()
	with2 := func(p bls.G2, mask byte) []byte { p[0] ^= mask; return p[:] }
	off, above := offSubgroupG2(t), aboveG2()
	add("g2", "valid", "", "a public key", key[:])
	add("g2", "inverse", "", "the sign flag is part of the value", with2(key, 0x20))
	add("g2", "identity", sxp.Invalid, "the identity is never a value", with2(bls.G2{}, 0xc0))
	add("g2", "identity-garbage", sxp.Invalid, "the identity with a set bit after the flags", with2(bls.G2{95: 1}, 0xc0))
	add("g2", "uncompressed-flag", sxp.Invalid, "the compression flag is off", with2(key, 0x80))
	add("g2", "infinity-flag", sxp.Invalid, "the infinity flag on a point that is not the identity", with2(key, 0x40))
	add("g2", "zeros", sxp.Invalid, "96 zeros", make([]byte, 96))
	add("g2", "off-subgroup", sxp.Invalid, "a point of the twist outside of the subgroup", off[:])
	add("g2", "c0-above-modulus", sxp.Invalid, "the second half of x is above the modulus", above[:])
}

func fixedSecret(t *testing.T, name string) *bls.Secret { return newSecret(t, reader(name)) }

func keyVectors(t *testing.T, add adder) {
	x, y := fixedSecret(t, "ann"), fixedSecret(t, "juror")
	pub, id, other := flat(x.Public()), bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	m := sxp.Sum([]byte("a contract"))
	order := fr.Modulus().FillBytes(make([]byte, 32))
	role := func(r string) []byte { return append([]byte{byte(len(r))}, r...) }
	add("derive", "32-bytes", "", "KeyGen of the draft", bytes.Repeat([]byte{7}, 32))
	add("derive", "short", sxp.Invalid, "31 bytes are too few", bytes.Repeat([]byte{7}, 31))
	add("public", "valid", "", "X = x·g2 and Y = x·g1", x.Bytes())
	add("public", "one", "", "the generators themselves", append(make([]byte, 31), 1))
	add("public", "zero", sxp.Invalid, "a secret is not zero", make([]byte, 32))
	add("public", "order", sxp.Invalid, "a secret is below the order", order)
	add("sign-session", "valid", "", "σ = x·H(m)", x.Bytes(), m[:])
	add("sign-draw", "valid", "", "δ = x·H'(proposal)", x.Bytes(), m[:])
	add("prove", "party", "", "proof over role, X and identity", x.Bytes(), role("party"), id)
	add("prove", "juror", "", "proof over role, Y, Z and identity", y.Bytes(), role("juror"), id)
	sigma, delta := flat(x.SignSession(m)), flat(x.SignDraw(m))
	add("session", "valid", "", "a signature", pub, m[:], sigma)
	add("session", "other-m", sxp.Invalid, "a signature of another contract", pub, other, sigma)
	add("session", "other-key", sxp.Invalid, "a signature by another key", flat(y.Public()), m[:], sigma)
	add("session", "draw-tag", sxp.Invalid, "a draw share is no signature", pub, m[:], delta)
	add("draw", "valid", "", "a draw share", pub, m[:], delta)
	add("draw", "session-tag", sxp.Invalid, "a signature is no draw share", pub, m[:], sigma)
	proof := flat(x.ProvePossession("party", sxp.ID(id)))
	add("possession", "valid", "", "a contract key and its identity", role("party"), id, pub, proof)
	add("possession", "other-identity", sxp.Invalid, "replayed by another identity", role("party"), other, pub, proof)
	add("possession", "other-role", sxp.Invalid, "made for another role", role("watcher"), id, pub, proof)
	add("possession", "juror-role", sxp.Invalid, "a contract key never has the role juror", role("juror"), id, pub, proof)
	add("possession", "no-role", sxp.Invalid, "a role has at least one byte", role(""), id, pub, proof)
	yz := slices.Concat(flat(y.PublicG1()), flat(y.Public()))
	jproof := flat(y.ProvePossession("juror", sxp.ID(id)))
	add("juror", "valid", "", "a juror key and its identity", id, yz, jproof)
	add("juror", "other-identity", sxp.Invalid, "replayed by another identity", other, yz, jproof)
	add("juror", "unpaired", sxp.Invalid, "Y and Z of two secrets", id, flat(x.PublicG1()), flat(y.Public()), jproof)
}

func promiseVectors(t *testing.T, add adder) {
	for _, size := range []struct {
		name string
		n, t int
	}{{"trent", 1, 1}, {"three", 3, 2}, {"five", 5, 3}} {
		s := newSession(t, reader(size.name), size.n, size.t, 1)
		c := s.checks[0]
		head := []byte{byte(size.n), byte(size.t)}
		k := slices.Concat(flat(c.Commitment.A...), flat(c.Commitment.U))
		add("commitment", size.name, "", "exactly t−1 points A", head, flat(c.X), k)
		add("promise", size.name, "", "all equations hold", head, s.m[:], flat(s.zs...), flat(c.X), k, flat(c.Promise...))
		share := s.open(t, 0, size.n)
		add("open", size.name, "", "S = C − y·U", s.jurors[size.n-1].Bytes(), flat(c.Promise[size.n-1]), flat(c.Commitment.U))
		add("share", size.name, "", "the share of the last seat", []byte{byte(size.t), byte(size.n)}, s.m[:], flat(c.X), flat(c.Commitment.A...), flat(share))
		var shares []byte
		for seat := size.n - size.t + 1; seat <= size.n; seat++ {
			shares = append(append(shares, byte(seat)), flat(s.open(t, 0, seat))...)
		}
		add("recover", size.name, "", "the last t seats complete the signature", []byte{byte(size.t)}, shares)
		add("recover", size.name+"-too-few", sxp.Early, "a share less", []byte{byte(size.t)}, shares[1+bls.G1Size:])
		made := slices.Concat(s.parties[0].Bytes(), []byte{byte(size.t)}, openingBytes(t, size.name, size.t))
		add("commit", size.name, "", "A_k = a_k·g2 and U = r·g1", made)
		add("make-promise", size.name, "", "C_j = p(j)·H(m) + r·Y_j", made, s.m[:], flat(s.ys...))
	}
	s := newSession(t, reader("three"), 3, 2, 1)
	c, head := s.checks[0], []byte{3, 2}
	k := slices.Concat(flat(c.Commitment.A...), flat(c.Commitment.U))
	p := slices.Clone(c.Promise)
	p[0], p[1] = p[1], p[0]
	add("promise", "exchanged", sxp.Invalid, "two points exchanged", head, s.m[:], flat(s.zs...), flat(c.X), k, flat(p...))
	add("promise", "other-m", sxp.Invalid, "a promise of another contract", head, make([]byte, 32), flat(s.zs...), flat(c.X), k, flat(c.Promise...))
	add("promise", "other-key", sxp.Invalid, "a promise by another key", head, s.m[:], flat(s.zs...), flat(s.zs[0]), k, flat(c.Promise...))
	three := orderThree(t)
	q := pointG1(t, c.Promise[2])
	q.Add(&q, &three)
	b := q.Bytes()
	add("promise", "off-subgroup", sxp.Invalid, "C_3 plus a point of order 3: the pairing would not notice", head, s.m[:], flat(s.zs...), flat(c.X), k, flat(c.Promise[:2]...), b[:])
	add("share", "other-seat", sxp.Invalid, "the share of another seat", []byte{2, 1}, s.m[:], flat(c.X), flat(c.Commitment.A...), flat(s.open(t, 0, 2)))
	add("share", "seat-zero", sxp.Invalid, "seat 0 would be the signature itself", []byte{2, 0}, s.m[:], flat(c.X), flat(c.Commitment.A...), flat(s.parties[0].SignSession(s.m)))
	x := fixedSecret(t, "zero seat")
	a := number(x)
	zero := opening(t, number(fixedSecret(t, "r")), *a.Neg(&a)).Public()
	add("commitment", "zero-seat", sxp.Invalid, "p(1) = 0: P_1 is the identity", head, flat(x.Public()), flat(zero.A...), flat(zero.U))
	add("commitment", "high-threshold", sxp.Invalid, "a threshold above the seats", []byte{1, 2}, flat(c.X), k)
}

// openingBytes returns r, a_1, …, a_{t−1} from a fixed stream.
func openingBytes(t *testing.T, name string, n int) (out []byte) {
	r := reader("opening " + name)
	for range n {
		out = append(out, newSecret(t, r).Bytes()...)
	}
	return out
}

func resultVectors(t *testing.T, add adder) {
	m := sxp.Sum([]byte("a contract"))
	var pubs []bls.G2
	var sigs, deltas []bls.G1
	for _, name := range []string{"ann", "bob", "cyd"} {
		x := fixedSecret(t, name)
		pubs, sigs, deltas = append(pubs, x.Public()), append(sigs, x.SignSession(m)), append(deltas, x.SignDraw(m))
	}
	sum, err := bls.Aggregate(m, sigs)
	if err != nil {
		t.Fatal(err)
	}
	add("coefficients", "three", "", "the first 128 bits of SHA-256 of tag, m and position", []byte{3}, m[:])
	add("combine", "three", "", "S = Σ c_i·σ_i", m[:], flat(sigs...))
	add("aggregate", "three", "", "the finished contract", m[:], []byte{3}, flat(pubs...), flat(sum))
	add("aggregate", "other-order", sxp.Invalid, "the order of parties is part of the contract", m[:], []byte{3}, flat(pubs[1], pubs[0], pubs[2]), flat(sum))
	var plain gnark.G1Affine
	for _, s := range sigs {
		p := pointG1(t, s)
		plain.Add(&plain, &p)
	}
	b := plain.Bytes()
	add("aggregate", "plain-sum", sxp.Invalid, "a sum without the coefficients", m[:], []byte{3}, flat(pubs...), b[:])
	bob := number(fixedSecret(t, "bob"))
	cyd := secretOf(t, *bob.Neg(&bob)).Public()
	add("aggregate", "cancelling-keys", sxp.Invalid, "x_C = −x_B: Ann's signature alone is not the contract of all", m[:], []byte{3}, flat(pubs[0], pubs[1], cyd), flat(sigs[0]))
	add("aggregate", "nobody", sxp.TooLarge, "a contract has 1 to 12 parties", m[:], []byte{0}, flat(sum))
	add("seed", "three", "", "SHA-256 of the encoded sum", flat(deltas...))
	minus := pointG1(t, deltas[0])
	minus.Neg(&minus)
	mb := minus.Bytes()
	add("seed", "cancelling", sxp.Invalid, "the sum is the identity", flat(deltas[0]), mb[:])
}
