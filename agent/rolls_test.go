package agent_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
)

// TestOldRollIsRefused: once a person knows a newer roll of the market, no
// proposer can draw a jury from the older one, whose jurors may have been
// removed for a reason; not after a restart either.
func TestOldRollIsRefused(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"at once": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			v := strangers(t, 3)
			v.proposed()
			do[agent.MarketView](v, v.person("alice"), "market.roll", agent.PublishRoll{})
			bob := v.person("bob")
			do[[]agent.MarketView](v, bob, "markets", agent.None{})
			if restart {
				v.restart(bob)
			}
			_, err := agent.Call[agent.DealView](t.Context(), bob, "accept", agent.DealRef{Deal: "1"})
			if !errors.Is(err, sxp.Denied) || !strings.Contains(err.Error(), "roll 2 since") {
				t.Errorf("accept of a proposal with roll 1: %v, want %v", err, sxp.Denied)
			}
		})
	}
}

// TestAnnouncedThingNeedsItsName: a hand-made deal that describes an announced
// thing in words instead of naming the announcement would escape the ledger,
// so it is refused; so is giving what one only needs.
func TestAnnouncedThingNeedsItsName(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "road bike"})
	offer := do[[]agent.AnnouncementView](v, alice, "list", agent.None{})[0]
	her := alice.ID().String()
	deal := agent.ComposeDeal{Transfers: []agent.ComposeMove{{From: her, To: "me", Item: "road bike"}, {To: her, Item: "tent"}}}
	if _, err := agent.Call[agent.DealView](t.Context(), bob, "propose.deal", deal); !errors.Is(err, sxp.Denied) || !strings.Contains(err.Error(), offer.ID.String()) {
		t.Errorf("bob proposes it in words: %v, want the offer named", err)
	}
	url := "http://market.test"
	v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) { // bob is not told what alice has announced
		if typ, by, err := envelope.Peek(raw); err == nil && typ == relay.RequestType(market.RequestSince) && by == bob.ID() {
			return nil, sxp.Errorf("test", sxp.Unavailable, nil, "not now")
		}
		return relay.Local(v.nodes[url], v.now).Call(ctx, raw)
	}
	do[agent.DealView](v, bob, "propose.deal", deal)
	v.run(sxp.Minute)
	for _, d := range v.deals(alice) {
		if d.State != "refused" || !strings.Contains(d.Why, offer.ID.String()) {
			t.Errorf("alice sees %s (%s), want refused: the deal must name her offer", d.State, d.Why)
		}
	}
	if len(v.deals(alice)) != 1 {
		t.Errorf("alice has %d deals, want the one refused", len(v.deals(alice)))
	}
}
