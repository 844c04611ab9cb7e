// Package storetest has the tests that every [market.Store] passes.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sxp"
	"sxp/market"
)

// Run checks that the empty stores that open returns keep the contract of
// market.Store. Open closes its stores with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) market.Store) {
	for name, test := range map[string]func(*testing.T, market.Store){
		"what is missing is not found":                  testMissing,
		"an entry comes back as it was put":             testRoundTrip,
		"no slice is shared with the caller":            testNoSharing,
		"putting replaces and moves to the end":         testReplace,
		"deletes come before puts, numbers never again": testDelete,
		"filters select":                                testFilters,
		"pages join without gap or repetition":          testPages,
		"a page ends by bytes, but has one entry":       testBytes,
		"searches find by every field":                  testSearch,
		"expired and withdrawn are not found":           testSearchLive,
		"reads go on while writes come":                 testConcurrent,
		"a cancelled search ends":                       testCancel,
		"searches find what Match accepts":              testProperty,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// key makes a key from a number.
func key(c market.Class, n int) market.Key {
	k := market.Key{Class: c}
	copy(k.ID[:], fmt.Sprintf("%016d", n))
	return k
}

// announcement makes an entry that Search finds.
func announcement(n int, it market.Item) market.Entry {
	return market.Entry{
		Key: key(market.ClassAnnouncement, n), Raw: fmt.Appendf(nil, "announcement %d", n), Owner: sxp.ID{1, byte(n)},
		Version: 1, Expires: 1000, Keep: 1000, Direction: market.Offer, Item: &it,
	}
}

func apply(t *testing.T, s market.Store, put ...market.Entry) {
	t.Helper()
	if err := s.Apply(t.Context(), put, nil); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

func scan(t *testing.T, s market.Store, f market.Filter) []market.Entry {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 10_000
	}
	found, more, err := s.Scan(t.Context(), f)
	if err != nil || more {
		t.Fatalf("Scan: more %v, error %v", more, err)
	}
	if n, err := s.Count(t.Context(), f); err != nil || n != len(found) {
		t.Errorf("Count gives %d, %v for %d entries", n, err, len(found))
	}
	return found
}

// raws returns the bytes of entries as text, in order.
func raws(found []market.Entry) []string {
	out := make([]string, len(found))
	for i, e := range found {
		out[i] = string(e.Raw)
	}
	return out
}

func testMissing(t *testing.T, s market.Store) {
	if _, err := s.Get(t.Context(), key(market.ClassMail, 1)); !errors.Is(err, sxp.NotFound) {
		t.Errorf("Get of nothing: error %v, want %v", err, sxp.NotFound)
	}
	if err := s.Apply(t.Context(), nil, []market.Key{key(market.ClassMail, 1)}); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
	if got := scan(t, s, market.Filter{}); len(got) != 0 {
		t.Errorf("an empty store holds %v", raws(got))
	}
	found, more, err := s.Search(t.Context(), market.Search{Limit: 10})
	if err != nil || more || len(found) != 0 {
		t.Errorf("an empty store finds %v, %v, %v", raws(found), more, err)
	}
}

func testRoundTrip(t *testing.T, s market.Store) {
	want := market.Entry{
		Key: key(market.ClassMail, 7), Raw: []byte{0, 1, 0xff}, Owner: sxp.ID{1}, Peer: sxp.ID{2}, Version: 1 << 53,
		Expires: 1 << 45, Keep: 1<<45 + 1, Direction: market.Need,
	}
	apply(t, s, want, market.Entry{Key: key(market.ClassRoll, 7), Raw: []byte("x")})
	got, err := s.Get(t.Context(), want.Key)
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(market.Entry{}, "Seq")); d != "" || err != nil || got.Seq == 0 {
		t.Errorf("Get: error %v, seq %d, (-want +got):\n%s", err, got.Seq, d)
	}
	all := scan(t, s, market.Filter{})
	if len(all) != 2 || all[0].Seq >= all[1].Seq {
		t.Fatalf("Scan gives %d entries, or not in order", len(all))
	}
	if d := cmp.Diff(got, all[0]); d != "" {
		t.Errorf("Scan differs from Get:\n%s", d)
	}
}

func testNoSharing(t *testing.T, s market.Store) {
	e := announcement(1, market.Item{Kind: market.Good, Title: "bike", Attributes: map[string]string{"colour": "red"}})
	want := bytes.Clone(e.Raw)
	apply(t, s, e)
	e.Raw[0] = 'X'
	e.Item.Attributes["colour"] = "blue"
	e.Item.Title = "boat"
	for range 2 {
		got, err := s.Get(t.Context(), e.Key)
		if err != nil || !bytes.Equal(got.Raw, want) {
			t.Fatalf("Get: %q, %v", got.Raw, err)
		}
		got.Raw[0] = 'Y'
		found, _, err := s.Search(t.Context(), market.Search{Query: market.Query{Words: "red bike"}, Limit: 1})
		if err != nil || len(found) != 1 || !bytes.Equal(found[0].Raw, want) {
			t.Fatalf("Search: %v, %v", raws(found), err)
		}
		found[0].Raw[0] = 'Z'
		all := scan(t, s, market.Filter{})
		all[0].Raw[0] = 'W'
	}
}

