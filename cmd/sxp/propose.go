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

func (a *app) proposeCmd() *cobra.Command {
	var in agent.ProposeDeals
	cmd := &cobra.Command{
		Use:   "propose",
		Short: "Look for rings of people who could swap, and propose them",
		Long: `Propose reads the public board, finds the best rings, and sends each to the
people in it. Anybody may: it needs no right and binds nobody. A ring over several
markets is refereed by the jury of the first, which the others must name as a
neighbour.`,
		Example: "  sxp propose\n  sxp propose --mine --max-ring 3\n  sxp propose --market harbour --with 'sxp:market?id=sxp1…'",
		Args:    args(0, 0, ""),
	}
	marketFlag(cmd, &in.Market)
	cmd.Flags().IntVar(&in.MaxRing, "max-ring", 0, "at most `n` people in a ring (default the market's, or 4)")
	cmd.Flags().StringArrayVar(&in.With, "with", nil, "a further `market` whose people may be in the same ring: its number, name or link; repeat for several")
	cmd.Flags().BoolVar(&in.Mine, "mine", false, "only rings that you are part of")
	cmd.Flags().BoolVar(&in.Notary, "notary", false, "one juror completes each contract, at once and always")
	cmd.AddCommand(a.proposeDealCmd())
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

func (a *app) proposeDealCmd() *cobra.Command {
	var in agent.ComposeClauses
	var give, get, move []string
	var secret string
	var declare bool
	var due, within show.Duration
	cmd := &cobra.Command{
		Use:   "deal",
		Short: "Propose a deal that you make up yourself",
		Long: `Deal proposes a contract among people whom you name: contacts, parties of an
earlier deal, or people of the market. Everybody in it gives or gets. An item is
written as in ` + "`sxp offer`" + `; #2 is your own announcement 2. An insurer is a party
that gives a guarantee; an arbitrator is named, and signs nothing.`,
		Example: `  sxp propose deal --give "bob: 3 h maths lessons" --get "bob: 20 l beer"
  sxp propose deal --give "bob: #1" --move "bob > carol: 20 l beer" --get "carol: 10 coins"
  sxp propose deal --give "bob: licence key" --secret key.txt --get "bob: 10 EUR"
  sxp propose deal --give "ida: 5 EUR" --move "ida > bob: guarantee of 100 EUR" --move "bob > me: barn roof" --arbitrator carol`,
		Args: args(0, 0, ""),
	}
	f := cmd.Flags()
	marketFlag(cmd, &in.Market)
	f.StringArrayVar(&give, "give", nil, "what you give, `\"TO: ITEM\"`; may be repeated")
	f.StringArrayVar(&get, "get", nil, "what you get, `\"FROM: ITEM\"`; may be repeated")
	f.StringArrayVar(&move, "move", nil, "what others give each other, `\"FROM > TO: ITEM\"`; may be repeated")
	f.StringVar(&secret, "secret", "", "the `file` with the secret that the one --give sells: sealed, and opened by the contract for a deal of two")
	f.BoolVar(&declare, "declare", false, "the contract says the SHA-256 of the secret")
	f.StringVar(&in.Notes, "notes", "", "`words` that become part of the contract")
	f.StringVar(&in.Breach, "breach", "", "the `clause` that says what a party owes that does not give")
	f.StringVar(&in.Conflict, "conflict", "", "the `clause` that says who settles what")
	f.StringVar(&in.Arbitrator, "arbitrator", "", "the `person` who settles disputes, no party; stands before --conflict")
	f.StringVar(&in.Law, "law", "", "the governing `law`")
	f.Var(&due, "due", "until when things are given, after the time to sign (default 14d)")
	f.Var(&within, "within", "time to sign (default the market's)")
	f.IntVar(&in.Jury, "jury", 0, "`jurors`, odd (default the market's)")
	f.BoolVar(&in.Notary, "notary", false, "one juror completes the contract, at once and always")
	f.BoolVar(&in.Accept, "accept", false, "accept it yourself at once")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		in.Due, in.Within = sxp.Duration(due), sxp.Duration(within)
		moves, err := readMoves(give, get, move)
		if err != nil {
			return err
		}
		if err := addSecret(moves, give, secret, declare); err != nil {
			return err
		}
		in.Transfers = moves
		d, err := do[agent.DealView](cmd.Context(), a, pull|push, "compose", in)
		if err != nil {
			return err
		}
		return a.answer(d, func(w io.Writer) error {
			next := fmt.Sprintf("`sxp accept %d`; the others see it with `sxp deals`", d.Number)
			if in.Accept {
				next = "the others see it with `sxp deals`; you have accepted, so keep `sxp agent` running"
			}
			_, err := fmt.Fprintf(w, "Deal %d is proposed: %s\nNext: %s.\n", d.Number, ring(d), next)
			return err
		})
	}
	return cmd
}

// readMoves reads the transfers of a deal that a person made up.
func readMoves(give, get, move []string) ([]agent.ComposeMove, error) {
	var all []agent.ComposeMove
	read := func(flag, form string, texts []string, f func(who, item string) (agent.ComposeMove, bool)) error {
		for _, text := range texts {
			who, item, ok := strings.Cut(text, ":")
			m, fits := f(strings.TrimSpace(who), strings.TrimSpace(item))
			if !ok || !fits || m.Item == "" {
				return usagef("--%s %q: write it as %q", flag, text, form)
			}
			all = append(all, m)
		}
		return nil
	}
	if err := read("give", "TO: ITEM", give, func(who, item string) (agent.ComposeMove, bool) {
		return agent.ComposeMove{To: who, Item: item}, who != ""
	}); err != nil {
		return nil, err
	}
	if err := read("move", "FROM > TO: ITEM", move, func(who, item string) (agent.ComposeMove, bool) {
		from, to, ok := strings.Cut(who, ">")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		return agent.ComposeMove{From: from, To: to, Item: item}, ok && from != "" && to != ""
	}); err != nil {
		return nil, err
	}
	if err := read("get", "FROM: ITEM", get, func(who, item string) (agent.ComposeMove, bool) {
		return agent.ComposeMove{From: who, Item: item}, who != ""
	}); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, usagef("a deal needs --give and --get: see the example in `sxp propose deal --help`")
	}
	return all, nil
}
