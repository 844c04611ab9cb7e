package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"reflect"

	"sxp"
)

// A Table answers operations by name. Programs that add operations of their
// own to an agent's have one, too.
type Table map[string]Operation

// An Operation is one entry of a Table, made by Typed.
type Operation struct {
	OpType
	do func(ctx context.Context, in []byte) ([]byte, error)
}

// An OpType says what an operation takes and answers.
type OpType struct{ In, Out reflect.Type }

// Typed makes an operation of a function. There is one of it for each pair of
// types, so what needs no types is done elsewhere.
func Typed[In, Out any](f func(context.Context, In) (Out, error)) Operation {
	return Operation{OpType{reflect.TypeFor[In](), reflect.TypeFor[Out]()}, func(ctx context.Context, b []byte) ([]byte, error) {
		var in In
		if err := readInput(b, &in); err != nil {
			return nil, err
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}}
}

// readInput reads what an operation takes into in, a pointer; nothing at all
// leaves it as it is.
func readInput(b []byte, in any) error {
	if len(b) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return sxp.Errorf("agent.Do", sxp.Invalid, nil, "the request is not understood: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return sxp.Errorf("agent.Do", sxp.Invalid, nil, "the request has something after its end")
	}
	return nil
}

// Do implements Doer.
func (t Table) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	o, ok := t[op]
	if !ok {
		return nil, sxp.Errorf("agent.Do", sxp.Unsupported, nil, "there is no operation %q", op)
	}
	return o.do(ctx, in)
}

// Types returns what each operation takes and answers.
func (t Table) Types() map[string]OpType {
	types := make(map[string]OpType, len(t))
	for name, o := range t {
		types[name] = o.OpType
	}
	return types
}
