package tm

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sxp"
	"sxp/deal"
)

// Output is what Write adds to what the list itself says.
type Output struct {
	// Program is the first line, such as "TradeMaximizer Version 1.4a" for
	// tools that insist on it; "" means "SXP, in the form of TradeMaximizer".
	Program string

	// Elapsed is written where the list says SHOW-ELAPSED-TIME.
	Elapsed time.Duration
}

// Write writes rings of l.Graph in the output form of TradeMaximizer 1.3c and
// 1.4a (spec/tradelist.md): complaints, trade loops, summary by item,
// statistics. The list's own HIDE-, SHOW- and SORT- options are obeyed. It fails
// with Invalid, before it writes anything, where the rings are no answer to the
// list, and with Unavailable where w fails.
func Write(w io.Writer, l *List, rings []deal.Ring, out Output) error {
	const op = "tm.Write"
	g, err := l.Graph()
	if err != nil {
		return err
	}
	v, err := deal.Check(g, rings, deal.Options{})
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "%w", err)
	}
	r := &report{Writer: bufio.NewWriter(w), list: l, graph: g, out: out}
	r.trades(rings)
	r.head()
	r.metric(v)
	r.loops(rings)
	r.summary()
	r.stats(rings)
	if err := r.Flush(); err != nil {
		return sxp.Errorf(op, sxp.Unavailable, nil, "%w", err)
	}
	return nil
}

// A report is an answer being written.
type report struct {
	*bufio.Writer
	list  *List
	graph *deal.Graph
	out   Output
	width int
	takes []int // per item: what it is traded for, or -1
	goes  []int // per item: for what it is given, or -1
	items int   // traded
}

// trades finds each item's partners and the width of the first column.
func (r *report) trades(rings []deal.Ring) {
	n := len(r.list.Items)
	r.takes, r.goes = slices.Repeat([]int{-1}, n), slices.Repeat([]int{-1}, n)
	for _, ring := range rings {
		for _, s := range r.graph.Steps(ring) {
			r.takes[s.For], r.goes[s.Item] = int(s.Item), int(s.For)
			r.items++
		}
	}
	r.width = 1
	for i := range n {
		r.width = max(r.width, utf8.RuneCountInString(r.name(i)))
	}
}

// name is how an item is shown.
func (r *report) name(i int) string {
	it := r.list.Items[i]
	if !r.list.Named[it.Person] {
		return it.Name
	}
	user := "(" + r.list.People[it.Person] + ")"
	if !r.list.Options.CaseSensitive {
		user = strings.ToUpper(user)
	}
	if r.list.Options.SortByItem {
		return it.Name + " " + user
	}
	return user + " " + it.Name
}

// pad is the name with blanks up to the width of the column.
func (r *report) pad(i int) string {
	s := r.name(i)
	return s + strings.Repeat(" ", r.width-utf8.RuneCountInString(s))
}

