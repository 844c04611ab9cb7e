// Package layers holds the import order of SXP and reads the source to keep
// it: which package may import which, and what the pure packages must not use.
// Everything is found by parsing files, never by asking the go command, so a
// cached test result is never older than the source (go test tracks the files
// that a test opens, not those that a child process reads).
//
// The order itself is the table in rules.go; ARCHITECTURE.md gives its reason.
package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"sxp"
)

// Module is the path of this module: the first element of every import of ours.
const Module = "sxp"

// A File is one parsed Go file.
type File struct {
	Path    string    // from the module root, with slashes: "envelope/sign.go"
	Source  []byte    // as on disk; not to be changed
	Syntax  *ast.File // with comments
	Imports []string  // in order of appearance
	Test    bool      // the name ends in _test.go
}

// Lines returns the number of lines.
func (f *File) Lines() int { return strings.Count(string(f.Source), "\n") }

// A Package is the Go files of one folder.
type Package struct {
	Dir   string  // from the module root: "contract/jury"; "." is the root
	Files []*File // by name
}

// Name returns the name in the package clauses, without the suffix _test.
func (p *Package) Name() string {
	return strings.TrimSuffix(p.Files[0].Syntax.Name.Name, "_test")
}

// ImportPath returns how others import the package.
func (p *Package) ImportPath() string { return path.Join(Module, p.Dir) }

// A Tree is the source of the module.
type Tree struct {
	Fset     *token.FileSet
	Packages []*Package // by Dir
}

// Load parses every Go file under root. Folders named testdata, those that
// start with "." or "_", and other modules are left out, as by the go command.
func Load(root string) (*Tree, error) {
	const op = "layers.Load"
	t := &Tree{Fset: token.NewFileSet()}
	byDir := make(map[string]*Package)
	walk := func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			return enter(root, rel)
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasPrefix(path.Base(rel), "_") {
			return nil
		}
		f, err := t.parse(name, rel)
		if err != nil {
			return sxp.Errorf(op, sxp.Invalid, nil, "%w", err)
		}
		p := byDir[path.Dir(rel)]
		if p == nil {
			p = &Package{Dir: path.Dir(rel)}
			byDir[p.Dir] = p
			t.Packages = append(t.Packages, p)
		}
		p.Files = append(p.Files, f)
		return nil
	}
	if err := filepath.WalkDir(root, walk); err != nil {
		return nil, err
	}
	sort.Slice(t.Packages, func(i, j int) bool { return t.Packages[i].Dir < t.Packages[j].Dir })
	return t, nil
}

// enter decides whether the walk goes into a folder.
func enter(root, rel string) error {
	if rel == "." {
		return nil
	}
	base := path.Base(rel)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return filepath.SkipDir
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(rel), "go.mod")); err == nil {
		return filepath.SkipDir
	}
	return nil
}

func (t *Tree) parse(name, rel string) (*File, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(t.Fset, rel, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	f := &File{Path: rel, Source: src, Syntax: syntax, Test: strings.HasSuffix(rel, "_test.go")}
	for _, spec := range syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		f.Imports = append(f.Imports, p)
	}
	return f, nil
}

// Package returns the package in dir, or nil.
func (t *Tree) Package(dir string) *Package {
	for _, p := range t.Packages {
		if p.Dir == dir {
			return p
		}
	}
	return nil
}

// Ours reports whether an import path is of this module, and its folder.
func Ours(importPath string) (dir string, ok bool) {
	if importPath == Module {
		return ".", true
	}
	return strings.CutPrefix(importPath, Module+"/")
}

// Std reports whether an import path is of the standard library: the first
// element has no dot and is not this module.
func Std(importPath string) bool {
	if _, ok := Ours(importPath); ok {
		return false
	}
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
