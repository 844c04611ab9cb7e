package contract_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A node is one CBOR item that can be changed and written again, also in ways
// that no encoder of this module writes.
type node struct {
	major byte
	n     uint64       // of integers and simple values
	b     []byte       // of byte strings and text
	items []*node      // of arrays; of maps key, value, key, value
	msg   *messageNode // a byte string that holds a signed message
	style style
}

type style byte

const (
	canonical style = iota
	longHead        // the length or integer in a longer form
	endless         // indefinite length
	tagged          // behind a tag
	null            // null instead
)

// A messageNode is a signed message; it is signed anew when it is written.
type messageNode struct {
	protected []byte
	signer    sxp.ID
	payload   *node
}

// parseNode reads what an encoder of this module wrote, and messages inside.
func parseNode(b []byte) *node {
	n, rest := readNode(b)
	if len(rest) != 0 {
		panic("bytes follow")
	}
	return n
}

func readNode(b []byte) (*node, []byte) {
	n := &node{major: b[0] >> 5}
	arg, size := uint64(b[0]&31), 1
	if arg >= 24 {
		size = 1 + 1<<(arg-24)
		var full [8]byte
		copy(full[8-(size-1):], b[1:size])
		arg = binary.BigEndian.Uint64(full[:])
	}
	b = b[size:]
	switch n.major {
	case 2, 3:
		n.b, b = slices.Clone(b[:arg]), b[arg:]
		if n.major == 2 && bytes.HasPrefix(n.b, []byte{0xd2, 0x84}) {
			n.msg = parseMessage(n.b)
		}
	case 4, 5:
		count := arg
		if n.major == 5 {
			count *= 2
		}
		for range count {
			var item *node
			item, b = readNode(b)
			n.items = append(n.items, item)
		}
	default:
		n.n = arg
	}
	return n, b
}

func parseMessage(raw []byte) *messageNode {
	m := must(envelope.Parse(raw))
	protected, _ := readNode(raw[2:])
	return &messageNode{protected: protected.b, signer: m.Signer, payload: parseNode(m.Payload)}
}

func head(major byte, n uint64, long bool) []byte {
	size := 0
	for size < 4 && (n >= 24 && size == 0 || size > 0 && n >= 1<<(8<<(size-1))) {
		size++
	}
	if long && size < 4 {
		size++
	}
	if size == 0 {
		return []byte{major<<5 | byte(n)}
	}
	var full [8]byte
	binary.BigEndian.PutUint64(full[:], n)
	return append([]byte{major<<5 | byte(23+size)}, full[8-1<<(size-1):]...)
}

// write encodes the node; keys sign the messages inside.
func (n *node) write(keys map[sxp.ID]envelope.Signer) []byte {
	var out []byte
	switch n.style {
	case null:
		return []byte{0xf6}
	case tagged:
		out = []byte{0xc1}
	}
	long := n.style == longHead
	switch n.major {
	case 2, 3:
		b := n.b
		if n.msg != nil {
			b = n.msg.write(keys)
		}
		if n.style == endless {
			out = append(append(out, n.major<<5|31), head(n.major, uint64(len(b)), false)...)
			return append(append(out, b...), 0xff)
		}
		return append(append(out, head(n.major, uint64(len(b)), long)...), b...)
	case 4, 5:
		count := uint64(len(n.items))
		if n.major == 5 {
			count /= 2
		}
		if n.style == endless {
			out = append(out, n.major<<5|31)
		} else {
			out = append(out, head(n.major, count, long)...)
		}
		for _, item := range n.items {
			out = append(out, item.write(keys)...)
		}
		if n.style == endless {
			out = append(out, 0xff)
		}
		return out
	}
	return append(out, head(n.major, n.n, long)...)
}

// write signs the message, whatever its payload is.
func (m *messageNode) write(keys map[sxp.ID]envelope.Signer) []byte {
	payload := m.payload.write(keys)
	protected := append(head(2, uint64(len(m.protected)), false), m.protected...)
	body := append(head(2, uint64(len(payload)), false), payload...)
	signed := slices.Concat([]byte{0x84, 0x6a}, []byte("Signature1"), protected, []byte{0x40}, body)
	signature := must(keys[m.signer].Sign(signed))
	return slices.Concat([]byte{0xd2, 0x84}, protected, []byte{0xa0}, body, []byte{0x58, 0x40}, signature)
}

