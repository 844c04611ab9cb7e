//go:build !js

package relayhttp

import (
	"context"
	"net/http"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"

	"sxp"
)

// Burst is how many requests one address may send at once where
// ServerConfig.PerSecond limits them.
const Burst = 50

// maxRates is how many addresses are remembered; when there are more, all are
// forgotten, which only lets each send another burst.
const maxRates = 20_000

// rates limits how often one address asks: an IPv4 address, or 64 bits of an
// IPv6 address, since that is what one subscriber has.
type rates struct {
	perSecond rate.Limit // 0 is no limit

	mu   sync.Mutex
	from map[netip.Addr]*rate.Limiter
}

// addressOf returns where a request comes from: an IPv4 address, or 64 bits of
// an IPv6 address.
func addressOf(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	addr := at.Addr().Unmap()
	if addr.Is6() && !addr.IsLoopback() {
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	return addr, true
}

type originKey struct{}

// Origin returns the address that a request to a Server came from, for the
// Handler's limits: an IPv4 address, or 64 bits of an IPv6 address, a proxy's
// where there is one. It is not valid for what came over no network.
func Origin(ctx context.Context) netip.Addr {
	at, _ := ctx.Value(originKey{}).(netip.Addr)
	return at
}

// allow reports whether the request may go on; if not, it has answered.
func (x *rates) allow(w http.ResponseWriter, r *http.Request) bool {
	if x.perSecond <= 0 {
		return true
	}
	addr, ok := addressOf(r)
	if !ok { // not from a network
		return true
	}
	x.mu.Lock()
	l := x.from[addr]
	if l == nil {
		if x.from == nil || len(x.from) >= maxRates {
			x.from = make(map[netip.Addr]*rate.Limiter)
		}
		l = rate.NewLimiter(x.perSecond, Burst)
		x.from[addr] = l
	}
	x.mu.Unlock()
	if l.Allow() {
		return true
	}
	w.Header().Set("Retry-After", "1")
	refuse(w, http.StatusTooManyRequests, sxp.Busy, "too many requests from your address: ask more slowly, or open a session")
	return false
}
