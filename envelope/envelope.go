// Package envelope turns values into bytes that can be signed, countersigned
// and sealed, and back. All SXP messages are such bytes.
//
// There is one strict decoder: what it accepts has exactly one encoding, so
// two machines never disagree on a message or its digest. Signatures are
// Ed25519 under one acceptance rule, ZIP-215, whether they are checked singly
// or in batches. A signature says who signed, never that what it says is true.
//
// Read Sign and Open first, then Seal, then spec/envelope.md and
// spec/sealing.md, which fix the bytes. Package identity has the keys.
//
// The package has no clock, network or disk. Its functions are safe for
// concurrent use. Unless a comment says otherwise they keep no slice that they
// are given, and what they return belongs to the caller.
package envelope

import (
	"crypto/sha256"
	"slices"

	"sxp"
)

// A Type says what a message is and in which version: "sxp.card/1". The part
// after the slash changes when an old reader would misread the message.
type Type string

// check reports why t is not a type: a name of letters, digits, dots and
// hyphens, a slash, and a version from 1 without leading zero.
func (t Type) check(op string) error {
	if len(t) > MaxType {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a type has at most %d bytes, this has %d", MaxType, len(t))
	}
	slash := -1
	for i := range len(t) {
		c := t[i]
		digit := '0' <= c && c <= '9'
		switch {
		case slash < 0 && i > 0 && c == '/':
			slash = i
		case slash < 0 && (digit || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '.' || c == '-'):
		case slash >= 0 && digit && (c != '0' || i > slash+1):
		default:
			return sxp.Errorf(op, sxp.Invalid, nil, "%q is not a type: it must read like sxp.name/1", string(t))
		}
	}
	if slash < 0 || slash == len(t)-1 {
		return sxp.Errorf(op, sxp.Invalid, nil, "%q is not a type: it must read like sxp.name/1", string(t))
	}
	return nil
}

// A Signer signs with one Ed25519 key. It is safe for concurrent use.
type Signer interface {
	// ID is the public key.
	ID() sxp.ID

	// Sign returns the 64-byte Ed25519 signature of message (RFC 8032, pure).
	// It fails if the key cannot be used now: a locked file, an absent token.
	Sign(message []byte) ([]byte, error)
}

// A Message is a signed message whose bytes and signatures were verified. Its
// slices are parts of the bytes given to Parse: neither may be changed.
type Message struct {
	Type    Type   // what it is
	Signer  sxp.ID // who signed
	Payload []byte // deterministic CBOR of the value
	Raw     []byte // the whole message

	// Countersignatures are in the order in which they stand in Raw: each
	// directly before those that cover it.
	Countersignatures []Countersignature
}

// The fixed bytes of a message (spec/envelope.md).
const (
	tagSign1      = 0xd2 // tag 18, COSE_Sign1
	array1        = 0x81
	array3        = 0x83
	array4        = 0x84
	array5        = 0x85
	array6        = 0x86
	emptyMap      = 0xa0
	map1          = 0xa1
	labelTyp      = 0x10
	labelCounter  = 0x0b
	signatureSize = 64
)

// headerStart opens every protected header: alg (1) is EdDSA (-8), and kid (4)
// is a string of 32 bytes.
const headerStart = "\x01\x27\x04\x58\x20"

// Sign returns v as a signed message of the given type. It fails with Invalid
// or TooLarge for a value that Open would refuse, and with what s.Sign says.
func Sign(s Signer, typ Type, v any) ([]byte, error) {
	const op = "envelope.Sign"
	if err := typ.check(op); err != nil {
		return nil, err
	}
	payload, err := Marshal(v)
	if err != nil {
		return nil, err
	}
	protected := protectedHeader(s.ID(), typ)
	sig, err := sign(op, s, appendSigned(nil, protected, payload))
	if err != nil {
		return nil, err
	}
	raw := assemble(protected, nil, payload, sig)
	if len(raw) > sxp.MaxMessage {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a message has at most %d bytes, this %s has %d", sxp.MaxMessage, typ, len(raw))
	}
	return raw, nil
}

// sign calls s and makes sure that others will accept what it gives.
func sign(op string, s Signer, tbs []byte) ([]byte, error) {
	sig, err := s.Sign(tbs)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), s.ID(), "cannot sign: %w", err)
	}
	if len(sig) != signatureSize {
		return nil, sxp.Errorf(op, sxp.Internal, s.ID(), "the signer gave %d bytes, not %d", len(sig), signatureSize)
	}
	return sig, nil
}

func protectedHeader(id sxp.ID, typ Type) []byte {
	b := make([]byte, 0, 1+len(headerStart)+len(id)+3+len(typ))
	b = append(b, 0xa3)
	b = append(b, headerStart...)
	b = append(b, id[:]...)
	b = append(b, labelTyp)
	return appendText(b, string(typ))
}

// assemble puts a message together; unprotected is nil or the encoded map.
func assemble(protected, unprotected, payload, sig []byte) []byte {
	b := make([]byte, 0, len(protected)+len(unprotected)+len(payload)+len(sig)+16)
	b = append(b, tagSign1, array4)
	b = appendBytes(b, protected)
	if unprotected == nil {
		b = append(b, emptyMap)
	} else {
		b = append(b, unprotected...)
	}
	b = appendBytes(b, payload)
	return appendBytes(b, sig)
}

