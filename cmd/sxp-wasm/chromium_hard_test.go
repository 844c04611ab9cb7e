//go:build !js

package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/cmd/sxp-wasm/internal/chromiumtest"
	"sxp/internal/world"
)

// market founds a market and returns its link.
func (b *tab) market(name string) (link string) {
	b.t.Helper()
	var node struct{ Address string }
	b.must("host.node", m{}, &node)
	var v struct{ Link string }
	b.must("market.create", m{"name": name, "at": node.Address}, &v)
	return v.Link
}

type item struct{ Title string }

// testFull takes the browser's room away.
func testFull(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := &tab{b.Profile(t).Open("about:blank"), t}
	// Before anything is stored: the browser counts anew every half minute only.
	p.Command("Storage.overrideQuotaForOrigin", m{"origin": a.url, "quotaSize": 1_000_000}, nil)
	p.Command("Page.navigate", m{"url": a.url}, nil)
	p.state("new")
	p.person("Ann")
	p.market("Full")
	var made []string
	full := answer{}
	for i := 0; i < 300 && full.Kind == ""; i++ {
		title := fmt.Sprint("thing ", i)
		if full = p.ask("offer", m{"title": title, "text": strings.Repeat("long", 900)}); full.Kind == "" {
			made = append(made, title)
		}
	}
	if full.Kind != "full" || !strings.Contains(full.Text, "free some space") {
		t.Fatalf("after %d offers: kind %q, text %q; want kind full", len(made), full.Kind, full.Text)
	}
	p.Command("Storage.overrideQuotaForOrigin", m{"origin": a.url}, nil)
	p.must("offer", m{"title": "last thing"}, nil)
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'locked'")
	p.must("host.unlock", m{"passphrase": "open sesame"}, nil)
	var list []item
	p.must("list", m{}, &list)
	there := map[string]bool{}
	for _, it := range list {
		there[it.Title] = true
	}
	for _, title := range append(made, "last thing") {
		if !there[title] {
			t.Errorf("%q was taken and is not there", title)
		}
	}
	// The thing that was refused may be there, waiting for the board: there was
	// room for it, but none to note that it was published.
	if n := len(made) + 1; len(list) != n && len(list) != n+1 {
		t.Errorf("%d things are there, want %d, or one more", len(list), n)
	}
}

// testCrash ends the page, and with it the worker, at any moment of many
// changes: what was answered is there afterwards, and nothing is half there.
func testCrash(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.person("Ann")
	p.must("host.remember", m{"on": true}, nil)
	p.market("Crash")
	done := map[string]bool{}
	for round := range 6 {
		// The page notes what was answered where a reload does not take it.
		p.Eval(fmt.Sprintf(`(async () => { for (let i = 0; ; i++) { const r = await ask('offer', {title: 'thing %d.' + i});
			if (r.kind) return; localStorage.setItem('done %d.' + i, '1'); } })(), 1`, round, round), nil)
		time.Sleep(time.Duration(30+70*round) * time.Millisecond)
		p.Command("Page.reload", nil, nil)
		p.Wait("window.seen && (seen().state === 'open' || seen().state === 'failed')")
		p.state("open")
		var noted []string
		p.Eval("Object.keys(localStorage)", &noted)
		for _, n := range noted {
			done[strings.Replace(n, "done", "thing", 1)] = true
		}
		var list []item
		p.must("list", m{}, &list)
		there := map[string]bool{}
		for _, it := range list {
			there[it.Title] = true
		}
		for title := range done {
			if !there[title] {
				t.Errorf("%q was answered and is gone", title)
			}
		}
		if extra := len(list) - len(done); extra > round+1 {
			t.Errorf("%d things are there that were not answered, after %d crashes", extra, round+1)
		}
	}
	if len(done) == 0 {
		t.Error("nothing was done before the crashes: the test showed nothing")
	}
	t.Logf("%d offers were answered in the middle of which the page ended six times", len(done))
}

// testInsecure opens the page by a name that is not this machine's. The node
// itself answers under none: it is of this machine only.
func testInsecure(t *testing.T, b *chromiumtest.Browser, a *app) {
	elsewhere := httptest.NewServer(pages(t, a.dir))
	defer elsewhere.Close()
	p := b.Profile(t).Open(strings.Replace(elsewhere.URL, "127.0.0.1", chromiumtest.OtherName, 1))
	o := &tab{p, t}
	o.Wait("window.seen && seen().state === 'failed'")
	var s seen
	o.Eval("seen()", &s)
	if s.Error == nil || s.Error.Kind != "unsupported" || !strings.Contains(s.Error.Text, "https") {
		t.Errorf("%+v", s.Error)
	}
	o.refused("status", m{}, "unsupported", "https")
}

