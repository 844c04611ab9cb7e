package agent_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/identity"
	"sxp/node"
	"sxp/relay"
)

// texts returns what a person's inbox says.
func (v *village) texts(p *person) (out []string) {
	v.t.Helper()
	for _, m := range do[[]agent.MessageView](v, p, "inbox", agent.None{}) {
		out = append(out, m.FromName+": "+m.Text)
	}
	return out
}

func (v *village) send(from *person, to, text string) {
	v.t.Helper()
	do[agent.MessageView](v, from, "send", agent.SendMessage{To: to, Text: text})
}

func TestContactsWriteToEachOther(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	card := do[agent.CardView](v, bob, "card", agent.None{})
	do[agent.ContactView](v, alice, "contact.add", agent.AddContact{File: card.File})
	v.send(alice, "bob", "hello")
	v.run(sxp.Minute)
	if got := v.texts(bob); len(got) != 0 {
		t.Errorf("a stranger's letter was read: %q", got)
	}
	do[agent.ContactView](v, bob, "contact.add", agent.AddContact{Link: do[agent.CardView](v, alice, "card", agent.None{}).Link})
	v.run(sxp.Minute)
	if got := v.texts(bob); len(got) != 1 || got[0] != "alice: hello" {
		t.Errorf("the inbox of a contact says %q", got)
	}
	v.send(bob, "alice", "hello back")
	v.run(sxp.Minute)
	if got := v.texts(alice); len(got) != 1 || got[0] != "bob: hello back" {
		t.Errorf("the answer: %q", got)
	}
	if m := do[[]agent.MessageView](v, alice, "inbox", agent.None{}); !m[0].Read {
		t.Error("a listed letter is still unread")
	}
	v.restart(bob)
	v.run(sxp.Minute)
	if got := v.texts(bob); len(got) != 1 {
		t.Errorf("after a restart: %q", got)
	}
	if n := len(do[[]agent.ContactView](v, bob, "contacts", agent.None{})); n != 1 {
		t.Errorf("bob has %d contacts", n)
	}
}

func TestBadContactsAndLetters(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	own := do[agent.CardView](v, alice, "card", agent.None{})
	v.fails(alice, "contact.add", agent.AddContact{Link: own.Link}, sxp.Invalid, "your own card")
	v.fails(alice, "contact.add", agent.AddContact{}, sxp.Invalid, "either")
	v.fails(alice, "contact.add", agent.AddContact{File: "{}"}, sxp.Invalid, "")
	v.fails(alice, "contact.add", agent.AddContact{Link: own.Link[:len(own.Link)/2]}, sxp.Invalid, "")
	v.fails(alice, "send", agent.SendMessage{To: "bob", Text: "x"}, sxp.NotFound, "card add")
	v.befriend(alice, bob)
	v.fails(alice, "send", agent.SendMessage{To: "bob"}, sxp.TooLarge, "1 to")
	v.fails(alice, "send", agent.SendMessage{To: "bob", Text: "a\x1b[31mb"}, sxp.Invalid, "control")
	v.fails(alice, "send", agent.SendMessage{To: "bob", Text: strings.Repeat("x", agent.MaxLetter+1)}, sxp.TooLarge, "")
	v.fails(alice, "relays.set", agent.SetRelays{}, sxp.Invalid, "at least one")
	v.fails(alice, "nonsense", agent.None{}, sxp.Unsupported, "nonsense")
	if _, err := alice.Do(t.Context(), "send", []byte(`{"to":"bob","text":"x","cc":"eve"}`)); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("an unknown field: %v", err)
	}
	if _, err := alice.Do(t.Context(), "send", []byte(`{"to":"bob","text":"x"} {}`)); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("two requests in one: %v", err)
	}
}

// TestRelaysChange: contacts learn the new relays through the old ones, and
// the copies of the vault follow.
func TestRelaysChange(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	v.run(sxp.Minute)
	v.addNode("http://new.test", node.Roles{Relay: true})
	do[agent.None](v, alice, "relays.set", agent.SetRelays{Relays: []string{v.nodes["http://new.test"].Address().String()}})
	v.run(sxp.Minute)
	if c := do[[]agent.ContactView](v, bob, "contacts", agent.None{})[0]; len(c.Relays) != 1 || !strings.Contains(c.Relays[0], "new.test") || c.Seq != 2 {
		t.Errorf("bob knows %+v", c)
	}
	v.send(alice, "bob", "from the new one")
	v.run(sxp.Minute)
	if got := v.texts(bob); len(got) != 1 {
		t.Errorf("bob reads %q", got)
	}
	p := v.lose(alice, "http://new.test")
	if n := len(do[[]agent.ContactView](v, p, "contacts", agent.None{})); n != 1 {
		t.Errorf("restored from the new relay with %d contacts", n)
	}
}

