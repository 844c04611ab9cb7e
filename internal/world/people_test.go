package world

import (
	"strings"
	"testing"

	"sxp/deal/tm"
	"sxp/market"
)

func TestTitleOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		it   tm.Item
		want string
	}{
		"number and owner are left out":     {tm.Item{Name: "8307822", Text: `2. "String Railway" (from pfd39deec)`}, `"String Railway"`},
		"without a text the name is shown":  {tm.Item{Name: "123-ABC"}, `"123-ABC"`},
		"a number in front is no quantity":  {tm.Item{Name: "X", Text: "20 l of nothing"}, `"20 l of nothing"`},
		"control characters become spaces":  {tm.Item{Name: "X", Text: "a\tb\x00c"}, `"a b c"`},
		"what is not UTF-8 does not matter": {tm.Item{Name: "X", Text: "caf\xe9"}, `"caf?"`},
		"quotes inside are left out":        {tm.Item{Name: "X", Text: `3. "A" and "B"`}, `"A and B"`},
		"nothing left: the name":            {tm.Item{Name: "X", Text: `3. "" (from nobody)`}, `"X"`},
		"too long is cut":                   {tm.Item{Name: "X", Text: strings.Repeat("ä", 200)}, `"` + strings.Repeat("ä", 77) + `…"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := titleOf(&tt.it)
			if got != tt.want {
				t.Errorf("title %s, want %s", got, tt.want)
			}
			item, err := market.ParseItem(got)
			if err != nil || item.Quantity != "" {
				t.Errorf("the title %s is read as %+v, error %v: it must be one thing", got, item, err)
			}
		})
	}
}

func TestPeopleOf(t *testing.T) {
	t.Parallel()
	l, err := tm.Read(strings.NewReader("#! ALLOW-DUMMIES\n(ann) A : B %G\n(ann) %G : B C\nB : A\n(ann) C : B\n"), tm.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	people := peopleOf(l)
	if len(people) != 2 || people[0].name != "ann" || people[1].name != "B" {
		t.Fatalf("people %+v, want ann and, for the item without an owner, B", people)
	}
	if len(people[0].items) != 2 || len(people[0].groups) != 1 || len(people[1].items) != 1 {
		t.Errorf("people %+v, want two items and a group of ann, one item of B", people)
	}
}
