package relay_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/memstore"
)

// A world has one relay and a clock that stands unless moved.
type world struct {
	t        *testing.T
	now      sxp.Time
	node     key
	operator key
	router   *relay.Router
	server   *relay.Server
	store    *memstore.Store
}

func newWorld(t *testing.T, change func(*relay.ServerConfig)) *world {
	t.Helper()
	w := &world{t: t, now: noon, node: newKey(t), operator: newKey(t), store: new(memstore.Store)}
	w.router = relay.NewRouter(w.node, relay.RouterConfig{})
	cfg := relay.ServerConfig{Store: w.store, Accounts: w.store, Policy: relay.Policy{Mode: relay.Open, Operator: w.operator.ID()}}
	if change != nil {
		change(&cfg)
	}
	s, err := relay.Register(w.router, cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	return w
}

func (w *world) client(k key) *relay.Client {
	clock := func() sxp.Time { return w.now }
	return relay.NewClient(relay.Local(w.router, clock), k, w.node.ID(), clock, rand.Reader)
}

func hour(content string) relay.Write {
	return relay.Write{TTL: sxp.Hour, Content: []byte(content)}
}

func TestARecordGoesFromSenderToReceiver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob, carol := newKey(t), newKey(t), newKey(t)
	a, b, c := w.client(alice), w.client(bob), w.client(carol)
	p, err := a.Write(t.Context(), bob.ID(), relay.Write{RecordID: "hello", TTL: sxp.Hour, Tag: "mail", Content: []byte("sealed")})
	if err != nil {
		t.Fatal(err)
	}
	want := "/" + alice.ID().String() + "/outbox/" + bob.ID().String() + "/hello"
	if p.String() != want {
		t.Errorf("the path is %s, want %s", p, want)
	}
	w.now += 5
	got, err := b.Read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Write.Content) != "sealed" || got.Timestamp != noon || got.Stored.Time() != noon {
		t.Errorf("Read = %+v", got)
	}
	_, err = c.Read(t.Context(), p)
	wantKind(t, err, sxp.Denied, "only the receiver")
	_, err = b.Read(t.Context(), relay.Path{Sender: alice.ID(), Receiver: bob.ID(), RecordID: "other"})
	wantKind(t, err, sxp.NotFound, "no such record")

	page, err := b.Inventory(t.Context(), relay.Inventory{})
	if err != nil || !slices.Equal(page.Paths, []relay.Path{p}) {
		t.Errorf("Inventory = %+v, %v", page, err)
	}
	page, err = a.Inventory(t.Context(), relay.Inventory{Outbox: true})
	if err != nil || !slices.Equal(page.Paths, []relay.Path{p}) {
		t.Errorf("Inventory of the outbox = %+v, %v", page, err)
	}
	page, err = c.Inventory(t.Context(), relay.Inventory{})
	if err != nil || len(page.Paths) != 0 {
		t.Errorf("Inventory of another = %+v, %v", page, err)
	}
}

func TestWritesThatBreakARuleAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *relay.ServerConfig) { c.MaxTTL = sxp.Day })
	a, bob := w.client(newKey(t)), newKey(t)
	for name, tt := range map[string]struct {
		to   sxp.ID
		w    relay.Write
		kind sxp.Kind
		text string
	}{
		"no ttl":                      {bob.ID(), relay.Write{RecordID: "a"}, sxp.Invalid, "ttl"},
		"negative ttl":                {bob.ID(), relay.Write{RecordID: "a", TTL: -1}, sxp.Invalid, "ttl"},
		"ttl beyond the format":       {bob.ID(), relay.Write{RecordID: "a", TTL: relay.MaxTTL + 1}, sxp.Invalid, "ttl"},
		"ttl beyond this relay":       {bob.ID(), relay.Write{RecordID: "a", TTL: sxp.Day + 1}, sxp.Invalid, "24h"},
		"a slash in the id":           {bob.ID(), relay.Write{RecordID: "a/b", TTL: 1}, sxp.Invalid, "record id"},
		"dots as id":                  {bob.ID(), relay.Write{RecordID: "..", TTL: 1}, sxp.Invalid, "record id"},
		"a long id":                   {bob.ID(), relay.Write{RecordID: relay.RecordID(strings.Repeat("a", 65)), TTL: 1}, sxp.Invalid, "record id"},
		"a long tag":                  {bob.ID(), relay.Write{RecordID: "a", TTL: 1, Tag: strings.Repeat("a", 65)}, sxp.TooLarge, "tag"},
		"too much content":            {bob.ID(), relay.Write{RecordID: "a", TTL: 1, Content: make([]byte, relay.MaxContent+1)}, sxp.TooLarge, "content"},
		"the largest content is fine": {bob.ID(), relay.Write{RecordID: "a", TTL: sxp.Hour, Content: make([]byte, relay.MaxContent)}, "", ""},
		"to nobody":                   {sxp.ID{}, relay.Write{RecordID: "a", TTL: 1}, sxp.Invalid, "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Write(t.Context(), tt.to, tt.w)
			wantKind(t, err, tt.kind, tt.text)
		})
	}
}

func TestForgedOldAndRepeatedWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob, mallory := newKey(t), newKey(t), newKey(t)
	write := func(s envelope.Signer, at sxp.Time, r relay.Write) []byte {
		return must[[]byte](t)(relay.Sign(s, relay.TypeWrite, bob.ID(), at, rand.Reader, r))
	}
	send := func(raw []byte) sxp.Kind { return kindOf(t, w.router.Handle(t.Context(), w.now, raw)) }
	first := relay.Write{RecordID: "1", TTL: sxp.Hour, Content: []byte("a")}
	raw := write(alice, noon, first)
	check := func(what string, got, want sxp.Kind) {
		t.Helper()
		if got != want {
			t.Errorf("%s: kind %q, want %q", what, got, want)
		}
	}
	check("a signature by another", send(write(wrongKey{alice, mallory}, noon, first)), sxp.Invalid)
	check("a clock a day ahead", send(write(alice, noon.Add(sxp.Day), first)), sxp.Clock)
	check("a record that has expired", send(write(alice, noon-1000, relay.Write{RecordID: "1", TTL: 999})), sxp.Late)
	check("the first time", send(raw), "")
	check("the same message again, as when the answer was lost", send(raw), "")
	check("the same record signed anew", send(write(alice, noon+1, first)), "")
	check("another record at the path", send(write(alice, noon, relay.Write{RecordID: "1", TTL: sxp.Hour})), sxp.Conflict)
	page, err := w.client(bob).Inventory(t.Context(), relay.Inventory{})
	if err != nil || len(page.Paths) != 1 {
		t.Errorf("Inventory = %+v, %v; want one record", page, err)
	}
	if err := w.client(bob).Delete(t.Context(), page.Paths[0]); err != nil {
		t.Fatal(err)
	}
	check("a replay after the receiver has deleted it", send(raw), sxp.Replay)
	w.now = noon.Add(2*sxp.Minute + 1)
	check("a replay after the window", send(raw), sxp.Clock)
}

func TestReadsAreServedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob := newKey(t), newKey(t)
	p := must[relay.Path](t)(w.client(alice).Write(t.Context(), bob.ID(), hour("x")))
	raw := must[[]byte](t)(relay.Sign(bob, relay.TypeRead, w.node.ID(), noon, rand.Reader, relay.Read{Path: p.String()}))
	for i, want := range []sxp.Kind{"", sxp.Replay, sxp.Replay} {
		if got := kindOf(t, w.router.Handle(t.Context(), noon, raw)); got != want {
			t.Errorf("time %d: kind %q, want %q", i+1, got, want)
		}
	}
}

