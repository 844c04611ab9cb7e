package node

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"testing"

	"sxp"
	"sxp/blocks"
	blockmem "sxp/blocks/memstore"
	"sxp/market"
	"sxp/relay"
)

// photos is somebody's way to a node's blocks.
func (s *someone) photos(url string) *blocks.Client {
	return blocks.NewClient(s.at, s.key, relay.Address{ID: s.node, URL: url}, s.c.now, rand.Reader)
}

// show announces an item with photos, for a life.
func (s *someone) show(tb testing.TB, m sxp.ID, life sxp.Duration, photos ...blocks.URL) market.Announcement {
	tb.Helper()
	d := market.Draft{Market: m, Owner: s.key.ID(), Now: s.c.now(), Life: life}
	a := must(d.Offer(must(market.NewNonce(rand.Reader)), "a road bike"))
	for _, u := range photos {
		a.Item.Photos = append(a.Item.Photos, u.String())
	}
	if _, err := s.market(m).Publish(tb.Context(), must(market.SignAnnouncement(s.key, a))); err != nil {
		tb.Fatal(err)
	}
	return a
}

// TestPhotos: a photo lives as long as an announcement of its owner names it,
// whichever way that ends.
func TestPhotos(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Board: true})
	p.Blocks = blockmem.New()
	n := must(New(p))
	defer n.Close()
	at := relay.Local(n, c.now)
	alice, bob := newSomeone(t, c, "Alice", at, n.ID()), newSomeone(t, c, "Bob", at, n.ID())
	_, err := alice.photos("http://node.test").Put(t.Context(), []byte("photo"))
	wantKind(t, "a photo where there is no market", err, sxp.Denied)
	f := newFair(t, alice, "http://node.test")
	m := f.key.ID()
	f.charter.Seq, f.charter.Admission, f.charter.Invited = 2, market.Invited, []sxp.ID{alice.key.ID()}
	if err := alice.market(m).PutCharter(t.Context(), must(market.SignCharter(f.key, f.charter))); err != nil {
		t.Fatal(err)
	}
	_, err = bob.photos("http://node.test").Put(t.Context(), []byte("photo"))
	wantKind(t, "a photo of somebody whom the market does not take", err, sxp.Denied)

	put := func(text string) blocks.URL {
		t.Helper()
		return must(alice.photos("http://node.test").Put(t.Context(), []byte(text)))
	}
	forgotten, withdrawn, edited, expiring, removed, standing := put("forgotten"), put("withdrawn"), put("edited"), put("expiring"), put("removed"), put("standing")
	w, e, r := alice.show(t, m, 0, withdrawn), alice.show(t, m, 0, edited, standing), alice.show(t, m, 0, removed)
	alice.show(t, m, 150*sxp.Minute, expiring)
	there := func(when string, want ...blocks.URL) {
		t.Helper()
		for _, u := range []blocks.URL{forgotten, withdrawn, edited, expiring, removed, standing} {
			wanted := false
			for _, w := range want {
				wanted = wanted || w == u
			}
			if _, err := bob.photos("http://node.test").Get(t.Context(), u.Hash); (err == nil) != wanted {
				t.Errorf("%s: %s: %v, want it there: %v", when, u.Hash.Short(), err, wanted)
			}
		}
	}
	step := func(d sxp.Duration) {
		t.Helper()
		c.move(d)
		if _, err := n.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	step(0)
	there("at once", forgotten, withdrawn, edited, expiring, removed, standing)
	step(blocks.Grace)
	there("after the grace", withdrawn, edited, expiring, removed, standing)

	d := market.Draft{Market: m, Owner: alice.key.ID(), Now: c.now()}
	next := d.Edit(e)
	next.Item.Photos = []string{standing.String()}
	for _, a := range []market.Announcement{d.Withdraw(w), next} {
		if _, err := alice.market(m).Publish(t.Context(), must(market.SignAnnouncement(alice.key, a))); err != nil {
			t.Fatal(err)
		}
	}
	if err := alice.market(m).Remove(t.Context(), must(market.SignNotice(f.key, market.Notice{Market: m, Item: r.ID(), Reason: "not yours", Created: c.now()}))); err != nil {
		t.Fatal(err)
	}
	step(blocks.Grace)
	there("after withdrawal, edit and notice", expiring, standing)
	step(blocks.Grace)
	there("after it has expired", standing)
	if err := alice.photos("http://node.test").Drop(t.Context(), standing.Hash); err != nil {
		t.Fatal(err)
	}
	there("after its owner dropped it")
}

// TestPhotosOnDisk: a photo that was answered is there after a restart, and the
// page of figures counts it.
func TestPhotosOnDisk(t *testing.T) {
	t.Parallel()
	c := new(clock)
	dir := t.TempDir()
	change := func(cfg *Config) { cfg.Dir, cfg.Metrics = dir, "127.0.0.1:0" }
	v := serve(t, c, change)
	alice := newSomeone(t, c, "Alice", v.to(t), v.ID())
	newFair(t, alice, v.Address().URL)
	photo := bytes.Repeat([]byte("RIFF"), blocks.MaxBlock/4)
	u, err := alice.photos(v.Address().URL).Put(t.Context(), photo)
	if err != nil {
		t.Fatal(err)
	}
	v.stop()
	v = serve(t, c, change)
	alice.at = v.to(t)
	if got, err := alice.photos(v.Address().URL).Get(t.Context(), u.Hash); err != nil || !bytes.Equal(got, photo) {
		t.Errorf("after a restart: %d bytes, %v", len(got), err)
	}
	resp, err := http.Get("http://" + v.page.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"sxp_blocks 1\n", "sxp_block_bytes 131072\n", `sxp_requests_total{kind="ok",type="block.get"} 1`} {
		if !strings.Contains(string(page), line) {
			t.Errorf("the metrics do not say %q", line)
		}
	}
}
