package contract

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/market"
)

// A Sealed is a secret that the giver of a transfer sells for the taker's
// signature: a password, a licence key, the key of a file. It rests in the
// proposal, and the giver's signature of this contract opens it for the taker,
// who gets that signature if and only if the giver gets theirs (spec/secret.md).
type Sealed struct {
	Key    bls.G2    `json:"key"`             // W, drawn for this one contract
	Proof  bls.G1    `json:"proof"`           // of possession of w by the giver
	Salt   sxp.Hash  `json:"salt"`            // SHA-256 of the lock's salt: with W it fixes the key, so that one text at most can open
	Sealed sxp.Bytes `json:"sealed"`          // ChaCha20-Poly1305 of the padded secret
	Digest sxp.Hash  `json:"digest,omitzero"` // SHA-256 of the secret, where the giver declares it; whoever can guess the secret can check a guess
}

// A Lock is what a giver sends before anybody promises: c = D + σ, of which
// the signature takes out what opens the secret. It binds nobody.
type Lock struct {
	Proposal sxp.Hash `json:"proposal"`
	M        sxp.Hash `json:"m"`
	Transfer int      `json:"transfer"` // index of the transfer
	Lock     bls.G1   `json:"lock"`     // c
	Salt     sxp.Hash `json:"salt"`     // of the key that D gives, committed to by Sealed.Salt: for the taker only, so that who has the file and the signature opens nothing
}

// secretPad is the block that a secret is padded to, with its length in two
// bytes before it: how long a password is says something about it.
const secretPad = 64

// secretContext is what D signs beside W: the proposal's nonce and the
// transfer's index in 4 bytes, big-endian. The digest would be a circle.
func secretContext(nonce market.Nonce, transfer int) []byte {
	return binary.BigEndian.AppendUint32(nonce[:], uint32(transfer))
}

// A SecretKey is what a giver keeps of a sealed secret until its lock is made:
// w and the salt. It stays on one device, in no backup, and makes one lock. It
// prints as "contract.SecretKey(hidden)".
type SecretKey struct {
	w    *bls.Secret
	salt sxp.Hash
}

// NewSecretKey draws a key from rand, which is crypto/rand.Reader.
func NewSecretKey(rand io.Reader) (*SecretKey, error) {
	w, err := bls.NewSecret(rand)
	if err != nil {
		return nil, err
	}
	k := &SecretKey{w: w}
	if _, err := io.ReadFull(rand, k.salt[:]); err != nil {
		return nil, sxp.Errorf("contract.NewSecretKey", sxp.Internal, nil, "no randomness: %w", err)
	}
	return k, nil
}

// secretKeyVersion starts every encoded SecretKey.
const secretKeyVersion = 1

// Marshal returns the bytes for one durable record under a key of its own:
// version (1), w, salt. The caller clears them.
func (k *SecretKey) Marshal() []byte {
	w := k.w.Bytes()
	defer clear(w)
	return append(append([]byte{secretKeyVersion}, w...), k.salt[:]...)
}

// ParseSecretKey reads what Marshal wrote; anything else fails with
// sxp.Invalid. It neither keeps nor changes b.
func ParseSecretKey(b []byte) (*SecretKey, error) {
	if len(b) != 1+bls.SecretSize+len(sxp.Hash{}) || b[0] != secretKeyVersion {
		return nil, sxp.Errorf("contract.ParseSecretKey", sxp.Invalid, nil, "not the key of a secret of version %d", secretKeyVersion)
	}
	w, err := bls.ParseSecret(b[1 : 1+bls.SecretSize])
	if err != nil {
		return nil, err
	}
	return &SecretKey{w: w, salt: sxp.Hash(b[1+bls.SecretSize:])}, nil
}

// Erase overwrites the key.
func (k *SecretKey) Erase() { k.w.Erase(); k.salt = sxp.Hash{} }

// Format writes "contract.SecretKey(hidden)" whatever the verb.
func (k SecretKey) Format(f fmt.State, _ rune) { io.WriteString(f, "contract.SecretKey(hidden)") }

