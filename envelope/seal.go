package envelope

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"sort"
	"unicode/utf8"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
)

// typSealed marks sealed bytes and their version.
const typSealed = "sxp.sealed/1"

// wrapSize is what one recipient's copy of the content key takes: the KEM's
// 1120 bytes and 32 + 16 bytes of ChaCha20-Poly1305.
const wrapSize = 1120 + contentKeySize + chacha20poly1305.Overhead

const contentKeySize = 32

// sealed is the wire form (spec/sealing.md).
type sealed struct {
	Typ    string      `json:"typ"`
	To     []recipient `json:"to"`     // ascending by key
	Commit sxp.Hash    `json:"commit"` // to the content key: all recipients get one plaintext
	Data   sxp.Bytes   `json:"data"`
}

type recipient struct {
	Key  sxp.Hash  `json:"key"`  // KEMKeyID
	Wrap sxp.Bytes `json:"wrap"` // HPKE: enc ‖ sealed content key
}

// header is what the data are bound to.
type header struct {
	Typ    string      `json:"typ"`
	To     []recipient `json:"to"`
	Commit sxp.Hash    `json:"commit"`
	Info   string      `json:"info"`
}

// Seal encrypts plaintext to 1 to MaxRecipients distinct keys. Info says what
// it is for ("sxp.mail/1 …"); whoever opens it must know the same info.
//
// Sealing does not say who sealed: sign first, seal the signed message. Who
// sees the sealed bytes learns the number and names of the keys and the size
// class of plaintext. Any recipient can show all others the content key.
//
// It fails with Invalid for a key that is none or appears twice, and with
// TooLarge beyond a limit.
func Seal(to []KEMPublic, info string, plaintext []byte) ([]byte, error) {
	const op = "envelope.Seal"
	if err := checkSealing(op, len(to), info); err != nil {
		return nil, err
	}
	if len(plaintext) > sxp.MaxMessage {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "at most %d bytes can be sealed, not %d", sxp.MaxMessage, len(plaintext))
	}
	s := sealed{Typ: typSealed}
	content, err := s.wrap(op, to, info)
	defer clear(content)
	if err != nil {
		return nil, err
	}
	data, commit := contentKeys(content)
	defer clear(data)
	s.Commit = commit
	padded := pad(plaintext)
	defer clear(padded)
	s.Data = dataCipher(data).Seal(nil, make([]byte, chacha20poly1305.NonceSize), padded, s.aad(info))
	out, err := Marshal(s)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "sealed bytes: %w", err)
	}
	return out, nil
}

// wrap draws a content key and seals it to every key. The content key is an
// export of the first HPKE context (RFC 9180 section 5.3), so all randomness is
// that of the KEM, which takes it from the system.
func (s *sealed) wrap(op string, to []KEMPublic, info string) (content []byte, err error) {
	for _, public := range to {
		key, err := parseKEMPublic(op, public)
		if err != nil {
			return content, err
		}
		enc, sender, err := newSender(key, wrapInfo(info))
		if err != nil {
			return content, sxp.Errorf(op, sxp.Invalid, KEMKeyID(public), "%w", err)
		}
		if content == nil {
			if content, err = sender.Export(typSealed+" content", contentKeySize); err != nil {
				return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
			}
		}
		wrapped, err := sender.Seal(nil, content)
		if err != nil {
			return content, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
		}
		s.To = append(s.To, recipient{KEMKeyID(public), append(enc, wrapped...)})
	}
	sort.Slice(s.To, func(i, j int) bool { return bytes.Compare(s.To[i].Key[:], s.To[j].Key[:]) < 0 })
	if i := disorder(s.To); i >= 0 {
		return content, sxp.Errorf(op, sxp.Invalid, s.To[i].Key, "the same key is given twice")
	}
	return content, nil
}

// Unseal opens sealed bytes with a key that find knows by its KEMKeyID, and
// returns the plaintext. It fails with Denied if none of the keys is known,
// with Invalid for bytes that are not sealed bytes or do not open with this
// info, and with TooLarge beyond a limit.
func Unseal(find func(keyID sxp.Hash) (*KEMSecret, bool), info string, sealedBytes []byte) ([]byte, error) {
	const op = "envelope.Unseal"
	s, err := readSealed(op, info, sealedBytes)
	if err != nil {
		return nil, err
	}
	for _, r := range s.To {
		k, ok := find(r.Key)
		if !ok || k == nil || k.key == nil {
			continue
		}
		content, err := openFirst(k.key, wrapInfo(info), r.Wrap)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Invalid, r.Key, "not sealed to this key for %q, or damaged", info)
		}
		defer clear(content)
		return s.open(op, info, content)
	}
	return nil, sxp.Errorf(op, sxp.Denied, nil, "sealed to %d keys, none of which is known here: it is for somebody else, or its key was erased", len(s.To))
}

