package node

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/internal/kv"
	"sxp/market"
	boardmem "sxp/market/memstore"
	"sxp/relay"
	relaymem "sxp/relay/memstore"
	"sxp/relay/relayhttp"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDir) != "" {
		os.Exit(childNode())
	}
	goleak.VerifyTestMain(m)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func wantKind(tb testing.TB, what string, err error, kind sxp.Kind) {
	tb.Helper()
	if sxp.KindOf(err) != kind {
		tb.Errorf("%s: error %v (kind %q), want kind %q", what, err, sxp.KindOf(err), kind)
	}
}

// eventually waits for what another goroutine does, ten seconds at most.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatalf("%s: not within ten seconds", what)
}

// A clock is the machine's, moved by the test; from stopped it only moves where
// the test moves it.
type clock struct {
	ahead atomic.Int64
	from  sxp.Time
}

func stopped() *clock { return &clock{from: sxp.TimeOf(time.Now())} }

func (c *clock) now() sxp.Time {
	from := c.from
	if from == 0 {
		from = sxp.TimeOf(time.Now())
	}
	return from.Add(sxp.Duration(c.ahead.Load()))
}
func (c *clock) move(d sxp.Duration) { c.ahead.Add(int64(d)) }

// testLog shows what happened only where the test fails.
func testLog(tb testing.TB) *slog.Logger {
	l := &logWriter{tb: tb}
	tb.Cleanup(func() { l.mu.Lock(); defer l.mu.Unlock(); l.ended = true })
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type logWriter struct {
	tb    testing.TB
	mu    sync.Mutex
	ended bool
}

func (w *logWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.tb.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// A served is a running Server.
type served struct {
	*Server
	stop func() // ends it and closes its files
}

// serve runs a node in a folder until stop, or the end of the test.
func serve(tb testing.TB, c *clock, change func(*Config)) *served {
	tb.Helper()
	cfg := DefaultConfig()
	cfg.Dir, cfg.Now, cfg.Log = tb.TempDir(), c.now, testLog(tb)
	change(&cfg)
	s, err := Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	v := &served{Server: s}
	v.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("Run: %v", err)
		}
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	tb.Cleanup(v.stop)
	return v
}

// A someone is a person with keys and a way to one node.
type someone struct {
	root *identity.Root
	key  *identity.SigningKey
	card []byte
	at   relay.Caller
	node sxp.ID
	c    *clock
}

func newSomeone(tb testing.TB, c *clock, label string, at relay.Caller, node sxp.ID) *someone {
	tb.Helper()
	root := must(identity.NewRoot(rand.Reader))
	s := &someone{root: root, key: root.Signing(), at: at, node: node, c: c}
	s.card = s.newCard(label, 1)
	return s
}

func (s *someone) newCard(label string, seq uint64) []byte {
	card := identity.NewCard(s.root, label, s.c.now().Add(-sxp.Hour), s.c.now().Add(365*sxp.Day))
	card.Seq = seq
	card.Relays = []string{relay.Address{ID: s.node, URL: "http://127.0.0.1:1"}.String()}
	return must(identity.SignCard(s.key, card))
}

// to returns the way to a server over HTTP.
func (v *served) to(tb testing.TB) relay.Caller {
	tr := newTransport()
	tb.Cleanup(tr.CloseIdleConnections)
	return must(relayhttp.NewClient(v.Address().URL, relayhttp.ClientConfig{HTTP: newHTTP(tr)}))
}

func ask[R, A any](s *someone, typ string, r R) (A, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return relay.Ask[R, A](ctx, s.at, s.key, s.node, s.c.now(), rand.Reader, typ, r)
}

func (s *someone) market(id sxp.ID) *market.Client {
	return market.NewClient(s.at, s.key, s.node, id, s.c.now, rand.Reader)
}

// offer publishes "item" for any of the wants.
func (s *someone) offer(tb testing.TB, m sxp.ID, item string, wants ...string) market.Announcement {
	tb.Helper()
	a := must(market.Draft{Market: m, Owner: s.key.ID(), Now: s.c.now()}.Offer(must(market.NewNonce(rand.Reader)), item, wants...))
	if _, err := s.market(m).Publish(tb.Context(), must(market.SignAnnouncement(s.key, a))); err != nil {
		tb.Fatal(err)
	}
	return a
}

// letters returns the proposals that wait for a person.
func (s *someone) letters(tb testing.TB, m sxp.ID) (out []*contract.OpenedProposal) {
	tb.Helper()
	all, _, err := s.market(m).Mail(tb.Context(), 0)
	if err != nil {
		tb.Fatal(err)
	}
	kem := s.root.KEM()
	for _, l := range all {
		raw, err := envelope.Unseal(func(sxp.Hash) (*envelope.KEMSecret, bool) { return kem, true }, "sxp proposal/1", l.Sealed)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, must(contract.OpenProposal(raw)))
	}
	return out
}

