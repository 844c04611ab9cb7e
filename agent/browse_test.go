package agent_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/blocks"
	"sxp/envelope"
	"sxp/market"
	"sxp/node"
	"sxp/relay"
)

func (v *village) browse(p *person, in agent.Browse) agent.BrowsePage {
	v.t.Helper()
	return do[agent.BrowsePage](v, p, "browse", in)
}

func titles(page agent.BrowsePage) string {
	var out []string
	for _, it := range page.Items {
		out = append(out, it.Title)
	}
	return strings.Join(out, ", ")
}

// TestBrowse: a market is looked through page by page, newest first, whole or
// by what is asked, with the owners' names and what is one's own.
func TestBrowse(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "carol")
	link := v.found().String()
	alice, bob, carol := v.person("alice"), v.person("bob"), v.person("carol")
	for i := range 7 {
		v.offer(bob, fmt.Sprint("book ", i))
	}
	own := v.offer(alice, "red bicycle")
	do[agent.AnnouncementView](v, carol, "need", agent.Announce{Title: "bicycle", Category: "vehicles"})
	page := v.browse(alice, agent.Browse{Limit: 4})
	if titles(page) != "bicycle, red bicycle, book 6, book 5" || page.Next == 0 {
		t.Errorf("the first page: %s (%d)", titles(page), page.Next)
	}
	if a, b := page.Items[1], page.Items[2]; !a.Mine || a.Number != own.Number || a.OwnerName != "alice" || b.Mine || b.OwnerName != "bob" {
		t.Errorf("whose they are: %+v, %+v", a, b)
	}
	for n := 0; page.Next != 0; n++ {
		page = v.browse(alice, agent.Browse{Limit: 4, Before: page.Next})
		if n == 0 && titles(page) != "book 4, book 3, book 2, book 1" || n == 1 && titles(page) != "book 0" || n > 2 {
			t.Errorf("page %d: %s", n+2, titles(page))
		}
	}
	for _, c := range []struct {
		in   agent.Browse
		want string
	}{
		{agent.Browse{Words: "bicycle"}, "bicycle, red bicycle"},
		{agent.Browse{Words: " "}, "bicycle, red bicycle, book 6, book 5, book 4, book 3, book 2, book 1, book 0"},
		{agent.Browse{Words: "bicycle", Direction: market.Need}, "bicycle"},
		{agent.Browse{Category: "vehicles"}, "bicycle"},
		{agent.Browse{Kind: market.Service}, ""},
		{agent.Browse{Mine: true}, "red bicycle"},
		{agent.Browse{Mine: true, Direction: market.Need}, ""},
		{agent.Browse{Words: "zebra"}, ""},
	} {
		if page := v.browse(alice, c.in); titles(page) != c.want {
			t.Errorf("%+v finds %q, want %q", c.in, titles(page), c.want)
		}
	}
	v.fails(alice, "browse", agent.Browse{Market: "nowhere"}, sxp.NotFound, "nowhere")
	v.fails(alice, "browse", agent.Browse{Kind: "x"}, sxp.Invalid, "")
	dora := v.addPerson("dora") // has not joined
	v.fails(dora, "browse", agent.Browse{}, sxp.NotFound, "no market")
	if page := v.browse(dora, agent.Browse{Market: link, Words: "red"}); titles(page) != "red bicycle" || page.Items[0].Mine {
		t.Errorf("from outside: %+v", page)
	}
	it := do[agent.AnnouncementView](v, dora, "announcement", agent.AnnouncementRef{Market: link, ID: own.ID})
	if it.Title != "red bicycle" || it.OwnerName != "alice" || it.State != "active" {
		t.Errorf("one from outside: %+v", it)
	}
	if it := do[agent.AnnouncementView](v, bob, "announcement", agent.AnnouncementRef{ID: own.ID}); it.Mine || it.OwnerName != "alice" {
		t.Errorf("one of another: %+v", it)
	}
	if it := do[agent.AnnouncementView](v, alice, "announcement", agent.AnnouncementRef{ID: own.ID}); !it.Mine || it.Number != own.Number {
		t.Errorf("the own: %+v", it)
	}
	do[agent.AnnouncementView](v, alice, "withdraw", agent.ItemRef{Item: own.ID.String()})
	if it := do[agent.AnnouncementView](v, bob, "announcement", agent.AnnouncementRef{ID: own.ID}); it.State != "withdrawn" {
		t.Errorf("after it was withdrawn: %+v", it)
	}
	v.fails(bob, "announcement", agent.AnnouncementRef{}, sxp.NotFound, "")
}