// TestCardsAreRenewed: over months both stay reachable, though one is away for
// a fortnight, and keys that nothing can be sealed to any more are gone.
func TestCardsAreRenewed(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	v.run(sxp.Minute)
	first := v.keys(alice)
	for range 6 {
		bob.away = true
		v.skip(15 * sxp.Day)
		v.send(alice, "bob", "news")
		v.run(sxp.Minute)
		bob.away = false
		v.run(sxp.Minute)
		v.send(bob, "alice", "thanks")
		v.run(sxp.Minute)
	}
	if a, b := len(v.texts(alice)), len(v.texts(bob)); a != 6 || b != 6 {
		t.Errorf("alice has %d letters and bob %d, want 6 each", a, b)
	}
	last := v.keys(alice)
	for id := range first {
		if last[id] {
			t.Errorf("the key %s is kept after %v", id, v.clock.Sub(start))
		}
	}
	if n := len(last); n < 4 || n > 10 {
		t.Errorf("%d keys are kept", n)
	}
}

// skip lets time pass a day at a time.
func (v *village) skip(span sxp.Duration) {
	v.t.Helper()
	for end := v.clock.Add(span); v.clock < end; v.clock = min(end, v.clock.Add(sxp.Day)) {
		v.run(200 * sxp.Millisecond)
	}
}

// keys returns the names of a person's stored KEM secrets.
func (v *village) keys(p *person) map[string]bool {
	out := map[string]bool{}
	v.scan(p, func(key string, _ []byte) {
		if strings.HasPrefix(key, "kem/") {
			out[key] = true
		}
	})
	return out
}

// stranger is somebody with a key and no agent, who writes what they like.
type stranger struct {
	root *identity.Root
	key  *identity.SigningKey
	card identity.Card
	raw  []byte
}

func (v *village) stranger(label string) *stranger {
	v.t.Helper()
	root, err := identity.NewRoot(rand.Reader)
	check(v.t, err)
	s := &stranger{root: root, key: root.Signing(), card: identity.NewCard(root, label, v.clock.Add(-sxp.Hour), v.clock.Add(7*sxp.Day))}
	s.card.Relays, s.card.Seq, s.card.Issued = []string{v.market()}, 1, v.clock
	s.raw, err = identity.SignCard(s.key, s.card)
	check(v.t, err)
	return s
}

// known makes the stranger a contact of p.
func (v *village) known(s *stranger, p *person) {
	v.t.Helper()
	f, err := identity.FileOf(s.raw)
	check(v.t, err)
	file, err := f.Marshal()
	check(v.t, err)
	do[agent.ContactView](v, p, "contact.add", agent.AddContact{File: string(file)})
}

// write leaves sealed bytes for p.
func (v *village) write(s *stranger, p *person, plain []byte) {
	v.t.Helper()
	card, err := identity.OpenCard(do[agent.CardView](v, p, "card", agent.None{}).Card)
	check(v.t, err)
	key, err := card.SealKey(v.clock)
	check(v.t, err)
	content, err := envelope.Seal([]envelope.KEMPublic{key}, "sxp record/1", plain)
	check(v.t, err)
	v.writeSealed(s, p, content, "")
}

func (v *village) writeSealed(s *stranger, p *person, content []byte, tag string) {
	v.t.Helper()
	at := v.nodes["http://market.test"]
	_, err := relay.NewClient(v.dial("http://market.test"), s.key, at.ID(), v.now, rand.Reader).
		Write(v.t.Context(), p.ID(), relay.Write{TTL: sxp.Day, Content: content, Tag: tag})
	check(v.t, err)
}

