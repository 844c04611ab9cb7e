package world

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/node"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// A stage is the machines and people of a story.
type stage struct {
	cfg    StoryConfig
	tell   *teller
	folder string // of the contract files
	data   string // of the nodes

	temporary bool // data is removed at the end
	moved     bool // a juror is not where it was

	http   *http.Client
	stop   context.CancelFunc
	done   sync.WaitGroup
	broken chan error // a node or an agent that failed

	hub    *node.Server
	jurors []*node.Server
	link   string
	cast   []*actress
	asked  atomic.Int64 // requests to jurors, enrolment apart
	report StoryReport
}

// An actress is one person of the story with a device that may die.
type actress struct {
	name  string
	st    *stage
	cfg   agent.Config
	agent *agent.Agent
	leash leash
	stop  context.CancelFunc
	done  chan struct{}
}

// A leash lets a device send so many records, then nothing ever again.
type leash struct {
	mu     sync.Mutex
	left   int           // records that still go out; below 0: any number
	died   chan struct{} // closed when the device dies
	isDead bool
}

// pass reports whether a request goes out, and whether it is the last one.
func (l *leash) pass(raw []byte) (goes, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.isDead:
		return false, false
	case l.left < 0 || !ofSigning(raw):
		return true, false
	case l.left == 0 || requestName(raw) != relay.TypeWrite:
		// Until the last record is out nothing else of a signing is sent, so
		// that the story stops where it says.
		return false, false
	}
	l.left--
	return true, l.left == 0
}

// die ends all that the device does.
func (l *leash) die() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isDead {
		l.isDead = true
		close(l.died)
	}
}

// set lets so many records pass from now on and returns when the device died.
func (l *leash) set(records int) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.isDead, l.died = records, false, make(chan struct{})
	return l.died
}

// grounds are where the machines of a stage live.
type grounds struct {
	dir    string   // their folders; "": a temporary one that goes with the stage
	hub    string   // where the hub listens; "": a free port
	jurors []string // where the jurors do; fewer than there are: free ports
}

