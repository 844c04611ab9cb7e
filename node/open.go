package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sxp"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/internal/kv/boltkv"
	"sxp/market"
	"sxp/market/index"
	"sxp/relay"
	"sxp/relay/pebblestore"
	"sxp/relay/relayhttp"
)

// A Config is what an operator decides: the fields of a node's TOML file.
type Config struct {
	Dir      string `toml:"dir"`      // data folder, made with mode 0700
	Listen   string `toml:"listen"`   // "host:port"; port 0 picks a free one
	Public   string `toml:"public"`   // URL that others use; empty: from listen
	Label    string `toml:"label"`    // a name for people
	Operator string `toml:"operator"` // id of who runs it; a jury has one seat for each operator

	Relay   bool `toml:"relay"`   // keep records for their receivers
	Board   bool `toml:"board"`   // host markets that people found here
	Watcher bool `toml:"watcher"` // file claims for people who are away
	Juror   bool `toml:"juror"`   // referee contracts it is drawn for
	Finder  bool `toml:"finder"`  // propose the rings of hosted markets

	Accounts string   `toml:"accounts"` // whose records the relay keeps: open, invited or own
	Own      []string `toml:"own"`      // ids that may write where accounts is own

	DeltaMin string `toml:"delta_min"` // juror: the smallest Δ it keeps, "10s"
	MaxJury  int    `toml:"max_jury"`  // juror: the largest jury it serves

	TLSCert string `toml:"tls_cert"` // PEM files; without them the node speaks plain HTTP, for this machine or a proxy
	TLSKey  string `toml:"tls_key"`
	Metrics string `toml:"metrics"` // "host:port" of the Prometheus page; empty: none

	Log  *slog.Logger                  `toml:"-"` // nil logs nothing
	Now  func() sxp.Time               `toml:"-"` // nil is the machine's clock
	Dial func(url string) relay.Caller `toml:"-"` // nil is HTTP
}

// DefaultConfig is a small node: everything but juror, on a free port of this
// machine.
func DefaultConfig() Config {
	return Config{Listen: "127.0.0.1:0", Label: "node", Relay: true, Board: true, Watcher: true, Finder: true, Accounts: string(relay.Open)}
}

// A Server is a node with its files and its port.
type Server struct {
	*Node
	cfg      Config
	listener net.Listener
	metrics  *metrics
	kv       kv.Store
	records  *pebblestore.Store
	wake     chan struct{}

	mu     sync.Mutex
	boards []*index.Store
}

const keyIdentity = "secret/identity"

// Open opens the data folder and the port. It fails with Busy where another
// process uses either.
func Open(cfg Config) (s *Server, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = func() sxp.Time { return sxp.TimeOf(time.Now()) }
	}
	s = &Server{cfg: cfg, wake: make(chan struct{}, 1), metrics: newMetrics(cfg.Log)}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, sxp.Errorf("node.Open", sxp.Denied, nil, "the data folder: %w", err)
	}
	if s.kv, err = boltkv.Open(filepath.Join(cfg.Dir, "node.db")); err != nil {
		return nil, err
	}
	if s.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, sxp.Errorf("node.Open", sxp.Busy, nil, "cannot listen on %s: %w", cfg.Listen, err)
	}
	p, err := s.parts()
	if err != nil {
		return nil, err
	}
	s.Node, err = New(p)
	return s, err
}

// parts makes what New needs from the configuration.
func (s *Server) parts() (p Parts, err error) {
	cfg := s.cfg
	key, err := nodeKey(s.kv)
	if err != nil {
		return p, err
	}
	p = Parts{
		Key: key, Label: cfg.Label, URL: cfg.Public, KV: s.kv,
		Roles:      Roles{Relay: cfg.Relay, Board: cfg.Board, Watcher: cfg.Watcher, Juror: cfg.Juror, Finder: cfg.Finder},
		BoardStore: s.boardStore, Dial: cfg.Dial, Now: cfg.Now, Rand: rand.Reader, Log: cfg.Log, Observer: s.metrics,
		Serves: Serves{MaxN: cfg.MaxJury},
		Wake: func() {
			select {
			case s.wake <- struct{}{}:
			default:
			}
		},
	}
	if p.URL == "" {
		p.URL = s.scheme() + s.listener.Addr().String()
	}
	if p.Dial == nil {
		p.Dial = Dial
	}
	if cfg.Operator != "" {
		if p.Operator, err = sxp.ParseID(cfg.Operator); err != nil {
			return p, err
		}
	}
	if cfg.DeltaMin != "" {
		d, err := time.ParseDuration(cfg.DeltaMin)
		if err != nil || d < time.Millisecond {
			return p, sxp.Errorf("node.Open", sxp.Invalid, nil, "delta_min: %q is not a span such as 10s", cfg.DeltaMin)
		}
		p.Serves.DeltaMin = sxp.DurationOf(d)
	}
	return p, s.relayParts(&p)
}

