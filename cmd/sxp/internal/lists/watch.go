package lists

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"sxp/deal"
)

// Memory of a search in bytes: of what it does besides, of each ring that it
// chooses from, and the least that makes sense.
const (
	besides     = 80 << 20
	perRing     = 700
	leastMemory = 128 << 20
)

// A size is an amount of memory in bytes, such as 512MiB.
type size int64

// Set reads the text form.
func (s *size) Set(text string) error {
	digits, unit := text, int64(0)
	for suffix, n := range map[string]int64{"MiB": 1 << 20, "GiB": 1 << 30} {
		if d, ok := strings.CutSuffix(text, suffix); ok {
			digits, unit = d, n
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || unit == 0 || n < 1 || n > math.MaxInt64/unit {
		return fmt.Errorf("%q is not an amount of memory: write 512MiB or 2GiB", text)
	}
	if n*unit < leastMemory {
		return fmt.Errorf("%s is too little: it must be 128MiB or more", text)
	}
	*s = size(n * unit)
	return nil
}

// String returns the text form.
func (s *size) String() string {
	if *s == 0 {
		return ""
	}
	return fmt.Sprintf("%dMiB", *s>>20)
}

// Type is what the help calls the value.
func (s *size) Type() string { return "size" }

// sayEvery is how often a search that nobody watches on a terminal says
// something.
const sayEvery = 5 * time.Second

// A watch shows how far a search is, and ends it when the time is over or the
// person stops it.
type watch struct {
	ctx   context.Context
	out   io.Writer
	start time.Time
	until time.Time
	said  time.Time
	now   deal.Progress
	bars  *mpb.Progress // nil where out is no terminal
	bar   *mpb.Bar
}

func newSolving(ctx context.Context, out io.Writer, until time.Time) *watch {
	w := &watch{ctx: ctx, out: out, start: time.Now(), until: until, said: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		w.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
	}
	return w
}

// at takes note of the search's progress; it reports whether to go on.
func (w *watch) at(p deal.Progress) bool {
	w.now = p
	switch {
	case w.bars != nil:
		w.draw()
	case time.Since(w.said) >= sayEvery:
		w.said = time.Now()
		fmt.Fprintf(w.out, "%s, %.0f s of %.0f\n", w.words(), time.Since(w.start).Seconds(), w.until.Sub(w.start).Seconds())
	}
	return w.ctx.Err() == nil && time.Now().Before(w.until)
}

// draw moves the bar, which appears with the first second.
func (w *watch) draw() {
	total := w.until.Sub(w.start)
	if w.bar == nil {
		if time.Since(w.start) < time.Second {
			return
		}
		words := decor.Any(func(decor.Statistics) string { return w.words() }, decor.WC{W: 52, C: decor.DindentRight})
		w.bar = w.bars.AddBar(int64(total), mpb.PrependDecorators(words), mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)), mpb.BarRemoveOnComplete())
	}
	w.bar.SetCurrent(min(int64(time.Since(w.start)), int64(total)-1))
}

// words says what is known so far.
func (w *watch) words() string {
	switch p := w.now; {
	case p.Stage == "rings":
		return fmt.Sprintf("listing rings: %s", group3(int64(p.Listed)))
	case p.Bound > 0:
		return fmt.Sprintf("%s of %s; bound %s", Counted(p.Best.Items, "item", "items"), Counted(p.Best.People, "person", "people"), group3(p.Bound))
	default:
		return fmt.Sprintf("%s of %s", Counted(p.Best.Items, "item", "items"), Counted(p.Best.People, "person", "people"))
	}
}

func (w *watch) close() {
	if w.bar != nil {
		w.bar.Abort(true)
	}
	if w.bars != nil {
		w.bars.Wait()
	}
}
