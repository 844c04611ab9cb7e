package spin

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// Row is a result as one line of a table.
func (r Result) Row() string {
	return fmt.Sprintf("| %s | %s | %s | %d | %.0f | %.1f | %s |", r.Case, count(r.States), count(r.Transitions), r.Depth, r.MemoryMB, r.Seconds, r.Verdict())
}

// Head are the first lines of a table of results.
const Head = "| case | states | transitions | depth | MB | CPU s | verdict |\n|---|---|---|---|---|---|---|"

// count writes a number in groups of three.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Report puts a table between the two marks of its name in a page.
func Report(page, name, table string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	from, to := []byte("<!-- "+name+" -->\n"), []byte("<!-- end "+name+" -->")
	head, rest, ok := bytes.Cut(text, from)
	_, tail, found := bytes.Cut(rest, to)
	if !ok || !found {
		return fmt.Errorf("%s has no marks for the table %q", page, name)
	}
	out := bytes.Join([][]byte{head, from, []byte(strings.TrimSpace(table) + "\n"), to, tail}, nil)
	return os.WriteFile(page, out, 0o644)
}

// RulesTable lists the rules with what breaks without them.
func RulesTable(rules []Rule) string {
	var b strings.Builder
	b.WriteString("| rule | breaks without it | run | in the code | test |\n|---|---|---|---|---|\n")
	for _, r := range rules {
		own := ""
		if r.Own {
			own = " *"
		}
		fmt.Fprintf(&b, "| %s%s | %s | [%s](%s) | %s | %s |\n", r.Rule, own, r.Case.Property, r.Name(), r.File(), r.Code, r.Test)
	}
	return b.String()
}
