package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/market"
)

// chainsOf walks to every gift of a picture and names the chains by each
// announcement that they pass: an offer, a gift, or the need they begin with.
func chainsOf(p *board.Picture, maxItems int) map[market.ItemID][]string {
	found := make(map[market.ItemID][]string)
	used := make(map[deal.Node]int)
	var walk func(path deal.Ring, items int)
	walk = func(path deal.Ring, items int) {
		last := path[len(path)-1]
		if p.Graph.IsGift(last) {
			for _, n := range p.Graph.Items(path) {
				found[p.ID(n)] = append(found[p.ID(n)], chain(p.Transfers(path)))
			}
			return
		}
		for _, a := range p.Graph.Arcs(last) {
			next := items
			if !p.Graph.IsGroup(a.To) {
				next++
			}
			if used[a.To] >= p.Graph.Capacity(a.To) || next > maxItems {
				continue
			}
			used[a.To]++
			walk(append(slices.Clone(path), a.To), next)
			used[a.To]--
		}
	}
	for n := range deal.Node(p.Graph.Len()) {
		if !p.Graph.IsGroup(n) && !p.Graph.IsGift(n) {
			used[n]++
			walk(deal.Ring{n}, 0)
			used[n]--
		}
	}
	for id, list := range found {
		slices.Sort(list)
		found[id] = slices.Compact(list)
	}
	return found
}

// chain names a chain by who takes what for what.
func chain(list []board.Transfer) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, t.ID.Short()+">"+t.For.Short())
	}
	return strings.Join(parts, " ")
}

func names(deals []board.Deal) []string {
	var list []string
	for _, d := range deals {
		list = append(list, chain(d.Transfers))
	}
	slices.Sort(list)
	return slices.Compact(list) // two needs of one person may begin what looks the same
}

