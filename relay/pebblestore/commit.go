package pebblestore

import (
	"encoding/binary"
	"runtime"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"sxp"
	"sxp/relay"
)

// A task is one write on its way to disk.
type task struct {
	do    func(tx *tx) error
	alone bool // shares no group: it deletes ranges, which would take what others of its group wrote
	err   error
	done  chan struct{} // closed when err is final
}

// A group is tasks that share a sync.
type group struct {
	tasks []*task
	batch *pebble.Batch // nil if nothing changed
	last  relay.Stamp
	err   error
}

// A tx is what a task writes to: the database as all tasks before have left
// it. Only the committing goroutine uses it.
type tx struct {
	s     *Store
	db    *pebble.DB
	batch *pebble.Batch
	last  relay.Stamp

	// What this group changed, since the batch is not in db yet.
	metas  map[string]*meta // by keyPath; nil is nothing there
	counts map[string]uint32
	others map[string][]byte // accounts and invitations
	usage  map[sxp.ID]relay.Usage
}

// commit builds groups of what is queued and hands them on.
func (s *Store) commit(groups chan<- *group) {
	defer close(groups)
	for {
		runtime.Gosched() // whoever can queue something now shares the group
		s.queueMu.Lock()
		n := sharing(s.queue)
		tasks := s.queue[:n:n]
		s.queue = s.queue[n:]
		if len(s.queue) == 0 {
			s.queue = nil
		}
		s.queueMu.Unlock()
		if n > 0 {
			g := s.build(tasks)
			s.onTheWay.Add(1)
			groups <- g
			continue
		}
		select {
		case <-s.wake:
		case <-s.stop:
			s.queueMu.Lock()
			empty := len(s.queue) == 0
			s.queueMu.Unlock()
			if empty {
				return
			}
		}
	}
}

// sharing returns how many of the first tasks make a group.
func sharing(tasks []*task) int {
	for i, t := range tasks[:min(len(tasks), maxGroup)] {
		if t.alone {
			return max(i, 1)
		}
	}
	return min(len(tasks), maxGroup)
}

// build runs tasks and applies what they wrote, without waiting for the disk.
func (s *Store) build(tasks []*task) *group {
	g := &group{tasks: tasks, last: s.last}
	if g.err = s.mend(); g.err != nil {
		return g
	}
	t := &tx{
		s: s, db: s.db, batch: s.db.NewBatch(), last: s.last,
		metas: make(map[string]*meta), usage: make(map[sxp.ID]relay.Usage),
	}
	for _, task := range tasks {
		task.err = task.do(t)
	}
	if t.batch.Empty() {
		g.err = t.batch.Close()
		return g
	}
	t.finish()
	if g.err = applyNoWait(s.db, t.batch); g.err != nil {
		s.breaks(g.err)
		return g
	}
	g.batch, g.last = t.batch, t.last
	s.last = t.last
	if len(s.usage) > 100_000 { // all of it is in the database
		clear(s.usage)
	}
	for id, u := range t.usage {
		s.usage[id] = u
	}
	return g
}

// finish writes what the whole group shares.
func (t *tx) finish() {
	for id, u := range t.usage {
		if u.Records == 0 && u.Bytes == 0 {
			must(t.batch.Delete(keyUsage(id), nil))
			continue
		}
		var v [16]byte
		binary.BigEndian.PutUint64(v[:], u.Records)
		binary.BigEndian.PutUint64(v[8:], u.Bytes)
		must(t.batch.Set(keyUsage(id), v[:], nil))
	}
	if t.last != t.s.last {
		must(t.batch.Set(keyLast, binary.BigEndian.AppendUint64(nil, uint64(t.last)), nil))
	}
}

// must is for adding to a batch, which fails only if the batch is misused.
func must(err error) {
	if err != nil {
		panic("pebblestore: " + err.Error())
	}
}

// applyNoWait is db.ApplyNoSyncWait that returns what Pebble panics with.
func applyNoWait(db *pebble.DB, b *pebble.Batch) (err error) {
	defer caught(&err)
	return db.ApplyNoSyncWait(b, pebble.Sync)
}

