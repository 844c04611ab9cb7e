package agent_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	photos "sxp/blocks/memstore"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	boards "sxp/market/memstore"
	"sxp/node"
	"sxp/relay"
	"sxp/relay/memstore"
	"sxp/relay/relayhttp"
)

// A village is a whole system in one process: one market node, some jurors,
// and people, over a clock that the test moves. Nothing runs but what the test
// steps, in a fixed order.
type village struct {
	t       *testing.T
	clock   sxp.Time
	nodes   map[string]*node.Node
	secrets map[string]*identity.SigningKey // of the nodes
	order   []string
	down    map[string]bool                                                  // URLs that do not answer
	still   map[string]bool                                                  // URLs whose timers do not run
	wrong   map[string]func(ctx context.Context, raw []byte) ([]byte, error) // URLs where something else answers
	heard   map[string]int                                                   // requests by URL
	people  []*person
	due     map[any]sxp.Time // when a node or person wants to step; 0: now
	log     *slog.Logger
	timeout time.Duration
	mu      sync.Mutex // of due and heard
	noVault bool
	infos   map[string]*relayhttp.Info // what nodes say that they are, for those that can be asked
	algebra contract.Algebra
}

type person struct {
	*agent.Agent
	name    string
	root    *identity.Root
	store   kv.Store
	once    *agent.MemoryOnce
	away    bool
	unlucky bool         // their Step may fail
	skew    sxp.Duration // by how much their clock is ahead
	device  string       // what they call it
	changed func()
}

const start sxp.Time = 1_800_000_000_000

func newVillage(t *testing.T, jurors int, names ...string) *village {
	v := &village{t: t, clock: start, timeout: time.Minute, nodes: map[string]*node.Node{}, secrets: map[string]*identity.SigningKey{}, down: map[string]bool{}, still: map[string]bool{}, wrong: map[string]func(context.Context, []byte) ([]byte, error){}, heard: map[string]int{}, due: map[any]sxp.Time{}, infos: map[string]*relayhttp.Info{}, log: testLog(t), algebra: contract.NewAlgebra(rand.Reader)}
	v.addNode("http://market.test", node.Roles{Relay: true, Board: true, Watcher: true, Finder: true})
	for i := range jurors {
		v.addNode(fmt.Sprintf("http://juror%d.test", i+1), node.Roles{Juror: true})
	}
	for _, name := range names {
		v.addPerson(name)
	}
	return v
}

// testLog shows what happened only where the test fails.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (v *village) now() sxp.Time { return v.clock }

func (v *village) addNode(url string, roles node.Roles) {
	v.t.Helper()
	key, err := identity.NewSigningKey(rand.Reader)
	check(v.t, err)
	records := new(memstore.Store)
	parts := node.Parts{
		Key: key, URL: url, Roles: roles, Policy: relay.Policy{Mode: relay.Open}, KV: new(kv.Memory),
		Records: records, Accounts: records,
		BoardStore: func(sxp.ID) (market.Store, error) { return boards.New(), nil },
		Dial:       v.dial, Now: v.now, Rand: rand.Reader, Log: v.log.With("node", url), Algebra: v.algebra, Parallel: 1,
		Wake: func() { v.wake(url) },
	}
	if roles.Board {
		parts.Blocks = new(photos.Store)
	}
	n, err := node.New(parts)
	check(v.t, err)
	v.nodes[url] = n
	v.secrets[url] = key
	v.order = append(v.order, url)
}

// dial reaches a node of the village, unless it is down.
func (v *village) dial(url string) relay.Caller {
	if v.infos[url] != nil {
		return &talkative{line{v: v, url: url}}
	}
	return &line{v: v, url: url}
}

// talkative is a line whose node can also be asked what it is.
type talkative struct{ line }

func (l *talkative) Info(context.Context) (relayhttp.Info, error) {
	if l.v.down[l.url] {
		return relayhttp.Info{}, sxp.Errorf("test", sxp.Unavailable, nil, "%s does not answer", l.url)
	}
	return *l.v.infos[l.url], nil
}

type line struct {
	v   *village
	url string
}

