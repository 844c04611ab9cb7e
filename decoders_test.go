package sxp_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sxp/internal/layers"
)

// fuzzed are the packages all of whose decoders of foreign bytes are fuzzed.
var fuzzed = []string{"contract", "contract/jury", "contract/evidence", "contract/rating", "market", "internal/bls", "envelope", "relay", "blocks"}

// notForeign are functions with a decoder's name that read nothing foreign.
var notForeign = map[string]string{
	"market.OpenBoard":     "opens a store",
	"bls.VerifyPossession": "takes a role of this program, and points",
	"bls.VerifyLock":       "takes points, and a context of this program",
	"bls.OpenLock":         "takes points, and a context of this program",
}

var decoderName = regexp.MustCompile(`^(Open|Parse|Read|Decode|Verify|Restore|Unmarshal|Peek|Judge)([A-Z]\w*)?$`)

// TestDecodersAreFuzzed: each exported function that reads foreign bytes or
// text is reached by a fuzz target somewhere.
func TestDecodersAreFuzzed(t *testing.T) {
	reached := fuzzReach(tree(t))
	n := 0
	for _, p := range tree(t).Packages {
		if !slices.Contains(fuzzed, p.Dir) {
			continue
		}
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || f.Test || !decoderName.MatchString(fn.Name.Name) || !readsBytes(fn) || notForeign[p.Name()+"."+fn.Name.Name] != "" {
					continue
				}
				n++
				called := fn.Name.Name
				if fn.Recv == nil {
					called = p.Name() + "." + called
				}
				if !reached[called] {
					t.Errorf("%s: no fuzz target calls %s.%s", f.Path, p.Name(), fn.Name.Name)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d decoders were found", n)
	}
}

// readsBytes: a parameter is bytes or a string, and an error may come of it.
func readsBytes(fn *ast.FuncDecl) bool {
	if fn.Type.Results == nil {
		return false
	}
	fails, reads := false, false
	for _, r := range fn.Type.Results.List {
		fails = fails || typeText(r.Type) == "error"
	}
	for _, p := range fn.Type.Params.List {
		reads = reads || slices.Contains([]string{"[]byte", "string", "sxp.Bytes"}, typeText(p.Type))
	}
	return fails && reads
}

// typeText returns a type or the name of a function as it is written, "" for what this file does not need.
func typeText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.ArrayType:
		return "[]" + typeText(e.Elt)
	case *ast.SelectorExpr:
		return typeText(e.X) + "." + e.Sel.Name
	}
	return ""
}

// fuzzReach returns the names of what fuzz targets call, themselves or by
// helpers in the tests of their folder.
func fuzzReach(tree *layers.Tree) map[string]bool {
	out := map[string]bool{}
	for _, p := range tree.Packages {
		calls, todo := map[string][]string{}, []string{}
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || !f.Test {
					continue
				}
				if strings.HasPrefix(fn.Name.Name, "Fuzz") {
					todo = append(todo, fn.Name.Name)
				}
				ast.Inspect(fn, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.Ident:
						calls[fn.Name.Name] = append(calls[fn.Name.Name], n.Name)
					case *ast.SelectorExpr:
						calls[fn.Name.Name] = append(calls[fn.Name.Name], typeText(n))
					}
					return true
				})
			}
		}
		seen := map[string]bool{}
		for len(todo) > 0 {
			name := todo[0]
			todo = todo[1:]
			if seen[name] {
				continue
			}
			seen[name], out[name] = true, true
			todo = append(todo, calls[name]...)
		}
	}
	return out
}