func TestRecordsExpireAndAreReadOnlySoOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob := newKey(t), newKey(t)
	b := w.client(bob)
	p := must[relay.Path](t)(w.client(alice).Write(t.Context(), bob.ID(), relay.Write{TTL: sxp.Minute, MaxReads: 2}))
	for range 2 {
		must[*relay.Received](t)(b.Read(t.Context(), p))
	}
	_, err := b.Read(t.Context(), p)
	wantKind(t, err, sxp.Denied, "read 2 times")
	w.now = noon.Add(sxp.Minute)
	_, err = b.Read(t.Context(), p)
	wantKind(t, err, sxp.NotFound, "")
	w.now = noon.Add(3 * sxp.Hour)
	if n, err := w.server.Expire(t.Context(), w.now); err != nil || n != 1 {
		t.Errorf("Expire = %d, %v; want 1", n, err)
	}
}

func TestInventoryByTimeTagAndPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob := newKey(t), newKey(t)
	a, b := w.client(alice), w.client(bob)
	var all []relay.Path
	for i := range 12 { // three in each millisecond
		w.now = noon + sxp.Time(i/3)
		all = append(all, must[relay.Path](t)(a.Write(t.Context(), bob.ID(), relay.Write{TTL: sxp.Hour, Tag: []string{"", "b"}[i%2]})))
	}
	for name, tt := range map[string]struct {
		q    relay.Inventory
		want []relay.Path
	}{
		"all":                          {relay.Inventory{}, all},
		"from a millisecond on":        {relay.Inventory{AfterTs: noon + 1}, all[3:]},
		"before a millisecond":         {relay.Inventory{BeforeTs: noon + 1}, all[:3]},
		"between":                      {relay.Inventory{AfterTs: noon + 1, BeforeTs: noon + 3}, all[3:9]},
		"from the future":              {relay.Inventory{AfterTs: noon + 9}, nil},
		"in pages that cut a ms apart": {relay.Inventory{Limit: 2}, all},
		"by tag":                       {relay.Inventory{Tag: "b", AfterTs: noon + 2, Limit: 1}, []relay.Path{all[7], all[9], all[11]}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []relay.Path
			for p, err := range b.All(t.Context(), tt.q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, p)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %d paths %v, want %d", len(got), got, len(tt.want))
			}
		})
	}
	for name, q := range map[string]relay.Inventory{"afterTs": {AfterTs: -1}, "beforeTs": {BeforeTs: -1}} {
		_, err := b.Inventory(t.Context(), q)
		wantKind(t, err, sxp.Invalid, name)
	}
}

func TestListenWaitsForTheNextRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		w.now = sxp.TimeOf(time.Now())
		alice, bob := newKey(t), newKey(t)
		listen := func(q relay.Listen) (relay.Listing, time.Duration) {
			began := time.Now()
			l, err := relay.Do[relay.Listen, relay.Listing](t.Context(), w.client(bob), relay.TypeListen, q)
			if err != nil {
				t.Fatal(err)
			}
			return l, time.Since(began)
		}
		if l, took := listen(relay.Listen{}); len(l.Paths) != 0 || took != 0 {
			t.Errorf("without wait: %d paths after %s, want none at once", len(l.Paths), took)
		}
		if l, took := listen(relay.Listen{Wait: sxp.Second}); len(l.Paths) != 0 || took != time.Second {
			t.Errorf("nothing comes: %d paths after %s, want none after 1 s", len(l.Paths), took)
		}
		if _, took := listen(relay.Listen{Wait: sxp.Day}); took != relay.MaxWait.Std() {
			t.Errorf("a long wait took %s, want %s", took, relay.MaxWait)
		}
		go func() {
			time.Sleep(300 * time.Millisecond)
			_, _ = w.client(alice).Write(t.Context(), newKey(t).ID(), hour("for another"))
			_, _ = w.client(alice).Write(t.Context(), bob.ID(), relay.Write{TTL: sxp.Hour, Tag: "other"})
			time.Sleep(300 * time.Millisecond)
			_, _ = w.client(alice).Write(t.Context(), bob.ID(), relay.Write{TTL: sxp.Hour, Tag: "mine"})
		}()
		l, took := listen(relay.Listen{Wait: relay.MaxWait, Tag: "mine"})
		if len(l.Paths) != 1 || took != 600*time.Millisecond {
			t.Errorf("%d paths after %s, want one after 600 ms", len(l.Paths), took)
		}
		if l, _ := listen(relay.Listen{After: l.Next}); len(l.Paths) != 0 {
			t.Errorf("after the last: %d paths, want none", len(l.Paths))
		}
		if l, _ := listen(relay.Listen{AfterTs: l.Next.Time()}); len(l.Paths) != 2 {
			t.Errorf("from the millisecond of the last: %d paths, want both of it", len(l.Paths))
		}
	})
}

func TestWhoMayDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	alice, bob, carol := newKey(t), newKey(t), newKey(t)
	a, b, c := w.client(alice), w.client(bob), w.client(carol)
	write := func(id relay.RecordID, to key) relay.Path {
		return must[relay.Path](t)(a.Write(t.Context(), to.ID(), relay.Write{RecordID: id, TTL: sxp.Hour}))
	}
	p := write("1", bob)
	wantKind(t, c.Delete(t.Context(), p), sxp.Denied, "neither")
	wantKind(t, b.Delete(t.Context(), p), "", "")
	wantKind(t, b.Delete(t.Context(), p), sxp.NotFound, "")
	p = write("2", bob)
	wantKind(t, a.Delete(t.Context(), p), "", "")

	write("3", bob)
	write("3", carol)
	other := write("4", bob)
	wantKind(t, b.DeleteID(t.Context(), "3"), sxp.NotFound, "outbox of "+bob.ID().String())
	wantKind(t, a.DeleteID(t.Context(), "3"), "", "")
	page, err := a.Inventory(t.Context(), relay.Inventory{Outbox: true})
	if err != nil || !slices.Equal(page.Paths, []relay.Path{other}) {
		t.Errorf("left in the outbox: %+v, %v; want %s", page, err, other)
	}
	for _, d := range []relay.Delete{{}, {RecordID: "4", Path: other.String()}} {
		_, err := relay.Do[relay.Delete, bool](t.Context(), a, relay.TypeDelete, d)
		wantKind(t, err, sxp.Invalid, "either")
	}
}

func TestOnlyAccountsWrite(t *testing.T) {
	t.Parallel()
	alice, bob := newKey(t), newKey(t)
	t.Run("own", func(t *testing.T) {
		w := newWorld(t, func(c *relay.ServerConfig) {
			c.Policy.Mode, c.Policy.Own = relay.Own, []sxp.ID{alice.ID()}
		})
		_, err := w.client(alice).Write(t.Context(), bob.ID(), hour("x"))
		wantKind(t, err, "", "")
		_, err = w.client(bob).Write(t.Context(), alice.ID(), hour("x"))
		wantKind(t, err, sxp.Denied, "owners only")
		_, err = w.client(bob).Account(t.Context(), []byte("x"))
		wantKind(t, err, sxp.Unsupported, "")
		if page, err := w.client(bob).Inventory(t.Context(), relay.Inventory{}); err != nil || len(page.Paths) != 1 {
			t.Errorf("who has no account reads: %+v, %v; want one path", page, err)
		}
	})
	t.Run("invited", func(t *testing.T) {
		w := newWorld(t, func(c *relay.ServerConfig) { c.Policy.Mode = relay.Invited })
		a := w.client(alice)
		_, err := a.Write(t.Context(), bob.ID(), hour("x"))
		wantKind(t, err, sxp.Denied, "has no account")
		invite := func(s key, inv relay.Invitation) []byte { return must[[]byte](t)(relay.Invite(s, inv)) }
		good := relay.Invitation{Relay: w.node.ID(), Uses: 1, Expires: noon.Add(sxp.Day), Lasts: sxp.Hour, Quota: relay.Quota{Records: 1}}
		change := func(f func(*relay.Invitation)) relay.Invitation { i := good; f(&i); return i }
		for name, tt := range map[string]struct {
			raw  []byte
			kind sxp.Kind
			text string
		}{
			"nonsense":             {[]byte("come in"), sxp.Invalid, ""},
			"not by the operator":  {invite(bob, good), sxp.Denied, "operator"},
			"for another relay":    {invite(w.operator, change(func(i *relay.Invitation) { i.Relay = bob.ID() })), sxp.Denied, "for relay"},
			"for another person":   {invite(w.operator, change(func(i *relay.Invitation) { i.For = bob.ID() })), sxp.Denied, "is for"},
			"expired":              {invite(w.operator, change(func(i *relay.Invitation) { i.Expires = noon })), sxp.Late, "expired"},
			"a good one":           {invite(w.operator, good), "", ""},
			"a good one once more": {invite(w.operator, good), "", ""},
		} {
			t.Run(name, func(t *testing.T) {
				state, err := w.client(alice).Account(t.Context(), tt.raw)
				wantKind(t, err, tt.kind, tt.text)
				if err == nil && (!state.Write || state.Expires != noon.Add(sxp.Hour) || state.Quota != good.Quota) {
					t.Errorf("Account = %+v", state)
				}
			})
		}
		_, err = w.client(bob).Account(t.Context(), invite(w.operator, good))
		wantKind(t, err, sxp.Denied, "1 accounts")
		_, err = a.Write(t.Context(), bob.ID(), hour("x"))
		wantKind(t, err, "", "")
		_, err = a.Write(t.Context(), bob.ID(), hour("y"))
		wantKind(t, err, sxp.Full, "delete some")
		w.now = noon.Add(sxp.Hour)
		_, err = a.Write(t.Context(), bob.ID(), hour("z"))
		wantKind(t, err, sxp.Denied, "expired at")
	})
	t.Run("a policy that contradicts itself is refused", func(t *testing.T) {
		for _, p := range []relay.Policy{{}, {Mode: "closed"}, {Mode: relay.Own}, {Mode: relay.Invited}} {
			_, err := relay.Register(relay.NewRouter(alice, relay.RouterConfig{}), relay.ServerConfig{Policy: p})
			wantKind(t, err, sxp.Invalid, "mode")
		}
	})
}

