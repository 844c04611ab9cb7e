package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal"
	"sxp/deal/lot"
	"sxp/deal/solver"
	"sxp/deal/solver/remote"
)

// How long solvers take unless the problem or the person says otherwise.
const (
	exactTime = 60 * time.Second
	fastTime  = 5 * time.Second
)

// workPerSecond is above what any machine does in a second, in units of
// deal.Options.Budget: the clock ends a search, not the budget.
const workPerSecond = 400_000_000

func (a *app) solverCmd() *cobra.Command {
	return group("solver", "Answer a problem as a solver, or let solvers compete",
		`A solver reads a problem as JSON and writes an answer as JSON (spec/problem.md).
These two do, and so may any program of yours in any language: spec/solvers.md
says how, and how a market's node asks it.`,
		a.solverOwnCmd("exact", exactTime, "Solve a problem, with a proof where it can",
			`Exact reads a problem from standard input or a file, and writes the best answer
that it found to standard output, with a bound. It ends when it is proven, or
when the time is up: what the problem says, or 60 s.`,
			func(budget int64) solver.Solver { return solver.Exact{Budget: budget} }),
		a.solverOwnCmd("fast", fastTime, "Solve a problem by local search, within a time",
			`Fast reads a problem from standard input or a file, and writes a good answer to
standard output. It goes on as long as that helps, for what the problem says or
5 s at most, lists no rings and proves nothing: for markets that are too large or
too dense.`,
			func(budget int64) solver.Solver { return solver.Fast{Budget: budget} }),
		a.solverContestCmd())
}

// solverOwnCmd is one of our own solvers, as others may imitate it.
func (a *app) solverOwnCmd(name string, usual time.Duration, short, long string, of func(budget int64) solver.Solver) *cobra.Command {
	var within show.Duration
	var work int64
	cmd := &cobra.Command{
		Use: name + " [FILE]", Short: short, Long: long,
		Example: fmt.Sprintf("  sxp solver %s problem.json > answer.json\n  sxp solver %s --time 10s", name, name),
		Args:    args(0, 1, ""),
	}
	cmd.Flags().Var(&within, "time", "how long at most")
	cmd.Flags().Int64Var(&work, "work", 0, "`steps` at most, for the same answer on every machine (default: by time)")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		p, err := a.readProblem(given)
		if err != nil {
			return err
		}
		limit := timeFor(p, sxp.Duration(within), usual)
		ctx, stop := context.WithTimeout(cmd.Context(), limit)
		defer stop()
		if work <= 0 {
			work = int64(limit.Seconds()+1) * workPerSecond
		}
		ans, err := of(work).Solve(ctx, p)
		if err != nil {
			return err
		}
		raw, err := ans.Encode()
		if err != nil {
			return err
		}
		_, err = a.out.Write(raw)
		return err
	}
	return cmd
}

// timeFor is how long a solver has: what the person says, else the problem,
// else what is usual.
func timeFor(p *lot.Problem, said sxp.Duration, usual time.Duration) time.Duration {
	if said > 0 {
		return said.Std()
	}
	if d, err := time.ParseDuration(string(p.Options.Seconds) + "s"); err == nil && d > 0 && p.Options.Seconds != "" {
		return d
	}
	return usual
}

// readProblem reads the problem in a file, or on standard input.
func (a *app) readProblem(given []string) (*lot.Problem, error) {
	if len(given) == 1 {
		raw, err := readFile(given[0], lot.MaxBytes)
		if err != nil {
			return nil, err
		}
		return lot.DecodeProblem(raw)
	}
	raw, err := io.ReadAll(io.LimitReader(a.in, lot.MaxBytes+1))
	if err != nil {
		return nil, sxp.Errorf("sxp.solver", sxp.Invalid, nil, "standard input: %w", err)
	}
	return lot.DecodeProblem(raw)
}

// A contestant is one line of a contest.
type contestant struct {
	Solver  string       `json:"solver"`
	Value   *deal.Value  `json:"value,omitempty"` // computed anew
	Bound   *int64       `json:"bound,omitempty"` // that it proves
	Proven  bool         `json:"proven"`          // nothing is better by the first goal
	Best    bool         `json:"best"`
	Error   string       `json:"error,omitempty"` // why its answer counts for nothing
	Seconds float64      `json:"seconds"`
	Took    sxp.Duration `json:"-"`
}

