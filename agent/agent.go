// Package agent acts for one person: it holds their keys, announces what they
// have and need, finds and answers proposals, signs contracts with strangers
// and keeps what came of it.
//
// An agent talks to nodes only through relay.Caller, keeps its state in a
// kv.Store and reads the time from a function, so that the same code runs in a
// terminal, in a browser and in a simulation. Step does one round of what has
// to be done; Run repeats it. Do answers the operations of ops.go, which is
// what commands and pages use.
//
// Secrets: everything stored is sealed under a key derived from the person's
// 24 words. The secret of a promise is kept only until the promise is made,
// under a key of its own (Once) that is then destroyed, and is in no backup.
package agent

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/relay"
)

// A Log hears what happens, with names and values in turn; a *slog.Logger is
// one. It is an interface so that a browser, where nobody would read it, does
// not load one.
type Log interface {
	Debug(text string, args ...any)
	Info(text string, args ...any)
	Warn(text string, args ...any)
	Error(text string, args ...any)
}

// noLog tells nobody.
type noLog struct{}

func (noLog) Debug(string, ...any) {}
func (noLog) Info(string, ...any)  {}
func (noLog) Warn(string, ...any)  {}
func (noLog) Error(string, ...any) {}

// A Config has what an Agent depends on. All fields are needed but Log.
type Config struct {
	Root   *identity.Root                    // the person's secret; stays the caller's
	Store  kv.Store                          // durable state; the agent closes it
	Once   Once                              // one-time keys
	Dial   func(address string) relay.Caller // the way to the node at a URL; called once for each
	Now    func() sxp.Time                   // the device's clock
	Rand   io.Reader                         // crypto/rand.Reader outside of tests
	Log    Log                               // who hears what the person need not; nil: nobody
	Limits contract.Limits                   // what the person accepts without being asked; Rolls in addition to those of joined markets

	Poll        sxp.Duration     // how long Run or a simulation may sleep where nothing is due; 0: 30 s
	Algebra     contract.Algebra // nil: its own; several agents of one process may share one
	NoVault     bool             // keep no copy at the relays, for simulations
	Concurrency int              // direct requests at a time; 0: 8. 1 keeps their order, for simulations
	Timeout     time.Duration    // of one request to a node; 0: 10 s
	Device      string           // how the person calls this device, for their others; may be empty

	// Changed, if not nil, is called after something that an operation answers
	// has changed durably, or a node has begun or ceased to answer: once for
	// several changes, from a goroutine of its own, with no lock held.
	Changed func()
}

// An Agent acts for one person. It is safe for concurrent use.
type Agent struct {
	cfg      Config
	mem      memory
	id       *identity.SigningKey
	once     Once
	now      func() sxp.Time
	log      Log
	algebra  contract.Algebra
	wake     chan struct{} // an operation gave Step something to do
	hurry    atomic.Bool   // the network is back: the next Step tries all that waits
	done     chan struct{} // closed by Close
	stepping sync.Mutex    // one Step, or one operation that changes state, at a time

	// Guarded by stepping; live, and what the records in it say, also by mu.
	ring   *contract.KeyRing
	ledger *contract.Ledger
	limits contract.Limits
	live   map[sxp.Hash]*live
	torn   bool // the machines may know more than the disk: begin restores them
	closed bool

	unsent atomic.Bool // an announcement may not be on its board yet, or has to come down

	vaultNext  sxp.Time // when to copy
	vaultFails int      // how often in a row a relay failed then
	tidyNext   sxp.Time // when to look for what has grown old
	deviceNext sxp.Time // when to look for other devices
	heedNext   sxp.Time // when to read markets' notices
	trustNext  sxp.Time // when to look again whom markets name as neighbours

	cardNext sxp.Time                 // when to try to leave the card again
	cardLeft map[relay.Address]uint64 // the number of the card that each own relay has

	news chan struct{} // there is something for Config.Changed

	mu      sync.Mutex
	callers map[string]relay.Caller
	rolls   map[sxp.Hash]*contract.OpenedRoll
	trouble map[string]trouble
	silent  map[string]silence
	looked  map[relay.Address]bool // nodes of markets that were looked at
	opened  map[sxp.Hash]identity.Card
}

// profile is the record "me".
type profile struct {
	Label  string          `json:"label"`
	Relays []relay.Address `json:"relays"`
	Seq    uint64          `json:"seq"`
	Card   sxp.Bytes       `json:"card"` // the signed card with that Seq
	Renew  sxp.Time        `json:"renew"`

	Retired bool `json:"retired,omitempty"` // the copies at relays were deleted, and no more are made
}

const keyProfile = "me"