func TestReceiptsProveWhatWasPulled(t *testing.T) {
	t.Parallel()
	// Alice writes to her relay; Bob puts his receipt on his own.
	hers, his := newWorld(t, nil), newWorld(t, nil)
	alice, bob, mallory := newKey(t), newKey(t), newKey(t)
	p := must[relay.Path](t)(hers.client(alice).Write(t.Context(), bob.ID(), hour("hello")))
	got := must[*relay.Received](t)(hers.client(bob).Read(t.Context(), p))
	for range 2 { // twice makes one
		his.now++
		must[relay.Path](t)(his.client(bob).Acknowledge(t.Context(), got, sxp.Day))
	}
	a := his.client(alice)
	page, err := a.Inventory(t.Context(), relay.Inventory{Tag: relay.TagReceipt})
	if err != nil || len(page.Paths) != 1 || page.Paths[0].Sender != bob.ID() {
		t.Fatalf("receipts for the sender: %+v, %v; want one by the receiver", page, err)
	}
	rec := must[*relay.Received](t)(a.Read(t.Context(), page.Paths[0]))
	receipt, err := relay.OpenReceipt(rec.Write.Content, got.Message)
	if err != nil || receipt.Path != p.String() || receipt.Size != uint64(len(got.Message)) || receipt.Read != noon+1 {
		t.Errorf("OpenReceipt = %+v, %v", receipt, err)
	}
	forged := resign(t, mallory, relay.TypeReceipt, receipt)
	_, err = relay.OpenReceipt(forged, got.Message)
	wantKind(t, err, sxp.Denied, "not by the receiver")
	p2 := must[relay.Path](t)(hers.client(alice).Write(t.Context(), bob.ID(), hour("another")))
	other := must[*relay.Received](t)(hers.client(bob).Read(t.Context(), p2))
	_, err = relay.OpenReceipt(rec.Write.Content, other.Message)
	wantKind(t, err, sxp.Invalid, "another record")
}

