package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/relay"
)

// A send is one request to another node that a machine asked for. It is done
// outside of the machine's lock: two jurors that ask each other must not wait
// for each other.
type send struct {
	to     contract.Contact
	key    sendKey
	urgent bool // goes before what is not
	do     func(ctx context.Context) error
}

// sendKey says what a send is for: the same is not sent twice at a time.
type sendKey struct {
	typ string
	m   sxp.Hash
}

// sends does requests to other nodes, beside Step: each node has its own line,
// so that one that hangs delays nobody else. In order (Parts.Parallel 1) they
// wait for flush.
type sends struct {
	n     *Node
	slots chan struct{} // requests under way
	slow  chan struct{} // those to nodes that did not answer last time

	mu      sync.Mutex
	closed  bool
	list    []send // in order only
	targets map[contract.Contact]*target
	waiting int // not yet answered
	running sync.WaitGroup
}

// A target is one node's line.
type target struct {
	urgent, usual []send
	busy          map[sendKey]bool // waiting or under way
	workers       int
	silent        bool // did not answer last time
}

func newSends(n *Node) *sends {
	return &sends{
		n: n, slots: make(chan struct{}, n.p.Parallel), slow: make(chan struct{}, max(1, n.p.Parallel/slowShare)),
		targets: map[contract.Contact]*target{},
	}
}

// add queues a request. What is under way already, or beyond the limits, is
// left out: the machine asks again.
func (q *sends) add(s send) {
	if q.n.sequential() {
		q.mu.Lock()
		q.list = append(q.list, s)
		q.waiting++
		q.mu.Unlock()
		q.n.ring()
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	t := q.targets[s.to]
	if t == nil {
		t = &target{busy: map[sendKey]bool{}}
		q.targets[s.to] = t
	}
	if t.busy[s.key] {
		return
	}
	if len(t.urgent)+len(t.usual) >= maxWaiting {
		q.n.p.Log.Warn("a request is not sent: too many wait for this node", "to", s.to.ID, "type", s.key.typ)
		return
	}
	t.busy[s.key] = true
	q.waiting++
	if s.urgent {
		t.urgent = append(t.urgent, s)
	} else {
		t.usual = append(t.usual, s)
	}
	if t.workers < perTarget {
		t.workers++
		q.running.Go(func() { q.work(s.to, t) })
	}
}

// work does what waits for one node, until there is nothing.
func (q *sends) work(to contract.Contact, t *target) {
	for {
		s, silent, ok := q.take(to, t)
		if !ok {
			return
		}
		slots := q.slots
		if silent {
			slots = q.slow
		}
		err := q.n.ctx.Err()
		select {
		case slots <- struct{}{}:
			err = q.guarded(s)
			<-slots
		case <-q.n.ctx.Done():
		}
		q.mu.Lock()
		t.silent = sxp.KindOf(err) == sxp.Unavailable
		delete(t.busy, s.key)
		q.waiting--
		q.mu.Unlock()
	}
}

// take returns what is sent next. Without any, the worker ends.
func (q *sends) take(to contract.Contact, t *target) (s send, silent, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := &t.urgent
	if len(*line) == 0 {
		line = &t.usual
	}
	if len(*line) == 0 || q.closed {
		if t.workers--; t.workers == 0 && (!t.silent || len(q.targets) > maxTargets) {
			delete(q.targets, to)
		}
		return s, false, false
	}
	s = (*line)[0]
	(*line)[0] = send{}
	*line = (*line)[1:]
	return s, t.silent, true
}

// guarded does one request; a defect in one must not end the node.
func (q *sends) guarded(s send) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sxp.Errorf("node.send", sxp.Internal, s.to.ID, "panic: %v", p)
			q.n.p.Log.Error("a request failed inside", "type", s.key.typ, "err", err)
		}
	}()
	return s.do(q.n.ctx)
}

// flush does, in order, all requests that wait now.
func (q *sends) flush(ctx context.Context) {
	q.mu.Lock()
	list := q.list
	q.list = nil
	q.mu.Unlock()
	for _, s := range list {
		_ = s.do(ctx) // it says so itself
	}
	q.mu.Lock()
	q.waiting -= len(list)
	q.mu.Unlock()
}

// listed reports whether flush has something to do.
func (q *sends) listed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list) > 0
}

// count returns how many requests are not yet answered.
func (q *sends) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// close drops what waits and ends what is under way; the node's context has
// ended.
func (q *sends) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.running.Wait()
}

// askJuror asks a juror's node and waits for the answer so long.
func askJuror[R any](ctx context.Context, n *Node, to contract.Contact, wait sxp.Duration, typ string, r R) (contract.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, min(max(wait, minTimeout), sendTimeout).Std())
	defer cancel()
	return relay.Ask[R, contract.Answer](ctx, n.caller(to.Address), n.p.Key, to.ID, n.p.Now(), n.p.Rand, typ, r)
}
