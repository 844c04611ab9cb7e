package lot

import (
	"errors"
	"math"
	"slices"

	"sxp"
	"sxp/deal"
)

// SolveOptions steer Solve.
type SolveOptions struct {
	// Budget is how much work to spend, in units of about 20 ns that depend on
	// the input only. 0 means deal.DefaultBudget.
	Budget int64

	// Progress, if set, is called every few hundred milliseconds with what is
	// known so far. Returning false stops the search: Solve then returns the
	// best so far.
	Progress func(deal.Progress) bool
}

// Solve returns the exchanges to make. It fails where the problem is not
// valid. What it claims is proven: that Bound is one, and that the answer is
// Optimal or Exact.
func Solve(p *Problem, opt SolveOptions) (*Answer, error) {
	const op = "lot.Solve"
	m, err := newModel(p)
	if err != nil {
		return nil, err
	}
	t, err := m.graph()
	var a *Answer
	switch {
	case err == nil:
		a, err = t.solve(opt)
	case errors.Is(err, sxp.Unsupported):
		a, err = m.solve(opt)
	}
	if err != nil {
		return nil, err
	}
	if a.Value, err = m.check(a); err != nil { // an answer that breaks a rule never leaves
		return nil, sxp.Errorf(op, sxp.Internal, nil, "the answer found breaks a rule: %w", err)
	}
	return a, nil
}

// solve answers a simple problem.
func (t *Translation) solve(opt SolveOptions) (*Answer, error) {
	o := t.Options
	o.Budget, o.Progress = opt.Budget, opt.Progress
	r, err := deal.Find(t.Graph, o)
	if err != nil {
		return nil, err
	}
	a, err := t.Answer(r)
	if err != nil {
		return nil, err
	}
	if !r.Complete && o.MaxRing > 0 {
		a.Left = "rings and chains beyond those listed"
	}
	if r.Certificate != nil {
		if a.Certificate, err = r.Certificate.Encode(); err != nil {
			return nil, sxp.Errorf("lot.Solve", sxp.Internal, nil, "certificate: %w", err)
		}
	}
	return a, nil
}

// solve answers any other problem.
func (m *model) solve(opt SolveOptions) (*Answer, error) {
	w := newMeter(opt.Budget, opt.Progress)
	w.now.Stage = "rings"
	a := &Answer{Format: AnswerFormat, Exchanges: []Exchange{}}
	var k *book
	w.within(w.budget/8, func() { k = newBook(m, w) })
	if k.whole && m.free() {
		k.free(a)
		a.Work = w.done
		return a, nil
	}
	var found []*exchange
	w.within(w.budget/3, func() { found, a.Complete = k.list() })
	g := k.chosenFrom(found)
	w.now.Stage = "bound"
	b := g.solve()
	for j, n := range g.best {
		if n > 0 {
			a.Exchanges = append(a.Exchanges, *m.write(found[j], n))
		}
	}
	a.Listed, a.Exact = len(found), g.whole && a.Complete
	if !a.Complete {
		a.Left = "exchanges beyond those listed"
		b = k.loosely()
	}
	a.claim(g.goals[0], b, of(g.bestValue, g.goals[0]))
	a.Work = w.done
	return a, nil
}

// claim states a bound on the first goal.
func (a *Answer) claim(goal deal.Goal, bound, reached int64) {
	a.Optimal = bound <= reached
	a.Exact = a.Exact && a.Optimal
	if bound >= huge {
		return // none is known
	}
	if bound = max(bound, reached); goal == deal.Cost {
		bound = -bound
	}
	a.Bound = &bound
}

// rows numbers the rooms that columns use up.
type rows struct {
	m      *model
	number map[room]int32
	g      *program
}

func (k *book) program() *rows {
	g := &program{work: k.work, people: len(k.m.people), goals: k.m.p.Options.goals(), top: k.m.p.Options.Top}
	return &rows{m: k.m, number: make(map[room]int32), g: g}
}

// row returns the row of a room.
func (r *rows) row(of room) int32 {
	i, ok := r.number[of]
	if !ok {
		i = int32(len(r.g.size))
		r.number[of] = i
		r.g.size = append(r.g.size, r.m.size(of))
	}
	return i
}

// add makes a column of what e uses up.
func (r *rows) add(e *exchange, heavy *weights) *column {
	c := column{items: e.portions, cost: e.cost, expect: e.expected, people: e.people}
	_ = r.m.uses(e, heavy, func(of room, n int64) error {
		c.entry(r.row(of), n)
		return nil
	})
	c.upper = MaxTimes
	for k, n := range c.vals {
		if n > 0 {
			c.upper = min(c.upper, r.g.size[c.rows[k]]/n)
		}
	}
	r.g.cols = append(r.g.cols, c)
	return &r.g.cols[len(r.g.cols)-1]
}

// entry adds to an entry of a column.
func (c *column) entry(row int32, n int64) {
	if i := slices.Index(c.rows, row); i >= 0 {
		c.vals[i] += n
		return
	}
	c.rows, c.vals = append(c.rows, row), append(c.vals, n)
}

// chosenFrom makes the program that chooses exchanges.
func (k *book) chosenFrom(found []*exchange) *program {
	r, heavy := k.program(), k.m.weights()
	number := make(map[*move]int32)
	for i, v := range k.moves {
		number[v] = int32(i)
	}
	for _, e := range found {
		c := r.add(e, heavy)
		for _, v := range e.moves {
			c.moves = append(c.moves, counted32{number[v.move], v.times})
		}
	}
	return r.g
}

// usesOnly makes the program in which bids are used such that what is taken is
// given, and nobody asks how many exchange with each other: a relaxation of the
// problem, and the whole of it where nothing but that is asked.
func (k *book) usesOnly() *program {
	r, heavy := k.program(), k.m.weights()
	for i, v := range k.moves {
		b := &k.m.bids[v.bid]
		e := &exchange{moves: []counted{{v, 1}}, people: []int32{b.by}, portions: int64(len(v.take)), cost: v.cost}
		e.expected = k.m.people[b.by].keeps * e.portions
		for _, p := range v.take {
			if it := &k.m.items[p.item]; it.gift {
				e.transfers = append(e.transfers, transfer{p.item, b.by, p.pieces})
				e.people = append(e.people, it.owner)
			}
		}
		slices.Sort(e.people)
		e.people = slices.Compact(e.people)
		c := r.add(e, heavy)
		c.moves = []counted32{{int32(i), 1}}
	}
	balance := func(j int, item int32, n int64) {
		if !k.m.items[item].gift {
			r.g.cols[j].entry(r.balance(item), n)
		}
	}
	for j, v := range k.moves {
		for _, p := range v.take {
			balance(j, p.item, p.pieces)
		}
		for _, p := range v.give {
			balance(j, p.item, -p.pieces)
		}
	}
	return r.g
}

// balance is the row "no more is taken than given".
func (r *rows) balance(item int32) int32 {
	of := room{roomKind(len(roomNames)), item}
	i, ok := r.number[of]
	if !ok {
		i = int32(len(r.g.size))
		r.number[of] = i
		r.g.size = append(r.g.size, 0)
	}
	return i
}

// loosely is a bound where not every exchange is known.
func (k *book) loosely() int64 {
	if !k.whole {
		return math.MaxInt64
	}
	g := k.usesOnly()
	g.work = newMeter(k.work.budget/4+1, nil)
	g.lay()
	g.aim(g.goals[0])
	g.lp.Solve()
	k.work.done += g.work.done
	return min(g.bound(), g.trivial(g.goals[0]))
}
