// Package sxp defines the words that every other package of SXP shares:
// identities, hashes, times and errors. It imports nothing from here.
//
// SXP (Secure Exchange Protocols) lets people who do not know each other swap
// goods, services, rights and money directly. An agent acts for one person and
// holds their keys. A node stores, relays and referees sealed or signed bytes:
// it is trusted to be there, never with plaintext, keys or fairness. A market
// is an identity with a board and a jury roll that a node hosts. Read this
// file, then package envelope (how bytes are signed and sealed), then package
// contract (how strangers sign), then package agent (what one person can do).
//
// Compatibility: what verifies under version 1 of a format in spec/ verifies
// with every later version-1 release. Wire limits may grow, never shrink. Go
// names may change until v1.0.0.
package sxp

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/bech32"
)

// IDSize is the length of an ID in bytes.
const IDSize = 32

// idPrefix is the human-readable part of an ID's text form (BIP-350).
const idPrefix = "sxp"

// An ID names a person, a node, a juror or a market: it is their Ed25519
// public key (RFC 8032), all 32 bytes. Its text is bech32m (BIP-350) with the
// prefix "sxp", so it starts with "sxp1" and a mistyped letter is noticed.
// The zero ID names nobody.
type ID [IDSize]byte

// ParseID reads the text form. Any other spelling of the same key (upper
// case, plain bech32, missing digits) fails with Invalid.
func ParseID(s string) (ID, error) {
	const op = "sxp.ParseID"
	var id ID
	if len(s) > MaxIDText {
		return id, Errorf(op, TooLarge, nil, "an id has at most %d characters, this has %d", MaxIDText, len(s))
	}
	hrp, data, version, err := bech32.DecodeGeneric(s)
	if err != nil {
		return id, Errorf(op, Invalid, nil, "%q is not an id: %v", s, err)
	}
	if hrp != idPrefix || version != bech32.VersionM {
		return id, Errorf(op, Invalid, nil, "%q is not an id: it must be bech32m and start with %q", s, idPrefix+"1")
	}
	b, err := bech32.ConvertBits(data, 5, 8, false)
	if err != nil || len(b) != IDSize {
		return id, Errorf(op, Invalid, nil, "%q is not an id: it must hold %d bytes", s, IDSize)
	}
	copy(id[:], b)
	if id.String() != s {
		return ID{}, Errorf(op, Invalid, nil, "%q is not the canonical spelling of an id", s)
	}
	return id, nil
}

// String returns the text form, 62 characters.
func (id ID) String() string {
	data, err := bech32.ConvertBits(id[:], 8, 5, true)
	if err != nil {
		panic("sxp: 32 bytes always convert: " + err.Error())
	}
	s, err := bech32.EncodeM(idPrefix, data)
	if err != nil {
		panic("sxp: 32 bytes always encode: " + err.Error())
	}
	return s
}

// Short returns the first characters of the text form, for people who look at
// a list. It does not identify.
func (id ID) Short() string { return id.String()[:12] }

// IsZero reports whether id names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText returns the text form (for JSON; CBOR carries the 32 bytes).
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is ParseID.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err == nil {
		*id = v
	}
	return err
}

// HashSize is the length of a Hash in bytes.
const HashSize = sha256.Size

// A Hash is a SHA-256 digest (FIPS 180-4). Its text is 64 lower-case hex
// digits. The zero Hash names nothing.
type Hash [HashSize]byte

// Sum returns the SHA-256 of the parts one after the other. Callers that hash
// parts of variable length encode them first, so that no two inputs collide.
func Sum(parts ...[]byte) Hash {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return Hash(h.Sum(nil))
}

// ParseHash reads the text form; anything else fails with Invalid.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != HashSize || hex.EncodeToString(b) != s {
		return h, Errorf("sxp.ParseHash", Invalid, nil, "%.80q is not a hash: it must be %d lower-case hex digits", s, 2*HashSize)
	}
	return Hash(b), nil
}

// String returns the text form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first 8 digits, for people who look at a list.
func (h Hash) Short() string { return h.String()[:8] }

// IsZero reports whether h names nothing.
func (h Hash) IsZero() bool { return h == Hash{} }

// Equal compares in constant time, for hashes that depend on a secret.
func (h Hash) Equal(o Hash) bool { return subtle.ConstantTimeCompare(h[:], o[:]) == 1 }

// MarshalText returns the text form (for JSON; CBOR carries the 32 bytes).
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is ParseHash.
func (h *Hash) UnmarshalText(b []byte) error {
	v, err := ParseHash(string(b))
	if err == nil {
		*h = v
	}
	return err
}

// Bytes is a byte string of variable length inside a message: a CBOR byte
// string, and in the JSON view unpadded base64url (RFC 4648 section 5).
type Bytes []byte

// MarshalText returns the base64url form.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads the base64url form; other alphabets, padding, line
// ends and non-zero trailing bits fail with Invalid.
func (b *Bytes) UnmarshalText(text []byte) error {
	v, err := base64.RawURLEncoding.Strict().DecodeString(string(text))
	if err == nil && bytes.ContainsAny(text, "\r\n") {
		err = errors.New("line ends are not allowed") // encoding/base64 skips them
	}
	if err != nil {
		return Errorf("sxp.Bytes", Invalid, nil, "not base64url: %v", err)
	}
	*b = v
	return nil
}

// A Time is a moment in milliseconds since 1970-01-01 UTC, leap seconds not
// counted (as in POSIX). Messages carry it as a CBOR integer, JSON as a number.
type Time int64

// TimeOf converts a clock reading, rounding down to the millisecond.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Std converts to the standard library's type, in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add returns t moved by d.
func (t Time) Add(d Duration) Time { return t + Time(d) }

// Sub returns the span from o to t.
func (t Time) Sub(o Time) Duration { return Duration(t - o) }

// String returns RFC 3339 with milliseconds.
func (t Time) String() string { return t.Std().Format("2006-01-02T15:04:05.000Z07:00") }

// A Duration is a span in milliseconds.
type Duration int64

// Common spans.
const (
	Millisecond Duration = 1
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
	Day                  = 24 * Hour
)

// DurationOf converts, rounding towards zero to the millisecond.
func DurationOf(d time.Duration) Duration { return Duration(d.Milliseconds()) }

// Std converts to the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) * time.Millisecond }

// String returns the standard library's form, "1m30s".
func (d Duration) String() string { return fmt.Sprint(d.Std()) }
