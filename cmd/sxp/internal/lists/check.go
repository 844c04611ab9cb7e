package lists

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/problem"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal"
)

func (t *Tool) checkCmd() *cobra.Command {
	set, s := problem.Settings{}, solving{}
	cmd := &cobra.Command{
		Use:   "check FILE ANSWER",
		Short: "Check somebody's rings for a list, and the proof that they are the best",
		Long: `Check verifies an answer from anybody: that every ring is one that its people
would agree to, that nothing is given twice, that no limit is exceeded, what it
is worth; and, where the answer carries a proof, that the proof holds, and of
what it is one. It trusts nothing that the answer says of itself and searches for
nothing. What is sought must be said here as it was to the solver: --max-ring,
--objective and so on.`,
		Example: "  sxp deals check wants.txt answer.json\n  sxp deals check pool.wmd answer.json --max-ring 3 --max-chain 4",
		Args:    cli.Args(2, 2, "a file and an answer"),
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
		data, err := cli.ReadFile(given[1], problem.MaxAnswer)
		if err != nil {
			return err
		}
		opt, err := s.options(cmd, m)
		if err != nil {
			return err
		}
		opt.Budget = int64(s.time.Seconds() * perSecond)
		got, err := m.Load(data)
		var v deal.Verdict
		if err == nil {
			v, err = m.Verify(opt, got)
		}
		out := verdictOf(opt, got, v, err)
		out.RingsHold = out.Holds || got != nil && m.Holds(opt, got)
		out.Seconds = time.Since(start).Seconds()
		if perr := t.answer(out, out.print); perr != nil {
			return perr
		}
		if out.RingsHold && !out.Holds {
			return &cli.Outcome{Text: "the rings hold, but not the proof that came with them: " + out.Error + " (were they found with the same options?)"}
		}
		if err != nil {
			return &cli.Outcome{Text: "the answer does not hold: " + out.Error}
		}
		return nil
	}
	return cmd
}

// verdict is what `sxp deals check --json` prints.
type verdict struct {
	Holds         bool    `json:"holds"`
	RingsHold     bool    `json:"rings_hold"` // whatever is with the proof
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

	Certifies []string `json:"certifies"` // goals in which the proof shows that none is better, in their order
	Claims    bool     `json:"claims"`    // it calls itself the best in more goals than it proves

	bySelf string // "in items", or "in all goals"
	chains int
	rich   bool
}

func verdictOf(opt deal.Options, got *problem.Solved, v deal.Verdict, err error) verdict {
	out := verdict{Holds: err == nil, Goal: opt.Goals[0].String(), Certifies: []string{}}
	if err != nil {
		out.Error = explainLine(err)
	}
	if got == nil { // it could not even be read
		return out
	}
	out.Solver = got.Solver
	for _, l := range got.Lines {
		times := int(max(l.Times, 1))
		if out.Rings += times; l.Chain {
			out.chains += times
		}
	}
	if err != nil {
		return out
	}
	for _, g := range opt.Goals[:got.Proven(opt.Goals, v)] {
		out.Certifies = append(out.Certifies, g.String())
	}
	switch {
	case got.Exact && !v.Exact:
		out.Claims, out.bySelf = true, "all of "+goalNames(opt.Goals)
	case got.Optimal && !v.Optimal:
		out.Claims, out.bySelf = true, out.Goal
	}
	out.rich = got.Rich()
	out.ItemsTraded, out.PeopleTrading, out.Cost, out.Expected = v.Value.Items, v.Value.People, v.Value.Cost, v.Value.Expected
	out.Value = v.Value.Of(opt.Goals[0])
	out.Proof, out.Bound, out.Optimal, out.Exact = v.Bounded, v.Bound, v.Optimal, v.Exact
	return out
}

func goalNames(goals []deal.Goal) string {
	var names []string
	for _, g := range goals {
		names = append(names, g.String())
	}
	return strings.Join(names, ", ")
}

func explainLine(err error) string { return show.Line(cli.Explain(err, nil)) }

func (v verdict) print(w io.Writer) error {
	if !v.Holds {
		return nil // the outcome says it
	}
	var b strings.Builder
	rings := inRings(v.Rings, v.chains)
	if v.rich {
		rings = Counted(v.Rings, "exchange", "exchanges")
	}
	if v.Rings == 0 {
		b.WriteString("The answer holds: nothing changes hands.\n")
	} else {
		fmt.Fprintf(&b, "The answer holds: %s in %s; %s.\n", changeHands(v.ItemsTraded), rings, trade(v.PeopleTrading))
	}
	switch {
	case v.Optimal:
		fmt.Fprintf(&b, "Its proof holds: no answer is better in %s.\n", strings.Join(v.Certifies, ", then in "))
	case v.Proof && v.Goal == "cost":
		fmt.Fprintf(&b, "Its proof holds: no answer costs less than %s, and this one costs %s.\n", group3(v.Bound), group3(v.Value))
	case v.Proof:
		fmt.Fprintf(&b, "Its proof holds: no answer has more than %s in %s, and this one has %s.\n", amountOf(v.Goal, v.Bound), v.Goal, amountOf(v.Goal, v.Value))
	case v.Claims:
	default:
		b.WriteString("It comes without a proof that it is the best.\n")
	}
	if v.Claims {
		fmt.Fprintf(&b, "It calls itself the best in %s; it has no proof of that.\n", v.bySelf)
	}
	fmt.Fprintf(&b, "%.2f s\n", v.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}
