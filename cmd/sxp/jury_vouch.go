package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
	"sxp/market"
)

// maxVouch is the largest file of a word for a juror, in bytes.
const maxVouch = 4 << 10

func (a *app) juryCardCmd() *cobra.Command {
	var dir, file string
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Write the card of the juror node on this machine",
		Long: `Card writes what the juror that runs on this machine says of itself, signed: give
it to its operator and to tribes who should vouch for it with ` + "`sxp jury vouch`" + `.`,
		Example: "  sxp jury card --dir /srv/juror --file juror.sxpj",
		Args:    args(0, 0, ""),
	}
	jurorDir(cmd, &dir)
	cmd.Flags().StringVar(&file, "file", "", "write it to `file`; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if file == "" {
			return usagef("jury card needs --file FILE")
		}
		raw, err := askJurorNode[sxp.Bytes](cmd, dir, "card", agent.None{})
		if err != nil {
			return err
		}
		if err := a.save(file, raw); err != nil || file == "-" && !a.json {
			return err
		}
		return a.answer(raw, func(w io.Writer) error {
			return none(w, "The juror's card is in "+show.Line(file)+". Next, who vouches for it: `sxp jury vouch "+show.Line(file)+"`.")
		})
	}
	return cmd
}

func (a *app) juryVouchCmd() *cobra.Command {
	var file string
	var span show.Duration
	cmd := &cobra.Command{
		Use:   "vouch CARD",
		Short: "Sign that you know who runs a juror",
		Long: `Vouch signs your word for a juror node: as its operator, or as a tribe that knows
who runs it. Draws spread a jury over the tribes and give each operator one
chance, so your word says whom it belongs to. CARD is a file of ` + "`sxp jury card`" + `;
give the file that comes out to who runs the node, for ` + "`sxp jury enrol`" + `.`,
		Example: "  sxp jury vouch juror.sxpj --file club.sxpv\n  sxp jury vouch juror.sxpj --for 90d --file club.sxpv",
		Args:    args(1, 1, "a file of `sxp jury card`"),
	}
	cmd.Flags().Var(&span, "for", "how long your word holds (default 365d)")
	cmd.Flags().StringVar(&file, "file", "", "write your word to `file`; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if file == "" {
			return usagef("jury vouch needs --file FILE")
		}
		if span == 0 {
			span = show.Duration(365 * sxp.Day)
		}
		card, err := readFile(given[0], market.MaxJurorCard)
		if err != nil {
			return err
		}
		e, err := contract.OpenJuror(card)
		if err != nil {
			return sxp.Errorf("sxp.jury", sxp.KindOf(err), nil, "%s is no juror's card, as `sxp jury card` writes it: %s", show.Line(given[0]), sxp.Reason(err))
		}
		v, err := do[agent.VouchView](cmd.Context(), a, 0, "jury.vouch", agent.VouchJuror{Card: card, For: sxp.Duration(span)})
		if err != nil {
			return err
		}
		if err := a.save(file, v.Raw); err != nil || file == "-" && !a.json {
			return err
		}
		return a.answer(v, func(w io.Writer) error {
			by := "itself"
			if e.RunBy() != e.ID {
				by = e.RunBy().Short()
			}
			_, err := fmt.Fprintf(w, "You vouch for juror %s, run by %s, until %s: %s.\n", v.Juror.Short(), by, show.Clock(v.Until), show.Line(file))
			return err
		})
	}
	return cmd
}
