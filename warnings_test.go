package sxp_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// warned are the pages whose ⚠ rules belong to the signing, and are in the
// table at the end of spec/signing.md.
var warned = []string{"signing", "jury", "roll", "secret", "bls", "contract"}

// TestWarningsHaveTests: every ⚠ of the pages of the signing is in the table
// of rules, every row that quotes one quotes one that stands there, and every
// test that a row names exists.
func TestWarningsHaveTests(t *testing.T) {
	pages := map[string]string{}
	for _, name := range warned {
		b, err := os.ReadFile("spec/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(b)
	}
	text, table, ok := strings.Cut(pages["signing"], "\n| rule | ⚠ | test |\n|---|---|---|\n")
	if !ok {
		t.Fatal("spec/signing.md has no table \"| rule | ⚠ | test |\"")
	}
	table, rest, _ := strings.Cut(table, "\n\n")
	intro := strings.LastIndex(text, "\n\n")
	pages["signing"] = text[:intro] + rest // the words above the table speak of ⚠
	quoted := map[string]bool{}
	known := testNames(t)
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) == 2 && strings.Contains(line, " |  | ") {
			cells = []string{cells[0], "", cells[1]}
		}
		if len(cells) != 3 {
			t.Errorf("not \"| rule | ⚠ | test |\": %s", line)
			continue
		}
		for _, missing := range unknownTests(cells[2], known) {
			t.Errorf("the rule %q names %s, which is no test", cells[0], missing)
		}
		if cells[1] == "" {
			continue
		}
		page, words, _ := strings.Cut(cells[1], ": ")
		at := page + " " + words
		switch n := strings.Count(pages[page], "⚠ "+words); {
		case quoted[at]:
			t.Errorf("the rule %q quotes the same ⚠ as another", cells[0])
		case len(strings.Fields(words)) < 4 || n != 1:
			t.Errorf("the rule %q quotes %q, which stands %d times behind a ⚠ of spec/%s.md, want four words or more that stand there once", cells[0], words, n, page)
		}
		quoted[at] = true
	}
	for page, text := range pages {
		for _, after := range strings.Split(text, "⚠")[1:] {
			found := false
			for q := range quoted {
				p, words, _ := strings.Cut(q, " ")
				found = found || p == page && strings.HasPrefix(after, " "+words)
			}
			if !found {
				t.Errorf("spec/%s.md: \"⚠%.60s…\" is not in the table of rules of spec/signing.md", page, after)
			}
		}
	}
}

// unknownTests returns the names in a cell that are no tests. A folder before a
// name is that of the names up to the next semicolon.
func unknownTests(cell string, known map[string]bool) (missing []string) {
	folders := map[string]string{"": "contract", "bls": "internal/bls", "jury": "contract/jury", "node": "node", "agent": "agent"}
	name := regexp.MustCompile(`^Test\w+$`)
	for group := range strings.SplitSeq(cell, "; ") {
		short, tests, ok := strings.Cut(group, " ")
		if !ok || name.MatchString(strings.TrimSuffix(short, ",")) {
			short, tests = "", group
		}
		for test := range strings.SplitSeq(tests, ", ") {
			if folder := folders[short]; folder == "" || !name.MatchString(test) || !known[folder+"."+test] {
				missing = append(missing, strings.TrimSpace(short+" "+test))
			}
		}
	}
	return missing
}