// TestLookAtMarket: what a link leads to is shown without joining it.
func TestLookAtMarket(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice")
	alice := v.person("alice")
	m := do[agent.MarketView](v, alice, "market.create", agent.CreateMarket{Name: "Square", At: v.market(), Categories: []string{"tools", "food"}})
	bob := v.addPerson("bob")
	look := do[agent.MarketView](v, bob, "market.look", agent.LookAtMarket{Link: m.Link})
	if look.Joined || look.Mine || look.Founders[0].Name != "alice" || look.Number != 0 || look.Name != "Square" || !slices.Equal(look.Categories, []string{"tools", "food"}) || look.Jurors != 0 {
		t.Errorf("bob sees %+v", look)
	}
	if n := do[agent.Status](v, bob, "status", agent.None{}).Markets; n != 0 {
		t.Errorf("looking joined %d markets", n)
	}
	do[agent.MarketView](v, bob, "market.join", agent.JoinMarket{Link: m.Link})
	if look := do[agent.MarketView](v, bob, "market.look", agent.LookAtMarket{Link: m.Link}); !look.Joined || look.Number != 1 {
		t.Errorf("after he joined: %+v", look)
	}
	v.fails(bob, "market.look", agent.LookAtMarket{Link: "sxp:market?id=x"}, sxp.Invalid, "")
	link, err := market.ParseLink(m.Link)
	check(t, err)
	check(t, v.nodes["http://juror1.test"].Enrol(t.Context(), link))
	if own := do[[]agent.MarketView](v, alice, "markets", agent.None{})[0]; own.Enrolled != 1 || own.Jurors != 0 {
		t.Errorf("after a juror enrolled: %+v", own)
	}
}

// picture has the head of a PNG file, and bytes of its own.
func picture(n int) []byte { return append([]byte("\x89PNG\r\n\x1a\n"), byte(n)) }

// TestPhotosAndPlaces: a photo and a point go with an announcement, others see
// them, and what is near is found.
func TestPhotosAndPlaces(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	var urls []string
	for i := range 2 {
		urls = append(urls, do[agent.PhotoRef](v, alice, "photo.put", agent.PutPhoto{Data: picture(i), Type: "image/png"}).URL)
	}
	geneva, lausanne := market.Point{Lat: 46_204, Lon: 6_143}, market.Near{Lat: 46_520, Lon: 6_633, Km: 100}
	it := do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "boat", Photos: urls, Point: &geneva})
	v.offer(alice, "car")
	got := v.browse(bob, agent.Browse{Near: &lausanne})
	if titles(got) != "boat" || got.Items[0].Km == nil || *got.Items[0].Km < 45 || *got.Items[0].Km > 60 || !slices.Equal(got.Items[0].Item.Photos, urls) {
		t.Fatalf("near Lausanne: %+v", got)
	}
	if page := v.browse(alice, agent.Browse{Near: &lausanne, Mine: true}); titles(page) != "boat" || page.Items[0].Km == nil {
		t.Errorf("the own ones near there: %+v", page)
	}
	if page := v.browse(bob, agent.Browse{Near: &market.Near{Lat: 0, Lon: 0, Km: 100}}); len(page.Items) != 0 {
		t.Errorf("in the Gulf of Guinea: %s", titles(page))
	}
	v.fails(bob, "browse", agent.Browse{Near: &market.Near{Lat: 91_000, Km: 5}}, sxp.Invalid, "lat")
	f := do[agent.File](v, bob, "photo.get", agent.PhotoRef{URL: urls[1]})
	if !bytes.Equal(f.Data, picture(1)) || f.Type != "image/png" || !strings.HasSuffix(f.Name, ".png") {
		t.Errorf("the photo: %+v", f)
	}
	edit := func(in string) market.Item {
		t.Helper()
		out, err := alice.Do(t.Context(), "edit", fmt.Appendf(nil, `{"item":%q,%s}`, it.ID, in))
		check(t, err)
		if !bytes.Contains(out, []byte(`"photos"`)) && in == `"text":"new"` {
			t.Errorf("the answer to an edit: %s", out)
		}
		return do[agent.AnnouncementView](v, bob, "announcement", agent.AnnouncementRef{ID: it.ID}).Item
	}
	if now := edit(`"text":"new"`); len(now.Photos) != 2 || now.Point == nil {
		t.Errorf("an edit of the text: %+v", now)
	}
	if now := edit(`"title":"large boat","photos":null`); len(now.Photos) != 2 || now.Point == nil {
		t.Errorf("an edit of the title: %+v", now)
	}
	if now := edit(fmt.Sprintf(`"photos":[%q],"point":{"lat":1,"lon":2}`, urls[0])); len(now.Photos) != 1 || *now.Point != (market.Point{Lat: 1, Lon: 2}) {
		t.Errorf("an edit of both: %+v", now)
	}
	if now := edit(`"photos":[],"noPoint":true`); len(now.Photos) != 0 || now.Point != nil {
		t.Errorf("both taken away: %+v", now)
	}
}

