package node

import (
	"context"
	"runtime/debug"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/internal/kv"
	"sxp/relay"
)

const keyWatch = "watch/"

// watcher drives contract.Watcher.
type watcher struct {
	mu   sync.Mutex
	m    *contract.Watcher // nil while disk lasts
	disk outage
	held map[sxp.Hash]bool // sessions on disk
}

// addWatcher restores the watcher and serves its requests.
func (n *Node) addWatcher() error {
	if !n.p.Roles.Watcher {
		return nil
	}
	n.watch = &watcher{}
	if err := n.restoreWatcher(); err != nil {
		return err
	}
	relay.Serve(n.router, contract.RequestLodge, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r contract.LodgeRequest) (contract.WatchAnswer, error) {
		if err := n.serves(ctx, now, from, "watches"); err != nil {
			return contract.WatchAnswer{}, err
		}
		return n.watchStep(contract.Lodge{Now: now, From: from, Request: r})
	})
	relay.Serve(n.router, contract.RequestTell, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.TellRequest) (contract.WatchAnswer, error) {
		return n.watchStep(contract.Told{Now: now, Raw: r.Message})
	})
	relay.Serve(n.router, contract.RequestAsk, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r contract.AskRequest) (contract.WatchAnswer, error) {
		return n.watchStep(contract.Asked{Now: now, From: from, M: r.M})
	})
	return nil
}

// restoreWatcher makes the machine from what is on disk and starts it. The
// caller holds watcher.mu, or nobody else knows the watcher yet.
func (n *Node) restoreWatcher() error {
	w := n.watch
	w.m, w.held = nil, map[sxp.Hash]bool{}
	m := contract.NewWatcher(contract.WatcherConfig{Algebra: n.p.Algebra, Signer: n.p.Key, MaxSessions: maxWatched})
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyWatch, func(key string, value []byte) error {
			h, err := sxp.ParseHash(key[len(keyWatch):])
			if err != nil {
				return err
			}
			w.held[h] = true
			return m.Restore(value)
		})
	}); err != nil {
		return err
	}
	w.m = m
	_, err := n.doWatcher(contract.Start{Now: n.p.Now()})
	return err
}

// watchStep applies one event, to a machine that is brought back if its disk
// works again.
func (n *Node) watchStep(ev contract.Event) (contract.WatchAnswer, error) {
	w := n.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.m == nil {
		if err := n.recoverWatcher(); err != nil {
			return contract.WatchAnswer{}, err
		}
	}
	answer, err := n.doWatcher(ev)
	if w.m != nil {
		n.wanted(w.m.Next())
	}
	return answer, err
}

func (n *Node) recoverWatcher() error {
	w := n.watch
	if err := w.disk.tried(n); err != nil {
		return err
	}
	if err := n.restoreWatcher(); err != nil {
		w.m = nil
		w.disk.failed(n.p.Now(), err)
		return err
	}
	n.p.Log.Info("the watcher works again")
	return nil
}

// doWatcher does one step and what follows. Where a record cannot be written,
// or the machine has a defect, the machine is dropped.
func (n *Node) doWatcher(ev contract.Event) (answer contract.WatchAnswer, err error) {
	w := n.watch
	defer func() {
		if p := recover(); p != nil {
			w.m = nil
			err = sxp.Errorf("node.watcher", sxp.Internal, nil, "panic: %v\n%s", p, debug.Stack())
			n.p.Log.Error("the watcher failed inside: it starts again from disk", "err", err)
			w.disk.failed(n.p.Now(), err)
		}
	}()
	actions, err := w.m.Step(ev)
	if err != nil {
		return answer, err
	}
	for _, act := range actions {
		switch act := act.(type) {
		case contract.SaveRecord:
			if err := n.saveRecord(keyWatch, act.Key, act.Value); err != nil {
				n.p.Log.Error("the watcher cannot write: it starts again from disk", "err", err)
				w.m = nil
				w.disk.failed(n.p.Now(), err)
				return contract.WatchAnswer{}, err
			}
			if len(act.Value) == 0 {
				delete(w.held, act.Key)
			} else {
				w.held[act.Key] = true
			}
		case contract.Reply:
			answer = act.Answer
		case contract.FileClaim:
			n.p.Log.Info("a claim is filed", "m", act.M, "jurors", len(act.To))
			n.fileClaim(act)
		}
	}
	return answer, nil
}

// fileClaim queues a claim for each juror; the answers are events again.
func (n *Node) fileClaim(act contract.FileClaim) {
	for _, to := range act.To {
		n.sends.add(send{to.Contact, sendKey{contract.RequestClaim, act.M}, false, func(ctx context.Context) error {
			a, err := askJuror(ctx, n, to.Contact, sendTimeout, contract.RequestClaim, contract.ClaimRequest{Claim: act.Claim})
			if err != nil {
				n.p.Log.Debug("a juror does not answer a claim", "m", act.M, "seat", to.Seat, "err", err)
				return err
			}
			if a.Standing == contract.Refused {
				n.p.Log.Warn("a juror refuses the claim", "m", act.M, "seat", to.Seat, "why", a.Why())
			}
			if _, err := n.watchStep(contract.AnsweredFor{Now: n.p.Now(), M: act.M, Seat: to.Seat, Answer: a}); err != nil {
				n.p.Log.Warn("a juror's answer does not fit", "m", act.M, "seat", to.Seat, "err", err)
			}
			return nil
		}})
	}
}

// tickWatcher tells the watcher the time. A watcher without a disk is no error
// of Step: it says so itself, and is tried again.
func (n *Node) tickWatcher(context.Context) error {
	if n.watch == nil {
		return nil
	}
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	if n.watch.m == nil {
		_ = n.recoverWatcher()
		return nil
	}
	_, err := n.doWatcher(contract.Tick{Now: n.p.Now()})
	if n.watch.m == nil {
		return nil
	}
	return err
}

// next returns when the watcher wants to be stepped; 0: it waits for events.
func (w *watcher) next() sxp.Time {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.m == nil {
		return w.disk.retry
	}
	return w.m.Next()
}