func TestOneMessageRestsOnSeveralRelays(t *testing.T) {
	t.Parallel()
	one, two := newWorld(t, nil), newWorld(t, nil)
	alice, bob := newKey(t), newKey(t)
	raw := must[[]byte](t)(relay.Sign(alice, relay.TypeWrite, bob.ID(), noon, rand.Reader, relay.Write{RecordID: "r", TTL: sxp.Hour}))
	for _, w := range []*world{one, two} {
		if err := w.client(alice).WriteSigned(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		got := must[*relay.Received](t)(w.client(bob).Read(t.Context(), relay.Path{Sender: alice.ID(), Receiver: bob.ID(), RecordID: "r"}))
		if !slices.Equal(got.Message, raw) {
			t.Error("the record is another message than was written")
		}
	}
}

// liar serves reads and inventories of records that are not there.
func TestAClientRefusesWhatIsNotTheSenders(t *testing.T) {
	t.Parallel()
	node, alice, bob, mallory := newKey(t), newKey(t), newKey(t), newKey(t)
	p := relay.Path{Sender: alice.ID(), Receiver: bob.ID(), RecordID: "r"}
	sign := func(s envelope.Signer, to sxp.ID, w relay.Write) []byte {
		return must[[]byte](t)(relay.Sign(s, relay.TypeWrite, to, noon, rand.Reader, w))
	}
	good := relay.Write{RecordID: "r", TTL: 1}
	for name, message := range map[string][]byte{
		"nonsense":             []byte("hello"),
		"by another":           sign(mallory, bob.ID(), good),
		"with a bad signature": sign(wrongKey{alice, mallory}, bob.ID(), good),
		"to another":           sign(alice, mallory.ID(), good),
		"with another id":      sign(alice, bob.ID(), relay.Write{RecordID: "s", TTL: 1}),
		"breaking a rule":      sign(alice, bob.ID(), relay.Write{RecordID: "r"}),
		"another request": must[[]byte](t)(relay.Sign(alice, relay.TypeDelete, bob.ID(), noon, rand.Reader,
			relay.Delete{RecordID: "r"})),
	} {
		t.Run(name, func(t *testing.T) {
			rt := relay.NewRouter(node, relay.RouterConfig{})
			relay.Serve(rt, relay.TypeRead, func(context.Context, sxp.Time, sxp.ID, []byte, relay.Read) (*relay.Record, error) {
				return &relay.Record{Message: message}, nil
			})
			c := relay.NewClient(relay.Local(rt, fixed(noon)), bob, node.ID(), fixed(noon), rand.Reader)
			_, err := c.Read(t.Context(), p)
			wantKind(t, err, sxp.Invalid, "")
		})
	}
	for name, path := range map[string]string{
		"not a path":         "/etc/passwd",
		"to another":         relay.Path{Sender: alice.ID(), Receiver: mallory.ID(), RecordID: "r"}.String(),
		"with an id like ..": "/" + alice.ID().String() + "/outbox/" + bob.ID().String() + "/..",
	} {
		t.Run("a listing "+name, func(t *testing.T) {
			rt := relay.NewRouter(node, relay.RouterConfig{})
			relay.Serve(rt, relay.TypeListen, func(context.Context, sxp.Time, sxp.ID, []byte, relay.Listen) (relay.Listing, error) {
				return relay.Listing{Paths: []string{path}, Next: 7}, nil
			})
			c := relay.NewClient(relay.Local(rt, fixed(noon)), bob, node.ID(), fixed(noon), rand.Reader)
			err := c.Listen(t.Context(), 0, func(relay.Page) error { t.Error("a bad listing was accepted"); return errors.New("stop") })
			wantKind(t, err, sxp.Invalid, "")
		})
	}
}

// flaky fails the first calls.
type flaky struct {
	relay.Caller
	left *int
	lost bool // the node does what is asked, but the answer is lost
}

func (f flaky) Call(ctx context.Context, raw []byte) ([]byte, error) {
	if *f.left > 0 {
		*f.left--
		if f.lost {
			_, _ = f.Caller.Call(ctx, raw)
		}
		return nil, sxp.Errorf("test.Call", sxp.Unavailable, nil, "the wire is cut")
	}
	return f.Caller.Call(ctx, raw)
}

func TestARequestIsTriedAgainWhereAskedFor(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		for tries, want := range map[int]sxp.Kind{0: sxp.Unavailable, 3: sxp.Unavailable, 4: ""} {
			t.Run(fmt.Sprintf("tries=%d,answerLost=%t", tries, lost), func(t *testing.T) {
				w := newWorld(t, nil)
				alice, bob := newKey(t), newKey(t)
				left, slept := 3, []sxp.Duration(nil)
				clock := func() sxp.Time { return w.now }
				c := relay.NewClient(flaky{relay.Local(w.router, clock), &left, lost}, alice, w.node.ID(), clock, rand.Reader).
					WithRetry(relay.Retry{Tries: tries, Wait: sxp.Second, Sleep: func(_ context.Context, d sxp.Duration) error {
						slept = append(slept, d)
						return nil
					}})
				_, err := c.Write(t.Context(), bob.ID(), hour("x"))
				wantKind(t, err, want, "")
				if pause := []sxp.Duration{sxp.Second, 2 * sxp.Second, 4 * sxp.Second}; !slices.Equal(slept, pause[:max(tries-1, 0)]) {
					t.Errorf("slept %v, want %v", slept, pause[:max(tries-1, 0)])
				}
				page, err := w.client(bob).Inventory(t.Context(), relay.Inventory{})
				if n := len(page.Paths); err != nil || n > 1 || want == "" && n != 1 {
					t.Errorf("%d records, %v", n, err)
				}
			})
		}
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	a, b := newKey(t).ID(), newKey(t).ID()
	good := relay.Path{Sender: a, Receiver: b, RecordID: "A-z_0.9"}
	for name, tt := range map[string]struct {
		in   string
		kind sxp.Kind
	}{
		"canonical":            {good.String(), ""},
		"empty":                {"", sxp.Invalid},
		"relative":             {good.String()[1:], sxp.Invalid},
		"trailing slash":       {good.String() + "/", sxp.Invalid},
		"inbox":                {strings.Replace(good.String(), "outbox", "inbox", 1), sxp.Invalid},
		"upper-case sender":    {"/" + strings.ToUpper(a.String()) + "/outbox/" + b.String() + "/x", sxp.Invalid},
		"receiver is no id":    {"/" + a.String() + "/outbox/bob/x", sxp.Invalid},
		"no record id":         {"/" + a.String() + "/outbox/" + b.String() + "/", sxp.Invalid},
		"record id with space": {"/" + a.String() + "/outbox/" + b.String() + "/a b", sxp.Invalid},
		"endless":              {"/" + strings.Repeat("a", 10_000), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := relay.ParsePath(tt.in)
			wantKind(t, err, tt.kind, "")
			if err == nil && p != good {
				t.Errorf("ParsePath(%q) = %v", tt.in, p)
			}
		})
	}
}

