// Package memstore keeps a relay's records and accounts in memory: for tests,
// simulations and relays whose operator wants nothing on disk. All is lost when
// the process ends.
package memstore

import (
	"context"
	"slices"
	"sort"
	"sync"

	"sxp"
	"sxp/relay"
)

// A Store is a relay.Store and relay.Accounts in memory. Its zero value is
// empty and ready.
type Store struct {
	mu       sync.Mutex
	last     relay.Stamp
	records  map[relay.Path]*record
	inbox    map[sxp.ID]*box // by receiver
	outbox   map[sxp.ID]*box // by sender
	expiry   map[int64][]*record
	deleted  map[relay.Path]tombstone
	usage    map[sxp.ID]relay.Usage
	accounts map[sxp.ID]relay.Account
	used     map[sxp.Hash]map[sxp.ID]bool // who opened an account with an invitation
}

var (
	_ relay.Store    = (*Store)(nil)
	_ relay.Accounts = (*Store)(nil)
)

type record struct {
	relay.Entry
	gone bool
}

// A box has records in the order of their stamps, gone ones among them.
type box struct {
	list []*record
	gone int
}

type tombstone struct {
	timestamp sxp.Time // of the deleted record
	until     sxp.Time // when it may be forgotten
}

// bucketOf groups records that are freed together: those of one hour.
func bucketOf(t sxp.Time) int64 { return int64(t) / int64(sxp.Hour) }

// Put implements relay.Store.
func (s *Store) Put(_ context.Context, now sxp.Time, e *relay.Entry, quota relay.Quota) (relay.Stamp, error) {
	const op = "memstore.Put"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records == nil {
		s.init()
	}
	if old := s.records[e.Path]; old != nil {
		if old.Expires > now {
			if old.Body == e.Body {
				return old.Stamp, nil
			}
			return 0, sxp.Errorf(op, sxp.Conflict, e.Path, "another record rests at this path: give a new one a new record id")
		}
		s.remove(old)
	}
	if d, ok := s.deleted[e.Path]; ok && e.Timestamp <= d.timestamp {
		return 0, sxp.Errorf(op, sxp.Replay, e.Path, "this record was deleted: to write it again, sign it again")
	}
	u := s.usage[e.Path.Sender]
	if err := quota.Allows(u, e.Size); err != nil {
		return 0, err
	}
	s.last = s.last.Next(now)
	r := &record{Entry: *e}
	r.Stamp, r.Reads, r.Message = s.last, 0, slices.Clone(e.Message)
	s.records[r.Path] = r
	add(s.inbox, r.Path.Receiver, r)
	add(s.outbox, r.Path.Sender, r)
	b := bucketOf(r.Expires)
	s.expiry[b] = append(s.expiry[b], r)
	s.usage[r.Path.Sender] = relay.Usage{Records: u.Records + 1, Bytes: u.Bytes + r.Size}
	return r.Stamp, nil
}

func (s *Store) init() {
	s.records = make(map[relay.Path]*record)
	s.inbox, s.outbox = make(map[sxp.ID]*box), make(map[sxp.ID]*box)
	s.expiry = make(map[int64][]*record)
	s.deleted = make(map[relay.Path]tombstone)
	s.usage = make(map[sxp.ID]relay.Usage)
}

func add(boxes map[sxp.ID]*box, id sxp.ID, r *record) {
	b := boxes[id]
	if b == nil {
		b = new(box)
		boxes[id] = b
	}
	b.list = append(b.list, r)
}

// remove takes r out of all but the expiry buckets, which are dropped whole.
func (s *Store) remove(r *record) {
	if r.gone {
		return
	}
	r.gone = true
	r.Message = nil
	delete(s.records, r.Path)
	drop(s.inbox, r.Path.Receiver)
	drop(s.outbox, r.Path.Sender)
	u := s.usage[r.Path.Sender]
	u.Records--
	u.Bytes -= r.Size
	if u.Records == 0 {
		delete(s.usage, r.Path.Sender)
	} else {
		s.usage[r.Path.Sender] = u
	}
}

