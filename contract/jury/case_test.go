package jury_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// The times of a case: the deadline, Δ, and how long a message takes.
const (
	deadline sxp.Time     = 1_800_000_020_000
	delta    sxp.Duration = 1000
	latency  sxp.Duration = 10
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func seeded(format string, args ...any) *rand.ChaCha8 {
	return rand.NewChaCha8(sxp.Sum([]byte(fmt.Sprintf(format, args...))))
}

// A seat is a juror's secrets and machine.
type seat struct {
	id     *identity.SigningKey
	secret *bls.Secret
	m      *jury.Juror
	disk   map[sxp.Hash][]byte
	sent   []jury.Action // SendForward and SendShares, oldest first
}

func (s *seat) ID() sxp.ID                            { return s.id.ID() }
func (s *seat) Sign(b []byte) ([]byte, error)         { return s.id.Sign(b) }
func (s *seat) OpenShare(c, u bls.G1) (bls.G1, error) { return s.secret.OpenShare(c, u) }

// A fixture is one session that all parties have promised in.
type fixture struct {
	parties []*identity.SigningKey
	seats   []*seat
	claim   contract.Claim
	m       sxp.Hash
	algebra contract.Algebra
	broken  string // the rule that is switched off
}

// newFixture makes N parties and n jurors that have been up since before the
// deadline.
func newFixture(tb testing.TB, N, n int) *fixture {
	tb.Helper()
	x := &fixture{algebra: contract.NewAlgebra(seeded("algebra"))}
	f, t := contract.DefaultFaults(n)
	pre := contract.Preimage{Version: contract.Version, Proposal: sxp.Hash{1}, T: t, F: f, Deadline: deadline, Delta: delta, Roll: sxp.Hash{2}}
	var ys []bls.G1
	for j := range n {
		s := &seat{id: must(identity.NewSigningKey(seeded("seat %d", j))), secret: must(bls.NewSecret(seeded("key %d", j))), disk: map[sxp.Hash][]byte{}}
		x.seats = append(x.seats, s)
		ys = append(ys, s.secret.PublicG1())
		pre.Jury = append(pre.Jury, contract.Seat{ID: s.ID(), Y: s.secret.PublicG1(), Z: s.secret.Public(), Proof: s.secret.ProvePossession(bls.RoleJuror, s.ID()), Address: "a"})
	}
	var draws []bls.G1
	var secrets []*bls.Secret
	var openings []*bls.Opening
	for i := range N {
		id, secret := must(identity.NewSigningKey(seeded("party %d", i))), must(bls.NewSecret(seeded("secret %d", i)))
		k, o, err := bls.Commit(seeded("commit %d", i), secret, t)
		if err != nil {
			tb.Fatal(err)
		}
		a := contract.Acceptance{Proposal: pre.Proposal, Commitment: k, Draw: secret.SignDraw(pre.Proposal)}
		pre.Parties = append(pre.Parties, contract.Signer{ID: id.ID(), X: secret.Public(), Proof: secret.ProvePossession(bls.RoleParty, id.ID()), Acceptance: must(envelope.Sign(id, contract.TypeAcceptance, &a))})
		x.parties, secrets, openings, draws = append(x.parties, id), append(secrets, secret), append(openings, o), append(draws, a.Draw)
	}
	pre.Seed = must(bls.SumHash(draws))
	x.m = pre.M()
	x.claim.Preimage = pre
	for i := range N {
		x.claim.Promises = append(x.claim.Promises, must(bls.MakePromise(secrets[i], openings[i], x.m, ys)))
	}
	for _, s := range x.seats {
		s.m = jury.New(x.config(s))
		s.step(jury.Start{Now: deadline - 10_000})
	}
	return x
}

func (x *fixture) config(s *seat) jury.Config {
	return jury.Config{Algebra: x.algebra, Keys: s, MaxGap: 3_600_000}
}

// step applies an event, keeps what is to be written and sent, and returns the
// answer.
func (s *seat) step(ev jury.Event) (contract.Answer, error) {
	acts, err := s.m.Step(ev)
	var answer contract.Answer
	for _, a := range acts {
		switch a := a.(type) {
		case jury.Save:
			s.disk[a.Key] = a.Value
		case jury.Reply:
			answer = a.Answer
		default:
			s.sent = append(s.sent, a)
		}
	}
	return answer, err
}

// restart loses what is not on disk.
func (x *fixture) restart(s *seat, now sxp.Time) {
	s.m, s.sent = jury.New(x.config(s)), nil
	for k, v := range s.disk {
		if err := s.m.Restore(k, v); err != nil {
			panic(err)
		}
	}
	s.step(jury.Start{Now: now})
}

// breakAgain switches the rule off in seat j, counted from 0: machines forget
// it at a restart.
func (x *fixture) breakAgain(j int) { x.seats[j].m.Break(x.broken) }

// uptimeOf returns the key of a seat's record of uptime.
func uptimeOf(s *seat) sxp.Hash {
	for k, v := range s.disk {
		if bytes.Contains(v, []byte("spans")) {
			return k
		}
	}
	panic("no record of uptime")
}

// fromParty files the claim as a party does.
func (x *fixture) fromParty(s *seat, at sxp.Time) (contract.Answer, error) {
	raw := must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))
	return s.step(jury.Claim{Now: at, At: at, Request: contract.ClaimRequest{Claim: raw}})
}

