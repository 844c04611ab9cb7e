package problem

import (
	"cmp"
	"slices"
	"strings"

	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
)

// MaxAnswer is the largest file of an answer in bytes.
const MaxAnswer = lot.MaxBytes

// asLots returns the market as a problem of package lot, its translation, and
// the node there for each of the graph's.
func (m *Market) asLots(opt deal.Options) (*lot.Translation, []deal.Node, error) {
	if m.translation != nil {
		return m.translation, nil, nil
	}
	p, place := lot.FromGraph(m.Graph, opt, m.item, m.person)
	t, err := lot.Graph(p)
	return t, place, err
}

// Problem returns the market in the form that solvers of others read.
func (m *Market) Problem(opt deal.Options) *lot.Problem {
	if m.Lots != nil {
		return m.Lots
	}
	p, _ := lot.FromGraph(m.Graph, opt, m.item, m.person)
	return p
}

// Answer returns what was found in the form that solvers of others write.
func (s *Solved) Answer() (*lot.Answer, error) {
	if s.lots != nil {
		return s.lots, nil
	}
	t, place, err := s.market.asLots(s.options)
	if err != nil {
		return nil, err
	}
	res := s.result
	if place != nil {
		res.Rings = renumber(res.Rings, place)
		for n, to := range place {
			if to != deal.Node(n) {
				res.Certificate = nil // it speaks of the other numbers
			}
		}
	}
	a, err := t.Answer(res)
	if err != nil {
		return nil, err
	}
	a.Solver = "sxp"
	if res.Certificate != nil && len(a.Certificate) == 0 {
		a.Certificate, err = res.Certificate.Encode()
	}
	return a, err
}

func renumber(rings []deal.Ring, to []deal.Node) []deal.Ring {
	out := make([]deal.Ring, len(rings))
	for i, r := range rings {
		for _, n := range r {
			out[i] = append(out[i], to[n])
		}
	}
	return out
}

// Load reads an answer to this market. It fails where the answer breaks a rule
// of the market; the caps are looked at by Verify.
func (m *Market) Load(data []byte) (*Solved, error) {
	const op = "problem.Load"
	a, err := lot.DecodeAnswer(data)
	if err != nil {
		return nil, err
	}
	if m.Graph == nil {
		s, err := m.loadLots(a)
		if err == nil {
			s.claim = &a.Value
		}
		return s, err
	}
	opt := m.Options
	opt.MaxRing, opt.MaxChain = 0, 0 // of any length: Verify looks at that
	t, place, err := m.asLots(opt)
	if err != nil {
		return nil, err
	}
	rings, err := t.Rings(a)
	if err != nil {
		return nil, err
	}
	same := true
	if place != nil {
		back := make([]deal.Node, t.Graph.Len())
		for n, to := range place {
			same = same && to == deal.Node(n)
			if to >= 0 {
				back[to] = deal.Node(n)
			}
		}
		rings = renumber(rings, back)
	}
	s := m.solved(deal.Result{Rings: rings, Value: a.Value, Optimal: a.Optimal, Exact: a.Exact})
	s.Solver, s.claim = a.Solver, &a.Value
	if len(a.Certificate) == 0 {
		return s, nil
	}
	if !same {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "the answer's proof is about a market whose items are numbered otherwise")
	}
	s.Certificate, err = deal.DecodeCertificate(a.Certificate)
	return s, err
}

