package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"sxp"
)

// An acmeServer is an authority as RFC 8555 has it, for one order at a time: it
// gives a certificate to who proves by TLS-ALPN (RFC 8737) that a name is
// theirs. It does not check the signatures of requests.
type acmeServer struct {
	*httptest.Server
	tb   testing.TB
	at   string // where the name is reached
	key  *ecdsa.PrivateKey
	root *x509.Certificate

	mu     sync.Mutex
	thumb  string // of the account's key
	name   string // ordered
	proved bool
	issued []byte // PEM
	orders int
	mails  []string
}

const acmeToken = "c29tZS10b2tlbg"

func newACME(tb testing.TB) *acmeServer {
	a := &acmeServer{tb: tb, key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	t := &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.root = must(issue(t, t, a.key, a.key))
	a.Server = httptest.NewTLSServer(a)
	tb.Cleanup(a.Close)
	return a
}

// ServeHTTP implements http.Handler.
func (a *acmeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Replay-Nonce", rand.Text())
	if r.URL.Path == "/directory" {
		a.answer(w, 200, map[string]any{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order", "revokeCert": a.URL + "/revoke", "keyChange": a.URL + "/key"})
		return
	}
	if r.URL.Path == "/nonce" {
		return
	}
	var jws struct{ Protected, Payload string }
	if err := json.NewDecoder(r.Body).Decode(&jws); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	payload, _ := base64.RawURLEncoding.DecodeString(jws.Payload)
	switch r.URL.Path {
	case "/account":
		a.account(w, jws.Protected, payload)
	case "/order":
		var order struct{ Identifiers []struct{ Value string } }
		_ = json.Unmarshal(payload, &order)
		a.orders++
		a.name, a.proved, a.issued = order.Identifiers[0].Value, false, nil
		w.Header().Set("Location", a.URL+"/order/1")
		a.answer(w, 201, a.order())
	case "/order/1":
		a.answer(w, 200, a.order())
	case "/proof":
		a.answer(w, 200, map[string]any{"status": a.status("pending", "valid", a.proved), "identifier": map[string]string{"type": "dns", "value": a.name}, "challenges": []any{a.challenge()}})
	case "/challenge":
		if err := a.validate(); err != nil {
			a.tb.Errorf("the node does not prove its name: %v", err)
		} else {
			a.proved = true
		}
		a.answer(w, 200, a.challenge())
	case "/finish":
		a.finish(w, payload)
	case "/certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(a.issued)
	default:
		http.Error(w, "no such thing", 404)
	}
}

func (a *acmeServer) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (a *acmeServer) status(no, yes string, is bool) string {
	if is {
		return yes
	}
	return no
}

func (a *acmeServer) account(w http.ResponseWriter, protected string, payload []byte) {
	var head struct {
		JWK struct{ X, Y string }
	}
	var who struct{ Contact []string }
	raw, _ := base64.RawURLEncoding.DecodeString(protected)
	_ = json.Unmarshal(raw, &head)
	_ = json.Unmarshal(payload, &who)
	point := []byte{4} // not compressed (SEC 1 section 2.3.3)
	for _, s := range []string{head.JWK.X, head.JWK.Y} {
		b, _ := base64.RawURLEncoding.DecodeString(s)
		point = append(point, b...)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	thumb, err := acme.JWKThumbprint(pub)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.thumb, a.mails = thumb, who.Contact
	w.Header().Set("Location", a.URL+"/account/1")
	a.answer(w, 201, map[string]any{"status": "valid"})
}

func (a *acmeServer) order() map[string]any {
	o := map[string]any{
		"status": a.status("pending", "ready", a.proved), "identifiers": []any{map[string]string{"type": "dns", "value": a.name}},
		"authorizations": []string{a.URL + "/proof"}, "finalize": a.URL + "/finish",
	}
	if a.issued != nil {
		o["status"], o["certificate"] = "valid", a.URL+"/certificate"
	}
	return o
}

func (a *acmeServer) challenge() map[string]any {
	return map[string]any{"type": "tls-alpn-01", "url": a.URL + "/challenge", "token": acmeToken, "status": a.status("pending", "valid", a.proved)}
}

// validate asks the node as RFC 8737 section 3 says.
func (a *acmeServer) validate() error {
	c, err := tls.Dial("tcp", a.at, &tls.Config{ServerName: a.name, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer c.Close()
	s := c.ConnectionState()
	if s.NegotiatedProtocol != acme.ALPNProto {
		return fmt.Errorf("the node speaks %q", s.NegotiatedProtocol)
	}
	leaf := s.PeerCertificates[0]
	if !slices.Equal(leaf.DNSNames, []string{a.name}) {
		return fmt.Errorf("the certificate is for %q", leaf.DNSNames)
	}
	sum := sha256.Sum256([]byte(acmeToken + "." + a.thumb))
	want := must(asn1.Marshal(sum[:]))
	for _, e := range leaf.Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" && e.Critical && string(e.Value) == string(want) {
			return nil
		}
	}
	return fmt.Errorf("the certificate does not carry the token")
}

func (a *acmeServer) finish(w http.ResponseWriter, payload []byte) {
	var fin struct{ CSR string }
	_ = json.Unmarshal(payload, &fin)
	raw, _ := base64.RawURLEncoding.DecodeString(fin.CSR)
	csr, err := x509.ParseCertificateRequest(raw)
	if err != nil || !a.proved || !slices.Equal(csr.DNSNames, []string{a.name}) {
		http.Error(w, "not yours", http.StatusForbidden)
		return
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der := must(x509.CreateCertificate(rand.Reader, t, a.root, csr.PublicKey, a.key))
	a.issued = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	w.Header().Set("Location", a.URL+"/order/1")
	a.answer(w, 200, a.order())
}

// TestCertificateFromAnAuthority: a node with a public name gets a certificate
// by itself, once, keeps it in its folder, and gives none for other names.
func TestCertificateFromAnAuthority(t *testing.T) {
	t.Parallel()
	const name = "node.example.org"
	a := newACME(t)
	port := must(net.Listen("tcp", "127.0.0.1:0"))
	a.at = port.Addr().String()
	port.Close()
	change := func(cfg *Config) {
		cfg.TLS, cfg.Public, cfg.ACMEDirectory, cfg.ACMEEmail, cfg.acmeHTTP = TLSACME, "https://"+name, a.URL+"/directory", "keeper@example.org", a.Client()
	}
	dir := t.TempDir()
	v := serve(t, new(clock), func(cfg *Config) { change(cfg); cfg.Dir, cfg.Listen = dir, a.at })
	eventually(t, "a certificate that nobody asked for", func() bool { a.mu.Lock(); defer a.mu.Unlock(); return a.issued != nil })
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	tr := newTransport()
	defer tr.CloseIdleConnections()
	at := v.listener.Addr().String()
	for _, want := range []bool{true, true} {
		c, err := tls.Dial("tcp", at, &tls.Config{ServerName: name, RootCAs: pool})
		if (err == nil) != want {
			t.Fatalf("the node's certificate: %v", err)
		}
		if got := c.ConnectionState().NegotiatedProtocol; got != "" {
			t.Errorf("the protocol is %q", got)
		}
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(c, "GET /sxp/v1 HTTP/1.0\r\nHost: "+name+"\r\n\r\n")
		if b, err := io.ReadAll(c); err != nil || !strings.Contains(string(b), v.ID().String()) {
			t.Errorf("over TLS the node says %q, %v", b, err)
		}
		c.Close()
	}
	for _, other := range []string{"evil.example.org", ""} {
		if c, err := tls.Dial("tcp", at, &tls.Config{ServerName: other, InsecureSkipVerify: true}); err == nil {
			c.Close()
			t.Errorf("there is a certificate for %q", other)
		}
	}
	orders := func() (int, []string) { a.mu.Lock(); defer a.mu.Unlock(); return a.orders, a.mails }
	if n, mails := orders(); n != 1 || !slices.Equal(mails, []string{"mailto:keeper@example.org"}) {
		t.Errorf("%d orders, by %q", n, mails)
	}
	v.stop()
	again := serve(t, new(clock), func(cfg *Config) { change(cfg); cfg.Dir = dir })
	c, err := tls.Dial("tcp", again.listener.Addr().String(), &tls.Config{ServerName: name, RootCAs: pool})
	if n, _ := orders(); err != nil || n != 1 {
		t.Fatalf("after another start: %v, %d orders", err, n)
	}
	c.Close()
	for what, change := range map[string]func(*Config){
		"an address of no name":  func(c *Config) { c.Public = "https://203.0.113.7" },
		"a name without TLS":     func(c *Config) { c.Public = "http://node.example.org" },
		"a name of this machine": func(c *Config) { c.Public = "https://node" },
		"an authority of no TLS": func(c *Config) { c.Public, c.ACMEDirectory = "https://node.example.org", "http://x" },
	} {
		cfg := DefaultConfig()
		cfg.Dir, cfg.TLS = t.TempDir(), TLSACME
		change(&cfg)
		_, err := Open(cfg)
		wantKind(t, what, err, sxp.Invalid)
	}
}