// Seal seals text, 1 to MaxSecret bytes, for one transfer of the proposal that
// has this nonce, given by giver. With declare it says the text's SHA-256,
// which needs a text that nobody can guess: at least minDeclared bytes.
func (k *SecretKey) Seal(nonce market.Nonce, transfer int, giver sxp.ID, text []byte, declare bool) (*Sealed, error) {
	const op = "contract.Seal"
	if len(text) < 1 || len(text) > MaxSecret {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a secret has 1 to %d bytes, this has %d: seal a file with a key, and sell the key", MaxSecret, len(text))
	}
	s := &Sealed{Key: k.w.Public(), Proof: k.w.ProvePossession(bls.RoleSecret, giver), Salt: sxp.Sum(k.salt[:])}
	if declare {
		if len(text) < minDeclared {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "the digest of a secret below %d bytes would help to guess it", minDeclared)
		}
		s.Digest = sxp.Sum(text)
	}
	padded := binary.BigEndian.AppendUint16(make([]byte, 0, paddedSize(len(text))), uint16(len(text)))
	padded = append(padded, text...)[:paddedSize(len(text))]
	key := k.w.SealKey(secretContext(nonce, transfer), k.salt)
	defer clear(key[:])
	defer clear(padded)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	// One key seals one text, so the nonce may be zero.
	s.Sealed = aead.Seal(nil, make([]byte, aead.NonceSize()), padded, nil)
	return s, nil
}

// minDeclared is the shortest secret whose digest may be declared, in bytes.
const minDeclared = 16

// paddedSize is the size of a secret of n bytes with its length and padding.
func paddedSize(n int) int { return (2 + n + secretPad - 1) / secretPad * secretPad }

// unpad returns the secret in b. Another form than Seal's has no secret in it.
func unpad(b []byte) ([]byte, bool) {
	if len(b) < 2 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < 1 || n > MaxSecret || len(b) != paddedSize(n) || strings.Trim(string(b[2+n:]), "\x00") != "" {
		return nil, false
	}
	return b[2 : 2+n], true
}

// open returns the secret, or why there is none: then the giver is guilty.
func (s *Sealed) open(key *[bls.SealKeySize]byte) (text []byte, why string) {
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, err.Error()
	}
	b, err := aead.Open(nil, make([]byte, aead.NonceSize()), s.Sealed, nil)
	if err != nil {
		return nil, "what was sealed does not open"
	}
	text, ok := unpad(b)
	switch {
	case !ok:
		return nil, "what was sealed is no secret in the form of this version"
	case !s.Digest.IsZero() && sxp.Sum(text) != s.Digest:
		return text, "what was sealed is not what was declared: its SHA-256 is " + sxp.Sum(text).String()
	}
	return text, ""
}

// digest is how the text that people sign names the secret.
func (s *Sealed) digest() sxp.Hash { return sxp.Sum(s.Key[:], s.Salt[:], s.Sealed) }

// checkForm verifies sizes; the proof is for checkSecrets.
func (s *Sealed) checkForm(transfer int) error {
	n := len(s.Sealed) - chacha20poly1305.Overhead
	if n < secretPad || n > paddedSize(MaxSecret) || n%secretPad != 0 {
		return sxp.Errorf("contract.Sealed", sxp.Invalid, nil, "the sealed secret of transfer %d has %d bytes, which no secret gives", transfer+1, len(s.Sealed))
	}
	return nil
}

