package problem

import (
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
		return m.loadLots(a)
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
	s := m.solved(deal.Result{Rings: rings, Value: a.Value})
	s.Solver = a.Solver
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
	if m.Graph == nil {
		v, err := lot.Check(m.Lots, s.lots)
		return deal.Verdict{Value: v}, err
	}
	return deal.Verify(m.Graph, opt, s.Rings, s.Certificate)
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
	for _, e := range a.Exchanges {
		l := Line{}
		for _, t := range e.Transfers {
			name := t.Item
			if t.Amount != "1" {
				name = string(t.Amount) + " " + name
			}
			l.Moves = append(l.Moves, Move{t.From, name, t.To})
		}
		for _, p := range e.Payments {
			if p.Pays != "" {
				l.Moves = append(l.Moves, Move{p.Person, string(p.Pays) + " " + m.Lots.Money.Currency, "the others"})
			}
		}
		s.Lines = append(s.Lines, l)
	}
	return s, nil
}
