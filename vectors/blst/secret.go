//go:build cgo

package sxpverify

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	blst "github.com/supranational/blst/bindings/go"
	"golang.org/x/crypto/chacha20poly1305"
)

// tagSecret is the tag of what opens a secret.
const tagSecret = "SXP-V01-SECRET-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"

// A sealedSecret is what a transfer sells for a signature (spec/secret.md).
type sealedSecret struct {
	Key    G2        `cbor:"key"`
	Proof  G1        `cbor:"proof"`
	Salt   [32]byte  `cbor:"salt"`
	Sealed []byte    `cbor:"sealed"`
	Digest *[32]byte `cbor:"digest,omitempty"`
}

// readSecrets reads and checks the secrets of a proposal, by transfer.
func (p *Proposal) readSecrets() error {
	p.secrets = map[int64]*sealedSecret{}
	givers := map[int]bool{}
	for i, t := range p.Terms.Transfers {
		if t.Secret == nil {
			continue
		}
		x := new(sealedSecret)
		if err := decode(t.Secret, x); err != nil {
			return err
		}
		n := len(x.Sealed)
		switch {
		case len(p.cards) != 2, t.From < 0, t.From >= len(p.cards), givers[t.From]:
			return errors.New("two parties, and one secret of each at most")
		case len(p.Nonce) != 16, n < 80, n > 4176, n%64 != 16:
			return errors.New("a sealed secret has 80 to 4176 bytes, 16 more than a multiple of 64")
		}
		if err := checkPossession("secret", p.cards[t.From].ID, x.Key, x.Proof); err != nil {
			return err
		}
		givers[t.From], p.secrets[int64(i)] = true, x
	}
	return nil
}

type lock struct {
	Proposal [32]byte `cbor:"proposal"`
	M        [32]byte `cbor:"m"`
	Transfer int64    `cbor:"transfer"`
	Lock     G1       `cbor:"lock"`
	Salt     [32]byte `cbor:"salt"`
}

// A givenLock is a lock with the secret and the card of who gives it.
type givenLock struct {
	lock
	secret  *sealedSecret
	giver   card
	context []byte
}

// readLock reads a lock of the session m; whether it holds is for check.
func (p *Proposal) readLock(raw []byte, m [32]byte) (*givenLock, error) {
	l := new(givenLock)
	by, err := open(raw, "sxp.lock/1", &l.lock)
	if err != nil {
		return nil, err
	}
	if l.Proposal != p.digest || l.M != m {
		return nil, errors.New("of another session")
	}
	if l.secret = p.secrets[l.Transfer]; l.secret == nil {
		return nil, errors.New("this transfer gives no secret")
	}
	if l.giver = p.cards[p.Terms.Transfers[l.Transfer].From]; l.giver.ID != by.signer {
		return nil, errors.New("not by who gives the secret")
	}
	l.context = binary.BigEndian.AppendUint32(bytes.Clone(p.Nonce), uint32(l.Transfer))
	return l, nil
}

// check checks salt and point of a lock.
func (l *givenLock) check() error {
	if sha256.Sum256(l.Salt[:]) != l.secret.Salt {
		return errors.New("not the salt of the proposal")
	}
	return checkLock(l.secret.Key, l.giver.ContractKey, l.context, l.M, l.Lock)
}

func (p *Proposal) openLock(raw []byte, m [32]byte) (*givenLock, error) {
	l, err := p.readLock(raw, m)
	if err != nil {
		return nil, err
	}
	return l, l.check()
}

// checkLock is e(c, g2) = e(Q, W)·e(H(m), X).
func checkLock(w, x G2, context []byte, m [32]byte, c G1) error {
	pw, err := w.read()
	if err != nil {
		return err
	}
	px, err := x.read()
	if err != nil {
		return err
	}
	pc, err := c.read()
	if err != nil {
		return err
	}
	if !equal([]pair{{pc, g2()}}, pair{hash(tagSecret, w[:], context), pw}, pair{hash(tagSession, m[:]), px}) {
		return errors.New("the lock is not of this key and session")
	}
	return nil
}

// openKey returns the key that c and σ give: D = c − σ, which w must have signed.
func openKey(w G2, context []byte, c, sigma G1, salt [32]byte) ([]byte, error) {
	pw, err := w.read()
	if err != nil {
		return nil, err
	}
	pc, err := c.read()
	if err != nil {
		return nil, err
	}
	ps, err := sigma.read()
	if err != nil {
		return nil, err
	}
	sum := new(blst.P1)
	sum.FromAffine(pc)
	d := sum.Sub(ps).ToAffine()
	if isIdentity(d.Compress()) || !equal([]pair{{d, g2()}}, pair{hash(tagSecret, w[:], context), pw}) {
		return nil, errors.New("the signature does not open the lock")
	}
	return hkdf.Key(sha256.New, d.Compress(), salt[:], "sxp secret 1", 32)
}

// open opens what a lock that holds and its giver's signature open: the secret,
// or what convicts the giver.
func (l *givenLock) open(sigma G1) (text []byte, wrong string, err error) {
	if err := l.check(); err != nil {
		return nil, "", err
	}
	x, err := l.giver.ContractKey.read()
	if err != nil {
		return nil, "", err
	}
	if err := verify(tagSession, x, sigma, l.M[:]); err != nil {
		return nil, "", err
	}
	key, err := openKey(l.secret.Key, l.context, l.Lock, sigma, l.Salt)
	if err != nil {
		return nil, "", err
	}
	text, wrong = l.secret.unseal(key)
	return text, wrong, nil
}

func (x *sealedSecret) unseal(key []byte) (text []byte, wrong string) {
	plain, err := must(chacha20poly1305.New(key)).Open(nil, make([]byte, chacha20poly1305.NonceSize), x.Sealed, nil)
	if err != nil {
		return nil, "what was sealed does not open"
	}
	n := int(binary.BigEndian.Uint16(plain))
	if n < 1 || n > 4096 || len(plain) != (2+n+63)/64*64 || !bytes.Equal(plain[2+n:], make([]byte, len(plain)-2-n)) {
		return nil, "what was sealed is no secret in the form of this version"
	}
	text = plain[2 : 2+n]
	if x.Digest != nil && *x.Digest != sha256.Sum256(text) {
		return nil, "the secret is not what was declared"
	}
	return text, ""
}

// OpenProof reads what a party shows of a secret (spec/secret.md, "The file").
func OpenProof(raw []byte) (text []byte, wrong string, err error) {
	var f struct {
		Version   int    `cbor:"version"`
		Contract  []byte `cbor:"contract"`
		Lock      []byte `cbor:"lock"`
		Signature G1     `cbor:"signature"`
	}
	if err := decode(raw, &f); err != nil {
		return nil, "", err
	}
	p, s, kind, err := openFile(f.Contract)
	if err != nil {
		return nil, "", err
	}
	if f.Version != 1 || kind != contractKind {
		return nil, "", errors.New("another version, or no contract: only a contract gives a secret")
	}
	l, err := p.readLock(f.Lock, s.M)
	if err != nil {
		return nil, "", err
	}
	return l.open(f.Signature)
}
