package deal_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// bruteLoops walks over every sequence of entries from the one asked for.
func bruteLoops(entries []deal.Entry, groups map[uint64]int, id uint64, maxRing int) []deal.Loop {
	best := make(map[string]deal.Loop)
	byID := make(map[uint64]deal.Entry)
	for _, e := range entries {
		byID[e.ID] = e
	}
	root, ok := byID[id]
	if !ok {
		return nil
	}
	var walk func(ids []uint64, wishes []deal.Wish, cost int64)
	walk = func(ids []uint64, wishes []deal.Wish, cost int64) {
		last := byID[ids[len(ids)-1]]
		for _, w := range last.Wishes {
			next := append(slices.Clone(wishes), w)
			count := make(map[uint64]int)
			fits := true
			for _, x := range next {
				for _, v := range x.Via {
					count[v]++
					fits = fits && count[v] <= max(groups[v], 1)
				}
			}
			if !fits {
				continue
			}
			if len(ids) > 1 && slices.Contains(root.Has, w.Key) && root.Person != last.Person {
				l := deal.Loop{IDs: slices.Clone(ids), Wishes: next, Cost: cost + w.Cost}
				if old, ok := best[fmt.Sprint(ids)]; !ok || l.Cost < old.Cost {
					best[fmt.Sprint(ids)] = l
				}
			}
			for _, e := range entries {
				if len(ids) < maxRing && slices.Contains(e.Has, w.Key) && e.Person != last.Person && !slices.Contains(ids, e.ID) {
					walk(append(slices.Clone(ids), e.ID), next, cost+w.Cost)
				}
			}
		}
	}
	walk([]uint64{id}, nil, 0)
	var loops []deal.Loop
	for _, l := range best {
		loops = append(loops, l)
	}
	slices.SortFunc(loops, func(a, b deal.Loop) int {
		return cmp.Or(cmp.Compare(len(a.IDs), len(b.IDs)), cmp.Compare(a.Cost, b.Cost), slices.Compare(a.IDs, b.IDs))
	})
	return loops
}

// sameLoops compares what identifies rings; wishes may differ at equal cost.
func sameLoops(a, b []deal.Loop) bool {
	return slices.EqualFunc(a, b, func(x, y deal.Loop) bool {
		return slices.Equal(x.IDs, y.IDs) && x.Cost == y.Cost
	})
}

// Row 17: at every moment of a changing market, every ring through an offer
// up to the limit is found, best first.
func TestThroughFindsEveryRing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ix := deal.NewIndex()
		live := make(map[uint64]deal.Entry)
		groups := map[uint64]int{1: 1, 2: 2}
		ix.SetGroup(2, 2)
		for range rapid.IntRange(1, 14).Draw(t, "changes") {
			id := rapid.Uint64Range(0, 7).Draw(t, "id")
			switch rapid.IntRange(0, 5).Draw(t, "change") {
			case 0:
				_, was := live[id]
				if ix.Remove(id) != was {
					t.Fatalf("Remove(%d): not %v", id, was)
				}
				delete(live, id)
			case 1:
				k := deal.Key(rapid.IntRange(0, 5).Draw(t, "new key"))
				if e, ok := live[id]; ok && ix.AddKey(id, k) && !slices.Contains(e.Has, k) {
					e.Has = append(slices.Clone(e.Has), k)
					live[id] = e
				}
			default:
				e := drawEntry(t, id)
				if err := ix.Put(e); err != nil {
					t.Fatal(err)
				}
				live[id] = e
			}
			var entries []deal.Entry
			for _, e := range live {
				entries = append(entries, e)
			}
			maxRing, n := rapid.IntRange(2, 5).Draw(t, "max ring"), rapid.IntRange(1, 4).Draw(t, "n")
			want := bruteLoops(entries, groups, id, maxRing)
			if got, complete := ix.Through(id, 0, maxRing, 0); !complete || !sameLoops(got, want) {
				t.Fatalf("all rings through %d: %+v, want %+v", id, got, want)
			}
			if got, _ := ix.Through(id, n, maxRing, 0); !sameLoops(got, want[:min(n, len(want))]) {
				t.Fatalf("best %d through %d: %+v, want the first of %+v", n, id, got, want)
			}
			if ix.Len() != len(live) {
				t.Fatalf("Len %d, want %d", ix.Len(), len(live))
			}
		}
	})
}

func drawEntry(t *rapid.T, id uint64) deal.Entry {
	e := deal.Entry{ID: id, Person: rapid.Uint64Range(0, 4).Draw(t, "person")}
	for range rapid.IntRange(0, 2).Draw(t, "keys") {
		e.Has = append(e.Has, deal.Key(rapid.IntRange(0, 5).Draw(t, "key")))
	}
	for range rapid.IntRange(0, 3).Draw(t, "wishes") {
		w := deal.Wish{Key: deal.Key(rapid.IntRange(0, 5).Draw(t, "wish")), Cost: int64(rapid.IntRange(0, 2).Draw(t, "cost"))}
		if g := rapid.Uint64Range(0, 2).Draw(t, "group"); g > 0 {
			w.Via = []uint64{g}
		}
		e.Wishes = append(e.Wishes, w)
	}
	return e
}

func TestThroughSaysWhenItWasHurried(t *testing.T) {
	ix := deal.NewIndex()
	for id := range uint64(40) { // everybody wants everything
		e := deal.Entry{ID: id, Person: id, Has: []deal.Key{1}, Wishes: []deal.Wish{{Key: 1}}}
		if err := ix.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	if _, complete := ix.Through(0, 0, 6, 1000); complete {
		t.Error("Through with little effort over millions of rings claims to be complete")
	}
	rings, complete := ix.Through(0, 3, 6, 0)
	if want := [][]uint64{{0, 1}, {0, 2}, {0, 3}}; len(rings) != 3 || !slices.Equal(rings[0].IDs, want[0]) || !slices.Equal(rings[2].IDs, want[2]) || !complete {
		t.Errorf("Through: %v, complete %v; want %v", rings, complete, want)
	}
}

func TestPutRefuses(t *testing.T) {
	for name, e := range map[string]deal.Entry{
		"a negative cost":     {Wishes: []deal.Wish{{Cost: -1}}},
		"a cost above all":    {Wishes: []deal.Wish{{Cost: deal.MaxCost + 1}}},
		"a wish too deep":     {Wishes: []deal.Wish{{Via: make([]uint64, deal.MaxNesting+1)}}},
		"too many wishes":     {Wishes: make([]deal.Wish, deal.MaxWishes+1)},
		"more keys than many": {Has: make([]deal.Key, deal.MaxKeys+1)},
	} {
		t.Run(name, func(t *testing.T) {
			ix := deal.NewIndex()
			if err := ix.Put(e); sxp.KindOf(err) != sxp.Invalid && sxp.KindOf(err) != sxp.TooLarge || ix.Len() != 0 {
				t.Errorf("Put: %v, %d offers", err, ix.Len())
			}
		})
	}
}
