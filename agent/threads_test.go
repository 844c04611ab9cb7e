package agent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
)

func (v *village) thread(p *person, in agent.ThreadRef) agent.Thread {
	v.t.Helper()
	return do[agent.Thread](v, p, "thread", in)
}

// said lists a conversation, each message with who wrote it.
func said(th agent.Thread) (out []string) {
	for _, m := range th.Messages {
		who := m.FromName
		if m.Mine {
			who = "I"
		}
		out = append(out, who+": "+m.Text)
	}
	return out
}

func wantSaid(t *testing.T, who string, th agent.Thread, want ...string) {
	t.Helper()
	if got := said(th); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s reads %q, want %q", who, got, want)
	}
}

// TestThreadsHaveBothDirections: what one wrote stays, with how far it has
// come; unread ones are counted until they are read.
func TestThreadsHaveBothDirections(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob", "charlie")
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.befriend(alice, bob)
	v.befriend(alice, charlie)
	v.down["http://market.test"] = true
	m := do[agent.MessageView](v, alice, "send", agent.SendMessage{To: "bob", Text: "hello"})
	if !m.Mine || m.State != "queued" || len(m.To) != 1 || m.To[0].ID != bob.ID() {
		t.Errorf("sent: %+v", m)
	}
	v.run(sxp.Minute)
	if th := v.thread(alice, agent.ThreadRef{With: "bob"}); len(th.Messages) != 1 || th.Messages[0].State != "queued" || th.Messages[0].ID != m.ID {
		t.Errorf("while the relay is away: %+v", th)
	}
	v.down["http://market.test"] = false
	alice.Online() // it does not wait for its next try
	v.wake(alice)
	v.run(sxp.Second)
	if th := v.thread(alice, agent.ThreadRef{With: "bob"}); th.Messages[0].State != "sent" {
		t.Errorf("right after the network is back: %+v", th.Messages)
	}
	v.run(10 * sxp.Minute)
	v.send(bob, "alice", "hello back")
	v.run(sxp.Minute)
	v.send(charlie, "alice", "and I?")
	v.run(sxp.Minute)
	th := v.thread(alice, agent.ThreadRef{With: bob.ID().String()})
	wantSaid(t, "alice", th, "I: hello", "bob: hello back")
	if th.Messages[0].State != "sent" || th.Messages[1].State != "" || th.Messages[1].Read || th.With.Name != "bob" || th.More {
		t.Errorf("the thread: %+v", th)
	}
	list := do[[]agent.ThreadView](v, alice, "threads", agent.None{})
	if len(list) != 2 || list[0].With.Name != "charlie" || list[1].With.Name != "bob" || list[0].Unread != 1 || list[1].Last.Text != "hello back" {
		t.Errorf("threads: %+v", list)
	}
	if s := do[agent.Status](v, alice, "status", agent.None{}); s.Messages != 2 {
		t.Errorf("%d unread, want 2", s.Messages)
	}
	do[agent.None](v, alice, "thread.read", agent.ThreadRef{With: "bob"})
	v.restart(alice)
	list = do[[]agent.ThreadView](v, alice, "threads", agent.None{})
	if list[0].Unread != 1 || list[1].Unread != 0 || !v.thread(alice, agent.ThreadRef{With: "bob"}).Messages[1].Read {
		t.Errorf("after bob's were read: %+v", list)
	}
	if s := do[agent.Status](v, alice, "status", agent.None{}); s.Messages != 1 {
		t.Errorf("%d unread, want 1", s.Messages)
	}
	v.inbox(alice)
	if s := do[agent.Status](v, alice, "status", agent.None{}); s.Messages != 0 {
		t.Errorf("%d unread after the inbox was listed", s.Messages)
	}
	if th := v.thread(bob, agent.ThreadRef{With: "alice"}); len(th.Messages) != 2 || th.Messages[1].State != "sent" {
		t.Errorf("bob: %+v", th)
	}
	v.fails(alice, "thread", agent.ThreadRef{}, sxp.Invalid, "one of them")
	v.fails(alice, "thread", agent.ThreadRef{With: "bob", Deal: "1"}, sxp.Invalid, "one of them")
	v.fails(alice, "thread", agent.ThreadRef{With: v.stranger("zoe").key.ID().String()}, sxp.NotFound, "")
	v.fails(alice, "send", agent.SendMessage{To: "bob", Deal: "1", Text: "x"}, sxp.Invalid, "either")
}

