package market

import (
	"context"
	"errors"
	"slices"
	"sync"

	"sxp"
	"sxp/envelope"
)

// A Config has what a board needs.
type Config struct {
	Market sxp.ID // whose board it is
	Node   sxp.ID // the node that hosts it; where the charter names another, the board only shows the way there
	Store  Store  // of this board alone
	Limits Limits // zero fields: DefaultLimits
}

// Limits are what an operator allows on one board.
type Limits struct {
	Entries      int          // announcements and groups in all
	PerOwner     int          // announcements and groups of one person, withdrawn ones included until they expire
	Life         sxp.Duration // from now to expiry, at most MaxLife
	MailTo       int          // mail waiting for one person
	MailFrom     int          // mail waiting from one person
	Jurors       int          // enrolled jurors
	ClockAhead   sxp.Duration // by how much Created may be after the board's clock
	CommitBatch  int          // how many changes are made durable together
	MessageBytes int          // of one announcement or group, at most MaxAnnouncement
}

// DefaultLimits fit a small machine: with announcements of 500 bytes a full
// board takes some 2 GB.
func DefaultLimits() Limits {
	return Limits{
		Entries:      1_000_000,
		PerOwner:     5_000,
		Life:         MaxLife,
		MailTo:       500,
		MailFrom:     500,
		Jurors:       10_000,
		ClockAhead:   sxp.ClockSkew,
		CommitBatch:  512,
		MessageBytes: MaxAnnouncement,
	}
}

// fill replaces zero fields by the defaults.
func (l Limits) fill() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *int }{
		{&l.Entries, &d.Entries}, {&l.PerOwner, &d.PerOwner}, {&l.MailTo, &d.MailTo}, {&l.MailFrom, &d.MailFrom},
		{&l.Jurors, &d.Jurors}, {&l.CommitBatch, &d.CommitBatch}, {&l.MessageBytes, &d.MessageBytes},
	} {
		if *f.have == 0 {
			*f.have = *f.def
		}
	}
	if l.Life == 0 {
		l.Life = d.Life
	}
	if l.ClockAhead == 0 {
		l.ClockAhead = d.ClockAhead
	}
	return l
}

// A Board keeps what is published on one market and refuses what breaks its
// rules. It has no clock: now is an argument. It is safe for concurrent use;
// changes that come at the same time are made durable together.
type Board struct {
	market sxp.ID
	node   sxp.ID
	store  Store
	limits Limits

	bell    bell
	queueMu sync.Mutex
	queue   []*change // waiting for the next commit

	commitMu sync.Mutex     // held while changes are applied; guards what follows
	counts   map[sxp.ID]int // announcements and groups per owner, as far as known
	entries  int            // announcements and groups in all

	charterMu  sync.RWMutex
	charterRaw []byte   // nil: none yet
	charter    *Charter // nil: none yet; never changed, only replaced
}

// maxCounts bounds the memory of counts, some 5 MB.
const maxCounts = 50_000

// OpenBoard returns the board that the store holds. It fails where the store
// does, and with Conflict where the store holds another market's charter.
func OpenBoard(ctx context.Context, cfg Config) (*Board, error) {
	const op = "market.OpenBoard"
	if cfg.Market.IsZero() || cfg.Node.IsZero() || cfg.Store == nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a board needs a market, a node and a store")
	}
	b := &Board{market: cfg.Market, node: cfg.Node, store: cfg.Store, limits: cfg.Limits.fill(), counts: make(map[sxp.ID]int)}
	n, err := b.store.Count(ctx, Filter{Classes: counted()})
	if err != nil {
		return nil, err
	}
	b.entries = n
	charters, _, err := b.store.Scan(ctx, Filter{Classes: []Class{ClassCharter}, Limit: 2})
	if err != nil {
		return nil, err
	}
	for _, e := range charters {
		c, err := OpenCharter(e.Raw)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Internal, b.market, "the stored charter is damaged: %w", err)
		}
		if c.Market != b.market {
			return nil, sxp.Errorf(op, sxp.Conflict, c.Market, "the store belongs to this market, not to %s", b.market)
		}
		b.charter, b.charterRaw = &c, e.Raw
	}
	return b, nil
}

