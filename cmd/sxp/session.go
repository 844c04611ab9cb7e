package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/control"
	"sxp/cmd/sxp/internal/home"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
)

// rounds says what a command that opens the home itself does besides its
// operation. Where an agent runs, the agent does both all the time.
type rounds int

const (
	local rounds = 0
	pull  rounds = 1 // first get what has arrived
	push  rounds = 2 // then send what is to be sent
)

// do asks the agent of the home for one operation: the agent that runs, or one
// that is opened just for this.
func do[Out any](ctx context.Context, a *app, r rounds, op string, in any) (out Out, err error) {
	err = a.with(ctx, r, func(d agent.Doer) error {
		out, err = agent.Call[Out](ctx, d, op, in)
		return err
	})
	return out, err
}

// with calls f with the agent of the home.
func (a *app) with(ctx context.Context, r rounds, f func(agent.Doer) error) error {
	running, o, err := a.enter(ctx, discard())
	if err != nil {
		return err
	}
	if running != nil {
		defer running.Close()
		if r&pull != 0 {
			a.refresh(ctx, running)
		}
		if err := f(running); err != nil {
			return err
		}
		if r&push != 0 {
			a.refresh(ctx, running)
		}
		return nil
	}
	defer o.close()
	if r&pull != 0 {
		a.step(ctx, o.agent)
	}
	if err := f(served{o.agent}); err != nil {
		return err
	}
	if r&push != 0 {
		a.step(ctx, o.agent)
	}
	return nil
}

// opRefresh is the operation to do a round now, and say which nodes did not
// answer.
const opRefresh = "refresh"

// troubles are what people should know of a round: a line for each node.
type troubles struct {
	Lines []string `json:"lines"`
}

// served is an agent as other commands of the home see it.
type served struct{ *agent.Agent }

// round lets the agent do one round. A node that cannot be reached is no
// reason to fail a command that works on what is here, but the person is told.
func round(ctx context.Context, g *agent.Agent) (lines []string) {
	if _, err := g.Step(ctx); err != nil && ctx.Err() == nil {
		lines = append(lines, explain(err))
	}
	s, err := agent.Call[agent.Status](ctx, g, "status", agent.None{})
	if err != nil {
		return append(lines, explain(err))
	}
	for _, t := range distinct(s.Trouble) {
		lines = append(lines, trouble(t))
	}
	return lines
}

// distinct leaves out what a market's node does not answer where the same node
// is named already.
func distinct(all []agent.TroubleView) (some []agent.TroubleView) {
	for _, t := range all {
		if !slices.ContainsFunc(some, func(s agent.TroubleView) bool { return s.Text == t.Text }) {
			some = append(some, t)
		}
	}
	return some
}

// trouble is one line about a node that does not answer as it should.
func trouble(t agent.TroubleView) string {
	line := t.Text
	if !strings.Contains(line, t.Node) {
		line = t.Node + ": " + line
	}
	if t.Todo != "" {
		line += "; " + t.Todo
	}
	return line
}

// step is round, told to the person.
func (a *app) step(ctx context.Context, g *agent.Agent) { a.tell(round(ctx, g)) }

// refresh is step for an agent of another process.
func (a *app) refresh(ctx context.Context, d agent.Doer) {
	t, err := agent.Call[troubles](ctx, d, opRefresh, agent.None{})
	if err != nil {
		t.Lines = []string{explain(err)}
	}
	a.tell(t.Lines)
}

func (a *app) tell(lines []string) {
	for _, line := range lines {
		if slices.Contains(a.told, line) {
			continue
		}
		a.told = append(a.told, line)
		if !a.quiet {
			a.note("%s", show.Line(line))
		}
	}
}

// running returns the agent that runs on the home, or nil where none does.
func (a *app) running(ctx context.Context) (*control.Client, error) {
	dir, err := a.homeDir()
	if err != nil {
		return nil, err
	}
	c, err := control.Dial(ctx, home.Socket(dir))
	if errors.Is(err, sxp.NotFound) {
		return nil, nil
	}
	return c, err
}

// enter returns the agent that runs on the home, or else the home opened in
// this process. While another process has the home without serving it, which
// a command does for a moment, it tries again.
func (a *app) enter(ctx context.Context, log *slog.Logger) (*control.Client, *opened, error) {
	for end := time.Now().Add(a.patience); ; {
		c, err := a.running(ctx)
		if err != nil || c != nil {
			return c, nil, err
		}
		o, err := a.open(ctx, log)
		if err == nil || !errors.Is(err, sxp.Busy) || time.Now().After(end) {
			return nil, o, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, context.Canceled
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// opened is a home with its agent in this process.
type opened struct {
	home  *home.Home
	agent *agent.Agent
}

// open opens the home in this process.
func (a *app) open(ctx context.Context, log *slog.Logger) (*opened, error) {
	dir, err := a.homeDir()
	if err != nil {
		return nil, err
	}
	h, err := home.Open(dir, func() ([]byte, error) { return a.passphrase(ctx, "Passphrase: ") })
	if err != nil {
		return nil, err
	}
	g, err := agent.Open(a.config(h, log))
	if err != nil {
		h.Close()
		return nil, err
	}
	return &opened{h, g}, nil
}

func (o *opened) close() error { return errors.Join(o.agent.Close(), o.home.Close()) }

// config wires an agent to a home, the clock and the network.
func (a *app) config(h *home.Home, log *slog.Logger) agent.Config {
	return agent.Config{
		Root:  h.Root,
		Store: h.Store,
		Once:  h.Once,
		Dial:  dial,
		Now:   a.now,
		Rand:  rand.Reader,
		Log:   log,
		// The agent adds the rolls of the markets that the person joins.
		Limits: contract.DefaultLimits(),
		Device: deviceName(),
	}
}

// deviceName is what this machine is called, for the person's other devices.
func deviceName() string {
	name, err := os.Hostname()
	if err != nil {
		return "a computer"
	}
	return name
}

// discard is the log of commands that end soon: their errors are printed.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// logger returns the log of a process that runs on: text or JSON lines on
// standard error.
func logger(w io.Writer, format string, debug bool) (*slog.Logger, error) {
	options := &slog.HandlerOptions{}
	if debug {
		options.Level = slog.LevelDebug
	}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, usagef("--log is text or json, not %q", format)
}
