package sxp_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sxp"
)

// goIn runs the go command in a folder, off line.
func goIn(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "CGO_ENABLED=0", "GOWORK=off"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestOthersCanUseTheLibrary: a program in a module of its own makes an
// identity, signs and seals, and reads contract files, with public packages.
func TestOthersCanUseTheLibrary(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	gomod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(gomod), "\n")
	gosum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	const program = `package main

import (
	"crypto/rand"
	"fmt"

	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
)

type note struct {
	Text string ` + "`json:\"text\"`" + `
}

func main() {
	root, err := identity.NewRoot(rand.Reader)
	if err != nil {
		panic(err)
	}
	defer root.Erase()
	raw, err := envelope.Sign(root.Signing(), "example.note/1", note{"mine"})
	if err != nil {
		panic(err)
	}
	var n note
	who, err := envelope.Open(raw, "example.note/1", &n)
	fmt.Println(n.Text, who == root.Signing().ID(), err)
	_, err = contract.Verify([]byte("no contract"))
	fmt.Println(err != nil)
}
`
	for name, text := range map[string]string{
		"go.mod":  "module example\n" + rest + "\nrequire sxp v0.0.0\n\nreplace sxp => " + here + "\n",
		"go.sum":  string(gosum),
		"main.go": program,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := goIn(t, dir, nil, "run", "."); got != "mine true <nil>\ntrue\n" {
		t.Errorf("the program says %q", got)
	}
}

// TestBuildIsReproducible: the same source in two folders gives the same bytes.
func TestBuildIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("links the command twice")
	}
	t.Parallel()
	first := t.TempDir()
	for _, p := range tree(t).Packages {
		entries, err := os.ReadDir(p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			b, err := os.ReadFile(filepath.Join(p.Dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(first, p.Dir, e.Name())
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, embedded := range []string{"web/dist", "web/fallback"} {
		if err := os.CopyFS(filepath.Join(first, embedded), os.DirFS(embedded)); err != nil {
			t.Fatal(err)
		}
	}
	second := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.CopyFS(second, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	var builds [][]byte
	for _, dir := range []string{first, second} {
		out := filepath.Join(dir, "sxp-built")
		goIn(t, dir, nil, "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./cmd/sxp")
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		builds = append(builds, b)
	}
	if !bytes.Equal(builds[0], builds[1]) {
		t.Errorf("two builds on %s/%s differ: %v and %v", runtime.GOOS, runtime.GOARCH, sxp.Sum(builds[0]), sxp.Sum(builds[1]))
	}
	makefile := readFile(t, "Makefile")
	for _, flag := range []string{"CGO_ENABLED=0", "-trimpath", "-buildvcs=false", `-ldflags "-s -w"`} {
		if !strings.Contains(makefile, flag) {
			t.Errorf("make build does not use %s", flag)
		}
	}
}

// TestAgentBuildsForPhonesAndBrowsers: what acts for a person compiles for
// where people are, without C.
func TestAgentBuildsForPhonesAndBrowsers(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything again for each platform")
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"android/arm64", "ios/arm64", "js/wasm"} {
		system, machine, _ := strings.Cut(platform, "/")
		goIn(t, here, []string{"GOOS=" + system, "GOARCH=" + machine, "GOFLAGS=-mod=readonly"}, "build", "./agent", "./relay/relayhttp", "./internal/kv")
	}
}
