package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
	"sxp/contract/evidence"
	"sxp/internal/bls"
)

func (a *app) verifyCmd() *cobra.Command {
	var draw bool
	var roll string
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a contract file or evidence, without network and without a home",
		Long: `Verify says who signed what, or why the file is not a contract that all of its
people signed. It needs nothing but the file: no network, no home, no keys. It
also checks void certificates, which say that the jury will never complete one,
and files of ` + "`sxp evidence`" + `: who said what, which rules were broken by whom, what
is proven and what is not.

With --draw it computes again how the jury was drawn, step by step: the
shares of the seed, who was left out and why, the order, the seats. That takes
the roll; where the file does not hold it, give it with --roll.`,
		Example: "  sxp verify swap.sxpc\n  sxp verify swap.sxpc --draw\n  sxp verify swap.zip\n  sxp verify swap.sxpc --roll roll.sxpr",
		Args:    args(1, 1, "a contract file"),
	}
	cmd.Flags().BoolVar(&draw, "draw", false, "show how the jury was drawn, computed again")
	cmd.Flags().StringVar(&roll, "roll", "", "the signed roll, a `file` of `sxp jury show --file`; implies --draw")
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		raw, err := readFile(given[0], evidence.MaxFile)
		if err != nil {
			return err
		}
		if evidence.Is(raw) {
			if draw || roll != "" {
				return usagef("--draw and --roll are for contract files: contract.sxpc in the folder is one")
			}
			return a.verifyEvidence(raw)
		}
		r, err := contract.Verify(raw)
		if r == nil {
			return err
		}
		var d *contract.DrawReport
		if draw || roll != "" {
			var derr error
			if d, derr = redraw(raw, roll); err == nil {
				err = derr
			}
			if d == nil && err != nil {
				return err
			}
		}
		v := viewOf(r, err)
		if d != nil {
			v.Draw, v.Drawn, v.RollBy = d, d.Matches, d.RollBy
		}
		if perr := a.answer(v, func(w io.Writer) error { return printReport(w, v) }); perr != nil {
			return perr
		}
		switch {
		case err != nil:
			return &outcome{Text: "not verified: " + show.Line(explain(err)) + ". Do not rely on this file"}
		case v.Draw != nil && !v.Draw.Matches:
			return &outcome{Text: "the jury of this file is not the one that its roll gives. Do not rely on it"}
		}
		return nil
	}
	return cmd
}

// verified is what verify prints with --json.
type verified struct {
	Verified bool            `json:"verified"`
	Error    *cli.Problem    `json:"error,omitempty"` // why it is not verified; what follows is then a claim
	Kind     string          `json:"kind"`            // "contract" or "void certificate"
	Proposal sxp.Hash        `json:"proposal"`
	M        sxp.Hash        `json:"m"`
	Title    string          `json:"title"`
	Text     string          `json:"text"`
	Parties  []verifiedParty `json:"parties"`
	Jury     []sxp.ID        `json:"jury"`
	T        int             `json:"t"`
	F        int             `json:"f"`
	Drawn    bool            `json:"drawn"` // the jury is the one that the roll in the file gives
	Roll     sxp.Hash        `json:"roll"`
	RollBy   sxp.ID          `json:"rollBy,omitzero"`
	Deadline sxp.Time        `json:"deadline"`
	Attempt  int             `json:"attempt"`
	S        bls.G1          `json:"s,omitzero"` // the signature of all

	Arbitrator sxp.ID `json:"arbitrator,omitzero"` // whom the parties named; zero: nobody

	Draw *contract.DrawReport `json:"draw,omitempty"` // with --draw
}

// verifiedParty is one party of a contract file.
type verifiedParty struct {
	ID       sxp.ID   `json:"id"`
	Label    string   `json:"label"` // the party's own choice
	Accepted bool     `json:"accepted"`
	Signed   bool     `json:"signed"`
	Gives    []string `json:"gives"`
}

func viewOf(r *contract.Report, err error) *verified {
	v := &verified{
		Verified: err == nil, Kind: strings.ToLower(string(r.Kind)), Proposal: r.Proposal, M: r.M, Title: r.Title, Text: r.Text,
		T: r.T, F: r.F, Drawn: r.Drawn, Roll: r.Roll, RollBy: r.RollBy, Deadline: r.Deadline, Attempt: r.Attempt, S: r.S,
	}
	if err != nil {
		problem := cli.FailureOf(err).Error
		v.Error = &problem
	}
	for i, p := range r.Parties {
		party := verifiedParty{ID: p.ID, Label: p.Label, Accepted: p.Accepted, Signed: p.Signed, Gives: []string{}}
		for j := range r.Terms.Transfers {
			if x := &r.Terms.Transfers[j]; x.From == i {
				party.Gives = append(party.Gives, x.Item.String())
			}
		}
		v.Parties = append(v.Parties, party)
	}
	v.Arbitrator, _ = r.Terms.Arbitrator()
	for i := range r.Jury {
		v.Jury = append(v.Jury, r.Jury[i].ID)
	}
	return v
}

func printReport(w io.Writer, v *verified) error {
	var b strings.Builder
	switch {
	case !v.Verified:
		b.WriteString("This file is NOT verified. It claims:\n")
	case v.Kind == strings.ToLower(string(contract.VoidFile)):
		b.WriteString("Verified: the jury certifies that it will never complete this contract.\n")
	default:
		fmt.Fprintf(&b, "Verified: all %d parties signed this contract.\n", len(v.Parties))
	}
	fmt.Fprintf(&b, "\n%s\n\n", strings.TrimRight(show.Text(v.Text), "\n"))
	var rows [][]string
	for _, p := range v.Parties {
		did := "did not sign"
		switch {
		case p.Signed:
			did = "signed"
		case p.Accepted:
			did = "accepted"
		}
		rows = append(rows, []string{did, show.Name(p.Label, p.ID), p.ID.String(), "gives " + strings.Join(p.Gives, ", ")})
	}
	show.Table(&b, nil, rows)
	b.WriteByte('\n')
	roll := "the roll is not in the file"
	if v.Drawn {
		roll = "drawn from the roll of " + v.RollBy.String()
	}
	var named [][]string
	if !v.Arbitrator.IsZero() {
		named = [][]string{{"arbitrator", v.Arbitrator.String()}}
	}
	show.Table(&b, nil, append(named, [][]string{
		{"jury", fmt.Sprintf("%d, of whom %d may lie or be away without harm; %s", len(v.Jury), v.F, roll)},
		{"to sign until", show.Clock(v.Deadline)},
		{"proposal", v.Proposal.String()},
		{"session", v.M.String()},
	}...))
	b.WriteString("\nNames are the parties' own choice: compare the ids with cards that you have from them.\n")
	if v.Draw != nil {
		b.WriteByte('\n')
		if err := printDraw(&b, v.Draw); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
