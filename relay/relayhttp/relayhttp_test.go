//go:build !js

package relayhttp_test

import (
	"crypto/rand"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/memstore"
	"sxp/relay/relayhttp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a TLS server in front of n.
func serve(tb testing.TB, n *callertest.Node) *httptest.Server {
	tb.Helper()
	s := relayhttp.NewServer(relayhttp.ServerConfig{Handler: n.Router, Signer: n.Signer, Info: relayhttp.Info{Name: "test", Services: []string{"relay"}}})
	h := httptest.NewTLSServer(s)
	tb.Cleanup(func() {
		_ = s.Close()
		h.Close()
	})
	return h
}

func newClient(tb testing.TB, h *httptest.Server) *relayhttp.Client {
	tb.Helper()
	c, err := relayhttp.NewClient(h.URL, relayhttp.ClientConfig{HTTP: h.Client()})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func newSession(tb testing.TB, h *httptest.Server, n *callertest.Node, who envelope.Signer) *relayhttp.Session {
	tb.Helper()
	s, err := relayhttp.NewSession(relayhttp.SessionConfig{
		Address: h.URL, Server: n.Signer.ID(), Signer: who, Now: callertest.Clock, Rand: rand.Reader,
		Client: relayhttp.ClientConfig{HTTP: h.Client()},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func TestClient(t *testing.T) {
	callertest.Run(t, empty, func(t *testing.T, n *callertest.Node, _ envelope.Signer) relay.Caller {
		return newClient(t, serve(t, n))
	})
}

func TestSession(t *testing.T) {
	callertest.Run(t, empty, func(t *testing.T, n *callertest.Node, who envelope.Signer) relay.Caller {
		return newSession(t, serve(t, n), n, who)
	})
}

func empty() callertest.Storage { return new(memstore.Store) }
