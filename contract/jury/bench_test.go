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
	for _, N := range []int{2, 3, 8} {
		for _, n := range []int{1, 15, 51, 101} {
			for _, who := range []string{"known", "strangers"} {
				b.Run(fmt.Sprintf("N=%d/n=%d/%s", N, n, who), func(b *testing.B) {
					benchmarkClaims(b, N, n, who == "strangers")
				})
			}
		}
	}
}

func benchmarkClaims(b *testing.B, N, n int, strangers bool) {
	x := newFixture(b, N, n)
	// A new juror takes the claims again when all were decided. It has seen none
	// of them, and decided one claim of this jury, by the parties that are known.
	distinct := 24
	if n > 50 {
		distinct = 8 // they take long to make
	}
	claims := make([][]byte, distinct)
	for i := range claims {
		people := 0
		if strangers {
			people = i + 1
		}
		claims[i] = x.another(i, people)
	}
	at := deadline - 1000
	first := must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))
	fresh := func() *jury.Juror {
		x.algebra = contract.NewAlgebra(seeded("bench algebra"))
		m := jury.New(x.config(x.seats[0]))
		if _, err := m.Step(jury.Start{Now: at - 1000}); err != nil {
			b.Fatal(err)
		}
		if _, err := m.Step(jury.Claim{Now: at, At: at, Request: contract.ClaimRequest{Claim: first}}); err != nil {
			b.Fatal(err)
		}
		return m
	}
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
