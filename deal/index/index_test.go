package index_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
	"sxp/deal/index"
)

// A world is what an index should know.
type world struct {
	live     map[uint32]index.Entry
	reserved map[uint32]bool
	groups   map[uint32]int
}

// loops walks over every sequence of entries from the one asked for and yields
// each ring once, with its best wishes.
func (w world) loops(a index.Ask) []index.Loop {
	best := make(map[string]index.Loop)
	root, ok := w.live[a.ID]
	if !ok {
		return nil
	}
	var walk func(ids []uint32, wishes []index.Wish, cost int64)
	walk = func(ids []uint32, wishes []index.Wish, cost int64) {
		last := w.live[ids[len(ids)-1]]
		for _, wish := range last.Wishes {
			next := append(slices.Clone(wishes), wish)
			if !w.fits(next) || len(ids) == 1 && a.Group != 0 && !slices.Contains(wish.Via, a.Group) {
				continue
			}
			if len(ids) > 1 && slices.Contains(root.Has, wish.Key) && root.Person != last.Person {
				l := index.Loop{IDs: slices.Clone(ids), Wishes: next, Cost: cost + wish.Cost}
				if old, ok := best[fmt.Sprint(ids)]; !ok || l.Cost < old.Cost {
					best[fmt.Sprint(ids)] = l
				}
			}
			for _, e := range w.live {
				if len(ids) < a.MaxItems && slices.Contains(e.Has, wish.Key) && e.Person != last.Person && !slices.Contains(ids, e.ID) && w.may(a, e) {
					walk(append(slices.Clone(ids), e.ID), next, cost+wish.Cost)
				}
			}
		}
	}
	walk([]uint32{a.ID}, nil, 0)
	var loops []index.Loop
	for _, l := range best {
		loops = append(loops, l)
	}
	slices.SortFunc(loops, func(x, y index.Loop) int {
		return cmp.Or(cmp.Compare(price(a, x), price(a, y)), cmp.Compare(len(x.IDs), len(y.IDs)), slices.Compare(x.IDs, y.IDs))
	})
	return loops
}

// chains walks over every sequence of entries that ends with a gift and passes
// the one asked for, and yields each once, most items and lowest cost first.
func (w world) chains(a index.Ask) []index.Loop {
	best := make(map[string]index.Loop)
	var walk func(ids []uint32, wishes []index.Wish, cost int64)
	walk = func(ids []uint32, wishes []index.Wish, cost int64) {
		last := w.live[ids[len(ids)-1]]
		if last.Gift {
			if len(ids) > 1 && slices.Contains(ids, a.ID) {
				l := index.Loop{IDs: slices.Clone(ids), Wishes: wishes, Cost: cost}
				if old, ok := best[fmt.Sprint(ids)]; !ok || l.Cost < old.Cost {
					best[fmt.Sprint(ids)] = l
				}
			}
			return
		}
		for _, wish := range last.Wishes {
			next := append(slices.Clone(wishes), wish)
			if !w.fits(next) || last.ID == a.ID && a.Group != 0 && !slices.Contains(wish.Via, a.Group) {
				continue
			}
			for _, e := range w.live {
				if len(ids) <= a.MaxItems && slices.Contains(e.Has, wish.Key) && e.Person != last.Person && !slices.Contains(ids, e.ID) && (e.ID == a.ID || w.may(a, e)) {
					walk(append(slices.Clone(ids), e.ID), next, cost+wish.Cost)
				}
			}
		}
	}
	for _, e := range w.live {
		if e.ID == a.ID || w.may(a, e) {
			walk([]uint32{e.ID}, nil, 0)
		}
	}
	var loops []index.Loop
	for _, l := range best {
		loops = append(loops, l)
	}
	slices.SortFunc(loops, func(x, y index.Loop) int {
		return cmp.Or(-cmp.Compare(len(x.IDs), len(y.IDs)), cmp.Compare(x.Cost, y.Cost), slices.Compare(x.IDs, y.IDs))
	})
	return loops
}

