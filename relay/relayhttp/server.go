//go:build !js

package relayhttp

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A ServerConfig has what a Server depends on.
type ServerConfig struct {
	// Handler answers requests. If it is a relay.SessionHandler, as a
	// relay.Router is, the server also offers sessions.
	Handler relay.Handler

	// Signer has the node's key, with which Handler signs too.
	Signer envelope.Signer

	// Info is told to whoever asks; ID and Time are filled in.
	Info Info

	Now         func() sxp.Time // the node's clock; nil is the machine's
	Rand        io.Reader       // nil is the machine's secure generator
	MaxConns    int             // connections at a time, sessions included; 0 is 10,000
	MaxSessions int             // sessions at a time; 0 is 5,000
	PerSecond   float64         // requests and new sessions from one address, a second on average; 0 is any number
	Log         *slog.Logger    // nil logs nothing
	TLS         *tls.Config     // with certificates; nil serves plain HTTP, for a proxy or this machine
	Other       http.Handler    // answers other paths; nil answers 404

	// Below answers paths below Path, such as Path + "/market/…": data that
	// anybody may read without a signature, for pages of every origin. What it
	// writes must end with the request's context. nil answers 404.
	Below http.Handler

	// Local is for a node that only this machine reaches. Any website can make
	// a browser ask this machine; it must not learn from the answers which node
	// runs here, or use it.
	Local bool
}

// How long a client may take.
const (
	headTime     = 10 * time.Second // to send a request's head, and to open a session
	bodyTime     = 60 * time.Second // to send a request
	idleTime     = 2 * time.Minute  // to send the next one
	writeTime    = 60 * time.Second // to take a frame of answers
	callTime     = 3 * time.Minute  // for all of one POST, a listen's waiting included
	pingTime     = 30 * time.Second // between signs of life in a session
	shutdownTime = 10 * time.Second // to finish what is under way when the server stops
)

// A Server is the node's end of Client and Session. It is an http.Handler;
// Serve also listens. It is safe for concurrent use.
type Server struct {
	cfg      ServerConfig
	sessions chan struct{} // a place for each
	mux      *http.ServeMux

	rates rates

	mu      sync.Mutex
	open    map[*session]struct{}
	stopped bool
	running sync.WaitGroup
}

// NewServer returns a Server for one node.
func NewServer(cfg ServerConfig) *Server {
	if cfg.Now == nil {
		cfg.Now = func() sxp.Time { return sxp.TimeOf(time.Now()) }
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 10_000
	}
	if cfg.MaxSessions == 0 {
		cfg.MaxSessions = 5_000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, sessions: make(chan struct{}, cfg.MaxSessions), mux: http.NewServeMux(), open: make(map[*session]struct{})}
	s.rates.perSecond = rate.Limit(cfg.PerSecond)
	s.mux.HandleFunc(Path, s.serve)
	s.mux.HandleFunc(SessionPath, s.serveSession)
	s.mux.HandleFunc(Path+"/", s.serveBelow) // never a page
	if cfg.Other != nil {
		s.mux.Handle("/", cfg.Other)
	} else {
		s.mux.HandleFunc("/", noSuchPath)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Local && !FromMachine(r) {
		refuse(w, http.StatusForbidden, sxp.Denied, "this node serves its own machine only: it was given no public address")
		return
	}
	if at, ok := addressOf(r); ok {
		r = r.WithContext(context.WithValue(r.Context(), originKey{}, at))
	}
	s.mux.ServeHTTP(w, r)
}

// FromMachine reports whether a request that reached this machine was meant for
// it: not for a name that somebody points here (DNS rebinding), and not by a
// page of elsewhere.
func FromMachine(r *http.Request) bool {
	if u, err := url.Parse("http://" + r.Host); r.Host != "" && (err != nil || !OnMachine(u.Hostname())) {
		return false
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || !OnMachine(u.Hostname()) {
			return false
		}
	}
	return true
}

// Serve serves connections of l until ctx ends; then it finishes what is under
// way, for at most ten seconds, closes all and returns nil. It closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	l = &limited{Listener: l, places: make(chan struct{}, s.cfg.MaxConns)}
	if s.cfg.TLS != nil {
		c := s.cfg.TLS.Clone()
		c.MinVersion = max(c.MinVersion, tls.VersionTLS13)
		c.NextProtos = slices.DeleteFunc(append([]string{"http/1.1"}, c.NextProtos...), func(p string) bool { return p == "h2" }) // WebSocket needs http/1.1
		l = tls.NewListener(l, c)
	}
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headTime, ReadTimeout: bodyTime, WriteTimeout: callTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends listen requests too
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		return sxp.Errorf("relayhttp.Serve", sxp.Unavailable, nil, "%w", err)
	case <-ctx.Done():
	}
	deadline, stop := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer stop()
	err := h.Shutdown(deadline)
	s.closeSessions()
	<-failed
	if errors.Is(err, context.DeadlineExceeded) {
		err = h.Close()
	}
	return err
}

