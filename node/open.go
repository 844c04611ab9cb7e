package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
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

// A Server is a node with its files and its ports.
type Server struct {
	*Node
	cfg       Config
	set       settings
	listener  net.Listener
	page      net.Listener // of the metrics; nil: none
	metrics   *metrics
	tls       *tls.Config // nil: plain HTTP
	authority *authority  // of its own certificate; nil: none
	kv        kv.Store
	records   *pebblestore.Store
	photos    kv.Store        // blocks.db; nil: none
	http      *http.Transport // to other nodes
	wake      chan struct{}

	closeOnce sync.Once
	closeErr  error

	mu     sync.Mutex
	boards []*index.Store
}

const keyIdentity = "secret/identity" // the seed of the node's key

// Open opens the data folder and the ports. It fails with Busy where another
// process uses one of them, with Invalid where a field of cfg is wrong.
func Open(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = func() sxp.Time { return sxp.TimeOf(time.Now()) }
	}
	set, err := cfg.check()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, set: set, wake: make(chan struct{}, 1)}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open() (err error) {
	if err := s.openFolder(); err != nil {
		return err
	}
	s.tls = s.set.tls
	if s.cfg.tlsMode() == TLSSelf {
		if err := s.selfTLS(); err != nil {
			return err
		}
	}
	if s.listener, err = listen("listen", s.cfg.Listen); err != nil {
		return err
	}
	if s.cfg.Metrics != "" {
		if s.page, err = listen("metrics", s.cfg.Metrics); err != nil {
			return err
		}
	}
	s.warnPlain()
	s.metrics = newMetrics(s.cfg.Log)
	p, err := s.parts()
	if err != nil {
		return err
	}
	if s.Node, err = New(p); err != nil {
		return err
	}
	s.metrics.watch(s)
	return nil
}

// openFolder makes the folder, and locks it by opening its file. The file has
// the node's secrets: only its owner may read it.
func (s *Server) openFolder() error {
	const op = "node.Open"
	dir := s.cfg.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return sxp.Errorf(op, sxp.Denied, nil, "the data folder: %w", err)
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o077 != 0 {
		s.cfg.Log.Warn("other users of this machine may look into the data folder: chmod 700 it", "dir", dir, "mode", info.Mode().Perm().String())
	}
	file := filepath.Join(dir, "node.db")
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(file, 0o600); err != nil {
			return sxp.Errorf(op, sxp.Denied, nil, "other users may read the secrets in %s: %w", file, err)
		}
		s.cfg.Log.Warn("other users of this machine could read the node's secrets until now", "file", file)
	}
	db, err := boltkv.Open(file)
	if sxp.KindOf(err) == sxp.Busy {
		return sxp.Errorf(op, sxp.Busy, nil, "a node runs in %s already: stop it, or use another folder", dir)
	}
	if err != nil {
		return err
	}
	s.kv = db
	for _, sub := range []string{"records", "boards"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return sxp.Errorf(op, sxp.Denied, nil, "the data folder: %w", err)
		}
	}
	return nil
}

// parts makes what New needs from the configuration.
func (s *Server) parts() (p Parts, err error) {
	cfg := s.cfg
	key, err := nodeKey(s.kv)
	if err != nil {
		return p, err
	}
	p = Parts{
		Key: key, Label: cfg.Label, URL: cfg.Public, Operator: s.set.operator, KV: s.kv,
		Roles:      Roles{Relay: cfg.Relay, Board: cfg.Board, Watcher: cfg.Watcher, Juror: cfg.Juror, Finder: cfg.Finder},
		BoardStore: s.boardStore, MaxBoards: cfg.MaxMarkets, Dial: cfg.Dial, Now: cfg.Now, Rand: rand.Reader, Log: cfg.Log, Observer: s.metrics,
		Serves: Serves{MaxN: cfg.MaxJury, DeltaMin: s.set.deltaMin}, Solvers: s.set.solvers, SolverTime: s.set.wait, FinderWork: cfg.FinderWork, Solved: s.metrics.solved, Conduct: s.set.conduct,
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
		s.http = newTransport()
		p.Dial = s.dial
	}
	if cfg.Board {
		if p.Blocks, err = s.openBlocks(); err != nil {
			return p, err
		}
		p.BlockRoom.Bytes = int64(cfg.PhotosMiB) << 20
	}
	if !cfg.Relay {
		return p, nil
	}
	p.Policy = s.set.policy
	p.Policy.Operator = key.ID() // the node signs invitations, on its operator's command
	if s.records, err = pebblestore.Open(pebblestore.Config{Dir: filepath.Join(cfg.Dir, "records"), Log: cfg.Log}); err != nil {
		return p, err
	}
	p.Records, p.Accounts = s.records, s.records
	return p, nil
}

func (s *Server) scheme() string {
	if s.tls != nil {
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
	st, err := index.Open(context.Background(), filepath.Join(s.cfg.Dir, "boards", m.String()+".db"))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.boards = append(s.boards, st)
	s.mu.Unlock()
	return st, nil
}

// newTransport returns how other nodes are reached. Some of them hang: what
// holds a connection is bounded in time by who asks.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 5 * time.Second
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.IdleConnTimeout = 256, perTarget, 30*time.Second
	return t
}

// dial returns the way to the node at a URL over HTTP. Every call fails for
// what is no URL.
func (s *Server) dial(url string) relay.Caller {
	c, err := relayhttp.NewClient(url, relayhttp.ClientConfig{HTTP: &http.Client{Transport: s.http}, Plain: true})
	if err != nil {
		return unreachable{err}
	}
	return c
}

// unreachable is the way to what is no node.
type unreachable struct{ err error }

func (u unreachable) Call(context.Context, []byte) ([]byte, error) { return nil, u.err }

// Close ends what goes on, then releases ports and files. Call it after Run
// has returned; a second call does nothing.
func (s *Server) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *Server) close() error {
	for _, l := range []net.Listener{s.listener, s.page} {
		if l != nil {
			l.Close() // Run may have closed it
		}
	}
	var errs []error
	if s.Node != nil {
		s.Node.stop() // before the files that it uses
	}
	if s.records != nil {
		errs = append(errs, s.records.Close())
	}
	s.mu.Lock()
	for _, b := range s.boards {
		errs = append(errs, b.Close())
	}
	s.mu.Unlock()
	switch {
	case s.Node != nil:
		errs = append(errs, s.Node.Close())
	case s.kv != nil:
		errs = append(errs, s.kv.Close())
	}
	if s.photos != nil {
		errs = append(errs, s.photos.Close())
	}
	if s.http != nil {
		s.http.CloseIdleConnections()
	}
	return errors.Join(errs...)
}