// testNewer lets a newer version of the app have been here.
func testNewer(t *testing.T, b *chromiumtest.Browser, a *app) {
	profile := b.Profile(t)
	p := a.open(t, profile, "new")
	p.person("Ann")
	// In another tab, a newer version opens the storage: this one makes room.
	p.Eval(`new Promise((ok, bad) => { const r = indexedDB.open('sxp', 99); r.onerror = bad; r.onblocked = bad; r.onsuccess = () => { r.result.close(); ok(1); }; })`, nil)
	if s := p.state("failed"); s.Error == nil || s.Error.Kind != "unsupported" || !strings.Contains(s.Error.Text, "newer version") {
		t.Errorf("%+v", s.Error)
	}
	p.refused("status", m{}, "unsupported", "newer version")
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'failed'")
	if s := p.state("failed"); s.Error == nil || s.Error.Kind != "unsupported" || !strings.Contains(s.Error.Text, "newer version") {
		t.Errorf("after a reload: %+v", s.Error)
	}
}

// testStolen takes the lead away from a tab that is still there, as happens to
// one that was frozen: it starts anew, as one that follows.
func testStolen(t *testing.T, b *chromiumtest.Browser, a *app) {
	profile := b.Profile(t)
	first := a.open(t, profile, "new")
	first.person("Ann")
	second := a.open(t, profile, "open")
	second.Eval("navigator.locks.request('sxp-agent', {steal: true}, async () => 1)", nil)
	first.Wait("!seen().leader && seen().state === 'open'")
	second.Wait("seen().leader && seen().state === 'open'")
	var s status
	first.must("status", m{}, &s)
	second.must("relays.set", m{"relays": s.Relays}, nil)
}

// testFrozen stops the leading worker, as a telephone does to a tab in the
// background: another tab takes over, and the first follows when it wakes up.
func testFrozen(t *testing.T, b *chromiumtest.Browser, a *app) {
	profile := b.Profile(t)
	first := a.open(t, profile, "new")
	first.person("Ann")
	second := a.open(t, profile, "open")
	first.CommandToWorker("Debugger.enable")
	time.Sleep(3 * time.Second) // a system freezes no tab in the middle of a transaction
	first.CommandToWorker("Debugger.pause")
	began := time.Now()
	if r := second.ask("status", m{}); r.Kind != "unavailable" {
		t.Errorf("what the frozen tab was asked: %q, %q", r.Kind, r.Text)
	}
	second.Wait("seen().leader && seen().state === 'open'")
	t.Logf("another tab led after %s", time.Since(began).Round(time.Second))
	var s status
	second.must("status", m{}, &s)
	second.must("relays.set", m{"relays": s.Relays}, nil)
	first.CommandToWorker("Debugger.resume")
	first.CommandToWorker("Debugger.disable")
	first.Wait("!seen().leader && seen().state === 'open'")
	first.must("relays.set", m{"relays": s.Relays}, nil)
}

// testDeath lets the agent die of a defect: it goes on by itself, unlocked, and
// with all it had. If it dies again and again the page says so.
func testDeath(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.person("Ann")
	p.market("Death")
	p.must("offer", m{"title": "a thing"}, nil)
	for death := 1; death <= 4; death++ {
		// The program panics where its script throws.
		p.EvalInWorker("sxpScript.state = () => { throw new Error('a defect'); }; 1", nil)
		if r := p.ask("host.remember", m{"on": false}); r.Kind != "unavailable" || !strings.Contains(r.Text, "repeat") {
			t.Errorf("what was under way: %q, %q", r.Kind, r.Text)
		}
		if death == 4 {
			break
		}
		p.state("open")
		var list []item
		p.must("list", m{}, &list)
		if len(list) != 1 {
			t.Errorf("after death %d there are %d things", death, len(list))
		}
	}
	if s := p.state("failed"); s.Error == nil || s.Error.Kind != "internal" || !strings.Contains(s.Error.Text, "reload") {
		t.Errorf("%+v", s.Error)
	}
}

