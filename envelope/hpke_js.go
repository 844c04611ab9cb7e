package envelope

import "sxp/envelope/internal/xwing"

type (
	kemPrivate = *xwing.PrivateKey
	kemPublic  = *xwing.PublicKey
)

func newKEMPrivate(seed []byte) (kemPrivate, error) { return xwing.NewPrivateKey(seed) }

func newKEMPublic(b []byte) (kemPublic, error) { return xwing.NewPublicKey(b) }

func newSender(k kemPublic, info []byte) (enc []byte, s *xwing.Sender, err error) {
	return xwing.NewSender(k, info)
}

func openFirst(k kemPrivate, info, sealed []byte) ([]byte, error) {
	return xwing.Open(k, info, sealed)
}
