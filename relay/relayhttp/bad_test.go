//go:build !js

package relayhttp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/memstore"
	"sxp/relay/relayhttp"
)

func wantKind(t *testing.T, err error, kind sxp.Kind, text string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), text) {
		t.Errorf("error %v (kind %q), want kind %q with %q", err, sxp.KindOf(err), kind, text)
	}
}

func node(t *testing.T) *callertest.Node {
	return callertest.NewNode(t, new(memstore.Store), callertest.NewWaits())
}

func TestServerRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	n := node(t)
	h := serve(t, n)
	k := callertest.NewKey(t)
	good, err := relay.Sign(k, "echo", n.Signer.ID(), callertest.Clock(), rand.Reader, "hello")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		method, path, media string
		body                []byte
		status              int
		kind                sxp.Kind
	}{
		"a good one":              {"POST", relayhttp.Path, relayhttp.MediaType, good, 200, ""},
		"media type with a space": {"POST", relayhttp.Path, relayhttp.MediaType + "; cose-type=x", good, 200, ""},
		"nothing":                 {"POST", relayhttp.Path, relayhttp.MediaType, nil, 400, sxp.Invalid},
		"text":                    {"POST", relayhttp.Path, relayhttp.MediaType, []byte("hello"), 400, sxp.Invalid},
		"truncated":               {"POST", relayhttp.Path, relayhttp.MediaType, good[:len(good)-1], 400, sxp.Invalid},
		"too large":               {"POST", relayhttp.Path, relayhttp.MediaType, make([]byte, sxp.MaxMessage+1), 413, sxp.TooLarge},
		"a form":                  {"POST", relayhttp.Path, "application/x-www-form-urlencoded", good, 415, sxp.Invalid},
		"no media type":           {"POST", relayhttp.Path, "", good, 415, sxp.Invalid},
		"another method":          {"PUT", relayhttp.Path, relayhttp.MediaType, good, 405, sxp.Unsupported},
		"another path":            {"POST", "/", relayhttp.MediaType, good, 404, sxp.NotFound},
		"another version":         {"POST", "/sxp/v2", relayhttp.MediaType, good, 404, sxp.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := http.NewRequestWithContext(t.Context(), tt.method, h.URL+tt.path, bytes.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.media != "" {
				q.Header.Set("Content-Type", tt.media)
			}
			r, err := h.Client().Do(q)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			body, err := io.ReadAll(r.Body)
			if err != nil || r.StatusCode != tt.status {
				t.Errorf("status %d, %v; want %d", r.StatusCode, err, tt.status)
			}
			var p struct {
				Kind sxp.Kind `json:"kind"`
				Text string   `json:"text"`
			}
			if tt.kind == "" {
				if _, err := envelope.Parse(body); err != nil {
					t.Errorf("the answer is not signed: %v", err)
				}
			} else if err := json.Unmarshal(body, &p); err != nil || p.Kind != tt.kind || p.Text == "" {
				t.Errorf("the body is %s, want kind %q and a text", body, tt.kind)
			}
		})
	}
}

func TestInfoSaysWhichNodeItIs(t *testing.T) {
	t.Parallel()
	n := node(t)
	info, err := newClient(t, serve(t, n)).Info(t.Context())
	if err != nil || info.ID != n.Signer.ID() || info.Name != "test" || len(info.Services) != 1 {
		t.Errorf("Info = %+v, %v", info, err)
	}
	if off := callertest.Clock().Sub(info.Time); off < 0 || off > sxp.Minute {
		t.Errorf("the node's time is off by %s", off)
	}
}

