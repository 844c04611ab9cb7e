// Package board turns the announcements of a market into a graph of package
// deal, and the rings found there back into transfers between people.
//
// An offer becomes an offer of the graph. Its wants become arcs: an explicit
// one to that announcement, a query to every offer that matches it. A signed
// group ("at most k of these") becomes a group. An offer without wants is
// given for whatever meets one of its owner's needs; a need is met once, so it
// becomes a group of one. Where somebody gives something for nothing, a need
// may also begin a chain. Withdrawn and expired announcements count for
// nothing, and of several versions only the newest. [Build] looks at a whole
// market, [Live] follows it one announcement at a time.
//
// Whoever has a market's announcements can do this, without asking anybody.
package board

import (
	"cmp"
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/market"
)

// Limits of what Build makes; what is beyond is left out and counted.
const (
	// MaxArcs is how many arcs the graph gets. Only queries that match nearly
	// everything lead beyond.
	MaxArcs = 8_000_000
	// MaxMatches is how many offers one query leads to: those whose IDs come
	// first, which is as good as drawing lots.
	MaxMatches = 4096
)

// A Transfer is one item that changes hands.
type Transfer struct {
	ID      market.ItemID
	Version uint64 // of the announcement that was looked at
	Item    market.Item
	From    sxp.ID          // who gives it: the owner of the announcement
	To      sxp.ID          // who takes it
	For     market.ItemID   // what To gives for it or, as the first of a chain, keeps; zero where a need begins a chain
	Via     []market.ItemID // the groups and needs of To that it counts against, outermost first
}

// A Picture is a market at one moment.
type Picture struct {
	Graph  *deal.Graph
	Offers []market.Announcement // node i of the graph is Offers[i], an offer or a gift; ordered by ID
	People []sxp.ID              // as the graph numbers them
	Left   int                   // arcs left out because of the limits
	nodes  map[market.ItemID]deal.Node
	names  map[deal.Node]market.ItemID // of groups and needs
}

// Build makes the graph of what is live at now. The order of the arguments
// does not matter. It keeps the items.
func Build(announcements []market.Announcement, groups []market.Group, now sxp.Time) (*Picture, error) {
	b := newBuilder(announcements, groups, now)
	gifts := false
	for _, a := range b.Offers {
		add := b.Graph.AddOffer
		if a.Direction == market.Gift {
			add, gifts = b.Graph.AddGift, true
		}
		b.nodes[a.ID()] = add(b.person(a.Owner))
	}
	for _, g := range b.groups {
		b.group(g.ID(), g.Owner, g.K)
	}
	for _, n := range b.needs {
		b.needsOf[n.Owner] = append(b.needsOf[n.Owner], b.group(n.ID(), n.Owner, 1))
	}
	if gifts {
		if err := b.beginnings(); err != nil {
			return nil, err
		}
	}
	for _, g := range b.groups {
		if err := b.wants(b.nodes[g.ID()], g.Owner, g.Wants, false); err != nil {
			return nil, err
		}
	}
	for _, n := range b.needs {
		q := n.Seeks()
		if err := b.wants(b.nodes[n.ID()], n.Owner, []market.Want{{Query: &q}}, false); err != nil {
			return nil, err
		}
	}
	for _, a := range b.Offers {
		node := b.nodes[a.ID()]
		if err := b.wants(node, a.Owner, a.Wants, true); err != nil {
			return nil, err
		}
		if len(a.Wants) > 0 || a.Direction == market.Gift {
			continue
		}
		for _, need := range b.needsOf[a.Owner] {
			if err := b.arc(node, need, 1); err != nil {
				return nil, err
			}
		}
	}
	return b.Picture, nil
}

// A builder is one call of Build.
type builder struct {
	*Picture
	numbers map[sxp.ID]int
	groups  []market.Group
	needs   []market.Announcement
	needsOf map[sxp.ID][]deal.Node
	words   *catalogue
	matched map[market.Query][]int32 // offers, ascending
}

func newBuilder(announcements []market.Announcement, groups []market.Group, now sxp.Time) *builder {
	b := &builder{
		Picture: &Picture{Graph: new(deal.Graph), nodes: make(map[market.ItemID]deal.Node), names: make(map[deal.Node]market.ItemID)},
		numbers: make(map[sxp.ID]int),
		needsOf: make(map[sxp.ID][]deal.Node),
		matched: make(map[market.Query][]int32),
	}
	for _, a := range newestFirst(announcements, announcementKey) {
		switch {
		case !a.Live(now) || a.Item == nil:
		case a.Gives():
			b.Offers = append(b.Offers, a)
		case a.Direction == market.Need:
			b.needs = append(b.needs, a)
		}
	}
	for _, g := range newestFirst(groups, groupKey) {
		if g.Live(now) {
			b.groups = append(b.groups, g)
		}
	}
	b.words = newCatalogue(b.Offers)
	return b
}

