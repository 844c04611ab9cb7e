package sxp_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"sxp/internal/layers"
)

// Budgets of the source. They are policy: a change here needs the same care as
// a change of the rule in CONTRIBUTING.md.
const (
	maxFileLines     = 500  // of a shipped file
	maxTestFileLines = 900  // of a test file
	maxFuncLines     = 120  // of any shipped function
	usualFuncLines   = 60   // of 95 % of them
	maxMethods       = 12   // of one interface
	maxOurImports    = 20   // of ours, by one package that is not a program
	minDocs          = 0.90 // share of a package's exported names that have a comment
)

// source is the parsed module, shared by the policy tests.
var source = sync.OnceValues(func() (*layers.Tree, error) { return layers.Load(".") })

func tree(t *testing.T) *layers.Tree {
	t.Helper()
	s, err := source()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPackageDocs(t *testing.T) {
	for _, p := range tree(t).Packages {
		shipped, docs := 0, []string{}
		for _, f := range p.Files {
			if f.Test && f.Syntax.Doc != nil {
				t.Errorf("%s: a comment stands directly above the package clause of a test file: it joins the package doc", f.Path)
			}
			if f.Test {
				continue
			}
			shipped++
			if f.Syntax.Doc == nil {
				continue
			}
			docs = append(docs, f.Path)
			want := "Package " + p.Name() + " "
			if p.Name() == "main" {
				want = "Command " + path.Base(p.Dir) + " "
			}
			if !strings.HasPrefix(f.Syntax.Doc.Text(), want) {
				t.Errorf("%s: the package doc starts %.40q, want %q", f.Path, f.Syntax.Doc.Text(), want)
			}
		}
		if shipped > 0 && len(docs) != 1 {
			t.Errorf("package %s has %d package docs %v, want exactly one", p.ImportPath(), len(docs), docs)
		}
	}
}

func TestExportedDocs(t *testing.T) {
	for _, p := range tree(t).Packages {
		var all int
		var bare []string
		for _, f := range p.Files {
			if f.Test || p.Name() == "main" {
				continue
			}
			for name, doc := range exported(f.Syntax) {
				all++
				if !doc {
					bare = append(bare, f.Path+": "+name)
				}
			}
		}
		if all > 0 && float64(all-len(bare)) < minDocs*float64(all) {
			slices.Sort(bare)
			t.Errorf("package %s: %d of %d exported names have no comment:\n\t%s", p.ImportPath(), len(bare), all, strings.Join(bare, "\n\t"))
		}
	}
}

// exported returns the exported names of a file and whether each has a comment.
// A comment on a group, or behind the name on its line, counts.
func exported(f *ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				recv := receiver(d.Recv.List[0].Type)
				if !ast.IsExported(recv) {
					continue
				}
				name = recv + "." + name
			}
			if d.Name.IsExported() {
				names[name] = d.Doc != nil
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						names[s.Name.Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.IsExported() {
							names[n.Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
						}
					}
				}
			}
		}
	}
	return names
}

func receiver(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func TestFormat(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if got, err := format.Source(f.Source); err != nil || !bytes.Equal(got, f.Source) {
				t.Errorf("%s is not formatted (error %v): run gofmt -w on it", f.Path, err)
			}
		}
	}
}

func TestLengths(t *testing.T) {
	s := tree(t)
	var lengths []int
	for _, p := range s.Packages {
		for _, f := range p.Files {
			limit := maxFileLines
			if f.Test {
				limit = maxTestFileLines
			}
			if f.Lines() > limit && !ast.IsGenerated(f.Syntax) {
				t.Errorf("%s has %d lines, the limit is %d", f.Path, f.Lines(), limit)
			}
			if f.Test {
				continue
			}
			for _, d := range f.Syntax.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				n := s.Fset.Position(fn.End()).Line - s.Fset.Position(fn.Pos()).Line + 1
				lengths = append(lengths, n)
				if n > maxFuncLines {
					t.Errorf("%s: func %s has %d lines, the limit is %d", f.Path, fn.Name.Name, n, maxFuncLines)
				}
			}
		}
	}
	slices.Sort(lengths)
	if p95 := lengths[len(lengths)*95/100]; p95 > usualFuncLines {
		t.Errorf("5 %% of the functions have more than %d lines, want at most %d", p95, usualFuncLines)
	}
}

func TestInterfacesAreSmall(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				s, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if i, ok := s.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxMethods {
					t.Errorf("%s: interface %s has %d methods, the limit is %d", f.Path, s.Name.Name, i.Methods.NumFields(), maxMethods)
				}
				return true
			})
		}
	}
}

