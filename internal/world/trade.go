package world

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"sxp"
	"sxp/deal"
	"sxp/deal/tm"
	"sxp/internal/peak"
	"sxp/market"
)

// A TradeConfig says what Trade simulates. Zero fields have the meaning that
// is given with them.
type TradeConfig struct {
	File   string    // a want list in TradeMaximizer's format
	Reader io.Reader // or its content; then File is only its name

	MaxRing int     // items per ring, 2 to deal.MaxRingCap; 0: 4
	Jury    int     // jurors per contract, odd; 0: 15
	Seed    uint64  // what is random follows from it
	Vanish  float64 // the share of the people in rings who stop for ever, 0 to 1
	Corrupt int     // jurors of the roll that lie, 0 to f = (Jury-1)/2

	Keep     string    // a folder for the contract files and the report; "": the report only, in the current folder
	NoReport bool      // write no report
	Out      io.Writer // the table; nil: nothing
	JSON     bool      // Out gets the report as one line, and Progress the table
	Progress io.Writer // what is being done; nil: os.Stderr

	horizon sxp.Duration  // D of the roll; 0: simHorizon. Tests set less
	lies    []lie         // dealt out to corrupt jurors; nil: lies. Tests set one
	finds   bool          // the hub proposes rings by itself. Churn sets it
	deals   *market.Deals // what the market declares; nil: nothing. Churn sets it
	apart   bool          // machines do not share what they have verified. Benchmarks set it
}

// A TradeReport says what came of a want list. Its JSON is the last line of
// `sxp world --trade FILE --json`. Rings is the sum of CompletedDirect,
// CompletedByJury and Void. Everything but Seconds and PeakMiB follows from
// the list, the seed and the options.
type TradeReport struct {
	People          int         `json:"people"`            // of the list; an item without a named owner is its own person
	Items           int         `json:"items"`             // of the list
	Rings           int         `json:"rings"`             // found, hence contracts proposed
	RingLengths     map[int]int `json:"ring_lengths"`      // rings by items
	CompletedDirect int         `json:"completed_direct"`  // signed by all, and no juror ever got a claim
	CompletedByJury int         `json:"completed_by_jury"` // complete, after a juror got a claim
	Void            int         `json:"void"`              // nobody holds a contract
	Unfair          int         `json:"unfair"`            // an honest party lacks a result that somebody holds; must be 0
	Verified        int         `json:"verified"`          // contracts whose files verify
	Seconds         float64     `json:"seconds"`           // of real time
	PeakMiB         float64     `json:"peak_mib"`          // of this process

	Detail TradeDetail `json:"-"`
}

// A TradeDetail is what the report on a trade shows besides the figures.
type TradeDetail struct {
	Name       string // of the list
	Wants      int
	Groups     int
	Roll       int      // jurors on the roll
	Lies       []string // of the corrupt jurors, in the order of the roll
	Signers    int      // people in rings
	Vanished   int      // of them who stopped
	Messages   int64    // requests carried
	Bytes      int64    // of requests and answers
	Simulated  sxp.Duration
	Optimal    bool // no other rings of that length trade more items
	Bound      int  // items that no answer exceeds
	Traded     int  // items in rings
	Completed  int  // items in completed rings
	Outcomes   []RingOutcome
	Complaints []string // of the list, at most ten
	ReportFile string   // "": none was written
	SpentOn    []Phase
}

// A Phase is a part of a run and how long it took.
type Phase struct {
	Name    string
	Seconds float64
}

// The outcomes of a ring.
const (
	Direct = "direct" // signed without a jury
	ByJury = "jury"   // completed by the jury
	Void   = "void"   // nobody is bound
)

// A RingOutcome is what became of one ring.
type RingOutcome struct {
	Contract sxp.Hash // the proposal's digest
	People   []string // who gives, in the order of the ring
	Items    []string // what they give
	To       []string // and to whom
	Absent   []bool   // whether who gives had vanished
	Outcome  string   // Direct, ByJury or Void
	Gone     int      // parties who had vanished
	Unfair   bool
	Verified bool
	Why      string // for people
}