// caught turns Pebble's giving up into an error.
func caught(err *error) {
	switch p := recover().(type) {
	case nil:
	case *fatalError:
		*err = p
	default:
		panic(p)
	}
}

// await answers the tasks of each group once it is on disk.
func (s *Store) await(groups <-chan *group) {
	for g := range groups {
		err := g.err
		if g.batch != nil {
			if err = g.batch.SyncWait(); err != nil {
				s.breaks(err)
			} else {
				s.visible.Store(uint64(g.last))
				err = g.batch.Close()
			}
		}
		if err == nil {
			// An error found before this group came to disk concerns what it
			// was built on.
			if b := s.broken.Load(); b != nil {
				err = *b
			}
		}
		for _, t := range g.tasks {
			if err != nil {
				t.err = failed("pebblestore.commit", err)
			}
			close(t.done)
		}
		s.onTheWay.Done()
	}
}

// breaks notes that the database cannot be written to any more.
func (s *Store) breaks(err error) {
	s.cfg.Log.Error("store broken", "error", err)
	s.broken.Store(&err)
}

// mend reopens a broken database, now and then, if there is room.
func (s *Store) mend() error {
	b := s.broken.Load()
	if b == nil {
		return nil
	}
	if time.Since(s.looked) < lookEvery || !s.look() {
		return *b
	}
	s.onTheWay.Wait()
	s.paths.abort.Store(true) // or it would hold up the next line
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.closeDB(); err != nil { // it was broken: what it says is known
		s.cfg.Log.Info("broken store closed", "error", err)
	}
	if err := s.openDB(); err != nil {
		s.cfg.Log.Error("store cannot be reopened", "error", err)
		return *b
	}
	s.cfg.Log.Info("store reopened")
	return nil
}

// look looks how much room the disk has, and reports whether it is enough.
func (s *Store) look() bool {
	if time.Since(s.looked) >= lookEvery {
		s.looked = time.Now()
		u, err := s.cfg.FS.GetDiskUsage(s.cfg.Dir)
		room := err != nil || u.AvailBytes >= s.cfg.Reserve // where it cannot be told, writing will tell
		if room != s.room {
			s.cfg.Log.Info("disk", "room", room, "free", u.AvailBytes, "reserve", s.cfg.Reserve)
		}
		s.room = room
	}
	return s.room
}

// wantRoom fails with Full if the disk is nearly full.
func (t *tx) wantRoom() error {
	if !t.s.look() {
		return sxp.Errorf("pebblestore.Put", sxp.Full, nil, "the relay's disk is full")
	}
	return nil
}

// meta returns what stands at a path now, nil if nothing does.
func (t *tx) meta(key []byte) (*meta, error) {
	if m, ok := t.metas[string(key)]; ok {
		return m, nil
	}
	if t.s.paths.free(key) {
		return nil, nil
	}
	return getMeta(t.db, key)
}

func (t *tx) usageOf(id sxp.ID) (relay.Usage, error) {
	if u, ok := t.usage[id]; ok {
		return u, nil
	}
	if u, ok := t.s.usage[id]; ok {
		return u, nil
	}
	return getUsage(t.db, id)
}

func getUsage(db *pebble.DB, id sxp.ID) (relay.Usage, error) {
	b, err := get(db, keyUsage(id))
	if err != nil || b == nil {
		return relay.Usage{}, err
	}
	if len(b) != 16 {
		return relay.Usage{}, damaged("a usage", b)
	}
	return relay.Usage{Records: binary.BigEndian.Uint64(b), Bytes: binary.BigEndian.Uint64(b[8:])}, nil
}

// charge changes a sender's usage by records and bytes.
func (t *tx) charge(id sxp.ID, records, bytes int64) error {
	u, err := t.usageOf(id)
	if err != nil {
		return err
	}
	u.Records = uint64(max(0, int64(u.Records)+records))
	u.Bytes = uint64(max(0, int64(u.Bytes)+bytes))
	t.usage[id] = u
	return nil
}
