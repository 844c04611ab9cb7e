package agent

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

const (
	// requestTimeout bounds one request to a node, so that a silent one does
	// not keep the agent from the others.
	requestTimeout = 10 * time.Second

	// restAtFirst is how long rounds leave out a node that let a request run
	// into the timeout; each time doubles it up to restAtMost.
	restAtFirst = 15 * sxp.Second
	restAtMost  = 2 * sxp.Minute
)

// trouble is why a node cannot be used, and since when.
type trouble struct {
	since sxp.Time
	err   error
}

// silence is how often a node has let requests run into the timeout.
type silence struct {
	times int
	until sxp.Time
}

// line is the way to one node, dialled once, with a timeout for each request.
type line struct {
	a    *Agent
	url  string
	call relay.Caller
}

// Call is relay.Caller.
func (l *line) Call(ctx context.Context, raw []byte) ([]byte, error) {
	ctx, done := l.within(ctx)
	defer done()
	answer, err := l.call.Call(ctx, raw)
	return answer, l.heard(ctx, err)
}

func (l *line) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, l.a.cfg.Timeout, sxp.Errorf("agent", sxp.Unavailable, nil, "%s did not answer within %v", l.url, l.a.cfg.Timeout))
}

// heard notes whether the node was silent, and says so.
func (l *line) heard(ctx context.Context, err error) error {
	l.a.mu.Lock()
	defer l.a.mu.Unlock()
	if err == nil {
		delete(l.a.silent, l.url)
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(cause, sxp.Unavailable) {
		s := l.a.silent[l.url]
		s.until = l.a.now().Add(min(restAtFirst<<min(s.times, 10), restAtMost))
		s.times++
		if len(l.a.silent) < maxTroubles || s.times > 1 {
			l.a.silent[l.url] = s
		}
		return cause
	}
	return err
}

// session is a line whose caller has proved who asks.
type session struct {
	line
	inner relay.Session
}

// Peers is relay.Session.
func (s *session) Peers() (self, server sxp.ID) { return s.inner.Peers() }

// Exchange is relay.Session.
func (s *session) Exchange(ctx context.Context, typ envelope.Type, body []byte) (envelope.Type, []byte, error) {
	ctx, done := s.within(ctx)
	defer done()
	t, answer, err := s.inner.Exchange(ctx, typ, body)
	return t, answer, s.heard(ctx, err)
}

// patient returns the way to a node for requests that wait for news.
func (a *Agent) patient(at relay.Address) relay.Caller {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.callers[at.URL]
	if c == nil {
		c = a.cfg.Dial(at.URL)
		a.callers[at.URL] = c
	}
	return c
}

// caller returns the way to a node for requests that are answered at once.
func (a *Agent) caller(at relay.Address) relay.Caller {
	c := a.patient(at)
	l := line{a: a, url: at.URL, call: c}
	if inner, ok := c.(relay.Session); ok {
		return &session{line: l, inner: inner}
	}
	return &l
}

// rests reports whether rounds leave out a node, because it was silent lately.
// What the person asks for is tried all the same.
func (a *Agent) rests(url string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now() < a.silent[url].until
}

// ask sends a request to a node and returns its verified answer.
func ask[R, A any](ctx context.Context, a *Agent, at relay.Address, typ string, r R) (A, error) {
	return relay.Ask[R, A](ctx, a.caller(at), a.id, at.ID, a.now(), a.cfg.Rand, typ, r)
}

// askContact is ask, of a contact that a roll or an acceptance names.
func askContact[R, A any](ctx context.Context, a *Agent, to contract.Contact, typ string, r R) (A, error) {
	return ask[R, A](ctx, a, relay.Address{ID: to.ID, URL: to.Address}, typ, r)
}

// outcome is what one of several requests gave.
type outcome[V any] struct {
	value V
	err   error
}

// each calls f for every element, Config.Concurrency at a time, and returns
// the outcomes in order.
func each[E, V any](a *Agent, list []E, f func(E) (V, error)) []outcome[V] {
	out := make([]outcome[V], len(list))
	if a.cfg.Concurrency == 1 { // the order of a simulation
		for i, e := range list {
			out[i].value, out[i].err = f(e)
		}
		return out
	}
	var wg sync.WaitGroup
	room := make(chan struct{}, a.cfg.Concurrency)
	for i, e := range list {
		room <- struct{}{}
		wg.Go(func() {
			out[i].value, out[i].err = f(e)
			<-room
		})
	}
	wg.Wait()
	return out
}

// relayAt returns the way to a relay.
func (a *Agent) relayAt(at relay.Address) *relay.Client {
	return relay.NewClient(a.caller(at), a.id, at.ID, a.now, a.cfg.Rand)
}

// client is the way to a market's board; it fails where the charter is
// damaged.
func (a *Agent) client(m *membership) (*market.Client, error) {
	at, err := m.node()
	if err != nil {
		return nil, err
	}
	return market.NewClient(a.caller(at), a.id, at.ID, m.ID, a.now, a.cfg.Rand), nil
}

// reader is who asks what anybody may ask: this person at a market that was
// joined; elsewhere a key that is used once, since a link that somebody sent
// must not tell its node who opened it.
func (a *Agent) reader(m *membership) (envelope.Signer, error) {
	if m != nil && m.Number != 0 {
		return a.id, nil
	}
	return identity.NewSigningKey(a.cfg.Rand)
}

// readClient is client for reading only.
func (a *Agent) readClient(m *membership) (*market.Client, error) {
	at, err := m.node()
	if err != nil {
		return nil, err
	}
	who, err := a.reader(m)
	if err != nil {
		return nil, err
	}
	return market.NewClient(a.caller(at), who, at.ID, m.ID, a.now, a.cfg.Rand), nil
}

// refuses reports whether an error is a node's own word that it will never
// take this request. Everything else may work later: a node that answers
// nonsense may be somebody else for the time being.
func refuses(err error) bool {
	if errors.Is(err, sxp.TooLarge) {
		return true
	}
	remote := (*relay.RemoteError)(nil)
	if !errors.As(err, &remote) {
		return false
	}
	switch sxp.KindOf(err) {
	case sxp.Invalid, sxp.Unsupported:
		return true
	}
	return false
}

// unreachable reports whether an error says nothing about the request: the
// node was not there, or not in a state to look at it.
func unreachable(err error) bool {
	switch sxp.KindOf(err) {
	case sxp.Unavailable, sxp.Busy, sxp.Internal, sxp.Replay:
		return true
	}
	return false
}

// noteNode remembers whether a node answered, and logs when that changes.
func (a *Agent) noteNode(where string, err error) {
	if errors.Is(err, context.Canceled) {
		return // the agent ends
	}
	a.mu.Lock()
	before, known := a.trouble[where]
	switch {
	case err == nil:
		delete(a.trouble, where)
	case known:
		a.trouble[where] = trouble{before.since, err}
	case len(a.trouble) < maxTroubles:
		a.trouble[where] = trouble{a.now(), err}
	}
	a.mu.Unlock()
	if (err != nil) != known {
		a.tell()
	}
	switch {
	case err != nil && (!known || sxp.KindOf(before.err) != sxp.KindOf(err)):
		a.log.Warn("a node cannot be used now", "node", where, "err", err)
	case err == nil && known:
		a.log.Info("a node answers again", "node", where)
	}
}

// Trouble says which nodes did not answer as they should when they were last
// asked, and why: for the person, who may have set a clock wrong or lost the
// network.
func (a *Agent) Trouble() map[string]error {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]error{}
	for where, t := range a.trouble {
		out[where] = t.err
	}
	return out
}

