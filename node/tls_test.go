package node

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// TestRenewedFilesAreUsed: without another start, and never half of them.
func TestRenewedFilesAreUsed(t *testing.T) {
	t.Parallel()
	dir, next := t.TempDir(), t.TempDir()
	cert, key := certificate(t, dir)
	v := serve(t, new(clock), func(cfg *Config) { cfg.TLSCert, cfg.TLSKey = cert, key })
	show := func() []byte {
		c, err := tls.Dial("tcp", v.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].Raw
	}
	old := show()
	newCert, newKey := certificate(t, next)
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(newCert, cert) // the key is still the old one
	for end := time.Now().Add(2 * lookEvery); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if !bytes.Equal(show(), old) {
			t.Fatal("half of the renewed files is used")
		}
	}
	move(newKey, key)
	eventually(t, "the renewed certificate", func() bool { return !bytes.Equal(show(), old) })
	renewed := show()
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	time.Sleep(lookEvery + 100*time.Millisecond)
	if !bytes.Equal(show(), renewed) {
		t.Error("without its file the certificate is another")
	}
}

// TestOwnAuthority: a node signs its own certificate with an authority that
// devices can install, that stays the same over starts, and that is good for
// the node's names only.
func TestOwnAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	self := func(names ...string) func(*Config) {
		return func(cfg *Config) { cfg.Dir, cfg.TLS, cfg.TLSNames, cfg.Label = dir, TLSSelf, names, "home" }
	}
	v := serve(t, new(clock), self("box.lan", "192.0.2.7"))
	shown := v.Authority()
	insecure := newTransport()
	insecure.TLSClientConfig.InsecureSkipVerify = true
	r, err := (&http.Client{Transport: insecure}).Get(v.Address().URL + AuthorityPath)
	if err != nil {
		t.Fatal(err)
	}
	defer insecure.CloseIdleConnections()
	defer r.Body.Close()
	ca, err := x509.ParseCertificate(must(io.ReadAll(r.Body)))
	if err != nil || r.Header.Get("Content-Type") != "application/x-x509-ca-cert" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("the authority's certificate: %v, %v", err, r.Header)
	}
	a := &authority{cert: ca}
	if a.fingerprint() != shown || len(shown) != 95 {
		t.Errorf("the fingerprint is %s, of what is given out %s", shown, a.fingerprint())
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	for _, name := range []string{"127.0.0.1", "localhost", "box.lan", "192.0.2.7"} {
		c, err := tls.Dial("tcp", v.listener.Addr().String(), &tls.Config{RootCAs: pool, ServerName: name})
		if err != nil {
			t.Errorf("as %s: %v", name, err)
			continue
		}
		c.Close()
	}
	if leaf := must(v.authority.get(nil)).Leaf; leaf.Subject.String() == leaf.Issuer.String() || leaf.Issuer.String() != ca.Subject.String() {
		t.Errorf("the certificate of %s is signed by %s, and the authority is %s", leaf.Subject, leaf.Issuer, ca.Subject)
	}
	// Whoever steals the authority's key cannot be another site.
	for name, change := range map[string]func(*x509.Certificate){
		"bank.example": func(c *x509.Certificate) { c.DNSNames = []string{"bank.example"} },
		"192.0.2.8": func(c *x509.Certificate) {
			c.IPAddresses = c.IPAddresses[:0]
			c.IPAddresses = append(c.IPAddresses, []byte{192, 0, 2, 8})
		},
	} {
		leaf := must(v.authority.get(nil)).Leaf
		t0 := &x509.Certificate{NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, ExtKeyUsage: leaf.ExtKeyUsage}
		change(t0)
		forged := must(issue(t0, ca, v.authority.key, v.authority.key))
		if _, err := forged.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); err == nil {
			t.Errorf("the authority may sign for %s", name)
		}
	}
	// Nor sign programs, mail, or people.
	leaf := must(v.authority.get(nil)).Leaf
	for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageClientAuth} {
		t0 := &x509.Certificate{NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{use}, EmailAddresses: []string{"alice@bank.example"}}
		forged := must(issue(t0, ca, v.authority.key, v.authority.key))
		if _, err := forged.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{use}}); err == nil {
			t.Errorf("the authority may sign for use %v", use)
		}
	}
	v.stop()
	again := serve(t, new(clock), self("192.0.2.7", "box.lan"))
	if again.Authority() != shown {
		t.Error("another start has another authority: devices must install it again")
	}
	again.stop()
	if other := serve(t, new(clock), self("elsewhere.lan")); other.Authority() == shown {
		t.Error("other names have the same authority, which may not sign for them")
	}
}

// A logText keeps what is logged.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestPlainPortsAreWarnedOf(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t, t.TempDir())
	for name, tt := range map[string]struct {
		change func(*Config)
		warned bool
	}{
		"this machine":     {func(c *Config) { c.Listen = "127.0.0.1:0" }, false},
		"everywhere":       {func(c *Config) { c.Listen, c.Public = "0.0.0.0:0", "http://node.example" }, true},
		"behind a proxy":   {func(c *Config) { c.Listen, c.Public = "0.0.0.0:0", "https://node.example" }, false},
		"an onion service": {func(c *Config) { c.Listen, c.Public = "0.0.0.0:0", "http://abc.onion" }, false},
		"with TLS": {func(c *Config) {
			c.Listen, c.Public, c.TLSCert, c.TLSKey = "0.0.0.0:0", "https://node.example", cert, key
		}, false},
	} {
		log := new(logText)
		cfg := DefaultConfig()
		cfg.Dir, cfg.Log = t.TempDir(), slog.New(slog.NewTextHandler(log, nil))
		tt.change(&cfg)
		s, err := Open(cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s.Close()
		if got := strings.Contains(log.String(), "without TLS others"); got != tt.warned {
			t.Errorf("%s: warned %v, want %v:\n%s", name, got, tt.warned, log)
		}
	}
}

