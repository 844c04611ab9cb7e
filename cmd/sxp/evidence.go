package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract/evidence"
)

// more are the operations that the agent of this program has besides agent.Ops.
func (s served) more() agent.Table {
	return agent.Table{
		opRefresh: agent.Typed(func(ctx context.Context, _ agent.None) (troubles, error) { return troubles{round(ctx, s.Agent)}, nil }),
		"kept":    agent.Typed(s.Kept),
		"rated":   agent.Typed(s.TakeRating),
		"compose": agent.Typed(s.ComposeClauses),
	}
}

// Do implements agent.Doer.
func (s served) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	if more := s.more(); more.Types()[op] != (agent.OpType{}) {
		return more.Do(ctx, op, in)
	}
	return s.Agent.Do(ctx, op, in)
}

func (a *app) evidenceCmd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "evidence NUMBER",
		Short: "Write all that you hold of the making of a contract to one file, for a court",
		Long: `Evidence writes one file with what your device holds of the making of a contract:
the contract or the jury's certificate, the signed messages of all, proofs that
somebody broke a rule, and ratings. It is a zip folder with a page for people.
Who gets it needs neither your keys nor trust in you: ` + "`sxp verify FILE`" + ` checks
every signature without network, and says what is proven and what is not.

The file shows the terms and who the people are, never a secret that the
contract sells, nor letters: ` + "`sxp secret proof`" + ` shows a secret.`,
		Example: "  sxp evidence 1 --file swap.zip",
		Args:    args(1, 1, "the number from `sxp contracts` or `sxp deals`"),
	}
	cmd.Flags().StringVarP(&file, "file", "o", "", "the `file` to write; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if file == "" {
			return usagef("evidence needs --file")
		}
		k, err := do[agent.Kept](cmd.Context(), a, pull, "kept", agent.DealRef{Deal: given[0]})
		if err != nil {
			return err
		}
		data, err := evidence.Build(rand.Reader, evidence.Bundle{File: k.File, Session: k.Session, Faults: k.Faults, Messages: k.Messages})
		if err != nil {
			return err
		}
		if err := a.save(file, data); err != nil {
			return err
		}
		return a.answer(agent.ContractFile{Name: k.Name + ".zip", Data: data}, func(w io.Writer) error {
			if file == "-" {
				return nil
			}
			_, err := fmt.Fprintf(w, "The evidence is in %s. Anybody can check it: `sxp verify %s`.\n", file, file)
			return err
		})
	}
	return cmd
}

// verifyEvidence is verify for a file of evidence.
func (a *app) verifyEvidence(raw []byte) error {
	r, err := evidence.Open(rand.Reader, raw)
	if err != nil {
		return err
	}
	return a.answer(r, func(w io.Writer) error { return printEvidence(w, r) })
}

func printEvidence(w io.Writer, r *evidence.Report) error {
	var b strings.Builder
	switch r.Outcome {
	case evidence.OutcomeContract:
		b.WriteString("Verified: every message in this file. All parties signed the contract.\n")
	case evidence.OutcomeVoid:
		b.WriteString("Verified: every message in this file. The jury certifies that it will never complete the contract.\n")
	default:
		b.WriteString("Verified: every message in this file. It holds neither a contract nor a certificate that there is none.\n")
	}
	fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(show.Text(r.Text), "\n"))
	b.WriteString("\nWho said what:\n")
	var rows [][]string
	for _, l := range r.Timeline() {
		at := "no time named"
		if l.At != 0 {
			at = show.Clock(l.At)
		}
		rows = append(rows, []string{"  " + at, show.Line(l.Who), show.Line(strings.ReplaceAll(l.Text, "\n", " "))})
	}
	if err := show.Table(&b, nil, rows); err != nil {
		return err
	}
	b.WriteString("\nBroken rules:\n")
	for _, f := range r.Broken {
		fmt.Fprintf(&b, "  %s (%s): %s. Proof: %s.\n", show.Line(f.Who), f.By, f.Text, f.Proof)
	}
	if len(r.Broken) == 0 {
		b.WriteString("  None is proved by this file.\n")
	}
	section(&b, "Proven, by signatures alone:", r.Proven)
	section(&b, "NOT proven:", r.Unproven)
	b.WriteString("\n")
	for i, p := range r.Parties {
		fmt.Fprintf(&b, "party %d is %s, %s\n", i+1, show.Line(p.Label), p.ID)
	}
	if !r.Arbitrator.IsZero() {
		fmt.Fprintf(&b, "the terms name as arbitrator %s\n", r.Arbitrator)
	}
	fmt.Fprintf(&b, "proposal %s\n", r.Proposal)
	if r.M != (sxp.Hash{}) {
		fmt.Fprintf(&b, "session  %s\n", r.M)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func section(b *strings.Builder, head string, lines []string) {
	fmt.Fprintf(b, "\n%s\n", head)
	for _, l := range lines {
		fmt.Fprintf(b, "  %s\n", show.Line(l))
	}
}
