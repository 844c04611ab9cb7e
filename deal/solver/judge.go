package solver

import (
	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
)

// An Entry is what one solver answered.
type Entry struct {
	Solver string
	Answer *lot.Answer // nil where it failed
	Err    error       // why
	Took   sxp.Duration
}

// ReadEntry reads the JSON of an answer that somebody hands in, under the name
// that it gives itself. It fails as lot.DecodeAnswer does.
func ReadEntry(text []byte) (Entry, error) {
	a, err := lot.DecodeAnswer(text)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Solver: a.Solver, Answer: a}, nil
}

// A Verdict is what is true of an entry.
type Verdict struct {
	Value  deal.Value // computed anew; zero where Err is not nil
	Bound  *int64     // that the answer claims and its certificate proves; nil: none
	Claim  error      // why its certificate proves nothing, if it has one
	Err    error      // why the entry counts for nothing; nil: it is right
	Proven bool       // nothing is worth more by the first goal, as some entry proves
}

// Judge checks all entries against the problem and returns what is true of
// each, and which is best by the problem's goals, the first of equal ones; -1
// where none is right. It takes time linear in the problem and the answers, and
// at most ProofWork for each certificate.
func Judge(p *lot.Problem, entries []Entry) (verdicts []Verdict, best int) {
	best = -1
	goals := Goals(p)
	proven := (*int64)(nil) // the best bound of all
	for i := range entries {
		v := judge(p, &entries[i])
		verdicts = append(verdicts, v)
		if v.Err != nil {
			continue
		}
		if best < 0 || v.Value.Compare(verdicts[best].Value, goals) > 0 {
			best = i
		}
		if v.Bound != nil && (proven == nil || tighter(goals[0], *v.Bound, *proven)) {
			proven = v.Bound
		}
	}
	for i := range verdicts {
		v := &verdicts[i]
		v.Proven = v.Err == nil && proven != nil && v.Value.Of(goals[0]) == *proven
	}
	return verdicts, best
}

// tighter reports whether a is the stronger of two bounds.
func tighter(goal deal.Goal, a, b int64) bool {
	if goal == deal.Cost {
		return a > b
	}
	return a < b
}

// Goals returns the goals of a problem, the usual ones where it names none. A
// name that is no goal is left out: a problem that was decoded has none.
func Goals(p *lot.Problem) []deal.Goal {
	var goals []deal.Goal
	for _, name := range p.Options.Goals {
		if g, ok := deal.GoalOf(name); ok {
			goals = append(goals, g)
		}
	}
	if len(goals) == 0 {
		return deal.DefaultGoals()
	}
	return goals
}

func judge(p *lot.Problem, e *Entry) (v Verdict) {
	const op = "solver.Judge"
	switch {
	case e.Err != nil:
		v.Err = e.Err
		return v
	case e.Answer == nil:
		v.Err = sxp.Errorf(op, sxp.Invalid, nil, "%s gave no answer", e.Solver)
		return v
	}
	if v.Value, v.Err = lot.Check(p, e.Answer); v.Err != nil {
		v.Value = deal.Value{}
		return v
	}
	if len(e.Answer.Certificate) > 0 {
		v.Bound, v.Claim = Proof(p, e.Answer, ProofWork)
	}
	return v
}

// ProofWork is how much work Judge spends on checking one certificate, in units
// of deal.Options.Budget.
const ProofWork = deal.DefaultBudget

// Proof returns the bound that an answer's certificate proves; it fails where it
// has none, or one that proves nothing, or not within so much work.
func Proof(p *lot.Problem, a *lot.Answer, work int64) (bound *int64, err error) {
	const op = "solver.Proof"
	if len(a.Certificate) == 0 {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "the answer has no certificate")
	}
	cert, err := deal.DecodeCertificate(a.Certificate)
	if err != nil {
		return nil, err
	}
	t, err := lot.Graph(p)
	if err != nil {
		return nil, err
	}
	rings, err := t.Rings(a)
	if err != nil {
		return nil, err
	}
	opt := t.Options
	opt.Budget = work
	v, err := deal.Verify(t.Graph, opt, rings, cert)
	if err != nil {
		return nil, err
	}
	if !v.Bounded {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "the certificate claims no bound")
	}
	return &v.Bound, nil
}
