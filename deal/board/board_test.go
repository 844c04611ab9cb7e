package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/market"
)

const now = sxp.Time(1_000_000)

func who(n int) sxp.ID { return sxp.ID{0: 1, 31: byte(n)} }

func nonce(n int) market.Nonce { return market.Nonce{0: 1, 14: byte(n >> 8), 15: byte(n)} }

func offer(owner, n int, title string, wants ...market.Want) market.Announcement {
	return market.Announcement{Market: who(99), Owner: who(owner), Nonce: nonce(n), Version: 1, Direction: market.Offer,
		Item: &market.Item{Kind: market.Good, Title: title}, Wants: wants, Created: 1, Expires: now + 1}
}

func need(owner, n int, title string) market.Announcement {
	a := offer(owner, n, title)
	a.Direction = market.Need
	return a
}

func words(w string) market.Want { return market.Want{Query: &market.Query{Words: w}} }

// story writes transfers as "item: from to" with people as their number.
func story(list []board.Transfer) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, fmt.Sprintf("%s: %d to %d", t.Item.Title, t.From[31], t.To[31]))
	}
	return strings.Join(parts, ", ")
}

// Rows 7, 9 and 12: three people who only say what they have and need.
func TestTheThreeStrangersAreFound(t *testing.T) {
	all := []market.Announcement{
		offer(1, 1, "maths lessons"), need(1, 2, "beer"),
		offer(2, 1, "a barrel of beer"), need(2, 2, "coins"),
		offer(3, 1, "gold coins"), need(3, 2, "maths"),
	}
	p, err := board.Build(all, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	res, err := deal.Find(p.Graph, deal.Defaults())
	if err != nil || len(res.Rings) != 1 || !res.Exact {
		t.Fatalf("Find: %+v, %v; want one ring", res, err)
	}
	got := story(p.Transfers(res.Rings[0]))
	for _, part := range []string{"maths lessons: 1 to 3", "a barrel of beer: 2 to 1", "gold coins: 3 to 2"} {
		if !strings.Contains(got, part) {
			t.Errorf("transfers %q lack %q", got, part)
		}
	}
	l := board.NewLive()
	for i, a := range all {
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
		deals, complete := l.Through(a.ID(), 5, 4, 0)
		if closes := i == len(all)-1; (len(deals) == 1) != closes || !complete {
			t.Errorf("after announcement %d: %d rings, complete %v", i, len(deals), complete)
		}
	}
}

func TestWhatCounts(t *testing.T) {
	group := func(owner, n, k int, wants ...market.Want) market.Group {
		return market.Group{Market: who(99), Owner: who(owner), Nonce: nonce(n), Version: 1, K: k, Wants: wants, Created: 1, Expires: now + 1}
	}
	in := func(g market.Group) market.Want { return market.Want{Group: g.ID()} }
	beer := offer(2, 1, "beer", words("bike"))
	beer2 := offer(2, 2, "more beer", words("bike"))
	mine := group(1, 50, 1, words("beer"))
	foreign := group(2, 50, 1, words("beer"))
	edit := func(a market.Announcement, f func(*market.Announcement)) market.Announcement {
		f(&a)
		return a
	}
	for name, tt := range map[string]struct {
		all    []market.Announcement
		groups []market.Group
		items  int
	}{
		"a want by words":           {[]market.Announcement{offer(1, 1, "bike", words("beer")), beer}, nil, 2},
		"a want by name":            {[]market.Announcement{offer(1, 1, "bike", market.Want{Item: beer.ID()}), beer}, nil, 2},
		"a want that nobody meets":  {[]market.Announcement{offer(1, 1, "bike", words("wine")), beer}, nil, 0},
		"no wants and no needs":     {[]market.Announcement{offer(1, 1, "bike"), beer}, nil, 0},
		"a need of the same owner":  {[]market.Announcement{offer(1, 1, "bike"), need(1, 2, "beer"), beer}, nil, 2},
		"a need of somebody else":   {[]market.Announcement{offer(1, 1, "bike"), need(3, 2, "beer"), beer}, nil, 0},
		"a need is no offer":        {[]market.Announcement{need(1, 1, "bike"), beer}, nil, 0},
		"wants go before needs":     {[]market.Announcement{offer(1, 1, "bike", words("wine")), need(1, 2, "beer"), beer}, nil, 0},
		"a need is met once":        {[]market.Announcement{offer(1, 1, "bike"), offer(1, 3, "old bike"), need(1, 2, "beer"), beer, beer2}, nil, 2},
		"two needs are met twice":   {[]market.Announcement{offer(1, 1, "bike"), offer(1, 3, "old bike"), need(1, 2, "beer"), need(1, 4, "beer"), beer, beer2}, nil, 4},
		"one's own things are none": {[]market.Announcement{offer(1, 1, "bike", words("beer")), offer(1, 2, "beer", words("bike"))}, nil, 0},
		"withdrawn": {[]market.Announcement{edit(offer(1, 1, "bike", words("beer")), func(a *market.Announcement) {
			*a = market.Announcement{Owner: a.Owner, Nonce: a.Nonce, Version: 2, Withdrawn: true, Expires: a.Expires}
		}), beer}, nil, 0},
		"expired":                     {[]market.Announcement{edit(offer(1, 1, "bike", words("beer")), func(a *market.Announcement) { a.Expires = now }), beer}, nil, 0},
		"the newest version, last":    {[]market.Announcement{offer(1, 1, "bike", words("beer")), edit(offer(1, 1, "car"), func(a *market.Announcement) { a.Version = 2 }), beer}, nil, 0},
		"the newest version, first":   {[]market.Announcement{edit(offer(1, 1, "car"), func(a *market.Announcement) { a.Version = 2 }), offer(1, 1, "bike", words("beer")), beer}, nil, 0},
		"a group":                     {[]market.Announcement{offer(1, 1, "bike", in(mine)), beer}, []market.Group{mine}, 2},
		"a group of one, twice":       {[]market.Announcement{offer(1, 1, "bike", in(mine)), offer(1, 2, "old bike", in(mine)), beer, beer2}, []market.Group{mine}, 2},
		"a group of two, twice":       {[]market.Announcement{offer(1, 1, "bike", in(group(1, 51, 2, words("beer")))), offer(1, 2, "old bike", in(group(1, 51, 2))), beer, beer2}, []market.Group{group(1, 51, 2, words("beer"))}, 4},
		"a group in a group":          {[]market.Announcement{offer(1, 1, "bike", in(group(1, 52, 1))), beer}, []market.Group{mine, group(1, 52, 1, in(mine))}, 2},
		"groups around in a circle":   {[]market.Announcement{offer(1, 1, "bike", in(group(1, 52, 1))), beer}, []market.Group{group(1, 52, 1, in(group(1, 53, 1))), group(1, 53, 1, in(group(1, 52, 1)), words("beer"))}, 2},
		"somebody else's group":       {[]market.Announcement{offer(1, 1, "bike", in(foreign)), beer}, []market.Group{foreign}, 0},
		"a group that is gone":        {[]market.Announcement{offer(1, 1, "bike", in(mine)), beer}, nil, 0},
		"a group's name as an item":   {[]market.Announcement{offer(1, 1, "bike", market.Want{Item: mine.ID()}), beer}, []market.Group{mine}, 0},
		"an invalid query":            {[]market.Announcement{offer(1, 1, "bike", market.Want{Query: &market.Query{}}), beer}, nil, 0},
		"an alternative of the query": {[]market.Announcement{offer(1, 1, "bike", words("wine | bee")), beer}, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := board.Build(tt.all, tt.groups, now)
			if err != nil {
				t.Fatal(err)
			}
			res, err := deal.Find(p.Graph, deal.Defaults())
			if err != nil || res.Value.Items != tt.items {
				t.Errorf("Find: %+v, %v; want %d items", res, err, tt.items)
			}
		})
	}
}

