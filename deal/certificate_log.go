package deal

import (
	"sort"
)

// maxProof is how many prices the certificate of one goal holds at most: some
// ten bytes each as text.
const maxProof = 500_000

// A proofLog takes notes of a proof while it is found. A nil log takes none.
type proofLog struct {
	branches []Branch
	at       int // the branch being worked on
	cuts     map[int32]int
	taken    map[int32]int // the branch that is split by a column
	rows     []Cut
	last     *relaxed // noted last, in this branch
	size     int
	full     bool

	kept []Branch // of the lowest bound that was proven
}

func newProofLog() *proofLog {
	return &proofLog{branches: make([]Branch, 1), cuts: make(map[int32]int), taken: make(map[int32]int)}
}

// reset forgets all but the first prices.
func (l *proofLog) reset() {
	l.branches, l.at, l.full, l.last = l.branches[:1], 0, false, nil
	if l.branches[0].Prices != nil {
		l.branches[0] = Branch{Prices: l.branches[0].Prices[:1]}
	}
}

// begin starts a proof of another bound, from the first prices.
func (l *proofLog) begin() {
	if l == nil {
		return
	}
	first := Branch{}
	if p := l.branches[0].Prices; p != nil {
		first.Prices = p[:1:1]
		l.size = len(p[0].Nodes) + len(p[0].Limits) + len(p[0].Cuts) + len(p[0].People)
	}
	l.branches, l.at, l.full, l.last = []Branch{first}, 0, false, nil
}

// keep says that what was noted since begin is a whole proof.
func (l *proofLog) keep() {
	if l != nil && !l.full {
		l.kept = l.branches
	}
}

// drop goes back to the proof that was kept, if there is one.
func (l *proofLog) drop() {
	if l == nil {
		return
	}
	if l.begin(); l.kept != nil {
		l.branches = l.kept
	}
}

// prices notes a dual solution of the branch.
func (l *proofLog) prices(q *program, rel *relaxed) {
	if l == nil || l.full || l.last == rel {
		return
	}
	l.last = rel
	p := Prices{Scale: rel.scale}
	person := make(map[int32]int64)
	for r, price := range rel.price {
		k := rel.key[r]
		switch {
		case k.kind == rowPerson && k.part == 0:
			person[k.id] = price
		case price == 0:
		case k.kind == rowResource && q.p.source[k.id].unit == 0:
			p.Nodes = append(p.Nodes, Price{int64(q.p.c.node[q.p.source[k.id].node]), price})
		case k.kind == rowResource:
			p.Cuts = append(p.Cuts, Price{int64(l.counter(q, k.id)), price})
		case k.kind == rowCut:
			p.Cuts = append(p.Cuts, Price{int64(l.cut(q, k.id)), price})
		case k.kind == rowLimit:
			p.Limits = append(p.Limits, Price{int64(q.p.limit[k.id]), price})
		case k.kind == rowTaken:
			p.Taken = append(p.Taken, Price{int64(l.taken[k.id]), price})
		case k.kind == rowGiven:
			p.Goals = append(p.Goals, Price{int64(q.given[k.id].place), price})
		}
	}
	l.people(q, rel, person, &p)
	p.sort()
	l.size += 1 + len(p.Nodes) + len(p.Limits) + len(p.Cuts) + len(p.People)
	l.full = l.size > maxProof
	b := &l.branches[l.at]
	b.Prices = append(b.Prices, p)
}

// sort puts all lists in order.
func (p *Prices) sort() {
	for _, list := range [][]Price{p.Nodes, p.Limits, p.Cuts, p.People, p.Goals, p.Taken} {
		sort.Slice(list, func(i, j int) bool { return list[i][0] < list[j][0] })
	}
}

// people notes what each person costs: what trading counts, less what the
// relaxation lets the person's rings have of it, so that each is paid once.
func (l *proofLog) people(q *program, rel *relaxed, person map[int32]int64, p *Prices) {
	worth := q.person * rel.scale
	for _, g := range p.Goals {
		if q.goals[g[0]] == People {
			worth -= g[1]
		}
	}
	for u := range int32(q.p.people) {
		if given, ok := person[u]; ok && given < worth {
			p.People = append(p.People, Price{int64(q.p.owner[u]), worth - given})
		}
	}
}

