package world

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// lineEvery is how often a progress that goes to a file or a pipe says
// something.
const lineEvery = 5 * time.Second

// A progress shows what takes longer than a second: a bar on a terminal, a
// line every few seconds elsewhere. It also measures the phases.
type progress struct {
	out  io.Writer
	bars *mpb.Progress // nil: lines

	mu     sync.Mutex
	name   string
	begun  time.Time
	said   time.Time
	bar    *mpb.Bar
	spent  []Phase
	closed bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, begun: time.Now(), said: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(60))
	}
	return p
}

// phase ends the phase before and starts the next, of so many steps.
func (p *progress) phase(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
	p.name, p.begun = name, time.Now()
	if p.bars != nil && !p.closed && total > 0 {
		p.bar = p.bars.AddBar(int64(total),
			mpb.PrependDecorators(decor.Name(name, decor.WC{W: 24, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CountersNoUnit("%d / %d"), decor.Name("  "), decor.Elapsed(decor.ET_STYLE_GO)),
			mpb.BarRemoveOnComplete())
	}
}

// end closes the current phase. The caller holds mu.
func (p *progress) end() {
	if p.name != "" {
		p.spent = append(p.spent, Phase{p.name, time.Since(p.begun).Seconds()})
	}
	if p.bar != nil {
		p.bar.Abort(true)
		p.bar = nil
	}
	p.name = ""
}

// at says how far the phase is; what is more to say about it.
func (p *progress) at(done, total int, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.SetCurrent(int64(min(done, total)))
		return
	}
	if p.bars != nil || p.closed || time.Since(p.said) < lineEvery {
		return
	}
	p.said = time.Now()
	line := fmt.Sprintf("%s: %d of %d %s", p.name, done, total, what)
	fmt.Fprintln(p.out, strings.TrimSpace(line))
}

// close ends the last phase and waits for the bars to be drawn.
func (p *progress) close() {
	p.mu.Lock()
	p.end()
	bars := p.bars
	if p.closed {
		bars = nil
	}
	p.closed = true
	p.mu.Unlock()
	if bars != nil {
		bars.Wait()
	}
}

// phases returns how long each took.
func (p *progress) phases() []Phase {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Phase(nil), p.spent...)
}
