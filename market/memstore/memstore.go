// Package memstore keeps a market's board in memory: for tests, and for markets
// that need not outlive their process. Searches look at every announcement,
// newest first, so it serves some tens of thousands.
package memstore

import (
	"context"
	"slices"
	"sort"
	"sync"

	"sxp"
	"sxp/market"
)

// A Store is a [market.Store]. The zero Store is empty and ready.
type Store struct {
	mu    sync.RWMutex
	seq   uint64
	byKey map[market.Key]*entry
	order []*entry // by Seq; deleted ones stay until there are too many
	dead  int      // deleted ones in order
}

// entry is never changed but for gone, which mu guards.
type entry struct {
	market.Entry
	doc  *market.Document // nil where Search does not find it
	gone bool
}

// New returns an empty store.
func New() *Store { return new(Store) }

// Apply implements market.Store.
func (s *Store) Apply(_ context.Context, put []market.Entry, del []market.Key) error {
	fresh := make([]*entry, len(put))
	for i, e := range put {
		e.Raw = slices.Clone(e.Raw)
		fresh[i] = &entry{Entry: e}
		if e.Item != nil && e.Key.Class == market.ClassAnnouncement {
			it := e.Item.Clone()
			fresh[i].doc = market.NewDocument(it)
			fresh[i].Item = nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = make(map[market.Key]*entry)
	}
	for _, k := range del {
		s.drop(k)
	}
	for _, e := range fresh {
		s.drop(e.Key)
		s.seq++
		e.Seq = s.seq
		s.byKey[e.Key] = e
		s.order = append(s.order, e)
	}
	if s.dead > 1000 && s.dead > len(s.order)/2 {
		s.order = slices.DeleteFunc(s.order, func(e *entry) bool { return e.gone })
		s.dead = 0
	}
	return nil
}

// drop deletes an entry. The caller holds mu.
func (s *Store) drop(k market.Key) {
	if e, ok := s.byKey[k]; ok {
		e.gone = true
		s.dead++
		delete(s.byKey, k)
	}
}

// Get implements market.Store.
func (s *Store) Get(_ context.Context, key market.Key) (market.Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.byKey[key]
	if !ok {
		return market.Entry{}, sxp.Errorf("memstore.Get", sxp.NotFound, key, "this board has no such entry")
	}
	return e.copy(), nil
}

// copy returns the entry with bytes that belong to the caller.
func (e *entry) copy() market.Entry {
	out := e.Entry
	out.Raw = slices.Clone(e.Raw)
	return out
}

// Search implements market.Store.
func (s *Store) Search(ctx context.Context, q market.Search) (found []market.Entry, more bool, err error) {
	var match *market.Matcher
	if !q.Query.IsZero() {
		if match, err = q.Query.Compile(); err != nil {
			return nil, false, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	size := 0
	for i := s.after(q.Before, true) - 1; i >= 0; i-- {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, false, context.Cause(ctx)
		}
		e := s.order[i]
		if e.gone || e.doc == nil || e.Expires <= q.Now || q.Direction != "" && e.Direction != q.Direction ||
			!q.Owner.IsZero() && e.Owner != q.Owner || match != nil && !match.Match(e.doc) {
			continue
		}
		if full(len(found), q.Limit, &size, len(e.Raw), q.Bytes) {
			return found, true, nil
		}
		found = append(found, e.copy())
	}
	return found, false, nil
}

// full reports whether a page ends before one more entry of n bytes, and else
// adds it to size.
func full(have, limit int, size *int, n, bytes int) bool {
	*size += n
	return have >= limit || have > 0 && bytes > 0 && *size > bytes
}

// after returns the index in order of the first entry with a Seq above seq, or
// (before) of at least seq; of nothing, where before is asked from the newest.
func (s *Store) after(seq uint64, before bool) int {
	if before && seq == 0 {
		return len(s.order)
	}
	if before {
		seq--
	}
	return sort.Search(len(s.order), func(i int) bool { return s.order[i].Seq > seq })
}

// Scan implements market.Store.
func (s *Store) Scan(ctx context.Context, f market.Filter) (found []market.Entry, more bool, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	size := 0
	for i := s.after(f.After, false); i < len(s.order); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, false, context.Cause(ctx)
		}
		e := s.order[i]
		if !e.passes(&f) {
			continue
		}
		if full(len(found), f.Limit, &size, len(e.Raw), f.Bytes) {
			return found, true, nil
		}
		found = append(found, e.copy())
	}
	return found, false, nil
}

// Count implements market.Store.
func (s *Store) Count(_ context.Context, f market.Filter) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, e := range s.order[s.after(f.After, false):] {
		if e.passes(&f) {
			n++
		}
	}
	return n, nil
}

func (e *entry) passes(f *market.Filter) bool {
	return !e.gone &&
		(len(f.Classes) == 0 || slices.Contains(f.Classes, e.Key.Class)) &&
		(f.Owner.IsZero() || e.Owner == f.Owner) &&
		(f.Peer.IsZero() || e.Peer == f.Peer) &&
		(f.LiveAt == 0 || e.Expires == 0 || e.Expires > f.LiveAt) &&
		(f.DeadBy == 0 || e.Keep != 0 && e.Keep <= f.DeadBy)
}