func TestClientRefusesNonsense(t *testing.T) {
	t.Parallel()
	answer := func(status int, media, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, tt := range map[string]struct {
		h    http.HandlerFunc
		kind sxp.Kind
		text string
	}{
		"a web page":                      {answer(200, "text/html", "<html>welcome"), sxp.Unavailable, `"text/html"`},
		"a page not found":                {answer(404, "text/html", "<html>gone"), sxp.Unavailable, "404"},
		"a proxy's trouble":               {answer(502, "text/html", "<html>bad gateway"), sxp.Unavailable, "502"},
		"a redirect":                      {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, sxp.Unavailable, "302"},
		"bytes that are signed by nobody": {answer(200, relayhttp.MediaType, "hello"), sxp.Invalid, "cannot be read"},
		"nothing":                         {answer(200, relayhttp.MediaType, ""), sxp.Invalid, "cannot be read"},
		"too much":                        {answer(200, relayhttp.MediaType, strings.Repeat("x", sxp.MaxMessage+1)), sxp.Unavailable, "more than"},
		"an answer cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", relayhttp.MediaType)
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "hello")
		}, sxp.Unavailable, "cut off"},
		"busy":                              {answer(429, "application/json", `{"kind":"busy","text":"later"}`), sxp.Busy, "later"},
		"a kind that must be signed":        {answer(400, "application/json", `{"kind":"notfound","text":"no record"}`), sxp.Unavailable, "no record"},
		"JSON of something else":            {answer(400, "application/json", `{"error":42}`), sxp.Unavailable, "400"},
		"a success in JSON instead of COSE": {answer(200, "application/json", `true`), sxp.Unavailable, "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := httptest.NewServer(tt.h)
			defer h.Close()
			c, err := relayhttp.NewClient(h.URL, relayhttp.ClientConfig{HTTP: h.Client()})
			if err != nil {
				t.Fatal(err)
			}
			k := callertest.NewKey(t)
			_, err = relay.Ask[string, string](t.Context(), c, k, k.ID(), callertest.Clock(), rand.Reader, "echo", "hello")
			wantKind(t, err, tt.kind, tt.text)
			if _, err := c.Info(t.Context()); err == nil {
				t.Error("Info accepted it as a node")
			}
		})
	}
	c, err := relayhttp.NewClient("http://127.0.0.1:1", relayhttp.ClientConfig{HTTP: new(http.Client)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Call(t.Context(), []byte("hello"))
	wantKind(t, err, sxp.Unavailable, "http://127.0.0.1:1 cannot be reached")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://relay.example":       true,
		"https://relay.example:8443/": true,
		"https://example.org/people":  true,
		"http://127.0.0.1:7000":       true,
		"http://localhost":            true,
		"http://[::1]:80":             true,
		"http://abcdef.onion":         true,
		"http://relay.example":        false,
		"http://127.evil.example":     false,
		"relay.example":               false,
		"ftp://relay.example":         false,
		"https://":                    false,
		"https://a:b@relay.example":   false,
		"https://relay.example/?a=b":  false,
		"":                            false,
		"https://relay.example:port":  false,
	} {
		_, err := relayhttp.NewClient(address, relayhttp.ClientConfig{})
		_, serr := relayhttp.NewSession(relayhttp.SessionConfig{Address: address})
		if (err == nil) != ok || (serr == nil) != ok {
			t.Errorf("%q: %v, %v; want accepted: %t", address, err, serr, ok)
		}
		if !ok && sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%q: kind %q, want %q", address, sxp.KindOf(err), sxp.Invalid)
		}
	}
	if _, err := relayhttp.NewClient("http://relay.example", relayhttp.ClientConfig{Plain: true}); err != nil {
		t.Errorf("plain http where it is allowed: %v", err)
	}
}

