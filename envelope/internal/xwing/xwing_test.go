package xwing_test

import (
	"bytes"
	"crypto/hpke"
	"testing"

	"pgregory.net/rapid"

	"sxp/envelope/internal/xwing"
)

// TestLikeTheStandardLibrary seals with the one and opens with the other, both
// ways, with the same seeds.
func TestLikeTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		info := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "info")
		text := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "text")
		std, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
		if err != nil {
			t.Fatal(err)
		}
		own, err := xwing.NewPrivateKey(seed)
		if err != nil {
			t.Fatal(err)
		}
		public := std.PublicKey().Bytes()
		if !bytes.Equal(own.PublicKey().Bytes(), public) {
			t.Fatal("the public keys differ")
		}
		key, err := xwing.NewPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}

		enc, sender, err := xwing.NewSender(key, info)
		if err != nil {
			t.Fatal(err)
		}
		receiver, err := hpke.NewRecipient(enc, std, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := sender.Export("a context", 44)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := receiver.Export("a context", 44)
		if err != nil || !bytes.Equal(mine, theirs) {
			t.Fatalf("the exported secrets differ (%v)", err)
		}
		for i := range 3 { // each message has a nonce of its own
			aad := []byte{byte(i)}
			sealed, err := sender.Seal(aad, text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := receiver.Open(aad, sealed); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("message %d does not open: %v", i, err)
			}
		}

		sealed, err := hpke.Seal(std.PublicKey(), hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := xwing.Open(own, info, sealed); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("what the standard library sealed does not open: %v", err)
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1
		if _, err := xwing.Open(own, info, sealed); err == nil {
			t.Fatal("changed bytes open")
		}
	})
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	k, err := xwing.NewPrivateKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xwing.NewPrivateKey(make([]byte, 31)); err == nil {
		t.Error("a short seed is taken")
	}
	good := k.PublicKey().Bytes()
	large := bytes.Clone(good)
	large[0], large[1] = 0xff, 0xff // a coefficient of 4095, beyond q
	low := append(bytes.Clone(good[:1184]), make([]byte, 32)...)
	for name, b := range map[string][]byte{"short": good[1:], "long": append(bytes.Clone(good), 0), "beyond q": large} {
		if _, err := xwing.NewPublicKey(b); err == nil {
			t.Errorf("a public key is taken: %s", name)
		}
	}
	if key, err := xwing.NewPublicKey(low); err == nil {
		if _, _, err := xwing.NewSender(key, nil); err == nil {
			t.Error("a point of small order is sealed to")
		}
	}
	if _, err := xwing.Open(k, nil, make([]byte, 1119)); err == nil {
		t.Error("short bytes open")
	}
}
