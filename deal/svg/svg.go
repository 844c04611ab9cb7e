// Package svg draws rings of trades: one ring large, with people as circles and
// items on the arrows between them, or hundreds small, with how each ended.
//
// The pictures are plain SVG 1.1 with a style sheet for light and dark
// surroundings: no scripts, no fonts or images from elsewhere, all text
// escaped, the same input the same bytes. How a ring ended is told by the line
// and not by colour alone. Every circle and arrow has a title, which browsers
// show when pointed at and readers read aloud.
package svg

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// A Status is how a ring ended.
type Status int

// The statuses in the order of legends.
const (
	Open   Status = iota // found, not signed yet
	Direct               // completed by its people alone
	Jury                 // completed by the jury
	Void                 // nobody is bound
	statuses
)

var statusText = [statuses]string{"not signed yet", "completed directly", "completed by the jury", "void: nobody is bound"}
var statusClass = [statuses]string{"o", "d", "j", "v"}

// String returns the words of the legend.
func (s Status) String() string { return statusText[s.valid()] }

func (s Status) valid() Status {
	if s < 0 || s >= statuses {
		return Open
	}
	return s
}

// A Ring is what is drawn: the steps go around, so each step's To is the next
// one's From. A chain begins with a gift and is not closed.
type Ring struct {
	Name   string // shown with the ring, may be empty
	Status Status
	Chain  bool
	Steps  []Step
}

// people is how many circles stand on a picture of so many steps.
func (r Ring) people(steps int) int {
	if r.Chain && steps > 0 {
		return steps + 1
	}
	return steps
}

// A Step is one item on its way.
type Step struct {
	From, To string // people
	Item     string
	Gone     bool // From stopped before the end: drawn hollow
}

// String says it in words; an item that is called like who gives it, as a pair
// of a kidney exchange, is not named twice.
func (s Step) String() string {
	if s.Item == s.From {
		return s.From + " gives to " + s.To
	}
	return s.From + " gives " + s.Item + " to " + s.To
}

// Limits of a picture: what is beyond is left out and said so.
const (
	// MaxRings is how many rings an overview shows.
	MaxRings = 5000
	// MaxSteps is the largest ring whose people are drawn one by one.
	MaxSteps = 40
)

// style is shared by all pictures. Custom properties would be shorter, but not
// every renderer knows them.
const style = `<style>
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#1c2733}
.bg{fill:#ffffff}.soft{fill:#5b6b7b}.rule{stroke:#d8dee5}
.h1{font-size:22px;font-weight:600}.h2{font-size:14px;font-weight:600}.t{font-size:13px}.s{font-size:11px}.m{font-size:10px}
.w{fill:none;stroke-width:2}.n{stroke-width:2}
.o .w,.o .n{stroke:#6b7a89}.o .n,.o .a{fill:#6b7a89}
.d .w,.d .n{stroke:#1a7f4b}.d .n,.d .a{fill:#1a7f4b}
.j .w,.j .n{stroke:#2563c9}.j .n,.j .a{fill:#2563c9}.j .w{stroke-width:3.5}
.v .w,.v .n{stroke:#b4541a}.v .n,.v .a{fill:#b4541a}.v .w{stroke-dasharray:4 3}
.o .p,.d .p,.j .p,.v .p{fill:#f3f6f9}
.o .g,.d .g,.j .g,.v .g{fill:#ffffff;stroke-dasharray:3 2}
.lb{fill:#ffffff;fill-opacity:.9}
@media (prefers-color-scheme:dark){
text{fill:#e6ebf0}.bg{fill:#12181f}.soft{fill:#9aa8b6}.rule{stroke:#2c3742}
.o .w,.o .n{stroke:#8d9cab}.o .n,.o .a{fill:#8d9cab}
.d .w,.d .n{stroke:#3ecf8a}.d .n,.d .a{fill:#3ecf8a}
.j .w,.j .n{stroke:#6ea8ff}.j .n,.j .a{fill:#6ea8ff}
.v .w,.v .n{stroke:#f0955a}.v .n,.v .a{fill:#f0955a}
.o .p,.d .p,.j .p,.v .p{fill:#1d2630}
.o .g,.d .g,.j .g,.v .g{fill:#12181f}
.lb{fill:#12181f}
}
</style>
`

// A canvas collects the elements of a picture.
type canvas struct{ bytes.Buffer }

func (c *canvas) open(w, h float64, title string) {
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`+"\n", w, h, w, h)
	c.printf("<title>%s</title>\n%s", escape(title), style)
	c.printf(`<rect class="bg" width="%.0f" height="%.0f"/>`+"\n", w, h)
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(&c.Buffer, format, args...) }

// text writes one line; anchor is start, middle or end.
func (c *canvas) text(x, y float64, class, anchor, s string) {
	c.printf(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, escape(s))
}

func (c *canvas) finish(w io.Writer) error {
	c.printf("</svg>\n")
	_, err := w.Write(c.Bytes())
	return err
}

// escape makes any text safe inside an element; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes everything
	return b.String()
}

// clip shortens a label to so many characters.
func clip(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:most-1])) + "…"
}

// point returns the point at an angle of turns (0 at the top, clockwise).
func point(cx, cy, r, turns float64) (x, y float64) {
	sin, cos := math.Sincos(2 * math.Pi * turns)
	return cx + r*sin, cy - r*cos
}

// arrow draws an arc around (cx, cy) from one turn to another with its head at
// the end.
func (c *canvas) arrow(cx, cy, r, from, to, head float64, title string) {
	tip := to
	shaft := to - head*0.8/(2*math.Pi*r)
	x0, y0 := point(cx, cy, r, from)
	x1, y1 := point(cx, cy, r, shaft)
	large := 0
	if shaft-from > 0.5 {
		large = 1
	}
	c.printf(`<g><title>%s</title><path class="w" d="M%.1f %.1fA%.1f %.1f 0 %d 1 %.1f %.1f"/>`, escape(title), x0, y0, r, r, large, x1, y1)
	ax, ay := point(cx, cy, r, tip)
	back := to - head/(2*math.Pi*r)
	bx, by := point(cx, cy, r+head*0.5, back)
	dx, dy := point(cx, cy, r-head*0.5, back)
	c.printf(`<path class="a" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ"/></g>`+"\n", ax, ay, bx, by, dx, dy)
}
