package relayhttp

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// An ECDHKey is an X25519 public key (RFC 7748), used for one session. Its
// text is 64 lower-case hex digits.
type ECDHKey [32]byte

// MarshalText returns the text form (for JSON; CBOR carries the 32 bytes).
func (k ECDHKey) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

// UnmarshalText reads the text form; anything else fails with Invalid.
func (k *ECDHKey) UnmarshalText(text []byte) error {
	h, err := sxp.ParseHash(string(text))
	*k = ECDHKey(h)
	return err
}

// A Hello is the first message of a session, signed by the node.
type Hello struct {
	Type      string      `json:"type"` // "hello"
	From      sxp.ID      `json:"from"` // the node
	Timestamp sxp.Time    `json:"timestamp"`
	Nonce     relay.Nonce `json:"nonce"`
	Key       ECDHKey     `json:"key"`
}

// An Open is the second message of a session, signed by whoever opens it.
type Open struct {
	Type      string   `json:"type"` // "open"
	From      sxp.ID   `json:"from"` // for whom the session speaks
	To        sxp.ID   `json:"to"`   // the node
	Timestamp sxp.Time `json:"timestamp"`
	Re        sxp.Hash `json:"re"` // envelope.Digest of the Hello
	Key       ECDHKey  `json:"key"`
}

// keys are what a session encrypts with, one key for each direction.
type keys struct {
	toServer, toClient sealer
}

// A sealer encrypts or decrypts the frames of one direction with
// ChaCha20-Poly1305 (RFC 8439). The nonce is the frame's number, so a frame
// that is lost, repeated or moved is noticed.
type sealer struct {
	aead  cipher.AEAD
	count uint64
}

func (s *sealer) nonce() []byte {
	var n [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(n[4:], s.count)
	s.count++
	return n[:]
}

func (s *sealer) seal(plain []byte) []byte {
	return s.aead.Seal(make([]byte, 0, len(plain)+chacha20poly1305.Overhead), s.nonce(), plain, nil)
}

func (s *sealer) open(sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, s.nonce(), sealed, nil)
	if err != nil {
		return nil, sxp.Errorf("relayhttp.Session", sxp.Invalid, nil, "a frame was changed on its way")
	}
	return plain, nil
}

// newKey draws a key for one session.
func newKey(rand io.Reader) (sessionKey, ECDHKey, error) {
	var seed [32]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, ECDHKey{}, sxp.Errorf("relayhttp.Session", sxp.Internal, nil, "no randomness: %w", err)
	}
	defer clear(seed[:])
	k, public, err := newSessionKey(seed[:])
	if err != nil {
		return nil, ECDHKey{}, sxp.Errorf("relayhttp.Session", sxp.Internal, nil, "%w", err)
	}
	return k, ECDHKey(public), nil
}

// derive computes the session's keys: HKDF-SHA256 of the shared secret, with
// both messages as salt, so that both ends have the same only if they saw the
// same messages.
func derive(mine sessionKey, theirs ECDHKey, hello, open []byte) (*keys, error) {
	const op = "relayhttp.Session"
	secret, err := agree(mine, theirs[:]) // refuses points of small order
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the session key is bad: %w", err)
	}
	defer clear(secret)
	h, o := envelope.Digest(hello), envelope.Digest(open)
	salt := append(h[:], o[:]...)
	one := func(info string) (sealer, error) {
		key, err := hkdf.Key(sha256.New, secret, salt, info, chacha20poly1305.KeySize)
		if err != nil {
			return sealer{}, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
		}
		defer clear(key)
		aead, err := chacha20poly1305.New(key)
		return sealer{aead: aead}, err
	}
	k := new(keys)
	if k.toServer, err = one("sxp session to server"); err != nil {
		return nil, err
	}
	k.toClient, err = one("sxp session to client")
	return k, err
}

// A part is one request or answer inside a frame. A frame is parts one after
// the other: id (8 bytes), flags (1), length of typ (1), typ, length of body
// (4), body; numbers big-endian.
type part struct {
	id    uint64
	flags byte
	typ   envelope.Type // "" if body is a signed message
	body  []byte
}

const (
	flagSigned = 1 // to the node: the answer shall be signed
	flagCancel = 2 // to the node: the asker waits no longer for id; no typ, no body
)

const partHead = 8 + 1 + 1 + 4

func (p *part) size() int { return partHead + len(p.typ) + len(p.body) }

func (p *part) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, p.id)
	b = append(b, p.flags, byte(len(p.typ)))
	b = append(b, p.typ...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.body)))
	return append(b, p.body...)
}

// parseFrame splits a frame; the bodies are slices of it.
func parseFrame(b []byte) ([]part, error) {
	bad := func(what string) error {
		return sxp.Errorf("relayhttp.Session", sxp.Invalid, nil, "a frame is malformed: %s", what)
	}
	var parts []part
	for len(b) > 0 {
		if len(b) < partHead {
			return nil, bad("it ends inside a part's head")
		}
		p := part{id: binary.BigEndian.Uint64(b), flags: b[8]}
		n := int(b[9])
		if b = b[10:]; len(b) < n+4 || n > envelope.MaxType {
			return nil, bad("the type is longer than the frame or the limit")
		}
		p.typ = envelope.Type(b[:n])
		size := binary.BigEndian.Uint32(b[n:])
		if b = b[n+4:]; uint64(size) > uint64(len(b)) || size > sxp.MaxMessage {
			return nil, bad("a part is longer than the frame or the limit")
		}
		p.body, b = b[:size:size], b[size:]
		if p.flags&^(flagSigned|flagCancel) != 0 {
			return nil, bad("unknown flags")
		}
		parts = append(parts, p)
		if len(parts) > MaxInFlight {
			return nil, bad("too many parts")
		}
	}
	return parts, nil
}

// fill takes parts off the queue into one frame, at least one.
func fill(queue []part) (frame []byte, rest []part) {
	size, n := 0, 0
	for n < len(queue) && n < MaxInFlight && (n == 0 || size+queue[n].size() <= MaxFrame) {
		size += queue[n].size()
		n++
	}
	frame = make([]byte, 0, size)
	for i := range queue[:n] {
		frame = queue[i].append(frame)
	}
	return frame, queue[n:]
}
