package envelope_test

import (
	"bytes"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/vectors"
)

// FuzzParse: what parses has exactly one encoding. Its parts put together again
// are the input, and the JSON view gives the input back.
func FuzzParse(f *testing.F) {
	for _, v := range vectors.All("envelope") {
		f.Add([]byte(v.Input))
	}
	f.Add(stacked(f))
	f.Fuzz(func(t *testing.T, in []byte) {
		kept := bytes.Clone(in)
		m, err := envelope.Parse(in)
		if !bytes.Equal(in, kept) {
			t.Fatal("Parse changed its input")
		}
		typ, id, peekErr := envelope.Peek(in)
		var b envelope.Batch
		b.Add(in)
		if errs := b.Verify(); sxp.KindOf(errs[0]) != sxp.KindOf(err) {
			t.Fatalf("Parse: %v, Batch: %v", err, errs[0])
		}
		if err != nil {
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
				t.Fatalf("kind %q", k)
			}
			return
		}
		if peekErr != nil || typ != m.Type || id != m.Signer {
			t.Fatalf("Peek = %s, %s, %v", typ, id, peekErr)
		}
		j, err := envelope.ToJSON(in, thingTypes())
		if err != nil {
			t.Fatal(err)
		}
		back, err := envelope.FromJSON(j, thingTypes())
		if err != nil || !bytes.Equal(back, in) {
			t.Fatalf("%x has a second encoding, %x (%v)", in, back, err)
		}
	})
}

// FuzzUnmarshal: what is accepted is what Marshal gives, and the strict walk
// over bytes agrees with the CBOR library.
func FuzzUnmarshal(f *testing.F) {
	good, err := envelope.Marshal(aThing())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(x("a1 6166 43 010203"))
	f.Add(x("a1 6161 18 05"))
	f.Fuzz(func(t *testing.T, in []byte) {
		checkOne[thing](t, in)
		checkOne[small](t, in)
		checkOne[[]map[string]sxp.Hash](t, in)
	})
}

func checkOne[T any](t *testing.T, in []byte) {
	var v T
	if err := envelope.Unmarshal(in, &v); err != nil {
		if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
			t.Fatalf("kind %q", k)
		}
		return
	}
	if again, err := envelope.Marshal(v); err != nil || !bytes.Equal(again, in) {
		t.Fatalf("%x decodes to %+v, which encodes as %x (%v)", in, v, again, err)
	}
}

// FuzzUnseal: no input panics, and what opens was sealed by these rules.
func FuzzUnseal(f *testing.F) {
	for _, v := range vectors.All("sealing") {
		f.Add([]byte(v.Input))
	}
	k := kem(1)
	f.Fuzz(func(t *testing.T, in []byte) {
		plain, err := envelope.Unseal(ring(k), info, in)
		ids, idErr := envelope.SealedTo(in)
		if err == nil && (idErr != nil || len(ids) == 0 || len(plain) > len(in)) {
			t.Fatalf("opened %d bytes for %v (%v)", len(plain), ids, idErr)
		}
	})
}

// FuzzFromJSON: what is accepted is a message, whose view is accepted too.
func FuzzFromJSON(f *testing.F) {
	j, err := envelope.ToJSON(stacked(f), thingTypes())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(j)
	f.Fuzz(func(t *testing.T, in []byte) {
		raw, err := envelope.FromJSON(in, thingTypes())
		if err != nil {
			return
		}
		if _, err := envelope.Parse(raw); err != nil {
			t.Fatal(err)
		}
		if _, err := envelope.ToJSON(raw, thingTypes()); err != nil {
			t.Fatal(err)
		}
	})
}
