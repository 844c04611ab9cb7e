package sxp_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp/internal/layers"
)

var update = flag.Bool("update", false, "rewrite the dependency lists in deps/")

// programs are the builds whose dependencies are reviewed. A folder that does
// not exist yet is skipped.
var programs = map[string]struct{ dir, goos, goarch string }{
	"sxp":       {"cmd/sxp", "linux", "amd64"},
	"sxp-deals": {"cmd/sxp/sxp-deals", "linux", "amd64"},
	"agent-js":  {"agent", "js", "wasm"},
	"sxp-wasm":  {"cmd/sxp-wasm", "js", "wasm"},
}

// links returns what a program links. The test reads the files itself, so that
// go test knows when its answer is out of date; only the place of the module
// cache is asked of the go command.
func links(t *testing.T, program string) []string {
	t.Helper()
	p := programs[program]
	if pkg := tree(t).Package(p.dir); pkg == nil {
		t.Skipf("there is no %s", p.dir)
	}
	cache, err := exec.Command("go", "env", "-json", "GOMODCACHE").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	var env struct{ GOMODCACHE string }
	if err := json.Unmarshal(cache, &env); err != nil {
		t.Fatal(err)
	}
	g, err := layers.NewGraph(".", env.GOMODCACHE, p.goos, p.goarch)
	if err != nil {
		t.Fatal(err)
	}
	all, err := g.Links(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDependencyLists(t *testing.T) {
	for program := range programs {
		t.Run(program, func(t *testing.T) {
			var others []string
			for _, p := range links(t, program) {
				if _, ours := layers.Ours(p); !ours && !layers.Std(p) {
					others = append(others, p)
				}
			}
			got := strings.Join(others, "\n") + "\n"
			name := filepath.Join("deps", program+".txt")
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatalf("%v: run make deps", err)
			}
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
				t.Errorf("%s is not what the program links; if that is meant, run make deps (-committed +source):\n%s", name, d)
			}
		})
	}
}

func TestDenied(t *testing.T) {
	data, err := os.ReadFile("deps/deny.txt")
	if err != nil {
		t.Fatal(err)
	}
	rules := make(map[string][][2]string) // program -> pattern, reason
	for i, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if _, ok := programs[f[0]]; !ok || len(f) < 3 {
			t.Errorf("deps/deny.txt:%d: %q is not program, import path, reason", i+1, line)
			continue
		}
		rules[f[0]] = append(rules[f[0]], [2]string{f[1], strings.Join(f[2:], " ")})
	}
	for program := range programs {
		t.Run(program, func(t *testing.T) {
			for _, p := range links(t, program) {
				for _, rule := range rules[program] {
					if matches(rule[0], p) {
						t.Errorf("%s links %s, which is denied: %s", program, p, rule[1])
					}
				}
			}
		})
	}
}

// matches reports whether an import path is the pattern, or below one that
// ends in "/...".
func matches(pattern, p string) bool {
	root, below := strings.CutSuffix(pattern, "/...")
	return p == root || below && strings.HasPrefix(p, root+"/")
}

func TestGoMod(t *testing.T) {
	data, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		"github.com/stretchr/testify": "tests compare with the standard library and go-cmp",
		"go.uber.org/mock":            "tests use a memory version of the real thing",
		"github.com/golang/mock":      "tests use a memory version of the real thing",
		"github.com/spf13/viper":      "configuration is one strict struct",
	}
	for i, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "replace", "exclude", "toolchain":
			t.Errorf("go.mod:%d: %s works here only, not for who imports this module", i+1, f[0])
		}
		direct := !strings.HasSuffix(line, "// indirect")
		for _, word := range f {
			if why, bad := refused[word]; bad && direct {
				t.Errorf("go.mod:%d: %s: %s", i+1, word, why)
			}
		}
	}
	if text, err := os.ReadFile("ARCHITECTURE.md"); err == nil {
		for module := range layers.Requirements(directOnly(data)) {
			if !strings.Contains(string(text), shortName(module)) {
				t.Errorf("ARCHITECTURE.md does not give the reason for the dependency %s (%s)", shortName(module), module)
			}
		}
	}
}

// directOnly drops the lines of a go.mod that others require.
func directOnly(gomod []byte) []byte {
	var keep []string
	for _, line := range strings.Split(string(gomod), "\n") {
		if !strings.HasSuffix(line, "// indirect") {
			keep = append(keep, line)
		}
	}
	return []byte(strings.Join(keep, "\n"))
}

// shortName is what people call a module: its last element without version,
// with the "x" of the Go project's own.
func shortName(p string) string {
	if i := strings.LastIndex(p, "/v"); i >= 0 && strings.Trim(p[i+2:], "0123456789") == "" {
		p = p[:i]
	}
	if x, ok := strings.CutPrefix(p, "golang.org/"); ok {
		return x
	}
	return path.Base(p)
}

// TestRequirementsAreUsed: a module that nothing imports is a risk for nothing.
func TestRequirementsAreUsed(t *testing.T) {
	data, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, i := range f.Imports {
				used[i] = true
			}
		}
	}
	for module := range layers.Requirements(directOnly(data)) {
		found := false
		for i := range used {
			found = found || matches(module+"/...", i)
		}
		if !found {
			t.Errorf("go.mod requires %s and nothing imports it", module)
		}
	}
}
