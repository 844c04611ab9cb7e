package world

import (
	"context"
	"strings"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
)

// A network carries requests between the actors of a simulation at once, in
// the same process, with the simulated time. It does not look into messages
// but to count them.
type network struct {
	now   func() sxp.Time
	hosts map[string]*host // by URL; complete before the first request

	// woken is told that a node was asked something and may have got work.
	woken func(h *host)

	mu     sync.Mutex
	calls  int64            // requests carried
	bytes  int64            // of requests and answers
	claims map[sxp.Hash]int // how often a claim was filed with a juror, by session
}

// A host is a node on a network.
type host struct {
	url     string
	actor   int
	handler relay.Handler // answers; nil from a handler is a node that does not answer
}

// add puts a node on the network.
func (n *network) add(h *host) {
	if n.hosts == nil {
		n.hosts, n.claims = make(map[string]*host), make(map[sxp.Hash]int)
	}
	n.hosts[h.url] = h
}

// A line is one actor's way to one node.
type line struct {
	net  *network
	url  string
	gate *gate // nil: open for ever
}

var _ relay.Caller = (*line)(nil)

// dial returns how an actor reaches nodes: every request passes its gate.
func (n *network) dial(g *gate) func(string) relay.Caller {
	return func(url string) relay.Caller { return &line{n, url, g} }
}

// Call implements relay.Caller.
func (l *line) Call(ctx context.Context, raw []byte) ([]byte, error) {
	typ := requestName(raw)
	if !l.gate.pass(raw) {
		return nil, sxp.Errorf("world.Call", sxp.Unavailable, nil, "this device is off for ever")
	}
	h := l.net.hosts[l.url]
	if h == nil {
		return nil, sxp.Errorf("world.Call", sxp.Unavailable, nil, "there is no node at %s", l.url)
	}
	if typ == contract.RequestClaim {
		l.net.countClaim(raw)
	}
	// A copy, as a real network makes: the node may keep what it is given.
	answer := h.handler.Handle(ctx, l.net.now(), append([]byte(nil), raw...))
	l.net.mu.Lock()
	l.net.calls++
	l.net.bytes += int64(len(raw) + len(answer))
	l.net.mu.Unlock()
	l.net.woken(h)
	if answer == nil {
		return nil, sxp.Errorf("world.Call", sxp.Unavailable, nil, "the node at %s does not answer", l.url)
	}
	return answer, nil
}

// requestName returns what a signed request asks for, "" for anything else.
func requestName(raw []byte) string {
	t, _, err := envelope.Peek(raw)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(t), "sxp.request."), "/1")
}

// countClaim notes which session a claim is about. What jurors pass on to each
// other follows from such a claim.
func (n *network) countClaim(raw []byte) {
	m, err := envelope.Parse(raw)
	if err != nil {
		return
	}
	var q relay.Request[contract.ClaimRequest]
	var claim contract.Claim
	if envelope.Unmarshal(m.Payload, &q) != nil {
		return
	}
	if _, err := envelope.Open(q.Request.Claim, contract.TypeClaim, &claim); err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.claims[claim.Preimage.M()]++
}

// claimed reports whether any juror was handed a claim of the session.
func (n *network) claimed(m sxp.Hash) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.claims[m] > 0
}

// A gate lets a person's device send so many more messages of a signing, then
// nothing ever again: how people vanish. It cuts between two messages that
// belong together as easily as between two steps.
type gate struct {
	mu   sync.Mutex
	left int // messages of a signing that still pass; below 0: any number
	shut bool
}

// pass reports whether a request goes out.
func (g *gate) pass(raw []byte) bool {
	if g == nil {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	if g.left < 0 || !ofSigning(raw) {
		return true
	}
	if g.left == 0 {
		g.shut = true
		return false
	}
	g.left--
	return true
}

// closed reports whether the device is off for ever.
func (g *gate) closed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// leave lets so many more messages of a signing pass, and then none for ever.
func (g *gate) leave(after int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = after
}

// reopen turns the device on again.
func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.shut = -1, false
}

// ofSigning reports whether a request is a step of a signing: a record for
// somebody else, or a word to a watcher or a juror.
func ofSigning(raw []byte) bool {
	typ := requestName(raw)
	if typ == relay.TypeWrite {
		return forOther(raw)
	}
	return strings.HasPrefix(typ, "watch.") || strings.HasPrefix(typ, "jury.")
}

// forOther reports whether a write is for somebody else: what people keep for
// themselves at relays is no step of a signing.
func forOther(raw []byte) bool {
	m, err := envelope.Parse(raw)
	if err != nil {
		return false
	}
	var q relay.Request[relay.Write]
	return envelope.Unmarshal(m.Payload, &q) == nil && q.To != q.From
}

// A bellStore is a relay's store that tells for whom a record came in.
type bellStore struct {
	relay.Store
	ring func(to sxp.ID)
}

// Put implements relay.Store.
func (s *bellStore) Put(ctx context.Context, now sxp.Time, e *relay.Entry, quota relay.Quota) (relay.Stamp, error) {
	stamp, err := s.Store.Put(ctx, now, e, quota)
	if err == nil {
		s.ring(e.Path.Receiver)
	}
	return stamp, err
}

// A bellBoard is a board's store that tells for whom mail came in.
type bellBoard struct {
	market.Store
	ring func(to sxp.ID)
}

// Apply implements market.Store.
func (s *bellBoard) Apply(ctx context.Context, put []market.Entry, del []market.Key) error {
	if err := s.Store.Apply(ctx, put, del); err != nil {
		return err
	}
	for i := range put {
		if put[i].Key.Class == market.ClassMail {
			s.ring(put[i].Owner)
		}
	}
	return nil
}
