package svg

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
)

// A Market is who would take what, and what of it is traded.
type Market struct {
	Title string
	Lines []string // a few facts under the title
	Items []Thing
	Wants []Want
}

// A Thing is an item and the one who offers it.
type Thing struct{ Name, Person string }

// A Want says that the owner of item For would take item Take for it; both are
// places in Items. Used ones are traded.
type Want struct {
	For, Take int
	Used      bool
}

// Limits of a picture of wants.
const (
	// MaxThings is how many items are drawn one by one, with an arrow each want.
	MaxThings = 40
	// MaxPeople is how many people have a row and a column in the picture of a
	// larger market; those with the most wants are shown.
	MaxPeople = 200
)

// wantStyle is what only pictures of wants need.
const wantStyle = `<style>
.wa{fill:none;stroke:#6b7a89;stroke-opacity:.45;stroke-width:1}.ah{fill:#6b7a89;fill-opacity:.6}
.us{fill:none;stroke:#1a7f4b;stroke-width:2.6}.uh{fill:#1a7f4b}
.it{fill:#f3f6f9;stroke:#6b7a89;stroke-width:1.5}.iu{fill:#dff2e7;stroke:#1a7f4b;stroke-width:2}
.c{fill:#2563c9}.cu{fill:#1a9a58}
@media (prefers-color-scheme:dark){.us{stroke:#3ecf8a}.uh{fill:#3ecf8a}.it{fill:#1d2630;stroke:#8d9cab}.iu{fill:#16382a;stroke:#3ecf8a}.c{fill:#6ea8ff}.cu{fill:#3ecf8a}}
</style>
`

// Wants draws a market: up to MaxThings items as a circle with an arrow from
// each item to whoever would take it, more as a table of people, in which a
// square is the darker the more items the one of the row would take from the
// one of the column. What is traded stands out.
func Wants(w io.Writer, m Market) error {
	if len(m.Items) <= MaxThings {
		return m.circle(w)
	}
	return m.table(w)
}

// circle draws every item and every want.
func (m Market) circle(w io.Writer) error {
	n := len(m.Items)
	radius := math.Max(140, float64(n)*46/(2*math.Pi))
	width := 2*radius + 520
	top := 64 + 20*float64(len(m.Lines)) + 60
	cx, cy := width/2, top+radius+20
	c := new(canvas)
	c.head(width, cy+radius+70, m)
	used := make(map[int]bool)
	for _, onTop := range []bool{false, true} {
		for _, a := range m.Wants {
			if a.Used == onTop && m.holds(a) {
				used[a.For] = used[a.For] || a.Used
				used[a.Take] = used[a.Take] || a.Used
				c.want(cx, cy, radius, n, a, m)
			}
		}
	}
	for i, it := range m.Items {
		class := "it"
		if used[i] {
			class = "iu"
		}
		turns := float64(i) / float64(n)
		x, y := point(cx, cy, radius, turns)
		c.printf(`<g><title>%s</title><circle class="%s" cx="%.1f" cy="%.1f" r="7"/></g>`+"\n", escape(it.Name+", offered by "+it.Person), class, x, y)
		sin := math.Sin(2 * math.Pi * turns)
		anchor, lx := "start", x+13
		switch {
		case math.Abs(sin) < 0.08:
			anchor, lx = "middle", x
			if y < cy {
				y -= 24
			} else {
				y += 16
			}
		case sin < 0:
			anchor, lx = "end", x-13
		}
		c.text(lx, y, "s", anchor, clip(it.Name, 30))
		if it.Person != it.Name {
			c.text(lx, y+12, "m soft", anchor, clip(it.Person, 30))
		}
	}
	return c.finish(w)
}

// holds reports whether a want is about two items of the market.
func (m Market) holds(a Want) bool {
	n := len(m.Items)
	return a.For >= 0 && a.For < n && a.Take >= 0 && a.Take < n && a.For != a.Take
}

// want draws the way that an item would go: from who offers it to who wants it,
// bent towards the middle.
func (c *canvas) want(cx, cy, radius float64, n int, a Want, m Market) {
	x0, y0 := point(cx, cy, radius, float64(a.Take)/float64(n))
	x1, y1 := point(cx, cy, radius, float64(a.For)/float64(n))
	// The control point lies between the middle of the chord and the centre,
	// moved to the left so that two opposite wants do not cover each other.
	mx, my := (x0+x1)/2, (y0+y1)/2
	dx, dy := x1-x0, y1-y0
	length := math.Max(1, math.Hypot(dx, dy))
	qx, qy := mx+(cx-mx)*0.45-dy/length*14, my+(cy-my)*0.45+dx/length*14
	tx, ty := x1-qx, y1-qy
	t := math.Max(1, math.Hypot(tx, ty))
	ex, ey := x1-tx/t*11, y1-ty/t*11
	class, head := "wa", "ah"
	if a.Used {
		class, head = "us", "uh"
	}
	take, give := m.Items[a.Take], m.Items[a.For]
	title := fmt.Sprintf("%s would take %s of %s for %s", give.Person, take.Name, take.Person, give.Name)
	if a.Used {
		title = fmt.Sprintf("%s gives %s to %s", take.Person, take.Name, give.Person)
	}
	c.printf(`<g><title>%s</title><path class="%s" d="M%.1f %.1fQ%.1f %.1f %.1f %.1f"/>`, escape(title), class, x0, y0, qx, qy, ex, ey)
	bx, by := ex-tx/t*8, ey-ty/t*8
	c.printf(`<path class="%s" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ"/></g>`+"\n", head, ex+tx/t*2, ey+ty/t*2, bx-ty/t*4, by+tx/t*4, bx+ty/t*4, by-tx/t*4)
}

