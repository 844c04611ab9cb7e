package node

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"sxp"
)

// Where a node's certificate comes from: Config.TLS. Browsers run the app only
// over TLS or on the machine of the node itself. That the node is the right
// one is not for the certificate to say: its address carries its key.
const (
	TLSNone  = "none"  // plain HTTP: for this machine, a proxy, or an onion service
	TLSFiles = "files" // two PEM files, read anew when they change
	TLSACME  = "acme"  // from an authority that checks the public name (RFC 8555)
	TLSSelf  = "self"  // from the node's own authority, which people install on their devices
)

// tlsMode is Config.TLS with its default.
func (c *Config) tlsMode() string {
	switch {
	case c.TLS != "":
		return c.TLS
	case c.TLSCert != "" || c.TLSKey != "":
		return TLSFiles
	}
	return TLSNone
}

func (c *Config) checkTLS(s *settings) error {
	const op = "node.Open"
	mode := c.tlsMode()
	if mode != TLSFiles && (c.TLSCert != "" || c.TLSKey != "") {
		return sxp.Errorf(op, sxp.Invalid, nil, "tls: %q and tls_cert, tls_key do not go together", mode)
	}
	if mode != TLSSelf && len(c.TLSNames) > 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "tls_names: only where tls is %q", TLSSelf)
	}
	if mode != TLSACME && (c.ACMEEmail != "" || c.ACMEDirectory != "") {
		return sxp.Errorf(op, sxp.Invalid, nil, "acme_email and acme_directory: only where tls is %q", TLSACME)
	}
	switch mode {
	case TLSNone:
		return nil
	case TLSFiles:
		if c.TLSCert == "" || c.TLSKey == "" {
			return sxp.Errorf(op, sxp.Invalid, nil, "tls_cert and tls_key go together: one is missing")
		}
		f := &fileCert{cert: c.TLSCert, key: c.TLSKey, log: c.Log}
		if err := f.load(); err != nil {
			return sxp.Errorf(op, sxp.Invalid, nil, "tls_cert %s and tls_key %s: %w", c.TLSCert, c.TLSKey, err)
		}
		s.tls = &tls.Config{GetCertificate: f.get, MinVersion: tls.VersionTLS13}
		return nil
	case TLSACME:
		return c.checkACME(s)
	case TLSSelf:
		for _, name := range c.TLSNames {
			if net.ParseIP(name) == nil && !isHost(name) {
				return sxp.Errorf(op, sxp.Invalid, nil, "tls_names: %q is neither a host's name nor an IP address", name)
			}
		}
		return nil // needs the folder: selfTLS
	}
	return sxp.Errorf(op, sxp.Invalid, nil, "tls: %q is none of %s, %s, %s, %s", mode, TLSNone, TLSFiles, TLSACME, TLSSelf)
}

