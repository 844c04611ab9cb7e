package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/node"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// says lets a node be asked what it is.
func (v *village) says(url string, change func(*relayhttp.Info)) {
	info := &relayhttp.Info{ID: v.nodes[url].ID(), Name: "The mill", Services: []string{"relay", "board"}, Time: v.clock,
		Offer: &relayhttp.Offer{Accounts: relay.Open, QuotaRecords: 1000, MaxTTL: 400 * sxp.Day, Price: "nothing"}}
	if change != nil {
		change(info)
	}
	v.infos[url] = info
}

// TestRelaysAreCompared: each node that is known is shown with what it offers,
// how it is known, and what is wrong with it.
func TestRelaysAreCompared(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1)
	v.addNode("http://own.test", node.Roles{Relay: true})
	v.addNode("http://bobs.test", node.Roles{Relay: true})
	v.says("http://own.test", nil)
	at := func(url string) string { return v.nodes[url].Address().String() }
	alice, bob := v.addPerson("alice", at("http://own.test")), v.addPerson("bob", at("http://bobs.test"), at("http://own.test"))
	v.found()
	v.befriend(alice, bob)
	list := do[[]agent.RelayView](v, alice, "relays", agent.None{})
	if len(list) != 3 {
		t.Fatalf("relays: %+v", list)
	}
	own, market, bobs := list[0], list[1], list[2]
	if own.From != "own" || !own.InUse || !own.Reachable || own.Name != "The mill" || own.Offer == nil || own.Offer.QuotaRecords != 1000 || own.Account == nil || !own.Account.Write || own.Trouble != "" {
		t.Errorf("the own: %+v", own)
	}
	if market.From != "market" || market.InUse || !market.Reachable || market.Account == nil || market.Offer != nil {
		t.Errorf("the market's, which cannot be asked what it is: %+v", market)
	}
	if bobs.From != "contact" || bobs.Address != at("http://bobs.test") {
		t.Errorf("bob's: %+v", bobs)
	}
	v.down["http://bobs.test"] = true
	if r := do[agent.RelayView](v, alice, "relay.look", agent.RelayRef{Address: at("http://bobs.test")}); r.Reachable || r.Trouble == "" || r.From != "contact" {
		t.Errorf("one that is away: %+v", r)
	}
}

// TestLookingAtAnyRelay: an address without its key is completed; whoever
// answers in another's place, or with another time, is noticed.
func TestLookingAtAnyRelay(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	const url = "http://other.test"
	v.addNode(url, node.Roles{Relay: true})
	look := func(address string) agent.RelayView {
		t.Helper()
		return do[agent.RelayView](v, alice, "relay.look", agent.RelayRef{Address: address})
	}
	v.fails(alice, "relay.look", agent.RelayRef{Address: url}, sxp.Unsupported, "full address")
	v.says(url, nil)
	v.restart(alice) // ways to nodes are made once
	for _, text := range []string{url, " " + url + "/ ", v.nodes[url].Address().String()} {
		if r := look(text); r.Address != v.nodes[url].Address().String() || !r.Reachable || r.From != "asked" || r.InUse || r.Trouble != "" {
			t.Errorf("%q: %+v", text, r)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*relayhttp.Info)
		want   string
	}{
		{"another key", func(i *relayhttp.Info) { i.ID[0] ^= 1 }, "another node"},
		{"a wrong clock", func(i *relayhttp.Info) { i.Time = i.Time.Add(sxp.Day) }, "clock"},
	} {
		v.says(url, c.change)
		if r := look(v.nodes[url].Address().String()); !strings.Contains(r.Trouble, c.want) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	v.says(url, func(i *relayhttp.Info) {
		i.Name, i.Services = "two\nlines", []string{"relay", strings.Repeat("x", 9999)}
		i.Offer.Price, i.Offer.Terms = strings.Repeat("1", 9999), "be good\nto \u202eeverybody"
	})
	if r := look(url); r.Name != "" || len(r.Services[1]) > 500 {
		t.Errorf("a talkative node: %q, %d bytes", r.Name, len(r.Services[1]))
	} else if len(r.Offer.Price) > 500 || r.Offer.Terms != "" || r.Offer.QuotaRecords != 1000 {
		t.Errorf("what a talkative node offers: %+v", r.Offer)
	}
	v.says(url, func(i *relayhttp.Info) { i.Offer.Terms = "be good\nto everybody" })
	if r := look(url); r.Offer.Terms != "be good\nto everybody" {
		t.Errorf("honest terms: %q", r.Offer.Terms)
	}
	v.fails(alice, "relay.look", agent.RelayRef{Address: "gopher://x"}, sxp.Invalid, "URL")
	v.fails(alice, "relay.look", agent.RelayRef{Address: "http://x#sxp1nonsense"}, sxp.Invalid, "")
}
