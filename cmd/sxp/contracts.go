package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) contractsCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "contracts [NUMBER]",
		Short: "List your contracts, show one, or write it to a file",
		Long: `Contracts shows what you are bound to or about to be. With a number it shows
one; with --file it writes the self-contained file that anybody can check with
` + "`sxp verify`" + `, without network.`,
		Example: "  sxp contracts\n  sxp contracts 1 --file swap.sxpc",
		Args:    args(0, 1, ""),
	}
	cmd.Flags().StringVar(&file, "file", "", "write the contract to `file`; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		switch {
		case file != "" && len(given) == 0:
			return usagef("contracts --file needs the number from `sxp contracts`")
		case file != "":
			return a.contractFile(cmd, given[0], file)
		case len(given) == 1:
			d, err := do[agent.DealView](cmd.Context(), a, pull, "deal", agent.DealRef{Deal: given[0]})
			if err != nil {
				return err
			}
			return a.answer(d, func(w io.Writer) error { return a.printDeal(w, d) })
		}
		all, err := do[[]agent.DealView](cmd.Context(), a, pull, "contracts", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No contract yet. `sxp deals` shows what was proposed to you.")
			}
			return a.printContracts(w, all)
		})
	}
	return cmd
}

func (a *app) printContracts(w io.Writer, all []agent.DealView) error {
	var rows [][]string
	for _, d := range all {
		rows = append(rows, []string{fmt.Sprint(d.Number), ring(d), state(d), d.ID.Short()})
	}
	return show.Table(w, []string{"#", "WHO GIVES WHAT TO WHOM", "STATE", "DIGEST"}, rows)
}

func (a *app) contractFile(cmd *cobra.Command, ref, file string) error {
	f, err := do[agent.ContractFile](cmd.Context(), a, pull, "contract.file", agent.DealRef{Deal: ref})
	if err != nil {
		return err
	}
	return a.keep(f, file, "The contract is in %[1]s. Anybody can check it: `sxp verify %[1]s`.\n")
}

// keep writes what others can check to a file, and says so in words that have
// the file's name; on standard output there is nothing but the file.
func (a *app) keep(f agent.ContractFile, file, words string) error {
	if err := a.save(file, f.Data); err != nil {
		return err
	}
	return a.answer(f, func(w io.Writer) error {
		if file == "-" {
			return nil
		}
		_, err := fmt.Fprintf(w, words, file)
		return err
	})
}
