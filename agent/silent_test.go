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
	bob := v.person("bob")
	for _, p := range v.people {
		cfg := v.config(p)
		cfg.Concurrency = 2 // as many as are silent
		a, err := agent.Open(cfg)
		check(t, err)
		p.Agent = a
	}
	accept := func(name string) { do[agent.DealView](v, v.person(name), "accept", agent.DealRef{Deal: "1"}) }
	accept("alice")
	accept("charlie")
	v.run(sxp.Minute)
	accept("bob")
	// His promise leaves, and he is gone before he hears of the others'.
	_, err := bob.Step(t.Context())
	check(t, err)
	if d := v.deals(bob)[0]; d.State != "promised" {
		t.Fatalf("bob: %s, want promised", d.State)
	}
	bob.away = true
	var mu sync.Mutex
	var ends []error
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
