package solver

import (
	"slices"
	"strings"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/deal/lot"
	"sxp/market"
)

// A Market is a board at one moment, as a problem.
type Market struct {
	Problem *lot.Problem

	picture *board.Picture
	node    map[deal.Node]deal.Node // of the picture, by node of the problem's graph
}

// NewMarket writes a picture of a board as a problem. Items, bids and groups
// are named by the IDs of their announcements (a need's bid is "need " and the
// ID), people by their IDs; titles are for people.
func NewMarket(p *board.Picture, opt deal.Options) *Market {
	m := &Market{picture: p, node: make(map[deal.Node]deal.Node)}
	var place []deal.Node
	m.Problem, place = lot.FromGraph(p.Graph, opt,
		func(n deal.Node) string { return p.ID(n).String() },
		func(u int) string { return p.People[u].String() })
	for n, to := range place {
		m.node[to] = deal.Node(n)
	}
	of := make(map[string]*market.Item, len(p.Offers))
	for i := range p.Offers {
		of[p.Offers[i].ID().String()] = p.Offers[i].Item
	}
	for i := range m.Problem.Items {
		it := &m.Problem.Items[i]
		if thing := of[it.ID]; thing != nil {
			it.Title, it.Kind = thing.String(), string(thing.Kind)
		}
	}
	return m
}

// Encode returns the problem as JSON under a title. It fails with TooLarge where
// no solver would read it.
func (m *Market) Encode(title string) ([]byte, error) {
	m.Problem.Title = title
	text, err := m.Problem.Encode()
	if err == nil && len(text) > lot.MaxBytes {
		return nil, sxp.Errorf("solver.Encode", sxp.TooLarge, nil, "the problem of this market has more than %d MiB: read its board and make it yourself", lot.MaxBytes>>20)
	}
	return text, err
}

// Proves reports whether an answer's certificate shows, within so much work,
// that nothing is better by the first goal.
func (m *Market) Proves(a *lot.Answer, work int64) bool {
	bound, err := Proof(m.Problem, a, work)
	if err != nil {
		return false
	}
	v, err := lot.Check(m.Problem, a)
	return err == nil && v.Of(Goals(m.Problem)[0]) == *bound
}

// Rings reads an answer from anybody as rings of the picture's graph. An
// exchange that is not right is left out and counted: one that names what is
// not there any more spoils no other. Whether the rest goes together is for
// deal.Check to say.
func (m *Market) Rings(a *lot.Answer) (rings []deal.Ring, left int, err error) {
	t, err := lot.Graph(m.Problem)
	if err != nil {
		return nil, 0, err
	}
	for i := range a.Exchanges {
		if i == len(m.Problem.Items) { // each exchange moves an item at least: the rest is there to keep us busy
			return rings, left + len(a.Exchanges) - i, nil
		}
		one := &lot.Answer{Format: a.Format, Exchanges: a.Exchanges[i : i+1]}
		found, err := t.Rings(one)
		if err != nil || len(found) != 1 {
			left++
			continue
		}
		r := make(deal.Ring, len(found[0]))
		for k, n := range found[0] {
			r[k] = m.node[n]
		}
		rings = append(rings, r)
	}
	return rings, left, nil
}

// Fitting returns rings that go together: each in turn that does with those
// before it. Where the graph has no limits it takes time linear in the rings and
// in the arcs that leave them, however many do not fit.
func Fitting(g *deal.Graph, rings []deal.Ring, opt deal.Options) (fit []deal.Ring, v deal.Value) {
	if v, err := deal.Check(g, rings, opt); err == nil {
		return rings, v
	}
	used := make(map[deal.Node]int)
	for _, r := range rings {
		if _, err := deal.Check(g, []deal.Ring{r}, opt); err != nil {
			continue
		}
		full := false
		for _, n := range r {
			used[n]++
			full = full || used[n] > g.Capacity(n)
		}
		if !full && g.NumLimits() > 0 {
			_, err := deal.Check(g, append(slices.Clip(fit), r), opt)
			full = err != nil
		}
		if !full {
			fit = append(fit, r)
			continue
		}
		for _, n := range r {
			used[n]--
		}
	}
	v, err := deal.Check(g, fit, opt)
	if err != nil {
		return nil, deal.Value{} // never: the same was counted above
	}
	return fit, v
}

// Named returns the IDs of the announcements that an answer from anybody
// names, each once, and of their owners nothing: whoever checks an answer to a
// large board needs only these. What is no ID is left out: Rings will refuse it.
func Named(a *lot.Answer) []market.ItemID {
	seen := map[market.ItemID]bool{}
	add := func(name string) {
		if id, err := market.ParseItemID(strings.TrimPrefix(name, "need ")); err == nil {
			seen[id] = true
		}
	}
	for _, e := range a.Exchanges {
		for _, u := range e.Uses {
			add(u.Bid)
		}
		for _, t := range e.Transfers {
			add(t.Item)
		}
	}
	ids := make([]market.ItemID, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b market.ItemID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
