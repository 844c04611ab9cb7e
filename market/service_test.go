package market_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/market/memstore"
	"sxp/relay"
)

// A node is a host behind a router, for tests.
type node struct {
	key  key
	host *market.Host
	rt   *relay.Router
}

func newNode(k key) *node {
	n := &node{key: k, host: new(market.Host), rt: relay.NewRouter(k, relay.RouterConfig{})}
	n.host.Found = func(ctx context.Context, _ sxp.ID, c market.Charter) (*market.Board, error) {
		return market.OpenBoard(ctx, market.Config{Market: c.Market, Node: k.ID(), Store: memstore.New()})
	}
	market.Register(n.rt, n.host)
	return n
}

func clock() sxp.Time { return noon }

func (n *node) client(k key) *market.Client {
	return market.NewClient(relay.Local(n.rt, clock), k, n.key.ID(), theMarket.ID(), clock, rand.Reader)
}

// found makes the market of charter on the node.
func (n *node) found(tb testing.TB, c market.Charter) {
	tb.Helper()
	c.Node.ID = n.key.ID()
	if err := n.client(theMarket).PutCharter(tb.Context(), must[[]byte](tb)(market.SignCharter(theMarket, c))); err != nil {
		tb.Fatal(err)
	}
}

func TestServiceFromEndToEnd(t *testing.T) {
	t.Parallel()
	n := newNode(theNode)
	ctx := t.Context()
	a := n.client(alice)
	_, _, err := a.Charter(ctx)
	wantKind(t, "before the market was founded", err, sxp.NotFound)
	n.found(t, charter())
	if c, _, err := a.Charter(ctx); err != nil || c.Name != "Village green" {
		t.Errorf("Charter: %q, %v", c.Name, err)
	}
	all, err := market.Markets(ctx, relay.Local(n.rt, clock), bob, theNode.ID(), clock, rand.Reader)
	if err != nil || len(all) != 1 || all[0].Market != theMarket.ID() {
		t.Errorf("Markets: %v, %v", all, err)
	}

	maths := offer(t, alice, 1, "3 h maths lessons", "beer")
	id, err := a.Publish(ctx, signed(t, alice, maths))
	if err != nil || id != maths.ID() {
		t.Fatalf("Publish: %v, %v", id, err)
	}
	need := must[market.Announcement](t)(draft(bob).Need(market.Nonce{1}, "maths | physics"))
	_, errs := n.client(bob).PublishAll(ctx, [][]byte{signed(t, bob, need), signed(t, bob, offer(t, bob, 2, "20 l beer")), []byte("noise"), signed(t, alice, maths)})
	for i, err := range errs {
		wantKind(t, fmt.Sprintf("message %d", i), err, []sxp.Kind{"", "", sxp.Invalid, ""}[i])
	}

	got, err := n.client(charlie).Search(ctx, market.Query{Words: "lesson"}, market.Offer, 0, 0)
	if err != nil || len(got.All) != 1 || got.Rejected != 0 || got.All[0].ID != id || got.All[0].Announcement.Item.Duration != 3*sxp.Hour {
		t.Errorf("Search: %+v, %v", got, err)
	}
	got, err = n.client(charlie).Search(ctx, market.Query{Words: "physics"}, market.Need, 0, 0)
	if err != nil || len(got.All) != 1 || !got.All[0].Announcement.Seeks().Match(*maths.Item) {
		t.Errorf("Search for needs: %+v, %v", got, err)
	}
	l, err := a.Get(ctx, id)
	if err != nil || l.Signer != alice.ID() || l.Announcement.Version != 1 {
		t.Errorf("Get: %+v, %v", l, err)
	}
	_, err = a.Get(ctx, market.ItemID{9})
	wantKind(t, "Get of nothing", err, sxp.NotFound)
	mine, err := a.Mine(ctx, alice.ID(), 0)
	if err != nil || len(mine.All) != 1 || mine.All[0].ID != id {
		t.Errorf("Mine: %+v, %v", mine, err)
	}

	g := market.Group{Market: theMarket.ID(), Owner: alice.ID(), Nonce: market.Nonce{7}, Version: 1, K: 1, Wants: []market.Want{{Item: need.ID()}}, Created: noon, Expires: noon.Add(sxp.Day)}
	if _, err := a.Publish(ctx, must[[]byte](t)(market.SignGroup(alice, g))); err != nil {
		t.Errorf("a group: %v", err)
	}
	classes := map[market.Class]int{}
	last, err := a.Each(ctx, 0, func(l market.Listing) error { classes[l.Class]++; return nil })
	if err != nil || last == 0 || classes[market.ClassAnnouncement] != 3 || classes[market.ClassGroup] != 1 || classes[market.ClassCharter] != 1 {
		t.Errorf("Each: %v, %d, %v", classes, last, err)
	}

	notice := must[[]byte](t)(market.SignNotice(theNode, market.Notice{Market: theMarket.ID(), Item: id, Reason: "spam", Created: noon}))
	if err := n.client(bob).Remove(ctx, notice); err != nil {
		t.Errorf("Remove: %v", err)
	}
	ns, err := a.List(ctx, market.ClassNotice, 0)
	if err != nil || len(ns.All) != 1 || ns.All[0].Notice.Reason != "spam" || ns.All[0].Signer != theNode.ID() {
		t.Errorf("notices: %+v, %v", ns, err)
	}
}

