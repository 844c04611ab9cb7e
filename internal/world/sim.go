package world

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/contract/memo"
	"sxp/deal/tm"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	boardmem "sxp/market/memstore"
	"sxp/node"
	"sxp/relay"
	relaymem "sxp/relay/memstore"
)

// Times of a simulation. The roll publishes the product's defaults, but for
// the horizon.
const (
	// simHorizon is D, from proposal to deadline.
	simHorizon = contract.DefaultHorizon

	// simStart is when every simulation starts: 5 January 2026, 08:00 UTC.
	simStart sxp.Time = 1_767_600_000_000

	// opTime is how long one operation of a person takes while people join and
	// announce, one after the other.
	opTime = 5 * sxp.Millisecond

	// slowest and fastest a record reaches its receiver.
	fastest = 20 * sxp.Millisecond
	slowest = 400 * sxp.Millisecond

	// longestAway is how long after a proposal its people look at it at the
	// latest.
	longestAway = 30 * sxp.Minute

	// collecting is how long after the last jury may void the simulation goes
	// on, so that whoever was away learns the outcome.
	collecting = sxp.Hour

	// longPoll is how long agents sleep where nothing is due: in a simulation
	// everything that comes rings.
	longPoll = sxp.Day
)

// A citizen is one person with a device.
type citizen struct {
	person
	agent *agent.Agent
	root  *identity.Root
	key   *identity.SigningKey
	gate  *gate
	actor int
	rings []int    // indexes of sim.rings
	looks sxp.Time // when the owner next looks at proposals; 0: none came
	away  bool     // was chosen to vanish
}

func (c *citizen) id() sxp.ID { return c.key.ID() }

// A jurorNode is one juror, honest unless liar is set.
type jurorNode struct {
	node  *node.Node
	liar  *liar
	actor int
}

// An actor is whoever wants to be woken: step returns when again, 0: never.
type actor func(ctx context.Context) (sxp.Time, error)

// A sim is one simulated world.
type sim struct {
	cfg     TradeConfig
	list    *tm.List
	show    *progress
	log     *slog.Logger
	clock   sxp.Time
	queue   queue
	net     network
	latency *seeded
	algebra contract.Algebra // nil: every machine verifies for itself
	actors  []actor

	hub    *node.Node
	jurors []*jurorNode
	folk   []*citizen
	byID   map[sxp.ID]*citizen
	frozen bool // the honest sleep: only who vanished is woken

	signers int // people in rings

	finder  *identity.SigningKey
	letters int     // that the finder has posted
	rand    *seeded // the finder's
	link    market.Link
	roll    *contract.OpenedRoll
	items   []market.ItemID // by index of list.Items
	rings   []*ring
	found   foundRings
}

// hubURL and jurorURL are addresses that exist only on a network.
const hubURL = "http://hub.sim"

func jurorURL(i int) string { return fmt.Sprintf("http://juror-%d.sim", i+1) }

func (s *sim) now() sxp.Time { return s.clock }

// maxKnown is how many results of mathematics the actors of a simulation share.
const maxKnown = 1 << 20

// newSim makes the machines of a world, and the devices of its people.
func newSim(ctx context.Context, cfg TradeConfig, list *tm.List, show *progress) (*sim, error) {
	s := &sim{
		cfg: cfg, list: list, show: show, log: slog.New(slog.DiscardHandler), clock: simStart,
		latency: newSeeded(cfg.Seed, "latency"), rand: newSeeded(cfg.Seed, "finder"), byID: make(map[sxp.ID]*citizen),
	}
	if !cfg.apart {
		s.algebra = memo.Algebra(memo.New(maxKnown), contract.NewAlgebra(newSeeded(cfg.Seed, "algebra")))
	}
	s.net.now = s.now
	s.net.woken = func(h *host) { s.queue.schedule(h.actor, s.clock+1) }
	if err := s.addHub(); err != nil {
		return nil, err
	}
	var err error
	if s.finder, err = identity.NewSigningKey(s.rand); err != nil {
		return nil, err
	}
	for i := range cfg.rollSize() {
		if err := s.addJuror(i); err != nil {
			return nil, err
		}
	}
	return s, s.addPeople(ctx)
}

