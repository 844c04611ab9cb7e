package envelope

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"sxp"
)

// CBOR major types (RFC 8949 section 3.1).
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6
	majorOther = 7
)

// A reader walks over deterministic CBOR. Every length is compared with what
// is left before anything is done with it, and nothing is copied.
type reader struct {
	op  string // for errors, as is in: what b is
	in  string
	b   []byte
	off int
}

func (r *reader) fail(format string, args ...any) error {
	return r.failKind(sxp.Invalid, format, args...)
}

func (r *reader) failKind(kind sxp.Kind, format string, args ...any) error {
	return sxp.Errorf(r.op, kind, nil, "%s, byte %d: "+format, append([]any{r.in, r.off}, args...)...)
}

func (r *reader) left() int { return len(r.b) - r.off }

// literal reads one byte that must be c.
func (r *reader) literal(c byte) bool {
	if r.left() < 1 || r.b[r.off] != c {
		return false
	}
	r.off++
	return true
}

// prefix reads bytes that must be s.
func (r *reader) prefix(s string) bool {
	if r.left() < len(s) || string(r.b[r.off:r.off+len(s)]) != s {
		return false
	}
	r.off += len(s)
	return true
}

// copy reads len(dst) bytes.
func (r *reader) copy(dst []byte) bool {
	if r.left() < len(dst) {
		return false
	}
	r.off += copy(dst, r.b[r.off:])
	return true
}

// head reads a data item's head in its shortest form (RFC 8949 section 4.2.1).
func (r *reader) head() (major byte, arg uint64, err error) {
	if r.left() < 1 {
		return 0, 0, r.fail("the bytes end too early")
	}
	c := r.b[r.off]
	major, info := c>>5, c&31
	if info < 24 {
		r.off++
		return major, uint64(info), nil
	}
	if info > 27 {
		return 0, 0, r.fail("indefinite lengths and reserved heads are forbidden (%02x)", c)
	}
	size := 1 << (info - 24)
	if r.left() < 1+size {
		return 0, 0, r.fail("the bytes end too early")
	}
	var wide [8]byte
	copy(wide[8-size:], r.b[r.off+1:])
	arg = binary.BigEndian.Uint64(wide[:])
	least := uint64(24)
	if size > 1 {
		least = 1 << (4 * size) // one more than half as many bytes can hold
	}
	if arg < least {
		return 0, 0, r.fail("%d is not in its shortest form", arg)
	}
	r.off += 1 + size
	return major, arg, nil
}

// str reads a byte or text string.
func (r *reader) str(major byte, what string) ([]byte, error) {
	start := r.off
	m, n, err := r.head()
	if err != nil {
		return nil, err
	}
	if m != major {
		r.off = start
		return nil, r.fail("%s: want CBOR major type %d, found %d", what, major, m)
	}
	if n > uint64(r.left()) {
		return nil, r.fail("%s: %d bytes announced, %d left", what, n, r.left())
	}
	s := r.b[r.off : r.off+int(n) : r.off+int(n)]
	r.off += int(n)
	return s, nil
}

func (r *reader) bytes(what string) ([]byte, error) { return r.str(majorBytes, what) }

// text reads valid UTF-8 of at most limit bytes.
func (r *reader) text(what string, limit int) (string, error) {
	s, err := r.str(majorText, what)
	if err != nil {
		return "", err
	}
	if len(s) > limit {
		return "", r.failKind(sxp.TooLarge, "%s has at most %d bytes, this has %d", what, limit, len(s))
	}
	if !utf8.Valid(s) {
		return "", r.fail("%s is not UTF-8", what)
	}
	return string(s), nil
}

func (r *reader) signature() ([]byte, error) {
	s, err := r.bytes("signature")
	if err == nil && len(s) != signatureSize {
		return nil, r.fail("a signature has %d bytes, this has %d", signatureSize, len(s))
	}
	return s, err
}

// canonical reports why b is not exactly one item of the CBOR that payloads
// may use: shortest heads, definite lengths, sorted distinct keys, UTF-8,
// integers, strings, arrays, maps, false, true and null; no tags, no floats.
func canonical(op string, b []byte) error {
	if len(b) > sxp.MaxMessage {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a payload has at most %d bytes, this has %d", sxp.MaxMessage, len(b))
	}
	r := reader{op: op, in: "value", b: b}
	if err := r.item(0); err != nil {
		return err
	}
	if r.off != len(b) {
		return r.fail("%d bytes follow the value", len(b)-r.off)
	}
	return nil
}

// item walks over one item; depth is the number of arrays and maps around it.
func (r *reader) item(depth int) error {
	start := r.off
	major, n, err := r.head()
	if err != nil {
		return err
	}
	switch major {
	case majorUint, majorNint:
		return nil
	case majorBytes, majorText:
		r.off = start
		s, err := r.str(major, "string")
		if err == nil && major == majorText && !utf8.Valid(s) {
			err = r.fail("a text string is not UTF-8")
		}
		return err
	case majorArray, majorMap:
		if depth == sxp.MaxDepth {
			return r.failKind(sxp.TooLarge, "arrays and maps nest at most %d deep", sxp.MaxDepth)
		}
		if n > sxp.MaxItems {
			return r.failKind(sxp.TooLarge, "an array or map has at most %d items, this announces %d", sxp.MaxItems, n)
		}
		if major == majorMap {
			return r.pairs(int(n), depth+1)
		}
		for range n {
			if err := r.item(depth + 1); err != nil {
				return err
			}
		}
		return nil
	case majorTag:
		return r.fail("tags are forbidden inside a payload (tag %d)", n)
	}
	if n < 20 || n > 22 || r.off != start+1 { // false, true, null in one byte
		return r.fail("floats and simple values other than false, true and null are forbidden")
	}
	return nil
}

// pairs walks over n pairs whose keys must ascend bytewise.
func (r *reader) pairs(n, depth int) error {
	var last []byte
	for range n {
		start := r.off
		if err := r.item(depth); err != nil {
			return err
		}
		key := r.b[start:r.off]
		if last != nil {
			switch c := bytes.Compare(last, key); {
			case c == 0:
				return r.fail("a map has the same key twice")
			case c > 0:
				return r.fail("the keys of a map are not sorted")
			}
		}
		last = key
		if err := r.item(depth); err != nil {
			return err
		}
	}
	return nil
}

// appendHead appends the shortest head.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n < 1<<8:
		return append(b, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major<<5|27), n)
}

func appendBytes(b, s []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(s))), s...)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}
