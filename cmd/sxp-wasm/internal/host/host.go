// Package host is what the app in a browser has beside the agent: it makes,
// restores, locks and unlocks the person of this browser, answers the
// operations of ops.go and passes all others on to the agent.
//
// What a browser offers comes in through Config, so that the same code runs in
// tests. A Host has at most one agent; the page's tabs agree which of them has
// the Host.
package host

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/identity"
	"sxp/identity/keyfile"
	"sxp/internal/kv"
)

// A Disk is what a browser keeps for the app.
type Disk interface {
	// Records opens the agent's records, which belong to this Host until they
	// are closed.
	Records() (kv.Store, error)

	// Once keeps one-time keys.
	Once() agent.Once

	// Get returns a small record of the host's own, nil where there is none.
	Get(name string) ([]byte, error)

	// Put stores it durably; nil removes it.
	Put(name string, value []byte) error

	// Erase removes all that there is, as far as the browser can.
	Erase() error

	// Describe says how much is used, and of how much; Persist asks the
	// browser to keep it when room grows scarce.
	Describe(ctx context.Context) (Storage, error)
	Persist()
}

// A Stretcher turns passphrases into keys, in a place that gives the memory
// back: keyfile.Seal and keyfile.Open.
type Stretcher interface {
	Seal(ctx context.Context, secret, passphrase []byte) ([]byte, error)
	Open(ctx context.Context, file, passphrase []byte) ([]byte, error)
}

// A Device keeps the root of an open person for as long as the person wants
// it: in the memory of this browser's tabs, so that another tab can go on, and
// with remember on its disk, under a key that scripts cannot read.
type Device interface {
	Keep(root []byte, remember bool) error
	Forget() error
}

// A Config has what a Host depends on. All fields are needed but Changed.
type Config struct {
	Disk    Disk
	Stretch Stretcher
	Device  Device
	Served  string // URL of the node that served the page
	Name    string // of this device, for the person's other devices
	Now     func() sxp.Time
	Rand    io.Reader
	Changed func() // State may have changed; called often, never with locks held
}

// A Host is safe for concurrent use.
type Host struct {
	cfg     Config
	version atomic.Int64

	turn sync.Mutex // held by what opens or closes the person, one at a time

	mu     sync.Mutex
	person *person        // nil: new
	agent  *agent.Agent   // nil: locked or new
	root   *identity.Root // of agent
	ways   *ways          // of agent
	stop   context.CancelFunc
	ended  chan struct{} // closed when the agent's Run has ended
	failed error         // why Run ended
}

// person is the record "person": who is here, and the root under a passphrase.
type person struct {
	Label      string    `json:"label"`
	Keyfile    sxp.Bytes `json:"keyfile"`
	Remember   bool      `json:"remember,omitempty"`
	Passkey    sxp.Bytes `json:"passkey,omitempty"`    // the root, sealed under the passkey's PRF output
	Credential sxp.Bytes `json:"credential,omitempty"` // the passkey's public id
}

const keyPerson = "person"

// Limits of what people type.
const (
	maxPassphrase = 1024 // bytes
	maxWords      = 1024
)

// New returns a host of what the disk has. A root that the device kept opens
// the person at once; one that does not fit is forgotten.
func New(ctx context.Context, cfg Config, root []byte) (*Host, error) {
	h := &Host{cfg: cfg}
	b, err := cfg.Disk.Get(keyPerson)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return h, nil
	}
	var p person
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, sxp.Errorf("host.New", sxp.Invalid, nil, "what this browser keeps of the person is damaged: erase it and restore from the 24 words: %w", err)
	}
	h.person = &p
	if root == nil {
		return h, nil
	}
	err = h.open(ctx, root, agent.Open)
	if errors.Is(err, sxp.Denied) || errors.Is(err, sxp.Invalid) {
		return h, h.cfg.Device.Forget() // of somebody who was erased
	}
	return h, err
}

