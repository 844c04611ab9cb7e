package preflib_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/preflib"
)

const small = `4,6
1,Pair 1
2,Pair 2
3,Pair 3
4,Altruist 4
0,1,1
1,0,1
1,2,1
3,0,1
0,3,0
2,3,0
`

func wmd(text string) preflib.File {
	return preflib.File{Name: "pool.wmd", Reader: strings.NewReader(text)}
}

func TestReadWMD(t *testing.T) {
	later := "# NUMBER ALTERNATIVES: 4\n# NUMBER EDGES: 6\n# ALTERNATIVE NAME 4: Altruist 4\n# a remark\n" +
		"1, 2, 1.0\n2, 1, 1.0\n2, 3, 1.0\n4, 1, 1.0\n1, 4, 0.0\n3, 4, 0.0\n"
	for _, text := range []string{small, later, strings.ReplaceAll(small, "\n", "\r\n\r\n")} {
		p, err := preflib.ReadWMD(wmd(text), preflib.Settings{Strict: true})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := []preflib.Arc{{From: 0, To: 1, Weight: 1}, {From: 1, To: 0, Weight: 1}, {From: 1, To: 2, Weight: 1}, {From: 3, To: 0, Weight: 1}}
		if len(p.Nodes) != 4 || p.Altruists() != 1 || !p.Nodes[3].Altruist || !slices.Equal(p.Arcs, want) || p.Scale != 1 {
			t.Errorf("%q: %+v", text, p)
		}
		g, err := p.Graph()
		if err != nil {
			t.Fatal(err)
		}
		got, err := deal.Find(g, deal.Options{MaxRing: 3, MaxChain: 3})
		if err != nil || got.Value.Items != 3 || len(got.Rings) != 1 || !slices.Equal(got.Rings[0], deal.Ring{2, 1, 0, 3}) {
			t.Errorf("%q: %+v, %v; want the chain 3, 0, 1, 2", text, got, err)
		}
	}
}