// fill puts announcements into an empty market.
func fill(t *testing.T, all ...market.Announcement) *board.Live {
	t.Helper()
	l := board.NewLive()
	for _, a := range all {
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// pairs makes n people of whom each swaps a for b with each of as many others.
func pairs(n int) (all []market.Announcement) {
	for i := range n {
		all = append(all, offer(1+i, 1, "apples", words("bread")), offer(101+i, 1, "bread", words("apples")))
	}
	return all
}

func best(l *board.Live, id market.ItemID, a board.Ask) string {
	a.Best = 1
	deals, _ := l.Rings(id, a)
	if len(deals) == 0 {
		deals, _ = l.Chains(id, a)
	}
	if len(deals) == 0 {
		return "none"
	}
	return story(deals[0].Transfers)
}

func TestWhatIsReservedIsNotProposedAgain(t *testing.T) {
	apples, bread, other := offer(1, 1, "apples", words("bread")), offer(2, 1, "bread", words("apples")), offer(3, 1, "apples", words("bread"))
	l := fill(t, apples, bread, other)
	deals, _ := l.Rings(apples.ID(), board.Ask{Best: 1})
	l.Reserve(deals[0].Transfers)
	if got := best(l, other.ID(), board.Ask{}); got != "none" {
		t.Errorf("while all bread is reserved: %s", got)
	}
	bread.Version = 2
	if err := l.Put(bread); err != nil { // an edit does not free it
		t.Fatal(err)
	}
	if got := best(l, other.ID(), board.Ask{}); got != "none" {
		t.Errorf("after an edit: %s", got)
	}
	l.Release(deals[0].Transfers)
	if got := best(l, other.ID(), board.Ask{}); got != "bread: 2 to 3, apples: 3 to 2" {
		t.Errorf("after release: %s", got)
	}
	if l.Reserved(bread.ID()) != 0 {
		t.Errorf("bread is still reserved")
	}
}

// A need and a use of a group are reserved too.
func TestNeedsAndGroupsAreReserved(t *testing.T) {
	g := market.Group{Market: who(99), Owner: who(1), Nonce: nonce(50), Version: 1, K: 2, Wants: []market.Want{words("bread")}, Created: 1, Expires: now + 1}
	in := market.Want{Group: g.ID()}
	l := fill(t, offer(1, 1, "apples", in), offer(1, 2, "apples", in), offer(1, 3, "apples", in),
		offer(2, 1, "bread", words("apples")), offer(3, 1, "bread", words("apples")), offer(4, 1, "bread", words("apples")))
	if err := l.PutGroup(g); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 1, 0} {
		deals, _ := l.Rings(offer(2+i, 1, "").ID(), board.Ask{Best: 1})
		if len(deals) != want {
			t.Fatalf("ring %d: %d found, want %d", i, len(deals), want)
		}
		if want > 0 {
			l.Reserve(deals[0].Transfers)
		}
	}
	wish := need(1, 9, "lamp")
	l = fill(t, gift(2, 1, "lamp"), gift(3, 1, "lamp"), wish)
	deals, _ := l.Chains(wish.ID(), board.Ask{Best: 1})
	if len(deals) != 1 || !deals[0].Transfers[0].For.IsZero() {
		t.Fatalf("the need finds no gift: %+v", deals)
	}
	l.Reserve(deals[0].Transfers)
	for n := range 2 {
		if got := best(l, gift(2+n, 1, "").ID(), board.Ask{}); got != "none" {
			t.Errorf("a need that is reserved takes another: %s", got)
		}
	}
}

// What keeps its offer as the first of a chain is reserved.
func TestWhatTheFirstOfAChainKeeps(t *testing.T) {
	bike := offer(1, 1, "bike", words("lamp"))
	l := fill(t, bike, gift(2, 1, "lamp"), offer(3, 1, "lamp", words("bike")))
	deals, _ := l.Chains(bike.ID(), board.Ask{Best: 1, MaxItems: 1})
	if len(deals) != 1 || deals[0].Transfers[0].For != bike.ID() {
		t.Fatalf("chain: %+v", deals)
	}
	l.Reserve(deals[0].Transfers)
	if got := best(l, offer(3, 1, "").ID(), board.Ask{}); got != "none" {
		t.Errorf("a bike that is kept is given away: %s", got)
	}
}

// Row 17: whoever was let down gets the next best at once, without who did it.
func TestInsteadOfAFailedRing(t *testing.T) {
	all := pairs(3)
	l := fill(t, all...)
	deals, _ := l.Rings(all[0].ID(), board.Ask{Best: 1})
	failed := deals[0].Transfers
	broke := failed[0].From // who gives the bread
	got := l.Instead(failed, []sxp.ID{broke}, 4)
	if len(got) != 1 || len(got[0].Transfers) != 2 {
		t.Fatalf("instead: %+v, want a pair", got)
	}
	for _, tr := range got[0].Transfers {
		if tr.From == broke || tr.To == broke {
			t.Errorf("who broke the ring is in the next: %s", story(got[0].Transfers))
		}
		if l.Reserved(tr.ID) != 0 {
			t.Errorf("a suggestion is reserved")
		}
	}
	if got := best(l, all[0].ID(), board.Ask{AvoidItems: []market.ItemID{all[1].ID(), all[3].ID(), all[5].ID()}}); got != "none" {
		t.Errorf("avoiding all bread: %s", got)
	}
}

// A region holds what competes and nothing else, so that the best choice there
// is the best in the market.
func TestARegionIsSolvedTogether(t *testing.T) {
	all := []market.Announcement{
		offer(1, 1, "apples", words("bread")), offer(2, 1, "bread", words("apples")),
		offer(3, 1, "cake", words("bread")), offer(2, 2, "more bread", words("cake")),
		offer(1, 2, "apple pie", words("more bread")), // which nobody wants
		offer(9, 1, "a house", words("another house")),
	}
	l := fill(t, all...)
	p, err := l.Region([]market.ItemID{all[0].ID()}, 100, 4, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Offers) != 4 {
		t.Errorf("the region has %d offers, want 4", len(p.Offers))
	}
	whole, err := board.Build(all, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := deal.Find(p.Graph, deal.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	b, err := deal.Find(whole.Graph, deal.Defaults())
	if err != nil || a.Value != b.Value || a.Value.Items == 0 {
		t.Errorf("region: %+v, whole market: %+v, %v", a.Value, b.Value, err)
	}
	l.Reserve([]board.Transfer{{ID: all[1].ID()}})
	if p, err := l.Region([]market.ItemID{all[0].ID(), all[1].ID()}, 100, 4, now); err != nil || len(p.Offers) > 3 {
		t.Errorf("a region with what is reserved: %v, %v", p, err)
	}
	if p, err := l.Region([]market.ItemID{all[0].ID()}, 1, 4, now); err != nil || len(p.Offers) != 1 {
		t.Errorf("a region of one item: %v, %v", p, err)
	}
}

// Edits that put an end off count, and so does what is reserved when it comes
// back after the market was built anew.
func TestExpireAfterEdits(t *testing.T) {
	l := board.NewLive()
	a := offer(1, 1, "apples")
	for v := range 3000 { // more than are needed to build the market anew
		a.Version, a.Expires = uint64(v+1), now+sxp.Time(v)
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
		if v == 0 {
			l.Reserve([]board.Transfer{{ID: a.ID()}})
		}
	}
	if n := l.Expire(now + 2998); n != 0 || l.Len() != 1 || l.Reserved(a.ID()) != 1 {
		t.Errorf("Expire took out %d, %d are left, reserved %d times", n, l.Len(), l.Reserved(a.ID()))
	}
	if n := l.Expire(now + 2999); n != 1 || l.Len() != 0 {
		t.Errorf("Expire took out %d, %d are left", n, l.Len())
	}
}

// A market in which nothing stays the same does not grow: what nobody wants any
// more is forgotten, and what is still wanted is not.
func TestOldQueriesAreForgotten(t *testing.T) {
	l := board.NewLive()
	put := func(a market.Announcement) {
		t.Helper()
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
	}
	stays := offer(1, 1, "apples", words("bread"))
	put(stays)
	for i := range 8000 {
		a := offer(2+i%20, 1, fmt.Sprintf("thing %d", i), words(fmt.Sprintf("thing %d | other %d", i+1, i+2)), market.Want{Item: offer(200, i, "").ID()})
		a.Version = uint64(i + 1)
		put(a)
		n := need(30+i%20, 2, fmt.Sprintf("lamp %d", i))
		n.Version = uint64(i + 1)
		put(n)
	}
	if n := l.Keys(); n > 2500 {
		t.Errorf("%d keys are kept for the 61 that are wanted", n)
	}
	if n := l.Ends(); n > 1100 {
		t.Errorf("%d ends are noted for %d announcements", n, l.Len())
	}
	if got := best(l, stays.ID(), board.Ask{}); got != "none" {
		t.Errorf("a ring where there is none: %s", got)
	}
	put(offer(90, 1, "bread", words("apples")))
	if got := best(l, stays.ID(), board.Ask{}); got != "bread: 90 to 1, apples: 1 to 90" {
		t.Errorf("after all those changes: %s", got)
	}
	last := offer(91, 1, "thing 8000", words("thing 7999"))
	put(last) // the query for it is one of the last
	if got := best(l, last.ID(), board.Ask{}); !strings.HasPrefix(got, "thing 7999:") {
		t.Errorf("through what the last one wants: %s", got)
	}
}

// Thousands want the same thing, and who has it is answered all the same.
func TestAHubIsAnswered(t *testing.T) {
	l := board.NewLive()
	for i := range 3000 {
		a := offer(0, i, fmt.Sprintf("thing %d", i), words("apples"))
		a.Owner[1], a.Owner[2] = byte(i), byte(i>>8)
		if err := l.Put(a); err != nil {
			t.Fatal(err)
		}
	}
	a := offer(1, 1, "apples", words("thing 2222 | thing 17"))
	if err := l.Put(a); err != nil {
		t.Fatal(err)
	}
	deals, complete := l.Rings(a.ID(), board.Ask{Best: 2, Quick: true})
	if !complete || len(deals) != 2 || len(deals[0].Transfers) != 2 {
		t.Errorf("rings through what everybody wants: %d, complete %v", len(deals), complete)
	}
}