// TestThreadsHavePages: long conversations are read backwards, and a post is
// in the conversation of each contact.
func TestThreadsHavePages(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	for i := range 7 {
		v.send(alice, "bob", fmt.Sprint("no. ", i))
		v.clock = v.clock.Add(sxp.Second)
	}
	file := []agent.File{{Name: "a.txt", Data: sxp.Bytes("a")}}
	post := do[agent.MessageView](v, alice, "send", agent.SendMessage{Text: "to all", Files: file})
	page := v.thread(alice, agent.ThreadRef{With: "bob", Limit: 3})
	wantSaid(t, "alice", page, "I: no. 5", "I: no. 6", "I: to all")
	if !page.More {
		t.Error("there is nothing before the newest page")
	}
	page = v.thread(alice, agent.ThreadRef{With: "bob", Limit: 5, Before: page.Messages[0].ID})
	wantSaid(t, "alice", page, "I: no. 0", "I: no. 1", "I: no. 2", "I: no. 3", "I: no. 4")
	if page.More {
		t.Error("there is something before the first message")
	}
	v.fails(alice, "thread", agent.ThreadRef{With: "bob", Before: sxp.Hash{1}}, sxp.NotFound, "not in the conversation")
	if f := do[agent.File](v, alice, "inbox.file", agent.GetFile{Message: post.ID, File: 1}); string(f.Data) != "a" {
		t.Errorf("the own file: %+v", f)
	}
}

// ring is three strangers with a proposed deal among them, and dora, who is no
// party and nobody's contact.
func ring(t *testing.T) (v *village, alice, bob, charlie, dora *person, deal agent.DealView) {
	v = newVillage(t, 1, "alice", "bob", "charlie", "dora")
	v.found()
	alice, bob, charlie, dora = v.person("alice"), v.person("bob"), v.person("charlie"), v.person("dora")
	deal = do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{To: bob.ID().String(), Item: "bread"}, {From: bob.ID().String(), To: charlie.ID().String(), Item: "eggs"},
		{From: charlie.ID().String(), Item: "10 coins"}}})
	v.until(sxp.Minute, deal.ID.String(), "proposed", bob, charlie)
	return v, alice, bob, charlie, dora, deal
}

// TestPartiesTalk: the parties of a deal who have accepted it, or have spoken
// themselves, hear each other there and nowhere else; what was written before
// waits until then.
func TestPartiesTalk(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie, _, deal := ring(t)
	id := deal.ID.String()
	say := func(p *person, text string) {
		t.Helper()
		m := do[agent.MessageView](v, p, "send", agent.SendMessage{Deal: id, Text: text})
		if m.Deal != deal.ID || len(m.To) != 2 {
			t.Errorf("%s: %+v", p.name, m)
		}
		v.run(30 * sxp.Second)
	}
	say(alice, "is it fresh?")
	if th := v.thread(bob, agent.ThreadRef{Deal: id}); len(th.Messages) != 0 {
		t.Errorf("bob reads %q before he accepts", said(th))
	}
	v.accept(id, bob)
	v.run(30 * sxp.Second)
	wantSaid(t, "bob", v.thread(bob, agent.ThreadRef{Deal: id}), "alice: is it fresh?")
	say(bob, "from today")
	say(charlie, "and the eggs?") // has not accepted, but speaks
	wantSaid(t, "alice", v.thread(alice, agent.ThreadRef{Deal: id}), "I: is it fresh?", "bob: from today", "charlie: and the eggs?")
	wantSaid(t, "charlie", v.thread(charlie, agent.ThreadRef{Deal: id}), "alice: is it fresh?", "bob: from today", "I: and the eggs?")
	list := do[[]agent.ThreadView](v, bob, "threads", agent.None{})
	if len(list) != 1 || list[0].Deal.ID != deal.ID || len(list[0].People) != 2 || list[0].Unread != 2 || list[0].Deal.Title != deal.Title {
		t.Errorf("bob's threads: %+v", list)
	}
	v.accept(id, alice, charlie)
	v.until(3*sxp.Minute, id, "signed", alice, bob, charlie)
	say(alice, "done")
	if th := v.thread(charlie, agent.ThreadRef{Deal: id}); len(th.Messages) != 4 || len(th.People) != 2 {
		t.Errorf("after the contract: %q", said(th))
	}
	do[agent.None](v, bob, "thread.read", agent.ThreadRef{Deal: id})
	if s := do[agent.Status](v, bob, "status", agent.None{}); s.Messages != 0 {
		t.Errorf("bob has %d unread", s.Messages)
	}
}