func TestServiceMailRollJurors(t *testing.T) {
	t.Parallel()
	n := newNode(theNode)
	roll := resign(t, bob, "sxp.roll/1", map[string]string{"n": "1"})
	c := charter()
	c.Roll = envelope.Digest(roll)
	n.found(t, c)
	ctx := t.Context()
	if err := n.client(bob).PutRoll(ctx, roll); err != nil {
		t.Fatal(err)
	}
	if got, err := n.client(alice).Roll(ctx, sxp.Hash{}); err != nil || !slices.Equal(got, roll) {
		t.Errorf("Roll: %d bytes, %v", len(got), err)
	}
	card := resign(t, bob, market.TypeJuror, map[string]string{"n": "1"})
	wantKind(t, "bob's card by alice", n.client(alice).Enrol(ctx, card), sxp.Denied)
	wantKind(t, "bob's card", n.client(bob).Enrol(ctx, card), "")
	jurors, err := n.client(alice).List(ctx, market.ClassJuror, 0)
	if err != nil || len(jurors.All) != 1 || jurors.All[0].Signer != bob.ID() {
		t.Errorf("jurors: %+v, %v", jurors, err)
	}
	wantKind(t, "bob leaves", n.client(bob).Leave(ctx), "")

	kem := envelope.NewKEMSecret([32]byte{1})
	sealed := must[[]byte](t)(envelope.Seal([]envelope.KEMPublic{kem.Public()}, "sxp.mail", []byte("a proposal")))
	id, err := n.client(alice).Post(ctx, charlie.ID(), sealed, sxp.Day)
	if err != nil {
		t.Fatal(err)
	}
	if letters, _, err := n.client(bob).Mail(ctx, 0); err != nil || len(letters) != 0 {
		t.Errorf("bob reads %d letters for charlie, %v", len(letters), err)
	}
	letters, next, err := n.client(charlie).Mail(ctx, 0)
	if err != nil || len(letters) != 1 || next != 0 || letters[0].From != alice.ID() || letters[0].ID != id {
		t.Fatalf("Mail: %+v, %d, %v", letters, next, err)
	}
	plain, err := envelope.Unseal(func(sxp.Hash) (*envelope.KEMSecret, bool) { return kem, true }, "sxp.mail", letters[0].Sealed)
	if err != nil || string(plain) != "a proposal" {
		t.Errorf("Unseal: %q, %v", plain, err)
	}
	wantKind(t, "deleting", n.client(charlie).DeleteMail(ctx, id), "")
	if letters, _, err := n.client(charlie).Mail(ctx, 0); err != nil || len(letters) != 0 {
		t.Errorf("after deleting there are %d letters, %v", len(letters), err)
	}
}

func TestServiceRefusesMarkets(t *testing.T) {
	t.Parallel()
	n := newNode(theNode)
	c := charter()
	put := func(raw []byte) error { return n.client(alice).PutCharter(t.Context(), raw) }
	wantKind(t, "noise", put([]byte("x")), sxp.Invalid)
	wantKind(t, "signed by another", put(resign(t, bob, market.TypeCharter, c)), sxp.Denied)
	c.Node.ID = bob.ID()
	wantKind(t, "for another node", put(must[[]byte](t)(market.SignCharter(theMarket, c))), sxp.Denied)
	n.host.Found = nil
	c.Node.ID = theNode.ID()
	wantKind(t, "a node that takes none", put(must[[]byte](t)(market.SignCharter(theMarket, c))), sxp.Denied)
}

