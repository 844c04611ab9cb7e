package main

import (
	"testing"
)

// program is a file with one imported and two own functions, of which the
// first is named, and a table of the debugger's.
const sample = "\x00asm\x01\x00\x00\x00" +
	"\x01\x04\x01\x60\x00\x00" + // type: func()
	"\x02\x07\x01\x01a\x01b\x00\x00" + // import a.b, a function
	"\x03\x03\x02\x00\x00" + // two functions of that type
	"\x0a\x07\x02\x02\x00\x0b\x02\x00\x0b" + // their code
	"\x0b\x01\x00" + // data: none
	"\x00\x13\x04name\x01\x0c\x01\x01\x09sxp_a.B_c" + // name of function 1
	"\x00\x08\x06.debug\x00" // not what the page needs, but no debugger's table either

func TestParse(t *testing.T) {
	p, err := parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if p.imports != 1 || len(p.code) != 2 || p.code[0] != 2 || p.names[1] != "sxp_a.B_c" {
		t.Errorf("%d imports, code %v, names %v", p.imports, p.code, p.names)
	}
	if p.section[10] != 9 || p.section[11] != 3 {
		t.Errorf("code %d bytes, data %d", p.section[10], p.section[11])
	}
	if want := len(sample) - 21; len(p.lean) != want {
		t.Errorf("%d bytes without names, want %d", len(p.lean), want)
	}
	for i := 1; i < len(sample); i++ {
		if _, err := parse([]byte(sample[:i])); err == nil && i > 8 && !whole(i) {
			t.Errorf("%d bytes of it are taken for a program", i)
		}
	}
}

// whole reports whether a section ends at i.
func whole(i int) bool {
	switch i {
	case 14, 23, 28, 37, 40, 61, len(sample):
		return true
	}
	return false
}

func TestPackages(t *testing.T) {
	known := map[string]string{"sxp_agent": "sxp/agent", "sxp": "sxp", "github.com_a_b_c_v2": "github.com/a/b-c/v2", "main": "sxp/cmd/sxp-wasm"}
	for function, want := range map[string][2]string{
		"sxp_agent.__Agent_.Step":           {"sxp/agent", "sxp/agent"},
		"sxp.ID.String":                     {"sxp", "sxp"},
		"github.com_a_b_c_v2.New":           {"github.com/a/b-c/v2", "github.com/a/b-c"},
		"type_.eq.sxp_agent.Config":         {"sxp/agent", "sxp/agent"},
		"main.main":                         {"sxp/cmd/sxp-wasm", "sxp/cmd"},
		"memeqbody":                         {"(runtime support)", "std (runtime support)"},
		"sxp_agent.pick[go.shape.struct...": {"sxp/agent", "sxp/agent"},
	} {
		pkg := packageOf(function, known)
		if pkg != want[0] || moduleOf(pkg) != want[1] {
			t.Errorf("%s is of %s, %s; want %v", function, pkg, moduleOf(pkg), want)
		}
	}
	if got := mangled("github.com/a/b-c/v2"); got != "github.com_a_b_c_v2" {
		t.Errorf("mangled: %s", got)
	}
}
