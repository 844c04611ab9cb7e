// Command sxp-deals is the part of sxp that needs neither network nor keys: it
// finds the best rings in a list of wants, checks somebody's answer and its
// proof, tells why an item is left, and draws pictures. Who runs a math trade
// needs nothing else.
//
//	sxp-deals solve wants.txt --max-ring 0 --output trademaximizer
//	sxp-deals check wants.txt answer.json
//
// It has the commands of `sxp deals` with the same flags, output and exit
// codes; it is smaller and starts sooner.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/lists"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	cobra.EnableCommandSorting = false // the help is in order of use
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, out, err io.Writer) int {
	end := cli.Run{Name: "sxp-deals", Out: out, Err: err, Hint: func(error) string { return "" }}
	end.Explain = func(err error) string { return cli.Explain(err, nil) }
	c := root(&end)
	c.SetArgs(args)
	return end.Exit(ctx, c.ExecuteContext(ctx))
}

// root builds the command tree.
func root(end *cli.Run) *cobra.Command {
	c := &cobra.Command{
		Use:   end.Name,
		Short: "Find the best rings of people who could swap, in a list of wants",
		Long: `Sxp-deals reads what people would give for what, and finds the rings in which
the most change hands, with a proof. It needs no network, no home and no keys;
the same commands are in the whole program as ` + "`sxp deals`" + `.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRun:  func(*cobra.Command, []string) { end.Started = true },
		Args:              cli.Known,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},

		SuggestionsMinimumDistance: 2,
	}
	c.SetOut(end.Out)
	c.SetErr(end.Err)
	c.PersistentFlags().BoolVar(&end.JSON, "json", false, "print one JSON value for programs")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return cli.Usagef("%s", cli.FlagReason(err)) })
	t := &lists.Tool{Name: end.Name, Out: end.Out, Err: end.Err, JSON: &end.JSON}
	c.AddCommand(t.Commands()...)
	c.SetHelpCommand(cli.HelpCmd("  sxp-deals help solve"))
	return c
}
