package svg_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sxp/deal/svg"
)

func marketOf(items, people int) svg.Market {
	m := svg.Market{Title: "A market", Lines: []string{"of a test"}}
	for i := range items {
		m.Items = append(m.Items, svg.Thing{Name: fmt.Sprintf("thing %d", i), Person: fmt.Sprintf("person %d", i%people)})
		m.Wants = append(m.Wants, svg.Want{For: i, Take: (i + 1) % items, Used: i%5 == 0}, svg.Want{For: i, Take: (i * 7) % items})
	}
	m.Wants = append(m.Wants, svg.Want{For: -1, Take: 0}, svg.Want{For: 0, Take: items}) // about nothing: left out
	return m
}

func TestWantsShowEveryItemOrPerson(t *testing.T) {
	for name, tt := range map[string]struct{ items, people, circles, minRects int }{
		"nothing":        {0, 1, 0, 1},
		"few":            {12, 5, 12, 1},
		"as many as fit": {svg.MaxThings, 9, svg.MaxThings, 1},
		"a table":        {svg.MaxThings + 1, 9, 0, 9},
		"many people":    {900, svg.MaxPeople + 30, 0, svg.MaxPeople},
	} {
		t.Run(name, func(t *testing.T) {
			var b, again bytes.Buffer
			m := marketOf(tt.items, tt.people)
			if err := svg.Wants(&b, m); err != nil {
				t.Fatal(err)
			}
			names, text := wellFormed(t, b.Bytes())
			if names["circle"] != tt.circles || names["rect"] < tt.minRects {
				t.Errorf("%d circles and %d squares, want %d and at least %d", names["circle"], names["rect"], tt.circles, tt.minRects)
			}
			if tt.items > 0 && !strings.Contains(text, "person 1 would take") && !strings.Contains(text, "person 1 gives") {
				t.Error("nothing says what person 1 would take")
			}
			if tt.people > svg.MaxPeople && !strings.Contains(text, "and 30 people more") {
				t.Error("not said that some are missing")
			}
			if err := svg.Wants(&again, m); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Error("the same market makes another picture")
			}
		})
	}
}

func TestAChainIsNotClosed(t *testing.T) {
	r := ringOf(3, svg.Open, "a chain")
	r.Chain = true
	r.Steps[2].To = "somebody else"
	var b bytes.Buffer
	if err := svg.Draw(&b, r); err != nil {
		t.Fatal(err)
	}
	names, text := wellFormed(t, b.Bytes())
	if names["circle"] != 4 || !strings.Contains(text, "somebody else") {
		t.Errorf("%d people, want 4", names["circle"])
	}
	var small bytes.Buffer
	if err := svg.Overview(&small, svg.Report{Title: "x", Rings: []svg.Ring{r}}); err != nil {
		t.Fatal(err)
	}
	if names, _ := wellFormed(t, small.Bytes()); names["circle"] != 4+1 { // and the one of the legend
		t.Errorf("%d circles in the overview", names["circle"])
	}
}
