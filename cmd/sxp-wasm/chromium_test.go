//go:build !js

package main_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/cmd/sxp-wasm/internal/chromiumtest"
	"sxp/node"
)

// app is what the tests share: the page's way to the agent, bundled as the app
// is, the program as it is shipped, and a node that serves both.
type app struct {
	dir string
	url string // http://localhost:port, a name as passkeys need one
}

const webApp = "../../web/app"

// policy is as strict as that of package web.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; base-uri 'none'; " +
	"connect-src 'self' https: wss: http://127.0.0.1:* http://localhost:* ws://127.0.0.1:* ws://localhost:*; " +
	"require-trusted-types-for 'script'; trusted-types default svelte-trusted-html"

// built builds once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sxp-rig-")
	if err != nil {
		return "", err
	}
	rigDir = dir
	for _, command := range [][]string{
		{"node", "testdata/rig/bundle.mjs", webApp, dir},
		{"./build.sh", filepath.Join(dir, "sxp.wasm")},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return dir, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
		}
	}
	return dir, nil
})

// rigDir is what built has made, "" where no test needed it.
var rigDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if rigDir != "" {
		os.RemoveAll(rigDir)
	}
	os.Exit(code)
}

// pages serves the rig.
func pages(t *testing.T, dir string) http.Handler {
	t.Helper()
	files := http.FileServer(http.Dir(dir))
	glue := chromiumtest.Glue(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Path == "/wasm_exec.js" {
			http.ServeFile(w, r, glue)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// serve starts a node that serves the rig.
func serve(t *testing.T) *app { return serveAt(t, nil) }

// serveAt is serve with another clock.
func serveAt(t *testing.T, now func() sxp.Time) *app {
	t.Helper()
	if _, err := os.Stat(filepath.Join(webApp, "node_modules", "vite")); err != nil {
		t.Skip("the page's tools are not installed: web/build.sh install")
	}
	chromiumtest.Sources(t, "../..")
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cfg := node.DefaultConfig()
	cfg.Dir, cfg.Listen, cfg.Relay, cfg.Board = t.TempDir(), "127.0.0.1:0", true, true
	cfg.App, cfg.Pages, cfg.Now = true, pages(t, dir), now
	s, err := node.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.Address().URL, "http://"), ":")
	return &app{dir, "http://localhost:" + port}
}

// tab is one page with the rig in it.
type tab struct {
	*chromiumtest.Page
	t *testing.T
}

// seen is what the page knows of the agent as a whole.
type seen struct {
	State      string
	Leader     bool
	Label      string
	Remembered bool
	Passkey    string
	Version    int
	Error      *problem
}

type problem struct{ Kind, Text string }

// open opens a tab and waits until it is in the state.
func (a *app) open(t *testing.T, p *chromiumtest.Profile, state string) *tab {
	t.Helper()
	b := &tab{p.Open(a.url), t}
	b.state(state)
	return b
}

func (b *tab) state(want string) (s seen) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("window.seen && (seen().state === %q || seen().state === 'failed')", want))
	b.Eval("seen()", &s)
	if s.State != want {
		b.t.Fatalf("the state is %s (%+v), want %s\n%s", s.State, s.Error, want, b.Log())
	}
	return s
}

// answer is what an operation came to.
type answer struct {
	Out  json.RawMessage
	MS   float64
	Kind string
	Text string
}

func (b *tab) ask(op string, in any) (a answer) {
	b.t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Eval(fmt.Sprintf("ask(%q, %s)", op, text), &a)
	return a
}

type m map[string]any

// must asks for what has to work.
func (b *tab) must(op string, in any, out any) float64 {
	b.t.Helper()
	a := b.ask(op, in)
	if a.Kind != "" {
		b.t.Fatalf("%s: %s: %s\n%s", op, a.Kind, a.Text, b.Log())
	}
	if out != nil {
		if err := json.Unmarshal(a.Out, out); err != nil {
			b.t.Fatal(err)
		}
	}
	return a.MS
}

// refused asks for what must not work.
func (b *tab) refused(op string, in any, kind, text string) {
	b.t.Helper()
	if a := b.ask(op, in); a.Kind != kind || !strings.Contains(a.Text, text) {
		b.t.Errorf("%s: %q, %q; want kind %q and a text with %q", op, a.Kind, a.Text, kind, text)
	}
}

type words struct{ Words []string }

// person makes somebody in an empty tab and returns their words.
func (b *tab) person(label string) string {
	b.t.Helper()
	var w words
	b.must("host.create", m{"label": label, "passphrase": "open sesame"}, &w)
	b.state("open")
	if len(w.Words) != 24 {
		b.t.Fatalf("%d words", len(w.Words))
	}
	return strings.Join(w.Words, " ")
}

type status struct {
	ID, Label string
	Relays    []string
	Offers    int
}

