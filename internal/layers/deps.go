package layers

import (
	"bufio"
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sxp"
)

// A Graph finds what a program links, from source, without the go command.
type Graph struct {
	ctx     build.Context
	root    string            // the module's folder
	modules map[string]string // module path -> folder in the module cache
	imports map[string][]string
}

// NewGraph reads root/go.mod for a build of goos/goarch without cgo. modcache
// is the module cache (GOMODCACHE). Imports that only a build with cgo has are
// not followed: released programs are built without it.
func NewGraph(root, modcache, goos, goarch string) (*Graph, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	g := &Graph{ctx: build.Default, root: root, modules: make(map[string]string), imports: make(map[string][]string)}
	g.ctx.GOOS, g.ctx.GOARCH, g.ctx.CgoEnabled = goos, goarch, false
	g.ctx.BuildTags, g.ctx.ToolTags = nil, nil
	for path, version := range Requirements(data) {
		g.modules[path] = filepath.Join(modcache, filepath.FromSlash(escape(path)+"@"+escape(version)))
	}
	return g, nil
}

// Requirements returns the module paths and versions that a go.mod requires.
func Requirements(gomod []byte) map[string]string {
	req := make(map[string]string)
	block := false
	for s := bufio.NewScanner(bytes.NewReader(gomod)); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "//")
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "require" && f[1] == "(":
			block = true
		case len(f) == 1 && f[0] == ")":
			block = false
		case len(f) == 3 && f[0] == "require":
			req[f[1]] = f[2]
		case block && len(f) == 2:
			req[f[0]] = f[1]
		}
	}
	return req
}

// escape writes upper-case letters as the module cache does: "!" and lower case.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('!')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Links returns the import paths that the package in dir (from the module
// root) links: itself, all of ours and of other modules, and those of the
// standard library that one of these imports by name. Sorted.
func (g *Graph) Links(dir string) ([]string, error) {
	start := Module
	if dir != "." {
		start += "/" + dir
	}
	seen := map[string]bool{start: true}
	for todo := []string{start}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		imports, err := g.importsOf(p)
		if err != nil {
			return nil, err
		}
		for _, i := range imports {
			if !seen[i] {
				seen[i] = true
				todo = append(todo, i)
			}
		}
	}
	all := make([]string, 0, len(seen))
	for p := range seen {
		all = append(all, p)
	}
	sort.Strings(all)
	return all, nil
}

// importsOf returns what one package imports; nothing for the standard library.
func (g *Graph) importsOf(path string) ([]string, error) {
	if got, ok := g.imports[path]; ok {
		return got, nil
	}
	if Std(path) {
		return nil, nil
	}
	dir, err := g.folder(path)
	if err != nil {
		return nil, err
	}
	p, err := g.ctx.ImportDir(dir, 0)
	if err != nil {
		return nil, sxp.Errorf("layers.Links", sxp.Invalid, nil, "package %s in %s: %w", path, dir, err)
	}
	g.imports[path] = p.Imports
	return p.Imports, nil
}

// folder finds the source of a package: the longest module path that fits and
// has such a folder.
func (g *Graph) folder(path string) (string, error) {
	if dir, ok := Ours(path); ok {
		return filepath.Join(g.root, filepath.FromSlash(dir)), nil
	}
	for module := path; ; {
		if root, ok := g.modules[module]; ok {
			dir := filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(path, module)))
			if _, err := os.Stat(dir); err == nil {
				return dir, nil
			}
		}
		i := strings.LastIndex(module, "/")
		if i < 0 {
			return "", sxp.Errorf("layers.Links", sxp.NotFound, nil, "no module of go.mod has package %s (or it is not downloaded: go mod download)", path)
		}
		module = module[:i]
	}
}
