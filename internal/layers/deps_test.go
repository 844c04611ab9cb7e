package layers_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/internal/layers"
)

func TestLinks(t *testing.T) {
	root, cache := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		root + "/go.mod":                              "module sxp\n\nrequire example.org/Big v1.0.0\n\nrequire (\n\texample.org/Big/sub v0.2.0 // indirect\n)\n",
		root + "/cmd/a/a.go":                          "package main\nimport (\n_ \"fmt\"\n_ \"sxp/lib\"\n)\nfunc main() {}\n",
		root + "/cmd/a/a_test.go":                     "package main\nimport _ \"testing\"\n",
		root + "/lib/lib.go":                          "package lib\nimport _ \"example.org/Big/deep\"\n",
		root + "/lib/lib_js.go":                       "package lib\nimport _ \"syscall/js\"\n",
		root + "/cmd/b/b.go":                          "package main\nimport _ \"example.org/absent\"\nfunc main() {}\n",
		cache + "/example.org/!big@v1.0.0/deep/d.go":  "package deep\nimport (\n_ \"example.org/Big/sub\"\n_ \"unsafe\"\n)\n",
		cache + "/example.org/!big/sub@v0.2.0/s.go":   "package sub\n",
		cache + "/example.org/!big/sub@v0.2.0/cgo.go": "//go:build cgo\n\npackage sub\nimport _ \"example.org/needs/c\"\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		dir, goos, goarch string
		want              []string
		err               error
	}{
		"what a program links, tests and cgo left out": {"cmd/a", "linux", "amd64",
			[]string{"example.org/Big/deep", "example.org/Big/sub", "fmt", "sxp/cmd/a", "sxp/lib", "unsafe"}, nil},
		"files for another system count there": {"cmd/a", "js", "wasm",
			[]string{"example.org/Big/deep", "example.org/Big/sub", "fmt", "sxp/cmd/a", "sxp/lib", "syscall/js", "unsafe"}, nil},
		"a package of no module": {"cmd/b", "linux", "amd64", nil, sxp.NotFound},
		"a folder without Go":    {"cmd", "linux", "amd64", nil, sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := layers.NewGraph(root, cache, tt.goos, tt.goarch)
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Links(tt.dir)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Links(%q): error %v, want %v", tt.dir, err, tt.err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("Links(%q) (-want +got):\n%s", tt.dir, d)
			}
		})
	}
}
