package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) dealsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deals [NUMBER]",
		Short: "List the swaps that were proposed to you, or show one",
		Long: `Deals shows rings of people who could swap, and you are one of them. With a
number it shows the whole contract in words: read it, then accept or decline.`,
		Example: "  sxp deals\n  sxp deals 1",
		Args:    args(0, 1, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if len(given) == 1 {
			d, err := do[agent.DealView](cmd.Context(), a, pull, "deal", agent.DealRef{Deal: given[0]})
			if err != nil {
				return err
			}
			return a.answer(d, func(w io.Writer) error { return a.printDeal(w, d) })
		}
		all, err := do[[]agent.DealView](cmd.Context(), a, pull, "deals", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No deal waits for you. The market looks for swaps by itself, and `sxp propose` looks now; `sxp contracts` lists what is signed.")
			}
			return a.printDeals(w, all)
		})
	}
	return cmd
}

func (a *app) printDeals(w io.Writer, all []agent.DealView) error {
	var rows [][]string
	for _, d := range all {
		rows = append(rows, []string{fmt.Sprint(d.Number), ring(d), state(d), a.signBy(d)})
	}
	if err := show.Table(w, []string{"#", "WHO GIVES WHAT TO WHOM", "STATE", "SIGN BY"}, rows); err != nil {
		return err
	}
	return notices(w, all)
}

// notices writes below the list what its lines have no room for: what to know
// of a deal before it is accepted, once for all deals with the same notice.
func notices(w io.Writer, all []agent.DealView) error {
	var texts []string
	numbers := map[string][]string{}
	for _, d := range all {
		if d.State != "proposed" {
			continue
		}
		for _, text := range slices.Concat(d.Warnings, d.Unusual) {
			if numbers[text] == nil {
				texts = append(texts, text)
			}
			numbers[text] = append(numbers[text], fmt.Sprint(d.Number))
		}
	}
	for _, text := range texts {
		deals := "deal "
		if len(numbers[text]) > 1 {
			deals = "deals "
		}
		if _, err := fmt.Fprintf(w, "\nBeware of %s%s: %s\n", deals, strings.Join(numbers[text], ", "), show.Line(text)); err != nil {
			return err
		}
	}
	return nil
}

// signBy is the time that is left to sign; nothing for a deal that has ended.
func (a *app) signBy(d agent.DealView) string {
	if decided(d) {
		return ""
	}
	return show.When(a.now(), d.SignBefore)
}

func ring(d agent.DealView) string {
	var arrows []show.Arrow
	for _, t := range d.Transfers {
		arrows = append(arrows, show.Arrow{From: show.Name(t.FromName, t.From), Item: t.Item, To: show.Name(t.ToName, t.To)})
	}
	return show.Ring(arrows)
}

func (a *app) printDeal(w io.Writer, d agent.DealView) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Deal %d: %s\n%s\n\n", d.Number, show.Line(d.Title), ring(d))
	rows := [][]string{
		{"you give", strings.Join(d.Give, ", ")},
		{"you get", strings.Join(d.Get, ", ")},
		{"state", state(d)},
		{"people", standing(d)},
		{"sign by", strings.TrimSuffix(show.Clock(d.SignBefore)+", "+a.signBy(d), ", ")},
		{"referee", referee(d)},
		{"", fails(d)},
		{"", failsAway(d)},
		{"jury's list", listWorth(d.Worth.Roll, d.Worth.Issuer)},
		{"", record(d.Worth.Roll)},
		{"attempt", attempt(d)},
		{"proposed by", show.Name(d.ProposerName, d.Proposer)},
		{"digest", d.ID.String()},
	}
	show.Table(&b, nil, slices.DeleteFunc(rows, func(row []string) bool { return row[1] == "" }))
	if !d.Replaces.IsZero() {
		fmt.Fprintf(&b, "\nIt answers the proposal %s and changes:\n", d.Replaces.Short())
		printChanges(&b, d)
	}
	for _, warning := range slices.Concat(d.Warnings, d.Unusual) {
		fmt.Fprintf(&b, "\nBeware: %s\n", show.Line(warning))
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(show.Text(d.Text), "\n"))
	for _, e := range d.Events {
		fmt.Fprintf(&b, "\n%s  %s", show.Clock(e.At), show.Line(e.Text))
	}
	if len(d.Events) > 0 {
		b.WriteByte('\n')
	}
	if line := opens(d); line != "" {
		fmt.Fprintf(&b, "%s\n", line)
	}
	if d.State == "proposed" {
		fmt.Fprintf(&b, "\nNext: `sxp accept %d` or `sxp decline %d`", d.Number, d.Number)
		if !slices.ContainsFunc(d.Transfers, func(t agent.TransferView) bool { return t.Secret }) { // what is sealed is for these terms only
			fmt.Fprintf(&b, ", or other terms with `sxp counter %d`", d.Number)
		}
		b.WriteString(".\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// state is the state with its reason, where it does not stand below as a
// notice or say the same again.
func state(d agent.DealView) string {
	switch {
	case d.State == "proposed":
		return d.State
	case d.State != "signed":
		return d.State + because(d.Why)
	case d.ByJury && d.Notary:
		return "signed (by the notary)"
	case d.ByJury:
		return "signed (by the jury)"
	}
	return d.State
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func (a *app) declineCmd() *cobra.Command {
	in := agent.DealRef{}
	cmd := &cobra.Command{
		Use:   "decline NUMBER",
		Short: "Say no to a deal",
		Long: `Decline tells the others that this deal will not come, so that they need not
wait. After a promise it is too late: only the others or the time can end it.`,
		Example: `  sxp decline 1 --why "sold already"`,
		Args:    args(1, 1, "the number from `sxp deals`"),
	}
	cmd.Flags().StringVar(&in.Why, "why", "", "a `reason`, told to the others")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in.Deal = given[0]
		d, err := do[agent.DealView](cmd.Context(), a, pull|push, "decline", in)
		if err != nil {
			return err
		}
		return a.answer(d, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Deal %d is declined.\n", d.Number)
			return err
		})
	}
	return cmd
}
