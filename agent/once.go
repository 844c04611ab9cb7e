package agent

import (
	"crypto/rand"
	"sync"

	"sxp"
)

// Once keeps one-time keys that can be destroyed for good. The secret of a
// promise is stored only under such a key (signing.md: "kept only under a key
// of their own that is destroyed"), because a database may keep a deleted
// record in a free page. An implementation is safe for concurrent use and is
// in no backup.
type Once interface {
	// Make creates and stores a key under name before it returns it; a name
	// that exists is sxp.Conflict.
	Make(name string) ([32]byte, error)

	// Get returns the key and whether it exists.
	Get(name string) ([32]byte, bool, error)

	// Destroy makes the key unrecoverable before it returns; a missing name is
	// no error.
	Destroy(name string) error
}

// MemoryOnce keeps the keys in a map: for tests and simulations. The zero
// value is ready.
type MemoryOnce struct {
	mu   sync.Mutex
	keys map[string][32]byte
}

// Make is Once.Make.
func (m *MemoryOnce) Make(name string) ([32]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.keys[name]; ok {
		return [32]byte{}, sxp.Errorf("agent.Once", sxp.Conflict, nil, "a one-time key %q exists", name)
	}
	if m.keys == nil {
		m.keys = map[string][32]byte{}
	}
	var k [32]byte
	rand.Read(k[:])
	m.keys[name] = k
	return k, nil
}

// Get is Once.Get.
func (m *MemoryOnce) Get(name string) ([32]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.keys[name]
	return k, ok, nil
}

// Destroy is Once.Destroy.
func (m *MemoryOnce) Destroy(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, name)
	return nil
}
