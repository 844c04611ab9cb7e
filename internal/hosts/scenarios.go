//go:build linux

package hosts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sxp/agent"
	"sxp/contract"
)

// Scenarios are all that is lived through, in a good order.
func Scenarios() []Scenario {
	return []Scenario{{
		Name: "honest", Says: "All stay, on a bad line: no juror hears of it.",
		badLine: true, play: honest, check: func(r *Result) error {
			if r.Claims != 0 || !r.Signed() {
				return fmt.Errorf("%d claims, want none; signed: %v", r.Claims, r.Signed())
			}
			return r.want(unaware, Jurors)
		},
	}, {
		Name: "restarts", Says: "Seven jurors are killed when they have just endorsed a claim, and come back.",
		play: restarts, check: byJury(0),
	}, {
		Name: "split", Says: "The jury is parted in seven and eight while a claim is filed with the seven, and heals.",
		play: split, check: byJury(0),
	}, {
		Name: "vanish", Says: "Bob is killed after his promise: the jury completes the contract for all, and he finds it when he is back.",
		Long: true, play: vanish, check: byJury(0),
	}, {
		Name: "silent", Says: "Seven jurors hear and say nothing all the time, and Bob is killed after his promise.",
		Long: true, play: silent, check: byJury(Faults),
	}, {
		Name: "few", Says: "All people and watchers reach only seven jurors, who reach the others, and Bob is killed after his promise.",
		Long: true, play: few, check: byJury(0),
	}, {
		Name: "away", Says: "Bob hears only his watcher from the moment of his release.",
		Long: true, play: away, check: func(r *Result) error {
			for _, o := range r.Outcomes {
				if o.After > shortly { // then it was the jury's time that told him
					return fmt.Errorf("%s heard of it after %v, want before D", o.Person, o.After)
				}
			}
			return signed(r)
		},
	}, {
		Name: "nodes", Says: "The market's node and all watchers are killed in the middle and come back.",
		Long: true, play: nodes, check: signed,
	}, {
		Name: "clocks", Says: "One juror's clock is two days ahead, one's a day behind, and Bob is killed after his promise.",
		play: clocks, check: byJury(2),
	}, {
		Name: "void", Says: "Bob is cut off before he can promise, and the same two clocks are wrong: nobody is bound.",
		Long: true, play: void, check: func(r *Result) error {
			if r.Signed() {
				return errors.New("it is signed without Bob's promise")
			}
			return r.want(contract.Voided, Faults+1)
		},
	}}
}

// Choose returns the scenarios with these names, or without names all; quick
// leaves out those that are Long.
func Choose(names []string, quick bool) ([]Scenario, error) {
	all := Scenarios()
	if len(names) == 0 {
		return slices.DeleteFunc(all, func(s Scenario) bool { return quick && s.Long }), nil
	}
	var some []Scenario
	for _, name := range names {
		i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scenario %q", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

func signed(r *Result) error {
	if !r.Signed() {
		return errors.New("nobody has the contract")
	}
	return nil
}

// byJury wants the contract, completed by the jury, and that all jurors but so
// many say so.
func byJury(but int) func(r *Result) error {
	return func(r *Result) error {
		if !slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.State == "signed" && o.ByJury }) {
			return fmt.Errorf("the jury was not needed: %+v", r.Outcomes)
		}
		return r.want(contract.Completed, min(Jurors-but, r.Fit))
	}
}

// honest is the usual case.
func honest(ctx context.Context, l *Lab, r *Result) error {
	d, err := l.propose(ctx, soon)
	if err == nil {
		err = d.tap(ctx, l.people...)
	}
	if err == nil {
		r.Outcomes, err = d.outcomes(ctx, l.people...)
	}
	return err
}

// leaveBob brings a deal to where Bob has promised to all and released nothing:
// his watcher is down, so he has no receipt. Then he is killed, and his watcher
// is back. The others have released, and will claim.
func (l *Lab) leaveBob(ctx context.Context, within time.Duration) (*deal, error) {
	alice, bob, charlie := l.people[0], l.people[1], l.people[2]
	d, err := l.propose(ctx, within)
	if err != nil {
		return nil, err
	}
	l.down(l.watcherOf(bob))
	if err := d.tap(ctx, alice, charlie, bob); err != nil {
		return nil, err
	}
	for _, p := range []*host{alice, charlie} {
		if err := d.promised(ctx, p, bob); err != nil {
			return nil, err
		}
	}
	v, err := d.view(ctx, bob)
	if err != nil {
		return nil, err
	}
	if did(v, bob, func(x agent.DealParty) bool { return x.Signed }) {
		return nil, errors.New("bob has released without a receipt of his watcher")
	}
	l.down(bob)
	return d, l.back(ctx, l.right, l.watcherOf(bob))
}

