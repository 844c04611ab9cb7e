package x25519_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp/internal/x25519"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// agree returns what both implementations say of one pair of keys.
func agree(t rapid.TB, secret, public []byte) (own, std []byte) {
	t.Helper()
	k, err := x25519.NewPrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(k.PublicKey(), s.PublicKey().Bytes()) {
		t.Fatalf("the public keys of %x differ", secret)
	}
	p, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	own, errOwn := k.ECDH(public)
	std, errStd := s.ECDH(p)
	if (errOwn == nil) != (errStd == nil) || !bytes.Equal(own, std) {
		t.Fatalf("%x and %x: %x (%v), the standard library says %x (%v)", secret, public, own, errOwn, std, errStd)
	}
	return own, std
}

// TestLikeTheStandardLibrary agrees on secrets with both, also with points that
// nobody honest sends.
func TestLikeTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret")
		public := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "public")
		agree(t, secret, public)
	})
}

// TestStrangePoints has all points of small order, and all encodings that are
// not reduced, with and without the bit that is to be ignored.
func TestStrangePoints(t *testing.T) {
	t.Parallel()
	refused := 0
	points := [][]byte{
		unhex(t, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), // order 8
		unhex(t, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), // order 8
		make([]byte, 32),                       // order 2
		append([]byte{1}, make([]byte, 31)...), // order 4
		append(append([]byte{0xec}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f), // p-1, of the twist
	}
	for low := 0xed; low <= 0xff; low++ { // p to 2^255-1
		points = append(points, append(append([]byte{byte(low)}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f))
	}
	secret := bytes.Repeat([]byte{0x5a}, 32)
	for _, p := range points {
		for range 2 {
			if own, _ := agree(t, secret, p); own == nil {
				refused++
			}
			p = slices.Clone(p)
			p[31] |= 0x80
		}
	}
	if refused != 14 { // five of small order, and 0 and 1 again as p and p+1
		t.Errorf("%d of the points are refused, want 14", refused)
	}
}

// TestRFC7748 has the iterated vectors of section 5.2.
func TestRFC7748(t *testing.T) {
	t.Parallel()
	k := append([]byte{9}, make([]byte, 31)...)
	u := k
	for i := range 1000 {
		key, err := x25519.NewPrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		r, err := key.ECDH(u)
		if err != nil {
			t.Fatal(err)
		}
		k, u = r, k
		if once := unhex(t, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"); i == 0 && !bytes.Equal(k, once) {
			t.Errorf("after one step %x, want %x", k, once)
		}
	}
	if want := unhex(t, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"); !bytes.Equal(k, want) {
		t.Errorf("after 1,000 steps %x, want %x", k, want)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	k, err := x25519.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := x25519.GenerateKey()
	if err != nil || bytes.Equal(k.PublicKey(), other.PublicKey()) {
		t.Fatalf("two keys are the same (%v)", err)
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := x25519.NewPrivateKey(make([]byte, n)); err == nil {
			t.Errorf("a secret key of %d bytes is taken", n)
		}
		if _, err := k.ECDH(make([]byte, n)); err == nil {
			t.Errorf("a public key of %d bytes is taken", n)
		}
	}
}
