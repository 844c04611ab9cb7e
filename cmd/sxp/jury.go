package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
	"sxp/identity"
	"sxp/market"
)

func (a *app) juryCmd() *cobra.Command {
	return group("jury", "Be a juror of a market; look at a market's jurors",
		`A jury completes a contract when somebody vanishes in the middle of signing. It
is drawn from the market's roll. Jurors are nodes; they see digests and keys,
never the text.`,
		a.juryEnrolCmd(), a.juryCardCmd(), a.juryVouchCmd(), a.juryShowCmd(), a.juryCasesCmd(), a.juryCaseCmd(), a.juryFeesCmd())
}

func (a *app) juryEnrolCmd() *cobra.Command {
	var dir string
	var vouched []string
	cmd := &cobra.Command{
		Use:   "enrol LINK",
		Short: "Offer the juror node that runs on this machine to a market",
		Long: `Enrol sends the card of your juror node to a market. Who runs the market then
signs it into the roll. The node must be running, with the role juror. Give the
files in which its operator and tribes vouch for it (` + "`sxp jury vouch`" + `): without
the word of the operator that its configuration names it is left out of the roll.`,
		Example: "  sxp jury enrol --dir /srv/juror 'sxp:market?id=sxp1…'\n  sxp jury enrol --dir /srv/juror --vouched club.sxpv 'sxp:market?id=sxp1…'",
		Args:    args(1, 1, "the link of a market"),
	}
	jurorDir(cmd, &dir)
	cmd.Flags().StringArrayVar(&vouched, "vouched", nil, "`file` in which somebody vouches for it; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if dir == "" {
			return usagef("jury enrol needs --dir DIR, the folder of the running juror node")
		}
		link, err := market.ParseLink(given[0])
		if err != nil {
			return err
		}
		e := enrolJuror{Link: link.String()}
		for _, name := range vouched {
			raw, err := readFile(name, maxVouch)
			if err != nil {
				return err
			}
			if _, _, err := contract.OpenVouch(raw); err != nil {
				return sxp.Errorf("sxp.jury", sxp.KindOf(err), nil, "%s is no word for a juror, as `sxp jury vouch` writes it: %s", show.Line(name), sxp.Reason(err))
			}
			e.Vouched = append(e.Vouched, raw)
		}
		s, err := askJurorNode[nodeStatus](cmd, dir, "enrol", e)
		if err != nil {
			return err
		}
		return a.answer(s, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Juror %s is enrolled. It serves once the market signs its roll: `sxp market roll`.\n", s.ID.Short())
			return err
		})
	}
	return cmd
}

// rollView is what jury show prints with --json.
type rollView struct {
	contract.Roll
	Digest sxp.Hash  `json:"digest"`
	Raw    sxp.Bytes `json:"raw"` // the signed message
}

func (a *app) juryShowCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "show [MARKET|LINK]",
		Short: "Show the jurors of a market",
		Long: `Show fetches the roll that a market has signed, verifies it and every juror's
keys, and lists the jurors with what they serve. With a link it needs no home.
With --file it keeps the signed roll, as ` + "`sxp verify --roll`" + ` takes it.`,
		Example: "  sxp jury show\n  sxp jury show 1\n  sxp jury show 'sxp:market?id=sxp1…' --file roll.sxpr",
		Args:    args(0, 1, ""),
	}
	cmd.Flags().StringVar(&file, "file", "", "also write the signed roll to `file`")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		text := ""
		if len(given) == 1 && strings.HasPrefix(given[0], "sxp:") {
			text = given[0]
		} else {
			all, err := a.markets(cmd)
			if err != nil {
				return err
			}
			m, err := pick(all, given)
			if err != nil {
				return err
			}
			text = m.Link
		}
		link, err := market.ParseLink(text)
		if err != nil {
			return err
		}
		r, err := a.fetchRoll(cmd.Context(), link)
		if err != nil {
			return err
		}
		if file != "" {
			if err := a.save(file, r.Raw); err != nil {
				return err
			}
		}
		v := rollView{Roll: r.Roll, Digest: r.Digest, Raw: r.Raw}
		return a.answer(v, func(w io.Writer) error { return printRoll(w, v) })
	}
	return cmd
}

// fetchRoll asks the market's node for the roll, under a name made up for this
// one question: who looks at a roll is nobody's business.
func (a *app) fetchRoll(ctx context.Context, link market.Link) (*contract.OpenedRoll, error) {
	const op = "sxp.jury"
	nobody, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	defer nobody.Erase()
	c := market.NewClient(dial(link.Node.Address), nobody, link.Node.ID, link.Market, a.now, rand.Reader)
	raw, err := c.Roll(ctx, sxp.Hash{})
	if err != nil {
		return nil, err
	}
	r, err := contract.OpenRoll(contract.NewAlgebra(rand.Reader), raw)
	if err != nil {
		return nil, err
	}
	if r.Issuer != link.Market {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the roll is signed by %s, not by the market", r.Issuer)
	}
	return r, nil
}

func printRoll(w io.Writer, v rollView) error {
	fmt.Fprintf(w, "Roll %d of %s, signed %s: %d jurors.\nΔ %s, L %s, ε %s, W %s, time to sign %s.\n\n", v.Number, v.Issuer, show.Clock(v.Issued), len(v.Entries),
		show.Span(v.Delta), show.Span(v.L), show.Span(v.Epsilon), show.Span(v.Patience), show.Span(v.Horizon))
	worth := v.Worth()
	fmt.Fprintf(w, "%s\n%s\n%s\n\n", listWorth(&worth, ""), record(&worth), ofList(&worth))
	var rows [][]string
	for _, e := range v.Entries {
		operator := "itself"
		if !e.Operator.IsZero() && e.Operator != e.ID {
			operator = e.Operator.Short()
		}
		rows = append(rows, []string{e.ID.Short(), operator, fmt.Sprint(len(e.Tribes)), upOf(e.Conduct), fmt.Sprint(e.Conduct.Cases), standingOf(e.Conduct, v.Issued),
			e.Address, show.Span(e.DeltaMin), fmt.Sprint(e.MaxN), fmt.Sprint(e.MaxParties), show.Span(e.MaxHorizon)})
	}
	return show.Table(w, []string{"JUROR", "OPERATOR", "TRIBES", "UP", "CASES", "RECORD", "ADDRESS", "Δ FROM", "JURY TO", "PARTIES TO", "HORIZON TO"}, rows)
}

// upOf is how often a juror was up when it was asked.
func upOf(c contract.Conduct) string {
	if c.Asked == 0 {
		return "?"
	}
	return fmt.Sprintf("%d %% of %d", 100*c.Up/c.Asked, c.Asked)
}

// standingOf says what a juror's conduct means for the draw.
func standingOf(c contract.Conduct, issued sxp.Time) string {
	switch {
	case c.Faults > 0:
		return "broke its word"
	case c.Proven(issued):
		return "good"
	case c.Since == 0:
		return "none"
	}
	return "since " + show.Clock(c.Since)
}
