package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
)

func (a *app) juryFeesCmd() *cobra.Command {
	var juror string
	cmd := &cobra.Command{
		Use:   "fees FILE...",
		Short: "Tell what contracts owe to their juries",
		Long: `Fees reads contract files, checks them like ` + "`sxp verify`" + `, and tells who owes what
to which juror: the levy "jury" of a market's policy, shared among all seats
whether the jury was needed or not. It needs no network and no home. Nothing is
collected by it: the file is the proof.`,
		Example: "  sxp jury fees swap.sxpc\n  sxp jury fees --juror sxp1… *.sxpc",
		Args:    args(1, -1, "a contract file"),
	}
	cmd.Flags().StringVar(&juror, "juror", "", "only what is owed to this juror, by `id`")
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		var only sxp.ID
		if juror != "" {
			var err error
			if only, err = sxp.ParseID(juror); err != nil {
				return err
			}
		}
		all := []*contract.JuryFees{}
		for _, name := range given {
			f, err := feesIn(name)
			if err != nil {
				return sxp.Errorf("sxp.jury", sxp.KindOf(err), nil, "%s: %w", show.Line(name), err)
			}
			all = append(all, f.to(only))
		}
		return a.answer(all, func(w io.Writer) error { return printFees(w, all) })
	}
	return cmd
}

// owed are the fees of one contract.
type owed struct{ *contract.JuryFees }

// to leaves what is owed to one juror; the zero id: to all.
func (f owed) to(juror sxp.ID) *contract.JuryFees {
	if juror.IsZero() {
		return f.JuryFees
	}
	fees := []contract.JuryFee{}
	for _, x := range f.Fees {
		if x.Juror == juror {
			fees = append(fees, x)
		}
	}
	f.Fees = fees
	return f.JuryFees
}

func feesIn(name string) (owed, error) {
	raw, err := readFile(name, contract.MaxFile)
	if err != nil {
		return owed{}, err
	}
	r, err := contract.Verify(raw)
	if err != nil {
		return owed{}, err
	}
	f, err := contract.FeesOf(r)
	return owed{f}, err
}

func printFees(w io.Writer, all []*contract.JuryFees) error {
	var rows [][]string
	var notes strings.Builder
	for _, f := range all {
		for _, x := range f.Fees {
			rows = append(rows, []string{f.M.Short(), fmt.Sprint(x.Seat), x.Juror.String(), fmt.Sprintf("%s %s", x.Amount, x.Currency), x.From.String()})
		}
		for _, n := range f.Unknown {
			fmt.Fprintf(&notes, "Contract %s, transfer %d: nobody said what it is worth, so the fee is for its people to agree on.\n", f.M.Short(), n)
		}
	}
	if len(rows) == 0 && notes.Len() == 0 {
		return none(w, "Nothing is owed: nothing in these contracts was announced at a market with a levy named jury.")
	}
	if len(rows) > 0 {
		if err := show.Table(w, []string{"CONTRACT", "SEAT", "JUROR", "IS OWED", "BY"}, rows); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, notes.String())
	return err
}