// A fair is a market of its own key.
type fair struct {
	key     *identity.SigningKey
	charter market.Charter
	founder *someone
}

// newFair founds a market at somebody's node.
func newFair(tb testing.TB, by *someone, url string) *fair {
	tb.Helper()
	key := must(identity.NewSigningKey(rand.Reader))
	f := &fair{key: key, founder: by, charter: market.Charter{
		Market: key.ID(), Name: "Fair", Admission: market.Open, Seq: 1, Created: by.c.now(), Node: market.Node{ID: by.node, Address: url},
	}}
	if err := by.market(key.ID()).PutCharter(tb.Context(), must(market.SignCharter(key, f.charter))); err != nil {
		tb.Fatal(err)
	}
	return f
}

// roll makes the market's roll of the jurors that have enrolled.
func (f *fair) roll(tb testing.TB, horizon sxp.Duration) {
	tb.Helper()
	algebra := contract.NewAlgebra(rand.Reader)
	r := contract.Roll{Number: 1, Issued: f.founder.c.now(), Delta: 10 * sxp.Second, L: sxp.Minute, Epsilon: sxp.Second, Patience: sxp.Minute, Horizon: horizon}
	list, err := f.founder.market(f.key.ID()).List(tb.Context(), market.ClassJuror, 0)
	if err != nil {
		tb.Fatal(err)
	}
	for _, l := range list.All {
		r.Entries = append(r.Entries, *must(contract.OpenJuror(l.Raw)))
	}
	raw := must(contract.SignRoll(algebra, f.key, &r))
	f.charter.Seq++
	f.charter.Roll = envelope.Digest(raw)
	c := f.founder.market(f.key.ID())
	// The charter first: the finder must not mind that its roll comes later.
	if err := c.PutCharter(tb.Context(), must(market.SignCharter(f.key, f.charter))); err != nil {
		tb.Fatal(err)
	}
	if err := c.PutRoll(tb.Context(), raw); err != nil {
		tb.Fatal(err)
	}
}

// rested reports whether the finder has looked at all that it was told of.
func (n *Node) rested() bool {
	n.finder.mu.Lock()
	defer n.finder.mu.Unlock()
	return !n.finder.running && !n.finder.dirty.Load()
}

// A full is a store whose disk can be full.
type full struct {
	kv.Store
	is atomic.Bool
}

func (f *full) Update(do func(kv.Tx) error) error {
	if f.is.Load() {
		return sxp.Errorf("test", sxp.Full, nil, "the disk is full")
	}
	return f.Store.Update(do)
}

// parts are those of a node in memory.
func parts(tb testing.TB, now func() sxp.Time, roles Roles) Parts {
	records := new(relaymem.Store)
	return Parts{
		Key: must(identity.NewSigningKey(rand.Reader)), URL: "http://node.test", Roles: roles, Policy: relay.Policy{Mode: relay.Open},
		KV: new(kv.Memory), Records: records, Accounts: records,
		BoardStore: func(sxp.ID) (market.Store, error) { return boardmem.New(), nil },
		Dial: func(string) relay.Caller {
			return unreachable{sxp.Errorf("test", sxp.Unavailable, nil, "nobody is there")}
		},
		Now: now, Rand: rand.Reader, Log: testLog(tb), Parallel: 1,
	}
}

