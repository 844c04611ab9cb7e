package main

import (
	"io"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/lists"
	"sxp/cmd/sxp/internal/problem"
	"sxp/cmd/sxp/internal/show"
)

// withTools puts the commands that need no home under `sxp deals`.
func (a *app) withTools(deals *cobra.Command) *cobra.Command {
	t := &lists.Tool{Name: "sxp deals", Out: a.out, Err: a.err, JSON: &a.json, Own: a.explainOwn}
	deals.AddCommand(t.Commands()...)
	return deals
}

// explainOwn explains an announcement of one's own.
func (a *app) explainOwn(cmd *cobra.Command, number string) error {
	for _, name := range []string{"format", "strict", "no-money", "limits", "max-ring", "max-chain", "answer", "time"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s goes with a file", name)
		}
	}
	w, err := do[agent.WhyView](cmd.Context(), a, pull, "why", agent.ItemRef{Item: number})
	if err != nil {
		return err
	}
	v := lists.Explanation{Item: "it", Reason: w.Reason, Wishes: w.Wishes, Wanted: w.Wanted, Shortest: w.Shortest, More: w.More}
	for _, r := range w.Rings {
		l := problem.Line{}
		for _, m := range r.Moves {
			l.Moves = append(l.Moves, problem.Move{From: show.Name(m.FromName, m.From), Item: m.Item, To: show.Name(m.ToName, m.To)})
		}
		lost := lists.LostRing{Ring: l.String(), Items: len(r.Moves)}
		if r.Breaks > 0 {
			lost.Instead = []string{lists.Counted(r.Breaks, "ring", "rings") + " that trade more together"}
		}
		v.Rings = append(v.Rings, lost)
	}
	for _, t := range w.Take {
		v.Take = append(v.Take, lists.Advised{Item: t.Item, Owner: show.Name(t.OwnerName, t.Owner), Items: t.Items, Free: t.Free})
	}
	return a.answer(w, func(out io.Writer) error { return v.Print(out, w.MaxRing) })
}