// Close ends all sessions and refuses new ones: for servers that are used as
// an http.Handler. Serve does it by itself.
func (s *Server) Close() error { s.closeSessions(); return nil }

func (s *Server) closeSessions() {
	s.mu.Lock()
	s.stopped = true
	for ss := range s.open {
		ss.stop()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// noSuchPath answers what asks for nothing that is here.
func noSuchPath(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w, r)
	refuse(w, http.StatusNotFound, sxp.NotFound, "requests go to "+Path)
}

// serveBelow answers what Below does, under the rules of all requests.
func (s *Server) serveBelow(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Below == nil {
		noSuchPath(w, r)
		return
	}
	allowOrigins(w, r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if s.rates.allow(w, r) {
		s.cfg.Below.ServeHTTP(w, r)
	}
}

// Refuse answers an HTTP request with an error as all of a node's refusals
// look: {"kind", "text"}, with the status that fits the kind.
func Refuse(w http.ResponseWriter, err error) {
	kind, text := sxp.KindOf(err), sxp.Reason(err)
	status := http.StatusBadRequest
	switch kind {
	case sxp.NotFound:
		status = http.StatusNotFound
	case sxp.Denied:
		status = http.StatusForbidden
	case sxp.TooLarge:
		status = http.StatusRequestEntityTooLarge
	case sxp.Busy, sxp.Unavailable, sxp.Full:
		w.Header().Set("Retry-After", "10")
		status = http.StatusServiceUnavailable
	case sxp.Unsupported:
		status = http.StatusNotImplemented
	case sxp.Internal:
		status, text = http.StatusInternalServerError, "something is broken at this node; its operator's log says what"
	}
	refuse(w, status, kind, text)
}

// refuse answers what is no request.
func refuse(w http.ResponseWriter, status int, kind sxp.Kind, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{kind, text})
}

// allowOrigins lets pages of any origin ask and read the answers, errors
// included: requests are signed, no cookie and no address gives a right. An
// answer is data, so nothing in it may be run or framed as a page.
func allowOrigins(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Content-Type, Accept")
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	h.Set("Access-Control-Max-Age", "86400")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true") // a node on this machine or in the house
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w, r)
	switch r.Method {
	case http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet, http.MethodHead:
		info := s.cfg.Info
		info.ID, info.Time = s.cfg.Signer.ID(), s.cfg.Now()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(info)
	case http.MethodPost:
		s.post(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, OPTIONS")
		refuse(w, http.StatusMethodNotAllowed, sxp.Unsupported, "send requests with POST")
	}
}

// post answers one request. What is not a signed message costs no signature.
func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	if !s.rates.allow(w, r) {
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != MediaType {
		refuse(w, http.StatusUnsupportedMediaType, sxp.Invalid, "the content type must be "+MediaType)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, sxp.MaxMessage))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, sxp.TooLarge, tooLarge.Error())
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, sxp.Invalid, "the request was cut off")
		return
	}
	if _, _, err := envelope.Peek(raw); err != nil {
		refuse(w, http.StatusBadRequest, sxp.KindOf(err), "the body is not a signed message: "+sxp.Reason(err))
		return
	}
	answer := s.cfg.Handler.Handle(r.Context(), s.cfg.Now(), raw)
	if answer == nil {
		refuse(w, http.StatusInternalServerError, sxp.Internal, "the node cannot sign its answer")
		return
	}
	w.Header().Set("Content-Type", MediaType)
	_, _ = w.Write(answer) // who went away asks again
}

// limited is a listener that has only so many connections open at a time;
// more wait to be accepted.
type limited struct {
	net.Listener
	places chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	select {
	case l.places <- struct{}{}:
		return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.places })}, nil
	default:
	}
	// All places are taken: a refusal is better than silence.
	_ = c.SetDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nRetry-After: 10\r\nConnection: close\r\n\r\n")
	_ = c.Close()
	return l.Accept()
}

type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
