package world

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/market"
)

// A lively is a world that serves, as a program sees it.
type lively struct {
	StoryReport
	st  *stage // of people only: how they reach nodes
	ctx context.Context
	end func() error
}

// live starts a world that serves, with a page as its app.
func live(t *testing.T, botsAfter time.Duration) *lively {
	t.Helper()
	return liveWith(t, StoryConfig{BotsAfter: botsAfter, Listen: "127.0.0.1:0"})
}

// liveWith starts one as cfg says.
func liveWith(t *testing.T, cfg StoryConfig) *lively {
	t.Helper()
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the app") })
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		cfg.Out, cfg.JSON, cfg.Serve, cfg.NoStory, cfg.Jurors, cfg.Pages = w, true, true, true, 3, page
		err := Story(ctx, cfg)
		w.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	v := &lively{ctx: ctx, st: &stage{http: &http.Client{Transport: &http.Transport{}}, broken: make(chan error, 8)}}
	if err := json.Unmarshal(line, &v.StoryReport); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	v.end = func() error { stop(); return <-ended }
	return v
}

// person makes somebody who joins the market with a device of their own.
func (v *lively) person(t *testing.T, name string) *actress {
	t.Helper()
	a := &actress{name: name, st: v.st}
	a.leash.set(-1)
	var err error
	v.st.cfg.Log = slog.New(slog.DiscardHandler)
	if a.cfg, err = v.st.agentConfig(&a.leash); err != nil {
		t.Fatal(err)
	}
	if a.agent, err = agent.Create(a.cfg, name, []string{v.Node}); err != nil {
		t.Fatal(err)
	}
	a.run(v.ctx)
	t.Cleanup(func() { a.halt(); _ = a.agent.Close(); v.st.http.CloseIdleConnections() })
	call[agent.MarketView](t, a, "market.join", agent.JoinMarket{Link: v.Market})
	return a
}

func call[Out any](t *testing.T, a *actress, op string, in any) Out {
	t.Helper()
	out, err := agent.Call[Out](t.Context(), a.agent, op, in)
	if err != nil {
		t.Fatalf("%s, %s: %v", a.name, op, err)
	}
	return out
}

// announce offers what one of the strangers has.
func (v *lively) announce(t *testing.T, a *actress, as int) agent.AnnouncementView {
	t.Helper()
	s := v.People[as]
	return call[agent.AnnouncementView](t, a, "offer", agent.Announce{Title: s.Offer, Wants: []string{s.Want}})
}

