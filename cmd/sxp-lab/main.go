// Command sxp-lab makes the reports that need a laboratory and no user: what
// comes about in an economy of rings, and how the finder of rings grows with
// the market; and the one that attacks the signing of contracts. Everything
// follows from a seed. It is no part of a release.
//
//	go run ./cmd/sxp-lab economy --out docs/economy
//	go run ./cmd/sxp-lab growth --out docs/growth
//	go run ./cmd/sxp-lab fairness --schedules 1000000
//	go run ./cmd/sxp-lab hosts
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{
		Use:           "sxp-lab",
		Short:         "Make the reports on economies of rings and on how the finder grows, and attack the signing",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(economyCmd(), growthCmd(), fairnessCmd(), hostsCmd())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "sxp-lab:", err)
		os.Exit(1)
	}
}

// A report is a folder with a page of text and pictures.
type report struct {
	dir  string
	text []byte
}

func (r *report) printf(format string, args ...any) {
	r.text = fmt.Appendf(r.text, format, args...)
}

// picture writes a picture and refers to it.
func (r *report) picture(name, says string, svg []byte) error {
	r.printf("![%s](%s)\n\n", says, name)
	return r.write(name, svg)
}

func (r *report) write(name string, data []byte) error {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, name), data, 0o644)
}

// close writes the page.
func (r *report) close() error { return r.write("README.md", r.text) }

// say tells the one who waits what is being done.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
