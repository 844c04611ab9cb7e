package solver

import (
	"sxp/deal"
	"sxp/deal/internal/random"
)

// How the local search spends its work.
const (
	heatPasses    = 24    // moves per offer in the first round of cooling
	backArcs      = 10000 // arcs looked at to learn what leads back to an offer
	walkArcs      = 3000  // arcs looked at for one candidate ring
	grain         = 4096  // what one unit of the first goal is worth
	hot           = grain // temperature at the start of a round …
	cold          = grain / 64
	maxBroken     = 3  // rings that one move may push out on its way
	movesToLook   = 64 // moves between two looks at stop
	restRounds    = 16 // it ends when all but the first part in so many found nothing better
	moveWork      = 40 // what a move costs beside the arcs that it looks at
	exchangeEvery = 4  // one in so many moves starts from what is not free
)

// Search looks for rings by local search alone: it takes a ring or chain
// through an offer that is left over, pushes out what is in the way, and
// accepts losses by a falling temperature (Kirkpatrick, Gelatt, Vecchi 1983),
// in rounds of growing length. It never lists the rings, so its memory is that
// of the graph, and it may be stopped at any moment. It obeys the options as
// deal.Find does. It proves nothing: Bound is only how many items somebody
// wants at all where the first goal is Items, else 0.
//
// It ends when stop says so (nil: never), when Budget is spent, or when it has
// long found nothing better. What it
// returns depends on stop alone among things outside; without stop it is the
// same on every machine. It fails as deal.Find does.
func Search(g *deal.Graph, opt deal.Options, stop func() bool) (deal.Result, error) {
	if opt.MaxRing == 0 { // a matching: nothing is faster than the exact way
		opt.Progress = func(deal.Progress) bool { return stop == nil || !stop() }
		return deal.Find(g, opt)
	}
	if err := checkOptions(g, opt); err != nil {
		return deal.Result{}, err
	}
	s := newSearch(g, opt)
	s.run(stop)
	r := deal.Result{Rings: s.answer(), Work: s.work}
	var err error
	if r.Value, err = deal.Check(g, r.Rings, opt); err != nil {
		return deal.Result{}, err
	}
	if s.goals[0] == deal.Items {
		r.Bound = s.wanted()
		r.Optimal = r.Bound == int64(r.Value.Items)
	}
	return r, nil
}

// checkOptions lets package deal say what is wrong with the options.
func checkOptions(g *deal.Graph, opt deal.Options) error {
	var none deal.Graph
	if g.Len() > deal.MaxNodes || g.NumArcs() > deal.MaxArcs {
		_, err := deal.Find(g, opt) // which refuses it at once
		return err
	}
	_, err := deal.Find(&none, opt)
	return err
}

// A search is one call of Search.
type search struct {
	*choice
	opt   deal.Options
	goals []deal.Goal
	rng   random.Source
	work  int64
	walk  *walker

	start []deal.Node // offers, gifts and needs that a ring or chain may pass
	best  deal.Value
	top   []deal.Ring
}

func newSearch(g *deal.Graph, opt deal.Options) *search {
	s := &search{opt: opt, goals: opt.Goals, rng: random.Source(opt.Seed)}
	if len(s.goals) == 0 {
		s.goals = deal.DefaultGoals()
	}
	if s.opt.Budget <= 0 {
		s.opt.Budget = deal.DefaultBudget
	}
	s.choice = newChoice(g, s.goals)
	s.walk = newWalker(g, s.opt, s.choice, &s.rng)
	for n := range deal.Node(g.Len()) {
		if s.walk.useful[n] && !g.IsGroup(n) {
			s.start = append(s.start, n)
		}
	}
	return s
}

// run cools again and again, each time for longer and from the best so far.
func (s *search) run(stop func() bool) {
	if len(s.start) == 0 {
		return
	}
	ended := func() bool { return s.work+s.walk.work >= s.opt.Budget || stop != nil && stop() }
	better := int64(1) // the last round that found something better
	for round := int64(1); !ended() && (round < restRounds*restRounds || round/better < restRounds); round *= 2 {
		before := s.best
		moves := round * heatPasses * int64(len(s.start))
		for m := int64(0); m < moves; m++ {
			if m%movesToLook == 0 && ended() {
				break
			}
			s.move(cooled(m, moves))
		}
		s.restore()
		if s.best != before {
			better = round
		}
	}
	s.work += s.walk.work
}

// cooled is the temperature at a move: from hot to cold, halving evenly.
func cooled(m, moves int64) int64 {
	t := int64(hot)
	for step := moves / 12; step > 0 && m >= step && t > cold; m -= step {
		t = t * 181 >> 8 // the root of a half
	}
	return t
}

// move changes the choice through one random node: one that is free, and now
// and then one that is not, which gives its ring up for another or for none.
func (s *search) move(temperature int64) {
	s.work += moveWork
	n := s.start[s.rng.Below(len(s.start))]
	id, full := s.holder(n, &s.rng)
	if full && s.rng.Below(exchangeEvery) != 0 {
		return
	}
	var ring deal.Ring
	if !full || s.rng.Below(exchangeEvery) != 0 {
		if ring = s.walk.through(n, id, full); ring == nil || !s.allowed(ring) {
			return
		}
	}
	out, ok := []int32{id}, true
	if ring != nil {
		out, ok = s.inTheWay(ring, &s.rng)
	}
	if ok {
		s.exchange(out, ring, temperature)
	}
}

// exchange puts a ring (nil: none) in place of others, unless it loses more
// than the temperature allows.
func (s *search) exchange(out []int32, ring deal.Ring, temperature int64) {
	before := s.score(s.goals)
	var broken []*held
	for _, id := range out {
		broken = append(broken, s.drop(id))
	}
	put := int32(-1)
	if ring != nil {
		put = s.put(ring)
	}
	if loss := before - s.score(s.goals); loss > s.rng.Patience()*temperature>>8 {
		if put >= 0 {
			s.drop(put)
		}
		for _, h := range broken {
			s.putBack(h)
		}
		return
	}
	if s.value().Compare(s.best, s.goals) > 0 {
		s.best, s.top = s.value(), s.rings()
	}
}

// allowed reports whether the options let a ring be chosen at all.
func (s *search) allowed(r deal.Ring) bool {
	if s.opt.MaxMeanCost > 0 {
		if cost, items := s.costOf(r), s.itemsOf(r); cost > s.opt.MaxMeanCost*int64(items) {
			return false
		}
	}
	return s.opt.Skip == nil || !s.opt.Skip(s.fromLowest(r))
}

// restore goes back to the best choice.
func (s *search) restore() {
	for id := range s.held {
		if s.held[id] != nil {
			s.drop(int32(id))
		}
	}
	for _, r := range s.top {
		s.put(r)
	}
}

// answer returns the best rings in the order in which deal.Find returns them.
func (s *search) answer() []deal.Ring {
	rings := make([]deal.Ring, len(s.top))
	for i, r := range s.top {
		rings[i] = s.fromLowest(r)
	}
	sortRings(rings)
	return rings
}

// wanted is how many items somebody would take: no answer moves more.
func (s *search) wanted() int64 {
	n := int64(0)
	for _, x := range s.start {
		if s.walk.taken(x) {
			n++
		}
	}
	return n
}
