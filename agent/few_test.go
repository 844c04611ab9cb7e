package agent_test

import (
	"context"
	"fmt"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/relay"
)

// TestFewJurorsGiveAllShares: people and watchers reach two of five jurors,
// fewer than complete a contract; the jurors reach each other. The two hold the
// shares of all, and give them to who asks for the outcome.
func TestFewJurorsGiveAllShares(t *testing.T) {
	t.Parallel()
	v := strangers(t, 5)
	v.proposed()
	outside := map[sxp.ID]bool{v.nodes["http://market.test"].ID(): true}
	for _, p := range v.people {
		outside[p.ID()] = true
	}
	for i := 3; i <= 5; i++ {
		url := fmt.Sprintf("http://juror%d.test", i)
		v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) {
			if _, signer, err := envelope.Peek(raw); err != nil || outside[signer] {
				return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s is not reached", url)
			}
			return relay.Local(v.nodes[url], v.now).Call(ctx, raw)
		}
	}
	v.promisesAndLeaves("bob")
	v.run(30 * sxp.Minute)
	alice, charlie := v.person("alice"), v.person("charlie")
	d := v.deals(alice)[0]
	if d.State != "promised" {
		t.Fatalf("alice: %s with the shares of two jurors, want promised", d.State)
	}
	v.skip(2 * sxp.Day)
	v.run(sxp.Hour)
	for _, p := range []*person{alice, charlie} {
		if d := do[agent.DealView](v, p, "deal", agent.DealRef{Deal: "1"}); d.State != "signed" || !d.ByJury {
			t.Errorf("%s: %s, by jury %v, want signed by the jury; %v", p.name, d.State, d.ByJury, d.Events)
		}
	}
}
