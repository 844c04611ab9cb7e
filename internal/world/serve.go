package world

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/market"
	"sxp/node"
)

// FriendlyAddress is where the hub of a world that goes on serving listens if
// nobody else does: the same after every start, so that an installed app finds
// its node again.
const FriendlyAddress = "127.0.0.1:8700"

// The times of the market for people: they need minutes to read and to tap,
// and their devices seconds to sign.
const (
	peopleDelta    = storyDelta
	peopleL        = 20 * sxp.Second
	peopleEpsilon  = 5 * sxp.Second
	peoplePatience = 5 * sxp.Second
	peopleHorizon  = 10 * sxp.Minute
)

// A Stranger is one of the three whom a person may be.
type Stranger struct {
	Name  string `json:"name"`
	Offer string `json:"offer"`
	Want  string `json:"want"`
	Link  string `json:"link"` // the app's first start, filled in; "" where the hub serves no app
}

// strangers are Alice, Bob and Charlie: each wants what the next one has.
func strangers() []Stranger {
	a := acts()[0]
	var all []Stranger
	for i, name := range []string{"Alice", "Bob", "Charlie"} {
		all = append(all, Stranger{Name: name, Offer: a.offers[i][0], Want: a.offers[i][1]})
	}
	return all
}

// StartLink returns the address of the app's first start at a node, filled in
// with a name, a market and an offer. All of it stands behind "#", so that no
// node sees it, and no key is in it.
func StartLink(node string, s Stranger, marketLink string) string {
	v := url.Values{"name": {s.Name}, "market": {marketLink}, "offer": {s.Offer}, "want": {s.Want}}
	return node + "/#/start?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}

// A keptWorld is what a world that stays knows of itself: world.json in its
// folder. Its people have these addresses on their devices.
type keptWorld struct {
	Hub    string   `json:"hub"` // where it listens
	Jurors []string `json:"jurors"`
	Market string   `json:"market"` // the link
}

// kept reads what there is of a world, and drops what is asked otherwise now.
func (cfg *StoryConfig) kept() (k keptWorld, err error) {
	if cfg.Dir == "" {
		return k, nil
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return k, err
	}
	b, err := os.ReadFile(cfg.keptFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k, nil
	case err != nil:
		return k, err
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, sxp.Errorf("world.Story", sxp.Invalid, nil, "%s is damaged (%w): remove the folder to begin anew", cfg.keptFile(), err)
	}
	if cfg.Listen != "" && cfg.Listen != k.Hub || len(k.Jurors) != cfg.Jurors {
		k.Jurors, k.Market = nil, ""
	}
	return k, nil
}

func (cfg *StoryConfig) keptFile() string { return filepath.Join(cfg.Dir, "world.json") }

// hubAt is where the hub listens: where it did, where it is told to, or at the
// friendly port unless somebody else is there.
func (cfg *StoryConfig) hubAt(k keptWorld) string {
	for _, at := range []string{cfg.Listen, k.Hub} {
		if at != "" {
			return at
		}
	}
	l, err := net.Listen("tcp", FriendlyAddress)
	if err != nil {
		return ""
	}
	_ = l.Close()
	return FriendlyAddress
}

// live serves a market for people until ctx ends.
func (cfg StoryConfig) live(ctx context.Context, tell *teller, rep *StoryReport) error {
	k, err := cfg.kept()
	if err != nil {
		return err
	}
	st, err := raise(ctx, cfg, tell, grounds{cfg.Dir, cfg.hubAt(k), k.Jurors})
	if sxp.KindOf(err) == sxp.Busy && cfg.DirIfFree && cfg.Dir != "" {
		tell.say("\nThe world in %s is in use, or its port is: this one is new, and forgotten when it ends.", cfg.Dir)
		cfg.Dir, k = "", keptWorld{}
		st, err = raise(ctx, cfg, tell, grounds{"", cfg.hubAt(k), nil})
	}
	if err != nil {
		return err
	}
	defer st.close()
	if st.moved {
		k.Market = ""
	}
	if err := st.invite(ctx, k.Market); err != nil {
		return err
	}
	if err := st.remember(); err != nil {
		return err
	}
	st.report.Folder, st.report.Acts = rep.Folder, rep.Acts
	if err := cfg.write(&st.report); err != nil {
		return err
	}
	return st.serve(ctx)
}

// remember writes down where the nodes are, for the next start.
func (st *stage) remember() error {
	if st.temporary {
		return nil
	}
	host := func(n *node.Server) string {
		_, at, _ := strings.Cut(n.Address().URL, "://")
		return at
	}
	k := keptWorld{Hub: host(st.hub), Market: st.report.Market}
	for _, j := range st.jurors {
		k.Jurors = append(k.Jurors, host(j))
	}
	b, err := json.Marshal(k)
	if err != nil {
		return err
	}
	tmp := st.cfg.keptFile() + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, st.cfg.keptFile())
}

