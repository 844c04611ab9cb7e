package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
)

// redraw does `sxp verify --draw`: it computes the jury of a file again from
// the roll in it, or in rollFile.
func redraw(file []byte, rollFile string) (*contract.DrawReport, error) {
	var roll []byte
	if rollFile != "" {
		var err error
		if roll, err = readFile(rollFile, sxp.MaxMessage); err != nil {
			return nil, err
		}
	}
	d, err := contract.Redraw(file, roll)
	if err != nil && roll != nil && d == nil {
		if _, bad := contract.OpenRoll(contract.NewAlgebra(rand.Reader), roll); bad != nil {
			return nil, sxp.Errorf("sxp.verify", sxp.KindOf(bad), nil, "%s is no signed roll, as `sxp jury show LINK --file` writes it: %s", show.Line(rollFile), sxp.Reason(bad))
		}
	}
	if sxp.KindOf(err) == sxp.NotFound && d == nil {
		return nil, sxp.Errorf("sxp.verify", sxp.NotFound, nil, "%s: fetch it with `sxp jury show LINK --file roll.sxpr`, then `sxp verify FILE --roll roll.sxpr`", sxp.Reason(err))
	}
	return d, err
}

// printDraw writes a draw so that a person can follow it.
func printDraw(w io.Writer, d *contract.DrawReport) error {
	var b strings.Builder
	if d.Matches {
		fmt.Fprintf(&b, "The draw, computed again: the jury of this file is the one that the roll gives.\n")
	} else {
		fmt.Fprintf(&b, "The draw, computed again: the jury of this file is NOT the one that the roll gives.\n")
	}
	fmt.Fprintf(&b, "\n1. Everybody's share of the seed: nobody could choose their own.\n")
	var rows [][]string
	for _, p := range d.Parties {
		rows = append(rows, []string{"  " + show.Name(p.Label, p.ID), p.Draw.String()})
	}
	show.Table(&b, nil, rows)
	fmt.Fprintf(&b, "   SHA-256 of their sum is the seed:\n   %s\n", d.Seed)
	fmt.Fprintf(&b, "\n2. The roll: number %d of %s, %s, %d jurors; %s.\n", d.Number, d.RollBy, show.Clock(d.Issued), d.Listed, ruleText(d.Trace.Rule))
	if len(d.Trace.Excluded) == 0 {
		b.WriteString("   Nobody was left out.\n")
	}
	for _, s := range d.Trace.Excluded {
		fmt.Fprintf(&b, "   left out: %s, %s\n", s.ID.Short(), s.Why)
	}
	fmt.Fprintf(&b, "\n3. Order %d, one seat for each operator, at most %d of a tribe, until %d sit:\n", d.Trace.Try, d.PerTribe, d.N)
	rows = nil
	for _, s := range d.Trace.Steps {
		got := s.Why
		if s.Seat > 0 {
			got = fmt.Sprintf("seat %d", s.Seat)
		}
		rows = append(rows, []string{"  " + s.Rank.Short(), s.ID.Short(), "run by " + runBy(s), tribesOf(s), got})
	}
	show.Table(&b, nil, rows)
	if !d.Matches {
		b.WriteString("\nThe file's session has these instead:\n")
		for j, id := range d.Signed {
			fmt.Fprintf(&b, "  seat %d  %s\n", j+1, id)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ruleText(r contract.DrawRule) string {
	if r == contract.DrawByStrata {
		return "drawn by strata (rule 2 of spec/roll.md)"
	}
	return "drawn by lot (rule 1 of spec/roll.md)"
}

func runBy(s contract.DrawStep) string {
	if s.Operator == s.ID {
		return "itself"
	}
	return s.Operator.Short()
}

func tribesOf(s contract.DrawStep) string {
	var names []string
	for _, id := range s.Tribes {
		names = append(names, id.Short())
	}
	if len(names) == 0 {
		return "no tribe"
	}
	return "of " + strings.Join(names, ", ")
}
