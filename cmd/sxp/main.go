// Command sxp is the whole of SXP in one program: the agent of one person, the
// node that others rely on, and the tools to look at what is signed.
//
//	sxp init --label alice        make a home: new keys, 24 words to write down
//	sxp market join LINK          join a market
//	sxp offer "3 h maths lessons" --want beer
//	sxp need "20 l beer"
//	sxp deals                     alice —maths lessons→ charlie —coins→ bob …
//	sxp accept 1                  sign; nothing binds until all have
//	sxp contracts                 what is signed
//	sxp verify FILE               check a contract without network
//	sxp agent                     stay online for all of it
//	sxp node --dir DIR            run a node: relay, market board, watcher, juror
//
// `sxp help COMMAND` explains each command with an example; the help is made
// from the code. A home is a folder, --home DIR, $SXP_HOME or ~/.sxp (package
// sxp/cmd/sxp/internal/home says what is in it). While `sxp agent` runs, the
// other commands of the same home talk to it.
//
// With --json every command prints one JSON value on standard output: the
// types of package sxp/agent, or {"error":{"kind","op","text"}}. Messages to
// people go to standard error. Sxp exits 0 on success, 1 on failure, 2 on bad
// usage. It stops on SIGINT and SIGTERM.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	cobra.EnableCommandSorting = false // the help is in order of use
	a := &app{
		in:       os.Stdin,
		out:      os.Stdout,
		err:      os.Stderr,
		patience: 3 * time.Second,
		now:      clock(os.Stderr),
		getenv:   os.Getenv,
	}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
