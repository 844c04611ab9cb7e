package lot

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sxp/deal"
)

// FromGraph writes a graph and what is sought in it as a problem. node and
// person give names; where they are nil, empty, no names or not unique, others
// are made of them. It returns the node of Graph's translation for each node of
// g: they are the same where g has its offers and gifts first, then its needs,
// then its groups. An offer that leads nowhere becomes an item without bids, a
// need that leads nowhere is left out (-1). Groups that form a cycle or nest
// deeper than deal.MaxNesting make a problem that is not valid.
func FromGraph(g *deal.Graph, opt deal.Options, node func(deal.Node) string, person func(int) string) (*Problem, []deal.Node) {
	p := &Problem{Format: ProblemFormat, People: []Person{}, Items: []Item{}, Bids: []Bid{}}
	p.Options = Options{MaxRing: opt.MaxRing, MaxChain: opt.MaxChain, MaxMeanCost: opt.MaxMeanCost, Seed: opt.Seed, Top: g.Top()}
	for _, o := range opt.Goals {
		p.Options.Goals = append(p.Options.Goals, o.String())
	}
	f := &fromGraph{g: g, p: p, place: make([]deal.Node, g.Len()), id: make([]string, g.Len())}
	f.people(person)
	f.items(node)
	for n := range deal.Node(g.Len()) {
		f.arcs(n)
	}
	f.limits()
	return p, f.place
}

type fromGraph struct {
	g     *deal.Graph
	p     *Problem
	who   map[int]string
	place []deal.Node // in the translation
	id    []string    // of an item and its bid, a need or a group
}

// A namer makes names that are allowed and unique.
type namer map[string]bool

func (used namer) name(s, instead string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	if len(s) > MaxID-16 {
		s = strings.ToValidUTF8(s[:MaxID-16], "")
	}
	if s == "" {
		s = instead
	}
	id := s
	for i := 2; used[id]; i++ {
		id = s + "#" + strconv.Itoa(i)
	}
	used[id] = true
	return id
}

func (f *fromGraph) people(name func(int) string) {
	f.who = make(map[int]string)
	for n := range deal.Node(f.g.Len()) {
		f.who[f.g.Owner(n)] = ""
	}
	used := make(namer)
	for _, u := range slices.Sorted(maps.Keys(f.who)) {
		s := ""
		if name != nil {
			s = name(u)
		}
		f.who[u] = used.name(s, "p"+strconv.Itoa(u))
		q := Person{ID: f.who[u]}
		if r := f.g.Reliability(u); r != deal.Certain {
			q.Reliability = decimal(r)
		}
		f.p.People = append(f.p.People, q)
	}
}

// items names the nodes and finds their places.
func (f *fromGraph) items(name func(deal.Node) string) {
	items, groups := make(namer), make(namer)
	var order [3][]deal.Node
	for n := range deal.Node(f.g.Len()) {
		s, kind, used := "", 0, items
		if name != nil {
			s = name(n)
		}
		switch {
		case f.g.IsNeed(n):
			kind = 1
		case f.g.IsGroup(n):
			kind, used = 2, groups
		}
		if kind == 1 && len(f.g.Arcs(n)) == 0 {
			f.place[n] = -1
			continue
		}
		order[kind] = append(order[kind], n)
		f.id[n] = used.name(s, "n"+strconv.Itoa(int(n)))
		if kind == 0 {
			f.p.Items = append(f.p.Items, Item{ID: f.id[n], Owner: f.who[f.g.Owner(n)], Gift: f.g.IsGift(n)})
		}
	}
	place := deal.Node(0)
	for _, nodes := range order {
		for _, n := range nodes {
			f.place[n] = place
			place++
		}
	}
}

// arcs makes the bid of an offer or need, or the group.
func (f *fromGraph) arcs(n deal.Node) {
	of := []Option{}
	for _, a := range f.g.Arcs(n) {
		o := Option{Cost: a.Cost}
		if f.g.IsGroup(a.To) {
			o.Group = f.id[a.To]
		} else {
			o.Item = f.id[a.To]
		}
		of = append(of, o)
	}
	by := f.who[f.g.Owner(n)]
	switch {
	case f.g.IsGroup(n):
		f.p.Groups = append(f.p.Groups, Group{ID: f.id[n], By: by, Most: int64(f.g.Capacity(n)), Of: of})
	case f.g.IsGift(n) || len(of) == 0:
	case f.g.IsNeed(n):
		f.p.Bids = append(f.p.Bids, Bid{ID: f.id[n], By: by, Take: Side{Of: of}})
	default:
		f.p.Bids = append(f.p.Bids, Bid{ID: f.id[n], By: by, Give: Side{Of: []Option{{Item: f.id[n]}}}, Take: Side{Of: of}})
	}
}

func (f *fromGraph) limits() {
	for i := range f.g.NumLimits() {
		most, nodes, weight := f.g.Limit(i)
		l := Limit{ID: "l" + strconv.Itoa(i), Most: most, Of: []Weight{}}
		for k, n := range nodes {
			switch {
			case f.g.IsGift(n):
				l.Of = append(l.Of, Weight{Item: f.id[n], Weight: weight[k]})
			case len(f.g.Arcs(n)) > 0:
				l.Of = append(l.Of, Weight{Bid: f.id[n], Weight: weight[k]})
			}
		}
		f.p.Limits = append(f.p.Limits, l)
	}
}
