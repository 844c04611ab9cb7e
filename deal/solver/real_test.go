package solver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp/deal"
	"sxp/deal/solver"
	"sxp/deal/tm"
)

// realLists returns the graphs of published want lists, which are not part of
// the project; it skips the benchmark where there are none.
func realLists(tb testing.TB) (names []string, graphs []*deal.Graph) {
	tb.Helper()
	dir := os.Getenv("SXP_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "norm", "*.txt"))
	if len(files) == 0 {
		tb.Skip("no real want lists here: set SXP_DATA to their folder")
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			tb.Fatal(err)
		}
		l, err := tm.Read(f, tm.Settings{})
		f.Close()
		if err != nil {
			continue // no list
		}
		g, err := l.Graph()
		if err != nil {
			tb.Fatal(err)
		}
		names, graphs = append(names, strings.TrimSuffix(filepath.Base(path), ".txt")), append(graphs, g)
	}
	return names, graphs
}

// BenchmarkRealLists prints how many items the local search trades within a
// second or so of work, in rings of up to 4.
func BenchmarkRealLists(b *testing.B) {
	names, graphs := realLists(b)
	for i, g := range graphs {
		b.Run(names[i], func(b *testing.B) {
			var r deal.Result
			for b.Loop() {
				var err error
				if r, err = solver.Search(g, deal.Options{MaxRing: 4, Budget: 50_000_000}, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(r.Value.Items), "items")
			b.ReportMetric(float64(r.Value.People), "people")
		})
	}
}
