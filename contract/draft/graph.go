package draft

import (
	"bytes"
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/market"
)

// wants is a board as package deal sees it.
type wants struct {
	g      deal.Graph
	people []sxp.ID
	person map[sxp.ID]int
	nodes  map[market.ItemID]deal.Node // offers and groups
	refs   map[deal.Node]market.ItemID
	docs   []*market.Document
	offers []market.Announcement // in the order of docs
	hits   map[market.Query][]deal.Node
}

// build makes the graph: an arc from each offer to what its owner would take
// for it, cheaper the earlier it stands in the owner's list.
func build(anns []market.Announcement, groups []market.Group) (*wants, error) {
	w := &wants{person: map[sxp.ID]int{}, nodes: map[market.ItemID]deal.Node{}, refs: map[deal.Node]market.ItemID{}, hits: map[market.Query][]deal.Node{}}
	slices.SortFunc(anns, func(x, y market.Announcement) int { xi, yi := x.ID(), y.ID(); return bytes.Compare(xi[:], yi[:]) })
	slices.SortFunc(groups, func(x, y market.Group) int { xi, yi := x.ID(), y.ID(); return bytes.Compare(xi[:], yi[:]) })
	needs := map[sxp.ID][]market.Want{}
	for _, a := range anns {
		if a.Direction == market.Need {
			q := a.Seeks()
			needs[a.Owner] = append(needs[a.Owner], market.Want{Query: &q})
			continue
		}
		n := w.g.AddOffer(w.owner(a.Owner))
		w.nodes[a.ID()], w.refs[n] = n, a.ID()
		w.docs = append(w.docs, market.NewDocument(*a.Item))
		w.offers = append(w.offers, a)
	}
	for _, g := range groups {
		w.nodes[g.ID()] = w.g.AddGroup(w.owner(g.Owner), g.K)
	}
	for _, a := range w.offers {
		list := a.Wants
		if len(list) == 0 {
			list = needs[a.Owner]
		}
		if err := w.link(w.nodes[a.ID()], list); err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		if err := w.link(w.nodes[g.ID()], g.Wants); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *wants) owner(id sxp.ID) int {
	n, ok := w.person[id]
	if !ok {
		n = len(w.people)
		w.person[id] = n
		w.people = append(w.people, id)
	}
	return n
}

// link adds the arcs of one list. What is not on the board, or the owner's
// own, leads nowhere.
func (w *wants) link(from deal.Node, list []market.Want) error {
	for rank, want := range list {
		var to []deal.Node
		switch {
		case want.Query != nil:
			var err error
			if to, err = w.matching(*want.Query); err != nil {
				return err
			}
		case !want.Group.IsZero():
			if n, ok := w.nodes[want.Group]; ok && w.g.IsGroup(n) && w.g.Owner(n) == w.g.Owner(from) {
				to = []deal.Node{n}
			}
		default:
			if n, ok := w.nodes[want.Item]; ok && !w.g.IsGroup(n) {
				to = []deal.Node{n}
			}
		}
		for _, n := range to {
			if n == from || !w.g.IsGroup(n) && w.g.Owner(n) == w.g.Owner(from) {
				continue
			}
			if err := w.g.AddArc(from, n, int64(rank)); err != nil {
				return err
			}
		}
	}
	return nil
}

// matching returns the offers that meet a query, each query looked up once.
func (w *wants) matching(q market.Query) ([]deal.Node, error) {
	if hits, ok := w.hits[q]; ok {
		return hits, nil
	}
	m, err := q.Compile()
	if err != nil {
		return nil, err
	}
	var hits []deal.Node
	for i, d := range w.docs {
		if m.Match(d) {
			hits = append(hits, w.nodes[w.offers[i].ID()])
		}
	}
	w.hits[q] = hits
	return hits, nil
}