// TestInChromium runs the agent as pages do.
func TestInChromium(t *testing.T) {
	b := chromiumtest.Launch(t)
	a := serve(t)
	for _, test := range []struct {
		name string
		f    func(*testing.T, *chromiumtest.Browser, *app)
	}{
		{"a person is made, locked, unlocked, restored and erased", testPerson},
		{"files and words are what they are", testFilesAndWords},
		{"one tab leads and another takes over", testTabs},
		{"a device stays unlocked", testRemembered},
		{"a passkey unlocks", testPasskey},
		{"full storage loses nothing", testFull},
		{"a page that ends in the middle loses nothing", testCrash},
		{"a page without TLS says why it cannot", testInsecure},
		{"storage of a newer version is left alone", testNewer},
		{"an agent that is told to stop by another tab makes room", testStolen},
		{"a tab that is frozen loses the lead", testFrozen},
		{"an agent that dies is started again", testDeath},
		{"a wrong clock is said", testClock},
		{"storage that is refused is said", testRefused},
		{"a contract is signed while the page is loaded again and again", testSigning},
	} {
		t.Run(test.name, func(t *testing.T) { test.f(t, b, a) })
	}
}

func testPerson(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.refused("status", m{}, "denied", "unlock")
	p.refused("host.create", m{"label": "", "passphrase": "x"}, "invalid", "name")
	p.refused("host.create", m{"label": "Ann", "passphrase": ""}, "invalid", "passphrase")
	p.refused("host.unlock", m{"passphrase": "x"}, "notfound", "nobody")
	p.refused("host.unlock", m{"pass": "x"}, "invalid", "not understood")
	p.refused("host.fly", m{}, "unsupported", "host.fly")
	all := p.person("Ann")
	if s := p.state("open"); s.Label != "Ann" || !s.Leader {
		t.Errorf("seen %+v", s)
	}
	var s status
	p.must("status", m{}, &s)
	if s.Label != "Ann" || len(s.Relays) != 1 {
		t.Errorf("status %+v", s)
	}
	p.refused("host.create", m{"label": "Bob", "passphrase": "x"}, "conflict", "Ann")

	p.must("host.lock", m{}, nil)
	p.state("locked")
	p.refused("status", m{}, "denied", "unlock")
	p.refused("host.words", m{"passphrase": "x"}, "denied", "not the passphrase")
	p.refused("host.unlock", m{"passphrase": "open"}, "denied", "not the passphrase")
	p.must("host.unlock", m{"passphrase": "open sesame"}, nil)
	p.must("host.passphrase", m{"old": "open sesame", "new": "close"}, nil)
	p.refused("host.passphrase", m{"old": "open sesame", "new": "other"}, "denied", "not the passphrase")
	var w words
	p.must("host.words", m{"passphrase": "close"}, &w)
	if strings.Join(w.Words, " ") != all {
		t.Error("the words are others")
	}

	// Forgot the passphrase: the words open what is here, without network.
	p.must("host.lock", m{}, nil)
	p.refused("host.restore", m{"words": strings.Repeat("abandon ", 23) + "art", "passphrase": "x"}, "conflict", "somebody else")
	p.state("locked")
	p.must("host.restore", m{"words": all, "passphrase": "new"}, nil)
	p.must("host.lock", m{}, nil)
	p.refused("host.unlock", m{"passphrase": "close"}, "denied", "not the passphrase")
	p.must("host.unlock", m{"passphrase": "new"}, nil)

	// The same person in an empty browser.
	other := a.open(t, b.Profile(t), "new")
	other.refused("host.restore", m{"words": "abandon ability", "passphrase": "x"}, "invalid", "24 words")
	swapped := strings.Replace(all, strings.Fields(all)[0], "zzz", 1)
	other.refused("host.restore", m{"words": swapped, "passphrase": "x"}, "invalid", "word 1")
	other.refused("host.restore", m{"words": strings.Repeat("abandon ", 23) + "art", "passphrase": "x"}, "notfound", "nothing of this person")
	other.state("new")
	var back status
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) { // the copy at the relay comes some seconds later
		if r := other.ask("host.restore", m{"words": "1. " + strings.ToUpper(all), "passphrase": "phone"}); r.Kind == "" {
			break
		} else if time.Now().After(end) {
			t.Fatalf("restore: %s: %s", r.Kind, r.Text)
		}
	}
	other.must("status", m{}, &back)
	if back.ID != s.ID || back.Label != "Ann" {
		t.Errorf("restored %+v, want %+v", back, s)
	}
	p.must("host.erase", m{}, nil)
	p.state("new")
	p.refused("host.unlock", m{"passphrase": "new"}, "notfound", "nobody")
}

// vector returns a file of the vectors as JSON carries it.
func vector(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../vectors/contract/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Input string }
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	file, err := hex.DecodeString(v.Input)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(file)
}

