//go:build !js

package envelope

import "crypto/hpke"

// The suite of HPKE that seals: here from the standard library, in a browser
// from package xwing.

type (
	kemPrivate = hpke.PrivateKey
	kemPublic  = hpke.PublicKey
)

func newKEMPrivate(seed []byte) (kemPrivate, error) { return hpke.MLKEM768X25519().NewPrivateKey(seed) }

func newKEMPublic(b []byte) (kemPublic, error) { return hpke.MLKEM768X25519().NewPublicKey(b) }

func newSender(k kemPublic, info []byte) (enc []byte, s *hpke.Sender, err error) {
	return hpke.NewSender(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info)
}

func openFirst(k kemPrivate, info, sealed []byte) ([]byte, error) {
	return hpke.Open(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, sealed)
}
