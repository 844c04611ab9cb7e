package sxp_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/internal/layers"
)

const maxReadmeWords = 500

// readme returns README.md.
func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadmeIsShort(t *testing.T) {
	if n := len(strings.Fields(readme(t))); n >= maxReadmeWords {
		t.Errorf("README.md has %d words, want fewer than %d", n, maxReadmeWords)
	}
}

// A block is the text between two fences of a page.
type block struct{ page, lang, text string }

func blocks(page, text string) (all []block) {
	fence := regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		all = append(all, block{page, m[1], m[2]})
	}
	indented := regexp.MustCompile(`(?m)^(?:    |\t)\S.*$`)
	if lines := indented.FindAllString(fence.ReplaceAllString(text, ""), -1); len(lines) > 0 {
		all = append(all, block{page, "", strings.Join(lines, "\n")})
	}
	return all
}

// guides are the pages whose commands and code a reader will copy.
func guides(t *testing.T) (all []block) {
	t.Helper()
	texts(t, func(name, text string) {
		if filepath.Ext(name) == ".md" && !strings.Contains(name, "/testdata/") {
			all = append(all, blocks(name, text)...)
		}
	})
	return all
}

// TestDocumentedCode: Go in the pages parses, and names of ours that it uses exist.
func TestDocumentedCode(t *testing.T) {
	for _, b := range guides(t) {
		if b.lang != "go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), b.page, b.text, 0)
		if err != nil {
			if f, err = parser.ParseFile(token.NewFileSet(), b.page, "package p\n"+b.text, 0); err != nil {
				f, err = parser.ParseFile(token.NewFileSet(), b.page, "package p\nfunc _() {\n"+b.text+"\n}", 0)
			}
		}
		if err != nil {
			t.Errorf("%s: Go that does not parse: %v\n%s", b.page, err, b.text)
			continue
		}
		ours := make(map[string]*layers.Package)
		for _, spec := range f.Imports {
			if dir, ok := layers.Ours(strings.Trim(spec.Path.Value, `"`)); ok {
				p := tree(t).Package(dir)
				if p == nil {
					t.Errorf("%s imports %s, which does not exist", b.page, spec.Path.Value)
					continue
				}
				ours[p.Name()] = p
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && ours[x.Name] != nil && x.Obj == nil && !declares(ours[x.Name], s.Sel.Name) {
				t.Errorf("%s uses %s.%s, which does not exist", b.page, x.Name, s.Sel.Name)
			}
			return true
		})
	}
}

func declares(p *layers.Package, name string) bool {
	for _, f := range p.Files {
		if _, ok := exported(f.Syntax)[name]; ok && !f.Test {
			return true
		}
	}
	return false
}

// verbs are the commands of sxp, from the Use fields in cmd/sxp.
func verbs(t *testing.T) map[string]bool {
	t.Helper()
	use := regexp.MustCompile(`(?:\bUse:\s*|\bgroup\()"([a-z-]+)`)
	all := make(map[string]bool)
	for _, p := range tree(t).Packages {
		if p.Dir != "cmd/sxp" && !strings.HasPrefix(p.Dir, "cmd/sxp/") {
			continue
		}
		for _, f := range p.Files {
			for _, m := range use.FindAllSubmatch(f.Source, -1) {
				all[string(m[1])] = true
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("cmd/sxp has no commands")
	}
	all["completion"], all["help"] = true, true // by cobra
	return all
}

// isTag reports whether a page of spec/ quotes a tag string, which separates
// what keys are used for, and no command: the source has exactly that string.
func isTag(t *testing.T, page, text string) bool {
	if !strings.HasPrefix(page, "spec/") {
		return false
	}
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if !f.Test && bytes.Contains(f.Source, []byte(strconv.Quote(text))) {
				return true
			}
		}
	}
	return false
}

// TestDocumentedCommands: what the pages tell people to type exists.
func TestDocumentedCommands(t *testing.T) {
	known := verbs(t)
	typed := regexp.MustCompile(`(?m)^\s*\$?\s*(?:\./)?(?:bin/)?sxp (?:--home \S+ |--json )*([a-z][a-z-]*)`)
	inline := regexp.MustCompile("`(sxp (?:--home \\S+ |--json )*([a-z][a-z-]*)[^`]*)`")
	check := func(page, verb string) {
		if !known[verb] {
			t.Errorf("%s tells people to type \"sxp %s\", which is no command", page, verb)
		}
	}
	for _, b := range guides(t) {
		for _, m := range typed.FindAllStringSubmatch(b.text, -1) {
			check(b.page, m[1])
		}
	}
	texts(t, func(name, text string) {
		if filepath.Ext(name) == ".md" {
			for _, m := range inline.FindAllStringSubmatch(text, -1) {
				if !isTag(t, name, m[1]) {
					check(name, m[2])
				}
			}
		}
	})
}

// TestGettingStarted: every command of the pages has the options that it is given, and
// scripts of cmd/sxp/testdata, which run with separate processes, do what the
// pages do.
func TestGettingStarted(t *testing.T) {
	walk(t, "docs/getting-started.md", 30, "swap")
	walk(t, "docs/juries.md", 19, "swap", "vanish", "secret")
}

