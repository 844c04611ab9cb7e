package deal_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/deal"
)

// proven finds the best rings of a market, with a certificate.
func proven(t *rapid.T) (*deal.Graph, deal.Options, deal.Result) {
	g := drawMarket(t, 8)
	opt := deal.Options{MaxRing: rapid.IntRange(2, 4).Draw(t, "max ring"), MaxChain: rapid.IntRange(-1, 3).Draw(t, "max chain"), Goals: drawAllGoals(t)}
	res, err := deal.Find(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	if res.Certificate == nil {
		t.Skip("nothing is claimed")
	}
	return g, opt, res
}

// numbers calls f for every number of a certificate.
func numbers(v reflect.Value, f func(v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			numbers(v.Elem(), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			numbers(v.Field(i), f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			numbers(v.Index(i), f)
		}
	default:
		if v.CanInt() {
			f(v)
		}
	}
}

// TestNoWrongCertificateVerifies: whatever is changed in a certificate, if it
// still verifies, then what it claims is still true.
func TestNoWrongCertificateVerifies(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		g, opt, res := proven(t)
		cert := res.Certificate
		if rapid.Bool().Draw(t, "lower everything") && len(cert.Proofs) > 0 { // what the walk leaves out must not help
			p, by := &cert.Proofs[0], rapid.Int64Range(1, 5).Draw(t, "by")
			if p.Bound -= by; p.Goal == "cost" {
				p.Bound += 2 * by
			}
			for i := range p.Branches {
				for k := range p.Branches[i].Prices {
					p.Branches[i].Prices[k].Scale *= rapid.Int64Range(1, 20).Draw(t, "scale")
				}
			}
		}
		var all []reflect.Value
		numbers(reflect.ValueOf(cert), func(v reflect.Value) { all = append(all, v) })
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			v := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			x := v.Int()
			change := rapid.SampledFrom([]int64{0, 1, -1, x + 1, x - 1, x / 2, 2 * x, -x, math.MaxInt64, math.MinInt64, 1 << 40}).Draw(t, "to")
			if v.OverflowInt(change) {
				change %= 1 << 31
			}
			v.SetInt(change)
		}
		goals := opt.Goals
		if len(goals) == 0 {
			goals = deal.DefaultGoals()
		}
		v, err := deal.Verify(g, opt, res.Rings, cert)
		if err != nil {
			refused++
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
				t.Fatalf("kind %v: %v", k, err)
			}
			return
		}
		best := res.Value.Of(goals[0])
		if goals[0] == deal.Cost {
			best, v.Bound = -best, -v.Bound
		}
		if v.Bounded && v.Bound < best {
			t.Fatalf("a changed certificate proves the bound %d, the best is %d:\n%+v", v.Bound, best, cert)
		}
		if v.Exact != res.Exact && v.Exact {
			t.Fatalf("a changed certificate proves what was not proven: %+v", v)
		}
	})
	if refused == 0 {
		t.Error("no change was ever refused")
	}
}

// TestWorseAnswersAreNotCertified: the certificate of the best answer proves
// nothing for an answer that is worse.
func TestWorseAnswersAreNotCertified(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		g, opt, res := proven(t)
		if len(res.Rings) == 0 || !res.Exact {
			return
		}
		worse := res.Rings[1:]
		goals := opt.Goals
		if len(goals) == 0 {
			goals = deal.DefaultGoals()
		}
		value, err := deal.Check(g, worse, opt)
		if err != nil || value.Compare(res.Value, goals) == 0 {
			return // as good
		}
		tried++
		if v, err := deal.Verify(g, opt, worse, res.Certificate); err == nil && v.Exact {
			t.Fatalf("%+v is said to be the best, %+v is better", value, res.Value)
		}
	})
	if tried == 0 {
		t.Error("no answer was worse")
	}
}

// TestCertificatesSurviveEncoding: what is written is read again as it was.
func TestCertificatesSurviveEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, opt, res := proven(t)
		data, err := res.Certificate.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := deal.DecodeCertificate(data)
		if err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		again, err := back.Encode()
		if err != nil || !bytes.Equal(data, again) {
			t.Fatalf("read and written again: %v\n%s\n%s", err, data, again)
		}
		if v, err := deal.Verify(g, opt, res.Rings, back); err != nil || v.Exact != res.Exact {
			t.Fatalf("Verify of what was read: %+v, %v", v, err)
		}
	})
}

