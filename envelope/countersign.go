package envelope

import (
	"bytes"
	"maps"
	"slices"

	"sxp"
)

// OverMessage is the Over of a countersignature that covers the message itself.
const OverMessage = -1

// A Countersignature says that its signer saw a message, or a countersignature
// of it, and stated attributes about it (RFC 9338, version 2).
type Countersignature struct {
	Signer     sxp.ID            // who countersigned
	Attributes map[string]string // what they stated; signed; nil if nothing
	Over       int               // OverMessage, or the index of the countersignature that it covers
}

// counterPart is one countersignature inside a message, slices of its bytes.
type counterPart struct {
	signer    sxp.ID
	attrs     map[string]string
	over      int
	protected []byte
	sig       []byte
}

func (c *counterPart) public() Countersignature {
	return Countersignature{Signer: c.signer, Attributes: c.attrs, Over: c.over}
}

// appendCountersigned appends the Countersign_structure of RFC 9338 section 3.3
// of a countersignature over over, with the protected header given.
func (p *parts) appendCountersigned(b []byte, over int, protected []byte) []byte {
	b = slices.Grow(b, 128+len(p.protected)+len(protected)+len(p.payload)+signatureSize)
	if over != OverMessage { // a COSE_Countersignature has two byte strings: version 1 context
		covered := &p.counter[over]
		b = append(b, array5)
		b = appendText(b, "CounterSignature")
		b = appendBytes(b, covered.protected)
		b = appendBytes(b, protected)
		b = appendBytes(b, nil) // external_aad
		return appendBytes(b, covered.sig)
	}
	b = append(b, array6)
	b = appendText(b, "CounterSignatureV2")
	b = appendBytes(b, p.protected)
	b = appendBytes(b, protected)
	b = appendBytes(b, nil) // external_aad
	b = appendBytes(b, p.payload)
	b = append(b, array1)
	return appendBytes(b, p.sig)
}

// readUnprotected reads a0, or a1 0b and countersignatures.
func readUnprotected(r *reader) ([]counterPart, error) {
	if r.literal(emptyMap) {
		return nil, nil
	}
	var list []counterPart
	if err := readCounters(r, &list, OverMessage, 1); err != nil {
		return nil, err
	}
	return list, nil
}

// readCounters reads the map { 11: one countersignature, or an array of two or
// more } and appends to list, each before those that cover it.
func readCounters(r *reader, list *[]counterPart, over, nesting int) error {
	if !r.literal(map1) || !r.literal(labelCounter) {
		return r.fail("the unprotected header must be empty or hold only countersignatures (label 11)")
	}
	if nesting > MaxNesting {
		return r.failKind(sxp.TooLarge, "countersignatures stand at most %d high", MaxNesting)
	}
	// A single countersignature is an array that starts with a byte string,
	// several are an array of arrays.
	if r.left() >= 2 && r.b[r.off] == array3 && r.b[r.off+1]>>5 == majorBytes {
		return readCounter(r, list, over, nesting)
	}
	major, n, err := r.head()
	if err != nil {
		return err
	}
	if major != majorArray || n < 2 {
		return r.fail("label 11 holds one countersignature, or an array of two or more")
	}
	if n > sxp.MaxCountersignatures {
		return r.failKind(sxp.TooLarge, "a message has at most %d countersignatures, this announces %d", sxp.MaxCountersignatures, n)
	}
	for range n {
		if err := readCounter(r, list, over, nesting); err != nil {
			return err
		}
	}
	return nil
}

// readCounter reads [ protected, unprotected, signature ].
func readCounter(r *reader, list *[]counterPart, over, nesting int) error {
	if len(*list) == sxp.MaxCountersignatures {
		return r.failKind(sxp.TooLarge, "a message has at most %d countersignatures", sxp.MaxCountersignatures)
	}
	if !r.literal(array3) {
		return r.fail("a countersignature is an array of 3")
	}
	c := counterPart{over: over}
	var err error
	if c.protected, err = r.bytes("protected header of a countersignature"); err != nil {
		return err
	}
	if c.signer, c.attrs, err = readCounterHeader(r.op, c.protected); err != nil {
		return err
	}
	me := len(*list)
	*list = append(*list, c)
	if !r.literal(emptyMap) {
		if err := readCounters(r, list, me, nesting+1); err != nil {
			return err
		}
	}
	if c.sig, err = r.signature(); err != nil {
		return err
	}
	(*list)[me].sig = c.sig
	for i := range me {
		if o := &(*list)[i]; o.over == over && bytes.Equal(o.protected, c.protected) && bytes.Equal(o.sig, c.sig) {
			return r.fail("the same countersignature stands twice")
		}
	}
	return nil
}

