package relayhttp

import "sxp/internal/x25519"

type sessionKey = *x25519.PrivateKey

func newSessionKey(secret []byte) (k sessionKey, public []byte, err error) {
	k, err = x25519.NewPrivateKey(secret)
	if err != nil {
		return nil, nil, err
	}
	return k, k.PublicKey(), nil
}

func agree(mine sessionKey, theirs []byte) ([]byte, error) { return mine.ECDH(theirs) }
