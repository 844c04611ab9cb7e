// Package cli is what the programs share on the command line: how they are
// misused, how they end, files and words that people type.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
)

// Exit codes, documented in main.go.
const (
	ExitOK      = 0
	ExitFailure = 1
	ExitUsage   = 2
)

// A UsageError is a mistake on the command line.
type UsageError struct{ text string }

func (e *UsageError) Error() string { return e.text }

// Usagef returns a UsageError.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// An Outcome is an exit code 1 for a command that did its work, and whose
// answer is already on standard output: a deal that became void.
type Outcome struct{ Text string }

func (o *Outcome) Error() string { return o.Text }

// A Run is one run of a program, when it ends.
type Run struct {
	Name     string // of the program
	Out, Err io.Writer
	JSON     bool
	Started  bool // a command's own code ran: errors are no bad usage
	Explain  func(error) string
	Hint     func(error) string // what to do next, on a line of its own
}

// Exit tells the person, or the program with --json, what went wrong, and
// returns the exit code.
func (r *Run) Exit(ctx context.Context, err error) int {
	var silent *Outcome
	var usage *UsageError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &silent):
		if !r.JSON {
			fmt.Fprintln(r.Err, r.Name+": "+silent.Text)
		}
		return ExitFailure
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(r.Err, r.Name+": stopped")
		return ExitFailure
	}
	code := ExitFailure
	if errors.As(err, &usage) || !r.Started {
		code = ExitUsage
		err = sxp.Errorf("sxp", sxp.Invalid, nil, "%s", strings.TrimSuffix(err.Error(), "\n"))
	}
	if r.JSON {
		f := FailureOf(err)
		f.Error.Text = r.Explain(err)
		Print(r.Out, f)
		return code
	}
	fmt.Fprintln(r.Err, r.Name+": "+show.Text(r.Explain(err))+r.Hint(err))
	if code == ExitUsage {
		fmt.Fprintf(r.Err, "Run `%[1]s help` or `%[1]s COMMAND --help` to see what there is.\n", r.Name)
	}
	return code
}

// Print writes v as one line of JSON.
func Print(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Explain returns what a person reads of an error: the whole chain of reasons,
// without the names of functions. About adds to the text of each error what it
// is about; it may be nil.
func Explain(err error, about func(e *sxp.Error, text string) string) string {
	e := (*sxp.Error)(nil)
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := string(e.Kind)
	if e.Err != nil {
		text = e.Err.Error()
		inner := (*sxp.Error)(nil)
		if errors.As(e.Err, &inner) {
			text = strings.Replace(text, inner.Error(), Explain(inner, about), 1)
		}
	}
	if err != error(e) { // words around it
		text = strings.Replace(err.Error(), e.Error(), text, 1)
	}
	if about == nil {
		return text
	}
	return about(e, text)
}

// Args wraps a rule for arguments so that the message names them.
func Args(min, max int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		path := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
		switch {
		case len(given) < min && names == "":
			return Usagef("%s needs an argument", cmd.CommandPath())
		case len(given) < min:
			return Usagef("%s needs %s: see the example in `%s --help`", path, names, cmd.CommandPath())
		case max >= 0 && len(given) > max:
			return Usagef("%s: %q is one argument too many", path, given[max])
		}
		return nil
	}
}

// FlagReason is what is wrong with a flag, without the value twice: the
// library says `invalid argument "x" for "--for" flag: ` before the reason.
func FlagReason(err error) string {
	cause := errors.Unwrap(err)
	if cause == nil {
		return err.Error()
	}
	before := strings.TrimSuffix(err.Error(), " flag: "+cause.Error())
	name := before[strings.LastIndexByte(before, ' ')+1:]
	return strings.Trim(name, `"`) + ": " + cause.Error()
}

// Known refuses words that are no command, and suggests the nearest.
func Known(cmd *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(given[0]); len(near) > 0 {
		return Usagef("there is no command %q; did you mean %s?", given[0], strings.Join(near, " or "))
	}
	return Usagef("there is no command %q", given[0])
}

// HelpCmd replaces cobra's own, for which an unknown command is no error.
func HelpCmd(example string) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command, with an example",
		Long:    "Help explains any command.",
		Example: example,
		RunE: func(cmd *cobra.Command, given []string) error {
			c, rest, err := cmd.Root().Find(given)
			if err == nil && len(rest) > 0 {
				err = Known(c, rest)
			}
			if err != nil {
				return Usagef("%s", err)
			}
			return c.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, given []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if c, _, err := cmd.Root().Find(given); err == nil {
				for _, sub := range c.Commands() {
					names = append(names, sub.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
