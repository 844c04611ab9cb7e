package world

import (
	"sxp/deal"
	"sxp/market"
)

// graphOf turns the announcements and groups of a board into a graph, and
// returns the announcement of each of its nodes. Wants that name nothing on
// the board are left out.
func graphOf(board []market.Listing) (*deal.Graph, []market.Listing, error) {
	g := new(deal.Graph)
	people := make(map[string]int)
	person := func(l market.Listing) int {
		key := string(l.Signer[:])
		if _, ok := people[key]; !ok {
			people[key] = len(people)
		}
		return people[key]
	}
	node := make(map[market.ItemID]deal.Node)
	var items []market.Listing
	for _, l := range board {
		switch {
		case l.Announcement != nil && !l.Announcement.Withdrawn && l.Announcement.Direction == market.Offer:
			node[l.ID] = g.AddOffer(person(l))
		case l.Group != nil && !l.Group.Withdrawn:
			node[l.ID] = g.AddGroup(person(l), l.Group.K)
		default:
			continue
		}
		items = append(items, l)
	}
	for from, l := range items {
		wants := []market.Want(nil)
		if l.Group != nil {
			wants = l.Group.Wants
		} else {
			wants = l.Announcement.Wants
		}
		for rank, w := range wants {
			to, ok := node[w.Item]
			if !w.Group.IsZero() {
				to, ok = node[w.Group]
			}
			if !ok || (g.Owner(to) == g.Owner(deal.Node(from))) != g.IsGroup(to) {
				continue
			}
			cost := int64(rank + 1)
			if l.Group != nil {
				cost = 0
			}
			if err := g.AddArc(deal.Node(from), to, cost); err != nil {
				return nil, nil, err
			}
		}
	}
	return g, items, nil
}