// drawMarket makes announcements over a few words, so that much matches.
func drawMarket(t *rapid.T) ([]market.Announcement, []market.Group) {
	vocabulary := []string{"beer", "bike", "bikes", "coin", "maths lessons", "old bike"}
	word := func() string { return vocabulary[rapid.IntRange(0, len(vocabulary)-1).Draw(t, "word")] }
	var groups []market.Group
	owner := func() int { return rapid.IntRange(1, 4).Draw(t, "owner") }
	want := func(o int) market.Want {
		switch k := rapid.IntRange(0, 5).Draw(t, "want"); {
		case k == 0:
			return market.Want{Item: offer(owner(), rapid.IntRange(1, 3).Draw(t, "item"), "").ID()}
		case k == 1:
			return market.Want{Group: market.NewGroupID(who(o), nonce(rapid.IntRange(50, 51).Draw(t, "group")))}
		}
		return words(word())
	}
	wants := func(o, least int) []market.Want {
		var list []market.Want
		for range rapid.IntRange(least, 2).Draw(t, "wants") {
			list = append(list, want(o))
		}
		return list
	}
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		o := owner()
		g := market.Group{Owner: who(o), Nonce: nonce(rapid.IntRange(50, 51).Draw(t, "group")), Version: uint64(rapid.IntRange(1, 3).Draw(t, "version")), K: 1, Wants: wants(o, 1), Expires: now + 1}
		groups = append(groups, g)
	}
	var all []market.Announcement
	for range rapid.IntRange(1, 9).Draw(t, "announcements") {
		o := owner()
		a := offer(o, rapid.IntRange(1, 3).Draw(t, "nonce"), word(), wants(o, 0)...)
		if rapid.IntRange(0, 3).Draw(t, "need") == 0 {
			a = need(o, rapid.IntRange(4, 5).Draw(t, "nonce"), word())
		}
		if a.Direction == market.Offer && rapid.IntRange(0, 4).Draw(t, "gift") == 0 {
			a.Direction, a.Wants = market.Gift, nil
		}
		a.Version = uint64(rapid.IntRange(1, 3).Draw(t, "version"))
		if rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
			a.Withdrawn, a.Item, a.Wants = true, nil, nil
		}
		all = append(all, a)
	}
	return all, groups
}