// raise starts the machines.
func raise(ctx context.Context, cfg StoryConfig, tell *teller, g grounds) (st *stage, err error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // until close, so that people can still say goodbye
	st = &stage{
		cfg: cfg, tell: tell, stop: stop, broken: make(chan error, 32), data: g.dir,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	if st.data == "" {
		if st.data, err = os.MkdirTemp("", "sxp-world-"); err != nil {
			return nil, err
		}
		st.temporary = true
	}
	return st, st.startNodes(ctx, g)
}

// startNodes opens the hub and the jurors, each with its own folder and port.
func (st *stage) startNodes(ctx context.Context, g grounds) (err error) {
	c := node.DefaultConfig()
	c.Dir, c.Label = filepath.Join(st.data, "hub"), "hub"
	c.Pages = st.cfg.Pages
	if g.hub != "" {
		c.Listen = g.hub
	}
	if st.hub, err = st.startNode(ctx, c); err != nil {
		return err
	}
	for i := range st.cfg.Jurors {
		c := node.Config{
			Dir: filepath.Join(st.data, fmt.Sprintf("juror%d", i+1)), Listen: "127.0.0.1:0", Label: fmt.Sprintf("juror %d", i+1),
			Juror: true, DeltaMin: storyDelta.Std().String(),
		}
		free := c
		if i < len(g.jurors) {
			c.Listen = g.jurors[i]
		}
		j, err := st.startNode(ctx, c)
		if sxp.KindOf(err) == sxp.Busy && c.Listen != free.Listen { // somebody else took its port meanwhile
			st.moved = true
			j, err = st.startNode(ctx, free)
		}
		if err != nil {
			return err
		}
		st.jurors = append(st.jurors, j)
	}
	st.report.Node = st.hub.Address().String()
	return nil
}

func (st *stage) startNode(ctx context.Context, c node.Config) (*node.Server, error) {
	c.Log, c.Dial = st.cfg.Log, st.dial(nil)
	n, err := node.Open(c)
	if err != nil {
		return nil, err
	}
	st.done.Go(func() {
		err := n.Run(ctx)
		n.Close()
		if err != nil && ctx.Err() == nil {
			st.broken <- fmt.Errorf("the node %s: %w", c.Label, err)
		}
	})
	return n, nil
}

// dial returns the way to nodes over HTTP, past a leash.
func (st *stage) dial(l *leash) func(string) relay.Caller {
	return func(url string) relay.Caller {
		c, err := relayhttp.NewClient(url, relayhttp.ClientConfig{HTTP: st.http, Plain: true})
		if err != nil {
			return brokenLine{err}
		}
		return &watchedLine{st, l, c}
	}
}

// A brokenLine is the way to what is no node.
type brokenLine struct{ err error }

// Call implements relay.Caller.
func (b brokenLine) Call(context.Context, []byte) ([]byte, error) { return nil, b.err }

// A watchedLine counts what jurors are asked and holds back what a leash does.
type watchedLine struct {
	st    *stage
	leash *leash
	to    relay.Caller
}

// Call implements relay.Caller.
func (w *watchedLine) Call(ctx context.Context, raw []byte) ([]byte, error) {
	last := false
	if w.leash != nil {
		goes := true
		if goes, last = w.leash.pass(raw); !goes {
			return nil, sxp.Errorf("world.Call", sxp.Unavailable, nil, "this phone is dead")
		}
	}
	if strings.HasPrefix(requestName(raw), "jury.") {
		w.st.asked.Add(1)
	}
	answer, err := w.to.Call(ctx, raw)
	if last {
		w.leash.die()
	}
	return answer, err
}

// found makes the market of the story: its founder, its jurors, its roll.
func (st *stage) found(ctx context.Context) (err error) {
	st.link, err = st.foundMarket(ctx, "village fair", "A market that lives as long as this program.", st.cfg.times())
	st.report.Market = st.link
	return err
}

// newAgent makes a person with keys of their own.
func (st *stage) newAgent(name string, l *leash) (*agent.Agent, error) {
	cfg, err := st.agentConfig(l)
	if err != nil {
		return nil, err
	}
	return agent.Create(cfg, name, []string{st.hub.Address().String()})
}

func (st *stage) agentConfig(l *leash) (agent.Config, error) {
	root, err := identity.NewRoot(rand.Reader)
	return agent.Config{
		Root: root, Store: new(kv.Memory), Once: new(agent.MemoryOnce), Dial: st.dial(l),
		Now: func() sxp.Time { return sxp.TimeOf(time.Now()) }, Rand: rand.Reader, Log: st.cfg.Log, Limits: contract.DefaultLimits(), Poll: storyPoll,
	}, err
}

// enter makes a person, lets them join the market and keeps their agent
// running.
func (st *stage) enter(ctx context.Context, name string) (err error) {
	a := &actress{name: name, st: st}
	a.leash.set(-1)
	st.cast = append(st.cast, a)
	if a.cfg, err = st.agentConfig(&a.leash); err != nil {
		return err
	}
	if a.agent, err = agent.Create(a.cfg, name, []string{st.hub.Address().String()}); err != nil {
		return err
	}
	a.run(ctx)
	_, err = agent.Call[agent.MarketView](ctx, a.agent, "market.join", agent.JoinMarket{Link: st.link})
	return err
}

// run keeps the agent going until halt.
func (a *actress) run(ctx context.Context) {
	ctx, a.stop = context.WithCancel(ctx)
	a.done = make(chan struct{})
	run, done := a.agent, a.done
	go func() {
		defer close(done)
		if err := run.Run(ctx); err != nil && ctx.Err() == nil {
			a.st.broken <- fmt.Errorf("the agent of %s: %w", a.name, err)
		}
	}()
}

// halt stops the device in the middle of whatever it does.
func (a *actress) halt() {
	if a.stop != nil {
		a.stop()
		<-a.done
		a.stop = nil
	}
}

// revive turns the device on again: the agent continues from its store.
func (a *actress) revive(ctx context.Context) (err error) {
	a.halt()
	a.leash.set(-1)
	if a.agent, err = agent.Open(a.cfg); err != nil {
		return err
	}
	a.run(ctx)
	return nil
}

// person returns the one of that name.
func (st *stage) person(name string) *actress {
	return st.cast[slices.IndexFunc(st.cast, func(a *actress) bool { return a.name == name })]
}

// opened counts the jurors who opened their shares of a session.
func (st *stage) opened(m sxp.Hash) int {
	n := 0
	for _, j := range st.jurors {
		if j.Standing(m) == contract.Completed {
			n++
		}
	}
	return n
}

// close stops everybody and removes the nodes' folders.
func (st *stage) close() {
	for _, a := range st.cast {
		a.halt()
		if a.agent != nil {
			_ = a.agent.Close()
		}
	}
	st.stop()
	st.done.Wait()
	st.http.CloseIdleConnections()
	if st.temporary {
		_ = os.RemoveAll(st.data)
	}
}
