package envelope_test

import (
	"bytes"
	"crypto/hpke"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/cryptotest"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
	"sxp/vectors"
)

func kem(n byte) *envelope.KEMSecret { return envelope.NewKEMSecret([32]byte{31: n}) }

// ring is a find function for Unseal.
func ring(keys ...*envelope.KEMSecret) func(sxp.Hash) (*envelope.KEMSecret, bool) {
	return func(id sxp.Hash) (*envelope.KEMSecret, bool) {
		for _, k := range keys {
			if k.KeyID() == id {
				return k, true
			}
		}
		return nil, false
	}
}

const info = "sxp.mail/1"

func sealTo(t testing.TB, plaintext []byte, keys ...*envelope.KEMSecret) []byte {
	t.Helper()
	var to []envelope.KEMPublic
	for _, k := range keys {
		to = append(to, k.Public())
	}
	b, err := envelope.Seal(to, info, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryRecipientOpens(t *testing.T) {
	t.Parallel()
	a, b, c := kem(1), kem(2), kem(3)
	for _, size := range []int{0, 1, 1022, 1023, 1024, 5000, 300 << 10} {
		want := bytes.Repeat([]byte{7}, size)
		sealed := sealTo(t, want, a, b, c)
		for _, k := range []*envelope.KEMSecret{a, b, c} {
			got, err := envelope.Unseal(ring(k), info, sealed)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %d bytes, %v", size, len(got), err)
			}
		}
		if _, err := envelope.Unseal(ring(kem(4)), info, sealed); !errors.Is(err, sxp.Denied) {
			t.Errorf("a stranger: error %v, want %v", err, sxp.Denied)
		}
	}
}

func TestSealedToNamesTheKeys(t *testing.T) {
	t.Parallel()
	ids, err := envelope.SealedTo(sealTo(t, nil, kem(1), kem(2), kem(3)))
	if err != nil || len(ids) != 3 {
		t.Fatalf("SealedTo = %v, %v", ids, err)
	}
	for i, id := range ids {
		if i > 0 && bytes.Compare(ids[i-1][:], id[:]) >= 0 {
			t.Error("the keys do not ascend: their order tells who was named first")
		}
	}
	if _, err := envelope.SealedTo([]byte{0xa0}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("other bytes: error %v, want %v", err, sxp.Invalid)
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	a := kem(1).Public()
	many := make([]envelope.KEMPublic, envelope.MaxRecipients+1)
	for i := range many {
		many[i] = a
	}
	bad := bytes.Clone(a)
	bad[0], bad[1], bad[2] = 0xff, 0xff, 0xff // coefficients above q
	for name, tt := range map[string]struct {
		to    []envelope.KEMPublic
		info  string
		plain []byte
		want  sxp.Kind
	}{
		"nobody":                     {nil, info, nil, sxp.Invalid},
		"65 keys":                    {many, info, nil, sxp.TooLarge},
		"the same key twice":         {many[:2], info, nil, sxp.Invalid},
		"a short key":                {[]envelope.KEMPublic{a[1:]}, info, nil, sxp.Invalid},
		"a key out of range":         {[]envelope.KEMPublic{bad}, info, nil, sxp.Invalid},
		"a long info":                {many[:1], strings.Repeat("i", envelope.MaxInfo+1), nil, sxp.TooLarge},
		"an info that is not UTF-8":  {many[:1], "\xff", nil, sxp.Invalid},
		"more than a message":        {many[:1], info, make([]byte, sxp.MaxMessage+1), sxp.TooLarge},
		"a class beyond the message": {many[:1], info, make([]byte, sxp.MaxMessage-1000), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := envelope.Seal(tt.to, tt.info, tt.plain); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestErasedKeyOpensNothing(t *testing.T) {
	t.Parallel()
	k := kem(1)
	sealed := sealTo(t, []byte("x"), k)
	id, public := k.KeyID(), k.Public()
	k.Erase()
	if k.Seed() != [32]byte{} {
		t.Error("the seed is still there")
	}
	if k.KeyID() != id || !bytes.Equal(k.Public(), public) {
		t.Error("an erased key must keep its name")
	}
	if _, err := envelope.Unseal(ring(k), info, sealed); !errors.Is(err, sxp.Denied) {
		t.Errorf("error %v, want %v", err, sxp.Denied)
	}
}

// TestEveryFlippedBitOfSealedBytesIsNoticed: one bit of every byte, for both
// recipients.
func TestEveryFlippedBitOfSealedBytesIsNoticed(t *testing.T) {
	t.Parallel()
	a, b := kem(1), kem(2)
	sealed := sealTo(t, []byte("beer"), a, b)
	for i := 0; i < len(sealed); i += 3 {
		sealed[i] ^= 1 << (i % 8)
		for _, k := range []*envelope.KEMSecret{a, b} {
			if _, err := envelope.Unseal(ring(k), info, sealed); err == nil {
				t.Errorf("byte %d: opened", i)
			}
		}
		sealed[i] ^= 1 << (i % 8)
	}
}

func TestSizeClass(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]int{
		{0, 1024}, {1, 1024}, {1024, 1024}, {1025, 1280}, {1280, 1280}, {1281, 1536}, {1536, 1536}, {1537, 1792},
		{1793, 2048}, {2048, 2048}, {2049, 2560}, {4097, 5120}, {1<<20 - 1, 1 << 20}, {1 << 20, 1 << 20}, {1<<20 + 1, 5 << 18},
	} {
		if got := envelope.SizeClass(tt[0]); got != tt[1] {
			t.Errorf("SizeClass(%d) = %d, want %d", tt[0], got, tt[1])
		}
	}
	classes, last := 0, 0
	for n := range 1<<20 + 1 {
		c := envelope.SizeClass(n)
		if c < n || c > max(envelope.MinClass, n+n/4) || c < last {
			t.Fatalf("SizeClass(%d) = %d", n, c)
		}
		if envelope.SizeClass(c) != c {
			t.Fatalf("class %d is not its own class", c)
		}
		if c != last {
			classes, last = classes+1, c
		}
	}
	if classes != 41 {
		t.Errorf("%d classes up to 1 MiB, the documents say 41", classes)
	}
}

func TestKEMSecretDoesNotPrint(t *testing.T) {
	t.Parallel()
	k := kem(0xab)
	type holder struct{ k *envelope.KEMSecret }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, v := range []any{k, holder{k}, &holder{k}, []any{k}} {
			if s := fmt.Sprintf(verb, v); strings.Contains(strings.ToLower(s), "ab") && !strings.Contains(s, "0x") && strings.Contains(s, "00000000") {
				t.Errorf("%s prints %s", verb, s)
			}
		}
		if s := fmt.Sprintf(verb, k); s != "envelope.KEMSecret(hidden)" {
			t.Errorf("%s prints %q", verb, s)
		}
	}
}

// A wire sealed message, for tests that seal wrongly.
type (
	wireSealed struct {
		Typ    string     `json:"typ"`
		To     []wireWrap `json:"to"`
		Commit sxp.Hash   `json:"commit"`
		Data   sxp.Bytes  `json:"data"`
	}
	wireWrap struct {
		Key  sxp.Hash  `json:"key"`
		Wrap sxp.Bytes `json:"wrap"`
	}
	wireHeader struct {
		Typ    string     `json:"typ"`
		To     []wireWrap `json:"to"`
		Commit sxp.Hash   `json:"commit"`
		Info   string     `json:"info"`
	}
)

func (w wireSealed) bytes() []byte {
	b, err := envelope.Marshal(w)
	if err != nil {
		panic(err)
	}
	return b
}

// sealWrongly seals as spec/sealing.md says, with the padded plaintext and the
// content keys per recipient as given; the data are under content.
func sealWrongly(padded, content []byte, contents [][]byte, keys ...*envelope.KEMSecret) wireSealed {
	w := wireSealed{Typ: "sxp.sealed/1", Commit: sxp.Hash(hkdfExpand(content, "sxp.sealed/1 commit"))}
	for i, k := range keys {
		pk, err := hpke.MLKEM768X25519().NewPublicKey(k.Public())
		if err != nil {
			panic(err)
		}
		wrap, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte("sxp.sealed/1 key\x00"+info), contents[i])
		if err != nil {
			panic(err)
		}
		w.To = append(w.To, wireWrap{k.KeyID(), wrap})
	}
	aad, err := envelope.Marshal(wireHeader{w.Typ, w.To, w.Commit, info})
	if err != nil {
		panic(err)
	}
	aead, err := chacha20poly1305.New(hkdfExpand(content, "sxp.sealed/1 data"))
	if err != nil {
		panic(err)
	}
	w.Data = aead.Seal(nil, make([]byte, 12), padded, aad)
	return w
}

// sealingVectors are inputs of Unseal with the key of seed 00…01, made by hand, not by Seal.
func sealingVectors() []vector {
	k1, k2 := kem(1), kem(2)
	for n := byte(3); bytes.Compare(idBytes(k1), idBytes(k2)) > 0; n++ {
		k2 = kem(n) // wire order is that of the key IDs
	}
	key1, key2 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	padTo := func(n int, s string) []byte { return append([]byte(s+"\x80"), make([]byte, n-len(s)-1)...) }
	beer := padTo(1024, "beer")
	one := sealWrongly(beer, key1, [][]byte{key1}, k1)
	edit := func(f func(*wireSealed)) []byte {
		w := one
		w.To = append([]wireWrap(nil), one.To...)
		w.Data = bytes.Clone(one.Data)
		f(&w)
		return w.bytes()
	}
	two := sealWrongly(beer, key1, [][]byte{key1, key1}, k1, k2)
	swapped := two
	swapped.To = []wireWrap{two.To[1], two.To[0]}
	dropped := two
	dropped.To = two.To[:1]
	return []vector{
		{"one-key", one.bytes(), "", "opens to \"beer\""},
		{"two-keys", two.bytes(), "", "opens to \"beer\""},
		{"class-1280", sealWrongly(padTo(1280, "beer"+strings.Repeat(" ", 1020)), key1, [][]byte{key1}, k1).bytes(), "", "1024 bytes and the mark need the class 1280"},
		{"trailing", cat(one.bytes(), x("00")), sxp.Invalid, "one byte follows"},
		{"other-version", edit(func(w *wireSealed) { w.Typ = "sxp.sealed/2" }), sxp.Unsupported, "version 2"},
		{"no-keys", edit(func(w *wireSealed) { w.To = nil }), sxp.Invalid, "sealed to nobody"},
		{"other-key", sealWrongly(beer, key1, [][]byte{key1}, k2).bytes(), sxp.Denied, "sealed to another key only"},
		{"keys-unsorted", swapped.bytes(), sxp.Invalid, "keys ascend"},
		{"key-twice", edit(func(w *wireSealed) { w.To = append(w.To, w.To[0]) }), sxp.Invalid, "keys are distinct"},
		{"key-dropped", dropped.bytes(), sxp.Invalid, "the second recipient was taken out after sealing"},
		{"wrap-short", edit(func(w *wireSealed) { w.To[0].Wrap = w.To[0].Wrap[1:] }), sxp.Invalid, "a wrapped key has 1168 bytes"},
		{"wrap-damaged", edit(func(w *wireSealed) { w.To[0].Wrap = append(bytes.Clone(w.To[0].Wrap[:1167]), w.To[0].Wrap[1167]^1) }), sxp.Invalid, "one bit of the wrapped key is wrong"},
		{"content-key-short", sealWrongly(beer, key1, [][]byte{key1[:31]}, k1).bytes(), sxp.Invalid, "a content key has 32 bytes, so its wrap has 1168"},
		{"commit-changed", edit(func(w *wireSealed) { w.Commit[0] ^= 1 }), sxp.Invalid, "the commitment is not to the content key"},
		{"key-differs-from-commitment", sealWrongly(beer, key1, [][]byte{key2, key1}, k1, k2).bytes(), sxp.Invalid, "this recipient got another content key"},
		{"data-damaged", edit(func(w *wireSealed) { w.Data[0] ^= 1 }), sxp.Invalid, "one bit of the data is wrong"},
		{"data-no-class", sealWrongly(padTo(1025, "beer"), key1, [][]byte{key1}, k1).bytes(), sxp.Invalid, "1025 is no size class"},
		{"data-below-class", sealWrongly(padTo(512, "beer"), key1, [][]byte{key1}, k1).bytes(), sxp.Invalid, "the smallest class is 1024"},
		{"class-too-large", sealWrongly(padTo(1280, "beer"), key1, [][]byte{key1}, k1).bytes(), sxp.Invalid, "four bytes do not need the class 1280"},
		{"padding-without-mark", sealWrongly(make([]byte, 1024), key1, [][]byte{key1}, k1).bytes(), sxp.Invalid, "the mark 80 is missing"},
		{"padding-not-zero", sealWrongly(append(padTo(1023, "beer"), 1), key1, [][]byte{key1}, k1).bytes(), sxp.Invalid, "zeros follow the mark"},
	}
}

func idBytes(k *envelope.KEMSecret) []byte { id := k.KeyID(); return id[:] }

// TestSealingVectors is not parallel: it fixes all randomness, so that -update
// changes no file without reason.
func TestSealingVectors(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	made := sealingVectors()
	with := map[string]string{"info": info, "seed": hex.EncodeToString(append(make([]byte, 31), 1))}
	if *update {
		write(t, "sealing", made, with)
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All("sealing")
	if len(all) != len(made) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(made))
	}
	for _, w := range made {
		v := all[w.name]
		t.Run(w.name, func(t *testing.T) {
			if !bytes.Equal(w.input, v.Input) || string(w.expect) != v.Expect || w.why != v.Why {
				t.Error("the file is not what this test writes: run with -update and read the diff")
			}
			got, err := envelope.Unseal(ring(kem(1)), v.With["info"], v.Input)
			if string(sxp.KindOf(err)) != v.Expect {
				t.Fatalf("%s: Unseal: error %v, want kind %q", v.Why, err, v.Expect)
			}
			if err == nil && strings.TrimRight(string(got), " ") != "beer" {
				t.Errorf("opened %q", got)
			}
			if _, err := envelope.Unseal(ring(kem(1)), "sxp.other/1", v.Input); err == nil {
				t.Error("opened with another info")
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	k := kem(1)
	plain := make([]byte, 900)
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			if _, err := envelope.Seal([]envelope.KEMPublic{k.Public()}, info, plain); err != nil {
				b.Fatal(err)
			}
		}
	})
	sealed := sealTo(b, plain, k)
	b.Run("unseal", func(b *testing.B) {
		for b.Loop() {
			if _, err := envelope.Unseal(ring(k), info, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
