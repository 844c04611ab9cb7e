// Package tstypes writes TypeScript types for the operations of the app, so
// that the page cannot ask for what the worker does not answer.
package tstypes

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sxp/agent"
)

// Generate returns a TypeScript module: one type per Go struct, the type Ops
// of all operations, and lists, which says where an answer holds lists that Go
// may write as null. unions gives the values of string types that have a fixed
// set, by their Go name ("market.Kind"); docs the comment of a type; limits are
// numbers that the page tells people before the agent refuses.
func Generate(ops map[string]agent.OpType, unions map[string][]string, docs map[string]string, limits map[string]int) ([]byte, error) {
	g := &generator{names: map[string]reflect.Type{}, out: map[string]string{}, unions: unions, docs: docs}
	var b, table, lists bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		o := ops[name]
		in, err := g.ref(o.In)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out, err := g.ref(o.Out)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&table, "  '%s': { in: %s; out: %s };\n", name, in, out)
		if paths := listPaths(o.Out, "", nil); len(paths) > 0 {
			quoted := make([]string, len(paths))
			for i, p := range paths {
				quoted[i] = "'" + p + "'"
			}
			fmt.Fprintf(&lists, "  '%s': [%s],\n", name, strings.Join(quoted, ", "))
		}
	}
	b.WriteString("// Generated from the Go types of the operations; do not edit. To write it anew:\n// go test ./cmd/sxp-wasm/internal/tstypes -update\n\n")
	for _, name := range slices.Sorted(maps.Keys(g.out)) {
		b.WriteString(g.out[name])
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "/** All operations by name: what goes in, what comes out. */\nexport type Ops = {\n%s};\n\n", table.String())
	fmt.Fprintf(&b, "/** Where answers hold lists, which the worker may write as null: paths with '*' for every element. */\nexport const lists: { [op: string]: string[] } = {\n%s};\n", lists.String())
	b.WriteString("\n/** What the agent refuses beyond: bytes, but for the numbers of files and photos. */\nexport const limits = {\n")
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		fmt.Fprintf(&b, "  %s: %d,\n", name, limits[name])
	}
	b.WriteString("} as const;\n")
	return b.Bytes(), nil
}

type generator struct {
	names  map[string]reflect.Type // TypeScript name -> Go type
	out    map[string]string       // TypeScript name -> its declaration
	unions map[string][]string
	docs   map[string]string
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
var jsonMarshaler = reflect.TypeFor[json.Marshaler]()

// ref returns how a type is written where it is used.
func (g *generator) ref(t reflect.Type) (string, error) {
	if t.Implements(textMarshaler) || reflect.PointerTo(t).Implements(textMarshaler) {
		return g.alias(t, "string")
	}
	if t.Implements(jsonMarshaler) {
		return "", fmt.Errorf("%s writes its own JSON: say what it looks like in package tstypes", t)
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean", nil
	case reflect.String:
		return g.alias(t, "string")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return g.alias(t, "number")
	case reflect.Pointer:
		return g.ref(t.Elem())
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string", nil // standard base64
		}
		e, err := g.ref(t.Elem())
		if strings.ContainsAny(e, " |") {
			e = "(" + e + ")"
		}
		return e + "[]", err
	case reflect.Map:
		e, err := g.ref(t.Elem())
		return "{ [key: string]: " + e + " }", err
	case reflect.Struct:
		return g.object(t)
	case reflect.Interface:
		return "unknown", nil
	}
	return "", fmt.Errorf("%s has no TypeScript type", t)
}

// alias gives a named Go type its own name, so that signatures say more than
// string and number.
func (g *generator) alias(t reflect.Type, base string) (string, error) {
	if t.PkgPath() == "" {
		return base, nil
	}
	if values := g.unions[t.String()]; len(values) > 0 {
		quoted := make([]string, len(values))
		for i, v := range values {
			quoted[i] = "'" + v + "'"
		}
		base = strings.Join(quoted, " | ")
	}
	name, fresh, err := g.name(t)
	if err != nil || !fresh {
		return name, err
	}
	g.out[name] = g.doc(t) + fmt.Sprintf("export type %s = %s;\n", name, base)
	return name, nil
}