// addActor numbers an actor.
func (s *sim) addActor(a actor) int {
	s.actors = append(s.actors, a)
	return len(s.actors) - 1
}

// addHub makes the node that everybody uses: relay, board and watcher.
func (s *sim) addHub() error {
	rand := newSeeded(s.cfg.Seed, "hub")
	key, err := identity.NewSigningKey(rand)
	if err != nil {
		return err
	}
	store := new(relaymem.Store)
	actor := s.addActor(func(ctx context.Context) (sxp.Time, error) { return s.hub.Step(ctx) })
	s.hub, err = node.New(node.Parts{
		Key: key, Label: "hub", URL: hubURL, Roles: node.Roles{Relay: true, Board: true, Watcher: true, Finder: s.cfg.finds},
		Policy: relay.Policy{Mode: relay.Open, Quota: relay.Quota{Records: 1 << 20, Bytes: 1 << 34}},
		KV:     new(kv.Memory), Records: &bellStore{store, s.recordFor}, Accounts: store,
		BoardStore: func(sxp.ID) (market.Store, error) { return &bellBoard{boardmem.New(), s.mailFor}, nil },
		Dial:       s.net.dial(nil), Now: s.now, Rand: rand, Log: s.log, Algebra: s.algebra,
		Wake: func() { s.queue.schedule(actor, s.clock+1) }, Parallel: 1,
	})
	if err != nil {
		return err
	}
	s.net.add(&host{url: hubURL, actor: actor, handler: s.hub})
	return nil
}

// addJuror makes the juror i; the first cfg.Corrupt of them lie.
func (s *sim) addJuror(i int) error {
	rand := newSeeded(s.cfg.Seed, fmt.Sprintf("juror %d", i))
	key, err := identity.NewSigningKey(rand)
	if err != nil {
		return err
	}
	j := &jurorNode{}
	j.actor = s.addActor(func(ctx context.Context) (sxp.Time, error) { return s.stepJuror(ctx, j) })
	wake := func() { s.queue.schedule(j.actor, s.clock+1) }
	j.node, err = node.New(node.Parts{
		Key: key, Label: fmt.Sprintf("juror %d", i+1), URL: jurorURL(i), Roles: node.Roles{Juror: true},
		KV: new(kv.Memory), Dial: s.net.dial(nil), Now: s.now, Rand: rand, Log: s.log, Algebra: s.algebra, Wake: wake, Parallel: 1,
		Serves: node.Serves{DeltaMin: contract.DefaultDelta},
	})
	if err != nil {
		return err
	}
	h := &host{url: jurorURL(i), actor: j.actor, handler: j.node}
	if i < s.cfg.Corrupt {
		how := s.cfg.lies[i%len(s.cfg.lies)]
		if j.liar, err = newLiar(how, key, j.node, s.net.dial(nil), newSeeded(s.cfg.Seed, fmt.Sprintf("liar %d", i))); err != nil {
			return err
		}
		h.handler = j.liar
	}
	s.net.add(h)
	s.jurors = append(s.jurors, j)
	return nil
}

// stepJuror steps an honest juror, or what a liar has planned.
func (s *sim) stepJuror(ctx context.Context, j *jurorNode) (sxp.Time, error) {
	if j.liar != nil {
		return j.liar.step(ctx, s.clock), nil
	}
	return j.node.Step(ctx)
}

// addPeople makes everybody's keys and agents, on all cores: each follows from
// the seed and the person's number alone.
func (s *sim) addPeople(ctx context.Context) error {
	people := peopleOf(s.list)
	s.show.phase("making keys", len(people))
	s.folk = make([]*citizen, len(people))
	errs := make([]error, len(people))
	parallel(len(people), func(i int) { s.folk[i], errs[i] = s.newCitizen(i, people[i]) })
	for i, err := range errs {
		if err != nil {
			return err
		}
		c := s.folk[i]
		c.actor = s.addActor(func(ctx context.Context) (sxp.Time, error) { return s.stepCitizen(ctx, c) })
		s.byID[c.id()] = c
	}
	return ctx.Err()
}

