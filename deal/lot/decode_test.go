package lot

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
)

// small is a problem that each case changes in one place.
const small = `{"format":"sxp.problem/1","options":{"max_ring":3},"money":{"digits":2},
"people":[{"id":"a"},{"id":"b"}],
"items":[{"id":"x","owner":"a","quantity":"10","step":"0.5"},{"id":"y","owner":"b"},{"id":"z","owner":"b","gift":true}],
"groups":[{"id":"g","by":"a","of":[{"item":"y"}]},{"id":"h","by":"a","of":[{"group":"g"}]}],
"bids":[{"id":"1","by":"a","give":{"of":[{"item":"x","amount":"1.5"}]},"take":{"of":[{"item":"y","pay":"0.25"},{"group":"g"}]}},
{"id":"2","by":"b","give":{"of":[{"item":"y"}]},"take":{"of":[{"item":"x","amount":1}]}}],
"limits":[{"id":"l","most":3,"of":[{"bid":"1","weight":2},{"item":"z","weight":1}]}]}`

func TestDecodeProblem(t *testing.T) {
	p, err := DecodeProblem([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if p.Options.MaxRing != 3 || p.Options.MaxChain != 0 || len(p.Bids) != 2 || p.Bids[1].Take.Of[0].Amount != "1" {
		t.Errorf("read as %+v", p)
	}
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeProblem(text)
	if err != nil {
		t.Fatal(err)
	}
	if twice, _ := again.Encode(); !bytes.Equal(text, twice) {
		t.Errorf("written again: %s, was %s", twice, text)
	}
}

func TestOptionsLeftOutAreTheUsual(t *testing.T) {
	p, err := DecodeProblem([]byte(strings.Replace(small, `"options":{"max_ring":3},`, "", 1)))
	if err != nil || p.Options.MaxRing != deal.DefaultMaxRing {
		t.Errorf("%+v, %v", p, err)
	}
}

// Every malformed input is refused with its place and the rule.
func TestDecodeProblemRefuses(t *testing.T) {
	for _, c := range []struct{ old, new, says string }{
		{`"format"`, `"Format"`, `the whole: has no field "Format"`},
		{`sxp.problem/1`, `sxp.problem/9`, `format: "sxp.problem/9"`},
		{`{"digits":2}`, `{"digits":2,"digits":2}`, `money.digits: stands twice`},
		{`{"digits":2}`, `{"digits":7}`, `money.digits: 7`},
		{`{"digits":2}`, `null`, `money: must be an object`},
		{`{"digits":2}`, `{"digits":2.5}`, `money.digits: 2.5 is not a whole number`},
		{`"max_ring":3`, `"max_ring":1`, `options.max_ring: 1`},
		{`"max_ring":3`, `"max_ring":17`, `options.max_ring: 17`},
		{`"max_ring":3`, `"max_ring":99999999999999999999`, `options.max_ring: 99999999999999999999 is not a whole number`},
		{`"max_ring":3`, `"goals":["items","items"]`, `options.goals[1]: "items" stands twice`},
		{`"max_ring":3`, `"goals":["joy"]`, `options.goals[0]: "joy" is no goal`},
		{`"max_ring":3`, `"seconds":"NaN"`, `options.seconds: "NaN" is not a number`},
		{`{"id":"b"}]`, `{"id":"a"}]`, `people[1].id: "a" is the name of number 0`},
		{`{"id":"b"}]`, `{"id":"b","reliability":"1.000001"}]`, `people[1].reliability: 1.000001 is above 1`},
		{`{"id":"b"}]`, `{"id":"b","budget":"0.001"}]`, `people[1].budget: 0.001 has more than 2 digits`},
		{`{"id":"b"}]`, `{"id":"b","max_items":-1}]`, `people[1].max_items: -1 is below 0`},
		{`{"id":"b"}]`, `{"id":"b\u0000"}]`, `people[1].id`},
		{`{"id":"b"}]`, `{}]`, `people[1].id: a name is missing`},
		{`"owner":"a"`, `"owner":"c"`, `items[0].owner: nobody is named "c"`},
		{`"quantity":"10"`, `"quantity":"-1"`, `items[0].quantity: "-1" is not a number`},
		{`"quantity":"10"`, `"quantity":"0"`, `items[0].quantity: must be more than 0`},
		{`"quantity":"10"`, `"quantity":1e3`, `items[0].quantity: "1e3" is not a number`},
		{`"quantity":"10"`, `"quantity":"10.3"`, `items[0].step: 0.5 does not divide`},
		{`"quantity":"10"`, `"quantity":"1234567890123"`, `items[0].quantity: "1234567890123" has more than 12 digits`},
		{`"quantity":"10","step":"0.5"`, `"quantity":"1000000","step":"0.0001"`, `items[0].step: the item has more than`},
		{`"amount":"1.5"`, `"amount":"1.7"`, `bids[0].give.of[0].amount: 1.7 is not a multiple of the step 0.5`},
		{`"amount":"1.5"`, `"amount":"10.5"`, `bids[0].give.of[0].amount: 10.5 is more than there is`},
		{`"pay":"0.25"`, `"pay":"Infinity"`, `bids[0].take.of[0].pay: "Infinity" is not a number`},
		{`"pay":"0.25"`, `"pay":"9999999999.99"`, `bids[0].take.of[0].pay: 9999999999.99 is more than`},
		{`"pay":"0.25"`, `"cost":-1`, `bids[0].take.of[0].cost: -1 is not within`},
		{`"pay":"0.25"`, `"cost":9223372036854775807`, `bids[0].take.of[0].cost: 9223372036854775807 is not within`},
		{`"pay":"0.25"`, `"group":"g"`, `bids[0].take.of[0]: must have exactly one of item, items and group`},
		{`{"item":"y","pay":"0.25"}`, `{"item":"x"}`, `bids[0].take.of[0].item: "x" belongs to the same person`},
		{`{"item":"y","pay":"0.25"}`, `{"items":[]}`, `bids[0].take.of[0].items: 0 items`},
		{`{"item":"y","pay":"0.25"}`, `{"items":[{"item":"y"},{"item":"y"}]}`, `bids[0].take.of[0].items[1].item: "y" stands twice`},
		{`{"item":"y","pay":"0.25"}`, `{"item":"bear"}`, `bids[0].take.of[0].item: no item is named "bear"`},
		{`"give":{"of":[{"item":"y"}]}`, `"give":{"of":[{"item":"z"}]}`, `bids[1].give.of[0].item: "z" is a gift`},
		{`"give":{"of":[{"item":"y"}]}`, `"give":{"of":[{"item":"x"}]}`, `bids[1].give.of[0].item: "x" belongs to somebody else`},
		{`"give":{"of":[{"item":"y"}]}`, `"give":{"pick":2,"of":[{"item":"y"}]}`, `bids[1].give.pick: 2 of 1`},
		{`"give":{"of":[{"item":"y"}]}`, `"times":-1`, `bids[1].times: -1`},
		{`{"id":"2","by":"b"`, `{"id":"1","by":"b"`, `bids[1].id: "1" is the name of number 0`},
		{`,"take":{"of":[{"item":"x","amount":1}]}`, ``, `bids[1].take: a bid that takes nothing must name what it gets`},
		{`{"id":"g","by":"a","of":[{"item":"y"}]}`, `{"id":"g","by":"a","of":[{"group":"h"}]}`, `or they form a cycle`},
		{`{"id":"g","by":"a","of":[{"item":"y"}]}`, `{"id":"g","by":"b","of":[{"item":"x"}]}`, `groups[1].of[0].group: "g" belongs to somebody else`},
		{`"weight":2`, `"weight":-2`, `limits[0].of[0].weight: -2`},
		{`{"bid":"1","weight":2}`, `{"bid":"7","weight":2}`, `limits[0].of[0].bid: no bid is named "7"`},
		{`{"bid":"1","weight":2}`, `{"item":"z","weight":1}`, `limits[0].of[1]: stands twice`},
		{`"most":3`, `"most":-3`, `limits[0].most: -3`},
		{`"limits":[`, `"limits":[[`, `limits[0]: must be an object`},
		{`,"of":[{"bid":"1","weight":2},{"item":"z","weight":1}]`, ``, `limits[0]: "of" is missing`},
		{`{"of":[{"item":"y"}]},"take"`, `{},"take"`, `bids[1].give: "of" is missing`},
		{`]}]}`, `]}]} {}`, `something stands behind the end`},
		{`]}]}`, `]}`, `the text ends too early`},
		{`"people"`, `"people" "people"`, `not JSON`},
	} {
		text := strings.Replace(small, c.old, c.new, 1)
		if c.old == `]}]}` {
			text = strings.TrimSuffix(small, c.old) + c.new
		}
		_, err := DecodeProblem([]byte(text))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.says)
		} else if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge && k != sxp.Unsupported {
			t.Errorf("%s: kind %v", c.new, k)
		}
	}
}

