// Package kv is the small durable memory of an agent, a juror and a watcher:
// keys and values, changed by atomic transactions that are on disk when they
// return. Package boltkv keeps them in one file; Memory keeps them in a map,
// for tests and simulations. Every Store passes kvtest.Run.
package kv

import (
	"sort"
	"strings"
	"sync"

	"sxp"
)

// Limits of one entry, in bytes. A key is a path of words and hashes; the
// largest value is a message with its envelope.
const (
	MaxKey   = 512
	MaxValue = 2 * sxp.MaxMessage
)

// A Store is safe for concurrent use. It neither keeps nor changes a slice
// that it is given, and what it returns belongs to the caller.
type Store interface {
	// Update runs f in a transaction. When Update returns nil, all that f
	// changed survives a crash; when f fails, or the disk does, nothing of it
	// was changed and the error says why (sxp.Full where there is no room).
	// One Update runs at a time; f must not call the Store.
	Update(f func(Tx) error) error

	// View runs f on one consistent state. f must not change anything.
	View(f func(Tx) error) error

	// Close releases the file. Calls after it fail.
	Close() error
}

// A Tx is one transaction, valid only while f runs.
type Tx interface {
	// Get returns a copy of the value under key; nil where there is none.
	Get(key string) []byte

	// Put sets the value under key; sxp.TooLarge beyond the limits.
	Put(key string, value []byte) error

	// Delete removes key; a missing key is no error.
	Delete(key string) error

	// Scan calls f for every key with the prefix, in byte order, until f
	// fails, and returns f's error. f must not change the store.
	Scan(prefix string, f func(key string, value []byte) error) error
}

// CheckEntry reports whether key and value are within the limits; every
// implementation's Put calls it.
func CheckEntry(key string, value []byte) error {
	if key == "" || len(key) > MaxKey {
		return sxp.Errorf("kv.Put", sxp.TooLarge, nil, "a key has 1 to %d bytes, this has %d", MaxKey, len(key))
	}
	if len(value) > MaxValue {
		return sxp.Errorf("kv.Put", sxp.TooLarge, nil, "a value has at most %d bytes, %q has %d", MaxValue, key, len(value))
	}
	return nil
}

// Memory is a Store in a map. The zero value is ready. It survives Close: a
// simulation "restarts" by using it again.
type Memory struct {
	mu   sync.RWMutex
	data map[string][]byte
}

// Update is Store.Update.
func (m *Memory) Update(f func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{m: m, changed: map[string][]byte{}, writable: true}
	if err := f(tx); err != nil {
		return err
	}
	if m.data == nil {
		m.data = map[string][]byte{}
	}
	for k, v := range tx.changed {
		if v == nil {
			delete(m.data, k)
		} else {
			m.data[k] = v
		}
	}
	return nil
}

// View is Store.View.
func (m *Memory) View(f func(Tx) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return f(&memoryTx{m: m})
}

// Close does nothing.
func (m *Memory) Close() error { return nil }

// memoryTx overlays the changes of one transaction; a nil value is a deletion.
type memoryTx struct {
	m        *Memory
	changed  map[string][]byte
	writable bool
}

func (t *memoryTx) Get(key string) []byte {
	v, ok := t.changed[key]
	if !ok {
		v = t.m.data[key]
	}
	if v == nil {
		return nil
	}
	return append([]byte{}, v...)
}

func (t *memoryTx) Put(key string, value []byte) error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	if err := CheckEntry(key, value); err != nil {
		return err
	}
	t.changed[key] = append([]byte{}, value...)
	return nil
}

func (t *memoryTx) Delete(key string) error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	t.changed[key] = nil
	return nil
}

func (t *memoryTx) mayWrite() error {
	if !t.writable {
		return sxp.Errorf("kv.View", sxp.Internal, nil, "a view changes nothing")
	}
	return nil
}

func (t *memoryTx) Scan(prefix string, f func(string, []byte) error) error {
	var keys []string
	for k := range t.m.data {
		if _, ok := t.changed[k]; !ok && strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	for k, v := range t.changed {
		if v != nil && strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		if err := f(k, t.Get(k)); err != nil {
			return err
		}
	}
	return nil
}
