package world

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"sync"

	"sxp"
)

// A seeded is randomness that follows from a seed and a name: what a
// simulation repeats. It is safe for concurrent use.
type seeded struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// newSeeded returns the randomness of that name.
func newSeeded(seed uint64, name string) *seeded {
	return &seeded{src: rand.NewChaCha8(sxp.Sum([]byte("sxp world "), binary.BigEndian.AppendUint64(nil, seed), []byte(name)))}
}

var _ io.Reader = (*seeded)(nil)

// Read fills b.
func (s *seeded) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.src.Read(b)
}

// Uint64 makes a seeded a source of math/rand/v2.
func (s *seeded) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.src.Uint64()
}

// below returns a number from 0 to n-1.
func (s *seeded) below(n int) int { return rand.New(s).IntN(n) }

// choose returns k of the numbers 0 to n-1, in order of the draw.
func (s *seeded) choose(k, n int) []int { return rand.New(s).Perm(n)[:min(k, n)] }
