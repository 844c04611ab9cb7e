package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

// TestMarketOnDisk goes through a market's life on one machine with real files
// and real HTTP: it is founded, gets a juror and a roll, three strangers leave
// cards and announcements, their ring is proposed once, also over a restart,
// and a second time after its deadline, but not a third.
func TestMarketOnDisk(t *testing.T) {
	t.Parallel()
	c := new(clock)
	dir := t.TempDir()
	v := serve(t, c, func(cfg *Config) { cfg.Dir, cfg.Juror = dir, true })
	founder := newSomeone(t, c, "founder", v.to(t), v.ID())
	f := newFair(t, founder, v.Address().URL)
	m := f.key.ID()
	if err := v.Enrol(t.Context(), f.charter.Link()); err != nil {
		t.Fatal(err)
	}
	f.roll(t, sxp.Hour)

	alice, bob, charlie := newSomeone(t, c, "Alice", v.to(t), v.ID()), newSomeone(t, c, "Bob", v.to(t), v.ID()), newSomeone(t, c, "Charlie", v.to(t), v.ID())
	people := []*someone{alice, bob, charlie}
	alice.offer(t, m, "3 h maths lessons", "beer")
	bob.offer(t, m, "20 l beer", "coins")
	charlie.offer(t, m, "12 coins", "maths lessons")
	for _, p := range people {
		if n := len(p.letters(t, m)); n != 0 {
			t.Fatalf("%d proposals to people whose cards are not known", n)
		}
		if ok, err := ask[market.PutCard, bool](p, market.RequestPutCard, market.PutCard{Card: p.card}); !ok || err != nil {
			t.Fatalf("a card: %v, %v", ok, err)
		}
	}
	// one checks that everybody has one proposal that still can be accepted, of
	// that attempt; 0: none.
	one := func(when string, attempt int) {
		t.Helper()
		for _, p := range people {
			if attempt > 0 {
				eventually(t, when, func() bool { return len(p.letters(t, m)) > 0 })
			}
		}
		eventually(t, "the finder rests", v.rested)
		for _, p := range people {
			letters := p.letters(t, m)
			if len(letters) != min(attempt, 1) {
				t.Fatalf("%s: %d proposals wait for one person, want %d", when, len(letters), min(attempt, 1))
			}
			for _, l := range letters {
				if len(l.Cards) != 3 || l.Attempt != attempt || l.Proposer != v.ID() {
					t.Errorf("%s: a proposal to %d people, attempt %d, by %s", when, len(l.Cards), l.Attempt, l.Proposer.Short())
				}
			}
		}
	}
	one("after the third card", 1)

	// Restart: everything is there, and nothing is proposed again.
	id := v.ID()
	v.stop()
	v = serve(t, c, func(cfg *Config) { cfg.Dir, cfg.Juror = dir, true })
	if v.ID() != id {
		t.Fatalf("the node was %s and is %s", id, v.ID())
	}
	for _, p := range append(people, founder) {
		p.at = v.to(t)
	}
	c.move(sxp.Second)
	alice.offer(t, m, "1 chair") // so that the finder looks
	one("after a restart", 1)
	cards, err := ask[market.GetCards, market.Cards](alice, market.RequestGetCards, market.GetCards{IDs: []sxp.ID{charlie.key.ID(), founder.key.ID(), bob.key.ID()}})
	if err != nil || len(cards.Cards) != 2 || !slices.Equal(cards.Cards[0], charlie.card) || !slices.Equal(cards.Cards[1], bob.card) {
		t.Errorf("GetCards gives %d cards, %v; want Charlie's and Bob's", len(cards.Cards), err)
	}

	c.move(2 * sxp.Hour)
	v.ring()
	one("after the deadline", 2)
	c.move(2 * sxp.Hour)
	bob.offer(t, m, "1 table")
	one("after the second deadline", 0)
}

