package sxp_test

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sxp"
)

// rows are the numbers of the acceptance list: 1 to 233, and the parts that two
// of them have.
func rows() (all []string) {
	parts := map[int]string{218: "abc", 223: "abcd"}
	for i := 1; i <= 233; i++ {
		all = append(all, fmt.Sprint(i))
		for _, p := range parts[i] {
			all = append(all, fmt.Sprintf("%d%c", i, p))
		}
	}
	return all
}

// TestRequirements: each claim of the sources has its row, each row a state,
// and what is said to be done is shown by a test that exists.
func TestRequirements(t *testing.T) {
	text, err := os.ReadFile("docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`^\| (\d+[a-z]?) \| ([^|]+) \| (\w+) \| ?(.*?) ?\|$`)
	code := regexp.MustCompile("`([^`]+)`")
	known := testNames(t)
	var got []string
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| # |") {
			continue
		}
		at := fmt.Sprintf("docs/requirements.md:%d", i+1)
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("%s: not \"| number | feature | state | test |\": %s", at, line)
			continue
		}
		number, state, shown := m[1], m[3], m[4]
		got = append(got, number)
		tests := code.FindAllStringSubmatch(shown, -1)
		for _, name := range tests {
			if !known[name[1]] {
				t.Errorf("%s: row %s names %q, which is no test (folder.TestName, a file in testdata or a file of tests of the app)", at, number, name[1])
			}
		}
		switch {
		case state == "open":
		case state != "done" && state != "part":
			t.Errorf("%s: row %s has state %q, want done, part or open", at, number, state)
		case len(tests) == 0:
			t.Errorf("%s: row %s is %s and names no test", at, number, state)
		case state == "part" && strings.Trim(code.ReplaceAllString(shown, ""), " ,;.") == "":
			t.Errorf("%s: row %s is done in part and does not say what is missing", at, number)
		}
	}
	if want := rows(); !slices.Equal(got, want) {
		for _, n := range want {
			if c := strings.Count(" "+strings.Join(got, " ")+" ", " "+n+" "); c != 1 {
				t.Errorf("docs/requirements.md has row %s %d times, want once", n, c)
			}
		}
		for _, n := range got {
			if !slices.Contains(want, n) {
				t.Errorf("docs/requirements.md has row %s, which is in no source", n)
			}
		}
		t.Error("docs/requirements.md: the rows are not the acceptance list in its order")
	}
}

// testNames returns every test, fuzz target, example and benchmark of the
// module as folder.TestName, and by path every file below a testdata folder
// and every file of tests of the app.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	all := make(map[string]bool)
	kind := regexp.MustCompile(`^(Test|Fuzz|Example|Benchmark)`)
	for _, p := range tree(t).Packages {
		dir := p.Dir
		if dir == "." {
			dir = "sxp"
		}
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && f.Test && fn.Recv == nil && kind.MatchString(fn.Name.Name) {
					all[dir+"."+fn.Name.Name] = true
				}
			}
		}
	}
	texts(t, func(name, _ string) {
		if strings.Contains(name, "/testdata/") && slices.Contains([]string{".txt", ".txtar"}, path.Ext(name)) {
			all[name] = true
		}
		if strings.HasSuffix(name, ".spec.ts") || strings.HasSuffix(name, ".test.ts") {
			all[name] = true
		}
	})
	return all
}

// TestAimsAreFixed: the founders' aims may not be altered.
func TestAimsAreFixed(t *testing.T) {
	text, err := os.ReadFile("GOALS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "a test keeps it. -->\n")
	aims, _, ok := strings.Cut(rest, "<!-- end -->")
	const want = "458174739477c2473c708a8d3ee9f65f4ac2af471becfbf8528b572b6399165d"
	if got := sxp.Sum([]byte(aims)).String(); !ok || got != want {
		t.Errorf("the aims in GOALS.md have digest %s, want %s: they may not be altered", got, want)
	}
}

// TestDocsAreTopDown: a newcomer is led from aims to properties to protocol to code.
func TestDocsAreTopDown(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, order, _ := strings.Cut(string(text), "## Reading order")
	at := 0
	for _, page := range []string{"GOALS.md", "docs/requirements.md", "docs/threat-model.md", "docs/limits-and-caveats.md", "spec/", "ARCHITECTURE.md"} {
		i := strings.Index(order[at:], page)
		if i < 0 {
			t.Errorf("CONTRIBUTING.md, reading order: %s does not follow what answers to it", page)
			continue
		}
		at += i
		if _, err := os.Stat(page); err != nil {
			t.Errorf("CONTRIBUTING.md, reading order: %v", err)
		}
	}
}

// TestThreatModelCoversTheAssumptions: each role and each assumption of the
// signing protocol is answered for, and what third parties see is listed.
func TestThreatModelCoversTheAssumptions(t *testing.T) {
	text, err := os.ReadFile("docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n**1. ", "\n**2. ", "\n**3. ", "\n**4. ", "\n## Who could do what", "\n## What third parties still see",
		"| relay |", "| market key |", "| watcher |", "| up to f jurors |", "| finder |", "| network |", "| thief of a device |", "| thief of a node's disk |", "stolen later",
		"| a relay |", "| a relay of one's contacts |", "| a board's node |", "| a watcher |", "| jurors, only after a claim |",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/threat-model.md lacks %q", strings.TrimSpace(want))
		}
	}
}

// TestCaveats: what the protocol does not give is said.
func TestCaveats(t *testing.T) {
	text, err := os.ReadFile("docs/limits-and-caveats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Not abuse-free", "No way back", "post-quantum", "Sybil", "24 words", "Receipts are voluntary", "eIDAS", "two supplies", "at your relays", "keys lie on its disk in plaintext", "no outside audit", "30 days after"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/limits-and-caveats.md no longer says %q", want)
		}
	}
}
