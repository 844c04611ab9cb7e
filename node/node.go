// Package node is one machine that stays up: a relay, the boards of markets, a
// watcher, a juror and a finder of deals, in any combination, behind one
// router. It is trusted to be there, never with plaintext, keys or fairness.
//
// New composes a node from parts, as simulations and tests do; Open makes the
// parts of a folder and a port, as the command does. Every service is a driver
// of a pure package: relay, market, contract (watcher), contract/jury, deal.
// The node reads the clock, stores, and asks other nodes; it decides nothing.
// spec/node.md has requests, files and figures.
//
// A machine whose state cannot be written is dropped and restored from disk:
// nothing is answered or sent that is not durable. Requests to other nodes,
// the search for rings and the removal of what has expired run beside Step, so
// that no slow node and no large board delays a juror; with Parts.Parallel 1
// all of it happens inside Step, in a fixed order.
package node

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"sxp"
	"sxp/blocks"
	"sxp/contract"
	"sxp/deal/solver"
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
	Policy     relay.Policy // whose records the relay keeps; also who may found markets and lodge claims
	KV         kv.Store     // state of juror, watcher, finder and card directory; the node closes it
	Records    relay.Store
	Accounts   relay.Accounts
	BoardStore func(market sxp.ID) (market.Store, error) // opens or makes the store of one board
	Blocks     blocks.Store                              // photos beside the boards; nil: the node keeps none
	BlockRoom  blocks.Limits                             // of Blocks; zero: the defaults of package blocks
	MaxBoards  int                                       // how many markets it hosts; 0: DefaultMaxBoards
	Dial       func(url string) relay.Caller             // the way to other jurors; called once for each, more often for many
	Now        func() sxp.Time
	Rand       io.Reader
	Log        *slog.Logger
	Observer   relay.Observer              // may be nil
	Serves     Serves                      // of a juror
	Algebra    contract.Algebra            // nil: its own
	Wake       func()                      // called when Step has something to do at once; may be nil
	Solvers    []solver.Solver             // of others, that the finder asks beside itself; not with Parallel 1
	SolverTime time.Duration               // that they have; 0: DefaultSolverTime
	FinderWork int64                       // of one search of the node's own, see deal.Options.Budget; 0: the usual
	Solved     func(solver, result string) // told of each answer: best, right, wrong or failed; may be nil
	Conduct    sxp.Duration                // how often jurors of hosted markets are asked whether they are up, and cases reported; 0: never
	Parallel   int                         // requests to other nodes at a time; 0: DefaultParallel. 1: in order and only inside Step, for simulations
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
	blocks *blocks.Server
	finder *finder
	sends  *sends
	boards boardStores

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // what goes on beside Step

	stepping  sync.Mutex
	planned   atomic.Int64 // when Step is called next at the latest
	expired   sxp.Time     // when expired records were last removed; guarded by stepping
	expiring  atomic.Bool
	looked    sxp.Time // when conduct was last looked after; guarded by stepping
	looking   atomic.Bool
	closeOnce sync.Once
	closeErr  error

	mu      sync.Mutex
	callers map[string]relay.Caller
}

// New composes a node. It fails where a part of one of its roles is missing or
// its stored state is damaged.
func New(p Parts) (*Node, error) {
	if p.Algebra == nil {
		p.Algebra = contract.NewAlgebra(p.Rand)
	}
	if p.Parallel <= 0 {
		p.Parallel = DefaultParallel
	}
	if p.MaxBoards <= 0 {
		p.MaxBoards = DefaultMaxBoards
	}
	if p.SolverTime <= 0 {
		p.SolverTime = DefaultSolverTime
	}
	if p.Parallel == 1 {
		p.Solvers = nil
	}
	n := &Node{p: p, start: p.Now(), callers: map[string]relay.Caller{}}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.sends = newSends(n)
	n.router = relay.NewRouter(p.Key, relay.RouterConfig{Start: n.start, Observer: p.Observer})
	if p.Roles.Relay {
		s, err := relay.Register(n.router, relay.ServerConfig{Store: p.Records, Accounts: p.Accounts, Policy: p.Policy})
		if err != nil {
			return nil, err
		}
		n.relay = s
	}
	for _, add := range []func() error{n.addCards, n.addBoards, n.addWatcher, n.addJuror} {
		if err := add(); err != nil {
			n.stop()
			return nil, err
		}
	}
	return n, nil
}

// ID is the node's identity.
func (n *Node) ID() sxp.ID { return n.p.Key.ID() }

// Address is the pinned form that cards and rolls carry.
func (n *Node) Address() relay.Address { return relay.Address{ID: n.ID(), URL: n.p.URL} }

// sequential says that everything happens inside Handle and Step, in order.
func (n *Node) sequential() bool { return n.p.Parallel == 1 }

// Handle implements relay.Handler.
func (n *Node) Handle(ctx context.Context, now sxp.Time, raw []byte) []byte {
	typ, _, err := envelope.Peek(raw)
	if err != nil {
		return n.router.Handle(ctx, now, raw) // which says what is wrong
	}
	ctx, leave := n.arrive(ctx, now, typ)
	defer leave()
	answer := n.router.Handle(ctx, now, raw)
	n.rang(typ)
	return answer
}

