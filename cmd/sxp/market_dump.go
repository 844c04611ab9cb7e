package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/contract/draft"
	"sxp/deal"
	"sxp/deal/lot"
	"sxp/deal/solver"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// maxDumpLine is the longest line of a dump: the largest message, in base64 and
// once more as JSON.
const maxDumpLine = 8 << 20

// A dumpLine is one verified record as it is printed.
type dumpLine struct {
	Seq     uint64          `json:"seq"`
	Class   market.Class    `json:"class"`
	ID      *market.ItemID  `json:"id,omitempty"`
	Message json.RawMessage `json:"message,omitempty"` // its JSON view
	Raw     sxp.Bytes       `json:"raw,omitempty"`     // the signed bytes, with --raw or where there is no view
}

// dumping is one call of market dump.
type dumping struct {
	a       *app
	link    market.Link
	live    bool
	raw     bool
	problem bool
	free    bool
	after   uint64
}

func (a *app) marketDumpCmd() *cobra.Command {
	d := dumping{a: a}
	cmd := &cobra.Command{
		Use:   "dump [MARKET|LINK]",
		Short: "Print a market's board, or the problem that solvers solve",
		Long: `Dump prints everything public on a market's board, one JSON value on each line,
oldest first; every message was verified. With a link nobody needs to join, or
to have keys at all. With --live it goes on with what comes. With --problem it
prints what is live as one problem for solvers instead (` + "`sxp solver`" + `).`,
		Example: `  sxp market dump 1 > board.ndjson
  sxp market dump 'sxp:market?id=sxp1…' --live
  sxp market dump 1 --problem > problem.json`,
		Args: args(0, 1, ""),
	}
	f := cmd.Flags()
	f.BoolVar(&d.live, "live", false, "go on with what comes")
	f.BoolVar(&d.raw, "raw", false, "print the signed bytes, not what they say")
	f.BoolVar(&d.problem, "problem", false, "print the problem that the board is now")
	f.BoolVar(&d.free, "free", false, "with --problem: ask the node, which leaves out what open proposals hold")
	f.Uint64Var(&d.after, "after", 0, "only what came after this `place` on the board")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if d.problem && (d.live || d.raw || d.after > 0) {
			return usagef("--problem goes without --live, --raw and --after")
		}
		if d.free && !d.problem {
			return usagef("--free goes with --problem")
		}
		var err error
		if d.link, err = a.marketLink(cmd, given); err != nil {
			return err
		}
		return d.run(cmd.Context())
	}
	return cmd
}

// marketLink is the link to the market that a person means: a link, for which
// nobody needs a home, or one that they have joined.
func (a *app) marketLink(cmd *cobra.Command, given []string) (market.Link, error) {
	if len(given) == 1 && strings.HasPrefix(given[0], "sxp:") {
		return market.ParseLink(given[0])
	}
	all, err := a.markets(cmd)
	if err != nil {
		return market.Link{}, err
	}
	m, err := pick(all, given)
	if err != nil {
		return market.Link{}, err
	}
	return market.ParseLink(m.Link)
}

// Market lets a dump be verified as what a market's client reads.
func (d *dumping) Market() sxp.ID { return d.link.Market }

func (d *dumping) run(ctx context.Context) error {
	if d.free {
		return d.printFree(ctx)
	}
	if d.problem {
		return d.printProblem(ctx)
	}
	out := bufio.NewWriter(d.a.out)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	types := market.Types()
	return d.read(ctx, func(l market.Listing) error {
		line := dumpLine{Seq: l.Seq, Class: l.Class}
		if !l.ID.IsZero() {
			line.ID = &l.ID
		}
		if !d.raw {
			line.Message, _ = envelope.ToJSON(l.Raw, types)
		}
		if line.Message == nil {
			line.Raw = l.Raw
		}
		if err := e.Encode(line); err != nil {
			return err
		}
		if d.live {
			return out.Flush()
		}
		return nil
	}, out.Flush)
}

