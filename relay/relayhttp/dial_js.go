package relayhttp

import (
	"net/http"

	"github.com/coder/websocket"
)

// dialOptions: in a browser, the browser connects.
func dialOptions(*http.Client) *websocket.DialOptions {
	return &websocket.DialOptions{Subprotocols: []string{Subprotocol}}
}

// newTransport: in a browser, the browser connects.
func newTransport() http.RoundTripper { return nil }
