package lot

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sxp/deal"
)

// bakers is a market with quantities, bundles, money and a gift. Ann gives two
// kg of flour for an egg, thrice at most; Ben eggs for flour, or for the jug and
// money; Cem sells the jug; Dee has honey to give away.
const bakers = `{"format":"sxp.problem/1","options":{"max_ring":3,"top":10},"money":{"digits":2,"currency":"EUR"},
"people":[{"id":"ann","max_items":3},{"id":"ben","budget":"6","reliability":"0.9"},{"id":"cem"},{"id":"dee"}],
"items":[{"id":"flour","owner":"ann","quantity":"6","step":"0.5","unit":"kg"},{"id":"egg","owner":"ben","quantity":"12","step":"1"},
 {"id":"jug","owner":"cem"},{"id":"honey","owner":"dee","gift":true}],
"bids":[{"id":"a","by":"ann","give":{"of":[{"item":"flour","amount":"2"}]},"take":{"of":[{"item":"egg","cost":1}]},"times":3},
 {"id":"b","by":"ben","give":{"of":[{"item":"egg","amount":"2"}]},"take":{"of":[{"item":"flour","amount":"3","cost":2}]},"times":6},
 {"id":"m","by":"ben","take":{"of":[{"item":"jug"}]},"pay":"5.01"},
 {"id":"s","by":"cem","give":{"of":[{"item":"jug"}]},"get":"2"},
 {"id":"h","by":"ann","take":{"of":[{"item":"honey"}]}}],
"limits":[{"id":"l","most":5,"of":[{"bid":"a","weight":2},{"item":"honey","weight":1}]}]}`