func TestCards(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Board: true})))
	defer n.Close()
	at := relay.Local(n, c.now)
	alice, mallory := newSomeone(t, c, "Alice", at, n.ID()), newSomeone(t, c, "Mallory", at, n.ID())
	put := func(who *someone, card []byte) error {
		_, err := ask[market.PutCard, bool](who, market.RequestPutCard, market.PutCard{Card: card})
		return err
	}
	wantKind(t, "a card where there is no market", put(alice, alice.card), sxp.Denied)
	f := newFair(t, alice, "http://node.test")
	second := alice.newCard("Alice", 2)
	for _, step := range []struct {
		what string
		who  *someone
		card []byte
		want sxp.Kind
	}{
		{"a new card", alice, alice.card, ""},
		{"the same again", alice, alice.card, ""},
		{"somebody else's", mallory, alice.card, sxp.Denied},
		{"a newer one", alice, second, ""},
		{"an older one", alice, alice.card, sxp.Replay},
		{"another of the same number", alice, alice.newCard("Alicia", 2), sxp.Conflict},
		{"no card", mallory, []byte("card"), sxp.Invalid},
		{"nothing", mallory, nil, sxp.Invalid},
	} {
		wantKind(t, step.what, put(step.who, step.card), step.want)
	}
	if k := n.cards.len(); k != 1 {
		t.Errorf("%d cards are counted, want 1", k)
	}
	_, err := ask[market.GetCards, market.Cards](alice, market.RequestGetCards, market.GetCards{IDs: make([]sxp.ID, market.MaxCards+1)})
	wantKind(t, "too many at once", err, sxp.TooLarge)

	f.charter.Seq, f.charter.Admission, f.charter.Invited = 2, market.Invited, []sxp.ID{alice.key.ID()}
	if err := alice.market(f.key.ID()).PutCharter(t.Context(), must(market.SignCharter(f.key, f.charter))); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "a stranger's card where markets invite", put(mallory, mallory.card), sxp.Denied)
}

// TestRoomForCardsOfMarkets: whoever may write to a relay, which may be
// anybody, takes no more than half of the room for cards.
func TestRoomForCardsOfMarkets(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Relay: true})
	alice := newSomeone(t, c, "Alice", nil, p.Key.ID())
	if err := p.KV.Update(func(tx kv.Tx) error { return tx.Put(keyCards, binary.BigEndian.AppendUint64(nil, MaxCards/2)) }); err != nil {
		t.Fatal(err)
	}
	n := must(New(p))
	defer n.Close()
	alice.at = relay.Local(n, c.now)
	_, err := ask[market.PutCard, bool](alice, market.RequestPutCard, market.PutCard{Card: alice.card})
	wantKind(t, "one card more of a relay's people", err, sxp.Full)
	if ok, err := n.cards.put(alice.key.ID(), alice.card, MaxCards); !ok || err != nil {
		t.Errorf("the card of somebody of a market: %v", err)
	}
}

// TestCardsOfARelay: where there is no market, a relay keeps the cards of those
// who may write to it, for whoever has their short link.
func TestCardsOfARelay(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Relay: true})
	alice, mallory := newSomeone(t, c, "Alice", nil, p.Key.ID()), newSomeone(t, c, "Mallory", nil, p.Key.ID())
	p.Policy = relay.Policy{Mode: relay.Own, Own: []sxp.ID{alice.key.ID()}}
	n := must(New(p))
	defer n.Close()
	alice.at, mallory.at = relay.Local(n, c.now), relay.Local(n, c.now)
	if _, err := ask[market.PutCard, bool](alice, market.RequestPutCard, market.PutCard{Card: alice.card}); err != nil {
		t.Fatal(err)
	}
	_, err := ask[market.PutCard, bool](mallory, market.RequestPutCard, market.PutCard{Card: mallory.card})
	wantKind(t, "the card of somebody without an account", err, sxp.Denied)
	got, err := ask[market.GetCards, market.Cards](mallory, market.RequestGetCards, market.GetCards{IDs: []sxp.ID{mallory.key.ID(), alice.key.ID()}})
	if err != nil || len(got.Cards) != 1 || string(got.Cards[0]) != string(alice.card) {
		t.Errorf("the relay has %d cards, %v; want Alice's", len(got.Cards), err)
	}
}

