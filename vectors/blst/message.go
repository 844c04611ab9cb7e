//go:build cgo

package sxpverify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"

	"github.com/fxamacker/cbor/v2"
)

var (
	enc = must(encOptions().EncMode())
	// dec knows all fields of what it reads, loose only some.
	dec   = must(decOptions(cbor.ExtraDecErrorUnknownField).DecMode())
	loose = must(decOptions(cbor.ExtraDecErrorNone).DecMode())
)

func decOptions(extra cbor.ExtraDecErrorCond) cbor.DecOptions {
	return cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		ExtraReturnErrors: extra, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive}
}

// encOptions writes null nowhere: what stands empty in a message is not null.
func encOptions() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	return o
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// decode reads the one encoding of a value: it is written again and compared.
func decode(b []byte, v any) error {
	if err := dec.Unmarshal(b, v); err != nil {
		return err
	}
	again, err := enc.Marshal(v)
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("a second encoding")
	}
	return err
}

// A message is one COSE_Sign1 of spec/envelope.md.
type message struct {
	typ     string
	signer  [32]byte
	payload []byte
	digest  [32]byte
}

type header struct {
	Alg int    `cbor:"1,keyasint"`
	Kid []byte `cbor:"4,keyasint"`
	Typ string `cbor:"16,keyasint"`
}

var typeName = regexp.MustCompile(`^[A-Za-z0-9.-]{1,62}/[1-9][0-9]*$`)

// parse reads a message without countersignatures. Messages of a signing carry
// none.
func parse(raw []byte) (*message, error) {
	if len(raw) > 1<<20 || len(raw) < 2 || raw[0] != 0xd2 {
		return nil, errors.New("no signed message")
	}
	var parts struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected map[int]any
		Payload     []byte
		Signature   []byte
	}
	if err := decode(raw[1:], &parts); err != nil {
		return nil, err
	}
	if parts.Unprotected == nil || len(parts.Unprotected) != 0 || parts.Protected == nil || parts.Payload == nil || len(parts.Signature) != 64 {
		return nil, errors.New("not four parts, or countersigned")
	}
	var h header
	if err := decode(parts.Protected, &h); err != nil {
		return nil, err
	}
	if h.Alg != -8 || len(h.Kid) != 32 || len(h.Typ) > 64 || !typeName.MatchString(h.Typ) {
		return nil, errors.New("not a header of a message")
	}
	var item any
	if err := decode(parts.Payload, &item); err != nil {
		return nil, err
	}
	signed := must(enc.Marshal([]any{"Signature1", parts.Protected, []byte{}, parts.Payload}))
	if !ed25519.Verify(h.Kid, signed, parts.Signature) {
		return nil, errors.New("not signed by its signer")
	}
	return &message{h.Typ, [32]byte(h.Kid), parts.Payload, sha256.Sum256(raw)}, nil
}

// open reads a message of one type.
func open(raw []byte, typ string, v any) (*message, error) {
	m, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if m.typ != typ {
		return nil, fmt.Errorf("a %s, not a %s", m.typ, typ)
	}
	return m, decode(m.payload, v)
}
