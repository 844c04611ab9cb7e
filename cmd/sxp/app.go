package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/control"
	"sxp/cmd/sxp/internal/show"
)

// Exit codes, documented in main.go.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
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
	var silent *outcome
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &silent):
		if !a.json {
			fmt.Fprintln(a.err, "sxp: "+silent.text)
		}
		return exitFailure
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "sxp: stopped")
		return exitFailure
	}
	code := exitFailure
	if errors.As(err, &usage) || !a.started {
		code = exitUsage
		err = sxp.Errorf("sxp", sxp.Invalid, nil, "%s", strings.TrimSuffix(err.Error(), "\n"))
	}
	if a.json {
		f := control.FailureOf(err)
		f.Error.Text = explain(err)
		a.print(f)
		return code
	}
	fmt.Fprintln(a.err, "sxp: "+show.Text(explain(err))+hint(err))
	if code == exitUsage {
		fmt.Fprintln(a.err, "Run `sxp help` or `sxp COMMAND --help` to see what there is.")
	}
	return code
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

// A usageError is a mistake on the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// An outcome is an exit code 1 for a command that did its work, and whose
// answer is already on standard output: a deal that became void.
type outcome struct{ text string }

func (o *outcome) Error() string { return o.text }

// print writes v as one line of JSON.
func (a *app) print(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

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

// args wraps a rule for arguments so that the message names them.
func args(min, max int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		switch {
		case len(given) < min && names == "":
			return usagef("%s needs an argument", cmd.CommandPath())
		case len(given) < min:
			return usagef("%s needs %s: see the example in `%s --help`", strings.TrimPrefix(cmd.CommandPath(), "sxp "), names, cmd.CommandPath())
		case max >= 0 && len(given) > max:
			return usagef("%s: %q is one argument too many", strings.TrimPrefix(cmd.CommandPath(), "sxp "), given[max])
		}
		return nil
	}
}