// Row 90: a market is its key. It moves to another node, and whoever has the
// old link finds it there, with everything that was on its board.
func TestMarketMovesToAnotherNode(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	first, second := newNode(theNode), newNode(newKey(102))
	nodes := map[sxp.ID]*node{theNode.ID(): first, second.key.ID(): second}
	dial := func(_ context.Context, n market.Node) (relay.Caller, error) {
		if nodes[n.ID] == nil {
			return nil, sxp.Errorf("test.dial", sxp.Unavailable, n.ID, "no such node")
		}
		return relay.Local(nodes[n.ID].rt, clock), nil
	}
	c := charter()
	first.found(t, c)
	link := must[market.Link](t)(market.ParseLink(c.Link().String()))
	maths := offer(t, alice, 1, "maths lessons")
	gone := offer(t, alice, 2, "tent")
	_, errs := first.client(alice).PublishAll(ctx, [][]byte{signed(t, alice, maths), signed(t, alice, gone), signed(t, alice, draft(alice).Withdraw(gone))})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}

	// The new node gets the charter, a copy of the board, then the old one the charter.
	c.Seq, c.Node.ID = 2, second.key.ID()
	raw := must[[]byte](t)(market.SignCharter(theMarket, c))
	if err := second.client(theMarket).PutCharter(ctx, raw); err != nil {
		t.Fatal(err)
	}
	if _, err := first.client(bob).Each(ctx, 0, func(l market.Listing) error {
		if l.Class != market.ClassAnnouncement {
			return nil
		}
		_, err := second.client(bob).Publish(ctx, l.Raw)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := first.client(theMarket).PutCharter(ctx, raw); err != nil {
		t.Fatal(err)
	}

	cl, got, err := market.Locate(ctx, link, dial, bob, clock, rand.Reader)
	if err != nil || got.Seq != 2 || got.Market != link.Market {
		t.Fatalf("Locate: charter %d, %v", got.Seq, err)
	}
	found, err := cl.Search(ctx, market.Query{Words: "maths"}, "", 0, 0)
	if err != nil || len(found.All) != 1 || found.All[0].ID != maths.ID() {
		t.Errorf("after moving: %+v, %v", found, err)
	}
	_, err = cl.Publish(ctx, signed(t, alice, gone))
	wantKind(t, "what was withdrawn on the old node", err, sxp.Replay)
	_, err = first.client(alice).Publish(ctx, signed(t, alice, offer(t, alice, 3, "bike")))
	wantKind(t, "publishing on the old node", err, sxp.Unavailable)
	if err == nil || !strings.Contains(err.Error(), "https://node.example") {
		t.Errorf("the old node says %v", err)
	}
}

// A lying node is found out: the client shows only what verifies.
func TestClientBelievesNothing(t *testing.T) {
	t.Parallel()
	good := signed(t, alice, offer(t, alice, 1, "road bike"))
	forged := slices.Clone(good)
	forged[len(forged)-3] ^= 1
	other := offer(t, alice, 2, "bike")
	other.Market = bob.ID()
	old := offer(t, alice, 3, "bike")
	old.Created, old.Expires = noon-10, noon-5
	records := []market.Record{
		{Seq: 9, Class: market.ClassAnnouncement, Raw: good},
		{Seq: 8, Class: market.ClassAnnouncement, Raw: forged},
		{Seq: 7, Class: market.ClassAnnouncement, Raw: []byte("<script>")},
		{Seq: 6, Class: market.ClassAnnouncement, Raw: signed(t, alice, other)},                      // another market's
		{Seq: 5, Class: market.ClassAnnouncement, Raw: signed(t, alice, old)},                        // expired
		{Seq: 4, Class: market.ClassAnnouncement, Raw: signed(t, alice, offer(t, alice, 4, "beer"))}, // not asked for
		{Seq: 3, Class: market.ClassGroup, Raw: good},
		{Seq: 2, Class: "gossip", Raw: good},
		{Seq: 1, Class: market.ClassNotice, Raw: resign(t, bob, market.TypeNotice, market.Notice{})},
	}
	rt := relay.NewRouter(theNode, relay.RouterConfig{})
	relay.Serve(rt, market.RequestSearch, func(context.Context, sxp.Time, sxp.ID, []byte, market.AskSearch) (market.Page, error) {
		return market.Page{Records: records}, nil
	})
	relay.Serve(rt, market.RequestSince, func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r market.AskPage) (market.Page, error) {
		return market.Page{Records: records, Next: r.After}, nil
	})
	relay.Serve(rt, market.RequestGet, func(context.Context, sxp.Time, sxp.ID, []byte, market.AskItem) (market.Record, error) {
		return records[0], nil
	})
	relay.Serve(rt, market.RequestPublish, func(context.Context, sxp.Time, sxp.ID, []byte, market.PutMany) ([]market.Outcome, error) {
		return nil, nil
	})
	relay.Serve(rt, market.RequestCharter, func(context.Context, sxp.Time, sxp.ID, []byte, market.AskMarket) (sxp.Bytes, error) {
		c := charter()
		c.Market = bob.ID()
		return market.SignCharter(bob, c)
	})
	cl := (&node{key: theNode, rt: rt}).client(bob)
	got, err := cl.Search(t.Context(), market.Query{Words: "bike"}, market.Offer, 0, 0)
	if err != nil || len(got.All) != 1 || got.All[0].Seq != 9 || got.Rejected != len(records)-1 {
		t.Errorf("Search: %d found, %d rejected, %v", len(got.All), got.Rejected, err)
	}
	_, err = cl.Since(t.Context(), 5, 0)
	wantKind(t, "a cursor that stands still", err, sxp.Invalid)
	_, err = cl.Get(t.Context(), market.ItemID{1})
	wantKind(t, "another announcement than asked for", err, sxp.Invalid)
	_, err = cl.Publish(t.Context(), good)
	wantKind(t, "no outcome", err, sxp.Invalid)
	_, _, err = cl.Charter(t.Context())
	wantKind(t, "another market's charter", err, sxp.Invalid)
}

