package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/internal/kv"
	"sxp/relay"
)

const (
	keyWatch = "watch/"

	// maxWatched is how many sessions a watcher holds at once: with a jury of
	// 15 each takes some 20 KB.
	maxWatched = 100_000
)

// watcher drives contract.Watcher.
type watcher struct {
	mu sync.Mutex
	m  *contract.Watcher
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
		return n.watchStep(ctx, contract.Lodge{Now: now, From: from, Request: r})
	})
	relay.Serve(n.router, contract.RequestTell, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.TellRequest) (contract.WatchAnswer, error) {
		return n.watchStep(ctx, contract.Told{Now: now, Raw: r.Message})
	})
	relay.Serve(n.router, contract.RequestAsk, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r contract.AskRequest) (contract.WatchAnswer, error) {
		return n.watchStep(ctx, contract.Asked{Now: now, From: from, M: r.M})
	})
	_, err := n.watchStep(context.Background(), contract.Start{Now: n.start})
	return err
}

// restoreWatcher makes the machine from what is on disk.
func (n *Node) restoreWatcher() error {
	n.watch.m = contract.NewWatcher(contract.WatcherConfig{Algebra: n.p.Algebra, Signer: n.p.Key, MaxSessions: maxWatched})
	return n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyWatch, func(_ string, value []byte) error { return n.watch.m.Restore(value) })
	})
}

// watchStep applies one event and does what follows.
func (n *Node) watchStep(_ context.Context, ev contract.Event) (answer contract.WatchAnswer, err error) {
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	actions, err := n.watch.m.Step(ev)
	if err != nil {
		return answer, err
	}
	for _, act := range actions {
		switch act := act.(type) {
		case contract.SaveRecord:
			if err := n.saveRecord(keyWatch, act.Key, act.Value); err != nil {
				// The machine knows what the disk does not.
				if again := n.restoreWatcher(); again != nil {
					n.p.Log.Error("the watcher could not be restored", "err", again)
				}
				return answer, err
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
		n.queue.add(func(ctx context.Context) {
			a, err := askJuror(ctx, n, to.Contact, contract.RequestClaim, contract.ClaimRequest{Claim: act.Claim})
			if err != nil {
				n.p.Log.Debug("a juror does not answer a claim", "m", act.M, "seat", to.Seat, "err", err)
				return
			}
			if _, err := n.watchStep(ctx, contract.AnsweredFor{Now: n.p.Now(), M: act.M, Seat: to.Seat, Answer: a}); err != nil {
				n.p.Log.Warn("a juror's answer does not fit", "m", act.M, "seat", to.Seat, "err", err)
			}
		})
	}
}

// saveRecord makes one record of a machine durable; an empty value deletes it.
func (n *Node) saveRecord(prefix string, key sxp.Hash, value []byte) error {
	return n.p.KV.Update(func(tx kv.Tx) error {
		if len(value) == 0 {
			return tx.Delete(prefix + key.String())
		}
		return tx.Put(prefix+key.String(), value)
	})
}

// stepWatcher tells the watcher the time.
func (n *Node) stepWatcher(ctx context.Context) (sxp.Time, error) {
	if n.watch == nil {
		return 0, nil
	}
	if _, err := n.watchStep(ctx, contract.Tick{Now: n.p.Now()}); err != nil {
		return 0, err
	}
	n.watch.mu.Lock()
	defer n.watch.mu.Unlock()
	return n.watch.m.Next(), nil
}
