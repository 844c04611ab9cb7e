package web

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const wasm = "\x00asm and so on"

// app is a site such as the bundler makes it.
func app(t *testing.T) *site {
	t.Helper()
	s, err := newSite(fstest.MapFS{
		"dist/README.md":                  {Data: []byte("for contributors")},
		"dist/index.html":                 {Data: []byte("<!doctype html><title>SXP</title>")},
		"dist/assets/index-BQa3_x-9.js":   {Data: []byte("1")},
		"dist/assets/plain.css":           {Data: []byte("a{}")},
		"dist/sw.js":                      {Data: []byte("2")},
		"dist/manifest.webmanifest":       {Data: []byte("{}")},
		"dist/icon.svg":                   {Data: []byte("<svg/>")},
		"dist/photo.bin":                  {Data: []byte{1}},
		"dist/sxp.wasm.br":                {Data: []byte("brotli")},
		"dist/sxp.wasm.gz":                {Data: zipped(t, wasm)},
		"dist/lang/only-DjZ0aaaa.json.gz": {Data: zipped(t, "{}")},
	}, "dist")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ask returns the answer to a request with these headers, as name, value, …
func ask(h http.Handler, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTypesAndCaching(t *testing.T) {
	t.Parallel()
	const forever = "public, max-age=31536000, immutable"
	s := app(t)
	for path, want := range map[string][2]string{
		"/":                          {"text/html; charset=utf-8", "no-cache"},
		"/index.html":                {"text/html; charset=utf-8", "no-cache"},
		"/assets/index-BQa3_x-9.js":  {"text/javascript; charset=utf-8", forever},
		"/assets/plain.css":          {"text/css; charset=utf-8", "no-cache"},
		"/sw.js":                     {"text/javascript; charset=utf-8", "no-store"},
		"/manifest.webmanifest":      {"application/manifest+json", "no-cache"},
		"/icon.svg":                  {"image/svg+xml", "no-cache"},
		"/photo.bin":                 {"application/octet-stream", "no-cache"},
		"/sxp.wasm":                  {"application/wasm", "no-cache"},
		"/lang/only-DjZ0aaaa.json":   {"application/json", "no-cache"},
		"/?utm=1":                    {"text/html; charset=utf-8", "no-cache"},
		"/assets/index-BQa3_x-9.js?": {"text/javascript; charset=utf-8", forever},
	} {
		r := ask(s, "GET", path)
		if got := [2]string{r.Header.Get("Content-Type"), r.Header.Get("Cache-Control")}; r.StatusCode != 200 || got != want {
			t.Errorf("%s: status %d, %q, want 200, %q", path, r.StatusCode, got, want)
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := app(t)
	gz := string(zipped(t, wasm))
	for _, tt := range []struct{ accept, coding, body string }{
		{"gzip, deflate, br, zstd", "br", "brotli"},
		{"br;q=0.1, gzip", "br", "brotli"},
		{"BR", "br", "brotli"},
		{"*", "br", "brotli"},
		{"gzip", "gzip", gz},
		{"br;q=0, gzip;q=1.0", "gzip", gz},
		{"br; q=0, *", "gzip", gz},
		{"br;level=3, gzip", "gzip", gz},
		{"", "", wasm},
		{"identity", "", wasm},
		{"*;q=0", "", wasm},
		{"deflate, brx", "", wasm},
	} {
		r := ask(s, "GET", "/sxp.wasm", "Accept-Encoding", tt.accept)
		if got := r.Header.Get("Content-Encoding"); got != tt.coding || text(t, r) != tt.body {
			t.Errorf("%q: coding %q, want %q", tt.accept, got, tt.coding)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: caches are not told what the form depends on", tt.accept)
		}
	}
	if r := ask(s, "GET", "/index.html", "Accept-Encoding", "br"); r.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(text(t, r), "<!doctype") {
		t.Errorf("a file without forms: %v", r.Header)
	}
	if got := text(t, ask(s, "GET", "/lang/only-DjZ0aaaa.json", "Accept-Encoding", "br")); got != "{}" {
		t.Errorf("a file without brotli: %q", got)
	}
	for _, path := range []string{"/sxp.wasm.br", "/sxp.wasm.gz"} {
		if r := ask(s, "GET", path); r.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404: forms are no files", path, r.StatusCode)
		}
	}
	if _, err := newSite(fstest.MapFS{"d/a.js.br": {Data: []byte("x")}}, "d"); err == nil {
		t.Error("a file that not every browser can read is served")
	}
}

// TestDamagedFormIsNoFile: a browser never takes the start of a file for all of it.
func TestProgramsSayHowLongTheyAre(t *testing.T) {
	t.Parallel()
	s := app(t)
	for accept, want := range map[string]string{"br": strconv.Itoa(len(wasm)), "gzip": strconv.Itoa(len(wasm)), "": ""} {
		r := ask(s, "GET", "/sxp.wasm", "Accept-Encoding", accept)
		if got := r.Header.Get(sizeHeader); got != want {
			t.Errorf("with %q: %s is %q, want %q", accept, sizeHeader, got, want)
		}
	}
}

func TestDamagedFormIsNoFile(t *testing.T) {
	t.Parallel()
	gz := zipped(t, strings.Repeat("all of it ", 10_000))
	s, err := newSite(fstest.MapFS{"d/a.js.gz": {Data: gz[:len(gz)/2]}}, "d")
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	q, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+"/a.js", nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Accept-Encoding", "identity")
	r, err := h.Client().Do(q)
	if err == nil {
		_, err = io.ReadAll(r.Body)
		r.Body.Close()
	}
	if err == nil {
		t.Error("half a file looks like a whole one")
	}
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := app(t)
	seen := make(map[string]bool)
	for _, accept := range []string{"br", "gzip", "identity"} {
		tag := ask(s, "GET", "/sxp.wasm", "Accept-Encoding", accept).Header.Get("ETag")
		if seen[tag] || !regexp.MustCompile(`^"[0-9a-f]{24}(-br|-gzip)?"$`).MatchString(tag) {
			t.Errorf("%s: ETag %s: each form has its own", accept, tag)
		}
		seen[tag] = true
		for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			r := ask(s, "GET", "/sxp.wasm", "Accept-Encoding", accept, "If-None-Match", match)
			if r.StatusCode != 304 || text(t, r) != "" || r.Header.Get("ETag") != tag || r.Header.Get("Cache-Control") == "" || r.Header.Get("Content-Encoding") != "" {
				t.Errorf("%s with If-None-Match %s: status %d, %v", accept, match, r.StatusCode, r.Header)
			}
		}
		if r := ask(s, "GET", "/sxp.wasm", "Accept-Encoding", accept, "If-None-Match", `"other"`); r.StatusCode != 200 {
			t.Errorf("%s changed: status %d", accept, r.StatusCode)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := app(t)
	for _, path := range []string{"/", "/sxp.wasm"} {
		get := ask(s, "GET", path, "Accept-Encoding", "gzip")
		head := ask(s, "HEAD", path, "Accept-Encoding", "gzip")
		if head.StatusCode != 200 || text(t, head) != "" || head.Header.Get("Content-Length") == "" {
			t.Errorf("%s: status %d, %v", path, head.StatusCode, head.Header)
		}
		for _, name := range []string{"Content-Length", "Content-Type", "ETag", "Content-Encoding", "Cache-Control"} {
			if head.Header.Get(name) != get.Header.Get(name) {
				t.Errorf("%s: %s is %q, with GET %q", path, name, head.Header.Get(name), get.Header.Get(name))
			}
		}
	}
}

func TestWhatIsNoFile(t *testing.T) {
	t.Parallel()
	s := app(t)
	for _, path := range []string{"/none", "/README.md", "/assets", "/assets/", "/index.html/", "//index.html", "/../web.go", "/assets/../index.html", "/%2e%2e/web.go", "/dist/index.html"} {
		r := ask(s, "GET", path)
		if r.StatusCode != 404 || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, %v", path, r.StatusCode, r.Header)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		if r := ask(s, method, "/"); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" || r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: status %d, %v", method, r.StatusCode, r.Header)
		}
	}
}

// TestPolicy: every answer, refusals included, says what a page may do.
func TestPolicy(t *testing.T) {
	t.Parallel()
	s := app(t)
	for _, ask := range []*http.Response{ask(s, "GET", "/"), ask(s, "GET", "/sw.js"), ask(s, "GET", "/none"), ask(s, "POST", "/"), ask(s, "GET", "/", "If-None-Match", "*")} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
			"Strict-Transport-Security": "", "Access-Control-Allow-Origin": "",
		} {
			if got := ask.Header.Get(name); got != want {
				t.Errorf("%d: %s is %q, want %q", ask.StatusCode, name, got, want)
			}
		}
		rules := make(map[string]string)
		for _, rule := range strings.Split(ask.Header.Get("Content-Security-Policy"), "; ") {
			name, value, _ := strings.Cut(rule, " ")
			rules[name] = value
		}
		for name, want := range map[string]string{
			"default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "style-src": "'self'", "img-src": "'self' blob: data:", "worker-src": "'self'",
			"manifest-src": "'self'", "font-src": "'self'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
			"require-trusted-types-for": "'script'", "trusted-types": "default svelte-trusted-html",
		} {
			if rules[name] != want {
				t.Errorf("%d: %s is %q, want %q", ask.StatusCode, name, rules[name], want)
			}
		}
		for _, bad := range []string{"unsafe-inline", "'unsafe-eval'", "'allow-duplicates'"} {
			if strings.Contains(ask.Header.Get("Content-Security-Policy"), bad) {
				t.Errorf("the policy has %s", bad)
			}
		}
		may := ask.Header.Get("Permissions-Policy")
		for _, want := range []string{"camera=(self)", "geolocation=(self)", "microphone=()", "payment=()", "usb=()"} {
			if !strings.Contains(may, want) {
				t.Errorf("Permissions-Policy lacks %s: %s", want, may)
			}
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = new(tls.ConnectionState)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if got := w.Result().Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("over TLS Strict-Transport-Security is %q", got)
	}
	r.Host, w = "nas.lan:8440", httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if got := w.Result().Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("at a port of its own a node forbids plain HTTP at the others: %q", got)
	}
}

// TestFallback: without the app a page says how to build it, under the same
// policy, which its files keep.
func TestFallback(t *testing.T) {
	t.Parallel()
	s, err := newSite(fallback, "fallback")
	if err != nil {
		t.Fatal(err)
	}
	r := ask(s, "GET", "/")
	page := text(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "make build") || r.Header.Get("Content-Security-Policy") != policy {
		t.Errorf("status %d, %v\n%s", r.StatusCode, r.Header, page)
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if r := ask(s, "GET", "/"+m[1]); r.StatusCode != 200 {
			t.Errorf("the page names %s: status %d", m[1], r.StatusCode)
		}
	}
	for _, bad := range []string{"<script", "<style", "style=", "onclick="} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q, which its policy forbids", bad)
		}
	}
	if s.Built() || !app(t).Built() {
		t.Error("a site does not say whether it is the app")
	}
	if built(fallback, "dist") || !built(fstest.MapFS{"dist/index.html.gz": {}}, "dist") || !built(fstest.MapFS{"dist/index.html": {}}, "dist") {
		t.Error("Built does not say whether the app is there")
	}
}

// TestHandler: whatever this program was built with, its front page is there
// and keeps the policy.
func TestHandler(t *testing.T) {
	t.Parallel()
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	r := ask(h, "GET", "/")
	page := text(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "<title>") || strings.Contains(page, "<style") {
		t.Errorf("status %d\n%s", r.StatusCode, page)
	}
	if !Built() {
		t.Skip("this build has no app (make app); the page that says so was tested")
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="\./([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if r := ask(h, "GET", "/"+m[1]); r.StatusCode != 200 {
			t.Errorf("the app's page names %s: status %d", m[1], r.StatusCode)
		}
	}
	if inline := regexp.MustCompile(`<script(?: [^>]*)?>[^<]+</script>`).FindString(page); inline != "" {
		t.Errorf("the app's page has a script that its policy forbids: %s", inline)
	}
}
