package problem

import (
	"slices"
	"strings"

	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
)

// Solved is the answer to a market.
type Solved struct {
	Lines    []Line
	Rings    []deal.Ring // where the market is a graph
	Value    deal.Value
	Bound    int64 // of the first goal
	Optimal  bool
	Exact    bool
	Complete bool
	Left     string // what was left out, in words
	Listed   int
	Solver   string // what an answer that was read calls its maker

	Certificate *deal.Certificate // nil where there is none

	claim *deal.Value // what an answer that was read says that it is worth

	market  *Market
	result  deal.Result
	options deal.Options
	lots    *lot.Answer // of a problem that is no graph
}

// Certified reports whether the answer carries a proof of its bound.
func (s *Solved) Certified() bool {
	return s.Certificate != nil || s.lots != nil && len(s.lots.Certificate) > 0
}

// Rich reports whether the market is more than a graph can say.
func (s *Solved) Rich() bool { return s.market.Graph == nil }

// A Line is one ring, chain or other exchange in words.
type Line struct {
	Chain bool
	Times int64 // how often it happens, 1 if 0
	Moves []Move
	Pays  []Pay // who pays first
}

// A Pay is what somebody pays, or gets, for one time of an exchange.
type Pay struct {
	Person string
	Pays   bool
	Amount string // with its currency
}

// A Move is an item on its way; the one before takes it to who gives the next.
type Move struct{ From, Item, To string }

// String writes "alice —lessons→ cyd —coin→ alice", and after that who pays
// what. Where an item is called like who gives it, the arrow stands alone.
func (l Line) String() string {
	var b strings.Builder
	for i, m := range l.Moves {
		if i == 0 || l.Moves[i-1].To != m.From {
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString(m.From)
		}
		if m.Item == m.From {
			b.WriteString(" → " + m.To)
		} else {
			b.WriteString(" —" + m.Item + "→ " + m.To)
		}
	}
	if p := l.Pays; len(p) == 2 && p[0].Pays && !p[1].Pays {
		return b.String() + "; " + p[0].Person + " pays " + p[1].Person + " " + p[0].Amount
	}
	for i, p := range l.Pays {
		b.WriteString(map[bool]string{true: "; ", false: ", "}[i == 0] + p.Person + map[bool]string{true: " pays ", false: " gets "}[p.Pays] + p.Amount)
	}
	return b.String()
}

// arrange puts moves behind one another as far as they follow: first what
// comes from somebody who takes nothing, if there is anybody.
func (l *Line) arrange() {
	takes := make(map[string]bool, len(l.Moves))
	for _, m := range l.Moves {
		takes[m.To] = true
	}
	left := slices.Clone(l.Moves)
	l.Moves = l.Moves[:0]
	for len(left) > 0 {
		at := -1
		if n := len(l.Moves); n > 0 {
			at = slices.IndexFunc(left, func(m Move) bool { return m.From == l.Moves[n-1].To })
		}
		if at < 0 {
			at = max(0, slices.IndexFunc(left, func(m Move) bool { return !takes[m.From] }))
		}
		l.Moves = append(l.Moves, left[at])
		left = slices.Delete(left, at, at+1)
	}
}

// Solve finds the best rings.
func (m *Market) Solve(opt deal.Options) (*Solved, error) {
	if m.Graph == nil {
		return m.solveLots(opt)
	}
	res, err := deal.Find(m.Graph, opt)
	if err != nil {
		return nil, err
	}
	s := m.solved(res)
	s.options = opt
	return s, nil
}

func (m *Market) solved(res deal.Result) *Solved {
	s := &Solved{Rings: res.Rings, Value: res.Value, Bound: res.Bound, Optimal: res.Optimal, Exact: res.Exact,
		Complete: res.Complete, Listed: res.Listed, Certificate: res.Certificate, market: m, result: res}
	for _, r := range res.Rings {
		s.Lines = append(s.Lines, m.Line(r))
	}
	return s
}

// Line turns a ring into words, each item from who gives it to who takes it.
func (m *Market) Line(r deal.Ring) Line {
	steps := m.Graph.Steps(r)
	l := Line{Chain: m.Graph.IsChain(r)}
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		l.Moves = append(l.Moves, Move{m.person(s.From), m.item(s.Item), m.person(s.To)})
	}
	return l
}

// Items returns how many items the market has; needs are none.
func (m *Market) Items() int {
	if m.Graph == nil {
		return len(m.Lots.Items)
	}
	n := 0
	for i := range deal.Node(m.Graph.Len()) {
		if !m.Graph.IsGroup(i) && !m.Graph.IsNeed(i) {
			n++
		}
	}
	return n
}

// Certain reports whether everybody is taken to keep their word.
func (m *Market) Certain() bool {
	if m.Lots != nil {
		return !slices.ContainsFunc(m.Lots.People, func(p lot.Person) bool { return p.Reliability != "" && p.Reliability != "1" })
	}
	for i := range m.people {
		if m.Graph.Reliability(i) != deal.Certain {
			return false
		}
	}
	return true
}

// SetReliability says it of everybody, in millionths.
func (m *Market) SetReliability(millionths int64) {
	for i := range m.people {
		m.Graph.SetReliability(i, millionths)
	}
}

// LimitItems lets nobody trade more than so many items.
func (m *Market) LimitItems(most int) error {
	own := make([][]deal.Node, m.people)
	for n := range deal.Node(m.Graph.Len()) {
		if !m.Graph.IsGroup(n) {
			u := m.Graph.Owner(n)
			own[u] = append(own[u], n)
		}
	}
	for _, nodes := range own {
		if len(nodes) <= most {
			continue
		}
		l := m.Graph.AddLimit(int64(most))
		for _, n := range nodes {
			if err := m.Graph.Charge(l, n, 1); err != nil {
				return sxp.Errorf("problem.LimitItems", sxp.KindOf(err), nil, "%w", err)
			}
		}
	}
	return nil
}
