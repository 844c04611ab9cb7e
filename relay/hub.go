package relay

import (
	"sync"

	"sxp"
)

// A hub wakes those who listen. A bell rings once for all who hear it.
type hub struct {
	mu    sync.Mutex
	bells map[sxp.ID]*bell
}

type bell struct {
	rung  chan struct{}
	ears  int  // who hears it; under hub.mu
	ended bool // rung; under hub.mu
}

// hear returns the bell that the next record for id rings.
func (h *hub) hear(id sxp.ID) *bell {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.bells[id]
	if b == nil {
		if h.bells == nil {
			h.bells = make(map[sxp.ID]*bell)
		}
		b = &bell{rung: make(chan struct{})}
		h.bells[id] = b
	}
	b.ears++
	return b
}

// leave is for who hears no longer.
func (h *hub) leave(id sxp.ID, b *bell) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b.ears--; b.ears == 0 && !b.ended {
		delete(h.bells, id)
	}
}

// ring wakes who hears id's bell.
func (h *hub) ring(id sxp.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b := h.bells[id]; b != nil {
		b.ended = true
		close(b.rung)
		delete(h.bells, id)
	}
}
