package identity_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/vectors"
)

// derivationVectors map a root to its keys. They were computed once and then
// checked by TestDerivationIsHKDF with the standard library alone.
func derivationVectors(t *testing.T) []vectors.Vector {
	var all []vectors.Vector
	for _, v := range []struct{ name, why, root string }{
		{"zeros", "the root of abandon … art", strings.Repeat("00", 32)},
		{"count", "the root 00 01 … 1f", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
		{"exile", "the root of exile … top", bip39[6].entropy},
	} {
		b, err := hex.DecodeString(v.root)
		if err != nil {
			t.Fatal(err)
		}
		r, err := identity.ParseRoot(b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, vectors.Vector{Name: v.name, Why: v.why, Input: b, With: derived(r)})
	}
	short := vectors.Vector{Name: "short", Why: "a root has 32 bytes", Input: make([]byte, 31), Expect: string(sxp.Invalid)}
	return append(all, short)
}

func derived(r *identity.Root) map[string]string {
	s, c, k := r.Signing(), r.Contract(), r.KEM()
	seed := k.Seed()
	record, err := r.Storage().Seal(bytes.NewReader(make([]byte, 24)), []byte("name"), []byte("plaintext"))
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"words":          strings.Join(r.Words(), " "),
		"signingSeed":    hex.EncodeToString(s.Seed()),
		"id":             s.ID().String(),
		"contractSecret": hex.EncodeToString(c.Bytes()),
		"contractKey":    c.Public().String(),
		"proof":          c.ProvePossession(bls.RoleParty, s.ID()).String(),
		"kemSeed":        hex.EncodeToString(seed[:]),
		"kemKeyId":       k.KeyID().String(),
		"storageRecord":  hex.EncodeToString(record),
	}
}

func TestDerivationVectors(t *testing.T) {
	t.Parallel()
	checkVectors(t, "derivation", derivationVectors(t), func(t *testing.T, v vectors.Vector) error {
		r, err := identity.ParseRoot(v.Input)
		if err != nil {
			return err
		}
		for name, got := range derived(r) {
			if got != v.With[name] {
				t.Errorf("%s is %s, want %s", name, got, v.With[name])
			}
		}
		return nil
	})
}

func TestKeysOfOneRootDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for n := range byte(3) {
		for name, v := range derived(root(n)) {
			if was, ok := seen[v]; ok {
				t.Errorf("%s of root %d is also %s", name, n, was)
			}
			seen[v] = name
		}
	}
}

func TestSigningKeySigns(t *testing.T) {
	t.Parallel()
	k := root(1).Signing()
	raw, err := envelope.Sign(k, "sxp.thing/1", "x")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := envelope.Parse(raw); err != nil || m.Signer != k.ID() {
		t.Errorf("Parse = %v, %v", m, err)
	}
	again, err := identity.ParseSigningKey(k.Seed())
	if err != nil || again.ID() != k.ID() {
		t.Errorf("ParseSigningKey: %v", err)
	}
	id := k.ID()
	k.Erase()
	if _, err := envelope.Sign(k, "sxp.thing/1", "x"); sxp.KindOf(err) != sxp.Denied {
		t.Errorf("an erased key signs: %v", err)
	}
	if k.ID() != id || k.Seed() != nil {
		t.Error("an erased key keeps its ID and nothing else")
	}
	k.Erase() // twice is once
	_, err = identity.ParseSigningKey(make([]byte, 31))
	wantKind(t, err, sxp.Invalid)
}

func TestStorageKey(t *testing.T) {
	t.Parallel()
	k := root(1).Storage()
	sealed, err := k.Seal(rand.Reader, []byte("contracts/7"), []byte("draft"))
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) != len("draft")+identity.StorageOverhead {
		t.Errorf("%d bytes", len(sealed))
	}
	if got, err := k.Open([]byte("contracts/7"), sealed); err != nil || string(got) != "draft" {
		t.Errorf("Open = %q, %v", got, err)
	}
	_, err = k.Open([]byte("contracts/8"), sealed)
	wantKind(t, err, sxp.Denied)
	_, err = root(2).Storage().Open([]byte("contracts/7"), sealed)
	wantKind(t, err, sxp.Denied)
	_, err = k.Open([]byte("contracts/7"), sealed[:identity.StorageOverhead-1])
	wantKind(t, err, sxp.Denied)
	for i := range sealed {
		sealed[i] ^= 1
		if _, err := k.Open([]byte("contracts/7"), sealed); err == nil {
			t.Errorf("byte %d changed: opened", i)
		}
		sealed[i] ^= 1
	}
	again, err := k.Seal(rand.Reader, []byte("contracts/7"), []byte("draft"))
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("two records with one nonce (%v)", err)
	}
}