func TestSessionsAreRefusedToWhoIsNotWhoTheySay(t *testing.T) {
	t.Parallel()
	n := node(t)
	h := serve(t, n)
	alice, mallory := callertest.NewKey(t), callertest.NewKey(t)
	session := func(change func(*relayhttp.SessionConfig)) error {
		cfg := relayhttp.SessionConfig{
			Address: h.URL, Server: n.Signer.ID(), Signer: alice, Now: callertest.Clock, Rand: rand.Reader,
			Client: relayhttp.ClientConfig{HTTP: h.Client()},
		}
		change(&cfg)
		s, err := relayhttp.NewSession(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, err = s.Call(t.Context(), []byte("hello"))
		return err
	}
	wantKind(t, session(func(c *relayhttp.SessionConfig) { c.Server = mallory.ID() }), sxp.Invalid, "not "+mallory.ID().String())
	wantKind(t, session(func(c *relayhttp.SessionConfig) { c.Signer = forger{alice, mallory} }), sxp.Invalid, "signature")
	yesterday := func() sxp.Time { return callertest.Clock().Add(-sxp.Day) }
	err := session(func(c *relayhttp.SessionConfig) { c.Now = yesterday })
	wantKind(t, err, sxp.Clock, "your clock says")
	wantKind(t, session(func(c *relayhttp.SessionConfig) { c.Address += "/elsewhere" }), sxp.Unavailable, "404")
}

// forger claims to be one and signs as another.
type forger struct{ claims, signs callertest.Key }

func (f forger) ID() sxp.ID                    { return f.claims.ID() }
func (f forger) Sign(m []byte) ([]byte, error) { return f.signs.Sign(m) }

// TestServerEndsBadSessions speaks to the server as no Session would.
func TestServerEndsBadSessions(t *testing.T) {
	t.Parallel()
	n := node(t)
	h := serve(t, n)
	dial := func(t *testing.T) *websocket.Conn {
		c, _, err := websocket.Dial(t.Context(), h.URL+relayhttp.SessionPath, &websocket.DialOptions{HTTPClient: h.Client(), Subprotocols: []string{relayhttp.Subprotocol}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.CloseNow() })
		return c
	}
	ended := func(t *testing.T, c *websocket.Conn) {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		for {
			if _, _, err := c.Read(ctx); err != nil {
				if ctx.Err() != nil {
					t.Error("the server keeps the connection")
				}
				return
			}
		}
	}
	k := callertest.NewKey(t)
	open := func(t *testing.T, c *websocket.Conn, change func(*relayhttp.Open)) {
		_, hello, err := c.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o := relayhttp.Open{Type: "open", From: k.ID(), To: n.Signer.ID(), Timestamp: callertest.Clock(), Re: envelope.Digest(hello), Key: relayhttp.ECDHKey{9}}
		change(&o)
		raw, err := envelope.Sign(k, relayhttp.TypeOpen, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(t.Context(), websocket.MessageBinary, raw); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(*relayhttp.Open){
		"to another node":         func(o *relayhttp.Open) { o.To = k.ID() },
		"of an earlier hello":     func(o *relayhttp.Open) { o.Re = sxp.Hash{1} },
		"from another":            func(o *relayhttp.Open) { o.From = n.Signer.ID() },
		"with a key that is zero": func(o *relayhttp.Open) { o.Key = relayhttp.ECDHKey{} },
	} {
		t.Run("open "+name, func(t *testing.T) {
			t.Parallel()
			c := dial(t)
			open(t, c, change)
			_, answer, err := c.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var f relay.Failure
			if signer, err := envelope.Open(answer, relay.TypeFailure, &f); err != nil || signer != n.Signer.ID() {
				t.Errorf("the answer is not a signed error: %v", err)
			}
			ended(t, c)
		})
	}
	t.Run("text instead of an open", func(t *testing.T) {
		t.Parallel()
		c := dial(t)
		_ = c.Write(t.Context(), websocket.MessageText, []byte("hello"))
		ended(t, c)
	})
	t.Run("a frame by who lacks the keys", func(t *testing.T) {
		t.Parallel()
		c := dial(t)
		open(t, c, func(*relayhttp.Open) {})
		_ = c.Write(t.Context(), websocket.MessageBinary, []byte("a frame that was not sealed"))
		ended(t, c)
	})
}

func TestServeListensUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	waits := callertest.NewWaits()
	n := callertest.NewNode(t, new(memstore.Store), waits)
	s := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, MaxConns: 3, MaxSessions: 1})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	k := callertest.NewKey(t)
	session := func() *relayhttp.Session {
		ss, err := relayhttp.NewSession(relayhttp.SessionConfig{Address: "http://" + l.Addr().String(), Server: n.Signer.ID(), Signer: k, Now: callertest.Clock, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ss.Close() })
		return ss
	}
	echo := func(c relay.Caller) error {
		_, err := relay.Ask[string, string](t.Context(), c, k, n.Signer.ID(), callertest.Clock(), rand.Reader, "echo", "hello")
		return err
	}
	one := session()
	if err := echo(one); err != nil {
		t.Fatal(err)
	}
	wantKind(t, echo(session()), sxp.Unavailable, "503") // all sessions are taken
	if err := echo(one); err != nil {
		t.Errorf("the first session afterwards: %v", err)
	}
	// All connections: the session, and two that say nothing.
	var silent []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		silent = append(silent, c)
	}
	c, err := relayhttp.NewClient("http://"+l.Addr().String(), relayhttp.ClientConfig{HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}})
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, echo(c), sxp.Unavailable, "")
	for _, c := range silent {
		_ = c.Close()
	}

	answered := make(chan error, 1)
	go func() {
		_, err := relay.Ask[bool, bool](context.Background(), one, k, n.Signer.ID(), callertest.Clock(), rand.Reader, "wait", true)
		answered <- err
	}()
	<-waits.Began
	stop()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	<-waits.Ended
	if err := <-answered; err != nil {
		wantKind(t, err, sxp.Unavailable, "")
	}
	if err := echo(one); sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("after the end: %v, want kind %q", err, sxp.Unavailable)
	}
}

