package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/relay"
)

// keyProbe is written to see whether the disk takes writes again.
const keyProbe = "probe"

// An outage is a machine that was dropped because it could not be written.
type outage struct {
	err   error
	retry sxp.Time // not before
}

func (o *outage) failed(now sxp.Time, err error) { o.err, o.retry = err, now.Add(restorePause) }

// tried fails while there is no use in restoring: asking the disk is cheaper
// than reading all records.
func (o *outage) tried(n *Node) error {
	now := n.p.Now()
	if now < o.retry && o.retry.Sub(now) <= restorePause {
		return o.err
	}
	if err := n.p.KV.Update(func(tx kv.Tx) error { return tx.Put(keyProbe, nil) }); err != nil {
		o.failed(now, err)
		return err
	}
	return nil
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

// arrivals are the claims that have arrived and are not yet in the juror's
// queue, since their signatures are being verified. A question for the outcome
// that came later must not pass them.
type arrivals struct {
	mu    sync.Mutex
	next  uint64
	since map[uint64]sxp.Time
	moved chan struct{} // closed when one is queued or refused
}

func (a *arrivals) enter(at sxp.Time) (leave func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.since == nil {
		a.since, a.moved = map[uint64]sxp.Time{}, make(chan struct{})
	}
	a.next++
	id := a.next
	a.since[id] = at
	return sync.OnceFunc(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.since, id)
		close(a.moved)
		a.moved = make(chan struct{})
	})
}

// wait returns once all that arrived until then is queued or refused, which
// takes as long as verifying signatures.
func (a *arrivals) wait(until sxp.Time) {
	for {
		a.mu.Lock()
		before := false
		for _, at := range a.since {
			before = before || at <= until
		}
		moved := a.moved
		a.mu.Unlock()
		if !before {
			return
		}
		<-moved
	}
}

type leaveKey struct{}

// arrive notes that a claim has arrived; leave is called at the latest when it
// is answered.
func (n *Node) arrive(ctx context.Context, now sxp.Time, typ envelope.Type) (_ context.Context, leave func()) {
	if n.juror == nil || typ != relay.RequestType(contract.RequestClaim) && typ != relay.RequestType(contract.RequestForward) {
		return ctx, func() {}
	}
	leave = n.juror.arrivals.enter(now)
	return context.WithValue(ctx, leaveKey{}, leave), leave
}

// leaveOf returns the leave of arrive.
func leaveOf(ctx context.Context) func() {
	if leave, ok := ctx.Value(leaveKey{}).(func()); ok {
		return leave
	}
	return func() {}
}