func TestFoundingIsLimited(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Board: true, Relay: true})
	p.MaxBoards = 2
	disk := &full{Store: p.KV}
	p.KV = disk
	owner := newSomeone(t, c, "owner", nil, p.Key.ID())
	p.Policy = relay.Policy{Mode: relay.Own, Own: []sxp.ID{owner.key.ID()}, Operator: p.Key.ID()}
	opened := 0
	open := p.BoardStore
	p.BoardStore = func(m sxp.ID) (market.Store, error) { opened++; return open(m) }
	n := must(New(p))
	defer n.Close()
	owner.at = relay.Local(n, c.now)
	stranger := newSomeone(t, c, "stranger", owner.at, n.ID())
	put := func(who *someone, created sxp.Time) error {
		key := must(identity.NewSigningKey(rand.Reader))
		return who.market(key.ID()).PutCharter(t.Context(), must(market.SignCharter(key, market.Charter{
			Market: key.ID(), Name: "Fair", Admission: market.Open, Seq: 1, Created: created, Node: market.Node{ID: n.ID(), Address: "http://node.test"},
		})))
	}
	wantKind(t, "a stranger where the relay is for its owners", put(stranger, c.now()), sxp.Denied)
	wantKind(t, "a charter of tomorrow", put(owner, c.now().Add(sxp.Day)), sxp.Clock)
	disk.is.Store(true)
	wantKind(t, "a full disk", put(owner, c.now()), sxp.Full)
	disk.is.Store(false)
	if opened != 0 {
		t.Errorf("%d boards were opened for markets that were refused", opened)
	}
	wantKind(t, "the first", put(owner, c.now()), "")
	wantKind(t, "the second", put(owner, c.now()), "")
	wantKind(t, "one too many", put(owner, c.now()), sxp.Full)
}

// strangers founds a market on a node in memory with a roll, and three people
// with cards.
func strangers(t *testing.T, c *clock, n *Node) (*fair, []*someone) {
	t.Helper()
	at := relay.Local(n, c.now)
	founder := newSomeone(t, c, "founder", at, n.ID())
	f := newFair(t, founder, "http://node.test")
	n.p.Dial = func(string) relay.Caller { return at }
	if err := n.Enrol(t.Context(), f.charter.Link()); err != nil {
		t.Fatal(err)
	}
	f.roll(t, sxp.Hour)
	var people []*someone
	for _, name := range []string{"Alice", "Bob", "Charlie"} {
		p := newSomeone(t, c, name, at, n.ID())
		if _, err := ask[market.PutCard, bool](p, market.RequestPutCard, market.PutCard{Card: p.card}); err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}
	return f, people
}

// look lets the finder look.
func look(t *testing.T, c *clock, n *Node) {
	t.Helper()
	c.move(sxp.Second)
	if _, err := n.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFinderFreesItemsOfImpossibleRings(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Board: true, Juror: true, Finder: true})))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	lessons := people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "maths lessons")
	look(t, c, n)
	count := func() string {
		return fmt.Sprint(len(people[0].letters(t, m)), len(people[1].letters(t, m)), len(people[2].letters(t, m)))
	}
	if got := count(); got != "1 1 0" {
		t.Fatalf("proposals %s, want 1 1 0", got)
	}
	// Alice takes her lessons back; Charlie could teach Bob.
	people[2].offer(t, m, "2 h maths lessons", "beer")
	if _, err := people[0].market(m).Publish(t.Context(), must(market.SignAnnouncement(people[0].key, market.Draft{Market: m, Owner: people[0].key.ID(), Now: c.now()}.Withdraw(lessons)))); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	if got := count(); got != "1 1 0" {
		t.Fatalf("right after a withdrawal, which may mean success: proposals %s, want 1 1 0", got)
	}
	c.move(withdrawnGrace)
	look(t, c, n)
	if got := count(); got != "1 2 1" {
		t.Errorf("a while after the withdrawal: proposals %s, want 1 2 1", got)
	}
}