// cut returns the place of the cut with an id among the rows of the proof.
func (l *proofLog) cut(q *program, id int32) int {
	if at, ok := l.cuts[id]; ok {
		return at
	}
	for _, c := range q.cuts {
		if c.id != id {
			continue
		}
		row := Cut{By: 2}
		for _, r := range c.rows {
			if s := q.p.source[r]; s.unit == 0 {
				row.Nodes = append(row.Nodes, Price{int64(q.p.c.node[s.node]), 1})
			} else {
				row.Cuts = append(row.Cuts, Price{int64(l.counter(q, r)), 1})
			}
		}
		return l.add(id, row)
	}
	l.full = true // the row is gone: nothing to show
	return 0
}

// counter returns the place of the row of a limit that counts: the limit
// divided by what all its nodes weigh.
func (l *proofLog) counter(q *program, r int32) int {
	if at, ok := l.cuts[-1-r]; ok {
		return at
	}
	s := q.p.source[r]
	return l.add(-1-r, Cut{Limits: []Price{{int64(s.limit), 1}}, By: s.unit})
}

func (l *proofLog) add(id int32, row Cut) int {
	l.size += len(row.Nodes) + len(row.Cuts)
	l.cuts[id] = len(l.rows)
	l.rows = append(l.rows, row)
	return l.cuts[id]
}

// split notes that the branch is split by an arc or by a ring.
func (l *proofLog) split(q *program, by cleft) {
	if l == nil || l.full {
		return
	}
	b := &l.branches[l.at]
	if by.ring < 0 {
		b.Arc = []Node{q.p.c.node[by.arc.from], q.p.c.node[by.arc.to]}
		return
	}
	l.taken[by.ring] = l.at
	for _, x := range q.p.pool.ring(by.ring) {
		b.Ring = append(b.Ring, q.p.c.node[x])
	}
}

// enter goes on with a new branch, the half of where it is that has what it is
// split by, or has it not; back returns.
func (l *proofLog) enter(with bool) (back func()) {
	if l == nil || l.full {
		return func() {}
	}
	from, to := l.at, len(l.branches)
	l.branches = append(l.branches, Branch{})
	if with {
		l.branches[from].With = to
	} else {
		l.branches[from].Without = to
	}
	l.at, l.last = to, nil
	return func() { l.at, l.last = from, nil }
}

// attest adds what is known about a goal to the certificate: the whole proof,
// or a bound only, which ends the certificate.
func (s *stages) attest(v *prover, rel *relaxed, proven bool) {
	k := len(v.q.goals) - 1
	if s.ended || len(s.cert.Proofs) != k || k > 0 && !s.proven {
		return
	}
	now := s.value()
	goal := v.q.goals[k]
	proof := Proof{Goal: goal.String(), Bound: now.Of(goal), Weights: v.q.weight[:k]}
	if !proven || v.log.full {
		over := v.bound - v.best
		if v.log.full || v.log.kept == nil {
			v.log.reset()
			v.log.full = len(v.log.branches[0].Prices) == 0
			over = rel.most() - v.best
		}
		most := now.Of(goal) + over
		if goal == Cost {
			most = now.Of(goal) - over
		}
		proof.Bound = most
		defer func() { s.ended = true }()
	}
	if v.log.full {
		return
	}
	proof.Cuts, proof.Branches = v.log.rows, v.log.branches
	if k == 0 && s.outer != nil {
		root := &proof.Branches[0]
		root.Prices = append([]Prices{*s.outer}, root.Prices...)
	}
	s.cert.Proofs = append(s.cert.Proofs, proof)
}

// nothing is the certificate of a market without any ring.
func (f *finder) nothing() *Certificate {
	cert := new(Certificate)
	for k, goal := range f.goals {
		cert.Proofs = append(cert.Proofs, Proof{Goal: goal.String(), Weights: make([]int64, k), Branches: make([]Branch, 1)})
	}
	return cert
}

// attested leaves in the certificate what holds for all rings, listed or not.
func (f *finder) attested() {
	cert := f.result.Certificate
	switch {
	case f.result.Complete:
	case f.outer == nil:
		f.result.Certificate = nil
	case cert == nil || cert.Proofs[0].Bound > f.result.Bound:
		f.result.Certificate = &Certificate{Proofs: []Proof{{Goal: f.goals[0].String(), Bound: f.result.Bound,
			Branches: []Branch{{Prices: []Prices{*f.outer}}}}}}
	default:
		cert.Proofs = cert.Proofs[:1]
	}
}

// shown is the dual solution that gave the bound of a master.
func (m *master) shown() *Prices {
	p := &Prices{Scale: m.pr.scale}
	for i, price := range m.proof {
		switch {
		case price == 0:
		case i < len(m.c.node):
			p.Nodes = append(p.Nodes, Price{int64(m.c.node[i]), price})
		default:
			p.Limits = append(p.Limits, Price{int64(i - len(m.c.node)), price})
		}
	}
	return p
}