// troubles is Trouble with what to do about it.
func (a *Agent) troubles() []TroubleView {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []TroubleView{}
	for where, t := range a.trouble {
		out = append(out, TroubleView{Node: where, Since: t.since, Kind: sxp.KindOf(t.err), Text: sxp.Reason(t.err), Todo: todo(t.err)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Node < out[j].Node })
	return out
}

// todo says what a person can do about a node's failure.
func todo(err error) string {
	switch sxp.KindOf(err) {
	case sxp.Clock:
		return "compare this device's clock with another one and set it if it is wrong; if it is right, the node's is wrong: tell its operator"
	case sxp.Unavailable, sxp.Busy, sxp.Replay:
		return "the agent tries again by itself; if nothing answers, look at this device's network"
	case sxp.Denied:
		return "ask the node's operator for an invitation, or use another node"
	case sxp.Full:
		return "ask the node's operator for more room, or use another node"
	}
	return "what answers there is not the node of this address, or it is broken: tell its operator, or use another node"
}

// heardWatcher passes on what the own watcher answered, the result first: it
// ends the deal, where the receipt may make the machine ask everybody once more.
func (a *Agent) heardWatcher(ctx context.Context, l *live, from contract.Contact, answer contract.WatchAnswer, err error) error {
	if err != nil {
		a.log.Warn("the watcher does not answer", "deal", l.id, "watcher", from.Address, "err", err)
		return nil
	}
	return a.received(ctx, l, answer.Result, answer.Receipt)
}
