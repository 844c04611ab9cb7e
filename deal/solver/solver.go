// Package solver lets several programs compete for the best rings.
//
// A [Solver] answers a problem of package deal/lot. Two come with SXP: [Exact],
// which proves what it can, and [Fast], a local search that may be stopped at
// any moment. Package deal/solver/remote asks programs and machines of others.
// [Judge] checks every answer against the problem, whoever it comes from, and
// says which is best by the goals that the problem declares; it believes no
// claim that is not proven. [Market] writes a market's board as a problem, and
// reads the rings of an answer back as transfers.
//
// Nothing here has a clock: whoever has one ends the context.
package solver

import (
	"context"

	"sxp/deal"
	"sxp/deal/lot"
)

// A Solver answers problems. It is safe for concurrent use.
type Solver interface {
	// Name is short: for logs, scores and the field "solver" of an answer.
	Name() string

	// Solve returns an answer that the caller owns. It neither keeps nor
	// changes p. When ctx ends it returns the best so far, soon, or fails. What
	// it returns may be wrong: see Judge.
	Solve(ctx context.Context, p *lot.Problem) (*lot.Answer, error)
}

// Exact is lot.Solve: proven where the work allows, with a certificate where
// the problem is one of package deal.
type Exact struct {
	Budget   int64                    // of work, see deal.Options; 0: the usual
	Progress func(deal.Progress) bool // may be nil; false ends the search
}

// Name implements Solver.
func (Exact) Name() string { return "exact" }

// Solve implements Solver.
func (x Exact) Solve(ctx context.Context, p *lot.Problem) (*lot.Answer, error) {
	return signed(x.Name())(lot.Solve(p, lot.SolveOptions{Budget: x.Budget, Progress: func(now deal.Progress) bool {
		return ctx.Err() == nil && (x.Progress == nil || x.Progress(now))
	}}))
}

// Fast is Search: good rings soon, without a proof.
type Fast struct {
	Budget int64 // of work, see deal.Options; 0: the usual
}

// Name implements Solver.
func (Fast) Name() string { return "fast" }

// Solve implements Solver. It fails with Unsupported where a problem is not
// simple (see lot.Graph).
func (x Fast) Solve(ctx context.Context, p *lot.Problem) (*lot.Answer, error) {
	t, err := lot.Graph(p)
	if err != nil {
		return nil, err
	}
	opt := t.Options
	opt.Budget = x.Budget
	r, err := Search(t.Graph, opt, func() bool { return ctx.Err() != nil })
	if err != nil {
		return nil, err
	}
	a, err := signed(x.Name())(t.Answer(r))
	if err == nil && t.Options.MaxRing != 0 && !r.Optimal {
		a.Bound = nil // it is no more than a guess of what could be
	}
	return a, err
}

// signed names who answers.
func signed(name string) func(*lot.Answer, error) (*lot.Answer, error) {
	return func(a *lot.Answer, err error) (*lot.Answer, error) {
		if err != nil {
			return nil, err
		}
		a.Solver = name
		return a, nil
	}
}