func TestDecodeBoundsWhatItReads(t *testing.T) {
	deep := `{"format":"sxp.answer/1","certificate":` + strings.Repeat("[", 20_000)
	if _, err := DecodeAnswer([]byte(deep)); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a deep text without end: %v", err)
	}
	if _, err := DecodeProblem(bytes.Repeat([]byte(" "), MaxBytes+1)); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("more than MaxBytes: %v", err)
	}
	d := &decoder{op: "test", in: json.NewDecoder(strings.NewReader(`[{}]`)), elements: MaxOptions}
	if err := d.value(reflect.ValueOf(new([]Person)).Elem()); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("more than MaxOptions elements: %v", err)
	}
	if _, err := DecodeProblem([]byte("\xff")); !errors.Is(err, sxp.Invalid) {
		t.Errorf("no UTF-8: %v", err)
	}
}

// What Go leaves empty is written so that it can be read.
func TestEmptyListsAreWritten(t *testing.T) {
	p := &Problem{Format: ProblemFormat, People: []Person{{ID: "a"}}, Groups: []Group{{ID: "g", By: "a"}}, Limits: []Limit{{ID: "l"}}}
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeProblem(text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	if text, err = (&Answer{Format: AnswerFormat}).Encode(); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeAnswer(text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// The example of the page is a problem, and its answer is right.
func TestExampleOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../spec/problem.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, para := range strings.Split(string(page), "\n\n") {
		if strings.HasPrefix(para, "    {\"format\"") {
			blocks = append(blocks, para)
		}
	}
	if len(blocks) != 2 {
		t.Fatalf("%d examples, want 2", len(blocks))
	}
	p, err := DecodeProblem([]byte(blocks[0]))
	if err != nil {
		t.Fatal(err)
	}
	a, err := DecodeAnswer([]byte(blocks[1]))
	if err != nil {
		t.Fatal(err)
	}
	v, err := Check(p, a)
	if err != nil || v.Items != a.Value.Items || v.People != a.Value.People || v.Cost != a.Value.Cost {
		t.Errorf("Check: %+v, %v; the page says %+v", v, err, a.Value)
	}
	got, err := Solve(p, SolveOptions{})
	if err != nil || got.Value.Compare(v, p.Options.goals()) != 0 || !got.Exact || *got.Bound != *a.Bound {
		t.Errorf("Solve: %+v, %v", got, err)
	}
}

func FuzzDecodeProblem(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(bakers))
	f.Add([]byte(`{"format":"sxp.problem/1","people":[],"items":[],"bids":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodeProblem(data)
		if err != nil {
			if sxp.KindOf(err) == sxp.Internal {
				t.Fatal(err)
			}
			return
		}
		a, err := Solve(p, SolveOptions{Budget: 1_000_000})
		if err != nil {
			t.Fatalf("Solve: %v", err)
		}
		text, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeProblem(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if v, err := Check(again, a); err != nil || v != a.Value {
			t.Fatalf("Check: %+v, %v; Solve said %+v", v, err, a.Value)
		}
	})
}

func FuzzDecodeAnswer(f *testing.F) {
	p, err := DecodeProblem([]byte(small))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"format":"sxp.answer/1","exchanges":[{"uses":[{"bid":"1","take":[[1,0]]},{"bid":"2"}]}],"value":{}}`))
	f.Add([]byte(`{"format":"sxp.answer/1","exchanges":[{"uses":[{"bid":"1","take":[[0]],"times":1000000000},{"bid":"2"}],"times":1000000000}],"value":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := DecodeAnswer(data)
		if err != nil {
			return
		}
		if v, err := Check(p, a); err == nil && (v.Items < 0 || v.Items > 3) {
			t.Fatalf("worth %+v", v)
		}
	})
}