func testReplace(t *testing.T, s market.Store) {
	a := announcement(1, market.Item{Kind: market.Good, Title: "old"})
	apply(t, s, a, announcement(2, market.Item{Kind: market.Good, Title: "other"}))
	first, _ := s.Get(t.Context(), a.Key)
	a.Raw, a.Item, a.Version = []byte("edited"), &market.Item{Kind: market.Good, Title: "new"}, 2
	apply(t, s, a)
	if got := raws(scan(t, s, market.Filter{})); !slices.Equal(got, []string{"announcement 2", "edited"}) {
		t.Errorf("after an edit: %v", got)
	}
	if got := raws(scan(t, s, market.Filter{After: first.Seq + 1})); !slices.Equal(got, []string{"edited"}) {
		t.Errorf("after the cursor: %v", got)
	}
	for words, want := range map[string]int{"old": 0, "new": 1} {
		if found, _, err := s.Search(t.Context(), market.Search{Query: market.Query{Words: words}, Limit: 9}); err != nil || len(found) != want {
			t.Errorf("Search(%q) finds %d, %v, want %d", words, len(found), err, want)
		}
	}
	// Two puts of one key in one batch: the second counts.
	b := a
	b.Raw = []byte("again")
	apply(t, s, a, b)
	if got := raws(scan(t, s, market.Filter{})); !slices.Equal(got, []string{"announcement 2", "again"}) {
		t.Errorf("after two puts: %v", got)
	}
}

func testDelete(t *testing.T, s market.Store) {
	a, b := announcement(1, market.Item{Kind: market.Good, Title: "a"}), announcement(2, market.Item{Kind: market.Good, Title: "b"})
	apply(t, s, a, b)
	last, _ := s.Get(t.Context(), b.Key)
	if err := s.Apply(t.Context(), nil, []market.Key{a.Key, b.Key}); err != nil {
		t.Fatal(err)
	}
	if got := scan(t, s, market.Filter{}); len(got) != 0 {
		t.Errorf("after deleting: %v", raws(got))
	}
	found, _, err := s.Search(t.Context(), market.Search{Limit: 9})
	if err != nil || len(found) != 0 {
		t.Errorf("after deleting: %v, %v", raws(found), err)
	}
	if err := s.Apply(t.Context(), []market.Entry{a}, []market.Key{a.Key}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), a.Key); err != nil || got.Seq <= last.Seq {
		t.Errorf("after deleting and putting in one: seq %d, error %v, want more than %d", got.Seq, err, last.Seq)
	}
}

