// Package lists has the commands that solve, check, explain, draw and convert
// lists of wants, without a network and without keys. Two programs have them.
package lists

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sxp/cmd/sxp/internal/cli"
)

// A Tool is where the commands write, and under which name they are called.
type Tool struct {
	Name     string // such as "sxp deals"
	Out, Err io.Writer
	JSON     *bool // set by the flags of the program

	// Own explains an announcement of one's own by its number; nil in a program
	// that has none.
	Own func(cmd *cobra.Command, number string) error
}

// Commands returns the commands.
func (t *Tool) Commands() []*cobra.Command {
	cmds := []*cobra.Command{t.solveCmd(), t.checkCmd(), t.explainCmd(), t.drawCmd(), t.convertCmd()}
	for _, c := range cmds {
		c.Long, c.Example = t.called(c.Long), t.called(c.Example)
		c.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = t.called(f.Usage) })
	}
	return cmds
}

// called writes the commands as they are called in this program.
func (t *Tool) called(text string) string { return strings.ReplaceAll(text, "sxp deals", t.Name) }

// answer prints v as JSON, or calls human to write it for a person.
func (t *Tool) answer(v any, human func(w io.Writer) error) error {
	if *t.JSON {
		return cli.Print(t.Out, v)
	}
	return human(t.Out)
}

// note writes a line of progress or warning to standard error.
func (t *Tool) note(format string, args ...any) {
	program, _, _ := strings.Cut(t.Name, " ")
	fmt.Fprintf(t.Err, program+": "+format+"\n", args...)
}

// save writes a file; - is standard output.
func (t *Tool) save(name string, data []byte) error {
	switch {
	case name != "-":
		return cli.Save(name, data)
	case *t.JSON:
		return nil // the answer has it
	}
	_, err := t.Out.Write(data)
	return err
}