// TestAppIsServed: at the root of nodes that people use, and nowhere near the
// API, whose answers stay what they are.
func TestAppIsServed(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Page", "app")
		_, _ = io.WriteString(w, "the app at "+r.URL.Path)
	})
	for name, tt := range map[string]struct {
		change func(*Config)
		served bool
	}{
		"a relay":           {func(c *Config) { c.Pages, c.Board = page, false }, true},
		"a board":           {func(c *Config) { c.Pages, c.Relay = page, false }, true},
		"switched off":      {func(c *Config) { c.Pages, c.App = page, false }, false},
		"a juror alone":     {func(c *Config) { c.Pages, c.Relay, c.Board, c.Finder, c.Juror = page, false, false, false, true }, false},
		"built without app": {func(*Config) {}, false},
		"its own authority": {func(c *Config) { c.Pages, c.TLS = page, TLSSelf }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := serve(t, new(clock), tt.change)
			tr := newTransport()
			defer tr.CloseIdleConnections()
			tr.TLSClientConfig.InsecureSkipVerify = true
			client := &http.Client{Transport: tr}
			for _, path := range []string{"/", "/assets/x.js", "/sxp.wasm"} {
				status, body := get(t, client, v.Address().URL+path)
				if tt.served != (status == 200 && body == "the app at "+path) {
					t.Errorf("%s: %d %s, want the app: %v", path, status, body, tt.served)
				}
			}
			for _, path := range []string{relayhttp.Path, relayhttp.Path + "/x", relayhttp.SessionPath} {
				r, err := client.Get(v.Address().URL + path)
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
				if r.Header.Get("X-Page") != "" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("%s: the app answers: %d %v", path, r.StatusCode, r.Header)
				}
			}
			_, body := get(t, client, v.Address().URL+relayhttp.Path)
			var info relayhttp.Info
			if err := json.Unmarshal([]byte(body), &info); err != nil || info.App != tt.served {
				t.Errorf("Info: %s, %v", body, err)
			}
		})
	}
}

// An unbuilt is what a program serves that was built without the app.
type unbuilt struct{ http.Handler }

func (unbuilt) Built() bool { return false }

func TestNodeWithoutTheAppSaysSo(t *testing.T) {
	t.Parallel()
	v := serve(t, new(clock), func(c *Config) { c.Pages = unbuilt{http.NotFoundHandler()} })
	if v.hasApp() || !v.servesApp() {
		t.Error("the page that says how to build the app is taken for the app, or not served")
	}
}

// TestOfferIsTold: what the operator wrote is what people are told.
func TestOfferIsTold(t *testing.T) {
	t.Parallel()
	v := serve(t, new(clock), func(c *Config) {
		c.Accounts, c.QuotaRecords, c.QuotaMiB, c.Price, c.Terms = "invited", 5, 6, "2 kg of apples a year", "Be kind.\nNo spam."
	})
	info, err := must(relayhttp.NewClient(v.Address().URL, relayhttp.ClientConfig{HTTP: newHTTP(newTransport())})).Info(t.Context())
	want := relayhttp.Offer{Accounts: relay.Invited, QuotaRecords: 5, QuotaMiB: 6, MaxTTL: relay.MaxTTL, Price: "2 kg of apples a year", Terms: "Be kind.\nNo spam."}
	if err != nil || info.Offer == nil || *info.Offer != want || info.Address != v.Address().String() {
		t.Errorf("Info: %+v (%+v), %v", info, info.Offer, err)
	}
	usual := serve(t, new(clock), func(*Config) {})
	if o := usual.cfg.offer(usual.set.policy); *o != (relayhttp.Offer{Accounts: relay.Open, QuotaRecords: DefaultQuotaRecords, QuotaMiB: DefaultQuotaMiB, MaxTTL: relay.MaxTTL}) {
		t.Errorf("without words of the operator: %+v", o)
	}
	for name, tt := range map[string]struct {
		change func(*Config)
		want   sxp.Kind
	}{
		"a long price":       {func(c *Config) { c.Price = strings.Repeat("x", relayhttp.MaxPrice+1) }, sxp.TooLarge},
		"long terms":         {func(c *Config) { c.Terms = strings.Repeat("x", relayhttp.MaxTerms+1) }, sxp.TooLarge},
		"a price of lines":   {func(c *Config) { c.Price = "1\n2" }, sxp.Invalid},
		"terms that hide":    {func(c *Config) { c.Terms = "free\u202e" }, sxp.Invalid},
		"a price in no text": {func(c *Config) { c.Price = "\xff" }, sxp.Invalid},
		"no such TLS":        {func(c *Config) { c.TLS = "magic" }, sxp.Invalid},
		"TLS twice":          {func(c *Config) { c.TLS, c.TLSCert = TLSSelf, "x" }, sxp.Invalid},
		"files without any":  {func(c *Config) { c.TLS = TLSFiles }, sxp.Invalid},
		"names for nobody":   {func(c *Config) { c.TLSNames = []string{"box.lan"} }, sxp.Invalid},
		"a name that is none": {func(c *Config) {
			c.TLS, c.TLSNames = TLSSelf, []string{"https://box.lan"}
		}, sxp.Invalid},
		"mail for nobody": {func(c *Config) { c.ACMEEmail = "a@b.example" }, sxp.Invalid},
	} {
		cfg := DefaultConfig()
		cfg.Dir = filepath.Join(t.TempDir(), "node")
		tt.change(&cfg)
		_, err := Open(cfg)
		wantKind(t, name, err, tt.want)
	}
}