// price is what rings are ordered by.
func price(a index.Ask, l index.Loop) int64 {
	if a.ByCost {
		return l.Cost + int64(l.Items())*a.PerItem
	}
	return l.Cost + int64(l.Items())<<50
}

// may reports whether an entry may be on a ring through another.
func (w world) may(a index.Ask, e index.Entry) bool {
	owner := w.live[a.ID].Person
	return !w.reserved[e.ID] && !slices.Contains(a.AvoidOffers, e.ID) && (e.Person == owner || !slices.Contains(a.AvoidPeople, e.Person))
}

// fits reports whether no group is passed too often.
func (w world) fits(wishes []index.Wish) bool {
	count := make(map[uint32]int)
	for _, x := range wishes {
		for _, v := range x.Via {
			if count[v]++; count[v] > max(w.groups[v], 1) {
				return false
			}
		}
	}
	return true
}

// sameLoops compares what identifies rings; wishes may differ at equal cost.
func sameLoops(a, b []index.Loop) bool {
	return slices.EqualFunc(a, b, func(x, y index.Loop) bool {
		return slices.Equal(x.IDs, y.IDs) && x.Cost == y.Cost
	})
}

// samePrices compares two lists of the best, of which equal ones may differ;
// each of the first must be among all.
func samePrices(a index.Ask, got, all []index.Loop) bool {
	want := all[:min(a.Best, len(all))]
	return slices.EqualFunc(got, want, func(x, y index.Loop) bool { return price(a, x) == price(a, y) }) &&
		!slices.ContainsFunc(got, func(l index.Loop) bool {
			return !slices.ContainsFunc(all, func(m index.Loop) bool { return sameLoops([]index.Loop{l}, []index.Loop{m}) })
		})
}

// change does one random thing to an index and its world.
func (w world) change(t *rapid.T, ix *index.Index, id uint32) {
	switch rapid.IntRange(0, 7).Draw(t, "change") {
	case 3:
		k := index.Key(rapid.IntRange(0, 5).Draw(t, "no more"))
		ix.DropKey(k)
		for id, e := range w.live {
			e.Has = slices.DeleteFunc(slices.Clone(e.Has), func(h index.Key) bool { return h == k })
			w.live[id] = e
		}
		if n := countWishes(w, k); ix.Wanted(k) != n {
			t.Fatalf("Wanted(%d): %d, want %d", k, ix.Wanted(k), n)
		}
	case 0:
		_, was := w.live[id]
		if ix.Remove(id) != was {
			t.Fatalf("Remove(%d): not %v", id, was)
		}
		delete(w.live, id)
		delete(w.reserved, id)
	case 1:
		k := index.Key(rapid.IntRange(0, 5).Draw(t, "new key"))
		ids := []uint32{id, rapid.Uint32Range(0, 7).Draw(t, "another")}
		want := 0
		for _, id := range ids {
			if e, ok := w.live[id]; ok && !slices.Contains(e.Has, k) {
				e.Has = append(slices.Clone(e.Has), k)
				w.live[id] = e
				want++
			}
		}
		if got := ix.AddKey(k, ids...); got != want {
			t.Fatalf("AddKey(%d, %v): %d, want %d", k, ids, got, want)
		}
	case 2:
		on := rapid.Bool().Draw(t, "reserve")
		if _, ok := w.live[id]; ix.Reserve(id, on) != ok {
			t.Fatalf("Reserve(%d): not %v", id, ok)
		} else if ok {
			w.reserved[id] = on
		}
	default:
		w.put(t, ix, drawEntry(t, id))
	}
}

// countWishes counts the wishes for a key.
func countWishes(w world, k index.Key) (n int) {
	for _, e := range w.live {
		for _, wish := range e.Wishes {
			if wish.Key == k {
				n++
			}
		}
	}
	return n
}