// ownNames are of types whose Go name says too little outside of its package.
var ownNames = map[string]string{"market.Kind": "ItemKind", "agent.Kind": "LetterKind", "relay.Mode": "RelayMode", "contract.Mode": "ContractMode"}

// name returns the TypeScript name of a Go type and whether it is new. Two Go
// types of one name get their package before it.
func (g *generator) name(t reflect.Type) (string, bool, error) {
	name := t.Name()
	if own := ownNames[t.String()]; own != "" {
		name = own
	}
	if old, ok := g.names[name]; ok && old != t {
		pkg, _, _ := strings.Cut(t.String(), ".")
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	old, ok := g.names[name]
	if ok && old != t {
		return "", false, fmt.Errorf("%s and %s have one name", old, t)
	}
	g.names[name] = t
	return name, !ok, nil
}

func (g *generator) doc(t reflect.Type) string {
	text := strings.TrimSpace(g.docs[t.String()])
	if text == "" {
		return ""
	}
	if !strings.Contains(text, "\n") {
		return "/** " + text + " */\n"
	}
	return "/**\n * " + strings.ReplaceAll(text, "\n", "\n * ") + "\n */\n"
}

func (g *generator) object(t reflect.Type) (string, error) {
	if t.Name() == "" {
		return g.fields(t, "")
	}
	if t.NumField() == 0 {
		return "Record<string, never>", nil
	}
	name, fresh, err := g.name(t)
	if err != nil || !fresh {
		return name, err
	}
	g.out[name] = "" // a type may hold itself
	body, err := g.fields(t, "")
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	g.out[name] = g.doc(t) + "export type " + name + " = " + body + ";\n"
	return name, nil
}

func (g *generator) fields(t reflect.Type, indent string) (string, error) {
	var b strings.Builder
	b.WriteString("{\n")
	for _, f := range visible(t) {
		e, err := g.ref(f.Type)
		if err != nil {
			return "", fmt.Errorf("field %s: %w", f.Name, err)
		}
		mark := ""
		if f.optional {
			mark = "?"
		}
		comment := ""
		if c := g.docs[t.String()+"."+f.Name]; c != "" {
			comment = " // " + strings.Join(strings.Fields(c), " ")
		}
		fmt.Fprintf(&b, "%s  %s%s: %s;%s\n", indent, f.json, mark, e, comment)
	}
	b.WriteString(indent + "}")
	return b.String(), nil
}

// field is a field as encoding/json sees it.
type field struct {
	reflect.StructField
	json     string
	optional bool
}

func visible(t reflect.Type) (all []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			e := f.Type
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			if e.Kind() == reflect.Struct {
				all = append(all, visible(e)...)
				continue
			}
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero") || f.Type.Kind() == reflect.Pointer
		all = append(all, field{f, name, optional})
	}
	return all
}

// listPaths finds the lists that are always there: "parties", "deals.*.give".
func listPaths(t reflect.Type, at string, above []reflect.Type) (paths []string) {
	if slices.Contains(above, t) || t.Implements(textMarshaler) {
		return nil
	}
	above = append(above, t)
	join := func(name string) string { return strings.TrimPrefix(at+"."+name, ".") }
	switch t.Kind() {
	case reflect.Pointer:
		return listPaths(t.Elem(), at, above)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return nil
		}
		return append([]string{at}, listPaths(t.Elem(), join("*"), above)...)
	case reflect.Array, reflect.Map:
		return listPaths(t.Elem(), join("*"), above)
	case reflect.Struct:
		for _, f := range visible(t) {
			inner := listPaths(f.Type, join(f.json), above)
			if f.optional && len(inner) > 0 && inner[0] == join(f.json) {
				inner = inner[1:] // left out where it is empty
			}
			paths = append(paths, inner...)
		}
	}
	return paths
}