// dealIn waits for the person's only deal to be in a state.
func dealIn(t *testing.T, a *actress, state string) agent.DealView {
	t.Helper()
	v, err := a.st.await(t.Context(), a, sxp.Hash{}, state, inState(state))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func accept(t *testing.T, a *actress) agent.DealView {
	t.Helper()
	d := dealIn(t, a, "proposed")
	return call[agent.DealView](t, a, "accept", agent.DealRef{Deal: d.ID.String()})
}

// owners returns who offers one of the three things.
func (v *lively) owners(t *testing.T, a *actress) (names []string) {
	t.Helper()
	for _, s := range v.People {
		for _, o := range call[[]agent.AnnouncementView](t, a, "search", agent.SearchMarket{Words: s.Want, Direction: market.Offer}) {
			names = append(names, o.OwnerName)
		}
	}
	slices.Sort(names)
	return names
}

// settle waits until those who offer are these.
func (v *lively) settle(t *testing.T, a *actress, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(storyWait); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = v.owners(t, a); slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("%q offer, want %q", got, want)
}

// TestBotsPlayWhoIsMissing: a person who follows one of the links alone gets a
// contract with two bots, which verifies, and nothing of the bots stays.
func TestBotsPlayWhoIsMissing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	v := live(t, 300*time.Millisecond)
	t.Run("", func(t *testing.T) {
		if r, err := v.st.http.Get(v.App); err != nil || r.StatusCode != 200 || r.Body.Close() != nil {
			t.Errorf("the app at %s: %v", v.App, err)
		}
		alice := v.person(t, "Alice")
		v.announce(t, alice, 0)
		accept(t, alice)
		d := dealIn(t, alice, "signed")
		f := call[agent.ContractFile](t, alice, "contract.file", agent.DealRef{Deal: d.ID.String()})
		r, err := contract.Verify(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range r.Parties {
			names = append(names, p.Label)
		}
		slices.Sort(names)
		if want := []string{"Alice", "Bob (bot)", "Charlie (bot)"}; r.Kind != contract.ContractFile || !slices.Equal(names, want) {
			t.Errorf("a %v among %q, want %q", r.Kind, names, want)
		}
		v.settle(t, alice)
		time.Sleep(3 * botEvery)
		if got := v.owners(t, alice); len(got) != 0 {
			t.Errorf("after the contract %q offer", got)
		}
	})
	if err := v.end(); err != nil {
		t.Error(err)
	}
}

// TestPeopleNeedNoBots: three people swap among themselves, and a fourth who
// offers something else is left alone.
func TestPeopleNeedNoBots(t *testing.T) {
	v := live(t, 2*time.Second)
	other := v.person(t, "Dora")
	call[agent.AnnouncementView](t, other, "offer", agent.Announce{Title: "20 l beer", Wants: []string{"a violin"}})
	call[agent.AnnouncementView](t, other, "offer", agent.Announce{Title: "1 violin", Wants: []string{"coins"}})
	time.Sleep(3 * time.Second)
	v.settle(t, other, "Dora")
	var cast []*actress
	for i, s := range v.People {
		cast = append(cast, v.person(t, s.Name))
		v.announce(t, cast[i], i)
	}
	for _, p := range cast {
		accept(t, p)
	}
	for _, p := range cast {
		d := dealIn(t, p, "signed")
		for _, t0 := range d.Transfers {
			if strings.Contains(t0.FromName, "bot") {
				t.Errorf("%s is in a ring of three people", t0.FromName)
			}
		}
	}
	v.settle(t, other, "Dora")
	if err := v.end(); err != nil {
		t.Error(err)
	}
}

// TestBotsTakeNo: who declines is not asked again, until they change their
// offer.
func TestBotsTakeNo(t *testing.T) {
	v := live(t, 300*time.Millisecond)
	bob := v.person(t, "Bob")
	item := v.announce(t, bob, 1)
	d := dealIn(t, bob, "proposed")
	for _, o := range call[[]agent.AnnouncementView](t, bob, "search", agent.SearchMarket{Words: "maths | coins"}) {
		if left := o.Expires.Sub(sxp.TimeOf(time.Now())); o.Owner != item.Owner && left > botLife {
			t.Errorf("the offer of %s stands for %s if nobody takes it down", o.OwnerName, left)
		}
	}
	call[agent.DealView](t, bob, "decline", agent.DealRef{Deal: d.ID.String(), Why: "not today"})
	v.settle(t, bob, "Bob")
	time.Sleep(4 * botEvery)
	v.settle(t, bob, "Bob")
	call[agent.AnnouncementView](t, bob, "edit", agent.EditItem{Item: item.ID.String(), Title: "25 l beer"})
	again, err := bob.st.await(t.Context(), bob, sxp.Hash{}, "another proposal", func(n agent.DealView) bool { return n.State == "proposed" && n.ID != d.ID })
	if err != nil || !strings.Contains(strings.Join(again.Give, ""), "25 l beer") {
		t.Errorf("after the edit: %v, %v", again.Give, err)
	}
	if err := v.end(); err != nil {
		t.Error(err)
	}
}

// TestWorldThatStays: after another start the same people find the same market
// at the same address, with what stood there.
func TestWorldThatStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "world")
	v := liveWith(t, StoryConfig{Dir: dir, Listen: freePort(t)})
	alice := v.person(t, "Alice")
	v.announce(t, alice, 0)
	v.settle(t, alice, "Alice")
	if err := Story(t.Context(), StoryConfig{Out: io.Discard, Serve: true, NoStory: true, Jurors: 3, Dir: dir}); sxp.KindOf(err) != sxp.Busy {
		t.Errorf("a second world in the same folder: %v", err)
	}
	other := liveWith(t, StoryConfig{Dir: dir, DirIfFree: true})
	if other.Node == v.Node || other.Market == v.Market {
		t.Error("a second world is the first")
	}
	for _, w := range []*lively{other, v} {
		if err := w.end(); err != nil {
			t.Error(err)
		}
	}
	again := liveWith(t, StoryConfig{Dir: dir})
	if again.Node != v.Node || again.Market != v.Market || again.App != v.App {
		t.Errorf("after another start it is %+v, it was %+v", again.StoryReport, v.StoryReport)
	}
	again.settle(t, alice, "Alice")
	bob := again.person(t, "Bob")
	if got := again.owners(t, bob); !slices.Equal(got, []string{"Alice"}) {
		t.Errorf("who joins later sees offers of %q", got)
	}
	if err := again.end(); err != nil {
		t.Error(err)
	}
}

