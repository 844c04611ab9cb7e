//go:build linux

package hosts

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/identity"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// A deal is one proposal among the three people, from the moment that all have
// it on their screens.
type deal struct {
	*Lab
	id     sxp.Hash
	tapped time.Time // the last person began to accept
}

// propose has the first person propose a swap of three, to be signed within a
// time, and waits until the others see it.
func (l *Lab) propose(ctx context.Context, within time.Duration) (*deal, error) {
	l.deals++
	a, b, c := l.people[0], l.people[1], l.people[2]
	out, err := a.sxp(ctx, "--json", "propose", "deal", "--within", within.String(),
		"--give", fmt.Sprintf("%s: lessons for week %d", c.name, l.deals),
		"--move", fmt.Sprintf("%s > %s: coins of purse %d", c.name, b.name, l.deals),
		"--get", fmt.Sprintf("%s: beer of cask %d", b.name, l.deals))
	if err != nil {
		return nil, err
	}
	var v agent.DealView
	if err := json.Unmarshal(out, &v); err != nil {
		return nil, err
	}
	if v.Jury != Jurors || v.Faults != Faults {
		return nil, fmt.Errorf("the jury is %d with %d faults, want %d with %d", v.Jury, v.Faults, Jurors, Faults)
	}
	d := &deal{Lab: l, id: v.ID}
	l.note("alice", "proposes: %s", strings.Join(v.Give, ", "))
	for _, p := range l.people {
		if err := d.await(ctx, p, "sees the proposal", func(v agent.DealView) bool { return v.State == "proposed" }); err != nil {
			return nil, err
		}
	}
	l.router.wire.set(l.line)
	return d, nil
}

// view asks a person's agent how the deal stands.
func (d *deal) view(ctx context.Context, p *host) (agent.DealView, error) {
	return ask[agent.DealView](ctx, p, "deal", agent.DealRef{Deal: d.id.String()})
}

