package host

import (
	"context"
	"io"
	"sync"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// ways are an agent's ways to its nodes. The agent listens to each relay and
// each market with a request that waits for a minute, and a browser opens six
// connections to one host at most where it speaks HTTP/1.1: those that wait
// would leave none for the others. So only the first requests at a time go over
// HTTP, the rest over one WebSocket, where the node has it.
type ways struct {
	me   envelope.Signer
	now  func() sxp.Time
	rand io.Reader

	mu     sync.Mutex
	all    []*way
	closed bool
}

func newWays(me envelope.Signer, now func() sxp.Time, rand io.Reader) *ways {
	return &ways{me: me, now: now, rand: rand}
}

const (
	// overHTTP is how many requests to one node are under way over HTTP at a time.
	overHTTP = 2

	// sessionPause is how long a node that opened no session is not asked again.
	sessionPause = 5 * time.Minute
)

// dial is agent.Config.Dial.
func (w *ways) dial(address string) relay.Caller {
	c, err := relayhttp.NewClient(address, relayhttp.ClientConfig{})
	if err != nil {
		return unreachable{err}
	}
	y := &way{ways: w, address: address, client: c}
	w.mu.Lock()
	w.all = append(w.all, y)
	w.mu.Unlock()
	return y
}

// close ends all sessions.
func (w *ways) close() {
	w.mu.Lock()
	w.closed = true
	all := w.all
	w.mu.Unlock()
	for _, y := range all {
		y.mu.Lock()
		if y.session != nil {
			y.session.Close() // nothing to lose
		}
		y.mu.Unlock()
	}
}

// unreachable is the way to a node whose address is none: it says so when it
// is asked, like any other failure to reach a node.
type unreachable struct{ err error }

func (u unreachable) Call(context.Context, []byte) ([]byte, error) { return nil, u.err }

// A way is a relay.Caller to one node.
type way struct {
	ways    *ways
	address string
	client  *relayhttp.Client

	mu      sync.Mutex
	plain   int // requests under way over HTTP
	session *relayhttp.Session
	again   time.Time // no session before
}

// String returns the node's address.
func (y *way) String() string { return y.client.String() }

// Call implements relay.Caller. A request is sent one way only: it must not
// arrive twice.
func (y *way) Call(ctx context.Context, raw []byte) ([]byte, error) {
	if !y.reserve() {
		if s := y.open(ctx); s != nil {
			return s.Call(ctx, raw)
		}
		y.count(1)
	}
	defer y.count(-1)
	return y.client.Call(ctx, raw)
}

// Info asks the node what it is and what it offers.
func (y *way) Info(ctx context.Context) (relayhttp.Info, error) { return y.client.Info(ctx) }

func (y *way) count(n int) {
	y.mu.Lock()
	y.plain += n
	y.mu.Unlock()
}

// reserve counts one more request over HTTP, unless there are enough.
func (y *way) reserve() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.plain >= overHTTP {
		return false
	}
	y.plain++
	return true
}

// open returns an open session; nil where there is none to be had.
func (y *way) open(ctx context.Context) *relayhttp.Session {
	y.mu.Lock()
	s, wait := y.session, time.Now().Before(y.again)
	y.mu.Unlock()
	if wait {
		return nil
	}
	if s == nil {
		s = y.newSession(ctx)
	}
	if s == nil || s.Open(ctx) != nil {
		if ctx.Err() == nil {
			y.mu.Lock()
			y.again = time.Now().Add(sessionPause)
			y.mu.Unlock()
		}
		return nil
	}
	return s
}

// newSession makes the node's session. Who the node is, it says itself: whoever
// asks it for something signs that for the node's real key.
func (y *way) newSession(ctx context.Context) *relayhttp.Session {
	info, err := y.client.Info(ctx)
	if err != nil {
		return nil
	}
	s, err := relayhttp.NewSession(relayhttp.SessionConfig{
		Address: y.address, Server: info.ID, Signer: y.ways.me, Now: y.ways.now, Rand: y.ways.rand,
	})
	if err != nil {
		return nil
	}
	y.ways.mu.Lock()
	defer y.ways.mu.Unlock()
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.session == nil && !y.ways.closed {
		y.session = s
	}
	return y.session
}