// State says what the page shows.
func (h *Host) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := State{State: StateNew, Version: h.version.Load()}
	if h.person != nil {
		s.State, s.Label, s.Remembered, s.Passkey = StateLocked, h.person.Label, h.person.Remember, h.person.Credential
	}
	if h.agent != nil {
		s.State = StateOpen
	}
	return s
}

func (h *Host) changed() {
	h.version.Add(1)
	if h.cfg.Changed != nil {
		h.cfg.Changed()
	}
}

// operations is the table of the host's own; all others are the agent's.
func (h *Host) operations() agent.Table {
	return agent.Table{
		"host.create":        agent.Typed(h.create),
		"host.restore":       agent.Typed(h.restore),
		"host.unlock":        agent.Typed(h.unlock),
		"host.lock":          agent.Typed(h.lock),
		"host.words":         agent.Typed(h.words),
		"host.passphrase":    agent.Typed(h.passphrase),
		"host.remember":      agent.Typed(h.remember),
		"host.passkey":       agent.Typed(h.passkey),
		"host.unlockPasskey": agent.Typed(h.unlockPasskey),
		"host.wordCheck":     agent.Typed(h.wordCheck),
		"host.verify":        agent.Typed(h.verify),
		"host.identify":      agent.Typed(h.identify),
		"host.storage":       agent.Typed(h.storage),
		"host.node":          agent.Typed(h.node),
		"host.online":        agent.Typed(h.online),
		"host.erase":         agent.Typed(h.erase),
		"host.parse":         agent.Typed(h.parse),
	}
}

// Do answers one operation, as agent.Doer.
func (h *Host) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	if strings.HasPrefix(op, "host.") {
		return h.operations().Do(ctx, op, in)
	}
	h.mu.Lock()
	g, failed := h.agent, h.failed
	h.mu.Unlock()
	switch {
	case g != nil && failed != nil:
		return nil, sxp.Errorf("host.Do", sxp.KindOf(failed), nil, "the agent has stopped: %w", failed)
	case g == nil:
		return nil, locked()
	}
	return g.Do(ctx, op, in)
}

func locked() error {
	return sxp.Errorf("host.Do", sxp.Denied, nil, "the app is locked: unlock it first")
}

// open makes start's agent the one that runs. The caller holds turn, or is New;
// root stays the caller's.
func (h *Host) open(ctx context.Context, root []byte, start func(agent.Config) (*agent.Agent, error)) error {
	r, err := identity.ParseRoot(root)
	if err != nil {
		return err
	}
	store, err := h.cfg.Disk.Records()
	if err != nil {
		r.Erase()
		return err
	}
	w := newWays(r.Signing(), h.cfg.Now, h.cfg.Rand)
	g, err := start(agent.Config{
		Root: r, Store: store, Once: h.cfg.Disk.Once(),
		Dial: w.dial, Now: h.cfg.Now, Rand: h.cfg.Rand,
		Limits: contract.DefaultLimits(), Device: h.cfg.Name, Changed: h.changed,
	})
	if err != nil {
		w.close()
		r.Erase()
		return errors.Join(err, store.Close())
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	h.mu.Lock()
	h.agent, h.root, h.ways, h.stop, h.ended, h.failed = g, r, w, stop, ended, nil
	h.mu.Unlock()
	go func() {
		defer close(ended)
		if err := g.Run(run); err != nil && run.Err() == nil {
			h.mu.Lock()
			h.failed = err
			h.mu.Unlock()
			h.changed()
		}
	}()
	h.changed()
	return nil
}

// Close ends the agent, if one runs, and waits for it.
func (h *Host) Close() error {
	h.turn.Lock()
	defer h.turn.Unlock()
	return h.closeAgent()
}

func (h *Host) closeAgent() error {
	h.mu.Lock()
	g, root, w, stop, ended := h.agent, h.root, h.ways, h.stop, h.ended
	h.agent, h.root, h.ways, h.failed = nil, nil, nil, nil
	h.mu.Unlock()
	if g == nil {
		return nil
	}
	stop()
	<-ended
	err := g.Close()
	w.close()
	root.Erase()
	h.changed()
	return err
}

// save stores the record of the person, and then shows it.
func (h *Host) save(p *person) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := h.cfg.Disk.Put(keyPerson, b); err != nil {
		return err
	}
	h.mu.Lock()
	h.person = p
	h.mu.Unlock()
	h.changed()
	return nil
}

