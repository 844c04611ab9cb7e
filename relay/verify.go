package relay

import (
	"runtime"
	"sync"

	"sxp/envelope"
)

// A verifier verifies messages that come in at the same time together, which
// takes a third of the time. It waits for nobody: goroutines that could run now
// may join a batch, and while it is being verified, the messages that arrive
// form the next. A single message is verified at once.
type verifier struct {
	mu      sync.Mutex
	queue   []*verification
	leaders int // goroutines that verify now
	limit   int // at most so many leaders
}

type verification struct {
	raw     []byte
	message *envelope.Message
	err     error
	done    chan bool // true: verified; false: its goroutine leads the next batch
}

// verify is envelope.Parse.
func (v *verifier) verify(raw []byte) (*envelope.Message, error) {
	mine := &verification{raw: raw}
	v.mu.Lock()
	if v.leaders < v.limit {
		v.leaders++
		if v.leaders == v.limit { // what is about to run may join this batch
			v.mu.Unlock()
			runtime.Gosched()
			v.mu.Lock()
		}
	} else {
		mine.done = make(chan bool, 1)
		v.queue = append(v.queue, mine)
		v.mu.Unlock()
		if <-mine.done {
			return mine.message, mine.err
		}
		v.mu.Lock()
	}
	n := min(len(v.queue), MaxBatch-1)
	batch := append([]*verification{mine}, v.queue[:n]...)
	v.queue = append(v.queue[:0:0], v.queue[n:]...)
	v.mu.Unlock()

	verifyAll(batch)

	v.mu.Lock()
	if len(v.queue) > 0 { // hand over: mine has waited long enough
		next := v.queue[0]
		v.queue = v.queue[1:]
		next.done <- false
	} else {
		v.leaders--
	}
	v.mu.Unlock()
	for _, o := range batch[1:] {
		o.done <- true
	}
	return mine.message, mine.err
}

func verifyAll(batch []*verification) {
	if len(batch) == 1 {
		batch[0].message, batch[0].err = envelope.Parse(batch[0].raw)
		return
	}
	var b envelope.Batch
	for _, o := range batch {
		b.Add(o.raw)
	}
	for i, err := range b.Verify() {
		batch[i].err = err
		batch[i].message = b.Message(i)
	}
}
