package jury_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// BenchmarkJurorClaims measures how many claims a juror decides in a second: of
// distinct sessions with commitments, draw shares and promises never seen
// before, from the signed bytes to the endorsed, opened, verified and stored
// answer. The jury has sat before. Of the parties, it knows the keys (the same
// people sign again), or it does not.
func BenchmarkJurorClaims(b *testing.B) {
	for _, size := range [][2]int{{2, 1}, {3, 15}, {3, 51}, {3, 101}, {8, 15}} {
		for _, strangers := range []bool{false, true} {
			who := "known"
			if strangers {
				who = "strangers"
			}
			b.Run(fmt.Sprintf("N=%d/n=%d/%s", size[0], size[1], who), func(b *testing.B) {
				benchmarkClaims(b, size[0], size[1], strangers)
			})
		}
	}
}

// distinctClaims is how many claims are made before each measurement; a new
// juror takes them again when all were decided.
const distinctClaims = 24

func benchmarkClaims(b *testing.B, N, n int, strangers bool) {
	x := newFixture(b, N, n)
	claims := make([][]byte, distinctClaims)
	for i := range claims {
		people := 0
		if strangers {
			people = i + 1
		}
		claims[i] = x.another(i, people)
	}
	at := deadline - 1000
	known := x.algebra
	fresh := func() *jury.Juror {
		x.algebra = known
		if strangers { // who knows the jury only
			x.algebra = contract.NewAlgebra(seeded("bench algebra"))
			for i := range x.claim.Preimage.Jury {
				s := &x.claim.Preimage.Jury[i]
				if err := x.algebra.JurorKey(s.ID, s.Y, s.Z, s.Proof); err != nil {
					b.Fatal(err)
				}
			}
		}
		m := jury.New(x.config(x.seats[0]))
		if _, err := m.Step(jury.Start{Now: at - 1000}); err != nil {
			b.Fatal(err)
		}
		return m
	}
	x.fromParty(x.seats[0], at) // who is known is known from here
	m, next := fresh(), 0
	b.ReportAllocs()
	for b.Loop() {
		if next == len(claims) {
			b.StopTimer()
			m, next = fresh(), 0
			b.StartTimer()
		}
		acts, err := m.Step(jury.Claim{Now: at, At: at, Request: contract.ClaimRequest{Claim: claims[next]}})
		if err != nil {
			b.Fatal(err)
		}
		next++
		opened := slices.ContainsFunc(acts, func(a jury.Action) bool {
			r, ok := a.(jury.Reply)
			return ok && r.Answer.Standing == contract.Completed
		})
		if !opened {
			b.Fatalf("claim %d was not accepted: %+v", next, acts)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
}

// another returns the signed claim of another session before the same jury, by
// the fixture's parties (people 0) or others.
func (x *fixture) another(number, people int) []byte {
	pre := x.claim.Preimage
	pre.Proposal = sxp.Sum([]byte("another"), binary.BigEndian.AppendUint32(nil, uint32(number)))
	pre.Parties = nil
	var ids []*identity.SigningKey
	var secrets []*bls.Secret
	var openings []*bls.Opening
	var draws []bls.G1
	var ys []bls.G1
	for i := range pre.Jury {
		ys = append(ys, pre.Jury[i].Y)
	}
	for i := range x.parties {
		name := fmt.Sprintf("%d", i)
		if people > 0 {
			name = fmt.Sprintf("%d of %d", i, people)
		}
		id, secret := must(identity.NewSigningKey(seeded("party %s", name))), must(bls.NewSecret(seeded("secret %s", name)))
		k, o, err := bls.Commit(seeded("commit %d in %d", i, number), secret, pre.T)
		if err != nil {
			panic(err)
		}
		a := contract.Acceptance{Proposal: pre.Proposal, Commitment: k, Draw: secret.SignDraw(pre.Proposal)}
		pre.Parties = append(pre.Parties, contract.Signer{ID: id.ID(), X: secret.Public(), Proof: secret.ProvePossession(bls.RoleParty, id.ID()), Acceptance: must(envelope.Sign(id, contract.TypeAcceptance, &a))})
		ids, secrets, openings, draws = append(ids, id), append(secrets, secret), append(openings, o), append(draws, a.Draw)
	}
	pre.Seed = must(bls.SumHash(draws))
	c := contract.Claim{Preimage: pre}
	for i := range ids {
		c.Promises = append(c.Promises, must(bls.MakePromise(secrets[i], openings[i], pre.M(), ys)))
	}
	return must(envelope.Sign(ids[0], contract.TypeClaim, &c))
}

// BenchmarkJurorRepeats measures how many times in a second a juror hears of a
// claim that it has accepted, from another juror: a jury of n sends it so n²
// times.
func BenchmarkJurorRepeats(b *testing.B) {
	for _, n := range []int{15, 101} {
		b.Run(fmt.Sprintf("N=3/n=%d", n), func(b *testing.B) {
			x := newFixture(b, 3, n)
			at := deadline - 1000
			if _, err := x.fromParty(x.seats[0], at); err != nil {
				b.Fatal(err)
			}
			again := jury.Forward{Now: at, At: at, Request: contract.ForwardRequest{Claim: x.claim, Endorsements: x.endorse(2)}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.seats[0].m.Step(again); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
