package node

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// certificate writes a certificate for this machine and its key.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	k := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "node"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der := must(x509.CreateCertificate(rand.Reader, template, template, k.Public(), k))
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(file, kind string, b []byte) {
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(cert, "CERTIFICATE", der)
	write(key, "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(k)))
	return cert, key
}

// TestWrongConfigIsNamed: what an operator got wrong is said before anything
// is opened, with the name of the field.
func TestWrongConfigIsNamed(t *testing.T) {
	t.Parallel()
	taken := must(net.Listen("tcp", "127.0.0.1:0"))
	defer taken.Close()
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   sxp.Kind
		text   string
	}{
		{"no folder", func(c *Config) { c.Dir = "" }, sxp.Invalid, "dir:"},
		{"a file as folder", func(c *Config) { c.Dir = file }, sxp.Denied, "the data folder"},
		{"no port", func(c *Config) { c.Listen = "127.0.0.1" }, sxp.Invalid, "listen:"},
		{"a port in use", func(c *Config) { c.Listen = taken.Addr().String() }, sxp.Busy, "another process listens on"},
		{"a strange host", func(c *Config) { c.Listen = "203.0.113.77:0" }, sxp.Invalid, "cannot listen"},
		{"every address and no public one", func(c *Config) { c.Listen = ":0" }, sxp.Invalid, "public:"},
		{"every address of IPv6", func(c *Config) { c.Listen = "[::]:0" }, sxp.Invalid, "public:"},
		{"a public address that is none", func(c *Config) { c.Public = "node.example" }, sxp.Invalid, "public:"},
		{"a public address with a slash", func(c *Config) { c.Public = "https://node.example/" }, sxp.Invalid, "public:"},
		{"a long label", func(c *Config) { c.Label = strings.Repeat("x", 65) }, sxp.TooLarge, "label:"},
		{"an operator that is no id", func(c *Config) { c.Operator = "me" }, sxp.Invalid, "operator:"},
		{"accounts of no kind", func(c *Config) { c.Accounts = "closed" }, sxp.Invalid, "accounts:"},
		{"own accounts of nobody", func(c *Config) { c.Accounts = "own" }, sxp.Invalid, "accounts:"},
		{"an owner that is no id", func(c *Config) { c.Accounts, c.Own = "own", []string{"me"} }, sxp.Invalid, "own:"},
		{"a solver that is neither program nor URL", func(c *Config) { c.Solvers = []SolverConfig{{Name: "x"}} }, sxp.Invalid, "solvers: x"},
		{"two solvers of one name", func(c *Config) {
			c.Solvers = []SolverConfig{{Name: "x", URL: "http://x"}, {Name: "x", URL: "http://y"}}
		}, sxp.Invalid, "solvers:"},
		{"a solver with the node's name", func(c *Config) { c.Solvers = []SolverConfig{{Name: ownFinder, URL: "http://x"}} }, sxp.Invalid, "solvers:"},
		{"a solver at no address", func(c *Config) { c.Solvers = []SolverConfig{{Name: "x", URL: "ftp://x"}} }, sxp.Invalid, "url:"},
		{"solvers without a finder", func(c *Config) { c.Finder, c.Solvers = false, []SolverConfig{{Name: "x", URL: "http://x"}} }, sxp.Invalid, "solvers:"},
		{"time for solvers that is no span", func(c *Config) { c.SolverTime = "soon" }, sxp.Invalid, "solver_time:"},
		{"work below zero", func(c *Config) { c.FinderWork = -1 }, sxp.Invalid, "finder_work:"},
		{"Δ that is no span", func(c *Config) { c.DeltaMin = "10" }, sxp.Invalid, "delta_min:"},
		{"Δ below zero", func(c *Config) { c.DeltaMin = "-1s" }, sxp.Invalid, "delta_min:"},
		{"a jury too large", func(c *Config) { c.MaxJury = 1000 }, sxp.Invalid, "max_jury:"},
		{"room for photos below zero", func(c *Config) { c.PhotosMiB = -1 }, sxp.Invalid, "photos_mib:"},
		{"a quota below zero", func(c *Config) { c.QuotaMiB = -1 }, sxp.Invalid, "quota_mib:"},
		{"a certificate without key", func(c *Config) { c.TLSCert = cert }, sxp.Invalid, "tls_key"},
		{"a certificate that is missing", func(c *Config) { c.TLSCert, c.TLSKey = cert+"x", key }, sxp.Invalid, "no such file"},
		{"key and certificate mixed up", func(c *Config) { c.TLSCert, c.TLSKey = key, cert }, sxp.Invalid, "tls_cert"},
		{"a metrics port in use", func(c *Config) { c.Metrics = taken.Addr().String() }, sxp.Busy, "metrics:"},
	} {
		cfg := DefaultConfig()
		cfg.Dir = filepath.Join(dir, "node")
		tc.change(&cfg)
		s, err := Open(cfg)
		if err == nil {
			s.Close()
		}
		if sxp.KindOf(err) != tc.want || !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: %v (kind %q), want kind %q and %q", tc.name, err, sxp.KindOf(err), tc.want, tc.text)
		}
	}
}

