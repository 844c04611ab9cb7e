package node

import (
	"context"
	"slices"
	"time"

	"sxp"
	"sxp/contract/draft"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/deal/solver"
	"sxp/deal/solver/remote"
	"sxp/market"
)

// ownFinder is the name of what the node finds by itself, in logs and scores.
const ownFinder = "node"

// A contest is one search of a board by everybody who takes part.
type contest struct {
	f       *found
	market  sxp.ID
	picture *board.Picture
	opt     deal.Options
	barred  map[deal.Node]bool // nodes of rings that are not proposed now
	avoid   map[int]bool       // people who take no part, because deals ended by them lately
	now     sxp.Time
	entered []entered
}

// entered is what one solver found, as rings of the picture that may be
// proposed.
type entered struct {
	solver string
	rings  []deal.Ring
	value  deal.Value
	wrong  int   // exchanges that are none, or not now
	proven bool  // nothing was worth more by the first goal
	err    error // why there is nothing
}

// newContest prepares the search of what a picture shows, by what the charter
// declares.
func (n *Node) newContest(f *found, c market.Charter, p *board.Picture, now sxp.Time) *contest {
	d := draft.OptionsOf(c)
	x := &contest{f: f, market: c.Market, picture: p, barred: map[deal.Node]bool{}, now: now}
	x.opt = deal.Options{MaxRing: d.MaxRing, MaxChain: d.MaxChain, Goals: d.Goals}
	if x.opt.MaxRing == 0 {
		x.opt.MaxRing = deal.DefaultMaxRing
	}
	if slices.Contains(x.goals(), deal.Expected) {
		for u, id := range p.People {
			p.Graph.SetReliability(u, f.keeps(id))
		}
	}
	for _, ring := range f.barred() {
		for _, g := range ring {
			if node, ok := p.Node(g.Ref); ok {
				x.barred[node] = true
			}
		}
	}
	return x
}

// without lets people take no part in the first of several searches.
func (x *contest) without(people map[sxp.ID]bool) {
	x.avoid = map[int]bool{}
	for u, id := range x.picture.People {
		if people[id] {
			x.avoid[u] = true
		}
	}
}

func (x *contest) goals() []deal.Goal {
	if len(x.opt.Goals) == 0 {
		return deal.DefaultGoals()
	}
	return x.opt.Goals
}

// bars reports whether a ring is not proposed now: as often as is allowed,
// declined by somebody and still the same, or tried in vain a while ago.
func (x *contest) bars(r deal.Ring) bool {
	if slices.ContainsFunc(r, func(node deal.Node) bool { return x.avoid[x.picture.Graph.Owner(node)] }) {
		return true
	}
	for i, node := range r {
		if len(x.f.failed) > 0 {
			break // of these only the keys are known
		}
		if moves := i > 0 || !x.picture.Graph.IsChain(r); moves && !x.picture.Graph.IsGroup(node) && !x.barred[node] {
			return false
		}
	}
	key := ringKey(x.market, draft.Moves(x.picture, r))
	before := x.f.rings[key]
	return before != nil && x.f.bars(before) || x.now < x.f.failed[key]
}

// own lets the node's finder search.
func (x *contest) own(work int64) {
	opt := x.opt
	opt.Budget = work
	if len(x.barred) > 0 || len(x.f.failed) > 0 || len(x.avoid) > 0 {
		opt.Skip = x.bars
	}
	r, err := deal.FindCapped(x.picture.Graph, opt)
	x.entered = append(x.entered, entered{solver: ownFinder, rings: r.Rings, value: r.Value, proven: r.Optimal, err: err})
}

// ask lets the solvers that the operator chose search, all at once.
func (x *contest) ask(ctx context.Context, all []solver.Solver, within time.Duration, n *Node) {
	if len(all) == 0 || x.picture.Graph.NumArcs() == 0 {
		return
	}
	m := x.problem()
	for _, e := range remote.Run(ctx, m.Problem, all, within, n.p.Log) {
		x.enter(m, handed{name: e.Solver, entry: e})
	}
}

func (x *contest) problem() *solver.Market { return solver.NewMarket(x.picture, x.opt) }

// enter takes an answer of somebody else, as far as it is right and may be
// proposed.
func (x *contest) enter(m *solver.Market, h handed) {
	e := entered{solver: h.name, err: h.entry.Err}
	if e.err == nil {
		var rings []deal.Ring
		if rings, e.wrong, e.err = m.Rings(h.entry.Answer); e.err == nil {
			whole := len(rings)
			rings = slices.DeleteFunc(rings, x.bars)
			e.rings, e.value = solver.Fitting(x.picture.Graph, rings, x.opt)
			e.proven = e.wrong == 0 && len(e.rings) == whole && m.Proves(h.entry.Answer, proofWork)
		}
	}
	x.entered = append(x.entered, e)
}

