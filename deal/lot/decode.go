package lot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sxp"
)

// DecodeProblem reads the JSON form of a problem and validates it. It fails
// with Invalid or TooLarge, naming the place ("bids[3].take.of[0].item") and
// the rule, for whatever spec/problem.md does not allow.
func DecodeProblem(data []byte) (*Problem, error) {
	p := &Problem{Options: DefaultOptions()}
	if err := decode("lot.DecodeProblem", data, p); err != nil {
		return nil, err
	}
	return p, p.Validate()
}

// DecodeAnswer reads the JSON form of an answer. Whether it fits a problem is
// for Check to say.
func DecodeAnswer(data []byte) (*Answer, error) {
	const op = "lot.DecodeAnswer"
	a := new(Answer)
	if err := decode(op, data, a); err != nil {
		return nil, err
	}
	if a.Format != AnswerFormat {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "format: %q, only %q is known", clip(a.Format), AnswerFormat)
	}
	return a, nil
}

// Encode returns the JSON form of p, indented for people.
func (p *Problem) Encode() ([]byte, error) {
	q := *p
	q.People, q.Items, q.Bids = some(q.People), some(q.Items), some(q.Bids)
	q.Groups, q.Limits = slices.Clone(q.Groups), slices.Clone(q.Limits)
	for i := range q.Groups {
		q.Groups[i].Of = some(q.Groups[i].Of)
	}
	for i := range q.Limits {
		q.Limits[i].Of = some(q.Limits[i].Of)
	}
	return encode(&q)
}

// Encode returns the JSON form of a, indented for people.
func (a *Answer) Encode() ([]byte, error) {
	b := *a
	b.Exchanges = some(b.Exchanges)
	return encode(&b)
}

// some is a list that JSON does not write as null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, sxp.Errorf("lot.Encode", sxp.Invalid, nil, "%w", err)
	}
	return b.Bytes(), nil
}

// decode reads one JSON value into the struct that to points to. It is
// stricter than encoding/json: names are matched exactly, none stands twice,
// unknown ones, null, other text behind and bytes that are no UTF-8 are
// refused, and lists are counted while they are read.
func decode(op string, data []byte, to any) error {
	if len(data) > MaxBytes {
		return sxp.Errorf(op, sxp.TooLarge, nil, "%d bytes, at most %d are allowed", len(data), MaxBytes)
	}
	if !utf8.Valid(data) {
		return sxp.Errorf(op, sxp.Invalid, nil, "not UTF-8")
	}
	d := &decoder{op: op, in: json.NewDecoder(bytes.NewReader(data))}
	d.in.UseNumber()
	if err := d.value(reflect.ValueOf(to).Elem()); err != nil {
		return err
	}
	if _, err := d.in.Token(); !errors.Is(err, io.EOF) {
		return sxp.Errorf(op, sxp.Invalid, nil, "something stands behind the end, at byte %d", d.in.InputOffset())
	}
	return nil
}

// A decoder is one reading of a JSON text.
type decoder struct {
	op       string
	in       *json.Decoder
	path     []step
	elements int // of all lists
	fields   map[reflect.Type]map[string]int
}

// A step leads to a field or, where name is empty, to an element.
type step struct {
	name string
	at   int
}