// drop counts a record that is gone, and tidies up when half of a box is.
func drop(boxes map[sxp.ID]*box, id sxp.ID) {
	b := boxes[id]
	if b.gone++; 2*b.gone < len(b.list) {
		return
	}
	b.list = slices.DeleteFunc(b.list, func(r *record) bool { return r.gone })
	b.gone = 0
	if len(b.list) == 0 {
		delete(boxes, id)
	}
}

// Read implements relay.Store.
func (s *Store) Read(_ context.Context, now sxp.Time, p relay.Path) (*relay.Entry, error) {
	const op = "memstore.Read"
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[p]
	if r == nil || r.Expires <= now {
		return nil, sxp.Errorf(op, sxp.NotFound, p, "no record rests here")
	}
	if r.MaxReads > 0 && r.Reads >= r.MaxReads {
		return nil, sxp.Errorf(op, sxp.Denied, p, "this record was read %d times, as often as its sender allowed", r.MaxReads)
	}
	r.Reads++
	e := r.Entry
	e.Message = slices.Clone(e.Message)
	return &e, nil
}

// List implements relay.Store.
func (s *Store) List(_ context.Context, q relay.Query) (relay.List, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.inbox[q.Receiver]
	if q.Receiver.IsZero() {
		b = s.outbox[q.Sender]
	}
	l := relay.List{Next: q.After}
	if b == nil {
		return l, nil
	}
	i := sort.Search(len(b.list), func(i int) bool { return b.list[i].Stamp > q.After })
	for _, r := range b.list[i:] {
		if q.Before != 0 && r.Stamp >= q.Before {
			break
		}
		if len(l.Entries) == q.Limit {
			l.More = true
			break
		}
		l.Next = r.Stamp
		if r.gone || r.Expires <= q.Now || q.Tag != "" && r.Tag != q.Tag {
			continue
		}
		e := r.Entry
		e.Message = nil
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// Delete implements relay.Store.
func (s *Store) Delete(_ context.Context, now sxp.Time, p relay.Path) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[p]
	if r == nil || r.Expires <= now {
		return sxp.Errorf("memstore.Delete", sxp.NotFound, p, "no record rests here")
	}
	s.remove(r)
	s.deleted[p] = tombstone{r.Timestamp, now.Add(relay.TombstoneTime)}
	return nil
}

// Expire implements relay.Store.
func (s *Store) Expire(_ context.Context, now sxp.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for b, list := range s.expiry {
		if b >= bucketOf(now) {
			continue
		}
		for _, r := range list {
			if !r.gone {
				s.remove(r)
				n++
			}
		}
		delete(s.expiry, b)
	}
	for p, d := range s.deleted {
		if d.until <= now {
			delete(s.deleted, p)
		}
	}
	return n, nil
}

// Usage implements relay.Store.
func (s *Store) Usage(_ context.Context, sender sxp.ID) (relay.Usage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage[sender], nil
}

// Account implements relay.Accounts.
func (s *Store) Account(_ context.Context, id sxp.ID) (relay.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[id]
	if !ok {
		return a, sxp.Errorf("memstore.Account", sxp.NotFound, id, "no account")
	}
	return a, nil
}

// OpenAccount implements relay.Accounts.
func (s *Store) OpenAccount(_ context.Context, a relay.Account, uses uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts == nil {
		s.accounts = make(map[sxp.ID]relay.Account)
		s.used = make(map[sxp.Hash]map[sxp.ID]bool)
	}
	by := s.used[a.Invitation]
	if by[a.ID] { // opened before: nothing changes, also not an end that has passed
		return nil
	}
	if len(by) >= int(uses) {
		return sxp.Errorf("memstore.OpenAccount", sxp.Denied, a.ID, "the invitation has opened %d accounts, as many as it may", uses)
	}
	if by == nil {
		by = make(map[sxp.ID]bool)
		s.used[a.Invitation] = by
	}
	by[a.ID] = true
	s.accounts[a.ID] = a
	return nil
}
