//go:build !js

package relayhttp

import "crypto/ecdh"

// X25519: here from the standard library, in a browser from package x25519.

type sessionKey = *ecdh.PrivateKey

func newSessionKey(secret []byte) (k sessionKey, public []byte, err error) {
	k, err = ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, nil, err
	}
	return k, k.PublicKey().Bytes(), nil
}

func agree(mine sessionKey, theirs []byte) ([]byte, error) {
	public, err := ecdh.X25519().NewPublicKey(theirs)
	if err != nil {
		return nil, err
	}
	return mine.ECDH(public)
}
