package main

import (
	"strings"
	"testing"

	"sxp/agent"
)

// TestPrintRatingsWarns: of people whom the reader does not know it is said that
// anybody can invent them, however many contracts it is about.
func TestPrintRatingsWarns(t *testing.T) {
	for _, c := range []struct {
		v    agent.RatingsView
		warn bool
	}{
		{agent.RatingsView{}, false},
		{agent.RatingsView{Contracts: 1, Kept: 1, People: 1}, true},
		{agent.RatingsView{Contracts: 1, Kept: 1, People: 2, Known: 1}, true}, // one invented, one known, of one contract
		{agent.RatingsView{Contracts: 3, Kept: 3, People: 1, Known: 1}, false},
	} {
		var b strings.Builder
		if err := printRatings(&b, "bob", c.v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "invents people"); got != c.warn {
			t.Errorf("%d contracts, %d people, %d known: warned %v, want %v", c.v.Contracts, c.v.People, c.v.Known, got, c.warn)
		}
	}
}