func FuzzParsePath(f *testing.F) {
	f.Add(relay.Path{RecordID: "x"}.String())
	f.Add("/a/outbox/b/c")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := relay.ParsePath(s); err == nil && p.String() != s {
			t.Errorf("%q has a second spelling, %q", s, p)
		}
	})
}

func FuzzHandle(f *testing.F) {
	k := key(make([]byte, 64))
	rt := relay.NewRouter(newKey(f), relay.RouterConfig{})
	st := new(memstore.Store)
	if _, err := relay.Register(rt, relay.ServerConfig{Store: st, Accounts: st, Policy: relay.Policy{Mode: relay.Open}}); err != nil {
		f.Fatal(err)
	}
	for typ := range relay.Types() {
		if strings.HasPrefix(string(typ), "sxp.request.") {
			f.Add(must[[]byte](f)(envelope.Sign(k, typ, map[string]string{"type": "x"})), true)
			f.Add(must[[]byte](f)(envelope.Marshal(relay.Request[relay.Write]{Type: "write"})), false)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, signed bool) {
		if signed {
			if _, err := envelope.Parse(rt.Handle(t.Context(), noon, raw)); err != nil {
				t.Errorf("the answer is not a signed message: %v", err)
			}
			return
		}
		for typ := range relay.Types() {
			rt.HandleSession(t.Context(), noon, k.ID(), typ, raw)
		}
	})
}