func testFilesAndWords(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.refused("host.verify", m{"file": "aGVsbG8"}, "invalid", "")
	p.refused("host.verify", m{"file": "not base64!"}, "invalid", "")
	for text, kind := range map[string]string{"": "unknown", "hello": "unknown", "{}": "unknown", "sxp:card?x": "unknown", "sxp:market?": "unknown", "https://relay.example": "unknown"} {
		var out struct{ Kind, Why string }
		p.must("host.identify", m{"text": text}, &out)
		if out.Kind != kind || out.Why == "" {
			t.Errorf("%q is %+v", text, out)
		}
	}
	// A real contract, as the spec's vectors have it.
	var v struct {
		Valid   bool
		Parties []any
		Why     string
	}
	text := vector(t, "file-valid")
	ms := p.must("host.verify", m{"file": text}, &v)
	if !v.Valid || len(v.Parties) < 2 {
		t.Errorf("the contract of the vectors: %+v", v)
	}
	t.Logf("verified in %.0f ms", ms)
	p.refused("host.verify", m{"file": vector(t, "file-text-changed")}, "invalid", "was changed")
	ms = p.must("host.verify", m{"file": text}, nil)
	t.Logf("verified again in %.0f ms", ms)
	var w struct {
		Valid       bool
		Bad         []int
		Suggestions []string
	}
	p.must("host.wordCheck", m{"words": "abandon abilty zo"}, &w)
	if w.Valid || fmt.Sprint(w.Bad) != "[2 3]" || len(w.Suggestions) == 0 || w.Suggestions[0] != "ability" {
		t.Errorf("wordCheck: %+v", w)
	}
	var item struct{ Title, Unit string }
	p.must("host.parse", m{"text": "20 l beer"}, &item)
	if item.Title != "beer" || item.Unit != "l" {
		t.Errorf("parse: %+v", item)
	}
}

func testTabs(t *testing.T, b *chromiumtest.Browser, a *app) {
	profile := b.Profile(t)
	first := a.open(t, profile, "new")
	first.person("Ann")
	second := a.open(t, profile, "open")
	if s := second.state("open"); s.Leader || s.Label != "Ann" {
		t.Errorf("the second tab sees %+v", s)
	}
	var s status
	second.must("status", m{}, &s)
	if s.Label != "Ann" {
		t.Errorf("the second tab got %+v", s)
	}
	second.refused("host.unlock", m{"passphrase": "no"}, "denied", "not the passphrase")
	// A change in one tab reaches the other.
	before := first.state("open").Version
	second.must("relays.set", m{"relays": s.Relays}, nil)
	first.Wait(fmt.Sprintf("seen().version > %d", before))
	// The leader goes: the other takes over, without the passphrase.
	first.Close()
	second.Wait("seen().leader && seen().state === 'open'")
	second.must("status", m{}, &s)
	// What is locked in one tab is locked in all.
	third := a.open(t, profile, "open")
	third.must("host.lock", m{}, nil)
	second.state("locked")
	second.Close()
	third.Wait("seen().leader && seen().state === 'locked'")
	third.refused("status", m{}, "denied", "unlock")
}

func testRemembered(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.person("Ann")
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'locked'")
	p.must("host.unlock", m{"passphrase": "open sesame"}, nil)
	p.must("host.remember", m{"on": true}, nil)
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'open' && seen().remembered")
	// The key cannot be read out, not even by the page's own scripts.
	var extractable []bool
	p.Eval(`new Promise((ok, bad) => { const r = indexedDB.open('sxp-device'); r.onerror = bad; r.onsuccess = () => {
		const q = r.result.transaction('sealed').objectStore('sealed').getAll(); q.onsuccess = () => ok(q.result.map((s) => s.key.extractable)); }; })`, &extractable)
	if len(extractable) != 1 || extractable[0] {
		t.Errorf("extractable: %v", extractable)
	}
	p.must("host.lock", m{}, nil) // locked is locked: until it is unlocked again
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'locked'")
	p.must("host.unlock", m{"passphrase": "open sesame"}, nil)
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'open'")
	p.must("host.remember", m{"on": false}, nil)
	p.Command("Page.reload", nil, nil)
	p.Wait("window.seen && seen().state === 'locked'")
}

func testPasskey(t *testing.T, b *chromiumtest.Browser, a *app) {
	p := a.open(t, b.Profile(t), "new")
	p.person("Ann")
	p.Command("WebAuthn.enable", nil, nil)
	p.Command("WebAuthn.addVirtualAuthenticator", m{"options": m{
		"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
		"hasPrf": true, "isUserVerified": true, "automaticPresenceSimulation": true,
	}}, nil)
	var key struct{ Credential, PRF string }
	p.Eval("passkey.createPasskey('Ann')", &key)
	p.refused("host.passkey", m{"on": true, "prf": "c2hvcnQ", "credential": key.Credential}, "invalid", "32 are needed")
	p.must("host.passkey", m{"on": true, "prf": key.PRF, "credential": key.Credential}, nil)
	p.must("host.lock", m{}, nil)
	if s := p.state("locked"); s.Passkey != key.Credential {
		t.Errorf("the page is told of passkey %q, want %q", s.Passkey, key.Credential)
	}
	p.refused("host.unlockPasskey", m{"prf": strings.Repeat("A", 43)}, "denied", "another passkey")
	var prf string
	p.Eval("passkey.usePasskey(seen().passkey)", &prf)
	p.must("host.unlockPasskey", m{"prf": prf}, nil)
	p.state("open")
	p.must("host.passkey", m{"on": false}, nil)
	p.must("host.lock", m{}, nil)
	p.refused("host.unlockPasskey", m{"prf": prf}, "notfound", "no passkey")
}
