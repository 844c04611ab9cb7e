package envelope

import (
	"bytes"
	"encoding/json"
	"io"

	"sxp"
)

// view is the JSON form of a message (spec/envelope.md). Exactly one of
// Payload and CBOR is there.
type view struct {
	Type              Type            `json:"type"`
	Signer            sxp.ID          `json:"signer"`
	Payload           json.RawMessage `json:"payload,omitempty"`
	CBOR              sxp.Bytes       `json:"cbor,omitempty"` // payload of a type that is not known
	Signature         sxp.Bytes       `json:"signature"`
	Countersignatures []counterView   `json:"countersignatures,omitempty"`
}

type counterView struct {
	Signer            sxp.ID            `json:"signer"`
	Attributes        map[string]string `json:"attributes,omitempty"`
	Signature         sxp.Bytes         `json:"signature"`
	Countersignatures []counterView     `json:"countersignatures,omitempty"`
}

// ToJSON returns the JSON form of a signed message, on one line. Types gives
// for each known type a function that makes a pointer to an empty payload; the
// payload of any other type, or one that is not a value of its type, stands as
// base64url of its CBOR. It fails as Parse does.
func ToJSON(raw []byte, types map[Type]func() any) ([]byte, error) {
	const op = "envelope.ToJSON"
	if _, err := Parse(raw); err != nil {
		return nil, err
	}
	p, err := split(op, raw)
	if err != nil {
		return nil, err
	}
	v := view{Type: p.typ, Signer: p.signer, Signature: p.sig, Countersignatures: counterViews(p.counter, OverMessage)}
	if v.Payload = payloadView(p.payload, types[p.typ]); v.Payload == nil {
		v.CBOR = p.payload
	}
	out, err := encodeJSON(v)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%s: %w", p.typ, err)
	}
	return out, nil
}

// payloadView returns the payload as JSON, or nil if that would lose something.
func payloadView(payload []byte, empty func() any) json.RawMessage {
	if empty == nil {
		return nil
	}
	v := empty()
	if Unmarshal(payload, v) != nil {
		return nil
	}
	out, err := encodeJSON(v)
	if err != nil {
		return nil
	}
	if back, err := payloadCBOR(out, empty); err != nil || !bytes.Equal(back, payload) {
		return nil
	}
	return out
}

func payloadCBOR(j json.RawMessage, empty func() any) ([]byte, error) {
	v := empty()
	if err := decodeJSON(j, v); err != nil {
		return nil, err
	}
	return Marshal(v)
}

func counterViews(list []counterPart, over int) []counterView {
	var out []counterView
	for i := range list {
		if c := &list[i]; c.over == over {
			out = append(out, counterView{c.signer, c.attrs, c.sig, counterViews(list, i)})
		}
	}
	return out
}

// FromJSON returns the message whose JSON form is j; white space and the order
// of fields do not matter. It fails with Invalid unless all signatures are by
// whom they claim: a view that was edited is no message. The same types must be
// known as to ToJSON.
func FromJSON(j []byte, types map[Type]func() any) ([]byte, error) {
	const op = "envelope.FromJSON"
	if len(j) > MaxView {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a JSON view has at most %d bytes, this has %d", MaxView, len(j))
	}
	var v view
	if err := decodeJSON(j, &v); err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "not the JSON view of a message: %w", err)
	}
	if err := v.Type.check(op); err != nil {
		return nil, err
	}
	payload := []byte(v.CBOR)
	switch empty := types[v.Type]; {
	case (v.Payload == nil) == (v.CBOR == nil):
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the view of a message has either payload or cbor")
	case v.Payload != nil && empty == nil:
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "the type %s is not known here, so its payload cannot be read", v.Type)
	case v.Payload != nil:
		var err error
		if payload, err = payloadCBOR(v.Payload, empty); err != nil {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "the payload is no %s: %w", v.Type, err)
		}
	}
	var list []counterPart
	if err := flatten(op, &list, v.Countersignatures, OverMessage); err != nil {
		return nil, err
	}
	raw := assemble(protectedHeader(v.Signer, v.Type), appendCounters(nil, list, OverMessage), payload, v.Signature)
	if _, err := Parse(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// flatten is the inverse of counterViews.
func flatten(op string, list *[]counterPart, views []counterView, over int) error {
	for _, c := range views {
		if len(*list) == sxp.MaxCountersignatures {
			return sxp.Errorf(op, sxp.TooLarge, nil, "a message has at most %d countersignatures", sxp.MaxCountersignatures)
		}
		me := len(*list)
		*list = append(*list, counterPart{over: over, protected: counterHeader(c.Signer, c.Attributes), sig: c.Signature})
		if err := flatten(op, list, c.Countersignatures, me); err != nil {
			return err
		}
	}
	return nil
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// decodeJSON reads one JSON value with known fields only.
func decodeJSON(j []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(j))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return sxp.Invalid
	}
	return nil
}