// await looks at the deal as a person sees it until it is as told.
func (d *deal) await(ctx context.Context, p *host, what string, ok func(agent.DealView) bool) error {
	var v agent.DealView
	var err error
	for {
		if v, err = d.view(ctx, p); err == nil && ok(v) {
			d.note(p.name, "%s", what)
			return nil
		}
		if err == nil && ended(v) {
			return fmt.Errorf("%s never %s: the deal is %s: %s", p.name, what, v.State, v.Why)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s never %s: the deal is %q, %v: %w", p.name, what, v.State, err, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ended reports whether the deal can change no more.
func ended(v agent.DealView) bool {
	switch v.State {
	case "signed", "void", "declined", "expired", "refused":
		return true
	}
	return false
}

// tap accepts for some people at the same time, as the app does.
func (d *deal) tap(ctx context.Context, people ...*host) error {
	d.tapped = time.Now()
	return together(people, func(p *host) error {
		d.note(p.name, "taps accept")
		_, err := ask[agent.DealView](ctx, p, "accept", agent.DealRef{Deal: d.id.String()})
		return err
	})
}

// promised waits until a person holds the promise of another.
func (d *deal) promised(ctx context.Context, p, by *host) error {
	return d.await(ctx, p, "holds the promise of "+by.name, func(v agent.DealView) bool { return did(v, by, func(x agent.DealParty) bool { return x.Promised }) })
}

func did(v agent.DealView, who *host, f func(agent.DealParty) bool) bool {
	for _, x := range v.Parties {
		if x.Name == who.name {
			return f(x)
		}
	}
	return false
}

// An Outcome is what one person has in the end.
type Outcome struct {
	Person string
	State  string        // signed, void or expired
	ByJury bool          // the jury supplied what was missing
	After  time.Duration // since the last tap
	M, S   string        // of the file, as sxp verify reads it; empty where there is none
}

// outcome waits for the end of the deal for one person, takes the file and has
// it verified by a process that has nothing else.
func (d *deal) outcome(ctx context.Context, p *host) (Outcome, error) {
	o := Outcome{Person: p.name}
	for {
		v, err := d.view(ctx, p)
		if err == nil && ended(v) {
			o.State, o.ByJury, o.After = v.State, v.ByJury, time.Since(d.tapped)
			d.note(p.name, "has it: %s%s", v.State, map[bool]string{true: ", by the jury"}[v.ByJury])
			break
		}
		select {
		case <-ctx.Done():
			return o, fmt.Errorf("%s has no outcome: the deal is %q (%s), %v: %w", p.name, v.State, v.Why, err, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	if o.State != "signed" && o.State != "void" {
		return o, nil // nothing was promised by all, so there is no session
	}
	file := filepath.Join(d.dir, fmt.Sprintf("%s-%d.sxpc", p.name, d.deals))
	if _, err := p.sxp(ctx, "contracts", d.id.String(), "--file", file); err != nil {
		return o, err
	}
	out, err := d.verify(ctx, file)
	if err != nil {
		return o, err
	}
	var v struct {
		Verified, Drawn bool
		Kind, M, S      string
		Proposal        sxp.Hash
		Jury            []sxp.ID
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return o, err
	}
	if !v.Verified || !v.Drawn || v.Proposal != d.id || len(v.Jury) != Jurors || v.Kind == "contract" != (o.State == "signed") {
		return o, fmt.Errorf("%s: the file says something else than the agent: %s", p.name, out)
	}
	o.M, o.S = v.M, v.S
	return o, nil
}

// verify runs sxp verify in an empty namespace: no network, no home.
func (d *deal) verify(ctx context.Context, file string) ([]byte, error) {
	s, err := newSpace("alone")
	if err != nil {
		return nil, err
	}
	defer s.close()
	empty, err := os.MkdirTemp(d.dir, "empty")
	if err != nil {
		return nil, err
	}
	h := &host{space: s, lab: d.Lab, dir: empty}
	return h.sxp(ctx, "--json", "verify", file)
}

// outcomes waits for the end for all of them at the same time.
func (d *deal) outcomes(ctx context.Context, people ...*host) ([]Outcome, error) {
	all := make([]Outcome, len(people))
	index := map[*host]int{}
	for i, p := range people {
		index[p] = i
	}
	err := together(people, func(p *host) (err error) {
		all[index[p]], err = d.outcome(ctx, p)
		return err
	})
	return all, err
}

// standings asks every juror what it says of a session, from the host of the
// market, over a line without faults.
func (l *Lab) standings(ctx context.Context, m string) (map[string]contract.Standing, error) {
	session, err := sxp.ParseHash(m)
	if err != nil {
		return nil, err
	}
	l.router.wire.set(Link{})
	l.router.wire.heal()
	key, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(l.certs.cert)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true,
		DialContext: func(_ context.Context, _, to string) (net.Conn, error) { return l.hub.dial(to) }}
	all := map[string]contract.Standing{}
	var mu sync.Mutex
	err = together(l.jurors, func(j *host) error {
		c, err := relayhttp.NewClient(j.self.URL, relayhttp.ClientConfig{HTTP: &http.Client{Transport: tr}})
		if err != nil {
			return err
		}
		ctx, stop := context.WithTimeout(ctx, 30*time.Second)
		defer stop()
		a, err := relay.Ask[contract.QueryRequest, contract.Answer](ctx, c, key, j.id(), sxp.TimeOf(time.Now().Add(j.skew())), rand.Reader,
			contract.RequestQuery, contract.QueryRequest{M: session})
		if sxp.KindOf(err) == sxp.NotFound {
			a.Standing, err = unaware, nil
		}
		if err != nil {
			return fmt.Errorf("%s cannot be asked: %w", j.name, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all[j.name] = a.Standing
		return nil
	})
	return all, err
}

// unaware stands for a juror that has never heard of a session.
const unaware contract.Standing = "unaware"