// letterIn is a letter that names a deal.
func letterIn(s *stranger, to, text string, toID sxp.ID, at sxp.Time, deal sxp.Hash) []byte {
	return must(envelope.Sign(s.key, agent.TypeLetter, &agent.Letter{To: toID, At: at, Text: text + " " + to, Deal: deal}))
}

// TestStrangersStayOutOfDeals: neither somebody who is no party, contact or
// not, nor somebody who names another deal is heard in a deal's conversation.
func TestStrangersStayOutOfDeals(t *testing.T) {
	t.Parallel()
	v, alice, bob, _, dora, deal := ring(t)
	v.accept(deal.ID.String(), alice, bob)
	eve := v.stranger("eve")
	v.write(eve, alice, letterIn(eve, "as a stranger", "I", alice.ID(), v.clock, deal.ID))
	v.run(30 * sxp.Second)
	v.known(eve, alice) // now her records are read
	v.write(eve, alice, letterIn(eve, "as a contact", "I", alice.ID(), v.clock, deal.ID))
	v.write(eve, alice, letterIn(eve, "of no deal", "I", alice.ID(), v.clock, sxp.Sum([]byte("none"))))
	v.befriend(alice, dora)
	other := v.swap(dora, alice)
	v.run(30 * sxp.Second)
	v.write(eve, alice, letterIn(eve, "of another deal", "I", alice.ID(), v.clock, other.ID))
	v.run(30 * sxp.Second)
	for _, id := range []sxp.Hash{deal.ID, other.ID} {
		if th := v.thread(alice, agent.ThreadRef{Deal: id.String()}); len(th.Messages) != 0 {
			t.Errorf("in deal %s alice reads %q", id.Short(), said(th))
		}
	}
	if got := v.texts(alice); len(got) != 0 {
		t.Errorf("in her inbox alice reads %q", got)
	}
	v.write(eve, alice, letter(eve.key, alice.ID(), v.clock, "good"))
	v.run(30 * sxp.Second)
	if got := v.texts(alice); len(got) != 1 {
		t.Errorf("after all that alice reads %q", got)
	}
	v.fails(dora, "send", agent.SendMessage{Deal: deal.ID.String(), Text: "x"}, sxp.NotFound, "no deal")
}

// TestLettersOfDealsAreBounded: a party whose deal was not accepted can leave
// few letters, and what waits does not crowd out the signing.
func TestLettersOfDealsAreBounded(t *testing.T) {
	t.Parallel()
	v, alice, bob, charlie, _, deal := ring(t)
	for i := range 60 {
		do[agent.MessageView](v, bob, "send", agent.SendMessage{Deal: deal.ID.String(), Text: fmt.Sprint("buy ", i)})
		v.clock = v.clock.Add(sxp.Second)
	}
	v.run(sxp.Minute)
	n := 0
	v.scan(alice, func(key string, _ []byte) {
		if strings.HasPrefix(key, "early/") {
			n++
		}
	})
	if n != 32 {
		t.Errorf("%d letters wait, want 32", n)
	}
	v.accept(deal.ID.String(), alice, bob, charlie)
	v.until(3*sxp.Minute, deal.ID.String(), "signed", alice, bob, charlie)
	if th := v.thread(alice, agent.ThreadRef{Deal: deal.ID.String()}); len(th.Messages) != 32 {
		t.Errorf("alice reads %d letters after she accepted, want 32", len(th.Messages))
	}
}

