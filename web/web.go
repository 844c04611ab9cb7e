// Package web serves the app to browsers: the files that `make app` built into
// dist, which the compiler puts into the program, or a page that says how to
// build them.
//
// A file of dist that has a second and third form, name.br and name.gz, is
// served compressed, and is there in these two forms only, so that the program
// stays small. The app's page runs under a strict policy: nothing inline, no
// code but from the node that served it, and no eval beyond WebAssembly. The
// page keeps its own routes behind "#", so that no link's content reaches a
// node, and every path that is no file is 404.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"sxp"
)

//go:embed all:dist
var dist embed.FS

//go:embed fallback
var fallback embed.FS

// Built reports whether this program has the app.
func Built() bool { return built(dist, "dist") }

func built(all fs.FS, dir string) bool {
	for _, name := range []string{"index.html", "index.html.gz"} {
		if _, err := fs.Stat(all, path.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Handler serves the app, or where this program has none the page that says
// how to build it.
func Handler() (http.Handler, error) {
	if Built() {
		return newSite(dist, "dist")
	}
	return newSite(fallback, "fallback")
}

// A site is the files of a folder, by path. It is never changed.
type site struct {
	files map[string]*file
	app   bool // they are the app
}

// Built reports whether the site is the app, and not the page that says how to
// build it.
func (s *site) Built() bool { return s.app }

// A file is one path in its forms. Either raw is set, or gz and with it
// perhaps br.
type file struct {
	raw, br, gz []byte
	media       string
	cache       string
	tag         string // of the content: the ETag without its form
	size        int    // of raw, or of what gz decompresses to
}

// compressed are the endings of forms, and what HTTP calls them.
var compressed = []struct{ ending, coding string }{{".br", "br"}, {".gz", "gzip"}}

func newSite(all fs.FS, dir string) (*site, error) {
	s := &site{files: make(map[string]*file), app: built(all, dir) && dir != "fallback"}
	err := fs.WalkDir(all, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(all, name)
		if err != nil {
			return err
		}
		s.add(strings.TrimPrefix(name, dir), content)
		return nil
	})
	if err != nil {
		return nil, sxp.Errorf("web.Handler", sxp.Internal, nil, "the files of the app: %w", err)
	}
	delete(s.files, "/README.md")
	for p, f := range s.files {
		if f.raw == nil && f.gz == nil {
			return nil, sxp.Errorf("web.Handler", sxp.Internal, nil, "%s is there as brotli only: not every browser reads that", p)
		}
		content := f.raw
		f.size = len(content)
		if content == nil {
			content, f.size = f.gz, sizeOf(f.gz)
		}
		sum := sha256.Sum256(content)
		f.tag = hex.EncodeToString(sum[:12])
		f.media, f.cache = mediaOf(p), cacheOf(p)
	}
	if f := s.files["/index.html"]; f != nil {
		s.files["/"] = f
	}
	return s, nil
}

// sizeHeader says how long a compressed file is once it is decompressed: the
// app shows how much of its program has arrived.
const sizeHeader = "X-Uncompressed-Length"

// sizeOf reads what a gzip file says of its content's size (RFC 1952 section 2.3.1).
func sizeOf(gz []byte) int {
	if len(gz) < 4 {
		return 0
	}
	return int(binary.LittleEndian.Uint32(gz[len(gz)-4:]))
}

// add notes one form of a file.
func (s *site) add(p string, content []byte) {
	form := path.Ext(p)
	of := strings.TrimSuffix(p, form)
	if form != ".br" && form != ".gz" {
		of, form = p, ""
	}
	f := s.files[of]
	if f == nil {
		f = new(file)
		s.files[of] = f
	}
	switch form {
	case ".br":
		f.br = content
	case ".gz":
		f.gz = content
	default:
		f.raw = content
	}
}

// mediaTypes are those of the files that an app is made of. The system's own
// table is not asked: it differs from machine to machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".wasm": "application/wasm", ".svg": "image/svg+xml",
	".png": "image/png", ".webp": "image/webp", ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

func mediaOf(p string) string {
	if t := mediaTypes[path.Ext(p)]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// hashed matches what the bundler names after its content.
var hashed = regexp.MustCompile(`^/assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

// cacheOf: what is named after its content never changes; the service worker
// must be seen at once when it does; of the rest browsers ask whether it has
// changed.
func cacheOf(p string) string {
	switch {
	case hashed.MatchString(p):
		return "public, max-age=31536000, immutable"
	case p == "/sw.js":
		return "no-store"
	}
	return "no-cache"
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w, r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		say(w, http.StatusMethodNotAllowed, "pages are only read")
		return
	}
	f := s.files[r.URL.Path]
	if f == nil {
		say(w, http.StatusNotFound, "there is nothing at this address of the node")
		return
	}
	f.serve(w, r)
}

// say answers what is no file.
func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", f.cache)
	body, coding := f.form(r.Header.Values("Accept-Encoding"))
	tag := `"` + f.tag + `"`
	if f.raw == nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
		h.Set(sizeHeader, strconv.Itoa(f.size))
		tag = `"` + f.tag + "-" + coding + `"`
	}
	h.Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if body != nil {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if r.Method == http.MethodHead {
		return
	}
	if body != nil {
		_, _ = w.Write(body)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.gz))
	if err == nil {
		_, err = io.Copy(w, plain)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the browser must not take half a file for the whole
	}
}

// form returns the bytes to send and their coding; nil bytes where gz has to
// be decompressed.
func (f *file) form(accept []string) (body []byte, coding string) {
	if f.raw != nil {
		return f.raw, ""
	}
	for _, c := range compressed {
		b := f.gz
		if c.coding == "br" {
			b = f.br
		}
		if b != nil && accepts(accept, c.coding) {
			return b, c.coding
		}
	}
	return nil, ""
}

// accepts reports whether a client takes a coding (RFC 9110 section 12.5.3).
func accepts(header []string, coding string) bool {
	others := false
	for _, list := range header {
		for _, item := range strings.Split(list, ",") {
			name, rest, _ := strings.Cut(item, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			good := quality(rest) > 0
			switch name {
			case coding:
				return good
			case "*":
				others = good
			}
		}
	}
	return others
}

// quality reads "q=0.5"; nothing is 1, nonsense 0.
func quality(param string) float64 {
	param = strings.TrimSpace(param)
	if param == "" {
		return 1
	}
	name, value, _ := strings.Cut(param, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	return q
}

// matches reports whether a client has this form already.
func matches(header []string, tag string) bool {
	for _, list := range header {
		for _, item := range strings.Split(list, ",") {
			item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
			if item == tag || item == "*" {
				return true
			}
		}
	}
	return false
}
