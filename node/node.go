// Package node is one machine that stays up: a relay, the boards of markets, a
// watcher, a juror and a finder of deals, in any combination, behind one
// router. It is trusted to be there, never with plaintext, keys or fairness.
//
// New composes a node from parts, as simulations and tests do; Open makes the
// parts of a folder and a port, as the command does. Every service is a driver
// of a pure package: relay, market, contract (watcher), contract/jury, deal.
// The node reads the clock, stores, and asks other nodes; it decides nothing.
package node

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

// Roles says what a node does.
type Roles struct {
	Relay   bool // keeps records for their receivers
	Board   bool // hosts markets that people found on it
	Watcher bool // files claims for people who are away
	Juror   bool // referees contracts it is drawn for
	Finder  bool // proposes the rings of the markets it hosts
}

// Serves is what a juror's roll entry publishes, and must keep.
type Serves struct {
	DeltaMin   sxp.Duration // the smallest Δ; 0: 10 s
	MaxN       int          // the largest jury; 0: sxp.MaxJury
	MaxParties int          // 0: sxp.MaxParties
	MaxHorizon sxp.Duration // from proposal to D; 0: 30 days
}

func (s Serves) fill() Serves {
	if s.DeltaMin == 0 {
		s.DeltaMin = 10 * sxp.Second
	}
	if s.MaxN == 0 {
		s.MaxN = sxp.MaxJury
	}
	if s.MaxParties == 0 {
		s.MaxParties = sxp.MaxParties
	}
	if s.MaxHorizon == 0 {
		s.MaxHorizon = 30 * sxp.Day
	}
	return s
}

// Parts is what a node is made of. Fields of roles that it does not have may
// be nil.
type Parts struct {
	Key        *identity.SigningKey // the node's identity; stays the caller's
	Label      string               // for people, at most sxp.MaxLabel bytes
	URL        string               // how others reach it
	Operator   sxp.ID               // who runs it: a jury has one seat for each operator; zero: the node itself
	Roles      Roles
	Policy     relay.Policy // whose records the relay keeps
	KV         kv.Store     // state of juror, watcher, finder and card directory; the node closes it
	Records    relay.Store
	Accounts   relay.Accounts
	BoardStore func(market sxp.ID) (market.Store, error) // opens or makes the store of one board
	Dial       func(url string) relay.Caller             // the way to other jurors; called once for each
	Now        func() sxp.Time
	Rand       io.Reader
	Log        *slog.Logger
	Observer   relay.Observer   // may be nil
	Serves     Serves           // of a juror
	Algebra    contract.Algebra // nil: its own
	Wake       func()           // called when Step has something to do at once; may be nil
	Parallel   int              // requests to other nodes at a time; 0: 16. 1 keeps their order, for simulations
}

// A Node is one machine. It is safe for concurrent use.
type Node struct {
	p      Parts
	start  sxp.Time
	router *relay.Router
	relay  *relay.Server
	host   *market.Host
	juror  *juror
	watch  *watcher
	cards  *cards
	finder *finder
	queue  sends

	mu      sync.Mutex
	callers map[string]relay.Caller
	expired sxp.Time // when expired records were last removed
}

// New composes a node. It fails where a part of one of its roles is missing or
// its stored state is damaged.
func New(p Parts) (*Node, error) {
	if p.Algebra == nil {
		p.Algebra = contract.NewAlgebra(p.Rand)
	}
	if p.Parallel == 0 {
		p.Parallel = 16
	}
	n := &Node{p: p, start: p.Now(), callers: map[string]relay.Caller{}}
	n.router = relay.NewRouter(p.Key, relay.RouterConfig{Start: n.start, Observer: p.Observer})
	n.queue.wake = p.Wake
	if p.Roles.Relay {
		s, err := relay.Register(n.router, relay.ServerConfig{Store: p.Records, Accounts: p.Accounts, Policy: p.Policy})
		if err != nil {
			return nil, err
		}
		n.relay = s
	}
	for _, add := range []func() error{n.addBoards, n.addWatcher, n.addJuror} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// ID is the node's identity.
func (n *Node) ID() sxp.ID { return n.p.Key.ID() }

// Address is the pinned form that cards and rolls carry.
func (n *Node) Address() relay.Address { return relay.Address{ID: n.ID(), URL: n.p.URL} }

// Handle implements relay.Handler.
func (n *Node) Handle(ctx context.Context, now sxp.Time, raw []byte) []byte {
	answer := n.router.Handle(ctx, now, raw)
	if t, _, err := envelope.Peek(raw); err == nil {
		n.rang(t)
	}
	return answer
}

// HandleSession implements relay.SessionHandler.
func (n *Node) HandleSession(ctx context.Context, now sxp.Time, from sxp.ID, typ envelope.Type, body []byte) (envelope.Type, []byte) {
	as, answer := n.router.HandleSession(ctx, now, from, typ, body)
	n.rang(typ)
	return as, answer
}

// Services lists what the node does, for people who look at it.
func (n *Node) Services() []string {
	var out []string
	for _, r := range []struct {
		on   bool
		name string
	}{{n.p.Roles.Relay, "relay"}, {n.p.Roles.Board, "board"}, {n.p.Roles.Watcher, "watcher"}, {n.p.Roles.Juror, "juror"}, {n.p.Roles.Finder, "finder"}} {
		if r.on {
			out = append(out, r.name)
		}
	}
	return out
}

// expireEvery is how often what has expired is removed from the stores.
const expireEvery = 5 * sxp.Minute

// Step does what time and other nodes make necessary: sends what waits, tells
// juror and watcher the time, finds deals, removes what has expired. It
// returns when it wants to be called again at the latest; Parts.Wake tells
// when earlier.
func (n *Node) Step(ctx context.Context) (sxp.Time, error) {
	now := n.p.Now()
	next := now.Add(expireEvery)
	if now.Sub(n.expired) >= expireEvery {
		n.expired = now
		n.expire(ctx, now)
	}
	for _, do := range []func(context.Context) (sxp.Time, error){n.stepJuror, n.stepWatcher, n.stepFinder} {
		t, err := do(ctx)
		if err != nil {
			return 0, err
		}
		if t != 0 && t < next {
			next = t
		}
	}
	n.queue.flush(ctx, n)
	if n.queue.waiting() {
		next = now
	}
	return max(next, now+1), nil
}

func (n *Node) expire(ctx context.Context, now sxp.Time) {
	if n.relay != nil {
		if k, err := n.relay.Expire(ctx, now); err != nil {
			n.p.Log.Error("expired records could not be removed", "err", err)
		} else if k > 0 {
			n.p.Log.Info("expired records removed", "records", k)
		}
	}
	if n.host == nil {
		return
	}
	for _, b := range n.host.Boards() {
		if _, err := b.Expire(ctx, now); err != nil {
			n.p.Log.Error("expired announcements could not be removed", "market", b.Market(), "err", err)
		}
	}
}

// Close releases the node's key-value store. Other stores are the caller's.
func (n *Node) Close() error {
	if n.p.KV == nil {
		return nil
	}
	return n.p.KV.Close()
}

// caller returns the way to another node, dialled once.
func (n *Node) caller(url string) relay.Caller {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.callers[url]
	if c == nil {
		c = n.p.Dial(url)
		n.callers[url] = c
	}
	return c
}