// freePort returns an address of this machine that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestStartLinks(t *testing.T) {
	t.Parallel()
	const m = "sxp:market?id=sxp1abc&node=sxp1def&at=https%3A%2F%2Fnode.example"
	link := StartLink("https://node.example", Stranger{Name: "Zoë & co", Offer: "3 h maths+lessons", Want: "10 % beer"}, m)
	u, err := url.Parse(link)
	if err != nil || u.Path != "/" || u.RawQuery != "" || strings.ContainsAny(link, " +") {
		t.Fatalf("%s: %v: a node sees nothing of it", link, err)
	}
	route, query, _ := strings.Cut(u.EscapedFragment(), "?")
	v, err := url.ParseQuery(query)
	if err != nil || route != "/start" || v.Get("name") != "Zoë & co" || v.Get("market") != m || v.Get("offer") != "3 h maths+lessons" || v.Get("want") != "10 % beer" {
		t.Errorf("%s: %v, %v", link, v, err)
	}
}

// TestWhereTheHubListens: at the friendly port where it can be had, and nobody
// is troubled where not.
func TestWhereTheHubListens(t *testing.T) {
	told, before := StoryConfig{Listen: "127.0.0.1:1"}, keptWorld{Hub: "127.0.0.1:2"}
	if got := told.hubAt(before); got != "127.0.0.1:1" {
		t.Errorf("told where to listen, the hub would listen at %q", got)
	}
	serve := StoryConfig{}
	if got := serve.hubAt(before); got != "127.0.0.1:2" {
		t.Errorf("a hub that people know would listen at %q", got)
	}
	l, err := net.Listen("tcp", FriendlyAddress)
	if err != nil {
		t.Skipf("another process has the friendly port: %v", err)
	}
	if got := serve.hubAt(keptWorld{}); got != "" {
		t.Errorf("the friendly port is taken, and the hub would listen at %q", got)
	}
	l.Close()
	if got := serve.hubAt(keptWorld{}); got != FriendlyAddress {
		t.Errorf("the friendly port is free, and the hub would listen at %q", got)
	}
}

// TestHowManyBots: as many as rings need, and none for whom nobody waits.
func TestHowManyBots(t *testing.T) {
	t.Parallel()
	now := time.Now()
	old, fresh := now.Add(-time.Minute), now
	person := func(role int, since time.Time) waiting { return waiting{role: role, since: since} }
	free := func(role int) *bot { return &bot{role: role} }
	for name, tt := range map[string]struct {
		people []waiting
		bots   []*bot
		want   []int
	}{
		"nobody":                      {nil, nil, []int{0, 0, 0}},
		"somebody new":                {[]waiting{person(0, fresh)}, nil, []int{0, 0, 0}},
		"somebody alone":              {[]waiting{person(0, old)}, nil, []int{0, 1, 1}},
		"two who fit":                 {[]waiting{person(0, old), person(2, fresh)}, nil, []int{0, 1, 0}},
		"all three":                   {[]waiting{person(0, old), person(1, old), person(2, old)}, nil, []int{0, 0, 0}},
		"two of a kind":               {[]waiting{person(1, old), person(1, old)}, nil, []int{2, 0, 2}},
		"bots are there":              {[]waiting{person(0, old)}, []*bot{free(1), free(2)}, []int{0, 0, 0}},
		"bots are in a ring":          {[]waiting{person(0, old)}, []*bot{{role: 1, busy: true}, free(2)}, []int{0, 1, 0}},
		"bots have ended":             {[]waiting{person(0, old)}, []*bot{{role: 1, ended: old}, {role: 2, ended: old}}, []int{0, 1, 1}},
		"a fourth beside a full ring": {[]waiting{person(0, old), person(0, old), person(1, old), person(2, old)}, nil, []int{0, 1, 1}},
	} {
		b := &bots{st: &stage{cfg: StoryConfig{BotsAfter: 5 * time.Second}}, roles: make([]botRole, 3), all: tt.bots}
		if got := b.missing(tt.people, now); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v bots, want %v", name, got, tt.want)
		}
	}
}

func TestWrongJurors(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 2, sxp.MaxJury + 2} {
		if err := Story(t.Context(), StoryConfig{Jurors: n}); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%d jurors: %v", n, err)
		}
	}
}