// where writes the path: bids[3].take.
func (d *decoder) where() string {
	var b strings.Builder
	for i, s := range d.path {
		switch {
		case s.name == "":
			b.WriteString("[" + strconv.Itoa(s.at) + "]")
		case i > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	if b.Len() == 0 {
		return "the whole"
	}
	return b.String()
}

func (d *decoder) fail(kind sxp.Kind, format string, args ...any) error {
	return sxp.Errorf(d.op, kind, nil, "%s: %s", d.where(), fmt.Sprintf(format, args...))
}

// value reads the next value into v.
func (d *decoder) value(v reflect.Value) error {
	if len(d.path) > MaxDepth {
		return d.fail(sxp.TooLarge, "nested deeper than %d", MaxDepth)
	}
	if raw, ok := v.Addr().Interface().(*json.RawMessage); ok {
		if err := d.in.Decode(raw); err != nil {
			return d.syntax(err)
		}
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem())
	}
	t, err := d.in.Token()
	if err != nil {
		return d.syntax(err)
	}
	switch t := t.(type) {
	case json.Delim:
		switch {
		case t == '{' && v.Kind() == reflect.Struct:
			return d.object(v)
		case t == '[' && v.Kind() == reflect.Slice:
			return d.list(v)
		}
	case string:
		if v.Kind() == reflect.String {
			v.SetString(t)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(t)
			return nil
		}
	case json.Number:
		return d.number(v, t.String())
	}
	return d.fail(sxp.Invalid, "must be %s", wanted(v))
}

// number reads a whole number, or the text of a decimal.
func (d *decoder) number(v reflect.Value, s string) error {
	switch {
	case v.Type() == reflect.TypeFor[Decimal]():
		v.SetString(s)
		return nil
	case v.CanInt():
		if n, err := strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(n)
			return nil
		}
		return d.fail(sxp.Invalid, "%s is not a whole number of %d bits", clip(s), v.Type().Bits())
	case v.CanUint():
		if n, err := strconv.ParseUint(s, 10, v.Type().Bits()); err == nil {
			v.SetUint(n)
			return nil
		}
		return d.fail(sxp.Invalid, "%s is not a whole number of 0 or more and %d bits", clip(s), v.Type().Bits())
	}
	return d.fail(sxp.Invalid, "must be %s", wanted(v))
}

// wanted says what a place holds.
func wanted(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		if v.Type() == reflect.TypeFor[Decimal]() {
			return "a number or a text of digits"
		}
		return "a text"
	}
	return "a whole number"
}

// object reads the fields of a struct up to the closing brace.
func (d *decoder) object(v reflect.Value) error {
	seen := uint64(0)
	for d.in.More() {
		t, err := d.in.Token()
		if err != nil {
			return d.syntax(err)
		}
		name, _ := t.(string)
		i := d.field(v.Type(), name)
		if i < 0 {
			return d.fail(sxp.Invalid, "has no field %q; it has %s", clip(name), names(v.Type()))
		}
		d.path = append(d.path, step{name: name})
		if seen&(1<<i) != 0 {
			return d.fail(sxp.Invalid, "stands twice")
		}
		seen |= 1 << i
		if err := d.value(v.Field(i)); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	for i := range v.NumField() { // lists that are not optional
		if f := v.Field(i); f.Kind() == reflect.Slice && f.IsNil() {
			if name, rest, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); rest == "" {
				return d.fail(sxp.Invalid, "%q is missing", name)
			}
		}
	}
	return d.close()
}

// list reads the elements of a slice up to the closing bracket.
func (d *decoder) list(v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for d.in.More() {
		if d.elements++; d.elements > MaxOptions {
			return d.fail(sxp.TooLarge, "more than %d elements in all lists", MaxOptions)
		}
		n := v.Len()
		d.path = append(d.path, step{at: n})
		v.Grow(1)
		v.SetLen(n + 1)
		if err := d.value(v.Index(n)); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return d.close()
}

func (d *decoder) close() error {
	if _, err := d.in.Token(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// syntax says where the text is no JSON.
func (d *decoder) syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.fail(sxp.Invalid, "the text ends too early")
	}
	return d.fail(sxp.Invalid, "not JSON, at byte %d: %v", d.in.InputOffset(), err)
}

// field returns the place of the field with that JSON name, or -1.
func (d *decoder) field(t reflect.Type, name string) int {
	places, ok := d.fields[t]
	if !ok {
		places = make(map[string]int)
		for i := range t.NumField() {
			tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			places[tag] = i
		}
		if d.fields == nil {
			d.fields = make(map[reflect.Type]map[string]int)
		}
		d.fields[t] = places
	}
	if i, ok := places[name]; ok {
		return i
	}
	return -1
}

// names lists the fields of t.
func names(t reflect.Type) string {
	var all []string
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		all = append(all, tag)
	}
	return strings.Join(all, ", ")
}
