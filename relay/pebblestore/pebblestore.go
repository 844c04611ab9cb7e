// Package pebblestore keeps a relay's records and accounts on disk, in a Pebble
// database (https://github.com/cockroachdb/pebble).
//
// Writers share a sync: what arrives while one group of writes goes to disk is
// the next group, and nobody is answered before the group's fsync. Records
// that expire in the same hour stand together and are freed by deleting
// ranges. When the disk is nearly full writes are refused with Full while
// reads, deletions and expiry go on.
//
// What rests where is in keys.go.
package pebblestore

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"sxp"
	"sxp/relay"
)

// A Config says where a Store is and what it may take.
type Config struct {
	Dir     string       // its folder; made if it does not exist
	Reserve uint64       // writes are refused when the disk has less room, in bytes; 0 is DefaultReserve
	Cache   int64        // memory for blocks read, in bytes; 0 is DefaultCache
	Log     *slog.Logger // nil logs nothing
	FS      vfs.FS       // for tests; nil is the operating system's
}

// Defaults of Config, good for a small machine.
const (
	DefaultReserve = 256 << 20 // compaction needs room to free room
	DefaultCache   = 32 << 20
)

const (
	memTable  = 16 << 20        // two or three of these are in memory
	maxGroup  = 512             // writes that share a sync
	lookEvery = 1 * time.Second // how often the disk's room is looked at, and a broken database reopened
)

// A Store is a relay.Store and relay.Accounts on disk.
type Store struct {
	cfg  Config
	lock *pebble.Lock

	mu     sync.RWMutex // held for writing while db is replaced
	db     *pebble.DB
	closed bool

	visible atomic.Uint64 // the greatest stamp that is durable
	paths   *filter       // which paths may be taken

	queueMu  sync.Mutex
	queue    []*task
	wake     chan struct{} // has room for one
	stop     chan struct{}
	done     sync.WaitGroup // the two goroutines
	onTheWay sync.WaitGroup // groups handed on and not yet answered

	// Of the committing goroutine alone:
	last   relay.Stamp
	usage  map[sxp.ID]relay.Usage // what the last groups made of it
	looked time.Time
	room   bool

	broken atomic.Pointer[error] // why db must be reopened
}

var (
	_ relay.Store    = (*Store)(nil)
	_ relay.Accounts = (*Store)(nil)
)

// Open opens the store in cfg.Dir. It fails with Busy if another process has
// it open.
func Open(cfg Config) (*Store, error) {
	const op = "pebblestore.Open"
	if cfg.FS == nil {
		cfg.FS = vfs.Default
	}
	if cfg.Reserve == 0 {
		cfg.Reserve = DefaultReserve
	}
	if cfg.Cache == 0 {
		cfg.Cache = DefaultCache
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := cfg.FS.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, failed(op, err)
	}
	lock, err := pebble.LockDirectory(cfg.Dir, cfg.FS)
	if err != nil {
		if path := (*fs.PathError)(nil); errors.As(err, &path) {
			return nil, failed(op, err) // the lock's file cannot be made
		}
		return nil, sxp.Errorf(op, sxp.Busy, nil, "%s is in use by another process: %w", cfg.Dir, err)
	}
	s := &Store{cfg: cfg, lock: lock, wake: make(chan struct{}, 1), stop: make(chan struct{}), paths: newFilter()}
	if err := s.openDB(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.done.Go(func() {
		s.mu.RLock() // the database stays open meanwhile
		defer s.mu.RUnlock()
		if err := s.paths.load(s.db); err != nil {
			s.cfg.Log.Error("paths not loaded: writes are slower", "error", err)
		}
	})
	groups := make(chan *group, 1)
	s.done.Go(func() { s.commit(groups) })
	s.done.Go(func() { s.await(groups) })
	return s, nil
}

// openDB opens the database and reads where it was.
func (s *Store) openDB() error {
	const op = "pebblestore.Open"
	opts := &pebble.Options{
		FS:                 s.cfg.FS,
		Lock:               s.lock,
		CacheSize:          s.cfg.Cache,
		MemTableSize:       memTable,
		FormatMajorVersion: pebble.FormatNewest,
		Merger:             &pebble.Merger{Name: mergerName, Merge: newCount},
		Logger:             logger{s.cfg.Log},
		// Every write looks whether its path is free, in each file of level 0:
		// there shall be few of them. With messages apart they are small.
		L0CompactionThreshold: 2,
		LBaseMaxBytes:         64 << 20,
	}
	// Most writes ask first whether a path is free, and it is.
	for i := range opts.Levels {
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		opts.Levels[i].IndexBlockSize = 256 << 10
	}
	// Content is sealed, so it does not compress.
	opts.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	// Messages stand in files of their own, so that compaction moves keys only.
	opts.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
		return pebble.ValueSeparationPolicy{
			Enabled: true, MinimumSize: 512, MaxBlobReferenceDepth: 10,
			RewriteMinimumAge: 5 * time.Minute, TargetGarbageRatio: 0.3,
		}
	}
	db, err := pebble.Open(s.cfg.Dir, opts)
	if err != nil {
		return failed(op, err)
	}
	last, err := getUint64(db, keyLast)
	if err != nil {
		return errors.Join(failed(op, err), db.Close())
	}
	s.db, s.last, s.usage = db, relay.Stamp(last), make(map[sxp.ID]relay.Usage)
	s.visible.Store(last)
	s.broken.Store(nil)
	s.looked = time.Time{}
	return nil
}

