// Package chromiumtest lets tests drive a real Chromium over its debugging
// protocol: separate profiles, pages, expressions in them, and what no page can
// do, such as taking away its room.
package chromiumtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// names are what Chromium is called on different systems.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// OtherName is a name of this machine that browsers do not take for it: a page
// opened by it without TLS has no keys, no storage and no worker of ours.
const OtherName = "sxp-elsewhere.test"

// startTime is how long a browser, a page or an expression may take.
const startTime = 60 * time.Second

// A Browser is one running Chromium.
type Browser struct {
	conn *websocket.Conn

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	pages   map[string]*Page
}

type reply struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

type message struct {
	ID        int             `json:"id"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	SessionID string          `json:"sessionId"`
	reply
}

// Launch starts Chromium, and ends it with the test. Where there is none the
// test is skipped.
func Launch(t testing.TB) *Browser {
	t.Helper()
	return LaunchWith(t, "")
}

// LaunchWith starts a Chromium whose own profile has settings, as its file
// Preferences holds them.
func LaunchWith(t testing.TB, preferences string) *Browser {
	t.Helper()
	path := os.Getenv("SXP_CHROMIUM")
	for _, name := range names {
		if path != "" {
			break
		}
		if p, err := exec.LookPath(name); err == nil {
			path = p
		}
	}
	if path == "" {
		t.Skipf("there is no Chromium here (looked for %s): install Debian's package chromium, or name it in SXP_CHROMIUM", strings.Join(names, ", "))
	}
	dir, err := os.MkdirTemp("", "chromium-")
	if err != nil {
		t.Fatal(err)
	}
	if preferences != "" {
		err := os.MkdirAll(filepath.Join(dir, "Default"), 0o700)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "Default", "Preferences"), []byte(preferences), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP "+OtherName+" 127.0.0.1", "--remote-debugging-port=0", "--user-data-dir="+dir, "about:blank")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
		for range 50 { // its children end a little later
			if os.RemoveAll(dir) == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	b := &Browser{waiting: map[int]chan reply{}, pages: map[string]*Page{}}
	b.conn, _, err = websocket.Dial(ctx, endpoint(t, stderr), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.conn.SetReadLimit(64 << 20)
	t.Cleanup(func() {
		_ = b.conn.Write(ctx, websocket.MessageText, []byte(`{"id":0,"method":"Browser.close"}`))
		_ = b.conn.Close(websocket.StatusNormalClosure, "")
	})
	go b.read(ctx)
	return b
}

// endpoint reads where the browser listens for debuggers.
func endpoint(t testing.TB, stderr io.Reader) string {
	t.Helper()
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			if _, at, ok := strings.Cut(lines.Text(), "DevTools listening on "); ok {
				found <- strings.TrimSpace(at)
			}
		}
	}()
	select {
	case at := <-found:
		return at
	case <-time.After(startTime):
		t.Fatal("Chromium does not start")
		return ""
	}
}

func (b *Browser) read(ctx context.Context) {
	for {
		_, data, err := b.conn.Read(ctx)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		b.mu.Lock()
		if m.ID != 0 {
			if w := b.waiting[m.ID]; w != nil {
				delete(b.waiting, m.ID)
				w <- m.reply
			}
		} else if p := b.pages[m.SessionID]; p != nil {
			p.event(m.Method, m.Params)
		}
		b.mu.Unlock()
	}
}

// command sends one command of the protocol and waits for its answer.
func (b *Browser) command(session, method string, params, out any) error {
	p, err := json.Marshal(params)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.next++
	id, w := b.next, make(chan reply, 1)
	b.waiting[id] = w
	b.mu.Unlock()
	text, err := json.Marshal(map[string]any{"id": id, "method": method, "params": json.RawMessage(p), "sessionId": session})
	if session == "" {
		text, err = json.Marshal(map[string]any{"id": id, "method": method, "params": json.RawMessage(p)})
	}
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), startTime)
	defer stop()
	if err := b.conn.Write(ctx, websocket.MessageText, text); err != nil {
		return err
	}
	select {
	case r := <-w:
		if r.Error != nil {
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(r.Result, out)
	case <-ctx.Done():
		return fmt.Errorf("%s: no answer in %s", method, startTime)
	}
}

// A Profile is like a browser of its own: it shares nothing with others.
type Profile struct {
	t  testing.TB
	b  *Browser
	id string
}

// Profile makes an empty one for a test, or a part of the one that launched.
func (b *Browser) Profile(t testing.TB) *Profile {
	t.Helper()
	var out struct {
		ID string `json:"browserContextId"`
	}
	if err := b.command("", "Target.createBrowserContext", map[string]any{}, &out); err != nil {
		t.Fatal(err)
	}
	return &Profile{t, b, out.ID}
}

// Own returns the browser's own profile, which has the settings of LaunchWith.
func (b *Browser) Own(t testing.TB) *Profile { return &Profile{t, b, ""} }

// A Page is one tab.
type Page struct {
	t       testing.TB
	b       *Browser
	target  string
	session string

	mu      sync.Mutex
	log     []string // console and uncaught errors
	workers []string // sessions of its workers, the newest last
}

// Open opens a tab at a URL.
func (p *Profile) Open(url string) *Page {
	t := p.t
	t.Helper()
	var target struct {
		ID string `json:"targetId"`
	}
	where := map[string]any{"url": "about:blank"}
	if p.id != "" {
		where["browserContextId"] = p.id
	}
	if err := p.b.command("", "Target.createTarget", where, &target); err != nil {
		t.Fatal(err)
	}
	var session struct {
		ID string `json:"sessionId"`
	}
	if err := p.b.command("", "Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &session); err != nil {
		t.Fatal(err)
	}
	page := &Page{t: t, b: p.b, target: target.ID, session: session.ID}
	p.b.mu.Lock()
	p.b.pages[session.ID] = page
	p.b.mu.Unlock()
	for _, domain := range []string{"Runtime.enable", "Page.enable", "Log.enable"} {
		page.Command(domain, nil, nil)
	}
	page.Command("Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true}, nil)
	page.Command("Page.navigate", map[string]any{"url": url}, nil)
	return page
}

func (p *Page) event(method string, params json.RawMessage) {
	var e struct {
		Type string `json:"type"`
		Args []struct {
			Value       any    `json:"value"`
			Description string `json:"description"`
		} `json:"args"`
		ExceptionDetails struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
		Entry struct {
			Level, Text string
		} `json:"entry"`
		SessionID  string `json:"sessionId"`
		TargetInfo struct {
			Type string `json:"type"`
		} `json:"targetInfo"`
	}
	if json.Unmarshal(params, &e) != nil {
		return
	}
	var line string
	switch method {
	case "Target.attachedToTarget":
		if e.TargetInfo.Type == "worker" {
			p.mu.Lock()
			p.workers = append(p.workers, e.SessionID)
			p.mu.Unlock()
		}
		return
	case "Runtime.consoleAPICalled":
		for _, a := range e.Args {
			line += fmt.Sprint(a.Value, a.Description, " ")
		}
	case "Runtime.exceptionThrown":
		line = e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description
	case "Log.entryAdded":
		line = e.Entry.Level + " " + e.Entry.Text
	default:
		return
	}
	p.mu.Lock()
	p.log = append(p.log, line)
	p.mu.Unlock()
}

// Log returns what the page wrote to its console.
func (p *Page) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log, "\n")
}

// Command sends any command of the protocol to the page; out may be nil.
func (p *Page) Command(method string, params, out any) {
	p.t.Helper()
	if params == nil {
		params = map[string]any{}
	}
	if err := p.b.command(p.session, method, params, out); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// Eval evaluates an expression in the page, waits for a promise, and decodes
// the result from JSON.
func (p *Page) Eval(expression string, out any) {
	p.t.Helper()
	if err := p.eval(expression, out); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// EvalInWorker evaluates an expression in the first worker of the page.
func (p *Page) EvalInWorker(expression string, out any) {
	p.t.Helper()
	if err := p.b.eval(p.worker(), expression, out); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// CommandToWorker sends a command of the protocol to the first worker.
func (p *Page) CommandToWorker(method string) {
	p.t.Helper()
	if err := p.b.command(p.worker(), method, map[string]any{}, nil); err != nil {
		p.t.Fatalf("%v\n%s", err, p.Log())
	}
}

// worker returns the session of the first worker of the page.
func (p *Page) worker() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.workers) == 0 {
		p.t.Fatal("the page has no worker")
	}
	return p.workers[0]
}

func (p *Page) eval(expression string, out any) error { return p.b.eval(p.session, expression, out) }

func (b *Browser) eval(session, expression string, out any) error {
	var r struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if err := b.command(session, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r); err != nil {
		return err
	}
	if e := r.ExceptionDetails; e != nil {
		return fmt.Errorf("%.120s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if out == nil || len(r.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(r.Result.Value, out)
}

// Wait evaluates an expression again and again until it is true.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	var last error
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if last = p.eval("!!("+expression+")", &ok); last == nil && ok {
			return
		}
	}
	p.t.Fatalf("%s does not become true (%v)\n%s", expression, last, p.Log())
}

// Close closes the tab.
func (p *Page) Close() {
	p.t.Helper()
	if err := p.b.command("", "Target.closeTarget", map[string]any{"targetId": p.target}, nil); err != nil {
		p.t.Fatal(err)
	}
}

// Sources makes the go command run a test again when a source of the module at
// root has changed: what is built by the test's own commands it cannot see.
func Sources(t testing.TB, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "dist" || d.Name() == "build" || d.Name() == "public" || d.Name() == ".packed"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go"), strings.HasSuffix(path, ".ts"), strings.HasSuffix(path, ".mjs"), strings.HasSuffix(path, ".sh"):
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Glue returns the path of the script that starts WebAssembly programs of this
// Go, wasm_exec.js.
func Glue(t testing.TB) string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
}