// Create makes the state of a new person in an empty store: a label, and the
// pinned addresses of the relays to use (relay.Address texts). It fails with
// Conflict where the store has a person already.
func Create(cfg Config, label string, relays []string) (*Agent, error) {
	const op = "agent.Create"
	addresses, err := parseAddresses(relays)
	if err != nil {
		return nil, err
	}
	a := newAgent(cfg)
	err = a.mem.update(func(t *tx) error {
		if t.get(keyProfile, new(profile)) {
			return sxp.Errorf(op, sxp.Conflict, nil, "there is a person in this home already: use another home")
		}
		p := &profile{Label: label, Relays: addresses}
		return a.renewCard(t, p)
	})
	if err != nil {
		return nil, err
	}
	return a.begun()
}

// Open continues with the state that Create made. It fails with NotFound where
// there is none, and with Denied where it belongs to other words.
func Open(cfg Config) (*Agent, error) {
	a := newAgent(cfg)
	var p profile
	err := a.mem.view(func(t *tx) error {
		b := t.kv.Get(keyProfile)
		if b == nil {
			return sxp.Errorf("agent.Open", sxp.NotFound, nil, "there is nobody in this home: run sxp init first")
		}
		if _, err := t.key.Open([]byte(keyProfile), b); err != nil {
			return sxp.Errorf("agent.Open", sxp.Denied, nil, "this home belongs to other words")
		}
		t.get(keyProfile, &p)
		return nil
	})
	if err == nil && p.Retired {
		err = a.mem.update(func(t *tx) error { t.stay(); return nil })
	}
	if err != nil {
		return nil, err
	}
	return a.begun()
}

// begun loads an agent's deals and begins to tell of changes.
func (a *Agent) begun() (*Agent, error) {
	if err := a.reload(); err != nil {
		return nil, err
	}
	if a.cfg.Changed != nil {
		go func() {
			for {
				select {
				case <-a.done:
					return
				case <-a.news:
					a.cfg.Changed()
				}
			}
		}()
	}
	return a, nil
}

// tell lets Config.Changed be called soon.
func (a *Agent) tell() {
	select {
	case a.news <- struct{}{}:
	default:
	}
}

func newAgent(cfg Config) *Agent {
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 8
	}
	if cfg.Poll == 0 {
		cfg.Poll = idleStep
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = requestTimeout
	}
	if cfg.Log == nil {
		cfg.Log = noLog{}
	}
	if cfg.Algebra == nil {
		cfg.Algebra = contract.NewAlgebra(cfg.Rand)
	}
	a := &Agent{
		cfg: cfg, id: cfg.Root.Signing(), once: cfg.Once, now: cfg.Now, log: cfg.Log,
		algebra:  cfg.Algebra,
		news:     make(chan struct{}, 1),
		wake:     make(chan struct{}, 1),
		done:     make(chan struct{}),
		callers:  map[string]relay.Caller{},
		looked:   map[relay.Address]bool{},
		rolls:    map[sxp.Hash]*contract.OpenedRoll{},
		trouble:  map[string]trouble{},
		silent:   map[string]silence{},
		opened:   map[sxp.Hash]identity.Card{},
		cardLeft: map[relay.Address]uint64{},
	}
	a.mem = memory{cfg.Store, cfg.Root.Storage(), cfg.Rand, a.tell}
	a.unsent.Store(true)
	return a
}

// ID returns who the agent acts for.
func (a *Agent) ID() sxp.ID { return a.id.ID() }

// Close ends Run, waits for what is being done and releases the store. The
// agent must not be used afterwards.
func (a *Agent) Close() error {
	a.stepping.Lock()
	defer a.stepping.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	close(a.done)
	return a.cfg.Store.Close()
}

// begin takes the lock of everything that moves a machine; the caller calls
// end. Where an earlier write failed, it first restores the machines from
// disk, and finishes the destruction of secrets that a write has forgotten.
func (a *Agent) begin() (end func(), err error) {
	a.stepping.Lock()
	switch {
	case a.closed:
		err = sxp.Errorf("agent", sxp.Unavailable, nil, "the agent was closed")
	case a.torn:
		err = a.reload()
	}
	if err != nil {
		a.stepping.Unlock()
		return nil, err
	}
	return a.stepping.Unlock, nil
}

// profile returns the record "me".
func (a *Agent) profile() (p profile, err error) {
	err = a.mem.view(func(t *tx) error { t.get(keyProfile, &p); return nil })
	return p, err
}

// Online says that the network is back: what waits for its next try is tried at
// once. Otherwise that may take minutes, and a promise has a deadline.
func (a *Agent) Online() {
	a.hurry.Store(true)
	a.nudge()
}

// nudge makes a sleeping Run step at once.
func (a *Agent) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

func parseAddresses(texts []string) ([]relay.Address, error) {
	out := make([]relay.Address, 0, len(texts))
	for _, s := range texts {
		at, err := relay.ParseAddress(s)
		if err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, nil
}

func addressTexts(list []relay.Address) []string {
	out := make([]string, len(list))
	for i, at := range list {
		out[i] = at.String()
	}
	return out
}
