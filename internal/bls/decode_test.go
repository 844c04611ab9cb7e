package bls_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
	"sxp/internal/bls"
)

func readerOf(b []byte) io.Reader { return bytes.NewReader(b) }

func TestDecodersRefuseEverySecondEncoding(t *testing.T) {
	t.Parallel()
	good := bls.HashToG1([]byte("a point"), bls.TagSession)
	key := newSecret(t, rand.Reader).Public()
	small, second := aboveModulus(t)
	if err := errors.Join(good.Check(), key.Check()); err != nil {
		t.Fatal(err)
	}
	flip := func(p bls.G1, mask byte) bls.G1 { p[0] ^= mask; return p }
	flip2 := func(p bls.G2, mask byte) bls.G2 { p[0] ^= mask; return p }
	infinity, garbage := bls.G1{0xc0}, bls.G1{0xc0, 47: 1}
	var ones bls.G1
	for i := range ones {
		ones[i] = 0xff
	}
	for name, err := range map[string]error{
		"G1: zeros":                             bls.G1{}.Check(),
		"G1: ones":                              ones.Check(),
		"G1: identity":                          infinity.Check(),
		"G1: identity with the sign flag":       bls.G1{0xe0}.Check(),
		"G1: identity with garbage at the end":  garbage.Check(),
		"G1: identity with garbage at the head": bls.G1{0xc1}.Check(),
		"G1: identity not compressed":           bls.G1{0x40}.Check(),
		"G1: compression flag off":              flip(good, 0x80).Check(),
		"G1: infinity flag on":                  flip(good, 0x40).Check(),
		"G1: all flags on":                      bls.G1{0xe0, 5}.Check(),
		"G1: off the subgroup":                  offSubgroupG1(t).Check(),
		"G1: off the curve":                     offCurveG1().Check(),
		"G1: x plus the modulus":                second.Check(),
		"G2: zeros":                             bls.G2{}.Check(),
		"G2: identity":                          bls.G2{0xc0}.Check(),
		"G2: identity with the sign flag":       bls.G2{0xe0}.Check(),
		"G2: identity with garbage":             bls.G2{0xc0, 95: 1}.Check(),
		"G2: identity not compressed":           bls.G2{0x40}.Check(),
		"G2: compression flag off":              flip2(key, 0x80).Check(),
		"G2: infinity flag on":                  flip2(key, 0x40).Check(),
		"G2: off the subgroup":                  offSubgroupG2(t).Check(),
		"G2: half of x above the modulus":       aboveG2().Check(),
	} {
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v, want %v", name, err, sxp.Invalid)
		}
	}
	if small.Check() != nil {
		t.Errorf("the usual spelling: %v", small.Check())
	}
	// The sign flag is no second encoding but the inverse point.
	p, q := pointG1(t, good), pointG1(t, flip(good, 0x20))
	if p.Neg(&p); p != q {
		t.Error("the sign flag should give the inverse")
	}
}

func offCurveG1() bls.G1 {
	for i := byte(1); ; i++ {
		b := bls.G1{0: 0x80, 47: i}
		var p gnark.G1Affine
		if gnark.NewDecoder(readerOf(b[:]), gnark.NoSubgroupChecks()).Decode(&p) != nil {
			return b
		}
	}
}

func aboveG2() bls.G2 {
	b := bls.G2{0: 0x80}
	for i := 48; i < 96; i++ {
		b[i] = 0x1f
	}
	return b
}