func (l *line) Call(ctx context.Context, raw []byte) ([]byte, error) {
	l.v.mu.Lock()
	l.v.heard[l.url]++
	l.v.mu.Unlock()
	n := l.v.nodes[l.url]
	if n == nil || l.v.down[l.url] {
		return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s does not answer", l.url)
	}
	if f := l.v.wrong[l.url]; f != nil {
		return f(ctx, raw)
	}
	l.v.ring(raw)
	return relay.Local(n, l.v.now).Call(ctx, raw)
}

func (v *village) config(p *person) agent.Config {
	return agent.Config{
		Device: p.device, Changed: p.changed,
		Root: p.root, Store: p.store, Once: p.once, Dial: v.dial, Rand: rand.Reader,
		Now: func() sxp.Time { return v.clock.Add(p.skew) }, Timeout: v.timeout, NoVault: v.noVault,
		Log: v.log.With("person", p.name), Limits: contract.DefaultLimits(), Algebra: v.algebra, Concurrency: 1,
	}
}

func (v *village) market() string { return v.nodes["http://market.test"].Address().String() }

func (v *village) addPerson(name string, relays ...string) *person {
	v.t.Helper()
	if relays == nil { // not if there are to be none
		relays = []string{v.market()}
	}
	root, err := identity.NewRoot(rand.Reader)
	check(v.t, err)
	p := &person{name: name, root: root, store: new(kv.Memory), once: new(agent.MemoryOnce)}
	p.Agent, err = agent.Create(v.config(p), name, relays)
	check(v.t, err)
	v.people = append(v.people, p)
	return p
}

// restart ends a person's agent and starts it from its store.
func (v *village) restart(p *person) {
	v.t.Helper()
	a, err := agent.Open(v.config(p))
	check(v.t, err)
	p.Agent = a
	v.due[p] = 0
}

func (v *village) person(name string) *person {
	for _, p := range v.people {
		if p.name == name {
			return p
		}
	}
	v.t.Fatalf("there is nobody named %s", name)
	return nil
}

// found lets the first person found a market with the village's jurors.
func (v *village) found() market.Link {
	v.t.Helper()
	founder := v.people[0]
	m := do[agent.MarketView](v, founder, "market.create", agent.CreateMarket{Name: "Village", At: v.market()})
	link, err := market.ParseLink(m.Link)
	check(v.t, err)
	for _, url := range v.order {
		if n := v.nodes[url]; len(n.Services()) == 1 && n.Services()[0] == "juror" {
			check(v.t, n.Enrol(v.t.Context(), link))
		}
	}
	m = do[agent.MarketView](v, founder, "market.roll", agent.PublishRoll{})
	if m.Jurors == 0 {
		v.t.Fatal("the roll is empty")
	}
	for _, p := range v.people[1:] {
		do[agent.MarketView](v, p, "market.join", agent.JoinMarket{Link: m.Link})
	}
	return link
}

// run lets everybody do what is due, for a span of time.
func (v *village) run(span sxp.Duration) {
	v.t.Helper()
	for end := v.clock.Add(span); v.clock < end; {
		next := end
		for _, url := range v.order {
			if !v.down[url] && !v.still[url] {
				next = min(next, v.step(url, v.nodes[url].Step))
			}
		}
		for _, p := range v.people {
			if !p.away {
				next = min(next, v.step(p, func(ctx context.Context) (sxp.Time, error) {
					t, err := p.Step(ctx)
					if err != nil && p.unlucky {
						return v.clock.Add(sxp.Second), nil
					}
					return t.Add(-p.skew), err
				}))
			}
		}
		v.clock = max(min(next, end), v.clock.Add(100*sxp.Millisecond))
	}
}

