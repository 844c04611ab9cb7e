//go:build !js

package relayhttp_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/relayhttp"
)

// TestPagesOfAnyOriginMayAsk: every answer of the API, refusals included, can
// be read by a page of another origin, is kept nowhere and runs nowhere.
func TestPagesOfAnyOriginMayAsk(t *testing.T) {
	t.Parallel()
	n := node(t)
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the app") })
	server := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, Other: page, PerSecond: 1e-9})
	h := httptest.NewServer(server)
	t.Cleanup(func() {
		_ = server.Close()
		h.Close()
	})
	many := make([]string, relayhttp.Burst) // more than this is refused
	for i := range many {
		many[i] = http.MethodPost
	}
	for _, tt := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"preflight", http.MethodOptions, relayhttp.Path, "", 204},
		{"preflight of sessions", http.MethodOptions, relayhttp.SessionPath, "", 204},
		{"info", http.MethodGet, relayhttp.Path, "", 200},
		{"info without body", http.MethodHead, relayhttp.Path, "", 200},
		{"no such method", http.MethodPut, relayhttp.Path, "", 405},
		{"no such path", http.MethodGet, relayhttp.Path + "/none", "", 404},
		{"a wrong type", http.MethodPost, relayhttp.Path, "x", 415},
		{"no WebSocket", http.MethodGet, relayhttp.SessionPath, "", 426},
		{"too many", "burst", relayhttp.Path, "", 429},
	} {
		if tt.method == "burst" {
			for range many {
				do(t, http.MethodPost, h.URL+tt.path, "")
			}
			tt.method = http.MethodPost
		}
		r := do(t, tt.method, h.URL+tt.path, tt.body)
		if r.StatusCode != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, r.StatusCode, tt.want)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After", "Access-Control-Max-Age": "86400",
			"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Access-Control-Allow-Private-Network": "true",
			"Access-Control-Allow-Credentials": "",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, got, want)
			}
		}
		for _, m := range []string{"GET", "POST"} {
			if !strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), m) {
				t.Errorf("%s: pages may not use %s: %v", tt.name, m, r.Header)
			}
		}
		if !strings.Contains(r.Header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: pages may not say the content type: %v", tt.name, r.Header)
		}
	}
}

func do(t *testing.T, method, url, body string) *http.Response {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Origin", "https://elsewhere.example")
	q.Header.Set("Access-Control-Request-Private-Network", "true")
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r
}

// TestRefusedConnectionsCanBeRead: also when all places are taken.
func TestRefusedConnectionsCanBeRead(t *testing.T) {
	n := node(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, MaxConns: 1})
	go func() { _ = server.Serve(t.Context(), l) }()
	first, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	r, err := http.ReadResponse(bufio.NewReader(second), nil) // the node does not wait for a request
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != 503 || r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, headers %v", r.StatusCode, r.Header)
	}
}

// TestInfoCarriesTheOffer: what an operator offers reaches who asks, under the
// names that pages use.
func TestInfoCarriesTheOffer(t *testing.T) {
	t.Parallel()
	n := node(t)
	want := relayhttp.Info{
		Name: "hub", Address: "https://hub.example#" + n.Signer.ID().String(), Version: "1", Services: []string{"relay", "board"}, App: true,
		Offer: &relayhttp.Offer{Accounts: relay.Invited, QuotaRecords: 7, QuotaMiB: 8, MaxTTL: 9 * sxp.Day, Price: "an apple a month", Terms: "be kind"},
	}
	server := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, Info: want, Now: callertest.Clock})
	h := httptest.NewTLSServer(server)
	t.Cleanup(h.Close)
	got, err := newClient(t, h).Info(t.Context())
	want.ID, want.Time = n.Signer.ID(), got.Time
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Info: %v, (-want +got)\n%s", err, d)
	}
	r, err := h.Client().Get(h.URL + relayhttp.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var names struct{ Offer map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&names); err != nil {
		t.Fatal(err)
	}
	offer := map[string]any{"accounts": "invited", "quotaRecords": 7.0, "quotaMiB": 8.0, "maxTTL": float64(9 * sxp.Day), "price": "an apple a month", "terms": "be kind"}
	if d := cmp.Diff(offer, names.Offer); d != "" {
		t.Errorf("the offer in JSON (-want +got)\n%s", d)
	}
}

// TestLocalNodeIsOfThisMachine: no website reads which node runs on a person's
// machine, or uses it, by a request of the browser there or by a name that it
// points to the machine.
func TestLocalNodeIsOfThisMachine(t *testing.T) {
	t.Parallel()
	n := node(t)
	server := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, Local: true})
	t.Cleanup(func() { _ = server.Close() })
	for _, tt := range []struct {
		name, host, origin string
		want               int
	}{
		{"a program", "127.0.0.1:8440", "", 200},
		{"the node's own app", "127.0.0.1:8440", "http://127.0.0.1:8440", 200},
		{"the app of another node here", "[::1]:8440", "http://localhost:8441", 200},
		{"a website", "127.0.0.1:8440", "https://evil.example", 403},
		{"a website that looks like this machine", "127.0.0.1:8440", "https://127.evil.example", 403},
		{"a page without an origin", "127.0.0.1:8440", "null", 403},
		{"a name that points here", "evil.example:8440", "", 403},
		{"its page", "evil.example:8440", "http://evil.example:8440", 403},
	} {
		for _, path := range []string{relayhttp.Path, relayhttp.SessionPath} {
			for _, method := range []string{http.MethodGet, http.MethodOptions} {
				r := httptest.NewRequest(method, path, nil)
				r.Host = tt.host
				if tt.origin != "" {
					r.Header.Set("Origin", tt.origin)
				}
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if (w.Code == 403) != (tt.want == 403) || tt.want == 403 && w.Header().Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s: %s %s: status %d, allowed %q", tt.name, method, path, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
				}
			}
		}
	}
}