func (s *sim) newCitizen(i int, p person) (*citizen, error) {
	rand := newSeeded(s.cfg.Seed, fmt.Sprintf("person %d", i))
	root, err := identity.NewRoot(rand)
	if err != nil {
		return nil, err
	}
	c := &citizen{person: p, root: root, key: root.Signing(), gate: &gate{left: -1}}
	c.agent, err = s.newAgent(root, p.name, rand, c.gate)
	return c, err
}

func (s *sim) newAgent(root *identity.Root, label string, rand io.Reader, g *gate) (*agent.Agent, error) {
	// In a trade everybody may sign several contracts at once, also with the
	// same people.
	limits := contract.DefaultLimits()
	limits.MaxAttempts = 0
	return agent.Create(agent.Config{
		Root: root, Store: new(kv.Memory), Once: new(agent.MemoryOnce), Dial: s.net.dial(g), Now: s.now, Rand: rand,
		Log: s.log, Limits: limits, Algebra: s.algebra, Concurrency: 1, Poll: longPoll,
	}, label, []string{s.hub.Address().String()})
}

// parallel calls f for 0 to n-1 on all cores and waits.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// close releases the agents and nodes.
func (s *sim) close() {
	for _, c := range s.folk {
		_ = c.agent.Close()
	}
	for _, j := range s.jurors {
		_ = j.node.Close()
	}
	_ = s.hub.Close()
}

// recordFor rings a person's bell: a record came to the relay.
func (s *sim) recordFor(to sxp.ID) {
	if c := s.byID[to]; c != nil {
		s.queue.schedule(c.actor, s.clock.Add(fastest+sxp.Duration(s.latency.below(int(slowest-fastest)))))
	}
}

// mailFor is told of mail on the board: its owner looks at it some time later,
// though the device may fetch it before.
func (s *sim) mailFor(to sxp.ID) {
	c := s.byID[to]
	if c == nil || c.looks != 0 {
		return
	}
	c.looks = s.clock.Add(sxp.Second + sxp.Duration(s.latency.below(int(longestAway))))
	s.queue.schedule(c.actor, c.looks)
}

// stepCitizen lets a device do one round; its owner accepts whatever is
// proposed and not refused by the agent itself.
func (s *sim) stepCitizen(ctx context.Context, c *citizen) (sxp.Time, error) {
	if c.gate.closed() || s.frozen && !s.wentAway(c) {
		return 0, nil
	}
	next, err := c.agent.Step(ctx)
	if err != nil {
		return 0, err
	}
	if c.looks == 0 {
		return next, nil
	}
	if s.clock < c.looks {
		return min(next, c.looks), nil
	}
	c.looks = 0
	deals, err := agent.Call[[]agent.DealView](ctx, c.agent, "deals", agent.None{})
	if err != nil {
		return 0, err
	}
	for _, d := range deals {
		if d.State != "proposed" {
			continue
		}
		if _, err := agent.Call[agent.DealView](ctx, c.agent, "accept", agent.DealRef{Deal: d.ID.String()}); err != nil {
			return 0, fmt.Errorf("%s accepts %s: %w", c.name, d.Title, err)
		}
	}
	return c.agent.Step(ctx)
}

// loop wakes actors in order of time until then, or until nobody wants to be.
func (s *sim) loop(ctx context.Context, until sxp.Time, tell func()) error {
	for n := 0; ; n++ {
		if n%64 == 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			tell()
		}
		w, ok := s.queue.next()
		if !ok {
			return nil
		}
		if w.at > until {
			s.queue.schedule(w.who, w.at)
			s.clock = until
			return nil
		}
		s.clock = max(s.clock, w.at)
		next, err := s.actors[w.who](ctx)
		if err != nil {
			return err
		}
		if next != 0 {
			s.queue.schedule(w.who, max(next, s.clock+1))
		}
	}
}
