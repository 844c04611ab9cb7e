package world

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"sxp"
)

// A StoryConfig says how Story tells its story.
type StoryConfig struct {
	Out    io.Writer    // the story; with JSON one line for programs
	Color  bool         // Out is a terminal that shows colours
	JSON   bool         // no story but a StoryReport as the last line
	Keep   string       // a folder for the contract files; "": a new temporary one
	Serve  bool         // go on serving until ctx ends
	Listen string       // where the hub listens; "": a free port of this machine
	Log    *slog.Logger // nil logs nothing
}

// A StoryReport is what Story writes with JSON.
type StoryReport struct {
	Node   string     `json:"node"`   // address of the hub
	Market string     `json:"market"` // link to the market
	Folder string     `json:"folder"` // with the files
	Acts   []ActStory `json:"acts"`
}

// An ActStory is one of the three swaps.
type ActStory struct {
	Title         string `json:"title"`
	Outcome       string `json:"outcome"`       // Direct, ByJury or Void
	Milliseconds  int64  `json:"ms"`            // from the last tap to the outcome
	Jury          int    `json:"jury"`          // jurors drawn
	Opened        int    `json:"opened"`        // jurors who opened their shares
	JurorMessages int64  `json:"jurorMessages"` // requests that jurors received
	File          string `json:"file"`          // in Folder
	VerifyMicros  int64  `json:"verifyMicros"`  // to verify it offline
}

// The times that the story's roll publishes: long enough that a busy machine
// keeps them, short enough to watch.
const (
	storyDelta    = sxp.Second
	storyL        = sxp.Second
	storyEpsilon  = 200 * sxp.Millisecond
	storyPatience = 800 * sxp.Millisecond
	storyHorizon  = 5 * sxp.Second
	storyJurors   = 7

	// storyPoll is how often agents look without being rung.
	storyPoll = 500 * sxp.Millisecond

	// storyWait bounds each wait: three times what the slowest part takes.
	storyWait = 30 * time.Second
)

// Story tells how three strangers swap: Alice has maths lessons and wants
// beer, Bob has beer and wants coins, Charlie has coins and wants maths
// lessons. First all stay; then Bob vanishes after his promise and the jury
// completes the contract; then Charlie never promises and nobody is bound.
// Node, jurors and people talk HTTP on this machine, in real time. It fails
// where anything of this does not come out as told, and says so.
func Story(ctx context.Context, cfg StoryConfig) error {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	folder := cfg.Keep
	if folder == "" {
		dir, err := os.MkdirTemp("", "sxp-story-")
		if err != nil {
			return err
		}
		folder = dir
	}
	if err := os.MkdirAll(folder, dirMode); err != nil {
		return err
	}
	tell := &teller{out: cfg.Out, color: cfg.Color, quiet: cfg.JSON, start: time.Now()}
	st, err := raise(ctx, cfg, folder, tell)
	if err != nil {
		return err
	}
	defer st.close()
	if err := st.play(ctx); err != nil {
		tell.failed(err)
		return err
	}
	if cfg.JSON {
		b, err := json.Marshal(st.report)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(cfg.Out, string(b)); err != nil {
			return err
		}
	}
	if !cfg.Serve {
		return nil
	}
	tell.say("The world goes on serving until Ctrl-C. Join it from another terminal:")
	tell.say("  sxp init --label you --relay %s", st.hub.Address().URL)
	tell.say("  sxp market join '%s'", st.link)
	select {
	case <-ctx.Done():
		return nil
	case err := <-st.broken:
		return err
	}
}

// A teller writes the story.
type teller struct {
	out   io.Writer
	color bool
	quiet bool
	start time.Time
}

const (
	styleBold  = "1"
	styleDim   = "2"
	styleRed   = "31"
	styleGreen = "32"
)

func (t *teller) style(code, s string) string {
	if !t.color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// say writes a line.
func (t *teller) say(format string, args ...any) {
	if !t.quiet {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}

// title starts an act.
func (t *teller) title(s string) { t.say("\n%s", t.style(styleBold, s)) }

// event writes a line with the time since the story began.
func (t *teller) event(format string, args ...any) {
	t.say("%s  %s", t.style(styleDim, fmt.Sprintf("%6.2f s", time.Since(t.start).Seconds())), fmt.Sprintf(format, args...))
}

// good writes what came out well.
func (t *teller) good(format string, args ...any) {
	t.event("%s", t.style(styleGreen, fmt.Sprintf(format, args...)))
}

func (t *teller) failed(err error) {
	t.say("\n%s", t.style(styleRed, "The story broke off: "+err.Error()))
}

// took writes a span as people read it.
func took(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
