package envelope_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../vectors")

type vector struct {
	name   string
	input  []byte
	expect sxp.Kind
	why    string
}

// envelopeVectors are inputs of Parse.
func envelopeVectors() []vector {
	all := []vector{
		{"minimal", newDraft().raw(), "", "a message with nothing unprotected"},
	}
	all = append(all, structureVectors()...)
	all = append(all, headerVectors()...)
	all = append(all, payloadVectors()...)
	all = append(all, signatureVectors()...)
	return append(all, counterVectors()...)
}

func structureVectors() []vector {
	d := newDraft()
	raw := d.raw()
	swap := func(at int, b ...byte) []byte {
		out := bytes.Clone(raw)
		copy(out[at:], b)
		return out
	}
	body := len(raw) - 2 - 64 - 1 - len(d.payload) // where the payload's head stands
	return []vector{
		{"empty", nil, sxp.Invalid, "no bytes at all"},
		{"untagged", raw[1:], sxp.Invalid, "the tag 18 is missing"},
		{"wrong-tag", swap(0, 0xd1), sxp.Invalid, "tag 17 is COSE_Mac0"},
		{"array-of-5", swap(1, 0x85), sxp.Invalid, "COSE_Sign1 has four elements"},
		{"truncated", raw[:len(raw)-1], sxp.Invalid, "the last byte is missing"},
		{"trailing", cat(raw, x("00")), sxp.Invalid, "one byte follows"},
		{"payload-length-not-shortest", cat(raw[:body], x("58 04"), raw[body+1:]), sxp.Invalid, "the payload's length 4 takes one byte"},
		{"payload-indefinite", cat(raw[:body], x("5f 44"), d.payload, x("ff"), raw[body+1+len(d.payload):]), sxp.Invalid, "indefinite lengths are forbidden"},
		{"payload-detached", cat(raw[:body], x("f6"), raw[body+1+len(d.payload):]), sxp.Invalid, "a detached payload (null) is forbidden"},
		{"payload-text", swap(body, 0x64), sxp.Invalid, "the payload is a byte string"},
		{"protected-length-beyond-end", cat(x("d2 84 5b ff ff ff ff ff ff ff ff"), raw[4:]), sxp.Invalid, "a length of 2^64-1 is more than what follows"},
	}
}

func headerVectors() []vector {
	k := idOf(key(1))
	protected := func(b ...[]byte) []byte {
		d := newDraft()
		d.protected = cat(b...)
		return d.raw()
	}
	typ := func(s string) []byte { return protected(x("a3 01 27 04"), bstr(k), x("10"), tstr(s)) }
	long := func(n int) string { return "sxp." + string(bytes.Repeat([]byte("a"), n-6)) + "/1" }
	unprotected := newDraft()
	unprotected.unprotected = x("a1 04 41 00")
	return []vector{
		{"header-unsorted", protected(x("a3 04"), bstr(k), x("01 27 10"), tstr("sxp.thing/1")), sxp.Invalid, "labels ascend: alg 1, kid 4, typ 16"},
		{"header-extra-label", protected(x("a4 01 27 04"), bstr(k), x("10"), tstr("sxp.thing/1"), x("18 20 00")), sxp.Invalid, "only alg, kid and typ are protected"},
		{"header-no-typ", protected(x("a2 01 27 04"), bstr(k)), sxp.Invalid, "typ is missing"},
		{"header-alg-es256", protected(x("a3 01 26 04"), bstr(k), x("10"), tstr("sxp.thing/1")), sxp.Invalid, "the algorithm is EdDSA (-8), not ES256 (-7)"},
		{"header-kid-31-bytes", protected(x("a3 01 27 04"), bstr(k[:31]), x("10"), tstr("sxp.thing/1")), sxp.Invalid, "kid has 32 bytes"},
		{"header-empty", protected(), sxp.Invalid, "the protected header is an empty string"},
		{"header-trailing", protected(x("a3 01 27 04"), bstr(k), x("10"), tstr("sxp.thing/1"), x("00")), sxp.Invalid, "a byte follows the map of the protected header"},
		{"header-typ-number", protected(x("a3 01 27 04"), bstr(k), x("10 18 3c")), sxp.Invalid, "typ is text, not a CoAP content format"},
		{"type-longest", typ(long(envelope.MaxType)), "", "a type of 64 bytes"},
		{"type-too-long", typ(long(envelope.MaxType + 1)), sxp.TooLarge, "a type of 65 bytes"},
		{"type-no-version", typ("sxp.thing"), sxp.Invalid, "a type ends in a slash and a version"},
		{"type-version-0", typ("sxp.thing/0"), sxp.Invalid, "versions start at 1"},
		{"type-version-leading-zero", typ("sxp.thing/01"), sxp.Invalid, "versions have no leading zero"},
		{"type-two-slashes", typ("sxp/thing/1"), sxp.Invalid, "a type has one slash"},
		{"type-space", typ("sxp thing/1"), sxp.Invalid, "a type has letters, digits, dots and hyphens"},
		{"type-empty", typ(""), sxp.Invalid, "a type is not empty"},
		{"unprotected-kid", unprotected.raw(), sxp.Invalid, "only countersignatures are unprotected"},
	}
}

