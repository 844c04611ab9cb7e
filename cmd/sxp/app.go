package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
)

// app is one run of the command: where it reads and writes, its clock, and the
// flags that all commands share.
type app struct {
	in       io.Reader
	out, err io.Writer
	now      func() sxp.Time
	getenv   func(string) string
	patience time.Duration // how long to wait for a home that another process has

	home           string
	passphraseFile string
	json           bool
	told           []string // troubles that were printed already
	quiet          bool     // the command shows the troubles itself
	started        bool     // a command's own code runs: later errors are no bad usage
}

// run executes the command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return a.exit(ctx, root.ExecuteContext(ctx))
}

// exit tells the person, or the program with --json, what went wrong.
func (a *app) exit(ctx context.Context, err error) int {
	r := cli.Run{Name: "sxp", Out: a.out, Err: a.err, JSON: a.json, Started: a.started, Explain: explain, Hint: hint}
	return r.Exit(ctx, err)
}

// hint says what to do next, where the error's own text cannot know.
func hint(err error) string {
	text := explain(err)
	for _, h := range []struct{ start, next string }{
		{"there is no deal \"", "`sxp deals` and `sxp contracts` list yours."},
		{"there is no announcement \"", "`sxp list` lists yours."},
		{"there is no market \"", "`sxp market list` lists yours."},
		{"wrong passphrase", "Try again. Who has lost it makes another home with `sxp restore` and the 24 words."},
	} {
		if strings.HasPrefix(text, h.start) {
			return "\n" + h.next
		}
	}
	if errors.Is(err, sxp.Unavailable) {
		return "\nCheck that you are online and that the node runs, then repeat the command."
	}
	return ""
}

// An outcome is an exit code 1 for a command that did its work.
type outcome = cli.Outcome

func usagef(format string, args ...any) error { return cli.Usagef(format, args...) }

// args wraps a rule for arguments so that the message names them.
func args(min, max int, names string) cobra.PositionalArgs { return cli.Args(min, max, names) }

func readFile(name string, max int64) ([]byte, error) { return cli.ReadFile(name, max) }

// save writes what a person wants as a file; - is standard output.
func (a *app) save(name string, data []byte) error {
	switch {
	case name != "-":
		return cli.Save(name, data)
	case a.json:
		return nil // the answer has it
	}
	_, err := a.out.Write(data)
	return err
}

// print writes v as one line of JSON.
func (a *app) print(v any) error { return cli.Print(a.out, v) }

// answer prints v as JSON, or calls human to write it for a person.
func (a *app) answer(v any, human func(w io.Writer) error) error {
	if a.json {
		return a.print(v)
	}
	return human(a.out)
}

// say writes a line for a person, nothing with --json.
func (a *app) say(format string, args ...any) {
	if !a.json {
		fmt.Fprintf(a.out, format+"\n", args...)
	}
}

// note writes a line of progress or warning to standard error.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.err, "sxp: "+format+"\n", args...)
}

// homeDir is the absolute path of the home.
func (a *app) homeDir() (string, error) {
	dir := a.home
	if dir == "" {
		dir = a.getenv("SXP_HOME")
	}
	if dir == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", usagef("there is no home folder: say --home DIR")
		}
		dir = filepath.Join(user, ".sxp")
	}
	return filepath.Abs(dir)
}

// begin marks that parsing is over.
func (a *app) begin(*cobra.Command, []string) { a.started = true }
