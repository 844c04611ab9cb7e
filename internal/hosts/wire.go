//go:build linux

package hosts

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// A Link says what happens to each packet between two hosts, one way. The zero
// value delivers at once.
type Link struct {
	Delay     time.Duration // mean time on the way
	Jitter    time.Duration // uniform, at most so much more or less than Delay; reorders
	Loss      float64       // share of packets that are lost, 0 to 1
	Duplicate float64       // share that arrives twice
	Hold      float64       // share that is held back for twice Delay, so that others overtake it
}

// WAN is a bad line: 80 ± 20 ms one way, 2 % lost, some repeated and reordered.
func WAN() Link {
	return Link{Delay: 80 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.02, Duplicate: 0.005, Hold: 0.01}
}

// Usual is a line with few faults: 20 ± 5 ms one way, 1 % lost.
func Usual() Link {
	return Link{Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.01, Duplicate: 0.002, Hold: 0.005}
}

// Traffic counts packets.
type Traffic struct {
	Passed, Lost, Repeated, Held, Cut uint64
}

// A wire is what lies between hosts: every packet comes in, and goes out again
// when and if the link says.
type wire struct {
	device io.ReadWriteCloser // a packet for each Read and Write
	done   sync.WaitGroup
	more   chan struct{} // something earlier is in the queue

	mu    sync.Mutex
	rng   *rand.Rand
	link  Link
	cut   map[[2]byte]bool // hosts that do not hear each other, the lower first
	queue packets
	order uint64
	count Traffic
}

func newWire(device io.ReadWriteCloser, seed uint64) *wire {
	return &wire{device: device, more: make(chan struct{}, 1), rng: rand.New(rand.NewPCG(seed, 0)), cut: map[[2]byte]bool{}}
}

// run passes packets on until the device is closed.
func (w *wire) run(ctx context.Context) {
	w.done.Go(w.receive)
	w.done.Go(func() { w.send(ctx) })
}

func (w *wire) receive() {
	buf := make([]byte, 1<<16)
	for {
		n, err := w.device.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			continue // a device that is not up yet
		}
		if w.take(time.Now(), buf[:n]) {
			select {
			case w.more <- struct{}{}:
			default:
			}
		}
	}
}

// take decides about one packet, and queues what is to be delivered.
func (w *wire) take(now time.Time, p []byte) bool {
	from, to, ok := ends(p)
	if !ok {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.cut[pair(from, to)]:
		w.count.Cut++
		return false
	case w.chance(w.link.Loss):
		w.count.Lost++
		return false
	}
	w.count.Passed++
	copies := 1
	if w.chance(w.link.Duplicate) {
		w.count.Repeated++
		copies = 2
	}
	for range copies {
		at := now.Add(w.link.Delay)
		if j := w.link.Jitter; j > 0 {
			at = at.Add(time.Duration(w.rng.Int64N(2*int64(j)+1)) - j)
		}
		if w.chance(w.link.Hold) {
			w.count.Held++
			at = at.Add(w.link.Delay)
		}
		w.order++
		heap.Push(&w.queue, packet{at, w.order, append([]byte(nil), p...)})
	}
	return true
}

func (w *wire) chance(share float64) bool { return share > 0 && w.rng.Float64() < share }

// due takes the packets whose time has come, and says how long to wait for the
// next; 0: there is none.
func (w *wire) due(now time.Time) (out [][]byte, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 {
		if wait = w.queue[0].at.Sub(now); wait > 0 {
			return out, wait
		}
		out = append(out, heap.Pop(&w.queue).(packet).bytes)
	}
	return out, 0
}

func (w *wire) send(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		out, wait := w.due(time.Now())
		for _, p := range out {
			_, _ = w.device.Write(p) // a full device drops it, as a router does
		}
		if wait <= 0 {
			wait = time.Hour
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-w.more:
		case <-timer.C:
		}
	}
}

// set changes the link of all hosts, for packets that come from now on.
func (w *wire) set(l Link) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.link = l
}

// part makes hosts deaf to each other: no packet passes between one of a and
// one of b.
func (w *wire) part(a, b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range a {
		for _, y := range b {
			if x != y {
				w.cut[pair(x, y)] = true
			}
		}
	}
}

// heal ends all cuts.
func (w *wire) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.cut)
}

func (w *wire) traffic() Traffic {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

func pair(a, b byte) [2]byte { return [2]byte{min(a, b), max(a, b)} }

// ends reads the numbers of the two hosts from an IPv4 packet: the third byte
// of their addresses. Other packets are noise of the devices.
func ends(p []byte) (from, to byte, ok bool) {
	if len(p) < 20 || p[0]>>4 != 4 || p[12] != 10 || p[13] != subnet || p[16] != 10 || p[17] != subnet {
		return 0, 0, false
	}
	return p[14], p[18], true
}

// packet is one that waits; order keeps those of the same time in order.
type packet struct {
	at    time.Time
	order uint64
	bytes []byte
}

// packets is a heap, the earliest first.
type packets []packet

func (q packets) Len() int { return len(q) }
func (q packets) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].order < q[j].order
}
func (q packets) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *packets) Push(x any) { *q = append(*q, x.(packet)) }

// Pop implements heap.Interface.
func (q *packets) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = packet{}
	*q = (*q)[:last]
	return p
}