// printProblem prints what is live on the board as a problem.
func (d *dumping) printProblem(ctx context.Context) error {
	var copied *draft.Board
	var charter market.Charter
	var all []market.Listing
	err := d.read(ctx, func(l market.Listing) error {
		if l.Charter != nil && (copied == nil || l.Charter.Seq >= charter.Seq) {
			charter = *l.Charter
			copied = draft.NewBoard(charter)
		}
		all = append(all, l)
		return nil
	}, func() error { return nil })
	if err != nil {
		return err
	}
	if copied == nil {
		return sxp.Errorf("sxp.market", sxp.NotFound, d.link.Market, "the board has no charter")
	}
	for _, l := range all {
		if err := copied.Apply(l); err != nil {
			return err
		}
	}
	opt := draft.OptionsOf(charter)
	p, err := draft.Picture(d.a.now(), opt, copied)
	if err != nil {
		return err
	}
	m := solver.NewMarket(p, deal.Options{MaxRing: max(opt.MaxRing, 0), MaxChain: opt.MaxChain, Goals: opt.Goals})
	if opt.MaxRing == 0 {
		m.Problem.Options.MaxRing = deal.DefaultMaxRing
	}
	m.Problem.Title = charter.Name
	raw, err := m.Problem.Encode()
	if err != nil {
		return err
	}
	_, err = d.a.out.Write(raw)
	return err
}

// read fetches the board and calls each for every record that verifies, and
// pause where no more is there now.
func (d *dumping) read(ctx context.Context, each func(market.Listing) error, pause func() error) error {
	const op = "sxp.market"
	address := d.address("board") + "?after=" + strconv.FormatUint(d.after, 10)
	if d.live {
		address += "&live=1"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "%w", err)
	}
	return d.fetch(req, http.StatusOK, func(body io.Reader) error { return d.lines(ctx, body, each, pause) })
}

// address is where the market's node has something for everybody.
func (d *dumping) address(what string) string {
	return d.link.Node.Address + relayhttp.Path + "/market/" + d.link.Market.String() + "/" + what
}

// printFree prints the problem that the node publishes.
func (d *dumping) printFree(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address("problem"), nil)
	if err != nil {
		return sxp.Errorf("sxp.market", sxp.Invalid, nil, "%w", err)
	}
	return d.fetch(req, http.StatusOK, func(body io.Reader) error {
		raw, err := io.ReadAll(io.LimitReader(body, lot.MaxBytes+1))
		if err != nil {
			return sxp.Errorf("sxp.market", sxp.Unavailable, nil, "the problem was cut off: %w", err)
		}
		if _, err := lot.DecodeProblem(raw); err != nil {
			return err
		}
		_, err = d.a.out.Write(raw)
		return err
	})
}

// fetch sends a request to the market's node and reads its answer.
func (d *dumping) fetch(req *http.Request, want int, read func(io.Reader) error) error {
	const op = "sxp.market"
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	defer t.CloseIdleConnections()
	res, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return sxp.Errorf(op, sxp.Unavailable, nil, "the node %s cannot be reached: %w", d.link.Node.Address, errors.Unwrap(err))
	}
	defer res.Body.Close()
	if res.StatusCode != want {
		var p relay.Problem
		if err := json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&p); err != nil || p.Kind == "" {
			return sxp.Errorf(op, sxp.Unavailable, nil, "the node %s answers %s", d.link.Node.Address, res.Status)
		}
		return sxp.Errorf(op, p.Kind, nil, "the node says: %s", p.Text)
	}
	return read(res.Body)
}

// lines reads a dump, which must have an end.
func (d *dumping) lines(ctx context.Context, body io.Reader, each func(market.Listing) error, pause func() error) error {
	const op = "sxp.market"
	in := bufio.NewScanner(body)
	in.Buffer(make([]byte, 1<<16), maxDumpLine)
	left := 0
	for in.Scan() {
		var line struct {
			market.Record
			After uint64         `json:"after"`
			End   bool           `json:"end"`
			Error *relay.Problem `json:"error"`
		}
		if err := json.Unmarshal(bytes.TrimSpace(in.Bytes()), &line); err != nil {
			return sxp.Errorf(op, sxp.Invalid, nil, "the node sent a line that is no JSON: %w", err)
		}
		switch {
		case line.Error != nil:
			return sxp.Errorf(op, line.Error.Kind, nil, "the node says: %s", line.Error.Text)
		case line.End:
			if left > 0 {
				d.a.note("%d records were no messages of this market and are left out", left)
			}
			return pause()
		case line.Raw != nil:
			l, err := market.OpenRecord(d, line.Record)
			if err != nil {
				left++
				continue
			}
			if err := each(l); err != nil {
				return err
			}
		default:
			if err := pause(); err != nil {
				return err
			}
		}
	}
	if err := pause(); err != nil || ctx.Err() != nil {
		return err // whoever watches stops when they like
	}
	if in.Err() != nil {
		return sxp.Errorf(op, sxp.Unavailable, nil, "the board was cut off: %w", in.Err())
	}
	return sxp.Errorf(op, sxp.Unavailable, nil, "the board was cut off by the node")
}
