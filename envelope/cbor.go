package envelope

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"sxp"
)

// Both modes are fixed at start and never change.
var (
	encMode = newEncMode()
	decMode = newDecMode()
)

func newEncMode() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	o.TagsMd = cbor.TagsForbidden
	o.NilContainers = cbor.NilContainerAsEmpty // nil and empty are one value
	o.OmitEmpty = cbor.OmitEmptyGoValue        // as encoding/json does
	o.BinaryMarshaler = cbor.BinaryMarshalerNone
	m, err := o.EncMode()
	if err != nil {
		panic("envelope: fixed options are valid: " + err.Error())
	}
	return m
}

func newDecMode() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   sxp.MaxDepth,
		MaxArrayElements:  sxp.MaxItems,
		MaxMapPairs:       sxp.MaxItems,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		BinaryUnmarshaler: cbor.BinaryUnmarshalerNone,
	}.DecMode()
	if err != nil {
		panic("envelope: fixed options are valid: " + err.Error())
	}
	return m
}

// Marshal returns the deterministic CBOR of v (RFC 8949 section 4.2.1). Field
// names are those of the json tags; a nil slice or map is an empty one. It
// fails with Invalid for a value that Unmarshal would refuse, such as text that
// is not UTF-8 or a float, and with TooLarge beyond a limit.
func Marshal(v any) ([]byte, error) {
	const op = "envelope.Marshal"
	b, err := encMode.Marshal(v)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%T: %w", v, err)
	}
	if err := canonical(op, b); err != nil {
		return nil, err
	}
	return b, nil
}

// Unmarshal decodes data into what v points to. It fails with Invalid unless
// data is exactly what Marshal gives for the result: unknown fields, duplicate
// or unsorted keys, longer heads, trailing bytes, arrays and byte strings of
// another length than the Go array they go into are all refused. It fails with
// TooLarge beyond a limit. On error what v points to is unchanged.
func Unmarshal(data []byte, v any) error {
	const op = "envelope.Unmarshal"
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return sxp.Errorf(op, sxp.Internal, nil, "cannot decode into %T", v)
	}
	if err := canonical(op, data); err != nil {
		return err
	}
	// Decoding starts from a zero value: what v held must not be able to make
	// two encodings look alike.
	fresh := reflect.New(target.Type().Elem())
	if err := decMode.Unmarshal(data, fresh.Interface()); err != nil {
		return sxp.Errorf(op, decodeKind(err), nil, "%w", err)
	}
	again, err := encMode.Marshal(fresh.Interface())
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "%T: %w", v, err)
	}
	if !bytes.Equal(again, data) {
		return sxp.Errorf(op, sxp.Invalid, nil, "not the canonical encoding of a %T (from byte %d)", v, firstDifference(again, data))
	}
	target.Elem().Set(fresh.Elem())
	return nil
}

func decodeKind(err error) sxp.Kind {
	var (
		depth *cbor.MaxNestedLevelError
		array *cbor.MaxArrayElementsError
		pairs *cbor.MaxMapPairsError
	)
	if errors.As(err, &depth) || errors.As(err, &array) || errors.As(err, &pairs) {
		return sxp.TooLarge
	}
	return sxp.Invalid
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