// head opens the picture with its title, facts and legend.
func (c *canvas) head(width, height float64, m Market) {
	c.open(width, height, m.Title)
	c.printf("%s", wantStyle)
	c.text(margin, 46, "h1", "start", clip(m.Title, int(width/13)))
	for i, line := range m.Lines {
		c.text(margin, 70+20*float64(i), "t soft", "start", clip(line, int(width/7)))
	}
	y := 70 + 20*float64(len(m.Lines)) + 12
	if len(m.Items) <= MaxThings {
		c.printf(`<path class="wa" d="M%.1f %.1fh34"/><path class="us" d="M%.1f %.1fh34"/>`+"\n", margin, y-4, margin+150, y-4)
		c.text(margin+42, y, "t", "start", "would go there")
		c.text(margin+192, y, "t", "start", "is traded")
		return
	}
	c.printf(`<rect class="c" fill-opacity=".6" x="%.1f" y="%.1f" width="11" height="11"/><rect class="cu" x="%.1f" y="%.1f" width="11" height="11"/>`+"\n", margin, y-10, margin+360, y-10)
	c.text(margin+18, y, "t", "start", "the row's owner would take items of the column's")
	c.text(margin+378, y, "t", "start", "at least one is traded")
}

// A pair of people by their places in the picture.
type pair struct{ row, col int }

// table draws people against people.
func (m Market) table(w io.Writer) error {
	order, left := m.people()
	at := make(map[string]int, len(order))
	for i, p := range order {
		at[p] = i
	}
	count, used, most := map[pair]int{}, map[pair]int{}, 1
	for _, a := range m.Wants {
		if !m.holds(a) {
			continue
		}
		row, here := at[m.Items[a.For].Person]
		col, there := at[m.Items[a.Take].Person]
		if !here || !there {
			continue
		}
		p := pair{row, col}
		if count[p]++; count[p] > most {
			most = count[p]
		}
		if a.Used {
			used[p]++
		}
	}
	cell := math.Max(5, math.Min(18, 1000/float64(len(order))))
	names := cell >= 9
	side := 40.0
	if names {
		side = 130
	}
	top := 70 + 20*float64(len(m.Lines)) + 40 + side*0.9
	size := cell * float64(len(order))
	c := new(canvas)
	c.head(math.Max(size+side+2*margin, 640), top+size+margin+26, m)
	m.grid(c, order, side+margin, top, cell, names)
	cells := make([]pair, 0, len(count))
	for p := range count {
		cells = append(cells, p)
	}
	slices.SortFunc(cells, func(a, b pair) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.col, b.col)) })
	for _, p := range cells {
		x, y := side+margin+cell*float64(p.col), top+cell*float64(p.row)
		dark := 0.12 + 0.88*math.Log1p(float64(count[p]))/math.Log1p(float64(most))
		title := fmt.Sprintf("%s would take items of %s: %d wants", order[p.row], order[p.col], count[p])
		if used[p] > 0 {
			title += fmt.Sprintf(", %d traded", used[p])
		}
		class := "c"
		if used[p] > 0 {
			class, dark = "cu", 1
		}
		c.printf(`<rect class="%s" fill-opacity="%.2f" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`+"\n", class, dark, x, y, cell-0.5, cell-0.5, escape(title))
	}
	if left > 0 {
		c.text(margin, top+size+28, "t soft", "start", fmt.Sprintf("and %d people more, who want and are wanted less", left))
	}
	return c.finish(w)
}

// grid draws the frame and, where there is room, the names.
func (m Market) grid(c *canvas, order []string, x, y, cell float64, names bool) {
	size := cell * float64(len(order))
	c.printf(`<path class="rule" fill="none" d="M%.1f %.1fh%.1fv%.1fh%.1fZ"/>`+"\n", x, y, size, size, -size)
	if !names {
		return
	}
	for i, p := range order {
		d := cell*float64(i) + cell/2
		c.text(x-6, y+d+3.5, "m", "end", clip(p, 18))
		c.printf(`<text x="0" y="0" class="m" text-anchor="start" transform="translate(%.1f %.1f)rotate(-60)">%s</text>`+"\n", x+d+3, y-5, escape(clip(p, 18)))
	}
}

// people returns those with the most wants and items wanted, the most first,
// and how many are left out.
func (m Market) people() (order []string, left int) {
	weight := map[string]int{}
	for _, it := range m.Items {
		if _, ok := weight[it.Person]; !ok {
			weight[it.Person] = 0
			order = append(order, it.Person)
		}
	}
	for _, a := range m.Wants {
		if m.holds(a) {
			weight[m.Items[a.For].Person]++
			weight[m.Items[a.Take].Person]++
		}
	}
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a, b))
	})
	shown := min(len(order), MaxPeople)
	return order[:shown], len(order) - shown
}