func (w world) put(t *rapid.T, ix *index.Index, e index.Entry) {
	if err := ix.Put(e); err != nil {
		t.Fatal(err)
	}
	w.live[e.ID] = e
}

func newWorld(ix *index.Index) world {
	ix.SetGroup(2, 2)
	return world{make(map[uint32]index.Entry), make(map[uint32]bool), map[uint32]int{1: 1, 2: 2}}
}

// Row 17: at every moment of a changing market, every ring through an offer
// up to the limit is found, best first, by either order.
func TestThroughFindsEveryRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ix := index.New()
		w := newWorld(ix)
		for id := range rapid.Uint32Range(0, 8).Draw(t, "first") {
			w.put(t, ix, drawEntry(t, id))
		}
		for range rapid.IntRange(1, 10).Draw(t, "changes") {
			id := rapid.Uint32Range(0, 7).Draw(t, "id")
			w.change(t, ix, id)
			a := drawAsk(t, id)
			want := w.loops(a)
			if got, complete := ix.Through(a); !complete || !sameLoops(got, want) {
				t.Fatalf("all rings through %d: %+v, want %+v", id, got, want)
			}
			a.Best = rapid.IntRange(1, 4).Draw(t, "best")
			if got, complete := ix.Through(a); !complete || !samePrices(a, got, want) {
				t.Fatalf("best %d through %d: %+v, want as good as the first of %+v", a.Best, id, got, want)
			}
			if got, complete := ix.Quick(a); complete && !samePrices(a, got, want) {
				t.Fatalf("quick best %d through %d: %+v, want as good as the first of %+v", a.Best, id, got, want)
			}
			if ix.Len() != len(w.live) {
				t.Fatalf("Len %d, want %d", ix.Len(), len(w.live))
			}
		}
	})
}

// Every chain through an offer, a gift or a need is found, longest first.
func TestChainsFindsEveryChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ix := index.New()
		w := newWorld(ix)
		for id := range rapid.Uint32Range(0, 8).Draw(t, "first") {
			w.put(t, ix, drawEntry(t, id))
		}
		for range rapid.IntRange(1, 10).Draw(t, "changes") {
			id := rapid.Uint32Range(0, 7).Draw(t, "id")
			w.change(t, ix, id)
			a := drawAsk(t, id)
			a.MaxItems--
			want := w.chains(a)
			if _, there := w.live[id]; !there {
				want = nil
			}
			if got, complete := ix.Chains(a); !complete || !sameLoops(got, want) {
				t.Fatalf("all chains through %d: %+v, want %+v", id, got, want)
			}
			a.Best = rapid.IntRange(1, 4).Draw(t, "best")
			got, complete := ix.Chains(a)
			same := slices.EqualFunc(got, want[:min(a.Best, len(want))], func(x, y index.Loop) bool { return len(x.IDs) == len(y.IDs) && x.Cost == y.Cost })
			if !complete || !same {
				t.Fatalf("best %d chains through %d: %+v, want as good as the first of %+v", a.Best, id, got, want)
			}
		}
	})
}