// finish collects the outcome of who is there, then brings Bob back for his.
func (d *deal) finish(ctx context.Context, r *Result) error {
	alice, bob, charlie := d.people[0], d.people[1], d.people[2]
	some, err := d.outcomes(ctx, alice, charlie)
	if err != nil {
		return err
	}
	if err := d.back(ctx, d.right, bob); err != nil {
		return err
	}
	late, err := d.outcomes(ctx, bob)
	r.Outcomes = append(some, late...)
	return err
}

func vanish(ctx context.Context, l *Lab, r *Result) error {
	d, err := l.leaveBob(ctx, soon)
	if err != nil {
		return err
	}
	return d.finish(ctx, r)
}

// restarts kills f jurors, each a little later after its endorsement than the
// one before: the first before anything has left it, the last with its shares
// on the way.
func restarts(ctx context.Context, l *Lab, r *Result) error {
	var mu sync.Mutex
	var killed []*host
	var dying sync.WaitGroup
	l.onClaim(func(j *host) {
		mu.Lock()
		defer mu.Unlock()
		if len(killed) == Faults {
			return
		}
		after := time.Duration(len(killed)) * 30 * time.Millisecond
		killed = append(killed, j)
		dying.Go(func() {
			if pause(ctx, after) == nil {
				l.down(j)
			}
		})
	})
	d, err := l.leaveBob(ctx, soon)
	if err != nil {
		return err
	}
	for n := 0; n < Faults; {
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("%d jurors have endorsed a claim: %w", n, err)
		}
		mu.Lock()
		n = len(killed)
		mu.Unlock()
	}
	dying.Wait()
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	if err := l.back(ctx, l.right, killed...); err != nil {
		return err
	}
	return d.finish(ctx, r)
}

// split files the claim with a minority: its seven shares are one short. The
// others must learn of it in time once they hear the seven again.
func split(ctx context.Context, l *Lab, r *Result) error {
	few, many := l.jurors[:Faults], l.jurors[Faults:]
	outside := slices.Concat(l.people, l.watchers, []*host{l.hub})
	l.note("", "the jury is parted: %d that people reach | %d", len(few), len(many))
	l.router.wire.part(numbers(few...), numbers(many...))
	l.router.wire.part(numbers(outside...), numbers(many...))
	claimed := make(chan struct{}, Jurors)
	l.onClaim(func(*host) { claimed <- struct{}{} })
	d, err := l.leaveBob(ctx, soon)
	if err != nil {
		return err
	}
	for range few {
		select {
		case <-claimed:
		case <-ctx.Done():
			return fmt.Errorf("the few have endorsed no claim: %w", ctx.Err())
		}
	}
	if err := pause(ctx, Delta.Std()/2); err != nil {
		return err
	}
	for _, p := range []*host{l.people[0], l.people[2]} {
		if v, err := d.view(ctx, p); err != nil || v.State == "signed" {
			return fmt.Errorf("%s is %q with %d of %d shares, %v", p.name, v.State, Faults, Faults+1, err)
		}
	}
	l.note("", "the jury is whole again")
	l.router.wire.heal()
	return d.finish(ctx, r)
}

// silent cuts off f jurors as a firewall does: what is sent to them is lost
// without a word.
func silent(ctx context.Context, l *Lab, r *Result) error {
	mute, rest := l.jurors[:Faults], slices.DeleteFunc(l.all(), func(h *host) bool { return slices.Contains(l.jurors[:Faults], h) })
	l.note("", "%d jurors are cut off from everybody", len(mute))
	l.router.wire.part(numbers(mute...), numbers(slices.Concat(mute, rest)...))
	d, err := l.leaveBob(ctx, soon)
	if err != nil {
		return err
	}
	return d.finish(ctx, r)
}