// Verify checks an answer that was read, and its proof.
func (m *Market) Verify(opt deal.Options, s *Solved) (deal.Verdict, error) {
	const op = "problem.Verify"
	var v deal.Verdict
	var err error
	if m.Graph == nil {
		v.Value, err = lot.Check(m.Lots, s.lots)
	} else {
		v, err = deal.Verify(m.Graph, opt, s.Rings, s.Certificate)
	}
	if err != nil || s.claim == nil {
		return v, err
	}
	for _, c := range []struct {
		what      string
		said, are int64
	}{
		{"items", int64(s.claim.Items), int64(v.Value.Items)},
		{"people", int64(s.claim.People), int64(v.Value.People)},
		{"cost", s.claim.Cost, v.Value.Cost},
	} {
		if c.said != 0 && c.said != c.are { // 0: it may say nothing of it
			return deal.Verdict{}, sxp.Errorf(op, sxp.Invalid, nil, "it says that its %s are %d, and they are %d", c.what, c.said, c.are)
		}
	}
	return v, nil
}

// Holds reports whether an answer breaks no rule, whatever is with its proof.
func (m *Market) Holds(opt deal.Options, s *Solved) bool {
	bare := *s
	bare.Certificate = nil
	_, err := m.Verify(opt, &bare)
	return err == nil
}

// Proven returns for how many goals, from the first, the proof of an answer
// that was verified shows that no answer is better.
func (s *Solved) Proven(goals []deal.Goal, v deal.Verdict) int {
	if s.Certificate == nil || !v.Bounded {
		return 0
	}
	n := len(s.Certificate.Proofs)
	if last := s.Certificate.Proofs[n-1]; n > len(goals) || last.Bound != v.Value.Of(goals[n-1]) {
		n--
	}
	return n
}

// solveLots solves what is no graph.
func (m *Market) solveLots(opt deal.Options) (*Solved, error) {
	a, err := lot.Solve(m.Lots, lot.SolveOptions{Budget: opt.Budget, Progress: opt.Progress})
	if err != nil {
		return nil, err
	}
	return m.loadLots(a)
}

// loadLots takes an answer to what is no graph.
func (m *Market) loadLots(a *lot.Answer) (*Solved, error) {
	v, err := lot.Check(m.Lots, a)
	if err != nil {
		return nil, err
	}
	s := &Solved{Value: v, Optimal: a.Optimal, Exact: a.Exact, Complete: a.Complete, Listed: a.Listed, Left: a.Left, Solver: a.Solver, market: m, lots: a}
	if a.Bound != nil {
		s.Bound = *a.Bound
	}
	for i := range a.Exchanges {
		s.Lines = append(s.Lines, m.lineOf(&a.Exchanges[i]))
	}
	return s, nil
}

// lineOf turns an exchange of lots into words.
func (m *Market) lineOf(e *lot.Exchange) Line {
	l := Line{Times: max(e.Times, 1)}
	for _, t := range e.Transfers {
		name := t.Item
		if i := slices.IndexFunc(m.Lots.Items, func(it lot.Item) bool { return it.ID == t.Item }); i >= 0 {
			it := m.Lots.Items[i]
			l.Chain = l.Chain || it.Gift
			switch {
			case it.Unit != "":
				name = string(t.Amount) + " " + it.Unit + " " + name
			case t.Amount != "1":
				name = string(t.Amount) + " " + name
			}
		}
		l.Moves = append(l.Moves, Move{t.From, name, t.To})
	}
	l.arrange()
	for _, p := range e.Payments {
		pay := Pay{Person: p.Person, Amount: m.money(p.Gets)}
		if p.Pays != "" {
			pay.Pays, pay.Amount = true, m.money(p.Pays)
		}
		l.Pays = append(l.Pays, pay)
	}
	slices.SortStableFunc(l.Pays, func(a, b Pay) int { return cmp.Compare(btoi(b.Pays), btoi(a.Pays)) })
	return l
}

// money writes an amount with the problem's digits and currency.
func (m *Market) money(d lot.Decimal) string {
	text, digits := string(d), m.Lots.Money.Digits
	if whole, part, _ := strings.Cut(text, "."); len(part) < digits {
		text = whole + "." + part + strings.Repeat("0", digits-len(part))
	}
	return strings.TrimSpace(text + " " + m.Lots.Money.Currency)
}

// btoi is 1 for true: who pays comes before who gets.
func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