func payloadVectors() []vector {
	payload := func(b ...[]byte) []byte {
		d := newDraft()
		d.payload = cat(b...)
		return d.raw()
	}
	nest := func(n int) []byte { return cat(bytes.Repeat(x("81"), n), x("00")) }
	return []vector{
		{"payload-empty", payload(), sxp.Invalid, "a payload is one CBOR item, not none"},
		{"payload-two-items", payload(x("00 00")), sxp.Invalid, "a payload is one CBOR item, not two"},
		{"payload-every-sort", payload(x("88 00 20 40 60 80 a0 f5 f6")), "", "integer, negative, bytes, text, array, map, true, null"},
		{"payload-int-not-shortest", payload(x("18 05")), sxp.Invalid, "5 takes one byte"},
		{"payload-int-64-not-shortest", payload(x("1b 00 00 00 00 ff ff ff ff")), sxp.Invalid, "2^32-1 takes five bytes"},
		{"payload-float", payload(x("f9 3c 00")), sxp.Invalid, "floats are forbidden"},
		{"payload-undefined", payload(x("f7")), sxp.Invalid, "simple values other than false, true and null are forbidden"},
		{"payload-simple-two-bytes", payload(x("f8 15")), sxp.Invalid, "true takes one byte"},
		{"payload-tag", payload(x("c0 60")), sxp.Invalid, "tags are forbidden inside a payload"},
		{"payload-bignum", payload(x("c2 41 01")), sxp.Invalid, "big numbers are tags, hence forbidden"},
		{"payload-break", payload(x("ff")), sxp.Invalid, "a break stands alone"},
		{"payload-array-indefinite", payload(x("9f 00 ff")), sxp.Invalid, "indefinite lengths are forbidden"},
		{"payload-map-unsorted", payload(x("a2 61 62 00 61 61 00")), sxp.Invalid, "the keys b, a do not ascend"},
		{"payload-map-sorted-by-bytes", payload(x("a2 61 62 00 62 61 61 00")), "", "b stands before aa: the shorter head comes first"},
		{"payload-map-duplicate", payload(x("a2 61 61 00 61 61 01")), sxp.Invalid, "the key a stands twice"},
		{"payload-text-not-utf8", payload(x("61 ff")), sxp.Invalid, "text is UTF-8"},
		{"payload-text-surrogate", payload(x("63 ed a0 80")), sxp.Invalid, "surrogates are not UTF-8"},
		{"payload-length-beyond-end", payload(x("5a ff ff ff ff 00")), sxp.Invalid, "4 GiB announced, one byte there"},
		{"payload-array-beyond-end", payload(x("99 ff ff 00")), sxp.Invalid, "65535 elements announced, one there"},
		{"payload-array-too-long", payload(x("9a 00 01 00 01 00")), sxp.TooLarge, "65537 elements announced"},
		{"payload-depth-16", payload(nest(16)), "", "arrays nest 16 deep"},
		{"payload-depth-17", payload(nest(17)), sxp.TooLarge, "arrays nest 17 deep"},
	}
}