func TestCheck(t *testing.T) {
	p, err := DecodeProblem([]byte(bakers))
	if err != nil {
		t.Fatal(err)
	}
	const swap = `{"uses":[{"bid":"a","times":2},{"bid":"b"}]}`
	const sale = `{"uses":[{"bid":"m"},{"bid":"s"}]}`
	for _, c := range []struct {
		exchanges string
		want      string // value, or part of the error
	}{
		{``, `0 items, 0 people, cost 0, worth 0, expected 0`},
		{swap, `3 items, 2 people, cost 4, worth 26, expected 2700000`},
		{sale, `1 items, 2 people, cost 0, worth 10, expected 900000`},
		{`{"uses":[{"bid":"h"}]}`, `1 items, 2 people, cost 0, worth 10, expected 1000000`},
		{swap + "," + sale, `4 items, 3 people, cost 4, worth 36, expected 3600000`},
		{swap + `,{"uses":[{"bid":"h"}]}`, `4 items, 3 people, cost 4, worth 36, expected 3700000`},
		{`{"uses":[{"bid":"a"},{"bid":"b"}]}`, `exchanges[0]: of item "flour" 3 is taken and 2 given`},
		{`{"uses":[{"bid":"a","times":2}]}`, `exchanges[0]: of item "egg" 2 is taken and 0 given`},
		{`{"uses":[{"bid":"a","times":4},{"bid":"b","times":2}]}`, `exchanges[0]: bid "a": more is used than there is (3)`},
		{strings.Replace(swap, `]}`, `],"times":2}`, 1), `exchanges[0]: bid "a": more is used than there is (3)`},
		{`{"uses":[{"bid":"a","times":3},{"bid":"b","times":2}]}`, `limit "l": more is used than there is (5)`},
		{`{"uses":[{"bid":"b","times":1000000000}],"times":1000000000}`, `more of item "flour" is taken than there is`},
		{sale + "," + sale, `bid "m": more is used`},
		{`{"uses":[{"bid":"s"}]}`, `2 is missing: those who pay do not pay enough`},
		{`{"uses":[{"bid":"m"}]}`, `of item "jug" 1 is taken and 0 given`},
		{`{"uses":[{"bid":"a","times":2},{"bid":"b"},{"bid":"h"}]}`, `the uses do not hang together`},
		{`{"uses":[{"bid":"a","times":2},{"bid":"b"},{"bid":"m"},{"bid":"s"}]}`, `the uses do not hang together`},
		{`{"uses":[]}`, `0 uses`},
		{`{"uses":[{"bid":"x"}]}`, `exchanges[0]: uses[0]: bid: no bid is named "x"`},
		{`{"uses":[{"bid":"a","take":[[1]]}]}`, `uses[0]: take: 1 is no place among 1 options`},
		{`{"uses":[{"bid":"a","take":[[0,0]]}]}`, `uses[0]: take: a path goes on behind an item`},
		{`{"uses":[{"bid":"a","take":[[0],[0]]}]}`, `uses[0]: bid "a" gives 1 and takes 1 of its options, not 1 and 2`},
		{`{"uses":[{"bid":"a","give":[-1]}]}`, `uses[0]: give: -1 is no option`},
		{`{"uses":[{"bid":"a","times":-1}]}`, `uses[0].times: -1`},
		{`{"times":-1,"uses":[{"bid":"a"}]}`, `exchanges[0]: times: -1`},
		{strings.Replace(sale, `]}`, `],"payments":[{"person":"ben","pays":"3.51"},{"person":"cem","gets":"3.51"}]}`, 1), `1 items`},
		{strings.Replace(sale, `]}`, `],"payments":[{"person":"ben","pays":"5.02"},{"person":"cem","gets":"5.02"}]}`, 1), `payments: "ben" would pay more`},
		{strings.Replace(sale, `]}`, `],"payments":[{"person":"ben","pays":"1"},{"person":"cem","gets":"1"}]}`, 1), `payments: "cem" would pay more, or get less`},
		{strings.Replace(sale, `]}`, `],"payments":[{"person":"ben","pays":"3"},{"person":"cem","gets":"2"}]}`, 1), `payments: they do not sum to 0`},
		{strings.Replace(sale, `]}`, `],"payments":[{"person":"ann","pays":"3"}]}`, 1), `payments[0]: "ann" takes no part`},
		{strings.Replace(sale, `]}`, `],"transfers":[{"item":"jug","amount":"1","from":"cem","to":"ann"}]}`, 1), `transfers: not what the uses amount to`},
		{strings.Replace(sale, `]}`, `],"transfers":[{"item":"jug","amount":"1","from":"cem","to":"ben"}]}`, 1), `1 items`},
	} {
		a, err := DecodeAnswer([]byte(`{"format":"sxp.answer/1","exchanges":[` + c.exchanges + `],"value":{}}`))
		if err != nil {
			t.Fatalf("%s: %v", c.exchanges, err)
		}
		v, err := Check(p, a)
		got := fmt.Sprintf("%d items, %d people, cost %d, worth %d, expected %d", v.Items, v.People, v.Cost, v.Worth, v.Expected)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.exchanges, got, c.want)
		}
	}
}