// checkSecrets verifies all secrets of the terms: each giver gives one at most,
// to the only other party, under a key that it has proved to know. ⚠ With more
// parties the contract's signature alone would not give the giver's, so who
// holds the contract would not be sure of the secret.
func (t *Terms) checkSecrets(cards []identity.Card) error {
	const op = "contract.Terms"
	gives := map[int]bool{}
	for i := range t.Transfers {
		x := &t.Transfers[i]
		if x.Secret == nil {
			continue
		}
		switch {
		case len(cards) != 2:
			return sxp.Errorf(op, sxp.Invalid, nil, "a secret is given in a contract of two, this has %d parties", len(cards))
		case gives[x.From]:
			return sxp.Errorf(op, sxp.Invalid, nil, "%s gives two secrets in one contract: put both into one", describeParty(x.From))
		}
		gives[x.From] = true
		if err := x.Secret.checkForm(i); err != nil {
			return err
		}
		if err := bls.VerifyPossession(bls.RoleSecret, cards[x.From].ID, x.Secret.Key, x.Secret.Proof); err != nil {
			return sxp.Errorf(op, sxp.KindOf(err), nil, "the secret of transfer %d: %w", i+1, err)
		}
	}
	return nil
}

// SecretOf returns the index of the transfer by which a party gives a secret,
// −1 if it gives none.
func (t *Terms) SecretOf(party int) int {
	for i := range t.Transfers {
		if t.Transfers[i].From == party && t.Transfers[i].Secret != nil {
			return i
		}
	}
	return -1
}

// renderSecret says in words that a secret changes hands.
func renderSecret(b *strings.Builder, x *Transfer, cards []identity.Card) {
	if x.Secret == nil {
		return
	}
	fmt.Fprintf(b, "   secret: sealed in this contract, SHA-256 %s\n", x.Secret.digest())
	fmt.Fprintf(b, "   opened by: the signature of party %d (%s), for party %d (%s)\n", x.From+1, name(cards[x.From]), x.To+1, name(cards[x.To]))
	if !x.Secret.Digest.IsZero() {
		fmt.Fprintf(b, "   declared: SHA-256 %s of the secret\n", x.Secret.Digest)
	}
}

// OpenLock verifies the form of a signed lock and that it is of this session,
// by a party that gives a secret in it. It returns that party's index. The
// point and the salt are left to verify.
func openLock(raw []byte, o *OpenedProposal, m sxp.Hash) (*Lock, int, error) {
	const op = "contract.OpenLock"
	l := new(Lock)
	signer, err := openPlain(raw, TypeLock, l)
	if err != nil {
		return nil, 0, err
	}
	from, ok := o.Party(signer)
	if !ok || l.Proposal != o.Digest || l.M != m {
		return nil, 0, sxp.Errorf(op, sxp.Invalid, signer, "not a lock of this session")
	}
	return l, from, l.belongs(o, from)
}

// belongs checks that the lock is of the one secret that its author gives.
func (l *Lock) belongs(o *OpenedProposal, from int) error {
	if at := o.Terms.SecretOf(from); at < 0 || at != l.Transfer {
		return sxp.Errorf("contract.Lock", sxp.Invalid, l.Proposal, "%s gives no secret by transfer %d", describeParty(from), l.Transfer+1)
	}
	return nil
}

// verify checks the point and the salt of a lock that belongs to the session.
// ⚠ With another salt than the proposal's the contract would open nothing, or
// what its giver has chosen since.
func (l *Lock) verify(o *OpenedProposal) error {
	x := &o.Terms.Transfers[l.Transfer]
	if sxp.Sum(l.Salt[:]) != x.Secret.Salt {
		return sxp.Errorf("contract.Lock", sxp.Invalid, l.Proposal, "its salt is not the one that the proposal commits to")
	}
	return bls.VerifyLock(x.Secret.Key, o.Cards[x.From].ContractKey, secretContext(o.Nonce, l.Transfer), l.M, l.Lock)
}

// open returns the secret that a verified lock and its author's signature
// open, or why there is none.
func (l *Lock) open(o *OpenedProposal, sigma bls.G1) (text []byte, why string, err error) {
	x := &o.Terms.Transfers[l.Transfer]
	key, err := bls.OpenLock(x.Secret.Key, secretContext(o.Nonce, l.Transfer), l.Lock, sigma, l.Salt)
	if err != nil {
		return nil, "", err
	}
	defer clear(key[:])
	text, why = x.Secret.open(&key)
	return text, why, nil
}