func TestNoPackageImportsEverything(t *testing.T) {
	for _, p := range tree(t).Packages {
		if p.Name() == "main" {
			continue
		}
		ours := make(map[string]bool)
		for _, f := range p.Files {
			for _, i := range f.Imports {
				if _, ok := layers.Ours(i); ok && !f.Test {
					ours[i] = true
				}
			}
		}
		if len(ours) > maxOurImports {
			t.Errorf("package %s imports %d packages of ours, the limit is %d", p.ImportPath(), len(ours), maxOurImports)
		}
	}
}

func TestPackageNames(t *testing.T) {
	meaningless := []string{"util", "utils", "common", "types", "models", "services", "pkg", "helpers", "misc", "base", "shared"}
	for _, p := range tree(t).Packages {
		for _, part := range append(strings.Split(p.Dir, "/"), p.Name()) {
			if slices.Contains(meaningless, part) {
				t.Errorf("package %s: %q says nothing; name the domain", p.ImportPath(), part)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s has func init: do it where it is called", f.Path)
				}
			}
		}
	}
}

func TestNoDotImports(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, i := range f.Syntax.Imports {
				if i.Name != nil && i.Name.Name == "." {
					t.Errorf("%s imports %s into its own names", f.Path, i.Path.Value)
				}
			}
		}
	}
}

// Keys have no String, and errors do not carry them: fmt verbs on a secret
// type would print it. A type whose name says secret must not be a Stringer (a
// method Format that hides the value is welcome).
func TestSecretsHaveNoString(t *testing.T) {
	secret := regexp.MustCompile(`(Secret|Private|Opening|Passphrase|Root|SigningKey|StorageKey)$`)
	printing := []string{"String", "GoString", "MarshalText", "MarshalJSON"}
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Recv == nil || f.Test {
					continue
				}
				if r := receiver(fn.Recv.List[0].Type); secret.MatchString(r) && slices.Contains(printing, fn.Name.Name) {
					t.Errorf("%s: %s has method %s: a secret could be printed", f.Path, r, fn.Name.Name)
				}
			}
		}
	}
}

// built are folders of what programs wrote, for the app and its tests.
var built = []string{"web/dist", "web/app/build", "web/app/public", "web/app/.packed", "web/app/test-results", "web/app/playwright-report"}

// texts calls f for every text file of the module that people write.
func texts(t *testing.T, f func(name, text string)) {
	t.Helper()
	kinds := []string{".go", ".md", ".txt", ".sh", ".txtar", ".mod", ".toml", ".svg", ".js", ".mjs", ".ts", ".svelte", ".css", ".html", ".json", ".yml"}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (base == ".git" || base == "bin" || base == "node_modules" || base == "vectors") || slices.Contains(built, filepath.ToSlash(name)) {
				return filepath.SkipDir
			}
			return nil
		}
		whole := []string{"Makefile", ".ci/run", ".gitignore", ".gitattributes"}
		if !slices.Contains(kinds, filepath.Ext(name)) && !slices.Contains(whole, filepath.ToSlash(name)) {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(name), string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingUnfinished(t *testing.T) {
	// Written in two halves so that this file passes.
	marks := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK|TB` + `D|WI` + `P)\b|not (yet )?imple` + `mented|lorem ip` + `sum`)
	texts(t, func(name, text string) {
		for i, line := range strings.Split(text, "\n") {
			if m := marks.FindString(line); m != "" {
				t.Errorf("%s:%d: %q marks unfinished work: finish it, or open an issue and say what is so today", name, i+1, m)
			}
		}
	})
}

func TestNoMachinePaths(t *testing.T) {
	paths := regexp.MustCompile(`(^|[^\w.])/(wo` + `rk|ro` + `ot|ho` + `me|Us` + `ers)/\w`)
	texts(t, func(name, text string) {
		for i, line := range strings.Split(text, "\n") {
			if m := paths.FindString(line); m != "" {
				t.Errorf("%s:%d: %q is a path of one machine", name, i+1, m)
			}
		}
	})
}

func TestLineEnds(t *testing.T) {
	texts(t, func(name, text string) {
		if filepath.Ext(name) == ".txtar" || strings.Contains(name, "testdata/") {
			return
		}
		if text != "" && !strings.HasSuffix(text, "\n") {
			t.Errorf("%s does not end with a line end", name)
		}
		for i, line := range strings.Split(text, "\n") {
			if strings.TrimRight(line, " \t\r") != line {
				t.Errorf("%s:%d ends with white space", name, i+1)
			}
		}
	})
}