// counted are the classes that Limits.Entries and PerOwner count.
func counted() []Class { return []Class{ClassAnnouncement, ClassGroup} }

// Market returns whose board it is.
func (b *Board) Market() sxp.ID { return b.market }

// Limits returns what the operator allows.
func (b *Board) Limits() Limits { return b.limits }

// A change is a check and its effect, made while no other change is.
type change struct {
	plan func(ctx context.Context, v *view) error
	done bool // guarded by commitMu
	err  error
}

// commit runs plan against the state after all earlier changes, and returns
// once its effect is durable. Whoever comes first commits for all who wait: so
// many publish at once for one flush to disk.
func (b *Board) commit(ctx context.Context, plans ...func(ctx context.Context, v *view) error) []error {
	changes := make([]*change, len(plans))
	for i, p := range plans {
		changes[i] = &change{plan: p}
	}
	b.queueMu.Lock()
	b.queue = append(b.queue, changes...)
	b.queueMu.Unlock()

	b.commitMu.Lock()
	defer b.commitMu.Unlock()
	// One caller's end must not fail the others that it commits for.
	ctx = context.WithoutCancel(ctx)
	for !changes[len(changes)-1].done {
		b.queueMu.Lock()
		n := min(len(b.queue), b.limits.CommitBatch)
		batch := b.queue[:n:n]
		b.queue = b.queue[n:]
		b.queueMu.Unlock()
		b.apply(ctx, batch)
	}
	errs := make([]error, len(changes))
	for i, c := range changes {
		errs[i] = c.err
	}
	return errs
}

// commitOne is commit for one plan.
func (b *Board) commitOne(ctx context.Context, plan func(ctx context.Context, v *view) error) error {
	return b.commit(ctx, plan)[0]
}

// errInterrupted is what a change gets whose batch ended in a panic.
var errInterrupted = sxp.Errorf("market.Board", sxp.Internal, nil, "a change of the same batch failed badly")

// apply plans a batch and makes it durable.
func (b *Board) apply(ctx context.Context, batch []*change) {
	for _, c := range batch {
		c.done, c.err = true, errInterrupted
	}
	v := &view{b: b, put: make(map[Key]int), del: make(map[Key]bool), added: make(map[sxp.ID]int)}
	refused := make([]error, len(batch))
	for i, c := range batch {
		refused[i] = c.plan(ctx, v)
	}
	var failed error
	if len(v.entries) > 0 || len(v.del) > 0 {
		failed = b.store.Apply(ctx, v.entries, v.deleted())
	}
	for i, c := range batch {
		// A change that was refused stays refused; all others share one fate.
		if c.err = refused[i]; c.err == nil {
			c.err = failed
		}
	}
	if failed != nil {
		clear(b.counts)
		return
	}
	b.bell.ringFor(v.entries)
	b.entries += v.total
	for owner, n := range v.added {
		if _, known := b.counts[owner]; known {
			b.counts[owner] += n
		}
	}
	if len(b.counts) > maxCounts {
		clear(b.counts)
	}
	if v.charter != nil {
		b.setCharter(v.charter, v.charterRaw)
	}
}

func (b *Board) setCharter(c *Charter, raw []byte) {
	b.charterMu.Lock()
	defer b.charterMu.Unlock()
	b.charter, b.charterRaw = c, raw
}

// A view is the state of the store as the changes of one batch see it: each
// sees those before it.
type view struct {
	b       *Board
	entries []Entry     // to put, in order
	put     map[Key]int // index in entries
	del     map[Key]bool
	added   map[sxp.ID]int // by how much the count of each owner changes
	total   int

	charter    *Charter
	charterRaw []byte
}

