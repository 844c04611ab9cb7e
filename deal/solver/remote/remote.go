// Package remote lets programs and machines of others solve problems, and runs
// several solvers against each other.
//
// A [Command] is a program on this machine that reads a problem on standard
// input and writes an answer to standard output; an [HTTP] solver takes a
// problem by POST and answers with one. Both speak the JSON of
// spec/problem.md and nothing else, so a solver is written in any language in
// an afternoon (testdata/greedy.py). Time, size and, on Linux, memory of each
// are limited; what it answers is for solver.Judge to check.
package remote

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sxp"
	"sxp/deal/lot"
	"sxp/deal/solver"
)

// Limits of what a solver from outside may take.
const (
	// DefaultTime is how long it may take.
	DefaultTime = 10 * time.Second

	// DefaultMemory is how much memory a program may take, in bytes.
	DefaultMemory = 1 << 30

	// MaxStderr is how much of what a program says beside its answer is kept.
	MaxStderr = 4 << 10
)

// Run asks all solvers at once, gives each so much time, and returns what they
// answered, in their order, when the last has ended. Errors are logged and are
// part of the entries.
func Run(ctx context.Context, p *lot.Problem, all []solver.Solver, within time.Duration, log *slog.Logger) []solver.Entry {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	entries := make([]solver.Entry, len(all))
	var running sync.WaitGroup
	for i, s := range all {
		running.Go(func() {
			start := time.Now()
			a, err := s.Solve(ctx, p)
			entries[i] = solver.Entry{Solver: s.Name(), Answer: a, Err: err, Took: sxp.DurationOf(time.Since(start))}
			if err != nil {
				entries[i].Answer = nil
				log.Warn("a solver did not answer", "solver", s.Name(), "err", err)
			}
		})
	}
	running.Wait()
	return entries
}