func TestReadInput(t *testing.T) {
	pairs := preflib.File{Name: "a.input", Reader: strings.NewReader("3\t2\n0\t1\t1.5\n1\t2\t2.25\n-1\t-1\t-1\n")}
	gifts := preflib.File{Name: "a.ndds", Reader: strings.NewReader("1 1\n0 0 0\n-1 -1 -1\n")}
	p, err := preflib.ReadInput(pairs, gifts, preflib.Settings{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []preflib.Arc{{From: 0, To: 1, Weight: 150}, {From: 1, To: 2, Weight: 225}, {From: 3, To: 0, Weight: 0}}
	if len(p.Nodes) != 4 || !p.Nodes[3].Altruist || p.Nodes[0].Altruist || !slices.Equal(p.Arcs, want) || p.Scale != 100 {
		t.Errorf("%+v", p)
	}
	g, err := p.Graph()
	if err != nil || g.Top() != 225 {
		t.Fatalf("top %d, %v", g.Top(), err)
	}
	got, err := deal.Find(g, deal.Options{MaxRing: 3, MaxChain: 3, Goals: []deal.Goal{deal.Worth}})
	if err != nil || got.Value.Worth != 375 || !got.Optimal {
		t.Errorf("%+v, %v; want a worth of 375", got, err)
	}
}

// Each complaint names file, line and rule; the rest is read all the same.
func TestProblems(t *testing.T) {
	head := "3,2\n1,a\n2,b\n3,c\n0,1,1\n1,0,1\n"
	for _, c := range []struct {
		line, rule string
		line0      int
	}{
		{"0,1,1", "repeated", 7},
		{"2,2,1", "self", 7},
		{"0,3,1", "node", 7},
		{"-1,0,1", "node", 7},
		{"0,2,-1", "weight", 7},
		{"0,2,NaN", "weight", 7},
		{"0,2,1e3", "weight", 7},
		{"0,2,0.0000001", "weight", 7},
		{"0,2,1000001", "weight", 7},
		{"0,2,99999999999999999999", "weight", 7},
		{"0,2", "arc", 7},
		{"0,2,1,1", "arc", 7},
		{"0,2,1", "count", 7}, // one more than the header says
	} {
		text := head + c.line + "\n"
		p, err := preflib.ReadWMD(wmd(text), preflib.Settings{})
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		at := slices.IndexFunc(p.Problems, func(x preflib.Problem) bool { return x.Rule == c.rule })
		if at < 0 || p.Problems[at].Line != c.line0 || p.Problems[at].File != "pool.wmd" || len(p.Arcs) < 2 {
			t.Errorf("%q: problems %v, %d arcs; want %s in line %d", c.line, p.Problems, len(p.Arcs), c.rule, c.line0)
		}
		_, err = preflib.ReadWMD(wmd(text), preflib.Settings{Strict: true})
		var problem preflib.Problem
		if !errors.As(err, &problem) || !errors.Is(err, sxp.Invalid) {
			t.Errorf("%q, strictly: %v", c.line, err)
		}
	}
}

// Where the file cannot be understood at all, the error says where and why.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		text, rule string
		kind       sxp.Kind
	}{
		{"", "header", sxp.Invalid},
		{"hello\n", "header", sxp.Invalid},
		{"x,1\n", "header", sxp.Invalid},
		{"-1,1\n", "header", sxp.Invalid},
		{"100001,1\n", "header", sxp.TooLarge},
		{"2,99999999\n", "header", sxp.TooLarge},
		{"2,1\n1,a\n", "names", sxp.Invalid},
		{"2,1\n2,a\n1,b\n", "names", sxp.Invalid},
		{"# TITLE: nothing\n1,2,1\n", "header", sxp.Invalid},
	} {
		_, err := preflib.ReadWMD(wmd(c.text), preflib.Settings{})
		var problem preflib.Problem
		if !errors.As(err, &problem) || problem.Rule != c.rule || !errors.Is(err, c.kind) {
			t.Errorf("%q: %v; want rule %s, %v", c.text, err, c.rule, c.kind)
		}
	}
	long := wmd("2,1\n1," + strings.Repeat("x", preflib.MaxLine) + "\n")
	if _, err := preflib.ReadWMD(long, preflib.Settings{}); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("a line that is too long: %v", err)
	}
	for text, rule := range map[string]string{"": "header", "2\n": "header", "2 x\n": "header"} {
		_, err := preflib.ReadInput(preflib.File{Name: "a.input", Reader: strings.NewReader(text)}, preflib.File{}, preflib.Settings{})
		var problem preflib.Problem
		if !errors.As(err, &problem) || problem.Rule != rule || problem.File != "a.input" {
			t.Errorf("%q: %v; want rule %s", text, err, rule)
		}
	}
	cut := preflib.File{Name: "a.input", Reader: strings.NewReader("2 1\n0 1 1\n")}
	if p, err := preflib.ReadInput(cut, preflib.File{}, preflib.Settings{}); err != nil || len(p.Problems) != 1 || p.Problems[0].Rule != "end" {
		t.Errorf("a file that ends too early: %+v, %v", p, err)
	}
}

// A generated pool reads without a complaint and trades in rings and chains.
func TestGeneratedPool(t *testing.T) {
	text := string(gen.Pool(60, 3, 7))
	if text != string(gen.Pool(60, 3, 7)) || text == string(gen.Pool(60, 3, 8)) {
		t.Error("the same seed must make the same pool, another another")
	}
	p, err := preflib.ReadWMD(wmd(text), preflib.Settings{Strict: true})
	if err != nil || len(p.Nodes) != 63 || p.Altruists() != 3 {
		t.Fatalf("%d nodes, %v", len(p.Nodes), err)
	}
	g, err := p.Graph()
	if err != nil {
		t.Fatal(err)
	}
	rings, err := deal.Find(g, deal.Options{MaxRing: 3, MaxChain: -1})
	if err != nil || !rings.Optimal || rings.Value.Items < 15 {
		t.Errorf("without chains: %+v, %v", rings.Value, err)
	}
	chains, err := deal.Find(g, deal.Options{MaxRing: 3, MaxChain: 4})
	if err != nil || !chains.Optimal || chains.Value.Items <= rings.Value.Items {
		t.Errorf("with chains: %+v, %v; without %+v", chains.Value, err, rings.Value)
	}
}

