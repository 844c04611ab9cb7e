// Package inspect takes signed things apart for a person who wants to know
// what is in them: which layers, who signed what, who countersigned, the
// fields, and the signed messages inside of them, unfolded. It verifies every
// signature that it shows, and says so of what it does not know.
package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
)

// Limits of what is unfolded, so that no input takes for ever.
const (
	MaxInput    = 8 << 20 // bytes of a file: a JSON view with room
	maxDepth    = 12      // signed messages inside of each other
	maxMessages = 4096    // signed messages in one file
)

// A View is one thing taken apart.
type View struct {
	What     string     `json:"what"`               // "signed message", "sealed bytes", "file CONTRACT", "json", "cbor", "text", "bytes"
	Size     int        `json:"size"`               // in bytes
	Type     string     `json:"type,omitempty"`     // of a signed message
	Digest   sxp.Hash   `json:"digest,omitzero"`    // of a signed message
	Signer   sxp.ID     `json:"signer,omitzero"`    // of a signed message; verified if Problem is empty
	Problem  string     `json:"problem,omitempty"`  // why it is not what it claims to be
	Note     string     `json:"note,omitempty"`     // what else there is to know
	Counters []Counter  `json:"counters,omitempty"` // countersignatures, in the order in which they stand
	SealedTo []sxp.Hash `json:"sealedTo,omitempty"` // names of the keys
	Content  *Value     `json:"content,omitempty"`
}

// A Counter is one countersignature.
type Counter struct {
	Signer     sxp.ID            `json:"signer"`
	Over       int               `json:"over"` // -1: the message, else the index of the countersignature covered
	Attributes map[string]string `json:"attributes,omitempty"`
}

// A Types gives a constructor of the payload of each known type.
type Types map[envelope.Type]func() any

type inspector struct {
	types Types
	left  int // messages that may still be unfolded
}

// Inspect takes data apart. It never fails: what is not understood is shown as
// bytes.
func Inspect(data []byte, types Types) *View {
	in := &inspector{types: types, left: maxMessages}
	if text := strings.TrimSpace(string(data)); strings.HasPrefix(text, "sxp:") {
		return in.link(text)
	}
	if v := in.message(data, 0); v != nil {
		return v
	}
	if v := in.armour(data); v != nil {
		return v
	}
	if v := in.json(data); v != nil {
		return v
	}
	if v := in.sealed(data); v != nil {
		return v
	}
	if c, err := in.cbor(data, 0); err == nil {
		return &View{What: "cbor", Size: len(data), Note: "not a signed message", Content: c}
	}
	what, c := "bytes", in.bytes(data, 0)
	if utf8.Valid(data) {
		what, c = "text", &Value{Text: string(data), kind: kindText}
	}
	return &View{What: what, Size: len(data), Note: "this release does not know what this is", Content: c}
}

// link shows the card in a link to a card, and the fields of a link to a
// market; other links are text.
func (in *inspector) link(text string) *View {
	if l, err := market.ParseLink(text); err == nil {
		c := &Value{kind: kindFields, Names: []string{"market", "node", "at"}}
		for _, field := range []string{l.Market.String(), l.Node.ID.String(), l.Node.Address} {
			c.Items = append(c.Items, &Value{Text: field, kind: kindText})
		}
		return &View{What: "link to a market", Size: len(text), Note: "a link is not signed; the charter that it leads to is", Content: c}
	}
	f, err := identity.ParseLink(text)
	if err != nil || f.Card == nil {
		return &View{What: "text", Size: len(text), Note: "this release does not know this link", Content: &Value{Text: text, kind: kindText}}
	}
	v := in.message(f.Card, 0)
	if v == nil {
		return &View{What: "text", Size: len(text), Problem: "the card in this link is not a signed message", Content: &Value{Text: text, kind: kindText}}
	}
	v.Note = "from a link"
	return v
}

// message unfolds a signed message; nil for bytes that are none.
func (in *inspector) message(raw []byte, depth int) *View {
	typ, signer, err := envelope.Peek(raw)
	if err != nil {
		return nil
	}
	v := &View{What: "signed message", Size: len(raw), Type: string(typ), Digest: envelope.Digest(raw), Signer: signer}
	if in.left--; in.left < 0 || depth > maxDepth {
		v.Problem = "not unfolded: too many signed messages inside of each other"
		return v
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		v.Problem = sxp.Reason(err)
		return v
	}
	for _, c := range m.Countersignatures {
		v.Counters = append(v.Counters, Counter{Signer: c.Signer, Over: c.Over, Attributes: c.Attributes})
	}
	in.payload(v, m, depth)
	return v
}

// payload shows the fields of a message, by its type where it is known.
func (in *inspector) payload(v *View, m *envelope.Message, depth int) {
	if make := in.types[m.Type]; make != nil {
		p := make()
		err := envelope.Unmarshal(m.Payload, p)
		if err == nil {
			var text []byte
			if text, err = json.Marshal(p); err == nil {
				v.Content, err = in.parseJSON(text, depth+1)
			}
		}
		if err == nil {
			return
		}
		v.Problem = "the fields are not those of " + v.Type + ": " + sxp.Reason(err)
	} else {
		v.Note = "this release does not know the type " + v.Type
	}
	c, err := in.cbor(m.Payload, depth+1)
	if err != nil {
		c = in.bytes(m.Payload, depth+1)
	}
	v.Content = c
}

// json shows a JSON text: the view of a signed message, or any value, with the
// signed messages inside of it.
func (in *inspector) json(data []byte) *View {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil
	}
	if raw, err := envelope.FromJSON(data, in.types); err == nil {
		if v := in.message(raw, 0); v != nil {
			v.Note = strings.TrimPrefix(v.Note+"; from its JSON form", "; ")
			return v
		}
	}
	c, err := in.parseJSON(data, 0)
	if err != nil {
		return nil
	}
	return &View{What: "json", Size: len(data), Note: "the file itself is not signed; the messages inside are", Content: c}
}

func (in *inspector) sealed(data []byte) *View {
	keys, err := envelope.SealedTo(data)
	if err != nil {
		return nil
	}
	return &View{What: "sealed bytes", Size: len(data), SealedTo: keys, Note: "only the holders of these keys can open it"}
}

// cbor shows any CBOR item.
func (in *inspector) cbor(data []byte, depth int) (*Value, error) {
	var v any
	if err := cborMode().Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return in.any(v, depth), nil
}

func cborMode() cbor.DecMode {
	mode, err := cbor.DecOptions{MaxNestedLevels: 32, MaxArrayElements: sxp.MaxItems, MaxMapPairs: sxp.MaxItems, DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()
	if err != nil {
		panic("inspect: the options are constant: " + err.Error())
	}
	return mode
}

// bytes shows a byte string: a message, something sealed, or plain.
func (in *inspector) bytes(b []byte, depth int) *Value {
	if v := in.message(b, depth); v != nil {
		return &Value{View: v, kind: kindView}
	}
	if len(b) > 64 {
		if v := in.sealed(b); v != nil {
			return &Value{View: v, kind: kindView}
		}
	}
	return &Value{Text: base64.RawURLEncoding.EncodeToString(b), Size: len(b), kind: kindBytes}
}

// number formats a count of bytes for people: 12,345.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