func TestFinderOnALargeBoard(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Board: true, Juror: true, Finder: true})))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	crowd := newSomeone(t, c, "crowd", people[0].at, n.ID())
	var raws [][]byte
	for i := range maxWhole + 100 {
		want := []string{"beer", "coins", "a chair", "music"}[i%4]
		a := must(market.Draft{Market: m, Owner: crowd.key.ID(), Now: c.now()}.Offer(must(market.NewNonce(rand.Reader)), fmt.Sprintf("%d apples", i+1), want))
		raws = append(raws, must(market.SignAnnouncement(crowd.key, a)))
	}
	for part := range slices.Chunk(raws, market.MaxBatch) {
		_, errs := crowd.market(m).PublishAll(t.Context(), part)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	look(t, c, n)
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins")
	// Bob would rather have it from Dora, of whom there is no card.
	dora := newSomeone(t, c, "Dora", people[0].at, n.ID())
	dora.offer(t, m, "13 coins", "maths lessons")
	look(t, c, n)
	people[2].offer(t, m, "12 coins", "maths lessons")
	look(t, c, n)
	look(t, c, n)
	for _, p := range people {
		if letters := p.letters(t, m); len(letters) != 1 || len(letters[0].Cards) != 3 {
			t.Fatalf("%d proposals, want one among three", len(letters))
		}
	}
	// After a restart nothing is proposed again; a card of Dora's frees nobody.
	n.finder = newFinder()
	if _, err := ask[market.PutCard, bool](dora, market.RequestPutCard, market.PutCard{Card: dora.card}); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	for _, p := range append(people, dora) {
		if k := len(p.letters(t, m)); k != 1 && p != dora || k != 0 && p == dora {
			t.Errorf("%d proposals after a restart", k)
		}
	}
	// When the deadline has passed, Dora's coins are as good.
	c.move(2 * sxp.Hour)
	look(t, c, n)
	if k := len(dora.letters(t, m)) + len(people[2].letters(t, m)); k != 1 {
		t.Errorf("%d proposals to Dora and Charlie after the deadline, want one", k)
	}
}

func TestFinderPostsWhatACrashKeptBack(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Board: true, Juror: true, Finder: true})
	boards := map[sxp.ID]market.Store{}
	open := p.BoardStore
	broken := false
	p.BoardStore = func(m sxp.ID) (market.Store, error) {
		if boards[m] == nil {
			boards[m] = &noMail{Store: must(open(m)), broken: &broken}
		}
		return boards[m], nil
	}
	n := must(New(p))
	f, people := strangers(t, c, n)
	m := f.key.ID()
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "maths lessons")
	broken = true
	look(t, c, n)
	broken = false
	if k := len(people[0].letters(t, m)); k != 0 {
		t.Fatalf("%d letters on a broken board", k)
	}
	c.move(sxp.Second)
	p.KV.Close()
	n = must(New(p)) // the crash
	defer n.Close()
	for _, s := range people {
		s.at = relay.Local(n, c.now)
	}
	look(t, c, n)
	look(t, c, n)
	for _, s := range people[:2] {
		if k := len(s.letters(t, m)); k != 1 {
			t.Errorf("%d letters after the crash, want 1", k)
		}
	}
}

// noMail is a board whose disk breaks when mail comes.
type noMail struct {
	market.Store
	broken *bool
}

func (s *noMail) Apply(ctx context.Context, put []market.Entry, del []market.Key) error {
	for _, e := range put {
		if *s.broken && e.Key.Class == market.ClassMail {
			return sxp.Errorf("test", sxp.Internal, nil, "the disk broke")
		}
	}
	return s.Store.Apply(ctx, put, del)
}

func TestDamagedRingIsForgotten(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Board: true, Juror: true, Finder: true})
	n := must(New(p))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	key := keyRing + m.String() + "/" + strings.Repeat("0", 64)
	if err := n.saveRing(key, &ring{proposed: proposed{Items: make([]market.ItemID, 2)}}); err != nil {
		t.Fatal(err)
	}
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "maths lessons")
	look(t, c, n)
	if k := len(people[0].letters(t, m)); k != 1 {
		t.Errorf("%d letters, want 1", k)
	}
}