// Whatever the work allows, and whenever a search is stopped, what it claims
// holds and can be shown.
func TestLittleWorkClaimsNothingFalse(t *testing.T) {
	p, err := preflib.ReadWMD(wmd(string(gen.Pool(300, 12, 3))), preflib.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Graph()
	if err != nil {
		t.Fatal(err)
	}
	best, err := deal.Find(g, deal.Options{MaxRing: 3, MaxChain: 4})
	if err != nil || !best.Optimal {
		t.Fatalf("%+v, bound %d, %v", best.Value, best.Bound, err)
	}
	check := func(what string, opt deal.Options) {
		res, err := deal.Find(g, opt)
		if err != nil || res.Value.Items > best.Value.Items || int(res.Bound) < best.Value.Items {
			t.Fatalf("%s: %+v, bound %d, %v; the best is %d", what, res.Value, res.Bound, err, best.Value.Items)
		}
		opt.Budget = 1_000_000_000
		v, err := deal.Verify(g, opt, res.Rings, res.Certificate)
		if err != nil || v.Optimal != res.Optimal {
			t.Errorf("%s: %+v, %v; optimal %v", what, v, err, res.Optimal)
		}
	}
	for budget := int64(1); budget < 10_000_000; budget *= 5 {
		check(fmt.Sprintf("budget %d", budget), deal.Options{MaxRing: 3, MaxChain: 4, Budget: budget})
	}
	shown := 0
	opt := deal.Options{MaxRing: 5, MaxChain: 5, Progress: func(deal.Progress) bool { shown++; return false }}
	if res, err := deal.Find(g, opt); err != nil || shown != 1 || res.Work > 20_000_000 || res.Value.Items == 0 {
		t.Errorf("stopped: %+v, shown %d times, work %d, %v", res.Value, shown, res.Work, err)
	}
}

// poolFolder is where real pools are kept; they are not part of the project.
func poolFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SXP_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "kidney")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no real pools here (set SXP_DATA to their folder); package deal/gen makes pools like them for the other tests")
	}
	return dir
}