// The same in markets in which many rings and chains of up to six items
// compete at nearly the same cost.
func TestTheBestOfMany(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 40 {
		ix := index.New()
		w := newWorld(ix)
		most := []int64{3, 50, 1000, 1 << 34}[round%4]
		for id := range uint32(12) {
			e := index.Entry{ID: id, Person: r.Uint32N(8), Has: []index.Key{index.Key(r.Uint32N(6))}, Gift: r.IntN(6) == 0}
			if r.IntN(3) == 0 {
				e.Has = append(e.Has, index.Key(r.Uint32N(6)))
			}
			for range 2 {
				if !e.Gift {
					e.Wishes = append(e.Wishes, index.Wish{Key: index.Key(r.Uint32N(6)), Cost: r.Int64N(most)})
				}
			}
			if err := ix.Put(e); err != nil {
				t.Fatal(err)
			}
			w.live[id] = e
		}
		for id := range uint32(3) {
			a := index.Ask{ID: id, MaxItems: 6, ByCost: round%2 == 0, PerItem: most / 4}
			rings, chains := w.loops(a), w.chains(a)
			for a.Best = range 4 {
				if got, complete := ix.Through(a); !complete || a.Best > 0 && !samePrices(a, got, rings) || a.Best == 0 && !sameLoops(got, rings) {
					t.Fatalf("round %d: best %d of %d rings through %d: %+v, want %+v", round, a.Best, len(rings), id, got, rings[:min(a.Best, len(rings))])
				}
				got, complete := ix.Chains(a)
				want := chains[:min(a.Best, len(chains))]
				if a.Best == 0 {
					want = chains
				}
				same := slices.EqualFunc(got, want, func(x, y index.Loop) bool { return len(x.IDs) == len(y.IDs) && x.Cost == y.Cost })
				if !complete || !same {
					t.Fatalf("round %d: best %d of %d chains through %d: %+v, want %+v", round, a.Best, len(chains), id, got, want)
				}
			}
		}
	}
}

func drawAsk(t *rapid.T, id uint32) index.Ask {
	a := index.Ask{ID: id, MaxItems: rapid.IntRange(2, 6).Draw(t, "max items"), ByCost: rapid.Bool().Draw(t, "by cost")}
	if a.ByCost {
		a.PerItem = rapid.Int64Range(0, 2).Draw(t, "per item")
	}
	if rapid.IntRange(0, 3).Draw(t, "group") == 0 {
		a.Group = 1
	}
	a.AvoidPeople = rapid.SliceOfN(rapid.Uint32Range(0, 4), 0, 2).Draw(t, "avoid people")
	a.AvoidOffers = rapid.SliceOfN(rapid.Uint32Range(0, 7), 0, 2).Draw(t, "avoid offers")
	return a
}

// drawCost draws costs of every width.
func drawCost(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{0, 1, 2, 2, 2, 31, 32, 35, 255, 256, 1 << 20, 1<<20 + 1, 1 << 33, deal.MaxCost}).Draw(t, "cost")
}

func drawEntry(t *rapid.T, id uint32) index.Entry {
	e := index.Entry{ID: id, Person: rapid.Uint32Range(0, 4).Draw(t, "person")}
	for range rapid.IntRange(0, 2).Draw(t, "keys") {
		e.Has = append(e.Has, index.Key(rapid.IntRange(0, 4).Draw(t, "key")))
	}
	if e.Gift = rapid.IntRange(0, 5).Draw(t, "gift") == 0; e.Gift {
		return e
	}
	for range rapid.IntRange(0, 3).Draw(t, "wishes") {
		w := index.Wish{Key: index.Key(rapid.IntRange(0, 4).Draw(t, "wish")), Cost: drawCost(t)}
		if rapid.IntRange(0, 2).Draw(t, "with groups") == 0 {
			w.Via = rapid.SliceOfN(rapid.Uint32Range(1, 2), 0, 2).Draw(t, "via")
		}
		e.Wishes = append(e.Wishes, w)
	}
	return e
}

func TestGetReturnsWhatWasPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ix := index.New()
		w := newWorld(ix)
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			w.change(t, ix, rapid.Uint32Range(0, 7).Draw(t, "id"))
		}
		for id := range uint32(9) {
			got, ok := ix.Get(id)
			want, there := w.live[id]
			slices.Sort(want.Has)
			want.Has = slices.Compact(want.Has)
			byAll := func(a, b index.Wish) int {
				return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Key, b.Key), slices.Compare(a.Via, b.Via))
			}
			slices.SortFunc(want.Wishes, byAll)
			sameWishes := slices.EqualFunc(got.Wishes, want.Wishes, func(a, b index.Wish) bool { return byAll(a, b) == 0 })
			if ok != there || got.ID != want.ID || got.Person != want.Person || got.Gift != want.Gift || !slices.Equal(got.Has, want.Has) || !sameWishes {
				t.Fatalf("Get(%d): %+v, %v; want %+v, %v", id, got, ok, want, there)
			}
			if ix.Reserved(id) != (there && w.reserved[id]) {
				t.Fatalf("Reserved(%d): %v", id, ix.Reserved(id))
			}
		}
	})
}

