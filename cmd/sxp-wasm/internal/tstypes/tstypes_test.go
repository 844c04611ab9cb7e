package tstypes_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/blocks"
	"sxp/cmd/sxp-wasm/internal/host"
	"sxp/cmd/sxp-wasm/internal/tstypes"
	"sxp/contract"
	"sxp/market"
)

// With -update the file is written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite web/app/src/lib/api/ops.gen.ts")

const (
	root   = "../../../.."
	target = root + "/web/app/src/lib/api/ops.gen.ts"
)

// TestPageHasTheTypesOfTheWorker fails when an operation changed and the page
// does not know.
func TestPageHasTheTypesOfTheWorker(t *testing.T) {
	unions, docs := read(t, "", "agent", "market", "contract", "relay", "cmd/sxp-wasm/internal/host")
	ops := host.OpTypes()
	got, err := tstypes.Generate(ops, unions, docs, map[string]int{
		"letter": agent.MaxLetter, "subject": agent.MaxSubject, "files": agent.MaxFiles, "fileBytes": agent.MaxFileBytes, "fileName": agent.MaxFileName,
		"block": blocks.MaxBlock, "photos": market.MaxPhotos, "label": sxp.MaxLabel, "contract": contract.MaxFile,
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(target, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("ops.gen.ts is not what the Go types say: go test ./cmd/sxp-wasm/internal/tstypes -update")
	}
}

// read finds the comments of types and fields, and the values of string types.
func read(t *testing.T, dirs ...string) (unions map[string][]string, docs map[string]string) {
	t.Helper()
	unions, docs = map[string][]string{}, map[string]string{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("there is no source in %s: %v", dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if gen, ok := d.(*ast.GenDecl); ok {
					declared(f.Name.Name, gen, unions, docs)
				}
			}
		}
	}
	return unions, docs
}

func declared(pkg string, gen *ast.GenDecl, unions map[string][]string, docs map[string]string) {
	for _, spec := range gen.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			name := pkg + "." + s.Name.Name
			if gen.Doc != nil {
				docs[name] = gen.Doc.Text()
			}
			if st, ok := s.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					for _, n := range f.Names {
						docs[name+"."+n.Name] = f.Comment.Text()
					}
				}
			}
		case *ast.ValueSpec:
			typ, ok := s.Type.(*ast.Ident)
			if gen.Tok != token.CONST || !ok {
				continue
			}
			for _, v := range s.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						unions[pkg+"."+typ.Name] = append(unions[pkg+"."+typ.Name], text)
					}
				}
			}
		}
	}
}

func TestGenerate(t *testing.T) {
	type inner struct {
		Names []string `json:"names"`
		Maybe []int    `json:"maybe,omitempty"`
	}
	type outer struct {
		All  []inner          `json:"all"`
		One  *inner           `json:"one,omitempty"`
		By   map[string]inner `json:"by"`
		Blob []byte           `json:"blob"`
		No   int              `json:"-"`
	}
	got, err := tstypes.Generate(map[string]agent.OpType{"x": {In: reflect.TypeFor[agent.None](), Out: reflect.TypeFor[outer]()}}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"all: inner[];", "one?: inner;", "by: { [key: string]: inner };", "blob: string;", "maybe?: number[];",
		"'x': { in: Record<string, never>; out: outer };",
		"'x': ['all', 'all.*.names', 'one.names', 'by.*.names'],",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "No") {
		t.Errorf("a field without JSON is there:\n%s", got)
	}
	if _, err := tstypes.Generate(map[string]agent.OpType{"x": {In: reflect.TypeFor[chan int](), Out: reflect.TypeFor[outer]()}}, nil, nil, nil); err == nil {
		t.Error("a channel has a TypeScript type")
	}
}
