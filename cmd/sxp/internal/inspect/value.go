package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"sxp"
)

type kind int

const (
	kindText   kind = iota
	kindScalar      // number, true, false, null: Text is its JSON
	kindBytes       // Text is base64url, Size the length
	kindList
	kindFields
	kindView
)

// A Value is one field or more of what was taken apart, in the order in which
// they stand.
type Value struct {
	Text   string
	Size   int
	Names  []string // of Items, if these are fields
	Items  []*Value
	View   *View // a signed or sealed thing inside
	kind   kind
	scalar json.RawMessage
}

// errDeep refuses JSON that nests deeper than any message of ours.
var errDeep = errors.New("the JSON nests too deep")

// parseJSON reads one JSON value, in order, and unfolds the messages in it.
func (in *inspector) parseJSON(text []byte, depth int) (*Value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := in.jsonValue(d, depth, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more than one JSON value")
	}
	return v, nil
}

func (in *inspector) jsonValue(d *json.Decoder, depth, nested int) (*Value, error) {
	if nested > 2*sxp.MaxDepth {
		return nil, errDeep
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		v := &Value{kind: kindList}
		if t == '{' {
			v.kind = kindFields
		}
		for d.More() {
			if v.kind == kindFields {
				name, err := d.Token()
				if err != nil {
					return nil, err
				}
				v.Names = append(v.Names, fmt.Sprint(name))
			}
			item, err := in.jsonValue(d, depth, nested+1)
			if err != nil {
				return nil, err
			}
			v.Items = append(v.Items, item)
		}
		_, err := d.Token() // the closing bracket
		return v, err
	case string:
		return in.text(t, depth), nil
	default:
		b, err := json.Marshal(t)
		return &Value{Text: string(b), kind: kindScalar, scalar: b}, err
	}
}

// text shows a string. Byte strings stand in JSON as base64url; only those
// that hold a message or something sealed can be told from words.
func (in *inspector) text(s string, depth int) *Value {
	if len(s) > 100 {
		if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err == nil {
			return in.bytes(b, depth)
		}
	}
	return &Value{Text: s, kind: kindText}
}

// any shows a decoded CBOR value.
func (in *inspector) any(v any, depth int) *Value {
	switch v := v.(type) {
	case string:
		return &Value{Text: v, kind: kindText}
	case []byte:
		return in.bytes(v, depth)
	case []any:
		out := &Value{kind: kindList}
		for _, item := range v {
			out.Items = append(out.Items, in.any(item, depth))
		}
		return out
	case map[any]any:
		names := map[string]any{}
		for k, item := range v {
			names[name(k)] = item
		}
		out := &Value{kind: kindFields}
		for k := range names {
			out.Names = append(out.Names, k)
		}
		sort.Strings(out.Names)
		for _, k := range out.Names {
			out.Items = append(out.Items, in.any(names[k], depth))
		}
		return out
	case nil, bool, int64, uint64, float64, float32:
		b, err := json.Marshal(v)
		if err == nil {
			return &Value{Text: string(b), kind: kindScalar, scalar: b}
		}
	}
	return &Value{Text: fmt.Sprintf("%v", v), kind: kindText}
}

// name writes the key of a map.
func name(k any) string {
	if b, ok := k.(string); ok {
		return b
	}
	if b, ok := k.([]byte); ok {
		return hex.EncodeToString(b)
	}
	return fmt.Sprintf("%v", k)
}

// MarshalJSON returns the fields as they are, with a View in the place of each
// message.
func (v *Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case kindText, kindBytes:
		return json.Marshal(v.Text)
	case kindScalar:
		return v.scalar, nil
	case kindView:
		return json.Marshal(v.View)
	case kindList:
		if v.Items == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.Items)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, item := range v.Items {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(v.Names[i])
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(item)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