// TestPeopleAreKnown: whoever is met at a market can be looked at, compared
// with by words, added, verified and removed; what a key change means is that
// the person is somebody else.
func TestPeopleAreKnown(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	link := v.found().String()
	alice, bob := v.person("alice"), v.person("bob")
	v.run(sxp.Minute)
	look := func(p *person, id sxp.ID) agent.PersonDetail {
		t.Helper()
		return do[agent.PersonDetail](v, p, "person", agent.PersonRef{ID: id, Market: link})
	}
	his, hers := look(alice, bob.ID()), look(bob, alice.ID())
	if his.Name != "bob" || his.Contact || his.Verified || his.Me || len(his.Words) != 8 || strings.Join(his.Words, " ") != strings.Join(hers.Words, " ") || len(his.Relays) != 1 {
		t.Errorf("alice sees %+v, bob %+v", his, hers)
	}
	if me := look(alice, alice.ID()); !me.Me || len(me.Words) != 0 || me.Link != do[agent.CardView](v, alice, "card", agent.None{}).Link {
		t.Errorf("alice herself: %+v", me)
	}
	v.fails(alice, "contact.verify", agent.VerifyContact{Contact: "bob", Verified: true}, sxp.NotFound, "")
	for _, x := range [][2]*person{{alice, bob}, {bob, alice}} {
		if c := do[agent.ContactView](v, x[0], "contact.add", agent.AddContact{ID: x[1].ID(), Market: link}); c.Label != x[1].name || c.Verified {
			t.Errorf("added: %+v", c)
		}
	}
	if c := do[agent.ContactView](v, alice, "contact.verify", agent.VerifyContact{Contact: "bob", Verified: true}); !c.Verified {
		t.Errorf("verified: %+v", c)
	}
	v.send(alice, "bob", "hello")
	v.skip(8 * sxp.Day) // bob's card is renewed: the same identity
	v.send(bob, "alice", "hello back")
	v.run(sxp.Minute)
	if c := look(alice, bob.ID()); !c.Verified || !c.Contact {
		t.Errorf("after his card was renewed: %+v", c)
	}
	if th := v.thread(alice, agent.ThreadRef{With: "bob"}); !th.Verified || len(th.Messages) != 2 {
		t.Errorf("the thread: %+v", th)
	}
	impostor := v.stranger("bob")
	v.known(impostor, alice)
	if c := look(alice, impostor.key.ID()); c.Verified || strings.Join(c.Words, " ") == strings.Join(his.Words, " ") {
		t.Errorf("another who is named bob: %+v", c)
	}
	v.fails(alice, "person", agent.PersonRef{ID: v.stranger("zoe").key.ID()}, sxp.NotFound, "nobody here")
	v.fails(alice, "person", agent.PersonRef{}, sxp.Invalid, "say who")
	v.fails(alice, "contact.add", agent.AddContact{ID: alice.ID()}, sxp.Invalid, "your own")

	do[agent.None](v, alice, "contact.remove", agent.ContactRef{Contact: bob.ID().String()})
	v.send(bob, "alice", "are you there?")
	v.run(sxp.Minute)
	v.skip(40 * sxp.Day)
	if th := v.thread(alice, agent.ThreadRef{With: bob.ID().String()}); th.Verified || len(th.Messages) != 2 || th.With.Name != "bob" {
		t.Errorf("after bob was removed: %+v", th)
	}
	if n := len(do[[]agent.ContactView](v, alice, "contacts", agent.None{})); n != 1 {
		t.Errorf("%d contacts are left, want the impostor alone", n)
	}
	v.fails(alice, "contact.remove", agent.ContactRef{Contact: bob.ID().String()}, sxp.NotFound, "not among")
}

// TestRemovedPartiesAreHeard: whoever is removed from the contacts is heard as
// long as a deal needs them.
func TestRemovedPartiesAreHeard(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	d := v.swap(alice, bob)
	v.accept(d.ID.String(), alice)
	v.until(sxp.Minute, "1", "proposed", bob)
	do[agent.None](v, alice, "contact.remove", agent.ContactRef{Contact: "bob"})
	v.accept("1", bob)
	v.until(3*sxp.Minute, "1", "signed", alice, bob)
	do[agent.MessageView](v, bob, "send", agent.SendMessage{Deal: "1", Text: "when?"})
	v.run(sxp.Minute)
	wantSaid(t, "alice", v.thread(alice, agent.ThreadRef{Deal: "1"}), "bob: when?")
}