// A signing is one session that all parties have promised in.
type signing struct {
	parties []*identity.SigningKey
	seats   []*identity.SigningKey // nil for the node's
	claim   contract.Claim
	m       sxp.Hash
}

// newSigning makes a session of two parties with the node's juror in seat 1
// and others at the addresses given.
func newSigning(n *Node, deadline sxp.Time, delta sxp.Duration, others ...string) *signing {
	s := new(signing)
	f, t := contract.DefaultFaults(1 + len(others))
	pre := contract.Preimage{Version: contract.Version, Proposal: sxp.Sum([]byte(fmt.Sprint(rand.Text()))), T: t, F: f, Deadline: deadline, Delta: delta, Roll: sxp.Hash{2}}
	var ys []bls.G1
	seat := func(id *identity.SigningKey, k *jury.KeyRing, address string) {
		s.seats = append(s.seats, id)
		e := k.Entry()
		ys = append(ys, e.Y)
		pre.Jury = append(pre.Jury, contract.Seat{ID: e.ID, Y: e.Y, Z: e.Z, Proof: e.Proof, Address: address})
	}
	seat(nil, n.juror.keys, n.p.URL)
	for _, address := range others {
		key := must(identity.NewSigningKey(rand.Reader))
		seat(key, must(jury.NewKeyRing(key, rand.Reader)), address)
	}
	var draws []bls.G1
	var secrets []*bls.Secret
	var openings []*bls.Opening
	for range 2 {
		id, secret := must(identity.NewSigningKey(rand.Reader)), must(bls.NewSecret(rand.Reader))
		k, o, err := bls.Commit(rand.Reader, secret, t)
		if err != nil {
			panic(err)
		}
		a := contract.Acceptance{Proposal: pre.Proposal, Commitment: k, Draw: secret.SignDraw(pre.Proposal)}
		pre.Parties = append(pre.Parties, contract.Signer{ID: id.ID(), X: secret.Public(), Proof: secret.ProvePossession(bls.RoleParty, id.ID()), Acceptance: must(envelope.Sign(id, contract.TypeAcceptance, &a))})
		s.parties, secrets, openings, draws = append(s.parties, id), append(secrets, secret), append(openings, o), append(draws, a.Draw)
	}
	pre.Seed = must(bls.SumHash(draws))
	s.m = pre.M()
	s.claim.Preimage = pre
	for i := range secrets {
		s.claim.Promises = append(s.claim.Promises, must(bls.MakePromise(secrets[i], openings[i], s.m, ys)))
	}
	return s
}

// signed is the claim as party i signs it.
func (s *signing) signed(i int) sxp.Bytes {
	return must(envelope.Sign(s.parties[i], contract.TypeClaim, &s.claim))
}

// do asks a node for anything as one of the parties.
func do[R, A any](n relay.Handler, now func() sxp.Time, who envelope.Signer, node sxp.ID, typ string, r R) (A, error) {
	return relay.Ask[R, A](context.Background(), relay.Local(n, now), who, node, now(), rand.Reader, typ, r)
}

func (s *signing) fileAt(n *Node) (contract.Answer, error) {
	return do[contract.ClaimRequest, contract.Answer](n, n.p.Now, s.parties[0], n.ID(), contract.RequestClaim, contract.ClaimRequest{Claim: s.signed(0)})
}

func (s *signing) queryAt(n *Node) (contract.Answer, error) {
	return do[contract.QueryRequest, contract.Answer](n, n.p.Now, s.parties[0], n.ID(), contract.RequestQuery, contract.QueryRequest{M: s.m, Preimage: &s.claim.Preimage})
}

func newHTTP(t *http.Transport) *http.Client { return &http.Client{Transport: t} }
