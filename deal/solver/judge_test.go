package solver_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
	"sxp/deal/solver"
)

// TestJudgeBelievesNothing: the best right answer wins by the declared goals,
// whatever the others claim, and the first of equal ones.
func TestJudgeBelievesNothing(t *testing.T) {
	g := new(deal.Graph)
	for u := range 4 {
		g.AddOffer(u)
	}
	for _, a := range [][3]int64{{0, 1, 1}, {1, 0, 1}, {1, 2, 0}, {2, 0, 0}, {2, 3, 5}, {3, 2, 5}} {
		if err := g.AddArc(deal.Node(a[0]), deal.Node(a[1]), a[2]); err != nil {
			t.Fatal(err)
		}
	}
	answer := func(p *lot.Problem, rings ...deal.Ring) *lot.Answer {
		t.Helper()
		tr, err := lot.Graph(p)
		if err != nil {
			t.Fatal(err)
		}
		a, err := tr.Answer(deal.Result{Rings: rings})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	p, _ := lot.FromGraph(g, deal.Defaults(), nil, nil)
	two, three := deal.Ring{0, 1}, deal.Ring{0, 1, 2}
	claims := answer(p, two)
	claims.Value.Items, claims.Optimal, claims.Exact = 100, true, true
	bound := int64(100)
	claims.Bound = &bound
	twice := answer(p, two)
	twice.Exchanges = append(twice.Exchanges, twice.Exchanges[0])
	unknown := answer(p, two)
	unknown.Exchanges[0].Uses[0].Bid = "nobody's"
	entries := []solver.Entry{
		{Solver: "boasts", Answer: claims},
		{Solver: "crashed", Err: errors.New("exit 1")},
		{Solver: "silent"},
		{Solver: "twice", Answer: twice},
		{Solver: "unknown", Answer: unknown},
		{Solver: "four", Answer: answer(p, two, deal.Ring{2, 3})},
		{Solver: "four again", Answer: answer(p, deal.Ring{2, 3}, two)},
		{Solver: "three", Answer: answer(p, three)},
	}
	verdicts, best := solver.Judge(p, entries)
	if best != 5 || verdicts[5].Value.Items != 4 {
		t.Errorf("best is %d: %+v", best, verdicts)
	}
	for i, wrong := range []bool{false, true, true, true, true, false, false, false} {
		if (verdicts[i].Err != nil) != wrong {
			t.Errorf("%s: %v", entries[i].Solver, verdicts[i].Err)
		}
	}
	if v := verdicts[0]; v.Value.Items != 2 || v.Bound != nil || v.Proven {
		t.Errorf("a claim counts: %+v", v)
	}

	// By costs first, the same answers stand otherwise.
	p.Options.Goals = []string{"cost", "items"}
	if _, best := solver.Judge(p, entries[5:]); best != 2 {
		t.Errorf("by costs %d is best, want the ring of three", best)
	}
	if _, best := solver.Judge(p, entries[1:5]); best != -1 {
		t.Errorf("a wrong answer is best: %d", best)
	}
}

// TestSolversAnswer: both solvers answer in the JSON form, their answers are
// right, name who they are from, and end with the context.
func TestSolversAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, opt := drawGraph(t), drawOptions(t)
		p, _ := lot.FromGraph(g, opt, nil, nil)
		text, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if p, err = lot.DecodeProblem(text); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		if rapid.Bool().Draw(t, "stopped") {
			stop()
		}
		for _, s := range []solver.Solver{solver.Exact{Budget: 500_000}, solver.Fast{Budget: 500_000}} {
			a, err := s.Solve(ctx, p)
			if err != nil {
				t.Fatalf("%s: %v", s.Name(), err)
			}
			if _, best := solver.Judge(p, []solver.Entry{{Solver: s.Name(), Answer: a}}); best != 0 || a.Solver != s.Name() {
				t.Errorf("%s: its answer, by %q, counts for nothing", s.Name(), a.Solver)
			}
		}
	})
}

func TestGoalsOfAProblem(t *testing.T) {
	p := &lot.Problem{}
	if got := solver.Goals(p); !slices.Equal(got, deal.DefaultGoals()) {
		t.Errorf("no goals: %v", got)
	}
	p.Options.Goals = []string{"expected", "cost"}
	if got := solver.Goals(p); !slices.Equal(got, []deal.Goal{deal.Expected, deal.Cost}) {
		t.Errorf("goals: %v", got)
	}
	if _, err := (solver.Fast{}).Solve(context.Background(), &lot.Problem{Format: "other"}); sxp.KindOf(err) == "" {
		t.Error("a problem of another format is solved")
	}
}

// TestOnlyProofsCount: a bound counts where its certificate proves it, for all
// who reach it; one that was tampered with proves nothing, and the answer stays
// what it is.
func TestOnlyProofsCount(t *testing.T) {
	g := new(deal.Graph)
	for u := range 5 {
		g.AddOffer(u)
	}
	for _, a := range [][2]deal.Node{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {2, 3}, {3, 2}, {3, 4}, {4, 3}} {
		if err := g.AddArc(a[0], a[1], 0); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := lot.FromGraph(g, deal.Options{MaxRing: 3}, nil, nil)
	exact, err := solver.Exact{}.Solve(context.Background(), p)
	if err != nil || len(exact.Certificate) == 0 {
		t.Fatalf("no certificate: %v", err)
	}
	fast, err := solver.Fast{Budget: 100_000}.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	tampered := *exact
	cert, err := deal.DecodeCertificate(exact.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	cert.Proofs[0].Bound--
	if tampered.Certificate, err = cert.Encode(); err != nil {
		t.Fatal(err)
	}
	verdicts, best := solver.Judge(p, []solver.Entry{{Solver: "fast", Answer: fast}, {Solver: "tampered", Answer: &tampered}})
	if best != 0 || verdicts[0].Proven || verdicts[1].Proven || verdicts[1].Bound != nil || verdicts[1].Claim == nil || verdicts[1].Err != nil {
		t.Errorf("a tampered proof counts: %+v", verdicts)
	}
	verdicts, _ = solver.Judge(p, []solver.Entry{{Solver: "fast", Answer: fast}, {Solver: "exact", Answer: exact}})
	if v := verdicts[1]; v.Bound == nil || *v.Bound != 4 || v.Claim != nil || !v.Proven || !verdicts[0].Proven {
		t.Errorf("a proof counts for nothing: %+v", verdicts)
	}
}