// No byte of anything that a promise consists of can change.
func TestEveryMutatedByteIsRefused(t *testing.T) {
	t.Parallel()
	s := newSession(t, rand.Reader, 3, 2, 1)
	c := s.checks[0]
	sig, proof := s.parties[0].SignSession(s.m), s.jurors[0].ProvePossession(bls.RoleJuror, jurorID(1))
	share := s.open(t, 0, 1)
	verify := func() error {
		return bls.VerifyPromises(rand.Reader, s.m, s.zs, []bls.PromiseCheck{c})
	}
	juror := func() error { return bls.VerifyJurorKey(jurorID(1), s.ys[0], s.zs[0], proof) }
	session := func() error { return bls.VerifySession(c.X, s.m, sig) }
	one := func() error { return bls.VerifyShare(s.m, c.X, c.Commitment, 1, share) }
	for _, tt := range []struct {
		name  string
		bytes []byte
		check func() error
	}{
		{"X of the promise", c.X[:], verify},
		{"A_1 of the promise", c.Commitment.A[0][:], verify},
		{"U of the promise", c.Commitment.U[:], verify},
		{"C_1", c.Promise[0][:], verify},
		{"C_3", c.Promise[2][:], verify},
		{"Z_2", s.zs[1][:], verify},
		{"m", s.m[:], verify},
		{"m of the signature", s.m[:], session},
		{"the signature", sig[:], session},
		{"X of the signature", c.X[:], session},
		{"Y of the juror", s.ys[0][:], juror},
		{"Z of the juror", s.zs[0][:], juror},
		{"the proof of the juror", proof[:], juror},
		{"the share", share[:], one},
		{"A_1 of the share", c.Commitment.A[0][:], one},
	} {
		if err := tt.check(); err != nil {
			t.Fatalf("%s: %v before any change", tt.name, err)
		}
		for i := range tt.bytes {
			mask := byte(1) << (i % 8)
			tt.bytes[i] ^= mask
			if err := tt.check(); !errors.Is(err, sxp.Invalid) {
				t.Errorf("%s with bit %d of byte %d flipped: error %v, want %v", tt.name, i%8, i, err, sxp.Invalid)
			}
			tt.bytes[i] ^= mask
		}
		for flag := byte(0x20); flag != 0; flag <<= 1 {
			tt.bytes[0] ^= flag
			if err := tt.check(); !errors.Is(err, sxp.Invalid) {
				t.Errorf("%s with flag %#x flipped: error %v, want %v", tt.name, flag, err, sxp.Invalid)
			}
			tt.bytes[0] ^= flag
		}
	}
}

func TestTextIsExactlyLowerCaseHex(t *testing.T) {
	t.Parallel()
	p := bls.HashToG1([]byte("a point"), bls.TagSession)
	c := bls.Commitment{A: []bls.G2{newSecret(t, rand.Reader).Public()}, U: p}
	b, err := json.Marshal(c)
	if err != nil || !strings.HasPrefix(string(b), `{"a":["`) {
		t.Fatalf("Marshal = %s, %v", b, err)
	}
	var again bls.Commitment
	if err := json.Unmarshal(b, &again); err != nil || again.U != c.U || again.A[0] != c.A[0] {
		t.Errorf("Unmarshal: %v, %v", again, err)
	}
	text := p.String()
	for name, in := range map[string]string{
		"upper case":   strings.ToUpper(text),
		"a digit less": text[1:],
		"a byte more":  text + "00",
		"nothing":      "",
		"no hex":       strings.Repeat("zz", bls.G1Size),
		"a G2":         c.A[0].String(),
	} {
		var q bls.G1
		if err := q.UnmarshalText([]byte(in)); !errors.Is(err, sxp.Invalid) || q != (bls.G1{}) {
			t.Errorf("%s: error %v, want %v and no value", name, err, sxp.Invalid)
		}
		var r bls.G2
		if err := r.UnmarshalText([]byte(in)); name != "a G2" && !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s as G2: error %v, want %v", name, err, sxp.Invalid)
		}
	}
}

// FuzzG1: what decodes has one encoding, and the two libraries agree on it.
func FuzzG1(f *testing.F) {
	good := bls.HashToG1([]byte("a point"), bls.TagSession)
	f.Add(good[:])
	f.Add([]byte{0xc0})
	f.Add([]byte{0x80, 2})
	f.Fuzz(func(t *testing.T, in []byte) {
		var p bls.G1
		copy(p[:], in)
		checkOneEncodingG1(t, p)
	})
}

// FuzzG2 is FuzzG1 for the other group.
func FuzzG2(f *testing.F) {
	good := bls.G2{0: 0x93} // a start; the corpus finds points by changing bytes
	f.Add(good[:])
	f.Add([]byte{0xc0})
	f.Fuzz(func(t *testing.T, in []byte) {
		var p bls.G2
		copy(p[:], in)
		checkOneEncodingG2(t, p)
	})
}

// FuzzOpening: what parses is written back to the same bytes.
func FuzzOpening(f *testing.F) {
	f.Add([]byte{1, 0, 1})
	f.Add(append([]byte{1, 0, 1}, bytes.Repeat([]byte{1}, 32)...))
	f.Add(append([]byte{1, 0, 2}, bytes.Repeat([]byte{1}, 64)...))
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := bls.ParseOpening(in)
		if err != nil {
			if !errors.Is(err, sxp.Invalid) {
				t.Errorf("ParseOpening(%x): %v, want %v", in, err, sxp.Invalid)
			}
			return
		}
		if out, err := o.Marshal(); err != nil || !bytes.Equal(out, in) {
			t.Errorf("%x has a second encoding, %x (%v)", in, out, err)
		}
	})
}
