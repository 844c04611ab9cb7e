package node

import (
	"slices"
	"strings"
	"time"

	"sxp"
	"sxp/deal/solver/remote"
)

// checkSolvers reads which solvers the operator lets the finder ask. Whether a
// program is there shows when it is asked: it may be installed meanwhile.
func (c *Config) checkSolvers(s *settings) error {
	const op = "node.Open"
	if c.SolverTime != "" {
		d, err := time.ParseDuration(c.SolverTime)
		if err != nil || d < time.Millisecond || d > time.Hour {
			return sxp.Errorf(op, sxp.Invalid, nil, "solver_time: %q is not a span such as 2s, from 1ms to 1h", c.SolverTime)
		}
		s.wait = d
	}
	if c.FinderWork < 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "finder_work: 0 (the default) or more steps, not %d", c.FinderWork)
	}
	if len(c.Solvers) > maxSolvers {
		return sxp.Errorf(op, sxp.TooLarge, nil, "solvers: at most %d, not %d", maxSolvers, len(c.Solvers))
	}
	if len(c.Solvers) > 0 && (!c.Board || !c.Finder) {
		return sxp.Errorf(op, sxp.Invalid, nil, "solvers: only a node with boards and a finder asks them")
	}
	names := []string{ownFinder}
	for _, v := range c.Solvers {
		switch {
		case v.Name == "" || len(v.Name) > maxSolverName || strings.HasPrefix(v.Name, handedIn) || solverName(v.Name) != handedIn+v.Name:
			return sxp.Errorf(op, sxp.Invalid, nil, "solvers: the name %.100q must have 1 to %d printable bytes and not begin with %s", v.Name, maxSolverName, handedIn)
		case slices.Contains(names, v.Name):
			return sxp.Errorf(op, sxp.Invalid, nil, "solvers: the name %q is taken", v.Name)
		case (len(v.Command) == 0) == (v.URL == ""):
			return sxp.Errorf(op, sxp.Invalid, nil, "solvers: %s needs either a command or a url", v.Name)
		case v.MemoryMiB < 0 || v.MemoryMiB > 1<<20:
			return sxp.Errorf(op, sxp.Invalid, nil, "solvers: %s: memory_mib is 0 (the default) to %d, not %d", v.Name, 1<<20, v.MemoryMiB)
		}
		names = append(names, v.Name)
		if v.URL == "" {
			s.solvers = append(s.solvers, &remote.Command{Label: v.Name, Args: v.Command, Dir: c.Dir, Memory: int64(v.MemoryMiB) << 20, Answer: maxAnswer, Time: s.wait})
			continue
		}
		if err := remote.CheckURL(v.URL); err != nil {
			return sxp.Errorf(op, sxp.Invalid, nil, "solvers: %s: url: %w", v.Name, err)
		}
		s.solvers = append(s.solvers, &remote.HTTP{Label: v.Name, URL: v.URL, Answer: maxAnswer, Time: s.wait})
	}
	return nil
}
