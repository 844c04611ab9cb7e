package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) counterCmd() *cobra.Command {
	var in agent.CounterDeal
	var give, get, move []string
	var notes string
	var due show.Duration
	cmd := &cobra.Command{
		Use:   "counter NUMBER",
		Short: "Answer a deal with other terms",
		Long: `Counter proposes other terms to the same people, and says no to the deal that it
answers; the others are shown what you changed. Name every transfer: who gives
the same thing to the same person as before keeps its date. What you do not name,
jury, time to sign and notes, stays as it is.`,
		Example: `  sxp counter 1 --give "bob: 2 h maths lessons" --get "bob: 20 l beer" --why "3 h are too many"`,
		Args:    args(1, 1, "the number from `sxp deals`"),
	}
	f := cmd.Flags()
	f.StringArrayVar(&give, "give", nil, "what you give, `\"TO: ITEM\"`; may be repeated")
	f.StringArrayVar(&get, "get", nil, "what you get, `\"FROM: ITEM\"`; may be repeated")
	f.StringArrayVar(&move, "move", nil, "what others give each other, `\"FROM > TO: ITEM\"`; may be repeated")
	f.StringVar(&notes, "notes", "", "`words` that become part of the contract, in place of those before")
	f.Var(&due, "due", "until when all things are given, after the time to sign")
	f.StringVar(&in.Why, "why", "", "a `reason`, told to the others")
	cmd.RunE = func(cmd *cobra.Command, given []string) (err error) {
		in.Deal = given[0]
		if in.Transfers, err = readMoves(give, get, move); err != nil {
			return err
		}
		for i := range in.Transfers {
			in.Transfers[i].Due = sxp.Duration(due)
		}
		if f.Changed("notes") {
			in.Notes = &notes
		}
		d, err := do[agent.DealView](cmd.Context(), a, pull|push, "deal.counter", in)
		if err != nil {
			return err
		}
		return a.answer(d, func(w io.Writer) error {
			fmt.Fprintf(w, "Deal %d is proposed in its place: %s\n", d.Number, ring(d))
			printChanges(w, d)
			_, err := fmt.Fprintf(w, "Next: `sxp accept %d`, now or when the others have.\n", d.Number)
			return err
		})
	}
	return cmd
}

// printChanges says what a deal changes against the one that it answers.
func printChanges(w io.Writer, d agent.DealView) {
	for _, line := range d.Changes {
		fmt.Fprintf(w, "  - %s\n", show.Line(line))
	}
	if !d.Replaces.IsZero() && len(d.Changes) == 0 {
		fmt.Fprintln(w, "  - nothing but the time")
	}
}

// standing says how far each of the people of a deal is.
func standing(d agent.DealView) string {
	var all []string
	for _, p := range d.Parties {
		name := show.Name(p.Name, p.ID)
		if p.Me {
			name = "you"
		}
		switch {
		case p.Signed:
			all = append(all, name+" signed")
		case p.Promised:
			all = append(all, name+" promised")
		case p.Accepted:
			all = append(all, name+" accepted")
		default:
			all = append(all, name+" not yet")
		}
	}
	return list(all, "")
}