// A key orders announcements: by ID, newer versions first.
type key struct {
	id      market.ItemID
	version uint64
}

func announcementKey(a *market.Announcement) key { return key{a.ID(), a.Version} }
func groupKey(g *market.Group) key               { return key{g.ID(), g.Version} }

// newestFirst returns the newest version of each, ordered by ID.
func newestFirst[T any](list []T, of func(*T) key) []T {
	type keyed struct {
		key
		at int
	}
	order := make([]keyed, len(list))
	for i := range list {
		order[i] = keyed{of(&list[i]), i}
	}
	slices.SortStableFunc(order, func(a, b keyed) int {
		return cmp.Or(slices.Compare(a.id[:], b.id[:]), -cmp.Compare(a.version, b.version))
	})
	var out []T
	for i, k := range order {
		if i == 0 || k.id != order[i-1].id {
			out = append(out, list[k.at])
		}
	}
	return out
}

func (b *builder) person(id sxp.ID) int {
	n, ok := b.numbers[id]
	if !ok {
		n = len(b.People)
		b.numbers[id] = n
		b.People = append(b.People, id)
	}
	return n
}

// group adds a group of the graph for a group or a need.
func (b *builder) group(id market.ItemID, owner sxp.ID, k int) deal.Node {
	node := b.Graph.AddGroup(b.person(owner), k)
	b.nodes[id], b.names[node] = node, id
	return node
}

// beginnings lets each need begin a chain: its owner takes something without
// giving. It still counts against the need's group, so the need is met once.
func (b *builder) beginnings() error {
	for _, n := range b.needs {
		if err := b.Graph.AddArc(b.Graph.AddNeed(b.person(n.Owner)), b.nodes[n.ID()], 1); err != nil {
			return err
		}
	}
	return nil
}

// wants adds the arcs of a list of wants. The place in the list of an offer is
// its cost; within a group all are equal.
func (b *builder) wants(from deal.Node, owner sxp.ID, wants []market.Want, ranked bool) error {
	for i, w := range wants {
		cost := int64(0)
		if ranked {
			cost = int64(i) + 1
		}
		if w.Query != nil {
			for _, j := range b.matches(*w.Query) {
				if err := b.arc(from, deal.Node(j), cost); err != nil {
					return err
				}
			}
			continue
		}
		id := w.Item
		if !w.Group.IsZero() {
			id = w.Group
		}
		to, ok := b.nodes[id]
		if !ok || b.Graph.IsGroup(to) == w.Group.IsZero() || b.Graph.IsGroup(to) && b.People[b.Graph.Owner(to)] != owner {
			continue // gone, or not what the want says
		}
		if err := b.arc(from, to, cost); err != nil {
			return err
		}
	}
	return nil
}

// arc adds an arc where it makes sense and there is room.
func (b *builder) arc(from, to deal.Node, cost int64) error {
	g := b.Graph
	if from == to || !g.IsGroup(to) && g.Owner(from) == g.Owner(to) {
		return nil
	}
	if g.NumArcs() >= MaxArcs {
		b.Left++
		return nil
	}
	return g.AddArc(from, to, cost)
}

// matches returns the offers that a query means; each query is asked once.
func (b *builder) matches(q market.Query) []int32 {
	list, ok := b.matched[q]
	if !ok {
		if m, err := q.Compile(); err == nil { // an invalid query means nothing
			list = b.words.find(m)
		}
		if len(list) > MaxMatches {
			b.Left += len(list) - MaxMatches
			list = list[:MaxMatches]
		}
		b.matched[q] = list
	}
	return list
}

// Node returns the node of an offer, a group or a need.
func (p *Picture) Node(id market.ItemID) (deal.Node, bool) {
	n, ok := p.nodes[id]
	return n, ok
}

// Transfers returns what changes hands in a ring or a chain, in its order.
func (p *Picture) Transfers(r deal.Ring) []Transfer {
	var list []Transfer
	for _, s := range p.Graph.Steps(r) {
		a := p.Offers[s.Item]
		t := Transfer{ID: a.ID(), Version: a.Version, Item: *a.Item, From: p.People[s.From], To: p.People[s.To]}
		if int(s.For) < len(p.Offers) {
			t.For = p.Offers[s.For].ID()
		}
		for _, g := range s.Via {
			t.Via = append(t.Via, p.names[g])
		}
		list = append(list, t)
	}
	return list
}