func TestNoRandomnessIsAnError(t *testing.T) {
	t.Parallel()
	broken := iotest.ErrReader(fmt.Errorf("no device"))
	_, err := identity.NewRoot(broken)
	wantKind(t, err, sxp.Internal)
	_, err = identity.NewSigningKey(broken)
	wantKind(t, err, sxp.Internal)
	_, err = identity.NewStorageKey(broken)
	wantKind(t, err, sxp.Internal)
	_, err = identity.NewKEMSecret(broken)
	wantKind(t, err, sxp.Internal)
	_, err = root(1).Storage().Seal(broken, nil, nil)
	wantKind(t, err, sxp.Internal)
}

func TestUseOfAnErasedRootPanics(t *testing.T) {
	t.Parallel()
	r := root(1)
	r.Erase()
	r.Erase()
	s := root(1).Storage()
	s.Erase()
	for name, f := range map[string]func(){
		"words":   func() { r.Words() },
		"signing": func() { r.Signing() },
		"zero":    func() { new(identity.Root).Signing() },
		"storage": func() { s.Open(nil, make([]byte, 40)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: a key of zeros was used", name)
				}
			}()
			f()
		}()
	}
}

// TestSecretsDoNotPrint: under every verb, directly and inside other values.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{0xab}, 32)
	r, err := identity.ParseRoot(seed)
	if err != nil {
		t.Fatal(err)
	}
	s, err := identity.ParseSigningKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := identity.NewStorageKey(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	kem, err := identity.NewKEMSecret(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		Public  any
		private any
		r       *identity.Root
		s       *identity.SigningKey
		k       *identity.StorageKey
		kem     *envelope.KEMSecret
	}
	h := holder{r, s, r, s, k, kem}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%o"} {
		for _, v := range []any{r, s, k, kem, *r, *k, h, &h, []any{r, s, k, kem}, map[string]any{"x": s}} {
			out := strings.ToLower(fmt.Sprintf(verb, v))
			for _, leak := range []string{"abab", "171 171", "0xab, 0xab", "253 253", "\xab\xab"} {
				if strings.Contains(out, leak) {
					t.Errorf("%s of %T prints %.300s", verb, v, out)
				}
			}
		}
	}
	for _, v := range []any{r, s, k, kem} {
		if out := fmt.Sprint(v); !strings.HasSuffix(out, "(hidden)") {
			t.Errorf("%T prints %q", v, out)
		}
	}
}

// TestDerivationIsHKDF computes the seeds from RFC 5869 with HMAC alone, as
// another implementation would.
func TestDerivationIsHKDF(t *testing.T) {
	t.Parallel()
	mac := func(key []byte, parts ...string) []byte {
		h := hmac.New(sha256.New, key)
		for _, p := range parts {
			h.Write([]byte(p))
		}
		return h.Sum(nil)
	}
	for _, v := range derivationVectors(t) {
		if v.Expect != "" {
			continue
		}
		prk := mac(make([]byte, 32), string(v.Input))
		for name, label := range map[string]string{
			"signingSeed": "sxp root signing key 1",
			"kemSeed":     "sxp root kem key 1",
		} {
			if got := hex.EncodeToString(mac(prk, label, "\x01")); got != v.With[name] {
				t.Errorf("%s: %s is %s by HMAC, %s here", v.Name, name, got, v.With[name])
			}
		}
		contract, err := bls.DeriveSecret(mac(prk, "sxp root contract key 1", "\x01"))
		if err != nil || hex.EncodeToString(contract.Bytes()) != v.With["contractSecret"] {
			t.Errorf("%s: the contract key differs (%v)", v.Name, err)
		}
		aead, err := chacha20poly1305.NewX(mac(prk, "sxp root storage key 1", "\x01"))
		if err != nil {
			t.Fatal(err)
		}
		record := aead.Seal(make([]byte, 24), make([]byte, 24), []byte("plaintext"), []byte("name"))
		if hex.EncodeToString(record) != v.With["storageRecord"] {
			t.Errorf("%s: the storage key differs", v.Name)
		}
	}
}