// TestBadPhotos: what is no picture is neither kept nor shown, and a node
// cannot show another than was announced.
func TestBadPhotos(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	at := v.nodes["http://market.test"].Address()
	for name, in := range map[string]agent.PutPhoto{
		"a page":          {Data: sxp.Bytes("<html><script>alert(1)</script>"), Type: "text/html"},
		"a drawing":       {Data: sxp.Bytes(`<svg onload="alert(1)"/>`), Type: "image/svg+xml"},
		"another picture": {Data: picture(1), Type: "image/jpeg"},
		"nothing":         {Type: "image/png"},
	} {
		if _, err := agent.Call[agent.PhotoRef](t.Context(), alice, "photo.put", in); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	v.fails(alice, "photo.put", agent.PutPhoto{Data: append(picture(1), make([]byte, blocks.MaxBlock)...), Type: "image/png"}, sxp.TooLarge, "")
	good := do[agent.PhotoRef](v, alice, "photo.put", agent.PutPhoto{Data: picture(1), Type: "image/png"}).URL
	page := []byte("<script>alert(1)</script>")
	_, err := blocks.NewClient(v.dial(at.URL), alice.root.Signing(), at, v.now, rand.Reader).Put(t.Context(), page)
	check(t, err)
	v.fails(bob, "photo.get", agent.PhotoRef{URL: blocks.URL{Hash: blocks.Sum(page), At: at}.String()}, sxp.Invalid, "is none")
	v.fails(bob, "photo.get", agent.PhotoRef{URL: blocks.URL{Hash: blocks.Sum([]byte("none")), At: at}.String()}, sxp.NotFound, "")
	v.fails(bob, "photo.get", agent.PhotoRef{URL: "https://tracker.example/pixel.png"}, sxp.Invalid, "")
	// A node that shows another picture, in an answer that it has signed.
	v.wrong[at.URL] = func(_ context.Context, raw []byte) ([]byte, error) {
		_, asker, err := envelope.Peek(raw)
		check(t, err)
		return envelope.Sign(v.secrets[at.URL], relay.ResponseType(blocks.RequestGet), relay.Response[sxp.Bytes]{
			Type: blocks.RequestGet, From: at.ID, To: asker, Timestamp: v.clock, Re: envelope.Digest(raw), Result: picture(2),
		})
	}
	v.fails(bob, "photo.get", agent.PhotoRef{URL: good}, sxp.Invalid, "other bytes")
}

// TestPhotosWithoutNetwork: a photo that was taken where nothing answers comes
// to the board's node with its announcement, and what was seen once can be
// shown again.
func TestPhotosWithoutNetwork(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	link := v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.run(sxp.Second)
	v.down["http://market.test"] = true
	url := do[agent.PhotoRef](v, alice, "photo.put", agent.PutPhoto{Data: picture(7)}).URL
	if it := do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "boat", Photos: []string{url}}); !it.Pending {
		t.Errorf("offered: %+v", it)
	}
	if f := do[agent.File](v, alice, "photo.get", agent.PhotoRef{URL: url}); !bytes.Equal(f.Data, picture(7)) {
		t.Error("the own photo is not here")
	}
	v.fails(bob, "photo.get", agent.PhotoRef{URL: url}, sxp.Unavailable, "")
	v.down["http://market.test"] = false
	v.run(5 * sxp.Minute)
	if page := v.browse(bob, agent.Browse{}); titles(page) != "boat" {
		t.Fatalf("bob finds %s", titles(page))
	}
	for range 2 { // the second time from here
		if f := do[agent.File](v, bob, "photo.get", agent.PhotoRef{URL: url}); !bytes.Equal(f.Data, picture(7)) {
			t.Error("another photo")
		}
		v.restart(bob)
		v.down["http://market.test"] = true
	}
	v.down["http://market.test"] = false
	do[agent.AnnouncementView](v, alice, "withdraw", agent.ItemRef{Item: "1"})
	v.clock = v.clock.Add(3 * sxp.Hour)
	v.run(sxp.Hour) // the node has let go of it
	again := do[agent.AnnouncementView](v, alice, "offer", agent.Announce{Title: "boat", Photos: []string{url}})
	carol := v.addPerson("carol")
	do[agent.MarketView](v, carol, "market.look", agent.LookAtMarket{Link: link.String()})
	if f := do[agent.File](v, carol, "photo.get", agent.PhotoRef{URL: again.Item.Photos[0]}); !bytes.Equal(f.Data, picture(7)) {
		t.Error("after it was offered again there is another photo")
	}
	for i := range 140 {
		do[agent.PhotoRef](v, alice, "photo.put", agent.PutPhoto{Data: append(picture(i), 'x')})
	}
	n := 0
	v.scan(alice, func(key string, _ []byte) {
		if strings.HasPrefix(key, "photo/") {
			n++
		}
	})
	if n != 128 {
		t.Errorf("%d own photos are kept, want 128", n)
	}
}