// few keeps the people from more than f jurors for good. All jurors open, and
// tell each other: the seven give away all shares when they are asked for the
// outcome, after D + (f+1)Δ.
func few(ctx context.Context, l *Lab, r *Result) error {
	outside := slices.Concat(l.people, l.watchers, []*host{l.hub})
	l.note("", "people and watchers reach %d jurors", Faults)
	l.router.wire.part(numbers(outside...), numbers(l.jurors[Faults:]...))
	d, err := l.leaveBob(ctx, shortly)
	if err != nil {
		return err
	}
	return d.finish(ctx, r)
}

func away(ctx context.Context, l *Lab, r *Result) error {
	bob := l.people[1]
	d, err := l.propose(ctx, shortly)
	if err != nil {
		return err
	}
	if err := d.tap(ctx, l.people...); err != nil {
		return err
	}
	if err := d.await(ctx, bob, "has released", func(v agent.DealView) bool {
		return did(v, bob, func(x agent.DealParty) bool { return x.Signed })
	}); err != nil {
		return err
	}
	others := slices.DeleteFunc(l.all(), func(h *host) bool { return h == bob || h == l.watcherOf(bob) })
	l.note("bob", "is cut off from all but his watcher")
	l.router.wire.part(numbers(bob), numbers(others...))
	r.Outcomes, err = d.outcomes(ctx, l.people...)
	return err
}

func nodes(ctx context.Context, l *Lab, r *Result) error {
	d, err := l.propose(ctx, soon)
	if err != nil {
		return err
	}
	if err := d.tap(ctx, l.people...); err != nil {
		return err
	}
	all := append([]*host{l.hub}, l.watchers...)
	l.down(all...)
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := l.back(ctx, l.right, all...); err != nil {
		return err
	}
	r.Outcomes, err = d.outcomes(ctx, l.people...)
	return err
}

// wrongClocks restarts two jurors with clocks that are off.
func (l *Lab) wrongClocks(ctx context.Context) error {
	ahead, behind := l.jurors[0], l.jurors[1]
	l.down(ahead, behind)
	return errors.Join(l.back(ctx, l.fast, ahead), l.back(ctx, l.slow, behind))
}

func clocks(ctx context.Context, l *Lab, r *Result) error {
	if err := l.wrongClocks(ctx); err != nil {
		return err
	}
	d, err := l.leaveBob(ctx, soon)
	if err != nil {
		return err
	}
	return d.finish(ctx, r)
}

// void has Bob accept, and cuts him off before the others do: he never learns
// the session, so he never promises.
func void(ctx context.Context, l *Lab, r *Result) error {
	alice, bob, charlie := l.people[0], l.people[1], l.people[2]
	if err := l.wrongClocks(ctx); err != nil {
		return err
	}
	d, err := l.propose(ctx, (Claim+Epsilon+Patience).Std()+45*time.Second)
	if err != nil {
		return err
	}
	if err := d.tap(ctx, bob); err != nil {
		return err
	}
	for _, p := range []*host{alice, charlie} {
		if err := d.await(ctx, p, "has Bob's acceptance", func(v agent.DealView) bool {
			return did(v, bob, func(x agent.DealParty) bool { return x.Accepted })
		}); err != nil {
			return err
		}
	}
	everybody := slices.DeleteFunc(l.all(), func(h *host) bool { return h == bob })
	l.note("bob", "is cut off from everybody")
	l.router.wire.part(numbers(bob), numbers(everybody...))
	if err := d.tap(ctx, alice, charlie); err != nil {
		return err
	}
	some, err := d.outcomes(ctx, alice, charlie)
	if err != nil {
		return err
	}
	l.note("bob", "is reached again")
	l.router.wire.heal()
	late, err := d.outcomes(ctx, bob)
	r.Outcomes = append(some, late...)
	return err
}

// down kills hosts' processes.
func (l *Lab) down(list ...*host) {
	for _, h := range list {
		l.note(h.name, "is killed")
		h.kill()
	}
}

// back starts them again.
func (l *Lab) back(ctx context.Context, b build, list ...*host) error {
	return together(list, func(h *host) error {
		if b.skew != 0 {
			l.note(h.name, "starts with a clock that is off by %s", b.skew)
			l.misled(h, b.skew)
		} else {
			l.note(h.name, "starts again")
		}
		return h.up(ctx, b)
	})
}

// misled remembers jurors whose clock was ahead. What they have recorded as
// past stays past for them when it is right again, so they refuse what comes
// until then, and abstain.
func (l *Lab) misled(h *host, skew time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if skew > 0 {
		l.unfit[h] = true
	}
}
