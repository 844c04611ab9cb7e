package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
)

func (a *app) secretCmd() *cobra.Command {
	return group("secret", "Read what a signed contract opens, prove it, check such a proof",
		`Secret is for contracts that sell a secret: a password, a licence key, the key
of a file. The seller seals it into the deal, see `+"`sxp help propose deal`"+`. It
opens for the buyer if, and only if, the seller gets the complete contract.`,
		a.secretOpenCmd(), a.secretProofCmd(), a.secretVerifyCmd())
}

// transferFlag adds --transfer to a command about a secret.
func transferFlag(cmd *cobra.Command, in *agent.SecretRef) {
	cmd.Flags().IntVar(&in.Transfer, "transfer", 0, "which `number` of the contract's transfers, where both give a secret")
}

func (a *app) secretOpenCmd() *cobra.Command {
	var in agent.SecretRef
	var file string
	cmd := &cobra.Command{
		Use:   "open NUMBER",
		Short: "Show the secret that a signed contract gave you, or write it to a file",
		Long: `Open prints the secret of a contract that all have signed. Where what was sealed
does not open, or is not what was declared, it says so and exits 1:
` + "`sxp secret proof`" + ` then convicts the seller.`,
		Example: "  sxp secret open 1\n  sxp secret open 1 --file key.txt",
		Args:    args(1, 1, "the number from `sxp contracts`"),
	}
	transferFlag(cmd, &in)
	cmd.Flags().StringVar(&file, "file", "", "write the secret to `file`; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in.Deal = given[0]
		v, err := do[agent.SecretView](cmd.Context(), a, pull, "secret", in)
		if err != nil {
			return err
		}
		if file != "" && v.Wrong == "" {
			if err := a.save(file, v.Secret); err != nil {
				return err
			}
		}
		if err := a.answer(v, func(w io.Writer) error { return printSecret(w, v, file) }); err != nil || v.Wrong == "" {
			return err
		}
		return &outcome{Text: fmt.Sprintf("the secret of %s is wrong: %s. `sxp secret proof %s --file FILE` writes what convicts %s",
			show.Name(v.FromName, v.From), show.Line(v.Wrong), in.Deal, show.Name(v.FromName, v.From))}
	}
	return cmd
}

func printSecret(w io.Writer, v agent.SecretView, file string) error {
	var err error
	switch {
	case v.Wrong != "" || file == "-":
	case file != "":
		_, err = fmt.Fprintf(w, "%s of %s is in %s.\n", show.Line(v.Item), show.Name(v.FromName, v.From), file)
	case v.Text == "":
		_, err = fmt.Fprintf(w, "%s of %s has %d bytes that are no text: write them to a file with --file.\n", show.Line(v.Item), show.Name(v.FromName, v.From), len(v.Secret))
	default:
		_, err = fmt.Fprintln(w, strings.TrimSuffix(show.Text(v.Text), "\n"))
	}
	return err
}

func (a *app) secretProofCmd() *cobra.Command {
	var in agent.SecretRef
	var file string
	cmd := &cobra.Command{
		Use:   "proof NUMBER",
		Short: "Write the file that shows anybody what a seller sealed",
		Long: `Proof writes a file by which anybody sees what the seller of a secret gave you,
or that it gave you garbage: with ` + "`sxp secret verify`" + `, without network. The file
gives the secret away: show it only to who settles a dispute.`,
		Example: "  sxp secret proof 1 --file secret.sxps",
		Args:    args(1, 1, "the number from `sxp contracts`"),
	}
	transferFlag(cmd, &in)
	cmd.Flags().StringVar(&file, "file", "", "the `file` to write; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if file == "" {
			return usagef("secret proof needs --file")
		}
		in.Deal = given[0]
		f, err := do[agent.ContractFile](cmd.Context(), a, pull, "secret.proof", in)
		if err != nil {
			return err
		}
		return a.keep(f, file, "The proof is in %[1]s, with the secret. Anybody can check it: `sxp secret verify %[1]s`.\n")
	}
	return cmd
}

// secretVerified is what secret verify prints with --json.
type secretVerified struct {
	Proposal sxp.Hash  `json:"proposal"`
	M        sxp.Hash  `json:"m"`
	Title    string    `json:"title"`
	Transfer int       `json:"transfer"` // from 1
	Giver    sxp.ID    `json:"giver"`
	Taker    sxp.ID    `json:"taker"`
	Secret   sxp.Bytes `json:"secret,omitempty"`
	Wrong    string    `json:"wrong,omitempty"` // why the giver is convicted
}

func (a *app) secretVerifyCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check what a seller of a secret gave, without network and without a home",
		Long: `Verify reads a file of ` + "`sxp secret proof`" + `. It says what the secret was, or that
its seller is convicted by what it signed, and exits 1 then. Who wrote the file
need not be trusted.`,
		Example: "  sxp secret verify secret.sxps",
		Args:    args(1, 1, "a file of `sxp secret proof`"),
	}
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		raw, err := readFile(given[0], contract.MaxSecretProof)
		if err != nil {
			return err
		}
		r, err := contract.OpenSecretProof(raw)
		if err != nil {
			return err
		}
		giver, taker := r.Contract.Parties[r.Giver], r.Contract.Parties[r.Taker]
		v := secretVerified{Proposal: r.Contract.Proposal, M: r.Contract.M, Title: r.Contract.Title, Transfer: r.Transfer + 1,
			Giver: giver.ID, Taker: taker.ID, Secret: r.Text, Wrong: r.Wrong}
		from, to := show.Name(giver.Label, giver.ID), show.Name(taker.Label, taker.ID)
		if err := a.answer(v, func(w io.Writer) error {
			if r.Wrong != "" {
				return nil
			}
			_, err := fmt.Fprintf(w, "Verified: by transfer %d of %q, which both have signed, %s gave to %s the secret\n%s\n", v.Transfer, show.Line(v.Title), from, to, secretText(r.Text))
			return err
		}); err != nil || r.Wrong == "" {
			return err
		}
		return &outcome{Text: fmt.Sprintf("%s is convicted (%s): by transfer %d of the contract %s, %s", from, giver.ID, v.Transfer, v.Proposal.Short(), show.Line(r.Wrong))}
	}
	return cmd
}

func secretText(secret []byte) string {
	if !utf8.Valid(secret) {
		return fmt.Sprintf("(%d bytes that are no text)", len(secret))
	}
	return show.Text(string(secret))
}

// addSecret puts the secret in a file into the one thing that this person
// gives.
func addSecret(moves []agent.ComposeMove, give []string, file string, declare bool) error {
	switch {
	case file == "" && !declare:
		return nil
	case file == "":
		return usagef("--declare is for --secret")
	case len(give) != 1:
		return usagef("--secret needs exactly one --give: what the secret is")
	}
	secret, err := readFile(file, contract.MaxSecret)
	if err != nil {
		return err
	}
	if len(secret) == 0 {
		return usagef("%s is empty: there is no secret in it", file)
	}
	moves[0].Secret, moves[0].Declare = secret, declare
	return nil
}
