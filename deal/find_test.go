package deal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/tm"
)

func graphOf(t testing.TB, list []byte) *deal.Graph {
	t.Helper()
	l, err := tm.Read(bytes.NewReader(list), tm.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := l.Graph()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// realList reads a real want list, or skips: they are not part of the project.
func realList(t testing.TB, name string) *deal.Graph {
	t.Helper()
	dir := os.Getenv("SXP_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	list, err := os.ReadFile(filepath.Join(dir, "norm", name+".txt"))
	if err != nil {
		t.Skipf("no real want lists here (set SXP_DATA to their folder): %v", err)
	}
	return graphOf(t, list)
}

// optima are the most items that can be traded on real lists with rings of up
// to 4 items, and with any; several exact solvers agree on each.
var optima = []struct {
	list       string
	four, any_ int
}{
	{"ftm-BR2024May", 119, 196},
	{"genie-0528_10_Thu_wantsfile", 33, 95},
	{"okasaki-ask", 114, 197},
	{"okasaki-onewant", 227, 336},
	{"olwlg-286103-officialwants", 5, 10},
	{"olwlg-286149-officialwants", 415, 638},
	{"olwlg-286870-officialwants", 95, 166},
	{"oz-amiguero1-money", 469, 586},
	{"oz-amiguero1", 357, 442},
	{"oz-amiguero2-money", 274, 370},
	{"oz-amiguero2", 187, 262},
	{"oz-amiguero3-money", 323, 436},
	{"oz-amiguero3", 200, 274},
	{"oz-brisbane2016-money", 160, 195},
	{"oz-brisbane2016", 62, 81},
	{"oz-friendless1-money", 173, 202},
	{"oz-friendless1", 164, 195},
	{"oz-neil-money", 180, 237},
	{"oz-neil", 105, 151},
	{"polish-mathandel_30", 119, 210},
	{"szadamek-data", 122, 175},
}

// What is found on real lists is valid, nothing above the optimum is claimed,
// and what is claimed to be optimal is.
func TestRealLists(t *testing.T) {
	for _, o := range optima {
		t.Run(o.list, func(t *testing.T) {
			t.Parallel()
			g := realList(t, o.list)
			for maxRing, want := range map[int]int{0: o.any_, 4: o.four} {
				start := time.Now()
				res, err := deal.Find(g, deal.Options{MaxRing: maxRing, Budget: 40_000_000})
				if err != nil {
					t.Fatal(err)
				}
				if v, err := deal.Check(g, res.Rings, deal.Options{MaxRing: maxRing}); err != nil || v != res.Value {
					t.Errorf("Check: %+v, %v; want %+v", v, err, res.Value)
				}
				if res.Value.Items > want || int(res.Bound) < want || res.Optimal && res.Value.Items != want {
					t.Errorf("rings up to %d: %+v, the optimum is %d", maxRing, res.Value, want)
				}
				if maxRing == 0 && !res.Optimal || res.Value.Items < want*97/100 {
					t.Errorf("rings up to %d: %+v of %d, below what a small budget reached before", maxRing, res.Value, want)
				}
				t.Logf("rings up to %d: %d of %d items, %d people, bound %d, optimal %v, %v", maxRing, res.Value.Items, want, res.Value.People, int(res.Bound), res.Optimal, time.Since(start))
			}
		})
	}
}

// BenchmarkRealLists gives the figures of the documentation: items and seconds
// with the usual budget. With SXP_CAP=5 in the environment rings have up to 5
// items, or as many as it says, and the work is that of 60 seconds.
func BenchmarkRealLists(b *testing.B) {
	opt := deal.Defaults()
	if most := os.Getenv("SXP_CAP"); most != "" {
		var err error
		if opt.MaxRing, err = strconv.Atoi(most); err != nil {
			b.Fatalf("SXP_CAP: %v", err)
		}
		opt.Budget = 3_000_000_000
	}
	for _, o := range optima {
		b.Run(o.list, func(b *testing.B) {
			g := realList(b, o.list)
			var res deal.Result
			for b.Loop() {
				var err error
				if res, err = deal.Find(g, opt); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(res.Value.Items), "items")
			b.ReportMetric(float64(int(res.Bound)), "bound")
			b.ReportMetric(float64(res.Value.People), "people")
			if opt.MaxRing == deal.DefaultMaxRing {
				b.ReportMetric(float64(o.four), "optimum")
			}
		})
	}
}

// BenchmarkGenerated shows the growth with size where there are no real lists.
func BenchmarkGenerated(b *testing.B) {
	for _, items := range []string{"100", "1000", "5000"} {
		b.Run("items="+items, func(b *testing.B) {
			n := map[string]int{"100": 100, "1000": 1000, "5000": 5000}[items]
			g := graphOf(b, gen.TradeList(n, 1))
			var res deal.Result
			for b.Loop() {
				var err error
				if res, err = deal.Find(g, deal.Defaults()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(res.Value.Items), "items")
			b.ReportMetric(float64(int(res.Bound)), "bound")
		})
	}
}

func TestGeneratedListsTrade(t *testing.T) {
	for seed := range uint64(3) {
		g := graphOf(t, gen.TradeList(600, seed))
		res, err := deal.Find(g, deal.Options{MaxRing: 4, Budget: 60_000_000})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := deal.Check(g, res.Rings, deal.Options{MaxRing: 4}); err != nil || v != res.Value || v.Items < 50 || v.Items < int(res.Bound)*95/100 {
			t.Errorf("seed %d: %+v, %v (bound %d)", seed, v, err, int(res.Bound))
		}
	}
	if a, b := gen.TradeList(100, 7), gen.TradeList(100, 7); !bytes.Equal(a, b) {
		t.Error("the same seed gave two lists")
	}
}

func TestProgressIsShownAndStops(t *testing.T) {
	g := graphOf(t, gen.TradeList(1500, 5))
	stages := make(map[string]int)
	opt := deal.Defaults()
	opt.Budget = 150_000_000
	var last deal.Value
	opt.Progress = func(p deal.Progress) bool {
		stages[p.Stage]++
		if p.Best.Compare(last, deal.DefaultGoals()) < 0 {
			t.Errorf("progress fell from %+v to %+v", last, p.Best)
		}
		last = p.Best
		if p.Done > p.Budget+20_000_000 {
			t.Errorf("progress %+v is beyond the budget", p)
		}
		return true
	}
	res, err := deal.Find(g, opt)
	if err != nil || len(stages) == 0 {
		t.Errorf("Find: %+v, %v; stages %v", res.Value, err, stages)
	}
	if last.Items == 0 || last.Compare(res.Value, deal.DefaultGoals()) > 0 {
		t.Errorf("progress showed %+v at last, the answer is %+v", last, res.Value)
	}
	calls := 0
	opt.Progress = func(deal.Progress) bool { calls++; return false }
	res, err = deal.Find(g, opt)
	if err != nil || calls != 1 {
		t.Errorf("Find went on after it was stopped: %d calls, %v", calls, err)
	}
	if v, err := deal.Check(g, res.Rings, deal.Options{MaxRing: 4}); err != nil || v != res.Value {
		t.Errorf("the answer of a stopped search: %+v, %v; want %+v", v, err, res.Value)
	}
}

// A hostile market whose rings explode in number is bounded in work and memory.
func TestExplosionIsBounded(t *testing.T) {
	g := new(deal.Graph)
	const n = 300
	for i := range n {
		g.AddOffer(i)
	}
	for i := range deal.Node(n) {
		for j := range deal.Node(n) {
			if i != j {
				if err := g.AddArc(i, j, int64(i+j)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	res, err := deal.Find(g, deal.Options{MaxRing: 8, Budget: 60_000_000})
	if err != nil || res.Complete || int(res.Bound) != n || res.Value.Items < n*9/10 {
		t.Errorf("Find: %d items, bound %d, complete %v, %v", res.Value.Items, int(res.Bound), res.Complete, err)
	}
	if res.Work > 90_000_000 {
		t.Errorf("work %d is far beyond the budget", res.Work)
	}
	if _, err := deal.Check(g, res.Rings, deal.Options{MaxRing: 8}); err != nil {
		t.Error(err)
	}
}

// Somebody with very many groups for the same wish does not stop the search.
func TestManyGroupsForOneWish(t *testing.T) {
	g := new(deal.Graph)
	a, b, c, d := g.AddOffer(0), g.AddOffer(1), g.AddOffer(2), g.AddOffer(3)
	link := func(from, to deal.Node) {
		if err := g.AddArc(from, to, 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, pair := range [][2]deal.Node{{a, b}, {b, a}} {
		for range 600 {
			x := g.AddGroup(g.Owner(pair[0]), 1)
			link(pair[0], x)
			link(x, pair[1])
		}
	}
	link(c, d)
	link(d, c)
	res, err := deal.Find(g, deal.Defaults())
	if err != nil || res.Value.Items != 4 || !res.Optimal && int(res.Bound) != 4 {
		t.Errorf("Find: %+v, %v; want all 4 items", res, err)
	}
}
