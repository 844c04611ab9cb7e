package node

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/relay/relayhttp"
)

// TestNewCasesOfOneAddress: who files sessions without end is told when to come
// again. What the juror knows is served all the same, others are too, and room
// comes back.
func TestNewCasesOfOneAddress(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Juror: true})))
	defer n.Close()
	flood := netip.MustParseAddr("192.0.2.1")
	file := func(at netip.Addr, s *signing) error {
		_, err := n.judge(from(at.String()), jury.Claim{At: c.now(), Request: contract.ClaimRequest{Claim: s.signed(0)}})
		return err
	}
	known := newSigning(n, c.now().Add(sxp.Hour), sxp.Second)
	wantKind(t, "the first session", file(flood, known), "")
	if left := n.juror.intake.of(flood).TokensAt(c.now().Std()); left != newCases-1 {
		t.Fatalf("after one session there is room for %g, want %d", left, newCases-1)
	}
	wantKind(t, "the same again", file(flood, known), "")
	if left := n.juror.intake.of(flood).TokensAt(c.now().Std()); left != newCases-1 {
		t.Errorf("a claim that is known took room: %g left, want %d", left, newCases-1)
	}
	for range newCases - 1 {
		n.juror.intake.made(flood, c.now().Std())
	}
	strange := newSigning(n, c.now().Add(sxp.Hour), sxp.Second)
	err := file(flood, strange)
	wantKind(t, "one too many", err, sxp.Busy)
	if err == nil || !strings.Contains(err.Error(), "come again in 1s") {
		t.Errorf("it is told %v, want when to come again", err)
	}
	if n.Standing(strange.m) != "" || n.juror.intake.turnedAway() != 1 {
		t.Errorf("the juror thinks %q of it, and counts %g that were turned away", n.Standing(strange.m), n.juror.intake.turnedAway())
	}
	wantKind(t, "what is known", file(flood, known), "")
	wantKind(t, "from elsewhere", file(netip.MustParseAddr("192.0.2.2"), strange), "")
	wantKind(t, "what somebody else brought", file(flood, strange), "")
	own := newSigning(n, c.now().Add(sxp.Hour), sxp.Second)
	wantKind(t, "from this machine", file(netip.MustParseAddr("127.0.0.1"), own), "")
	c.move(2 * sxp.Second)
	wantKind(t, "later", file(flood, newSigning(n, c.now().Add(sxp.Hour), sxp.Second)), "")
}

// TestQuestionsMakeCasesToo: whoever asks for the outcome of sessions that were
// made up makes the juror keep a record of each as well. They count as claims
// do, and what is known is told all the same.
func TestQuestionsMakeCasesToo(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Juror: true})))
	defer n.Close()
	must(n.Step(t.Context()))
	flood := netip.MustParseAddr("192.0.2.1")
	signings := []*signing{newSigning(n, c.now().Add(sxp.Second), 100), newSigning(n, c.now().Add(sxp.Second), 100)}
	ask := func(at netip.Addr, s *signing, pre *contract.Preimage) (contract.Standing, error) {
		a, err := n.judge(from(at.String()), jury.Query{At: c.now(), Request: contract.QueryRequest{M: s.m, Preimage: pre}})
		return a.Standing, err
	}
	want := func(what string, got contract.Standing, err error, standing contract.Standing, kind sxp.Kind) {
		t.Helper()
		if wantKind(t, what, err, kind); got != standing {
			t.Errorf("%s: %q, want %q", what, got, standing)
		}
	}
	got, err := ask(flood, signings[0], &signings[0].claim.Preimage)
	want("too early", got, err, contract.Waiting, "")
	for range 3 { // it is up throughout
		c.move(sxp.Second)
		must(n.Step(t.Context()))
	}
	got, err = ask(flood, signings[0], &signings[0].claim.Preimage)
	want("the first", got, err, contract.Voided, "")
	if left := n.juror.intake.of(flood).TokensAt(c.now().Std()); left != newCases-1 {
		t.Errorf("after a question that made a record there is room for %g, want %d", left, newCases-1)
	}
	for range newCases - 1 {
		n.juror.intake.made(flood, c.now().Std())
	}
	got, err = ask(flood, signings[1], &signings[1].claim.Preimage)
	want("one too many", got, err, "", sxp.Busy)
	if n.Standing(signings[1].m) != "" || n.juror.intake.turnedAway() != 1 {
		t.Errorf("the juror thinks %q of it, and counts %g that were turned away", n.Standing(signings[1].m), n.juror.intake.turnedAway())
	}
	got, err = ask(flood, signings[0], &signings[0].claim.Preimage)
	want("what is known", got, err, contract.Voided, "")
	_, err = ask(flood, signings[1], nil)
	wantKind(t, "a question that makes no record", err, sxp.NotFound)
	got, err = ask(netip.MustParseAddr("192.0.2.2"), signings[1], &signings[1].claim.Preimage)
	want("from elsewhere", got, err, contract.Voided, "")
}

// from is the context of a request from an address, as a server makes it.
func from(addr string) (ctx context.Context) {
	s := relayhttp.NewServer(relayhttp.ServerConfig{Handler: nobody{}, Other: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })})
	r := httptest.NewRequest(http.MethodGet, "http://juror.test/", nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 1234).String()
	s.ServeHTTP(httptest.NewRecorder(), r)
	return ctx
}

type nobody struct{}

func (nobody) Handle(context.Context, sxp.Time, []byte) []byte { return nil }

// TestOriginIsASubscriber: an IPv6 address counts by the 64 bits that one
// subscriber has, and an IPv4 address is the same however it is written.
func TestOriginIsASubscriber(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8::1:2:3:4": "2001:db8::", "::1": "invalid IP", "127.0.0.9": "invalid IP"} {
		if got := originOf(from(at)).String(); got != want {
			t.Errorf("a claim from %s counts for %s, want %s", at, got, want)
		}
	}
	if at := originOf(t.Context()); at.IsValid() {
		t.Errorf("a claim over no network counts for %s", at)
	}
}

// TestOriginsAreBounded: addresses are forgotten before they fill the memory.
func TestOriginsAreBounded(t *testing.T) {
	t.Parallel()
	var x intake
	now := time.Unix(1_800_000_000, 0)
	for i := range maxOrigins + 10 {
		x.made(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if len(x.from) != 10 {
		t.Errorf("%d addresses are remembered after %d, want 10", len(x.from), maxOrigins+10)
	}
}