// HandleSession implements relay.SessionHandler.
func (n *Node) HandleSession(ctx context.Context, now sxp.Time, from sxp.ID, typ envelope.Type, body []byte) (envelope.Type, []byte) {
	of := typ
	if of == "" { // a signed message inside the session
		of, _, _ = envelope.Peek(body)
	}
	ctx, leave := n.arrive(ctx, now, of)
	defer leave()
	as, answer := n.router.HandleSession(ctx, now, from, typ, body)
	n.rang(of)
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

// serves fails with Denied where from is none of those whom the operator
// serves: an open relay serves everybody.
func (n *Node) serves(ctx context.Context, now sxp.Time, from sxp.ID, what string) error {
	const op = "node.serves"
	if !n.p.Roles.Relay || from == n.p.Operator || from == n.p.Policy.Operator {
		return nil
	}
	switch n.p.Policy.Mode {
	case relay.Own:
		for _, id := range n.p.Policy.Own {
			if id == from {
				return nil
			}
		}
	case relay.Invited:
		a, err := n.p.Accounts.Account(ctx, from)
		if err == nil && (a.Expires == 0 || now < a.Expires) {
			return nil
		}
		if err != nil && sxp.KindOf(err) != sxp.NotFound {
			return err
		}
	default:
		return nil
	}
	return sxp.Errorf(op, sxp.Denied, from, "this node %s only for those who may write to its relay", what)
}

// ring says that Step has something to do at once.
func (n *Node) ring() {
	if n.p.Wake != nil {
		n.p.Wake()
	}
}

// wanted rings if a machine wants to be stepped earlier than is planned.
func (n *Node) wanted(at sxp.Time) {
	if at != 0 && int64(at) < n.planned.Load() {
		n.ring()
	}
}

// Step does what time makes necessary: tells juror and watcher the time, finds
// deals, removes what has expired. It returns when it wants to be called again
// at the latest; Parts.Wake tells when earlier. A part that fails does not keep
// the others from being done, and is done again at the next Step.
func (n *Node) Step(ctx context.Context) (sxp.Time, error) {
	n.stepping.Lock()
	defer n.stepping.Unlock()
	// What comes meanwhile rings; in order, nothing comes but from within.
	n.planned.Store(math.MaxInt64)
	if n.sequential() {
		n.planned.Store(0)
	}
	now := n.p.Now()
	if since := now.Sub(n.expired); since >= expireEvery || since < 0 {
		n.expired = now
		n.expire(ctx, now)
	}
	errs := []error{n.tickJuror(), n.tickWatcher(ctx)}
	next := now.Add(expireEvery)
	if n.finder != nil {
		next = min(next, n.stepFinder(ctx))
	}
	n.sends.flush(ctx)
	for _, at := range []sxp.Time{n.juror.next(), n.watch.next(), n.tendConduct(ctx, now)} {
		if at != 0 {
			next = min(next, at)
		}
	}
	if n.sends.listed() {
		next = now
	}
	next = max(next, now+1)
	n.planned.Store(int64(next))
	return next, errors.Join(errs...)
}

// expire removes what has expired, beside Step: it may take a while.
func (n *Node) expire(ctx context.Context, now sxp.Time) {
	if !n.expiring.CompareAndSwap(false, true) {
		return
	}
	n.beside(ctx, func(ctx context.Context) {
		defer n.expiring.Store(false)
		n.expireAll(ctx, now)
	})
}

func (n *Node) expireAll(ctx context.Context, now sxp.Time) {
	if n.relay != nil {
		if k, err := n.relay.Expire(ctx, now); err != nil {
			n.p.Log.Error("expired records could not be removed", "err", err)
		} else if k > 0 {
			n.p.Log.Info("expired records removed", "records", k)
		}
	}
	n.sweepBlocks(ctx, now)
	if n.host == nil {
		return
	}
	for _, b := range n.host.Boards() {
		if _, err := b.Expire(ctx, now); err != nil {
			n.p.Log.Error("expired announcements could not be removed", "market", b.Market(), "err", err)
		}
		if err := n.sweepRatings(now, b.Market()); err != nil {
			n.p.Log.Error("expired ratings could not be removed", "market", b.Market(), "err", err)
		}
	}
}

// beside does f in a goroutine that Close waits for; in order, at once.
func (n *Node) beside(ctx context.Context, f func(ctx context.Context)) {
	if n.sequential() {
		f(ctx)
		return
	}
	n.running.Go(func() { f(n.ctx) })
}

// stop ends what goes on beside Step.
func (n *Node) stop() {
	n.cancel()
	n.sends.close()
	n.running.Wait()
}

// Close ends what goes on, then releases the node's key-value store. Other
// stores are the caller's, and must stay open until Close has returned. Nothing
// may be asked of the node afterwards.
func (n *Node) Close() error {
	n.closeOnce.Do(func() {
		n.stop()
		if n.juror != nil {
			n.juror.keys.Erase()
		}
		if n.p.KV != nil {
			n.closeErr = n.p.KV.Close()
		}
	})
	return n.closeErr
}

// caller returns the way to another node. Addresses come from whoever files a
// claim, so that only some are remembered.
func (n *Node) caller(url string) relay.Caller {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.callers[url]
	if c == nil {
		if len(n.callers) >= maxCallers {
			clear(n.callers)
		}
		c = n.p.Dial(url)
		n.callers[url] = c
	}
	return c
}
