package contract_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/contract/memo"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/market"
)

// Spans of the test world, in milliseconds. A message takes latency.
const (
	worldStart   sxp.Time     = 1_800_000_000_000
	worldDelta   sxp.Duration = 1000
	worldL       sxp.Duration = 2000
	worldEpsilon sxp.Duration = 500
	worldW       sxp.Duration = 1000
	worldHorizon sxp.Duration = 20_000
	latency      sxp.Duration = 10
)

// seeded returns randomness that is the same in every run.
func seeded(format string, args ...any) *rand.ChaCha8 {
	return rand.NewChaCha8(sxp.Sum([]byte(fmt.Sprintf(format, args...))))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A person is a party's secrets.
type person struct {
	id     *identity.SigningKey
	secret *bls.Secret
	card   []byte
}

// A juryman is a juror's secrets.
type juryman struct {
	id     *identity.SigningKey
	secret *bls.Secret
}

func (j juryman) ID() sxp.ID                            { return j.id.ID() }
func (j juryman) Sign(b []byte) ([]byte, error)         { return j.id.Sign(b) }
func (j juryman) OpenShare(c, u bls.G1) (bls.G1, error) { return j.secret.OpenShare(c, u) }
func (j juryman) entry(address string) contract.RollEntry {
	return rollEntry(j.id.ID(), j.secret, address)
}

func rollEntry(id sxp.ID, y *bls.Secret, address string) contract.RollEntry {
	return contract.RollEntry{
		ID: id, Y: y.PublicG1(), Z: y.Public(), Proof: y.ProvePossession(bls.RoleJuror, id), Address: address,
		DeltaMin: worldDelta / 2, MaxN: sxp.MaxJury, MaxParties: sxp.MaxParties, MaxHorizon: 30 * sxp.Day,
	}
}

// identityOf makes one more identity.
func identityOf(what string, i int) (*identity.SigningKey, error) {
	return identity.NewSigningKey(seeded("%s %d", what, i))
}

func newPerson(label string) *person {
	root := must(identity.NewRoot(seeded("person %s", label)))
	p := &person{id: root.Signing(), secret: root.Contract()}
	card := identity.NewCard(root, label, worldStart-1000, worldStart+sxp.Time(sxp.Day))
	p.card = must(identity.SignCard(p.id, card))
	return p
}

func newJuryman(i int) juryman {
	return juryman{id: must(identity.NewSigningKey(seeded("juror %d", i))), secret: must(bls.NewSecret(seeded("juror key %d", i)))}
}

// A world is what all runs of one size share: people, jurors, roll, proposal,
// and the results of all mathematics, which is real but done once.
type world struct {
	people  []*person
	jurors  map[sxp.ID]juryman
	issuer  *identity.SigningKey
	roll    *contract.OpenedRoll
	p       *contract.OpenedProposal
	algebra contract.Algebra
	known   *memo.Table    // nil where everything is computed
	secrets map[int][]byte // contract.SecretKey of the people who give a secret
}

// worldOf returns the world of N parties and n jurors; extra changes the
// proposal before it is signed.
func worldOf(tb testing.TB, N, n int, extra ...func(*contract.Proposal)) *world {
	tb.Helper()
	return worldWith(tb, memo.New(1<<20), contract.NewAlgebra(seeded("algebra")), N, n, extra...)
}

// worldWith is worldOf with another algebra, and another memory of its results.
func worldWith(tb testing.TB, known *memo.Table, a contract.Algebra, N, n int, extra ...func(*contract.Proposal)) *world {
	tb.Helper()
	w := &world{jurors: map[sxp.ID]juryman{}, known: known, algebra: memo.Algebra(known, a)}
	for i := range N {
		w.people = append(w.people, newPerson([]string{"Alice", "Bob", "Charlie", "Dora", "Emil", "Fred"}[i]))
	}
	w.issuer = must(identity.NewSigningKey(seeded("issuer")))
	roll := &contract.Roll{Number: 1, Issued: worldStart - 1000, Delta: worldDelta, L: worldL, Epsilon: worldEpsilon, Patience: worldW, Horizon: worldHorizon}
	for i := range n + 1 {
		j := newJuryman(i)
		w.jurors[j.ID()] = j
		roll.Entries = append(roll.Entries, j.entry(fmt.Sprintf("https://juror%d.example", i)))
	}
	raw := must(contract.SignRoll(w.algebra, w.issuer, roll))
	w.roll = must(contract.OpenRoll(w.algebra, raw))
	w.p = w.propose(n, extra...)
	return w
}

func (w *world) propose(n int, extra ...func(*contract.Proposal)) *contract.OpenedProposal {
	p := &contract.Proposal{
		Terms: contract.Terms{Title: "A ring of favours", Law: "The law of the place where the goods are."}, Nonce: market.Nonce{1}, Attempt: 1, Roll: w.roll.Digest, Mode: contract.Optimistic, N: n,
		Created: worldStart, Deadline: worldStart.Add(worldHorizon), Delta: worldDelta, L: worldL, Epsilon: worldEpsilon, Patience: worldW,
	}
	p.F, p.T = contract.DefaultFaults(n)
	for i, who := range w.people {
		p.Parties = append(p.Parties, contract.Party{Card: who.card})
		p.Terms.Transfers = append(p.Terms.Transfers, contract.Transfer{
			Item: market.Item{Kind: market.Good, Title: fmt.Sprintf("thing of %d", i+1)}, ItemRef: market.ItemID{byte(i + 1)},
			From: i, To: (i + 1) % len(w.people), Due: worldStart.Add(sxp.Day),
		})
	}
	for _, f := range extra {
		f(p)
	}
	raw := must(contract.SignProposal(w.people[0].id, p))
	return must(contract.OpenProposal(raw))
}

func (w *world) limits() contract.Limits { return contract.DefaultLimits(w.issuer.ID()) }

// memoKeys is a KeyRing whose results are remembered; whether an opening is
// there is not.
type memoKeys struct {
	*contract.KeyRing
	known *memo.Table
}

func (w *world) keys(i int) memoKeys {
	return memoKeys{contract.NewKeyRing(w.people[i].id, w.people[i].secret, seeded("ring %d", i)), w.known}
}

type committed struct {
	k       bls.Commitment
	opening []byte
}

func (k memoKeys) Commit(session sxp.Hash, t int) (bls.Commitment, error) {
	c := memo.Of(k.known, "commit", []any{k.ID(), session, t}, func() committed {
		c := must(k.KeyRing.Commit(session, t))
		return committed{c, k.KeyRing.Opening(session)}
	})
	k.Load(session, c.opening)
	return c.k, nil
}

func (k memoKeys) MakePromise(session, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	if k.Opening(session) == nil {
		return k.KeyRing.MakePromise(session, m, ys)
	}
	return memo.Of(k.known, "make", []any{k.Opening(session), m, ys}, func() bls.Promise {
		return must(k.KeyRing.MakePromise(session, m, ys))
	}), nil
}

func (k memoKeys) SignDraw(proposal sxp.Hash) (bls.G1, error) {
	return memo.Of(k.known, "sign draw", []any{k.ID(), proposal}, func() bls.G1 { return must(k.KeyRing.SignDraw(proposal)) }), nil
}

func (k memoKeys) SignSession(m sxp.Hash) (bls.G1, error) {
	return memo.Of(k.known, "sign session", []any{k.ID(), m}, func() bls.G1 { return must(k.KeyRing.SignSession(m)) }), nil
}

// memoJuror opens each share once.
type memoJuror struct {
	juryman
	known *memo.Table
}

func (j memoJuror) OpenShare(c, u bls.G1) (bls.G1, error) {
	return memo.Of(j.known, "open", []any{j.ID(), c, u}, func() bls.G1 { return must(j.secret.OpenShare(c, u)) }), nil
}

var _ jury.Keys = memoJuror{}
