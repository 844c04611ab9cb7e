package agent_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/identity"
)

// TestShortLink: a link without the card is enough, since the card rests at
// the relays that it names, signed by the id that it names.
func TestShortLink(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob", "carol")
	alice, bob, carol := v.person("alice"), v.person("bob"), v.person("carol")
	v.run(sxp.Minute)
	card := do[agent.CardView](v, bob, "card", agent.None{})
	if len(card.Short) > 600 || strings.Contains(card.Short, "card=") || !strings.HasPrefix(card.Link, card.Short) {
		t.Fatalf("the short link is no short form of the link: %q", card.Short)
	}
	if got := do[agent.ContactView](v, alice, "contact.add", agent.AddContact{Link: card.Short}); got.ID != bob.ID() || got.Label != "bob" || got.Seq != card.Seq {
		t.Errorf("the contact is %+v", got)
	}
	v.fails(bob, "contact.add", agent.AddContact{Link: card.Short}, sxp.Invalid, "your own card")
	v.fails(alice, "contact.add", agent.AddContact{File: shortFile(t, card)}, sxp.Invalid, "no signed card")

	// Another name in the link changes nothing: the card says the name.
	renamed := strings.Replace(card.Short, "label=bob", "label=carol", 1)
	if got := do[agent.ContactView](v, carol, "contact.add", agent.AddContact{Link: renamed}); got.Label != "bob" {
		t.Errorf("the link made up the name %q", got.Label)
	}
	// An id that nobody has put a card for, and relays that are not there.
	f, err := identity.ParseLink(card.Short)
	check(t, err)
	f.ID[0] ^= 1
	link, err := f.Link()
	check(t, err)
	v.fails(alice, "contact.add", agent.AddContact{Link: link}, sxp.NotFound, "as a file")
	f.ID[0] ^= 1
	f.Relays = nil
	link, err = f.Link()
	check(t, err)
	v.fails(alice, "contact.add", agent.AddContact{Link: link}, sxp.NotFound, "as a file")
}

func shortFile(t *testing.T, card agent.CardView) string {
	f, err := identity.ParseFile([]byte(card.File))
	check(t, err)
	f.Card = nil
	b, err := f.Marshal()
	check(t, err)
	return string(b)
}