func TestCertificatesThatAreNone(t *testing.T) {
	for _, bad := range []string{
		``, `null`, `[]`, `{`, `{}x`, `{"proofs":null}`, `{"proofs":[],"proofs":[]}`, `{"Proofs":[]}`,
		`{"proofs":[{"goal":3}]}`, `{"proofs":[{"bound":1.5}]}`, `{"proofs":[{"bound":1e3}]}`, `{"proofs":[{"bound":9223372036854775808}]}`,
		`{"proofs":[{"branches":[{"prices":[{"scale":1,"nodes":[[1]]}]}]}]}`,
		`{"proofs":[{"branches":[{"prices":[{"scale":1,"nodes":[[1,2,3]]}]}]}]}`,
		`{"proofs":[{"branches":[{"arc":[-1,2]}]}]}`, `{"proofs":[{"branches":[{"with":-1}]}]}`, "{\"proofs\":[{\"goal\":\"\xff\"}]}",
	} {
		if c, err := deal.DecodeCertificate([]byte(bad)); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: %+v, %v; want kind invalid", bad, c, err)
		}
	}
	long := make([]byte, deal.MaxCertificateBytes+1)
	if _, err := deal.DecodeCertificate(long); sxp.KindOf(err) != sxp.TooLarge {
		t.Errorf("too many bytes: %v, want kind toolarge", err)
	}
}

func FuzzDecodeCertificate(f *testing.F) {
	f.Add([]byte(exampleCertificate))
	f.Add([]byte(`{"proofs":[{"goal":"items","bound":3,"potentials":{"scale":1,"out":[1,0],"in":[0,1],"limits":[[0,1]],"people":[[1,2]]}}]}`))
	f.Add([]byte(`{"proofs":[{"goal":"items","bound":3,"cuts":[{"nodes":[[0,1],[1,1]],"by":2}],"branches":[{"arc":[0,1],"with":1,"without":2},{},{}]}]}`))
	g, rings := triangle()
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := deal.DecodeCertificate(data)
		if err != nil {
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
				t.Fatalf("kind %v: %v", k, err)
			}
			return
		}
		if v, err := deal.Verify(g, deal.Options{MaxRing: 3, Budget: 1_000_000}, rings, c); err == nil && v.Bounded && v.Bound < 3 {
			t.Fatalf("%s proves a bound of %d, 3 items trade", data, v.Bound)
		}
		again, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := deal.DecodeCertificate(again); err != nil || !reflect.DeepEqual(empty(back), empty(c)) {
			t.Fatalf("read again: %+v, %v; was %+v", back, err, c)
		}
	})
}

// empty makes lists without elements nil, as they are not written.
func empty(c *deal.Certificate) *deal.Certificate {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice:
			if v.Len() == 0 {
				v.SetZero()
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(c))
	return c
}

// triangle is a market of three people where 0 → 1 → 2 → 0 and 0 ⇄ 1.
func triangle() (*deal.Graph, []deal.Ring) {
	g := new(deal.Graph)
	for u := range 3 {
		g.AddOffer(u)
	}
	for _, a := range [][2]deal.Node{{0, 1}, {1, 2}, {2, 0}, {1, 0}} {
		if err := g.AddArc(a[0], a[1], 1); err != nil {
			panic(err)
		}
	}
	return g, []deal.Ring{{0, 1, 2}}
}

// exampleCertificate stands in spec/certificate.md.
const exampleCertificate = `{"proofs":[{"goal":"items","bound":3,"branches":[{"prices":[{"scale":1,"nodes":[[0,1],[1,1],[2,1]]}]}]}]}`

func TestTheExampleOfTheSpec(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "spec", "certificate.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), exampleCertificate) {
		t.Error("spec/certificate.md lacks the example")
	}
	g, rings := triangle()
	opt := deal.Options{MaxRing: 3}
	c, err := deal.DecodeCertificate([]byte(exampleCertificate))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := deal.Verify(g, opt, rings, c); err != nil || !v.Optimal || v.Exact || v.Bound != 3 {
		t.Errorf("the example: %+v, %v; want 3 items proven, no more", v, err)
	}
	wrong := []struct{ old, now string }{
		{`"bound":3`, `"bound":2`}, {`[0,1]`, `[0,0]`}, {`"scale":1`, `"scale":0`}, {`[1,1],[2,1]`, `[2,1],[1,1]`},
		{`[2,1]`, `[3,1]`}, {`[2,1]`, `[2,-1]`}, {`"items"`, `"people"`}, {`[0,1],[1,1],[2,1]`, `[0,2],[1,0]`}, {`"bound":3`, `"bound":3,"weights":[1]`},
	}
	for _, w := range wrong {
		text := strings.Replace(exampleCertificate, w.old, w.now, 1)
		c, err := deal.DecodeCertificate([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if v, err := deal.Verify(g, opt, rings, c); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: %+v, %v; want kind invalid", text, v, err)
		}
	}
}

