package sxp_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
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

// shown are the words of a test that fails if it does not see what breaks.
const shown = "this test shows nothing"

// TestRulesAreShownToMatter: of every row of the table some test breaks
// something: it switches a rule of export_test.go off, says of what it compares
// with that else "this test shows nothing", or is one of the tests that
// are nothing but breaks. And every rule that can be switched off is.
func TestRulesAreShownToMatter(t *testing.T) {
	page, err := os.ReadFile("spec/signing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n| rule | ⚠ | test |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	breaks, words := breakable(t), literals(t)
	named := map[string]bool{}
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		cell, ok := cells[len(cells)-1], false
		eachTest(cell, func(folder, test string) {
			ok = ok || strings.HasPrefix(test, "TestBreak") || test == "TestRulesMatter"
			for _, w := range words[folder+"."+test] {
				named[folder+"."+w] = true
				ok = ok || strings.Contains(w, shown) || breaks[folder+"."+w]
			}
		})
		if !ok {
			t.Errorf("no test of the rule %q shows what breaks without it: %s", cells[0], cell)
		}
	}
	for rule := range breaks {
		folder, name, _ := strings.Cut(rule, ".")
		if !named[rule] && !slices.Contains(words[folder+"."], name) {
			t.Errorf("no test of %s switches off %q", folder, name)
		}
	}
}

// breakable returns the rules that tests can switch off, as folder.rule.
func breakable(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				if fn, ok := n.(*ast.FuncDecl); ok && f.Test && fn.Name.Name == "Break" {
					ast.Inspect(fn.Body, func(n ast.Node) bool {
						if c, ok := n.(*ast.CaseClause); ok && len(c.List) == 1 && literal(c.List[0]) != "" {
							all[p.Dir+"."+literal(c.List[0])] = true
						}
						return true
					})
				}
				return true
			})
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d rules can be switched off", len(all))
	}
	return all
}

// literals returns the texts in every test, by folder.TestName, and those
// outside of functions and in helpers by folder and a dot.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, d := range f.Syntax.Decls {
				name := p.Dir + "."
				if fn, ok := d.(*ast.FuncDecl); !f.Test || ok && fn.Name.Name == "Break" {
					continue
				} else if ok && strings.HasPrefix(fn.Name.Name, "Test") {
					name += fn.Name.Name
				}
				ast.Inspect(d, func(n ast.Node) bool {
					if e, ok := n.(ast.Expr); ok && literal(e) != "" {
						all[name] = append(all[name], literal(e))
					}
					return true
				})
			}
		}
	}
	return all
}

// literal returns a string literal, "" for anything else.
func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		if s, err := strconv.Unquote(l.Value); err == nil {
			return s
		}
	}
	return ""
}

// unknownTests returns the names in a cell that are no tests.
func unknownTests(cell string, known map[string]bool) (missing []string) {
	name := regexp.MustCompile(`^Test\w+$`)
	eachTest(cell, func(folder, test string) {
		if folder == "" || !name.MatchString(test) || !known[folder+"."+test] {
			missing = append(missing, folder+" "+test)
		}
	})
	return missing
}

// eachTest calls do for every test in a cell, with its folder, "" for a short
// name of none. A folder before a name is that of the names up to the next
// semicolon.
func eachTest(cell string, do func(folder, test string)) {
	folders := map[string]string{"": "contract", "bls": "internal/bls", "jury": "contract/jury", "node": "node", "agent": "agent"}
	name := regexp.MustCompile(`^Test\w+$`)
	for group := range strings.SplitSeq(cell, "; ") {
		short, tests, ok := strings.Cut(group, " ")
		if !ok || name.MatchString(strings.TrimSuffix(short, ",")) {
			short, tests = "", group
		}
		for test := range strings.SplitSeq(tests, ", ") {
			do(folders[short], test)
		}
	}
}
