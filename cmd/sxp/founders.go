package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

// draftFlag adds --draft, where a charter goes that others have to sign.
func draftFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "draft", "", "write what the other founders have to sign to `file`; - is standard output")
}

// founded answers with a market; where other founders have to sign first, it
// leaves the draft in a file.
func (a *app) founded(m agent.MarketView, file string, human func(w io.Writer) error) error {
	if len(m.Draft) == 0 {
		return a.answer(m, human)
	}
	if file == "" && !a.json {
		return sxp.Errorf("sxp.market", sxp.Invalid, nil, "%s has other founders, who have to sign this: repeat it with --draft FILE", m.Name)
	}
	if file != "" {
		if err := a.save(file, m.Draft); err != nil {
			return err
		}
	}
	return a.answer(m, func(w io.Writer) error {
		if file == "-" {
			return nil
		}
		return printDraft(w, m, file)
	})
}

// printDraft says who has to sign a draft, or that it can be published.
func printDraft(w io.Writer, m agent.MarketView, file string) error {
	name := show.Line(m.Name)
	if len(m.Missing) == 0 {
		_, err := fmt.Fprintf(w, "All founders of %s have signed. Who made the draft publishes it: `sxp market found %s`.\n", name, file)
		return err
	}
	var who []string
	for _, p := range m.Missing {
		who = append(who, show.Line(show.Name(p.Name, p.ID)))
	}
	_, err := fmt.Fprintf(w, "%s is not published yet: %s has to sign. Send the file: `sxp market sign %s` signs it.\n",
		name, strings.Join(who, ", then "), file)
	return err
}

func (a *app) marketSignCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign FILE",
		Short: "Sign a market's charter as one of its founders",
		Long: `Sign checks a draft that another founder has made, that it names you, and its
jury roll if there is one; it adds your signature to the file. Read the draft
first: ` + "`sxp inspect FILE`" + `. Then give it to the next founder, or back.`,
		Example: "  sxp market sign harbour.draft",
		Args:    args(1, 1, "the file that you were sent"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		file := given[0]
		raw, err := readFile(file, sxp.MaxMessage)
		if err != nil {
			return err
		}
		m, err := do[agent.MarketView](cmd.Context(), a, local, "market.sign", agent.MarketDraft{Draft: raw})
		if err != nil {
			return err
		}
		if err := a.replace(file, m.Draft); err != nil {
			return err
		}
		return a.answer(m, func(w io.Writer) error { return printDraft(w, m, file) })
	}
	return cmd
}

// replace writes a file in place of the one that is there, whole or not at
// all.
func (a *app) replace(name string, data []byte) error {
	next := name + ".new"
	if err := a.save(next, data); err != nil {
		return err
	}
	if err := os.Rename(next, name); err != nil {
		return sxp.Errorf("sxp.save", sxp.Internal, nil, "%w", errors.Join(err, os.Remove(next)))
	}
	return nil
}

func (a *app) marketFoundCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "found FILE",
		Short: "Publish a charter that all its founders have signed",
		Long: `Found brings a draft of ` + "`sxp market create`" + ` or ` + "`sxp market roll`" + ` to the market's
node, once all founders have signed it. The others join with the link.`,
		Example: "  sxp market found harbour.draft",
		Args:    args(1, 1, "the signed file"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		raw, err := readFile(given[0], sxp.MaxMessage)
		if err != nil {
			return err
		}
		return a.market(cmd, "market.found", agent.MarketDraft{Draft: raw}, "Market %d, %s, is there. People join with:\n%s\n")
	}
	return cmd
}
