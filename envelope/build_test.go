package envelope_test

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"sxp"
	"sxp/envelope"
)

// A testKey is an Ed25519 key whose seed is 31 zeros and a number.
type testKey struct{ k ed25519.PrivateKey }

func key(n byte) testKey { return testKey{ed25519.NewKeyFromSeed(append(make([]byte, 31), n))} }

func (t testKey) ID() sxp.ID                    { return sxp.ID(t.k.Public().(ed25519.PublicKey)) }
func (t testKey) Sign(m []byte) ([]byte, error) { return ed25519.Sign(t.k, m), nil }

// thing is a payload with one field of each sort that messages use.
type thing struct {
	Name  string            `json:"name"`
	Fixed sxp.Hash          `json:"fixed"`
	List  []sxp.ID          `json:"list"`
	Attrs map[string]string `json:"attrs,omitempty"`
	Bytes sxp.Bytes         `json:"bytes"`
	Count int64             `json:"count"`
	Inner *thing            `json:"inner,omitempty"`
}

const typeThing envelope.Type = "sxp.thing/1"

func thingTypes() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{typeThing: func() any { return new(thing) }}
}

func aThing() thing {
	return thing{
		Name:  "three lessons <&> \u2028",
		Fixed: sxp.Hash{1, 2, 3},
		List:  []sxp.ID{key(1).ID(), key(2).ID()},
		Attrs: map[string]string{"zz": "1", "a": "2", "long": "3"},
		Bytes: sxp.Bytes{0, 0xff},
		Count: -1 << 62,
		Inner: &thing{Name: "inside"},
	}
}

func signed(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := envelope.Sign(key(1), typeThing, v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// What follows writes CBOR by hand, right or wrong: the tests must not trust
// the code they test.

func cat(parts ...[]byte) []byte { return []byte(strings.Join(toStrings(parts), "")) }

func toStrings(parts [][]byte) (s []string) {
	for _, p := range parts {
		s = append(s, string(p))
	}
	return s
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// x reads hex digits, ignoring white space and what follows # on a line.
func x(digits string) []byte {
	var all strings.Builder
	for line := range strings.Lines(digits) {
		line, _, _ = strings.Cut(line, "#")
		all.WriteString(strings.Join(strings.Fields(line), ""))
	}
	b, err := hex.DecodeString(all.String())
	if err != nil {
		panic(err)
	}
	return b
}

func head(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	case n < 65536:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
}

func bstr(b []byte) []byte   { return cat(head(2, len(b)), b) }
func tstr(s string) []byte   { return cat(head(3, len(s)), []byte(s)) }
func arr(e ...[]byte) []byte { return cat(head(4, len(e)), cat(e...)) }

// A draft is a message before it is put together; every part may be wrong,
// while the signatures over them are right.
type draft struct {
	by          testKey
	protected   []byte
	payload     []byte
	unprotected []byte // "" means a0
	sig         []byte // "" means the right one
}

func newDraft() draft {
	k := key(1)
	return draft{
		by:        k,
		protected: cat(x("a3 01 27 04"), bstr(idOf(k)), x("10"), tstr("sxp.thing/1")),
		payload:   x("a1 61 61 01"), // {"a": 1}
	}
}

func idOf(k testKey) []byte { id := k.ID(); return id[:] }

func (d draft) signature() []byte {
	if d.sig != nil {
		return d.sig
	}
	return ed25519.Sign(d.by.k, arr(tstr("Signature1"), bstr(d.protected), bstr(nil), bstr(d.payload)))
}

func (d draft) raw() []byte {
	u := d.unprotected
	if u == nil {
		u = x("a0")
	}
	return cat(x("d2 84"), bstr(d.protected), u, bstr(d.payload), bstr(d.signature()))
}

// attr is one attribute, encoded.
func attr(name, value string) []byte { return cat(tstr(name), tstr(value)) }

func counterProtected(by testKey, attrs ...[]byte) []byte {
	return cat(head(5, 2+len(attrs)), x("01 27 04"), bstr(idOf(by)), cat(attrs...))
}

// counter is a countersignature of the message with the protected header
// given, and with above (the encoded unprotected header, "" for a0) on it.
func (d draft) counter(by testKey, protected, above []byte) []byte {
	sig := ed25519.Sign(by.k, arr(tstr("CounterSignatureV2"), bstr(d.protected), bstr(protected), bstr(nil), bstr(d.payload), arr(bstr(d.signature()))))
	return counterOf(protected, above, sig)
}

func counterOf(protected, above, sig []byte) []byte {
	if above == nil {
		above = x("a0")
	}
	return arr(bstr(protected), above, bstr(sig))
}

// over signs a countersignature that covers another one.
func over(by testKey, protected, coveredProtected, coveredSig []byte) []byte {
	return ed25519.Sign(by.k, arr(tstr("CounterSignature"), bstr(coveredProtected), bstr(protected), bstr(nil), bstr(coveredSig)))
}

// with11 is the unprotected header with label 11.
func with11(value []byte) []byte { return cat(x("a1 0b"), value) }

func hkdfExpand(key []byte, label string) []byte {
	b, err := hkdf.Expand(sha256.New, key, label, 32)
	if err != nil {
		panic(err)
	}
	return b
}