// Close waits for writes under way and closes the store. Later calls fail with
// Unavailable.
func (s *Store) Close() error {
	s.paths.abort.Store(true)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	close(s.stop)
	s.done.Wait()
	return errors.Join(s.closeDB(), s.lock.Close())
}

// closeDB closes a database that may be broken.
func (s *Store) closeDB() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sxp.Errorf("pebblestore.Close", sxp.Internal, nil, "%v", p)
		}
	}()
	return s.db.Close()
}

// failed gives an error of the database or the file system its kind.
func failed(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return sxp.Errorf(op, sxp.Full, nil, "the relay's disk is full: %w", err)
	case sxp.KindOf(err) != sxp.Internal:
		return err
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}

// view calls f with the database, which stays open meanwhile.
func (s *Store) view(op string, f func(db *pebble.DB) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return sxp.Errorf(op, sxp.Unavailable, nil, "the store is closed")
	}
	return failed(op, f(s.db))
}

// Flush writes out what is only in the log and in memory, which makes the next
// Open faster. Nothing depends on it.
func (s *Store) Flush() error {
	return s.view("pebblestore.Flush", func(db *pebble.DB) error { return db.Flush() })
}

// Size returns how many bytes the store takes on disk.
func (s *Store) Size() (uint64, error) {
	var n uint64
	err := filepath.WalkDir(s.cfg.Dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += uint64(info.Size())
		}
		return nil // a file that compaction has just removed
	})
	return n, failed("pebblestore.Size", err)
}

// enqueue has do run by the committing goroutine, and returns when what it
// wrote is durable.
func (s *Store) enqueue(ctx context.Context, op string, do func(tx *tx) error) error {
	return s.run(ctx, op, &task{do: do})
}

func (s *Store) run(ctx context.Context, op string, t *task) error {
	if err := ctx.Err(); err != nil {
		return sxp.Errorf(op, sxp.Unavailable, nil, "%w", context.Cause(ctx))
	}
	t.done = make(chan struct{})
	s.mu.RLock()
	closed := s.closed
	if !closed {
		s.queueMu.Lock()
		s.queue = append(s.queue, t)
		s.queueMu.Unlock()
	}
	s.mu.RUnlock()
	if closed {
		return sxp.Errorf(op, sxp.Unavailable, nil, "the store is closed")
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	<-t.done
	return failed(op, t.err)
}

// logger gives Pebble's words to the operator's log. Pebble calls Fatalf when
// it cannot go on: in the committing goroutine that is caught and the database
// reopened, elsewhere it ends the process, and all that was acknowledged is on
// disk.
type logger struct{ log *slog.Logger }

func (l logger) Infof(string, ...any) {}

func (l logger) Errorf(format string, args ...any) {
	l.log.Error("store", "event", sprintf(format, args...))
}

func (l logger) Fatalf(format string, args ...any) {
	err := &fatalError{text: sprintf(format, args...)}
	for _, a := range args {
		if cause, ok := a.(error); ok {
			err.cause = cause
		}
	}
	l.log.Error("store cannot go on", "event", err.text)
	panic(err)
}

// A fatalError is what Pebble said when it gave up.
type fatalError struct {
	text  string
	cause error
}

func (e *fatalError) Error() string { return e.text }
func (e *fatalError) Unwrap() error { return e.cause }