// A change is one way to break a node: what it is called, and what makes it.
type change struct {
	name string
	make func(n *node)
}

// changes are all ways to break one node. Each starts from the node as it was.
func (n *node) changes() []change {
	out := []change{{"null", func(n *node) { n.style = null }}, {"tag", func(n *node) { n.style = tagged }}, {"long", func(n *node) { n.style = longHead }}}
	switch {
	case n.major == 2 && n.msg != nil:
		return append(out, messageChanges()...)
	case n.major == 2:
		return append(out, bytesChanges(n.b)...)
	case n.major == 3:
		return append(out, textChanges()...)
	case n.major == 4:
		return append(out, arrayChanges(len(n.items))...)
	case n.major == 5:
		return append(out, mapChanges(len(n.items)/2)...)
	case n.major == 7:
		return append(out[:2], change{"flip", func(n *node) { n.n ^= 1 }}, change{"zero", func(n *node) { n.major, n.n = 0, 0 }})
	}
	return append(out, integerChanges()...)
}

func messageChanges() []change {
	return []change{
		{"empty", func(n *node) { n.msg, n.b = nil, nil }},
		{"cut", func(n *node) { n.msg, n.b = nil, n.b[:len(n.b)-1] }},
		{"forged", func(n *node) { n.msg, n.b[len(n.b)-1] = nil, n.b[len(n.b)-1]^1 }},
	}
}

func bytesChanges(b []byte) []change {
	var out []change
	for _, at := range []int{0, len(b) / 2, len(b) - 1} {
		if len(b) > 0 {
			out = append(out, change{fmt.Sprintf("bit%d", at), func(n *node) { n.b[at] ^= 1 }})
		}
	}
	set := func(name string, f func(b []byte) []byte) {
		out = append(out, change{name, func(n *node) { n.b = f(n.b) }})
	}
	set("cut", func(b []byte) []byte { return b[:max(len(b)-1, 0)] })
	set("longer", func(b []byte) []byte { return append(b, 0) })
	set("empty", func([]byte) []byte { return nil })
	set("zeros", func(b []byte) []byte { clear(b); return b })
	set("ones", func(b []byte) []byte { return bytes.Repeat([]byte{0xff}, len(b)) })
	out = append(out, change{"text", func(n *node) { n.major = 3 }}, change{"endless", func(n *node) { n.style = endless }})
	if len(b) != bls.G1Size && len(b) != bls.G2Size {
		return out
	}
	for _, flag := range []byte{0x80, 0x40, 0x20} {
		set(fmt.Sprintf("flag%02x", flag), func(b []byte) []byte { b[0] ^= flag; return b })
	}
	set("identity", func(b []byte) []byte { clear(b); b[0] = 0xc0; return b })
	set("identity-uncompressed", func(b []byte) []byte { clear(b); b[0] = 0x40; return b })
	set("off-group", func(b []byte) []byte {
		if len(b) == bls.G1Size {
			p := offGroup()
			return p[:]
		}
		p := offGroup2()
		return p[:]
	})
	set("generator", func(b []byte) []byte { return generator(len(b)) })
	return out
}

func textChanges() []change {
	set := func(name string, f func(string) string) change {
		return change{name, func(n *node) { n.b = []byte(f(string(n.b))) }}
	}
	return []change{
		set("longer", func(s string) string { return s + "x" }),
		set("empty", func(string) string { return "" }),
		set("nul", func(s string) string { return s + "\x00" }),
		set("reordered", func(s string) string { return "\u202e" + s }),
		set("line", func(s string) string { return s + "\nx" }),
		set("broken", func(s string) string { return s + "\xff" }),
		set("half", func(s string) string { return s[:len(s)/2] }),
		{"bytes", func(n *node) { n.major = 2 }},
		{"endless", func(n *node) { n.style = endless }},
	}
}