// The order in which a market came to be does not show in the answers.
func TestAnswersDoNotDependOnHistory(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	entry := func(id uint32) index.Entry {
		e := index.Entry{ID: id, Person: r.Uint32N(100), Has: []index.Key{index.Key(r.Uint32N(20))}}
		for range 1 + r.IntN(4) {
			e.Wishes = append(e.Wishes, index.Wish{Key: index.Key(r.Uint32N(20)), Cost: r.Int64N(3)})
		}
		return e
	}
	one, other := index.New(), index.New()
	var last []index.Entry
	for id := range uint32(300) {
		last = append(last, entry(id))
		for _, e := range []index.Entry{entry(id), last[id]} {
			if err := one.Put(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, i := range r.Perm(len(last)) {
		if err := other.Put(last[i]); err != nil {
			t.Fatal(err)
		}
	}
	for id := range uint32(300) {
		a := index.Ask{ID: id, Best: 3, MaxItems: 5}
		for _, fan := range []int{0, 3} {
			a.FanOut = fan
			x, _ := one.Through(a)
			y, _ := other.Through(a)
			if !sameLoops(x, y) {
				t.Fatalf("through %d with fan-out %d: %+v and %+v", id, fan, x, y)
			}
		}
	}
}

func TestThroughSaysWhenItWasHurried(t *testing.T) {
	ix := index.New()
	for id := range uint32(200) { // everybody wants everything
		e := index.Entry{ID: id, Person: id, Has: []index.Key{1}, Wishes: []index.Wish{{Key: 1}}}
		if err := ix.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	for name, a := range map[string]index.Ask{
		"effort":  {MaxItems: 6, Effort: 1000},
		"fan-out": {MaxItems: 3, FanOut: 10},
		"number":  {MaxItems: 4},
	} {
		if rings, complete := ix.Through(a); complete || len(rings) > index.MaxLoops {
			t.Errorf("%s: Through over millions of rings: %d rings, complete %v", name, len(rings), complete)
		}
	}
	rings, complete := ix.Through(index.Ask{Best: 3, MaxItems: 6})
	if len(rings) != 3 || !complete || slices.ContainsFunc(rings, func(l index.Loop) bool { return len(l.IDs) != 2 }) {
		t.Errorf("Through: %v, complete %v; want three pairs", rings, complete)
	}
	if rings, _ := ix.Quick(index.Ask{Best: 1, MaxItems: 5}); len(rings) != 1 || len(rings[0].IDs) != 2 {
		t.Errorf("quick: %v; want a pair", rings)
	}
}

// A search for longer chains in vain leaves enough for shorter ones.
func TestChainsWithLittleEffort(t *testing.T) {
	ix := index.New()
	put := func(e index.Entry) {
		if err := ix.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	put(index.Entry{ID: 0, Person: 0, Gift: true, Has: []index.Key{0}})
	for i := range uint32(400) { // who wants the gift, and who wants theirs; nobody wants what those have
		put(index.Entry{ID: 1 + i, Person: 1 + i, Has: []index.Key{1}, Wishes: []index.Wish{{Key: 0}}})
		put(index.Entry{ID: 1001 + i, Person: 1001 + i, Has: []index.Key{2}, Wishes: []index.Wish{{Key: 1}}})
	}
	a := index.Ask{ID: 0, Best: 1, MaxItems: 3, Effort: 30_000}
	if got, complete := ix.Chains(a); len(got) != 1 || got[0].Items() != 2 || complete {
		t.Errorf("with little effort: %+v, complete %v; want two items, not complete", got, complete)
	}
	a.Effort = 0
	if got, complete := ix.Chains(a); len(got) != 1 || got[0].Items() != 2 || !complete {
		t.Errorf("with enough effort: %+v, complete %v; want two items, complete", got, complete)
	}
}

// Everybody wants one thing that many have: Quick looks at some of them.
func TestQuickAtAHub(t *testing.T) {
	ix := index.New()
	const n = 150_000 // more than Quick looks at
	for i := range uint32(n) {
		e := index.Entry{ID: i, Person: i / 3, Has: []index.Key{1 + index.Key(i%1000)}, Wishes: []index.Wish{{Key: 0, Cost: 60 - int64(i*60/n)}}}
		if i < 20 {
			e.Has[0] = 0
			e.Wishes[0].Key = 1 + index.Key(i)
		}
		if err := ix.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint32(20) {
		for _, byCost := range []bool{false, true} {
			rings, _ := ix.Quick(index.Ask{ID: i, Best: 1, MaxItems: 5, ByCost: byCost})
			if len(rings) != 1 || len(rings[0].IDs) != 2 {
				t.Errorf("quick through %d: %+v, want a pair", i, rings)
			}
		}
	}
}

func TestPutRefuses(t *testing.T) {
	var vias []index.Wish
	for i := range uint32(index.MaxVia/deal.MaxNesting + 1) {
		vias = append(vias, index.Wish{Via: []uint32{i + 1, 1, 1, 1, 1, 1, 1, 1}})
	}
	for name, e := range map[string]index.Entry{
		"a negative cost":     {Wishes: []index.Wish{{Cost: -1}}},
		"a cost above all":    {Wishes: []index.Wish{{Cost: deal.MaxCost + 1}}},
		"a wish too deep":     {Wishes: []index.Wish{{Via: make([]uint32, deal.MaxNesting+1)}}},
		"a group 0":           {Wishes: []index.Wish{{Via: []uint32{0}}}},
		"too many wishes":     {Wishes: make([]index.Wish, index.MaxWishes+1)},
		"too many groups":     {Wishes: vias},
		"more keys than many": {Has: make([]index.Key, index.MaxKeys+1)},
		"a high key":          {Has: []index.Key{index.MaxKey + 1}},
		"a wish for it":       {Wishes: []index.Wish{{Key: index.MaxKey + 1}}},
		"a high ID":           {ID: index.MaxOffers},
		"a gift that asks":    {Gift: true, Wishes: []index.Wish{{Key: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			ix := index.New()
			err := ix.Put(e)
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge && k != sxp.Full || ix.Len() != 0 {
				t.Errorf("Put: %v, %d offers", err, ix.Len())
			}
		})
	}
}

// What a market no longer needs is given back.
func TestMemoryIsGivenBack(t *testing.T) {
	ix := index.New()
	r := rand.New(rand.NewPCG(3, 4))
	put := func(id uint32) {
		e := index.Entry{ID: id, Person: id, Has: []index.Key{index.Key(r.Uint32N(500))}}
		for range 1 + r.IntN(20) {
			e.Wishes = append(e.Wishes, index.Wish{Key: index.Key(r.Uint32N(500)), Cost: r.Int64N(1000)})
		}
		if err := ix.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	const n = 20_000
	for id := range uint32(n) {
		put(id)
	}
	full := ix.Words()
	for i := range 5 * n { // churn
		id := r.Uint32N(n)
		if i%3 == 0 {
			ix.Remove(id)
		} else {
			put(id)
		}
		if words := ix.Words(); words > 5*full/4 {
			t.Fatalf("after %d changes the market takes %d words, %d when it was full", i, words, full)
		}
	}
	for id := range uint32(n) {
		if id%50 != 0 {
			ix.Remove(id)
		}
	}
	if words := ix.Words(); words > full/5 {
		t.Errorf("a fiftieth of the market takes %d words, all of it took %d", words, full)
	}
}