// TestManyLetters: ten thousand letters of one person are no more than the
// newest two thousand, and the conversation stays quick.
func TestManyLetters(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	eve := v.stranger("eve")
	v.known(eve, alice)
	const n, kept = 10_000, 2000
	var raws [][]byte
	for i := range n {
		raws = append(raws, letter(eve.key, alice.ID(), start+sxp.Time(i), fmt.Sprint("no. ", i)))
	}
	for len(raws) > 0 {
		alice.TakeLetters(t, eve.key.ID(), raws[:100])
		raws = raws[100:]
	}
	count := map[string]int{}
	v.scan(alice, func(key string, _ []byte) { count[key[:strings.IndexByte(key+"/", '/')]]++ })
	for _, what := range []string{"inbox", "letters", "unread"} {
		if count[what] < kept || count[what] > kept+100 {
			t.Errorf("%d records under %q, want %d and at most 100 more", count[what], what, kept)
		}
	}
	begin := time.Now()
	page := v.thread(alice, agent.ThreadRef{With: "eve", Limit: 1000})
	list := do[[]agent.ThreadView](v, alice, "threads", agent.None{})
	t.Logf("a page and the list took %v", time.Since(begin))
	if len(page.Messages) != 200 || page.Messages[199].Text != fmt.Sprint("no. ", n-1) || list[0].Unread != count["unread"] {
		t.Errorf("%d messages, the last %q, %d unread", len(page.Messages), page.Messages[len(page.Messages)-1].Text, list[0].Unread)
	}
	do[agent.None](v, alice, "thread.read", agent.ThreadRef{With: "eve"})
	if s := do[agent.Status](v, alice, "status", agent.None{}); s.Messages != 0 {
		t.Errorf("%d unread", s.Messages)
	}
}

// TestConversationsAreRestored: on a new device both directions of a
// conversation are back, once, though a part still rests at relays; files come
// as long as they rest there.
func TestConversationsAreRestored(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	v.send(alice, "bob", "long ago")
	v.run(sxp.Minute)
	v.skip(40 * sxp.Day) // it rests at no relay any more
	v.send(bob, "alice", "lately")
	v.run(sxp.Minute)
	do[agent.MessageView](v, bob, "send", agent.SendMessage{To: "alice", Text: "with a file", Subject: "x", Files: []agent.File{{Name: "a.txt", Data: sxp.Bytes("a")}}})
	v.run(sxp.Minute)
	v.send(alice, "bob", "today")
	v.run(sxp.Minute)
	want := []string{"I: long ago", "bob: lately", "bob: with a file", "I: today"}
	wantSaid(t, "alice", v.thread(alice, agent.ThreadRef{With: "bob"}), want...)
	alice = v.lose(alice, "http://market.test")
	wantSaid(t, "alice restored", v.thread(alice, agent.ThreadRef{With: "bob"}), want...)
	v.run(sxp.Minute)
	th := v.thread(alice, agent.ThreadRef{With: "bob"})
	wantSaid(t, "alice after the relays were read", th, want...)
	if th.Messages[0].State != "sent" || !th.Messages[1].Read {
		t.Errorf("restored: %+v", th.Messages)
	}
	if s := do[agent.Status](v, alice, "status", agent.None{}); s.Messages != 0 {
		t.Errorf("%d unread", s.Messages)
	}
	if f := do[agent.File](v, alice, "inbox.file", agent.GetFile{Message: th.Messages[2].ID, File: 1}); string(f.Data) != "a" {
		t.Errorf("the file: %+v", f)
	}
	for range 30 { // more text than a copy takes
		v.send(alice, "bob", strings.Repeat("x", 1<<10))
		v.clock = v.clock.Add(sxp.Second)
	}
	v.run(sxp.Minute)
	alice = v.lose(alice, "http://market.test")
	if n := len(v.thread(alice, agent.ThreadRef{With: "bob"}).Messages); n != 24 {
		t.Errorf("%d letters are restored, want the 24 KiB that a copy takes", n)
	}
}

