package agent_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
)

// TestSilentJurorsAreNotWaitedFor: two of five jurors take what people ask and
// never answer. The deal is decided by the others, and the two are let go then:
// other deals of the person wait behind this one.
func TestSilentJurorsAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	v := strangers(t, 5)
	v.timeout = 20 * time.Second
	v.proposed()
	for _, p := range v.people {
		cfg := v.config(p)
		cfg.Concurrency = 2 // as many as are silent
		a, err := agent.Open(cfg)
		check(t, err)
		p.Agent = a
	}
	v.promisesAndLeaves("bob")
	var mu sync.Mutex
	var ends []error
	lodged := map[sxp.ID]bool{}
	v.wrong["http://market.test"] = func(ctx context.Context, raw []byte) ([]byte, error) {
		typ, signer, err := envelope.Peek(raw)
		mu.Lock()
		again := err == nil && typ == relay.RequestType(contract.RequestLodge) && lodged[signer]
		lodged[signer] = lodged[signer] || typ == relay.RequestType(contract.RequestLodge)
		mu.Unlock()
		if again { // their watcher, which claims as early as they, would have the outcome before they ask
			return nil, sxp.Errorf("test", sxp.Unavailable, nil, "the watcher is not reached")
		}
		v.ring(raw)
		return relay.Local(v.nodes["http://market.test"], v.now).Call(ctx, raw)
	}
	for _, url := range []string{"http://juror1.test", "http://juror2.test"} {
		v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) {
			typ, signer, err := envelope.Peek(raw)
			if err != nil || typ != relay.RequestType(contract.RequestClaim) || signer != v.person("alice").ID() && signer != v.person("charlie").ID() {
				return relay.Local(v.nodes[url], v.now).Call(ctx, raw)
			}
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			ends = append(ends, context.Cause(ctx))
			return nil, ctx.Err()
		}
	}
	v.run(30 * sxp.Minute)
	for _, name := range []string{"alice", "charlie"} {
		if d := v.deals(v.person(name))[0]; d.State != "signed" || !d.ByJury {
			t.Errorf("%s: %s, by jury %v, want signed by the jury; %v", name, d.State, d.ByJury, d.Events)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ends) == 0 {
		t.Error("the silent jurors were not asked")
	}
	for _, err := range ends {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a silent juror was waited for: %v", err)
		}
	}
}

// promisesAndLeaves has everybody accept deal 1, one person last. Their promise
// leaves, and they are gone before they hear of the others'.
func (v *village) promisesAndLeaves(name string) {
	v.t.Helper()
	accept := func(p *person) { do[agent.DealView](v, p, "accept", agent.DealRef{Deal: "1"}) }
	for _, p := range v.people {
		if p.name != name {
			accept(p)
		}
	}
	v.run(sxp.Minute)
	last := v.person(name)
	accept(last)
	_, err := last.Step(v.t.Context())
	check(v.t, err)
	if d := v.deals(last)[0]; d.State != "promised" {
		v.t.Fatalf("%s: %s, want promised", name, d.State)
	}
	last.away = true
}