func (r *report) line(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

// head writes what comes before the answer: options, what is missing, what is
// wrong.
func (r *report) head() {
	o := r.list.Options
	program := r.out.Program
	if program == "" {
		program = "SXP, in the form of TradeMaximizer"
	}
	r.line("%s", program)
	if len(o.Written) > 0 {
		r.line("Options: %s", strings.Join(o.Written, " "))
	}
	r.line("")
	if r.list.Checksum != "" {
		r.line("Input Checksum: %s", r.list.Checksum)
	}
	if o.ShowMissing && r.list.officials > 0 {
		for _, name := range slices.Sorted(slices.Values(r.list.Official)) {
			r.line("**** Missing want list for official name %s", name)
		}
		r.line("")
	}
	if o.HideErrors {
		return
	}
	var errors []string
	for _, p := range r.list.Problems {
		if p.Rule != ruleMissing {
			errors = append(errors, fmt.Sprintf("**** Line %d: %s (%s)", p.Line, p.Text, p.Rule))
		}
	}
	if r.list.More > 0 {
		errors = append(errors, fmt.Sprintf("**** and %d more", r.list.More))
	}
	if len(errors) > 0 {
		r.line("ERRORS:\n%s\n", strings.Join(errors, "\n"))
	}
}

// metric writes the measure that the list asks for. TradeMaximizer has a line
// for each answer that was better than those before; here the best is the only
// one.
func (r *report) metric(v deal.Value) {
	o := r.list.Options
	if o.Iterations <= 1 && o.Metric == ChainSizes {
		return
	}
	per := make(map[int]int)
	for i, j := range r.takes {
		if j >= 0 {
			per[r.list.Items[i].Person]++
		}
	}
	switch o.Metric {
	case UsersTrading:
		r.line("[ users trading = %d ]", v.People)
	case UsersSquares:
		sum := 0
		for i := range r.list.People {
			sum += per[i] * per[i]
		}
		r.line("[ users trading = %d, sum of squares = %d ]", v.People, sum)
	case FavorUser:
		count := 0
		if i := r.list.favored(); i >= 0 {
			count = per[i]
		}
		r.line("[ (%s) trading = %d ]", o.Favored, count)
	default:
		sizes, sum := r.sizes()
		r.line("[ %d :%s ]", sum, sizes)
	}
	r.line("")
}

// loops writes the rings item by item.
func (r *report) loops(rings []deal.Ring) {
	if r.list.Options.HideLoops {
		return
	}
	r.line("TRADE LOOPS (%d total trades):\n", r.items)
	for _, ring := range rings {
		for _, s := range r.graph.Steps(ring) {
			r.line("%s receives %s", r.pad(int(s.For)), r.name(int(s.Item)))
		}
		r.line("")
	}
}

// summary writes a line per item, in the order of what is shown.
func (r *report) summary() {
	if r.list.Options.HideSummary {
		return
	}
	var lines []string
	for i := range r.list.Items {
		switch {
		case r.takes[i] >= 0:
			lines = append(lines, fmt.Sprintf("%s receives %s and sends to %s", r.pad(i), r.pad(r.takes[i]), r.name(r.goes[i])))
		case !r.list.Options.HideNonTrades:
			lines = append(lines, r.pad(i)+"             does not trade")
		}
	}
	slices.Sort(lines)
	r.line("ITEM SUMMARY (%d total trades):\n", r.items)
	for _, l := range lines {
		r.line("%s", l)
	}
	r.line("")
}

// sizes returns the rings' sizes, longest first, each after a blank, and the sum
// of their squares.
func (r *report) sizes() (text string, squares int) {
	seen := make([]bool, len(r.takes))
	var sizes []int
	for i := range r.takes {
		size := 0
		for j := i; j >= 0 && !seen[j] && r.takes[j] >= 0; j = r.takes[j] {
			seen[j] = true
			size++
		}
		if size > 0 {
			sizes = append(sizes, size)
			squares += size * size
		}
	}
	slices.Sort(sizes)
	var b strings.Builder
	for _, n := range slices.Backward(sizes) {
		fmt.Fprintf(&b, " %d", n)
	}
	return b.String(), squares
}

// stats writes the numbers at the end.
func (r *report) stats(rings []deal.Ring) {
	n := len(r.list.Items)
	fmt.Fprintf(r, "Num trades  = %d of %d items", r.items, n)
	if n > 0 {
		fmt.Fprintf(r, " (%s%%)", ratio(int64(r.items)*100, int64(n), 1))
	}
	r.line("")
	if !r.list.Options.HideStats {
		cost := r.list.cost(rings)
		fmt.Fprintf(r, "Total cost  = %d", cost)
		if r.items > 0 {
			fmt.Fprintf(r, " (avg %s)", ratio(cost, int64(r.items), 2))
		}
		sizes, squares := r.sizes()
		r.line("\nNum groups  = %d\nGroup sizes =%s\nSum squares = %d", len(rings), sizes, squares)
	}
	if r.list.Options.ShowElapsedTime {
		r.line("Elapsed time = %dms", r.out.Elapsed.Milliseconds())
	}
}

// ratio writes a/b with so many digits after the point, halves to the even
// digit as Java's DecimalFormat does.
func ratio(a, b int64, digits int) string {
	scale := int64(1)
	for range digits {
		scale *= 10
	}
	whole, rest := a/b, a%b
	frac := rest * scale / b
	if twice := 2 * (rest * scale % b); twice > b || twice == b && frac%2 == 1 {
		if frac++; frac == scale {
			whole, frac = whole+1, 0
		}
	}
	return fmt.Sprintf("%d.%0*d", whole, digits, frac)
}
