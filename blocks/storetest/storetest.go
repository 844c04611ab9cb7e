// Package storetest checks that implementations of blocks.Store keep their
// contract.
package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/blocks"
)

// Run checks that the empty stores that open returns keep the contract.
func Run(t *testing.T, open func(*testing.T) blocks.Store) {
	for name, test := range map[string]func(*testing.T, blocks.Store){
		"GetGivesWhatPutKept":                  testRoundTrip,
		"SlicesAreNeitherKeptNorShared":        testSlices,
		"TheSameAgainCountsOnceAndLivesLonger": testSameAgain,
		"ABlockStaysUntilItsLastHolderLetsGo":  testHolders,
		"LimitsAreKept":                        testLimits,
		"DueIsInOrderAndBounded":               testDue,
		"ConcurrentPutsLoseNothing":            testConcurrent,
		"AModelAgrees":                         testModel,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, open(t)) })
	}
}

// roomy is more than any test needs.
var roomy = blocks.Limits{OwnerBlocks: 1 << 20, OwnerBytes: 1 << 40, Bytes: 1 << 40}

// data returns the nth block.
func data(n int) []byte { return bytes.Repeat(fmt.Appendf(nil, "block %d ", n), 20+n%5) }

// holding is of the nth block.
func holding(owner byte, n int, until sxp.Time) blocks.Holding {
	return blocks.Holding{Owner: sxp.ID{owner}, Hash: blocks.Sum(data(n)), Until: until}
}