// best returns the entry that is best by the market's goals, the first of equal
// ones; nil where nobody found anything.
func (x *contest) best() *entered {
	var top *entered
	for i := range x.entered {
		e := &x.entered[i]
		if e.err == nil && len(e.rings) > 0 && (top == nil || e.value.Compare(top.value, x.goals()) > 0) {
			top = e
		}
	}
	return top
}

// searchWhole proposes the best choice of rings that anybody found on a board.
// A ring that cannot be proposed is broken up, so that its items may find
// others.
func (n *Node) searchWhole(ctx context.Context, b *market.Board, f *found, c market.Charter, now sxp.Time, without map[market.ItemID]bool) error {
	answers, avoid := n.finder.answers.take(c.Market), f.avoided(now)
	for try := range 4 {
		p, err := draft.Picture(now, draft.Options{Without: without}, f.copy)
		if err != nil {
			return err
		}
		x := n.newContest(f, c, p, now)
		if try == 0 {
			x.without(avoid)
		}
		first := len(x.avoid) > 0 // another search looks at all
		x.own(n.p.FinderWork)
		if try == 0 {
			x.ask(ctx, n.p.Solvers, n.p.SolverTime, n)
		}
		x.enterAll(answers)
		best := x.best()
		n.noteContest(x, best)
		if best == nil && (!first || x.entered[0].err != nil) {
			return x.entered[0].err
		}
		if best == nil {
			continue
		}
		if blocked, _ := n.proposeAll(ctx, b, f, c, x, best, without, now); !blocked && !first || ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// enterAll takes the answers that were handed in.
func (x *contest) enterAll(answers []handed) {
	if len(answers) == 0 {
		return
	}
	m := x.problem()
	for _, h := range answers {
		x.enter(m, h.read())
	}
}

// proposeAll proposes the rings of an entry that are worth more now than later,
// and returns whether some could not be proposed, and what is in those that are
// worth more later. Items that are in a proposal, and one of each ring that
// could not be, are added to without.
func (n *Node) proposeAll(ctx context.Context, b *market.Board, f *found, c market.Charter, x *contest, e *entered, without map[market.ItemID]bool, now sxp.Time) (blocked bool, later []market.ItemID) {
	for _, ring := range e.rings {
		if ctx.Err() != nil {
			return blocked, later
		}
		moves := draft.Moves(x.picture, ring)
		switch {
		case !f.due(c, moves, now):
			f.waits(now)
			later = append(later, moves[0].Ref)
		case n.tryRing(ctx, b, f, c, moves, now, e.solver):
			for _, id := range reserves(moves) {
				without[id] = true
			}
		default:
			blocked = true
			without[moves[0].Ref] = true
		}
	}
	return blocked, later
}

// due reports whether a ring is worth more now than waiting, as the market's
// charter says. Rounds do not wait.
func (f *found) due(c market.Charter, moves []draft.Move, now sxp.Time) bool {
	if c.Deals.Rhythm == market.Rounds {
		return true
	}
	fresh := slices.ContainsFunc(moves, func(mv draft.Move) bool { return f.arrived[mv.Ref] })
	if fresh {
		f.pace.Arrived(now, len(moves))
		for _, mv := range moves {
			delete(f.arrived, mv.Ref)
		}
	}
	horizon := c.Terms.Horizon
	if horizon == 0 && f.roll != nil {
		horizon = f.roll.Horizon
	}
	return f.pace.Due(draft.Waiting{
		Deals: c.Deals, Items: len(moves), Chance: draft.Chance(moves, f.keeps), Offers: len(f.items), Horizon: horizon, Now: now,
	})
}

// waits lets the finder look again although nothing is new.
func (f *found) waits(now sxp.Time) {
	if at := now.Add(waitingPause); f.again == 0 || at < f.again {
		f.again = at
	}
}

// keeps is how likely somebody keeps their word, in millionths: what the
// charter says of people of whom nothing is known.
func (f *found) keeps(sxp.ID) int64 {
	if p := f.charter.Deals.Reliability; p > 0 {
		return int64(p)
	}
	return market.DefaultReliability
}

// reserves are what a ring holds while it is proposed: what changes hands, what
// its first taker keeps, and the needs and groups that wishes went through.
func reserves(moves []draft.Move) (ids []market.ItemID) {
	for _, mv := range moves {
		ids = append(ids, mv.Ref)
		if !mv.For.IsZero() {
			ids = append(ids, mv.For)
		}
		ids = append(ids, mv.Via...)
	}
	slices.SortFunc(ids, func(a, b market.ItemID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// picture is the board without what is held.
func (f *found) picture(now sxp.Time) (*board.Picture, error) {
	return draft.Picture(now, draft.Options{Without: f.without(now)}, f.copy)
}
