package index_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"sxp/market"
	"sxp/market/index"
	"sxp/market/storetest"
)

func open(t testing.TB, path string) *index.Store {
	t.Helper()
	s, err := index.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) market.Store { return open(t, filepath.Join(t.TempDir(), "board.sxp")) })
}

// Also where a query keeps more places than are listed, a search finds those
// that Match accepts, newest first.
func TestManyPlaces(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "board.sxp"))
	r := rand.New(rand.NewPCG(3, 3))
	const n = 2 * index.FewForTest
	var put []market.Entry
	for i := range n {
		e := entry(i)
		e.Raw = fmt.Append(nil, i)
		if i%10 != 0 {
			e.Item.Point = &market.Point{Lat: 51_000 + r.Int64N(2001) - 1000, Lon: 10_500 + r.Int64N(2001) - 1000}
		}
		put = append(put, e)
	}
	if err := s.Apply(t.Context(), put, nil); err != nil {
		t.Fatal(err)
	}
	for _, km := range []int64{1, 20, 75, 80, 90, 150, market.MaxNear} {
		q := near(km)
		var want []string
		for i := n - 1; i >= 0; i-- {
			if q.Match(*put[i].Item) {
				want = append(want, fmt.Sprint(i))
			}
		}
		found, more, err := s.Search(t.Context(), market.Search{Query: q, Limit: n})
		var got []string
		for _, e := range found {
			got = append(got, string(e.Raw))
		}
		if err != nil || more || !slices.Equal(got, want) {
			t.Errorf("within %d km: %d found, more %v, %v, want %d", km, len(got), more, err, len(want))
		}
	}
}