const (
	defaultJury = 15
	fileMode    = 0o644
	dirMode     = 0o755
)

// prepare fills zero fields and refuses what makes no sense.
func (c *TradeConfig) prepare() error {
	const op = "world.Trade"
	if c.MaxRing == 0 {
		c.MaxRing = deal.DefaultMaxRing
	}
	if c.Jury == 0 {
		c.Jury = defaultJury
	}
	if c.Progress == nil {
		c.Progress = os.Stderr
	}
	if c.horizon == 0 {
		c.horizon = simHorizon
	}
	if c.lies == nil {
		c.lies = lies()
	}
	f := (c.Jury - 1) / 2
	switch {
	case c.MaxRing < 2 || c.MaxRing > sxp.MaxParties:
		return sxp.Errorf(op, sxp.Invalid, nil, "rings have 2 to %d items, not at most %d", sxp.MaxParties, c.MaxRing)
	case c.Jury < 1 || c.Jury > sxp.MaxJury || c.Jury%2 == 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "a jury has an odd number of 1 to %d jurors, not %d", sxp.MaxJury, c.Jury)
	case c.Vanish < 0 || c.Vanish > 1:
		return sxp.Errorf(op, sxp.Invalid, nil, "the share of people who vanish is 0 %% to 100 %%, not %.0f %%", 100*c.Vanish)
	case c.Corrupt < 0 || c.Corrupt > f:
		return sxp.Errorf(op, sxp.Invalid, nil, "a jury of %d stands up to f = %d corrupt jurors, not %d", c.Jury, f, c.Corrupt)
	}
	return nil
}

// rollSize is how many jurors the roll lists: half as many again as a jury,
// so that there is something to draw from.
func (c *TradeConfig) rollSize() int { return c.Jury + c.Jury/2 }

// read reads the want list.
func (c *TradeConfig) read() (*tm.List, error) {
	r := c.Reader
	if r == nil {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, sxp.Errorf("world.Trade", sxp.NotFound, nil, "the want list cannot be read: %w", err)
		}
		defer f.Close()
		r = f
	}
	l, err := tm.Read(r, tm.Settings{Strict: true})
	if err != nil {
		return nil, err
	}
	if len(l.Items) == 0 {
		return nil, sxp.Errorf("world.Trade", sxp.Invalid, nil, "%s has no want list in it", c.name())
	}
	return l, nil
}

func (c *TradeConfig) name() string {
	if c.File == "" {
		return "the list"
	}
	return filepath.Base(c.File)
}

// Trade carries a want list through the product in simulated time: everybody
// announces, rings are found and proposed, people sign, some vanish, some
// jurors lie. It fails where the list cannot be read, where ctx ends, and
// where the simulation itself breaks; an unfair outcome is no failure but a
// figure of the report.
func Trade(ctx context.Context, cfg TradeConfig) (*TradeReport, error) {
	start := time.Now()
	if err := cfg.prepare(); err != nil {
		return nil, err
	}
	list, err := cfg.read()
	if err != nil {
		return nil, err
	}
	show := newProgress(cfg.Progress)
	defer show.close()
	s, err := newSim(ctx, cfg, list, show)
	if err != nil {
		return nil, err
	}
	defer s.close()
	rep, err := s.run(ctx)
	if err != nil {
		return nil, err
	}
	show.close()
	rep.Seconds, rep.PeakMiB = time.Since(start).Seconds(), peak.MiB()
	rep.Detail.SpentOn = show.phases()
	if !cfg.NoReport {
		if rep.Detail.ReportFile, err = writeReport(cfg, rep); err != nil {
			return nil, err
		}
	}
	if cfg.Out == nil {
		return rep, nil
	}
	if !cfg.JSON {
		return rep, writeTable(cfg.Out, cfg, rep)
	}
	if err := writeTable(cfg.Progress, cfg, rep); err != nil {
		return nil, err
	}
	return rep, writeJSON(cfg.Out, rep)
}