func testFilters(t *testing.T, s market.Store) {
	apply(t, s,
		market.Entry{Key: key(market.ClassMail, 1), Raw: []byte("mail to 1"), Owner: sxp.ID{1}, Peer: sxp.ID{9}, Expires: 100, Keep: 100},
		market.Entry{Key: key(market.ClassMail, 2), Raw: []byte("mail to 2"), Owner: sxp.ID{2}, Peer: sxp.ID{9}, Expires: 200, Keep: 300},
		market.Entry{Key: key(market.ClassCharter, 1), Raw: []byte("charter")},
		market.Entry{Key: key(market.ClassJuror, 1), Raw: []byte("juror"), Owner: sxp.ID{1}},
	)
	for name, tt := range map[string]struct {
		f    market.Filter
		want []string
	}{
		"all":              {market.Filter{}, []string{"mail to 1", "mail to 2", "charter", "juror"}},
		"one class":        {market.Filter{Classes: []market.Class{market.ClassMail}}, []string{"mail to 1", "mail to 2"}},
		"two classes":      {market.Filter{Classes: []market.Class{market.ClassCharter, market.ClassJuror}}, []string{"charter", "juror"}},
		"owner":            {market.Filter{Owner: sxp.ID{1}}, []string{"mail to 1", "juror"}},
		"owner and class":  {market.Filter{Owner: sxp.ID{1}, Classes: []market.Class{market.ClassJuror}}, []string{"juror"}},
		"peer":             {market.Filter{Peer: sxp.ID{9}}, []string{"mail to 1", "mail to 2"}},
		"unknown peer":     {market.Filter{Peer: sxp.ID{8}}, []string{}},
		"live before":      {market.Filter{LiveAt: 99}, []string{"mail to 1", "mail to 2", "charter", "juror"}},
		"live at expiry":   {market.Filter{LiveAt: 100}, []string{"mail to 2", "charter", "juror"}},
		"dead at keep":     {market.Filter{DeadBy: 100}, []string{"mail to 1"}},
		"dead before keep": {market.Filter{DeadBy: 299}, []string{"mail to 1"}},
		"dead later":       {market.Filter{DeadBy: 300}, []string{"mail to 1", "mail to 2"}},
	} {
		if got := raws(scan(t, s, tt.f)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func testPages(t *testing.T, s market.Store) {
	const n = 25
	for i := range n {
		apply(t, s, announcement(i, market.Item{Kind: market.Good, Title: "bike"}))
	}
	var up, down []string
	for after, more := uint64(0), true; more; {
		var page []market.Entry
		var err error
		if page, more, err = s.Scan(t.Context(), market.Filter{After: after, Limit: 7}); err != nil || len(page) == 0 {
			t.Fatalf("Scan after %d: %d entries, %v", after, len(page), err)
		}
		up, after = append(up, raws(page)...), page[len(page)-1].Seq
	}
	for _, q := range []market.Query{{}, {Words: "bik"}, {Kind: market.Good}} {
		down = nil
		for before, more := uint64(0), true; more; {
			var page []market.Entry
			var err error
			if page, more, err = s.Search(t.Context(), market.Search{Query: q, Before: before, Limit: 5}); err != nil || len(page) == 0 {
				t.Fatalf("Search before %d: %d entries, %v", before, len(page), err)
			}
			down, before = append(down, raws(page)...), page[len(page)-1].Seq
		}
		slices.Reverse(down)
		if !slices.Equal(up, down) || len(up) != n {
			t.Errorf("pages of Scan %v, of Search %+v %v", up, q, down)
		}
	}
}

func testBytes(t *testing.T, s market.Store) {
	for i := range 5 {
		e := announcement(i, market.Item{Kind: market.Good, Title: "bike"})
		e.Raw = bytes.Repeat([]byte{byte(i)}, 100)
		apply(t, s, e)
	}
	for size, want := range map[int]int{0: 5, 1: 1, 100: 1, 199: 1, 200: 2, 499: 4, 500: 5} {
		found, more, err := s.Scan(t.Context(), market.Filter{Limit: 10, Bytes: size})
		if err != nil || len(found) != want || more != (want < 5) {
			t.Errorf("Scan of %d bytes: %d entries, more %v, error %v, want %d", size, len(found), more, err, want)
		}
		found, more, err = s.Search(t.Context(), market.Search{Limit: 10, Bytes: size})
		if err != nil || len(found) != want || more != (want < 5) {
			t.Errorf("Search of %d bytes: %d entries, more %v, error %v, want %d", size, len(found), more, err, want)
		}
	}
}

func testSearchLive(t *testing.T, s market.Store) {
	gift := announcement(4, market.Item{Kind: market.Good, Title: "bike"})
	gift.Direction = market.Gift
	live, need, gone := announcement(1, market.Item{Kind: market.Good, Title: "bike"}), announcement(2, market.Item{Kind: market.Good, Title: "bike"}), announcement(3, market.Item{})
	need.Direction = market.Need
	gone.Item = nil // withdrawn
	apply(t, s, live, need, gone, gift)
	for name, tt := range map[string]struct {
		q    market.Search
		want []string
	}{
		"all, newest first":   {market.Search{}, []string{"announcement 4", "announcement 2", "announcement 1"}},
		"gifts":               {market.Search{Direction: market.Gift}, []string{"announcement 4"}},
		"offers":              {market.Search{Direction: market.Offer}, []string{"announcement 1"}},
		"needs":               {market.Search{Direction: market.Need, Query: market.Query{Words: "bike"}}, []string{"announcement 2"}},
		"of one owner":        {market.Search{Owner: live.Owner}, []string{"announcement 1"}},
		"shortly before":      {market.Search{Now: 999}, []string{"announcement 4", "announcement 2", "announcement 1"}},
		"at the time expired": {market.Search{Now: 1000}, nil},
	} {
		tt.q.Limit = 10
		found, _, err := s.Search(t.Context(), tt.q)
		if got := raws(found); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, tt.want)
		}
	}
}

func testConcurrent(t *testing.T, s market.Store) {
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, _, err := s.Search(t.Context(), market.Search{Query: market.Query{Words: "bike"}, Limit: 5}); err != nil {
					t.Errorf("Search: %v", err)
					return
				}
			}
		})
	}
	for i := range 50 {
		apply(t, s, announcement(i, market.Item{Kind: market.Good, Title: "bike"}))
	}
	close(done)
	wg.Wait()
	if n, err := s.Count(t.Context(), market.Filter{}); n != 50 || err != nil {
		t.Errorf("Count: %d, %v", n, err)
	}
}

func testCancel(t *testing.T, s market.Store) {
	apply(t, s, announcement(1, market.Item{Kind: market.Good, Title: "bike"}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Search(ctx, market.Search{Query: market.Query{Words: "bike"}, Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: error %v, want %v", err, context.Canceled)
	}
}