// hostName is a name as DNS has them; others are written in their ASCII form.
var hostName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$`)

func isHost(s string) bool { return len(s) <= 253 && hostName.MatchString(s) }

// checkACME makes the settings for a certificate from an authority. It proves
// that the name is the node's by answering on port 443 of it (RFC 8737), so
// that no second port is needed.
func (c *Config) checkACME(s *settings) error {
	const op = "node.Open"
	u, err := url.Parse(c.Public)
	if c.Public == "" || err != nil || u.Scheme != "https" || net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".") || !isHost(u.Hostname()) {
		return sxp.Errorf(op, sxp.Invalid, nil, "tls: %q needs public to be https:// and a name that the whole Internet knows, not %q", TLSACME, c.Public)
	}
	if c.ACMEDirectory != "" {
		if d, err := url.Parse(c.ACMEDirectory); err != nil || d.Scheme != "https" || d.Host == "" {
			return sxp.Errorf(op, sxp.Invalid, nil, "acme_directory: %q is no https address", c.ACMEDirectory)
		}
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(c.Dir, "acme")), HostPolicy: autocert.HostWhitelist(u.Hostname()), Email: c.ACMEEmail,
		Client: &acme.Client{DirectoryURL: c.ACMEDirectory, HTTPClient: c.acmeHTTP, UserAgent: "sxp"},
	}
	if c.ACMEDirectory == "" {
		m.Client.DirectoryURL = autocert.DefaultACMEDirectory
	}
	get := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := m.GetCertificate(hello)
		if err != nil && hello.ServerName == u.Hostname() {
			c.Log.Warn("no TLS certificate could be had", "name", hello.ServerName, "err", err)
		}
		return cert, err
	}
	s.tls = &tls.Config{GetCertificate: get, MinVersion: tls.VersionTLS13, NextProtos: []string{acme.ALPNProto}}
	return nil
}

// fetch asks for the certificate of the public name once the node serves, so
// that the first visitor does not wait for it and the operator reads at once
// why there is none. The authority may take minutes; nobody waits.
func (s *Server) fetch() {
	u, err := url.Parse(s.cfg.Public)
	if err != nil || s.cfg.tlsMode() != TLSACME {
		return
	}
	_, _ = s.tls.GetCertificate(&tls.ClientHelloInfo{ // as of a browser; what fails is logged
		ServerName: u.Hostname(), SupportedCurves: []tls.CurveID{tls.CurveP256}, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedProtos: []string{"http/1.1"},
	})
}

// lookEvery is how often the certificate's files are looked at.
const lookEvery = time.Second

// A fileCert is a certificate in two files. It is safe for concurrent use.
type fileCert struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	of     [2]time.Time // when the files of loaded were changed
	tried  [2]time.Time // when those were changed that could not be loaded
	looked time.Time
}

// changed returns when the two files were.
func (f *fileCert) changed() (at [2]time.Time, err error) {
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}

// load reads the files. Before the first get, or with mu held.
func (f *fileCert) load() error {
	at, err := f.changed()
	if err != nil {
		return err
	}
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		f.tried = at
		return err
	}
	f.loaded, f.of = &c, at
	if c.Leaf != nil && time.Now().After(c.Leaf.NotAfter) {
		f.log.Warn("the TLS certificate has expired: others will refuse this node", "file", f.cert, "until", c.Leaf.NotAfter)
	}
	return nil
}

// get is tls.Config.GetCertificate: a renewed certificate is used as soon as
// both files fit; until then the old one is.
func (f *fileCert) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= lookEvery {
		f.looked = now
		if at, err := f.changed(); err == nil && at != f.of && at != f.tried {
			if err := f.load(); err != nil {
				f.log.Warn("the renewed TLS certificate cannot be used, the old one goes on", "file", f.cert, "err", err)
			} else {
				f.log.Info("the TLS certificate was renewed", "file", f.cert, "until", f.loaded.Leaf.NotAfter)
			}
		}
	}
	return f.loaded, nil
}

// warnPlain says what it means to listen without TLS where others can reach
// the port. Behind a proxy that speaks TLS the public address says so.
func (s *Server) warnPlain() {
	host, _, err := net.SplitHostPort(s.listener.Addr().String())
	ip := net.ParseIP(host)
	if s.tls != nil || err != nil || ip == nil || ip.IsLoopback() {
		return
	}
	if u, err := url.Parse(s.cfg.Public); err == nil && (u.Scheme == "https" || strings.HasSuffix(u.Hostname(), ".onion")) {
		return
	}
	s.cfg.Log.Warn("without TLS others on the way see who asks this node, and browsers do not run the app: set tls, or put it behind a proxy with TLS and give its public address", "listen", s.listener.Addr().String())
}

// pages is what the node serves beside its requests: the app, and the
// certificate of its own authority for devices that shall trust it.
func (s *Server) pages() http.Handler {
	var app http.Handler
	if s.servesApp() {
		app = s.cfg.Pages
	}
	if s.authority == nil {
		return app
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+AuthorityPath, serveAuthority(s.authority.cert))
	if app != nil {
		mux.Handle("/", app)
	}
	return mux
}

func (s *Server) servesApp() bool {
	return s.cfg.App && s.cfg.Pages != nil && (s.cfg.Relay || s.cfg.Board)
}

// hasApp reports whether what is served is the app: the pages of a program that
// was built without it say so by a method Built.
func (s *Server) hasApp() bool {
	b, ok := s.cfg.Pages.(interface{ Built() bool })
	return s.servesApp() && (!ok || b.Built())
}

// AuthorityPath is where a node that makes its own certificates gives its
// authority's, for installing on a device.
const AuthorityPath = "/ca.crt"

func serveAuthority(ca *x509.Certificate) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/x-x509-ca-cert")
		h.Set("Content-Disposition", `attachment; filename="sxp-node-ca.crt"`)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(slices.Clone(ca.Raw))
	}
}
