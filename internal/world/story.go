package world

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"sxp"
	"sxp/agent"
)

// A StoryConfig says how Story tells its story.
type StoryConfig struct {
	Out    io.Writer    // the story; with JSON one line for programs
	Color  bool         // Out is a terminal that shows colours
	JSON   bool         // no story but a StoryReport as the last line
	Keep   string       // a folder for the contract files; "": a new temporary one
	Listen string       // where the hub listens; "": FriendlyAddress where it serves on and that is free, else a free port
	Jurors int          // nodes that referee, odd; 0: 7
	Pages  http.Handler // the app that the hub serves; nil: none
	Log    *slog.Logger // nil logs nothing

	Serve     bool          // go on serving until ctx ends, with a market for people
	Dir       string        // with Serve: a folder in which the nodes, the market and their ports stay; "": none
	DirIfFree bool          // where another world runs in Dir, a new one that is forgotten is no error
	NoStory   bool          // only serve
	BotsAfter time.Duration // with Serve: how long a person's offer stands alone until bots join; 0: no bots

	slow sxp.Duration // the times of the story are so many times as long; 0: 1. Tests share the machine with others
}

// A StoryReport is what Story writes with JSON.
type StoryReport struct {
	Node   string     `json:"node"`             // address of the hub
	App    string     `json:"app,omitempty"`    // where browsers find the app
	Market string     `json:"market"`           // link to the market; where the world serves on, to the one for people
	People []Stranger `json:"people,omitempty"` // whom a person may be
	Folder string     `json:"folder,omitempty"` // with the files
	Acts   []ActStory `json:"acts,omitempty"`
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

// times are the story's times at its pace.
func (cfg *StoryConfig) times() agent.PublishRoll {
	k := max(cfg.slow, 1)
	return agent.PublishRoll{Delta: k * storyDelta, L: k * storyL, Epsilon: k * storyEpsilon, W: k * storyPatience, D: k * storyHorizon}
}

// wait bounds each wait at the story's pace.
func (cfg *StoryConfig) wait() time.Duration { return time.Duration(max(cfg.slow, 1)) * storyWait }

// Story tells how three strangers swap: Alice has maths lessons and wants
// beer, Bob has beer and wants coins, Charlie has coins and wants maths
// lessons. First all stay; then Bob vanishes after his promise and the jury
// completes the contract; then Charlie never promises and nobody is bound.
// Node, jurors and people talk HTTP on this machine, in real time. It fails
// where anything of this does not come out as told, and says so.
//
// With Serve a second market follows, on nodes of its own and with times for
// people: it says where the app is and how to be one of the three, and lets
// bots play who is missing.
func Story(ctx context.Context, cfg StoryConfig) error {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	if cfg.Jurors == 0 {
		cfg.Jurors = storyJurors
	}
	if cfg.Jurors < 1 || cfg.Jurors%2 == 0 || cfg.Jurors > sxp.MaxJury {
		return sxp.Errorf("world.Story", sxp.Invalid, nil, "jurors: an odd number up to %d, not %d", sxp.MaxJury, cfg.Jurors)
	}
	tell := &teller{out: cfg.Out, color: cfg.Color, quiet: cfg.JSON, start: time.Now()}
	var rep StoryReport
	if !cfg.NoStory {
		if err := cfg.tell(ctx, tell, &rep); err != nil {
			tell.failed(err)
			return err
		}
	}
	if !cfg.Serve {
		return cfg.write(&rep)
	}
	return cfg.live(ctx, tell, &rep)
}

// tell lives through the story, on nodes that end with it.
func (cfg *StoryConfig) tell(ctx context.Context, tell *teller, rep *StoryReport) error {
	folder := cfg.Keep
	err := os.MkdirAll(folder, dirMode)
	if folder == "" {
		folder, err = os.MkdirTemp("", "sxp-story-")
	}
	if err != nil {
		return err
	}
	g := grounds{}
	if !cfg.Serve {
		g.hub = cfg.Listen
	}
	st, err := raise(ctx, *cfg, tell, g)
	if err != nil {
		return err
	}
	defer st.close()
	st.folder = folder
	if err := st.play(ctx); err != nil {
		return err
	}
	*rep = st.report
	return nil
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