// The surplus of 3.01 is split equally; who comes first gets the odd cent.
func TestPaymentsAreSplitEqually(t *testing.T) {
	p, err := DecodeProblem([]byte(bakers))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Solve(p, SolveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Value.Items != 5 || !a.Exact || !a.Complete {
		t.Errorf("Solve: %+v, exact %v, complete %v", a.Value, a.Exact, a.Complete)
	}
	for _, e := range a.Exchanges {
		if len(e.Payments) > 0 && fmt.Sprint(e.Payments) != "[{ben 3.50 } {cem  3.50}]" && fmt.Sprint(e.Payments) != "[{ben 3.5 } {cem  3.5}]" {
			t.Errorf("payments %v", e.Payments)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		in, out string
		n       int64
	}{{"0", "0", 0}, {"007.50", "7.5", 7_500_000}, {"0.000001", "0.000001", 1}, {"999999999999.999999", "999999999999.999999", 999999999999999999}, {"3", "3", 3_000_000}} {
		n, err := Decimal(c.in).parse()
		if err != nil || n != c.n || decimal(n) != Decimal(c.out) {
			t.Errorf("%s: %d, %v, written %s", c.in, n, err, decimal(n))
		}
	}
	for _, s := range []string{"", "-0", "+1", "1.", ".5", "1e3", "1,5", " 1", "NaN", "Inf", "0x1", "1_000", "0.0000001", "1000000000000", "١"} {
		if n, err := Decimal(s).parse(); err == nil {
			t.Errorf("%q is read as %d", s, n)
		}
	}
}

// A market in which exchanges explode in number is bounded, and it is said that
// some were left out.
func TestExplosionIsBounded(t *testing.T) {
	p := &Problem{Format: ProblemFormat, Options: Options{MaxRing: 16}}
	var all []Option
	for i := range 60 {
		id := fmt.Sprint(i)
		p.People = append(p.People, Person{ID: id})
		p.Items = append(p.Items, Item{ID: id, Owner: id, Quantity: "1000", Step: "0.5"})
		all = append(all, Option{Item: id})
	}
	for i := range 60 {
		id := fmt.Sprint(i)
		others := append(append([]Option{}, all[:i]...), all[i+1:]...)
		p.Groups = append(p.Groups, Group{ID: id, By: id, Most: 1000, Of: others})
		for k := range 7 { // groups that lead to groups that lead to nothing
			g := Group{ID: fmt.Sprint(id, "-", k), By: id}
			for range 50 {
				next := Option{Group: fmt.Sprint(id, "-", k+1)}
				g.Of = append(g.Of, next)
			}
			p.Groups = append(p.Groups, g)
		}
		p.Groups = append(p.Groups, Group{ID: fmt.Sprint(id, "-", 7), By: id, Of: []Option{}})
		take := append([]Option{{Group: id}, {Group: id + "-0"}}, others...)
		p.Bids = append(p.Bids, Bid{ID: id, By: id, Times: 1000, Pay: "1", Give: Side{Of: []Option{{Item: id, Amount: "1"}}}, Take: Side{Pick: 8, Of: take}})
	}
	const budget = 20_000_000
	a, err := Solve(p, SolveOptions{Budget: budget})
	if err != nil || a.Complete || a.Left == "" || a.Work > 2*budget {
		t.Errorf("%+v, %v", a, err)
	}
	shown := 0
	a, err = Solve(p, SolveOptions{Progress: func(deal.Progress) bool { shown++; return false }})
	if err != nil || a.Work > budget || shown != 1 {
		t.Errorf("stopped: %+v, %v, progress shown %d times", a, err, shown)
	}
}

// The same problem gives the same answer.
func TestSolveGivesTheSameAnswerTwice(t *testing.T) {
	p := village(40, true)
	for _, budget := range []int64{0, 2_000_000} {
		a, errA := Solve(p, SolveOptions{Budget: budget})
		b, errB := Solve(p, SolveOptions{Budget: budget})
		x, _ := a.Encode()
		y, _ := b.Encode()
		if errA != nil || errB != nil || !bytes.Equal(x, y) {
			t.Errorf("budget %d: first %s %v, then %s %v", budget, x, errA, y, errB)
		}
	}
}

// Uncapped problems without money are chosen at once.
func TestAnyLength(t *testing.T) {
	p := &Problem{Format: ProblemFormat}
	const n = 30 // a ring that no list would find
	for i := range n {
		id, next := fmt.Sprint(i), fmt.Sprint((i+1)%n)
		p.People = append(p.People, Person{ID: id})
		p.Items = append(p.Items, Item{ID: id, Owner: id, Quantity: "10", Step: "1"})
		p.Bids = append(p.Bids, Bid{ID: id, By: id, Times: 3, Give: Side{Of: []Option{{Item: id, Amount: "2"}}}, Take: Side{Of: []Option{{Item: next, Amount: "2"}}}})
	}
	a, err := Solve(p, SolveOptions{})
	if err != nil || a.Value.Items != 3*n || !a.Exact || len(a.Exchanges) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	p.Options.MaxRing = 16
	a, err = Solve(p, SolveOptions{})
	if err != nil || a.Value != (deal.Value{}) || !a.Exact || *a.Bound != 0 {
		t.Errorf("capped: %+v, %v", a, err)
	}
}
