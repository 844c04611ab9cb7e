package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/market"
	"sxp/relay"
)

const (
	// idleStep is how long Run sleeps where nothing is due and nobody rings.
	idleStep = 30 * sxp.Second

	// lookEvery is how often Run looks for new relays to listen at.
	lookEvery = 2 * time.Second

	// retryStep is how long Run waits where the store had no room.
	retryStep = 10 * time.Second
)

// Step does one round: takes mail and records, lets every deal move on, and
// sends what waits. It returns when it wants to be called again at the latest.
// A node that cannot be reached does not fail the round; Trouble tells.
func (a *Agent) Step(ctx context.Context) (sxp.Time, error) {
	end, err := a.begin()
	if err != nil {
		return 0, err
	}
	defer end()
	if err := errors.Join(a.renew(), a.tidy()); err != nil {
		return 0, err
	}
	for _, do := range []func(context.Context) error{a.startDeals, a.republish, a.pullMail, a.pull, a.tick, a.noteDevice, a.heedNotices} {
		if err := do(ctx); err != nil {
			return 0, err
		}
	}
	copyAt, err := a.backUp(ctx)
	if err != nil {
		return 0, err
	}
	next, err := a.flush(ctx)
	if err != nil {
		return 0, err
	}
	a.leaveCard(ctx)
	now := a.now()
	next = earliest(earliest(next, copyAt), now.Add(a.cfg.Poll))
	for _, l := range a.liveDeals() {
		next = earliest(next, l.s.Next())
		if l.rec.State == dealAccepted {
			a.noteBlocked(l)
		}
		if open(l) {
			next = earliest(next, now.Add(a.rest(l)))
		}
	}
	return max(next, now+1), nil
}

// rest is how long an open deal may go without a look: a fraction of its
// agent's patience, since a relay's bell may fail. Where Poll is longer than
// usual, whoever set it rings.
func (a *Agent) rest(l *live) sxp.Duration {
	if a.cfg.Poll > idleStep {
		return a.cfg.Poll
	}
	return min(max(l.s.Proposal().Patience/8, 20*sxp.Millisecond), a.cfg.Poll)
}

// open reports whether a deal still waits for others.
func open(l *live) bool {
	switch l.rec.State {
	case dealAccepted, dealPromised, dealUnsettled:
		return true
	}
	return false
}

// renew replaces the own card when its week has passed.
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

// tick tells every deal that wants it the time, in a fixed order.
func (a *Agent) tick(ctx context.Context) error {
	for _, l := range a.liveDeals() {
		if next := l.s.Next(); next == 0 || a.now() < next {
			continue
		}
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
		a.log.Error("a deal does not move on", "deal", l.id, "err", err)
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
	slices.SortFunc(out, func(x, y *live) int { return x.number - y.number })
	return out
}

// Run steps until ctx ends or the agent is closed: when a deal wants it, when
// an operation asks for it, and when a relay says that something has come. It
// fails only where the agent's own store does, and a store without room is
// tried again.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var listening sync.WaitGroup
	listening.Go(func() { a.listen(ctx) })
	defer listening.Wait()
	defer cancel(nil)
	for {
		next, err := a.Step(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		pause := next.Sub(a.now()).Std()
		switch {
		case errors.Is(err, sxp.Full):
			a.log.Error("there is no room to store what has come: make room", "err", err)
			pause = retryStep
		case err != nil:
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-a.done:
			timer.Stop()
			return nil
		case <-a.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// listen keeps a listener at each relay in use and at each market's mail, and
// nudges Run when something comes.
func (a *Agent) listen(ctx context.Context) {
	at := map[string]context.CancelFunc{}
	var hearing sync.WaitGroup
	defer hearing.Wait()
	for {
		now := a.bells()
		for name, hear := range now {
			if at[name] == nil {
				sub, stop := context.WithCancel(ctx)
				at[name] = stop
				hearing.Go(func() { hear(sub) })
			}
		}
		for name, stop := range at {
			if now[name] == nil {
				stop()
				delete(at, name)
			}
		}
		select {
		case <-ctx.Done():
			for _, stop := range at {
				stop()
			}
			return
		case <-time.After(lookEvery):
		}
	}
}

// bells returns what Run has to listen to, by a name that stays the same.
func (a *Agent) bells() map[string]func(context.Context) {
	out := map[string]func(context.Context){}
	if _, relays, err := a.sources(); err == nil {
		for _, at := range relays {
			var after relay.Stamp
			out["relay "+at.String()] = func(ctx context.Context) {
				a.hear(ctx, at.URL, func(ctx context.Context) error {
					c := relay.NewClient(a.patient(at), a.id, at.ID, a.now, a.cfg.Rand)
					return c.Listen(ctx, after, func(p relay.Page) error {
						after = p.Next
						a.nudge()
						return nil
					})
				})
			}
		}
	}
	list, err := a.memberships()
	if err != nil {
		return out
	}
	for _, m := range list {
		at, err := m.node()
		if err != nil {
			continue
		}
		client := market.NewClient(a.patient(at), a.id, at.ID, m.ID, a.now, a.cfg.Rand)
		var after uint64
		out["market "+m.ID.String()+sxp.Sum(m.Charter).String()] = func(ctx context.Context) {
			a.hear(ctx, m.Name, func(ctx context.Context) error {
				letters, _, err := client.AwaitMail(ctx, after, relay.MaxWait)
				for _, l := range letters {
					after = max(after, l.Seq)
				}
				if len(letters) > 0 {
					a.nudge()
				}
				return err
			})
		}
	}
	return out
}

// hear calls f again and again until ctx ends, with a growing pause while f
// fails.
func (a *Agent) hear(ctx context.Context, where string, f func(context.Context) error) {
	pause := time.Second
	for ctx.Err() == nil {
		err := f(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			pause = time.Second
			continue
		}
		if !errors.Is(err, context.Canceled) {
			a.log.Debug("listening ended", "at", where, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Minute)
	}
}