// TestContactsAreHeardInDeals: a contact's letter that overtakes the proposal
// it names is heard once that is here, without being accepted.
func TestContactsAreHeardInDeals(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	bob.away = true
	deal := v.swap(alice, bob)
	do[agent.MessageView](v, alice, "send", agent.SendMessage{Deal: deal.ID.String(), Text: "what do you think?"})
	v.run(sxp.Minute)
	v.forgetRolls(bob) // the proposal has to wait for its jury roll
	v.down["http://market.test"] = true
	bob.away = false
	v.run(10 * sxp.Second)
	v.down["http://market.test"] = false
	v.run(5 * sxp.Minute)
	if d := do[agent.DealView](v, bob, "deal", agent.DealRef{Deal: "1"}); d.State != "proposed" {
		t.Fatalf("bob sees %s", v.lines(bob))
	}
	wantSaid(t, "bob", v.thread(bob, agent.ThreadRef{Deal: "1"}), "alice: what do you think?")
	alice.away = true
	v.clock = v.clock.Add(60 * sxp.Day) // alice's card has run out meanwhile
	v.fails(bob, "send", agent.SendMessage{Deal: "1", Text: "x"}, sxp.Late, "expired")
}

// TestLettersFromTheFuture: whoever says that a letter is of a time to come
// stands at the end only until the next one.
func TestLettersFromTheFuture(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	eve := v.stranger("eve")
	v.known(eve, alice)
	v.befriend(alice, bob)
	future := letter(eve.key, alice.ID(), 1<<62, "for ever first")
	v.write(eve, alice, future)
	v.run(10 * sxp.Minute)
	v.write(eve, alice, future) // by whoever has it
	v.run(sxp.Minute)
	v.send(bob, "alice", "hello")
	v.run(10 * sxp.Second)
	if list := do[[]agent.ThreadView](v, alice, "threads", agent.None{}); list[0].With.Name != "bob" {
		t.Errorf("%s stays on top", list[0].With.Name)
	}
	v.write(eve, alice, letter(eve.key, alice.ID(), v.clock, "later"))
	v.run(10 * sxp.Second)
	v.clock = v.clock.Add(sxp.Minute)
	v.send(bob, "alice", "again")
	v.run(sxp.Minute)
	wantSaid(t, "alice", v.thread(alice, agent.ThreadRef{With: "eve"}), "eve: for ever first", "eve: later")
	if list := do[[]agent.ThreadView](v, alice, "threads", agent.None{}); list[0].With.Name != "bob" {
		t.Errorf("the newest conversation is with %s", list[0].With.Name)
	}
}

// TestLettersOfNoDeal: whoever is heard at all can have little kept of deals
// that they make up.
func TestLettersOfNoDeal(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	eve := v.stranger("eve")
	v.known(eve, alice)
	file := []agent.File{{Name: "large.bin", Data: make(sxp.Bytes, agent.MaxFileBytes)}}
	for i := range 12 {
		raw, err := envelope.Sign(eve.key, agent.TypeLetter, &agent.Letter{To: alice.ID(), At: v.clock, Kind: agent.KindFile, Files: file, Deal: sxp.Sum([]byte{byte(i)})})
		check(t, err)
		v.write(eve, alice, raw)
	}
	v.run(sxp.Minute)
	n, size := 0, 0
	v.scan(alice, func(key string, value []byte) {
		if strings.HasPrefix(key, "early/") {
			n++
			size += len(value)
		}
	})
	if n == 0 || size > 5<<20/2 {
		t.Errorf("%d letters of deals that do not exist take %d bytes", n, size)
	}
}