func TestOneAddressAsksOnlySoOften(t *testing.T) {
	t.Parallel()
	n := node(t)
	s := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, PerSecond: 1e-9})
	raw, err := relay.Sign(callertest.NewKey(t), "echo", n.Signer.ID(), callertest.Clock(), rand.Reader, "hello")
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[int]int)
	for i := range 60 {
		q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, relayhttp.Path, bytes.NewReader(raw))
		q.Header.Set("Content-Type", relayhttp.MediaType)
		if i == 59 {
			q.RemoteAddr = "[2001:db8::1]:1" // another
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, q)
		got[w.Code]++
	}
	if got[200] != relayhttp.Burst+1 || got[429] != 59-relayhttp.Burst {
		t.Errorf("60 requests, one from another address, gave %v; want %d of 200, the others 429", got, relayhttp.Burst+1)
	}
}

func TestServeWithACertificate(t *testing.T) {
	t.Parallel()
	n := node(t)
	h := serve(t, n) // for its certificate
	s := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, TLS: &tls.Config{Certificates: h.TLS.Certificates}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	address := "https://" + l.Addr().String()
	c, err := relayhttp.NewClient(address, relayhttp.ClientConfig{HTTP: h.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Info(t.Context()); err != nil {
		t.Errorf("over TLS: %v", err)
	}
	k := callertest.NewKey(t)
	ss, err := relayhttp.NewSession(relayhttp.SessionConfig{Address: address, Server: n.Signer.ID(), Signer: k, Now: callertest.Clock, Rand: rand.Reader, Client: relayhttp.ClientConfig{HTTP: h.Client()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := relay.Ask[string, string](t.Context(), ss, k, n.Signer.ID(), callertest.Clock(), rand.Reader, "echo", "hello"); err != nil {
		t.Errorf("a session over TLS: %v", err)
	}
	unknown, err := relayhttp.NewClient(address, relayhttp.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = unknown.Info(t.Context())
	wantKind(t, err, sxp.Unavailable, "certificate")
	_ = ss.Close()
	stop()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