func (a *app) solverContestCmd() *cobra.Command {
	var with []string
	var within show.Duration
	var memory int64
	var save string
	cmd := &cobra.Command{
		Use:   "contest FILE",
		Short: "Let several solvers answer one problem, and compare their answers",
		Long: `Contest gives one problem to several solvers at once, checks what they answer
and compares it by the goals that the problem declares. A solver is exact, fast,
a URL that takes problems by POST, or a program with its arguments. None is
believed: values are computed anew, and a bound counts only with its proof.`,
		Example: `  sxp solver contest problem.json --with exact --with fast
  sxp solver contest problem.json --with "python3 greedy.py" --with https://solver.example/ --time 30s`,
		Args: args(1, 1, "a problem"),
	}
	f := cmd.Flags()
	f.StringArrayVar(&with, "with", nil, "a `solver`; may be repeated (default exact and fast)")
	f.Var(&within, "time", "how long each may take (default what the problem says, or 10s)")
	f.Int64Var(&memory, "memory", 0, "`MiB` that each program may take (default 1024)")
	f.StringVar(&save, "answer", "", "write the best answer to a new `file`")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		p, err := a.readProblem(given)
		if err != nil {
			return err
		}
		limit := timeFor(p, sxp.Duration(within), remote.DefaultTime)
		var all []solver.Solver
		if len(with) == 0 {
			with = []string{"exact", "fast"}
		}
		for _, text := range with {
			s, err := solverOf(text, limit, memory<<20)
			if err != nil {
				return err
			}
			all = append(all, s)
		}
		entries := remote.Run(cmd.Context(), p, all, limit, nil)
		verdicts, best := solver.Judge(p, entries)
		lines := make([]contestant, len(entries))
		for i, e := range entries {
			lines[i] = contestantOf(e, verdicts[i], i == best)
		}
		if best >= 0 && save != "" {
			raw, err := entries[best].Answer.Encode()
			if err != nil {
				return err
			}
			if err := a.save(save, raw); err != nil {
				return err
			}
		}
		if err := a.answer(lines, func(w io.Writer) error { return printContest(w, lines) }); err != nil {
			return err
		}
		if best < 0 {
			return &outcome{Text: "none of the solvers gave a right answer"}
		}
		return nil
	}
	return cmd
}

// solverOf is the solver that a person names.
func solverOf(text string, limit time.Duration, memory int64) (solver.Solver, error) {
	words := strings.Fields(text)
	switch {
	case len(words) == 0:
		return nil, usagef("--with needs a solver: exact, fast, a URL or a program")
	case text == "exact":
		return solver.Exact{Budget: int64(limit.Seconds()+1) * workPerSecond}, nil
	case text == "fast":
		return solver.Fast{Budget: int64(limit.Seconds()+1) * workPerSecond}, nil
	case strings.Contains(text, "://"):
		return &remote.HTTP{Label: text, URL: text, Time: limit}, remote.CheckURL(text)
	}
	return &remote.Command{Label: text, Args: words, Time: limit, Memory: memory}, nil
}

func contestantOf(e solver.Entry, v solver.Verdict, best bool) contestant {
	c := contestant{Solver: e.Solver, Bound: v.Bound, Proven: v.Proven, Best: best, Seconds: e.Took.Std().Seconds(), Took: e.Took}
	if v.Err != nil {
		c.Error = sxp.Reason(v.Err)
		return c
	}
	c.Value = &v.Value
	return c
}

func printContest(w io.Writer, lines []contestant) error {
	var rows [][]string
	for _, c := range lines {
		row := []string{"", show.Line(c.Solver), "", "", "", fmt.Sprintf("%.2f s", c.Seconds), show.Line(c.Error)}
		if c.Best {
			row[0] = "*"
		}
		if c.Value != nil {
			row[2], row[3], row[4] = fmt.Sprint(c.Value.Items), fmt.Sprint(c.Value.People), fmt.Sprint(c.Value.Cost)
			if c.Proven {
				row[6] = "proven best by the first goal"
			}
		}
		rows = append(rows, row)
	}
	return show.Table(w, []string{"", "SOLVER", "ITEMS", "PEOPLE", "COST", "TIME", ""}, rows)
}
