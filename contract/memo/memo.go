// Package memo remembers what the mathematics of signing gave, for simulations
// and tests: their actors verify the same facts, and their runs repeat each
// other. What is remembered is real: each thing was computed once.
//
// No node and no agent remembers so: a Table holds secrets as they came,
// is never erased, and what it takes is bounded by a number of results only.
package memo

import (
	"sync"

	"sxp"
	"sxp/envelope"
)

// A Table holds results of functions that are fixed functions of their
// arguments. It is safe for concurrent use. Where it is nil everything is
// computed.
type Table struct {
	most  int
	mu    sync.Mutex // guards known
	known map[sxp.Hash]any
}

// New returns an empty Table, which forgets everything when it holds most
// results, of at least 1.
func New(most int) *Table { return &Table{most: most, known: map[sxp.Hash]any{}} }

// Of returns f(), which it calls unless the table holds what f gave before for
// the same name and arguments: one name stands for one function, and one type
// T. Callers that come at once all get the result of one of them. Arguments
// that envelope.Marshal refuses are not remembered.
func Of[T any](t *Table, name string, args any, f func() T) T {
	if t == nil {
		return f()
	}
	b, err := envelope.Marshal(args)
	if err != nil {
		return f()
	}
	key := sxp.Sum([]byte(name), b)
	if v, ok := t.get(key); ok {
		return v.(T)
	}
	return t.put(key, f()).(T)
}

func (t *Table) get(key sxp.Hash) (any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.known[key]
	return v, ok
}

// put keeps v unless somebody was faster, and returns what is kept.
func (t *Table) put(key sxp.Hash, v any) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	if first, ok := t.known[key]; ok {
		return first
	}
	if len(t.known) >= t.most {
		clear(t.known)
	}
	t.known[key] = v
	return v
}

type result[T any] struct {
	value T
	err   error
}

// Try is Of for a function that can fail: that it failed is remembered, too.
func Try[T any](t *Table, name string, args any, f func() (T, error)) (T, error) {
	r := Of(t, name, args, func() result[T] {
		v, err := f()
		return result[T]{v, err}
	})
	return r.value, r.err
}