// Every pair is compared with the matcher itself, without any index.
func TestBuildMatchesEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, groups := drawMarket(t)
		p, err := board.Build(all, groups, now)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range p.Offers {
			for _, w := range a.Wants {
				for j, b := range p.Offers {
					meant := w.Query != nil && w.Query.Match(*b.Item) || w.Item == b.ID()
					if a.Owner == b.Owner || !meant {
						continue
					}
					if !slices.ContainsFunc(p.Graph.Arcs(deal.Node(i)), func(x deal.Arc) bool { return x.To == deal.Node(j) }) {
						t.Errorf("%q wants %+v, which %q is, but there is no arc", a.Item.Title, w, b.Item.Title)
					}
				}
			}
			for _, arc := range p.Graph.Arcs(deal.Node(i)) {
				if !p.Graph.IsGroup(arc.To) && p.Offers[arc.To].Owner == a.Owner {
					t.Errorf("an arc to one's own offer")
				}
			}
		}
	})
}

// A Live says at every moment what Build and a search of all rings say.
func TestLiveAgreesWithBuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := board.NewLive()
		if rapid.Bool().Draw(t, "spare nothing") {
			l.SpareNothing()
		}
		all, groups := drawMarket(t)
		// The board lets no older version in.
		seen := make(map[market.ItemID]uint64)
		var past []market.Announcement
		var pastGroups []market.Group
		for len(all)+len(groups) > 0 {
			if len(groups) > 0 && (len(all) == 0 || rapid.Bool().Draw(t, "group now")) {
				g := groups[0]
				groups = groups[1:]
				if g.Version <= seen[g.ID()] {
					continue
				}
				seen[g.ID()] = g.Version
				pastGroups = append(pastGroups, g)
				if err := l.PutGroup(g); err != nil {
					t.Fatal(err)
				}
			} else {
				a := all[0]
				all = all[1:]
				if a.Version <= seen[a.ID()] {
					continue
				}
				seen[a.ID()] = a.Version
				past = append(past, a)
				if err := l.Put(a); err != nil {
					t.Fatal(err)
				}
			}
		}
		p, err := board.Build(past, pastGroups, now)
		if err != nil {
			t.Fatal(err)
		}
		chains := chainsOf(p, 3)
		for _, a := range past {
			if found, complete := l.Chains(a.ID(), board.Ask{MaxItems: 3}); !complete || !slices.Equal(names(found), chains[a.ID()]) {
				t.Errorf("chains through %v: %v, want %v", a.ID().Short(), names(found), chains[a.ID()])
			}
			node, live := p.Node(a.ID())
			want := map[string]bool{}
			if live {
				for _, r := range ringsThrough(p.Graph, node, 4) {
					want[cycle(p.Transfers(r))] = true
				}
			}
			deals, complete := l.Through(a.ID(), 0, 4, 0)
			got := map[string]bool{}
			for _, d := range deals {
				got[cycle(d.Transfers)] = true
			}
			if !complete || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("through %v: %v, want %v", a.ID().Short(), got, want)
			}
		}
	})
}

// cycle names a ring whatever its start.
func cycle(list []board.Transfer) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, t.ID.Short()+">"+t.To.Short())
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// ringsThrough walks everywhere from a node.
func ringsThrough(g *deal.Graph, root deal.Node, maxRing int) []deal.Ring {
	var rings []deal.Ring
	used := map[deal.Node]int{root: 1}
	var walk func(path deal.Ring, items int)
	walk = func(path deal.Ring, items int) {
		for _, a := range g.Arcs(path[len(path)-1]) {
			if a.To == root {
				if items >= 2 {
					rings = append(rings, slices.Clone(path))
				}
				continue
			}
			next := items + 1
			if g.IsGroup(a.To) {
				next = items
			}
			if used[a.To] >= g.Capacity(a.To) || next > maxRing {
				continue
			}
			used[a.To]++
			walk(append(path, a.To), next)
			used[a.To]--
		}
	}
	start := 1
	if g.IsGroup(root) {
		start = 0
	}
	walk(deal.Ring{root}, start)
	return rings
}

func TestLiveForgetsWhatExpires(t *testing.T) {
	l := board.NewLive()
	for i := range 2500 {
		a := offer(i%50+1, i, fmt.Sprintf("thing %d", i), words(fmt.Sprintf("thing %d", (i*7)%2500)))
		a.Expires = now + sxp.Time(i)
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.Expire(now + 2400); n != 2401 || l.Len() != 99 {
		t.Errorf("Expire: %d, %d left; want 2401, 99", n, l.Len())
	}
	a, b := offer(1, 9001, "boat", words("thing 2450")), offer(2, 9002, "thing 2450 again", words("boat"))
	for _, x := range []market.Announcement{a, b} {
		if err := l.Put(x); err != nil {
			t.Fatal(err)
		}
	}
	if deals, _ := l.Through(a.ID(), 1, 2, 0); len(deals) != 1 {
		t.Errorf("Through after the rebuild: %v", deals)
	}
}
