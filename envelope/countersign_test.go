package envelope_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/veraison/go-cose"

	"sxp"
	"sxp/envelope"
)

func countersign(t testing.TB, by byte, raw []byte, over int, attrs map[string]string) []byte {
	t.Helper()
	out, err := envelope.Countersign(key(by), raw, over, attrs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stacked has Ann's tribe on the message, the bank on the tribe, a notary on
// the message, and a second bank on the tribe.
func stacked(t testing.TB) []byte {
	raw := signed(t, aThing())
	raw = countersign(t, 2, raw, envelope.OverMessage, map[string]string{"member": "since 2019", "vat": "paid"})
	raw = countersign(t, 3, raw, 0, map[string]string{"rating": "A"})
	raw = countersign(t, 4, raw, envelope.OverMessage, nil)
	return countersign(t, 5, raw, 0, map[string]string{"": "an empty name is a name"})
}

func TestCountersignaturesStack(t *testing.T) {
	t.Parallel()
	m, err := envelope.Parse(stacked(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []envelope.Countersignature{
		{Signer: key(2).ID(), Attributes: map[string]string{"member": "since 2019", "vat": "paid"}, Over: envelope.OverMessage},
		{Signer: key(3).ID(), Attributes: map[string]string{"rating": "A"}, Over: 0},
		{Signer: key(5).ID(), Attributes: map[string]string{"": "an empty name is a name"}, Over: 0},
		{Signer: key(4).ID(), Over: envelope.OverMessage},
	}
	if d := cmp.Diff(want, m.Countersignatures); d != "" {
		t.Error(d)
	}
}

func TestCountersignTwiceIsOnce(t *testing.T) {
	t.Parallel()
	raw := stacked(t)
	again := countersign(t, 3, raw, 0, map[string]string{"rating": "A"})
	if !bytes.Equal(raw, again) {
		t.Error("the same countersignature was added again")
	}
	if bytes.Equal(raw, countersign(t, 3, raw, 0, map[string]string{"rating": "B"})) {
		t.Error("another statement by the same signer was not added")
	}
}

func TestCountersignRefuses(t *testing.T) {
	t.Parallel()
	raw := stacked(t)
	many := map[string]string{}
	for i := range envelope.MaxAttributes + 1 {
		many[strings.Repeat("a", i)] = ""
	}
	full := signed(t, 1)
	for i := range sxp.MaxCountersignatures {
		full = countersign(t, byte(i+10), full, envelope.OverMessage, nil)
	}
	high := signed(t, 1)
	for i := range envelope.MaxNesting {
		high = countersign(t, byte(i+10), high, i-1, nil)
	}
	broken := bytes.Clone(raw)
	broken[len(broken)-1] ^= 1
	for name, tt := range map[string]struct {
		raw   []byte
		over  int
		attrs map[string]string
		want  sxp.Kind
	}{
		"one that is not there":          {raw, 4, nil, sxp.Invalid},
		"an index below the message":     {raw, -2, nil, sxp.Invalid},
		"a message with a bad signature": {broken, envelope.OverMessage, nil, sxp.Invalid},
		"17 attributes":                  {raw, envelope.OverMessage, many, sxp.TooLarge},
		"a long name":                    {raw, envelope.OverMessage, map[string]string{strings.Repeat("n", 65): ""}, sxp.TooLarge},
		"a long value":                   {raw, envelope.OverMessage, map[string]string{"n": strings.Repeat("v", 1025)}, sxp.TooLarge},
		"a value that is not UTF-8":      {raw, envelope.OverMessage, map[string]string{"n": "\xff"}, sxp.Invalid},
		"the 33rd":                       {full, envelope.OverMessage, nil, sxp.TooLarge},
		"the 9th on top of each other":   {high, envelope.MaxNesting - 1, nil, sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := envelope.Countersign(key(99), tt.raw, tt.over, tt.attrs); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// coseKey returns go-cose's view of a test key.
func coseKey(t *testing.T, n byte) (cose.Signer, cose.Verifier) {
	t.Helper()
	s, err := cose.NewSigner(cose.AlgorithmEdDSA, key(n).k)
	if err != nil {
		t.Fatal(err)
	}
	v, err := cose.NewVerifier(cose.AlgorithmEdDSA, key(n).k.Public())
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// TestGoCOSEAgrees: an implementation of RFC 9052 and RFC 9338 that is not ours
// verifies what this package makes.
func TestGoCOSEAgrees(t *testing.T) {
	t.Parallel()
	raw := stacked(t)
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(raw); err != nil {
		t.Fatal(err)
	}
	_, by1 := coseKey(t, 1)
	if err := m.Verify(nil, by1); err != nil {
		t.Errorf("the signature: %v", err)
	}
	verify := func(c *cose.Countersignature, by byte, parent any) {
		t.Helper()
		_, v := coseKey(t, by)
		if err := c.Verify(v, parent, nil); err != nil {
			t.Errorf("the countersignature of key %d: %v", by, err)
		}
	}
	onMessage := m.Headers.Unprotected[cose.HeaderLabelCounterSignatureV2].([]*cose.Countersignature)
	verify(onMessage[0], 2, m)
	verify(onMessage[1], 4, m)
	onTribe := onMessage[0].Headers.Unprotected[cose.HeaderLabelCounterSignatureV2].([]*cose.Countersignature)
	verify(onTribe[0], 3, *onMessage[0])
	verify(onTribe[1], 5, *onMessage[0])
	if again, err := m.MarshalCBOR(); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("go-cose encodes the message otherwise: %x, %v", again, err)
	}
}

// TestParseReadsGoCOSE: and this package verifies what that one makes.
func TestParseReadsGoCOSE(t *testing.T) {
	t.Parallel()
	payload, err := envelope.Marshal(aThing())
	if err != nil {
		t.Fatal(err)
	}
	header := func(n byte) cose.ProtectedHeader {
		return cose.ProtectedHeader{cose.HeaderLabelAlgorithm: cose.AlgorithmEdDSA, cose.HeaderLabelKeyID: idOf(key(n))}
	}
	m := cose.NewSign1Message()
	m.Headers.Protected = header(1)
	m.Headers.Protected[int64(16)] = string(typeThing)
	m.Payload = payload
	s1, _ := coseKey(t, 1)
	if err := m.Sign(rand.Reader, nil, s1); err != nil {
		t.Fatal(err)
	}
	s2, _ := coseKey(t, 2)
	c := cose.NewCountersignature()
	c.Headers.Protected = header(2)
	c.Headers.Protected["vat"] = "paid"
	if err := c.Sign(rand.Reader, s2, *m, nil); err != nil {
		t.Fatal(err)
	}
	m.Headers.Unprotected = cose.UnprotectedHeader{cose.HeaderLabelCounterSignatureV2: c}
	raw, err := m.MarshalCBOR()
	if err != nil {
		t.Fatal(err)
	}
	want := countersign(t, 2, signed(t, aThing()), envelope.OverMessage, map[string]string{"vat": "paid"})
	if !bytes.Equal(raw, want) {
		t.Errorf("go-cose %x\nours    %x", raw, want)
	}
	if _, err := envelope.Parse(raw); err != nil {
		t.Error(err)
	}
}
