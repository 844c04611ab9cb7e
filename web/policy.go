package web

import (
	"net/http"
	"strings"
)

// policy is what a page of ours may do (Content Security Policy, level 3).
// Agents talk to nodes of any name over TLS, and without it to this machine
// and to onion services, as relayhttp does.
//
// Trusted types: no string becomes code. Svelte needs a policy for the HTML of
// its own templates; "default" is the app's, and passes only addresses of
// scripts of the node that served the page, for its worker and service worker.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self'",
	"img-src 'self' blob: data:",
	"font-src 'self'",
	"connect-src 'self' https: wss: http://127.0.0.1:* http://localhost:* ws://127.0.0.1:* ws://localhost:* http://*.onion:* ws://*.onion:*",
	"worker-src 'self'",
	"manifest-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types default svelte-trusted-html",
}, "; ")

// permissions are what of the device a page may ask its person for: the camera
// for QR codes, the place for what is near; all else that browsers have a name
// for is off.
var permissions = strings.Join([]string{
	"camera=(self)", "geolocation=(self)", "clipboard-write=(self)",
	"publickey-credentials-create=(self)", "publickey-credentials-get=(self)",
	"accelerometer=()", "autoplay=()", "browsing-topics=()", "clipboard-read=()",
	"display-capture=()", "encrypted-media=()", "fullscreen=()", "gamepad=()", "gyroscope=()", "hid=()", "identity-credentials-get=()", "idle-detection=()",
	"local-fonts=()", "magnetometer=()", "microphone=()", "midi=()", "otp-credentials=()", "payment=()", "picture-in-picture=()", "screen-wake-lock=()", "serial=()",
	"speaker-selection=()", "storage-access=()", "usb=()", "window-management=()", "xr-spatial-tracking=()",
}, ", ")

// protect sets what every answer carries, refusals included.
func protect(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", permissions)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Origin-Agent-Cluster", "?1")
	h.Set("X-Frame-Options", "DENY")                    // for browsers that do not know frame-ancestors
	if r.TLS != nil && !strings.Contains(r.Host, ":") { // it binds all ports of the host, of which others may be somebody else's
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
