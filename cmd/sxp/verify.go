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
	"sxp/internal/bls"
)

func (a *app) verifyCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a contract file, without network and without a home",
		Long: `Verify says who signed what, or why the file is not a contract that all of its
people signed. It needs nothing but the file: no network, no home, no keys. It
also checks void certificates, which say that the jury will never complete one.`,
		Example: "  sxp verify swap.sxpc",
		Args:    args(1, 1, "a contract file"),
	}
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		raw, err := readFile(given[0], contract.MaxFile)
		if err != nil {
			return err
		}
		r, err := contract.Verify(raw)
		if r == nil {
			return err
		}
		v := viewOf(r, err)
		if perr := a.answer(v, func(w io.Writer) error { return printReport(w, v) }); perr != nil {
			return perr
		}
		if err != nil {
			return &outcome{Text: "not verified: " + show.Line(explain(err)) + ". Do not rely on this file"}
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
		roll = "drawn by lot from the roll of " + v.RollBy.String()
	}
	show.Table(&b, nil, [][]string{
		{"jury", fmt.Sprintf("%d, of whom %d could lie without harm; %s", len(v.Jury), v.F, roll)},
		{"to sign until", show.Clock(v.Deadline)},
		{"proposal", v.Proposal.String()},
		{"session", v.M.String()},
	})
	b.WriteString("\nNames are the parties' own choice: compare the ids with cards that you have from them.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
