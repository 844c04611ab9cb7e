package envelope_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/envelope"
)

// TestBytes spells out a message (spec/envelope.md has the same bytes).
func TestBytes(t *testing.T) {
	type payload struct {
		Want string `json:"want"`
		N    int    `json:"n"`
	}
	got, err := envelope.Sign(key(1), "sxp.example/1", payload{Want: "beer", N: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := x(`
		d2                                          # tag 18: COSE_Sign1
		84                                          # array of 4
		   58 35                                    # 1. protected header, 53 bytes
		      a3                                    #    map of 3
		         01 27                              #    alg: EdDSA (-8)
		         04 58 20                           #    kid: 32 bytes, the ID
		            4cb5abf6ad79fbf5abbccafcc269d85c
		            d2651ed4b885b5869f241aedf0a5ba29
		         10 6d 7378702e6578616d706c652f31   #    typ (16): "sxp.example/1"
		   a0                                       # 2. unprotected header: empty
		   4e                                       # 3. payload, 14 bytes
		      a2                                    #    map of 2, shorter key first
		         61 6e 03                           #    "n": 3
		         64 77616e74 64 62656572            #    "want": "beer"
		   58 40                                    # 4. signature, 64 bytes
		      ` + hexOf(got[len(got)-64:]))
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestOpenGivesBackWhatWasSigned(t *testing.T) {
	t.Parallel()
	want := aThing()
	raw := signed(t, want)
	var got thing
	id, err := envelope.Open(raw, typeThing, &got)
	if err != nil {
		t.Fatal(err)
	}
	if id != key(1).ID() {
		t.Errorf("signer %s, want %s", id, key(1).ID())
	}
	// Nil and empty are one value on the wire.
	want.Inner.List, want.Inner.Bytes = []sxp.ID{}, sxp.Bytes{}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	raw := signed(t, aThing())
	type other struct {
		Name string `json:"name"`
	}
	kept := thing{Name: "kept"}
	if _, err := envelope.Open(raw, "sxp.thing/2", &kept); !errors.Is(err, sxp.Invalid) {
		t.Errorf("another type: error %v, want %v", err, sxp.Invalid)
	}
	if _, err := envelope.Open(raw[1:], typeThing, &kept); !errors.Is(err, sxp.Invalid) {
		t.Errorf("broken bytes: error %v, want %v", err, sxp.Invalid)
	}
	if kept.Name != "kept" {
		t.Errorf("the target was changed to %q", kept.Name)
	}
	var o other
	if _, err := envelope.Open(raw, typeThing, &o); !errors.Is(err, sxp.Invalid) {
		t.Errorf("unknown fields: error %v, want %v", err, sxp.Invalid)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typ   envelope.Type
		value any
		want  sxp.Kind
	}{
		"a type without version":    {"sxp.thing", 1, sxp.Invalid},
		"a type that is too long":   {envelope.Type(strings.Repeat("a", 63) + "/1"), 1, sxp.TooLarge},
		"a float":                   {typeThing, 1.5, sxp.Invalid},
		"text that is not UTF-8":    {typeThing, "\xff", sxp.Invalid},
		"what CBOR cannot say":      {typeThing, make(chan int), sxp.Invalid},
		"a payload over the limit":  {typeThing, make([]byte, sxp.MaxMessage), sxp.TooLarge},
		"a message over the limit":  {typeThing, make([]byte, sxp.MaxMessage-100), sxp.TooLarge},
		"more elements than a list": {typeThing, make([]bool, sxp.MaxItems+1), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := envelope.Sign(key(1), tt.typ, tt.value); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// A locked signer fails as it likes; a broken one gives 63 bytes.
type badSigner struct {
	testKey
	err error
}

func (b badSigner) Sign([]byte) ([]byte, error) { return make([]byte, 63), b.err }

func TestSignPassesOnWhatTheSignerSays(t *testing.T) {
	t.Parallel()
	locked := badSigner{key(1), sxp.Errorf("test", sxp.Denied, nil, "locked")}
	if _, err := envelope.Sign(locked, typeThing, 1); !errors.Is(err, sxp.Denied) {
		t.Errorf("a locked signer: error %v, want %v", err, sxp.Denied)
	}
	if _, err := envelope.Sign(badSigner{testKey: key(1)}, typeThing, 1); !errors.Is(err, sxp.Internal) {
		t.Errorf("a broken signer: error %v, want %v", err, sxp.Internal)
	}
}

func TestPeekDoesNotVerify(t *testing.T) {
	t.Parallel()
	raw := signed(t, aThing())
	raw[len(raw)-1] ^= 1
	typ, id, err := envelope.Peek(raw)
	if err != nil || typ != typeThing || id != key(1).ID() {
		t.Errorf("Peek = %s, %s, %v", typ, id, err)
	}
	if _, err := envelope.Parse(raw); !errors.Is(err, sxp.Invalid) {
		t.Errorf("Parse: error %v, want %v", err, sxp.Invalid)
	}
	if _, _, err := envelope.Peek(raw[:20]); !errors.Is(err, sxp.Invalid) {
		t.Errorf("Peek of a part: error %v, want %v", err, sxp.Invalid)
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	t.Parallel()
	raw := signed(t, thing{Name: "x"})
	raw, err := envelope.Countersign(key(2), raw, envelope.OverMessage, map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if _, err := envelope.Parse(raw); err == nil {
				t.Errorf("bit %d of byte %d flipped: still a message", bit, i)
			}
			raw[i] ^= 1 << bit
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	raw := signed(t, aThing())
	want := sxp.Sum(raw)
	if got := envelope.Digest(raw); got != want {
		t.Errorf("Digest = %s, want SHA-256 of the bytes, %s", got, want)
	}
	counter, err := envelope.Countersign(key(2), raw, envelope.OverMessage, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := envelope.Digest(counter); got != want {
		t.Errorf("a countersignature changes the digest to %s", got)
	}
	if got := envelope.Digest(raw[1:]); got != sxp.Sum(raw[1:]) {
		t.Errorf("the digest of other bytes is %s", got)
	}
}

func TestMessageOverTheLimit(t *testing.T) {
	t.Parallel()
	if _, err := envelope.Parse(make([]byte, sxp.MaxMessage+1)); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("error %v, want %v", err, sxp.TooLarge)
	}
}

// TestPageExamples: the bytes in spec/envelope.md are what this package makes.
func TestPageExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../spec/envelope.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(start string) []byte { // the indented lines from start to an empty one
		_, rest, ok := strings.Cut(string(page), "\n    "+start)
		if !ok {
			t.Fatalf("the page has no block that starts with %s", start)
		}
		rest, _, _ = strings.Cut(start+rest, "\n\n")
		return x(rest)
	}
	message, counter := block("d2  "), block("a1 0b")
	m, err := envelope.Parse(message)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, []byte(envelope.Digest(message).String())) {
		t.Errorf("the page lacks the digest %s", envelope.Digest(message))
	}
	want, err := envelope.Countersign(key(2), message, envelope.OverMessage, map[string]string{"vat": "paid"})
	if err != nil {
		t.Fatal(err)
	}
	got := bytes.Replace(message, append(x("a0 4e"), m.Payload...), cat(counter, x("4e"), m.Payload), 1)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}