// endorse is what a corrupt seat signs whenever it likes.
func (x *fixture) endorse(seats ...int) []sxp.Bytes {
	var out []sxp.Bytes
	for _, j := range seats {
		out = append(out, must(envelope.Sign(x.seats[j-1], contract.TypeEndorse, &contract.Endorse{M: x.m})))
	}
	return out
}

func (x *fixture) forward(s *seat, at sxp.Time, endorsements ...sxp.Bytes) (contract.Answer, error) {
	return s.step(jury.Forward{Now: at, At: at, Request: contract.ForwardRequest{Claim: x.claim, Endorsements: endorsements}})
}

func (x *fixture) ask(s *seat, at sxp.Time, seen ...sxp.Bytes) (contract.Answer, error) {
	return s.step(jury.Query{Now: at, At: at, Request: contract.QueryRequest{M: x.m, Preimage: &x.claim.Preimage, Seen: seen}})
}

// deliver passes on what a seat has sent to others, as it would arrive.
func (x *fixture) deliver(from *seat, at sxp.Time) {
	sent := from.sent
	from.sent = nil
	for _, a := range sent {
		switch a := a.(type) {
		case jury.SendForward:
			for _, to := range a.To {
				if answer, err := x.seats[to.Seat-1].step(jury.Forward{Now: at, At: at, Request: a.Request}); err == nil {
					from.step(jury.Delivered{Now: at, M: a.M, Seat: to.Seat, Answer: answer})
				}
			}
		case jury.SendShares:
			for _, to := range a.To {
				x.seats[to.Seat-1].step(jury.Shares{Now: at, At: at, Request: a.Request})
			}
		}
	}
}

// bothOutcomes reports whether t shares and t voids can be had, where the seats
// in corrupt give both.
func (x *fixture) bothOutcomes(corrupt ...int) bool {
	opened, voided := len(corrupt), len(corrupt)
	for j, s := range x.seats {
		if slices.Contains(corrupt, j+1) {
			continue
		}
		switch s.m.Standing(x.m) {
		case contract.Completed:
			opened++
		case contract.Voided:
			voided++
		}
	}
	t := x.claim.Preimage.T
	return opened >= t && voided >= t
}

// disagree reports whether t shares can be had by corrupt seats while honest
// people see fewer than t.
func (x *fixture) disagree(corrupt ...int) bool {
	honest := 0
	for j, s := range x.seats {
		if !slices.Contains(corrupt, j+1) && s.m.Standing(x.m) == contract.Completed {
			honest++
		}
	}
	t := x.claim.Preimage.T
	return honest+len(corrupt) >= t && honest < t
}