// testClock has a node whose clock is a day ahead; to the agent, its own may be
// as wrong.
func testClock(t *testing.T, b *chromiumtest.Browser, _ *app) {
	a := serveAt(t, func() sxp.Time { return sxp.TimeOf(time.Now()).Add(sxp.Day) })
	p := a.open(t, b.Profile(t), "new")
	p.person("Ann")
	var n struct{ Address string }
	p.must("host.node", m{}, &n)
	p.refused("market.create", m{"name": "Late", "at": n.Address}, "clock", "clock")
	var s struct{ Trouble []problem }
	for end := time.Now().Add(20 * time.Second); len(s.Trouble) == 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the page is not told of the clock")
		}
		p.must("status", m{}, &s)
	}
	if s.Trouble[0].Kind != "clock" {
		t.Errorf("%+v", s.Trouble)
	}
}

// testRefused has a browser that gives pages no storage.
func testRefused(t *testing.T, _ *chromiumtest.Browser, a *app) {
	b := chromiumtest.LaunchWith(t, `{"profile":{"default_content_setting_values":{"cookies":2}}}`)
	p := &tab{b.Own(t).Open(a.url), t}
	p.Wait("window.seen && seen().state === 'failed'")
	s := p.state("failed")
	if s.Error == nil || s.Error.Kind != "denied" || !strings.Contains(s.Error.Text, "settings") {
		t.Errorf("%+v", s.Error)
	}
	p.refused("status", m{}, "denied", "settings")
}

// people starts a world with a market, where bots play who is missing.
func people(t *testing.T, dir string) (w world.StoryReport) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- world.Story(ctx, world.StoryConfig{
			Out: out, JSON: true, Listen: "127.0.0.1:0", Jurors: 15, Pages: pages(t, dir), Serve: true, NoStory: true, BotsAfter: 300 * time.Millisecond,
		})
		out.Close()
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	lines := bufio.NewReader(r)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the world does not serve: %v", err)
	}
	go io.Copy(io.Discard, lines)
	if err := json.Unmarshal(line, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// testSigning loads the page again and again while a contract is signed, as an
// update of the app does: each new worker goes on from what is on disk.
func testSigning(t *testing.T, b *chromiumtest.Browser, a *app) {
	w := people(t, a.dir)
	at, _, _ := strings.Cut(w.Node, "#")
	p := (&app{a.dir, at}).open(t, b.Profile(t), "new")
	me := w.People[0]
	p.person(me.Name)
	p.must("host.remember", m{"on": true}, nil)
	p.must("market.join", m{"link": w.Market}, nil)
	p.must("offer", m{"title": me.Offer, "wants": []string{me.Want}}, nil)
	type deal struct {
		ID, State, Why string
		ByJury         bool
	}
	var deals []deal
	for end := time.Now().Add(time.Minute); len(deals) == 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody proposes anything")
		}
		p.must("deals", m{}, &deals)
	}
	mine := deals[0]
	began := time.Now()
	p.must("accept", m{"deal": mine.ID}, nil)
	loads := 0
	for end := time.Now().Add(2 * time.Minute); ; {
		p.must("deal", m{"deal": mine.ID}, &mine)
		if s := mine.State; s == "signed" {
			break
		} else if s != "accepted" && s != "promised" || time.Now().After(end) {
			t.Fatalf("the deal is %s (%s)", s, mine.Why)
		}
		if loads < 12 {
			loads++
			p.Command("Page.reload", nil, nil)
			p.Wait("window.seen && (seen().state === 'open' || seen().state === 'failed')")
			p.state("open")
			time.Sleep(time.Duration(40*loads) * time.Millisecond)
		} else {
			time.Sleep(50 * time.Millisecond)
		}
	}
	t.Logf("signed after %s and %d loads of the page, by the jury: %t", time.Since(began).Round(time.Millisecond), loads, mine.ByJury)
	if loads < 2 {
		t.Error("the contract was signed before the page was loaded twice: the test showed nothing")
	}
	var file struct{ Data string }
	p.must("contract.file", m{"deal": mine.ID}, &file)
	var v struct {
		Valid bool
		Why   string
	}
	p.must("host.verify", m{"file": file.Data}, &v)
	if !v.Valid {
		t.Errorf("the contract does not verify: %s", v.Why)
	}
}
