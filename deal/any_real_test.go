package deal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp/deal"
	"sxp/deal/tm"
)

// What several exact solvers found for the items of real want lists, and the
// most people among the answers with so many items.
var anyLength = map[string][2]int{
	"ftm-BR2024May": {196, 78}, "genie-0528_10_Thu_wantsfile": {95, 62}, "okasaki-ask": {197, 197}, "okasaki-onewant": {336, 151},
	"olwlg-286103-officialwants": {10, 9}, "olwlg-286149-officialwants": {638, 186}, "olwlg-286870-officialwants": {166, 76},
	"oz-amiguero1-money": {586, 90}, "oz-amiguero1": {442, 87}, "oz-amiguero2-money": {370, 77}, "oz-amiguero2": {262, 70},
	"oz-amiguero3-money": {436, 79}, "oz-amiguero3": {274, 74}, "oz-brisbane2016-money": {195, 35}, "oz-brisbane2016": {81, 32},
	"oz-friendless1-money": {202, 49}, "oz-friendless1": {195, 49}, "oz-neil-money": {237, 63}, "oz-neil": {151, 55},
	"polish-mathandel_30": {210, 104}, "szadamek-data": {175, 69},
}

// listFolder is where real want lists are kept.
func listFolder() string {
	dir := os.Getenv("SXP_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	return filepath.Join(dir, "norm")
}

// listed reads a real want list; the test is skipped where there are none.
func listed(t testing.TB, name string) *tm.List {
	t.Helper()
	f, err := os.Open(filepath.Join(listFolder(), name+".txt"))
	if err != nil {
		t.Skip("no real want lists here: set SXP_DATA to their folder")
	}
	defer f.Close()
	l, err := tm.Read(f, tm.Settings{File: name})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Row 82 of docs/requirements.md: every list is proven in items, people and
// cost, and the certificate says so to who does not search.
func TestRealListsOfAnyLength(t *testing.T) {
	for name, want := range anyLength {
		t.Run(name, func(t *testing.T) {
			l := listed(t, name)
			g, err := l.Graph()
			if err != nil {
				t.Fatal(err)
			}
			opt := deal.Options{Goals: deal.DefaultGoals()}
			r, err := deal.Find(g, opt)
			if err != nil || r.Value.Items != want[0] || r.Value.People != want[1] || !r.Exact {
				t.Fatalf("%+v, exact %v, %v; want %v", r.Value, r.Exact, err, want)
			}
			v, err := deal.Verify(g, opt, r.Rings, r.Certificate)
			if err != nil || !v.Exact || v.Bound != int64(want[0]) {
				t.Errorf("Verify: %+v, %v", v, err)
			}
		})
	}
}

// Budgets of the Australian lists are kept, and the answer is still proven and
// certified.
func TestRealBudgetsOfAnyLength(t *testing.T) {
	for name, want := range map[string]int{
		"oz-amiguero2-money": 369, "oz-amiguero3-money": 430, "oz-brisbane2016-money": 194, "oz-friendless1-money": 202, "oz-neil-money": 235,
	} {
		l := listed(t, name)
		text, err := os.ReadFile(filepath.Join(listFolder(), name+".txt.limits"))
		if err != nil {
			t.Skip(err)
		}
		if err := l.ReadLimits(strings.NewReader(string(text)), tm.Settings{File: name + ".limits"}); err != nil {
			t.Fatal(err)
		}
		g, err := l.Graph()
		if err != nil || g.NumLimits() == 0 {
			t.Fatalf("%s: %d limits, %v", name, g.NumLimits(), err)
		}
		r, err := deal.Find(g, deal.Options{})
		if err != nil || r.Value.Items != want || !r.Optimal {
			t.Errorf("%s: %+v, optimal %v, bound %d, %v; want %d items", name, r.Value, r.Optimal, r.Bound, err, want)
		}
		if v, err := deal.Verify(g, deal.Options{}, r.Rings, r.Certificate); err != nil || !v.Optimal {
			t.Errorf("%s: Verify: %+v, %v", name, v, err)
		}
	}
}

// BenchmarkAnyLength searches every real list for the most items, then people,
// then the lowest cost, reading it included.
func BenchmarkAnyLength(b *testing.B) {
	for name := range anyLength {
		text, err := os.ReadFile(filepath.Join(listFolder(), name+".txt"))
		if err != nil {
			b.Skip("no real want lists here: set SXP_DATA to their folder")
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				l, err := tm.Read(strings.NewReader(string(text)), tm.Settings{})
				if err != nil {
					b.Fatal(err)
				}
				g, err := l.Graph()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := deal.Find(g, deal.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