// step steps one of them if it is due, and returns when it wants to again.
func (v *village) step(who any, f func(context.Context) (sxp.Time, error)) sxp.Time {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.due[who] <= v.clock {
		v.due[who] = v.clock + 1 // a bell that rings meanwhile sets it back
		v.mu.Unlock()
		t, err := f(v.t.Context())
		v.mu.Lock()
		check(v.t, err)
		if v.due[who] != 0 {
			v.due[who] = t
		}
	}
	return v.due[who]
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do asks a person's agent for an operation that must work.
func do[Out any](v *village, p *person, op string, in any) Out {
	v.t.Helper()
	out, err := agent.Call[Out](v.t.Context(), p, op, in)
	if err != nil {
		v.t.Fatalf("%s %s: %v", p.name, op, err)
	}
	return out
}

// deals returns what a person's agent knows of deals and contracts.
func (v *village) deals(p *person) []agent.DealView {
	v.t.Helper()
	return append(do[[]agent.DealView](v, p, "deals", agent.None{}), do[[]agent.DealView](v, p, "contracts", agent.None{})...)
}

// until runs until everybody named sees their deal in a state.
func (v *village) until(span sxp.Duration, deal, state string, people ...*person) {
	v.t.Helper()
	for end := v.clock.Add(span); v.clock < end; {
		v.run(sxp.Second)
		ready := true
		for _, p := range people {
			d, err := agent.Call[agent.DealView](v.t.Context(), p, "deal", agent.DealRef{Deal: deal})
			ready = ready && err == nil && d.State == state
		}
		if ready {
			return
		}
	}
	for _, p := range people {
		v.t.Errorf("%s sees %s after %v, want %s", p.name, v.lines(p), span, state)
	}
	v.t.FailNow()
}

// lines says what a person's agent knows of deals.
func (v *village) lines(p *person) string {
	var b strings.Builder
	for _, d := range v.deals(p) {
		fmt.Fprintf(&b, "[%d %s %q", d.Number, d.State, d.Why)
		for _, e := range d.Events {
			fmt.Fprintf(&b, "; %s", e.Text)
		}
		b.WriteString("]")
	}
	return b.String()
}

// befriend gives two people each other's cards.
func (v *village) befriend(a, b *person) {
	v.t.Helper()
	for _, x := range [][2]*person{{a, b}, {b, a}} {
		card := do[agent.CardView](v, x[1], "card", agent.None{})
		do[agent.ContactView](v, x[0], "contact.add", agent.AddContact{Link: card.Link})
	}
}

// fails asks for an operation that must fail with a kind and say a word.
func (v *village) fails(p *person, op string, in any, kind sxp.Kind, word string) {
	v.t.Helper()
	_, err := agent.Call[any](v.t.Context(), p, op, in)
	if sxp.KindOf(err) != kind || !strings.Contains(fmt.Sprint(err), word) {
		v.t.Errorf("%s %s: %v (%s), want kind %s with %q", p.name, op, err, sxp.KindOf(err), kind, word)
	}
}

var _ io.Writer = testWriter{}

// scan reads the bytes of a person's store.
func (v *village) scan(p *person, f func(key string, value []byte)) {
	v.t.Helper()
	check(v.t, p.store.View(func(t kv.Tx) error {
		return t.Scan("", func(key string, value []byte) error { f(key, value); return nil })
	}))
}

// lose takes away a person's device and restores them from their words and a
// relay.
func (v *village) lose(p *person, url string) *person {
	v.t.Helper()
	p.store, p.once = new(kv.Memory), new(agent.MemoryOnce)
	a, err := agent.Restore(v.t.Context(), v.config(p), []string{v.nodes[url].Address().String()})
	check(v.t, err)
	p.Agent = a
	v.due[p] = 0
	return p
}

// forgetRolls takes the jury rolls out of a person's store.
func (v *village) forgetRolls(p *person) {
	v.t.Helper()
	check(v.t, p.store.Update(func(t kv.Tx) error {
		var keys []string
		if err := t.Scan("roll/", func(key string, _ []byte) error { keys = append(keys, key); return nil }); err != nil {
			return err
		}
		for _, key := range keys {
			if err := t.Delete(key); err != nil {
				return err
			}
		}
		return nil
	}))
	v.restart(p)
}

// quiet is the log of villages of which a test makes many.
var quiet = slog.New(slog.DiscardHandler)

// ring wakes everybody where a request may have brought something.
func (v *village) ring(raw []byte) {
	if typ, _, err := envelope.Peek(raw); err == nil && (typ == relay.RequestType(relay.TypeWrite) || typ == relay.RequestType(market.RequestPost)) {
		for _, p := range v.people {
			v.wake(p)
		}
	}
}

// wake lets a node or person step as soon as there is a turn.
func (v *village) wake(who any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.due[who] = 0
}
