package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp/cmd/sxp/internal/problem"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal"
)

func (a *app) dealsCheckCmd() *cobra.Command {
	set, s := problem.Settings{}, solving{}
	cmd := &cobra.Command{
		Use:   "check FILE ANSWER",
		Short: "Check somebody's rings for a list, and the proof that they are the best",
		Long: `Check verifies an answer from anybody: that every ring is one that its people
would agree to, that nothing is given twice, that no limit is exceeded, what it
is worth; and, where the answer carries a proof, that no other is better. It
trusts nothing that the answer says of itself and searches for nothing.`,
		Example: "  sxp deals solve wants.txt --answer answer.json\n  sxp deals check wants.txt answer.json",
		Args:    args(2, 2, "a file and an answer"),
	}
	formatFlag(cmd, &set)
	s.caps.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.goals, "objective", "items,people,cost", "what is sought, most important first: `goals` of items, people, cost, worth, expected")
	f.IntVar(&s.each, "max-items", 0, "at most `n` items of each person are traded; 0: any number")
	f.Var(&s.keeps, "reliability", "how likely everybody keeps their word, for the objective expected (95%)")
	f.DurationVar(&s.time, "time", 5*time.Minute, "how `long` the proof may take to follow")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		start := time.Now()
		m, err := problem.Read(given[0], set)
		if err != nil {
			return err
		}
		data, err := readFile(given[1], problem.MaxAnswer)
		if err != nil {
			return err
		}
		opt, err := s.options(cmd, m)
		if err != nil {
			return err
		}
		opt.Budget = int64(s.time.Seconds() * perSecond)
		got, err := m.Load(data)
		if err != nil {
			return err
		}
		v, err := m.Verify(opt, got)
		out := verdictOf(opt, got, v, err)
		out.Seconds = time.Since(start).Seconds()
		if perr := a.answer(out, out.print); perr != nil {
			return perr
		}
		if err != nil {
			return &outcome{"the answer does not hold: " + show.Line(explain(err))}
		}
		return nil
	}
	return cmd
}

// verdict is what `sxp deals check --json` prints.
type verdict struct {
	Holds         bool    `json:"holds"`
	Error         string  `json:"error,omitempty"`
	Solver        string  `json:"solver,omitempty"` // what the answer calls its maker
	ItemsTraded   int     `json:"items_traded"`
	PeopleTrading int     `json:"people_trading"`
	Cost          int64   `json:"cost"`
	Expected      int64   `json:"expected,omitempty"`
	Rings         int     `json:"rings"`
	Goal          string  `json:"goal"`
	Value         int64   `json:"value"`
	Bound         int64   `json:"bound,omitempty"` // proven, where there is a proof
	Proof         bool    `json:"proof"`           // a proof came with it, and it holds
	Optimal       bool    `json:"optimal"`         // by the proof, in the first goal
	Exact         bool    `json:"exact"`           // by the proof, in all goals
	Seconds       float64 `json:"seconds"`
}

func verdictOf(opt deal.Options, got *problem.Solved, v deal.Verdict, err error) verdict {
	out := verdict{Holds: err == nil, Solver: got.Solver, Rings: len(got.Lines), Goal: opt.Goals[0].String()}
	if err != nil {
		out.Error = explainLine(err)
		return out
	}
	out.ItemsTraded, out.PeopleTrading, out.Cost, out.Expected = v.Value.Items, v.Value.People, v.Value.Cost, v.Value.Expected
	out.Value = v.Value.Of(opt.Goals[0])
	out.Proof, out.Bound, out.Optimal, out.Exact = v.Bounded, v.Bound, v.Optimal, v.Exact
	return out
}

func explainLine(err error) string { return show.Line(explain(err)) }

func (v verdict) print(w io.Writer) error {
	if !v.Holds {
		return nil // the outcome says it
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The answer holds: %s in %s; %s.\n", changeHands(v.ItemsTraded), counted(v.Rings, "ring", "rings"), trade(v.PeopleTrading))
	switch {
	case v.Exact:
		b.WriteString("Its proof holds: no answer is better in any of the goals.\n")
	case v.Optimal:
		fmt.Fprintf(&b, "Its proof holds: no answer is better in %s.\n", v.Goal)
	case v.Proof:
		fmt.Fprintf(&b, "Its proof holds: no answer has more than %s in %s, and this one has %s.\n", group3(v.Bound), v.Goal, group3(v.Value))
	default:
		b.WriteString("It comes without a proof that it is the best.\n")
	}
	fmt.Fprintf(&b, "%.2f s\n", v.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}