// readCounterHeader reads alg, kid, and attributes sorted by their encoding.
func readCounterHeader(op string, b []byte) (id sxp.ID, attrs map[string]string, err error) {
	r := reader{op: op, in: "protected header of a countersignature", b: b}
	major, n, err := r.head()
	if err != nil {
		return id, nil, err
	}
	if major != majorMap || n < 2 || !r.prefix(headerStart) || !r.copy(id[:]) {
		return id, nil, r.fail("a countersignature's protected header must start with alg EdDSA and kid of 32 bytes")
	}
	if n -= 2; n > MaxAttributes {
		return id, nil, r.failKind(sxp.TooLarge, "a countersignature has at most %d attributes, this announces %d", MaxAttributes, n)
	}
	var last []byte
	for range n {
		start := r.off
		name, err := r.text("attribute name", MaxAttributeName)
		if err != nil {
			return id, nil, err
		}
		if key := r.b[start:r.off]; bytes.Compare(last, key) >= 0 {
			return id, nil, r.fail("attributes must be distinct and sorted")
		} else {
			last = key
		}
		value, err := r.text("attribute value", MaxAttributeValue)
		if err != nil {
			return id, nil, err
		}
		if attrs == nil {
			attrs = make(map[string]string, n)
		}
		attrs[name] = value
	}
	if r.off != len(b) {
		return id, nil, r.fail("%d bytes follow the protected header", len(b)-r.off)
	}
	return id, attrs, nil
}

// counterHeader is the inverse of readCounterHeader.
func counterHeader(id sxp.ID, attrs map[string]string) []byte {
	names := slices.SortedFunc(maps.Keys(attrs), func(a, b string) int {
		return bytes.Compare(appendText(nil, a), appendText(nil, b))
	})
	b := appendHead(nil, majorMap, uint64(2+len(names)))
	b = append(b, headerStart...)
	b = append(b, id[:]...)
	for _, name := range names {
		b = appendText(appendText(b, name), attrs[name])
	}
	return b
}

// Countersign returns raw with one more countersignature by s: over the
// message if over is OverMessage, else over the countersignature of that index.
// The attributes are signed with it; nil states nothing. Indexes of the result
// are those of Parse of the result. To countersign again with the same key and
// attributes changes nothing. It fails with Invalid or TooLarge if raw does not
// parse or the result would not.
func Countersign(s Signer, raw []byte, over int, attrs map[string]string) ([]byte, error) {
	const op = "envelope.Countersign"
	if _, err := Parse(raw); err != nil {
		return nil, err
	}
	p, err := split(op, raw)
	if err != nil {
		return nil, err
	}
	if over < OverMessage || over >= len(p.counter) {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "there is no countersignature %d to cover: the message has %d", over, len(p.counter))
	}
	protected := counterHeader(s.ID(), attrs)
	if _, _, err := readCounterHeader(op, protected); err != nil {
		return nil, err
	}
	sig, err := sign(op, s, p.appendCountersigned(nil, over, protected))
	if err != nil {
		return nil, err
	}
	for _, c := range p.counter {
		if c.over == over && bytes.Equal(c.protected, protected) && bytes.Equal(c.sig, sig) {
			return bytes.Clone(raw), nil
		}
	}
	p.counter = append(p.counter, counterPart{over: over, protected: protected, sig: sig})
	out := assemble(p.protected, appendCounters(nil, p.counter, OverMessage), p.payload, p.sig)
	if _, err := Parse(out); err != nil {
		return nil, err
	}
	return out, nil
}

// appendCounters appends the unprotected header with the countersignatures
// that cover over, and inside them those that cover these.
func appendCounters(b []byte, list []counterPart, over int) []byte {
	var mine []int
	for i := range list {
		if list[i].over == over {
			mine = append(mine, i)
		}
	}
	if len(mine) == 0 {
		return append(b, emptyMap)
	}
	b = append(b, map1, labelCounter)
	if len(mine) > 1 {
		b = appendHead(b, majorArray, uint64(len(mine)))
	}
	for _, i := range mine {
		b = append(b, array3)
		b = appendBytes(b, list[i].protected)
		b = appendCounters(b, list, i)
		b = appendBytes(b, list[i].sig)
	}
	return b
}
