package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
)

// commands returns all commands, in the order of the help.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

func testApp(out, errs *bytes.Buffer) *app {
	return &app{in: strings.NewReader(""), out: out, err: errs, now: func() sxp.Time { return 1 }, getenv: func(string) string { return "" }}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	for _, c := range commands(testApp(nil, nil).root()) {
		if c.Short == "" || strings.Contains(c.Short, "\n") || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: Short is %q, want one line without a full stop", c.CommandPath(), c.Short)
		}
		if c.Long == "" || c.RunE == nil {
			t.Errorf("%s says nothing in its Long, or does nothing", c.CommandPath())
		}
		if c.Example == "" && !c.HasSubCommands() {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 82 {
				t.Errorf("%s: a line of the Long has %d characters: %q", c.CommandPath(), n, line)
			}
		}
	}
}

// An example that does not parse is a lie: every word after sxp must be a
// command, every flag one of its flags, and the arguments in number.
func TestExamplesParse(t *testing.T) {
	quoted := regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
	for _, c := range commands(testApp(nil, nil).root()) {
		for line := range strings.Lines(c.Example) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "sxp ") {
				continue // source <(sxp …)
			}
			line, _, _ = strings.Cut(line, " < ")
			line, _, _ = strings.Cut(line, " > ")
			var words []string
			for _, w := range quoted.FindAllString(line, -1)[1:] {
				words = append(words, strings.Trim(w, `'"`))
			}
			root := testApp(nil, nil).root()
			found, rest, err := root.Find(words)
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err == nil {
				err = found.ValidateArgs(found.Flags().Args())
			}
			if err != nil || !strings.HasPrefix(found.CommandPath(), c.CommandPath()) {
				t.Errorf("%s: the example %q is %s: %v", c.CommandPath(), line, found.CommandPath(), err)
			}
		}
	}
}

// The whole help, as a person reads it. SXP_UPDATE=1 rewrites the file.
func TestHelpIsReviewed(t *testing.T) {
	var out bytes.Buffer
	for _, c := range commands(testApp(&out, &out).root()) {
		a := testApp(&out, &out)
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		out.WriteString("$ sxp " + strings.Join(args, " ") + "\n")
		if code := a.run(context.Background(), args); code != cli.ExitOK {
			t.Errorf("%s --help exits %d", c.CommandPath(), code)
		}
		out.WriteString("\n")
	}
	const name = "testdata/help.golden"
	if os.Getenv("SXP_UPDATE") != "" {
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v: run with SXP_UPDATE=1", err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); d != "" {
		t.Errorf("the help has changed; if that is meant, run with SXP_UPDATE=1 (-reviewed +now):\n%s", d)
	}
}
