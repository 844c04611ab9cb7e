// Package kvstore keeps blocks in a kv.Store, on disk in one file of their own
// (package boltkv): each Put is flushed before it returns.
package kvstore

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"sxp"
	"sxp/blocks"
	"sxp/internal/kv"
)

// The keys. Hashes and IDs are 64 hex digits, times 16, so that keys are in
// the order of time.
const (
	prefixData = "block/" // + hash: the block
	prefixHold = "hold/"  // + hash/owner: until when, 8 bytes big-endian
	prefixDue  = "due/"   // + until/owner/hash: nothing
	prefixUse  = "use/"   // + owner, zero for all: blocks and bytes, 8 bytes each
)

// A Store is a [blocks.Store].
type Store struct{ kv kv.Store }

// New returns the blocks in a kv.Store that nothing else uses. It stays the
// caller's to close, after the last call.
func New(store kv.Store) *Store { return &Store{kv: store} }

func dataKey(hash sxp.Hash) string { return prefixData + hash.String() }
func holders(hash sxp.Hash) string { return prefixHold + hash.String() + "/" }
func useKey(owner sxp.ID) string   { return prefixUse + hex.EncodeToString(owner[:]) }
func holdKey(h blocks.Holding) string {
	return holders(h.Hash) + hex.EncodeToString(h.Owner[:])
}
func dueKey(h blocks.Holding) string {
	return prefixDue + dueTime(h.Until) + "/" + hex.EncodeToString(h.Owner[:]) + "/" + h.Hash.String()
}
func dueTime(t sxp.Time) string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(max(t, 0))))
}

// Put implements blocks.Store.
func (s *Store) Put(_ context.Context, h blocks.Holding, data []byte, limits blocks.Limits) error {
	return s.kv.Update(func(tx kv.Tx) error {
		if old, held := held(tx, h); held {
			h.Until = max(h.Until, old.Until)
			return hold(tx, h, &old)
		}
		stored := tx.Get(dataKey(h.Hash)) == nil
		own, all := usage(tx, h.Owner), usage(tx, sxp.ID{})
		if err := limits.Allows(own, all, len(data), stored); err != nil {
			return err
		}
		if stored {
			if err := errors.Join(tx.Put(dataKey(h.Hash), data), use(tx, sxp.ID{}, all, 1, len(data))); err != nil {
				return err
			}
		}
		return errors.Join(use(tx, h.Owner, own, 1, len(data)), hold(tx, h, nil))
	})
}

// held returns the holding as it stands.
func held(tx kv.Tx, h blocks.Holding) (blocks.Holding, bool) {
	b := tx.Get(holdKey(h))
	if len(b) != 8 {
		return blocks.Holding{}, false
	}
	h.Until = sxp.Time(binary.BigEndian.Uint64(b))
	return h, true
}

// hold writes a holding in place of old.
func hold(tx kv.Tx, h blocks.Holding, old *blocks.Holding) error {
	if old != nil {
		if err := tx.Delete(dueKey(*old)); err != nil {
			return err
		}
	}
	return errors.Join(tx.Put(holdKey(h), binary.BigEndian.AppendUint64(nil, uint64(h.Until))), tx.Put(dueKey(h), nil))
}

func usage(tx kv.Tx, owner sxp.ID) (u blocks.Usage) {
	if b := tx.Get(useKey(owner)); len(b) == 16 {
		u.Blocks, u.Bytes = int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	}
	return u
}

// use writes what an owner uses with n blocks more.
func use(tx kv.Tx, owner sxp.ID, u blocks.Usage, n int64, size int) error {
	u.Blocks += n
	u.Bytes += n * int64(size)
	if u.Blocks == 0 {
		return tx.Delete(useKey(owner))
	}
	return tx.Put(useKey(owner), binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(u.Blocks)), uint64(u.Bytes)))
}

// Get implements blocks.Store.
func (s *Store) Get(_ context.Context, hash sxp.Hash) (data []byte, err error) {
	err = s.kv.View(func(tx kv.Tx) error {
		data = tx.Get(dataKey(hash))
		return nil
	})
	if err == nil && data == nil {
		err = sxp.Errorf("kvstore.Get", sxp.NotFound, hash, "this node has no such block")
	}
	return data, err
}

// Settle implements blocks.Store.
func (s *Store) Settle(_ context.Context, list []blocks.Holding) error {
	return s.kv.Update(func(tx kv.Tx) error {
		for _, h := range list {
			old, ok := held(tx, h)
			if !ok {
				continue
			}
			var err error
			if h.Until != 0 {
				err = hold(tx, h, &old)
			} else {
				err = release(tx, old)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// release ends a holding, and with the last one the block.
func release(tx kv.Tx, h blocks.Holding) error {
	size := len(tx.Get(dataKey(h.Hash)))
	if err := errors.Join(tx.Delete(holdKey(h)), tx.Delete(dueKey(h)), use(tx, h.Owner, usage(tx, h.Owner), -1, size)); err != nil {
		return err
	}
	err := tx.Scan(holders(h.Hash), func(string, []byte) error { return errFound })
	if err != nil {
		if errors.Is(err, errFound) {
			return nil // another one
		}
		return err
	}
	return errors.Join(tx.Delete(dataKey(h.Hash)), use(tx, sxp.ID{}, usage(tx, sxp.ID{}), -1, size))
}

// errFound ends a scan that has seen enough.
var errFound = errors.New("found")

// Due implements blocks.Store.
func (s *Store) Due(_ context.Context, by sxp.Time, limit int) (due []blocks.Holding, err error) {
	err = s.kv.View(func(tx kv.Tx) error {
		return tx.Scan(prefixDue, func(key string, _ []byte) error {
			h, ok := parseDue(key)
			if !ok {
				return sxp.Errorf("kvstore.Due", sxp.Invalid, nil, "the file of blocks has the key %.200q, which is none of its own", key)
			}
			if h.Until > by || len(due) == limit {
				return errFound
			}
			due = append(due, h)
			return nil
		})
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return due, err
}

// parseDue is the inverse of dueKey.
func parseDue(key string) (h blocks.Holding, ok bool) {
	if len(key) != len(prefixDue)+16+1+64+1+64 {
		return h, false
	}
	key = key[len(prefixDue):]
	until, err1 := hex.DecodeString(key[:16])
	owner, err2 := hex.DecodeString(key[17 : 17+64])
	hash, err3 := hex.DecodeString(key[17+65:])
	if errors.Join(err1, err2, err3) != nil {
		return h, false
	}
	return blocks.Holding{Owner: sxp.ID(owner), Hash: sxp.Hash(hash), Until: sxp.Time(binary.BigEndian.Uint64(until))}, true
}

// Usage implements blocks.Store.
func (s *Store) Usage(_ context.Context, owner sxp.ID) (u blocks.Usage, err error) {
	err = s.kv.View(func(tx kv.Tx) error {
		u = usage(tx, owner)
		return nil
	})
	return u, err
}