// BenchmarkVerify gives the figures of the documentation: how long it takes to
// check what is proven about real lists, and how long the proof is.
func BenchmarkVerify(b *testing.B) {
	for _, o := range optima {
		b.Run(o.list, func(b *testing.B) {
			g := realList(b, o.list)
			res, err := deal.Find(g, deal.Defaults())
			if err != nil {
				b.Fatal(err)
			}
			var v deal.Verdict
			opt := deal.Defaults()
			for b.Loop() {
				if v, err = deal.Verify(g, opt, res.Rings, res.Certificate); err != nil {
					b.Fatal(err)
				}
			}
			data, err := res.Certificate.Encode()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(v.Bound), "bound")
			b.ReportMetric(float64(v.Value.Items), "items")
			b.ReportMetric(float64(len(data)), "bytes")
			proofs, branches := len(res.Certificate.Proofs), 0
			for _, p := range res.Certificate.Proofs {
				branches += len(p.Branches)
			}
			b.ReportMetric(float64(proofs), "proofs")
			b.ReportMetric(float64(branches), "branches")
			exact := 0.0
			if v.Exact {
				exact = 1
			}
			b.ReportMetric(exact, "exact")
		})
	}
}

// TestHostileCertificatesEnd: what would take for ever to check is refused
// after the work that the budget allows.
func TestHostileCertificatesEnd(t *testing.T) {
	g := new(deal.Graph)
	const n = 60
	for u := range n {
		g.AddOffer(u)
	}
	for i := range deal.Node(n) {
		for j := range deal.Node(n) {
			if i != j {
				if err := g.AddArc(i, j, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	flat := deal.Prices{Scale: 1}
	for i := range int64(n) {
		flat.Nodes = append(flat.Nodes, deal.Price{i, 1})
	}
	deep := []deal.Branch{{Prices: []deal.Prices{flat}}}
	for at := range 300 { // split by the same arc again and again
		deep[at].Arc = []deal.Node{0, 1}
		deep[at].With, deep[at].Without = at+1, at+1
		deep = append(deep, deal.Branch{})
	}
	huge := flat
	huge.Nodes = []deal.Price{{0, 1 << 60}, {1, 1 << 60}, {2, 1 << 60}, {3, 1 << 60}, {4, 1 << 60}, {5, 1 << 60}, {6, 1 << 60}, {7, 1 << 60}, {8, 1 << 60}}
	for name, c := range map[string]struct {
		proof deal.Proof
		kind  sxp.Kind
	}{
		"no prices":       {deal.Proof{Goal: "items", Bound: 60, Branches: []deal.Branch{{}}}, sxp.TooLarge},
		"flat prices":     {deal.Proof{Goal: "items", Bound: 59, Branches: []deal.Branch{{Prices: []deal.Prices{flat}}}}, sxp.TooLarge},
		"shared case":     {deal.Proof{Goal: "items", Bound: 59, Branches: deep}, sxp.Invalid},
		"huge prices":     {deal.Proof{Goal: "items", Bound: 60, Branches: []deal.Branch{{Prices: []deal.Prices{huge}}}}, sxp.Invalid},
		"huge bound":      {deal.Proof{Goal: "items", Bound: math.MaxInt64, Branches: []deal.Branch{{Prices: []deal.Prices{flat}}}}, sxp.Invalid},
		"itself a case":   {deal.Proof{Goal: "items", Bound: 60, Branches: []deal.Branch{{Arc: []deal.Node{0, 1}}}}, sxp.Invalid},
		"unknown node":    {deal.Proof{Goal: "items", Bound: 59, Branches: []deal.Branch{{Arc: []deal.Node{0, n}, With: 1, Without: 2}, {}, {}}}, sxp.TooLarge},
		"too many cuts":   {deal.Proof{Goal: "items", Bound: 60, Cuts: []deal.Cut{{Cuts: []deal.Price{{0, 1}}, By: 2}}, Branches: []deal.Branch{{}}}, sxp.Invalid},
		"divided by 0":    {deal.Proof{Goal: "items", Bound: 60, Cuts: []deal.Cut{{By: 0}}, Branches: []deal.Branch{{}}}, sxp.Invalid},
		"no branches":     {deal.Proof{Goal: "items", Bound: 60}, sxp.Invalid},
		"weight too many": {deal.Proof{Goal: "items", Bound: 60, Weights: []int64{1}, Branches: []deal.Branch{{}}}, sxp.Invalid},
	} {
		opt := deal.Options{MaxRing: 8, Budget: 3_000_000}
		if v, err := deal.Verify(g, opt, []deal.Ring{{0, 1}}, &deal.Certificate{Proofs: []deal.Proof{c.proof}}); sxp.KindOf(err) != c.kind {
			t.Errorf("%s: %+v, %v; want kind %v", name, v, err, c.kind)
		}
	}
}
