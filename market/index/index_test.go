package index_test

import (
	"path/filepath"
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