// get returns a copy of the entry of that key, nil where there is none.
func (v *view) get(ctx context.Context, k Key) (*Entry, error) {
	if i, ok := v.put[k]; ok {
		e := v.entries[i]
		return &e, nil
	}
	if v.del[k] {
		return nil, nil
	}
	e, err := v.b.store.Get(ctx, k)
	if errors.Is(err, sxp.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// replace puts e. isNew says that no entry of that key was there.
func (v *view) replace(e Entry, isNew bool) {
	v.forget(e.Key)
	v.put[e.Key] = len(v.entries)
	v.entries = append(v.entries, e)
	if isNew {
		v.count(e.Key.Class, e.Owner, 1)
	}
}

// remove deletes an entry that is there.
func (v *view) remove(e *Entry) {
	v.forget(e.Key)
	v.del[e.Key] = true
	v.count(e.Key.Class, e.Owner, -1)
}

// forget takes back a put of the same batch, so that what comes later stands
// later.
func (v *view) forget(k Key) {
	i, ok := v.put[k]
	if !ok {
		return
	}
	v.entries = slices.Delete(v.entries, i, i+1)
	delete(v.put, k)
	for other, j := range v.put {
		if j > i {
			v.put[other] = j - 1
		}
	}
}

func (v *view) count(c Class, owner sxp.ID, n int) {
	if c == ClassAnnouncement || c == ClassGroup {
		v.total += n
		v.added[owner] += n
	}
}

// owned returns how many counted entries the owner has.
func (v *view) owned(ctx context.Context, owner sxp.ID) (int, error) {
	n, ok := v.b.counts[owner]
	if !ok {
		var err error
		if n, err = v.b.store.Count(ctx, Filter{Classes: counted(), Owner: owner}); err != nil {
			return 0, err
		}
		v.b.counts[owner] = n
	}
	return n + v.added[owner], nil
}

func (v *view) deleted() []Key {
	keys := make([]Key, 0, len(v.del))
	for k := range v.del {
		keys = append(keys, k)
	}
	return keys
}

// Expire deletes what may be deleted at now, and returns how much that was.
// Call it now and then: what has expired is not shown in the meantime.
func (b *Board) Expire(ctx context.Context, now sxp.Time) (int, error) {
	total := 0
	for {
		dead, _, err := b.store.Scan(ctx, Filter{DeadBy: now, Limit: MaxPage, Bytes: 16 << 20})
		if err != nil || len(dead) == 0 {
			return total, err
		}
		n := 0
		err = b.commitOne(ctx, func(ctx context.Context, v *view) error {
			for _, e := range dead {
				cur, err := v.get(ctx, e.Key)
				if err != nil {
					return err
				}
				if cur != nil && cur.Keep != 0 && cur.Keep <= now {
					v.remove(cur)
					n++
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		total += n
	}
}

// Charter returns the market's charter and its signed bytes, or fails with
// NotFound where none was put yet.
func (b *Board) Charter() (Charter, []byte, error) {
	b.charterMu.RLock()
	defer b.charterMu.RUnlock()
	if b.charter == nil {
		return Charter{}, nil, sxp.Errorf("market.Charter", sxp.NotFound, b.market, "this board has no charter yet")
	}
	return *b.charter, b.charterRaw, nil
}

// hosting returns the charter as the batch sees it, or fails where the market
// is not here.
func (v *view) hosting(op string) (*Charter, error) {
	c := v.charter
	if c == nil {
		v.b.charterMu.RLock()
		c = v.b.charter
		v.b.charterMu.RUnlock()
	}
	if c == nil {
		return nil, sxp.Errorf(op, sxp.NotFound, v.b.market, "this board has no charter yet")
	}
	if c.Node.ID != v.b.node {
		return nil, sxp.Errorf(op, sxp.Unavailable, v.b.market, "this market has moved to %s", c.Node.Address)
	}
	return c, nil
}

// checkTimes checks the times of a message against the board's clock.
func (b *Board) checkTimes(op string, now, created, expires sxp.Time) error {
	if created > now.Add(b.limits.ClockAhead) {
		return sxp.Errorf(op, sxp.Clock, nil, "it was created at %v, which has not come: this board's clock shows %v; set the clock that is wrong", created, now)
	}
	if expires != 0 && expires <= now {
		return sxp.Errorf(op, sxp.Late, nil, "it expired at %v, and it is %v now", expires, now)
	}
	return nil
}

// same reports whether two messages are one, countersignatures apart.
func same(a, b []byte) bool { return envelope.Digest(a) == envelope.Digest(b) }
