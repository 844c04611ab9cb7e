package bls

import "sync"

// A cache holds what was decoded lately: between limit and twice limit points,
// those that were asked for last. With a limit of 0 it holds nothing. Nobody
// gains by filling it but time of ours: what is not in it is decoded.
type cache[P comparable, A any] struct {
	limit int // set once

	mu         sync.Mutex // guards the rest
	young, old map[P]A
}

func (c *cache[P, A]) get(p P) (A, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.young[p]
	if !ok {
		if a, ok = c.old[p]; ok {
			c.keep(p, a)
		}
	}
	return a, ok
}

func (c *cache[P, A]) put(p P, a A) {
	if c.limit == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(p, a)
}

// keep makes p one of the young; when they are too many, all of them are old
// and the old are forgotten. The caller holds mu.
func (c *cache[P, A]) keep(p P, a A) {
	if c.young == nil || len(c.young) >= c.limit {
		c.young, c.old = make(map[P]A, c.limit/8), c.young
	}
	c.young[p] = a
}
