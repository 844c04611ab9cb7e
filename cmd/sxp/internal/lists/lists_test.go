package lists

import (
	"strings"
	"testing"

	"sxp/cmd/sxp/internal/problem"
	"sxp/deal"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]size{
		"128MiB": 128 << 20, "2GiB": 2 << 30, "1GiB": 1 << 30,
		"127MiB": 0, "512": 0, "512MB": 0, "MiB": 0, "-1GiB": 0, "0GiB": 0, "1.5GiB": 0, "9223372036854775807GiB": 0, "": 0,
	} {
		var s size
		if err := s.Set(text); (err == nil) != (want > 0) || s != want {
			t.Errorf("%q: %d, %v; want %d", text, s, err, want)
		}
	}
	if s := size(2 << 30); s.String() != "2048MiB" {
		t.Errorf("2 GiB is written %q", s.String())
	}
}

func TestAmountsOfGoals(t *testing.T) {
	for _, c := range []struct {
		goal string
		n    int64
		want string
	}{
		{"items", 1234567, "1,234,567"}, {"cost", 0, "0"}, {"worth", -1500, "-1,500"},
		{"expected", 3_700_000, "3.7"}, {"expected", 3_000_000, "3"}, {"expected", 1_234_000_001, "1,234.000001"}, {"expected", 0, "0"},
	} {
		if got := amountOf(c.goal, c.n); got != c.want {
			t.Errorf("%d of %s: %q, want %q", c.n, c.goal, got, c.want)
		}
	}
}

// TestClaims: the words about an answer say no more than what is known of it.
func TestClaims(t *testing.T) {
	goals := []string{"items", "people"}
	for _, c := range []struct {
		name  string
		sum   solution
		want  []string
		never string
	}{
		{"all", solution{Optimal: true, Exact: true, Certified: true, Certifies: goals}, []string{"better in items, then in people\n"}, "others"},
		{"proof of some", solution{Optimal: true, Exact: true, Certified: true, Certifies: goals[:1]}, []string{"better in items, then in people\n", "(--answer) is of items\n"}, "left"},
		{"no proof", solution{Optimal: true, Exact: true}, []string{"better in items, then in people\n", "no proof of that which others could check"}, "left"},
		{"first only", solution{Optimal: true, Certified: true, Certifies: goals[:1]}, []string{"better in items; people is not proven\n"}, "then in"},
		{"neither", solution{Value: 90, Bound: 99, Left: "much"}, []string{"between 90 and 99 (gap 10.00 %)", "left out: much\n"}, "proven: "},
	} {
		c.sum.Objective = goals
		text := proof(c.sum)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", c.name, text, want)
			}
		}
		if strings.Contains(text, c.never) {
			t.Errorf("%s: %q has %q", c.name, text, c.never)
		}
	}
}

// TestWhatWasLeftOut: it is said where rings were, unless none of them matters.
func TestWhatWasLeftOut(t *testing.T) {
	m := &problem.Market{Graph: new(deal.Graph)}
	opt := deal.Options{Goals: []deal.Goal{deal.Items}}
	for _, c := range []struct {
		got  problem.Solved
		want string
	}{
		{problem.Solved{Listed: 20_000}, "rings beyond the time or the memory; 20,000 were weighed"},
		{problem.Solved{Listed: 20_000, Complete: true}, ""},
		{problem.Solved{Listed: 20_000, Optimal: true, Exact: true}, ""},
	} {
		if sum := summary(m, opt, &c.got); sum.Left != c.want {
			t.Errorf("%+v: %q, want %q", c.got, sum.Left, c.want)
		}
	}
}

func TestDemand(t *testing.T) {
	for _, c := range []struct {
		v    Explanation
		want string
	}{
		{Explanation{Reason: "not-wanted", Wishes: 3}, "Its owner would take 3 items for it.\n"},
		{Explanation{Reason: "no-wishes", Wanted: 4, WantedBy: 1}, "1 person would take it, for 4 items of theirs.\n"},
		{Explanation{Reason: "no-wishes"}, "Nobody would take it.\n"},
		{Explanation{Reason: "outbid", Wanted: 1, WantedBy: 1, Wishes: 1}, "1 person would take it, for 1 item of theirs.\nIts owner would take 1 item for it.\n"},
		{Explanation{Reason: "outbid", Wanted: 2, Wishes: 1}, "It is wanted for 2 items of others.\nIts owner would take 1 item for it.\n"},
		{Explanation{Reason: "traded", Gift: true, Wanted: 9, WantedBy: 7}, "It is a gift, which 7 people would take.\n"},
	} {
		if got := c.v.demand(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.v, got, c.want)
		}
	}
}