func walk(t *testing.T, name string, least int, scripts ...string) {
	t.Helper()
	page := readFile(t, name)
	help := readFile(t, "cmd/sxp/testdata/help.golden")
	script := ""
	for _, s := range scripts {
		script += readFile(t, "cmd/sxp/testdata/"+s+".txt")
	}
	line := regexp.MustCompile(`(?m)^sxp .*$`)
	option := regexp.MustCompile(`--[a-z-]+`)
	global := regexp.MustCompile(`^(--home \S+ |--json )*`)
	quoted := regexp.MustCompile(`"[^"]*"|'[^']*'`)
	seen := 0
	for _, b := range blocks(name, page) {
		for _, l := range line.FindAllString(b.text, -1) {
			l = quoted.ReplaceAllString(l, "X")
			words := strings.Fields(global.ReplaceAllString(strings.TrimPrefix(l, "sxp "), ""))
			verb, section := words[0], ""
			if len(words) > 1 && strings.Contains(help, "\n$ sxp "+verb+" "+words[1]+" --help\n") {
				verb += " " + words[1]
			}
			_, rest, found := strings.Cut(help, "\n$ sxp "+verb+" --help\n")
			if section, _, _ = strings.Cut(rest, "\n$ sxp "); !found {
				t.Errorf("%s says %q, but there is no command %q", name, l, verb)
				continue
			}
			for _, o := range option.FindAllString(l, -1) {
				if !strings.Contains(section, o+" ") {
					t.Errorf("%s says %q, but \"sxp %s\" has no option %s", name, l, verb, o)
				}
			}
			if verb != "version" && !regexp.MustCompile(`\bsxp (--home \S+ |--passphrase-file \S+ |--json )*`+verb+`\b`).MatchString(script) {
				t.Errorf("%s says %q, but no line of %v runs %q", name, l, scripts, verb)
			}
			seen++
		}
	}
	if seen < least {
		t.Errorf("%s has %d commands, want the whole way, at least %d", name, seen, least)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDocumentedMakeTargets(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	called := regexp.MustCompile("(?:`|(?m:^\\s*\\$?\\s*))make ([a-z-]+)")
	for _, target := range []string{"run", "test", "race", "lint", "bench", "fuzz", "deps", "clean", "help"} {
		if !regexp.MustCompile(`(?m)^` + target + `:`).Match(makefile) {
			t.Errorf("Makefile has no target %s", target)
		}
	}
	texts(t, func(name, text string) {
		if filepath.Ext(name) != ".md" {
			return
		}
		for _, m := range called.FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).Match(makefile) {
				t.Errorf("%s tells people to type \"make %s\", which is no target", name, m[1])
			}
		}
	})
}

// TestCI: the check that runs on a bare machine is the one the README gives.
func TestCI(t *testing.T) {
	info, err := os.Stat(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o111 == 0 {
		t.Error(".ci/run cannot be executed")
	}
	text, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"make test", "make lint"} {
		if !strings.Contains(string(text), want) {
			t.Errorf(".ci/run does not call %q", want)
		}
	}
	if !strings.Contains(readme(t), "make test") || !strings.Contains(readme(t), "make run") {
		t.Error("README.md does not give the two commands, make run and make test")
	}
}

// TestDocumentedFiles: what one page says of another file is there.
func TestDocumentedFiles(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	code := regexp.MustCompile("`([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*\\.(?:md|go|txt|json))`")
	texts(t, func(name, text string) {
		if filepath.Ext(name) != ".md" || strings.Contains(name, "testdata/") {
			return
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.FromSlash(path.Join(path.Dir(name), m[1]))); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			}
		}
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "/") {
				continue // a bare name may be a file of the reader's own
			}
			_, errHere := os.Stat(filepath.FromSlash(path.Join(path.Dir(name), m[1])))
			_, errRoot := os.Stat(filepath.FromSlash(m[1]))
			if errHere != nil && errRoot != nil {
				t.Errorf("%s names %s, which does not exist", name, m[1])
			}
		}
	})
}

// TestEveryTypeHasAPage: each message type of the source is in spec/.
func TestEveryTypeHasAPage(t *testing.T) {
	var spec strings.Builder
	texts(t, func(name, text string) {
		if strings.HasPrefix(name, "spec/") {
			spec.WriteString(text)
		}
	})
	typ := regexp.MustCompile(`^"(sxp\.[a-z.-]+/[0-9]+)"$`)
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				if m := typ.FindStringSubmatch(lit.Value); m != nil && !strings.Contains(spec.String(), m[1]) {
					t.Errorf("%s: message type %s has no page in spec/", f.Path, m[1])
				}
				return true
			})
		}
	}
}

func TestEveryOperationHasAPage(t *testing.T) {
	page, err := os.ReadFile("spec/agent.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range agent.Ops() {
		if !strings.Contains(string(page), "`"+op+"`") {
			t.Errorf("spec/agent.md does not say what %q does", op)
		}
	}
}

// TestSpecIndex: spec/README.md lists each page once.
func TestSpecIndex(t *testing.T) {
	index := readFile(t, "spec/README.md")
	pages, err := filepath.Glob("spec/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if name := filepath.Base(p); name != "README.md" && strings.Count(index, "| `"+name+"` |") != 1 {
			t.Errorf("spec/README.md does not list %s once", name)
		}
	}
}

// TestKindsHaveARow: every kind of errors.go is explained in spec/errors.md.
func TestKindsHaveARow(t *testing.T) {
	spec, err := os.ReadFile("spec/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	kind := regexp.MustCompile(`(?m)^\t\w+\s+Kind = "(\w+)"`)
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	found := kind.FindAllSubmatch(source, -1)
	if len(found) < 14 {
		t.Fatalf("errors.go has %d kinds, want at least 14", len(found))
	}
	for _, m := range found {
		if !strings.Contains(string(spec), "| `"+string(m[1])+"` |") {
			t.Errorf("spec/errors.md does not explain the kind %q", m[1])
		}
	}
}

// TestLicence: the whole text, unchanged.
func TestLicence(t *testing.T) {
	text, err := os.ReadFile("LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	const sum = "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0" // of gnu.org/licenses/agpl-3.0.txt
	if got := sxp.Sum(text).String(); got != sum {
		t.Errorf("LICENSE has digest %s, want the published text, %s", got, sum)
	}
}