func real(t testing.TB, name string) *deal.Graph {
	t.Helper()
	f, err := os.Open(filepath.Join(poolFolder(t), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := preflib.ReadWMD(preflib.File{Name: name, Reader: f}, preflib.Settings{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Graph()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// known are optima on which several exact solvers agree, rings of at most three
// and chains of at most four; 0: none is published.
var known = []struct {
	pool          string
	rings, chains int
}{
	{"001", 4, 4}, {"011", 0, 0}, {"031", 22, 22}, {"051", 0, 0}, {"081", 51, 55}, {"101", 0, 0}, {"121", 75, 86}, {"141", 0, 0},
	{"161", 163, 181}, {"171", 0, 0}, {"181", 144, 182}, {"201", 344, 381}, {"211", 316, 372},
}

func TestRealPools(t *testing.T) {
	for _, k := range known {
		g := real(t, "preflib-"+k.pool+".wmd")
		for i, want := range []int{k.rings, k.chains} {
			opt := deal.Options{MaxRing: 3, MaxChain: []int{-1, 4}[i]}
			res, err := deal.Find(g, opt)
			if err != nil || !res.Optimal || want > 0 && res.Value.Items != want {
				t.Errorf("%s, %+v: %+v, bound %d, %v; want %d, proven", k.pool, opt, res.Value, res.Bound, err, want)
				continue
			}
			opt.Budget = 1_000_000_000
			if v, err := deal.Verify(g, opt, res.Rings, res.Certificate); err != nil || !v.Optimal {
				t.Errorf("%s, %+v: the certificate does not hold: %+v, %v", k.pool, opt, v, err)
			}
		}
	}
	dir := poolFolder(t)
	open := func(name string) preflib.File {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return preflib.File{Name: name, Reader: f}
	}
	name := "modified-5pc-ndd-corrected-100-1"
	p, err := preflib.ReadInput(open(name+".input"), open(name+".ndds"), preflib.Settings{Strict: true})
	if err != nil || len(p.Nodes) != 105 || p.Altruists() != 5 || len(p.Arcs) != 1925+171 {
		t.Errorf("%s: %d nodes, %d arcs, %v", name, len(p.Nodes), len(p.Arcs), err)
	}
}

// BenchmarkPools proves real pools, and generated ones of 256 to 2,048 pairs.
func BenchmarkPools(b *testing.B) {
	run := func(name string, g *deal.Graph, opt deal.Options) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				res, err := deal.Find(g, opt)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(res.Value.Items), "items")
				b.ReportMetric(float64(res.Bound), "bound")
				b.ReportMetric(float64(res.Listed), "rings")
			}
		})
	}
	for _, pairs := range []int{256, 512, 1024, 2048} {
		p, err := preflib.ReadWMD(wmd(string(gen.Pool(pairs, 0, 42))), preflib.Settings{})
		if err != nil {
			b.Fatal(err)
		}
		g, err := p.Graph()
		if err != nil {
			b.Fatal(err)
		}
		run(fmt.Sprintf("generated-%d/K3", pairs), g, deal.Options{MaxRing: 3, MaxChain: -1})
	}
	for _, k := range known[8:] {
		g := real(b, "preflib-"+k.pool+".wmd")
		run("preflib-"+k.pool+"/K3", g, deal.Options{MaxRing: 3, MaxChain: -1})
		run("preflib-"+k.pool+"/K3L4", g, deal.Options{MaxRing: 3, MaxChain: 4})
	}
}

func FuzzReadWMD(f *testing.F) {
	f.Add(small, false)
	f.Add("# NUMBER ALTERNATIVES: 2\n# NUMBER EDGES: 2\n1,2,1.0\n2,1,0.5\n", true)
	f.Add("2,1\n1,a\n2,b\n0,0,-1\n", false)
	f.Fuzz(func(t *testing.T, text string, strict bool) {
		if p, err := preflib.ReadWMD(wmd(text), preflib.Settings{Strict: strict}); err == nil {
			sound(t, p)
		}
	})
}

func FuzzReadInput(f *testing.F) {
	f.Add("2 2\n0 1 1\n1 0 1.5\n-1 -1 -1\n", "1 1\n0 0 1\n-1 -1 -1\n")
	f.Add("2 1\n0 9 1\n", "x")
	f.Fuzz(func(t *testing.T, pairs, gifts string) {
		p, err := preflib.ReadInput(preflib.File{Name: "a.input", Reader: strings.NewReader(pairs)},
			preflib.File{Name: "a.ndds", Reader: strings.NewReader(gifts)}, preflib.Settings{})
		if err == nil {
			sound(t, p)
		}
	})
}

// sound checks that a pool makes sense, and a graph.
func sound(t *testing.T, p *preflib.Pool) {
	g, err := p.Graph()
	if err != nil || g.Len() != len(p.Nodes) || g.NumArcs() != len(p.Arcs) {
		t.Fatalf("%d nodes, %d arcs make a graph of %d and %d, %v", len(p.Nodes), len(p.Arcs), g.Len(), g.NumArcs(), err)
	}
	for _, x := range p.Problems {
		if x.Rule == "" || x.Text == "" || x.File == "" {
			t.Errorf("problem %+v says too little", x)
		}
	}
}
