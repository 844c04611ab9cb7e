package vectors_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/blocks"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/market"
	"sxp/relay"
	"sxp/vectors"
)

// js runs the independent reader of vectors/js, or skips the test where it
// cannot run: it needs node and two libraries that npm fetches.
func js(t *testing.T, args ...string) (string, error) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node: the independent reader (vectors/js) is not tried")
	}
	if _, err := os.Stat("js/node_modules/@noble/curves"); err != nil {
		t.Skip("vectors/js has no node_modules: run npm ci --ignore-scripts in vectors/js to try the independent reader")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, node, args...).CombinedOutput()
	return string(out), err
}

// write puts files into a folder of the test and returns their names in order.
func write(t *testing.T, files ...[]byte) []string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, b := range files {
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, b, 0o666); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func TestIndependentReaderAgreesOnAllVectors(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("checks 250 vectors in JavaScript")
	}
	if out, err := js(t, "--test", "js/test/vectors.test.mjs"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestIndependentReaderReadsFreshFiles(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes contracts and starts node")
	}
	one, two := newSession(t, 2, 3, 1), newSession(t, 4, 1, 0)
	file, void := one.file(t), one.void(t)
	changed := bytes.Replace(file, []byte("Emil's bicycle"), []byte("Emil's tricycle"), 1)
	names := write(t, file, void, two.file(t), one.p.Raw, one.roll.Raw, changed)
	out, err := js(t, append([]string{"js/verify.mjs"}, names...)...)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("the changed file must give exit status 1, not %v", err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	want := []string{"valid: a contract,", "valid: a void certificate,", "valid: a contract,", "valid: a signed message sxp.proposal/1",
		"valid: a signed message sxp.roll/1", "NOT valid (invalid): the readable part"}
	if len(lines) != len(want) {
		t.Fatalf("the reader says\n%s", out)
	}
	for i, w := range want {
		if !strings.HasPrefix(lines[i], names[i]+": "+w) {
			t.Errorf("the reader says %q, want %q", lines[i], w)
		}
	}
}

func TestIndependentReaderOpensMessageVectors(t *testing.T) {
	t.Parallel()
	v := vectors.All("contract")
	names := write(t, v["roll-valid"].Input, v["roll-y-and-z-differ"].Input)
	out, _ := js(t, append([]string{"js/verify.mjs"}, names...)...)
	if !strings.Contains(out, "valid: a signed message sxp.roll/1") || !strings.Contains(out, "NOT valid (invalid): juror") {
		t.Errorf("the reader says\n%s", out)
	}
}

// A session is one contract's people, jury and what they signed.
type session struct {
	keys   []*contract.KeyRing
	jurors map[sxp.ID]*identity.SigningKey
	roll   *contract.OpenedRoll
	p      *contract.OpenedProposal
	pre    *contract.Preimage
}

const start sxp.Time = 1_800_000_000_000

// newSession lets parties accept a proposal with every sort of item, and draws
// n of n+2 jurors, all with fresh keys.
func newSession(t *testing.T, parties, n, f int) *session {
	t.Helper()
	s := &session{jurors: map[sxp.ID]*identity.SigningKey{}}
	s.makeRoll(t, n+2)
	p := &contract.Proposal{
		Terms: terms(parties), Nonce: market.Nonce{7}, Attempt: 2, Market: fresh(t).ID(), Roll: s.roll.Digest, Mode: contract.Optimistic,
		N: n, T: f + 1, F: f, Created: start, Deadline: start.Add(sxp.Day), Delta: sxp.Minute, L: sxp.Minute, Epsilon: 1, Patience: sxp.Second,
	}
	if n == 1 {
		p.Mode = contract.Notary
	}
	for i, label := range []string{"Emil", "Зоя", "Dora & Co.", "李"}[:parties] {
		root := must(identity.NewRoot(rand.Reader))(t)
		card := identity.NewCard(root, label, start-1, start+1)
		card.Relays = []string{"https://relay.example:8443/sxp#sxp1xyz"}
		p.Parties = append(p.Parties, contract.Party{Card: must(identity.SignCard(root.Signing(), card))(t)})
		if i == 0 { // the first juror of the roll cannot be drawn, it runs a party's machines
			p.Parties[0].Operator, p.Parties[0].Tribes = s.roll.Entries[0].ID, []sxp.ID{fresh(t).ID()}
		}
		s.keys = append(s.keys, contract.NewKeyRing(root.Signing(), root.Contract(), rand.Reader))
	}
	s.p = must(contract.OpenProposal(must(contract.SignProposal(fresh(t), p))(t)))(t)
	s.accept(t)
	return s
}

func (s *session) makeRoll(t *testing.T, jurors int) {
	t.Helper()
	a, tribe := contract.NewAlgebra(rand.Reader), fresh(t).ID()
	roll := &contract.Roll{Number: 3, Issued: start, Delta: sxp.Minute, L: sxp.Minute, Epsilon: 1, Patience: 1, Horizon: sxp.Day}
	for i := range jurors {
		key, y := fresh(t), must(bls.NewSecret(rand.Reader))(t)
		s.jurors[key.ID()] = key
		e := contract.RollEntry{ID: key.ID(), Y: y.PublicG1(), Z: y.Public(), Proof: y.ProvePossession(bls.RoleJuror, key.ID()), Address: "juror",
			DeltaMin: 1, MaxN: 101, MaxParties: 12, MaxHorizon: sxp.Day}
		if i == 1 { // of one tribe, and run by somebody else
			e.Operator, e.Tribes = fresh(t).ID(), []sxp.ID{tribe, tribe}
		}
		roll.Entries = append(roll.Entries, e)
	}
	s.roll = must(contract.OpenRoll(a, must(contract.SignRoll(a, fresh(t), roll))(t)))(t)
}

// terms has every sort of item and clause that changes how a contract reads.
func terms(parties int) contract.Terms {
	t := contract.Terms{Title: "A ring — of favours", Notes: "one\n\n  two\n\n", Law: "None.", Conflict: "Ask Zoya.", Breach: "\n"}
	items := []market.Item{
		{Kind: market.Good, Title: "Emil's bicycle", Text: "red\nnew tyres", Attributes: map[string]string{"b": "2", "aa": "1"}, Place: "Jena", Category: "vehicles/bicycles",
			Point: &market.Point{Lat: 50_928, Lon: 11_586}, Photos: []string{photo("front"), photo("back")}},
		{Kind: market.Service, Title: "lessons", Quantity: "1.5", Unit: "h", Divisible: true, Duration: 90 * sxp.Minute},
		{Kind: market.Money, Title: "coins of mine", Quantity: "12.25", Currency: "coins", Issuer: sxp.ID{1}},
		{Kind: market.Right, Title: "a place", From: start, Until: start + 1},
		{Kind: market.Money, Title: "euros", Quantity: "10", Currency: "EUR"},
		{Kind: market.Service, Title: "a song", Duration: 1},
		{Kind: market.Service, Title: "a dance", Duration: 61_250},
		{Kind: market.Service, Title: "care", Duration: 36 * sxp.Hour},
	}
	for i, it := range items {
		x := contract.Transfer{Item: it, From: i % parties, To: (i + 1) % parties, Due: start.Add(sxp.Duration(i) * 999)}
		if i == 1 {
			x.ItemRef, x.Delivery = market.ItemID{9}, "by hand\nor by post\n"
		}
		t.Transfers = append(t.Transfers, x)
	}
	return t
}

// photo returns the URL of a block.
func photo(data string) string {
	return blocks.URL{Hash: blocks.Sum([]byte(data)), At: relay.Address{ID: sxp.ID{1}, URL: "https://node.example:8440"}}.String()
}

// accept makes the preimage as all parties would.
func (s *session) accept(t *testing.T) {
	t.Helper()
	pre := &contract.Preimage{Version: contract.Version, Proposal: s.p.Digest, T: s.p.T, F: s.p.F, Deadline: s.p.Deadline, Delta: s.p.Delta, Roll: s.p.Roll}
	var draws []bls.G1
	for i, k := range s.keys {
		a := &contract.Acceptance{Proposal: s.p.Digest, Commitment: must(k.Commit(s.p.Digest, s.p.T))(t), Draw: must(k.SignDraw(s.p.Digest))(t)}
		draws = append(draws, a.Draw)
		card := s.p.Cards[i]
		raw := must(envelope.Sign(k, contract.TypeAcceptance, a))(t)
		pre.Parties = append(pre.Parties, contract.Signer{ID: card.ID, X: card.ContractKey, Proof: card.Proof, Acceptance: raw})
	}
	pre.Seed = must(bls.SumHash(draws))(t)
	pre.Jury = must(contract.Draw(s.roll, s.p, pre.Seed))(t)
	s.pre = pre
}

// file returns the contract that all parties signed.
func (s *session) file(t *testing.T) []byte {
	t.Helper()
	var sigs []bls.G1
	for _, k := range s.keys {
		sigs = append(sigs, must(k.SignSession(s.pre.M()))(t))
	}
	sum := must(bls.Aggregate(s.pre.M(), sigs))(t)
	return verified(t, must(contract.Build(s.p, s.roll, s.pre, sum))(t))
}

// void returns the certificate of the last t seats.
func (s *session) void(t *testing.T) []byte {
	t.Helper()
	var voids []sxp.Bytes
	for _, seat := range s.pre.Jury[s.p.N-s.p.T:] {
		voids = append(voids, must(envelope.Sign(s.jurors[seat.ID], contract.TypeVoid, &contract.Void{M: s.pre.M()}))(t))
	}
	return verified(t, must(contract.BuildVoid(s.p, s.roll, s.pre, voids))(t))
}

func verified(t *testing.T, raw []byte) []byte {
	t.Helper()
	if _, err := contract.Verify(raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

func fresh(t *testing.T) *identity.SigningKey {
	t.Helper()
	return must(identity.NewSigningKey(rand.Reader))(t)
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