// TestNobodyLearnsWhoLooks: what strangers announce and send makes no request
// that tells a node of theirs who reads it.
func TestNobodyLearnsWhoLooks(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice")
	link := v.found()
	v.addNode("http://mallory.test", node.Roles{Relay: true})
	mallorys := v.nodes["http://mallory.test"]
	bob := v.addPerson("bob")
	asked := map[sxp.ID]int{}
	for _, url := range []string{"http://market.test", "http://mallory.test"} {
		v.wrong[url] = func(ctx context.Context, raw []byte) ([]byte, error) {
			_, who, err := envelope.Peek(raw)
			check(t, err)
			asked[who]++
			return relay.Local(v.nodes[url], v.now).Call(ctx, raw)
		}
	}
	pixel := blocks.URL{Hash: blocks.Sum(picture(1)), At: mallorys.Address()}.String()
	v.fails(bob, "photo.get", agent.PhotoRef{URL: pixel}, sxp.NotFound, "see that you look")
	if len(asked) != 0 {
		t.Errorf("for a photo somebody else's node was asked: %v", asked)
	}
	do[agent.MarketView](v, bob, "market.look", agent.LookAtMarket{Link: link.String()})
	do[agent.BrowsePage](v, bob, "browse", agent.Browse{Market: link.String()})
	if r := do[agent.RelayView](v, bob, "relay.look", agent.RelayRef{Address: mallorys.Address().String()}); !r.Reachable || r.Account != nil {
		t.Errorf("a relay that somebody named: %+v", r)
	}
	if len(asked) < 3 || asked[bob.ID()] != 0 {
		t.Errorf("of %d people who asked %d requests were bob's", len(asked), asked[bob.ID()])
	}
	do[relay.AccountState](v, bob, "relay.account", agent.RelayAccount{Relay: mallorys.Address().String()})
	if r := do[agent.RelayView](v, bob, "relay.look", agent.RelayRef{Address: mallorys.Address().String()}); r.Account == nil || asked[bob.ID()] == 0 {
		t.Errorf("once an account was asked for: %+v", r)
	}
	do[agent.MarketView](v, bob, "market.join", agent.JoinMarket{Link: link.String()})
	v.fails(bob, "photo.get", agent.PhotoRef{URL: pixel}, sxp.NotFound, "")
}
