package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
)

// held are answers with shares that wait until the claim was passed on to the
// other jurors (jury.Reply.Hold).
type held struct {
	mu   sync.Mutex
	open map[sxp.Hash]*holding
}

// A holding is what the answers of one session wait for.
type holding struct {
	over   chan struct{} // closed when it is decided
	passed bool          // they may leave; written before over is closed
}

// await returns what the answers of a session wait for.
func (h *held) await(m sxp.Hash) *holding {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = map[sxp.Hash]*holding{}
	}
	if h.open[m] == nil {
		h.open[m] = &holding{over: make(chan struct{})}
	}
	return h.open[m]
}

// passed lets the answers of a session leave.
func (h *held) passed(m sxp.Hash) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w := h.open[m]; w != nil {
		w.passed = true
		close(w.over)
		delete(h.open, m)
	}
}

// withdraw ends the wait for sessions in which the juror no longer stands to
// open its shares: it was away, and abstains now. Their answers never leave.
func (h *held) withdraw(standing func(m sxp.Hash) contract.Standing) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for m, w := range h.open {
		if standing(m) != contract.Completed {
			close(w.over)
			delete(h.open, m)
		}
	}
}

// held returns nil when a request's answer may leave. A node that ends first,
// or an asker that leaves, does not get it.
func (n *Node) held(ctx context.Context, w *waiting) error {
	if w.err != nil || w.hold == nil || n.sequential() {
		return w.err
	}
	select {
	case <-w.hold.over:
		if w.hold.passed {
			return nil
		}
	case <-ctx.Done():
	case <-n.ctx.Done():
	}
	return sxp.Errorf("node.judge", sxp.Busy, nil, "the juror is busy: ask again")
}

// reply keeps an answer for who waits.
func (j *juror) reply(w *waiting, r jury.Reply) {
	if w == nil {
		return
	}
	w.answer = r.Answer
	if r.Hold {
		w.hold = j.replies.await(r.Answer.M)
	}
}
