package svg

import (
	"fmt"
	"io"
	"math"
)

// Draw draws one ring large.
func Draw(w io.Writer, r Ring) error {
	n := len(r.Steps)
	shown := min(n, MaxSteps)
	const person = 34.0
	radius := math.Max(130, float64(shown)*150/(2*math.Pi))
	width, height := 2*radius+420, 2*radius+220
	cx, cy := width/2, 80+radius+40
	c := new(canvas)
	title := r.Name
	if title == "" {
		title = fmt.Sprintf("A %s of %d items", r.kind(), n)
	}
	c.open(width, height, title)
	c.text(width/2, 34, "h1", "middle", clip(title, 60))
	sub := fmt.Sprintf("%d items, %s", n, r.Status)
	if n > shown {
		sub = fmt.Sprintf("%d items (the first %d are drawn), %s", n, shown, r.Status)
	}
	c.text(width/2, 56, "t soft", "middle", sub)
	if n == 0 {
		return c.finish(w)
	}
	c.printf(`<g class="%s">`+"\n", statusClass[r.Status.valid()])
	gap, people := (person+5)/(2*math.Pi*radius), float64(r.people(shown))
	for i := range shown {
		s := r.Steps[i]
		from, to := float64(i)/people+gap, float64(i+1)/people-gap
		c.arrow(cx, cy, radius, from, to, 13, s.String())
	}
	for i := range shown {
		c.person(cx, cy, radius, person, float64(i)/people, r.Steps[i])
	}
	if r.Chain {
		c.person(cx, cy, radius, person, float64(shown)/people, Step{From: r.Steps[shown-1].To})
	}
	for i := range shown { // on top of the arrows
		c.item(cx, cy, radius, (float64(i)+0.5)/people, r.Steps[i].Item, shown)
	}
	c.printf("</g>\n")
	return c.finish(w)
}

func (r Ring) kind() string {
	if r.Chain {
		return "chain"
	}
	return "ring"
}

// person draws a circle with a name.
func (c *canvas) person(cx, cy, radius, size, turns float64, s Step) {
	x, y := point(cx, cy, radius, turns)
	class, state := "n p", ""
	if s.Gone {
		class, state = "n g", " (stopped before the end)"
	}
	c.printf(`<g><title>%s</title><circle class="%s" cx="%.1f" cy="%.1f" r="%.1f"/>`, escape(s.From+state), class, x, y, size)
	c.printf(`<text x="%.1f" y="%.1f" class="s" text-anchor="middle">%s</text></g>`+"\n", x, y+4, escape(clip(s.From, 10)))
}

// item writes what an arrow carries, outside the ring beside its middle.
func (c *canvas) item(cx, cy, radius, turns float64, name string, n int) {
	sin, cos := math.Sincos(2 * math.Pi * turns)
	out := 12.0
	if n > 6 { // the neighbours' circles are near: keep clear above and below
		out += 26 * cos * cos
	}
	x, y := point(cx, cy, radius+out, turns)
	anchor := "start"
	switch {
	case math.Abs(sin) < 0.1:
		anchor = "middle"
	case sin < 0:
		anchor = "end"
	}
	if cos < 0 {
		y += 10 * -cos
	}
	label := clip(name, 28)
	if n > 16 {
		label = clip(name, 22)
	}
	c.printf(`<g><title>%s</title><text x="%.1f" y="%.1f" class="t" text-anchor="%s">%s</text></g>`+"\n", escape(name), x, y+4, anchor, escape(label))
}
