package world

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Sizes of the picture, in its own units.
const (
	cellSize    = 64 // of one ring
	ringRadius  = 22
	dotRadius   = 4.5
	ringsPerRow = 15
)

// inks are the colours of outcomes; they stand out on white and on black.
func (o *RingOutcome) ink() string {
	switch {
	case o.Unfair:
		return "#d32f2f"
	case o.Outcome == Direct:
		return "#2e8b57"
	case o.Outcome == ByJury:
		return "#d98200"
	}
	return "#8a93a0"
}

// picture draws every ring with its people as dots, coloured by outcome; the
// names appear where one points.
func picture(rep *TradeReport) []byte {
	rings := rep.Detail.Outcomes
	perRow := min(max(len(rings), 1), ringsPerRow)
	rows := (len(rings) + perRow - 1) / perRow
	w, h := perRow*cellSize, max(rows, 1)*cellSize
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`, w, h, w, h)
	fmt.Fprintf(&b, "\n<title>%d rings: %d signed by all, %d completed by the jury, %d void, %d unfair</title>\n", rep.Rings, rep.CompletedDirect, rep.CompletedByJury, rep.Void, rep.Unfair)
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0 6 3 0 6z" fill="context-stroke"/></marker></defs>` + "\n")
	for i := range rings {
		drawRing(&b, &rings[i], float64(i%perRow*cellSize+cellSize/2), float64(i/perRow*cellSize+cellSize/2))
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// drawRing draws one ring around a centre.
func drawRing(b *strings.Builder, o *RingOutcome, cx, cy float64) {
	n := len(o.Items)
	at := func(i int, r float64) (x, y float64) {
		angle := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
		return cx + r*math.Cos(angle), cy + r*math.Sin(angle)
	}
	fmt.Fprintf(b, `<g stroke="%s" fill="%s"><title>%s: %s`, o.ink(), o.ink(), o.Contract.Short(), o.Outcome)
	for _, line := range o.Moves() {
		fmt.Fprintf(b, "\n%s", html.EscapeString(line))
	}
	b.WriteString("</title>")
	for i := range n {
		x1, y1 := at(i, ringRadius)
		x2, y2 := at(i+1, ringRadius)
		// From the edge of one dot to the edge of the next, a little inside the
		// circle on which they stand.
		dx, dy := x2-x1, y2-y1
		far := math.Hypot(dx, dy)
		gap := (dotRadius + 2) / far
		bend := 0.0
		if n == 2 {
			bend = 8
		}
		mx, my := (x1+x2)/2-dy/far*bend, (y1+y2)/2+dx/far*bend
		fmt.Fprintf(b, `<path d="M%.1f %.1f Q%.1f %.1f %.1f %.1f" fill="none" stroke-width="1.6" marker-end="url(#tip)"/>`,
			x1+dx*gap, y1+dy*gap, mx, my, x2-dx*gap, y2-dy*gap)
	}
	for i := range n {
		x, y := at(i, ringRadius)
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="%g" stroke="none"/>`, x, y, dotRadius)
	}
	b.WriteString("</g>\n")
}