func put(t *testing.T, s blocks.Store, owner byte, n int, until sxp.Time) {
	t.Helper()
	if err := s.Put(t.Context(), holding(owner, n, until), data(n), roomy); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

func settle(t *testing.T, s blocks.Store, list ...blocks.Holding) {
	t.Helper()
	if err := s.Settle(t.Context(), list); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

// has checks whether the nth block is there.
func has(t *testing.T, s blocks.Store, what string, n int, want bool) {
	t.Helper()
	got, err := s.Get(t.Context(), blocks.Sum(data(n)))
	if want && (err != nil || !bytes.Equal(got, data(n))) {
		t.Errorf("%s: Get gives %q, %v", what, got, err)
	}
	if !want && sxp.KindOf(err) != sxp.NotFound {
		t.Errorf("%s: Get gives %q, %v, want %v", what, got, err, sxp.NotFound)
	}
}

// uses checks what an owner (0: all) uses: these blocks.
func uses(t *testing.T, s blocks.Store, what string, owner byte, numbers ...int) {
	t.Helper()
	var id sxp.ID
	if owner != 0 {
		id = sxp.ID{owner}
	}
	want := blocks.Usage{Blocks: int64(len(numbers))}
	for _, n := range numbers {
		want.Bytes += int64(len(data(n)))
	}
	if got, err := s.Usage(t.Context(), id); err != nil || got != want {
		t.Errorf("%s: %d uses %+v, %v, want %+v", what, owner, got, err, want)
	}
}

func testRoundTrip(t *testing.T, s blocks.Store) {
	has(t, s, "empty", 1, false)
	uses(t, s, "empty", 0)
	put(t, s, 1, 1, 100)
	has(t, s, "put", 1, true)
	has(t, s, "another", 2, false)
	uses(t, s, "put", 0, 1)
	uses(t, s, "put", 1, 1)
	uses(t, s, "put", 2)
	long := bytes.Repeat([]byte{0, 0xff, 1}, blocks.MaxBlock/3+1)[:blocks.MaxBlock]
	if err := s.Put(t.Context(), blocks.Holding{Owner: sxp.ID{1}, Hash: blocks.Sum(long), Until: 1}, long, roomy); err != nil {
		t.Errorf("the longest block: %v", err)
	}
	if got, err := s.Get(t.Context(), blocks.Sum(long)); err != nil || !bytes.Equal(got, long) {
		t.Errorf("the longest block comes back with %d bytes, %v", len(got), err)
	}
}

func testSlices(t *testing.T, s blocks.Store) {
	mine := data(1)
	if err := s.Put(t.Context(), holding(1, 1, 100), mine, roomy); err != nil {
		t.Fatal(err)
	}
	mine[0] = 'X'
	for range 2 {
		has(t, s, "after the giver changed theirs", 1, true)
		got, _ := s.Get(t.Context(), blocks.Sum(data(1)))
		got[0] = 'Y'
	}
}

func testSameAgain(t *testing.T, s blocks.Store) {
	put(t, s, 1, 1, 100)
	put(t, s, 1, 1, 300)
	put(t, s, 1, 1, 200) // not shorter
	uses(t, s, "three times", 1, 1)
	uses(t, s, "three times", 0, 1)
	if err := s.Put(t.Context(), holding(1, 1, 400), data(1), blocks.Limits{OwnerBlocks: 1, OwnerBytes: 1, Bytes: 1}); err != nil {
		t.Errorf("again without room: %v", err)
	}
	due, err := s.Due(t.Context(), 1000, 10)
	if want := []blocks.Holding{holding(1, 1, 400)}; err != nil || !slices.Equal(due, want) {
		t.Errorf("Due gives %v, %v, want %v", due, err, want)
	}
}

func testHolders(t *testing.T, s blocks.Store) {
	put(t, s, 1, 1, 100)
	put(t, s, 2, 1, 200)
	put(t, s, 2, 2, 200)
	uses(t, s, "two holders", 0, 1, 2)
	uses(t, s, "two holders", 1, 1)
	uses(t, s, "two holders", 2, 1, 2)
	settle(t, s, holding(1, 1, 0), holding(3, 1, 0), holding(1, 2, 0), holding(1, 9, 0))
	has(t, s, "one let go", 1, true)
	uses(t, s, "one let go", 1)
	uses(t, s, "one let go", 0, 1, 2)
	settle(t, s, holding(2, 1, 0), holding(2, 1, 500))
	has(t, s, "both let go", 1, false)
	has(t, s, "the other block", 2, true)
	uses(t, s, "both let go", 0, 2)
	uses(t, s, "both let go", 2, 2)
	put(t, s, 1, 1, 100)
	has(t, s, "put again", 1, true)
}

func testLimits(t *testing.T, s blocks.Store) {
	size := func(numbers ...int) (n int64) {
		for _, i := range numbers {
			n += int64(len(data(i)))
		}
		return n
	}
	put(t, s, 1, 1, 100)
	put(t, s, 2, 2, 100)
	for name, tt := range map[string]struct {
		n      int
		limits blocks.Limits
		full   bool
	}{
		"one more block":                          {3, blocks.Limits{OwnerBlocks: 1, OwnerBytes: 1 << 20, Bytes: 1 << 20}, true},
		"owner's bytes less 1":                    {3, blocks.Limits{OwnerBlocks: 9, OwnerBytes: size(1, 3) - 1, Bytes: 1 << 20}, true},
		"all bytes less 1":                        {3, blocks.Limits{OwnerBlocks: 9, OwnerBytes: 1 << 20, Bytes: size(1, 2, 3) - 1}, true},
		"what another holds, full":                {2, blocks.Limits{OwnerBlocks: 9, OwnerBytes: size(1, 2) - 1, Bytes: 1 << 20}, true},
		"what another holds takes nothing of all": {2, blocks.Limits{OwnerBlocks: 2, OwnerBytes: size(1, 2), Bytes: 1}, false},
		"exactly": {3, blocks.Limits{OwnerBlocks: 2, OwnerBytes: size(1, 3), Bytes: size(1, 2, 3)}, false},
	} {
		err := s.Put(t.Context(), holding(1, tt.n, 100), data(tt.n), tt.limits)
		if tt.full && sxp.KindOf(err) != sxp.Full || !tt.full && err != nil {
			t.Errorf("%s: %v, want full %v", name, err, tt.full)
		}
		settle(t, s, holding(1, tt.n, 0))
		uses(t, s, name, 1, 1)
	}
	has(t, s, "refused or let go", 3, false)
}

func testDue(t *testing.T, s blocks.Store) {
	for i, until := range []sxp.Time{500, 1 << 50, 100, 256, 255, 300} {
		put(t, s, byte(1+i), i, until)
	}
	for _, tt := range []struct {
		by    sxp.Time
		limit int
		want  []sxp.Time
	}{
		{99, 9, nil}, {100, 9, []sxp.Time{100}}, {499, 9, []sxp.Time{100, 255, 256, 300}}, {1 << 50, 2, []sxp.Time{100, 255}},
		{1 << 50, 9, []sxp.Time{100, 255, 256, 300, 500, 1 << 50}},
	} {
		due, err := s.Due(t.Context(), tt.by, tt.limit)
		var got []sxp.Time
		for _, h := range due {
			got = append(got, h.Until)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Due by %d, at most %d: %v, %v, want %v", tt.by, tt.limit, got, err, tt.want)
		}
	}
	settle(t, s, holding(3, 2, 700), holding(5, 4, 0))
	due, err := s.Due(t.Context(), 700, 9)
	if want := []blocks.Holding{holding(4, 3, 256), holding(6, 5, 300), holding(1, 0, 500), holding(3, 2, 700)}; err != nil || !slices.Equal(due, want) {
		t.Errorf("after settling: %v, %v, want %v", due, err, want)
	}
}

func testConcurrent(t *testing.T, s blocks.Store) {
	var wg sync.WaitGroup
	for owner := range byte(4) {
		wg.Go(func() {
			for n := range 20 {
				if err := s.Put(t.Context(), holding(owner+1, n, 100), data(n), roomy); err != nil {
					t.Errorf("Put: %v", err)
				}
				if n%2 == 0 {
					if err := s.Settle(t.Context(), []blocks.Holding{holding(owner+1, n, 0)}); err != nil {
						t.Errorf("Settle: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	var odd []int
	for n := range 20 {
		has(t, s, fmt.Sprint("block ", n), n, n%2 == 1)
		if n%2 == 1 {
			odd = append(odd, n)
		}
	}
	for owner := range byte(5) {
		uses(t, s, "at the end", owner, odd...)
	}
}

// testModel compares random operations with sets in memory.
func testModel(t *testing.T, s blocks.Store) {
	held := map[blocks.Holding]sxp.Time{} // by holding with Until 0
	rapid.Check(t, func(rt *rapid.T) {
		owner := byte(rapid.IntRange(1, 3).Draw(rt, "owner"))
		n := rapid.IntRange(0, 4).Draw(rt, "block")
		until := sxp.Time(rapid.IntRange(0, 5).Draw(rt, "until"))
		key := holding(owner, n, 0)
		if rapid.Bool().Draw(rt, "put") {
			until++
			if err := s.Put(t.Context(), holding(owner, n, until), data(n), roomy); err != nil {
				rt.Fatal(err)
			}
			held[key] = max(held[key], until)
		} else {
			if err := s.Settle(t.Context(), []blocks.Holding{holding(owner, n, until)}); err != nil {
				rt.Fatal(err)
			}
			if until == 0 {
				delete(held, key)
			} else if _, ok := held[key]; ok {
				held[key] = until
			}
		}
		var want []blocks.Holding
		stored := map[sxp.Hash]bool{}
		for h, until := range held {
			stored[h.Hash] = true
			h.Until = until
			want = append(want, h)
		}
		slices.SortFunc(want, func(a, b blocks.Holding) int {
			return cmp.Or(cmp.Compare(a.Until, b.Until), bytes.Compare(a.Owner[:], b.Owner[:]), bytes.Compare(a.Hash[:], b.Hash[:]))
		})
		due, err := s.Due(t.Context(), 100, 100)
		if err != nil || !slices.Equal(due, want) {
			rt.Fatalf("Due gives %v, %v, want %v", due, err, want)
		}
		for i := range 5 {
			_, err := s.Get(t.Context(), blocks.Sum(data(i)))
			if (err == nil) != stored[blocks.Sum(data(i))] {
				rt.Fatalf("block %d: %v", i, err)
			}
		}
		if u, err := s.Usage(t.Context(), sxp.ID{}); err != nil || u.Blocks != int64(len(stored)) {
			rt.Fatalf("%+v used, %v, want %d blocks", u, err, len(stored))
		}
	})
}
