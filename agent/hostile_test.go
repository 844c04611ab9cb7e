package agent_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
)

func letter(s envelope.Signer, to sxp.ID, at sxp.Time, text string) []byte {
	raw, err := envelope.Sign(s, agent.TypeLetter, &agent.Letter{To: to, At: at, Text: text})
	if err != nil {
		panic(err)
	}
	return raw
}

// TestBadRecords: whatever a contact leaves at a relay, what comes after it is
// read, and it is read once.
func TestBadRecords(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	eve := v.stranger("eve")
	v.known(eve, alice)
	third := v.stranger("third")
	good := letter(eve.key, alice.ID(), v.clock, "good")
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	fromThird := letter(third.key, alice.ID(), v.clock, "written by somebody else")
	for _, c := range []struct {
		name  string
		plain []byte
	}{
		{"empty", nil},
		{"noise", []byte("not a message")},
		{"wrong signature", bad},
		{"cut", good[:len(good)/2]},
		{"to somebody else", letter(eve.key, bob.ID(), v.clock, "not for you")},
		{"by somebody else", fromThird},
		{"too long", letter(eve.key, alice.ID(), v.clock, strings.Repeat("x", agent.MaxLetter+1))},
		{"control characters", letter(eve.key, alice.ID(), v.clock, "\x1b[2J")},
		{"the card of a stranger", third.raw},
		{"the card of the receiver", do[agent.CardView](v, alice, "card", agent.None{}).Card},
		{"an unknown type", must(envelope.Sign(eve.key, "sxp.unknown/1", &agent.Letter{}))},
		{"half a proposal", must(envelope.Sign(eve.key, "sxp.proposal/1", &agent.Letter{}))},
		{"a promise of no deal", must(envelope.Sign(eve.key, "sxp.promise/1", &agent.Letter{}))},
	} {
		v.write(eve, alice, c.plain)
	}
	v.writeSealed(eve, alice, []byte("not sealed"), "")
	v.writeSealed(eve, alice, []byte("not sealed"), agent.TagVault)
	v.writeSealed(eve, alice, []byte("not sealed"), "receipt")
	v.write(eve, alice, good)
	v.write(eve, alice, good) // again
	v.run(3 * sxp.Minute)
	if got := v.texts(alice); len(got) != 1 || got[0] != "eve: good" {
		t.Errorf("the inbox says %q", got)
	}
	if n := len(do[[]agent.ContactView](v, alice, "contacts", agent.None{})); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func must(raw []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return raw
}

// TestBadMail: mail that is of no use is deleted, and the proposals after it
// arrive.
func TestBadMail(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	link := v.found()
	alice, bob := v.person("alice"), v.person("bob")
	eve := v.stranger("eve")
	card, err := identity.OpenCard(do[agent.CardView](v, alice, "card", agent.None{}).Card)
	check(t, err)
	key, err := card.SealKey(v.clock)
	check(t, err)
	c := market.NewClient(v.dial("http://market.test"), eve.key, v.nodes["http://market.test"].ID(), link.Market, v.now, rand.Reader)
	for _, plain := range [][]byte{nil, []byte("noise"), eve.raw, letter(eve.key, alice.ID(), v.clock, "mail is for proposals")} {
		for _, info := range []string{"sxp proposal/1", "sxp record/1"} {
			sealed, err := envelope.Seal([]envelope.KEMPublic{key}, info, plain)
			check(t, err)
			_, err = c.Post(t.Context(), alice.ID(), sealed, sxp.Hour)
			check(t, err)
		}
	}
	v.swap(bob, alice)
	v.run(10 * sxp.Second)
	if d := v.deals(alice); len(d) != 1 || d[0].State != "proposed" {
		t.Errorf("alice sees %s", v.lines(alice))
	}
	left, _, err := market.NewClient(v.dial("http://market.test"), alice.root.Signing(), v.nodes["http://market.test"].ID(), link.Market, v.now, rand.Reader).Mail(t.Context(), 0)
	check(t, err)
	if len(left) != 0 {
		t.Errorf("%d letters are left", len(left))
	}
}

// swap lets from propose bread for eggs to to, by hand.
func (v *village) swap(from, to *person) agent.DealView {
	v.t.Helper()
	return do[agent.DealView](v, from, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{To: to.ID().String(), Item: "2 loaves of bread"}, {From: to.ID().String(), Item: "12 eggs"},
	}})
}

// TestFloodsAreBounded: somebody who is known can fill neither the inbox nor
// the list of messages that wait for their deal.
func TestFloodsAreBounded(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	eve := v.stranger("eve")
	v.known(eve, alice)
	for i := range 80 {
		raw, err := envelope.Sign(eve.key, "sxp.decline/1", &struct {
			Proposal sxp.Hash `json:"proposal"`
			Reason   string   `json:"reason,omitempty"`
		}{sxp.Sum([]byte("unknown")), fmt.Sprint(i)})
		check(t, err)
		v.write(eve, alice, raw)
	}
	v.run(sxp.Minute)
	n := 0
	v.scan(alice, func(key string, _ []byte) {
		if strings.HasPrefix(key, "early/") {
			n++
		}
	})
	if n != 64 {
		t.Errorf("%d early messages of one deal are kept, want 64", n)
	}
	v.skip(40 * sxp.Day)
	left := 0
	v.scan(alice, func(key string, _ []byte) {
		if strings.HasPrefix(key, "early/") || strings.HasPrefix(key, "seen/") {
			left++
		}
	})
	if left != 0 {
		t.Errorf("%d marks and early messages are left after 40 days", left)
	}
}
