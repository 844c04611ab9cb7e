package agent_test

import (
	"context"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
)

// TestOwnWatcherTells: Bob hears nobody but his watcher once he has signed.
// When the others have, it has the contract, and tells him when his patience is
// over; no juror hears of it.
func TestOwnWatcherTells(t *testing.T) {
	t.Parallel()
	v := strangers(t, 5)
	v.proposed()
	bob := v.person("bob")
	lodging, cutOff := relay.RequestType(contract.RequestLodge), false
	for _, url := range v.order {
		v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) {
			typ, signer, err := envelope.Peek(raw)
			byBob := err == nil && signer == bob.ID()
			if cutOff && byBob && typ != lodging || !cutOff && !byBob && typ == lodging { // the others sign after Bob
				return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s is not reached", url)
			}
			v.ring(raw)
			return relay.Local(v.nodes[url], v.now).Call(ctx, raw)
		}
	}
	for _, p := range v.people {
		do[agent.DealView](v, p, "accept", agent.DealRef{Deal: "1"})
	}
	signed := func(p *person) bool {
		for _, x := range v.deals(p)[0].Parties {
			if x.Name == "bob" {
				return x.Signed
			}
		}
		return false
	}
	for range 60 {
		if v.run(sxp.Second); signed(bob) && signed(v.person("alice")) {
			break
		}
	}
	if d := v.deals(bob)[0]; !signed(bob) || d.State != "promised" {
		t.Fatalf("bob: %s, signed %v, want that he alone has signed: %s", d.State, signed(bob), v.lines(bob))
	}
	cutOff = true
	before := map[string]int{}
	for url, n := range v.heard {
		before[url] = n
	}
	v.run(2 * sxp.Minute)
	for _, p := range v.people {
		if d := v.deals(p)[0]; (d.State == "signed") == (p == bob) {
			t.Fatalf("%s: %s before Bob's patience is over", p.name, d.State)
		}
	}
	v.run(contract.DefaultPatience)
	if d := v.deals(bob)[0]; d.State != "signed" || d.ByJury {
		t.Errorf("bob: %s, by jury %v, want signed without a jury: %s", d.State, d.ByJury, v.lines(bob))
	}
	for _, url := range v.order[1:] {
		if n := v.heard[url] - before[url]; n != 0 {
			t.Errorf("%s was asked %d times, want never", url, n)
		}
	}
}