func integerChanges() []change {
	set := func(name string, major byte, v func(n uint64) uint64) change {
		return change{name, func(n *node) { n.major, n.n = major, v(n.n) }}
	}
	fixed := func(v uint64) func(uint64) uint64 { return func(uint64) uint64 { return v } }
	return []change{
		set("more", 0, func(n uint64) uint64 { return n + 1 }),
		set("less", 0, func(n uint64) uint64 { return n - 1 }),
		set("zero", 0, fixed(0)),
		set("one", 0, fixed(1)),
		set("minus-one", 1, fixed(0)),
		set("large", 0, fixed(1<<53)),
		set("int64", 0, fixed(1<<63)),
		set("least", 1, fixed(1<<63)),
		set("most", 0, fixed(1<<64-1)),
		{"text", func(n *node) { n.major, n.b = 3, []byte(fmt.Sprint(n.n)) }},
		{"false", func(n *node) { n.major, n.n = 7, 20 }},
	}
}

func arrayChanges(count int) []change {
	out := []change{
		{"empty", func(n *node) { n.items = nil }},
		{"endless", func(n *node) { n.style = endless }},
		{"map", func(n *node) { n.major = 5; n.items = n.items[:len(n.items)&^1] }},
	}
	if count == 0 {
		return out
	}
	out = append(out,
		change{"without-first", func(n *node) { n.items = n.items[1:] }},
		change{"without-last", func(n *node) { n.items = n.items[:len(n.items)-1] }},
		change{"last-twice", func(n *node) { n.items = append(n.items, n.items[len(n.items)-1]) }},
		change{"many", func(n *node) { n.items = slices.Repeat(n.items, 102) }})
	if count > 1 {
		out = append(out, change{"first-instead-of-second", func(n *node) { n.items[1] = n.items[0] }},
			change{"reversed", func(n *node) { slices.Reverse(n.items) }},
			change{"turned", func(n *node) { n.items = append(n.items[1:], n.items[0]) }})
	}
	return out
}

func mapChanges(count int) []change {
	out := []change{
		{"empty", func(n *node) { n.items = nil }},
		{"endless", func(n *node) { n.style = endless }},
		{"array", func(n *node) { n.major = 4 }},
		{"unknown", func(n *node) { n.insert(&node{major: 3, b: []byte("zz")}, &node{}) }},
		{"unknown-number", func(n *node) { n.items = slices.Insert(n.items, 0, &node{n: 1}, &node{}) }},
		{"key-twice", func(n *node) { n.items = slices.Insert(n.items, 0, n.items[0], n.items[1]) }},
	}
	for i := range count {
		out = append(out,
			change{fmt.Sprintf("without-%d", i), func(n *node) { n.items = slices.Delete(n.items, 2*i, 2*i+2) }},
			change{fmt.Sprintf("renamed-%d", i), func(n *node) { n.items[2*i] = &node{major: 3, b: bytes.ToUpper(n.items[2*i].b)} }})
	}
	if count > 1 {
		out = append(out, change{"unsorted", func(n *node) {
			n.items[0], n.items[1], n.items[2], n.items[3] = n.items[2], n.items[3], n.items[0], n.items[1]
		}})
	}
	return out
}

// insert adds a pair where it stands in the order of keys.
func (n *node) insert(key, value *node) {
	at := 0
	for at < len(n.items) && bytes.Compare(n.items[at].write(nil), key.write(nil)) < 0 {
		at += 2
	}
	n.items = slices.Insert(n.items, at, key, value)
}

// clone copies what changes of this node touch.
func (n *node) clone() node {
	c := *n
	c.b, c.items = slices.Clone(n.b), slices.Clone(n.items)
	return c
}

// walk visits the node and all below it, and what is inside messages down to
// depth of them.
func (n *node) walk(path string, depth int, visit func(path string, n *node)) {
	visit(path, n)
	if n.msg != nil && depth > 0 {
		n.msg.payload.walk(path+"!", depth-1, visit)
	}
	for i, item := range n.items {
		switch {
		case n.major == 4:
			item.walk(fmt.Sprintf("%s/%d", path, i), depth, visit)
		case i%2 == 1: // keys are changed by their map
			item.walk(path+"."+string(n.items[i-1].b), depth, visit)
		}
	}
}

// eachChange calls use for each change of the tree, with its name; what use
// writes of the tree is changed there and only there.
func eachChange(root *node, depth int, use func(name string)) {
	root.walk("", depth, func(path string, n *node) {
		was := n.clone()
		for _, c := range was.changes() {
			*n = was.clone()
			c.make(n)
			use(path + " " + c.name)
		}
		*n = was
	})
}
