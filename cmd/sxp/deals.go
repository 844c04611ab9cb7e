package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
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
				return none(w, "No deal yet. `sxp propose` looks for one; the market does so by itself.")
			}
			return a.printDeals(w, all)
		})
	}
	return cmd
}

func (a *app) printDeals(w io.Writer, all []agent.DealView) error {
	var rows [][]string
	for _, d := range all {
		rows = append(rows, []string{fmt.Sprint(d.Number), ring(d), state(d), show.When(a.now(), d.Deadline)})
	}
	return show.Table(w, []string{"#", "WHO GIVES WHAT TO WHOM", "STATE", "SIGN BY"}, rows)
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
		{"sign by", d.Deadline.String() + " (" + show.When(a.now(), d.Deadline) + ")"},
		{"referees", fmt.Sprintf("a jury of %d, of whom %d may lie without harm", d.Jury, d.Faults)},
		{"digest", d.ID.String()},
	}
	if d.Attempt > 1 {
		rows = append(rows, []string{"attempt", fmt.Sprintf("%d: the risk of a bad jury counts as often", d.Attempt)})
	}
	show.Table(&b, nil, rows)
	if d.State == "proposed" && d.Why != "" {
		fmt.Fprintf(&b, "\nBeware: %s\n", show.Line(d.Why))
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(show.Text(d.Text), "\n"))
	for _, e := range d.Events {
		fmt.Fprintf(&b, "\n%s  %s", e.At, show.Line(e.Text))
	}
	if len(d.Events) > 0 {
		b.WriteByte('\n')
	}
	if d.State == "proposed" {
		fmt.Fprintf(&b, "\nNext: `sxp accept %d` or `sxp decline %d`.\n", d.Number, d.Number)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// state is the state with its reason. While a deal is proposed, Why holds
// warnings, not reasons.
func state(d agent.DealView) string {
	switch {
	case d.State == "proposed":
		return d.State
	case d.ByJury:
		return d.State + " (by the jury)" + because(d.Why)
	}
	return d.State + because(d.Why)
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func (a *app) proposeCmd() *cobra.Command {
	var in agent.ProposeDeals
	cmd := &cobra.Command{
		Use:   "propose",
		Short: "Look for rings of people who could swap, and propose them",
		Long: `Propose reads the public board, finds the best rings, and sends each to the
people in it. Anybody may: it needs no right and binds nobody.`,
		Example: "  sxp propose\n  sxp propose --mine --max-ring 3",
		Args:    args(0, 0, ""),
	}
	marketFlag(cmd, &in.Market)
	cmd.Flags().IntVar(&in.MaxRing, "max-ring", 0, "at most `n` people in a ring (default 4)")
	cmd.Flags().BoolVar(&in.Mine, "mine", false, "only rings that you are part of")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if in.MaxRing < 0 || in.MaxRing == 1 || in.MaxRing > sxp.MaxParties {
			return usagef("--max-ring is 2 to %d", sxp.MaxParties)
		}
		p, err := do[agent.Proposed](cmd.Context(), a, pull|push, "propose", in)
		if err != nil {
			return err
		}
		return a.answer(p, func(w io.Writer) error {
			if p.Rings == 0 {
				return none(w, "No ring closes on this board now.")
			}
			how := ""
			if p.Optimal {
				how = " No other choice trades more."
			}
			fmt.Fprintf(w, "%d proposed.%s\n", p.Rings, how)
			for _, ring := range p.Proposals {
				fmt.Fprintln(w, "  "+show.Line(ring))
			}
			return nil
		})
	}
	return cmd
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
