package agent

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract/draft"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/deal/explain"
)

// whyWork is the work for the answer that an item is held against, about three
// seconds.
const whyWork = 150_000_000

// nothingToGive is the reason of a need whose owner offers nothing for it.
const nothingToGive = "nothing-to-give"

// why answers "why": it reads the whole board, as the market's own finder does,
// and explains one of the person's announcements against the best rings.
func (a *Agent) why(ctx context.Context, in ItemRef) (v WhyView, err error) {
	const op = "agent.why"
	it, err := a.findItem(in.Item)
	if err != nil {
		return v, err
	}
	if st := it.state(a.now()); st != itemActive {
		return v, sxp.Errorf(op, sxp.Conflict, it.ID, "it is %s: only what stands on a board can find a ring", st)
	}
	m, err := a.findMarket(it.Market.String())
	if err != nil {
		return v, err
	}
	s, err := a.newStalls(ctx, m, nil)
	if err != nil {
		return v, err
	}
	if err := s.read(ctx); err != nil {
		return v, err
	}
	opt := draft.OptionsOf(s.all[0].charter)
	p, err := draft.Picture(a.now(), opt, s.all[0].board)
	if err != nil {
		return v, err
	}
	n, ok := p.Node(it.ID)
	if !ok {
		return v, sxp.Errorf(op, sxp.NotFound, it.ID, "the market does not show it yet: try again in a minute")
	}
	caps := deal.Options{MaxRing: opt.MaxRing, MaxChain: opt.MaxChain, Goals: opt.Goals, Budget: whyWork}
	if caps.MaxRing == 0 {
		caps.MaxRing = deal.DefaultMaxRing
	}
	best, err := deal.FindCapped(p.Graph, caps)
	if err != nil {
		return v, err
	}
	r, err := whyOf(p, caps, best.Rings, n)
	if err != nil {
		return v, err
	}
	names, err := a.names(ctx, m, peopleOf(p, r))
	if err != nil && !unreachable(err) {
		return v, err
	}
	return viewWhy(p, caps, best.Rings, r, names), nil
}

// whyOf explains a node; a need finds rings through its owner's offers, so the
// one that comes nearest speaks for it.
func whyOf(p *board.Picture, opt deal.Options, rings []deal.Ring, n deal.Node) (*explain.Report, error) {
	if !p.Graph.IsGroup(n) {
		return explain.Why(p.Graph, opt, rings, n)
	}
	wishes := len(p.Graph.Arcs(n))
	best := &explain.Report{Reason: nothingToGive, In: -1, Wishes: wishes}
	if wishes == 0 {
		best.Reason = explain.NoWishes
		return best, nil
	}
	for i := range p.Offers {
		o := deal.Node(i)
		if p.Graph.Owner(o) != p.Graph.Owner(n) || !slices.ContainsFunc(p.Graph.Arcs(o), func(a deal.Arc) bool { return a.To == n }) {
			continue
		}
		r, err := explain.Why(p.Graph, opt, rings, o)
		if err != nil {
			return nil, err
		}
		if best.Reason == nothingToGive || r.Shortest > 0 && (best.Shortest == 0 || r.Shortest < best.Shortest) {
			best = r
		}
	}
	return best, nil
}

// peopleOf lists who is named in a report.
func peopleOf(p *board.Picture, r *explain.Report) (ids []sxp.ID) {
	add := func(n deal.Node) {
		if id := p.People[p.Graph.Owner(n)]; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, c := range r.Rings {
		for _, n := range c.Ring {
			add(n)
		}
	}
	for _, adv := range r.Advice {
		add(adv.Offer)
	}
	return ids
}

func viewWhy(p *board.Picture, opt deal.Options, rings []deal.Ring, r *explain.Report, names map[sxp.ID]string) WhyView {
	v := WhyView{Reason: string(r.Reason), Wishes: r.Wishes, Wanted: r.Wanted, Shortest: r.Shortest, MaxRing: opt.MaxRing,
		Rings: []WhyRing{}, More: r.More, Take: []WhyTake{}}
	for _, c := range r.Rings {
		one := WhyRing{Moves: []WhyMove{}, Breaks: len(c.Instead)}
		for _, t := range slices.Backward(p.Transfers(c.Ring)) {
			one.Moves = append(one.Moves, WhyMove{ID: t.ID, Item: t.Item.String(), From: t.From, FromName: names[t.From], To: t.To, ToName: names[t.To]})
		}
		v.Rings = append(v.Rings, one)
	}
	for _, adv := range r.Advice {
		o := p.Offers[adv.Offer]
		v.Take = append(v.Take, WhyTake{ID: o.ID(), Item: o.Item.String(), Owner: o.Owner, OwnerName: names[o.Owner], Items: adv.Items, Free: adv.Free})
	}
	return v
}
