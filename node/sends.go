package node

import (
	"context"
	"sync"
	"time"

	"sxp/contract"
	"sxp/relay"
)

// sendTimeout bounds one request to a juror: what is not answered by then is
// asked again by the machine that wanted it.
const sendTimeout = 10 * time.Second

// A send is one request to another node that a machine asked for. It is done
// outside of the machine's lock: two jurors that ask each other must not wait
// for each other.
type send func(ctx context.Context)

// sends is the queue of requests to other nodes.
type sends struct {
	mu   sync.Mutex
	list []send
	wake func()
}

func (q *sends) add(s send) {
	q.mu.Lock()
	q.list = append(q.list, s)
	q.mu.Unlock()
	q.ring()
}

// ring says that Step has something to do at once.
func (q *sends) ring() {
	if q.wake != nil {
		q.wake()
	}
}

func (q *sends) waiting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list) > 0
}

// flush does all requests that wait now, Parts.Parallel at a time.
func (q *sends) flush(ctx context.Context, n *Node) {
	q.mu.Lock()
	list := q.list
	q.list = nil
	q.mu.Unlock()
	if n.p.Parallel == 1 {
		for _, s := range list {
			s(ctx)
		}
		return
	}
	var wg sync.WaitGroup
	room := make(chan struct{}, n.p.Parallel)
	for _, s := range list {
		room <- struct{}{}
		wg.Go(func() {
			s(ctx)
			<-room
		})
	}
	wg.Wait()
}

// askJuror asks a juror's node.
func askJuror[R any](ctx context.Context, n *Node, to contract.Contact, typ string, r R) (contract.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return relay.Ask[R, contract.Answer](ctx, n.caller(to.Address), n.p.Key, to.ID, n.p.Now(), n.p.Rand, typ, r)
}
