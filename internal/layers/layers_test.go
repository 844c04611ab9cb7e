package layers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp/internal/layers"
)

// TestLayers is the import order and the purity of the protocol packages, on
// the source of this module.
func TestLayers(t *testing.T) {
	tree, err := layers.Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	if tree.Package("internal/layers") == nil {
		t.Fatal("this test did not find its own package: it reads the wrong folder")
	}
	for _, p := range layers.Check(tree) {
		t.Error(p)
	}
}

func TestCheckImport(t *testing.T) {
	for name, tt := range map[string]struct {
		from, to string
		want     string // part of the refusal; "" = allowed
	}{
		"down":                                    {"contract", "envelope", ""},
		"everybody may use the words":             {"internal/bls", ".", ""},
		"up":                                      {"envelope", "identity", "below it"},
		"the words import nothing":                {".", "envelope", "below it"},
		"neighbours of one level":                 {"market", "tribe", "side by side"},
		"a domain and its own machine":            {"contract/jury", "contract", ""},
		"an adapter and its interface":            {"relay/pebblestore", "relay", ""},
		"an interface and its adapter":            {"relay", "relay/pebblestore", "below it"},
		"adapters share one store":                {"market/index", "internal/kv", ""},
		"adapters do not know each other":         {"market/index", "relay/pebblestore", "side by side"},
		"agents do not know nodes":                {"agent", "node", "side by side"},
		"nodes do not know agents":                {"node", "agent", "side by side"},
		"the world composes both":                 {"internal/world", "agent", ""},
		"the command starts the world":            {"cmd/sxp", "internal/world", ""},
		"conformance tests stay in tests":         {"relay/pebblestore", "relay/storetest", "tests only"},
		"checks stay in tests":                    {"cmd/sxp", "internal/layers", "tests only"},
		"a folder nobody has thought about":       {"helpers", ".", "no place"},
		"importing one nobody has thought about":  {"agent", "helpers", "no place"},
		"a folder that has no line inherits":      {"deal/tm", "market", ""},
		"one that inherits is bound all the same": {"deal/tm", "contract", "below it"},
	} {
		t.Run(name, func(t *testing.T) {
			err := layers.CheckImport(tt.from, tt.to)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("CheckImport(%q, %q) = %v, want nil", tt.from, tt.to, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("CheckImport(%q, %q) = %v, want an error with %q", tt.from, tt.to, err, tt.want)
			}
		})
	}
}

// TestCheckBites runs the check on source that breaks one rule each: a rule
// that finds nothing in this module must still find something here.
func TestCheckBites(t *testing.T) {
	for name, tt := range map[string]struct {
		file, source string
		want         string // part of the only problem; "" = none
	}{
		"clean":                         {"deal/a.go", "package deal\nimport \"time\"\nvar Day = 24 * time.Hour\n", ""},
		"the clock":                     {"deal/a.go", "package deal\nimport \"time\"\nfunc F() time.Time { return time.Now() }\n", "uses the clock (time.Now)"},
		"the clock in an adapter":       {"relay/pebblestore/a.go", "package pebblestore\nimport \"time\"\nfunc F() time.Time { return time.Now() }\n", ""},
		"a local name time":             {"deal/a.go", "package deal\ntype c struct{ Now int }\nfunc F() int { time := c{}; return time.Now }\n", ""},
		"the network":                   {"contract/a.go", "package contract\nimport _ \"net/http\"\n", "imports net/http (network)"},
		"randomness":                    {"identity/a.go", "package identity\nimport _ \"crypto/rand\"\n", "randomness"},
		"goroutines":                    {"market/a.go", "package market\nfunc F() { go F() }\n", "starts a goroutine"},
		"goroutines of a group":         {"market/a.go", "package market\nimport \"sync\"\nfunc F() { var g sync.WaitGroup; g.Go(F) }\n", "starts a goroutine"},
		"goroutines of the algebra":     {"internal/bls/a.go", "package bls\nfunc F() { go F() }\n", "starts a goroutine"},
		"the algebra's fork":            {"internal/bls/fork.go", "package bls\nfunc F() { go F() }\n", ""},
		"printing":                      {"market/a.go", "package market\nimport \"fmt\"\nfunc F() { fmt.Println() }\n", "prints"},
		"init":                          {"node/a.go", "package node\nfunc init() {}\n", "func init"},
		"a method called init":          {"node/a.go", "package node\ntype T int\nfunc (T) init() {}\n", ""},
		"a global that varies":          {"node/a.go", "package node\nvar n int\nfunc F() { n++ }\n", "variable n varies"},
		"a table that varies":           {"node/a.go", "package node\nvar m = map[int]int{}\nfunc F() { m[1] = 2 }\n", "variable m varies"},
		"a local of the same name":      {"node/a.go", "package node\nvar n int\nfunc F() { var n int; n++; _ = n }\n", ""},
		"up the order":                  {"envelope/a.go", "package envelope\nimport _ \"sxp/contract\"\n", "below it"},
		"tests are free":                {"envelope/a_test.go", "package envelope\nimport (\n_ \"sxp/contract\"\n_ \"net\"\n)\n", ""},
		"shipped code imports testing":  {"agent/a.go", "package agent\nimport _ \"testing\"\n", "imports testing"},
		"a conformance test may use it": {"relay/storetest/a.go", "package storetest\nimport _ \"testing\"\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			file := filepath.Join(root, filepath.FromSlash(tt.file))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(tt.source), 0o644); err != nil {
				t.Fatal(err)
			}
			tree, err := layers.Load(root)
			if err != nil {
				t.Fatal(err)
			}
			got := layers.Check(tree)
			switch {
			case tt.want == "" && len(got) != 0:
				t.Errorf("Check found %v, want nothing", got)
			case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0].Text, tt.want)):
				t.Errorf("Check found %v, want one problem with %q", got, tt.want)
			}
		})
	}
}