// Two nodes that send each other's way for ever, or back to an older charter,
// do not lead a reader in circles.
func TestLocateEndsInCircles(t *testing.T) {
	t.Parallel()
	keys := []key{theNode, newKey(102)}
	for name, tt := range map[string]struct {
		seqs []uint64 // of the charters that the two show
		kind sxp.Kind
	}{
		"an older charter": {[]uint64{3, 2}, sxp.Replay},
		"a circle":         {[]uint64{2, 2}, sxp.Unavailable},
	} {
		rts := make(map[sxp.ID]*relay.Router)
		for i, k := range keys {
			c := charter()
			c.Seq, c.Node.ID = tt.seqs[i], keys[1-i].ID()
			raw := must[[]byte](t)(market.SignCharter(theMarket, c))
			rts[k.ID()] = relay.NewRouter(k, relay.RouterConfig{})
			relay.Serve(rts[k.ID()], market.RequestCharter, func(context.Context, sxp.Time, sxp.ID, []byte, market.AskMarket) (sxp.Bytes, error) {
				return raw, nil
			})
		}
		dial := func(_ context.Context, n market.Node) (relay.Caller, error) {
			return relay.Local(rts[n.ID], clock), nil
		}
		_, _, err := market.Locate(t.Context(), charter().Link(), dial, bob, clock, rand.Reader)
		wantKind(t, name, err, tt.kind)
	}
}

// The longest want list of explicit announcements fits into one announcement.
func TestLongestWantList(t *testing.T) {
	t.Parallel()
	n := newNode(theNode)
	n.found(t, charter())
	a := offer(t, alice, 1, "game")
	for i := range market.MaxWants {
		a.Wants = append(a.Wants, market.Want{Item: market.ItemID{1, byte(i >> 8), byte(i)}})
	}
	if _, err := n.client(alice).Publish(t.Context(), signed(t, alice, a)); err != nil {
		t.Error(err)
	}
	a.Wants = append(a.Wants, market.Want{Item: market.ItemID{2}})
	_, err := market.SignAnnouncement(alice, a)
	wantKind(t, "one more", err, sxp.TooLarge)
}
