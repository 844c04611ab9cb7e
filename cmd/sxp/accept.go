package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/control"
	"sxp/cmd/sxp/internal/home"
	"sxp/cmd/sxp/internal/show"
)

// lookEvery is how often accept looks at its deal. It asks a process of the
// same machine.
const lookEvery = 100 * time.Millisecond

func (a *app) acceptCmd() *cobra.Command {
	var detach bool
	cmd := &cobra.Command{
		Use:   "accept NUMBER",
		Short: "Say yes to a deal, and stay until all have signed or nobody is bound",
		Long: `Accept says yes. When everybody has, your agent promises, and signs as soon as
it is safe. Accept stays and tells what happens until the contract is signed or
void; it exits 1 if it is not signed. With --detach it returns at once: then run
` + "`sxp agent`" + `, or your agent misses the time to sign. If one runs, it does the
work, and accept may be interrupted.`,
		Example: "  sxp accept 1\n  sxp accept 1 --detach",
		Args:    args(1, 1, "the number from `sxp deals`"),
	}
	cmd.Flags().BoolVar(&detach, "detach", false, "do not stay")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		ref := agent.DealRef{Deal: given[0]}
		if detach {
			d, err := do[agent.DealView](cmd.Context(), a, pull|push, "accept", ref)
			if err != nil {
				return err
			}
			return a.answer(d, func(w io.Writer) error {
				if decided(d) {
					_, err := fmt.Fprintf(w, "Deal %d is %s.\n", d.Number, show.Line(state(d)))
					return err
				}
				_, err := fmt.Fprintf(w, "Deal %d is %s. Keep `sxp agent` running: all have to sign %s. `sxp deals %d` tells how it goes.\n",
					d.Number, d.State, within(a.now(), d.SignBefore), d.Number)
				return err
			})
		}
		return a.stay(cmd.Context(), func(ctx context.Context, g agent.Doer) error {
			d, err := agent.Call[agent.DealView](ctx, g, "accept", ref)
			if err != nil {
				return err
			}
			return a.await(ctx, g, d)
		})
	}
	return cmd
}

// stay calls f with an agent that keeps running: the one of the home, or one
// that this process runs, and serves to other commands, until f returns.
func (a *app) stay(ctx context.Context, f func(context.Context, agent.Doer) error) error {
	running, o, err := a.enter(ctx, discard())
	if err != nil {
		return err
	}
	if running != nil {
		defer running.Close()
		a.refresh(ctx, running)
		return f(ctx, running)
	}
	defer o.close()
	a.step(ctx, o.agent)
	return o.serve(ctx, func(ctx context.Context) error { return f(ctx, o.agent) })
}

// serve runs the agent and its socket until f returns or one of them fails.
func (o *opened) serve(ctx context.Context, f func(context.Context) error) error {
	l, err := control.Listen(home.Socket(o.home.Dir))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 2)
	go func() { defer stop(); ended <- o.agent.Run(ctx) }()
	go func() { defer stop(); ended <- control.Serve(ctx, l, served{o.agent}) }()
	err = f(ctx)
	stop()
	var failed error
	for range 2 {
		if e := <-ended; e != nil && !errors.Is(e, context.Canceled) {
			failed = errors.Join(failed, e)
		}
	}
	if failed != nil { // why f was stopped, if it was
		return failed
	}
	return err
}

// await tells what happens to a deal until it is decided.
func (a *app) await(ctx context.Context, g agent.Doer, d agent.DealView) error {
	shown := 0
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	if !a.json && !decided(d) {
		a.note("deal %d: all have to sign %s. You may stop this: then run `sxp agent` in time.", d.Number, within(a.now(), d.SignBefore))
	}
	for {
		for ; shown < len(d.Events) && !a.json; shown++ {
			fmt.Fprintf(a.err, "%s  %s\n", d.Events[shown].At.Std().Local().Format("15:04:05.000"), show.Line(d.Events[shown].Text))
		}
		if decided(d) {
			return a.decision(d)
		}
		select {
		case <-ctx.Done():
			return &outcome{Text: fmt.Sprintf("stopped while deal %d is %s: run `sxp agent` before %s, or your part is missing", d.Number, d.State, show.Clock(d.SignBefore))}
		case <-tick.C:
		}
		next, err := agent.Call[agent.DealView](ctx, g, "deal", agent.DealRef{Deal: d.ID.String()})
		if err != nil {
			return err
		}
		d = next
	}
}

// within says how long there is time until t.
func within(now, t sxp.Time) string {
	if t <= now {
		return "now"
	}
	return "within " + show.Span(t.Sub(now))
}

// decided reports whether there is nothing left to wait for. What is unsettled
// may still be completed by the others, at any time.
func decided(d agent.DealView) bool {
	switch d.State {
	case "signed", "void", "unsettled", "expired", "declined", "refused":
		return true
	}
	return false
}

// decision prints the outcome; all but a signed contract is exit code 1.
func (a *app) decision(d agent.DealView) error {
	if a.json {
		if err := a.print(d); err != nil {
			return err
		}
	}
	if d.State == "unsettled" {
		return &outcome{Text: fmt.Sprintf("deal %d is unsettled: the jury will not complete it, but your signature is out, so somebody may hold the whole contract. Keep `sxp agent` running: it asks the others", d.Number)}
	}
	if d.State != "signed" {
		return &outcome{Text: fmt.Sprintf("deal %d is %s%s: nobody is bound", d.Number, d.State, because(show.Line(d.Why)))}
	}
	by := "all have signed"
	switch {
	case d.ByJury && d.Notary:
		by = "the notary completed it"
	case d.ByJury:
		by = "the jury completed it"
	}
	a.say("Signed: %s (%s).\nNext: `sxp contracts %d --file FILE` writes the contract; `sxp verify FILE` checks it anywhere.%s", ring(d), by, d.Number, opens(d))
	return nil
}

// opens says how to read what a signed deal opens for this person; "" where
// there is nothing of the kind.
func opens(d agent.DealView) string {
	for _, t := range d.Transfers {
		if t.Secret && t.MineTo && d.State == "signed" {
			return fmt.Sprintf("\nWhat was sealed is yours: `sxp secret open %d` shows it.", d.Number)
		}
	}
	return ""
}