// appendSigned appends the Sig_structure of RFC 9052 section 4.4.
func appendSigned(b, protected, payload []byte) []byte {
	b = slices.Grow(b, 32+len(protected)+len(payload))
	b = append(b, array4)
	b = appendText(b, "Signature1")
	b = appendBytes(b, protected)
	b = appendBytes(b, nil) // external_aad
	return appendBytes(b, payload)
}

// parts are the pieces of a message, slices of its bytes.
type parts struct {
	typ       Type
	signer    sxp.ID
	protected []byte
	payload   []byte
	sig       []byte
	counter   []counterPart
	before    int // where the unprotected header starts
	after     int // where the payload starts
}

// split reads the structure of a message and verifies nothing.
func split(op string, raw []byte) (*parts, error) {
	if len(raw) > sxp.MaxMessage {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a message has at most %d bytes, this has %d", sxp.MaxMessage, len(raw))
	}
	r := reader{op: op, in: "message", b: raw}
	p := new(parts)
	if !r.literal(tagSign1) || !r.literal(array4) {
		return nil, r.fail("a message starts with d2 84 (COSE_Sign1)")
	}
	var err error
	if p.protected, err = r.bytes("protected header"); err != nil {
		return nil, err
	}
	if p.signer, p.typ, err = readHeader(op, p.protected); err != nil {
		return nil, err
	}
	p.before = r.off
	if p.counter, err = readUnprotected(&r); err != nil {
		return nil, err
	}
	p.after = r.off
	if p.payload, err = r.bytes("payload"); err != nil {
		return nil, err
	}
	if p.sig, err = r.signature(); err != nil {
		return nil, err
	}
	if r.off != len(raw) {
		return nil, r.fail("%d bytes follow the message", len(raw)-r.off)
	}
	return p, nil
}

// readHeader reads the protected header of a message: alg, kid and typ,
// nothing else, in that order.
func readHeader(op string, b []byte) (id sxp.ID, typ Type, err error) {
	r := reader{op: op, in: "protected header", b: b}
	if !r.literal(0xa3) || !r.prefix(headerStart) || !r.copy(id[:]) || !r.literal(labelTyp) {
		return id, "", sxp.Errorf(op, sxp.Invalid, nil, "the protected header must hold alg EdDSA, kid of 32 bytes and typ, in this order")
	}
	text, err := r.text("typ", MaxType)
	if err != nil {
		return id, "", err
	}
	if r.off != len(b) {
		return id, "", r.fail("%d bytes follow the protected header", len(b)-r.off)
	}
	typ = Type(text)
	return id, typ, typ.check(op)
}

// Parse reads a signed message and verifies its signature and all its
// countersignatures. It fails with Invalid for bytes that are not the one
// encoding of a message or are not signed by whom they claim, and with
// TooLarge beyond a limit.
func Parse(raw []byte) (*Message, error) {
	const op = "envelope.Parse"
	p, err := parse(op, raw)
	if err != nil {
		return nil, err
	}
	for c := range p.checks() {
		if !VerifyEd25519(c.id, c.signed, c.sig) {
			return nil, c.failed(op)
		}
	}
	return p.message(raw), nil
}

// parse is split with the payload checked to be deterministic CBOR.
func parse(op string, raw []byte) (*parts, error) {
	p, err := split(op, raw)
	if err != nil {
		return nil, err
	}
	return p, canonical(op, p.payload)
}

func (p *parts) message(raw []byte) *Message {
	m := &Message{Type: p.typ, Signer: p.signer, Payload: p.payload, Raw: raw}
	for i := range p.counter {
		m.Countersignatures = append(m.Countersignatures, p.counter[i].public())
	}
	return m
}

// Open is Parse for a message that must be of type typ, with its payload
// decoded into what v points to. It returns the signer: whether that is the
// right one is for the caller to decide. A message of another type fails with
// Invalid. On error what v points to is unchanged.
func Open(raw []byte, typ Type, v any) (sxp.ID, error) {
	const op = "envelope.Open"
	m, err := Parse(raw)
	if err != nil {
		return sxp.ID{}, err
	}
	if m.Type != typ {
		return sxp.ID{}, sxp.Errorf(op, sxp.Invalid, nil, "the message is a %s, not a %s", m.Type, typ)
	}
	if err := Unmarshal(m.Payload, v); err != nil {
		return sxp.ID{}, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %w", typ, err)
	}
	return m.Signer, nil
}

// Peek returns the type and the claimed signer of a message without verifying
// any signature: good for choosing who should look at it, for nothing else.
func Peek(raw []byte) (Type, sxp.ID, error) {
	p, err := split("envelope.Peek", raw)
	if err != nil {
		return "", sxp.ID{}, err
	}
	return p.typ, p.signer, nil
}

// Digest names a message: the SHA-256 of its bytes without countersignatures,
// so that it stays the same when somebody countersigns. Bytes that are not a
// message get the SHA-256 of all of them, which no message has.
func Digest(raw []byte) sxp.Hash {
	p, err := split("envelope.Digest", raw)
	if err != nil || p.counter == nil {
		return sxp.Sum(raw)
	}
	h := sha256.New()
	h.Write(raw[:p.before])
	h.Write([]byte{emptyMap})
	h.Write(raw[p.after:])
	return sxp.Hash(h.Sum(nil))
}