// here returns a copy of the person's record.
func (h *Host) here() (*person, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.person == nil {
		return nil, sxp.Errorf("host", sxp.NotFound, nil, "there is nobody in this browser yet")
	}
	p := *h.person
	return &p, nil
}

func checkPassphrase(s string) ([]byte, error) {
	const op = "host.passphrase"
	if s == "" {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "an empty passphrase protects nothing")
	}
	if len(s) > maxPassphrase {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a passphrase has at most %d bytes", maxPassphrase)
	}
	return []byte(s), nil
}

// fresh makes the person of an empty browser: start puts an agent into it.
// Where anything fails the browser is as empty as before.
func (h *Host) fresh(ctx context.Context, label, passphrase string, root *identity.Root, start func(agent.Config) (*agent.Agent, error)) error {
	const op = "host.create"
	pass, err := checkPassphrase(passphrase)
	if err != nil {
		return err
	}
	defer clear(pass)
	h.turn.Lock()
	defer h.turn.Unlock()
	if p, err := h.here(); err == nil {
		return sxp.Errorf(op, sxp.Conflict, nil, "%q is in this browser already: erase what is here first, or use another browser profile", p.Label)
	}
	secret := root.Bytes()
	defer clear(secret)
	file, err := h.cfg.Stretch.Seal(ctx, secret, pass)
	if err != nil {
		return err
	}
	h.cfg.Disk.Persist()
	if err := h.cfg.Disk.Erase(); err != nil { // what an attempt that was cut off left
		return err
	}
	if err := h.open(ctx, secret, start); err != nil {
		return errors.Join(err, h.cfg.Disk.Erase())
	}
	if label == "" {
		s, err := agent.Call[agent.Status](ctx, h, "status", agent.None{})
		if err != nil {
			return errors.Join(err, h.closeAgent(), h.cfg.Disk.Erase())
		}
		label = s.Label
	}
	if err := h.save(&person{Label: label, Keyfile: file}); err != nil {
		return errors.Join(err, h.closeAgent(), h.cfg.Disk.Erase())
	}
	h.keep(secret, false)
	return nil
}

// keep gives the root to the device. Where that fails the person has to type
// the passphrase again in another tab, and loses nothing.
func (h *Host) keep(secret []byte, remember bool) {
	_ = h.cfg.Device.Keep(secret, remember)
}

// unsealed returns the person that is here, and their root under the
// passphrase, which the caller clears.
func (h *Host) unsealed(ctx context.Context, passphrase string) (p *person, secret []byte, err error) {
	if p, err = h.here(); err != nil {
		return nil, nil, err
	}
	if len(passphrase) > maxPassphrase {
		return nil, nil, sxp.Errorf("host.unlock", sxp.TooLarge, nil, "a passphrase has at most %d bytes", maxPassphrase)
	}
	pass := []byte(passphrase)
	defer clear(pass)
	secret, err = h.cfg.Stretch.Open(ctx, p.Keyfile, pass)
	if errors.Is(err, sxp.Denied) {
		return nil, nil, sxp.Errorf("host.unlock", sxp.Denied, nil, "this is not the passphrase")
	}
	return p, secret, err
}

// Local stretches in this process: where there is no other place.
type Local struct{}

// Seal is Stretcher.Seal.
func (Local) Seal(_ context.Context, secret, passphrase []byte) ([]byte, error) {
	return keyfile.Seal(keyfile.DefaultParams(), secret, passphrase)
}

// Open is Stretcher.Open.
func (Local) Open(_ context.Context, file, passphrase []byte) ([]byte, error) {
	return keyfile.Open(file, passphrase)
}
