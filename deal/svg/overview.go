package svg

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A Report is what an overview shows.
type Report struct {
	Title string
	Lines []string // a few facts under the title
	Rings []Ring

	// Found says that the rings were only found: nothing is told of how they
	// ended, and few of them are told in words beside the picture.
	Found bool
}

// Sizes of the overview in pixels.
const (
	pageWidth  = 1200.0
	margin     = 36.0
	cellWidth  = 70.5
	cellHeight = 84.0
	glyph      = 22.0 // radius of a small ring

	wordsWidth = 564.0 // of a ring with words beside it
	wordsLine  = 16.0
	maxWords   = 120 // rings that are told in words …
	maxLines   = 8   // … of at most so many items
)

// Overview draws all rings of a report small, ordered by length and by how
// they ended, with a legend and how many there are of each.
func Overview(w io.Writer, r Report) error {
	rings := slices.Clone(r.Rings)
	slices.SortStableFunc(rings, func(a, b Ring) int {
		if len(a.Steps) != len(b.Steps) {
			return len(a.Steps) - len(b.Steps)
		}
		return int(a.Status.valid()) - int(b.Status.valid())
	})
	left := max(0, len(rings)-MaxRings)
	rings = rings[:len(rings)-left]

	words := r.Found && len(rings) <= maxWords && (len(rings) == 0 || len(rings[len(rings)-1].Steps) <= maxLines)
	top := 64 + 20*float64(len(r.Lines)) + 44
	if r.Found {
		top -= 30 // no legend
	}
	height := top
	for _, part := range byLength(rings) {
		height += gridOf(part, words).height() + 44
	}
	if left > 0 {
		height += 30
	}
	c := new(canvas)
	c.open(pageWidth, height+margin, r.Title)
	c.text(margin, 46, "h1", "start", clip(r.Title, 90))
	for i, line := range r.Lines {
		c.text(margin, 70+20*float64(i), "t soft", "start", clip(line, 150))
	}
	if !r.Found {
		c.legend(margin, top-26, r.Rings)
	}
	y := top
	for _, part := range byLength(rings) {
		y = c.section(y, part, r.Found, words)
	}
	if left > 0 {
		c.text(margin, y+20, "t soft", "start", fmt.Sprintf("and %d rings more, which are not drawn", left))
	}
	return c.finish(w)
}

// byLength splits rings that are ordered by length.
func byLength(rings []Ring) [][]Ring {
	var parts [][]Ring
	for i, r := range rings {
		if i == 0 || len(r.Steps) != len(rings[i-1].Steps) {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], r)
	}
	return parts
}

// legend shows each status that occurs, as a short line and in words.
func (c *canvas) legend(x, y float64, rings []Ring) {
	var count [statuses]int
	for _, r := range rings {
		count[r.Status.valid()]++
	}
	for s, n := range count {
		if n == 0 {
			continue
		}
		c.printf(`<g class="%s"><path class="w" d="M%.1f %.1fh34"/><circle class="n" cx="%.1f" cy="%.1f" r="4"/></g>`+"\n", statusClass[s], x, y-4, x+17, y-4)
		label := fmt.Sprintf("%d %s", n, Status(s))
		c.text(x+42, y, "t", "start", label)
		x += 42 + 7.2*float64(len(label)) + 28
	}
}

// A grid is where the rings of one length stand.
type grid struct {
	perRow, rows int
	w, h         float64 // of one ring
}

func gridOf(rings []Ring, words bool) grid {
	g := grid{w: cellWidth, h: cellHeight}
	if words {
		g.w, g.h = wordsWidth, math.Max(cellHeight, wordsLine*float64(len(rings[0].Steps))+14)
	}
	g.perRow = int((pageWidth - 2*margin) / g.w)
	g.rows = (len(rings) + g.perRow - 1) / g.perRow
	return g
}

func (g grid) height() float64 { return g.h * float64(g.rows) }

// section draws the rings of one length and returns where the next part begins.
func (c *canvas) section(y float64, rings []Ring, found, words bool) float64 {
	n := len(rings[0].Steps)
	g := gridOf(rings, words)
	c.printf(`<path class="rule" d="M%.1f %.1fH%.1f"/>`+"\n", margin, y, pageWidth-margin)
	c.text(margin, y+22, "h2", "start", fmt.Sprintf("%s of %s", counted(rings), plural(n, "item")))
	y += 34
	for i, r := range rings {
		cx := margin + g.w*float64(i%g.perRow) + cellWidth/2
		cy := y + g.h*float64(i/g.perRow) + g.h/2 - 8
		c.small(cx, cy, r, found)
		if !words {
			continue
		}
		for k, s := range r.Steps {
			c.text(cx+cellWidth/2+6, cy+4+wordsLine*(float64(k)-float64(n-1)/2), "s", "start", clip(s.String(), 80))
		}
	}
	return y + g.height() + 10
}

// counted says how many rings and how many chains there are.
func counted(list []Ring) string {
	chains := 0
	for _, r := range list {
		if r.Chain {
			chains++
		}
	}
	switch chains {
	case 0:
		return plural(len(list), "ring")
	case len(list):
		return plural(chains, "chain")
	}
	return plural(len(list)-chains, "ring") + " and " + plural(chains, "chain")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// small draws one ring as a glyph with its name below.
func (c *canvas) small(cx, cy float64, r Ring, found bool) {
	n := len(r.Steps)
	c.printf(`<g class="%s"><title>%s</title>`+"\n", statusClass[r.Status.valid()], escape(describe(r, found)))
	switch {
	case n > 12: // too many to tell apart
		c.printf(`<circle class="w" cx="%.1f" cy="%.1f" r="%.1f"/>`+"\n", cx, cy, glyph)
	default:
		size, head := 5.0, 7.0
		if n > 5 {
			size, head = 3.2, 4.5
		}
		gap, people := (size+2)/(2*math.Pi*glyph), float64(r.people(n))
		for i, s := range r.Steps {
			c.arrow(cx, cy, glyph, float64(i)/people+gap, float64(i+1)/people-gap, head, s.String())
		}
		steps := r.Steps
		if r.Chain {
			steps = append(slices.Clip(steps), Step{From: steps[n-1].To})
		}
		for i, s := range steps {
			x, y := point(cx, cy, glyph, float64(i)/people)
			class := "n"
			if s.Gone {
				class = "n g"
			}
			c.printf(`<circle class="%s" cx="%.1f" cy="%.1f" r="%.1f"/>`, class, x, y, size)
		}
		c.printf("\n")
	}
	c.text(cx, cy+5, "t", "middle", fmt.Sprint(n))
	c.text(cx, cy+glyph+19, "m soft", "middle", clip(r.Name, 12))
	c.printf("</g>\n")
}

// describe tells a ring in words.
func describe(r Ring, found bool) string {
	var parts []string
	switch {
	case !found && r.Name != "":
		parts = append(parts, r.Name+", "+r.Status.String())
	case !found:
		parts = append(parts, r.Status.String())
	case r.Name != "":
		parts = append(parts, r.kind()+" "+r.Name)
	}
	for i, t := range r.Steps {
		if i == MaxSteps {
			parts = append(parts, "and so on")
			break
		}
		parts = append(parts, t.String())
	}
	return strings.Join(parts, "; ")
}