func (s *Server) relayParts(p *Parts) (err error) {
	if !s.cfg.Relay {
		return nil
	}
	p.Policy = relay.Policy{Mode: relay.Mode(s.cfg.Accounts), Operator: p.Operator}
	if p.Policy.Operator.IsZero() {
		p.Policy.Operator = p.Key.ID()
	}
	for _, text := range s.cfg.Own {
		id, err := sxp.ParseID(text)
		if err != nil {
			return err
		}
		p.Policy.Own = append(p.Policy.Own, id)
	}
	if s.records, err = pebblestore.Open(pebblestore.Config{Dir: filepath.Join(s.cfg.Dir, "records"), Log: s.cfg.Log}); err != nil {
		return err
	}
	p.Records, p.Accounts = s.records, s.records
	return nil
}

func (s *Server) scheme() string {
	if s.cfg.TLSCert != "" {
		return "https://"
	}
	return "http://"
}

// nodeKey returns the node's identity key, made once.
func nodeKey(store kv.Store) (key *identity.SigningKey, err error) {
	err = store.Update(func(tx kv.Tx) error {
		if seed := tx.Get(keyIdentity); seed != nil {
			key, err = identity.ParseSigningKey(seed)
			clear(seed)
			return err
		}
		if key, err = identity.NewSigningKey(rand.Reader); err != nil {
			return err
		}
		seed := key.Seed()
		defer clear(seed)
		return tx.Put(keyIdentity, seed)
	})
	return key, err
}

// boardStore opens the file of one market's board.
func (s *Server) boardStore(m sxp.ID) (market.Store, error) {
	dir := filepath.Join(s.cfg.Dir, "boards")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, sxp.Errorf("node.boardStore", sxp.Internal, m, "%w", err)
	}
	st, err := index.Open(context.Background(), filepath.Join(dir, m.String()+".db"))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.boards = append(s.boards, st)
	s.mu.Unlock()
	return st, nil
}

// Dial returns the way to the node at a URL over HTTP. Every call fails for
// what is no URL.
func Dial(url string) relay.Caller {
	c, err := relayhttp.NewClient(url, relayhttp.ClientConfig{Plain: true})
	if err != nil {
		return unreachable{err}
	}
	return c
}

// unreachable is the way to what is no node.
type unreachable struct{ err error }

func (u unreachable) Call(context.Context, []byte) ([]byte, error) { return nil, u.err }

// Run serves until ctx ends. It fails where the port or a store does.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var tlsConfig *tls.Config
	if s.cfg.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(s.cfg.TLSCert, s.cfg.TLSKey)
		if err != nil {
			return sxp.Errorf("node.Run", sxp.Invalid, nil, "the TLS certificate: %w", err)
		}
		tlsConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	server := relayhttp.NewServer(relayhttp.ServerConfig{
		Handler: s.Node, Signer: s.p.Key, Now: s.cfg.Now, Log: s.cfg.Log, TLS: tlsConfig,
		Info: relayhttp.Info{Name: s.cfg.Label, Services: s.Services()},
	})
	var wg sync.WaitGroup
	run := func(f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	run(func(ctx context.Context) error { return server.Serve(ctx, s.listener) })
	run(s.steps)
	if s.cfg.Metrics != "" {
		run(s.serveMetrics)
	}
	s.cfg.Log.Info("serving", "address", s.Address().String(), "services", s.Services())
	wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// steps calls Step whenever it is due or something woke the node. A step that
// fails is tried again: the disk may have room by then.
func (s *Server) steps(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := s.Step(ctx)
		wait := time.Second
		if err != nil {
			s.cfg.Log.Error("a step failed", "err", err)
		} else {
			wait = next.Sub(s.cfg.Now()).Std()
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

func (s *Server) serveMetrics(ctx context.Context) error {
	l, err := net.Listen("tcp", s.cfg.Metrics)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	h := &http.Server{Handler: s.metrics.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		h.Close()
	}()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close releases port and files. Call it after Run has returned.
func (s *Server) Close() error {
	var errs []error
	if s.listener != nil {
		s.listener.Close() // Serve may have closed it
	}
	if s.records != nil {
		errs = append(errs, s.records.Close())
	}
	s.mu.Lock()
	for _, b := range s.boards {
		errs = append(errs, b.Close())
	}
	s.mu.Unlock()
	if s.kv != nil {
		errs = append(errs, s.kv.Close())
	}
	return errors.Join(errs...)
}
