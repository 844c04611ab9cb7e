package bls_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

// FuzzPointText: a text that parses is the one text of its point, and what does
// not parse says so.
func FuzzPointText(f *testing.F) {
	good := bls.HashToG1([]byte("a point"), bls.TagSession)
	f.Add([]byte(good.String()))
	f.Add([]byte((bls.G2{0x93}).String()))
	f.Add(bytes.ToUpper([]byte(good.String())))
	f.Fuzz(func(t *testing.T, text []byte) {
		var p bls.G1
		if err := p.UnmarshalText(text); err == nil && p.String() != string(text) || err != nil && (!errors.Is(err, sxp.Invalid) || p != (bls.G1{})) {
			t.Errorf("G1 from %q: %v, %v", text, p, err)
		}
		var q bls.G2
		if err := q.UnmarshalText(text); err == nil && q.String() != string(text) || err != nil && (!errors.Is(err, sxp.Invalid) || q != (bls.G2{})) {
			t.Errorf("G2 from %q: %v, %v", text, q, err)
		}
	})
}

// FuzzCommitmentJSON: a commitment that parses and holds is written again as a
// commitment that holds, and none holds that has not exactly t−1 points.
func FuzzCommitmentJSON(f *testing.F) {
	x, err := bls.NewSecret(reader("fuzz"))
	if err != nil {
		f.Fatal(err)
	}
	k, _, err := bls.Commit(reader("commit"), x, 2)
	if err != nil {
		f.Fatal(err)
	}
	b, err := json.Marshal(k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"a":[],"u":""}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var c bls.Commitment
		if json.Unmarshal(in, &c) != nil {
			return
		}
		err := bls.CheckCommitment(x.Public(), c, 3, 2)
		if err != nil && sxp.KindOf(err) == sxp.Internal || err == nil && len(c.A) != 1 {
			t.Errorf("CheckCommitment(%s): %v", in, err)
		}
		var again bls.Commitment
		if b, err := json.Marshal(c); err != nil || json.Unmarshal(b, &again) != nil || again.U != c.U || len(again.A) != len(c.A) {
			t.Errorf("%s is written as another", in)
		}
	})
}

// FuzzSecret: 32 bytes are a secret or are refused, and nothing else is.
func FuzzSecret(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1}, 32))
	f.Add(bytes.Repeat([]byte{0xff}, 32))
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := bls.ParseSecret(in)
		if err != nil {
			if !errors.Is(err, sxp.Invalid) {
				t.Errorf("ParseSecret(%d bytes): %v", len(in), err)
			}
			return
		}
		if len(in) != bls.SecretSize || s.Public().Check() != nil {
			t.Errorf("%d bytes are a secret", len(in))
		}
	})
}
