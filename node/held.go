package node

import (
	"context"
	"sync"

	"sxp"
	"sxp/contract/jury"
)

// held are answers with shares that wait until the claim was passed on to the
// other jurors (jury.Reply.Hold).
type held struct {
	mu   sync.Mutex
	open map[sxp.Hash]chan struct{} // closed when they may leave
}

// await returns what is closed once the answers of a session may leave.
func (h *held) await(m sxp.Hash) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = map[sxp.Hash]chan struct{}{}
	}
	if h.open[m] == nil {
		h.open[m] = make(chan struct{})
	}
	return h.open[m]
}

// passed lets the answers of a session leave.
func (h *held) passed(m sxp.Hash) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[m] != nil {
		close(h.open[m])
		delete(h.open, m)
	}
}

// held returns nil when a request's answer may leave. A node that ends first,
// or an asker that leaves, does not get it.
func (n *Node) held(ctx context.Context, w *waiting) error {
	if w.err != nil || w.passed == nil || n.sequential() {
		return w.err
	}
	select {
	case <-w.passed:
		return nil
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
		w.passed = j.replies.await(r.Answer.M)
	}
}
