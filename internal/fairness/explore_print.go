package fairness

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"

	"sxp"
	"sxp/contract"
)

// fingerprint names all that an actor holds: every field of its machine, in
// memory and durable, and what its driver keeps. Two with the same fingerprint
// do the same for ever.
func (a *actor) fingerprint() sxp.Hash {
	p := printer{}
	p.number(uint64(a.time))
	p.number(uint64(a.flags))
	p.number(uint64(a.forwarded))
	for _, machine := range []any{a.s, a.w, a.j} {
		p.value(reflect.ValueOf(machine))
	}
	for _, v := range []any{a.sent, a.held, a.blames, a.unproven} {
		p.value(reflect.ValueOf(v))
	}
	if a.keys != nil {
		p.value(reflect.ValueOf(a.keys.openings))
		p.number(uint64(*a.keys.commits))
	}
	return sxp.Sum(p.b)
}

// printer writes a value, field by field, such that different ones differ.
type printer struct{ b []byte }

func (p *printer) number(n uint64) { p.b = binary.AppendUvarint(p.b, n) }

// fixed are the fields of the machines that never change in an exploration:
// their keys, clocks and rules, the proposal and the roll.
var fixed = []string{"cfg", "rules", "p", "r", "a", "out"}

func (p *printer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			p.number(0)
			return
		}
		p.number(1)
		if v.Type() == reflect.TypeFor[*contract.Preimage]() {
			return // there is one session, m stands beside it
		}
		p.value(v.Elem())
	case reflect.Struct:
		if v.Type().Name() == "Agenda" {
			p.agenda(v.Field(0))
			return
		}
		for i := range v.NumField() {
			if !slices.Contains(fixed, v.Type().Field(i).Name) {
				p.value(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		p.number(uint64(v.Len()))
		if v.Type().Elem().Kind() == reflect.Uint8 && (v.Kind() == reflect.Slice || v.CanAddr()) {
			p.b = append(p.b, v.Bytes()...)
			return
		}
		for i := range v.Len() {
			p.value(v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		p.set(len(keys), func(i int, q *printer) {
			q.value(keys[i])
			q.value(v.MapIndex(keys[i]))
		})
	case reflect.String:
		p.number(uint64(v.Len()))
		p.b = append(p.b, v.String()...)
	case reflect.Bool:
		p.number(uint64(boolean(v.Bool())))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.number(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.number(v.Uint())
	default:
		panic(fmt.Sprintf("fairness: a machine holds a %s, which cannot be compared", v.Type()))
	}
}

// agenda writes the entries of an agenda, whose order does not matter: who takes
// one out checks whether it is due, and then the same one again does nothing.
func (p *printer) agenda(list reflect.Value) {
	p.set(list.Len(), func(i int, q *printer) { q.value(list.Index(i)) })
}

// set writes what has no order, each once.
func (p *printer) set(n int, write func(i int, q *printer)) {
	all := make([][]byte, n)
	for i := range all {
		q := printer{}
		write(i, &q)
		all[i] = q.b
	}
	slices.SortFunc(all, bytes.Compare)
	all = slices.CompactFunc(all, bytes.Equal)
	p.number(uint64(len(all)))
	for _, b := range all {
		p.number(uint64(len(b)))
		p.b = append(p.b, b...)
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
