//go:build !js

package relayhttp

import (
	"net/http"

	"github.com/coder/websocket"
)

func dialOptions(h *http.Client) *websocket.DialOptions {
	return &websocket.DialOptions{HTTPClient: h, Subprotocols: []string{Subprotocol}}
}

// newTransport keeps as many connections to a node as one client uses at a
// time; the standard library keeps two.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}