// SealedTo returns the names of the keys that sealed bytes are for, ascending.
// It fails like Unseal for bytes that are not sealed bytes.
func SealedTo(sealedBytes []byte) ([]sxp.Hash, error) {
	s, err := readSealed("envelope.SealedTo", "", sealedBytes)
	if err != nil {
		return nil, err
	}
	ids := make([]sxp.Hash, len(s.To))
	for i, r := range s.To {
		ids[i] = r.Key
	}
	return ids, nil
}

func checkSealing(op string, keys int, info string) error {
	if keys == 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "sealed bytes need at least one key")
	}
	if keys > MaxRecipients {
		return sxp.Errorf(op, sxp.TooLarge, nil, "sealed bytes are for at most %d keys, not %d", MaxRecipients, keys)
	}
	if len(info) > MaxInfo {
		return sxp.Errorf(op, sxp.TooLarge, nil, "info has at most %d bytes, not %d", MaxInfo, len(info))
	}
	if !utf8.ValidString(info) {
		return sxp.Errorf(op, sxp.Invalid, nil, "info is not UTF-8")
	}
	return nil
}

func readSealed(op, info string, b []byte) (*sealed, error) {
	s := new(sealed)
	if err := Unmarshal(b, s); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "not sealed bytes: %w", err)
	}
	if s.Typ != typSealed {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "sealed as %.64q; this release knows %q", s.Typ, typSealed)
	}
	if err := checkSealing(op, len(s.To), info); err != nil {
		return nil, err
	}
	if disorder(s.To) >= 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the keys of sealed bytes must be distinct and ascend")
	}
	for _, r := range s.To {
		if len(r.Wrap) != wrapSize {
			return nil, sxp.Errorf(op, sxp.Invalid, r.Key, "a wrapped key has %d bytes, this has %d", wrapSize, len(r.Wrap))
		}
	}
	if n := len(s.Data) - chacha20poly1305.Overhead; n < MinClass || SizeClass(n) != n {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%d bytes of data are no size class", len(s.Data))
	}
	return s, nil
}

// open decrypts the data with the unwrapped content key.
func (s *sealed) open(op, info string, content []byte) ([]byte, error) {
	if len(content) != contentKeySize {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a content key has %d bytes", contentKeySize)
	}
	data, commit := contentKeys(content)
	defer clear(data)
	if subtle.ConstantTimeCompare(commit[:], s.Commit[:]) != 1 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the content key is not the one committed to: the sealer gave its recipients different keys")
	}
	padded, err := dataCipher(data).Open(nil, make([]byte, chacha20poly1305.NonceSize), s.Data, s.aad(info))
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the data or the header were changed after sealing")
	}
	plaintext, ok := unpad(padded)
	if !ok {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the data are not padded to their size class")
	}
	return plaintext, nil
}

// aad is the encoded header. Its fields came through Marshal's limits or are
// about to.
func (s *sealed) aad(info string) []byte {
	b, err := encMode.Marshal(header{s.Typ, s.To, s.Commit, info})
	if err != nil {
		panic("envelope: a header always encodes: " + err.Error())
	}
	return b
}

// disorder returns the index of a key that is not above the one before, or -1.
func disorder(to []recipient) int {
	for i := 1; i < len(to); i++ {
		if bytes.Compare(to[i-1].Key[:], to[i].Key[:]) >= 0 {
			return i
		}
	}
	return -1
}

func wrapInfo(info string) []byte { return []byte(typSealed + " key\x00" + info) }

// contentKeys derives the data key, used once and hence with nonce zero, and
// the commitment.
func contentKeys(content []byte) (data []byte, commit sxp.Hash) {
	data = expand(content, typSealed+" data")
	copy(commit[:], expand(content, typSealed+" commit"))
	return data, commit
}

// expand is HKDF-Expand with SHA-256 to 32 bytes.
func expand(key []byte, label string) []byte {
	b, err := hkdf.Expand(sha256.New, key, label, 32)
	if err != nil {
		panic("envelope: 32 bytes always expand: " + err.Error())
	}
	return b
}

func dataCipher(key []byte) interface {
	Seal(dst, nonce, plaintext, aad []byte) []byte
	Open(dst, nonce, ciphertext, aad []byte) ([]byte, error)
} {
	c, err := chacha20poly1305.New(key)
	if err != nil {
		panic("envelope: 32 bytes are a key: " + err.Error())
	}
	return c
}
