package node

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/relay/relayhttp"
)

// intake limits how many new sessions one address brings a juror: each costs a
// record for ever, and strangers can make up sessions. Only claims from outside
// and questions that show a preimage, which the juror may have to void, are
// limited (spec/jury.md), never what is known here already, what jurors pass on,
// or what this machine files, behind whose proxy anybody is.
type intake struct {
	mu     sync.Mutex
	from   map[netip.Addr]*rate.Limiter
	turned int // claims and questions that were turned away
}

// of returns an address's limiter. Where too many are remembered all are
// forgotten, which only lets each file as much again.
func (x *intake) of(at netip.Addr) *rate.Limiter {
	l := x.from[at]
	if l == nil {
		if x.from == nil || len(x.from) >= maxOrigins {
			x.from = map[netip.Addr]*rate.Limiter{}
		}
		l = rate.NewLimiter(newCasesPerSecond, newCases)
		x.from[at] = l
	}
	return l
}

// wait returns when an address may bring a new session; 0: now.
func (x *intake) wait(at netip.Addr, now time.Time) time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	missing := 1 - x.of(at).TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/newCasesPerSecond*float64(time.Second)), time.Millisecond)
}

// made counts a session that an address brought. More than it had room for may
// come at the same moment; it then waits the longer.
func (x *intake) made(at netip.Addr, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.of(at).ReserveN(now, 1)
}

// turn counts what is refused.
func (x *intake) turn() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.turned++
}

// turnedAway returns how many claims and questions were refused so far.
func (x *intake) turnedAway() float64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return float64(x.turned)
}

// originOf returns the address that a request counts for; invalid: none.
func originOf(ctx context.Context) netip.Addr {
	if at := relayhttp.Origin(ctx); !at.IsLoopback() {
		return at
	}
	return netip.Addr{}
}

// admit refuses what could make a new session known from an address that has
// brought too many, unless it is of a session that this juror knows.
func (n *Node) admit(at netip.Addr, ev jury.Event) error {
	if !at.IsValid() {
		return nil
	}
	again := n.juror.intake.wait(at, n.p.Now().Std())
	if again == 0 {
		return nil
	}
	var m sxp.Hash
	switch ev := ev.(type) {
	case jury.Claim:
		claim, _, _, err := contract.OpenClaim(ev.Request.Claim)
		if err != nil {
			return err
		}
		m = claim.Preimage.M()
	case jury.Query:
		m = ev.Request.M
	}
	n.juror.machine.Lock()
	known := n.juror.held[m]
	n.juror.machine.Unlock()
	if known {
		return nil
	}
	n.juror.intake.turn()
	return sxp.Errorf("node.judge", sxp.Busy, nil, "your address has brought %d new sessions to this juror, it may bring %d more a second: come again in %v",
		newCases, newCasesPerSecond, again.Round(time.Millisecond))
}

// makesCase reports whether a request from outside can make the juror keep a
// record of a session that it does not know.
func makesCase(ev jury.Event) bool {
	switch ev := ev.(type) {
	case jury.Claim:
		return true
	case jury.Query:
		return ev.Request.Preimage != nil
	}
	return false
}