// foundMarket makes a market with its jurors and its roll, and returns its
// link.
func (st *stage) foundMarket(ctx context.Context, name, text string, roll agent.PublishRoll) (string, error) {
	founder, err := st.newAgent("the founder", nil)
	if err != nil {
		return "", err
	}
	defer founder.Close()
	v, err := agent.Call[agent.MarketView](ctx, founder, "market.create", agent.CreateMarket{Name: name, Text: text, At: st.hub.Address().String()})
	if err != nil {
		return "", err
	}
	link, err := market.ParseLink(v.Link)
	if err != nil {
		return "", err
	}
	for _, j := range st.jurors {
		if err := j.Enrol(ctx, link); err != nil {
			return "", err
		}
	}
	roll.Size = st.cfg.Jurors
	_, err = agent.Call[agent.MarketView](ctx, founder, "market.roll", roll)
	return v.Link, err
}

// invite founds the market for people, unless it is there, and makes the links
// of the strangers.
func (st *stage) invite(ctx context.Context, link string) (err error) {
	if st.report.Market = link; link == "" {
		st.report.Market, err = st.foundMarket(ctx, "harbour swap", "A market for whoever opens the app on this machine.", agent.PublishRoll{
			Delta: peopleDelta, L: peopleL, Epsilon: peopleEpsilon, W: peoplePatience, D: peopleHorizon,
		})
	}
	if err != nil {
		return err
	}
	st.report.People = strangers()
	if st.cfg.Pages == nil {
		return nil
	}
	st.report.App = st.hub.Address().URL + "/"
	for i := range st.report.People {
		p := &st.report.People[i]
		p.Link = StartLink(st.hub.Address().URL, *p, st.report.Market)
	}
	return nil
}

// write writes the report as one line for programs.
func (cfg *StoryConfig) write(rep *StoryReport) error {
	if !cfg.JSON {
		return nil
	}
	e := json.NewEncoder(cfg.Out)
	e.SetEscapeHTML(false) // links stay links
	return e.Encode(rep)
}

// serve goes on until ctx ends: it says how to join, and lets bots play who is
// missing.
func (st *stage) serve(ctx context.Context) error {
	t := st.tell
	t.say("\n%s", t.style(styleBold, "Now you: the world goes on serving until Ctrl-C"))
	if st.report.App != "" {
		t.say("  the app  %s", t.style(styleGreen, st.report.App))
		if b, ok := st.cfg.Pages.(interface{ Built() bool }); ok && !b.Built() {
			t.say("  %s", t.style(styleRed, "which is not part of this program: make build needs Node 20.19 and npm for it"))
		}
		t.say("\nBe one of three strangers. Open each link in a browser profile of its own:")
		for _, p := range st.report.People {
			t.say("\n  %s has %s and wants %s\n  %s", t.style(styleBold, p.Name), p.Offer, p.Want, p.Link)
		}
		t.say("")
	}
	if st.cfg.BotsAfter > 0 {
		t.say("Where one of them is alone for %s, bots play who is missing.", took(st.cfg.BotsAfter))
	}
	t.say("From another terminal:")
	t.say("  sxp init --label you --relay '%s'", st.hub.Address())
	t.say("  sxp market join '%s'", st.report.Market)
	if st.cfg.BotsAfter <= 0 {
		select {
		case <-ctx.Done():
			return nil
		case err := <-st.broken:
			return err
		}
	}
	b, err := newBots(ctx, st)
	if ctx.Err() != nil {
		err = nil // it was told to end meanwhile
	}
	if err != nil || b == nil {
		return err
	}
	defer b.close()
	return b.run(ctx)
}

// botEvery is how often the bots look at the board.
const botEvery = 500 * time.Millisecond

func (b *bots) run(ctx context.Context) error {
	tick := time.NewTicker(botEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-b.st.broken:
			return err
		case <-tick.C:
		}
		if err := b.look(ctx); err != nil && ctx.Err() == nil {
			b.st.cfg.Log.Warn("the bots could not look at the board", "err", err)
		}
	}
}