func signatureVectors() []vector {
	sig := func(b []byte) []byte {
		d := newDraft()
		d.sig = b
		return d.raw()
	}
	good := newDraft().signature()
	flipped := bytes.Clone(good)
	flipped[0] ^= 1
	other := newDraft()
	other.by = key(2)
	// s + L is the same scalar with a second encoding.
	l := x("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	second, carry := bytes.Clone(good), 0
	for i := range l {
		carry += int(second[32+i]) + int(l[i])
		second[32+i], carry = byte(carry), carry>>8
	}
	small := newDraft() // A of order 1, not canonical (y = p + 1): ZIP-215 accepts R = A, s = 0 for any message
	one := x("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
	small.protected = cat(x("a3 01 27 04"), bstr(one), x("10"), tstr("sxp.thing/1"))
	small.sig = cat(one, make([]byte, 32))
	offCurve := newDraft()
	offCurve.protected = cat(x("a3 01 27 04"), bstr(cat(x("02"), make([]byte, 31))), x("10"), tstr("sxp.thing/1"))
	return []vector{
		{"signature-flipped", sig(flipped), sxp.Invalid, "one bit of the signature is wrong"},
		{"signature-of-other-key", sig(other.signature()), sxp.Invalid, "signed by another key than kid"},
		{"signature-63-bytes", sig(good[:63]), sxp.Invalid, "a signature has 64 bytes"},
		{"signature-65-bytes", sig(cat(good, x("00"))), sxp.Invalid, "a signature has 64 bytes"},
		{"signature-scalar-not-reduced", sig(second), sxp.Invalid, "s must be below the group order"},
		{"signature-small-order", small.raw(), "", "ZIP-215 accepts points of small order and encodings that are not canonical"},
		{"signature-key-off-curve", offCurve.raw(), sxp.Invalid, "kid is no point of the curve"},
	}
}

func counterVectors() []vector {
	d := newDraft()
	a, b, c := key(2), key(3), key(4)
	pa, pb := counterProtected(a), counterProtected(b)
	with := func(u []byte) []byte {
		w := d
		w.unprotected = u
		return w.raw()
	}
	one, two := d.counter(a, pa, nil), d.counter(b, pb, nil)
	sigA := one[len(one)-64:]
	pc := counterProtected(c, attr("b", "2"), attr("aa", "1"))
	nested := counterOf(pc, nil, over(c, pc, pa, sigA))
	v1 := counterOf(pa, nil, over(a, pa, d.protected, d.payload))
	attrs := func(p []byte) []byte { return with(with11(d.counter(a, p, nil))) }
	many := func(n int) []byte {
		var list [][]byte
		for i := range n {
			k := key(byte(100 + i))
			list = append(list, d.counter(k, counterProtected(k), nil))
		}
		return with(with11(arr(list...)))
	}
	var names [][]byte
	for i := range envelope.MaxAttributes + 1 {
		names = append(names, attr(fmt.Sprintf("%02d", i), ""))
	}
	text := func(n int) string { return string(bytes.Repeat([]byte("a"), n)) }
	return []vector{
		{"counter-one", with(with11(one)), "", "one countersignature stands without an array around it"},
		{"counter-two", with(with11(arr(one, two))), "", "two countersignatures of the message"},
		{"counter-on-counter", with(with11(d.counter(a, pa, with11(nested)))), "", "a countersignature with attributes covers another"},
		{"counter-one-in-array", with(with11(arr(one))), sxp.Invalid, "an array holds two or more"},
		{"counter-none-in-array", with(with11(arr())), sxp.Invalid, "an array holds two or more"},
		{"counter-twice", with(with11(arr(one, one))), sxp.Invalid, "the same countersignature stands twice"},
		{"counter-version-1", with(with11(v1)), sxp.Invalid, "RFC 8152's countersignature does not cover the signature"},
		{"counter-label-12", with(cat(x("a1 0c"), bstr(sigA))), sxp.Invalid, "abbreviated countersignatures are not used"},
		{"counter-label-7", with(cat(x("a1 07"), one)), sxp.Invalid, "label 7 is the old countersignature"},
		{"counter-bad-signature", with(with11(counterOf(pb, nil, sigA))), sxp.Invalid, "signed by another key than kid"},
		{"counter-moved", with(with11(d.counter(b, pb, with11(one)))), sxp.Invalid, "it covers the message, and stands as if it covered a countersignature"},
		{"counter-on-other-counter", with(with11(d.counter(b, pb, with11(nested)))), sxp.Invalid, "it covers one countersignature, and stands on another"},
		{"counter-header-unsorted", attrs(counterProtected(a, attr("aa", ""), attr("b", ""))), sxp.Invalid, "b stands before aa"},
		{"counter-header-duplicate", attrs(counterProtected(a, attr("b", ""), attr("b", ""))), sxp.Invalid, "the attribute b stands twice"},
		{"counter-header-number", attrs(counterProtected(a, cat(x("10"), tstr("")))), sxp.Invalid, "attributes have text names"},
		{"counter-value-bytes", attrs(counterProtected(a, cat(tstr("b"), bstr(nil)))), sxp.Invalid, "attributes have text values"},
		{"counter-attributes-16", attrs(counterProtected(a, names[:16]...)), "", "16 attributes"},
		{"counter-attributes-17", attrs(counterProtected(a, names...)), sxp.TooLarge, "17 attributes"},
		{"counter-name-64", attrs(counterProtected(a, attr(text(64), ""))), "", "a name of 64 bytes"},
		{"counter-name-65", attrs(counterProtected(a, attr(text(65), ""))), sxp.TooLarge, "a name of 65 bytes"},
		{"counter-value-1024", attrs(counterProtected(a, attr("a", text(1024)))), "", "a value of 1024 bytes"},
		{"counter-value-1025", attrs(counterProtected(a, attr("a", text(1025)))), sxp.TooLarge, "a value of 1025 bytes"},
		{"counter-32", many(32), "", "32 countersignatures"},
		{"counter-33", many(33), sxp.TooLarge, "33 countersignatures"},
		{"counter-8-high", with(tower(d, 8)), "", "countersignatures stand 8 high"},
		{"counter-9-high", with(tower(d, 9)), sxp.TooLarge, "countersignatures stand 9 high"},
	}
}

// tower is an unprotected header with n countersignatures, each on the one before.
func tower(d draft, n int) []byte {
	type level struct{ protected, sig []byte }
	var levels []level
	for i := range n {
		k := key(byte(50 + i))
		p := counterProtected(k)
		if i == 0 {
			c := d.counter(k, p, nil)
			levels = append(levels, level{p, c[len(c)-64:]})
			continue
		}
		below := levels[i-1]
		levels = append(levels, level{p, over(k, p, below.protected, below.sig)})
	}
	u := x("a0")
	for i := n - 1; i >= 0; i-- {
		u = with11(counterOf(levels[i].protected, u, levels[i].sig))
	}
	return u
}

func TestVectors(t *testing.T) {
	if *update {
		write(t, "envelope", envelopeVectors(), nil)
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	want := map[string]vector{}
	for _, v := range envelopeVectors() {
		want[v.name] = v
	}
	all := vectors.All("envelope")
	if len(all) != len(want) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(want))
	}
	for name, v := range all {
		t.Run(name, func(t *testing.T) {
			if w := want[name]; !bytes.Equal(w.input, v.Input) || string(w.expect) != v.Expect || w.why != v.Why {
				t.Errorf("the file is not what this test writes: run with -update and read the diff")
			}
			m, err := envelope.Parse(v.Input)
			if string(sxp.KindOf(err)) != v.Expect {
				t.Fatalf("%s: Parse: error %v, want kind %q", v.Why, err, v.Expect)
			}
			var b envelope.Batch
			b.Add(v.Input)
			if got := b.Verify()[0]; sxp.KindOf(got) != sxp.KindOf(err) {
				t.Errorf("Batch: error %v, Parse: %v", got, err)
			}
			if err == nil && !bytes.Equal(m.Raw, v.Input) {
				t.Error("Raw is not the input")
			}
		})
	}
}

// write replaces the files of a folder of vectors.
func write(t *testing.T, folder string, all []vector, with map[string]string) {
	t.Helper()
	dir := filepath.Join("..", "vectors", folder)
	old, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range all {
		b, err := json.MarshalIndent(vectors.Vector{Name: v.name, Why: v.why, Input: v.input, Expect: string(v.expect), With: with}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, v.name+".json"), append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
