package bls_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"sxp/internal/bls"
)

// Sizes of juries: one referee, the smallest without a warning, and two large.
var juries = []struct{ n, t int }{{1, 1}, {15, 8}, {51, 26}, {101, 51}}

func benchmarkJuries(b *testing.B, f func(b *testing.B, s *session)) {
	for _, j := range juries {
		b.Run(fmt.Sprintf("n=%d", j.n), func(b *testing.B) {
			s := newSession(b, rand.Reader, j.n, j.t, 3)
			b.ReportAllocs()
			f(b, s)
		})
	}
}

// BenchmarkPromise makes one commitment and one promise: with no memory, and
// with one that knows the jurors, as who promised to them before does.
func BenchmarkPromise(b *testing.B) {
	for _, known := range []bool{false, true} {
		for _, j := range juries {
			name := fmt.Sprintf("n=%d", j.n)
			if known {
				name += "/known"
			}
			b.Run(name, func(b *testing.B) { benchmarkPromise(b, newSession(b, rand.Reader, j.n, j.t, 1), known) })
		}
	}
}

func benchmarkPromise(b *testing.B, s *session, known bool) {
	k := new(bls.Promiser)
	promise := func() {
		_, o, err := bls.Commit(rand.Reader, s.parties[0], s.t)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := k.MakePromise(s.parties[0], o, s.m, s.ys); err != nil {
			b.Fatal(err)
		}
	}
	if known {
		k = bls.NewPromiser()
		promise()
	}
	b.ReportAllocs()
	for b.Loop() {
		promise()
	}
}

// BenchmarkVerify decodes and verifies the promises of N parties: with no
// memory, and with one that knows the jury and the commitments, as who checked
// the acceptances does.
func BenchmarkVerify(b *testing.B) {
	for _, parties := range []int{1, 2, 3, 8} {
		for _, j := range juries {
			var s *session // made once, where it is wanted
			b.Run(fmt.Sprintf("N=%d/n=%d", parties, j.n), func(b *testing.B) {
				s = newSession(b, rand.Reader, j.n, j.t, parties)
				b.ReportAllocs()
				for b.Loop() {
					if err := bls.VerifyPromises(rand.Reader, s.m, s.zs, s.checks); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("N=%d/n=%d/known", parties, j.n), func(b *testing.B) {
				if s == nil {
					s = newSession(b, rand.Reader, j.n, j.t, parties)
				}
				v := bls.NewVerifier(rand.Reader)
				if err := v.VerifyPromises(s.m, s.zs, s.checks); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if err := v.VerifyPromises(s.m, s.zs, s.checks); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkVerifyNaive verifies the promises of three parties by one equation
// of pairings for each seat of each, as one would without batches.
func BenchmarkVerifyNaive(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		for b.Loop() {
			if err := bls.VerifyPromisesNaively(s.m, s.zs, s.checks); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkCheckCommitment checks one commitment, all seats.
func BenchmarkCheckCommitment(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		for b.Loop() {
			if err := bls.CheckCommitment(s.checks[0].X, s.checks[0].Commitment, s.n, s.t); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen opens one juror's share of one promise.
func BenchmarkOpen(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		for b.Loop() {
			if _, err := s.jurors[0].OpenShare(s.checks[0].Promise[0], s.checks[0].Commitment.U); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerifyShares verifies t shares of each of three signatures.
func BenchmarkVerifyShares(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		checks := s.shareChecks(b)
		for b.Loop() {
			if err := bls.VerifyShares(rand.Reader, s.m, checks); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRecover makes one signature of t shares.
func BenchmarkRecover(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		shares := s.shares(b, 0)
		for b.Loop() {
			if _, err := bls.Recover(shares, s.t); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerifyAggregate verifies the finished contract of 12 parties.
func BenchmarkVerifyAggregate(b *testing.B) {
	s := newSession(b, rand.Reader, 1, 1, bls.MaxChecks)
	var pubs []bls.G2
	var sigs []bls.G1
	for _, x := range s.parties {
		pubs, sigs = append(pubs, x.Public()), append(sigs, x.SignSession(s.m))
	}
	sum, err := bls.Aggregate(s.m, sigs)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := bls.VerifyAggregate(s.m, pubs, sum); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyJurorKeys verifies a whole jury's keys and proofs.
func BenchmarkVerifyJurorKeys(b *testing.B) {
	benchmarkJuries(b, func(b *testing.B, s *session) {
		keys := s.jurorKeys()
		for b.Loop() {
			if err := bls.VerifyJurorKeys(rand.Reader, keys); err != nil {
				b.Fatal(err)
			}
		}
	})
}
