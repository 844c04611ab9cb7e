package main

import (
	"testing"
	"time"

	"sxp"
	"sxp/market"
)

func TestDetailsAreRead(t *testing.T) {
	t.Parallel()
	d := details{place: "Kiel", from: "2027-05-01T09:00:00Z", until: "2027-05-02", attrs: []string{"colour=blue", "size=54 cm"}, picture: "https://a.example/p.jpg", about: "https://a.example"}
	place, from, until, attrs, err := d.read()
	if err != nil || place != "Kiel" || from != sxp.TimeOf(time.Date(2027, 5, 1, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("place %q, from %v, %v", place, from, err)
	}
	if want := sxp.TimeOf(time.Date(2027, 5, 3, 0, 0, 0, 0, time.Local)); until != want {
		t.Errorf("until %v, want the end of the day, %v", until, want)
	}
	if len(attrs) != 4 || attrs["size"] != "54 cm" || attrs["picture"] != d.picture || attrs["info"] != d.about {
		t.Errorf("attributes %v", attrs)
	}
	if got, want := detail(market.Item{Place: "Kiel", Attributes: attrs}), "Kiel; colour=blue; info=https://a.example; picture=https://a.example/p.jpg; size=54 cm"; got != want {
		t.Errorf("shown as %q, want %q", got, want)
	}
	for name, d := range map[string]details{
		"a day that is none":       {from: "2027-13-01"},
		"words":                    {until: "tomorrow"},
		"an attribute with no key": {attrs: []string{"=x"}},
		"an attribute with no =":   {attrs: []string{"x"}},
		"an attribute twice":       {attrs: []string{"x=1", "x=2"}},
		"a picture on this disk":   {picture: "p.jpg"},
	} {
		if _, _, _, _, err := d.read(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
