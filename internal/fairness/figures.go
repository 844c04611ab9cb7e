package fairness

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sxp"
)

// Figures count what many cases came to. The zero value is ready; it is not
// safe for concurrent use.
type Figures struct {
	Total  Line             `json:"total"`
	Plots  map[string]*Line `json:"plots"` // a case counts for each of its plots
	Sizes  map[string]*Line `json:"sizes"`
	Counts map[string]int   `json:"counts"` // in how many cases what happened at all
}

// A Line counts the cases of one kind.
type Line struct {
	Cases    int            `json:"cases"`
	Results  map[string]int `json:"results"`
	Broken   int            `json:"broken"`
	Crashes  int            `json:"crashes"`
	Messages int            `json:"messages"`
	ToJurors int            `json:"toJurors"`
}

func (l *Line) add(o *Outcome) {
	if l.Results == nil {
		l.Results = map[string]int{}
	}
	l.Cases++
	l.Results[o.Result]++
	if len(o.Broken) > 0 {
		l.Broken++
	}
	l.Crashes += o.Counts["crash"]
	l.Messages += o.Messages
	l.ToJurors += o.ToJurors
}

func (l *Line) merge(o *Line) {
	if l.Results == nil {
		l.Results = map[string]int{}
	}
	for k, v := range o.Results {
		l.Results[k] += v
	}
	l.Cases += o.Cases
	l.Broken += o.Broken
	l.Crashes += o.Crashes
	l.Messages += o.Messages
	l.ToJurors += o.ToJurors
}

// lineOf returns the line of a name.
func lineOf(m *map[string]*Line, name string) *Line {
	if *m == nil {
		*m = map[string]*Line{}
	}
	if (*m)[name] == nil {
		(*m)[name] = new(Line)
	}
	return (*m)[name]
}

// Add counts one case.
func (f *Figures) Add(c *Case, o *Outcome) {
	f.Total.add(o)
	lineOf(&f.Sizes, sizeName(c)).add(o)
	for _, p := range c.Corrupt.Plots {
		lineOf(&f.Plots, p).add(o)
	}
	switch {
	case len(c.Corrupt.Parties)+len(c.Corrupt.Jurors) == 0:
		lineOf(&f.Plots, "(nobody is corrupt)").add(o)
	case len(c.Corrupt.Plots) == 0:
		lineOf(&f.Plots, "(no plot)").add(o)
	}
	if f.Counts == nil {
		f.Counts = map[string]int{}
	}
	for k, v := range o.Counts {
		if v > 0 {
			f.Counts[k]++
		}
	}
}

// Merge adds the figures of others.
func (f *Figures) Merge(o *Figures) {
	f.Total.merge(&o.Total)
	for k, l := range o.Plots {
		lineOf(&f.Plots, k).merge(l)
	}
	for k, l := range o.Sizes {
		lineOf(&f.Sizes, k).merge(l)
	}
	if f.Counts == nil {
		f.Counts = map[string]int{}
	}
	for k, v := range o.Counts {
		f.Counts[k] += v
	}
}

// A band is a line of the table: sizes up to this one, from the band before on.
type band struct {
	to   int
	name string
}

// sizeName is how a table names a case's size: those that are played most each
// for itself, the others in bands.
func sizeName(c *Case) string {
	return bandOf(c.Parties, band{2, "N= 2"}, band{3, "N= 3"}, band{4, "N= 4"}, band{8, "N= 5..8"}, band{sxp.MaxParties, "N= 9..12"}) + " " +
		bandOf(c.Jurors, band{1, "n=  1"}, band{3, "n=  3"}, band{5, "n=  5"}, band{15, "n=  7..15"}, band{51, "n= 17..51"}, band{sxp.MaxJury, "n= 53..101"})
}

func bandOf(n int, bands ...band) string {
	for _, b := range bands {
		if n <= b.to {
			return b.name
		}
	}
	return fmt.Sprint(n)
}

// Table shows the figures as text.
func (f *Figures) Table() string {
	var b strings.Builder
	head := func(what string) {
		fmt.Fprintf(&b, "%-34s %10s", what, "schedules")
		for _, r := range Results() {
			fmt.Fprintf(&b, " %9s", r)
		}
		fmt.Fprintf(&b, " %7s %9s %11s %11s\n", "broken", "crashes", "messages", "to jurors")
	}
	line := func(name string, l *Line) {
		fmt.Fprintf(&b, "%-34s %10d", name, l.Cases)
		for _, r := range Results() {
			fmt.Fprintf(&b, " %9d", l.Results[r])
		}
		fmt.Fprintf(&b, " %7d %9d %11d %11d\n", l.Broken, l.Crashes, l.Messages, l.ToJurors)
	}
	head("size")
	for _, k := range slices.Sorted(maps.Keys(f.Sizes)) {
		line(k, f.Sizes[k])
	}
	line("all", &f.Total)
	b.WriteByte('\n')
	head("plot (a schedule has up to three)")
	for _, k := range slices.Sorted(maps.Keys(f.Plots)) {
		line(k, f.Plots[k])
	}
	fmt.Fprintf(&b, "\n%-34s %10s\n", "happened in", "schedules")
	for _, k := range slices.Sorted(maps.Keys(f.Counts)) {
		fmt.Fprintf(&b, "%-34s %10d\n", k, f.Counts[k])
	}
	return b.String()
}
