package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/relay"
)

const (
	// requestTimeout bounds one request to a node, so that a silent one does
	// not keep the agent from the others.
	requestTimeout = 10 * time.Second

	// idleStep is how long Run sleeps where nothing is due and nobody rings.
	idleStep = 30 * sxp.Second

	// busyStep is the longest sleep while a deal is open: mail and records
	// also come from nodes that cannot ring.
	busyStep = 2 * sxp.Second
)

// Step does one round: takes mail and records, lets every deal move on, and
// sends what waits. It returns when it wants to be called again at the latest.
// A node that cannot be reached does not fail the round; Trouble tells.
func (a *Agent) Step(ctx context.Context) (sxp.Time, error) {
	a.stepping.Lock()
	defer a.stepping.Unlock()
	if err := a.renew(); err != nil {
		return 0, err
	}
	for _, do := range []func(context.Context) error{a.startDeals, a.republish, a.pullMail, a.pull, a.tick} {
		if err := do(ctx); err != nil {
			return 0, err
		}
	}
	if err := errors.Join(a.refreshVault(), a.backUp(ctx)); err != nil {
		return 0, err
	}
	next, err := a.flush(ctx)
	if err != nil {
		return 0, err
	}
	now := a.now()
	next = earliest(next, now.Add(idleStep))
	for _, l := range a.liveDeals() {
		next = earliest(next, l.s.Next())
		if open(l) {
			next = earliest(next, now.Add(a.rest(l)))
		}
	}
	return max(next, now+1), nil
}

// rest is how long an open deal may go without a look: a fraction of its
// agent's patience.
func (a *Agent) rest(l *live) sxp.Duration {
	return min(max(l.s.Proposal().Patience/8, 20*sxp.Millisecond), busyStep)
}

// open reports whether a deal still waits for others.
func open(l *live) bool {
	switch l.rec.State {
	case dealAccepted, dealPromised, dealUnsettled:
		return true
	}
	return false
}

// renew replaces the own card when its keys are about to run out, or when its
// week has passed.
func (a *Agent) renew() error {
	p, err := a.profile()
	if err != nil || a.now() < p.Renew {
		return err
	}
	return a.mem.update(func(t *tx) error {
		if err := a.renewCard(t, &p); err != nil {
			return err
		}
		return a.tellCard(t, &p, nil)
	})
}

// startDeals gives every restored machine its first event, once all are there.
func (a *Agent) startDeals(ctx context.Context) error {
	for _, l := range a.liveDeals() {
		if l.started {
			continue
		}
		l.started = true
		if err := a.move(ctx, l, contract.Start{Now: a.now()}); err != nil {
			return err
		}
	}
	return nil
}

// tick tells every deal the time, in a fixed order.
func (a *Agent) tick(ctx context.Context) error {
	for _, l := range a.liveDeals() {
		if err := a.move(ctx, l, contract.Tick{Now: a.now()}); err != nil {
			return err
		}
	}
	return nil
}

// move applies an event of time; only a failure of the own store ends the round.
func (a *Agent) move(ctx context.Context, l *live, ev contract.Event) error {
	err := a.apply(ctx, l, ev)
	if isLocal(err) {
		return err
	}
	if err != nil {
		a.log.Error("a deal does not move on", "deal", l.rec.ID, "err", err)
	}
	return nil
}

// liveDeals returns the machines by number.
func (a *Agent) liveDeals() []*live {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]*live, 0, len(a.live))
	for _, l := range a.live {
		out = append(out, l)
	}
	slices.SortFunc(out, func(x, y *live) int { return x.rec.Number - y.rec.Number })
	return out
}

// Run steps until ctx ends: when a deal wants it, when an operation asks for
// it, and when a relay says that something has come. It fails only where the
// agent's own store does.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go a.listen(ctx)
	for {
		next, err := a.Step(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		timer := time.NewTimer(next.Sub(a.now()).Std())
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-a.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// listen keeps a listener at each relay in use and nudges Run when something
// comes.
func (a *Agent) listen(ctx context.Context) {
	at := map[relay.Address]context.CancelFunc{}
	for {
		_, relays, err := a.sources()
		if err == nil {
			for _, r := range relays {
				if at[r] == nil {
					sub, stop := context.WithCancel(ctx)
					at[r] = stop
					go a.listenAt(sub, r)
				}
			}
			for r, stop := range at {
				if !slices.Contains(relays, r) {
					stop()
					delete(at, r)
				}
			}
		}
		select {
		case <-ctx.Done():
			for _, stop := range at {
				stop()
			}
			return
		case <-time.After(busyStep.Std()):
		}
	}
}

func (a *Agent) listenAt(ctx context.Context, at relay.Address) {
	var after relay.Stamp
	pause := time.Second
	for ctx.Err() == nil {
		err := a.relayAt(at).Listen(ctx, after, func(p relay.Page) error {
			after, pause = p.Next, time.Second
			a.nudge()
			return nil
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			a.log.Debug("listening ended", "relay", at.URL, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Minute)
	}
}

// Trouble says which nodes did not answer in the last round, and why: for the
// person, who may have set a clock wrong or lost the network.
func (a *Agent) Trouble() map[string]error {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]error{}
	for where, err := range a.trouble {
		out[where] = err
	}
	return out
}

// noteNode remembers whether a node answered, and logs when that changes.
func (a *Agent) noteNode(where string, err error) {
	a.mu.Lock()
	before := a.trouble[where]
	if err == nil {
		delete(a.trouble, where)
	} else {
		a.trouble[where] = err
	}
	a.mu.Unlock()
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		a.log.Warn("a node cannot be used now", "node", where, "err", err)
	case err == nil && before != nil:
		a.log.Info("a node answers again", "node", where)
	}
}
