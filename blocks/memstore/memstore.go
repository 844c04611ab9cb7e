// Package memstore keeps blocks in memory: for tests, simulations and nodes
// whose photos need not outlive their process.
package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"

	"sxp"
	"sxp/blocks"
)

// A Store is a [blocks.Store]. The zero Store is empty and ready.
type Store struct {
	mu    sync.RWMutex
	data  map[sxp.Hash]*block
	usage map[sxp.ID]blocks.Usage // of the zero ID: of all
}

// block is one block and until when each of its holders keeps it.
type block struct {
	data []byte
	held map[sxp.ID]sxp.Time
}

// New returns an empty store.
func New() *Store { return new(Store) }

// Put implements blocks.Store.
func (s *Store) Put(_ context.Context, h blocks.Holding, data []byte, limits blocks.Limits) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.data[h.Hash]
	if b != nil {
		if until, ok := b.held[h.Owner]; ok {
			b.held[h.Owner] = max(until, h.Until)
			return nil
		}
	}
	if err := limits.Allows(s.usage[h.Owner], s.usage[sxp.ID{}], len(data), b == nil); err != nil {
		return err
	}
	if s.data == nil {
		s.data, s.usage = map[sxp.Hash]*block{}, map[sxp.ID]blocks.Usage{}
	}
	if b == nil {
		b = &block{data: bytes.Clone(data), held: map[sxp.ID]sxp.Time{}}
		s.data[h.Hash] = b
		s.count(sxp.ID{}, 1, len(data))
	}
	b.held[h.Owner] = h.Until
	s.count(h.Owner, 1, len(data))
	return nil
}

// count adds to what is used. The caller holds mu.
func (s *Store) count(owner sxp.ID, n int64, size int) {
	u := s.usage[owner]
	u.Blocks += n
	u.Bytes += n * int64(size)
	if s.usage[owner] = u; u.Blocks == 0 {
		delete(s.usage, owner)
	}
}

// Get implements blocks.Store.
func (s *Store) Get(_ context.Context, hash sxp.Hash) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.data[hash]
	if b == nil {
		return nil, sxp.Errorf("memstore.Get", sxp.NotFound, hash, "this node has no such block")
	}
	return bytes.Clone(b.data), nil
}

// Settle implements blocks.Store.
func (s *Store) Settle(_ context.Context, list []blocks.Holding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range list {
		b := s.data[h.Hash]
		if b == nil {
			continue
		}
		if _, ok := b.held[h.Owner]; !ok {
			continue
		}
		if h.Until != 0 {
			b.held[h.Owner] = h.Until
			continue
		}
		delete(b.held, h.Owner)
		s.count(h.Owner, -1, len(b.data))
		if len(b.held) == 0 {
			delete(s.data, h.Hash)
			s.count(sxp.ID{}, -1, len(b.data))
		}
	}
	return nil
}

// Due implements blocks.Store.
func (s *Store) Due(_ context.Context, by sxp.Time, limit int) ([]blocks.Holding, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var due []blocks.Holding
	for hash, b := range s.data {
		for owner, until := range b.held {
			if until <= by {
				due = append(due, blocks.Holding{Owner: owner, Hash: hash, Until: until})
			}
		}
	}
	slices.SortFunc(due, func(a, b blocks.Holding) int {
		return cmp.Or(cmp.Compare(a.Until, b.Until), bytes.Compare(a.Owner[:], b.Owner[:]), bytes.Compare(a.Hash[:], b.Hash[:]))
	})
	return due[:min(limit, len(due))], nil
}

// Usage implements blocks.Store.
func (s *Store) Usage(_ context.Context, owner sxp.ID) (blocks.Usage, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.usage[owner], nil
}
