package relay

import (
	"sync"

	"sxp"
)

// replays remembers which requests were seen. It keeps two generations of
// keys and forgets the older one when the newer is one whole window old, so
// what it forgets is too old to be accepted anyway: below the horizon.
//
// A request below the horizon is refused. The horizon starts at the process's
// start, since what was seen before is not known any more.
type replays struct {
	mu       sync.Mutex
	window   sxp.Duration
	max      int // keys in both generations
	horizon  sxp.Time
	turned   sxp.Time // when the newer generation began
	new, old generation
}

type generation struct {
	seen   map[[16]byte]struct{}
	latest sxp.Time // highest timestamp of a request in seen
}

// newReplays: a request is accepted at most skew before and after its
// timestamp, so it must be remembered for twice that.
func newReplays(start sxp.Time, skew sxp.Duration, max int) *replays {
	return &replays{window: 2 * skew, max: max, horizon: start, turned: start}
}

// admit remembers a request, or fails with Replay or Busy.
func (r *replays) admit(now, timestamp sxp.Time, from sxp.ID, nonce Nonce) error {
	const op = "relay.Router"
	h := sxp.Sum(from[:], nonce[:])
	key := [16]byte(h[:16])
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.turned) >= r.window {
		r.turn(now)
	}
	if timestamp < r.horizon {
		return sxp.Errorf(op, sxp.Replay, from, "signed at %s, but since its restart this node remembers requests only from %s on and cannot tell whether it has seen this one: sign again", timestamp, r.horizon)
	}
	if r.new.has(key) || r.old.has(key) {
		return sxp.Errorf(op, sxp.Replay, from, "this request was already answered: sign each request anew")
	}
	if len(r.new.seen)+len(r.old.seen) >= r.max {
		return sxp.Errorf(op, sxp.Busy, nil, "more than %d signed requests in %s: try again later, or open a session", r.max, 2*r.window)
	}
	if r.new.seen == nil {
		r.new.seen = make(map[[16]byte]struct{})
	}
	r.new.seen[key] = struct{}{}
	r.new.latest = max(r.new.latest, timestamp)
	return nil
}

// turn drops the older generation. Should the clock be set back later, the
// horizon still refuses what was dropped.
func (r *replays) turn(now sxp.Time) {
	if len(r.old.seen) > 0 {
		r.horizon = max(r.horizon, r.old.latest+1)
	}
	r.old, r.new = r.new, generation{}
	if now.Sub(r.turned) >= 2*r.window { // nothing came for so long that both are old
		if len(r.old.seen) > 0 {
			r.horizon = max(r.horizon, r.old.latest+1)
		}
		r.old = generation{}
	}
	r.turned = now
}

func (g *generation) has(key [16]byte) bool {
	_, ok := g.seen[key]
	return ok
}