func TestConfigFileIsStrict(t *testing.T) {
	t.Parallel()
	var c Config
	d := toml.NewDecoder(strings.NewReader("relay = true\naccounts = \"open\"\nquota_mib = 5\ndelta_min = \"2s\"\n")).DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || !c.Relay || c.QuotaMiB != 5 || c.DeltaMin != "2s" {
		t.Errorf("a right file gives %+v, %v", c, err)
	}
	for _, text := range []string{"relai = true", "log = 1", "now = 1", "dial = 1"} {
		if err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(new(Config)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestSecondNodeOnAFolderIsRefused(t *testing.T) {
	t.Parallel()
	c := new(clock)
	dir := filepath.Join(t.TempDir(), "deep", "node")
	v := serve(t, c, func(cfg *Config) { cfg.Dir = dir })
	cfg := DefaultConfig()
	cfg.Dir = dir
	_, err := Open(cfg)
	if sxp.KindOf(err) != sxp.Busy || !strings.Contains(err.Error(), "a node runs in "+dir+" already") {
		t.Errorf("a second node: %v", err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, dir + "/boards": 0o700, dir + "/records": 0o700, dir + "/node.db": 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
	v.stop()
	if err := v.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	// Secrets that others could read are closed to them.
	if err := os.Chmod(dir+"/node.db", 0o644); err != nil {
		t.Fatal(err)
	}
	serve(t, c, func(cfg *Config) { cfg.Dir = dir })
	if info := must(os.Stat(dir + "/node.db")); info.Mode().Perm() != 0o600 {
		t.Errorf("the secrets have mode %v", info.Mode().Perm())
	}
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode, string(must(io.ReadAll(r.Body)))
}

func TestTLSAndMetrics(t *testing.T) {
	t.Parallel()
	c := new(clock)
	cert, key := certificate(t, t.TempDir())
	port := must(net.Listen("tcp", "127.0.0.1:0"))
	metrics := port.Addr().String()
	port.Close()
	v := serve(t, c, func(cfg *Config) { cfg.TLSCert, cfg.TLSKey, cfg.Juror, cfg.Metrics = cert, key, true, metrics })
	tr := newTransport()
	defer tr.CloseIdleConnections()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(os.ReadFile(cert)))
	tr.TLSClientConfig.RootCAs = pool
	client := &http.Client{Transport: tr}
	status, body := get(t, client, v.Address().URL+relayhttp.Path)
	var info relayhttp.Info
	if err := json.Unmarshal([]byte(body), &info); err != nil || status != 200 || info.ID != v.ID() || len(info.Services) != 5 {
		t.Errorf("GET: %d %s %v", status, body, err)
	}
	if !strings.HasPrefix(v.Address().URL, "https://127.0.0.1:") {
		t.Errorf("the address is %s", v.Address())
	}
	if status, _ := get(t, client, v.Address().URL+"/metrics"); status != 404 {
		t.Errorf("the figures are open to everybody: status %d", status)
	}
	alice := newSomeone(t, c, "Alice", must(relayhttp.NewClient(v.Address().URL, relayhttp.ClientConfig{HTTP: client})), v.ID())
	f := newFair(t, alice, v.Address().URL)
	alice.offer(t, f.key.ID(), "1 chair")
	_, page := get(t, client, "http://"+metrics+"/metrics")
	for _, line := range []string{
		`sxp_requests_total{kind="ok",type="market.publish"} 1`, `sxp_request_bytes_total{direction="in",type="market.publish"}`,
		"sxp_boards 1", "sxp_board_entries 1", "sxp_cards 0", "sxp_sessions_watched 0", "sxp_juror_records 1", "sxp_juror_waiting 0", "sxp_sends_waiting 0", "sxp_uptime_seconds", "sxp_relay_bytes",
	} {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("the page of figures has no line %q:\n%s", line, page)
		}
	}
}

// post sends bytes to a node and returns what it says, whoever signed it.
func post(t *testing.T, v *served, raw []byte) error {
	t.Helper()
	answer, err := v.to(t).Call(t.Context(), raw)
	if err != nil {
		return err
	}
	var f relay.Failure
	if _, err := envelope.Open(answer, relay.TypeFailure, &f); err != nil {
		return nil
	}
	return sxp.Errorf("test", f.Error.Kind, nil, "%s", f.Error.Text)
}

// TestBadRequests: whatever arrives gets a clear error, and the node goes on.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	c := new(clock)
	v := serve(t, c, func(cfg *Config) { cfg.Juror = true })
	alice := newSomeone(t, c, "Alice", v.to(t), v.ID())
	s := newSigning(v.Node, c.now().Add(sxp.Hour), sxp.Second)
	sign := func(typ string, to sxp.ID, at sxp.Time, r any) []byte {
		return must(relay.Sign(alice.key, typ, to, at, rand.Reader, r))
	}
	claim := contract.ClaimRequest{Claim: s.signed(0)}
	good := sign(contract.RequestClaim, v.ID(), c.now(), claim)
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	wrong := s.claim
	wrong.Promises = wrong.Promises[:1]
	for _, tc := range []struct {
		name string
		raw  []byte
		want sxp.Kind
		text string
	}{
		{"nothing", nil, sxp.Invalid, ""},
		{"noise", []byte("GET / HTTP/1.0"), sxp.Invalid, ""},
		{"more than a message", make([]byte, sxp.MaxMessage+1), sxp.TooLarge, ""},
		{"a changed signature", changed, sxp.Invalid, ""},
		{"to another node", sign(contract.RequestClaim, sxp.ID{1}, c.now(), claim), sxp.Denied, "but this node is"},
		{"a clock a day behind", sign(contract.RequestClaim, v.ID(), c.now().Add(-sxp.Day), claim), sxp.Clock, "your clock says"},
		{"a clock a day ahead", sign(contract.RequestClaim, v.ID(), c.now().Add(sxp.Day), claim), sxp.Clock, "set the clock"},
		{"a type that nobody knows", sign("jury.bribe", v.ID(), c.now(), claim), sxp.Unsupported, "jury.bribe"},
		{"fields of another request", sign(contract.RequestClaim, v.ID(), c.now(), contract.AskRequest{}), sxp.Invalid, ""},
		{"a claim that is none", sign(contract.RequestClaim, v.ID(), c.now(), contract.ClaimRequest{Claim: []byte{1}}), sxp.Invalid, ""},
		{"a claim with a promise missing", sign(contract.RequestClaim, v.ID(), c.now(), contract.ClaimRequest{Claim: must(envelope.Sign(s.parties[0], contract.TypeClaim, &wrong))}), sxp.Invalid, ""},
		{"a lodging of somebody else's claim", sign(contract.RequestLodge, v.ID(), c.now(), contract.LodgeRequest{Claim: s.signed(0), ClaimAt: c.now(), Patience: 1}), sxp.Denied, ""},
		{"a question for nothing", sign(contract.RequestQuery, v.ID(), c.now(), contract.QueryRequest{}), sxp.NotFound, ""},
		{"a message to the watcher that is none", sign(contract.RequestTell, v.ID(), c.now(), contract.TellRequest{}), sxp.Invalid, ""},
		{"the right one", good, "", ""},
		{"the right one again", good, sxp.Replay, ""},
	} {
		err := post(t, v, tc.raw)
		if sxp.KindOf(err) != tc.want || err != nil && !strings.Contains(err.Error(), tc.text) {
			t.Errorf("%s: %v (kind %q), want kind %q with %q", tc.name, err, sxp.KindOf(err), tc.want, tc.text)
		}
	}
	if st := v.Standing(s.m); st != contract.Completed {
		t.Errorf("the right claim among wrong ones: %q", st)
	}
}

// TestRunEnds: when the context ends, what is under way is finished, and
// whoever waits for a record is told at once.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	c := new(clock)
	v := serve(t, c, func(*Config) {})
	alice := newSomeone(t, c, "Alice", v.to(t), v.ID())
	done := make(chan error, 1)
	go func() {
		_, err := relay.Ask[relay.Listen, relay.Listing](context.Background(), alice.at, alice.key, v.ID(), c.now(), rand.Reader, relay.TypeListen, relay.Listen{Wait: sxp.Minute})
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	v.stop()
	<-done
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the node took %v to stop while somebody listened", took)
	}
}

// TestNoWebsiteReachesALocalNode: a browser on the node's machine does for
// others' pages what they say, also under names that they point to it.
func TestNoWebsiteReachesALocalNode(t *testing.T) {
	t.Parallel()
	v := serve(t, new(clock), func(cfg *Config) { cfg.Metrics = "127.0.0.1:0" })
	status := func(l net.Listener, path, host, origin string) int {
		q := must(http.NewRequest(http.MethodGet, "http://"+l.Addr().String()+path, nil))
		q.Host = host
		if origin != "" {
			q.Header.Set("Origin", origin)
		}
		r := must(http.DefaultClient.Do(q))
		defer r.Body.Close()
		return r.StatusCode
	}
	for _, at := range []struct {
		l    net.Listener
		path string
	}{{v.listener, relayhttp.Path}, {v.page, "/metrics"}} {
		if got := status(at.l, at.path, "", ""); got != http.StatusOK {
			t.Errorf("%s from this machine: status %d", at.path, got)
		}
		if got := status(at.l, at.path, "evil.example", ""); got != http.StatusForbidden {
			t.Errorf("%s under a name that points here: status %d", at.path, got)
		}
		if got := status(at.l, at.path, "", "https://evil.example"); got != http.StatusForbidden {
			t.Errorf("%s for a website: status %d", at.path, got)
		}
	}
	public := serve(t, new(clock), func(cfg *Config) { cfg.Public = "https://node.example" }) // behind a proxy
	if got := status(public.listener, relayhttp.Path, "node.example", "https://other.example"); got != http.StatusOK {
		t.Errorf("a public node, for a page of another: status %d", got)
	}
}
