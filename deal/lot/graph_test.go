package lot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// drawGraph makes a small market of one thing for one thing.
func drawGraph(t *rapid.T) *deal.Graph {
	g := new(deal.Graph)
	people := rapid.IntRange(2, 4).Draw(t, "people")
	who := func() int { return rapid.IntRange(0, people-1).Draw(t, "owner") }
	for range rapid.IntRange(2, 6).Draw(t, "offers") {
		g.AddOffer(who())
	}
	for range rapid.IntRange(0, 1).Draw(t, "gifts") {
		g.AddGift(who())
	}
	for range rapid.IntRange(0, 1).Draw(t, "needs") {
		g.AddNeed(who())
	}
	first := g.Len()
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		g.AddGroup(who(), rapid.IntRange(1, 2).Draw(t, "k"))
	}
	for range rapid.IntRange(0, 24).Draw(t, "arcs") {
		from, to := rapid.IntRange(0, g.Len()-1).Draw(t, "from"), rapid.IntRange(0, g.Len()-1).Draw(t, "to")
		if from >= first && to >= first && from >= to {
			continue // groups that form no cycle
		}
		_ = g.AddArc(deal.Node(from), deal.Node(to), int64(rapid.IntRange(0, 3).Draw(t, "cost"))) // senseless ones are refused
	}
	if rapid.IntRange(0, 3).Draw(t, "limit") == 0 {
		l := g.AddLimit(int64(rapid.IntRange(0, 3).Draw(t, "most")))
		for n := range 3 {
			_ = g.Charge(l, deal.Node(n), int64(rapid.IntRange(0, 2).Draw(t, "weight")))
		}
	}
	if rapid.Bool().Draw(t, "unsure") {
		g.SetReliability(0, 700_000)
	}
	return g
}

// A graph written as a problem and read again is the same graph.
func TestGraphsAreProblems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		p, place := FromGraph(g, deal.Options{MaxRing: 3}, nil, nil)
		text, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if p, err = DecodeProblem(text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		tr, err := Graph(p)
		if err != nil {
			t.Fatal(err)
		}
		h := tr.Graph
		for n := range deal.Node(g.Len()) {
			if place[n] < 0 {
				if !g.IsNeed(n) || len(g.Arcs(n)) > 0 {
					t.Fatalf("node %d is lost", n)
				}
				continue
			}
			x := place[n]
			same := h.IsGroup(x) == g.IsGroup(n) && h.IsGift(x) == g.IsGift(n) && h.IsNeed(x) == g.IsNeed(n) && h.Capacity(x) == g.Capacity(n)
			arcs := slices.EqualFunc(g.Arcs(n), h.Arcs(x), func(a, b deal.Arc) bool { return place[a.To] == b.To && a.Cost == b.Cost })
			if !same || !arcs || h.Reliability(h.Owner(x)) != g.Reliability(g.Owner(n)) {
				t.Fatalf("node %d: %v, was %v\n%s", n, h.Arcs(x), g.Arcs(n), text)
			}
		}
		if h.NumLimits() != g.NumLimits() {
			t.Errorf("%d limits, were %d", h.NumLimits(), g.NumLimits())
		}
	})
}

// Rings become answers and rings again, worth the same.
func TestRingsAreAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		p, _ := FromGraph(g, deal.Options{MaxRing: 4}, nil, nil)
		tr, err := Graph(p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := deal.Find(tr.Graph, tr.Options)
		if err != nil {
			t.Skip(err)
		}
		a, err := tr.Answer(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if a, err = DecodeAnswer(text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if v, err := Check(p, a); err != nil || v != r.Value {
			t.Errorf("Check: %+v, %v, want %+v\n%s", v, err, r.Value, text)
		}
		back, err := tr.Rings(a)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := deal.Check(tr.Graph, back, tr.Options); err != nil || v != r.Value {
			t.Errorf("the rings read again: %v, %v, want %v", back, err, r.Rings)
		}
	})
}

// A simple problem solved as one with exchanges is worth what deal.Find finds.
func TestBothWaysAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		p, _ := FromGraph(g, deal.Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "ring"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "chain")}, nil, nil)
		m, err := newModel(p)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := m.graph()
		if err != nil {
			t.Fatal(err)
		}
		r, err := deal.Find(tr.Graph, tr.Options)
		if err != nil {
			t.Skip(err)
		}
		a, err := m.solve(SolveOptions{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := m.check(a)
		if err != nil || !a.Exact || r.Exact && v.Compare(r.Value, p.Options.goals()) != 0 || v.Compare(r.Value, p.Options.goals()) < 0 {
			text, _ := p.Encode()
			t.Errorf("%+v (exact %v), %v, by package deal %+v (exact %v)\n%s", v, a.Exact, err, r.Value, r.Exact, text)
		}
	})
}

// What a graph cannot say is named.
func TestGraphRefusesWhatIsNotSimple(t *testing.T) {
	const simple = `{"format":"sxp.problem/1","people":[{"id":"a"},{"id":"b"}],"items":[{"id":"x","owner":"a"},{"id":"x2","owner":"a"},{"id":"y","owner":"b"}],
"bids":[{"id":"1","by":"a","give":{"of":[{"item":"x"},{"item":"x2"}]},"take":{"of":[{"item":"y"}]}},{"id":"2","by":"b","give":{"of":[{"item":"y"}]},"take":{"of":[{"item":"x"},{"item":"x2"}]}}]}`
	p, err := DecodeProblem([]byte(simple))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := Solve(p, SolveOptions{}); err != nil || a.Value.Items != 2 || !a.Exact {
		t.Errorf("Solve: %+v, %v", a, err)
	}
	for _, c := range []struct{ old, new, says string }{
		{`"owner":"b"`, `"owner":"b","quantity":2,"step":1`, `items[2]: has several pieces`},
		{`"give":{"of":[{"item":"y"}]}`, `"pay":0,"give":{"of":[{"item":"y"}]}`, `bids[1]: names money`},
		{`"give":{"of":[{"item":"y"}]}`, `"times":2`, `bids[1].times: a need of more than one`},
		{`"take":{"of":[{"item":"x"}`, `"take":{"pick":2,"of":[{"item":"x"}`, `bids[1]: picks several options`},
		{`"take":{"of":[{"item":"x"}`, `"take":{"of":[{"items":[{"item":"x"},{"item":"x2"}]}`, `bids[1].take.of[0]: bundles several items`},
	} {
		p, err := DecodeProblem([]byte(strings.Replace(simple, c.old, c.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Graph(p); sxp.KindOf(err) != sxp.Unsupported || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v, want %q", c.new, err, c.says)
		}
	}
}
